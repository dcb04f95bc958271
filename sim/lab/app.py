"""The server: a page, its files, the watched world and the outcomes of many; it keeps nothing about anyone."""

import contextlib
import hashlib
import json
import math
from collections.abc import AsyncIterator, Callable, Collection
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sim.lab.guard import LOOPBACK, Guard
from sim.lab.language import words
from sim.lab.outcomes import judge, of_policy
from sim.lab.page import render
from sim.lab.parting import part
from sim.lab.settings import Asked, read
from sim.lab.words import tell_difference, tell_end, way
from sim.lab.workers import Gone, Workers
from sim.lab.world import watch
from sim.messages import InputError

KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""Written out, as some systems guess them wrong."""

FILES = {f.name: f for f in (Path(__file__).parent / "static").iterdir() if f.suffix in KINDS}


def build(
    executor: Callable[[], Executor],
    at_once: int = 1,
    hosts: Collection[str] = LOOPBACK,
    shared: str = "",
    collect: bool = False,
) -> Guard:
    """Make the application; ``executor`` is called when it starts and shut down when it stops.

    ``at_once`` is how many requests calculate at a time; ``shared`` the address for others, if there is one; with
    ``collect`` there is a class board.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        pool = executor()
        app.state.workers, app.state.shared = Workers(pool, at_once), shared
        app.state.board = board.opened() if collect else None
        try:
            yield
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    from sim.lab import board, convene  # they answer as this file does

    routes = [
        Route("/", _page),
        Route("/world", _world),
        Route("/parting", _parting),
        Route("/outcomes", _outcomes),
        Route("/static/{name}", _file),
        *convene.ROUTES,
        *board.ROUTES,
    ]
    failures: Any = {InputError: _complain, Gone: lambda request, error: Response(status_code=499)}
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=failures)
    return Guard(app, hosts, board.TAKES if collect else {})


async def _page(request: Request) -> Response:
    asked, _ = read(request.query_params.multi_items())
    page = render(asked, request.app.state.shared, request.query_params.get("m", ""))
    return answer(request, page.encode(), "text/html")


async def _file(request: Request) -> Response:
    file = FILES.get(request.path_params["name"])
    if file is None:
        return Response("There is no such file.", 404, media_type="text/plain")
    return answer(request, file.read_bytes(), KINDS[file.suffix])


async def _world(request: Request) -> Response:
    """Give the watched world under both policies."""
    asked, _ = read(request.query_params.multi_items())
    world = _circumstances(asked, asked.seed, asked.language)
    tasks: Any = {("world", world, policy): (watch, world, policy) for policy in asked.policies}
    return answer_json(request, await request.app.state.workers.give(request.is_disconnected, tasks))


async def _parting(request: Request) -> Response:
    """Give in sentences where the two lives of the watched world part."""
    asked, _ = read(request.query_params.multi_items())
    tasks: Any = {("part", asked): (part, asked)}
    return answer_json(request, (await request.app.state.workers.give(request.is_disconnected, tasks))[0])


async def _outcomes(request: Request) -> Response:
    """Give the curves under both policies, and what differs, in numbers and in sentences."""
    asked, runs = read(request.query_params.multi_items())
    workers, place, size = request.app.state.workers, _circumstances(asked), asked.model().size.partners
    tasks: Any = {(place, policy, runs): (of_policy, place, policy, runs) for policy in asked.policies}
    found = await workers.give(request.is_disconnected, tasks)
    summaries = [f["summary"] for f in found]
    say = words(asked.language)
    key = ("judge", place, asked.policies, runs)
    rows = (await workers.give(request.is_disconnected, {key: (judge, *summaries)}))[0]
    answer = {
        "runs": runs,
        "size": size,
        "grant": asked.model().grant.months,
        "policies": [
            {"name": p, "way": way(p, say), "curves": f["curves"]} for p, f in zip(asked.policies, found, strict=True)
        ],
        "end": tell_end(summaries, size, say),
        "differences": [row | {"told": tell_difference(row, size, say)} for row in rows],
    }
    return answer_json(request, answer)


def _circumstances(asked: Asked, seed: int = 0, language: str = "en") -> Asked:
    """Give what determines a result under one policy: the scenario, its changes, the world, and the language."""
    return Asked(asked.scenario, seed=seed, changes=asked.changes, language=language)


def answer_json(request: Request, data: Any) -> Response:
    """Answer with data."""
    body = json.dumps(_plain(data), allow_nan=False, separators=(",", ":")).encode()
    return answer(request, body, "application/json")


def _plain(data: Any) -> Any:
    """Turn numbers that JSON does not know into nothing."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def answer(request: Request, body: bytes, kind: str) -> Response:
    """Answer with a tag of the content, so that a browser need not fetch again what it holds."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)


async def _complain(request: Request, error: Exception) -> Response:
    hint = "Open the lab anew without what follows the question mark."
    return Response(f"This link cannot be shown. {error}. {hint}", 400, media_type="text/plain")
