"""The state of the page as a query string and back: a link is input from a stranger."""

import dataclasses
import math
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from sim.core.errors import InputError, near
from sim.lab.language import LANGUAGES
from sim.lab.stories import SETTINGS, STORIES, Setting, case, declared, policies
from sim.model.scenario import Scenario

VERSION = "1"
MOST_RUNS = 1000


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a page shows: a scenario with changes, two policies, the world that is watched, and in which language."""

    scenario: str = STORIES[0].scenario
    policies: tuple[str, str] = STORIES[0].policies
    seed: int = 0
    changes: tuple[tuple[str, float], ...] = ()
    language: str = "en"
    veiled: bool = False
    """Whether what happens stays hidden until it is asked for: for who is to predict it."""

    def model(self) -> Scenario:
        """Give the scenario with its changes."""
        return case(self.scenario).replace(**dict(self.changes))

    def query(self) -> str:
        """Write the state as a query string; ``read`` gives it back."""
        pairs = [("v", VERSION), ("scenario", self.scenario), ("policies", ",".join(self.policies))]
        pairs += [(path, f"{value:g}") for path, value in self.changes]
        pairs += [("seed", str(self.seed)), *([("lang", self.language)] if self.language != "en" else [])]
        pairs += [("veil", "1")] if self.veiled else []
        return urlencode(pairs, safe=",")

    def values(self) -> dict[str, float]:
        """Give the value of every setting."""
        return {path: q.default for path, q in declared(self.scenario).items()} | dict(self.changes)


def read(pairs: Iterable[tuple[str, str]]) -> tuple[Asked, int]:
    """Read a state, and how many runs are asked for; values are brought onto their sliders.

    Raises:
        InputError: for an unknown or repeated key, and what is no choice or no number.
    """
    given: dict[str, str] = {}
    paths = {s.path: s for s in SETTINGS}
    known = ("v", "scenario", "policies", "seed", "runs", "lang", "m", "veil", *paths)
    for key, text in pairs:
        if key not in known:
            raise InputError(f"{_short(key)}: there is no such setting in a link; {near(key[:60], known)}")
        if key in given:
            raise InputError(f"{key}: is given twice; give it once")
        given[key] = text
    if given.get("v", VERSION) != VERSION:
        raise InputError(f"v={_short(given['v'])}: this lab reads links of version {VERSION}; make the link again")
    scenario = given.get("scenario", Asked.scenario)
    _one_of("scenario", scenario, [s.scenario for s in STORIES])
    story = next(s for s in STORIES if s.scenario == scenario)
    chosen = tuple(given["policies"].split(",")) if "policies" in given else story.policies
    for name in chosen:
        _one_of("policies", name, list(policies()))
    if len(chosen) != 2 or chosen[0] == chosen[1]:
        raise InputError(f"policies={','.join(chosen)[:60]}: give two different ones, as policies=neutral,adaptive")
    if not re.fullmatch("[0-9a-f]{8}|", given.get("m", "")):
        raise InputError(f"m={_short(given['m'])}: give the eight characters that name a version of the model, or none")
    language = given.get("lang", Asked.language)
    _one_of("lang", language, list(LANGUAGES))
    seed = _whole("seed", given.get("seed", "0"), 0, MOST_RUNS - 1)
    runs = _whole("runs", given.get("runs", str(MOST_RUNS)), 1, MOST_RUNS)
    moved = [(path, _snap(paths[path], given[path])) for path in paths if path in given]
    own = declared(scenario)
    changes = tuple((path, value) for path, value in moved if value != own[path].default)
    veil = given.get("veil", "0")
    _one_of("veil", veil, ["0", "1"])
    return Asked(scenario, (chosen[0], chosen[1]), seed, changes, language, veil == "1"), runs


def _snap(setting: Setting, text: str) -> float:
    """Bring a number onto the steps of its slider."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{setting.path}={_short(text)}: give a number from {setting.low:g} to {setting.high:g}")
    within = min(max(number, setting.low), setting.high)
    value = round(setting.low + round((within - setting.low) / setting.step) * setting.step, 10)
    return int(value) if isinstance(declared(STORIES[0].scenario)[setting.path].default, int) else value


def _one_of(key: str, name: str, known: list[str]) -> None:
    if name not in known:
        raise InputError(f"{key}={_short(name)}: there is no such choice; {near(name[:60], known)}")


def _whole(key: str, text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
        raise InputError(f"{key}={_short(text)}: give a whole number from {low} to {high}")
    return int(text)


def _short(text: Any) -> str:
    return ascii(str(text)[:40])[1:-1]
