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
    """The rows of a CSV file; its header names parameters by dotted paths, or scenario, policy, policy.SETTING."""

    name = "file"
    path: str = param("design.csv", unit="", source="configuration", doc="The CSV file")

    def table(self, space: Space) -> "pd.DataFrame":
        """Read the rows; the space is what the header says (see ``columns_of``)."""
        import pandas as pd

        head, rows = _read(self.path)
        table = pd.DataFrame(rows, columns=head)
        for d in space.dimensions:
            if all(_number(v) is not None for v in table[d.name]):
                table[d.name] = table[d.name].astype(float)
        return table

    def space(self) -> dict[str, list[Any]]:
        """Give the columns with their distinct values, as a space is given elsewhere."""
        head, rows = _read(self.path)
        values = [[row[k] if _number(row[k]) is None else _number(row[k]) for row in rows] for k in range(len(head))]
        return {name: list(dict.fromkeys(column)) for name, column in zip(head, values, strict=True)}


def _read(path: str) -> tuple[list[str], list[list[str]]]:
    """Read and check the form of the file: header, rows of one length, nothing empty, nothing twice."""
    file = path_of(path)
    try:
        if file.stat().st_size > LARGEST:
            raise InputError(f"design.path={path}: is larger than {LARGEST // 1_000_000} MB")
        with file.open(encoding="utf-8-sig", newline="") as text:
            lines = [[cell.strip() for cell in line] for line in csv.reader(text) if any(c.strip() for c in line)]
    except OSError as error:
        raise InputError(f"design.path={path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"design.path={path}: is not a CSV file in UTF-8: {error}") from error
    if len(lines) < 2:
        raise InputError(f"design.path={path}: needs a header and at least one row")
    head, rows = lines[0], lines[1:]
    if len(head) == 1 and ";" in head[0]:
        raise InputError(f"design.path={path}: separate columns by commas, not semicolons; decimals have a point")
    twice = sorted({h for h in head if head.count(h) > 1})
    if "" in head:
        raise InputError(f"design.path={path}: the header has an empty name; name every column")
    if twice:
        raise InputError(f"design.path={path}: the header has {twice[0]} twice; give each column once")
    seen: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(rows, 2):
        if len(row) != len(head) or "" in row:
            raise InputError(f"design.path={path}, line {number}: needs {len(head)} values, none empty; has {row}")
        bad = next((v for v in row if v.lower() in ("nan", "inf", "-inf", "infinity", "-infinity", "na", "null")), None)
        if bad is not None:
            raise InputError(f"design.path={path}, line {number}: {bad} is no value; give a number")
        key = tuple(str(v if _number(v) is None else _number(v)) for v in row)
        if key in seen:
            raise InputError(
                f"design.path={path}, line {number}: is the same as line {seen[key]}; give each point once"
            )
        seen[key] = number
    return head, rows


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
