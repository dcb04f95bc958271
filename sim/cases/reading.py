"""Files of members as rows of cells: CSV in any dress, plain lists of names, spreadsheets, YAML by tier, JSON."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.config.user_tables import cells_of
from sim.config.words import role_of
from sim.config.yaml import load_plain
from sim.core.dates import When, date_in
from sim.core.errors import InputError
from sim.core.paths import path_of

LARGEST = 200_000_000
"""Largest file that is read, in bytes."""

PREAMBLE = 12
"""Lines that may stand above the header."""

MEMBERS = re.compile(r"\bmembers?\b|\bleden\b|\bmitglieder\b", re.IGNORECASE)
"""Names of the parts of a YAML file that list members, where others list something else."""


@dataclass
class Sheet:
    """One table as it stands in a file.

    Attributes:
        file: the file's name without its folder.
        part: of the file: a sheet of a workbook; or empty.
        columns: the header.
        rows: cells by column.
        places: where each row stands, such as ``line 3``.
        date: of the snapshot, as the name says; None without one.
        notes: what was noticed when reading, in plain words.
        roles: what is used of it: role -> column.
    """

    file: str
    part: str
    columns: list[str]
    rows: list[dict[str, Any]]
    places: list[str]
    date: When | None
    notes: list[str]
    roles: dict[str, str] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """How messages name it."""
        return f"{self.file}, sheet {self.part}" if self.part else self.file


def read_files(files: list[str | Path], columns: Mapping[str, str]) -> list[tuple[Sheet, bytes]]:
    """Read every file.

    Args:
        files: paths.
        columns: role -> column, as the user named them: a header may have names that are not known.

    Returns:
        The tables of all files, each with the content of its file.

    Raises:
        InputError: for a file that cannot be read; the message is one line.
    """
    result = []
    for name in files:
        path = path_of(name)
        try:
            if not path.is_file():
                raise InputError(f"{name}: there is no such file")
            if path.stat().st_size > LARGEST:
                raise InputError(f"{name}: is larger than {LARGEST // 1_000_000} MB")
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f"{name}: cannot be read: {error.strerror}") from error
        if not content.strip():
            raise InputError(f"{name}: is empty; give a list with a row for each member")
        result += [(sheet, content) for sheet in _sheets(path, content, set(columns.values()))]
    return result


def _sheets(path: Path, content: bytes, own: set[str]) -> Iterator[Sheet]:
    suffix = path.suffix.lower()
    if content.startswith(b"PK\x03\x04"):
        yield from _of_workbook(path, own)
    elif suffix in (".yaml", ".yml", ".json"):
        yield _of_tree(path, content)
    else:
        lines, places = cells_of(content, path.name)
        yield _table(path, "", lines, places, own)


def _table(path: Path, part: str, lines: list[list[Any]], places: list[str], own: set[str]) -> Sheet:
    """Tell the header from what stands above it, and give each row its cells by column."""
    notes: list[str] = []
    date = date_in(part) or date_in(path.stem)
    if not lines:
        raise InputError(f"{path.name}: has no rows; give a list with a row for each member")
    heads = [k for k, line in enumerate(lines[:PREAMBLE]) if _is_header(line, own)]
    if not heads and max(map(len, lines)) == 1:  # a plain list of names
        return Sheet(path.name, part, ["name"], [{"name": line[0]} for line in lines], places, date, notes)
    head = heads[0] if heads else 0
    if head:
        notes.append(f"{head} lines above the header are left out")
        date = date or next((d for line in lines[:head] for cell in line if (d := date_in(str(cell)))), None)
    columns = _unique([" ".join(str(cell if cell is not None else "").split()) for cell in lines[head]])
    rows = [dict(zip(columns, [*line, *[""] * len(columns)], strict=False)) for line in lines[head + 1 :]]
    too_long = [
        place
        for line, place in zip(lines[head + 1 :], places[head + 1 :], strict=True)
        if any(str(cell if cell is not None else "").strip() for cell in line[len(columns) :])
    ]
    if too_long:
        raise InputError(
            f"{path.name}, {too_long[0]}: has more cells than the header has columns; put a text that has the "
            "separator in it between double quotes"
        )
    for column in [name for name in columns if name.startswith("column ")]:
        if all(str(row[column] or "").strip() == "" for row in rows):
            columns.remove(column)
    return Sheet(path.name, part, columns, rows, places[head + 1 :], date, notes)


def _is_header(line: list[Any], own: set[str]) -> bool:
    """Tell whether a line has the name of a column that says which member a row is about."""
    names = [str(cell).strip() for cell in line if cell is not None]
    return bool(own & set(names)) or any(role_of(name) in ("name", "id") for name in names)


def _unique(columns: list[str]) -> list[str]:
    """Give columns without a name, or with that of another, a name of their own."""
    result: list[str] = []
    for k, column in enumerate(columns, 1):
        name = column or f"column {k}"
        result.append(name if name not in result else f"{name} ({k})")
    return result


def _of_workbook(path: Path, own: set[str]) -> Iterator[Sheet]:
    """Read the sheets of a workbook: all whose names have a date, or else the first that holds anything."""
    try:
        from openpyxl import load_workbook
    except ModuleNotFoundError:
        raise InputError(
            f"{path.name}: is a workbook, which needs the extra excel: python -m pip install "
            "'partnership-dynamics[excel]'; or save it as CSV"
        ) from None
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        sheets = {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets}
        book.close()
    except Exception as error:  # whatever openpyxl raises for a damaged file
        raise InputError(f"{path.name}: cannot be read as a workbook: {type(error).__name__}; save it again") from error
    full = {title: rows for title, rows in sheets.items() if any(_has_content(row) for row in rows)}
    if not full:
        raise InputError(f"{path.name}: has no rows; give a list with a row for each member")
    dated = [title for title in full if date_in(title)]
    chosen = dated if len(dated) > 1 else list(full)[:1]
    for title in chosen:
        lines = [(row, f"row {k}") for k, row in enumerate(full[title], 1) if _has_content(row)]
        name = title if len(full) > 1 or date_in(title) else ""
        sheet = _table(path, name, [row for row, _ in lines], [place for _, place in lines], own)
        if len(full) > len(chosen) and title == chosen[0]:
            sheet.notes.append(f"{len(full) - len(chosen)} more sheets are left out; save them as files to read them")
        yield sheet


def _has_content(row: list[Any]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in row)


def _of_tree(path: Path, content: bytes) -> Sheet:
    """Read members from nested names and lists: the name above a list is the tier."""
    import yaml

    try:
        text = content.decode("utf-8-sig")
        data = json.loads(text) if path.suffix.lower() == ".json" else load_plain(text)
    except (UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path.name}: is not a text in UTF-8, or nested too deeply; save it again") from error
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"{path.name}: cannot be read: {' '.join(str(error).split())[:160]}") from error
    items = list(_items(data, ()))
    listing = [any(MEMBERS.search(name) for name in above) for above, _ in items]
    notes = []
    if any(listing) and not all(listing):
        notes.append(f"{listing.count(False)} items that do not stand below a name with 'member' are left out")
        items = [item for item, wanted in zip(items, listing, strict=True) if wanted]
    if not items:
        raise InputError(f"{path.name}: lists nothing with a name; give a list of members, by tier if there are tiers")
    rows = [
        {"name": str(item), **tier} if not isinstance(item, Mapping) else {**tier, **_flat(item)}
        for above, item in items
        for tier in [{"tier": above[-1]} if above and not MEMBERS.fullmatch(above[-1]) else {}]
    ]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    places = [f"item {k}" for k in range(1, len(rows) + 1)]
    return Sheet(
        path.name,
        "",
        columns,
        [{c: row.get(c, "") for c in columns} for row in rows],
        places,
        date_in(path.stem),
        notes,
    )


def _items(data: Any, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Give the members below some data, each with the names above it."""
    if isinstance(data, list):
        for part in data:
            if isinstance(part, (Mapping, list)):
                yield from _items(part, above)
            elif part is not None:
                yield above, part
    elif isinstance(data, Mapping):
        own = next((str(v) for k, v in data.items() if role_of(k) == "name" and isinstance(v, str)), "")
        inner = {key: value for key, value in data.items() if _holds_members(key, value, bool(own))}
        if own and not inner:
            yield above, data
        for key, value in inner.items():
            name = own or ("" if key in STRUCTURE else key)
            yield from _items(value, (*above, name) if name else above)
        if not own and not inner:
            for key, value in data.items():  # {Member 1: {...}, Member 2: {...}}
                if isinstance(value, Mapping):
                    yield above, {"name": key, **value}


def _holds_members(key: str, value: Any, is_named: bool) -> bool:
    """Tell whether a part of the data holds members, and is not one of them or said of one."""
    if isinstance(value, Mapping):
        return any(isinstance(part, (list, Mapping)) for part in value.values())
    if not isinstance(value, list):
        return False
    return key in STRUCTURE or not is_named or any(isinstance(part, Mapping) for part in value)


STRUCTURE = ("landscape", "categories", "subcategories", "items", "members", "list", "data", "results")
"""Keys that say how a file is built, not which tier it is."""


def _flat(item: Mapping[str, Any]) -> dict[str, Any]:
    """Put what an item's own mappings say beside what it says itself."""
    result: dict[str, Any] = {}
    for key, value in item.items():
        if isinstance(value, Mapping):
            result = {**_flat(value), **result}
        elif not isinstance(value, list) and value is not None:
            result[key] = value
    return result
