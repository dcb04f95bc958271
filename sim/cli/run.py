"""``partnership run``: one partnership, its story month by month, and one figure."""

from pathlib import Path
from typing import Any

from sim.config.job import Job, compose, fingerprint
from sim.model.policies.registry import label
from sim.model.scenario import Scenario
from sim.storage.atomic import atomic_folder
from sim.storage.results import command_line, write_settings, write_table
from sim.viz.save import save_figure

HELP = """\
Follow one partnership, month by month.

  partnership run                                        # the denim case, governed adaptively
  partnership run policy=neutral seed=7
  partnership run scenario=municipal_climate policy=strategic_pause policy.pause=6
  partnership run policy=my_policy.py months=36
  partnership run scenario.shocks.loss_of_interest.month=18 scenario.shocks.loss_of_interest.size=0.8

Takes key=value: scenario=, sectors=, policy=, policy.SETTING=, months=, seed=, engine=, folder=, and any parameter
by its dotted path (see `partnership describe`). Writes a figure, the tables of the run, the resolved
configuration and a manifest.
"""

FOLDED = ("match outside", "match inside", "intervention", "representative")
"""Kinds of event that are counted by month in the story and not told one by one."""


def main(arguments: list[str]) -> None:
    """Run the command."""
    job = compose(
        arguments,
        unused={
            "policies": "policy=NAME",
            "replications": "seed=NUMBER",
            "region": "a setting itself, scenario.rules...=",
        },
    )
    resolved = {k: v for k, v in job.resolved().items() if k not in ("policies", "replications", "region")}
    key = fingerprint(resolved)
    folder = Path(job.folder or f"results/run-{label(job.governs).split()[0]}-{job.seed}-{key}")
    with atomic_folder(folder, key) as partial:
        tables = _simulate(job)
        _write(job, tables, partial, resolved, arguments, key)
    tell(job.scenario, label(job.governs), job.seed, tables)
    print(f"\nThe figure (story.png), tables and the configuration are in {folder}/")


def _simulate(job: Job) -> Any:
    from sim.engine.simulate import RECORDS, simulate

    return simulate(job.scenario, [job.seed], job.governs, job.months, record=RECORDS, engine=job.engine)


def tell(scenario: Scenario, policy: str, seed: int, tables: Any) -> None:
    """Print the story of one run: a line a month, and what happened in it."""
    from sim.analysis.story import tell_event

    series, events = tables.series, tables.events
    print(
        f"{scenario.title}, governed by {policy}, world {seed}: "
        f"{scenario.size.partners} partners start, eager, on a grant of {scenario.grant.months:g} months.\n"
    )
    print("month  members      tension        created       captured  (value per founder; value of all members)")
    for month, row in series.set_index("month").iterrows():
        now = events[events["month"] == month]
        print(
            f"{month:>4}  {row['n_members']:>3.0f} members  tension {row['tension']:.2f}"
            f"  created {row['value_created']:.2f}"
            f"  captured {row['private_captured']:5.1f}  {_folded(now)}".rstrip()
        )
        event: Any
        for event in now[~now["kind"].isin(FOLDED)].itertuples():
            who = f"{event.sector} member {event.member} " if event.member >= 0 else ""
            print(f"      - {who}{tell_event(event)}")
    last = tables.summary.iloc[0]
    print(
        f"\nIn the end {last['retention']:.0%} of the founders take part; {last['exits_satisfied']:.0f} left"
        f" satisfied, {last['exits_frustrated']:.0f} frustrated, {last['exits_other']:.0f} for other reasons."
        f" Value for society {last['society_value']:.1f}, private value {last['private_value']:.1f} a founder,"
        f" effort {last['effort_spent']:.0f}."
    )


def _folded(events: Any) -> str:
    counts = events[events["kind"].isin(FOLDED)]["kind"].value_counts()
    names = {
        "match outside": "matched outside",
        "match inside": "matched inside",
        "intervention": "helped",
        "representative": "new representative",
    }
    told = ", ".join(f"{counts[k]} {v}" for k, v in names.items() if k in counts)
    return f"{told}s" if counts.get("representative", 0) > 1 else told


def _write(job: Job, tables: Any, folder: Path, resolved: dict[str, Any], arguments: list[str], key: str) -> None:
    from sim.viz.figures.comparison import story_figure

    for name in ("summary", "series", "members", "events"):
        write_table(getattr(tables, name), folder / f"{name}.parquet")
    title = f"{job.scenario.title}, governed by {label(job.governs)}"
    note = f"world {job.seed}, configuration {key}"
    last = tables.members[tables.members["month"] == job.months]
    command = command_line("run", arguments)
    figure = story_figure(tables.series, last, _ties(tables.events, last), title, job.scenario.grant.months, note)
    save_figure(figure, folder / "story", f"{command} | {note}")
    write_settings(folder, resolved, [job.seed], command)


def _ties(events: Any, last: Any) -> Any:
    """List who was matched with whom, once a pair, among those still there at the end."""
    here = set(last.loc[last["active"] > 0, "member"])
    pairs = events.loc[events["kind"] == "match inside", ["member", "other"]].drop_duplicates()
    return pairs[pairs["member"].isin(here) & pairs["other"].isin(here)]
