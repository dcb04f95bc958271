"""The model's forecast of a list: its own members simulated, conditioned on what the list shows so far.

At an origin the model gets the members that the list has shown until then: their sectors and months of joining. Later
on members join as in the year before. Each parameter set of the region is run some times. The runs differ in how many
leave, by parameters, by the match that all members share and by what happens to all of them; so each run has a level:
its exits over those that the mean hazards of all runs make expected, member by member. The level over the months ahead
is regressed on the levels so far, over the runs, and moved to what the list itself shows (regression-adjusted
approximate Bayesian computation; Beaumont, Zhang & Balding 2002).
"""

import dataclasses
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.engine.batch import Batch
from sim.engine.simulate import CELLS
from sim.model.scenario import Scenario
from sim.model.sectors import SECTORS
from sim.studies.forecast_scores.baselines import shares_that_stay
from sim.studies.forecast_scores.bodies import YEAR, Array, Body
from sim.studies.forecast_scores.spread import who_stays
from sim.studies.validation.lists import MemberList, roster_of

SEEDS_APART = 1_000_000
"""How far apart the seeds of two bodies begin."""

PULL = 20.0
"""Runs with which the hazard of all pulls that of members of one sector that joined in one month."""

RIDGE = 5.0
"""Penalty on the slopes of the regression, in units of one run."""

FEWEST = 16
"""Fewest runs to regress over; with fewer the level so far does not move the level ahead."""

MOST_A_MONTH = 0.9


@dataclasses.dataclass(frozen=True)
class Ensemble:
    """Simulated lists of one body. Months are counted from the start of its window.

    Attributes:
        sector: index of each simulated member; shape (slots,).
        joins: month of joining; 0 or before for those of the first snapshot; shape (slots,).
        leaves: month of leaving, infinite for who stays; shape (slots, runs).
        hazard: mean probability over runs of leaving in a month, for each slot; shape (slots, months).
    """

    sector: NDArray[np.int64]
    joins: Array
    leaves: Array
    hazard: Array

    @property
    def months(self) -> int:
        """How long the lists are simulated."""
        return len(self.hazard[0])

    def listed(self, month: int) -> NDArray[np.bool_]:
        """Tell who is listed in a month; shape (slots, runs)."""
        return (np.maximum(self.joins, 0.0)[:, None] <= month) & (self.leaves > month)

    def only(self, slots: NDArray[np.bool_]) -> "Ensemble":
        """Keep some of the slots."""
        return Ensemble(self.sector[slots], self.joins[slots], self.leaves[slots], self.hazard[slots])

    def hazard_of(self, body: Body) -> Array:
        """Give real members the hazards of the simulated ones of their sector and month of joining.

        Returns:
            Shape (spells, months).
        """
        rows = {key: k for k, key in enumerate(_keys(self.sector, self.joins))}
        first = self.joins <= 0.0
        mean = self.hazard[first if first.any() else slice(None)].mean(axis=0)
        wanted = _keys(body.sector, _joins(body))
        return np.array([self.hazard[rows[key]] if key in rows else mean for key in wanted])


def simulate_ensemble(
    body: Body, origin: int, horizon: int, scenario: Scenario, sets: Mapping[str, Array], replications: int
) -> Ensemble:
    """Simulate a body's members from before its window until some months after the origin.

    Args:
        body: the body; only what it shows until the origin is read.
        origin: a month of its window.
        horizon: months after the origin.
        scenario: the rules.
        sets: parameter sets: dotted path -> one number per set.
        replications: runs of each.
    """
    real = known_at(body, origin, horizon)
    roster, before = roster_of(real)
    slots, n_first = len(roster.joins), int((roster.joins <= 0).sum())
    sized = scenario.replace(**{"size.partners": n_first, "size.candidates": slots - n_first})
    columns = {path: np.repeat(values, replications) for path, values in sets.items()}
    n_runs = len(next(iter(columns.values())))
    first_seed = SEEDS_APART * (1 + zlib.crc32(body.name.encode()) % 1000)
    size, parts = max(2, CELLS // slots), []
    for a in range(0, n_runs, size):
        seeds = range(first_seed + a, first_seed + min(a + size, n_runs))
        own = {path: values[a : a + size] for path, values in columns.items()}
        batch = Batch(sized, list(seeds), "neutral", own, False, roster=roster)
        for _ in range(before + real.months):
            batch.advance()
        left, month = batch.state.left[:, : batch.n_runs], batch.state.left_month[:, : batch.n_runs]
        parts.append(np.where(left > 0.0, month - before, np.inf))
    joins, leaves = (roster.joins - before).astype(float), np.concatenate(parts, axis=1)
    return Ensemble(roster.sector, joins, leaves, _mean_hazards(roster.sector, joins, leaves, real.months))


def known_at(body: Body, origin: int, horizon: int) -> MemberList:
    """Give the members that a list has shown until an origin, and after it as many entries as in the year before."""
    joins = _joins(body)
    at, known = origin - body.start, body.first <= origin
    recent = known & (joins > max(at - YEAR, 0))
    years = range(YEAR, horizon + YEAR, YEAR)
    sector = np.concatenate([body.sector[known], *(body.sector[recent] for _ in years)])
    joins = np.concatenate([joins[known], *(joins[recent] + later for later in years)])
    order = np.argsort(joins, kind="stable")
    order = order[joins[order] <= at + horizon]
    return MemberList(
        body.name,
        sector[order],
        joins[order] <= 0.0,
        joins[order],
        np.full(len(order), np.inf),
        at + horizon,
        body.start % YEAR + 1,
    )


def forecast(
    simulated: Ensemble, body: Body, origin: int, horizons: Sequence[int], private: bool | None = None
) -> dict[int, Array]:
    """Forecast how many of the members listed at the origin are still there later on.

    Args:
        simulated: the body's ensemble for this origin.
        body: the body; only what it shows until the origin is read.
        origin: the month.
        horizons: how many months later.
        private: firms alone, or all but firms; everybody by default.

    Returns:
        Horizon -> probabilities that 0 to all of them stay.
    """
    body = body.only(body.first <= origin)
    if private is not None:
        body = body.only(body.private == private)
        simulated = simulated.only((simulated.sector == SECTORS.index("private")) == private)
    at, hazard = origin - body.start, simulated.hazard_of(body)
    here = body.listed(origin)
    n = int(here.sum())
    since = np.maximum(body.first - body.start, 0.0)[:, None]
    gone = np.where(body.gone <= origin, body.gone - body.start, np.inf)[:, None]  # later months are not known
    windows = [(0, at), (max(at - YEAR, 0), at)]
    so_far = np.array([_level(hazard, since, gone, a, b)[0] for a, b in windows])
    since = np.maximum(simulated.joins, 0.0)[:, None]
    of_runs = np.stack([_level(simulated.hazard, since, simulated.leaves, a, b) for a, b in windows])
    there = simulated.listed(at)
    used = there.any(axis=0)
    result = {}
    for h in horizons:
        ahead = _level_of_stayers(simulated, there, at, h)[used]
        levels = np.exp(regression_adjusted(ahead, of_runs[:, used], so_far))
        total = -np.log1p(-np.minimum(hazard[here, at : at + h], MOST_A_MONTH)).sum(axis=1)
        result[h] = who_stays(n, shares_that_stay(levels, total))
    return result


def regression_adjusted(ahead: Array, of_runs: Array, observed: Array) -> Array:
    """Move what runs gave to what is observed: a ridge regression, whose residuals stay.

    Args:
        ahead: what is to be known, of each run; shape (runs,).
        of_runs: summaries of each run; shape (summaries, runs).
        observed: the same of the real thing; shape (summaries,).

    Returns:
        Equally likely values; shape (runs,); as they are where there are too few runs.
    """
    if len(ahead) < FEWEST:
        return ahead
    x = np.column_stack([np.ones(len(ahead)), of_runs.T])
    penalty = np.diag([0.0, *np.full(len(observed), RIDGE)])
    slopes = np.linalg.solve(x.T @ x + penalty, x.T @ ahead)
    moved: Array = ahead + (observed - of_runs.T) @ slopes[1:]
    return moved


def _level(hazard: Array, since: Array, gone: Array, a: int, b: int) -> Array:
    """Give the log of exits over expected ones from month ``a`` to ``b``, for each run (a column of ``gone``)."""
    total = np.concatenate([np.zeros((len(hazard), 1)), np.cumsum(hazard, axis=1)], axis=1)
    low = np.clip(since, a, b)
    high = np.clip(np.ceil(gone), low, b)
    rows = np.arange(len(hazard))[:, None]
    expected = (total[rows, high.astype(int)] - total[rows, np.broadcast_to(low, high.shape).astype(int)]).sum(axis=0)
    exits = ((gone > np.maximum(since, a)) & (gone <= b)).sum(axis=0)
    level: Array = np.log((exits + 1.0) / (expected + 1.0))
    return level


def _level_of_stayers(simulated: Ensemble, there: NDArray[np.bool_], at: int, horizon: int) -> Array:
    """Give the log of the level at which the members of each run leave over the months ahead."""
    n = there.sum(axis=0)
    stay = (there & (simulated.leaves > at + horizon)).sum(axis=0)
    expected = (there * simulated.hazard[:, at : at + horizon].sum(axis=1)[:, None]).sum(axis=0)
    hazard = -np.log((stay + 0.5) / (n + 1.0)) * n
    level: Array = np.log((hazard + 0.25) / (expected + 0.25))
    return level


def _mean_hazards(sector: NDArray[np.int64], joins: Array, leaves: Array, months: int) -> Array:
    """Give members of one sector that joined in one month the share of them, over runs, that leaves in each month."""
    since = np.maximum(joins, 0.0)
    at_risk, exits = np.zeros((2, len(joins), months))
    for t in range(months):
        here = (since[:, None] <= t) & (leaves > t)
        at_risk[:, t], exits[:, t] = here.sum(axis=1), (here & (leaves <= t + 1)).sum(axis=1)
    of_all = exits.sum(axis=0) / np.maximum(at_risk.sum(axis=0), 1.0)
    keys = _keys(sector, joins)
    numbers = {key: k for k, key in enumerate(dict.fromkeys(keys))}
    group = np.array([numbers[key] for key in keys])
    sums = np.zeros((2, len(numbers), months))
    np.add.at(sums[0], group, exits)
    np.add.at(sums[1], group, at_risk)
    hazards: Array = ((sums[0] + PULL * of_all) / (sums[1] + PULL))[group]
    return hazards


def _keys(sector: NDArray[np.int64], joins: Array) -> list[tuple[int, int]]:
    """Name groups of members that are alike: sector and month of joining; those of the first snapshot together."""
    return [(int(s), int(j)) for s, j in zip(sector, np.maximum(joins, 0.0), strict=True)]


def _joins(body: Body) -> Array:
    """Give months of joining after the start of the window; 0 for those of the first snapshot."""
    founder = body.founder if body.founder.any() else body.first <= body.first.min()
    return np.where(founder, 0.0, np.maximum(body.first - body.start, 1.0))
