"""Published benchmarks as degenerate configurations of this model, beside their closed forms.

The pay-offs of the published models are injected through the model's hook (``payoffs=``): one number a member and
month. A parameter of a published model is carried by a variable that plays no part once pay-offs are injected:
``need`` and ``mission``. Sizes are scaled by ``UNIT``, so that members run out of patience one at a time.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.engine.batch import Batch
from sim.engine.simulate import simulate
from sim.model.arrays import Array, over_partners
from sim.model.random_streams import mix, normal
from sim.model.scenario import Scenario
from sim.model.sectors import SECTORS
from sim.model.state import State
from sim.model.structure import PLAINEST

if TYPE_CHECKING:
    import pandas as pd

UNIT = 1e-3
SPREAD, R, LONER = 1.0, 3.0, 1.0

ALIKE = {
    **PLAINEST,
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
"""Identical members, no noise, and no benefit but the injected pay-off."""


def injected(payoffs: str, partners: int, **changes: Any) -> Scenario:
    """Make the degenerate configuration with a pay-off function of this module."""
    spec = {"payoffs": f"{__name__}:{payoffs}", "size.partners": partners}
    return Scenario().replace(**{**ALIKE, **spec, **{k.replace("__", "."): v for k, v in changes.items()}})


def _series(scenario: Scenario, replications: int, months: int) -> "pd.DataFrame":
    series = simulate(scenario, replications, months=months, record=("series",)).series
    assert series is not None
    return series


def coalition(n_members: int, benefit: float, replications: int = 40, months: int = 1200) -> tuple[float, float]:
    """B1: stable size of a self-enforcing coalition, and floor(2 + sqrt(1 + 2cp/b2)), capped at N (Barrett 1994).

    Members differ in patience alone, so that they decide one after another; the size at the end is the median.
    """
    scenario = injected(
        "self_enforcing", n_members, start__need=benefit + 1.0, start__goodwill=0.5, start__goodwill_spread=1.5
    )
    series = _series(scenario, replications, months)
    size = series[series["month"] == months]["n_members"].median()
    return float(size), float(min(n_members, np.floor(2.0 + np.sqrt(1.0 + benefit))))


def rivalry(
    mu: float, rivals: float, n_members: int = 24, replications: int = 40, months: int = 1200
) -> tuple[float, float]:
    """B3: how many work when private incentives are rival, and the largest k with (g-c) + mu (1 - l (k-1)/k) >= 0."""
    scenario = injected(
        "rival_incentives", n_members, start__need=mu, sectors__private__mission=rivals, start__goodwill=0.5,
        start__goodwill_spread=1.5,
    )  # fmt: skip
    series = _series(scenario, replications, months)
    k = np.arange(1, n_members + 1)
    works = (1.0 - 5.0) + mu * (1.0 - rivals * (k - 1) / k) >= 0
    return float(series[series["month"] == months]["n_members"].median()), float(k[works].max() if works.any() else 0)


def first_passage(patience: float = 8.0, drift: float = 0.4, replications: int = 4000) -> tuple[Any, Any]:
    """B4: months until patience is used up, and the inverse Gaussian with G + 0.583 sigma for monthly steps."""
    from scipy.stats import invgauss

    scenario = injected(
        "random_walk", 12, start__goodwill=patience, start__goodwill_spread=0.0, start__aspiration=drift,
        start__resources_spread=1.0, start__goals_spread=1.0,
    )  # fmt: skip
    events = simulate(scenario, replications, months=400, record=("events",)).events
    assert events is not None
    left = events[events["kind"] == "exit frustrated"]["month"].to_numpy()
    if len(left) < 12 * replications:
        left = np.append(left, np.full(12 * replications - len(left), 401))
    start = patience + 0.583
    mean, shape = start / drift, start**2
    return left, invgauss(mean / shape, scale=shape)


def ks_distance(sample: Any, law: Any) -> float:
    """Largest distance between the distribution of whole months and a law, read at mid-months."""
    months = np.arange(1, 401)
    return float(np.max(np.abs(np.searchsorted(np.sort(sample), months, side="right") / len(sample) - law.cdf(months))))


def public_good(theta: float, n_members: int = 12, months: int = 240) -> tuple[float, float]:
    """B5: effort at rest in a linear public good (paid theta sum(e)/N at unit cost), and 1 if theta > N, else 0."""
    scenario = injected(
        "linear_public_good", n_members, start__need=theta, rules__commitment__width=0.05, start__goodwill=1e6
    )
    end = _series(scenario, 4, months)
    return float(end[end["month"] == months]["engagement"].mean()), float(theta > n_members)


def optional_good(x: float, y: float, n: int = 5, replications: int = 40_000) -> dict[str, tuple[float, float]]:
    """B2: mean pay-off of a cooperator and a defector in random groups of n, and the formulas (Hauert et al. 2002).

    P_d = s z^(n-1) + r x/(1-z) (1 - (1-z^n)/(n(1-z)));  P_c = P_d - F(z), with r = 3, s = 1.
    """
    scenario = injected(
        "optional_public_good", n, start__resources_spread=SPREAD, sectors__private__mission=x, start__need=1000.0 * y,
        start__goodwill=1e6,
    )  # fmt: skip
    batch = Batch(scenario, range(replications), "neutral")
    _, flows, state = batch.advance()
    rank = standing(state)
    kinds = {"cooperator": rank < x, "defector": (rank >= x) & (rank < x + y)}
    z = 1.0 - x - y
    f = 1.0 + (R - 1.0) * z ** (n - 1) - R / n * (1.0 - z**n) / (1.0 - z)
    defector = LONER * z ** (n - 1) + R * x / (1.0 - z) * (1.0 - (1.0 - z**n) / (n * (1.0 - z)))
    expected = {"cooperator": defector - f, "defector": defector}
    return {k: (float(flows.payoff[mask].mean()), expected[k]) for k, mask in kinds.items()}


def time_averages(n: int = 5, steps: int = 600, replications: int = 1500) -> float:
    """B2: replicator dynamics on the pay-offs that the model gives; mean pay-off over time (expected: s = 1)."""
    shares, total = np.array([0.35, 0.3]), 0.0
    for _ in range(steps):
        x, y = shares
        means = optional_good(float(x), float(y), n, replications)
        pay = np.array([means["cooperator"][0], means["defector"][0]])
        mean = float(shares @ pay + (1.0 - shares.sum()) * LONER)
        shares = np.clip(shares * (1.0 + 0.05 * (pay - mean)), 0.02, 0.96)
        total += mean
    return total / steps


def self_enforcing(state: State, participation: Array) -> Array:
    """Gain from staying in a coalition of k: -(k-1)(k-3) + 2cp/b2, in units of b2/2c  (Barrett 1994).

    ``need - 1`` carries 2cp/b2, the private benefit that outsiders do not have. Large gains are damped, which
    changes no decision (the sign is kept) but lets members of a large coalition leave one by one too.
    """
    k = over_partners(state.member)
    gain = state.need - 1.0 - (k - 1.0) * (k - 3.0)
    return UNIT * gain / (1.0 + abs(gain) / 20.0) * state.member


def rival_incentives(state: State, participation: Array) -> Array:
    """Inclination to work: (g - c) + mu (1 - lambda n/(n+1)), n others at work, g = 1, c = 5  (Kitts 2006).

    ``need`` carries mu, ``mission`` lambda.
    """
    others = over_partners(state.member) - 1.0
    return 10.0 * UNIT * ((1.0 - 5.0) + state.need * (1.0 - state.mission * others / (others + 1.0))) * state.member


def random_walk(state: State, participation: Array) -> Array:
    """Pay a standard normal number each month, from the member's own traits and the month."""
    seed = sum(state.goals[:, d].view(np.uint64) << np.uint64(7 * d) for d in range(state.goals.shape[1]))
    bits = mix(mix(state.resources.view(np.uint64) + seed) + np.uint64(state.month))
    return normal(bits, 1) * state.member


def linear_public_good(state: State, participation: Array) -> Array:
    """Own return on own effort in a linear public good: (theta/N - 1) e; ``need`` carries theta."""
    return (state.need / over_partners(state.member) - 1.0) * state.member


def optional_public_good(state: State, participation: Array) -> Array:
    """Optional public goods game in a group of N: loners get s = 1, others share r = 3 times what cooperators pay.

    A member's size says what it is: its rank in the distribution below x cooperates, below x + y defects, else
    stays alone (Hauert, De Monte, Hofbauer & Sigmund 2002). ``mission`` carries x, ``need / 1000`` y.
    """
    rank = standing(state)
    cooperates = (rank < state.mission) * state.member
    takes_part = (rank < state.mission + state.need / 1000.0) * state.member
    group = over_partners(takes_part)
    shared = R * over_partners(cooperates) / np.maximum(group, 1.0) - cooperates
    return np.where((takes_part > 0) & (group > 1), shared, LONER) * state.member


def standing(state: State) -> Array:
    """Rank members by size in the distribution it is drawn from: uniform from 0 to 1."""
    from scipy.special import ndtr

    rank: Array = ndtr(np.log(state.resources) / SPREAD)
    return rank
