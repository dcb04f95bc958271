"""What a search is after: objectives to improve, and constraints to keep, each of one outcome, here or over the region.

An objective or a constraint is over the seeds of the scenario's own parameters, or over the parameter sets of the
plausible region (states of the world). Over the region an objective is the mean (``expected``), the largest regret
(``worst_regret``; Savage 1951) or the share of parameter sets in which a limit is kept (``satisficing``; Starr 1963).
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.errors import InputError, near

OVER = {"": "", "expected": "expected", "worst_regret": "worst regret in", "satisficing": "share with"}
"""What an objective may be over, with how its column begins."""

KEPT = {"": "", "expected": "expected", "worst": "worst"}
"""What a constraint may be over: the seeds, the mean of the region, or each parameter set of the region."""

Numbers = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Limit:
    """A limit of an outcome: at least or at most a number; ``per_month`` divides the outcome by the months first."""

    outcome: str
    most: bool
    number: float
    per_month: bool = False
    over: str = ""

    @property
    def name(self) -> str:
        """Its column in tables."""
        start = f"{KEPT.get(self.over, '')} " if KEPT.get(self.over) else ""
        return f"{start}{self.outcome}{' a month' if self.per_month else ''}"

    @property
    def text(self) -> str:
        """The limit in words."""
        return f"{self.name} {'at most' if self.most else 'at least'} {self.number:g}"

    def excess(self, values: Numbers) -> Numbers:
        """Give by how much values break the limit: 0 or below where it is kept."""
        result: Numbers = values - self.number if self.most else self.number - values
        return result


@dataclasses.dataclass(frozen=True)
class Objective:
    """An outcome to improve: over the seeds, or over the plausible region."""

    outcome: str
    better: str
    over: str = ""
    limit: Limit | None = None

    @property
    def name(self) -> str:
        """Its column in tables: that of the outcome itself where it is over the seeds."""
        if self.limit is not None:
            return f"{OVER[self.over]} {self.limit.text}"
        return f"{OVER[self.over]} {self.outcome}".strip()

    @property
    def direction(self) -> str:
        """Whether more or less of the column is better."""
        return {"worst_regret": "less", "satisficing": "more"}.get(self.over, self.better)


@dataclasses.dataclass(frozen=True)
class Goals:
    """The objectives and constraints of a search, and what has to be measured for them.

    A measurement is a list of numbers: the mean of each outcome over the seeds, then, if anything is over the region,
    the mean of each outcome in each of its parameter sets.
    """

    objectives: tuple[Objective, ...]
    constraints: tuple[Limit, ...]
    months: int

    @property
    def outcomes(self) -> list[str]:
        """The outcomes to measure, each once."""
        names = [goal.outcome for goal in self.objectives], [limit.outcome for limit in self.constraints]
        return list(dict.fromkeys(names[0] + names[1]))

    @property
    def robust(self) -> bool:
        """Whether anything is over the region."""
        return any(goal.over for goal in self.objectives) or any(limit.over for limit in self.constraints)

    @property
    def directions(self) -> dict[str, str]:
        """For each objective's column, whether more or less is better."""
        return {goal.name: goal.direction for goal in self.objectives}

    def score(
        self, measured: Sequence[Sequence[float]], others: Sequence[Sequence[float]] = ()
    ) -> tuple[Numbers, Numbers]:
        """Turn measurements into objectives and constraints.

        Args:
            measured: a measurement per policy.
            others: measurements of policies that count for the best in a parameter set, but are not scored.

        Returns:
            A row per policy: its objectives, and the values that the constraints limit. Regret is to the best of all
            measurements in the same parameter set.
        """
        n = len(self.outcomes)
        values = np.array([*measured, *others], dtype=float).reshape(len(measured) + len(others), -1)
        here, sets = values[:, :n], values[:, n:].reshape(len(values), n, -1)
        objectives = [self._objective(goal, here, sets) for goal in self.objectives]
        limits = [self._limited(limit, here, sets) for limit in self.constraints]
        rows = len(measured)
        none = np.empty((rows, 0))
        return (
            np.column_stack([column[:rows] for column in objectives]) if objectives else none,
            np.column_stack([column[:rows] for column in limits]) if limits else none,
        )

    def excess(self, limited: Numbers) -> Numbers:
        """Give by how much each constraint is broken, shape (policies, constraints): at most 0 where it is kept."""
        columns = [limit.excess(limited[:, k]) for k, limit in enumerate(self.constraints)]
        return np.column_stack(columns) if columns else np.empty((len(limited), 0))

    def _objective(self, goal: Objective, here: Numbers, sets: Numbers) -> Numbers:
        k = self.outcomes.index(goal.outcome)
        if goal.limit is not None:
            keeps = goal.limit.excess(sets[:, k] / (self.months if goal.limit.per_month else 1)) <= 0.0
            share: Numbers = np.where(np.isnan(sets[:, k]).any(axis=1), np.nan, keeps.mean(axis=1))
            return share
        if goal.over == "worst_regret":
            known = sets[:, k][~np.isnan(sets[:, k]).any(axis=1)]
            if not len(known):
                return np.full(len(sets), np.nan)
            lost = sets[:, k] - known.min(axis=0) if goal.better == "less" else known.max(axis=0) - sets[:, k]
            worst: Numbers = lost.max(axis=1)
            return worst
        result: Numbers = sets[:, k].mean(axis=1) if goal.over == "expected" else here[:, k]
        return result

    def _limited(self, limit: Limit, here: Numbers, sets: Numbers) -> Numbers:
        k, scale = self.outcomes.index(limit.outcome), self.months if limit.per_month else 1
        if limit.over == "worst":
            result: Numbers = (sets[:, k].max(axis=1) if limit.most else sets[:, k].min(axis=1)) / scale
            return result
        return (sets[:, k].mean(axis=1) if limit.over else here[:, k]) / scale


def objective_of(entry: Any, better: Mapping[str, str]) -> Objective:
    """Read an objective: the name of an outcome, or a mapping.

    Args:
        entry: ``retention_60``, ``{outcome: retention_60, over: worst_regret}`` or
            ``{outcome: retention_60, over: satisficing, at_least: 0.5}``.
        better: for each outcome whether more or less of it is better; "" where neither is.

    Raises:
        InputError: for what cannot be read.
    """
    stated = {"outcome": entry} if isinstance(entry, str) else dict(entry)
    outcome, over = _outcome(stated, better, "objectives"), stated.get("over", "")
    if over not in OVER:
        raise InputError(f"objectives: over = {over!r}: {near(str(over), [o for o in OVER if o])}")
    limited = {"at_least", "at_most", "per"} & stated.keys()
    if over == "satisficing":
        return Objective(outcome, "more", over, _limit({**stated, "over": ""}, outcome, "objectives"))
    if limited:
        raise InputError(f"objectives: {outcome}: {min(limited)} belongs to over: satisficing, or to constraints")
    _refuse_others(stated, ("outcome", "over"), "objectives")
    if not better[outcome]:
        raise InputError(f"objectives: of {outcome} neither more nor less is better; choose another outcome")
    return Objective(outcome, better[outcome], over)


def constraint_of(entry: Any, better: Mapping[str, str]) -> Limit:
    """Read a constraint: ``{outcome: effort_spent, at_most: 6, per: month}``, over the seeds or the region.

    Args:
        entry: a mapping with an outcome, ``at_least`` or ``at_most``, and perhaps ``per: month`` and ``over``
            (``expected``: on average over the region; ``worst``: in each parameter set of it).
        better: the known outcomes.

    Raises:
        InputError: for what cannot be read.
    """
    if not isinstance(entry, Mapping):
        raise InputError(f"constraints: {entry!r}: give {{outcome: retention_60, at_least: 0.5}}")
    over = entry.get("over", "")
    if over not in KEPT:
        raise InputError(f"constraints: over = {over!r}: {near(str(over), [o for o in KEPT if o])}")
    return _limit(entry, _outcome(entry, better, "constraints"), "constraints")


def _outcome(stated: Mapping[str, Any], better: Mapping[str, str], option: str) -> str:
    name = stated.get("outcome")
    if not isinstance(name, str) or name not in better:
        raise InputError(f"{option}: there is no outcome '{name}'; {near(str(name), better)}")
    return name


def _limit(stated: Mapping[str, Any], outcome: str, option: str) -> Limit:
    _refuse_others(stated, ("outcome", "over", "at_least", "at_most", "per"), option)
    both = [key for key in ("at_least", "at_most") if key in stated]
    if len(both) != 1:
        raise InputError(f"{option}: {outcome}: give at_least or at_most, one of the two")
    number = stated[both[0]]
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not np.isfinite(number):
        raise InputError(f"{option}: {outcome}: {both[0]} = {number!r}: give a number")
    if stated.get("per", "month") != "month":
        raise InputError(f"{option}: {outcome}: per = {stated['per']!r}: give per: month, or leave it out")
    return Limit(outcome, both[0] == "at_most", float(number), "per" in stated, stated.get("over", ""))


def _refuse_others(stated: Mapping[str, Any], known: Sequence[str], option: str) -> None:
    other = [key for key in stated if key not in known]
    if other:
        raise InputError(f"{option}: {other[0]}: {near(str(other[0]), known)}")
