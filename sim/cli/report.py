"""``partnership report``: one page of a comparison or a sweep."""

HELP = """\
Make one page of a comparison or a sweep: the question, the answer in words, figures, tables, links to the data.

  partnership report results/compare-denim_alliance-1a2b3c4d   # a folder that compare saved
  partnership report results/wide                              # a sweep's folder

The page of a comparison opens with the options by criteria, with ranges over what is not known, and sliders for the
weights of the criteria. Writes report.html into the folder: one file that needs no network, reads well on a phone and
on paper, and links to the tables beside it. The page's own tables and figures (survival, reasons to leave, hazards,
trade-offs; for a sweep: differences, regret, maps of the best policy) go to report/ in the folder. Members that have
names in the folder have them on the page: for a page to pass on, compare again with anonymise. In Python:
sim.compare(...).report(path).
"""


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.core.errors import InputError, print_safe
    from sim.studies.report.folder import PAGE, PLACE, report_folder

    if any(a.startswith("anonymise=") for a in arguments):
        raise InputError(
            "report shows what the folder has, names included; compare again with anonymise=true and another folder="
        )
    folders = [a.removeprefix("folder=") for a in arguments]
    if len(folders) != 1:
        raise InputError("report takes one folder, of compare or of a sweep; see --help")
    folder, page = report_folder(folders[0])
    print_safe(f"{page.title}\n")
    for line in page.answer:
        print_safe(f"- {line}")
    print_safe(f"\nThe page is {folder / PAGE}; its own tables and figures are in {folder / PLACE}/.")
