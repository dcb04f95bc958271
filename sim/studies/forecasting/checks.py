"""What stands beside a forecast: simple rivals, histories that the ensemble makes, what the sampler says of itself."""

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

from sim.core.errors import InputError
from sim.engine.history import replay
from sim.model.arrays import Array
from sim.model.members import Member
from sim.model.scenario import Scenario
from sim.studies.forecasting.sampler import Known, Particles, Sample, prior

WEAK_EXITS, WEAK_MONTHS = 1.0, 100.0
"""Weak prior of a constant hazard (a beta distribution by month): one exit in a hundred member-months."""

NEAREST = 0.025
"""Share of free runs that approximate Bayesian computation takes: those nearest to the history."""

LEAST_ANCESTORS = 20
MOST_APART = 0.05
LEAST_POWER = 0.5
LEAST_P = 0.02
MOST_EVIDENCE = 3.0
"""When a forecast is refused (the first) or warned of: decision 0024."""

WORKED_OUT = (
    "commitment.aspiration", "commitment.update_goodwill", "dated_events.renewal", "membership.decide",
    "membership.enter", "membership.leave", "membership.outlook", "membership.remove_leavers",
)  # fmt: skip
"""Rules that the probability of a history rests on."""


@dataclasses.dataclass(frozen=True)
class Exits:
    """The exits that are known, and the member-months of all members.

    Attributes:
        months: month of each known exit, in the order of members.
        sectors: sector of each.
        exposure: member-months up to now.
    """

    months: NDArray[np.int64]
    sectors: list[str]
    exposure: float


def known_exits(scenario: Scenario) -> Exits:
    """Read the exits up to now from a roster."""
    now, gone = scenario.now, [m for m in scenario.members if m.leaves is not None and m.leaves <= scenario.now]
    exposure = sum(max(min(m.leaves or now, now) - max(m.joins, 0), 0) for m in scenario.members)
    months = np.array([m.leaves for m in gone], dtype=np.int64)
    return Exits(months, [m.sector for m in gone], float(exposure))


def known_later(scenario: Scenario) -> list[int]:
    """Give the months after now in which members who are there now are known to leave."""
    now = scenario.now
    return [m.leaves for m in scenario.members if m.leaves is not None and m.joins < now < m.leaves]


def unclamped(scenario: Scenario) -> Scenario:
    """Let members free: who left by now is not known to, and nobody is known to have stayed."""
    now = scenario.now
    rows = [
        m.model_copy(update={"leaves": None}) if m.leaves is not None and m.leaves <= now else m
        for m in scenario.members
    ]
    return scenario.replace(members=[m.model_dump() for m in rows], now=0)


# --- rules of a user's own --------------------------------------------------------------------------------------------
def refuse_own_exits(known: Known) -> None:
    """Refuse rules of a user's own for what the probability of a history is worked out from, and ones on goodwill."""
    scenario = known.scenario
    own = [f"{file}.{rule}" for file, rules in scenario.rules.replace.items() for rule in rules]
    taken = sorted({*own} & {*WORKED_OUT})
    if taken:
        raise InputError(
            f"rules.replace.{taken[0]}: a forecast works out how likely a history is from the shipped rule; leave this "
            "replacement out, or compare plans without a history (partnership compare)"
        )
    if not (own or scenario.payoffs) or scenario.structure.exit != "threshold":
        return
    drawn = prior(known, 2, np.random.default_rng(0))
    one, other = known.batch(drawn), known.batch(drawn)
    other.state = other.state.replace(goodwill=2.0 * other.state.goodwill, patience=2.0 * other.state.patience)
    for batch in (one, other):
        replay(batch, scenario.now)
    if not np.array_equal(one.state.benefit, other.state.benefit):
        raise InputError(
            f"forecast: {', '.join(filter(None, [scenario.payoffs, *own]))} reads the members' goodwill, which a "
            "forecast integrates out; let it depend on something else"
        )


# --- constant hazard --------------------------------------------------------------------------------------------------
def constant_hazard(exits: Exits, members: int, months: Sequence[int], n: int, seed: int) -> Array:
    """Forecast by one rate for all months, learned from this history: how many stay, shape (months, draws)."""
    rng = np.random.default_rng([seed, 11])
    leaves = rng.beta(*_rate(exits), n)
    return np.stack([rng.binomial(members, (1.0 - leaves) ** h) for h in months]).astype(float)


def evidence_of_constant_hazard(exits: Exits) -> float:
    """Log probability of the history if all members leave at one rate a month, under its weak prior."""
    return float(betaln(*_rate(exits)) - betaln(WEAK_EXITS, WEAK_MONTHS - WEAK_EXITS))


def _rate(exits: Exits) -> tuple[float, float]:
    """Give what is known of the rate: exits, and member-months without one, those of the prior included."""
    n = len(exits.months)
    return WEAK_EXITS + n, WEAK_MONTHS - WEAK_EXITS + exits.exposure - n


# --- free runs --------------------------------------------------------------------------------------------------------
def left_months(known: Known, particles: Particles, months: int) -> tuple[Array, Array]:
    """Run partnerships freely; gives the month in which each member left (0: it did not), and who had joined."""
    left, joined = np.zeros(particles.members.shape), np.zeros(particles.members.shape)
    for part, batch in known.batches(particles):
        n = part.stop - part.start
        for _ in range(months):
            batch.advance()
        left[:, part] = batch.state.left_month[:, :n]
        joined[:, part] = (batch.state.member + batch.state.left)[:, :n]
    return left, joined


def nearest(known: Known, n: int, seed: int) -> Particles:
    """Approximate Bayesian computation: of n free runs, those whose exits by sector and half-year are nearest.

    Args:
        known: the history.
        n: how many free runs.
        seed: selects them.

    Returns:
        The nearest runs, ``NEAREST`` of them, as particles of the partnership let free.
    """
    free = dataclasses.replace(known, scenario=unclamped(known.scenario))
    drawn = prior(free, n, np.random.default_rng([seed, 13]))
    left, _ = left_months(free, drawn, known.scenario.now)
    members = free.scenario.members
    real = _counts(
        np.array([[_real_exit(known.scenario, m)] for m in members], dtype=float), members, known.scenario.now
    )
    counts = _counts(left, members, known.scenario.now)
    distance = (((counts - real) / np.sqrt(1.0 + real)) ** 2).sum(axis=0)
    order = np.argsort(distance, kind="stable")[: max(int(n * NEAREST), 20)]
    return drawn.part(np.sort(order))


def _real_exit(scenario: Scenario, member: Member) -> int:
    leaves = {m.name: m.leaves or 0 for m in scenario.members}[member.name]
    return leaves if leaves <= scenario.now else 0


def _counts(left: Array, members: Sequence[Member], now: int) -> Array:
    """Count exits by sector and half-year: shape (sectors x half-years, runs)."""
    sectors = sorted({m.sector for m in members})
    own = np.array([sectors.index(m.sector) for m in members])
    halves = np.where(left > 0, (left - 1) // 6, -1)
    return np.stack([
        ((halves == half) & (own == k)[:, None]).sum(axis=0)
        for k in range(len(sectors))
        for half in range(-(-now // 6))
    ]).astype(float)  # fmt: skip


def predictive(known: Known, particles: Particles, exits: Exits) -> dict[str, tuple[float, float, float]]:
    """Compare the history with what the ensemble makes when it runs freely on the same draws.

    Returns:
        For each statistic: the history's own value, the mean of those, and the two-sided probability of
        one at least as far out (ties count half).
    """
    free = dataclasses.replace(known, scenario=unclamped(known.scenario))
    left, _ = left_months(free, particles, known.scenario.now)
    real = np.where(exits.months > 0, exits.months, 0).astype(float)[:, None]
    result = {}
    for name, statistic in STATISTICS.items():
        own, others = float(statistic(real, known.scenario.now)[0]), statistic(left, known.scenario.now)
        valid = others[np.isfinite(others)]
        if not np.isfinite(own) or not len(valid):
            continue
        below = (valid < own).mean() + 0.5 * (valid == own).mean()
        result[name] = (own, float(valid.mean()), float(min(2.0 * min(below, 1.0 - below), 1.0)))
    return result


def _number(left: Array, now: int) -> Array:
    n: Array = np.add.reduce(left > 0, axis=0, dtype=float)
    return n


def _when(left: Array, now: int) -> Array:
    """Return the mean month of the exits; NaN where there are none."""
    n = (left > 0).sum(axis=0)
    return np.where(n > 0, left.sum(axis=0) / np.maximum(n, 1), np.nan)


def _most(left: Array, now: int, months: int = 1) -> Array:
    within = [((left >= m) & (left < m + months)).sum(axis=0) for m in range(1, max(now + 2 - months, 2))]
    most: Array = np.max(np.stack(within), axis=0) * 1.0
    return most


STATISTICS: dict[str, Callable[[Array, int], Array]] = {
    "exits so far": _number,
    "mean month of exits": _when,
    "most exits in one month": _most,
    "most exits in three months": partial(_most, months=3),
}
"""What a history is compared in."""


# --- what the sampler says of itself ----------------------------------------------------------------------------------
def ancestors(samples: Sequence[Sample]) -> int:
    """Count the draws of the prior from which the ensemble descends."""
    return sum(len(np.unique(s.particles.ancestor)) for s in samples)
