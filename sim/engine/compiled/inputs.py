"""What a batch brings along: parameters, the policy's settings, the state and the policy's memory, number by number."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.core.declare import variables
from sim.engine.compiled import NotCompilable
from sim.model.arrays import Array
from sim.model.policies import Policy
from sim.model.state import State


def parameters_in(params: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """List the parameters that rules calculate with, by dotted path."""
    for name, value in vars(params).items():
        path = f"{prefix}{name}"
        if isinstance(value, SimpleNamespace):
            if path != "size":
                yield from parameters_in(value, f"{path}.")
        elif value is not None and not isinstance(value, (str, bool)):
            yield path, value


def settings_in(policy: Policy) -> dict[str, Any]:
    """Give a policy's settings that are numbers, as parameters."""
    fields = ((name, getattr(policy, name)) for name in type(policy).model_fields)
    return {f"policy.{k}": v for k, v in fields if isinstance(v, (int, float)) and not isinstance(v, bool)}


def other_settings_in(policy: Policy) -> str:
    """Give a policy's other settings, as text: the equations hang on them."""
    numbers = settings_in(policy)
    return repr([(k, getattr(policy, k)) for k in type(policy).model_fields if f"policy.{k}" not in numbers])


def leaves(memory: Any) -> list[Any]:
    """List what a policy remembers, number by number or array by array."""
    if isinstance(memory, dict):
        return [leaf for key in memory for leaf in leaves(memory[key])]
    if isinstance(memory, (list, tuple)):
        return [leaf for item in memory for leaf in leaves(item)]
    return [] if memory is None else [memory]


def rebuilt(memory: Any, values: Iterator[Any]) -> Any:
    """Put other leaves into the same memory."""
    if isinstance(memory, dict):
        return {key: rebuilt(item, values) for key, item in memory.items()}
    if isinstance(memory, (list, tuple)):
        return type(memory)(rebuilt(item, values) for item in memory)
    return None if memory is None else next(values)


def form_of(memory: Any) -> str:
    """Give the form of a memory, whatever it holds."""
    return repr(rebuilt(memory, iter(range(10_000))))


def starting_values(state: State, memory: Any) -> dict[tuple[str, int], Array]:
    """Give every variable of the state and the memory at the start, by name and trait: shape (partners or 1, runs)."""
    values = {}
    for name in variables(State):
        array = getattr(state, name)
        for part in range(array.shape[1] if array.ndim == 3 else 1):
            values[name, part] = array[:, part] if array.ndim == 3 else array
    for k, leaf in enumerate(leaves(memory)):
        try:
            array = np.asarray(leaf, dtype=float)
        except (TypeError, ValueError) as error:
            raise NotCompilable("remembers what is no number") from error
        if array.ndim > 2:
            raise NotCompilable("remembers arrays with more than two axes")
        values[f"memory.{k}", 0] = np.atleast_2d(array)
    return values
