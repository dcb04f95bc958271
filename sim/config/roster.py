"""The roster of a case: a table of a spreadsheet, rows, or how many members each sector has."""

import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.config.user_tables import read_user_table
from sim.config.words import is_missing, is_total, plain_word, role_of, sector_map, sector_of
from sim.core.calendar import day_first, month_of
from sim.core.dates import is_no_date
from sim.core.errors import AT_ONCE, InputError, near, readable
from sim.core.numbers import EITHER, number_in
from sim.core.paths import path_of
from sim.model.members import Member

COLUMNS = tuple(Member.model_fields)
"""The columns of a roster that the model uses; any other is a note."""

READ_AS = {"name": "name", "sector": "sector", "segment": "segment", "joined": "joins", "left": "leaves"}
"""Columns that go by other names too (``configs/lists/columns.csv``): what such a name says, and the column."""

SIZES = {"small": 0.4, "medium": 1.0, "large": 2.5}
"""Size by word, the median member's being 1; assumption."""

NO_SEGMENT = ("none", "-", "no", "-1")
"""Words for a member that competes in no market."""

DATES = ("joins", "leaves")
NUMBERS = ("size", "readiness", "mission", "sensitivity", "need", "fee")

LARGEST = 5000
"""Most members of a case."""


def read_roster(
    members: Any, folder: Path, begins: str | None, sectors: Collection[str], where: str
) -> tuple[list[dict[str, Any]], list[str]]:
    """Read who the members are.

    Args:
        members: the name of a table, rows, or how many members each sector has.
        folder: where the case stands: a table is looked for beside it.
        begins: the date of month 1, or None.
        sectors: the names of the sectors that the case has.
        where: how messages name the case.

    Returns:
        The members as plain data, and the names of the segments where they have names.

    Raises:
        InputError: for anything that cannot be used; it names up to a dozen faults at once.
    """
    rows = _rows(members, folder, where)
    if len(rows) > LARGEST:
        raise InputError(f"{where}: members: has {len(rows):,} rows; at most {LARGEST:,} are read")
    labels = _labels(row.get("segment") for row in rows)
    order = day_first([row[name] for row in rows for name in DATES if row.get(name) is not None], f"{where}: members")
    result, faults = [], []
    for number, row in enumerate(rows, 1):
        try:
            result.append(_member(row, number, labels, begins, sectors, order))
        except InputError as error:
            faults += [f"{where}: members: {line}" for line in str(error).splitlines()]
    _refuse_alike(result, where)
    if faults:
        more = [f"and {len(faults) - AT_ONCE} more: put these right first"] if len(faults) > AT_ONCE else []
        raise InputError("\n".join([*faults[:AT_ONCE], *more]))
    return result, list(labels.values())


def _rows(members: Any, folder: Path, where: str) -> list[dict[str, Any]]:
    """Give a row for each member, with what the model uses."""
    if isinstance(members, str):
        return _of_table(path_of(str(folder / members)), f"{where}: members={members}")
    if isinstance(members, Mapping):
        return _numbers(members, where)
    if isinstance(members, Sequence) and all(isinstance(m, Mapping) for m in members):
        return [dict(m) for m in members]
    raise InputError(
        f"{where}: members takes the name of a table (members.csv), rows ({{name: ..., sector: ...}}), "
        "or how many each sector has ({public: 5, private: 18})"
    )


def _of_table(path: Path, where: str) -> list[dict[str, Any]]:
    """Read a table: columns by their names or by words for them, without rows that add it up."""
    table = read_user_table(path, where, may_be_empty=True, as_texts=True)
    names = {name.lower().strip().replace(" ", "_"): name for name in table.columns}
    for role, column in READ_AS.items():
        other = next((name for name in table.columns if role_of(name) == role and name.lower() not in COLUMNS), None)
        if column not in names and other is not None:
            names[column] = other
            warnings.warn(f"{where}: the column '{other}' is read as {column}", stacklevel=2)
    for name in table.columns:
        close = get_close_matches(plain_word(name), COLUMNS, 1, 0.75)
        if close and close[0] not in names:
            warnings.warn(f"{where}: the column '{name}' is not used; did you mean {close[0]}?", stacklevel=2)
    missing = next((name for name in ("name", "sector") if name not in names), None)
    if missing:
        raise InputError(
            f"{where}: has no column '{missing}'; it has {', '.join(table.columns)}. Columns are "
            f"{', '.join(COLUMNS)}; name and sector are needed, any other is a note"
        )
    used = {low: table.columns[name] for low, name in names.items() if low in COLUMNS}
    rows = []
    for place, values in zip(table.places, zip(*used.values(), strict=True), strict=True):
        row = dict(zip(used, values, strict=True))
        if is_total(row["name"] or "", row["sector"] or ""):
            warnings.warn(f"{where}, {place}: '{row['name']}' is left out: it adds the others up", stacklevel=2)
        elif row["name"] is None:
            raise InputError(f"{where}, {place}: has no name; give one, or take the row out")
        else:
            rows.append(row)
    return rows


def _numbers(counts: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    """Make numbered members from how many each sector has."""
    for sector, n in counts.items():
        if isinstance(n, bool) or not isinstance(n, int) or not 0 <= n <= LARGEST:
            raise InputError(f"{where}: members.{sector} = {n!r}: give how many, a whole number from 0 to {LARGEST}")
    return [{"name": f"{s.capitalize()} {k}", "sector": s} for s, n in counts.items() for k in range(1, n + 1)]


def _labels(segments: Iterator[Any]) -> dict[str, str]:
    """Give the names of segments, in their order, by how they compare: none where segments are numbers."""
    texts = [" ".join(str(s).split()) for s in segments if s is not None and not _in_no_market(s)]
    if all(number_in(text) is not None for text in texts):
        return {}
    labels: dict[str, str] = {}
    for text in texts:
        labels.setdefault(text.casefold(), text)
    return labels


def _member(
    row: Mapping[str, Any],
    number: int,
    labels: Mapping[str, str],
    begins: str | None,
    sectors: Collection[str],
    order: bool,
) -> dict[str, Any]:
    """Read what a row says about one member."""
    name = str(row.get("name") or "").strip()
    if not name:
        raise InputError(f"number {number} has no name")
    unknown = [column for column in row if column not in COLUMNS]
    if unknown:
        raise InputError(f"{name}: has no '{unknown[0]}'; {near(unknown[0], COLUMNS)}")
    member: dict[str, Any] = {"name": name, "sector": _sector(row.get("sector"), sectors, name)}
    for column in (column for column in COLUMNS[2:] if row.get(column) is not None):
        value = row[column]
        if column == "segment":
            key = " ".join(str(value).split()).casefold()
            member[column] = -1 if _in_no_market(value) else list(labels).index(key) if labels else _number(value)
        elif column in DATES and not (isinstance(value, str) and is_no_date(value)):
            member[column] = month_of(value, begins, f"{name}: {column}", order)
        elif column in NUMBERS and not is_missing(value):
            member[column] = _size(value, name) if column == "size" else _number(value)
    _check(member)
    return member


def _sector(value: Any, sectors: Collection[str], name: str) -> str:
    """Read a sector: one of the case's own, or a usual word for one."""
    if value is None or is_missing(value):
        raise InputError(f"{name}: has no sector; give one of {', '.join(sectors)}")
    own = {plain_word(sector): sector for sector in sectors}
    sector = own.get(plain_word(value)) or sector_of(str(value), sector_map(None))
    if not sector:
        raise InputError(
            f"{name}: sector = {value}: is not known; {near(value, sectors)}. Usual words are read too (Company, NGO, "
            f"University, Municipality); or add it to the case: sectors: {{{plain_word(value)}: {{like: private}}}}"
        )
    return sector


def _number(value: Any) -> Any:
    """Read a number where a text holds one; anything else is refused where ranges are checked."""
    number = number_in(value) if isinstance(value, str) and not EITHER.fullmatch(value) else None
    return value if number is None else int(number) if number.is_integer() else number


def _size(value: Any, name: str) -> Any:
    """Read a size, which may be a word."""
    size = SIZES.get(str(value).strip().lower(), _number(value))
    if isinstance(size, str) and not EITHER.fullmatch(size):
        raise InputError(f"{name}: size = {value}: give a number (1: as the median member) or {', '.join(SIZES)}")
    return size


def _check(member: Mapping[str, Any]) -> None:
    """Check the ranges of what is known of a member."""
    odd = next((c for c in NUMBERS if isinstance(member.get(c), str) and EITHER.fullmatch(member[c])), None)
    if odd:
        text = member[odd]
        raise InputError(
            f"{member['name']}: {odd} = {text}: can be {text.replace(',', '')} and {text.replace(',', '.')}; write "
            "decimals with a point, and no sign between thousands"
        )
    if member.get("leaves", 1) < 1:
        raise InputError(
            f"{member['name']}: leaves in month {member['leaves']}, before the partnership began: take the row out, or "
            "put the start earlier"
        )
    try:
        Member.model_validate(member)
    except ValidationError as error:
        lines = readable(error, "", Member).splitlines()
        raise InputError("\n".join(f"{member['name']}: {line}" for line in lines)) from error


def _refuse_alike(members: Sequence[Mapping[str, Any]], where: str) -> None:
    """Refuse two members whose names differ in case and spaces only."""
    seen: dict[str, str] = {}
    for member in members:
        other = seen.setdefault(" ".join(member["name"].split()).casefold(), member["name"])
        if other is not member["name"]:
            same = f"'{other}' occurs twice" if other == member["name"] else f"'{other}' and '{member['name']}' differ "
            same += "" if other == member["name"] else "only in capitals or spaces"
            raise InputError(f"{where}: members: {same}; give each member a name of its own, or take one row out")


def _in_no_market(segment: Any) -> bool:
    return str(segment).strip().lower() in NO_SEGMENT
