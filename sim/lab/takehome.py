"""The take-home page: the stories over a small grid of settings, in one file that needs no server."""

import base64
import dataclasses
import gzip
import itertools
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np

from sim.config.job import compose
from sim.core.errors import InputError
from sim.lab.bundle import STATIC, bundle
from sim.lab.language import Words, words
from sim.lab.outcomes import judge, of_policy
from sim.lab.page import fill, unit
from sim.lab.parting import part
from sim.lab.settings import MOST_RUNS, VERSION, Asked
from sim.lab.stories import MONTHS, STORIES, Story, declared
from sim.lab.words import tell_outcomes
from sim.lab.world import watch
from sim.storage.digests import model_version
from sim.storage.results import versions

GRID = {"grant.months": (0.0, 60.0, 12.0), "sectors.distance": (0.2, 1.0, 0.2)}
"""Settings that can be moved, from where to where and in which steps; every story's own values are among them."""

WATCHED = (0, 1, 2)
"""Replications that can be watched, at the story's own settings."""

MARK = '<meta name="generator" content="partnership lab export">'
"""By this a page of ours is known, which may be written again."""


def check(file: Path) -> None:
    """Refuse, before anything is simulated, a file that cannot be written or is somebody else's.

    Raises:
        InputError: with what to do.
    """
    if file.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"export={file}: give a name that ends in .html, so that a browser opens it")
    if not file.parent.is_dir():
        raise InputError(f"export={file}: there is no folder {file.parent}; make it first")
    if file.exists() and (not file.is_file() or MARK.encode() not in file.read_bytes()[:2000]):
        raise InputError(f"export={file}: something else is there already; give another name")


def build(language: str, executor: Executor, done: Callable[[int, int], None] = lambda n, of: None) -> str:
    """Simulate everything and write the page; ``done`` hears how many of how many tasks are finished."""
    tasks = list(_tasks(language))
    futures = [executor.submit(*task) for _, task in tasks]
    found: dict[str, Any] = {s.scenario: {"points": [], "worlds": []} for s in STORIES}
    for n, ((scenario, task), future) in enumerate(zip(tasks, futures, strict=True), 1):
        found[scenario]["points" if task[0] is measure else "worlds"].append(future.result())
        done(n, len(tasks))
    return render(language, found)


def _tasks(language: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for story in STORIES:
        own = Asked(story.scenario, story.policies, language=language)
        yield from ((story.scenario, (measure, asked)) for asked in points(own))
        yield from ((story.scenario, (follow, dataclasses.replace(own, seed=seed))) for seed in WATCHED)


def points(own: Asked) -> Iterator[Asked]:
    """Give a story at every point of the grid; the last setting changes first."""
    values = own.values()
    for point in itertools.product(*(_row(*slider) for slider in GRID.values())):
        changes = tuple((path, value) for path, value in zip(GRID, point, strict=True) if value != values[path])
        yield dataclasses.replace(own, changes=changes)


def _row(low: float, high: float, step: float) -> list[float]:
    return [round(low + k * step, 10) for k in range(round((high - low) / step) + 1)]


def measure(asked: Asked) -> dict[str, Any]:
    """Give what the page shows of many worlds, with the curves packed."""
    place = Asked(asked.scenario, changes=asked.changes)
    found = [of_policy(place, policy, MOST_RUNS) for policy in asked.policies]
    told = tell_outcomes(asked, found, judge(*(f["summary"] for f in found)))
    for policy in told["policies"]:
        policy["curves"] = {name: pack(np.asarray(bands)) for name, bands in policy["curves"].items()}
    return told


def follow(asked: Asked) -> dict[str, Any]:
    """Give one world under both policies, and where they part."""
    return {"seed": asked.seed, "lives": [watch(asked, policy) for policy in asked.policies], "parting": part(asked)}


def pack(bands: Any) -> dict[str, Any]:
    """Cut numbers down to steps of a unit, and give each row as the change of its change, which is small.

    Steps are too fine to be seen, and no number that is told lies across one: those of a year's end have one digit
    behind the point from 1 on, and two below.
    """
    steps = 20 if bands[:, 11::12].min(initial=1.0) >= 1 else 200
    while steps * bands.max() < 500 and steps < 20_000:
        steps *= 10
    whole = np.floor(np.round(bands * steps, 6)).astype(int)
    return {"steps": steps, "rows": np.diff(np.diff(whole, axis=1, prepend=0), axis=1, prepend=0).tolist()}


def render(language: str, found: dict[str, Any]) -> str:
    """Write the page with all that was found inside."""
    packed = gzip.compress(json.dumps(found, allow_nan=False, separators=(",", ":")).encode(), 9, mtime=0)
    return fill(
        "lab",
        language,
        lambda code: "",
        page="takehome",
        mark=MARK,
        style=(STATIC / "lab.css").read_text(encoding="utf-8"),
        code=bundle("takehome"),
        data=base64.b64encode(packed).decode(),
        stories=[{"scenario": s.scenario, "own": _own(s)} for s in STORIES],
        sliders=[_slider(path, words(language)) for path in GRID],
        watched=WATCHED,
        months=MONTHS,
        version=VERSION,
        model=model_version(),
        made=json.dumps(_made(language), indent=1),
    )


def _own(story: Story) -> list[float]:
    return [declared(story.scenario)[path].default for path in GRID]


def _slider(path: str, say: Words) -> dict[str, Any]:
    own = declared(STORIES[0].scenario)[path]
    low, high, step = (f"{number:g}" for number in GRID[path])
    value = f"{own.default:g}"
    return {"path": path, "low": low, "high": high, "step": step, "value": value, "own": value} | {
        "unit": unit(own.unit, say)
    }


def _configuration(story: Story) -> dict[str, Any]:
    asked = (f"scenario={story.scenario}", f"policies=[{','.join(story.policies)}]", f"replications={MOST_RUNS}")
    return compose(asked).resolved()


def _made(language: str) -> dict[str, Any]:
    """Say what the page was made of: versions, settings, and the whole configuration of each story."""
    return {
        "versions": versions(),
        "settings": GRID,
        "watched": WATCHED,
        "language": language,
        "configurations": {s.scenario: _configuration(s) for s in STORIES},
    }
