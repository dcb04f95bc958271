"""Pages from templates: the sections of the app, the start page, and its controls from declared parameters."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.lab.link_state import VERSION, LinkState
from sim.lab.messages import LANGUAGES, Messages, messages
from sim.lab.stories import MONTHS, OWN, STORIES, own_story, policy_names, slider_parameters, sliders_of
from sim.storage.digests import model_version
from sim.studies.report.page import template

PAGES = Path(__file__).parent / "pages"

CONTROL_POLICIES = ("reversed_schedule", "random_allocation", "perfect_information", "placebo")
"""Policies that no orchestrator would choose; they serve only for comparison."""

SECTIONS = {"lab": "/", "convene": "/convene", "learn": "/learn"}
"""The address of each section of the app."""


def render_page(
    section: str, language: str, address_in: Callable[[str], str], /, *, page: str = "", **values: Any
) -> str:
    """Fill the template of a page.

    Args:
        section: One of ``SECTIONS``. Scripts get its sentences under ``<section>.script`` and ``layout.script``.
        language: One of ``LANGUAGES``.
        address_in: Returns the address of this page in another language.
        page: The template, if it is not named as the section.
        **values: What the template needs besides.

    Returns:
        The page as HTML.
    """
    message = messages(language)
    language_query = "" if language == "en" else f"?lang={language}"
    html: str = template(PAGES / f"{page or section}.html").render(
        message=message,
        script=message.part("layout.script") | message.part(f"{section}.script"),
        sections=[
            {"name": name, "href": address + language_query, "here": name == section}
            for name, address in SECTIONS.items()
        ],
        languages=[{"code": code, "name": name, "href": address_in(code)} for code, name in LANGUAGES.items()],
        **values,
    )
    return html


def render_start_page(state: LinkState, shared: str, made_with: str = "") -> str:
    """Write the start page.

    Args:
        state: What the link asks for.
        shared: The address for other computers, or empty.
        made_with: The version of the model that the link was made with; empty if the link does not say it.
    """
    message = messages(state.language)
    return render_page(
        "lab",
        state.language,
        lambda code: f"/?{dataclasses.replace(state, language=code).query()}",
        version=VERSION,
        state=state,
        query=state.query(),
        stories=[
            (s, LinkState(s.scenario, s.policies, language=state.language).query()) for s in (*own_story(), *STORIES)
        ],
        own=OWN.scenario,
        sliders=_sliders(state, message),
        strategies=[name for name in policy_names() if name not in CONTROL_POLICIES],
        controls=CONTROL_POLICIES,
        months=MONTHS,
        model=model_version(),
        made_with=made_with,
        shared=shared,
    )


def _sliders(state: LinkState, message: Messages) -> list[dict[str, Any]]:
    """Describe each slider: range, step, value, and the declared unit."""
    facts, values = slider_parameters(state.scenario), state.values()
    return [
        {
            "path": s.path,
            "low": f"{s.low:g}",
            "high": f"{s.high:g}",
            "step": f"{s.step:g}",
            "value": f"{values[s.path]:g}",
            "own": f"{facts[s.path].default:g}",
            "unit": unit_text(facts[s.path].unit, message),
            "main": s.main,
        }
        for s in sliders_of(state.scenario)
    ]


def unit_text(unit: str, message: Messages) -> str:
    """Write a declared unit for class; a share has none."""
    return "" if unit == "1" else message(f"model.unit.{unit}")
