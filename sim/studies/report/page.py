"""The page: sections with words, a figure and tables, rendered as one HTML file that needs no other file."""

import base64
import dataclasses
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sim.core.numbers import number_text
from sim.studies.report.terms import anchor, definitions, pattern, used

if TYPE_CHECKING:
    import pandas as pd
    from markupsafe import Markup

    from sim.studies.report.options import Options
    from sim.studies.result import Result
    from sim.viz.save import Figure

ROWS = 30
"""Most rows of a table on the plain page of a result."""


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows for a reader: headings, and cells as text; a first column of names. What follows a line break is small."""

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
        note: at the figure's own foot: what its numbers are and where they come from.
    """

    title: str
    words: Sequence[str] = ()
    figure: "Callable[[], Figure] | Path | bytes | None" = None
    file: str = ""
    says: str = ""
    tables: Sequence[Table] = ()
    data: "Mapping[str, pd.DataFrame | None]" = dataclasses.field(default_factory=dict)
    note: str = ""

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
    """A report.

    Attributes:
        title: the heading.
        question: below it.
        answer: sentences; the first is the answer, the others say what it costs and rests on.
        sections: the parts of the page.
        facts: how it was made.
        options: weighs what there is to choose from.
        words: definitions of words of this page, besides ``terms.definitions``.
    """

    title: str
    question: str
    answer: Sequence[str]
    sections: Sequence[Section]
    facts: Mapping[str, str]
    options: "Options | None" = None
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def terms(self) -> dict[str, str]:
        """The definitions of the words that stand on the page."""
        return used(self._texts(), {**definitions(), **self.words})

    def tables(self) -> Iterator[Table]:
        """Give every table of the page, in its order."""
        for number, section in enumerate(self.sections or [Section("")]):
            yield from section.tables
            if self.options is not None and number == 0:
                yield from (self.options.as_table, self.options.sectors)

    def _texts(self) -> Iterator[str]:
        yield from self.answer
        if self.options is not None:
            yield from self.options.recommendation()
        for section in self.sections:
            yield from section.words
        for table in self.tables():
            yield from (table.caption, *table.heads)
            yield from (cell for row in table.rows for cell in row)


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
    html: str = template(Path(__file__).with_name("page.html")).render(
        page=page, script=script, digest=digest, terms=page.terms
    )
    return html


def linked(text: str, terms: Mapping[str, str]) -> "Markup":
    """Escape a text and link each defined word, where it stands first, to its definition; numbers get a true minus.

    Args:
        text: as it is.
        terms: word -> definition.
    """
    from markupsafe import Markup, escape

    linked_words = set[str]()

    def link(match: re.Match[str]) -> str:
        word = match[1].lower()
        if word in linked_words:
            return match[0]
        linked_words.add(word)
        return f'<a class="term" href="#{anchor(word)}">{match[0]}</a>'

    safe = str(escape(text))
    return Markup(minus(pattern(terms).sub(link, safe) if terms else safe))


def minus(text: str) -> str:
    """Write a true minus before numbers, which does not part from them at the end of a line."""
    return re.sub(r"(?<![\w.&#;/–-])-(?=\d)", "\u2212", text)


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
    environment.filters |= {"linked": linked, "minus": minus, "anchor": anchor}
    return environment.get_template(path.name)


def page_of(result: "Result") -> Page:
    """Give the plain page of a result: its text, figures and tables."""
    from sim.studies.result import PARQUET

    figures = [
        Section(_heading(name), figure=draw, file=name, says=f"{_heading(name)}.", note=result.note)
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
    return "–" if value is None else number_text(value, form)
