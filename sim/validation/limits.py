"""Exact limits: published benchmarks as degenerate configurations of this model, beside their closed forms."""

from typing import Any

import numpy as np

from sim.scenario import Scenario
from sim.sectors import SECTORS
from sim.simulation import Batch, simulate
from sim.validation.payoffs import LONER, SPREAD, R, standing

ALIKE = {
    **{
        f"start.{n}_spread": 0.0 for n in ("resources", "need", "aspiration", "trust", "goals", "expertise", "proposal")
    },
    **{f"sectors.{n}": 0.0 for n in ("within", "sensitivity_spread", "mission_spread")},
    **{f"sectors.{s}.share": float(s == "private") for s in SECTORS},
    "start.aspiration": 0.0,
    "start.optimism": 0.0,
    "rules.commitment.smoothing": 1.0,
    "rules.commitment.goodwill_limit": 10.0,
    "rules.membership.exogenous": 0.0,
}
"""Identical members, no noise, nothing felt but the injected pay-off."""


def injected(payoffs: str, partners: int, **changes: Any) -> Scenario:
    """Make the degenerate configuration with a pay-off of ``sim.validation.payoffs``."""
    spec = {"payoffs": f"sim.validation.payoffs:{payoffs}", "size.partners": partners}
    return Scenario().with_(**{**ALIKE, **spec, **{k.replace("__", "."): v for k, v in changes.items()}})


def _series(given: Scenario, runs: int, months: int) -> Any:
    return simulate(given, runs, months=months, record=("series",)).series


def coalition(n_members: int, benefit: float, runs: int = 40, months: int = 1200) -> tuple[float, float]:
    """B1: stable size of a self-enforcing coalition, and floor(2 + sqrt(1 + 2cp/b2)), capped at N (Barrett 1994).

    Members differ in patience alone, so that they decide one after another; the size at the end is the median.
    """
    given = injected(
        "self_enforcing", n_members, start__need=benefit + 1.0, start__goodwill=0.5, start__goodwill_spread=1.5
    )
    found = _series(given, runs, months)
    size = found[found["month"] == months]["n_members"].median()
    return float(size), float(min(n_members, np.floor(2.0 + np.sqrt(1.0 + benefit))))


def rivalry(mu: float, rivals: float, n_members: int = 24, runs: int = 40, months: int = 1200) -> tuple[float, float]:
    """B3: how many work when private incentives are rival, and the largest k with (g-c) + mu (1 - l (k-1)/k) >= 0."""
    given = injected(
        "rival_incentives", n_members, start__need=mu, sectors__private__mission=rivals, start__goodwill=0.5,
        start__goodwill_spread=1.5,
    )  # fmt: skip
    found = _series(given, runs, months)
    k = np.arange(1, n_members + 1)
    works = (1.0 - 5.0) + mu * (1.0 - rivals * (k - 1) / k) >= 0
    return float(found[found["month"] == months]["n_members"].median()), float(k[works].max() if works.any() else 0)


def first_passage(patience: float = 8.0, drift: float = 0.4, runs: int = 4000) -> tuple[Any, Any]:
    """B4: months until patience is used up, and the inverse Gaussian with G + 0.583 sigma for monthly steps."""
    from scipy.stats import invgauss

    given = injected(
        "random_walk", 12, start__goodwill=patience, start__goodwill_spread=0.0, start__aspiration=drift,
        start__resources_spread=1.0, start__goals_spread=1.0,
    )  # fmt: skip
    events = simulate(given, runs, months=400, record=("events",)).events
    assert events is not None
    left = events[events["kind"] == "exit frustrated"]["month"].to_numpy()
    if len(left) < 12 * runs:
        left = np.append(left, np.full(12 * runs - len(left), 401))
    start = patience + 0.583
    mean, shape = start / drift, start**2
    return left, invgauss(mean / shape, scale=shape)


def ks_distance(sample: Any, law: Any) -> float:
    """Largest distance between the distribution of whole months and a law, read at mid-months."""
    months = np.arange(1, 401)
    return float(np.max(np.abs(np.searchsorted(np.sort(sample), months, side="right") / len(sample) - law.cdf(months))))


def public_good(theta: float, n_members: int = 12, months: int = 240) -> tuple[float, float]:
    """B5: effort at rest in a linear public good (paid theta sum(e)/N at unit cost), and 1 if theta > N, else 0."""
    given = injected(
        "linear_public_good", n_members, start__need=theta, rules__commitment__width=0.05, start__goodwill=1e6
    )
    end = _series(given, 4, months)
    return float(end[end["month"] == months]["engagement"].mean()), float(theta > n_members)


def optional_good(x: float, y: float, n: int = 5, runs: int = 40_000) -> dict[str, tuple[float, float]]:
    """B2: mean pay-off of a cooperator and a defector in random groups of n, and the formulas (Hauert et al. 2002).

    P_d = s z^(n-1) + r x/(1-z) (1 - (1-z^n)/(n(1-z)));  P_c = P_d - F(z), with r = 3, s = 1.
    """
    given = injected(
        "optional_public_good", n, start__resources_spread=SPREAD, sectors__private__mission=x, start__need=1000.0 * y,
        start__goodwill=1e6,
    )  # fmt: skip
    batch = Batch(given, range(runs), "neutral")
    _, flows, state = batch.advance()
    rank = standing(state)
    kinds = {"cooperator": rank < x, "defector": (rank >= x) & (rank < x + y)}
    z = 1.0 - x - y
    f = 1.0 + (R - 1.0) * z ** (n - 1) - R / n * (1.0 - z**n) / (1.0 - z)
    defector = LONER * z ** (n - 1) + R * x / (1.0 - z) * (1.0 - (1.0 - z**n) / (n * (1.0 - z)))
    expected = {"cooperator": defector - f, "defector": defector}
    return {k: (float(flows.payoff[mask].mean()), expected[k]) for k, mask in kinds.items()}


def time_averages(n: int = 5, steps: int = 600, runs: int = 1500) -> float:
    """B2: replicator dynamics on the pay-offs that the model gives; mean pay-off over time (expected: s = 1)."""
    shares, total = np.array([0.35, 0.3]), 0.0
    for _ in range(steps):
        x, y = shares
        found = optional_good(float(x), float(y), n, runs)
        pay = np.array([found["cooperator"][0], found["defector"][0]])
        mean = float(shares @ pay + (1.0 - shares.sum()) * LONER)
        shares = np.clip(shares * (1.0 + 0.05 * (pay - mean)), 0.02, 0.96)
        total += mean
    return total / steps


def no_capture() -> tuple[float, float]:
    """Nothing to capture, nothing common: nobody is satisfied and nearly everybody leaves in ten years."""
    given = Scenario().with_(**{"rules.capture.scale": 0.0, "rules.commitment.common_weight": 0.0})
    return float(simulate(given, 100, months=120, record=()).summary["retention"].mean()), 0.0


def infinite_patience() -> tuple[float, float]:
    """Endless patience and no outside reasons: nobody leaves, whatever else happens."""
    given = Scenario().with_(**{"start.goodwill": 1e6, "rules.membership.exogenous": 0.0, "start.goodwill_spread": 0.0})
    return float(simulate(given, 100, "connecting", 120, record=()).summary["retention"].min()), 1.0


def no_leak() -> tuple[float, float]:
    """Leaks that never happen: nothing is lost, and how much a leak would cost changes nothing, bit for bit."""
    pair = [
        simulate(Scenario().with_(**{"rules.leak.rate": 0.0, "rules.leak.loss": loss}), 50, record=()).summary
        for loss in (0.0, 50.0)
    ]
    same = pair[0].drop(columns=["policy"]).equals(pair[1].drop(columns=["policy"]))
    return float(same), 1.0


def no_distance() -> tuple[float, float]:
    """No difference of DNA between or within sectors: no tension of interests at all."""
    given = Scenario().with_(**{"sectors.distance": 0.0, "sectors.within": 0.0})
    found = simulate(given, 50, record=("series",)).series
    assert found is not None
    return float(found["tension_interest"].max()), 0.0


def no_budget() -> tuple[float, float]:
    """Nothing to spend: every policy ends as doing nothing does, bit for bit."""
    given = Scenario().with_(**{"grant.budget": 0.0})
    ends = [
        simulate(given, 50, p, record=()).summary.drop(columns=["policy"]) for p in ("neutral", "adaptive_tracking")
    ]
    return float(ends[0].equals(ends[1])), 1.0


def perfect_readiness() -> tuple[float, float]:
    """Everybody as ready as can be: readiness explains nothing of who captures how much (share of variance)."""
    given = Scenario().with_(
        **{"rules.readiness.spread": 0.0, "rules.readiness.turnover": 0.0, "rules.readiness.typical": 0.98}
    )
    found = simulate(given, 50, months=24, record=("members",)).members
    assert found is not None
    ready = 0.6 * found["routine"] + 0.4 * found["representative"]
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
