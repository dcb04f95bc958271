"""``partnership retry-failed``: run again what failed."""

from sim.core.errors import InputError

HELP = """\
Run again the runs of a sweep that failed, for example because memory was full.

  partnership retry-failed folder=results/pause_and_trust executor.workers=1

Ends with exit code 3 if runs still fail.
"""


def main(arguments: list[str]) -> int:
    """Run the command; gives the exit code."""
    from sim.cli.sweep import folder_and, show, with_bar
    from sim.sweeps.operations import retry_failed

    folder, rest, executor = folder_and(arguments, "retry-failed")
    if rest:
        raise InputError(f"'{rest[0]}': retry-failed takes folder= and executor= only")
    tried, left = with_bar(folder, lambda bar: retry_failed(folder, executor, bar))
    print(f"{tried} tried again, {left} still fail." if tried else "Nothing had failed.")
    return show(folder)
