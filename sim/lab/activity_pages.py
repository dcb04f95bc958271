"""The pages of the activities, for students, for the teacher and for paper, and their results in sentences."""

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sim.core.errors import InputError, near
from sim.lab.activities import ACTIVITIES, BY_NAME, Activity, Comparison
from sim.lab.link_state import MAX_RUNS, LinkState
from sim.lab.messages import LANGUAGES, Messages, messages
from sim.lab.outcomes import RunTasks, compare_policies, simulate_policy
from sim.lab.page import PAGES, render_page
from sim.studies.report.page import template

if TYPE_CHECKING:
    import pandas as pd

TEMPLATES = {"/learn": "learn", "/teacher": "teacher", "/sheet": "sheet"}
"""The template of each page, by its address."""

GUESSES = {"more": "higher", "fewer": "lower", "same": "undecided"}
"""What students can predict of the number of members in B, and the verdict that it means."""

DIGITS = {"retention": 1, "collective_value": 2, "private_value": 1, "society_value": 1}
"""Outcomes in the order of the table, with the digits of their means. Retention is shown as a number of members."""


@dataclasses.dataclass(frozen=True)
class Lesson:
    """What a page of the activities shows: one activity or all, a prediction if there is one, and the language."""

    activity: str = ""
    guess: str = ""
    language: str = "en"

    def query(self) -> str:
        """Write it as a query string with its question mark, which ``read_lesson`` reads; empty for the default."""
        pairs = {"activity": self.activity, "guess": self.guess, "lang": self.language if self.language != "en" else ""}
        query = urlencode({key: value for key, value in pairs.items() if value})
        return f"?{query}" if query else ""


def read_lesson(pairs: Iterable[tuple[str, str]]) -> Lesson:
    """Read what a link to a page of the activities asks for.

    Args:
        pairs: The keys and values of the query string, in order.

    Raises:
        InputError: For an unknown or repeated key, an unknown choice, or a prediction without an activity.
    """
    allowed = {"activity": list(BY_NAME), "guess": list(GUESSES), "lang": list(LANGUAGES)}
    values: dict[str, str] = {}
    for key, text in pairs:
        if key not in allowed:
            raise InputError(f"{ascii(key[:40])[1:-1]}: this page has no such key; {near(key[:60], allowed)}")
        if key in values:
            raise InputError(f"{key}: is there twice; leave one out")
        if text not in allowed[key]:
            known = near(text[:60], allowed[key])
            raise InputError(f"{key}={ascii(text[:40])[1:-1]}: there is no such choice; {known}")
        values[key] = text
    if "guess" in values and "activity" not in values:
        raise InputError(f"guess={values['guess']}: name the activity too, as activity={ACTIVITIES[0].name}")
    return Lesson(values.get("activity", ""), values.get("guess", ""), values.get("lang", "en"))


def activity_of(lesson: Lesson) -> Activity:
    """Return the activity of a lesson.

    Raises:
        InputError: If the lesson names no activity.
    """
    if not lesson.activity:
        raise InputError(f"the link names no activity; add one, as activity={ACTIVITIES[0].name}")
    return BY_NAME[lesson.activity]


def render_activities(path: str, lesson: Lesson) -> str:
    """Write a page of ``TEMPLATES``. It contains no results; its script asks for them when the reader does."""
    name = "" if path == "/teacher" else lesson.activity
    shown = [activity_view(activity, lesson.language) for activity in ACTIVITIES if name in ("", activity.name)]
    return render_page(
        "learn",
        lesson.language,
        lambda code: path + dataclasses.replace(lesson, language=code).query(),
        page=TEMPLATES[path],
        lesson=lesson,
        language_query=Lesson(language=lesson.language).query(),
        activities=[(a.name, Lesson(a.name, language=lesson.language).query()) for a in ACTIVITIES],
        shown=shown,
        guesses=list(GUESSES),
        results="/results" + lesson.query(),
    )


def activity_view(activity: Activity, language: str) -> dict[str, Any]:
    """Return what pages show of an activity: its own sentences by key, and its comparisons with links to the app."""
    message, key = messages(language), f"learn.activity.{activity.name}"
    values = _slider_values(activity.compared[0].other)
    return {
        "name": activity.name,
        "minutes": activity.minutes,
        "rules": activity.rules,
        "query": Lesson(activity.name, language=language).query(),
        "message": lambda part: message(f"{key}.{part}", **values),
        "compared": [_comparison_view(c, f"{key}.compared.{n}", language) for n, c in enumerate(activity.compared, 1)],
    }


def _comparison_view(comparison: Comparison, key: str, language: str) -> dict[str, Any]:
    """Name a comparison and its sides, and return the links at which the app shows them."""
    message = messages(language)
    one, other = (dataclasses.replace(state, language=language, hidden=True) for state in comparison.states)
    opened = [("ab", one)] if one == other else [("a", one), ("b", other)]
    return {
        "title": message(f"{key}.title", **_slider_values(other)),
        "a": message(f"{key}.a", **_slider_values(one)),
        "b": message(f"{key}.b", **_slider_values(other)),
        "links": [(message(f"learn.open.{which}"), f"/?{state.query()}") for which, state in opened],
    }


def _slider_values(state: LinkState) -> dict[str, str]:
    """Return the values of the sliders, written as the language does, by the last part of their paths."""
    message = messages(state.language)
    return {path.rpartition(".")[2]: message.number(value, "g") for path, value in state.values().items()}


async def measure_comparison(comparison: Comparison, run_tasks: RunTasks) -> dict[str, Any]:
    """Simulate both sides with the same seeds, or take the results from the cache, and compare them.

    Returns:
        ``rows`` (``compare_sides``), ``curves`` of the members in A and B, ``size`` (members), ``grant`` (months).
    """
    tasks: dict[Any, Any] = {}
    for state, policy in zip(comparison.states, comparison.policies, strict=True):
        inputs = LinkState(state.scenario, changes=state.changes)
        tasks[inputs, policy, MAX_RUNS] = (simulate_policy, inputs, policy, MAX_RUNS)
    sides = await run_tasks(tasks)
    (rows,) = await run_tasks({("compare sides", *tasks): (compare_sides, *(side["summary"] for side in sides))})
    scenario = comparison.one.model()
    curves = [side["curves"]["members"] for side in sides]
    return {"rows": rows, "curves": curves, "size": scenario.size.partners, "grant": scenario.grant.months}


def compare_sides(one: "pd.DataFrame", other: "pd.DataFrame") -> list[dict[str, Any]]:
    """Compare B with A seed by seed, as ``partnership compare`` does, and add the means ``a`` and ``b``."""
    rows = compare_policies(one.assign(policy="A"), other.assign(policy="B"))
    return [row | {"a": one[row["outcome"]].mean(), "b": other[row["outcome"]].mean()} for row in rows]


def render_results(lesson: Lesson, measured: Sequence[Mapping[str, Any]]) -> str:
    """Write the results of an activity as a part of a page; ``measured`` is ``measure_comparison`` of each."""
    message, view = messages(lesson.language), activity_view(BY_NAME[lesson.activity], lesson.language)
    results = [describe_comparison(m["rows"], m["size"], message) for m in measured]
    meanings = [view["message"](f"compared.{n}.{result['verdict']}") for n, result in enumerate(results, 1)]
    html: str = template(PAGES / "results.html").render(
        message=message,
        activity=view["message"]("name"),
        guess=describe_guess(lesson, results[0]["verdict"]) if lesson.guess else "",
        compared=list(zip(view["compared"], results, meanings, [_chart_data(m) for m in measured], strict=True)),
    )
    return html


def describe_guess(lesson: Lesson, verdict: str) -> str:
    """Say whether a prediction was right."""
    message, true_guess = messages(lesson.language), next(g for g, meaning in GUESSES.items() if meaning == verdict)
    right = "right" if true_guess == lesson.guess else "wrong"
    guess, seen = (message(f"learn.guess.{name}") for name in (lesson.guess, true_guess))
    return message(f"learn.outcome_of_guess.{right}", guess=guess, seen=seen)


def describe_comparison(rows: Sequence[Mapping[str, Any]], size: int, message: Messages) -> dict[str, Any]:
    """Put a comparison into words: the verdict, a sentence on who stays, and a table of all outcomes."""
    by_outcome = {row["outcome"]: row for row in rows}
    verdict = by_outcome["retention"]["verdict"]
    table, text = [], ""
    for outcome, digits in DIGITS.items():
        row, scale = by_outcome[outcome], size if outcome == "retention" else 1
        gaps = {side: _number(row[side] * scale, digits, message) for side in "ab"} | _interval(row, scale, message)
        gaps |= {"size": str(size), "runs": _number(row["runs"], 0, message), "count": _count(row, message)}
        gap = message(f"learn.difference.{row['verdict']}", **gaps)
        table.append((message(f"learn.outcome.{outcome}"), gaps["a"], gaps["b"], gap))
        text = text or message(f"learn.comparison.{row['verdict']}", **gaps)
    return {"verdict": verdict, "text": text, "table": table}


def _interval(row: Mapping[str, Any], scale: float, message: Messages) -> dict[str, str]:
    """Write a difference and its interval in the direction of the verdict; small ones with more digits."""
    towards = -scale if row["verdict"] == "lower" else scale
    gap, low, high = (row[key] * towards for key in ("difference", "low", "high"))
    largest = max(abs(low), abs(high))
    digits = 1 if largest >= 1 else 2 if largest >= 0.1 else 3
    ends = sorted((low, high))
    return {key: _number(v, digits, message) for key, v in zip(("gap", "low", "high"), (gap, *ends), strict=True)}


def _count(row: Mapping[str, Any], message: Messages) -> str:
    """Count the runs with a difference in the direction of the mean, ties half; all only if no run differs from it."""
    share = 1.0 - row["better"] if row["verdict"] == "lower" else row["better"]
    return _number(math.floor(share * row["runs"] + 1e-6), 0, message)


def _number(value: float, digits: int, message: Messages) -> str:
    return message.number(round(value, digits) + 0.0, f",.{digits}f").replace("-", "−")


def _chart_data(measured: Mapping[str, Any]) -> str:
    """Return what the page draws: the members of A and B over the months."""
    return json.dumps({key: measured[key] for key in ("curves", "size", "grant")}, separators=(",", ":"))
