"""``partnership search``: which parameters of a policy do best, and how much of that remains on test seeds."""

from typing import Any

HELP = """\
Search the parameters of policies for what does best in several objectives at once, within constraints; judge the best
on test seeds, and say it as a rule and as a plan file.

  partnership search                                           # adaptive_tracking in the denim case: a minute or two
  partnership search scenario=neutral 'policies=[adaptive,fixed_mix]' trials=300
  partnership search 'policies=[{name: adaptive_tracking, pause: 0}]'        # a parameter named here stays fixed
  partnership search 'objectives=[private_value,private_gini]' 'space.pause=[0,12]'
  partnership search 'objectives=[retention_60]' 'constraints=[{outcome: effort_spent, at_most: 6, per: month}]'
  partnership search 'objectives=[{outcome: retention_60, over: worst_regret},effort_spent]' region=8

Takes key=value: scenario=, sectors= and any of its parameters (scenario.rules.leak.rate=0.1), and
  policies=[...]           whose parameters are searched; yours too: my_policy.py
  objectives=[...]         1 to 4 outcomes of a run, better as declared (partnership describe outcomes);
                           also of groups, retention_of_private, and files of your own, my_outcomes.py:NAME;
                           over the plausible region: {outcome: NAME, over: expected}, or worst_regret, or
                           {outcome: NAME, over: satisficing, at_least: 0.5}, the share of parameter sets that keep it
  constraints=[...]        {outcome: NAME, at_least: 0.5} or at_most, per: month for a mean a month; over: expected or
                           over: worst for the mean, or each parameter set, of the plausible region
  space.PARAMETER=[low,high]  in place of the declared range; parameters in months range no further than the runs
  trials=, replications=   parameter sets tried of each policy; runs of each, on the same seeds
  test_replications=       runs to judge the best on, with seeds that no trial used
  region=                  parameter sets of the plausible region to judge over, replications= runs each
  region_from=             a region of your own instead: a folder that calibrate saved, or the region.csv in it
  judged=                  most trials of the front that are judged; the best in an objective always are
  months=, seed=, folder=, config=FOLDER/config.yaml (the options of a folder of results)

After an interruption the same command continues; with more trials= too. Writes trials.csv, front.csv, judged.csv,
differences.csv (to neutral, adaptive, adaptive_tracking), more_budget.csv (where more of the budget does harm under the
plans), figures, the configuration, a manifest, and plan files that stand wherever a policy is named: best.yaml, the
best in the first objective, and knee.yaml, the knee of the front; in both, parameters that change nothing are left out
and the others rounded. Needs Optuna (python -m pip install optuna).
"""

SCENARIO = ("scenario", "sectors")


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.cli.kept_config import with_config
    from sim.config.job import compose
    from sim.core.paths import path_of
    from sim.storage.results import command_line
    from sim.studies.policy_search.identity import default_folder, search_key
    from sim.studies.policy_search.search import run_search
    from sim.studies.policy_search.spec import check_search

    options, scenario, folder = parse(with_config("search", arguments))
    spec = check_search(options, compose(scenario).scenario)
    place = path_of(folder) if folder else default_folder(spec, search_key(spec))
    result = run_search(spec, place, command_line("search", arguments))
    result.save()
    print(result.text())
    print(f"Tables and figures are in {place}/")


def parse(arguments: list[str]) -> tuple[dict[str, Any], list[str], str]:
    """Sort ``key=value`` into the options of a search, those of the scenario, and the folder.

    Raises:
        InputError: for an option that a search does not have.
    """
    from sim.config.files import value_of
    from sim.core.errors import InputError, near
    from sim.studies.policy_search.spec import SearchSpec

    known = dict.fromkeys((*SearchSpec.model_fields, *SCENARIO, "folder"))
    options: dict[str, Any] = {"space": {}}
    scenario, folder = [], ""
    for text in arguments:
        key, equals, value = text.partition("=")
        top, _, rest = key.partition(".")
        if not equals or top not in known or (rest and top not in ("scenario", "space")):
            raise InputError(f"'{text}': search has no such option; {near(top, known)}, as key=value; see --help")
        if top == "folder":
            folder = value.strip("'\"")
        elif top == "region_from":
            options[top] = value.strip("'\"")
        elif top in SCENARIO:
            scenario.append(text)
        elif rest:
            options["space"] = {**options["space"], rest: value_of(text)}
        else:
            options[top] = value_of(text)
    return options, scenario, folder
