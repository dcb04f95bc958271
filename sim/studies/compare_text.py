"""What ``compare`` prints: means, differences, the calibrated region, what a choice costs, and why members left."""

from typing import Any

from sim.analysis.paired import means
from sim.analysis.robustness import DECIDING, pareto
from sim.config.job import Job

COLUMNS = (
    ("retention_24", "stay 24m", "{:.0%}"),
    ("retention_60", "stay 60m", "{:.0%}"),
    ("retention", "stay end", "{:.0%}"),
    ("exits_satisfied", "left sat.", "{:.1f}"),
    ("exits_frustrated", "left fru.", "{:.1f}"),
    ("exits_other", "left exo.", "{:.1f}"),
    ("collective_value", "collect.", "{:.3f}"),
    ("private_value", "private", "{:.1f}"),
    ("private_fairness", "fair", "{:.2f}"),
    ("society_value", "society", "{:.1f}"),
    ("effort_spent", "effort", "{:.0f}"),
)
KEY = """
stay = founders still there; left sat., fru., exo. = members that left satisfied, frustrated, for reasons
outside the model; collect. = collective value a month while two or more take part; private, society = value
by the end, per founder; fair = private value of the least over the best served sector; effort = spent, of the
same budget. up/down = settings whose own 95 % interval is above or below 0. The region was calibrated in the neutral
reference; in other cases it shows how much hangs on what nobody has measured. More: `partnership describe outcomes`"""


def show(job: Job, names: list[str], tables: dict[str, Any]) -> None:
    """Print the comparison."""
    columns = [c for c in COLUMNS if tables["summary"][c[0]].notna().any()]
    columns = [c for c in columns if c[0] != "retention" or job.months not in (24, 60)]
    average = means(tables["summary"], [c[0] for c in columns])
    width = max(18, *(len(n) + 2 for n in names))
    print(
        f"{job.scenario.title}: {job.scenario.size.partners} partners, {job.months} months, "
        f"means of {job.replications} worlds\n"
    )
    print(" " * width + "".join(f"{head:>10}" for _, head, _ in columns))
    for name in names:
        print(f"{name:<{width}}" + "".join(f"{form.format(average.loc[name, key]):>10}" for key, _, form in columns))
    if tables["differences"].empty:
        return
    _show_differences(names, tables["baseline"], tables["differences"], width)
    if "region" in tables:
        _show_region(names, tables, width)
    _show_decision(names, tables)
    _show_causes(names, tables["events"], job.replications)
    print(KEY)


def _shown(table: Any, value: str) -> list[tuple[str, str, float, str]]:
    """Choose what to show: outcome, heading, scale, format."""
    at_60 = table.loc[table["outcome"] == "retention_60", value].notna().any()
    return [
        ("retention_60" if at_60 else "retention", "founders staying (% points)", 100.0, "+.1f"),
        ("private_value", "private value", 1.0, "+.2f"),
        ("society_value", "value for society", 1.0, "+.2f"),
    ]


def _show_differences(names: list[str], base: str, gaps: Any, width: int) -> None:
    shown = _shown(gaps, "difference")
    print(f"\nDifference to {base} in the same worlds, 95 % interval (* clear, corrected for {len(gaps)} looks)\n")
    print(" " * width + "".join(f"{head:>30}" for _, head, _, _ in shown))
    rows = gaps.set_index(["policy", "outcome"])
    for name in (n for n in names if n != base):
        cells = (_interval(rows.loc[(name, key)], scale, form) for key, _, scale, form in shown)
        print(f"{name:<{width}}" + "".join(f"{cell:>30}" for cell in cells))


def _interval(row: Any, scale: float, form: str) -> str:
    if row["low"] != row["low"]:
        return f"{row['difference'] * scale:{form}} (one world)"
    star = " " if row["verdict"] == "undecided" else "*"
    return f"{row['difference'] * scale:{form}} [{row['low'] * scale:{form}}, {row['high'] * scale:{form}}]{star}"


def _show_region(names: list[str], tables: dict[str, Any], width: int) -> None:
    region, base = tables["region"], tables["baseline"]
    shown = _shown(region, "median")
    n, worlds = int(region["parameter_sets"].max()), tables["region_worlds"]
    print(
        f"\nOver {n} parameter sets of the plausible region, {worlds} runs each: median (5 to 95 %) "
        "significantly higher/lower\n"
    )
    print(" " * width + "".join(f"{head:>30}" for _, head, _, _ in shown))
    rows = region.set_index(["policy", "outcome"])
    for name in (n for n in names if n != base):
        cells = []
        for key, _, scale, form in shown:
            row = rows.loc[(name, key)]
            low, middle, high = (f"{row[k] * scale:{form}}" for k in ("q05", "median", "q95"))
            cells.append(f"{middle} ({low}, {high}) {row['higher']:.0f}/{row['lower']:.0f}")
        print(f"{name:<{width}}" + "".join(f"{cell:>30}" for cell in cells))


def _show_decision(names: list[str], tables: dict[str, Any]) -> None:
    """Print which policies are not beaten, what a partner kept costs, and what is undecided."""
    average = means(tables["summary"], list(DECIDING))
    beaten = ", ".join(average.index[~pareto(average, DECIDING)]) or "none"
    print(f"\nBeaten by another in staying, private value, fairness, value for society and effort at once: {beaten}")
    priced = tables["retention_cost"].dropna(subset=["cost"])
    if len(priced):
        print(f"Price of keeping a founder who leaves under {tables['baseline']}, where any is clearly kept:")
    for row in priced.itertuples():
        print(f"  {row.policy}: {row.cost:.1f} effort [{row.low:.1f}, {row.high:.1f}] for each of {row.kept:.1f}")
    gaps = tables["differences"]
    staying = gaps[gaps["outcome"].isin(["retention", "retention_60"])].drop_duplicates("policy", keep="first")
    for row in staying[staying["verdict"] == "undecided"].dropna(subset=["p"]).itertuples():
        more = f"some {row.more_worlds:,.0f} more worlds would tell" if row.more_worlds < 1e5 else "alike, it seems"
        print(f"  {row.policy}: whether more founders stay than under {row.baseline} is undecided; {more}")


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
