"""``partnership search``: which settings of a policy do best, and what is left of that in test seeds."""

from pathlib import Path
from typing import Any

HELP = """\
Search the parameters of policies for what does best in several objectives at once; judge the best in test seeds.

  partnership search                                           # adaptive_tracking in the denim case: a minute or two
  partnership search scenario=neutral 'policies=[adaptive,fixed_mix]' trials=300
  partnership search 'policies=[{name: adaptive_tracking, pause: 0}]'        # a setting that is given is held
  partnership search 'objectives=[private_value,private_gini]' 'space.pause=[0,12]'

Takes key=value: scenario=, sectors= and any of its parameters (scenario.rules.leak.rate=0.1), and
  policies=[...]           whose settings are searched; yours too: my_policy.py
  objectives=[...]         1 to 4 outcomes of a run, each as its declaration says better (partnership describe outcomes)
  space.SETTING=[low,high] in place of the declared range; settings in months go no further than the runs
  trials=, replications=   parameter sets tried of each policy; runs of each, on the same seeds
  test_replications=       runs to judge the best on, with seeds that no trial used
  region=                  parameter sets of the plausible region to judge over, replications= runs each
  judged=                  most settings of the front that are judged; the best in an objective always are
  months=, seed=, folder=

Interrupted, the same command goes on; with more trials= too. Writes trials.csv, front.csv, judged.csv,
differences.csv (to neutral, adaptive, adaptive_tracking), figures, the configuration and a manifest. Needs Optuna
(python -m pip install optuna).
"""


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.config.job import fingerprint
    from sim.studies.policy_search.asked import compose_search
    from sim.studies.policy_search.work import describe

    search, folder = compose_search(arguments)
    key = fingerprint(describe(search))
    folder = folder or Path(f"results/search-{'-'.join(_short(f.name) for f in search.families)}-{key}")
    found = _with_bar(search, folder)
    _write(search, found, folder, arguments, key)
    _show(search, found, folder)


def _short(name: str) -> str:
    return Path(name.partition(" ")[0].partition(":")[0]).stem


def _with_bar(search: Any, folder: Path) -> Any:
    from sim.core.progress import bar as progress_bar
    from sim.studies.policy_search.work import carry_out

    total, kept = len(search.families) * search.trials, 0
    with progress_bar(total=total, unit=" trials") as bar:

        def advance(stage: str) -> None:
            nonlocal kept
            kept += stage == "trials"
            bar.set_description(stage, refresh=False)
            bar.update(stage == "trials")

        try:
            return carry_out(search, folder, advance)
        except KeyboardInterrupt as stop:
            raise KeyboardInterrupt(f"{kept} trials are kept in {folder}/; the same command goes on") from stop


def _write(search: Any, found: Any, folder: Path, arguments: list[str], key: str) -> None:
    from sim.storage.atomic import MANIFEST, write_atomic
    from sim.storage.results import command_line, write_settings
    from sim.studies.policy_search.log import LOCK, LOG
    from sim.viz.figures.search import front_figure, gain_figure
    from sim.viz.save import save_figure

    trials = found.trials
    front = trials[trials["front"]].drop(columns="front")
    reasons = front["name"].map(found.reasons)
    tables = {
        "trials": trials,
        "front": front.assign(judged=reasons.notna(), chosen=reasons.fillna("")),
        "judged": found.values,
        "differences": found.differences,
    }
    for name, table in tables.items():
        write_atomic(folder / f"{name}.csv", table.to_csv(index=False).encode())
    note = (
        f"{search.scenario.title}, {search.trials} trials a policy, {search.replications} runs each; judged on "
        f"{search.test_replications} test seeds and {search.region} parameter sets of the plausible region; key {key}"
    )
    command = command_line("search", arguments)
    if len(search.objectives) > 1:
        save_figure(front_figure(found, search.objectives, note), folder / "front", f"{command} | {note}")
    save_figure(gain_figure(found, search.objectives, note), folder / "differences", f"{command} | {note}")
    seeds = list(search.training_seeds) + list(search.test_seeds) + list(search.region_seeds)
    (folder / MANIFEST).unlink(missing_ok=True)  # it lists the files beside it
    write_settings(folder, search.model_dump(mode="json"), seeds, command, (LOG, LOCK))


def _show(search: Any, found: Any, folder: Path) -> None:
    from sim.studies.policy_search.judging import NO_LOSS, REGION, SHIPPED, TEST, TRAINING

    print(
        f"{search.scenario.title}: {len(found.trials)} trials of {search.replications} runs; "
        f"{int(found.trials['front'].sum())} on the front.\n{len(found.chosen)} are judged, on "
        f"{search.test_replications} test seeds and in {search.region} parameter sets of the plausible region "
        f"({search.replications} runs each).\n"
        "Differences have 95 % intervals, over seeds and over parameter sets (*: significant after Holm's correction)."
    )
    means = found.values.set_index(["policy", "place", "outcome"])["mean"]
    gaps = found.differences.set_index(["policy", "place", "baseline", "outcome"])
    for name in (n for n, why in found.reasons.items() if why):
        print(f"\n{name}: {found.reasons[name]}\n  {_as_given(found.chosen[name])}")
        print(f"  {'':<34}" + "".join(f"{o:>30}" for o in search.objectives))
        for place in (TRAINING, TEST, REGION):
            print(f"  {place:<34}" + "".join(f"{means[name, place, o]:>30.4g}" for o in search.objectives))
        for place, baseline in [(TRAINING, SHIPPED[-1]), *((TEST, s) for s in SHIPPED[::-1]), (REGION, SHIPPED[-1])]:
            cells = "".join(f"{_interval(gaps.loc[(name, place, baseline, o)]):>30}" for o in search.objectives)
            print(f"  {f'{place}, to {baseline}':<34}{cells}")
    if not any(NO_LOSS in why for why in found.reasons.values()):
        print(f"\nNo trial was at least as good as {SHIPPED[-1]} in every objective and better in one.")
    print(
        "\nSettings were chosen in training, so differences there flatter them: believe the test seeds and the region."
        f"\nTables and figures are in {folder}/"
    )


def _as_given(spec: Any) -> str:
    """Write a policy as ``policies=[...]`` takes it."""
    return "{" + ", ".join(f"{k}: {v}" for k, v in spec.items()) + "}"


def _interval(row: Any) -> str:
    star = " " if row["verdict"] == "undecided" else "*"
    return f"{row['difference']:+.3g} [{row['low']:+.3g}, {row['high']:+.3g}]{star}"
