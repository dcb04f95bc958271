"""The page of a forecast: the answer in words, what to expect under each plan, and for each member."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.core.calendar import date_of
from sim.studies.forecasting.text import grant_text
from sim.studies.report.page import Page, Section, as_table
from sim.viz.style import label

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.forecasting.study import Forecast

METHOD = (
    "An ensemble of partnerships that agree with who joined and left so far, over the parameter sets of the plausible "
    "region, is continued under each plan on the same draws. Nine in ten of them lie between the ends given; half lie "
    "between the quartiles."
)
CAVEAT = (
    "These are results of a model that is loosely calibrated and wrong in known ways. How well such forecasts did on "
    "real member lists is in docs/forecast_scores.md; no list tests what a plan changes."
)


def forecast_page(result: "Forecast") -> Page:
    """Make the page of a forecast."""
    outlook, chances = result.outlook, result.chances
    retention = outlook[outlook["outcome"] == "retention"]
    late = [str(c) for c in chances if str(c).startswith("there_")]
    shares = {"q05": ("from", ".0%"), "q95": ("to", ".0%")}
    ahead = {"plan": ("plan", "s"), "ahead": ("months ahead", ".0f"), "median": ("median", ".0%")}
    members = {"member": ("member", "s"), "sector": ("sector", "")}
    members |= {plan: (label(plan), ".0%") for plan in result.plans}
    members |= {"private_value": ("private value it captures", ".1f"), "cause": ("commonest reason to leave", "")}
    if chances["known"].any():
        members |= {"known": ("the roster says", "")}
    reasons = {"plan": ("plan", "s"), "cause": ("cause", ""), "share": ("share of exits", ".0%")}
    reasons |= {"exits_per_run": ("exits", ".1f")}
    checks = {c: (c, "" if c != "value" else ".3g") for c in ("check", "value", "wanted", "verdict", "meaning")}
    figures = result.draw()
    sections = [
        Section(
            "What to expect under each plan", [METHOD], figures["forecast"], "forecast",
            "Members so far, and from now on the median with bands of half and nine in ten of the partnerships.",
            [as_table("Members now that are still there (share; nine in ten)", retention, ahead | shares)],
            {"outlook.csv": None, "curves.csv": None},
        ),
        Section(
            "For each member", ["Chances are shares of the ensemble, and no verdict on an organisation."],
            figures["members"], "members", "Chance of each member to be there at the end, by plan.",
            [as_table(
                f"Chance to be there after {late[-1].removeprefix('there_')} months under each plan; value and reason "
                f"under {label(result.plans[0])}", _by_member(result, late[-1]), members,
            )], {"chances.csv": None},
        ),
        Section(
            "Why members would leave", tables=[as_table("Exits after now, by cause", result.reasons, reasons)],
            data={"reasons.csv": None},
        ),
        Section("Differences between plans", _about_differences(result), tables=[
            as_table(f"Difference to {label(result.plans[0])} in members that stay (% points)", *_gaps(result))
        ] if len(result.plans) > 1 else [], data={"differences.csv": None}),
        Section("Beside the forecast", tables=[as_table("Checks, and simple rivals", result.checks, checks)],
                data={"checks.csv": None}),
        Section("What this cannot say", [CAVEAT]),
    ]  # fmt: skip
    facts = {"Made by": result.call, "Configuration": result.key, "Model": result.identity.model}
    begins, now = result.scenario.begins, result.scenario.now
    date = f" ({date_of(now, begins)})" if begins else ""
    question = f"Who is likely to stay after month {now}{date}, and under which plan?"
    return Page(result.title, question, list(_answer(result)), sections, facts)


def _by_member(result: "Forecast", late: str) -> "pd.DataFrame":
    """Lay the chances out with a row per member and a column per plan."""
    wide = result.chances.pivot(index="member", columns="plan", values=late)
    first = result.chances[result.chances["plan"] == result.plans[0]].set_index("member")
    return first[["sector", "private_value", "cause", "known"]].join(wide).reset_index()


def _gaps(result: "Forecast") -> "tuple[pd.DataFrame, dict[str, tuple[str, str]]]":
    rows = result.differences[result.differences["outcome"] == "retention"].copy()
    for column in ("difference", "low", "high"):
        rows[column] *= 100.0
    columns = {"plan": ("plan", "s"), "ahead": ("months ahead", ".0f"), "difference": ("difference", "+.1f")}
    return rows, columns | {"low": ("from", "+.1f"), "high": ("to", "+.1f"), "better": ("better in", ".0%")}


def _about_differences(result: "Forecast") -> list[str]:
    if len(result.plans) < 2:
        return ["Only one plan was given."]
    return [
        "Means over the ensemble on the same draws, with a 95 % interval of the mean. 'Better' is the share of "
        "partnerships in which the plan did better, ties half. Differences in value are in differences.csv."
    ]


def _answer(result: "Forecast") -> Iterator[str]:
    """Say what the forecast shows, in sentences with numbers."""
    row: Any
    plans, horizon = result.plans, int(result.outlook["ahead"].max())
    rows = result.outlook[(result.outlook["outcome"] == "retention") & (result.outlook["ahead"] == horizon)]
    first = rows[rows["plan"] == plans[0]].iloc[0]
    now = int(result.history["members"].iloc[-1])
    yield (
        f"Under {label(plans[0])}, {first['median']:.0%} of the {now} members now are likely to be there after "
        f"{horizon} months (nine in ten: {first['q05']:.0%} to {first['q95']:.0%})."
    )
    yield f"{grant_text(result.scenario)}."
    gaps = result.differences
    gaps = gaps[(gaps["outcome"] == "retention") & (gaps["ahead"] == horizon)] if len(gaps) else gaps
    for row in gaps.sort_values("difference", ascending=False, kind="stable").itertuples():
        sure = "" if row.low > 0 or row.high < 0 else ", which this many runs cannot tell from none"
        yield (
            f"{label(row.plan)} changes that by {100 * row.difference:+.1f} percentage points on average{sure}; it "
            f"does better in {row.better:.0%} of the partnerships."
        )
    late = [str(c) for c in result.chances if str(c).startswith("there_")][-1]
    open_ones = result.chances[(result.chances["plan"] == plans[0]) & ~result.chances["known"].str.startswith("leaves")]
    least = open_ones.sort_values(late, kind="stable").head(3)
    names = ", ".join(f"{m} ({100 * p:.0f} %)" for m, p in zip(least["member"], least[late], strict=True))
    yield f"Least likely to be there then: {names}."
    causes = result.reasons[result.reasons["plan"] == plans[0]].head(2)
    if len(causes):
        yield (
            "Commonest reasons to leave: " + ", ".join(f"{r.cause} ({r.share:.0%})" for r in causes.itertuples()) + "."
        )
    for warning in result.warnings:
        yield f"Warning: {warning}."
