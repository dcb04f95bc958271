"""The runs that patterns and claims look at: each crosses the plausible region with some levels and policies."""

import dataclasses
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.config.job import load_scenario
from sim.model.scenario import Scenario, value_at
from sim.model.sectors import SECTORS
from sim.storage.atomic import write_atomic
from sim.storage.results import csv_text
from sim.studies.sweep import Sweep, refuse_failed, sweep
from sim.studies.validation.region import left_open

if TYPE_CHECKING:
    import pandas as pd


@dataclasses.dataclass(frozen=True)
class RunPlan:
    """Runs: the parameter sets of a region, crossed with levels of more parameters, under some policies."""

    cross: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    scenario: str = "neutral"
    """Which partnership; what it sets itself stays, whatever the parameter set says."""
    policies: tuple[Any, ...] = ("neutral",)
    changes: dict[str, float] = dataclasses.field(default_factory=dict)
    record: tuple[str, ...] = ()
    months: int = 60
    cases: Sequence[dict[str, float]] = ()
    """Levels that set several parameters at once, in place of a crossing."""
    ends: Sequence[tuple[str, float, float]] = ()
    """Parameters that go to their lower and their upper end, one at a time."""

    @property
    def levels(self) -> list[dict[str, float]]:
        """What is changed in each parameter set, in order; a query calls the place in this list ``level``."""
        if self.ends:
            return [{path: end} for path, *ends in self.ends for end in ends]
        if self.cases:
            return [dict(case) for case in self.cases]
        return [dict(zip(self.cross, level, strict=True)) for level in itertools.product(*self.cross.values())]


FACTORS = (
    ("rules.capture.scale", 4.0, 15.0),
    ("rules.creation.productivity", 0.5, 3.0),
    ("rules.commitment.common_weight", 0.0, 6.0),
    ("rules.capture.rivalry", 0.0, 1.0),
    ("start.goodwill", 1.0, 16.0),
    ("start.aspiration", 0.02, 0.6),
    ("start.trust", 0.3, 0.9),
    ("sectors.distance", 0.0, 1.2),
    ("sectors.private.share", 0.1, 0.9),
    ("rules.readiness.typical", 0.2, 0.8),
    ("rules.leak.rate", 0.0, 0.4),
    ("rules.leak.loss", 0.0, 12.0),
    ("rules.commitment.outside_option_pull", 0.0, 0.15),
    ("rules.understanding.rate", 0.01, 0.15),
    ("grant.months", 12.0, 48.0),
    ("grant.budget", 0.0, 20.0),
)
"""The ranges of ``configs/experiment/sensitivity.yaml``; funding and the orchestrator's capacity are the last two."""

GRANTS = [0.0, 12.0, 24.0, 36.0, 48.0, 60.0]

RUN_PLANS = {
    "base": RunPlan(policies=("neutral", "adaptive_tracking"), record=("series", "members")),
    "long": RunPlan(record=("series",), months=120),
    "distance": RunPlan(cross={"sectors.distance": [0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2]}),
    "size": RunPlan(cross={"size.partners": [4, 8, 16, 24, 40, 64]}),
    "by_chance": RunPlan(policies=("random_allocation",), record=("members",), months=36),
    "dissimilar": RunPlan(
        cases=[
            {f"sectors.{sector}.share": share for sector, share in zip(SECTORS, shares, strict=True)}
            for shares in ((0.17, 0.5, 0.16, 0.17), (0.0, 0.5, 0.0, 0.5))
        ]
    ),
    "inert": RunPlan(
        changes={"rules.capture.scale": 0.0, "rules.commitment.common_weight": 0.0, "start.match_spread": 0.0},
        record=("series",),
    ),
    "open": RunPlan(
        changes={"rules.membership.entry_rate": 0.002, "size.candidates": 240}, record=("series",), months=120
    ),
    "factors": RunPlan(ends=FACTORS, policies=("adaptive_tracking",)),
    "grants": RunPlan(
        cross={
            "grant.months": GRANTS,
            "rules.creation.productivity": [0.75, 3.0],
            "rules.participation.base_cost": [0.3, 1.2],
        },
        policies=("adaptive_tracking",),
    ),
    "barren": RunPlan(changes={"rules.creation.stock_gain": 0.0}, policies=("neutral", "safeguarding")),
    "members_by_the_year": RunPlan(scenario="membership_foundation", record=("members",)),
    "contract": RunPlan(scenario="contract_consortium", record=("members",)),
    "rivals": RunPlan(cross={"size.segments": [1.0, 6.0]}, record=("members",)),
}


def simulate_plan(
    name: str, plan: RunPlan, region: "pd.DataFrame", folder: Path, replications: int, **how: Any
) -> Sweep:
    """Simulate a plan over the parameter sets of a region; runs that the folder holds are not simulated again.

    Args:
        name: names the plan's own folder in ``folder``.
        plan: what to simulate.
        region: a row per parameter set, a column per parameter.
        folder: where the runs are kept.
        replications: runs of each parameter set, level and policy.
        **how: ``executor`` and ``progress``, as for ``sim.sweep``.
    """
    import pandas as pd

    scenario = load_scenario(plan.scenario)
    own = {path: value_at(scenario, path) for level in plan.levels for path in level}
    sets = left_open(scenario, region).to_dict("records")
    rows = [{**own, **values, **plan.changes, **level} for values in sets for level in plan.levels]
    folder.mkdir(parents=True, exist_ok=True)
    design = folder / f"{name}.csv"
    write_atomic(design, csv_text(pd.DataFrame(rows), "%.17g").encode())
    runs = sweep(
        {
            "question": f"Runs '{name}' of the validation",
            "scenario": plan.scenario,
            "policies": list(plan.policies),
            "design": {"name": "file", "path": str(design)},
            "replications": replications,
            "months": plan.months,
            "record": list(plan.record),
        },
        folder / name,
        **how,
    )
    return refuse_failed(runs)


def query_plan(runs: Sweep, sql: str, plan: RunPlan) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Compute a statistic for each parameter set: ``sql`` gives columns ``parameter_set`` and ``value``."""
    many = len(plan.levels)
    own = value_at(Scenario(), "rules.creation.productivity")
    productivity = '"rules.creation.productivity"' if "rules.creation.productivity" in runs.design else str(own)
    named = f"row // {many} AS parameter_set, row % {many} AS level, {productivity} AS productivity"
    parts = [f"s AS (SELECT point, {named} FROM design)"]
    parts += [f"{t} AS (SELECT * FROM memory.main.{t} JOIN s USING (point))" for t in ("runs", *plan.record)]
    values = runs.sql(f"WITH {', '.join(parts)} {sql}", threads=1)["value"]
    return values.to_numpy(dtype=float)
