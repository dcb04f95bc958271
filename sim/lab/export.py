"""The static classroom app: pages, the model as WebAssembly, and what they need to know of it; a folder or one file."""

import contextlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sim
from sim.core.errors import InputError, naming
from sim.core.processes import start_pool
from sim.engine.batch import Batch
from sim.engine.compiled import NotCompilable
from sim.engine.compiled.inputs import rule_parameters
from sim.lab.by_hand import ByHand
from sim.lab.folders import MARK, PACKED, PAGES, model_digest, read_model
from sim.lab.joined import joined
from sim.lab.own_case import OWN, describe_case, free_of, template
from sim.lab.single_file import single_file
from sim.lab.stories import MONTHS, SLIDERS, STORIES, scenario_named, slider_parameters
from sim.model.events import CAUSES, LEAST_INTERVENTION, SHOCKS
from sim.model.outcomes.base import Outcome
from sim.model.outcomes.series import SERIES
from sim.model.outcomes.summary import SUMMARY
from sim.model.policies import POLICIES
from sim.model.policies.base import Policy
from sim.model.policies.registry import PolicyLike, find_policy, label
from sim.model.scenario import Scenario
from sim.model.state import PHASES, REASONS
from sim.storage.atomic import write_atomic
from sim.storage.digests import run_key

if TYPE_CHECKING:
    from sim.engine.compiled.bundle import Bundle  # needs a compiler; an export that is there already needs none

CASE = "case.json"
"""What the page needs to know of a case of a reader's own, once there is one."""

ENGINE = "engine.json"
"""What the workers need to know of the modules; ``model.json`` is what there is to choose and to see."""

FOR_COMPARISON = ("placebo", "random_allocation", "perfect_information", "reversed_schedule")


def export_site(
    folder: Path,
    stories: Sequence[str] | None = None,
    policies: Sequence[PolicyLike] | None = None,
    more: Sequence[PolicyLike] = (),
    progress: Callable[[int, int], None] | None = None,
    workers: int = 1,
    xapi: str = "",
) -> dict[str, Any]:
    """Write the static app, for any web server; of an earlier export of the same model only the pages are renewed.

    Args:
        folder: where; it is made, or holds an earlier export, or is empty.
        stories: which of the shipped stories, and ``own_case`` for cases of readers' own; all by default.
        policies: which policies; all that ship by default.
        more: further ones, such as a file of a user's own.
        progress: called with how many of the runs are compiled, and of how many.
        workers: how many processes compile; a script that asks for more than one needs ``if __name__ == "__main__"``.
        xapi: address of a learning record store; a page that a learning platform opens may then send it predictions.

    Returns:
        What ``model.json`` says.

    Raises:
        InputError: for a folder that holds something else, a policy that cannot run in a page, and without the linker.
    """
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).is_file())):
        raise InputError(f"export={folder}: is there and is not an earlier export; give a new folder")
    _refuse_no_place(folder)
    files = files_of_site(stories, policies, more, progress, workers, xapi, earlier=folder)
    shutil.rmtree(folder / "modules", ignore_errors=True)
    (folder / CASE).unlink(missing_ok=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if name != MARK:
            (folder / name).write_bytes(data)
    write_atomic(folder / MARK, files[MARK])
    model: dict[str, Any] = json.loads(files[MARK])
    return model


def export_file(
    file: Path,
    stories: Sequence[str] | None = None,
    policies: Sequence[PolicyLike] | None = None,
    more: Sequence[PolicyLike] = (),
    progress: Callable[[int, int], None] | None = None,
    workers: int = 1,
    xapi: str = "",
) -> int:
    """Write the static app as one HTML file, which opens from disk, without a server.

    Args:
        file: where; a file that is there is replaced, if it is an HTML file by its name.
        stories: as in ``export_site``; few stories make a small file.
        policies: as in ``export_site``.
        more: as in ``export_site``.
        progress: as in ``export_site``.
        workers: as in ``export_site``.
        xapi: as in ``export_site``.

    Returns:
        The size of the file, in bytes.

    Raises:
        InputError: as ``export_site``, and for a name that does not end in .html.
    """
    if file.suffix.lower() not in (".html", ".htm") or file.is_dir():
        raise InputError(f"export={file}: give a file that ends in .html, or a folder with / at its end")
    _refuse_no_place(file.parent)
    page = single_file(files_of_site(stories, policies, more, progress, workers, xapi))
    write_atomic(file, page)
    return len(page)


def _refuse_no_place(folder: Path) -> None:
    """Refuse a folder that cannot be made or written to, before anything is compiled; nothing is left there."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise InputError(f"export: {there}: cannot be written to: {error.strerror}; give another place") from error


def files_of_site(
    stories: Sequence[str] | None = None,
    policies: Sequence[PolicyLike] | None = None,
    more: Sequence[PolicyLike] = (),
    progress: Callable[[int, int], None] | None = None,
    workers: int = 1,
    xapi: str = "",
    earlier: Path | None = None,
) -> dict[str, bytes]:
    """Make every file of the static app, by its name in the folder; ``model.json`` is the last.

    Modules are taken from an export of the same model, if there is one: ``earlier``, the one that travels with the
    package, or the one that the command serves. See ``export_site``.
    """
    every = (*(story.scenario for story in STORIES), OWN) if stories is None else tuple(stories)
    shown = tuple(name for name in every if name != OWN)
    chosen = [find_policy(p) for p in ((p.name for p in POLICIES) if policies is None else policies)]
    with naming("policy"):
        chosen += [find_policy(p) for p in more]
    ids = [id_of(policy) for policy in chosen]
    twice = next((name for name in ids if ids.count(name) > 1 or name == ByHand.name), None)
    if twice:
        raise InputError(f"policy {twice}: is there already; give it a label or a file name of its own")
    model = describe(shown, chosen) | {"own_case": OWN in every}
    made = run_key(
        {"app": model, "scenarios": [scenario_named(name).model_dump(mode="json") for name in shown]}, *chosen
    )
    page = with_xapi((PAGES / "index.html").read_bytes(), xapi) if xapi else None
    files = {f.relative_to(PAGES).as_posix(): f.read_bytes() for f in sorted(PAGES.rglob("*")) if f.is_file()}
    files = joined(files | ({"index.html": page} if page else {}))
    for place in _earlier(earlier):
        if (place / MARK).is_file() and (there := read_model(place / MARK)).get("made") == made:
            descriptions = (MARK, ENGINE, CASE) if there.get("own_case") else (MARK, ENGINE)
            places = [read_model(place / one).get("places", {}) for one in descriptions if (place / one).is_file()]
            names = {name for one in places for name in _binaries(one)}
            if all((place / name).is_file() for name in (*names, *descriptions)):
                return files | {name: (place / name).read_bytes() for name in (*sorted(names), *reversed(descriptions))}
    from sim.engine.compiled.bundle import Bundle

    call = "sim.lab.export.export_site"
    with start_pool(workers, call, "workers=1") if workers > 1 else contextlib.nullcontext() as pool:
        bundle = Bundle(pool)
        try:
            partnerships = compiled(bundle, every, chosen, progress or (lambda done, of: None))
            files |= {f"modules/{digest}.wasm": module for digest, module in bundle.modules.items()}
        except BaseException:
            for module in bundle.waiting():
                module.cancel()
            raise
    if OWN in every:
        case = describe_case(shown, _free_of_case(shown))
        files[CASE] = _json(case | _described(bundle, {OWN: partnerships.pop(OWN)}))
    engine = {name: model[name] for name in ("codes", "own_case")} | _described(bundle, partnerships)
    return files | {ENGINE: _json(engine), MARK: _json(model | {"made": made})}


def _earlier(folder: Path | None) -> Iterator[Path]:
    """List where an export of the same model may be; the last place is where compiled code is kept."""
    yield from [PACKED] if folder is None else [folder, PACKED]
    from sim.engine.compiled.cache import folder as cache

    yield cache() / "lab"


def _json(plain: dict[str, Any]) -> bytes:
    return json.dumps(plain, separators=(",", ":"), allow_nan=False).encode()


def _described(bundle: "Bundle", partnerships: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Give partnerships with the places and layouts that they need."""
    each = [one for policies in partnerships.values() for one in policies.values()]
    keys = {key for one in each for key in (one["first_day"], *one["months"], *one["watch"], one["end"])}
    places = {key: place for key, place in bundle.places.items() if key in keys}
    layouts = {place["layout"]: bundle.layouts[place["layout"]] for place in places.values()}
    return {"partnerships": partnerships, "places": places, "layouts": layouts}


def with_xapi(page: bytes, host: str) -> bytes:
    """Let a page send to one host besides its own: a learning record store.

    Args:
        page: ``index.html``.
        host: its address; what follows the name of the host is left out.

    Raises:
        InputError: for anything but https and the name of a host.
    """
    allowed = re.match(r"(https://[a-z0-9][a-z0-9.-]*(?::[0-9]+)?)(?:/[^\s\"';]*)?$", host)
    if not allowed:
        raise InputError(f"xapi={host}: give the address of a learning record store, such as https://lrs.example/")
    text = page.decode().replace("object-src 'none'", f"connect-src 'self' {allowed[1]}; object-src 'none'")
    return text.replace("<title>", f'<meta name="xapi" content="{allowed[1]}">\n<title>').encode()


def _binaries(places: dict[str, Any]) -> list[str]:
    """List the files that the modules of a bundle are in."""
    return sorted({f"modules/{place['module']}.wasm" for place in places.values()})


def compiled(
    bundle: "Bundle", stories: tuple[str, ...], policies: Sequence[Policy], progress: Callable[[int, int], None]
) -> dict[str, dict[str, Any]]:
    """Compile every story under every policy; what stories differ in is free, so that they share modules."""
    shown = [name for name in stories if name != OWN]
    scenarios = {name: scenario_named(name) for name in shown} | {OWN: template()}
    free = dict.fromkeys(shown, free_parameters([scenarios[name] for name in shown]) | BY_HAND)
    free[OWN] = _free_of_case(shown) | free_of(scenarios[OWN]) | BY_HAND
    jobs = [(name, policy) for name in stories for policy in (*policies, ByHand())]
    made: dict[str, dict[str, Any]] = {name: {} for name in stories}
    for done, (name, policy) in enumerate(jobs):
        progress(done // 2, len(jobs))
        try:
            made[name][id_of(policy)] = bundle.add(scenarios[name], policy, MONTHS, free[name])
        except NotCompilable as reason:
            raise InputError(f"policy {label(policy)} cannot run in a page: it {reason}") from reason
    waiting = bundle.waiting()
    for done, _ in enumerate(as_completed(waiting)):
        progress((len(jobs) + len(jobs) * done // len(waiting)) // 2, len(jobs))
    progress(len(jobs), len(jobs))
    return made


BY_HAND = frozenset(f"policy.{name}" for name in ByHand.model_fields)


def _free_of_case(stories: Sequence[str]) -> frozenset[str]:
    """List the parameters in which the stories that a case may start from differ from its template."""
    return free_parameters([*(scenario_named(name) for name in stories), template()])


def free_parameters(scenarios: list[Scenario]) -> frozenset[str]:
    """List the parameters that a slider moves or that differ between scenarios."""
    each = [dict(rule_parameters(Batch(scenario, [0, 1], "neutral").params)) for scenario in scenarios]
    paths = {path for values in each for path in values if any(v.get(path) != values[path] for v in each)}
    return frozenset(paths | {slider.path for slider in SLIDERS})


def id_of(policy: Policy) -> str:
    """Name a policy in addresses: a shipped one by its name, another by its label."""
    return policy.name if type(policy) in POLICIES and label(policy) == policy.name else label(policy)


def describe(stories: Sequence[str], policies: Sequence[Policy]) -> dict[str, Any]:
    """Describe what there is to choose and to see, as plain data."""
    about = slider_parameters(stories[0])
    return {
        "version": 1,
        "model": sim.__version__,
        "digest": model_digest(),
        "months": MONTHS,
        "stories": [_story(name) for name in stories],
        "policies": [_policy(policy) for policy in policies],
        "sliders": [
            {"path": s.path, "low": s.low, "high": s.high, "step": s.step, "main": s.main, "unit": about[s.path].unit}
            for s in SLIDERS
        ],
        "outcomes": _facts(SUMMARY),
        "monthly": _facts(SERIES),
        "codes": {"causes": CAUSES, "shocks": SHOCKS, "phases": PHASES, "reasons": REASONS,
                  "least_intervention": LEAST_INTERVENTION},
    }  # fmt: skip


def _policy(policy: Policy) -> dict[str, Any]:
    name = id_of(policy)
    shipped = type(policy) in POLICIES and name == policy.name
    return {"id": name, "comparison": name in FOR_COMPARISON, "shipped": shipped}


def _story(name: str) -> dict[str, Any]:
    (pair,), first = [s.policies for s in STORIES if s.scenario == name], Batch(scenario_named(name), [0], "neutral")
    sectors = [first.sectors[int(k)] for k in first.state.sector[:, 0]]
    rows = zip(first.names or [None] * len(sectors), sectors, first.state.segment[:, 0], strict=True)
    return {
        "id": name,
        "pair": pair,
        "members": [{"name": member, "sector": sector, "segment": int(k)} for member, sector, k in rows],
        "founders": int(first.state.founder[:, 0].sum()),
        "values": {path: p.default for path, p in slider_parameters(name).items()},
    }


def _facts(outcomes: tuple[Outcome, ...]) -> dict[str, dict[str, str]]:
    return {o.name: {"unit": o.unit, "doc": o.doc, "better": o.better} for o in outcomes}
