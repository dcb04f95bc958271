"""``partnership describe``: every parameter, variable, policy, outcome and scenario, from their declarations."""

from sim.core.errors import InputError

HELP = """\
Describe what there is: parameters, variables, policies, outcomes, events, scenarios; with unit, range and source.

  partnership describe                      everything, a line each
  partnership describe policies             one kind: scenarios, policies, parameters, variables, outcomes, events
  partnership describe rules.leak           the parameters below a dotted path, in full
  partnership describe adaptive             one policy, variable or outcome, in full
  partnership describe sectors.finance scenario=my_case.yaml   a scenario's own values, sectors and outcomes

In Python: sim.describe("rules.leak").
"""


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.studies.describe import describe

    scenarios = [a.removeprefix("scenario=") for a in arguments if a.startswith("scenario=")]
    words = [a for a in arguments if not a.startswith("scenario=")]
    if len(words) > 1 or len(scenarios) > 1:
        raise InputError(f"describe takes one word or no word, and scenario=, not {' '.join(arguments)}")
    print(describe(*words, **({"scenario": scenarios[0]} if scenarios else {})).text())
