"""``partnership reproduce``: run results again and compare every file."""

from sim.cli.methods import folder_and_to
from sim.core.errors import InputError

HELP = """\
Run again what a folder of results holds, into another folder, and compare every file byte for byte.

  partnership reproduce results/compare-denim_alliance-1a2b3c4d to=results/again
  partnership reproduce results/pause_and_trust to=results/again

Takes a folder of compare, run or sweep, and to=, a new folder. Your own policies are taken from the copies in the
folder. The same bytes are to be expected with the same versions on the same kind of machine; others are named.
Exit code 1 if a file differs. In Python: sim.reproduce(folder, to).
"""


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.studies.methods.reproduce import reproduce

    folder, to = folder_and_to(arguments, "reproduce")
    if to is None:
        raise InputError("reproduce needs a new folder for the second run: to=results/again")
    result = reproduce(folder, to)
    print(result.text())
    if not result.holds:
        raise SystemExit(1)
