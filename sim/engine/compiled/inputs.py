"""The inputs of a batch, number by number: parameters of rules and policy, the state and the policy's memory."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.core.declare import variables
from sim.engine.compiled import NotCompilable
from sim.model.arrays import Array
from sim.model.policies import Policy
from sim.model.policies.plan import Plan
from sim.model.state import State


def rule_parameters(params: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """List the parameters that rules calculate with, by dotted path; the other sizes shape arrays alone."""
    for name, value in vars(params).items():
        path = f"{prefix}{name}"
        if is_several(value):
            for k, item in enumerate(value):
                yield from rule_parameters(item, f"{path}.{k}.")
        elif path == "size":
            yield "size.segments", value.segments
        elif isinstance(value, SimpleNamespace):
            yield from rule_parameters(value, f"{path}.")
        elif isinstance(value, (int, float, np.ndarray)) and not isinstance(value, bool):
            yield path, value


UNREAD = ("title", "begins", "outcomes")
"""What a scenario says that no equation reads."""


def form_of(params: Any) -> tuple[tuple[str, Any], ...]:
    """List what the equations depend on besides numbers, by dotted path: sizes, texts, truth values, kinds of event.

    Two scenarios with the same form have the same equations, wherever no condition on a number says otherwise.
    """
    return tuple(_form_of(params, ""))


def _form_of(params: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in vars(params).items():
        path = f"{prefix}{name}"
        if path in UNREAD:
            continue
        if is_several(value):
            yield path, len(value)
            for k, item in enumerate(value):
                yield from _form_of(item, f"{path}.{k}.")
        elif isinstance(value, SimpleNamespace):
            yield from _form_of(value, f"{path}.")
        elif path.startswith("size.") or isinstance(value, bool) or not isinstance(value, (int, float)):
            yield path, "varied" if isinstance(value, np.ndarray) else value if isinstance(value, int) else repr(value)


def is_several(value: Any) -> bool:
    """Tell whether a parameter is several groups of parameters, such as dated events."""
    return isinstance(value, tuple) and all(isinstance(item, SimpleNamespace) for item in value)


def policy_parameters(policy: Policy) -> dict[str, Any]:
    """List the policy parameters that are numbers, by dotted path."""
    fields = ((name, getattr(policy, name)) for name in type(policy).model_fields)
    return {f"policy.{k}": v for k, v in fields if isinstance(v, (int, float)) and not isinstance(v, bool)}


def other_policy_parameters(policy: Policy) -> tuple[Any, ...]:
    """Give what else the equations depend on: the policy's class and its other parameters; of a plan all it says."""
    if isinstance(policy, Plan):
        return (Plan, repr(policy.plain(labelled=False)), *map(other_policy_parameters, policy.parts()))
    others = set(type(policy).model_fields) - {key.removeprefix("policy.") for key in policy_parameters(policy)}
    return (type(policy), repr([(k, getattr(policy, k)) for k in sorted(others - {"label"})]))


def leaves(memory: Any) -> list[Any]:
    """List the numbers and arrays of a policy's memory."""
    if isinstance(memory, dict):
        return [leaf for key in memory for leaf in leaves(memory[key])]
    if isinstance(memory, (list, tuple)):
        return [leaf for item in memory for leaf in leaves(item)]
    return [] if memory is None else [memory]


def with_leaves(memory: Any, values: Iterator[Any]) -> Any:
    """Rebuild a memory of the same structure with other numbers and arrays."""
    if isinstance(memory, dict):
        return {key: with_leaves(item, values) for key, item in memory.items()}
    if isinstance(memory, (list, tuple)):
        return type(memory)(with_leaves(item, values) for item in memory)
    return None if memory is None else next(values)


def structure_of(memory: Any) -> str:
    """Describe the structure of a memory, whatever numbers it holds."""
    return repr(with_leaves(memory, iter(range(10_000))))


def starting_values(state: State, memory: Any) -> dict[tuple[str, int], Array]:
    """Return each variable of state and memory at the start, by name and trait: shape (partners or 1, runs)."""
    values = {}
    for name in variables(State):
        array = getattr(state, name)
        for part in range(array.shape[1] if array.ndim == 3 else 1):
            values[name, part] = array[:, part] if array.ndim == 3 else array
    return values | remembered_values(memory)


def remembered_values(memory: Any) -> dict[tuple[str, int], Array]:
    """Return each part of what a policy remembers: shape (partners or 1, runs or 1)."""
    values = {}
    for k, leaf in enumerate(leaves(memory)):
        try:
            array = np.asarray(leaf, dtype=float)
        except (TypeError, ValueError) as error:
            raise NotCompilable("remembers something that is not a number") from error
        if array.ndim > 2:
            raise NotCompilable("remembers arrays with more than two axes")
        values[f"memory.{k}", 0] = np.atleast_2d(array)
    return values
