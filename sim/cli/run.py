"""``partnership run``: one partnership, its story month by month, and one figure."""

from sim.cli.kept_config import with_config
from sim.config.job import compose
from sim.storage.results import command_line

HELP = """\
Follow one partnership, month by month.

  partnership run                                        # the denim case, under adaptive_tracking
  partnership run policy=neutral seed=7
  partnership run scenario=municipal_climate policy=strategic_pause policy.pause=6
  partnership run policy=my_policy.py months=36
  partnership run config=results/run-neutral-1a2b3c4d/config.yaml seed=8       # what a folder says, but another seed
  partnership run scenario.shocks.loss_of_interest.month=18 scenario.shocks.loss_of_interest.size=0.8

Options (key=value, or --key value): scenario=, sectors=, policy=, policy.PARAMETER=, months=, seed=, engine=, folder=,
outcomes=[...] (told at the end: of groups, retention_of_private, and files of your own, my_outcomes.py),
config= (the options of a folder of results), anonymise=true (number the members of a roster in all that is written),
and scenario.PATH= for any parameter by its dotted path (see `partnership describe`). Saves a figure, the tables of the
run, the configuration and a manifest. In Python: sim.run(...).
"""

UNUSED = {
    "policies": "policy=NAME",
    "replications": "seed=NUMBER",
    **dict.fromkeys(("region", "region_from"), "a parameter itself, scenario.rules...="),
}


def main(arguments: list[str]) -> None:
    """Run the command."""
    job = compose(with_config("run", arguments), unused=UNUSED)
    from sim.studies.run import run

    result = run(
        job.scenario,
        job.policy,
        seed=job.seed,
        months=job.months,
        engine=job.engine,
        outcomes=job.outcomes,
        folder=job.folder,
        call=command_line("run", arguments),
    )
    folder = job.folder or result.save()
    print(result.text())
    print(f"\nThe figure (story.png), tables and the configuration are in {folder}/")
