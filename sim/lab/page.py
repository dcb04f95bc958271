"""The page as it is sent: title, stories, controls made from the model's declarations, and places for the pictures."""

from pathlib import Path
from typing import Any

from sim.lab.settings import VERSION, Asked
from sim.lab.stories import MONTHS, SETTINGS, STORIES, case, declared, policies, way
from sim.report.page import template

CONTROLS = ("reversed", "random_targeting", "oracle", "sham")
"""Policies that no orchestrator would choose; they are there to compare with."""


def render(asked: Asked, shared: str) -> str:
    """Write the page in the state that a link asks for."""
    told = policies()
    return template(Path(__file__).with_name("page.html")).render(
        version=VERSION,
        asked=asked,
        query=asked.query(),
        title=case(asked.scenario).title,
        story=next(s for s in STORIES if s.scenario == asked.scenario),
        stories=[(s, Asked(s.scenario, s.policies).query()) for s in STORIES],
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
