"""The offline copy: the stories with a small grid of parameter values, in one file that needs no server."""

import base64
import dataclasses
import gzip
import itertools
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.config.job import compose
from sim.core.errors import InputError
from sim.lab.link_state import MAX_RUNS, VERSION, LinkState
from sim.lab.messages import Messages, messages
from sim.lab.outcomes import compare_policies, outcomes_view, simulate_policy
from sim.lab.page import render_page, unit_text
from sim.lab.stories import MONTHS, STORIES, Story, slider_parameters
from sim.lab.watched_run import describe_divergence, simulate_watched_run
from sim.storage.digests import model_version
from sim.storage.results import versions

GRID = {"grant.months": (0.0, 60.0, 12.0), "sectors.distance": (0.2, 1.0, 0.2)}
"""Lowest value, highest value and step of each slider; in each story shifted, so that its own value is among them."""

WATCHED_SEEDS = (0, 1, 2)
"""Seeds of the runs to watch, with the story's own values."""

MARK = '<meta name="generator" content="partnership lab export">'
"""A file with this mark is an offline copy and may be overwritten."""

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "\./(\w+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const) (\w+))", re.MULTILINE)


def check_file(file: Path) -> None:
    """Refuse, before anything is simulated, a file that cannot be written or has other content.

    Raises:
        InputError: With what to do.
    """
    if file.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"export={file}: give a name that ends in .html, so that a browser opens it")
    if not file.parent.is_dir():
        raise InputError(f"export={file}: the folder {file.parent} does not exist; make it first")
    if file.exists() and (not file.is_file() or MARK.encode() not in file.read_bytes()[:2000]):
        raise InputError(f"export={file}: there is something else with this name; give another name")


def build_offline_copy(
    language: str, executor: Executor, report: Callable[[int, int], None] = lambda done, total: None
) -> str:
    """Simulate everything and write the page.

    Args:
        language: One of ``LANGUAGES``.
        executor: Runs the simulations.
        report: Called with the number of tasks that are done, and of all.

    Returns:
        The page as HTML.
    """
    tasks = list(_tasks(language))
    futures = [executor.submit(*task) for _, task in tasks]
    results: dict[str, Any] = {story.scenario: {"points": [], "runs": []} for story in STORIES}
    for n, ((scenario, task), future) in enumerate(zip(tasks, futures, strict=True), 1):
        results[scenario]["points" if task[0] is measure_point else "runs"].append(future.result())
        report(n, len(tasks))
    return render(language, results)


def _tasks(language: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for story in STORIES:
        state = LinkState(story.scenario, story.policies, language=language)
        yield from ((story.scenario, (measure_point, point)) for point in grid_points(state))
        for seed in WATCHED_SEEDS:
            yield story.scenario, (simulate_pair, dataclasses.replace(state, seed=seed))


def grid_points(state: LinkState) -> Iterator[LinkState]:
    """Yield a story at every point of the grid; the last parameter changes first."""
    values = state.values()
    for point in itertools.product(*story_levels(state.scenario).values()):
        changes = tuple((path, value) for path, value in zip(GRID, point, strict=True) if value != values[path])
        yield dataclasses.replace(state, changes=changes)


def story_levels(scenario: str) -> dict[str, list[float]]:
    """Return the values of each slider in a story: those of ``GRID``, moved up until the story's own is one of them."""
    own = slider_parameters(scenario)
    levels = {}
    for path, (low, high, step) in GRID.items():
        beyond = own[path].default - low
        first = low + beyond - math.floor(beyond / step + 1e-9) * step
        levels[path] = [round(first + k * step, 10) for k in range(round((high - low) / step) + 1)]
    return levels


def measure_point(state: LinkState) -> dict[str, Any]:
    """Return what the page shows of many runs, with the curves packed."""
    inputs = LinkState(state.scenario, changes=state.changes)
    outcomes = [simulate_policy(inputs, policy, MAX_RUNS) for policy in state.policies]
    view = outcomes_view(state, outcomes, compare_policies(*(o["summary"] for o in outcomes)))
    for policy in view["policies"]:
        policy["curves"] = {name: pack(np.asarray(bands)) for name, bands in policy["curves"].items()}
    return view


def simulate_pair(state: LinkState) -> dict[str, Any]:
    """Return one seed under both policies, and where the two runs first differ."""
    runs = [simulate_watched_run(state, policy) for policy in state.policies]
    return {"seed": state.seed, "runs": runs, "divergence": describe_divergence(state)}


def pack(bands: npt.NDArray[np.float64]) -> dict[str, Any]:
    """Round numbers down to whole steps of a unit, and store each row as its second differences, which are small.

    The steps are too fine to be seen, and no number in a sentence lies across one: the numbers of a year's end have
    one digit behind the point from 1 on, and two below.
    """
    steps = 20 if bands[:, 11::12].min(initial=1.0) >= 1 else 200
    while steps * bands.max() < 500 and steps < 20_000:
        steps *= 10
    rounded = np.floor(np.round(bands * steps, 6)).astype(int)
    return {"steps": steps, "rows": np.diff(np.diff(rounded, axis=1, prepend=0), axis=1, prepend=0).tolist()}


def render(language: str, results: Mapping[str, Any]) -> str:
    """Write the page with all results inside."""
    packed = gzip.compress(json.dumps(results, allow_nan=False, separators=(",", ":")).encode(), 9, mtime=0)
    return render_page(
        "lab",
        language,
        lambda code: "",
        page="offline_copy",
        mark=MARK,
        style=(STATIC / "lab.css").read_text(encoding="utf-8"),
        code=bundle("offline_copy"),
        data=base64.b64encode(packed).decode(),
        stories=[{"scenario": s.scenario, "sliders": _sliders(s.scenario, messages(language))} for s in STORIES],
        seeds=WATCHED_SEEDS,
        months=MONTHS,
        version=VERSION,
        model=model_version(),
        provenance=json.dumps(_provenance(language), indent=1),
    )


def _sliders(scenario: str, message: Messages) -> list[dict[str, Any]]:
    """Describe each slider in a story: range, step, own value, and the declared unit."""
    own = slider_parameters(scenario)
    described = []
    for path, levels in story_levels(scenario).items():
        value, unit = f"{own[path].default:g}", unit_text(own[path].unit, message)
        low, high = (message.number(levels[end], "g") for end in (0, -1))
        doc = message(f"model.parameter.{path}.doc")
        about = f"{message('lab.explore.range', doc=doc, low=low, high=high)} {unit}".strip()
        ends = {"low": f"{levels[0]:g}", "high": f"{levels[-1]:g}", "step": f"{GRID[path][2]:g}"}
        described.append({"path": path, "value": value, "own": value, "unit": unit, "about": about} | ends)
    return described


def _configuration(story: Story) -> dict[str, Any]:
    options = (f"scenario={story.scenario}", f"policies=[{','.join(story.policies)}]", f"replications={MAX_RUNS}")
    return compose(options).resolved()


def _provenance(language: str) -> dict[str, Any]:
    """Say what the page was made from: versions, parameters, and the configuration of each story."""
    return {
        "versions": versions(),
        "parameters": {story.scenario: story_levels(story.scenario) for story in STORIES},
        "watched_seeds": WATCHED_SEEDS,
        "language": language,
        "configurations": {story.scenario: _configuration(story) for story in STORIES},
    }


def bundle(entry: str) -> str:
    """Join a script and all that it imports: a page opened from disk may not import.

    Each script becomes a function of its own, so that their names stay apart.
    """
    joined: dict[str, str] = {}

    def add(name: str) -> None:
        if name in joined:
            return
        text = (STATIC / f"{name}.js").read_text(encoding="utf-8")
        for _, other in IMPORT.findall(text):
            add(other)
        exported = ", ".join(EXPORT.findall(text))
        body = EXPORT.sub("", IMPORT.sub(r"const { \1 } = \2_js;\n", text))
        joined[name] = f"const {name}_js = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();\n"

    add(entry)
    return "\n".join(joined.values())
