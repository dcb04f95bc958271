"""``partnership discover``: where, in a finished sweep, a policy fails, and which policy is best where."""

import math
from typing import Any

from sim.core.errors import InputError, near, print_safe

HELP = """\
Search a finished sweep for where policies fail, and map which policy is best where.

  partnership discover folder=results/wide outcome=retention_60 below=0.3
  partnership discover folder=results/wide outcome=retention_60 below=0.3 policy=adaptive_tracking each=run
  partnership discover folder=results/safeguarding_and_leaks outcome=society_value x=rules.leak.loss y=size.segments

You define failing: below=NUMBER or above=NUMBER of an outcome (`partnership describe outcomes`). A box is a part of the
space, limits on a few parameters, in which failures are frequent. It is searched in half of the points (PRIM) and
tested in the other half, which gives the share that fails there. A box that does not hold there is "not confirmed": it
fits only the points it was searched in, or there are too few points to tell.

The map shows the best policy by mean outcome, a letter and colour for each; in brackets where it is undecided: compared
with every other policy on the same points and seeds, at 5 % for each cell after Holm's correction.

Options (key=value, or --key value):
  outcome=NAME       retention_60 by default
  below=, above=     what failing is; without either, only the map is made
  policy=NAME        whose failures; each policy in turn by default
  each=point         a point fails, by its mean over replications; or each=run, a run fails
  x=PATH y=PATH      the parameters of the map; by default what limits the boxes, or else the first that varies
  better=more        or less; by default as the outcome declares
  seed=0             which half of the points is searched

Saves boxes.csv, regimes.csv, the map (PNG, SVG), the configuration and a manifest to discover/NAME in the folder. Boxes
need the package prim: python -m pip install 'partnership-dynamics[analysis]'. They need tens of points, better hundreds
(design=sobol). In Python: sim.discover(...).
"""

OPTIONS = ("outcome", "below", "above", "policy", "each", "x", "y", "better", "seed")


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.cli.sweep import folder_and
    from sim.storage.atomic import refuse_links
    from sim.storage.results import command_line
    from sim.studies.discover import discover
    from sim.studies.sweep import Sweep

    folder, rest, _ = folder_and(arguments, "discover")
    refuse_links(folder, ("discover",))
    options, sweep = _options(rest), Sweep(folder)
    missing = sweep.lacking()
    if missing:
        print_safe(f"{missing}.\n")
    discovery = discover(sweep, call=command_line("discover", arguments), **options)
    if sweep.question:
        print_safe(f"{sweep.question}\n")
    place = folder / "discover" / f"{discovery.name}-{discovery.key}"
    discovery.save(place)
    print_safe(f"{folder}/: {discovery.text()}\n\nTables, figures and the configuration are in {place}/")
    if discovery.problem:
        raise InputError(discovery.problem)


def _options(rest: list[str]) -> dict[str, Any]:
    """Read the options from ``key=value`` texts."""
    options: dict[str, Any] = dict(a.partition("=")[::2] for a in rest)
    for key, value in options.items():
        if key not in OPTIONS:
            raise InputError(f"'{key}': discover takes folder=, {'=, '.join(OPTIONS)}=; {near(key, OPTIONS)}")
        if key in ("below", "above"):
            options[key] = _number(key, value)
        if key == "seed":
            options[key] = int(value) if value.isdecimal() else value
    return options


def _number(key: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{key}={text}: give a number, for example {key}=0.5")
    return value
