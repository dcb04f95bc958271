"""From hazards to a distribution of how many stay: levels of bodies and of half-years, as gamma frailties.

A body leaves more or less often than its members' hazards say, and a half-year within it does so again. How much both
vary is read from the other bodies; a body's own exits so far move its own level (a gamma prior, and counts).
"""

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from sim.studies.forecast_scores.bodies import Array

if TYPE_CHECKING:
    import pandas as pd

HALF_YEAR = 6
NODES = (np.arange(200) + 0.5) / 200.0
"""Quantiles at which a distribution of levels is taken."""

TYPICAL_VARIANCE, VARIANCE_SPREAD = 0.25, 0.7
"""Median and spread (log) of the prior of a frailty's variance."""

LEAST_VARIANCE, MOST_VARIANCE = 0.005, 5.0
NOTHING = 1e-9
"""Expected exits that count as none."""


@dataclasses.dataclass(frozen=True)
class History:
    """What a body has shown so far: exits, how many were expected, and for how many half-years."""

    exits: float
    expected: float
    half_years: float


@dataclasses.dataclass(frozen=True)
class Spread:
    """Variances of the level of a body, and of a half-year within a body; levels are 1 on average."""

    between: float
    within: float

    @staticmethod
    def estimated(cells: "pd.DataFrame") -> "Spread":
        """Estimate both from other bodies: a row per cell with ``body``, ``t`` (month), ``exits``, ``expected``."""
        bodies = cells.groupby("body")[["exits", "expected"]].sum()
        between = frailty_variance(bodies["exits"].to_numpy(), bodies["expected"].to_numpy())
        level = (bodies["exits"] + 1.0 / between) / (bodies["expected"] + 1.0 / between)
        half_years = cells.groupby(["body", cells["t"] // HALF_YEAR])[["exits", "expected"]].sum().reset_index()
        own = half_years["expected"] * half_years["body"].map(level)
        return Spread(between, frailty_variance(half_years["exits"].to_numpy(), own.to_numpy()))

    def levels(self, horizon: int, own: History | None = None) -> Array:
        """Give equally likely levels of a body over the months ahead.

        Args:
            horizon: how many months.
            own: what the body has shown so far; nothing by default.

        Returns:
            Multiples of its hazards; shape (nodes,).
        """
        from scipy import stats

        shape = rate = 1.0 / self.between
        if own is not None and own.expected > 0.0:
            discount = 1.0 + self.within * own.expected / own.half_years  # its exits vary by half-year, too
            shape, rate = shape + own.exits / discount, rate + own.expected / discount
        mean, variance = shape / rate, shape / rate**2
        variance += self.within / max(horizon / HALF_YEAR, 1.0) * (variance + mean**2)
        quantiles: Array = stats.gamma.ppf(NODES, mean**2 / variance, scale=variance / mean)
        return quantiles


def frailty_variance(exits: Array, expected: Array) -> float:
    """Give the most likely variance of gamma levels behind counts (negative binomial), under a weak prior.

    Args:
        exits: counts.
        expected: what they would be at a level of 1.
    """
    from scipy import optimize, stats

    counted = expected > NOTHING
    exits, expected = exits[counted], expected[counted]

    def loss(log_variance: float) -> float:
        v = np.exp(log_variance)
        prior = 0.5 * ((log_variance - np.log(TYPICAL_VARIANCE)) / VARIANCE_SPREAD) ** 2
        return float(prior - stats.nbinom.logpmf(exits, 1.0 / v, 1.0 / (1.0 + v * expected)).sum())

    bounds = (np.log(LEAST_VARIANCE), np.log(MOST_VARIANCE))
    return float(np.exp(optimize.minimize_scalar(loss, bounds=bounds, method="bounded").x))


def who_stays(n: int, shares: Array) -> Array:
    """Give the distribution of how many of ``n`` members stay, over equally likely shares that each stays with.

    Returns:
        Probabilities of 0 to n; shape (n + 1,).
    """
    from scipy import stats

    share, often = np.unique(np.clip(shares, 1e-12, 1.0 - 1e-12), return_counts=True)
    p: Array = stats.binom.pmf(np.arange(n + 1)[:, None], n, share[None, :]) @ (often / often.sum())
    p /= p.sum()
    return p
