"""``partnership report``: one page of a comparison or a sweep."""

import json

HELP = """\
Make one page of a comparison or a sweep: the question, the answer in words, figures, tables, links to the data.

  partnership report results/compare-denim_alliance-1a2b3c4d   # a folder that compare wrote
  partnership report results/wide                              # a sweep's folder

Writes report.html into the folder: one file that needs no network, reads well on a phone and on paper, and links to the
tables beside it. Tables and figures of its own (survival, reasons, hazards, trade-offs; for a sweep: differences,
regret, maps of the best policy) go to report/ in the folder.
"""

PLACE, PAGE = "report", "report.html"


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.core.errors import InputError, tell
    from sim.core.paths import path_of
    from sim.storage.atomic import refuse_links, write_atomic
    from sim.studies.report.page import render

    given = [a.removeprefix("folder=") for a in arguments]
    if len(given) != 1:
        raise InputError("report takes one folder, of compare or of a sweep; see --help")
    folder = path_of(given[0])
    if not folder.is_dir():
        raise InputError(f"{given[0]}: there is no such folder")
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        is_sweep = "command" not in manifest
        if not is_sweep and not {"key", "versions", "files"} <= manifest.keys():
            raise ValueError
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{given[0]}: has no manifest.json of a comparison or a sweep that can be read") from error
    refuse_links(folder, (PLACE,))
    if is_sweep:
        from sim.studies.report.swept import build
    else:
        from sim.studies.report.compared import build
    if not is_sweep:  # listed before they are there, so that a comparison made again may always replace them
        manifest["files"] = sorted({*manifest["files"], PLACE, PAGE})
        write_atomic(folder / "manifest.json", (json.dumps(manifest, indent=2) + "\n").encode())
    page = build(folder, folder / PLACE)
    write_atomic(folder / PAGE, render(page).encode())
    tell(f"{page.title}\n")
    for line in page.answer:
        tell(f"- {line}")
    tell(f"\nThe page is {folder / PAGE}; its own tables and figures are in {folder / PLACE}/.")
