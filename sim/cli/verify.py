"""``partnership verify``: whether every file of a folder of results is as it was written."""

from sim.core.errors import InputError, print_safe

HELP = """\
Read every file of a folder of results, whatever command made it, and say whether it is as it was written.

  partnership verify results/compare-denim_alliance-1a2b3c4d
  partnership verify results/pause_and_trust

Lists what is damaged (or was changed by hand), missing, or strange: a file that no command wrote, and none reads.
Folders within it, such as the sweeps of a calibration, are verified too. Ends with exit code 0 if nothing is damaged or
missing, and 1 otherwise; the text says how to mend it. In Python: sim.verify(folder).
"""


def main(arguments: list[str]) -> int:
    """Run the command; gives the exit code."""
    from sim.studies.verify import verify

    folders = [a.removeprefix("folder=") for a in arguments]
    if len(folders) != 1:
        raise InputError("verify takes one folder of results; see --help")
    result = verify(folders[0])
    print_safe(result.text())
    return 0 if result.is_whole else 1
