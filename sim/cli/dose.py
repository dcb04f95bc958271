"""``partnership dose``: one thing from none to full."""

from sim.cli.kept_config import with_config
from sim.storage.results import command_line

HELP = """\
Vary one thing from none to full, on the same seeds: does more help, from where on does it harm, and why.

  partnership dose grant.budget policy=connecting
  partnership dose policy.level policy=safeguarding scenario=municipal_climate
  partnership dose rules.creation.novelty 'levels=[0,1,2,4]' policy=neutral replications=200
  partnership dose policy.inside policy=connecting engine=compiled folder=results/inside

The first word is a parameter of the scenario (partnership describe parameters) or of the policy (policy.NAME). Nine
levels by default, from the lowest to the highest allowed, or to four times what it is here.

Options (key=value, or --key value): levels=[...], outcomes=[...] (names, of groups too, retention_of_private, and files
of your own, my_outcomes.py), scenario=, sectors=, policy=, policy.PARAMETER=, replications=, seed=, months=, engine=,
folder=, config= (the options of a folder of results), anonymise=true (number the members of a roster in all that is
written), and scenario.PATH= for any other parameter. Saves a figure, tables of levels, differences to the best level
and causes of exit, the configuration and a manifest. In Python: sim.dose(...).
"""

REPLICATIONS = 100
"""Replications of each level, if nothing else is said."""


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.config.files import value_of
    from sim.config.job import compose
    from sim.core.errors import InputError
    from sim.studies.dose import dose

    named = [f"of={a}" if "=" not in a else a for a in arguments]
    wanted = with_config("dose", named)
    own = {a.partition("=")[0]: a.partition("=")[2] for a in wanted if a.startswith(("of=", "levels="))}
    if "of" not in own:
        raise InputError("dose: name what to vary, for example: partnership dose grant.budget policy=connecting")
    if sum(a.startswith("of=") for a in named) > 1:
        raise InputError("dose: varies one thing; name one parameter")
    job = compose(
        [a for a in wanted if not a.startswith(("of=", "levels="))],
        unused={"policies": "policy=NAME", "region": "compare", "region_from": "compare"},
    )
    levels = value_of(f"levels={own['levels']}") if "levels" in own else None
    if levels is not None and not (isinstance(levels, list) and all(isinstance(v, int | float) for v in levels)):
        raise InputError(f"levels={own['levels']}: give numbers, for example levels=[0,0.5,1]")
    n = job.replications if any(a.startswith("replications=") for a in wanted) else REPLICATIONS
    result = dose(
        own["of"],
        job.scenario,
        job.policy,
        levels,
        seeds=range(job.seed, job.seed + n),
        months=job.months,
        engine=job.engine,
        outcomes=job.outcomes,
        folder=job.folder,
        call=command_line("dose", arguments),
    )
    folder = job.folder or result.save()
    print(result.text())
    print(f"\nThe figure (dose.png), tables and the configuration are in {folder}/")
