"""Parameters that differ by run: checked for all runs at once, and laid out for the rules."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from sim.core.declare import parameters
from sim.core.errors import InputError, near
from sim.model.arrays import Array
from sim.model.scenario import Scenario, contradictions, together


def check_columns(scenario: Scenario, columns: Mapping[str, Sequence[float]], n_runs: int) -> dict[str, Array]:
    """Check swept parameters.

    Args:
        scenario: the partnership.
        columns: dotted path -> one number per run.
        n_runs: how many runs there are.

    Returns:
        The same as arrays of shape (runs,).

    Raises:
        InputError: an unknown path, a structural parameter, another length, or a number out of range.
    """
    if not hasattr(columns, "items"):
        raise InputError(f"columns is {type(columns).__name__}; give a mapping: dotted path -> one number per seed")
    known = {q.path: q for q in parameters(scenario)} if len(columns) else {}
    checked = {}
    for path, values in columns.items():
        if path not in known:
            raise InputError(f"columns: there is no parameter '{path}'; {near(path, known)}")
        try:
            fact, numbers = known[path], np.asarray(values, dtype=float)
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(f"columns: {path} needs numbers, one per seed") from error
        if fact.structural:
            raise InputError(f"columns: {path} shapes the arrays and cannot differ by run; use one call per value")
        if numbers.shape != (n_runs,):
            raise InputError(f"columns: {path} has shape {numbers.shape}; give one number per seed ({n_runs})")
        low, high = (-np.inf if fact.low is None else fact.low), (np.inf if fact.high is None else fact.high)
        bad = ~((numbers >= low) & (numbers <= high))
        if bad.any():
            raise InputError(f"columns: {path} = {numbers[bad][0]:g} is outside {low:g} to {high:g} ({fact.unit})")
        if fact.kind == "int" and (numbers % 1 != 0).any():
            raise InputError(f"columns: {path} takes whole numbers")
        checked[path] = numbers
    fixed = together(scenario) if checked else {}
    if checked.keys() & fixed.keys():
        for where, problem in contradictions(fixed | checked):
            if np.any(where):
                raise InputError(f"columns, run {int(np.argmax(where))}: {problem}")
    return checked


def parameters_for(scenario: Scenario, columns: Mapping[str, Array], n_runs: int) -> Scenario:
    """Lay the scenario's parameters out for the rules.

    Args:
        scenario: the partnership.
        columns: swept parameters: dotted path -> one number per run.
        n_runs: how many runs there are.

    Returns:
        A plain record with the fields of ``Scenario``, which rules read as typed: numbers, and arrays of shape
        (1, runs) where a parameter is swept. It is not checked again, which makes reading it fast.
    """

    def lay(values: Any, prefix: str) -> Any:
        if isinstance(values, tuple):
            return tuple(lay(value, f"{prefix}.{k}") for k, value in enumerate(values))
        if not isinstance(values, dict) or prefix == "rules.replace":
            column = columns.get(prefix)
            return values if column is None else np.broadcast_to(column, (1, n_runs)).copy()
        return SimpleNamespace(**{k: lay(v, f"{prefix}.{k}" if prefix else k) for k, v in values.items()})

    return cast(Scenario, lay(scenario.model_dump(exclude={"members"}), ""))
