"""Published benchmarks as degenerate configurations of this model, beside their closed forms."""

from typing import Any

import numpy as np

from sim.engine.batch import Batch
from sim.engine.simulate import simulate
from sim.model.scenario import Scenario
from sim.model.sectors import SECTORS
from sim.studies.validation.payoffs import LONER, SPREAD, R, standing

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
    "rules.membership.other_rate": 0.0,
}
"""Identical members, no noise, nothing felt but the injected pay-off."""


def injected(payoffs: str, partners: int, **changes: Any) -> Scenario:
    """Make the degenerate configuration with a pay-off of ``sim.studies.validation.payoffs``."""
    spec = {"payoffs": f"sim.studies.validation.payoffs:{payoffs}", "size.partners": partners}
    return Scenario().replace(**{**ALIKE, **spec, **{k.replace("__", "."): v for k, v in changes.items()}})


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
