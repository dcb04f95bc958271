"""Parameters that differ by run: checked at the door, all runs at once."""

from collections.abc import Mapping, Sequence

import numpy as np

from sim.arrays import Array
from sim.declare import parameters
from sim.messages import InputError, near
from sim.scenario import TOGETHER, Scenario, contradictions, value_at


def check_columns(scenario: Scenario, columns: Mapping[str, Sequence[float]], n_runs: int) -> dict[str, Array]:
    """Check swept parameters: known path, not structural, one finite number within range per run."""
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
    if checked.keys() & set(TOGETHER):
        together = {path: value_at(scenario, path) for path in TOGETHER} | checked
        for where, problem in contradictions(together):
            if np.any(where):
                raise InputError(f"columns, run {int(np.argmax(where))}: {problem}")
    return checked
