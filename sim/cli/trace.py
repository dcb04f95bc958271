"""``partnership trace``: why two policies differ on the same seed."""

from sim.cli.kept_config import with_config
from sim.config.job import compose
from sim.storage.results import command_line

HELP = """\
Trace why two policies differ on the same seed.

  partnership trace                                              # neutral and adaptive_tracking, seed 0
  partnership trace 'policies=[neutral,adaptive_tracking]' seed=7
  partnership trace 'policies=[safeguarding,adaptive]' seed=3 scenario=public_health
  partnership trace seed=7 member=12                             # both trajectories of this member side by side
  partnership trace 'policies=[adaptive,{name: adaptive, connect: 0}]'   # one parameter differs: nearest to a cause

Both runs have the same partners and meet the same random draws for each partner, month and decision. So every
difference between them comes from the policies. Read the output from the top:

  1 What matters: the founders that stay to the end under one policy and leave for good under the other, or that
    nobody does.
  2 What decides for one of them (member=, a number or a name of the roster, or else the one that leaves first): until
    which month a switch from the policy under which it leaves to the other keeps it, found by runs that switch; and
    what differs between that switch and one a month later.
  3 First divergence: the first month in which the orchestrator's effort differs, anything about a member differs, an
    event happens in one run only, and a founder leaves in one run only.
  4 What followed for that member: effort, then tension and what is shared, then leaks, value and goodwill, then exit.
    Each from the month in which the runs differ by a tenth of the largest value in either, until the member leaves in
    one of them.
  5 The founders whose exits differ, and the outcomes.

The first divergence is not a proof of a cause: later everything acts on everything. To come nearer to a cause, let the
two policies differ in one parameter. And one seed is one case: `partnership compare` takes many.

Options (key=value, or --key value): policies=[...,...] (exactly two), seed=, member=, scenario=, sectors=, months=,
engine=, folder=, config= (the options of a folder of results), anonymise=true (number the members of a roster in all
that is written; member= then takes such a number), and scenario.PATH= for any parameter by its dotted path. Saves
fates.csv, chain.csv, divergence.csv, switch.csv, switch_chain.csv, the tables of both runs, a figure, the configuration
and a manifest. In Python: sim.trace(...).
"""

DEFAULT = "policies=[neutral,adaptive_tracking]"


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.config.files import value_of

    wanted = with_config("trace", arguments)
    own = [a for a in wanted if a.partition("=")[0] == "member"]
    rest = [a for a in wanted if a not in own]
    if not any(a.partition("=")[0] == "policies" for a in rest):
        rest.append(DEFAULT)
    unused = {"policy": DEFAULT, "replications": "seed=NUMBER", "region": "a parameter itself, scenario.rules...="}
    unused["region_from"] = unused["region"]
    unused["outcomes"] = "run outcomes=[...]"
    job = compose(rest, unused=unused)
    member = value_of(own[-1]) if own else None
    from sim.studies.trace import trace

    result = trace(
        job.policies,
        seed=job.seed,
        member=member,
        scenario=job.scenario,
        months=job.months,
        engine=job.engine,
        folder=job.folder,
        call=command_line("trace", arguments),
    )
    folder = job.folder or result.save()
    print(result.text())
    print(f"\nThe figure (trace.png), tables and the configuration are in {folder}/")
