"""Outcomes at many parameter sets: what tools that sample by themselves evaluate."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.declare import parameters
from sim.core.errors import InputError, near
from sim.engine.simulate import check_inputs, scenario_from, simulate
from sim.model.arrays import Array
from sim.model.outcomes import outcomes_of as measured_in
from sim.model.outcomes import series_of
from sim.model.outcomes.base import Outcome
from sim.model.policies.registry import PolicyLike, changed, find_policy
from sim.model.scenario import Scenario
from sim.model.sectors import sector_names
from sim.sweeps.designs.space import Dimension, space_of
from sim.sweeps.spec import experiment_data

if TYPE_CHECKING:
    import pandas as pd

Space = str | Sequence[str] | Mapping[str, Any]
"""Parameters by their dotted paths, which take their declared ranges; ``path: {low: .., high: ..}``, a list of values
or anything else that the ``space`` of an experiment takes; or an experiment's name or file."""


def outcomes_of(scenario: Scenario, outcomes: Sequence[str]) -> dict[str, Outcome | None]:
    """Give what is declared of outcomes of a run, and None for monthly ones.

    Raises:
        InputError: for one that the scenario does not have, or none at all.
    """
    known: dict[str, Outcome | None] = {o.name: None for o in series_of(sector_names(scenario.sectors))}
    known |= {o.name: o for o in measured_in(scenario)}
    unknown = next((name for name in outcomes if name not in known), None)
    if unknown is not None or not len(outcomes):
        raise InputError(f"outcomes: there is no outcome {unknown!r}; {near(unknown, known)}")
    return {name: known[name] for name in outcomes}


def needed(package: str, extra: str) -> Any:
    """Import an optional package.

    Args:
        package: its name.
        extra: the extra of this package that brings it.

    Raises:
        InputError: if it is missing; the message says how to install it.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        raise InputError(
            f"the package '{error.name}' is missing; install it with: "
            f"python -m pip install 'partnership-dynamics[{extra}]'"
        ) from error


def dimensions(space: Space, scenario: Scenario) -> tuple[Dimension, ...]:
    """Read what varies.

    Args:
        space: see ``Space``.
        scenario: declares the ranges.

    Raises:
        InputError: for an unknown path, or a value outside its declared range.
    """
    if isinstance(space, str):
        space = experiment_data(space).get("space", {})
    entries = space if isinstance(space, Mapping) else dict.fromkeys(space, "range")
    named = next((name for name, entry in entries.items() if _is_cases(entry)), None)
    if named is not None:
        raise InputError(f"space: {named} has named cases; give its parameters one by one")
    return space_of(entries, scenario).dimensions


def outcomes_at(
    points: "pd.DataFrame",
    outcomes: Sequence[str],
    *,
    scenario: Scenario | str | None = None,
    policy: PolicyLike = "neutral",
    seeds: Sequence[int] | int = 20,
    months: int = 60,
    engine: str = "numpy",
) -> dict[str, Array]:
    """Simulate every point on the same seeds, and average outcomes over them.

    Args:
        points: a row a point; columns are dotted paths, ``policy``, or ``policy.PARAMETER``.
        outcomes: names of outcomes of a run or, for a value each month, of monthly ones.
        scenario: the partnership, or the name of a shipped one; the neutral reference by default.
        policy: where the points name none.
        seeds: as in ``sim.simulate``; the same for every point.
        months: how many months to simulate.
        engine: ``numpy`` or ``compiled``.

    Returns:
        Name -> shape (points,), or (points, months) for a monthly outcome, in the order of the rows. NaN where an
        outcome is not known in one of the seeds.

    Raises:
        InputError: for what is not valid; the message says what is allowed.
    """
    base = scenario_from(scenario)
    numbers, months, _ = check_inputs(seeds, months, ())
    of_run = {name for name, fact in outcomes_of(base, outcomes).items() if fact is not None}
    facts = {fact.path: fact for fact in parameters(base)}
    apart = [c for c in points.columns if c not in facts or facts[c].structural]
    means = {name: np.empty((len(points), months) if name not in of_run else len(points)) for name in outcomes}
    groups = points.groupby(apart, sort=False).indices if apart else {(): np.arange(len(points))}
    record = ("summary", "series") if any(name not in of_run for name in outcomes) else ("summary",)
    for case, rows in groups.items():
        fixed = dict(zip(apart, case if isinstance(case, tuple) else (case,), strict=True))
        columns = {c: np.repeat(points[c].to_numpy(dtype=float)[rows], len(numbers)) for c in points if c not in apart}
        tables = simulate(
            base.replace(**{path: _plain(v) for path, v in fixed.items() if not path.startswith("policy")}),
            numbers * len(rows),
            _policy(policy, fixed),
            months,
            record,
            columns,  # type: ignore[arg-type]
            engine=engine,
        )
        for name, values in means.items():
            table = tables["summary" if name in of_run else "series"]
            assert table is not None
            shape = (len(rows), len(numbers)) if name in of_run else (len(rows), len(numbers), months)
            values[rows] = table[name].to_numpy(dtype=float).reshape(shape).mean(axis=1)
    return means


def _policy(policy: PolicyLike, values: Mapping[str, Any]) -> Any:
    """Give the policy of a point: what it names, with its parameters."""
    chosen = values.get("policy", policy)
    own = {path.removeprefix("policy."): _plain(v) for path, v in values.items() if path.startswith("policy.")}
    if not own:
        return chosen
    if isinstance(chosen, (str, Mapping)):
        return {**({"name": chosen} if isinstance(chosen, str) else chosen), **own}
    return changed(find_policy(chosen), own)


def _plain(value: Any) -> Any:
    """Give a value without its NumPy type; whole numbers as such."""
    value = value.item() if hasattr(value, "item") else value
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_cases(entry: Any) -> bool:
    return isinstance(entry, Mapping) and bool(entry) and all(isinstance(v, Mapping) for v in entry.values())
