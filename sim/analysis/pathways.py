"""Tipping points and triggers: when an action stops meeting a target, and whether a trigger fires in time.

A tipping point is the month in which an action no longer meets its target (Kwadijk et al. 2010). A trigger is a value
of something seen at which one switches to another action (Haasnoot et al. 2013, dynamic adaptive policy pathways).
Arrays are (months, runs); months count from 1, and never is infinity.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.model.policies.conditions import RELATIONS

PERSISTENT = 3
"""Months in a row, or all until the end, in which a target is missed before an action counts as failed."""

RIGHTLY, LATE, FOR_NOTHING, QUIET = "rightly", "too late or never", "for nothing", "not needed"
"""What a trigger does in a run: where the action fails it fires in time or not; elsewhere it fires or not."""

THRESHOLDS = 15
"""Most thresholds that are tried of each quantity."""

MOST_COUNTED = 100
"""Most different values of a quantity that is counted, such as exits, of which all are tried."""

WINDOWS = (12, 18, 24, 36, 48)
"""Months until which a trigger may be limited."""

Months = NDArray[np.float64]


def tipping_months(missed: NDArray[np.bool_], first: int = 1) -> Months:
    """Give the month from which on each run misses its target for ``PERSISTENT`` months, or all that are left.

    Args:
        missed: whether the target is missed, shape (months, runs).
        first: the first month that counts.
    """
    months, n = missed.shape
    later = np.vstack([missed, np.ones((PERSISTENT - 1, n), dtype=bool)])
    lasting = np.all([later[k : k + months] for k in range(PERSISTENT)], axis=0)
    lasting[: first - 1] = False
    return first_months(lasting)


def first_months(holds: NDArray[np.bool_]) -> Months:
    """Give the first month in which something holds in each run; infinity for never."""
    months: Months = np.where(holds.any(axis=0), holds.argmax(axis=0) + 1.0, np.inf)
    return months


def timing(tips: Months, fired: Months, lead: int) -> NDArray[np.str_]:
    """Sort runs by what a trigger does in them.

    Args:
        tips: the month in which the action fails, per run.
        fired: the month in which the trigger fires.
        lead: months before the tipping point by which a switch has to be made.

    Returns:
        ``RIGHTLY``, ``LATE``, ``FOR_NOTHING`` or ``QUIET`` per run.
    """
    fails, fires = np.isfinite(tips), np.isfinite(fired)
    early = fired <= np.where(fails, tips, np.inf) - lead
    return np.where(fails, np.where(fires & early, RIGHTLY, LATE), np.where(fires, FOR_NOTHING, QUIET))


@dataclasses.dataclass(frozen=True)
class Signpost:
    """A condition on one quantity that is seen, perhaps up to a month: when it holds, it is time to switch."""

    quantity: str
    relation: str
    number: float
    until: int | None = None

    @property
    def condition(self) -> str:
        """The condition as a plan's trigger takes it."""
        window = "" if self.until is None else f" and month <= {self.until}"
        return f"{self.quantity} {self.relation} {_number(self.number)}{window}"

    def fired(self, seen: Mapping[str, NDArray[np.float64]]) -> Months:
        """Give the month in which it first holds in each run, from what is seen of each quantity."""
        holds = RELATIONS[self.relation](seen[self.quantity], self.number)
        return first_months(holds if self.until is None else holds & (np.arange(len(holds)) < self.until)[:, None])


def best_signposts(seen: Mapping[str, NDArray[np.float64]], tips: Months, lead: int) -> list[Signpost]:
    """Choose, for each quantity that is seen, the trigger that tells runs apart best.

    The share of failing runs in which it fires in time, less the share of the others in which it fires for nothing
    (Youden 1950), is the largest; of equal ones the plainest, and then the one that waits longest. Where the action
    fails in every run, only when it does remains to be told.

    Args:
        seen: what is seen of each quantity at the start of each month, shape (months, runs).
        tips: when the action fails in each run.
        lead: months before that by which a switch has to be made.

    Returns:
        A signpost for each quantity of which one is better than none, the best first.
    """
    fails = np.isfinite(tips)
    if not fails.any():
        return []
    chosen: list[tuple[float, float, Signpost]] = []
    for quantity, values in seen.items():
        best: tuple[tuple[float, int, float], Signpost] | None = None
        for post in _tried(quantity, values):
            fired = post.fired(seen)
            value = skill(tips, fired, lead)
            waits = float(np.median(np.minimum(fired, len(values) + 1.0)))
            rank = (round(value, 6), -(post.until is not None), waits)
            if waits > 1.0 and (best is None or rank > best[0]):  # what holds from the start announces nothing
                best = rank, post
        if best is not None and best[0][0] > 0.0:
            chosen.append((best[0][0], best[0][2], best[1]))
    return [post for _, _, post in sorted(chosen, key=lambda one: one[:2], reverse=True)]


def skill(tips: Months, fired: Months, lead: int) -> float:
    """Give the share of failing runs in which a trigger fires in time, less that of the others in which it fires."""
    fails, kinds = np.isfinite(tips), timing(tips, fired, lead)
    hits, false = kinds[fails] == RIGHTLY, kinds[~fails] == FOR_NOTHING
    return float(hits.mean() if hits.size else 0.0) - float(false.mean() if false.size else 0.0)


def _tried(quantity: str, values: NDArray[np.float64]) -> list[Signpost]:
    """List the triggers to try of one quantity: thresholds between its lowest and highest values, and windows."""
    months = len(values)
    if quantity == "month":
        return [Signpost(quantity, ">=", float(month)) for month in range(2, months + 1)]
    posts = []
    for relation, extremes in ((">=", values.max(axis=0)), ("<=", values.min(axis=0))):
        for number in _thresholds(values, extremes):
            windows: Sequence[int | None] = (None, *(w for w in WINDOWS if w < months))
            posts += [Signpost(quantity, relation, number, until) for until in windows]
    return posts


def _thresholds(values: NDArray[np.float64], extremes: NDArray[np.float64]) -> list[float]:
    """List all values of counts; else quantiles of what runs reach and of all that is seen, to two digits."""
    distinct = np.unique(values)
    if len(distinct) <= MOST_COUNTED and (distinct == np.round(distinct)).all():
        return [float(value) for value in distinct]
    known = np.concatenate([extremes, np.quantile(values, np.linspace(0.05, 0.95, 7))])
    listed = np.quantile(known, np.linspace(0.02, 0.98, THRESHOLDS))
    return sorted({float(f"{v:.2g}") for v in listed})


def _number(value: float) -> str:
    """Write a number as a condition takes it, without an exponent."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
