"""What many worlds say of an activity, in numbers and in sentences that turn with them."""

import json
import math
from typing import Any

from sim.lab.activities import BY_NAME, Comparison
from sim.lab.language import Words, words
from sim.lab.learn import GUESSES, Lesson, show
from sim.lab.outcomes import Give, judge, of_policy
from sim.lab.page import PAGES
from sim.lab.settings import MOST_RUNS, Asked
from sim.studies.report.page import template

DIGITS = {"retention": 1, "collective_value": 2, "private_value": 1, "society_value": 1}
"""Outcomes in the order of the table, with the digits of their means; members are counted, not their share."""


async def measure(comparison: Comparison, give: Give) -> dict[str, Any]:
    """Simulate both sides in the same worlds, or take what is remembered, and compare them."""
    tasks: dict[Any, Any] = {}
    for state, policy in zip(comparison.states, comparison.policies, strict=True):
        place = Asked(state.scenario, changes=state.changes)
        tasks[place, policy, MOST_RUNS] = (of_policy, place, policy, MOST_RUNS)
    found = await give(tasks)
    (rows,) = await give({("compare", *tasks): (compare, *(f["summary"] for f in found))})
    case = comparison.one.model()
    curves = [f["curves"]["members"] for f in found]
    return {"rows": rows, "curves": curves, "size": case.size.partners, "grant": case.grant.months}


def compare(one: Any, other: Any) -> list[dict[str, Any]]:
    """Compare B with A by each outcome, world by world: the means, and what ``partnership compare`` gives of them."""
    rows = judge(one.assign(policy="A"), other.assign(policy="B"))
    return [row | {"a": one[row["outcome"]].mean(), "b": other[row["outcome"]].mean()} for row in rows]


def write(lesson: Lesson, found: list[dict[str, Any]]) -> str:
    """Write what was measured of each comparison of an activity as a part of a page."""
    say, about = words(lesson.language), show(BY_NAME[lesson.activity], lesson.language)
    told = [tell(f["rows"], f["size"], say) for f in found]
    meant = [about["say"](f"compared.{n}.{t['verdict']}") for n, t in enumerate(told, 1)]
    return template(PAGES / "found.html").render(
        say=say,
        activity=about["say"]("name"),
        guess=tell_guess(lesson, told[0]["verdict"]) if lesson.guess else "",
        compared=list(zip(about["compared"], told, meant, [_drawing(f) for f in found], strict=True)),
    )


def tell_guess(lesson: Lesson, verdict: str) -> str:
    """Say whether a prediction came true."""
    say, seen = words(lesson.language), next(guess for guess, means in GUESSES.items() if means == verdict)
    right = "right" if seen == lesson.guess else "wrong"
    return say(f"learn.met.{right}", guess=say(f"learn.guess.{lesson.guess}"), seen=say(f"learn.guess.{seen}"))


def tell(rows: list[dict[str, Any]], size: int, say: Words) -> dict[str, Any]:
    """Put the rows of a comparison into words: a sentence on who stays, and a table of all outcomes."""
    by_outcome = {row["outcome"]: row for row in rows}
    verdict = by_outcome["retention"]["verdict"]
    table, told = [], ""
    for outcome, digits in DIGITS.items():
        row, scale = by_outcome[outcome], size if outcome == "retention" else 1
        gaps = {side: _write(row[side] * scale, digits, say) for side in "ab"} | _interval(row, scale, say)
        gaps |= {"size": str(size), "worlds": _write(row["worlds"], 0, say), "count": _count(row, say)}
        gap = say(f"learn.gap.{row['verdict']}", **gaps)
        table.append((say(f"learn.outcome.{outcome}"), gaps["a"], gaps["b"], gap))
        told = told or say(f"learn.told.{row['verdict']}", **gaps)
    return {"verdict": verdict, "told": told, "table": table}


def _interval(row: dict[str, Any], scale: float, say: Words) -> dict[str, str]:
    """Write a difference and its interval in the direction that was decided; smaller ones with more digits."""
    towards = -scale if row["verdict"] == "lower" else scale
    gap, low, high = (row[key] * towards for key in ("difference", "low", "high"))
    largest = max(abs(low), abs(high))
    digits = 1 if largest >= 1 else 2 if largest >= 0.1 else 3
    ends = sorted((low, high))
    return {key: _write(v, digits, say) for key, v in zip(("gap", "low", "high"), (gap, *ends), strict=True)}


def _count(row: dict[str, Any], say: Words) -> str:
    """Count the worlds in which the difference is as the mean says, ties half; all only if there is none else."""
    share = 1.0 - row["better"] if row["verdict"] == "lower" else row["better"]
    return _write(math.floor(share * row["worlds"] + 1e-6), 0, say)


def _write(value: float, digits: int, say: Words) -> str:
    """Write a number as its language does."""
    return say.number(round(value, digits) + 0.0, f",.{digits}f").replace("-", "−")


def _drawing(found: dict[str, Any]) -> str:
    """Give what the page draws: the members of A and B over the months."""
    return json.dumps({key: found[key] for key in ("curves", "size", "grant")}, separators=(",", ":"))
