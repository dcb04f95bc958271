"""The page of a saved comparison or sweep, written into its folder; a page as slides or as a spreadsheet."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.storage.atomic import refuse_links, write_atomic
from sim.storage.folders import files_in, read_manifest, seal
from sim.studies.report.page import Page, finish, render

if TYPE_CHECKING:
    import pandas as pd

PLACE, PAGE = "report", "report.html"


def save_page(page: Page, path: str | Path, numbers: "Mapping[str, pd.DataFrame]") -> str:
    """Write a finished page to a file: slides by the suffix ``.pptx``, a spreadsheet by ``.xlsx``, or else HTML.

    Args:
        page: with its figures drawn.
        path: of the file.
        numbers: the tables behind it by name, for a spreadsheet.

    Returns:
        The page as HTML.

    Raises:
        InputError: without the package that slides or a spreadsheet need, or if the file cannot be written.
    """
    to, html = path_of(path), render(page)
    suffix = to.suffix.lower()
    if suffix == ".pptx":
        from sim.studies.report.slides import slides_bytes

        write_atomic(to, slides_bytes(page))
    elif suffix == ".xlsx":
        from sim.studies.report.workbook import workbook_bytes

        write_atomic(to, workbook_bytes(page, numbers))
    else:
        write_atomic(to, html.encode())
    return html


def numbers_of(folder: Path) -> "dict[str, pd.DataFrame]":
    """Read the tables of a folder of results that are CSV files, its report's too, by name.

    Args:
        folder: of a comparison or a sweep, with its page.
    """
    import pandas as pd

    files = [*sorted(folder.glob("*.csv")), *sorted((folder / PLACE).glob("*.csv"))]
    return {file.stem: pd.read_csv(file, keep_default_na=False, na_values=[""]) for file in files}


def report_folder(folder: str | Path) -> tuple[Path, Page]:
    """Write ``report.html`` into a folder that ``compare`` or a sweep saved.

    Args:
        folder: the folder.

    Returns:
        The folder's path, and the page.

    Raises:
        InputError: if there is no such folder, or it holds no comparison and no sweep, or is damaged.
    """
    path = path_of(folder)
    if not path.is_dir():
        raise InputError(f"{folder}: there is no such folder")
    manifest = read_manifest(path)
    refuse_links(path, (PLACE,))
    if "commands" in manifest:
        from sim.studies.report.sweep import sweep_page

        page, about = sweep_page(path), ""
    else:
        from sim.studies.report.comparison import comparison_page, load_comparison

        comparison = load_comparison(path)
        page, about = comparison_page(comparison, path), f"{comparison.call} | {comparison.note}"
    (path / PLACE).mkdir(exist_ok=True)
    page = finish(page, path, PLACE, about)
    write_atomic(path / PAGE, render(page).encode())
    seal(path, [PAGE, *(f"{PLACE}/{name}" for name in files_in(path / PLACE))])
    return path, page
