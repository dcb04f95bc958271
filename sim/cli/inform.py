"""``partnership inform``: what is worth finding out before choosing between the policies of a comparison."""

from typing import Any

HELP = """\
Say what is worth finding out before you choose between the policies of a comparison.

  partnership inform results/compare-denim_alliance-1a2b3c4d                        # a folder that compare saved
  partnership inform results/climate objective=society_value
  partnership inform results/climate region=64 replications=200 engine=compiled    # more runs, faster

Without more knowledge the policy that is best on average over the plausible parameter sets is the one to choose. Who
knew a parameter might choose another where that is better. What that adds on average is what the parameter is worth
finding out, at most, in the unit of the objective. The noise of seeds is taken out; what does not matter for the
choice is said to be not worth finding out, after comparison with the parameter sets in random order (Holm-corrected).

Options (key=value, or --key value):
  objective=NAME     the outcome that decides (partnership describe outcomes); retention by default
  region=            simulate so many parameter sets, 16 to 256; by default 64, and none if the comparison has 48
  replications=      runs of each policy in each parameter set, where they are simulated; at least 20 by default
  engine=, folder=   numpy or compiled; where to save

Saves values.csv (with intervals), options.csv, the runs that were simulated, a figure (PNG, SVG), the configuration and
a manifest. In Python: sim.inform(...).
"""

OPTIONS = ("objective", "region", "replications", "engine", "folder")


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.core.errors import InputError, near, print_safe
    from sim.storage.results import command_line
    from sim.studies.inform import inform

    places = [a for a in arguments if "=" not in a]
    options: dict[str, Any] = dict(a.partition("=")[::2] for a in arguments if "=" in a)
    if len(places) != 1:
        raise InputError("inform takes one folder, of compare: partnership inform results/NAME; see --help")
    for key, value in options.items():
        if key not in OPTIONS:
            raise InputError(f"'{key}': inform takes {'=, '.join(OPTIONS)}=; {near(key, OPTIONS)}")
        if key in ("region", "replications"):
            options[key] = int(value) if value.isdecimal() else value
        elif key == "engine" and value not in ("numpy", "compiled"):
            raise InputError(f"engine={value}: give numpy or compiled")
    result = inform(places[0], call=command_line("inform", arguments), **options)
    folder = options.get("folder") or result.save()
    print_safe(f"{result.text()}\n\nTables, the figure and the configuration are in {folder}/")
