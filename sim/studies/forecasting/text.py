"""A forecast in words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.core.calendar import date_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.model.scenario import Scenario
    from sim.studies.forecasting.study import Forecast

SHOWN = 10
"""Members named in the text: those least likely to stay."""


def forecast_text(result: "Forecast") -> str:
    """Give what ``partnership forecast`` prints."""
    return "\n".join(_lines(result))


def _lines(result: "Forecast") -> Iterator[str]:
    outlook, members, plans = result.outlook, result.chances, result.plans
    row: Any
    now, wide = int(result.history["members"].iloc[-1]), max(38, *(len(plan) + 2 for plan in plans))
    ahead = int(outlook["ahead"].max())
    yield f"{result.title}: {now} members now, {len(result.seeds):,} partnerships that agree with what happened so far."
    yield f"{grant_text(result.scenario)}."
    yield ""
    yield f"{'Of the members now, still there after':<{wide}}" + "".join(f"{h:>5} months   " for h in _months(outlook))
    for plan in plans:
        rows = outlook[(outlook["plan"] == plan) & (outlook["outcome"] == "retention")].set_index("ahead")
        cells = (f"{r['median']:>5.0%} ({r['q05']:.0%}-{r['q95']:.0%})" for _, r in rows.iterrows())
        yield f"{plan:<{wide}}" + "".join(f"{c:<15}" for c in cells)
    yield "median (nine in ten)"
    yield ""
    heads = f"{'private value':>16}{'for society':>16}{'effort':>10}"
    yield f"{f'In the {ahead} months ahead':<{wide}}{heads}   main reasons of exits"
    for plan in plans:
        end = outlook[(outlook["plan"] == plan) & (outlook["ahead"] == ahead)].set_index("outcome")["mean"]
        reasons = result.reasons[result.reasons["plan"] == plan].head(3)
        causes = ", ".join(f"{r.cause} {r.share:.0%}" for r in reasons.itertuples())
        numbers = f"{end['private_value']:>16.1f}{end['society_value']:>16.1f}{end['effort_spent']:>10.0f}"
        yield f"{plan:<{wide}}{numbers}   {causes}"
    yield "private value per member now; value for society per founder"
    if len(plans) > 1:
        yield ""
        yield f"Difference to {plans[0]} on the same draws, 95 % interval of the mean"
        rows = result.differences[result.differences["outcome"] == "retention"]
        for row in rows[rows["ahead"] == rows["ahead"].max()].itertuples():
            low, high, mean = 100 * row.low, 100 * row.high, 100 * row.difference
            yield (
                f"{row.plan:<{wide}}{mean:+6.1f} % points [{low:+.1f}, {high:+.1f}] after {row.ahead} months; "
                f"better in {row.better:.0%} of the runs (ties count half); independent draws would need "
                f"{row.runs_saved:.0f} times the runs"
            )
    yield ""
    late = [str(c) for c in members if str(c).startswith("there_")][-1]
    yield f"Least likely to be there after {late.removeprefix('there_')} months, under {plans[0]}"
    open_ones = members[(members["plan"] == plans[0]) & ~members["known"].str.startswith("leaves")]
    for row in open_ones.sort_values(late, kind="stable").head(SHOWN).itertuples():
        why = f"mostly: {row.cause} ({row.cause_share:.0%})" if row.cause else ""
        yield f"  {row.member[:34]:<36}{getattr(row, late):>5.0%}   {why}"
    yield ""
    yield "Beside the forecast"
    for row in result.checks.itertuples():
        if row.verdict == "":
            yield f"  {row.check:<52}{row.meaning}"
    for warning in result.warnings:
        yield f"  WARNING: {warning}"
    if not result.warnings:
        yield "  No check speaks against it. What such forecasts are good for: docs/forecast_scores.md"


def grant_text(scenario: "Scenario") -> str:
    """Say how long the grant lasts, with its date where the partnership has one."""
    end = round(scenario.grant.months)
    date = f" ({date_of(end, scenario.begins)})" if scenario.begins and end else ""
    changed = any(event.kind == "grant" for event in scenario.events) or scenario.shocks.grant_end.month
    return f"The grant is for {end} months{date}{', but for what events do to it' if changed else ''}"


def _months(outlook: "pd.DataFrame") -> list[int]:
    rows = outlook[outlook["outcome"] == "retention"]
    return [int(h) for h in rows["ahead"].unique()]
