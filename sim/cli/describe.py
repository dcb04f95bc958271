"""``partnership describe``: every parameter, variable, policy, outcome and scenario, from their declarations."""

from sim.core.errors import InputError

HELP = """\
Describe what there is: parameters, variables, policies, outcomes, events, scenarios; with unit, range and source.

  partnership describe                      everything, a line each
  partnership describe policies             one kind: scenarios, policies, parameters, variables, outcomes, events
  partnership describe rules.leak           the parameters below a dotted path, in full
  partnership describe adaptive             one policy, variable or outcome, in full

In Python: sim.describe("rules.leak").
"""


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.studies.describe import describe

    if len(arguments) > 1:
        raise InputError(f"describe takes one word or no word, not {len(arguments)}: {' '.join(arguments)}")
    print(describe(*arguments).text())
