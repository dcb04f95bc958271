"""The state of a page as a query string and back. A link is untrusted input."""

import dataclasses
import math
import re
from collections.abc import Iterable
from urllib.parse import urlencode

from sim.core.errors import InputError, near
from sim.lab.messages import LANGUAGES
from sim.lab.stories import (
    SLIDERS,
    STORIES,
    Slider,
    own_story,
    policy_names,
    scenario_named,
    slider_parameters,
    sliders_of,
)
from sim.model.scenario import Scenario

VERSION = "1"
"""Version of the links; a link of another version is refused."""

MAX_RUNS = 1000
"""Runs behind every result, and the number of seeds to choose from."""

OTHER_KEYS = ("v", "scenario", "policies", "seed", "replications", "lang", "m", "hide")
"""Keys of a link beside the paths of the sliders; ``m`` is the version of the model that the link was made with."""


@dataclasses.dataclass(frozen=True)
class LinkState:
    """What a page shows: a scenario with changed parameters, two policies, the seed of the watched run, a language.

    With ``hidden`` the results stay hidden until the reader asks for them, so that students predict first.
    """

    scenario: str = STORIES[0].scenario
    policies: tuple[str, str] = STORIES[0].policies
    seed: int = 0
    changes: tuple[tuple[str, float], ...] = ()
    language: str = "en"
    hidden: bool = False

    def model(self) -> Scenario:
        """Return the scenario with its changed parameters."""
        return scenario_named(self.scenario).replace(**dict(self.changes))

    def query(self) -> str:
        """Write the state as a query string, which ``read_link`` reads."""
        pairs = [("v", VERSION), ("scenario", self.scenario), ("policies", ",".join(self.policies))]
        pairs += [(path, f"{value:g}") for path, value in self.changes]
        pairs += [("seed", str(self.seed)), *([("lang", self.language)] if self.language != "en" else [])]
        pairs += [("hide", "1")] if self.hidden else []
        return urlencode(pairs, safe=",")

    def values(self) -> dict[str, float]:
        """Return the value of every slider by its path."""
        return {path: parameter.default for path, parameter in slider_parameters(self.scenario).items()} | dict(
            self.changes
        )


def read_link(pairs: Iterable[tuple[str, str]]) -> tuple[LinkState, int]:
    """Read a state and the number of runs from a link; slider values are moved to the nearest step.

    Args:
        pairs: The keys and values of the query string, in order.

    Raises:
        InputError: For an unknown or repeated key, an unknown choice, or a value that is not a number.
    """
    values = _by_key(pairs)
    if values.get("v", VERSION) != VERSION:
        raise InputError(f"v={_shortened(values['v'])}: this app reads links of version {VERSION}; make the link again")
    stories = (*own_story(), *STORIES)
    scenario = values.get("scenario", stories[0].scenario)
    _check_choice("scenario", scenario, [story.scenario for story in stories])
    if not re.fullmatch("[0-9a-f]{8}|", values.get("m", "")):
        raise InputError(
            f"m={_shortened(values['m'])}: give the eight characters that name a version of the model, or leave it out"
        )
    language = values.get("lang", LinkState.language)
    _check_choice("lang", language, list(LANGUAGES))
    seed = _whole_number("seed", values.get("seed", "0"), 0, MAX_RUNS - 1)
    runs = _whole_number("replications", values.get("replications", str(MAX_RUNS)), 1, MAX_RUNS)
    moved = [
        (slider.path, _nearest_step(slider, values[slider.path]))
        for slider in sliders_of(scenario)
        if slider.path in values
    ]
    own = slider_parameters(scenario)
    changes = tuple((path, value) for path, value in moved if value != own[path].default)
    hide = values.get("hide", "0")
    _check_choice("hide", hide, ["0", "1"])
    return LinkState(scenario, _policies(scenario, values), seed, changes, language, hide == "1"), runs


def _by_key(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, str] = {}
    known = (*OTHER_KEYS, *(slider.path for slider in SLIDERS))
    for key, text in pairs:
        if key not in known:
            raise InputError(f"{_shortened(key)}: a link has no such key; {near(key[:60], known)}")
        if key in values:
            raise InputError(f"{key}: is there twice; leave one out")
        values[key] = text
    return values


def _policies(scenario: str, values: dict[str, str]) -> tuple[str, str]:
    story = next(story for story in (*own_story(), *STORIES) if story.scenario == scenario)
    chosen = tuple(values["policies"].split(",")) if "policies" in values else story.policies
    for name in chosen:
        _check_choice("policies", name, list(policy_names()))
    if len(chosen) != 2 or chosen[0] == chosen[1]:
        raise InputError(f"policies={','.join(chosen)[:60]}: give two different ones, as policies=neutral,adaptive")
    return chosen[0], chosen[1]


def _nearest_step(slider: Slider, text: str) -> float:
    """Bring a number into the range of a slider and onto its nearest step."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{slider.path}={_shortened(text)}: give a number from {slider.low:g} to {slider.high:g}")
    within = min(max(number, slider.low), slider.high)
    value = round(slider.low + round((within - slider.low) / slider.step) * slider.step, 10)
    return int(value) if isinstance(slider_parameters(STORIES[0].scenario)[slider.path].default, int) else value


def _check_choice(key: str, name: str, known: list[str]) -> None:
    if name not in known:
        raise InputError(f"{key}={_shortened(name)}: there is no such choice; {near(name[:60], known)}")


def _whole_number(key: str, text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
        raise InputError(f"{key}={_shortened(text)}: give a whole number from {low} to {high}")
    return int(text)


def _shortened(text: str) -> str:
    return ascii(text[:40])[1:-1]
