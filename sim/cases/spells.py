"""From records to spells: who was on which list from when to when, as exactly as the list shows it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from sim.cases.journal import ENDS_LATER, Journal, joined, several
from sim.cases.record import Record
from sim.core.dates import When

if TYPE_CHECKING:
    import pandas as pd

BRIDGED = 120
"""Days that a member may be missing from a list without having left."""

MONTH = 30.4375
"""Days."""

OLDEST = 60.0
"""Months before the first listing from which on a joining date is not believed."""

FIRST_MONTH = 31
"""Days from the first one of a list: who joins in them is a founder."""

COLUMNS = (
    *("partnership", "member", "spell", "sector", "sector_from", "tier_first", "tier", "enduser", "joined"),
    *("first_seen", "last_seen", "gone_by", "left", "months_listed", "founder", "window_start", "window_end"),
)
"""Columns of the table of spells."""


@dataclass
class Spell:
    """One stay of one member on one list.

    Attributes:
        partnership: whose list.
        key: of the member, under all its names.
        member: its name in the results.
        first_seen: first day on which it is known to be listed.
        last_seen: last such day.
        gone_by: first day on which it is known to be gone; None while listed. The exit is between the two.
        window_start: first day of the list.
        window_end: last day of the list.
        founder: whether it is there when the list begins, or joins within its first month.
        joined: date of joining as the list says.
        in_bulk: whether its exit is part of a bulk clean-up, so that when it left is not known.
    """

    partnership: str
    key: str
    member: str
    first_seen: date
    last_seen: date
    gone_by: date | None
    window_start: date
    window_end: date
    founder: bool
    joined: When | None = None
    sector: str = ""
    sector_from: str = ""
    tier_first: str = ""
    tier: str = ""
    enduser: str = ""
    homepage: str = ""
    number: int = 1
    in_bulk: bool = False
    came_in_bulk: bool = False
    traits: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def continue_from(self, old: "Spell") -> None:
        """Take over the beginning of the spell under an old name."""
        self.first_seen, self.founder, self.tier_first = old.first_seen, old.founder, old.tier_first or self.tier_first
        self.joined = old.joined or self.joined
        self.notes.append("renamed")

    @property
    def begins(self) -> date:
        """First day on which it is followed."""
        return max(self.first_seen, self.window_start)

    @property
    def left_at(self) -> date | None:
        """The day half-way between last seen and gone."""
        return None if self.gone_by is None else self.last_seen + (self.gone_by - self.last_seen) / 2

    @property
    def clock(self) -> date | None:
        """When its membership began, as far as that is known."""
        if self.joined is not None:
            middle = self.joined.middle
            if middle <= self.first_seen and (self.first_seen - middle).days <= OLDEST * MONTH:
                return middle
        return None if self.founder or self.came_in_bulk else self.first_seen


def months(one: date, other: date) -> float:
    """Give the months from one day to another."""
    return (other - one).days / MONTH


def spells_of(
    records: Sequence[Record], keys: Sequence[str], start: date | None, now: date | None, journal: Journal
) -> list[Spell]:
    """Turn records into spells: from dated snapshots, or from the dates that each row has.

    Args:
        records: what the rows say.
        keys: of each record's member.
        start: first day of the list, if the user says so.
        now: its last day, if the user says so.
        journal: notes what is bridged, merged, dropped and not known.

    Returns:
        The spells, by partnership, first day and name.
    """
    by_partnership: dict[str, list[tuple[str, Record]]] = defaultdict(list)
    for key, record in zip(keys, records, strict=True):
        by_partnership[record.partnership].append((key, record))
    result: list[Spell] = []
    for own in by_partnership.values():
        dated = {record.snapshot for _, record in own}
        has_columns = any(r.is_left is not None or r.odd_exit or {"left", "gone_by"} & set(r.dates) for _, r in own)
        if len(dated) > 1 or (None not in dated and not has_columns):
            result += _of_snapshots(own, start, now, journal)
        else:
            result += _of_columns(own, start, now, journal)
    number_spells(result)
    return sorted(result, key=lambda s: (s.partnership, s.first_seen, s.member, s.number))


def number_spells(spells: Sequence[Spell]) -> None:
    """Number the spells of each member."""
    n: dict[tuple[str, str], int] = defaultdict(int)
    for spell in sorted(spells, key=lambda s: s.first_seen):
        n[spell.partnership, spell.key] += 1
        spell.number = n[spell.partnership, spell.key]


# snapshots


def _of_snapshots(own: list[tuple[str, Record]], start: date | None, now: date | None, journal: Journal) -> list[Spell]:
    """Read presence on each dated list as spells; an absence of up to 120 days is bridged."""
    dates = sorted({r.snapshot.middle for _, r in own if r.snapshot is not None})
    dates = [d for d in dates if (start is None or d >= start) and (now is None or d <= now)]
    followed = set(dates)
    _coarse_days({r.snapshot for _, r in own if r.snapshot is not None and r.snapshot.middle in followed}, journal)
    present: dict[str, dict[date, Record]] = defaultdict(dict)
    ends: dict[str, When] = {}
    double = 0
    for key, record in own:
        if record.snapshot is None or record.snapshot.middle not in followed:
            journal.change(
                "dropped",
                "the list is outside the time that is followed",
                partnership=record.partnership,
                member=record.name,
                place=record.place,
            )
            continue
        day = record.snapshot.middle
        if key in present and day in present[key]:
            double += 1
            journal.change(
                "merged",
                "listed more than once at the same time",
                partnership=record.partnership,
                member=record.name,
                place=record.place,
            )
        if record.is_left is not True:
            present[key].setdefault(day, record)
        else:
            gone = present[key]  # listed among those who left: absent from this list on
            ends[key] = record.dates.get("left", record.snapshot)
            gone.pop(day, None)
    journal.finding("several rows", double, f"{several(double, 'row')} more about a member on the same list", "merged")
    spells: list[Spell] = []
    for key, on in present.items():
        if not on:
            journal.change(
                "dropped",
                "the member is listed among those who left only",
                partnership=own[0][1].partnership,
                member=key,
            )
            continue
        for days in _runs(sorted(on), dates, [on[d] for d in sorted(on)], journal):
            spells.append(_snapshot_spell(key, on, days, dates, ends.get(key)))
    return spells


def _coarse_days(days: set[When], journal: Journal) -> None:
    """Say which day is taken for lists that are dated by a year or a quarter alone."""
    coarse = sorted(when for when in days if (when.high - when.low).days > FIRST_MONTH)
    shown = joined([f"{when} as {when.middle}" for when in coarse])
    journal.finding(
        "dates",
        len(coarse),
        f"{several(len(coarse), 'list')} dated by a year or a quarter alone: the middle is taken ({shown})",
        "if they are of another day, say so: dates=[...], a day for each list in the order of the files",
    )


def _runs(days: list[date], dates: list[date], records: list[Record], journal: Journal) -> list[list[date]]:
    """Part the days of a member's presence where it was missing for too long."""
    runs, place = [[days[0]]], {d: k for k, d in enumerate(dates)}
    for before, day in pairwise(days):
        if place[day] > place[before] + 1:
            if (day - before).days <= BRIDGED:
                journal.change(
                    "bridged",
                    f"missing between {before} and {day}",
                    partnership=records[0].partnership,
                    member=records[-1].name,
                    value=f"{before} {day}",
                )
            else:
                journal.change(
                    "returned",
                    f"gone after {before}, back on {day}",
                    partnership=records[0].partnership,
                    member=records[-1].name,
                )
                runs.append([])
        runs[-1].append(day)
    return runs


def _snapshot_spell(key: str, on: dict[date, Record], days: list[date], dates: list[date], end: When | None) -> Spell:
    """Make one spell of the days on which a member was listed without a long break."""
    first, last = on[days[0]], on[days[-1]]
    later = [d for d in dates if d > days[-1]]
    rows = [on[d] for d in days]
    joins = [r.dates["joined"] for r in rows if "joined" in r.dates]
    end = end or next((r.dates[c] for r in rows for c in ("left", "gone_by") if c in r.dates), None)
    spell = Spell(
        first.partnership,
        key,
        last.name,
        days[0],
        days[-1],
        later[0] if later else None,
        dates[0],
        dates[-1],
        days[0] == dates[0],
        joins[0] if joins else None,
    )
    if end is not None and spell.gone_by is not None and spell.last_seen <= end.low <= end.high <= spell.gone_by:
        spell.last_seen, spell.gone_by = end.low, end.high
    _describe(spell, rows)
    return spell


def _describe(spell: Spell, rows: Sequence[Record]) -> None:
    """Take over what the rows of a spell say about the member: the last word counts."""
    spell.tier_first = next((r.extra.get("tier_first") or r.tier for r in rows if r.tier), "")
    for record in rows:
        spell.tier = record.tier or spell.tier
        spell.homepage = record.homepage or spell.homepage
        spell.enduser = record.extra.get("enduser", spell.enduser)
        spell.traits.update(record.traits)
        if record.sector or not spell.sector:
            spell.sector, spell.sector_from = record.sector or spell.sector, record.sector_from
        if record.status in ("suspended", "fulfilled") and record.status not in spell.notes:
            spell.notes.append(record.status)


# columns


def _of_columns(own: list[tuple[str, Record]], start: date | None, now: date | None, journal: Journal) -> list[Spell]:
    """Read the dates of each row as a spell; what cannot be is reported."""
    _entry_in_exit_column(own, journal)
    for _, record in own:
        if record.odd_exit and record.is_left is None:
            record.is_left = True
    begins = [w.low for _, r in own for c in ("joined", "first_seen", "window_start") if (w := r.dates.get(c))]
    ends = [w.high for _, r in own for c in ("last_seen", "gone_by", "left", "window_end") if (w := r.dates.get(c))]
    window_end = now or _own_end(own) or max([*begins, *ends], default=None)
    window_start = start or min((w.low for _, r in own if (w := r.dates.get("window_start"))), default=None)
    window_start = window_start or min(begins, default=None)
    if window_start is None or window_end is None:
        for _, record in own:
            journal.change("dropped", "no date", partnership=record.partnership, member=record.name, place=record.place)
        journal.finding(
            "dates", len(own), f"{several(len(own), 'row')} of a list without any date", "left out: give dates="
        )
        return []
    if now is None and _own_end(own) is None:
        journal.finding(
            "dates",
            1,
            f"the day of the list is not known; its last date is {window_end}",
            "taken as the day up to which it is complete; give dates= if it is another",
        )
    if now is None and (year := next((r.snapshot for _, r in own if r.snapshot and not r.snapshot.is_exact), None)):
        text = f"the day of the list is known as {year} alone: its last day is taken, {window_end}"
        journal.finding("dates", 1, text, "if it is of another day, say so: dates=")
    spells: list[Spell] = []
    for key, record in own:
        spell = _column_spell(key, record, window_start, window_end, journal)
        if spell is not None:
            _describe(spell, [record])
            spells.append(spell)
    return _merged(spells, journal)


def _own_end(own: list[tuple[str, Record]]) -> date | None:
    """Give the last day of a list as its rows or its name say."""
    days = [r.snapshot.high for _, r in own if r.snapshot is not None]
    return max(days or [w.high for _, r in own if (w := r.dates.get("window_end"))], default=None)


def _entry_in_exit_column(own: list[tuple[str, Record]], journal: Journal) -> None:
    """Recognise an exit column that holds the date of entry: lifetimes would be 0."""
    both = [r for _, r in own if "left" in r.dates and "joined" in r.dates]
    same = [r for r in both if r.dates["left"] == r.dates["joined"]]
    alone = [r for _, r in own if "left" in r.dates and "joined" not in r.dates]
    listed = [r for r in alone if r.is_left is False]
    if len(same) >= max(3, 0.5 * len(both)):
        journal.finding(
            "exit dates",
            len(same),
            f"{len(same)} of {len(both)} exit dates equal the date of entry",
            "the column holds entries, not exits: it is not used",
        )
        for record in both:
            del record.dates["left"]
    elif len(listed) >= max(3, 0.5 * len(own)):
        journal.finding(
            "exit dates",
            len(listed),
            f"{several(len(listed), 'member')} still there with an exit date and no entry",
            "the column holds entries, not exits: it is taken as 'joined'",
        )
        for record in alone:
            record.dates["joined"] = record.dates.pop("left")
    else:
        return
    for _, record in own:
        record.odd_exit = False
    for record in (*both, *alone):
        journal.change(
            "date not used",
            "the exit column holds the date of entry",
            partnership=record.partnership,
            member=record.name,
            place=record.place,
        )


def _column_spell(key: str, record: Record, low: date, high: date, journal: Journal) -> Spell | None:
    """Make the spell of one row; None where it cannot be one."""
    joined, dates = record.dates.get("joined"), record.dates
    where = {"partnership": record.partnership, "member": record.name, "place": record.place}
    low = max(low, dates["window_start"].low) if "window_start" in dates else low
    high = min(high, dates["window_end"].high) if "window_end" in dates else high
    begin = dates["first_seen"].low if "first_seen" in dates else joined.middle if joined else low
    end = _end(record, begin, high)
    if record.is_left is False and "left" in dates and dates["left"].high <= high:
        journal.change("still there", "its status says so, beside a date of leaving", value=str(dates["left"]), **where)
    if begin > high:
        journal.change("dropped", f"the entry is after the last day of the list, {high}", value=str(begin), **where)
        return None
    last, gone = end if end is not None else (dates["last_seen"].high if "last_seen" in dates else high, None)
    if gone is not None and gone > high:
        journal.change("still there", f"{ENDS_LATER}, {high}", value=str(gone), **where)
        last, gone = high, None
    if gone is not None and gone < begin:
        journal.change("dropped", "the exit is before the entry", value=f"{begin} {gone}", **where)
        return None
    if gone is not None and gone == begin and joined is not None:
        journal.change("dropped", "the exit is on the day of entry: a lifetime of 0", value=str(gone), **where)
        return None
    founder = record.extra.get("founder")
    is_founder = joined is None or (joined.low - low).days < FIRST_MONTH  # a year alone may be its first month
    is_founder = founder.casefold() in ("true", "1") if founder else is_founder
    first = begin if "first_seen" in dates else max(begin, low)
    if gone is not None and gone <= first:
        first = begin  # gone before the list is followed
    return Spell(
        record.partnership,
        key,
        record.name,
        min(first, last),
        max(last, min(first, last)),
        gone,
        low,
        high,
        is_founder,
        joined,
    )


def _end(record: Record, begin: date, high: date) -> tuple[date, date] | None:
    """Give the last day and the first day without, or None for a member that is still there."""
    dates = record.dates
    if "gone_by" in dates and record.is_left is not False:
        gone = dates["gone_by"].high
        return (min(dates["last_seen"].high, gone) if "last_seen" in dates else gone, gone)
    if "left" in dates and record.is_left is not False:
        return dates["left"].low if dates["left"].low >= begin or dates["left"].high < begin else begin, dates[
            "left"
        ].high
    if record.is_left:
        return (min(dates["last_seen"].high, high) if "last_seen" in dates else min(begin, high), high)
    return None


def _merged(spells: list[Spell], journal: Journal) -> list[Spell]:
    """Merge the rows of a member that overlap or follow within 120 days."""
    by_member: dict[tuple[str, str], list[Spell]] = defaultdict(list)
    for spell in spells:
        by_member[spell.partnership, spell.key].append(spell)
    result: list[Spell] = []
    double = 0
    for rows in by_member.values():
        rows.sort(key=lambda s: (s.first_seen, s.last_seen))
        stays = [rows[0]]
        for row in rows[1:]:
            last = stays[-1]
            gap = 0 if last.gone_by is None else (row.first_seen - last.last_seen).days
            where = {"partnership": row.partnership, "member": row.member}
            if gap > BRIDGED:
                journal.change("returned", f"gone by {last.gone_by}, back on {row.first_seen}", **where)
                stays.append(row)
                continue
            double += gap <= 0
            why = "another row of the same time" if gap <= 0 else f"missing between {last.gone_by} and {row.first_seen}"
            journal.change(
                "merged" if gap <= 0 else "bridged",
                why,
                value="" if gap <= 0 else f"{last.gone_by} {row.first_seen}",
                **where,
            )
            if last.gone_by is not None and (row.gone_by is None or row.gone_by > last.gone_by):
                last.last_seen, last.gone_by = max(row.last_seen, last.last_seen), row.gone_by
            last.notes += [note for note in row.notes if note not in last.notes]
        result += stays
    journal.finding(
        "several rows",
        double,
        f"{several(double, 'row')} more about a member at the same time",
        "merged into one spell: changes.csv lists them",
    )
    return result


def spell_table(spells: Sequence[Spell]) -> "pd.DataFrame":
    """Give the spells as a table with the columns of ``COLUMNS``; what is not known is empty."""
    import pandas as pd

    rows = [
        (
            *(s.partnership, s.member, s.number, s.sector, s.sector_from, s.tier_first, s.tier, s.enduser),
            "" if s.joined is None else s.joined.middle.isoformat(),
            *(s.first_seen.isoformat(), s.last_seen.isoformat(), "" if s.gone_by is None else s.gone_by.isoformat()),
            int(s.gone_by is not None),
            round(months(s.begins, s.left_at or s.last_seen), 2),
            *(s.founder, s.window_start.isoformat(), s.window_end.isoformat()),
        )
        for s in spells
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
