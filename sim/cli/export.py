"""``partnership export``: a table of a sweep as CSV."""

from sim.core.errors import InputError
from sim.core.paths import path_of

HELP = """\
Write a table of a sweep as CSV.

  partnership export folder=results/pause_and_trust                       # the runs, to runs.csv where you are
  partnership export folder=results/pause_and_trust table=points to=points.csv

Takes table= (runs, series, events, members, points, design, failures) and to= (a file).
"""


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.cli.sweep import folder_and
    from sim.studies.sweep import load

    folder, rest, _ = folder_and(arguments, "export")
    options = dict(a.partition("=")[::2] for a in rest)
    unknown = [k for k in options if k not in ("table", "to")]
    if unknown:
        raise InputError(f"'{unknown[0]}': export takes folder=, table= and to=")
    table = options.get("table", "runs")
    to = path_of(options.get("to") or f"{table}.csv")
    rows = load(folder).export(table, to)
    print(f"{rows:,} rows of {table} are in {to}")
