"""The page: sections of words, a figure and tables, rendered as one HTML file that needs nothing else."""

import base64
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.result import Result

ROWS = 30
"""Most rows of a table on the plain page of a result."""


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows for a reader: headings, and cells as text; a first column of names."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclasses.dataclass(frozen=True)
class Section:
    """A part of the page.

    ``figure`` is a PNG (a file, or its bytes), ``says`` tells it in words, ``data`` are files below the folder.
    """

    title: str
    words: Sequence[str] = ()
    figure: Path | bytes | None = None
    says: str = ""
    tables: Sequence[Table] = ()
    data: Sequence[str] = ()

    @property
    def picture(self) -> str:
        """The figure as text that a page can hold."""
        assert self.figure is not None
        png = self.figure if isinstance(self.figure, bytes) else self.figure.read_bytes()
        return "data:image/png;base64," + base64.b64encode(png).decode()

    @property
    def links(self) -> list[tuple[str, str]]:
        """Name and relative address of each data file."""
        return [(name, quote(name)) for name in self.data]


@dataclasses.dataclass(frozen=True)
class Page:
    """A whole report; ``facts`` say how it was made."""

    title: str
    question: str
    answer: Sequence[str]
    sections: Sequence[Section]
    facts: Mapping[str, str]


def render(page: Page) -> str:
    """Give the page as HTML; all text is escaped."""
    return template(Path(__file__).with_name("page.html")).render(page=page)


def template(path: Path) -> Any:
    """Read a template of HTML that escapes all text and refuses names it is not given."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    rooms = Environment(
        loader=FileSystemLoader(path.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return rooms.get_template(path.name)


def page_of(result: "Result") -> Page:
    """Give the plain page of a result: its text, figures and tables."""
    from sim.studies.result import PARQUET
    from sim.viz.save import as_png

    figures = [
        Section(_heading(name), figure=as_png(draw()), says=f"{_heading(name)}. {result.note}.")
        for name, draw in result.draw().items()
    ]
    tables = [
        Section(_heading(name), tables=[as_table(f"The first {ROWS} rows of {len(table):,}", table.head(ROWS))])
        for name, table in result.tables.items()
        if name not in PARQUET
    ]
    facts = {"Made by": result.call, "Configuration": result.key, "Model": result.identity.model}
    answer = [line for line in result.text().partition("\n\n")[0].splitlines() if line]
    return Page(result.title, "", answer, [*figures, *tables], facts)


def _heading(name: str) -> str:
    return name.replace("_", " ").capitalize()


def as_table(caption: str, rows: "pd.DataFrame", columns: Mapping[str, tuple[str, str]] | None = None) -> Table:
    """Write a table for readers; what is not known is a dash.

    Args:
        caption: what the table shows.
        rows: the rows, in order.
        columns: column -> heading and format; by default every column, numbers to four digits.
    """
    if columns is None:
        columns = {str(c): (str(c).replace("_", " "), ".4g" if rows[c].dtype.kind in "fiu" else "") for c in rows}
    cells = [[_cell(row[c], form) for c, (_, form) in columns.items()] for row in rows.to_dict("records")]
    return Table(caption, [head for head, _ in columns.values()], cells)


def _cell(value: Any, form: str) -> str:
    if isinstance(value, str):
        return value.replace("_", " ")
    if value is None or value != value:
        return "–"
    if value in (float("inf"), float("-inf")):
        return "none seen"
    return format(value, form)
