"""The page as a spreadsheet: the answer, its tables in words, the numbers behind them, and what the words mean."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.core.errors import InputError
from sim.studies.report.page import Page

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 31
"""Most signs of a sheet's name."""


def workbook_bytes(page: Page, numbers: "Mapping[str, pd.DataFrame]") -> bytes:
    """Give the page as the content of an ``.xlsx`` file.

    Args:
        page: the page.
        numbers: the tables behind it by name, a sheet each, in full precision.

    Raises:
        InputError: without the package openpyxl.
    """
    try:
        from openpyxl import Workbook
    except ModuleNotFoundError as error:
        raise InputError("a spreadsheet needs openpyxl: python -m pip install 'partnership-dynamics[excel]'") from error
    book = Workbook()
    book.remove(book.active)
    for name, rows in _sheets(page, numbers):
        _add(book, name, rows)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _sheets(page: Page, numbers: "Mapping[str, pd.DataFrame]") -> Iterator[tuple[str, list[Sequence[Any]]]]:
    """Give the name and the rows of each sheet; the first row is its head."""
    yield "Answer", [[page.title], [page.question], *([line] for line in page.answer)]
    for number, table in enumerate(page.tables(), 1):
        yield f"{number} {table.caption}", [table.heads, *table.rows, [], [table.caption]]
    for name, rows in numbers.items():
        yield name, [list(map(str, rows.columns)), *rows.astype(object).where(rows.notna(), None).values.tolist()]
    yield "Words", [["word", "meaning"], *page.terms.items()]
    yield "Made by", [["what", ""], *page.facts.items()]


def _add(book: Any, name: str, rows: list[Sequence[Any]]) -> None:
    """Add a sheet with its head in bold, which stays in view, and columns as wide as what stands in them."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(_free(re.sub(r"[\[\]:*?/\\']", " ", name), book.sheetnames))
    for y, row in enumerate(rows, 1):
        for x, value in enumerate(row, 1):
            cell = sheet.cell(y, x, value)
            if cell.data_type == "f":
                cell.data_type = "s"  # a text that begins with = is no formula
            if isinstance(value, str) and "\n" in value:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    if len(rows[0]) > 1:
        sheet.freeze_panes = "B2"
        for x in range(len(rows[0])):
            texts = (str(row[x]) for row in rows if len(row) == len(rows[0]))
            longest = max(len(line) for text in texts for line in text.split("\n"))
            sheet.column_dimensions[get_column_letter(x + 1)].width = min(60, longest + 2)
    else:
        sheet.column_dimensions["A"].width = 120
        for (cell,) in sheet.iter_rows():
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _free(name: str, taken: Sequence[str]) -> str:
    """Shorten a name to what a sheet may be called, each once."""
    short, k = name[:LONGEST].strip(), 2
    while short.lower() in (n.lower() for n in taken):
        short, k = f"{name[: LONGEST - 3].strip()} {k}", k + 1
    return short
