"""The page as it is sent: title, stories, controls made from the model's declarations, and places for the pictures."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.lab.language import LANGUAGES, Words, words
from sim.lab.settings import VERSION, Asked
from sim.lab.stories import MONTHS, SETTINGS, STORIES, declared, policies
from sim.storage.digests import model_version
from sim.studies.report.page import template

PAGES = Path(__file__).parent / "pages"

CONTROLS = ("reversed_schedule", "random_allocation", "perfect_information", "placebo")
"""Policies that no orchestrator would choose; they are there to compare with."""


ROOMS = {"lab": "/", "convene": "/convene", "learn": "/learn"}
"""Where each room of the lab is found."""


def fill(room: str, language: str, here: Callable[[str], str], /, *, page: str = "", **values: Any) -> str:
    """Fill a page of a room in a language.

    Args:
        room: One of ``ROOMS``; its sentences for scripts are those under ``<room>.script`` and ``layout.script``.
        language: One of ``LANGUAGES``.
        here: Gives the address of this page in another language.
        page: The template, if it is not named as the room is.
        values: What the template asks for besides.
    """
    say = words(language)
    tongue = "" if language == "en" else f"?lang={language}"
    return template(PAGES / f"{page or room}.html").render(
        say=say,
        script=say.part("layout.script") | say.part(f"{room}.script"),
        rooms=[{"name": name, "href": address + tongue, "here": name == room} for name, address in ROOMS.items()],
        tongues=[{"code": code, "name": name, "href": here(code)} for code, name in LANGUAGES.items()],
        **values,
    )


def render(asked: Asked, shared: str, made_with: str = "") -> str:
    """Write the page in the state that a link asks for; ``made_with`` is the model that the link was made with."""
    say = words(asked.language)
    return fill(
        "lab",
        asked.language,
        lambda code: f"/?{dataclasses.replace(asked, language=code).query()}",
        version=VERSION,
        asked=asked,
        query=asked.query(),
        stories=[(s, Asked(s.scenario, s.policies, language=asked.language).query()) for s in STORIES],
        sliders=_sliders(asked, say),
        ways=[name for name in policies() if name not in CONTROLS],
        controls=CONTROLS,
        months=MONTHS,
        model=model_version(),
        made_with=made_with,
        shared=shared,
    )


def _sliders(asked: Asked, say: Words) -> list[dict[str, Any]]:
    """Describe each slider: range, step, value, and the declared unit."""
    facts, values = declared(asked.scenario), asked.values()
    return [
        {
            "path": s.path,
            "low": f"{s.low:g}",
            "high": f"{s.high:g}",
            "step": f"{s.step:g}",
            "value": f"{values[s.path]:g}",
            "own": f"{facts[s.path].default:g}",
            "unit": unit(facts[s.path].unit, say),
            "main": s.main,
        }
        for s in SETTINGS
    ]


def unit(declared: str, say: Words) -> str:
    """Write a declared unit for class; a share has none."""
    return "" if declared == "1" else say(f"model.unit.{declared}")
