"""The page of a saved comparison or sweep, written into its folder."""

import json
from pathlib import Path
from typing import Any

from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.storage.atomic import MANIFEST, refuse_links, write_atomic
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
    try:
        manifest: dict[str, Any] = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        is_sweep = "command" not in manifest
        if not is_sweep and not {"key", "versions", "files"} <= manifest.keys():
            raise ValueError
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{folder}: has no manifest.json of a comparison or a sweep that can be read") from error
    refuse_links(path, (PLACE,))
    if is_sweep:
        from sim.studies.report.sweep import sweep_page

        page, about = sweep_page(path), ""
    else:
        from sim.studies.report.comparison import comparison_page, load_comparison

        comparison = load_comparison(path)
        page, about = comparison_page(comparison, path), f"{comparison.call} | {comparison.note}"
        # listed before they are there, so that the same comparison may always replace them
        manifest["files"] = sorted({*manifest["files"], PLACE, PAGE})
        write_atomic(path / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    (path / PLACE).mkdir(exist_ok=True)
    page = finish(page, path, PLACE, about)
    write_atomic(path / PAGE, render(page).encode())
    return path, page
