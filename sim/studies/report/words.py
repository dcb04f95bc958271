"""The answer in words: sentences read from the tables of a comparison, each with its number."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.analysis.paired import differences, means
from sim.analysis.robustness import DECIDING, pareto

if TYPE_CHECKING:
    import pandas as pd

ENOUGH = 20
"""Replications from which on the page says what common random numbers saved."""

UNSEEN = 1e5
"""Replications beyond which a difference is called too small to see."""

MANY = 6
"""Policies above which a sentence does not give the range of each."""

VALUES = {
    "private_value": "Private value",
    "society_value": "Value for society",
    "private_fairness": "Fairness between sectors",
}
"""Outcomes with a sentence of their own."""


def answer(
    summary: "pd.DataFrame",
    gaps: "pd.DataFrame",
    around: "Mapping[str, pd.DataFrame] | None",
    cost: "pd.DataFrame",
    baseline: str,
    partners: int,
    named: Sequence[str] = (),
) -> list[str]:
    """Say what the comparison shows: over what is not known first, then by the noise of seeds; what it costs.

    Args:
        summary: a row for each run.
        gaps: paired differences to the baseline.
        around: the tables ``region``, ``turning_points`` and ``structures`` of a comparison, as far as it has them.
        cost: the effort per additional member retained.
        baseline: the policy that differences are to.
        partners: how many founders a run has.
        named: outcomes that somebody asked for, each with a sentence.

    Returns:
        Sentences.
    """
    average = means(summary, list(DECIDING))
    if gaps.empty:
        return [f"Under {_name(baseline)} {average['retention'].iloc[0]:.0%} of the founders are retained."]
    retention = gaps[gaps["outcome"] == "retention"].set_index("policy")
    sentences = VALUES | {name: _name(name).capitalize() for name in named if name not in (*VALUES, "retention")}
    return [
        *(_around(around, baseline, partners, sentences) if around else ()),
        *(_retention(summary, average["retention"], retention, baseline, partners) if len(retention) else ()),
        *_values(gaps, baseline, sentences),
        *_costs(average, cost),
        *_undecided(retention, baseline),
        *_savings(gaps),
    ]


def _around(around: "Mapping[str, pd.DataFrame]", baseline: str, partners: int, values: Mapping[str, str]) -> list[str]:
    """Say what the differences are over the parameter sets of the plausible region and over structures."""
    region, forms, lines = around.get("region"), around.get("structures"), list[str]()
    for table, column, where in (
        (region, "parameter_sets", "plausible parameter sets"),
        (forms, "structures", "other structures of the model"),
    ):
        if table is None:
            continue
        ends = ("q05", "q95") if column == "parameter_sets" else ("least", "most")
        nine = " (nine in ten of them)" if column == "parameter_sets" else ", one at a time"
        for outcome, name in {"retention": "members retained", **values}.items():
            rows, scale = table[table["outcome"] == outcome].dropna(subset=["median"]), 1.0
            if outcome == "retention":
                scale = float(partners)
            elif column == "structures":
                continue
            form = "+.1f" if outcome == "retention" else "+.2f"
            parts = [
                f"{_name(row['policy'])} between {row[ends[0]] * scale:{form}} and {row[ends[1]] * scale:{form}}, more in "
                f"{row['more']} of {row[column]}"
                for row in rows.to_dict("records")
            ]
            if outcome != "retention" and len(parts) > MANY:
                parts = _in_short(rows, column)
            if parts:
                n = int(rows[column].max())
                lines.append(f"Over {n} {where}{nine}, {name[0].lower()}{name[1:]} compared with {_name(baseline)}: "
                             f"{'; '.join(parts)}.")  # fmt: skip
        if column == "parameter_sets":
            lines += _turns(around.get("turning_points"), ["retention", *values])
    if lines:
        lines.append(
            "What follows is at the scenario's own parameter values; its intervals and verdicts are about the noise of seeds alone."
        )
    return lines


def _in_short(rows: "pd.DataFrame", column: str) -> list[str]:
    """Say of many policies under which a difference has the same sign throughout."""
    always, never = rows[rows["more"] == rows[column]], rows[rows["less"] == rows[column]]
    parts = [
        f"{sign} in each under {_listed([_name(p) for p in own['policy']])}"
        for sign, own in (("more", always), ("less", never))
        if len(own)
    ]
    rest = len(rows) - len(always) - len(never)
    return [*parts, f"not the same in each under {rest} of {len(rows)}"] if rest else parts


def _turns(turns: "pd.DataFrame | None", outcomes: Sequence[str]) -> list[str]:
    if turns is None:
        return []
    rows = turns[turns["separates"].astype(bool) & turns["outcome"].isin(outcomes)].to_dict("records")
    return [
        f"Under {_name(row['policy'])} the answer for {_name(row['outcome'])} turns round: it is more in "
        f"{row['more_below']} of {row['below']} sets with {row['parameter']} below {row['threshold']:.3g}, and in "
        f"{row['more_above']} of {row['above']} above."
        for row in rows
    ]


def _retention(
    summary: "pd.DataFrame", average: "pd.Series[float]", gaps: "pd.DataFrame", baseline: str, n: int
) -> list[str]:
    ranked = [str(name) for name in average.sort_values(ascending=False, kind="stable").index]
    best, second = ranked[0], ranked[1]
    if average.nunique() == 1:
        return [f"Retention is the same under every policy: {average[best]:.0%} of {n} founders."]
    pair = differences(summary[summary["policy"].isin([best, second])], second, ["retention"]).iloc[0]
    line = f"Retention is highest under {_name(best)}: {average[best]:.0%} of {n} founders take part in the last month"
    if pair["verdict"] == "undecided":
        line = (
            f"Retention is highest under {_name(best)} ({average[best]:.0%} of {n} founders) and {_name(second)} "
            f"({average[second]:.0%}); which of the two is higher is undecided"
        )
    if best != baseline:
        line += f". Under {_name(baseline)} it is {average[baseline]:.0%}{_certainty(gaps.loc[best])}"
    lines = [line]
    lower = [f"{_name(p)} ({row['difference'] * 100:+.1f} points)" for p, row in gaps.iterrows() if _is(row, "lower")]
    if lower:
        lines.append(f"Retention is significantly lower than under {_name(baseline)} under {_listed(lower)}")
    return [f"{line}." for line in lines]


def _is(row: Any, verdict: str) -> bool:
    return bool(row["verdict"] == verdict)


def _certainty(row: Any) -> str:
    if row["low"] != row["low"]:
        return ""
    undecided = ", undecided" if _is(row, "undecided") else ""
    ends = f"95 % interval {row['low'] * 100:+.1f} to {row['high'] * 100:+.1f}"
    return (
        f": a difference of {row['difference'] * 100:+.1f} points ({ends}; better in {row['better']:.0%} of the runs"
        f"{undecided})"
    )


def _values(gaps: "pd.DataFrame", baseline: str, sentences: Mapping[str, str]) -> list[str]:
    lines = []
    for outcome, name in sentences.items():
        rows = gaps[gaps["outcome"] == outcome].dropna(subset=["p"]).set_index("policy")
        if rows.empty:
            continue
        higher, lower = (rows[rows["verdict"] == v]["difference"] for v in ("higher", "lower"))
        parts = []
        if len(higher):
            parts.append(f"significantly higher under {_listed([f'{_name(p)} ({d:+.2f})' for p, d in higher.items()])}")
        if len(lower):
            parts.append(f"significantly lower under {_listed([f'{_name(p)} ({d:+.2f})' for p, d in lower.items()])}")
        if parts:
            lines.append(f"{name}, compared with {_name(baseline)}, is {'; '.join(parts)}.")
        else:
            lines.append(f"{name} differs significantly from {_name(baseline)} under no policy.")
    return lines


def _costs(average: "pd.DataFrame", cost: "pd.DataFrame") -> list[str]:
    lines = []
    priced = cost.dropna(subset=["effort_per_member"])
    if len(priced):
        row = priced.sort_values("effort_per_member", kind="stable").iloc[0]
        lines.append(
            f"Effort per additional member retained is lowest under {_name(row['policy'])}: {row['effort_per_member']:.1f} "
            f"({row['low']:.1f} to {row['high']:.1f}), for {row['retained']:.1f} additional members a run."
        )
    dominated = [_name(p) for p in average.index[~pareto(average, DECIDING)]]
    if dominated:
        lines.append(
            f"Dominated, by means: {_listed(dominated)}. Another policy is at least as good in retention, private value, "
            "fairness, value for society and effort, and better in one."
        )
    return lines


def _undecided(gaps: "pd.DataFrame", baseline: str) -> list[str]:
    lines = []
    for policy, row in gaps[gaps["verdict"] == "undecided"].iterrows():
        more = f"some {row['more_replications']:,.0f} more replications would decide it"
        seen = more if row["more_replications"] < UNSEEN else "no difference is seen"
        if row["more_replications"] == row["more_replications"]:
            lines.append(f"Retention under {_name(policy)}, compared with {_name(baseline)}, is undecided: {seen}.")
    return lines


def _savings(gaps: "pd.DataFrame") -> list[str]:
    saved = gaps.loc[gaps["outcome"].isin(DECIDING), "saving"].dropna()
    if saved.empty or gaps["replications"].max() < ENOUGH:
        return []
    return [
        f"Every policy met the same seeds (common random numbers); with separate seeds, {saved.median():.1f} times as many "
        "replications would give the same precision (median)."
    ]


def _name(policy: Any) -> str:
    return str(policy).replace("_", " ")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
