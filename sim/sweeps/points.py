"""The points of an experiment: its design's rows, checked, without those that constraints exclude."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from sim.core.declare import parameters
from sim.core.errors import InputError, readable
from sim.model.scenario import TOGETHER, Scenario, contradictions, value_at
from sim.sweeps.designs.constraints import holds
from sim.sweeps.designs.from_file import FromFile
from sim.sweeps.designs.space import NAMED, Space, space_of
from sim.sweeps.experiment import Experiment

if TYPE_CHECKING:
    import pandas as pd


def space_for(experiment: Experiment, scenarios: Mapping[str, Scenario]) -> Space:
    """Give the space: as written, or as the header of the user's own design says."""
    design, main = experiment.chosen_design(), next(iter(scenarios.values()))
    if not isinstance(design, FromFile):
        return space_of(experiment.space, main)
    if experiment.space:
        raise InputError("space: a design from a file brings its own columns; leave space out")
    space = design.space()
    missing = [s for s in space.get("scenario", []) if s not in scenarios]
    if missing:
        raise InputError(f"design.path={design.path}: scenario {missing[0]} is not loaded; name it as scenario=")
    return space_of(space, main)


def points_of(experiment: Experiment, scenarios: Mapping[str, Scenario]) -> "pd.DataFrame":
    """Make the design: columns ``row``, ``point``, then one per dimension and per parameter of named cases.

    Rows keep the design's order; rows that are the same share a point.

    Raises:
        InputError: for points that no scenario allows, or a design without points.
    """
    design, space = experiment.chosen_design(), space_for(experiment, scenarios)
    rows = space.spread(design.table(space))
    rows = _typed(rows, next(iter(scenarios.values())))
    kept = _within(experiment, scenarios, rows)
    if not kept.all():
        if design.whole:
            raise InputError(f"constraints: design {design.name} needs all its points; use sobol or grid")
        if design.name == "file":
            raise InputError(f"constraints: data row {int(np.argmin(kept)) + 1} of the design breaks them")
        rows = rows[kept].reset_index(drop=True)
    if rows.shape[0] == 0:
        raise InputError("the design has no points left; loosen constraints")
    _refuse_contradictions(scenarios, rows)
    import pandas as pd

    return pd.concat([pd.DataFrame({"row": np.arange(len(rows)), "point": _numbered(rows)}), rows], axis=1)


def varying(rows: "pd.DataFrame", scenario: Scenario) -> tuple[list[str], list[str]]:
    """Sort a design's columns: parameters that differ by run within a batch, and what makes a batch of its own."""
    by_run = {q.path for q in parameters(scenario) if not q.structural}
    known = {q.path for q in parameters(scenario)} | set(NAMED)
    apart = [c for c in rows.columns if (c in known and c not in by_run) or c.startswith("policy.")]
    return [c for c in rows.columns if c in by_run], apart


def _typed(rows: "pd.DataFrame", scenario: Scenario) -> "pd.DataFrame":
    """Give every parameter column the type of its parameter."""
    kinds = {"int": "int64", "float": "float64"}
    return rows.astype({q.path: kinds[q.kind] for q in parameters(scenario) if q.path in rows and q.kind in kinds})


def _within(experiment: Experiment, scenarios: Mapping[str, Scenario], rows: "pd.DataFrame") -> Any:
    """Tell which rows keep all constraints."""
    kept = np.ones(len(rows), dtype=bool)
    names = rows["scenario"] if "scenario" in rows.columns else None
    for name, scenario in scenarios.items() if experiment.constraints else ():
        here = kept if names is None else (names == name).to_numpy()
        own = {q.path: q.default for q in parameters(scenario) if q.kind in ("int", "float")}
        values = own | {c: rows[c].to_numpy() for c in rows.columns if c in own}
        for constraint in experiment.constraints:
            kept = kept & (holds(constraint, values) | ~here)
    return kept


def _refuse_contradictions(scenarios: Mapping[str, Scenario], rows: "pd.DataFrame") -> None:
    if not set(TOGETHER) & set(rows.columns):
        return
    for name, scenario in scenarios.items():
        some = rows[rows["scenario"] == name] if "scenario" in rows.columns else rows
        values = {p: some[p].to_numpy() if p in some else value_at(scenario, p) for p in TOGETHER}
        for rule, (where, _) in enumerate(contradictions(values)):
            if np.any(where):
                row = int(np.argmax(where))
                one = {p: v[row] if isinstance(v, np.ndarray) else v for p, v in values.items()}
                raise InputError(f"design, row {some.index[row]}: {contradictions(one)[rule][1]}")


def _numbered(rows: "pd.DataFrame") -> Any:
    """Number the points in order of first appearance."""
    import pandas as pd

    if rows.shape[1] == 0:
        return np.zeros(len(rows), dtype=np.int64)
    keys = pd.util.hash_pandas_object(rows, index=False)
    codes, firsts = pd.factorize(keys)
    first = np.empty(len(firsts), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(rows))[::-1]
    if not rows.equals(rows.iloc[first[codes]].set_axis(rows.index)):
        raise AssertionError("two different points share a 64-bit hash")
    return codes.astype(np.int64)


def changed(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """Give the scenario with the structural parameters of a group of points.

    Raises:
        InputError: if they cannot go together.
    """
    try:
        return scenario.replace(**values) if values else scenario
    except ValidationError as error:
        raise InputError(f"design: {readable(error, '', Scenario)}") from error
