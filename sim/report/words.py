"""The answer in words: sentences read from the tables of a comparison, each with its number."""

from typing import TYPE_CHECKING, Any

from sim.analysis.paired import means
from sim.analysis.tradeoffs import DECIDING, pareto

if TYPE_CHECKING:
    import pandas as pd

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
        *_staying(average["retention"], stay, base, partners),
        *_values(gaps, base),
        *_prices(average, cost),
        *_settings(region, base),
        *_undecided(stay, base),
        *_savings(gaps),
    ]


def _staying(kept: "pd.Series[float]", stay: "pd.DataFrame", base: str, partners: int) -> list[str]:
    best = str(kept.idxmax())
    if kept.nunique() == 1:
        return [f"As many founders stay to the end under each: {kept[best]:.0%} of {partners}."]
    lines = [f"Most founders stay to the end under {_name(best)}: {kept[best]:.0%} of {partners}"]
    if best != base:
        lines[0] += f", against {kept[base]:.0%} under {_name(base)}{_sure(stay.loc[best])}"
    fewer = [
        f"{_name(p)} ({row['difference'] * 100:+.1f} points)" for p, row in stay.iterrows() if row["verdict"] == "lower"
    ]
    if fewer:
        lines.append(f"Fewer stay than under {_name(base)} under {_listed(fewer)}")
    return [f"{line}." for line in lines]


def _sure(row: Any) -> str:
    text = f": {row['difference'] * 100:+.1f} points"
    if row["low"] == row["low"]:
        text += f", 95 % interval {row['low'] * 100:+.1f} to {row['high'] * 100:+.1f}; better in {row['better']:.0%} of worlds"
    return text if row["verdict"] != "undecided" else f"{text}, which is undecided"


def _values(gaps: "pd.DataFrame", base: str) -> list[str]:
    lines = []
    for outcome, name in TOLD.items():
        rows = gaps[gaps["outcome"] == outcome].dropna(subset=["difference"]).set_index("policy")["difference"]
        if rows.empty:
            continue
        best = str(rows.idxmax()) if rows.max() > 0 else base
        worse = [f"{_name(p)} ({d:+.2f})" for p, d in rows.items() if d < 0 and _verdict(gaps, p, outcome) == "lower"]
        line = f"{name} is highest under {_name(best)}" + (
            f" ({rows[best]:+.2f} beside {_name(base)})" if best != base else ""
        )
        than = "" if best == base else f" than under {_name(base)}"
        lines.append(line + (f"; clearly lower{than} under {_listed(worse)}." if worse else "."))
    return lines


def _verdict(gaps: "pd.DataFrame", policy: Any, outcome: str) -> str:
    return str(gaps.loc[(gaps["policy"] == policy) & (gaps["outcome"] == outcome), "verdict"].iloc[0])


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
            f"Another policy is as good in all that was weighed, and better in something, than {_listed(beaten)}."
        )
    return lines


def _settings(region: "pd.DataFrame | None", base: str) -> list[str]:
    if region is None:
        return []
    rows = region[region["outcome"] == "retention"]
    n = int(rows["settings"].max())
    told = [f"{_name(r.policy)} keeps more in {r.up} and fewer in {r.down}" for r in rows.itertuples()]
    return [f"Over {n} settings of the calibrated region, beside {_name(base)}: {'; '.join(told)}."]


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
    if saved.empty:
        return []
    return [
        f"As all policies met the same worlds, {saved.median():.1f} times fewer were needed than with separate ones (median)."
    ]


def _name(policy: Any) -> str:
    return str(policy).replace("_", " ")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
