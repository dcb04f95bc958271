"""``partnership compare``: several policies on the same worlds; a table, figures, and tables to go on with."""

import sys
from pathlib import Path
from typing import Any

from sim.config import Job, compose, fingerprint
from sim.governance import label
from sim.messages import InputError
from sim.results import command_line, save_figure, whole_folder, write_settings, write_table

HELP = """\
Compare governance policies on the same worlds.

  partnership compare  # the denim case, seven policies, 400 partnerships each
  partnership compare scenario=public_health replicates=100
  partnership compare 'policies=[neutral,adaptive,{name: adaptive, pause: 3}]'
  partnership compare 'policies=[neutral,my_policy.py]'  # a policy of your own: docs/your_own_policy.md
  partnership compare scenario.rules.leak.rate=0.2 months=48 folder=results/leaky

Takes key=value: scenario=, sectors=, policies=[...], months=, seed=, replicates=, folder=, and any
parameter by its dotted path (see `partnership describe`). Differences are to neutral, or else to the
first policy named. Writes tables (Parquet, CSV), figures (PNG, SVG), the resolved configuration and a manifest.
"""

COLUMNS = (
    ("retention_24", "stay 24m", "{:.0%}"),
    ("retention_60", "stay 60m", "{:.0%}"),
    ("retention", "stay end", "{:.0%}"),
    ("exits_satisfied", "left sat.", "{:.1f}"),
    ("exits_frustrated", "left fru.", "{:.1f}"),
    ("exits_exogenous", "left exo.", "{:.1f}"),
    ("collective_value", "collect.", "{:.3f}"),
    ("private_value", "private", "{:.1f}"),
    ("society_value", "society", "{:.1f}"),
    ("effort_spent", "effort", "{:.0f}"),
)
COMPARED = (
    "retention_24",
    "retention_60",
    "retention",
    "exits_satisfied",
    "exits_frustrated",
    "collective_value",
    "private_value",
    "private_net",
    "private_gini",
    "society_value",
    "effort_spent",
)


def main(arguments: list[str]) -> None:
    """Run the command."""
    job = compose(arguments, unused={"policy": "policies=[neutral,...]"})
    names = [label(p) for p in job.compared]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise InputError(f"policies: {', '.join(sorted(twice))} is named twice with the same settings; name each once")
    key = fingerprint({k: v for k, v in job.resolved().items() if k != "policy"})
    folder = Path(job.folder or f"results/compare-{_short(arguments)}-{key}")
    with whole_folder(folder, key) as partial:
        tables = _simulate(job)
        _write(job, names, tables, partial, arguments, key)
    _show(job, names, tables)
    print(f"\nTables, figures and the configuration are in {folder}/")


def _short(arguments: list[str]) -> str:
    chosen = [a.partition("=")[2] for a in arguments if a.startswith("scenario=")]
    return Path(chosen[-1]).stem if chosen else "denim_alliance"


def _simulate(job: Job) -> dict[str, Any]:
    import pandas as pd
    from tqdm import tqdm

    from sim.analysis.paired import differences
    from sim.simulation import simulate

    seeds = range(job.seed, job.seed + job.replicates)
    found = []
    with tqdm(
        total=len(job.policies) * len(seeds),
        unit=" runs",
        file=sys.stderr,
        leave=False,
        disable=None,
        desc=f"{len(job.policies)} policies x {len(seeds)} worlds x {job.months} months",
    ) as bar:
        for policy in job.compared:
            found.append(simulate(job.scenario, seeds, policy, job.months, progress=bar.update))
    tables: dict[str, Any] = {
        name: pd.concat([getattr(t, name) for t in found], ignore_index=True)
        for name in ("summary", "series", "events")
    }
    names = list(tables["summary"]["policy"].unique())
    tables["baseline"] = "neutral" if "neutral" in names else names[0]
    tables["differences"] = differences(tables["summary"], tables["baseline"], COMPARED)
    return tables


def _show(job: Job, names: list[str], tables: dict[str, Any]) -> None:
    from sim.analysis.paired import means

    columns = [c for c in COLUMNS if tables["summary"][c[0]].notna().any()]
    columns = [c for c in columns if c[0] != "retention" or job.months not in (24, 60)]
    average = means(tables["summary"], [c[0] for c in columns])
    width = max(18, *(len(n) + 2 for n in names))
    print(
        f"{job.scenario.title}: {job.scenario.size.partners} partners, {job.months} months, "
        f"means of {job.replicates} worlds\n"
    )
    print(" " * width + "".join(f"{head:>10}" for _, head, _ in columns))
    for name in names:
        print(f"{name:<{width}}" + "".join(f"{form.format(average.loc[name, key]):>10}" for key, _, form in columns))
    base, gaps = tables["baseline"], tables["differences"]
    if gaps.empty:
        return
    end = next(
        (c for c in ("retention_60", "retention") if gaps.loc[gaps["outcome"] == c, "difference"].notna().any()),
        "retention",
    )
    shown = (
        (end, "members staying", 100, "+.1f"),
        ("private_value", "private value", 1, "+.2f"),
        ("society_value", "value for society", 1, "+.2f"),
    )
    print(f"\nDifference to {base} in the same worlds, 95 % interval (* excludes 0)\n")
    heads = {
        "members staying": "founders staying (% points)",
        "private value": "private value",
        "value for society": "value for society",
    }
    print(" " * width + "".join(f"{heads[h]:>30}" for _, h, _, _ in shown))
    for name in (n for n in names if n != base):
        print(
            f"{name:<{width}}"
            + "".join(f"{_interval(gaps, name, key, scale, form):>30}" for key, _, scale, form in shown)
        )
    _show_causes(names, tables["events"], job.replicates)
    print(
        "\nstay = founders still there; left sat., fru., exo. = members that left satisfied, frustrated, for reasons"
        "\noutside the model; collect. = collective value a month while two or more take part; private, society = value"
        "\nby the end, per founder; effort = spent, of the same budget. `partnership describe outcomes` says more."
    )


def _show_causes(names: list[str], events: Any, worlds: int) -> None:
    """Print why members left: the mean number per world, by what led to it."""
    exits = events[events["kind"].astype(str).str.startswith("exit")]
    if exits.empty:
        print("\nNobody left.")
        return
    counts = exits.groupby(["policy", "cause"]).size().unstack(fill_value=0) / worlds
    causes = counts.sum().sort_values(ascending=False).index
    width = max(18, *(len(n) + 2 for n in names))
    print("\nWhy members left (number per world; what each means: `partnership describe cause`)\n")
    print(" " * width + "".join(f"{cause:>26}" if len(cause) > 14 else f"{cause:>15}" for cause in causes))
    for name in names:
        row = counts.loc[name] if name in counts.index else counts.iloc[0] * 0.0
        print(f"{name:<{width}}" + "".join(f"{row[c]:>26.1f}" if len(c) > 14 else f"{row[c]:>15.1f}" for c in causes))


def _interval(gaps: Any, policy: str, outcome: str, scale: float, form: str) -> str:
    row = gaps[(gaps["policy"] == policy) & (gaps["outcome"] == outcome)].iloc[0]
    if row["low"] != row["low"]:
        return f"{row['difference'] * scale:{form}} (one world)"
    star = "*" if row["low"] > 0 or row["high"] < 0 else " "
    return f"{row['difference'] * scale:{form}} [{row['low'] * scale:{form}}, {row['high'] * scale:{form}}]{star}"


def _write(job: Job, names: list[str], tables: dict[str, Any], folder: Path, arguments: list[str], key: str) -> None:
    from sim.analysis.paired import curves
    from sim.commands import figures

    for name in ("summary", "series", "events"):
        write_table(tables[name], folder / f"{name}.parquet")
    tables["differences"].to_csv(folder / "differences.csv", index=False)
    tables["summary"].groupby("policy", sort=False).mean(numeric_only=True).drop(columns="seed").to_csv(
        folder / "means.csv"
    )
    monthly = tables["series"].groupby(["policy", "month"], sort=False).mean(numeric_only=True).reset_index()
    for sector, count in _founders(job).items():
        monthly[f"created_{sector}"] *= job.scenario.size.partners / max(count, 1)
        monthly[f"captured_{sector}"] /= max(count, 1)
    grant, baseline = job.scenario.grant.months, tables["baseline"]
    note = f"{job.scenario.title}, {job.replicates} worlds from seed {job.seed}, configuration {key}"
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
    seeds = list(range(job.seed, job.seed + job.replicates))
    write_settings(folder, {k: v for k, v in job.resolved().items() if k != "policy"}, seeds, command)


def _founders(job: Job) -> dict[str, int]:
    """Count the founders of each sector: the same in every world, by quota."""
    from sim.simulation import simulate

    day = simulate(job.scenario, [job.seed], "neutral", 1, record=("members",)).members
    assert day is not None
    return {str(k): int(n) for k, n in day[day["member"] < job.scenario.size.partners]["sector"].value_counts().items()}
