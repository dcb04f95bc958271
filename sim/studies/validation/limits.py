"""Exact limits: what the model must give at its edges, and the published benchmarks, in one table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.engine.simulate import simulate
from sim.model.scenario import Scenario
from sim.model.structure import PLAINEST
from sim.studies.validation.benchmarks import (
    LONER,
    coalition,
    first_passage,
    ks_distance,
    optional_good,
    public_good,
    rivalry,
    time_averages,
)

if TYPE_CHECKING:
    import pandas as pd

Row = tuple[str, str, float, float, float]


def no_capture() -> tuple[float, float]:
    """Nothing to capture, nothing common: nobody is satisfied and nearly everybody leaves in ten years."""
    scenario = Scenario().replace(**{**PLAINEST, "rules.capture.scale": 0.0, "rules.commitment.common_weight": 0.0})
    return float(simulate(scenario, 100, months=120, record=()).summary["retention"].mean()), 0.0


def infinite_patience() -> tuple[float, float]:
    """Endless patience and no outside reasons: nobody leaves, whatever else happens."""
    scenario = Scenario().replace(
        **{"start.goodwill": 1e6, "rules.membership.other_rate": 0.0, "start.goodwill_spread": 0.0}
    )
    return float(simulate(scenario, 100, "connecting", 120, record=()).summary["retention"].min()), 1.0


def no_leak() -> tuple[float, float]:
    """Leaks that never happen: nothing is lost, and how much a leak would cost changes nothing, bit for bit."""
    pair = [
        simulate(Scenario().replace(**{"rules.leak.rate": 0.0, "rules.leak.loss": loss}), 50, record=()).summary
        for loss in (0.0, 50.0)
    ]
    same = pair[0].drop(columns=["policy"]).equals(pair[1].drop(columns=["policy"]))
    return float(same), 1.0


def no_distance() -> tuple[float, float]:
    """No difference of DNA between or within sectors: no tension of interests at all."""
    scenario = Scenario().replace(**{"sectors.distance": 0.0, "sectors.within": 0.0})
    series = simulate(scenario, 50, record=("series",)).series
    assert series is not None
    return float(series["tension_interest"].max()), 0.0


def no_budget() -> tuple[float, float]:
    """Nothing to spend: every policy ends as doing nothing does, bit for bit."""
    scenario = Scenario().replace(**{"grant.budget": 0.0})
    ends = [
        simulate(scenario, 50, p, record=()).summary.drop(columns=["policy"]) for p in ("neutral", "adaptive_tracking")
    ]
    return float(ends[0].equals(ends[1])), 1.0


def perfect_readiness() -> tuple[float, float]:
    """Everybody as ready as can be: readiness does not differ between members or months (standard deviation)."""
    scenario = Scenario().replace(
        **{
            "sectors.contrast": 0.0,
            "rules.readiness.spread": 0.0,
            "rules.readiness.turnover": 0.0,
            "rules.readiness.typical": 0.98,
        }
    )
    members = simulate(scenario, 50, months=24, record=("members",)).members
    assert members is not None
    weight = scenario.rules.readiness.representative_weight
    ready = (1.0 - weight) * members["routine"] + weight * members["representative"]
    return float(ready.std()), 0.0


def limit_table(groups: Sequence[str] | None = None) -> "pd.DataFrame":
    """Compute limits.

    Args:
        groups: which, of ``GROUPS``; all by default.

    Returns:
        A row per limit and case: ``model`` (what the model gives), ``expected`` (the closed form), ``error``,
        ``tolerance`` and ``verdict`` (holds or fails).
    """
    import pandas as pd

    rows = [row for group in groups or GROUPS for row in GROUPS[group]()]
    table = pd.DataFrame(rows, columns=["limit", "case", "model", "expected", "tolerance"])
    table["error"] = (table["model"] - table["expected"]).abs()
    table["verdict"] = np.where(table["error"] <= table["tolerance"], "holds", "fails")
    return table


def _coalition_rows() -> list[Row]:
    sizes, benefits = (5, 12, 24, 40), (0, 1, 3, 8, 24, 99)
    name = "B1 stable coalition (Barrett 1994)"
    return [(name, f"N={n}, 2cp/b2={benefit}", *coalition(n, benefit), 0.0) for n in sizes for benefit in benefits]


def _good_rows() -> list[Row]:
    rows: list[Row] = []
    for x, y in ((0.3, 0.3), (0.5, 0.2), (0.1, 0.6)):
        for who, pair in optional_good(x, y).items():
            rows.append(("B2 optional public good (Hauert et al. 2002)", f"x={x}, y={y}, {who}", *pair, 0.02))
    return [*rows, ("B2 optional public good, over time", "mean pay-off", time_averages(), LONER, 0.05)]


def _rivalry_rows() -> list[Row]:
    cases = ((5, 0.3), (8.1, 0.6), (20.5, 0.9), (20.5, 0.99), (41, 0.99))
    name = "B3 rival incentives (Kitts 2006)"
    return [(name, f"mu={mu}, lambda={rivals}", *rivalry(mu, rivals), 0.0) for mu, rivals in cases]


def _passage_rows() -> list[Row]:
    sample, law = first_passage()
    name = "B4 first passage (inverse Gaussian)"
    rows: list[Row] = [
        (name, "distance of distributions (KS)", ks_distance(sample, law), 0.0, 0.02),
        (name, "months, mean", float(sample.mean()), law.mean(), 0.6),
    ]
    for theta in (1, 6, 11, 13, 20):
        # A logistic response leaves a little effort near theta = N.
        rows.append(("B5 linear public good", f"theta={theta}, N=12", *public_good(theta), 0.2))
    return rows


def _own_rows() -> list[Row]:
    return [
        ("own limit", (limit.__doc__ or "").partition(":")[0], *limit(), 0.05 if limit is no_capture else 1e-9)
        for limit in (no_capture, infinite_patience, no_leak, no_distance, no_budget, perfect_readiness)
    ]


GROUPS = {
    "coalition": _coalition_rows,
    "public good": _good_rows,
    "rivalry": _rivalry_rows,
    "first passage": _passage_rows,
    "own": _own_rows,
}
"""What limits there are, by what they are about."""
