"""Where every program of a run finds the state, the parameters and what a policy remembers."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from sim.core.declare import variables
from sim.model.state import State

LANES = 4
"""Runs processed together: a few of the machine's widest registers."""

Key = tuple[str, int]
"""A variable by name and trait."""


@dataclasses.dataclass(frozen=True)
class Layout:
    """Rows by key, the same in the first day, the months and the end of a run.

    Attributes:
        cells: row of each variable of a partner, by name and trait; what a policy remembers comes behind them.
        runs: row of each parameter that differs by run, by dotted path; behind them the partnership's variables and
            once more what a policy remembers, for the parts that have no value for each partner.
        numbers: place of each parameter that is the same in all runs, those of the policy last.
    """

    cells: dict[Any, int]
    runs: dict[Any, int]
    numbers: dict[str, int]


def layout_of(
    n_parts: Mapping[str, int],
    parameters: Mapping[str, Any],
    of_policy: Iterable[str] = (),
    n_remembered: int = 0,
) -> Layout:
    """Lay out the rows of a run, so that those of the first day are the same whatever the policy.

    Args:
        n_parts: traits of each variable of the state (1 for one value).
        parameters: those of the rules by dotted path: a number, or an array where it differs by run.
        of_policy: dotted paths of the policy's parameters.
        n_remembered: parts of what the policy remembers.
    """
    facts, varied = variables(State), varied_of(parameters)
    keys = [(name, part) for name in facts for part in range(n_parts[name])]
    cells = [key for key in keys if facts[key[0]]["axes"].startswith("partner")]
    remembered = [(f"memory.{k}", 0) for k in range(n_remembered)]
    runs = [*varied, *(key for key in keys if key not in set(cells))]
    numbers = [*sorted(set(parameters) - set(varied)), *sorted(of_policy)]
    return Layout(_numbered([*cells, *remembered]), _numbered([*runs, *remembered]), _numbered(numbers))


def varied_of(parameters: Mapping[str, Any]) -> list[str]:
    """List the parameters that differ by run."""
    return sorted(path for path, value in parameters.items() if isinstance(value, np.ndarray))


def _numbered(keys: Iterable[Any]) -> dict[Any, int]:
    return {key: row for row, key in enumerate(keys)}
