"""The page as slides, to edit: the answer, a slide for each table and each figure, and what the words mean."""

import io
import math
from collections.abc import Sequence
from typing import Any

from sim.storage.slides import EDGE, HIGH, INK, SOFT, WIDE, add_box, deck_bytes, new_deck, titled_slide, write_lines
from sim.studies.report.page import Page, Section, Table

ROOM = WIDE - 2 * EDGE
"""Width of a table (inches)."""

TALL = 5.0
"""Most height of a table (inches)."""

LETTER, SMALL, LINE = 0.085, 0.068, 0.19
"""Width of a letter of 11 and of 9 points, and height of a line, in a table (inches), on the large side."""

WHITE, PALE = "FFFFFF", "F5F7F9"


def slides_bytes(page: Page) -> bytes:
    """Give the slides of a finished page as the content of a ``.pptx`` file; the same page gives the same bytes.

    Args:
        page: with its figures drawn.

    Raises:
        InputError: without the package python-pptx.
    """
    deck = new_deck()
    first = titled_slide(deck, page.title)
    add_box(first, [page.question], 1.6, 0.5, 18, SOFT)
    add_box(first, list(page.answer[:1]), 2.2, 1.3, 24 if len(page.answer[0]) < 260 else 18)
    rest = [f"•  {line}" for line in page.answer[1:]]
    add_box(first, rest, 3.7, 3.3, 14 if sum(map(len, rest)) < 1300 else 11)
    for number, section in enumerate(page.sections or [Section("")]):
        _add_section(deck, section)
        if page.options is not None and number == 0:
            choice = titled_slide(deck, "Options by criteria")
            add_box(choice, [f"•  {line}" for line in page.options.recommendation()], 1.7, 5.0, 18)
            for table in (page.options.as_table, page.options.sectors):
                _add_table(deck, "Options by criteria", table)
    _add_table(deck, "What the words mean", Table("", ["word", "meaning"], list(page.terms.items())))
    _add_table(deck, "How this was made", Table("", ["what", ""], list(page.facts.items())))
    return deck_bytes(deck)


def _add_section(deck: Any, section: Section) -> None:
    """Add a slide for the figure and for each table of a section; its words stand in the notes."""
    from pptx.util import Inches

    notes = "\n".join(section.words)
    if isinstance(section.figure, bytes):
        slide = titled_slide(deck, section.title, 0.9)
        picture = slide.shapes.add_picture(io.BytesIO(section.figure), 0, 0)
        most_wide, most_high = Inches(ROOM), Inches(HIGH - 1.4 - 0.7)
        scale = min(most_wide / picture.width, most_high / picture.height)
        picture.width, picture.height = int(picture.width * scale), int(picture.height * scale)
        picture.left, picture.top = int((deck.slide_width - picture.width) / 2), Inches(1.35)
        picture.name = section.title
        picture._element.nvPicPr.cNvPr.set("descr", f"{section.says} {section.note}")
        add_box(slide, [section.says], HIGH - 0.65, 0.4, 12, SOFT)
        slide.notes_slide.notes_text_frame.text = notes
    elif section.words and not section.tables:
        add_box(titled_slide(deck, section.title, 0.9), list(section.words), 1.4, 5.5, 16)
    for table in section.tables:
        _add_table(deck, section.title, table, notes)


def _add_table(deck: Any, title: str, table: Table, notes: str = "") -> None:
    """Add a table, on as many slides as its rows need."""
    if not table.rows:
        return
    widths, parts = _widths(table), _parts(table)
    for number, rows in enumerate(parts, 1):
        slide = titled_slide(deck, title, 0.9)
        add_box(slide, [table.caption], 1.25, 0.5, 13, SOFT)
        _fill(slide, table.heads, rows, widths)
        if len(parts) > 1:
            add_box(slide, [f"{number} of {len(parts)}"], HIGH - 0.5, 0.3, 11, SOFT)
        if notes:
            slide.notes_slide.notes_text_frame.text = notes


def _widths(table: Table) -> list[float]:
    """Share the width out: the first column has what its longest cell needs, up to a third; of two, less."""
    n, longest = len(table.heads), max(len(row[0]) for row in table.rows)
    first = min(max(longest * LETTER + 0.25, 1.3), ROOM / 3)
    return [first, *[(ROOM - first) / max(n - 1, 1)] * (n - 1)]


def _height(cells: Sequence[str], widths: Sequence[float]) -> float:
    """Give the height that a row needs (inches)."""

    def lines(cell: str, width: float) -> int:
        first, *rest = cell.split("\n")
        wide = [len(first) * LETTER, *(len(line) * SMALL for line in rest)]
        return sum(max(1, math.ceil(w / (width - 0.15))) for w in wide)

    return 0.1 + LINE * max(lines(cell, width) for cell, width in zip(cells, widths, strict=True))


def _parts(table: Table) -> list[list[Sequence[str]]]:
    """Cut the rows into parts that fit on a slide each, of much the same height."""
    widths = _widths(table)
    heights = [_height(row, widths) for row in table.rows]
    most = TALL - _height(table.heads, widths)
    n = len(_cut(table.rows, heights, most))
    return _cut(table.rows, heights, min(most, sum(heights) / n + max(heights) / 2))


def _cut(rows: Sequence[Sequence[str]], heights: Sequence[float], most: float) -> list[list[Sequence[str]]]:
    """Begin a new part wherever the next row has no room any more."""
    parts, left = list[list[Sequence[str]]](), 0.0
    for row, height in zip(rows, heights, strict=True):
        if height > left or not parts:
            parts.append([])
            left = most
        parts[-1].append(row)
        left -= height
    return parts


def _fill(slide: Any, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
    """Draw a table that can be edited, in the colours of the page."""
    from pptx.dml.color import RGBColor
    from pptx.util import Inches, Pt

    lines = [list(heads), *rows]
    frame = slide.shapes.add_table(len(lines), len(heads), *map(Inches, (EDGE, 1.8, ROOM, 0.3 * len(lines))))
    grid = frame.table
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Inches(width)
    for y, cells in enumerate(lines):
        grid.rows[y].height = Inches(_height(cells, widths))
        for x, text in enumerate(cells):
            cell = grid.cell(y, x)
            cell.margin_left = cell.margin_right = Inches(0.06)
            cell.margin_top = cell.margin_bottom = Inches(0.03)
            cell.fill.solid()
            cell.fill.fore_color.rgb = RGBColor.from_string(PALE if y == 0 or y % 2 == 0 else WHITE)
            write_lines(cell.text_frame, text.split("\n"), 11, INK)
            for number, paragraph in enumerate(cell.text_frame.paragraphs):
                paragraph.space_after = Pt(0)
                paragraph.font.bold = y == 0 or x == 0
                if number:
                    paragraph.font.size, paragraph.font.color.rgb = Pt(9), RGBColor(*SOFT)
                    paragraph.font.bold = False
