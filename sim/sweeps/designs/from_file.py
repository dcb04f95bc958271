"""A user's own design: a CSV with a column per dimension and a row per point."""

import csv
from typing import TYPE_CHECKING, Any

from sim.core.declare import param
from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.sweeps.designs.base import Design
from sim.sweeps.designs.space import Space

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 500_000_000


class FromFile(Design):
    """The rows of a CSV file; its header names parameters by dotted paths, or scenario, policy, policy.PARAMETER."""

    name = "file"
    path: str = param("design.csv", unit="", source="configuration", doc="The CSV file")
    columns: dict[str, list[Any]] = param(
        {}, unit="", source="configuration", doc="The table itself, instead of a file"
    )

    def table(self, space: Space) -> "pd.DataFrame":
        """Read the rows; the space is what the header says (see ``columns_of``)."""
        import pandas as pd

        head, rows = self._read()
        table = pd.DataFrame(rows, columns=head)
        for d in space.dimensions:
            if all(_number(v) is not None for v in table[d.name]):
                table[d.name] = table[d.name].astype(float)
        return table

    def _read(self) -> tuple[list[str], list[list[str]]]:
        if not self.columns:
            return _checked(f"design.path={self.path}", "line", _lines(self.path))
        if len({len(values) for values in self.columns.values()}) > 1:
            raise InputError("design.columns: every column needs the same number of values")
        rows = [[str(v) for v in row] for row in zip(*self.columns.values(), strict=True)]
        return _checked("design", "row", [list(self.columns), *rows])

    def space(self) -> dict[str, list[Any]]:
        """Give the columns with their distinct values, as a space is given elsewhere."""
        head, rows = self._read()
        values = [[row[k] if _number(row[k]) is None else _number(row[k]) for row in rows] for k in range(len(head))]
        return {name: list(dict.fromkeys(column)) for name, column in zip(head, values, strict=True)}


def _lines(path: str) -> list[list[str]]:
    """Read the cells of the file, line by line; empty lines are left out."""
    file = path_of(path)
    try:
        if file.stat().st_size > LARGEST:
            raise InputError(f"design.path={path}: is larger than {LARGEST // 1_000_000} MB")
        with file.open(encoding="utf-8-sig", newline="") as text:
            return [[cell.strip() for cell in line] for line in csv.reader(text) if any(c.strip() for c in line)]
    except OSError as error:
        raise InputError(f"design.path={path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"design.path={path}: is not a CSV file in UTF-8: {error}") from error


def _checked(where: str, unit: str, lines: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Check the form of the table: header, rows of one length, nothing empty, nothing twice."""
    if len(lines) < 2:
        raise InputError(f"{where}: needs a header and at least one row")
    head, rows = lines[0], lines[1:]
    if len(head) == 1 and ";" in head[0]:
        raise InputError(f"{where}: separate columns by commas, not semicolons; decimals have a point")
    twice = sorted({h for h in head if head.count(h) > 1})
    if "" in head:
        raise InputError(f"{where}: the header has an empty name; name every column")
    if twice:
        raise InputError(f"{where}: the header has {twice[0]} twice; give each column once")
    seen: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(rows, 2):
        if len(row) != len(head) or "" in row:
            raise InputError(f"{where}, {unit} {number}: needs {len(head)} values, none empty; has {row}")
        bad = next((v for v in row if v.lower() in ("nan", "inf", "-inf", "infinity", "-infinity", "na", "null")), None)
        if bad is not None:
            raise InputError(f"{where}, {unit} {number}: {bad} is not a value; give a number")
        key = tuple(str(v if _number(v) is None else _number(v)) for v in row)
        if key in seen:
            raise InputError(f"{where}, {unit} {number}: is the same as {unit} {seen[key]}; give each point once")
        seen[key] = number
    return head, rows


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
