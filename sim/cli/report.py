"""``partnership report``: one page of a comparison or a sweep, also as slides or as a spreadsheet."""

from pathlib import Path

HELP = """\
Make one page of a comparison or a sweep: the question, the answer in words, figures, tables, links to the data.

  partnership report results/compare-denim_alliance-1a2b3c4d   # a folder that compare saved
  partnership report results/wide                              # a sweep's folder
  partnership report results/climate to=climate.pptx           # slides to edit: one for each table and each figure
  partnership report results/climate to=climate.xlsx           # a spreadsheet: the answer, its tables, all numbers

The page of a comparison opens with the answer, a table in words of the range over what is not known, and the options
by criteria, with sliders for their weights. Every word links to what it means. Writes report.html into the folder: one
file that needs no network, reads well on a phone and on paper, and links to the tables beside it. The page's own tables
and figures (survival, reasons to leave, hazards, trade-offs; for a sweep: differences, regret, maps of the best policy)
go to report/ in the folder, figures as PNG and SVG. Slides need python-pptx (the extra slides), a spreadsheet openpyxl
(excel); a file that is there is left alone unless overwrite=true. Members that have names in the folder have them on
the page: for a page to pass on, compare again with anonymise. In Python: sim.compare(...).report("climate.pptx").
"""

KINDS = (".pptx", ".xlsx", ".html")
"""What ``to=`` may end in."""


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.core.errors import InputError, print_safe
    from sim.studies.report.folder import PAGE, PLACE, numbers_of, report_folder, save_page

    if any(a.startswith("anonymise=") for a in arguments):
        raise InputError(
            "report shows what the folder has, names included; compare again with anonymise=true and another folder="
        )
    options = dict(a.partition("=")[::2] for a in arguments if a.startswith(("to=", "overwrite=")))
    folders = [a.removeprefix("folder=") for a in arguments if a.partition("=")[0] not in options]
    if len(folders) != 1:
        raise InputError("report takes one folder, of compare or of a sweep; see --help")
    to = _target(options)
    folder, page = report_folder(folders[0])
    if to is not None:
        save_page(page, to, numbers_of(folder))
    print_safe(f"{page.title}\n")
    for line in page.answer:
        print_safe(f"- {line}")
    print_safe(f"\nThe page is {folder / PAGE}; its own tables and figures are in {folder / PLACE}/.")
    if to is not None:
        print_safe(f"It is in {to} too.")


def _target(options: dict[str, str]) -> Path | None:
    """Check where slides or a spreadsheet go, before anything is drawn."""
    from sim.config.files import value_of
    from sim.core.errors import InputError
    from sim.core.paths import path_of

    if "to" not in options:
        return None
    to, over = path_of(options["to"]), value_of(f"overwrite={options.get('overwrite', 'false')}")
    if to.suffix.lower() not in KINDS:
        raise InputError(f"to={to}: end the name in .pptx (slides), .xlsx (a spreadsheet) or .html")
    if to.exists() and over is not True:
        raise InputError(f"to={to}: is there already; name another file, or add overwrite=true")
    return to
