"""What a study of pathways says: tipping points, signposts in words, and what firing at the wrong time costs."""

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.studies.pathways.study import Pathways

SHOWN = 3
"""Signposts of each action that the text tells; all are in the table."""


def lines(result: "Pathways") -> Iterator[str]:
    """Give the lines of the text."""
    n = len(result.seeds) // 2
    over = f" ({result.n_sets} parameter sets of the plausible region)" if result.n_sets else ""
    yield f"{result.title}, {n} runs of {result.months} months each{over}."
    yield ""
    yield "When does each action stop meeting the target?"
    for row in result.tables["tipping"].to_dict("records"):
        yield f"  {row['action']}: {_tipping(row, bool(result.n_sets))}"
    yield ""
    yield from _signposts(result)
    yield "Pathways, by how many of 100 runs meet the target to the end (difference to the first action, by run):"
    first = str(result.tables["paths"]["path"].iloc[0])
    rows = result.tables["paths"].sort_values(["meets", "effort"], ascending=[False, True], kind="stable")
    for row in rows.to_dict("records"):
        gain = f"{100 * row['gain']:+.0f}, {100 * row['gain_low']:+.0f} to {100 * row['gain_high']:+.0f}"
        beside = "" if row["path"] == first else f" ({gain})"
        switch = f"; switches in {_hundred(row['switches'])}" if row["then"] else ""
        yield f"  {_hundred(row['meets']):>3}{beside:<20} effort {row['effort']:<8.3g} {row['path']}{switch}"
    if result.plan:
        yield "The first of them is in pathway.yaml, a plan that stands wherever a policy is named."


def condition_in_words(condition: str) -> str:
    """Say a condition as a person would: ``exits >= 3 and month <= 18`` is ``3 or more have left by month 18``."""
    first, _, window = condition.partition(" and month <= ")
    by = f" by month {window}" if window else ""
    quantity, relation, number = re.split(r" (>=|<=) ", first)
    if quantity == "month":
        return f"month {number} comes"
    if quantity.startswith("exits"):
        span = quantity.removeprefix("exits").replace(" in ", " within ")
        many = f"{number} or more have" if relation == ">=" else f"{number} or fewer have"
        return f"{many} left{span}{by}"
    seen = "" if quantity == "grant months left" else " seen"
    return f"the {quantity}{seen} {'reaches' if relation == '>=' else 'falls to'} {number}{by}"


def signpost_in_words(row: Any, then: str) -> str:
    """Say a signpost with how often it is right."""
    nothing = (
        f"for nothing in {_hundred(row['for_nothing'])} of 100 where it would not "
        f"({_hundred(row['for_nothing_low'])} to {_hundred(row['for_nothing_high'])})"
        if row["meets"]
        else "it fails in every run"
    )
    return (
        f"If {condition_in_words(row['condition'])}, switch{f' to {then}' if then else ''}: fires rightly in "
        f"{_hundred(row['rightly'])} of 100 runs where {row['action']} would have failed "
        f"({_hundred(row['rightly_low'])} to {_hundred(row['rightly_high'])}), too late or never in "
        f"{_hundred(row['late'])}; {nothing}."
    )


def _signposts(result: "Pathways") -> Iterator[str]:
    posts, paths, wrong = (result.tables[name] for name in ("signposts", "paths", "wrong"))
    yield f"Signposts (in time: {result.lead} months or more before the action fails):"
    for row in result.tables["tipping"].to_dict("records"):
        name = row["action"]
        own = posts[posts["action"] == name].sort_values("skill", ascending=False, kind="stable")
        if not len(own):
            yield f"  {name}: none {'announces that it fails in time' if row['fails'] > 0.1 else 'needed'}."
            continue
        ways = paths[(paths["action"] == name) & (paths["then"] != "")]
        ways = ways.sort_values("meets", ascending=False, kind="stable")
        for post in own.head(SHOWN).to_dict("records"):
            yield f"  {signpost_in_words(post, str(ways.iloc[0]['then']))}"
    yield ""
    if len(wrong):
        first = wrong.iloc[0]
        yield f"What it costs to switch from {first['action']} to {first['then']} at the wrong time:"
        for condition, rows in wrong.groupby("condition", sort=False):
            yield f"  If {condition_in_words(str(condition))}:"
            for row in rows.to_dict("records"):
                yield (
                    f"    fires {row['fires']} in {row['runs']} runs: target met in {_hundred(row['meets'])} of 100 "
                    f"(without: {_hundred(row['without'])}), effort {row['effort']:+.3g}"
                ).replace("fires not needed", "stays quiet, rightly,")
        yield ""


def _tipping(row: Any, by_set: bool) -> str:
    fails = f"fails in {_hundred(row['fails'])} of 100 runs"
    if not row["fails"]:
        return fails
    if math.isnan(row["half"]):
        when = "" if math.isnan(row["quarter"]) else f", a quarter of all by month {row['quarter']:.0f}"
    else:
        last = "" if math.isnan(row["three_quarters"]) else f", three quarters by month {row['three_quarters']:.0f}"
        when = f", a quarter of all by month {row['quarter']:.0f}, half by month {row['half']:.0f}{last}"
    span = f"; {_hundred(row['least_by_set'])} to {_hundred(row['most_by_set'])} by parameter set" if by_set else ""
    return fails + when + span


def _hundred(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.0f}"
