"""The text of a comparison: means, differences, the plausible region, costs, and why members left."""

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.analysis.fates import is_known, most_at_risk
from sim.analysis.paired import means
from sim.analysis.robustness import DECIDING, pareto
from sim.core.numbers import number_text
from sim.studies.more_budget import warning_lines
from sim.studies.validation.region import section_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.compare import Comparison

COLUMNS = (
    ("retention_24", "retained", "24 months", "{:.0%}"),
    ("retention_60", "retained", "60 months", "{:.0%}"),
    ("retention", "retained", "at end", "{:.0%}"),
    ("exits_satisfied", "exits", "satisfied", "{:.1f}"),
    ("exits_frustrated", "exits", "frustrated", "{:.1f}"),
    ("exits_other", "exits", "other", "{:.1f}"),
    ("collective_value", "collective", "value", "{:.3f}"),
    ("private_value", "private", "value", "{:.1f}"),
    ("private_fairness", "", "fairness", "{:.2f}"),
    ("society_value", "value for", "society", "{:.1f}"),
    ("effort_spent", "effort", "spent", "{:.0f}"),
)
"""Outcomes of the table of means: outcome, heading in two lines, format."""

AT_RISK = 8
"""Most members by name in the text."""

KEY = """\
retained: founders who still take part. exits: members who left, in a run. collective value: created each month while
two or more members take part. private value, value for society: by the last month, per founder. fairness: private
value of the worst served sector, as a share of the best served. effort: spent, of the same budget for every policy.
plausible parameter sets: sets that agree with the calibration data in the neutral reference (in another scenario it
shows how much the answer depends on parameters that are not measured), or with the data that region_from= was
calibrated on. Each outcome: `partnership describe outcomes`"""

UNSEEN = 1e5
"""Replications beyond which a difference is called too small to see."""


def comparison_text(comparison: "Comparison") -> str:
    """Give the text of a comparison."""
    scenario, n = comparison.config["scenario"], comparison.replications
    lines = [
        f"{scenario['title']}: {scenario['size']['partners']} partners, {comparison.config['months']} months, "
        f"means of {n} replication{'s' * (n > 1)}",
        "",
        *_means(comparison),
    ]
    if not comparison.differences.empty:
        lines += _around(comparison)
        lines += _differences(comparison)
        lines += _choice(comparison)
    lines += _warnings(comparison)
    lines += _members(comparison)
    if not comparison.differences.empty:
        lines += [*_causes(comparison), "", KEY]
    return "\n".join(lines)


def _width(names: Sequence[str]) -> int:
    return max(18, *(len(name) + 2 for name in names))


def _means(comparison: "Comparison") -> Iterator[str]:
    summary, months = comparison.summary, comparison.config["months"]
    columns = [c for c in COLUMNS if summary[c[0]].notna().any()]
    columns = [c for c in columns if c[0] != "retention" or months not in (24, 60)]
    average, width = means(summary, [c[0] for c in columns]), _width(comparison.policies)
    for line in (1, 2):
        yield " " * width + "".join(f"{column[line]:>11}" for column in columns)
    for name in comparison.policies:
        yield f"{name:<{width}}" + "".join(f"{form.format(average.loc[name, key]):>11}" for key, _, _, form in columns)
    more = [name for name in comparison.named_outcomes if name not in [column[0] for column in COLUMNS]]
    for first in range(0, len(more), 3):
        some = more[first : first + 3]
        average = means(summary, some)
        yield ""
        yield " " * width + _cells(some, some)
        for name in comparison.policies:
            yield f"{name:<{width}}" + _cells([f"{float(average[key][name]):.3g}" for key in some], some)


def _shown(comparison: "Comparison", table: "pd.DataFrame", value: str) -> Iterator[list[tuple[str, str, float, str]]]:
    """Choose what to show, three at a time: outcome, heading, scale, format."""
    at_60 = table.loc[table["outcome"] == "retention_60", value].notna().any()
    usual = [
        ("retention_60" if at_60 else "retention", "founders retained (% points)", 100.0, "+.1f"),
        ("private_value", "private value", 1.0, "+.2f"),
        ("society_value", "value for society", 1.0, "+.2f"),
    ]
    shown = [] if comparison.config.get("outcomes") else usual
    for name in comparison.named_outcomes:
        percent = name.startswith("retention")
        head = f"{name} (% points)" if percent else name
        shown.append((name, head, 100.0, "+.1f") if percent else (name, head, 1.0, "+.3g"))
    yield from (shown[k : k + 3] for k in range(0, len(shown), 3))


def _differences(comparison: "Comparison") -> Iterator[str]:
    gaps = comparison.differences
    yield ""
    if comparison.is_repeated:
        yield "Noise of seeds alone, at the scenario's own parameter values."
    yield (
        f"Difference to {comparison.baseline} on the same seeds, 95 % interval "
        f"(* significant, Holm-corrected over {len(gaps)} comparisons)"
    )
    yield from _rows(comparison, gaps, "difference", _interval)


def _rows(
    comparison: "Comparison", table: "pd.DataFrame", value: str, cell: Callable[[Any, float, str], str]
) -> Iterator[str]:
    """Lay out a table of differences: a row per policy, three outcomes at a time."""
    rows, width = _by_outcome(table), _width(comparison.policies)
    for shown in _shown(comparison, table, value):
        yield ""
        heads = [head for _, head, _, _ in shown]
        yield " " * width + _cells(heads, heads)
        for name in (n for n in comparison.policies if n != comparison.baseline):
            cells = (cell(rows[name, key], scale, form) for key, _, scale, form in shown)
            yield f"{name:<{width}}" + _cells(cells, heads)


def _cells(texts: Iterable[str], heads: Sequence[str]) -> str:
    """Lay out a line of cells below headings."""
    return "".join(f"{text:>{max(30, len(head) + 2)}}" for text, head in zip(texts, heads, strict=True))


def _by_outcome(table: "pd.DataFrame") -> dict[tuple[str, str], Any]:
    return {(row["policy"], row["outcome"]): row for row in table.to_dict("records")}


def _interval(row: Any, scale: float, form: str) -> str:
    if row["difference"] != row["difference"]:
        return "not known"
    if row["low"] != row["low"]:
        return f"{number_text(row['difference'] * scale, form)} (one run)"
    star = " " if row["verdict"] == "undecided" else "*"
    middle, low, high = (number_text(row[k] * scale, form) for k in ("difference", "low", "high"))
    return f"{middle} [{low}, {high}]{star}"


def _around(comparison: "Comparison") -> Iterator[str]:
    """Tell what the answer is over what is not known: parameter sets of the plausible region, and other forms."""
    base = comparison.baseline
    region, forms = comparison.tables.get("region"), comparison.tables.get("structures")
    if region is not None:
        n, each = int(region["parameter_sets"].max()), comparison.region_replications
        own = f" from {comparison.config['region_from']}" if "region_from" in comparison.config else ""
        yield ""
        yield f"Difference to {base} over {n} plausible parameter sets{own}: median (nine in ten between),"
        yield f"and in how many of the sets more / less; {each} replications each"
        yield from _rows(comparison, region, "median", partial(_range, ends=("q05", "q95")))
        yield ""
        yield from turning_lines(comparison.tables.get("turning_points"), comparison.named_outcomes)
    if forms is not None:
        n = int(forms["structures"].max())
        yield ""
        yield f"The same under {n} other structures of the model, one at a time, with the scenario's parameter values:"
        yield "median (from lowest to highest), and in how many of the structures more / less"
        yield from _rows(comparison, forms, "median", partial(_range, ends=("least", "most")))
    if "region_parameters" in comparison.tables:
        yield ""
        yield from held_and_varied(comparison)


def _range(row: Any, scale: float, form: str, ends: tuple[str, str]) -> str:
    """Write the differences over parameter sets or structures: median, range, in how many more and less."""
    if row["median"] != row["median"]:
        return "not known"
    middle, low, high = (number_text(row[k] * scale, form) for k in ("median", *ends))
    return f"{middle} ({low}, {high}) {row['more']:.0f}/{row['less']:.0f}"


def turning_lines(turns: "pd.DataFrame | None", named: Sequence[str] = ()) -> list[str]:
    """Say where the answer turns round, for each difference of which one limit tells more than chance.

    Args:
        turns: what ``turning_points`` gives.
        named: outcomes to tell of besides retention, private value and value for society.
    """
    if turns is None:
        return []
    if turns.empty:
        return ["No difference turns round over the parameter sets by a limit on one parameter."]
    clear = turns[turns["separates"] & turns["outcome"].isin(["retention", "private_value", "society_value", *named])]
    if clear.empty:
        return [
            f"{len(turns)} differences turn round over the parameter sets; of none does a limit on one parameter tell "
            "where, beyond chance."
        ]
    lines = ["Where it turns round (the limit on one parameter that separates best, if better than chance):"]
    for row in clear.to_dict("records"):
        lines.append(
            f"  {row['policy']}, {row['outcome'].replace('_', ' ')}: more in {row['more_below']} of {row['below']} "
            f"sets with {row['parameter']} below {row['threshold']:.3g}, in {row['more_above']} of {row['above']} above"
        )
    return lines


def held_and_varied(comparison: "Comparison") -> list[str]:
    """Say which parameters vary over the region, by section, and which stay as the scenario states them."""
    free, fixed = (comparison.region_parameters_of(status) for status in ("varied", "held"))
    sections = Counter(section_of(path) for path in free)
    listed = ", ".join(f"{name} {n}" for name, n in sections.items())
    varied = f"Varied: {len(free)} parameters ({listed})." if free else "Varied: no parameter."
    stays = f"Held, as the scenario states them: {', '.join(fixed)}." if fixed else "The scenario states none of them."
    return [line for text in (varied, stays) for line in textwrap.wrap(text, 118, subsequent_indent="  ")]


def _choice(comparison: "Comparison") -> Iterator[str]:
    """Tell which policies are dominated, what an additional member costs, and what is undecided."""
    average = means(comparison.summary, list(DECIDING))
    dominated = ", ".join(average.index[~pareto(average, DECIDING)]) or "no policy"
    yield ""
    yield "Dominated (another policy is at least as good in retention, private value, fairness, value for society and"
    yield f"effort, and better in one): {dominated}"
    if (runs := comparison.tables.get("region_runs")) is not None:
        often, n = often_dominated(runs)
        listed = ", ".join(f"{policy} in {count}" for policy, count in often.items() if count) or "no policy"
        yield f"Dominated over {n} plausible parameter sets: {listed}"
    priced = comparison.effort_per_member_retained.dropna(subset=["effort_per_member"])
    if len(priced):
        yield f"Effort per additional member retained, compared with {comparison.baseline}:"
    for row in priced.to_dict("records"):
        interval = f"{row['effort_per_member']:.1f} [{row['low']:.1f}, {row['high']:.1f}]"
        yield f"  {row['policy']}: {interval}, for {row['retained']:.1f} members a run"
    gaps = comparison.differences
    staying = gaps[gaps["outcome"].isin(["retention", "retention_60"])].drop_duplicates("policy", keep="first")
    for row in staying[staying["verdict"] == "undecided"].dropna(subset=["p"]).to_dict("records"):
        more = f"some {row['more_replications']:,.0f} more replications would decide it"
        seen = more if row["more_replications"] < UNSEEN else "no difference is seen"
        yield f"Retention under {row['policy']}, compared with {row['baseline']}: undecided; {seen}"


def _warnings(comparison: "Comparison") -> Iterator[str]:
    """Tell where more of a policy does harm."""
    lines = warning_lines(comparison.tables.get("more_budget"))
    if lines:
        yield ""
        yield "Where more does harm (half, and one and a half times, the budget on the same seeds; Holm-corrected):"
    for line in lines:
        yield from textwrap.wrap(line, 118, initial_indent="  ", subsequent_indent="    ")


def often_dominated(runs: "pd.DataFrame") -> tuple[dict[str, int], int]:
    """Count in how many parameter sets each policy is dominated, by means; and how many sets there are."""
    names, groups = list(map(str, runs["policy"].unique())), runs.groupby("parameter_set")
    counts = dict.fromkeys(names, 0)
    for _, rows in groups:
        average = means(rows, list(DECIDING))
        for policy in average.index[~pareto(average, DECIDING)]:
            counts[str(policy)] += 1
    return counts, len(groups)


def _members(comparison: "Comparison") -> Iterator[str]:
    """Tell of the members that have names how often they are still there: those that stay least often."""
    fates = comparison.tables.get("members_fates")
    if fates is None:
        return
    base, months, names = comparison.baseline, comparison.config["months"], fates.drop_duplicates("member")["name"]
    by_policy = {(row["policy"], row["member"]): row for row in fates.to_dict("records")}
    shown, width = most_at_risk(fates, base, AT_RISK), max(18, *(len(name) + 2 for name in names))
    wide = max(20, *(len(name) + 2 for name in comparison.policies))
    yield ""
    yield f"Members still there after month {months}: share of runs, 95 % interval; who stay least often under {base}."
    yield "Members of a sector of whom the roster says nothing else differ by chance alone."
    yield ""
    yield " " * width + "".join(f"{name:>{wide}}" for name in comparison.policies) + f"   leaves mostly ({base})"
    for member in shown:
        rows = [by_policy[policy, member] for policy in comparison.policies]
        cells = (f"{r['retention']:.0%} [{r['retention_low']:.0%}, {r['retention_high']:.0%}]" for r in rows)
        row = by_policy[base, member]
        reason = f"{row['reason']} ({row['reason_share']:.0%} of exits)" if row["reason"] else "it never leaves"
        yield f"{row['name']:<{width}}{''.join(f'{cell:>{wide}}' for cell in cells)}   {reason}"
    known = fates[(fates["policy"] == base) & is_known(fates)]["name"]
    if len(known):
        yield f"Known to leave: {', '.join(known)}."
    yield f"All {len(names)} members, with private value: members_fates.csv."


def _causes(comparison: "Comparison") -> Iterator[str]:
    """Tell why members left: the mean number per run, by cause."""
    events = comparison.events
    exits = events[events["kind"].astype(str).str.startswith("exit")]
    yield ""
    if exits.empty:
        yield "No member left."
        return
    counts = exits.groupby(["policy", "cause"]).size().unstack(fill_value=0) / comparison.replications
    causes, width = counts.sum().sort_values(ascending=False).index, _width(comparison.policies)
    yield "Why members left (mean number per run; each cause: `partnership describe cause`)"
    yield ""
    yield " " * width + "".join(f"{cause:>26}" if len(cause) > 14 else f"{cause:>15}" for cause in causes)
    for name in comparison.policies:
        row = counts.loc[name] if name in counts.index else counts.iloc[0] * 0.0
        yield f"{name:<{width}}" + "".join(f"{row[c]:>26.1f}" if len(c) > 14 else f"{row[c]:>15.1f}" for c in causes)
