"""What a comparison says at the scenario's own parameter values: sentences read from its tables, each with its number."""

from typing import TYPE_CHECKING, Any

from sim.analysis.paired import differences, means
from sim.analysis.robustness import DECIDING, pareto
from sim.core.numbers import number_text
from sim.studies.report.changes import NAMED
from sim.viz.style import listed, quoted

if TYPE_CHECKING:
    import pandas as pd

ENOUGH = 20
"""Replications from which on the page says what common random numbers saved."""


def at_own_values(
    summary: "pd.DataFrame", gaps: "pd.DataFrame", cost: "pd.DataFrame", baseline: str, partners: int
) -> list[str]:
    """Say under which policy most founders stay at the scenario's own parameter values, how sure that is, and what it costs.

    Args:
        summary: a row for each run.
        gaps: paired differences to the baseline.
        cost: the effort per additional member retained.
        baseline: the policy that differences are to.
        partners: how many founders a run has.

    Returns:
        Sentences.
    """
    average = means(summary, list(DECIDING))
    if gaps.empty:
        return [f"Under {quoted(baseline)} {average['retention'].iloc[0]:.0%} of the founders are retained."]
    retention = gaps[gaps["outcome"] == "retention"].set_index("policy")
    return [
        *(_retention(summary, average["retention"], retention, baseline, partners) if len(retention) else ()),
        *_costs(average, cost),
        *_savings(gaps),
    ]


def _retention(
    summary: "pd.DataFrame", average: "pd.Series[float]", gaps: "pd.DataFrame", baseline: str, n: int
) -> list[str]:
    ranked = [str(name) for name in average.sort_values(ascending=False, kind="stable").index]
    best, second = ranked[0], ranked[1]
    if average.nunique() == 1:
        return [f"Retention is the same under every policy: {average[best]:.0%} of {n} founders."]
    pair = differences(summary[summary["policy"].isin([best, second])], second, ["retention"]).iloc[0]
    line = f"Retention is highest under {quoted(best)}: {average[best]:.0%} of {n} founders take part in the last month"
    if pair["verdict"] == "undecided":
        line = (
            f"Retention is highest under {quoted(best)} ({average[best]:.0%} of {n} founders) and {quoted(second)} "
            f"({average[second]:.0%}); which of the two is higher is undecided"
        )
    if best != baseline:
        line += f". Under {quoted(baseline)} it is {average[baseline]:.0%}{_certainty(gaps.loc[best])}"
    lines = [line]
    lower = [
        f"{quoted(str(p))} ({_points(row['difference'])} points)" for p, row in gaps.iterrows() if _is(row, "lower")
    ]
    if lower:
        lines.append(f"Retention is significantly lower than under {quoted(baseline)} under {listed(lower, NAMED)}")
    return [f"{line}." for line in lines]


def _points(share: float) -> str:
    return number_text(100.0 * share, "+.1f")


def _is(row: Any, verdict: str) -> bool:
    return bool(row["verdict"] == verdict)


def _certainty(row: Any) -> str:
    if row["low"] != row["low"]:
        return ""
    undecided = ", undecided" if _is(row, "undecided") else ""
    ends = f"95 % interval {_points(row['low'])} to {_points(row['high'])}"
    return (
        f": a difference of {_points(row['difference'])} points ({ends}; better in {row['better']:.0%} of the runs"
        f"{undecided})"
    )


def _costs(average: "pd.DataFrame", cost: "pd.DataFrame") -> list[str]:
    lines = []
    priced = cost.dropna(subset=["effort_per_member"])
    if len(priced):
        row = priced.sort_values("effort_per_member", kind="stable").iloc[0]
        lines.append(
            f"Effort per additional member retained is lowest under {quoted(row['policy'])}: {row['effort_per_member']:.1f} "
            f"({row['low']:.1f} to {row['high']:.1f}), for {row['retained']:.1f} additional members a run."
        )
    dominated = [quoted(p) for p in average.index[~pareto(average, DECIDING)]]
    if dominated:
        lines.append(
            f"Dominated, by means: {listed(dominated, NAMED)}. Another policy is at least as good in retention, private value, "
            "fairness, value for society and effort, and better in one."
        )
    return lines


def _savings(gaps: "pd.DataFrame") -> list[str]:
    saved = gaps.loc[gaps["outcome"].isin(DECIDING), "saving"].dropna()
    if saved.empty or gaps["replications"].max() < ENOUGH:
        return []
    return [
        f"Every policy met the same seeds (common random numbers); with separate seeds, {saved.median():.1f} times as many "
        "replications would give the same precision (median)."
    ]
