"""A roster: the members of a partnership by name, as far as they are known; what is not is drawn from their sector."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.declare import Declared, param
from sim.core.errors import near
from sim.model.arrays import Array, any_nonzero, flag

ROSTER = "roster"
"""Source of what a roster says."""

LONGEST_NAME = 80
"""Longest name of a member, in characters."""


def _known(unit: str, doc: str, low: float, high: float) -> Any:
    return param(None, unit=unit, low=low, high=high, source=ROSTER, structural=True, doc=f"{doc}; drawn by default")


class Member(Declared):
    """One member: its name, its sector, and what else is known of it."""

    name: str = param("", unit="", source=ROSTER, structural=True, doc="Its name, in tables, figures and stories")
    sector: str = param("private", unit="", source=ROSTER, structural=True, doc="Its sector")
    segment: int | None = _known("index", "Market segment, from 0; -1: it competes in none", -1, 199)
    size: float | None = _known("1", "What it can contribute; the median member has 1", 0.001, 1000)
    readiness: float | None = _known("1", "Readiness to learn and use, of organisation and representative", 0, 1)
    mission: float | None = _known("1", "Weight it gives to value created together", 0, 1)
    sensitivity: float | None = _known("1", "Share of its knowledge that is sensitive", 0, 1)
    need: float | None = _known("1", "Private value that would satisfy it, in multiples of the median", 0.001, 1000)
    fee: float | None = _known("1", "What it pays per term, in multiples of the full fee", 0, 1000)
    joins: int = param(
        0, unit="month", low=-1200, high=1200, source=ROSTER, structural=True,
        doc="Month in which it joins; 0 or less: before the start",
    )  # fmt: skip
    leaves: int | None = param(
        None, unit="month", low=1, high=1200, source=ROSTER, structural=True,
        doc="Month in which it left or is going to leave, where that is known",
    )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Roster:
    """What is known of each member: the same in every run of a batch. What is not (NaN), is drawn.

    Attributes:
        sector: index of its sector; shape (partners + candidates,).
        joins: month in which it joins: 0 or before for founders, which come first, then 1 or later.
        ordered: whether founders, and later members among themselves, stand in the order of joining.
        leaves: month in which it is known to leave; 0 for none.
        segment: market segment, -1 for none, as are the following, shape (partners + candidates,) or a number.
        size, readiness, mission, sensitivity, need, fee: as in ``Member``.
    """

    sector: NDArray[np.int64]
    joins: NDArray[np.int64]
    ordered: bool = True
    leaves: Array | float = 0.0
    segment: Array | float = np.nan
    size: Array | float = np.nan
    readiness: Array | float = np.nan
    mission: Array | float = np.nan
    sensitivity: Array | float = np.nan
    need: Array | float = np.nan
    fee: Array | float = np.nan

    def known(self, name: str, drawn: Array) -> Array:
        """Put what is known in place of what was drawn: shape (partners, runs)."""
        values = self.column(name)
        return np.where(values != values, drawn, values)

    def column(self, name: str) -> Any:
        """Give what is said of each member: shape (partners, 1), or a number for all."""
        values = getattr(self, name)
        return values[:, None].astype(float) if np.ndim(values) == 1 else values

    def stays(self, now: int) -> Any:
        """Give the last month before whose end it is known that a member does not leave, or 0; as ``column`` does.

        Args:
            now: month up to which it is known who left: the others have not by then.
        """
        leaves = self.column("leaves")
        if not any_nonzero(now):
            return leaves
        return np.where(leaves > 0.0, leaves, flag(self.column("joins") < now) * now)


def roster_of(members: Sequence[Member], sectors: Sequence[str]) -> Roster | None:
    """Lay members out for the engine; None where there are none.

    Args:
        members: founders first (``in_order``).
        sectors: the names of the sectors, in the order of their numbers.
    """
    if not members:
        return None

    def column(name: str) -> Array:
        return np.array([np.nan if getattr(m, name) is None else getattr(m, name) for m in members], dtype=float)

    return Roster(
        sector=np.array([sectors.index(m.sector) for m in members]),
        joins=np.array([m.joins for m in members]),
        ordered=False,
        leaves=np.nan_to_num(column("leaves")),
        **{name: column(name) for name in ("segment", "size", "readiness", "mission", "sensitivity", "need", "fee")},
    )


def in_order(members: Sequence[Member]) -> tuple[Member, ...]:
    """Put the founders first, then who joins later by month; otherwise in the order of the roster."""
    return tuple(sorted(members, key=lambda m: max(m.joins, 0)))


def numbered(sectors: Sequence[str]) -> list[str]:
    """Give members numbers in place of names, by sector: Private 1, Private 2, Public 1."""
    count: dict[str, int] = {}
    names = []
    for sector in sectors:
        count[sector] = count.get(sector, 0) + 1
        names.append(f"{sector.replace('_', ' ').capitalize()} {count[sector]}")
    return names


def problem_of(members: Sequence[Member], sectors: Sequence[str], segments: int) -> str:
    """Say what is wrong with a roster; empty if nothing is."""
    names: set[str] = set()
    for number, m in enumerate(members, 1):
        who = f"members: '{m.name}'" if m.name else f"members: number {number}"
        if not (m.name.isprintable() and 0 < len(m.name.strip()) <= LONGEST_NAME):
            return f"{who}: give each member a name of 1 to {LONGEST_NAME} printable characters"
        if m.name in names:
            return f"{who} occurs twice; give each member a name of its own"
        names.add(m.name)
        if m.sector not in sectors:
            return f"{who} has the sector '{m.sector}', which the scenario does not have; {near(m.sector, sectors)}"
        if m.segment is not None and m.segment >= segments:
            return f"{who} is in segment {m.segment}; segments are 0 to {segments - 1} (size.segments), or -1 for none"
        if m.leaves is not None and m.leaves <= m.joins:
            return f"{who} leaves in month {m.leaves} and joins in month {m.joins}; it has to join before it leaves"
    return ""
