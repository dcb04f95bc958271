"""Real membership lists: read, described by a few facts, and simulated with the same sectors, sizes and entries.

A list shows who is a member now, not since when those of the first snapshot are. A simulated partnership therefore
begins some two years before its list does, with part of the members and entries in every month, so that about as many
are there when the list begins; from then on candidates join in the months of the real list.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.core.paths import CONFIGS
from sim.engine.batch import Batch
from sim.engine.simulate import CELLS
from sim.model.members import Roster
from sim.model.scenario import Scenario
from sim.model.sectors import SECTORS

Array = NDArray[np.float64]

SPELLS = CONFIGS / "reference" / "membership_spells.csv"
TENURES = np.array([0.0, 3.0, 6.0, 10.5, 14.5, 18.0, 22.0, 26.5, 34.0, 38.5, 50.5, 60.0])
"""Edges of the classes of tenure (months): the end of each year of membership lies inside a class."""

HORIZONS = (6, 12, 24, 36, 48, 60)
"""Months at which survival and retention are read."""

YEAR = 12
BEFORE = 24
"""A partnership begins at least so many months before its list, in a January."""

AT_FIRST = 0.45
"""Share of the members of the first snapshot that it begins with."""

JOINING_BEFORE = 0.9
"""Members that join before the list begins, as a share of those of the first snapshot: about as many have left then."""

LARGE = ("cncf",)
"""Lists so long that their hazards stand by themselves."""


UNSURE_DAYS, UNSURE_SHARE = 45, 0.2
"""An exit known only to within more days than this is unsure; with more than this share of such exits, clustering and
hazard by tenure would be those of the days put in for them."""


@dataclasses.dataclass(frozen=True)
class MemberList:
    """One list of members.

    Attributes:
        name: what the list is called.
        sector: index in ``SECTORS`` of each member; shape (members,).
        founder: whether it is on the first snapshot.
        joins: month of joining after the first snapshot; 0 for founders.
        leaves: month in which it is no longer listed; infinite while it is.
        months: how long the list was followed.
        calendar_month: month of the year in which it begins, 1 to 12.
        until: month up to which each member is followed; None: all to the end.
        founding: whether the partnership began with the first snapshot; else its members had joined before.
        unsure: whose exit is known only to within more than ``UNSURE_DAYS`` days; None: nobody's.
    """

    name: str
    sector: NDArray[np.int64]
    founder: NDArray[np.bool_]
    joins: Array
    leaves: Array
    months: int
    calendar_month: int
    until: Array | None = None
    founding: bool = False
    unsure: NDArray[np.bool_] | None = None

    @property
    def size(self) -> int:
        """Members on the first snapshot."""
        return int(self.founder.sum())

    def facts(self) -> "Counts":
        """Count what happened, as one run."""
        until = None if self.until is None else self.until[:, None]
        return count(self.joins[:, None], self.leaves[:, None], self.sector, self.founder[:, None], self.months, until)


def why_no_timing(lists: Iterable[MemberList]) -> str:
    """Say why lists cannot tell clustering and hazard by tenure.

    Args:
        lists: one or more.

    Returns:
        A sentence without its full stop; empty where at most ``UNSURE_SHARE`` of their exits are unsure.
    """
    unsure = exits = 0
    for own in lists:
        left = np.isfinite(own.leaves) & (own.leaves > own.joins)
        exits += int(left.sum())
        unsure += 0 if own.unsure is None else int((left & own.unsure).sum())
    if unsure <= UNSURE_SHARE * exits:
        return ""
    return (
        f"{unsure} of {exits} exits are known only to within more than {UNSURE_DAYS} days, so that clustering and "
        "exits by tenure would show the days put in for them"
    )


@cache
def read_lists(path: Path = SPELLS) -> Mapping[str, MemberList]:
    """Read membership lists.

    Args:
        path: a table with a row per spell: ``list``, ``sector``, ``founder`` (0 or 1), ``joins`` and ``leaves`` (months
            after the first snapshot; empty while listed), ``months`` (followed), ``calendar_month`` (of the start).

    Returns:
        Each list by its name.
    """
    import pandas as pd

    rows = pd.read_csv(path)
    lists = {}
    for name, spells in rows.groupby("list"):
        lists[str(name)] = MemberList(
            str(name),
            spells["sector"].map(SECTORS.index).to_numpy(dtype=np.int64),
            spells["founder"].to_numpy() == 1,
            spells["joins"].to_numpy(dtype=float),
            spells["leaves"].fillna(np.inf).to_numpy(dtype=float),
            int(spells["months"].iloc[0]),
            int(spells["calendar_month"].iloc[0]),
        )
    return lists


@dataclasses.dataclass(frozen=True)
class Counts:
    """What happened on a list, or on simulated ones: the last axis is the runs.

    Attributes:
        exits: of entrants, by sector and class of tenure; shape (sectors, classes, runs).
        exposure: member-months at risk of the same.
        all_exits: of all members, by sector; shape (sectors, runs).
        all_exposure: member-months of the same.
        founders: members of the first snapshot; shape (runs,).
        stayed: how many of them are there at each horizon; NaN beyond the list; shape (horizons, runs).
        dispersion: variance over mean of exits a month; shape (runs,).
    """

    exits: Array
    exposure: Array
    all_exits: Array
    all_exposure: Array
    founders: Array
    stayed: Array
    dispersion: Array

    @staticmethod
    def joined(parts: Sequence["Counts"]) -> "Counts":
        """Lay runs side by side."""
        return Counts(
            *(np.concatenate([getattr(p, f.name) for p in parts], axis=-1) for f in dataclasses.fields(Counts))
        )


def count(
    joins: Array,
    leaves: Array,
    sector: NDArray[np.int64],
    founder: NDArray[np.bool_],
    months: int,
    until: Array | None = None,
) -> Counts:
    """Count exits and member-months.

    Args:
        joins: month of joining, 0 or before for founders; shape (members, runs).
        leaves: month of leaving, infinite for who stays; the same shape. Who leaves before month 0 was never listed.
        sector: index of each member; shape (members,).
        founder: who is listed at month 0; shape (members, runs).
        months: how long the list is followed.
        until: month up to which each member is followed, where that is not to the end; of the shape of ``joins``.

    Returns:
        The counts.
    """
    until = np.full_like(leaves, months) if until is None else np.minimum(until, months)
    listed = (leaves > 0.0) & (leaves > joins) & (joins < months)
    begins = np.maximum(joins, 0.0)
    lasted = np.where(listed, np.clip(np.minimum(leaves, until) - begins, 0.0, None), 0.0)
    left = listed & (leaves <= until)
    entrant = listed & ~founder
    low, high = TENURES[:-1], TENURES[1:]
    exits = np.zeros((len(SECTORS), len(low), leaves.shape[1]))
    exposure = np.zeros_like(exits)
    all_exits, all_exposure = np.zeros((2, len(SECTORS), leaves.shape[1]))
    for s in range(len(SECTORS)):
        own = sector == s
        all_exits[s], all_exposure[s] = left[own].sum(axis=0), lasted[own].sum(axis=0)
        stay = lasted[own]
        for c in range(len(low)):
            exits[s, c] = ((entrant & left)[own] & (stay > low[c]) & (stay <= high[c])).sum(axis=0)
            exposure[s, c] = np.where(entrant[own], np.clip(np.minimum(stay, high[c]) - low[c], 0.0, None), 0.0).sum(
                axis=0
            )
    stayed = np.stack(
        [
            (founder & (leaves > h)).sum(axis=0) * 1.0 if h <= months else np.full(leaves.shape[1], np.nan)
            for h in HORIZONS
        ]
    )
    return Counts(
        exits, exposure, all_exits, all_exposure, founder.sum(axis=0) * 1.0, stayed, _dispersion(leaves, left, months)
    )


def _dispersion(leaves: Array, left: NDArray[np.bool_], months: int) -> Array:
    """Give the variance over the mean of exits a month."""
    n_runs = leaves.shape[1]
    cell, run = np.nonzero(left)
    month = np.minimum(np.ceil(leaves[cell, run]).astype(int), months) - 1
    by_month = np.bincount(run * months + month, minlength=n_runs * months).reshape(n_runs, months)
    ratio: Array = by_month.var(axis=1, ddof=1) / np.maximum(by_month.mean(axis=1), 1e-9)
    return ratio


def roster_of(real: MemberList, seed: int = 7) -> tuple[Roster, int]:
    """Say who joins when in a partnership that becomes the list.

    Returns:
        The roster, and the month of the partnership in which the list begins.
    """
    if real.founding:
        joins = np.where(real.founder, 0.0, np.maximum(np.ceil(real.joins), 1.0))
        order = np.argsort(joins, kind="stable")
        return Roster(real.sector[order], joins[order].astype(np.int64)), 0
    random = np.random.default_rng(seed)
    before = BEFORE + (real.calendar_month - 1) % YEAR
    mix = real.sector[real.founder]

    def drawn(n: int) -> NDArray[np.int64]:
        """Take ``n`` members of the founders' mix, evenly."""
        members: NDArray[np.int64] = mix[(np.arange(n) * len(mix) / max(n, 1)).astype(int)]
        return members

    first, later = max(2, round(AT_FIRST * real.size)), round(JOINING_BEFORE * real.size)
    entries = real.joins[~real.founder]
    sector = np.concatenate([drawn(first), random.permutation(drawn(later)), real.sector[~real.founder]])
    joins = np.concatenate(
        [
            np.zeros(first),
            np.ceil((np.arange(later) + 0.5) * before / max(later, 1)),
            before + np.maximum(np.ceil(entries), 1.0),
        ]
    )
    return Roster(sector, joins.astype(np.int64)), before


def simulate_list(
    real: MemberList, scenario: Scenario, seeds: Sequence[int], columns: Mapping[str, Array] | None = None
) -> Counts:
    """Simulate partnerships with the sectors, size and entries of a list, under no policy, and count.

    Args:
        real: the list.
        scenario: the rules; its size and mix are the list's.
        seeds: one run each.
        columns: parameters that differ by run: dotted path -> one number per run.

    Returns:
        The counts, a run per seed.
    """
    roster, before = roster_of(real)
    n_first = int((roster.joins <= 0).sum())
    slots = len(roster.joins)
    sized = scenario.replace(**{"size.partners": n_first, "size.candidates": slots - n_first})
    size = max(2, CELLS // slots)
    parts = []
    for a in range(0, len(seeds), size):
        own = {path: np.asarray(values)[a : a + size] for path, values in (columns or {}).items()}
        batch = Batch(sized, list(seeds[a : a + size]), "neutral", own, False, roster=roster)
        for _ in range(before + real.months):
            batch.advance()
        state, n = batch.state, batch.n_runs
        gone = (state.left > 0.0)[:, :n]
        leaves = np.where(gone, state.left_month[:, :n] - before - 0.5, np.inf)
        joins = np.broadcast_to((roster.joins - before)[:, None] * 1.0, leaves.shape)
        founder = (joins <= 0.0) & (leaves > 0.0)
        parts.append(count(joins, leaves, roster.sector, founder, real.months))
    return Counts.joined(parts)


def facts_of(lists: Mapping[str, Counts], large: Iterable[str] = LARGE) -> dict[str, Array]:
    """Describe lists by a few facts.

    Args:
        lists: counts of each, by name.
        large: lists whose hazards stand by themselves; those of the others are pooled.

    Returns:
        Fact -> numbers; shape (numbers, runs). Rates and ratios are in logarithms. Curves end with the longest list.
    """
    own = [name for name in large if name in lists]
    others = [name for name in lists if name not in own]
    every = list(lists.values())
    by_horizon = [[c for c in every if np.isfinite(c.stayed[h]).all()] for h in range(len(HORIZONS))]
    reached = [(h, lists) for h, lists in enumerate(by_horizon) if lists]  # the first ones
    n = int((TENURES[:-1] < HORIZONS[len(reached) - 1]).sum())
    facts = {f"hazard_{name}": _hazards([lists[name]])[:n] for name in own}
    if others:
        facts["hazard"] = _hazards([lists[name] for name in others])[:n]
    for s, sector in enumerate(SECTORS):
        if sector != "public":  # too few spells
            facts[f"survival_{sector}"] = _survival(every, s)[: len(reached)]
    exits, exposure = (sum(getattr(c, f).sum(axis=0) for c in every) for f in ("all_exits", "all_exposure"))
    facts["level"] = np.log((exits + 0.5) / (exposure + 50.0))[None]
    by_sector = sum(c.all_exits for c in every) / np.maximum(sum(c.all_exposure for c in every), 1.0)
    expected = np.stack([(c.all_exposure * by_sector).sum(axis=0) for c in every])
    observed = np.stack([c.all_exits.sum(axis=0) for c in every])
    if len(every) > 1:
        facts["spread"] = np.log((observed + 0.5) / (expected + 0.5)).std(axis=0, ddof=1)[None]
    facts["founders"] = np.stack(
        [np.mean([c.stayed[h] / np.maximum(c.founders, 1.0) for c in lists], axis=0) for h, lists in reached]
    )
    facts["sector_ratio"] = np.log(sector_ratio(every))[None]
    for name in own:
        facts[f"clustering_{name}"] = np.log(lists[name].dispersion + 0.1)[None]
    if others:
        facts["clustering"] = np.mean([np.log(lists[name].dispersion + 0.1) for name in others], axis=0)[None]
    return facts


def sector_ratio(counts: Sequence[Counts]) -> Array:
    """Give the rate of exit of all other sectors over that of firms, stratified by list (Mantel & Haenszel 1959)."""
    firms = SECTORS.index("private")
    above, below = np.zeros((2, counts[0].founders.shape[-1]))
    for c in counts:
        others_exits = c.all_exits.sum(axis=0) - c.all_exits[firms]
        others_months, months = c.all_exposure.sum(axis=0) - c.all_exposure[firms], c.all_exposure[firms]
        total = np.maximum(others_months + months, 1.0)
        above = above + others_exits * months / total
        below = below + c.all_exits[firms] * others_months / total
    ratio: Array = (above + 1e-3) / (below + 1e-3)
    return ratio


def _hazards(counts: Sequence[Counts]) -> Array:
    """Give the logarithm of the hazard by class of tenure."""
    exits, exposure = sum(c.exits.sum(axis=0) for c in counts), sum(c.exposure.sum(axis=0) for c in counts)
    hazards: Array = np.log((exits + 0.5) / (exposure + 100.0))
    return hazards


def _survival(counts: Sequence[Counts], sector: int) -> Array:
    """Give the share of entrants still there at the horizons, from their hazards."""
    exits, exposure = sum(c.exits[sector] for c in counts), sum(c.exposure[sector] for c in counts)
    hazard = (exits + 0.02) / (exposure + 5.0) * np.diff(TENURES)[:, None]
    total = np.concatenate([np.zeros((1, hazard.shape[-1])), np.cumsum(hazard, axis=0)])
    return np.exp(-np.stack([_at(total, h) for h in HORIZONS]))


def _at(total: Array, month: float) -> Array:
    """Read a cumulative hazard at a month, linearly between the edges of the classes."""
    k = min(int(np.searchsorted(TENURES, month, side="right")) - 1, len(TENURES) - 2)
    part = (month - TENURES[k]) / (TENURES[k + 1] - TENURES[k])
    read: Array = total[k] + part * (total[k + 1] - total[k])
    return read
