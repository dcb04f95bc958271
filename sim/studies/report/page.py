"""The page: sections of words, a figure and tables, rendered as one HTML file that needs nothing else."""

import base64
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    import pandas as pd


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows for a reader: headings, and cells as text; a first column of names."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclasses.dataclass(frozen=True)
class Section:
    """A part of the page. ``figure`` is a PNG, ``says`` tells it in words, ``data`` are files below the folder."""

    title: str
    words: Sequence[str] = ()
    figure: Path | None = None
    says: str = ""
    tables: Sequence[Table] = ()
    data: Sequence[str] = ()

    @property
    def picture(self) -> str:
        """The figure as text that a page can hold."""
        assert self.figure is not None
        return "data:image/png;base64," + base64.b64encode(self.figure.read_bytes()).decode()

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


def as_table(caption: str, found: "pd.DataFrame", columns: Mapping[str, tuple[str, str]]) -> Table:
    """Write a table for readers: column -> heading and format; what is not known is a dash."""
    rows = [[_cell(row[c], form) for c, (_, form) in columns.items()] for row in found.to_dict("records")]
    return Table(caption, [head for head, _ in columns.values()], rows)


def _cell(value: Any, form: str) -> str:
    if isinstance(value, str):
        return value.replace("_", " ")
    if value != value or value is None:
        return "–"
    if value in (float("inf"), float("-inf")):
        return "none seen"
    return format(value, form)
