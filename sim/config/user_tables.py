"""Tables of a user's own: CSV of spreadsheets, R and pandas is read as meant, or refused by naming what was found.

A cell means what the same text means in YAML. Separators, decimal commas, byte order marks and encodings are told from
the file; where two readings are possible, the table is refused.
"""

import codecs
import csv
import io
import math
import re
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim.config.yaml import plain_value
from sim.core.errors import InputError
from sim.core.paths import path_of

LARGEST = 500_000_000
"""Largest table that is read, in bytes."""

LABELS = ("id", "label", "note", "notes", "comment", "comments")
"""Columns that say something about a row and vary nothing: texts, which may be empty."""

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
OTHER_FILES = {
    b"PK\x03\x04": "a spreadsheet (.xlsx, .ods)",
    b"\xd0\xcf\x11\xe0": "a spreadsheet (.xls)",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a compressed file",
}
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
MISSING = ("nan", "na", "n/a", "inf", "-inf", "infinity", "-infinity", "null")
COMMA = re.compile(r"[-+]?[0-9]*,[0-9]+([eE][-+]?[0-9]+)?")
POINT = re.compile(r"[-+]?[0-9]*\.[0-9]+([eE][-+]?[0-9]+)?")
GROUPED = re.compile(r"[-+]?[1-9][0-9]{0,2},[0-9]{3}")


@dataclass(frozen=True)
class UserTable:
    """A table as it was meant.

    Attributes:
        columns: the values of each column by its name: numbers, texts, truth values.
        labels: the columns about rows (see ``LABELS``), as texts.
        places: where each row stands, in words: ``line 3``.
    """

    columns: Mapping[str, Sequence[Any]]
    labels: Mapping[str, Sequence[str]]
    places: Sequence[str]


def read_user_table(
    path: str | Path,
    where: str,
    may_be_empty: bool = False,
    check: Callable[[Path], Path] = Path,
    as_texts: bool = False,
) -> UserTable:
    """Read a CSV file.

    Args:
        path: the file.
        where: how messages name it, such as ``design.path=points.csv``.
        may_be_empty: whether a cell may hold nothing, which is None then; otherwise it is refused.
        check: looks at the file before it is read, for damage.
        as_texts: whether cells stay the texts that they are, for a reader that knows what each column holds.

    Raises:
        InputError: if it cannot be read, or read in two ways; the message says what was found and what to do.
    """
    file = path_of(path)
    try:
        if file.stat().st_size > LARGEST:
            raise InputError(f"{where}: is larger than {LARGEST // 1_000_000} MB")
        return _read(check(file).read_bytes(), where, may_be_empty, as_texts)
    except OSError as error:
        raise InputError(f"{where}: cannot be read: {error.strerror}") from error


def user_table(columns: Mapping[str, Sequence[Any]], where: str) -> UserTable:
    """Check a table that is given as columns.

    Args:
        columns: the values of each column by its name.
        where: how messages name it.

    Raises:
        InputError: if it cannot be used; the message says what was found and what to do.
    """
    if len({len(values) for values in columns.values()}) > 1:
        raise InputError(f"{where}: every column needs the same number of values")
    rows = [list(row) for row in zip(*columns.values(), strict=True)]
    return _checked(where, list(columns), rows, [f"row {k}" for k in range(1, len(rows) + 1)])


@lru_cache(maxsize=2)
def _read(content: bytes, where: str, may_be_empty: bool, as_texts: bool) -> UserTable:
    """Read a table once while its file is unchanged: a sweep asks for its design several times."""
    lines, places = cells_of(content, where)
    if len(lines) < 2:
        raise InputError(f"{where}: needs a header and at least one row")
    head, rows = lines[0], lines[1:]
    if all(len(row) == len(head) + 1 for row in rows) and _is_index([row[0] for row in rows]):
        rows = [row[1:] for row in rows]  # R writes the names of rows without a name of their own
    try:
        return _checked(where, head, rows, places[1:], may_be_empty, as_texts)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"{where}: {error}") from error


def cells_of(content: bytes, where: str) -> tuple[list[list[str]], list[str]]:
    """Split a CSV file into cells, whatever its encoding and separator.

    Args:
        content: of the file.
        where: how messages name it.

    Returns:
        The lines that hold anything, as cells without spaces at their ends; and where each stands, such as ``line 3``.

    Raises:
        InputError: if it is not a text, or not CSV.
    """
    text = _decoded(content, where)
    first, _, rest = text.partition("\n")
    stated = re.fullmatch(r'"?sep=(.)"?[,;\t]*\r?', first, re.IGNORECASE)
    separator = stated[1] if stated else _separator(text, where)
    reader = csv.reader(io.StringIO(rest if stated else text, newline=""), delimiter=separator, strict=True)
    lines: list[list[str]] = []
    places: list[str] = []
    try:
        for line in reader:
            if any(cell.strip() for cell in line):
                lines.append([cell.strip() for cell in line])
                places.append(f"line {reader.line_num + bool(stated)}")
    except csv.Error as error:
        raise InputError(f"{where}, line {reader.line_num}: is not CSV: {error}; see to its quotes") from error
    return lines, places


def _decoded(content: bytes, where: str) -> str:
    for start, kind in OTHER_FILES.items():
        if content.startswith(start):
            raise InputError(f"{where}: is {kind}; save it as CSV")
    encoding = next((name for mark, name in MARKS.items() if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content[:2]:
        encoding = "utf-16-be" if content[0] == 0 else "utf-16-le"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        try:
            text = content.decode("cp1252" if encoding == "utf-8" else encoding)
        except UnicodeDecodeError:
            raise InputError(f"{where}: is not a text in UTF-8, UTF-16 or Windows-1252; save it as UTF-8") from error
        advice = "read as Windows-1252; if letters are wrong, save it as UTF-8"
        warnings.warn(f"{where}: is not in UTF-8; {advice}", stacklevel=2)
    odd = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\U0010ffff]", text)
    if odd:
        raise InputError(f"{where}: has the control character {odd[0]!r}; it is not a table of text")
    return text


def _separator(text: str, where: str) -> str:
    """Tell the separator from the header; names have none in them."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", header)
    signs = [sign for sign in SEPARATORS if sign in bare]
    if len(signs) > 1:
        names = " and ".join(SEPARATORS[sign] for sign in signs)
        raise InputError(f"{where}: its header has {names}; separate columns by one of them")
    return signs[0] if signs else "\x1f"  # one column


def _is_index(cells: Sequence[Any]) -> bool:
    """Tell whether a column without a name numbers the rows, as pandas (from 0) and R (from 1) write them."""
    texts = [str(cell) for cell in cells]
    return any(texts == [str(k) for k in range(first, first + len(texts))] for first in (0, 1))


def _checked(
    where: str,
    head: Sequence[Any],
    rows: list[list[Any]],
    places: list[str],
    may_be_empty: bool = False,
    as_texts: bool = False,
) -> UserTable:
    """Check the form of a table, leave out what holds nothing, and read its cells."""
    head = [str(name).strip() for name in head]
    for place, row in zip(places, rows, strict=True):
        if any(cell != "" for cell in row[len(head) :]):
            raise InputError(f"{where}, {place}: has {len(row)} values for {len(head)} columns: {row}")
        row += [""] * (len(head) - len(row))
    columns: dict[str, list[Any]] = {}
    for k, name in enumerate(head):
        cells = [row[k] for row in rows]
        if name == "" or name.startswith("Unnamed:"):  # as pandas calls a column without a name
            named = next(((p, c) for p, c in zip(places, cells, strict=True) if c != ""), None)
            if named is not None and not (k == 0 and _is_index(cells)):
                raise InputError(
                    f"{where}: column {k + 1} has no name, and {named[1]!r} in {named[0]}; name it, or take it out"
                )
            continue
        if name in columns:
            raise InputError(f"{where}: the header has {name} twice; give each column once")
        columns[name] = cells
    labels = {name: [str(c) for c in cells] for name, cells in columns.items() if name.lower() in LABELS}
    columns = {name: cells for name, cells in columns.items() if name not in labels}
    if not columns or not rows:
        raise InputError(f"{where}: needs a header and at least one row")
    if as_texts:
        return UserTable({name: [cell or None for cell in cells] for name, cells in columns.items()}, labels, places)
    _decimal_points(where, columns, places)
    read = {name: _values(where, name, cells, places, may_be_empty) for name, cells in columns.items()}
    return UserTable(read, labels, places)


def _decimal_points(where: str, columns: dict[str, list[Any]], places: list[str]) -> None:
    """Write decimal commas as points; a table has one or the other."""
    commas = {
        name: [(p, c) for p, c in zip(places, cells, strict=True) if isinstance(c, str) and COMMA.fullmatch(c)]
        for name, cells in columns.items()
    }
    every = [pair for name, pairs in commas.items() if pairs and _is_numeric(columns[name]) for pair in pairs]
    if not every:
        return
    for cells in columns.values():
        for place, cell in zip(places, cells, strict=True):
            if isinstance(cell, str) and POINT.fullmatch(cell):
                raise InputError(
                    f"{where}: has {every[0][1]} in {every[0][0]} and {cell} in {place}; write decimals one way"
                )
    if all(GROUPED.fullmatch(cell) for _, cell in every):
        place, cell = every[0]
        raise InputError(
            f"{where}, {place}: {cell} can be {cell.replace(',', '')} or {cell.replace(',', '.')}; write decimals with "
            "a point, and no sign between thousands"
        )
    for name, pairs in commas.items():
        if pairs and _is_numeric(columns[name]):
            columns[name] = [cell.replace(",", ".") for cell in columns[name]]


def _is_numeric(cells: list[Any]) -> bool:
    """Tell whether all cells are numbers, with a decimal comma or without."""
    cells = [c for c in cells if c != ""] or cells
    return all(isinstance(c, str) and (COMMA.fullmatch(c) or not isinstance(plain_value(c), str)) for c in cells)


def _values(where: str, name: str, cells: list[Any], places: list[str], may_be_empty: bool) -> list[Any]:
    if may_be_empty:
        cells = [None if isinstance(c, str) and (c == "" or c.lower() in MISSING) else c for c in cells]
    values = [plain_value(cell) if isinstance(cell, str) else cell for cell in cells]
    for place, cell, value in zip(places, cells, values, strict=True):
        if cell is None:
            continue
        if cell == "":
            raise InputError(f"{where}, {place}: {name} is empty; give a value, or take the row out")
        odd = isinstance(value, float) and not math.isfinite(value)
        if value is None or odd or (isinstance(cell, str) and cell.lower() in MISSING):
            raise InputError(f"{where}, {place}: {name} = {cell} is not a value; give a number")
    return values


def refuse_twice(table: UserTable, where: str, names: Collection[str] = ()) -> None:
    """Refuse a table in which two rows say the same.

    Args:
        table: the table.
        where: how messages name it.
        names: the columns that tell rows apart; all by default.

    Raises:
        InputError: for the first row that repeats another.
    """
    seen: dict[tuple[Any, ...], str] = {}
    chosen = [table.columns[name] for name in names or table.columns]
    for place, row in zip(table.places, zip(*chosen, strict=True), strict=True):
        other = seen.setdefault(row, place)
        if other is not place:
            raise InputError(f"{where}, {place}: is the same as {other}; give each once")
