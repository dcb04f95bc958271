"""Forecasts without a model of why members leave: the baselines that a forecast has to beat.

A hazard by what is known of a member, fitted to the other bodies until the origin: constant; by months of membership
(Kaplan & Meier 1958); or piecewise by months of membership, January and sector. With it a level of the body, alone or
from its own exits so far.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.studies.forecast_scores.bodies import YEAR, Array, Body
from sim.studies.forecast_scores.spread import HALF_YEAR, History, Spread, who_stays

if TYPE_CHECKING:
    import pandas as pd

NAMES = {
    "constant": "constant hazard of the others, no spread",
    "constant_body": "constant hazard of the body, shrunk",
    "tenure": "by tenure of the others (Kaplan-Meier)",
    "tenure_body": "by tenure, at the body's level",
    "piecewise": "by tenure, January and sector",
    "piecewise_body": "tenure, January, sector; the body's level",
    "mixture": "mixture of body, tenure and piecewise",
}
"""Baselines, and what each is."""

PRIOR_HAZARD, PRIOR_MONTHS = 0.01, 100.0
"""Weak prior of a hazard: one exit in 100 member-months."""

EDGES = np.array([0, 3, 11, 15, 23, 27, 35, 39, 60, 10_000])
"""Classes of tenure (months): renewals at 12, 24, 36."""

UNKNOWN = len(EDGES) - 1
"""The class of members whose tenure nobody knows."""

LONGEST, OLD, LAST_OWN = 120, 36, 73
"""Months of tenure that are told apart; from ``LAST_OWN`` on all have the hazard of ``OLD`` and more."""

PULL = 100.0
"""Member-months with which the hazard of all pulls that of a month of tenure."""

RIDGE, RIDGE_OF_LEVEL = 1.0, 0.01
MOST_A_MONTH = 0.9
"""Greatest probability of leaving in a month."""

Integers = NDArray[np.int64]


class Hazard(Protocol):
    """The probability of leaving in a month, by what is known of a member."""

    def of(self, tenure: Integers, month: Integers, private: NDArray[np.bool_]) -> Array:
        """Give it for members: months of membership (-1: unknown), the month, and whether each is a firm."""


def risk_table(bodies: Sequence[Body]) -> "pd.DataFrame":
    """Count member-months and exits, with a row per body, month ``t``, ``tenure`` (-1: unknown) and ``private``.

    Returns:
        Also ``n`` (members listed at the start of the month) and ``exits`` (of them, not listed a month later).
    """
    import pandas as pd

    rows = []
    for body in bodies:
        for t in range(body.start, body.end):
            at = body.listed(t)
            rows.append(
                pd.DataFrame({
                    "body": body.name, "t": t, "tenure": body.tenure(t)[at], "private": body.private[at],
                    "exits": body.gone[at] <= t + 1,
                })
            )  # fmt: skip
    cells = pd.concat(rows).groupby(["body", "t", "tenure", "private"])["exits"].agg(n="size", exits="sum")
    return cells.reset_index()


class Constant:
    """One hazard for all."""

    def __init__(self, cells: "pd.DataFrame") -> None:
        self.rate = _rate(cells)

    def of(self, tenure: Integers, month: Integers, private: NDArray[np.bool_]) -> Array:
        """Give the hazard."""
        return np.full(len(tenure), self.rate)


class ByTenure:
    """A life table with delayed entry: a hazard for each month of membership, pulled to that of all."""

    def __init__(self, cells: "pd.DataFrame") -> None:
        rate, by = _rate(cells), cells.groupby("tenure")[["n", "exits"]].sum()

        def pulled(rows: "pd.DataFrame") -> float:
            return float((rows["exits"].sum() + PULL * rate) / (rows["n"].sum() + PULL))

        known = by[by.index >= 0].reindex(range(LONGEST + 1), fill_value=0)
        self.by = ((known["exits"] + PULL * rate) / (known["n"] + PULL)).to_numpy(copy=True)
        self.by[LAST_OWN:] = pulled(by[by.index >= OLD])
        self.unknown = pulled(by[by.index == -1])

    def of(self, tenure: Integers, month: Integers, private: NDArray[np.bool_]) -> Array:
        """Give the hazard."""
        return np.where(tenure < 0, self.unknown, self.by[np.clip(tenure, 0, LONGEST)])


class Piecewise:
    """Poisson regression on the class of tenure, January and sector, with a ridge toward the hazard of all."""

    def __init__(self, cells: "pd.DataFrame") -> None:
        self.rate = _rate(cells)
        keys = [_class(cells["tenure"].to_numpy()), (cells["t"] % YEAR == 0).to_numpy(), cells["private"].to_numpy()]
        grouped = cells.groupby(keys)[["n", "exits"]].sum().reset_index()
        x = _design(*(grouped[f"level_{k}"].to_numpy() for k in range(3)))
        n, exits = grouped["n"].to_numpy(dtype=float), grouped["exits"].to_numpy(dtype=float)
        penalty = np.r_[RIDGE_OF_LEVEL, np.full(x.shape[1] - 1, RIDGE)]
        self.beta = np.zeros(x.shape[1])
        for _ in range(50):  # Newton's steps, at most one unit each
            mean = n * self.rate * np.exp(x @ self.beta)
            curvature = x.T @ (mean[:, None] * x) + np.diag(penalty)
            step = np.linalg.solve(curvature, x.T @ (exits - mean) - penalty * self.beta)
            self.beta = self.beta + np.clip(step, -1.0, 1.0)
            if np.abs(step).max() < 1e-8:
                break

    def of(self, tenure: Integers, month: Integers, private: NDArray[np.bool_]) -> Array:
        """Give the hazard."""
        hazards: Array = self.rate * np.exp(_design(_class(tenure), month % YEAR == 0, private) @ self.beta)
        return hazards


def baseline_forecasts(
    others: "pd.DataFrame", own: "pd.DataFrame", members: Body, origin: int, horizons: Sequence[int]
) -> Mapping[tuple[str, int], Array]:
    """Forecast how many of some members are still listed later on.

    Args:
        others: ``risk_table`` of other bodies, of months before the origin.
        own: that of the body itself, of months before the origin.
        members: those listed at the origin.
        origin: the month in which they are.
        horizons: how many months later.

    Returns:
        (baseline, horizon) -> probabilities that 0 to all of them stay.
    """
    n = len(members.sector)
    tenure = members.tenure(origin)
    result: dict[tuple[str, int], Array] = {}
    kinds: tuple[tuple[Hazard, str, str], ...] = (
        (Constant(others), "constant", "constant_body"),
        (ByTenure(others), "tenure", "tenure_body"),
        (Piecewise(others), "piecewise", "piecewise_body"),
    )
    for hazard, plain, at_its_level in kinds:
        spread = Spread.estimated(_with_expected(others, hazard))
        history = history_of(_with_expected(own, hazard))
        ahead = np.array([
            hazard.of(np.where(tenure < 0, -1, tenure + k), np.full(n, origin + k), members.private)
            for k in range(max(horizons))
        ])  # fmt: skip
        total = np.cumsum(-np.log1p(-np.minimum(ahead, MOST_A_MONTH)), axis=0)
        for h in horizons:
            levels = np.ones(1) if plain == "constant" else spread.levels(h)
            result[plain, h] = who_stays(n, shares_that_stay(levels, total[h - 1]))
            result[at_its_level, h] = who_stays(n, shares_that_stay(spread.levels(h, history), total[h - 1]))
    for h in horizons:
        result["mixture", h] = (result["constant_body", h] + result["tenure", h] + result["piecewise", h]) / 3.0
    return result


def history_of(cells: "pd.DataFrame") -> History | None:
    """Sum up what a body has shown: a row per cell with ``t``, ``exits`` and ``expected``."""
    if cells.empty:
        return None
    half_years = max(cells["t"].nunique() / HALF_YEAR, 1.0)
    return History(float(cells["exits"].sum()), float(cells["expected"].sum()), half_years)


def shares_that_stay(levels: Array, hazards: Array) -> Array:
    """Give the mean probability of staying at each level; ``hazards`` are cumulated, one per member."""
    shares: Array = np.exp(-np.multiply.outer(levels, hazards)).mean(axis=1)
    return shares


def _with_expected(cells: "pd.DataFrame", hazard: Hazard) -> "pd.DataFrame":
    tenure, month, private = (cells[name].to_numpy() for name in ("tenure", "t", "private"))
    return cells.assign(expected=cells["n"] * hazard.of(tenure, month, private))


def _rate(cells: "pd.DataFrame") -> float:
    return float((cells["exits"].sum() + PRIOR_HAZARD * PRIOR_MONTHS) / (cells["n"].sum() + PRIOR_MONTHS))


def _class(tenure: Integers) -> Integers:
    classes: Integers = np.where(tenure < 0, UNKNOWN, np.searchsorted(EDGES, np.maximum(tenure, 0), side="right") - 1)
    return classes


def _design(classes: Integers, january: NDArray[np.bool_], private: NDArray[np.bool_]) -> Array:
    return np.column_stack([np.ones(len(classes)), np.eye(UNKNOWN + 1)[classes], january, private]).astype(float)
