"""The server: a page, its files, the watched world and the outcomes of many; it keeps nothing about anyone."""

import asyncio
import contextlib
import functools
import hashlib
import json
import math
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sim.lab.guard import LOOPBACK, Guard
from sim.lab.outcomes import Give, preview, settle
from sim.lab.page import render
from sim.lab.settings import MOST_RUNS, Asked, read
from sim.lab.stories import STORIES, Story, way
from sim.lab.turns import Busy
from sim.lab.words import tell_difference, tell_end
from sim.lab.workers import Gone, Workers
from sim.lab.world import watch
from sim.messages import InputError

KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""Written out, as some systems guess them wrong."""

FILES = {f.name: f for f in (Path(__file__).parent / "static").iterdir() if f.suffix in KINDS}


QUICK, PATIENT, IDLE = 0.5, 20.0, 120.0
"""Seconds after which a request is due: of a moving hand, of one at rest, of nobody."""


def build(
    executor: Callable[[], Executor],
    at_once: int = 1,
    hosts: Collection[str] = LOOPBACK,
    shared: str = "",
    ready: bool = False,
) -> Guard:
    """Make the application; ``executor`` is called when it starts and shut down when it stops.

    ``at_once`` is how many requests calculate at a time; ``shared`` the address for others, if there is one;
    ``ready`` whether to calculate the stories before anybody asks.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        pool = executor()
        app.state.workers, app.state.shared = Workers(pool, at_once), shared
        app.state.ready = asyncio.create_task(_get_ready(app.state.workers, STORIES if ready else ()))
        try:
            yield
        finally:
            app.state.ready.cancel()
            pool.shutdown(wait=True, cancel_futures=True)

    routes = [
        Route("/", _page),
        Route("/world", _world),
        Route("/outcomes", _outcomes),
        Route("/preview", _preview),
        Route("/static/{name}", _file),
    ]
    failures: Any = {InputError: _complain, Busy: _put_off, Gone: lambda request, error: Response(status_code=499)}
    return Guard(Starlette(routes=routes, lifespan=lifespan, exception_handlers=failures), hosts)


async def _page(request: Request) -> Response:
    asked, _ = read(request.query_params.multi_items())
    return _answer(request, render(asked, request.app.state.shared).encode(), "text/html")


async def _file(request: Request) -> Response:
    file = FILES.get(request.path_params["name"])
    if file is None:
        return Response("There is no such file.", 404, media_type="text/plain")
    return _answer(request, file.read_bytes(), KINDS[file.suffix])


async def _world(request: Request) -> Response:
    """Give the watched world under both policies."""
    asked, _ = read(request.query_params.multi_items())
    return _json(request, await _watch(asked, _giver(request, QUICK)))


async def _outcomes(request: Request) -> Response:
    """Give the curves under both policies, and what differs, in numbers and in sentences."""
    asked, runs = read(request.query_params.multi_items())
    give, held = _giver(request, PATIENT), request.app.state.workers.held
    *found, rows = await settle(_circumstances(asked), asked.policies, runs, give, held)
    size = asked.model().size.partners
    told = [row | {"told": tell_difference(row, size)} for row in rows]
    return _json(request, _tell(asked, found) | {"differences": told})


async def _preview(request: Request) -> Response:
    """Give the curves of the first worlds alone, for a moving hand."""
    asked, runs = read(request.query_params.multi_items())
    found = await preview(_circumstances(asked), asked.policies, runs, _giver(request, QUICK))
    return _json(request, _tell(asked, found))


def _tell(asked: Asked, found: list[Any]) -> dict[str, Any]:
    """Say what the page shows of many worlds under each policy."""
    model, summaries = asked.model(), [f["summary"] for f in found]
    return {
        "runs": len(summaries[0]),
        "size": model.size.partners,
        "grant": model.grant.months,
        "policies": [
            {"name": p, "way": way(p), "curves": f["curves"]} for p, f in zip(asked.policies, found, strict=True)
        ],
        "end": tell_end(summaries, model.size.partners),
    }


async def _watch(asked: Asked, give: Give) -> list[Any]:
    world = _circumstances(asked, asked.seed)
    return await give({("world", world, policy): (watch, world, policy) for policy in asked.policies})


async def _get_ready(workers: Workers, stories: Sequence[Story]) -> None:
    """Calculate what the stories show, whenever nobody asks for anything."""

    async def stays() -> bool:
        return False

    give = functools.partial(workers.give, stays, patience=IDLE)
    for story in stories:
        asked = Asked(story.scenario, story.policies)
        await _watch(asked, give)
        await settle(_circumstances(asked), asked.policies, MOST_RUNS, give, workers.held)


def _giver(request: Request, patience: float) -> Give:
    """Give results in the turn of whoever asks."""
    visitor = request.client.host if request.client else ""
    return functools.partial(
        request.app.state.workers.give, request.is_disconnected, visitor=visitor, patience=patience
    )


def _circumstances(asked: Asked, seed: int = 0) -> Asked:
    """Give what determines a result under one policy: the scenario, its changes and the world."""
    return Asked(asked.scenario, seed=seed, changes=asked.changes)


def _json(request: Request, data: Any) -> Response:
    body = json.dumps(_plain(data), allow_nan=False, separators=(",", ":")).encode()
    return _answer(request, body, "application/json")


def _plain(data: Any) -> Any:
    """Turn numbers that JSON does not know into nothing."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def _answer(request: Request, body: bytes, kind: str) -> Response:
    """Answer with a tag of the content, so that a browser need not fetch again what it holds."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)


async def _put_off(request: Request, error: Exception) -> Response:
    return Response("The lab is busy; ask again in a moment.", 503, {"retry-after": "2"}, media_type="text/plain")


async def _complain(request: Request, error: Exception) -> Response:
    hint = "Open the lab anew without what follows the question mark."
    return Response(f"This link cannot be shown. {error}. {hint}", 400, media_type="text/plain")
