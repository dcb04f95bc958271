"""``partnership extend``: more replications, design points or policies; nothing finished is run again."""

HELP = """\
Add to a sweep; what is finished stays, and is not run again.

  partnership extend folder=results/pause_and_trust replications=400
  partnership extend folder=results/pause_and_trust 'policies=[connecting]'
  partnership extend folder=results/wide design.n=2048               # a longer Sobol sequence
  partnership extend folder=results/mine design.path=more_points.csv
  partnership extend folder=results/pause_and_trust 'space.start.trust=[0.15,0.3,0.45,0.6,0.75,0.9]'

Takes replications=, policies= (added to those there), space.PATH=, design.OPTION=, precision.OPTION=, figures.NAME=,
executor=. Ends with exit code 3 if runs failed. months= cannot be extended, as a folder keeps no states of its runs:
make longer runs with sweep config=FOLDER/config.yaml months=...
"""


def main(arguments: list[str]) -> int:
    """Run the command; gives the exit code."""
    from sim.cli.sweep import folder_and, show, with_bar
    from sim.core.errors import InputError
    from sim.storage.results import command_line
    from sim.sweeps.operations import extend

    folder, rest, executor = folder_and(arguments, "extend")
    if not rest:
        raise InputError("extend: say what to add, for example replications=400; see partnership extend --help")
    command = command_line("extend", arguments)
    added = with_bar(folder, lambda bar: extend(folder, rest, executor, bar, command))
    print(f"Added {added.rows} design rows ({added.points} new points) and {added.policies} policies.")
    return show(folder)
