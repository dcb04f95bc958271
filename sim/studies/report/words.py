"""The answer in words: sentences read from the tables of a comparison, each with its number."""

from typing import TYPE_CHECKING, Any

from sim.analysis.paired import differences, means
from sim.analysis.robustness import DECIDING, pareto

if TYPE_CHECKING:
    import pandas as pd

ENOUGH = 20
"""Replications from which on it is told what common worlds saved."""

TOLD = {
    "private_value": "Private value",
    "society_value": "Value for society",
    "private_fairness": "Fairness between sectors",
}


def answer(
    summary: "pd.DataFrame",
    gaps: "pd.DataFrame",
    region: "pd.DataFrame | None",
    cost: "pd.DataFrame",
    base: str,
    partners: int,
) -> list[str]:
    """Say what was found, how sure it is, at what price, and what is undecided."""
    average = means(summary, list(DECIDING))
    if gaps.empty:
        return [f"Under {_name(base)} {average['retention'].iloc[0]:.0%} of the founders stay; nothing is compared."]
    stay = gaps[gaps["outcome"] == "retention"].set_index("policy")
    return [
        *_staying(summary, average["retention"], stay, base, partners),
        *_values(gaps, base),
        *_prices(average, cost),
        *_settings(region, base),
        *_undecided(stay, base),
        *_savings(gaps),
    ]


def _staying(summary: "pd.DataFrame", kept: "pd.Series[float]", stay: "pd.DataFrame", base: str, n: int) -> list[str]:
    ranked = [str(name) for name in kept.sort_values(ascending=False, kind="stable").index]
    best, second = ranked[0], ranked[1]
    if kept.nunique() == 1:
        return [f"As many founders stay to the end under each: {kept[best]:.0%} of {n}."]
    pair = differences(summary[summary["policy"].isin([best, second])], second, ["retention"]).iloc[0]
    line = f"More founders stay to the end under {_name(best)} than under any other: {kept[best]:.0%} of {n}"
    if pair["verdict"] == "undecided":
        line = f"{_name(best).capitalize()} ({kept[best]:.0%} of {n}) and {_name(second)} ({kept[second]:.0%}) keep most founders to the end; which keeps more is undecided"
    if best != base:
        line += f". Under {_name(base)} {kept[base]:.0%} stay{_sure(stay.loc[best])}"
    lines = [line]
    fewer = [
        f"{_name(p)} ({row['difference'] * 100:+.1f} points)" for p, row in stay.iterrows() if row["verdict"] == "lower"
    ]
    if fewer:
        lines.append(f"Clearly fewer stay than under {_name(base)}: under {_listed(fewer)}")
    return [f"{line}." for line in lines]


def _sure(row: Any) -> str:
    if row["low"] != row["low"]:
        return ""
    sure = "" if row["verdict"] != "undecided" else ", undecided"
    ends = f"95 % interval {row['low'] * 100:+.1f} to {row['high'] * 100:+.1f}"
    return f": a difference of {row['difference'] * 100:+.1f} points ({ends}; better in {row['better']:.0%} of worlds{sure})"


def _values(gaps: "pd.DataFrame", base: str) -> list[str]:
    lines = []
    for outcome, name in TOLD.items():
        rows = gaps[gaps["outcome"] == outcome].dropna(subset=["p"]).set_index("policy")
        if rows.empty:
            continue
        up, down = (rows[rows["verdict"] == v]["difference"] for v in ("higher", "lower"))
        parts = []
        if len(up):
            parts.append(f"highest under {_name(up.idxmax())} ({up.max():+.2f} beside {_name(base)})")
        if len(down):
            parts.append(
                f"clearly lower than under {_name(base)} under {_listed([f'{_name(p)} ({d:+.2f})' for p, d in down.items()])}"
            )
        lines.append(f"{name} is {'; '.join(parts) or f'not clearly other than under {_name(base)}'}.")
    return lines


def _prices(average: "pd.DataFrame", cost: "pd.DataFrame") -> list[str]:
    lines = []
    priced = cost.dropna(subset=["cost"])
    if len(priced):
        row = priced.sort_values("cost", kind="stable").iloc[0]
        lines.append(
            f"The cheapest way to keep a partner is {_name(row['policy'])}: {row['cost']:.1f} effort for each of the "
            f"{row['kept']:.1f} that would otherwise have left ({row['low']:.1f} to {row['high']:.1f})."
        )
    beaten = [_name(p) for p in average.index[~pareto(average, DECIDING)]]
    if beaten:
        lines.append(
            f"By their means another policy is as good in all that was weighed, and better in something, than {_listed(beaten)}."
        )
    return lines


def _settings(region: "pd.DataFrame | None", base: str) -> list[str]:
    if region is None:
        return []
    rows = region[region["outcome"] == "retention"]
    n = int(rows["parameter_sets"].max())
    told = [f"{_name(r.policy)} keeps more in {r.higher} and fewer in {r.lower} of {n}" for r in rows.itertuples()]
    return [f"Over {n} parameter sets of the plausible region, beside {_name(base)}: {'; '.join(told)}."]


def _undecided(stay: "pd.DataFrame", base: str) -> list[str]:
    lines = []
    for policy, row in stay[stay["verdict"] == "undecided"].iterrows():
        more = (
            f"some {row['more_worlds']:,.0f} more worlds would tell"
            if row["more_worlds"] < 1e5
            else "no difference is seen"
        )
        if row["more_worlds"] == row["more_worlds"]:
            lines.append(f"Whether {_name(policy)} keeps more founders than {_name(base)} is undecided: {more}.")
    return lines


def _savings(gaps: "pd.DataFrame") -> list[str]:
    saved = gaps.loc[gaps["outcome"].isin(DECIDING), "saving"].dropna()
    if saved.empty or gaps["worlds"].max() < ENOUGH:
        return []
    return [
        f"As all policies met the same worlds, {saved.median():.1f} times fewer were needed than with separate ones (median)."
    ]


def _name(policy: Any) -> str:
    return str(policy).replace("_", " ")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
