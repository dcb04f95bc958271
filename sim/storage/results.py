"""Results on disk: tables as Parquet and CSV, configurations, versions, digests of files."""

import contextlib
import os
import platform
import re
import shlex
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.config.yaml import dump_plain
from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.storage.atomic import write_atomic
from sim.storage.folders import verified

if TYPE_CHECKING:
    import pandas as pd


def write_csv(table: "pd.DataFrame", path: Path) -> None:
    """Write a table as CSV, atomically; decimal numbers read back as the same numbers."""
    write_atomic(path, csv_text(table).encode())


def csv_text(table: "pd.DataFrame", float_format: str | None = None) -> str:
    """Give a table as CSV, with the same line ends on every system."""
    return str(table.to_csv(index=False, lineterminator="\n", float_format=float_format))


def write_table(table: "pd.DataFrame", path: Path) -> None:
    """Write a table as Parquet (one thread: the same rows give the same bytes)."""
    import duckdb

    try:
        with _database_of(os.getpid()).cursor() as db:
            db.register("rows", table)
            db.execute(f"COPY rows TO '{str(path).replace(chr(39), chr(39) * 2)}' (FORMAT parquet, COMPRESSION zstd)")
    except duckdb.IOException as error:
        raise InputError(f"{path.name} cannot be written: {' '.join(str(error).split())}") from error


def table_bytes(table: "pd.DataFrame") -> bytes:
    """Give a table as the content of a Parquet file."""
    with tempfile.TemporaryDirectory() as place:
        write_table(table, Path(place) / "table")
        return (Path(place) / "table").read_bytes()


def read_table(path: str | Path) -> "pd.DataFrame":
    """Read a table of a results folder into pandas.

    Raises:
        InputError: if there is no such file, it is no table, or not as the manifest of its folder says.
    """
    import duckdb

    file = path_of(path)
    if not file.is_file():
        raise InputError(f"{path}: there is no such table; name a .parquet file of a results folder")
    verified(file)
    try:
        with _database_of(os.getpid()).cursor() as db:  # a folder called seed=7 says nothing of the rows in it
            table: pd.DataFrame = db.execute(
                "SELECT * FROM read_parquet(?, hive_partitioning = false)", [literal(file)]
            ).df()
            return table
    except duckdb.Error as error:
        raise InputError(f"{path}: cannot be read as Parquet: {' '.join(str(error).split())[:200]}") from error


def database(**options: Any) -> Any:
    """Open a database in memory; it never fetches extensions."""
    import duckdb

    return duckdb.connect(config={"autoinstall_known_extensions": False, **options})


@cache
def _database_of(process: int) -> Any:
    """Keep one open database per process: opening one takes longer than writing most tables."""
    return database(threads=1)


def literal(path: str | Path) -> str:
    """Write a path so that DuckDB takes it as it is and not as a pattern."""
    return re.sub(r"([\[*?])", r"[\1]", str(path))


def quoted(name: str) -> str:
    """Write the name of a column as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def as_yaml(config: Mapping[str, Any], about: str) -> str:
    """Write a configuration for people to read, below a line that says what it is."""
    return f"# {about}\n{dump_plain(dict(config))}"


def versions() -> dict[str, str]:
    """Give the versions, and the kind of machine, that results depend on."""
    return dict(_versions())


@cache
def _versions() -> dict[str, str]:
    import numpy as np

    build: Any = np.show_config(mode="dicts")  # instructions: the same NumPy rounds otherwise with others
    kind = (platform.machine(), *build.get("SIMD Extensions", {}).get("found", [])[-1:])
    known = {"python": platform.python_version(), "system": platform.system(), "machine": " ".join(kind)}
    for name in ("partnership-dynamics", "numpy", "pandas", "scipy", "matplotlib", "duckdb", "mesa", "llvmlite"):
        with contextlib.suppress(PackageNotFoundError):
            known[name] = version(name)
    return known


def command_line(command: str, arguments: list[str]) -> str:
    """Write the command that repeats a result; where it was written to does not matter.

    Where members are anonymised, a roster that was typed into the command is left out of it.
    """
    hidden = any("anonymise" in a for a in arguments)
    shown = (
        re.sub(r"^(scenario={|scenario\.members=).*", r"\1...", a, flags=re.DOTALL) if hidden else a for a in arguments
    )
    return " ".join(["partnership", command, *(shlex.quote(a) for a in shown if not a.startswith("folder="))])
