"""The page: sections with words, a figure and tables, rendered as one HTML file that needs no other file."""

import base64
import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.report.options import Options
    from sim.studies.result import Result
    from sim.viz.save import Figure

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

    Attributes:
        title: the heading.
        words: paragraphs below it.
        figure: a function that draws it, a PNG file, or the bytes of one.
        file: the name, without ending, of the files that a drawn figure is saved to.
        says: the figure in words.
        tables: tables for readers.
        data: file name -> its rows, or None for a file that the folder has already.
    """

    title: str
    words: Sequence[str] = ()
    figure: "Callable[[], Figure] | Path | bytes | None" = None
    file: str = ""
    says: str = ""
    tables: Sequence[Table] = ()
    data: "Mapping[str, pd.DataFrame | None]" = dataclasses.field(default_factory=dict)

    @property
    def picture(self) -> str:
        """The figure as text that a page can hold."""
        assert isinstance(self.figure, bytes)
        return "data:image/png;base64," + base64.b64encode(self.figure).decode()

    @property
    def links(self) -> list[tuple[str, str]]:
        """Name and relative address of each data file."""
        return [(name, quote(name)) for name in self.data]


@dataclasses.dataclass(frozen=True)
class Page:
    """A report; ``facts`` say how it was made, ``options`` weighs what there is to choose from."""

    title: str
    question: str
    answer: Sequence[str]
    sections: Sequence[Section]
    facts: Mapping[str, str]
    options: "Options | None" = None


def finish(page: Page, folder: Path | None = None, place: str = "report", about: str = "") -> Page:
    """Draw the figures of a page; with a folder, save them and the tables behind them below it.

    Args:
        page: the page, its figures not yet drawn.
        folder: a folder of results; None: the page stands alone and links to nothing.
        place: the folder in it for the page's own figures and tables.
        about: what made the figures, written inside them.
    """
    return dataclasses.replace(page, sections=[_finish(section, folder, place, about) for section in page.sections])


def _finish(section: Section, folder: Path | None, place: str, about: str) -> Section:
    from sim.storage.results import write_csv
    from sim.viz.save import as_png, save_figure

    figure, links = section.figure, dict[str, None]()
    if folder is not None and callable(figure):
        save_figure(figure(), folder / place / section.file, about)
        figure = folder / place / f"{section.file}.png"
    if callable(figure):
        figure = as_png(figure())
    elif isinstance(figure, Path):
        figure = figure.read_bytes()
    if folder is not None:
        for name, rows in section.data.items():
            if rows is not None:
                write_csv(rows, folder / place / name)
            links[name if rows is None else f"{place}/{name}"] = None
    return dataclasses.replace(section, figure=figure, data=links)


def render(page: Page) -> str:
    """Give a finished page as HTML; all text is escaped."""
    script, digest = "", ""
    if page.options is not None:
        script = Path(__file__).with_name("options.js").read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    html: str = template(Path(__file__).with_name("page.html")).render(page=page, script=script, digest=digest)
    return html


def template(path: Path) -> Any:
    """Read a template of HTML that escapes all text and refuses names it is not given."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(path.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(path.name)


def page_of(result: "Result") -> Page:
    """Give the plain page of a result: its text, figures and tables."""
    from sim.studies.result import PARQUET

    figures = [
        Section(_heading(name), figure=draw, file=name, says=f"{_heading(name)}. {result.note}.")
        for name, draw in result.draw().items()
    ]
    tables = [
        Section(_heading(name), tables=[as_table(_rows_shown(len(table)), table.head(ROWS))])
        for name, table in result.tables.items()
        if name not in PARQUET
    ]
    facts = {"Made by": result.call, "Configuration": result.key, "Model": result.identity.model}
    answer = [line for line in result.text().partition("\n\n")[0].splitlines() if line]
    return Page(result.title, "", answer, [*figures, *tables], facts)


def _rows_shown(n: int) -> str:
    return f"All {n} rows" if n <= ROWS else f"The first {ROWS} rows of {n:,}"


def _heading(name: str) -> str:
    return name.replace("_", " ").capitalize()


def as_table(caption: str, rows: "pd.DataFrame", columns: Mapping[str, tuple[str, str]] | None = None) -> Table:
    """Write a table for readers; what is not known is a dash.

    Args:
        caption: what the table shows.
        rows: the rows, in order.
        columns: column -> heading and format; by default every column, numbers to four digits. Texts lose their
            underscores, but for the format "s".
    """
    if columns is None:
        columns = {str(c): (str(c).replace("_", " "), ".4g" if rows[c].dtype.kind in "fiu" else "") for c in rows}
    cells = [[_cell(row[c], form) for c, (_, form) in columns.items()] for row in rows.to_dict("records")]
    return Table(caption, [head for head, _ in columns.values()], cells)


def _cell(value: Any, form: str) -> str:
    if isinstance(value, str):
        return value if form == "s" else value.replace("_", " ")
    if value is None or value != value:
        return "–"
    if value in (float("inf"), float("-inf")):
        return "none seen"
    return format(value, form)
