"""Where a command runs: its terminal, its encoding, and a Matplotlib without anybody's configuration."""

import io
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from itertools import groupby
from pathlib import Path
from typing import Any

TABLE = 3
"""Fewest lines that are a table."""


@contextmanager
def settled() -> Iterator[None]:
    """Make the process one that writes files: nothing of the host's that could stop or change that is obeyed.

    Figures need no backend and no matplotlibrc; a character that the output's encoding lacks is written out; on a
    terminal, long lines are wrapped and wide tables cut between their columns.
    """
    os.environ.update(MPLBACKEND="agg", MATPLOTLIBRC=os.devnull)
    if Path("matplotlibrc").exists():  # Matplotlib reads one in the current folder first
        from sim.viz.style import import_without_configuration

        import_without_configuration()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if not sys.stdout or not sys.stdout.isatty():
        yield
        return
    with redirect_stdout(_Fitted(sys.stdout)):
        yield


class _Fitted:
    """A terminal whose text fits its width."""

    def __init__(self, terminal: Any) -> None:
        self._terminal = terminal

    def __getattr__(self, name: str) -> Any:
        return getattr(self._terminal, name)

    def write(self, text: str) -> int:
        """Write text, fitted to the width of this moment."""
        self._terminal.write(fitted(text, shutil.get_terminal_size().columns))
        return len(text)


def fitted(text: str, columns: int) -> str:
    """Fit text to a width: cut wide tables between columns, repeating the first, and wrap other long lines.

    Args:
        text: lines; what fits stays as it is.
        columns: the width, in characters.

    Returns:
        The text. Words longer than the width are not broken, so that addresses and paths can be copied.
    """
    lines: list[str] = []
    for in_columns, group in groupby(text.split("\n"), key=lambda line: bool(re.search(r"\S {2,}\S", line))):
        rows = list(group)
        wide = max(map(len, rows)) > columns
        lines += (in_columns and wide and _cut(rows, columns)) or [part for row in rows for part in _wrap(row, columns)]
    return "\n".join(lines)


def _cut(rows: list[str], columns: int) -> list[str]:
    """Cut a table between its columns, repeating those that name the rows; nothing where it is not one, or too wide."""
    width = max(map(len, rows))
    filled = "".join(" " if all(row[k : k + 1] in ("", " ") for row in rows) else "x" for k in range(width))
    ends = [match.end() for match in re.finditer(r"x( ?x)*", filled)]
    while ends and not _are_distinct([row[: ends[0]].strip() for row in rows]):
        del ends[0]
    if len(rows) < TABLE or len(ends) < 2:
        return []
    label, parts = ends[0], [[ends[0]]]
    for end in ends[1:]:
        if label + end - parts[-1][0] > columns:
            parts.append([parts[-1][-1]])
        parts[-1].append(end)
        if label + end - parts[-1][0] > columns:
            return []
    cut = [[(row[:label].ljust(label) + row[p[0] : p[-1]]).rstrip() for row in rows] for p in parts]
    return [line for part in cut for line in (*part, "")][:-1]


def _are_distinct(names: list[str]) -> bool:
    known = [name for name in names if name]
    return len(known) == len(set(known))


def _wrap(line: str, columns: int) -> list[str]:
    """Wrap a line; what follows is indented a little further."""
    if len(line) <= columns:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(
        line, max(columns, 20), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
