"""The pages to learn with: for students, for the teacher and for paper; and what a link to one asks for."""

import dataclasses
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from sim.core.errors import InputError, near
from sim.lab.activities import ACTIVITIES, BY_NAME, Activity, Comparison
from sim.lab.language import LANGUAGES, words
from sim.lab.page import fill
from sim.lab.settings import Asked

PAGES = {"/learn": "learn", "/teacher": "teacher", "/sheet": "sheet"}
"""Where each page is, and its template."""

GUESSES = {"more": "higher", "fewer": "lower", "same": "undecided"}
"""What can be predicted of the members who stay, and the verdict that it means."""


@dataclasses.dataclass(frozen=True)
class Lesson:
    """What a page for learning shows: an activity or all, a prediction if one was made, and in which language."""

    activity: str = ""
    guess: str = ""
    language: str = "en"

    def query(self) -> str:
        """Write it as a query string, with its question mark if there is anything to ask; ``read`` gives it back."""
        pairs = {"activity": self.activity, "guess": self.guess, "lang": self.language if self.language != "en" else ""}
        asked = urlencode({key: value for key, value in pairs.items() if value})
        return f"?{asked}" if asked else ""


def read(pairs: Iterable[tuple[str, str]]) -> Lesson:
    """Read what a link to a page for learning asks for.

    Raises:
        InputError: for an unknown or repeated key, what is no choice, and a prediction of nothing.
    """
    allowed = {"activity": list(BY_NAME), "guess": list(GUESSES), "lang": list(LANGUAGES)}
    given: dict[str, str] = {}
    for key, text in pairs:
        if key not in allowed:
            raise InputError(f"{ascii(key[:40])[1:-1]}: there is no such key here; {near(key[:60], allowed)}")
        if key in given:
            raise InputError(f"{key}: is given twice; give it once")
        if text not in allowed[key]:
            known = near(text[:60], allowed[key])
            raise InputError(f"{key}={ascii(text[:40])[1:-1]}: there is no such choice; {known}")
        given[key] = text
    if "guess" in given and "activity" not in given:
        raise InputError(f"guess={given['guess']}: say of what, as activity={ACTIVITIES[0].name}")
    return Lesson(given.get("activity", ""), given.get("guess", ""), given.get("lang", "en"))


def chosen(lesson: Lesson) -> Activity:
    """Give the activity that is asked for.

    Raises:
        InputError: if none is.
    """
    if not lesson.activity:
        raise InputError(f"no activity is named; add one, as activity={ACTIVITIES[0].name}")
    return BY_NAME[lesson.activity]


def render(path: str, lesson: Lesson) -> str:
    """Write a page of ``PAGES``; results are not in it, the page asks for them when it is time."""
    named = "" if path == "/teacher" else lesson.activity
    shown = [show(a, lesson.language) for a in ACTIVITIES if named in ("", a.name)]
    return fill(
        "learn",
        lesson.language,
        lambda code: path + dataclasses.replace(lesson, language=code).query(),
        page=PAGES[path],
        lesson=lesson,
        tongue=Lesson(language=lesson.language).query(),
        activities=[(a.name, Lesson(a.name, language=lesson.language).query()) for a in ACTIVITIES],
        shown=shown,
        guesses=list(GUESSES),
        found="/found" + lesson.query(),
    )


def show(activity: Activity, language: str) -> dict[str, Any]:
    """Give what pages say of an activity: its own sentences by key, and its comparisons with links into the lab."""
    say, key = words(language), f"learn.activity.{activity.name}"
    numbers = _numbers(activity.compared[0].other)
    return {
        "name": activity.name,
        "minutes": activity.minutes,
        "rules": activity.rules,
        "query": Lesson(activity.name, language=language).query(),
        "say": lambda what: say(f"{key}.{what}", **numbers),
        "compared": [_tell(c, f"{key}.compared.{n}", language) for n, c in enumerate(activity.compared, 1)],
    }


def _tell(comparison: Comparison, key: str, language: str) -> dict[str, Any]:
    """Name a comparison and its sides, and give the links at which the lab shows them."""
    say, (one, other) = (
        words(language),
        (dataclasses.replace(s, language=language, veiled=True) for s in comparison.states),
    )
    opened = [("ab", one)] if one == other else [("a", one), ("b", other)]
    return {
        "title": say(f"{key}.title", **_numbers(other)),
        "a": say(f"{key}.a", **_numbers(one)),
        "b": say(f"{key}.b", **_numbers(other)),
        "links": [(say(f"learn.open.{which}"), f"/?{state.query()}") for which, state in opened],
    }


def _numbers(state: Asked) -> dict[str, str]:
    """Give the settings of a state under the last part of their names, written as its language does."""
    say = words(state.language)
    return {path.rpartition(".")[2]: say.number(value, "g") for path, value in state.values().items()}
