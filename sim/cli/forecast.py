"""``partnership forecast``: a partnership of your own, from now on."""

from sim.cli.kept_config import with_config
from sim.storage.results import command_line

HELP = """\
Forecast a partnership of your own: who is likely to stay, what they gain, and why others leave, under each plan.

  partnership forecast my_case.yaml
  partnership forecast my_case.yaml ahead=24 'plans=[neutral, safeguarding, {name: adaptive, label: "Plan B"}]'
  partnership forecast my_case.yaml policy=bundling particles=4000 folder=results/ours
  partnership forecast config=results/ours/config.yaml seed=8

The case says who the members are, who left when, and up to which month that is known (docs/your_partnership.md). An
ensemble of partnerships that agree with it is continued under each plan, on the same draws.

Options (key=value, or --key value):
  plans=[...]     policies and plans to compare from now on, at most 12; by default the case's, or the shipped policies
  ahead=          how many months, 1 to 120 (36)
  policy=         what was in force until now; by default the case's, or else neutral (nothing was done)
  particles=      how many partnerships the ensemble has (1000)
  region_from=    a plausible region of your own, in place of the shipped one: a folder that calibrate saved, or its
                  region.csv. Calibrate on other facts than this history, or they count twice
  seed=, workers=, folder=    the draws; processes; where to save
  anonymise=true  number the members by sector in all that is written
  config=FOLDER/config.yaml   what a folder of results says; other options have the last word
  scenario.PATH=  any parameter by its dotted path (partnership describe parameters)

Beside every forecast stand simple rivals (a constant hazard; the nearest of free runs) and checks. A history that the
model could not have made is refused, or warned of. Saves a page (report.html), figures, tables, the configuration
and a manifest. In Python:
sim.forecast(...).
"""

OWN = ("plans", "ahead", "particles", "workers")


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.config.files import case_options, value_of
    from sim.config.job import compose
    from sim.core.errors import InputError
    from sim.studies.forecasting.study import forecast

    named = [f"scenario={a}" if "=" not in a else a for a in arguments]
    wanted = with_config("forecast", named)
    if not any(a.startswith("scenario=") for a in wanted):
        raise InputError("forecast: name a case, for example: partnership forecast my_case.yaml")
    own = {a.partition("=")[0]: value_of(a) for a in wanted if a.partition("=")[0] in OWN}
    rest = [a for a in wanted if a.partition("=")[0] not in OWN]
    job = compose(rest, unused={"policies": "plans=[...]", "months": "ahead=", "replications": "particles=",
                                "region": "particles=", "engine": "particles="}, own=OWN)  # fmt: skip
    case = next(a.partition("=")[2] for a in reversed(wanted) if a.startswith("scenario="))
    stated = case_options(value_of(f"scenario={case}") if case.startswith("{") else case)
    plans = own.get("plans", stated.get("plans"))
    if plans is not None and not isinstance(plans, list):
        raise InputError(f"plans = {plans!r}: give a list, for example plans=[neutral,safeguarding]")
    known = any(a.startswith(("policy=", "policy.")) for a in wanted)
    result = forecast(
        job.scenario,
        plans,
        own.get("ahead", 36),
        job.policy if known else stated.get("policy", "neutral"),
        own.get("particles", 1000),
        job.seed,
        own.get("workers"),
        anonymise=job.anonymise,
        region_from=job.region_from,
        folder=job.folder,
        call=command_line("forecast", arguments),
    )
    folder = job.folder or result.save()
    print(result.text())
    print(f"\nThe page is {folder}/report.html; figures, tables and the configuration are beside it.")
