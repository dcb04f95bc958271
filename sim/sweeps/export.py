"""A table of a sweep for other programs: CSV with any separator, Excel, Stata, Parquet."""

import datetime
import re
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError, model_validator

from sim.core.declare import Declared, param
from sim.core.errors import InputError, readable
from sim.storage.atomic import remove, rename
from sim.storage.results import write_table
from sim.sweeps.sql import ORDER, query
from sim.sweeps.store import OURS, Store

if TYPE_CHECKING:
    import pandas as pd

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
SUFFIXES = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".xlsx": "xlsx",
    ".dta": "dta",
    ".parquet": "parquet",
}
SHEET = 1_048_575
"""Most rows of an Excel sheet, below its header."""


def _option(default: Any, doc: str) -> Any:
    return param(default, unit="", doc=doc, source="configuration")


class Form(Declared):
    """How a table is written."""

    format: Literal["", "csv", "xlsx", "dta", "parquet"] = _option("", "csv, xlsx, dta (Stata) or parquet; by suffix")
    sep: str = _option("", "What separates columns of a CSV: comma, semicolon, tab, bar, or the sign itself")
    decimal: Literal[".", ","] = _option(".", "The decimal sign of a CSV")
    names: Literal["dotted", "plain"] = _option("dotted", "plain: letters, digits and _ only, as R and Stata like them")
    overwrite: bool = _option(False, "Write over a file that is there")

    @model_validator(mode="after")
    def _check(self) -> "Form":
        if len(self.separator) != 1 or self.separator.isalnum() or self.separator in ".\"'\n\r":
            raise ValueError(f"sep = {self.sep!r}: give {', '.join(SEPARATORS)}, or one sign")
        if self.separator == self.decimal:
            raise ValueError("sep and decimal are the same sign; with decimal=, give sep=semicolon")
        return self

    @property
    def separator(self) -> str:
        """The sign between columns; a semicolon by default where decimals have a comma."""
        default = ";" if self.decimal == "," else ","
        return SEPARATORS.get(self.sep, self.sep) or default


def form_of(options: dict[str, Any]) -> Form:
    """Check how a table is to be written.

    Raises:
        InputError: one line for each option that cannot be used.
    """
    try:
        return Form.model_validate(options)
    except ValidationError as error:
        raise InputError(readable(error, "", Form)) from error


def export(store: Store, table: str, to: Path, form: Form) -> int:
    """Write a table, sorted, to a file that is complete or not there; gives the number of rows.

    Args:
        store: the sweep.
        table: a table or view of it.
        to: the file; its suffix decides the format unless ``form`` does.
        form: how it is written.

    Raises:
        InputError: if the file is there already, or cannot be written, or does not hold the table.
    """
    _refuse(store, to, form)
    kind = form.format or SUFFIXES.get(to.suffix.lower(), "")
    if not kind:
        raise InputError(f"to={to}: end the name in {', '.join(SUFFIXES)}, or give format=csv, xlsx, dta or parquet")
    if kind == "csv" and not form.sep and to.suffix.lower() in (".tsv", ".tab"):
        form = form.model_copy(update={"sep": "tab"})
    rows = query(store, f"SELECT * FROM {table} ORDER BY {ORDER.get(table, chr(34) + 'row' + chr(34))}")
    meanings = dict(zip(_plain_names(rows.columns, 32 if kind == "dta" else 200), rows.columns, strict=True))
    if kind == "dta" or form.names == "plain":
        rows = rows.set_axis(list(meanings), axis=1)
    partial = to.parent / f".{to.name}.partial"
    write: Callable[[pd.DataFrame, Path], None] = {
        "csv": lambda t, p: t.to_csv(
            p, index=False, sep=form.separator, decimal=form.decimal, lineterminator="\n", encoding="utf-8"
        ),
        "xlsx": lambda t, p: _excel(t, p, table),
        "dta": lambda t, p: _stata(t, p, meanings),
        "parquet": write_table,
    }[kind]
    try:
        write(rows, partial)
        rename(partial, to)
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"to={to}: cannot be written: {' '.join(str(error).split())}") from error
    finally:
        with suppress(OSError, ValueError):
            remove(partial)
    return len(rows)


def _refuse(store: Store, to: Path, form: Form) -> None:
    """Refuse the sweep's own files, anything that is not a file, such as a device, and files that are there."""
    ours = [store.folder.resolve() / name for name in (*OURS, store.design_file.name)]
    if any(to.resolve().is_relative_to(own) for own in ours):
        raise InputError(f"to={to}: cannot be written: the sweep itself lives by it; name another file")
    if to.exists() and not to.is_file():
        raise InputError(f"to={to}: cannot be written: it exists and is not a file; name another file")
    if to.exists() and not form.overwrite:
        raise InputError(f"to={to}: is there already; name another file, or add overwrite=true")


def _plain_names(columns: Any, longest: int) -> list[str]:
    """Write names with letters, digits and _ only, each once, none longer than allowed."""
    names: list[str] = []
    for column in columns:
        plain = re.sub(r"\W", "_", str(column), flags=re.ASCII)
        plain = f"_{plain}" if plain[:1].isdigit() else plain
        short, k = plain[:longest], 2
        while short.lower() in (name.lower() for name in names):
            short, k = f"{plain[: longest - len(str(k)) - 1]}_{k}", k + 1
        names.append(short)
    return names


def _excel(table: "pd.DataFrame", path: Path, sheet: str) -> None:
    import pandas as pd

    if len(table) > SHEET:
        raise InputError(f"an Excel sheet holds {SHEET:,} rows, and there are {len(table):,}; write CSV or Parquet")
    with path.open("wb") as file, pd.ExcelWriter(file, engine="openpyxl") as book:
        table.to_excel(book, sheet_name=sheet, index=False)
        for row in book.sheets[sheet].iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    cell.data_type = "s"  # a text that begins with = is no formula


def _stata(table: "pd.DataFrame", path: Path, meanings: dict[str, Any]) -> None:
    import numpy as np

    texts: dict[str, Any] = {}
    for name in table:
        if table[name].dtype.kind not in "iufb":
            texts[str(name)] = table[name].fillna("").astype(str).astype(object)
    numbers = table.assign(**texts).replace([np.inf, -np.inf], np.nan)
    labels = {name: str(meaning)[:80] for name, meaning in meanings.items()}
    with path.open("wb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whole numbers too large for Stata's own become doubles, exact to 2**53
        numbers.to_stata(
            file, write_index=False, version=118, variable_labels=labels, time_stamp=datetime.datetime(2000, 1, 1)
        )
