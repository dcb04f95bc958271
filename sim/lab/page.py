"""The page as it is sent: title, stories, controls made from the model's declarations, and places for the pictures."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.lab.language import LANGUAGES, words
from sim.lab.settings import VERSION, Asked
from sim.lab.stories import MONTHS, SETTINGS, STORIES, case, declared, policies, way
from sim.report.page import template

PAGES = Path(__file__).parent / "pages"

CONTROLS = ("reversed", "random_targeting", "oracle", "sham")
"""Policies that no orchestrator would choose; they are there to compare with."""


ROOMS = {"lab": "/", "learn": "/learn"}
"""Where each room of the lab is found."""


def fill(room: str, language: str, here: Callable[[str], str], /, *, page: str = "", **values: Any) -> str:
    """Fill a page of a room in a language.

    Args:
        room: One of ``ROOMS``; its sentences for scripts are those under ``<room>.script``.
        language: One of ``LANGUAGES``.
        here: Gives the address of this page in another language.
        page: The template, if it is not named as the room is.
        values: What the template asks for besides.
    """
    say = words(language)
    tongue = "" if language == "en" else f"?lang={language}"
    return template(PAGES / f"{page or room}.html").render(
        say=say,
        script=say.part(f"{room}.script"),
        rooms=[{"name": name, "href": address + tongue, "here": name == room} for name, address in ROOMS.items()],
        tongues=[{"code": code, "name": name, "href": here(code)} for code, name in LANGUAGES.items()],
        **values,
    )


def render(asked: Asked, shared: str) -> str:
    """Write the page in the state that a link asks for."""
    told = policies()
    return fill(
        "lab",
        asked.language,
        lambda code: f"/?{dataclasses.replace(asked, language=code).query()}",
        version=VERSION,
        asked=asked,
        query=asked.query(),
        title=case(asked.scenario).title,
        story=next(s for s in STORIES if s.scenario == asked.scenario),
        stories=[(s, Asked(s.scenario, s.policies, language=asked.language).query()) for s in STORIES],
        sliders=_sliders(asked),
        ways=[(name, way(name), told[name]) for name in told if name not in CONTROLS],
        controls=[(name, way(name), told[name]) for name in CONTROLS],
        told=told,
        months=MONTHS,
        shared=shared,
    )


def _sliders(asked: Asked) -> list[dict[str, Any]]:
    """Describe each slider: range, step, value, and unit and meaning from the declaration."""
    facts, values = declared(asked.scenario), asked.values()
    return [
        {
            "path": s.path,
            "name": s.name,
            "low": f"{s.low:g}",
            "high": f"{s.high:g}",
            "step": f"{s.step:g}",
            "value": f"{values[s.path]:g}",
            "own": f"{facts[s.path].default:g}",
            "unit": _unit(facts[s.path].unit),
            "doc": facts[s.path].doc.partition(";")[0],
            "main": s.main,
        }
        for s in SETTINGS
    ]


def _unit(declared: str) -> str:
    """Write a declared unit for class: "1/month" as "a month", a share as nothing."""
    return "" if declared == "1" else declared.replace("1/", "a ").replace("/", " a ")
