"""``partnership compare``: several policies on the same worlds; a table, figures, and tables to go on with."""

from pathlib import Path
from typing import Any

from sim.config.job import Job, compose, fingerprint
from sim.core.errors import InputError
from sim.model.policies.registry import label
from sim.storage.atomic import atomic_folder
from sim.storage.results import command_line, write_settings, write_table
from sim.studies.compare_text import show
from sim.viz.save import save_figure

HELP = """\
Compare governance policies on the same worlds.

  partnership compare  # the denim case, seven policies, 400 partnerships each
  partnership compare scenario=public_health replications=100
  partnership compare 'policies=[neutral,adaptive,{name: adaptive, pause: 3}]'
  partnership compare 'policies=[neutral,my_policy.py]'  # a policy of your own: docs/your_own_policy.md
  partnership compare scenario.rules.leak.rate=0.2 months=48 folder=results/leaky

Takes key=value: scenario=, sectors=, policies=[...], months=, seed=, replications=, region=, engine=, folder=, and any
parameter by its dotted path (see `partnership describe`). Differences are to neutral, or else to the
first policy named. The comparison is repeated over region= settings of the region that was calibrated in the neutral
reference (0: not at all); they replace parameters that stand at their defaults. Writes tables (Parquet, CSV),
figures (PNG, SVG), the resolved configuration and a manifest. `partnership report FOLDER` makes a page of it.
"""

COMPARED = (
    "retention_24",
    "retention_60",
    "retention",
    "exits_satisfied",
    "exits_frustrated",
    "collective_value",
    "private_value",
    "private_net",
    "private_fairness",
    "private_gini",
    "society_value",
    "effort_spent",
)

SHARE, FEWEST = 20, 10
"""One world in so many is repeated in each setting of the region, but no fewer than so many."""


def main(arguments: list[str]) -> None:
    """Run the command."""
    job = compose(arguments, unused={"policy": "policies=[neutral,...]"})
    names = [label(p) for p in job.compared]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise InputError(f"policies: {', '.join(sorted(twice))} is named twice with the same settings; name each once")
    key = fingerprint({k: v for k, v in job.resolved().items() if k != "policy"})
    folder = Path(job.folder or f"results/compare-{_short(arguments)}-{key}")
    with atomic_folder(folder, key) as partial:
        tables = _simulate(job)
        _write(job, names, tables, partial, arguments, key)
    show(job, names, tables)
    print(f"\nTables, figures and the configuration are in {folder}/")


def _short(arguments: list[str]) -> str:
    chosen = [a.partition("=")[2] for a in arguments if a.startswith("scenario=")]
    return Path(chosen[-1]).stem if chosen else "denim_alliance"


def _simulate(job: Job) -> dict[str, Any]:
    import pandas as pd

    from sim.analysis.paired import differences
    from sim.analysis.robustness import retention_cost
    from sim.core.progress import bar as progress_bar
    from sim.engine.simulate import simulate
    from sim.studies.validation.region import over_region, overview

    seeds = range(job.seed, job.seed + job.replications)
    some = seeds[: max(FEWEST, job.replications // SHARE)] if len(job.compared) > 1 else seeds[:0]
    settings = job.region if some else 0
    found = []
    with progress_bar(
        total=len(job.policies) * (len(seeds) + settings * len(some)),
        unit=" runs",
        desc=f"{len(job.policies)} policies x {len(seeds)} worlds x {job.months} months",
    ) as bar:
        for policy in job.compared:
            found.append(simulate(job.scenario, seeds, policy, job.months, progress=bar.update, engine=job.engine))
        tables: dict[str, Any] = {
            name: pd.concat([getattr(t, name) for t in found], ignore_index=True)
            for name in ("summary", "series", "events")
        }
        names = list(tables["summary"]["policy"].unique())
        base = tables["baseline"] = "neutral" if "neutral" in names else names[0]
        compared = [c for c in COMPARED if c != f"retention_{job.months}"]  # the same as at the end
        tables["differences"] = differences(tables["summary"], base, compared)
        tables["retention_cost"] = retention_cost(tables["summary"], base, job.scenario.size.partners)
        if settings:
            by_setting = over_region(
                job.scenario, job.compared, settings, some, job.months, compared, base, bar.update, job.engine
            )
            tables |= {"by_setting": by_setting, "region": overview(by_setting)}
            tables["region_worlds"] = len(some)
    return tables


def _write(job: Job, names: list[str], tables: dict[str, Any], folder: Path, arguments: list[str], key: str) -> None:
    from sim.analysis.paired import curves
    from sim.viz.figures import comparison as figures

    for name in ("summary", "series", "events"):
        write_table(tables[name], folder / f"{name}.parquet")
    founders = _founders(job)
    founders.to_csv(folder / "founders.csv", index=False)
    for name in ("differences", "retention_cost", "by_setting", "region"):
        if name in tables:
            tables[name].to_csv(folder / f"{name}.csv", index=False)
    tables["summary"].groupby("policy", sort=False).mean(numeric_only=True).drop(columns="seed").to_csv(
        folder / "means.csv"
    )
    monthly = tables["series"].groupby(["policy", "month"], sort=False).mean(numeric_only=True).reset_index()
    for sector, count in founders["sector"].value_counts().items():
        monthly[f"created_{sector}"] *= job.scenario.size.partners / max(count, 1)
        monthly[f"captured_{sector}"] /= max(count, 1)
    grant, baseline = job.scenario.grant.months, tables["baseline"]
    note = f"{job.scenario.title}, {job.replications} worlds from seed {job.seed}, configuration {key}"
    command = command_line("compare", arguments)
    about = f"{command} | {note}"
    bands = curves(tables["series"], "n_founders")
    created = "Collective value created inside, by sector, per founder of the sector"
    captured = "Private value captured outside, by sector, per founder of the sector"
    pictures = {
        "retention": figures.retention_figure(bands, names, baseline, job.scenario.size.partners, grant, note),
        "value_created": figures.sector_figure(monthly, names, "created", created, "value/month", grant, note),
        "value_captured": figures.sector_figure(monthly, names, "captured", captured, "value/month", grant, note),
        "tension_and_effort": figures.governing_figure(monthly, names, grant, note),
    }
    if not tables["differences"]["low"].isna().all():
        pictures["differences"] = figures.forest_figure(tables["differences"], baseline, note)
    for name, figure in pictures.items():
        save_figure(figure, folder / name, about)
    seeds = list(range(job.seed, job.seed + job.replications))
    write_settings(folder, {k: v for k, v in job.resolved().items() if k != "policy"}, seeds, command)


def _founders(job: Job) -> Any:
    """Give the founders, with their sector: the same in every world, by quota."""
    from sim.engine.simulate import simulate

    day = simulate(job.scenario, [job.seed], "neutral", 1, record=("members",)).members
    assert day is not None
    return day.loc[day["member"] < job.scenario.size.partners, ["member", "sector"]]
