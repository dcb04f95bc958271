"""Rows of lists as records: roles of columns, flags, dates, statuses, sectors and numbers read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from sim.cases.events import of_events
from sim.cases.journal import ADDS_UP, NO_NAME, Journal, joined, several
from sim.cases.reading import Sheet
from sim.cases.record import Record
from sim.config.roster import SIZES
from sim.config.words import (
    is_missing,
    is_total,
    plain_word,
    role_of,
    roles,
    sector_by_name,
    sector_map,
    sector_of,
    status_map,
    truth,
)
from sim.core.dates import SERIAL, Dates, When, read_dates
from sim.core.errors import InputError, near
from sim.core.numbers import number_in

EXITS = ("left", "gone_by")
"""What holds the day of leaving."""

SHOW_EXITS = (*EXITS, "left_flag", "ended", "active", "status", "event")
"""What can show that a member left."""

DATES = ("date", "joined", "left", "first_seen", "last_seen", "gone_by", "snapshot", "window_start", "window_end")
TRAITS = ("segment", "size", "readiness", "mission", "sensitivity", "need", "fee")
"""Columns of the roster that are taken over as they are."""

RANGES = {"size": (0.001, 1000), "fee": (0, 1000), "need": (0.001, 1000)} | dict.fromkeys(
    ("readiness", "mission", "sensitivity"), (0, 1)
)
"""Least and largest value of each number that a case takes."""

AMOUNT = 20.0
"""Median of sizes or fees above which they are amounts (employees, euros) and not multiples of the median."""

TOO_MANY = 40
"""A column with more unknown codes than this, of which most occur once, does not hold codes."""


def records_of(
    sheets: Sequence[Sheet],
    columns: Mapping[str, str],
    *,
    partnership: str,
    sectors: str | Path | None,
    statuses: str | Path | None,
    day_first: bool | None,
    journal: Journal,
) -> tuple[list[Record], list[str]]:
    """Read every row.

    Args:
        sheets: the tables, with the dates of their snapshots.
        columns: role -> name of a column, where the name does not tell; ``role: none`` leaves a column out.
        partnership: whose list it is, where no column says it.
        sectors: file that maps codes to sectors.
        statuses: file that maps status words to meanings.
        day_first: whether 01/09/2021 is 1 September; None: as the column tells.
        journal: notes what is left out and what was noticed.

    Returns:
        A record per row with a name; and the codes of sectors that nothing is known of.

    Raises:
        InputError: if no column has the names of members.
    """
    for role in columns:
        if role not in roles():
            raise InputError(f"columns: {role!r} is not something a column can hold; {near(role, roles())}")
    chosen = [_roles(sheet, columns, journal) for sheet in sheets]
    rows = [(k, n) for k, sheet in enumerate(sheets) for n in range(len(sheet.rows))]
    cells = {
        role: [sheets[k].rows[n][chosen[k][role]] if role in chosen[k] else "" for k, n in rows]
        for role in dict.fromkeys(role for of in chosen for role in of)
    }
    _flags(cells, journal)
    if not any(map(_text, cells.get("partnership", []))):
        cells["partnership"] = [partnership] * len(rows)
    meanings = status_map(statuses)
    dates = {
        role: _dates(role, cells[role], rows, sheets, day_first, meanings, journal) for role in DATES if role in cells
    }
    records: list[Record] = []
    used: list[tuple[int, int]] = []
    for place, (k, n) in enumerate(rows):
        texts = {role: _text(values[place]) for role, values in cells.items()}
        own = {role: when for role, column in dates.items() if (when := column.values[place]) is not None}
        where, unused = f"{sheets[k].where}, {sheets[k].places[n]}", _why_unused(texts)
        if unused:
            journal.change("dropped", unused, place=where, value=texts.get("name", ""))
            continue
        records.append(_record(texts, own, where, sheets[k].date))
        records[-1].source = sheets[k].where
        used.append((k, n))
        records[-1].odd_exit = any(role in dates and place in dates[role].odd for role in EXITS)
    dropped = Counter(change.why for change in journal.changes if change.action == "dropped")
    for why, what in ((NO_NAME, "without a name"), (ADDS_UP, "named as a total")):
        text = f"{several(dropped[why], 'row')} {what}"
        journal.finding("rows", dropped[why], text, "left out; changes.csv lists them")
    _statuses(records, meanings, "event" in cells, journal)
    for k, sheet in enumerate(sheets):
        leavers = [(r, sheet.rows[n]) for r, (of, n) in zip(records, used, strict=True) if of == k and r.is_left]
        _dates_not_used(sheet, leavers, journal)
    records = of_events(records, journal) if "event" in cells else records
    _numbers(records, journal)
    return records, _sectors(records, sector_map(sectors), journal)


def _why_unused(texts: Mapping[str, str]) -> str:
    """Say why a row is about no member; empty if it is about one."""
    if not (texts.get("name") or texts.get("id")):
        return NO_NAME
    return ADDS_UP if is_total(texts.get("name", ""), texts.get("sector", "")) else ""


def _record(texts: Mapping[str, str], dates: dict[str, When], place: str, day: When | None) -> Record:
    """Put what a row says into a record; ``day`` is that of its list."""
    record = Record(
        texts.get("name") or texts["id"],
        place,
        partnership=texts.get("partnership", ""),
        identifier=texts.get("id", ""),
        homepage=texts.get("homepage", ""),
        code=texts.get("sector", ""),
        sector_from=texts.get("sector_from", ""),
        tier=texts.get("tier", ""),
        status=texts.get("event", "") or texts.get("status", ""),
        snapshot=dates.pop("snapshot", None) or day,
        dates=dates,
        traits={role: texts[role] for role in TRAITS if texts.get(role)},
        extra={role: texts[role] for role in ("tier_first", "enduser", "founder") if texts.get(role)},
    )
    for role, sign in (("left_flag", True), ("ended", True), ("active", False)):
        value = truth(texts.get(role, ""))
        record.is_left = (value is sign) if value is not None else record.is_left
    return record


def _roles(sheet: Sheet, columns: Mapping[str, str], journal: Journal) -> dict[str, str]:
    """Say which column of a table holds what: as the user says, or else as the names tell."""
    chosen: dict[str, str] = {}
    for role, column in columns.items():
        if column in sheet.columns:
            chosen[role] = column
    taken, off = set(chosen.values()), {role for role, column in columns.items() if column == "none"}
    for column in sheet.columns:
        role = role_of(column)
        if role and role not in chosen and role not in off and column not in taken:
            chosen[role] = column
            taken.add(column)
    if "name" not in chosen and "id" not in chosen:
        raise InputError(
            f"{sheet.where}: no column is known to have the names of members; its columns are "
            f"{joined(sheet.columns, 12)}; say which, for example columns='{{name: {sheet.columns[0]}}}'"
        )
    unused = [column for column in sheet.columns if column not in taken and not column.startswith("column ")]
    if unused:
        journal.finding("columns", len(unused), f"{sheet.where}: columns not used: {joined(unused, 12)}")
    for note in sheet.notes:
        journal.finding("files", 1, f"{sheet.where}: {note}")
    sheet.roles = chosen
    return chosen


def _flags(cells: dict[str, list[Any]], journal: Journal) -> None:
    """Tell columns of dates from columns of true and false, and an end of all from an end of one."""
    left = [cell for cell in cells.get("left", []) if _text(cell)]
    if left and all(truth(cell) is not None for cell in left):
        cells["left_flag"] = cells.pop("left")
    if "date" in cells and "event" not in cells:
        names = [_text(cell) for cell in cells.get("name", cells.get("id", []))]
        role = "joined" if len(set(names)) == len(names) else "snapshot"
        if role not in cells:
            cells[role] = cells.pop("date")
            meaning = "the day of joining" if role == "joined" else "the day of a list, as members occur on several"
            journal.finding("dates", 1, "a column 'date' that does not say of what", f"taken as {meaning}")
    if "ended" in cells and "left" in cells and "window_end" not in cells:
        cells["window_end"] = cells.pop("left")
        cells["window_start"] = cells.get("joined", [])
        journal.finding(
            "dates",
            1,
            "a column says whether each member ended, and the end date is that of the whole partnership",
            "who ended did so at some time between the start and the end: an interval, not a date",
        )


def _dates(
    role: str,
    cells: list[Any],
    rows: list[tuple[int, int]],
    sheets: Sequence[Sheet],
    day_first: bool | None,
    meanings: Mapping[str, str],
    journal: Journal,
) -> Dates:
    """Read a column of dates, and note what is mixed, ambiguous or not a date in it."""
    read = read_dates(cells, day_first)
    label = role.replace("_", " ")
    if role in EXITS:
        stays = [place for place, text in read.odd.items() if _says_still_there(text, meanings)]
        words = joined(list(dict.fromkeys(read.odd.pop(place) for place in stays)))
        journal.finding("dates", len(stays), f"{several(len(stays), 'text')} in '{label}': {words}", "taken as: no end")
    places = [f"{sheets[k].where}, {sheets[k].places[n]}" for k, n in (rows[place] for place in read.odd)]
    for where, text in zip(places, read.odd.values(), strict=True):
        journal.change("date not read", f"'{label}' is not a date", place=where, value=text)
    journal.finding(
        "dates",
        len(places),
        f"{several(len(places), 'date')} in '{label}' cannot be read ({joined(places)})",
        "who has one is taken as left, on an unknown day between joining and the day of the list, unless a status or a "
        "later list shows otherwise"
        if role in EXITS
        else "taken as not known",
    )
    if len(read.forms) > 1:
        forms = joined([f"{read.examples[form]} ({n})" for form, n in read.forms.most_common()], 9)
        journal.finding(
            "dates", sum(read.forms.values()), f"'{label}' mixes forms of dates: {forms}", "each read as meant"
        )
    if read.both_orders:
        text = f"'{label}' has dates with the day first and others with the month first"
        journal.finding("dates", read.ambiguous or 1, text, f"{read.ambiguous} that can be both: the day first")
    elif read.ambiguous:
        order = "the month" if read.month_first else "the day"
        effect = (
            "as other dates of the column show"
            if read.month_first and day_first is None
            else "day_first= says otherwise"
        )
        text = f"{several(read.ambiguous, 'date')} in '{label}' such as {read.examples['either']} can be read both ways"
        journal.finding("dates", read.ambiguous, text, f"read with {order} first; {effect}")
    journal.finding(
        "dates",
        len(read.is_open),
        f"{several(len(read.is_open), 'date')} in '{label}' such as {read.examples.get('open', '')}",
        "taken as: no end",
    )
    coarse = sum(when is not None and not when.is_exact for when in read.values)
    if role in ("joined", "left"):
        text = f"{several(coarse, 'date')} in '{label}' {'has' if coarse == 1 else 'have'} a month or a year only"
        journal.finding("dates", coarse, text, "taken as an interval")
    return read


def _dates_not_used(sheet: Sheet, leavers: Sequence[tuple[Record, Mapping[str, Any]]], journal: Journal) -> None:
    """Suggest a column that is not used and holds dates, where members left on days that no column says."""
    if not leavers or any(role in record.dates for record, _ in leavers for role in (*EXITS, "date")):
        return
    for column in sheet.columns:
        filled = [(record, row[column]) for record, row in leavers if _text(row[column])]
        read = read_dates([cell for _, cell in filled])
        joins = [record.dates["joined"].low if "joined" in record.dates else date.min for record, _ in filled]
        known = [
            when for when, since in zip(read.values, joins, strict=True) if when is not None and when.high >= since
        ]
        of_days = set(read.forms) - {SERIAL}  # numbers of five digits alone need not be days
        if column in sheet.roles.values() or not of_days or len(known) < max(len(filled), 0.5 * len(leavers)):
            continue
        journal.finding(
            "exits",
            len(leavers),
            f"{sheet.where}: {several(len(leavers), 'exit')} without a date, and the column '{column}', which is not "
            "used, has dates",
            f"if they are the days of leaving, import again with columns='{{left: {column}}}'",
        )


def _says_still_there(text: str, meanings: Mapping[str, str]) -> bool:
    """Tell whether a text in place of a date of leaving says that the member has not left."""
    return truth(text) is False or meanings.get(plain_word(text)) in ("member", "suspended", "fulfilled")


def _text(cell: Any) -> str:
    """Give a cell as text; empty where it says that nothing is known."""
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    text = " ".join(str(cell).split())
    return "" if is_missing(text) else text


def _statuses(records: list[Record], meanings: Mapping[str, str], are_events: bool, journal: Journal) -> None:
    """Give each status its meaning; words that mean nothing known leave the member on the list."""
    words = Counter(record.status for record in records if record.status)
    unknown = {word: n for word, n in words.items() if plain_word(word) not in meanings}
    by_meaning: dict[str, list[str]] = {}
    for word, n in words.most_common():
        by_meaning.setdefault(meanings.get(plain_word(word), "not known"), []).append(f"{word} ({n})")
    for record in records:
        value = truth(record.status)
        record.status = (
            meanings.get(plain_word(record.status), "") if value is None else ("member" if value else "left")
        )
        if record.status == "left":
            record.is_left = True
        elif record.status in ("member", "suspended", "fulfilled") and record.is_left is None:
            record.is_left = False
        if record.is_left and not record.status:
            record.status = "left"
    if len(by_meaning) > 1:
        shown = "; ".join(f"{meaning}: {joined(own)}" for meaning, own in by_meaning.items())
        journal.finding("statuses", len(words), f"status words mix things: {shown}", "only 'left' is an exit")
    if unknown and not are_events:
        n = sum(unknown.values())
        journal.finding(
            "statuses",
            n,
            f"{several(n, 'row')} with a status that is not known: {joined(list(unknown))}",
            "taken as members; say what they mean with statuses=FILE (columns status,meaning)",
        )


def _sectors(records: list[Record], known: Mapping[str, str], journal: Journal) -> list[str]:
    """Give each member its sector: by its code, by its tier, or by the words in its name."""
    codes, to_map = any(record.code for record in records), set[tuple[str, str]]()
    guesses: set[str] = set()
    for record in records:
        code = record.code if codes else record.tier
        sector = sector_of(code, known)
        guess = "" if sector else sector_by_name(record.name)
        record.sector = sector or guess
        if sector and not record.sector_from:
            record.sector_from = "code" if codes else "tier"
        elif guess:
            record.sector_from = "name"
            guesses.add(record.name)
        elif not sector:
            record.sector_from = "not mapped" if code else ""
        if code and not sector:
            to_map.add((code, record.name))
    what, unmapped = "sector codes" if codes else "tiers", Counter(code for code, _ in sorted(to_map))
    journal.finding(
        "sectors",
        len(guesses),
        f"{several(len(guesses), 'member')} with a sector guessed from the name",
        "check them in members.csv",
    )
    if len(unmapped) > TOO_MANY and sum(n == 1 for n in unmapped.values()) > len(unmapped) / 2:
        journal.finding(
            "sectors",
            len(unmapped),
            f"the column of {what} has {len(unmapped)} different texts",
            "it does not seem to hold codes; name another with columns='{sector: ...}'",
        )
        return []
    if unmapped:
        listed = joined([f"{code} ({n})" for code, n in unmapped.most_common()], 12)
        journal.finding(
            "sectors",
            sum(unmapped.values()),
            f"{what} that are not mapped: {listed}",
            "fill in their sectors in sectors.csv and give map=sectors.csv",
        )
    bare = len({record.name for record in records if not record.sector})
    journal.finding(
        "sectors", bare, f"{several(bare, 'member')} without a sector", "left out where sectors are compared"
    )
    return [code for code, _ in unmapped.most_common()]


def _numbers(records: list[Record], journal: Journal) -> None:
    """Write numbers with a decimal point, whatever they have: 51611,25 and 284812.5 can stand in one column."""
    commas = points = odd = 0
    for record in records:
        for role in RANGES:
            text = record.traits.get(role, "")
            if not text:
                continue
            number = SIZES.get(text.casefold()) if role == "size" else None
            number = number_in(text) if number is None else number
            commas, points = commas + ("," in text), points + ("." in text)
            if number is None:
                odd += 1
                journal.change(
                    "number not read",
                    f"'{role}' is not a number",
                    partnership=record.partnership,
                    member=record.name,
                    place=record.place,
                    value=text,
                )
                del record.traits[role]
            else:
                record.traits[role] = f"{number:.10g}"
    if commas and points:
        journal.finding(
            "numbers", commas, f"{commas} numbers with a comma beside {points} with a point", "each read as meant"
        )
    journal.finding("numbers", odd, f"{several(odd, 'number')} cannot be read", "taken as not known")
    _scale(records, journal)


def _scale(records: list[Record], journal: Journal) -> None:
    """Put sizes and fees that are amounts in multiples of the median; leave out what no member can have."""
    for role, (low, high) in RANGES.items():
        rows = [record for record in records if role in record.traits]
        middle = median([float(record.traits[role]) for record in rows if float(record.traits[role]) > 0] or [1.0])
        amounts = role in ("size", "fee") and middle > AMOUNT
        if amounts:
            text = f"'{role}' has amounts: the median is {middle:,.10g}"
            journal.finding("numbers", len(rows), text, "written in multiples of it, as a case takes them")
        out = 0
        for record in rows:
            value = float(record.traits[role]) / (middle if amounts else 1.0)
            record.traits[role] = f"{value:.6g}"
            if not low <= value <= high:
                out += 1
                why = f"'{role}' is not from {low:g} to {high:g}"
                where = {"partnership": record.partnership, "member": record.name, "place": record.place}
                journal.change("number not used", why, value=record.traits.pop(role), **where)
        journal.finding(
            "numbers", out, f"{several(out, 'number')} in '{role}' not from {low:g} to {high:g}", "not used"
        )
