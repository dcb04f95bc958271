"""The page of a saved comparison or sweep, written into its folder."""

from pathlib import Path

from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.storage.atomic import refuse_links, write_atomic
from sim.storage.folders import files_in, read_manifest, seal
from sim.studies.report.page import Page, finish, render

PLACE, PAGE = "report", "report.html"


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
