"""Exact limits: what the model must give at its edges, and the published benchmarks, in one table."""

from typing import Any

import numpy as np

from sim.engine.simulate import simulate
from sim.model.scenario import Scenario
from sim.studies.validation.benchmarks import (
    coalition,
    first_passage,
    ks_distance,
    optional_good,
    public_good,
    rivalry,
    time_averages,
)
from sim.studies.validation.payoffs import LONER


def no_capture() -> tuple[float, float]:
    """Nothing to capture, nothing common: nobody is satisfied and nearly everybody leaves in ten years."""
    given = Scenario().replace(**{"rules.capture.scale": 0.0, "rules.commitment.common_weight": 0.0})
    return float(simulate(given, 100, months=120, record=()).summary["retention"].mean()), 0.0


def infinite_patience() -> tuple[float, float]:
    """Endless patience and no outside reasons: nobody leaves, whatever else happens."""
    given = Scenario().replace(
        **{"start.goodwill": 1e6, "rules.membership.other_rate": 0.0, "start.goodwill_spread": 0.0}
    )
    return float(simulate(given, 100, "connecting", 120, record=()).summary["retention"].min()), 1.0


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
    given = Scenario().replace(**{"sectors.distance": 0.0, "sectors.within": 0.0})
    found = simulate(given, 50, record=("series",)).series
    assert found is not None
    return float(found["tension_interest"].max()), 0.0


def no_budget() -> tuple[float, float]:
    """Nothing to spend: every policy ends as doing nothing does, bit for bit."""
    given = Scenario().replace(**{"grant.budget": 0.0})
    ends = [
        simulate(given, 50, p, record=()).summary.drop(columns=["policy"]) for p in ("neutral", "adaptive_tracking")
    ]
    return float(ends[0].equals(ends[1])), 1.0


def perfect_readiness() -> tuple[float, float]:
    """Everybody as ready as can be: readiness does not differ between members or months (standard deviation)."""
    given = Scenario().replace(
        **{"rules.readiness.spread": 0.0, "rules.readiness.turnover": 0.0, "rules.readiness.typical": 0.98}
    )
    found = simulate(given, 50, months=24, record=("members",)).members
    assert found is not None
    weight = given.rules.readiness.representative_weight
    ready = (1.0 - weight) * found["routine"] + weight * found["representative"]
    return float(ready.std()), 0.0


def table(quick: bool = False) -> Any:
    """Give a row per limit: what it is, from the model, in closed form, error, tolerance, verdict."""
    import pandas as pd

    rows: list[tuple[str, str, float, float, float]] = []
    for n in (5, 24) if quick else (5, 12, 24, 40):
        for benefit in (0, 8) if quick else (0, 1, 3, 8, 24, 99):
            rows.append(("B1 stable coalition (Barrett 1994)", f"N={n}, 2cp/b2={benefit}", *coalition(n, benefit), 0.0))
    for x, y in ((0.3, 0.3), (0.5, 0.2), (0.1, 0.6)):
        for who, pair in optional_good(x, y).items():
            rows.append(("B2 optional public good (Hauert et al. 2002)", f"x={x}, y={y}, {who}", *pair, 0.02))
    if not quick:
        rows.append(("B2 optional public good, over time", "mean pay-off", time_averages(), LONER, 0.05))
    for mu, rivals in (
        ((5, 0.3), (20.5, 0.9)) if quick else ((5, 0.3), (8.1, 0.6), (20.5, 0.9), (20.5, 0.99), (41, 0.99))
    ):
        rows.append(("B3 rival incentives (Kitts 2006)", f"mu={mu}, lambda={rivals}", *rivalry(mu, rivals), 0.0))
    sample, law = first_passage(runs=500 if quick else 4000)
    rows.append(
        ("B4 first passage (inverse Gaussian)", "distance of distributions (KS)", ks_distance(sample, law), 0.0, 0.02)
    )
    rows.append(("B4 first passage (inverse Gaussian)", "months, mean", float(sample.mean()), law.mean(), 0.6))
    for theta in (6, 20) if quick else (1, 6, 11, 13, 20):
        # A logistic response leaves a little effort near theta = N.
        rows.append(("B5 linear public good", f"theta={theta}, N=12", *public_good(theta), 0.2))
    for limit in (no_capture, infinite_patience, no_leak, no_distance, no_budget, perfect_readiness):
        rows.append(
            ("own limit", (limit.__doc__ or "").partition(":")[0], *limit(), 0.05 if limit is no_capture else 1e-9)
        )
    found = pd.DataFrame(rows, columns=["limit", "case", "model", "closed form", "tolerance"])
    found["error"] = (found["model"] - found["closed form"]).abs()
    found["verdict"] = np.where(found["error"] <= found["tolerance"], "holds", "fails")
    return found
