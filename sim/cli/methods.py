"""``partnership methods``: what a paper says of how results were made."""

from sim.core.errors import InputError

HELP = """\
Write the paper kit of a folder of results: what a methods section, its appendix and its archive need.

  partnership methods results/compare-denim_alliance-1a2b3c4d            # to compare-denim_alliance-1a2b3c4d-methods
  partnership methods results/pause_and_trust to=paper/kit               # a sweep, to a folder of your own

Takes a folder of compare, run or sweep, and to=. It writes:
  model.md                       the description of the model (ODD)
  parameters.csv, parameters.tex what differs from the defaults or varies: unit, range, source
  equations.tex, equations.csv   every rule's equation, derived from the program
  references.bib                 every work that the model cites
  methods.tex                    all of these in one document: seeds, versions and digests too
  archive.zip                    an RO-Crate: unpack it and `python reproduce.py` runs the results again and compares

The archive needs the extra `paper`: python -m pip install 'partnership-dynamics[paper]'.
In Python: sim.methods(folder).
"""


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.studies.methods.kit import methods

    folder, to = folder_and_to(arguments, "methods")
    kit = methods(folder)
    place = kit.save(to)
    print(kit.text())
    print(f"\nThe kit is in {place}/")


def folder_and_to(arguments: list[str], command: str) -> tuple[str, str | None]:
    """Take the folder, with or without ``folder=``, and ``to=``.

    Raises:
        InputError: for anything else.
    """
    to = [a.removeprefix("to=") for a in arguments if a.startswith("to=")]
    folders = [a.removeprefix("folder=") for a in arguments if not a.startswith("to=")]
    if len(folders) != 1 or len(to) > 1 or "" in folders or ("=" in folders[0] and folders[0] in arguments):
        raise InputError(f"{command} takes one folder of results, and to=; see partnership {command} --help")
    return folders[0], to[0] if to else None
