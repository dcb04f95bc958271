"""The server: a page, its files, the watched world and the outcomes of many; it keeps nothing about anyone."""

import asyncio
import contextlib
import dataclasses
import functools
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import BrokenExecutor, Executor
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sim.core.errors import InputError
from sim.lab import board, convene, learn
from sim.lab.answers import IDLE, PATIENT, QUICK, answer, answer_json, giver
from sim.lab.found import measure, write
from sim.lab.guard import LOOPBACK, Guard
from sim.lab.language import LANGUAGES
from sim.lab.outcomes import Give, settle
from sim.lab.page import render
from sim.lab.parting import part
from sim.lab.quick import preview
from sim.lab.settings import MOST_RUNS, Asked, read
from sim.lab.stories import STORIES, Story
from sim.lab.turns import Busy
from sim.lab.words import tell_outcomes
from sim.lab.workers import Gone, Workers
from sim.lab.world import watch

KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""Written out, as some systems guess them wrong."""

FILES = {f.name: f for f in (Path(__file__).parent / "static").iterdir() if f.suffix in KINDS}


def build(
    executor: Callable[[], Executor],
    at_once: int = 1,
    hosts: Collection[str] = LOOPBACK,
    shared: str = "",
    collect: bool = False,
    ready: bool = False,
) -> Guard:
    """Make the application; ``executor`` is called when it starts and shut down when it stops.

    ``at_once`` is how many calculations there are at a time; ``shared`` the address for others, if there is one; with
    ``collect`` there is a class board; with ``ready`` the stories are calculated before anybody asks.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.workers, app.state.shared = Workers(executor, at_once), shared
        app.state.board = board.opened() if collect else None
        app.state.ready = asyncio.create_task(_get_ready(app.state.workers, STORIES if ready else ()))
        try:
            yield
        finally:
            app.state.ready.cancel()
            app.state.workers.close()

    routes = [
        Route("/", _page),
        Route("/world", _world),
        Route("/parting", _parting),
        Route("/outcomes", _outcomes),
        *(Route(f"/preview/{shown}", functools.partial(_preview, shown)) for shown in (0, 1)),
        Route("/static/{name}", _file),
        *convene.ROUTES,
        *board.ROUTES,
        *(Route(path, _learn) for path in learn.PAGES),
        Route("/found", _found),
    ]
    failures: Any = {InputError: _complain, Gone: lambda request, error: Response(status_code=499)}
    failures |= {Busy: _put_off, BrokenExecutor: _put_off}
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=failures)
    return Guard(app, hosts, board.TAKES if collect else {})


async def _page(request: Request) -> Response:
    asked, _ = read(request.query_params.multi_items())
    page = render(asked, request.app.state.shared, request.query_params.get("m", ""))
    return answer(request, page.encode(), "text/html")


async def _learn(request: Request) -> Response:
    lesson = learn.read(request.query_params.multi_items())
    return answer(request, learn.render(request.url.path, lesson).encode(), "text/html")


async def _found(request: Request) -> Response:
    """Give what many worlds say of an activity, as a part of a page."""
    lesson = learn.read(request.query_params.multi_items())
    measured = [await measure(pair, giver(request, PATIENT)) for pair in learn.chosen(lesson).compared]
    return answer(request, write(lesson, measured).encode(), "text/html")


async def _file(request: Request) -> Response:
    file = FILES.get(request.path_params["name"])
    if file is None:
        return Response("There is no such file.", 404, media_type="text/plain")
    return answer(request, file.read_bytes(), KINDS[file.suffix])


async def _world(request: Request) -> Response:
    """Give the watched world under both policies."""
    asked, _ = read(request.query_params.multi_items())
    return answer_json(request, await _watch(asked, giver(request, QUICK)))


async def _parting(request: Request) -> Response:
    """Give in sentences where the two lives of the watched world part."""
    asked, _ = read(request.query_params.multi_items())
    (told,) = await giver(request, PATIENT)({("part", asked): (part, asked)})
    return answer_json(request, told)


async def _outcomes(request: Request) -> Response:
    """Give the curves under both policies, and what differs, in numbers and in sentences."""
    asked, runs = read(request.query_params.multi_items())
    give, held = giver(request, PATIENT), request.app.state.workers.held
    *found, rows = await settle(_circumstances(asked), asked.policies, runs, give, held)
    return answer_json(request, tell_outcomes(asked, found, rows))


async def _preview(shown: int, request: Request) -> Response:
    """Give the curves of the first worlds under the policy that is shown, for a moving hand."""
    asked, runs = read(request.query_params.multi_items())
    found = await preview(_circumstances(asked), asked.policies[shown], runs, giver(request, QUICK))
    return answer_json(request, tell_outcomes(asked, [None, found] if shown else [found, None]))


async def _watch(asked: Asked, give: Give) -> list[Any]:
    world = _circumstances(asked, asked.seed, asked.language)
    return await give({("world", world, policy): (watch, world, policy) for policy in asked.policies})


async def _get_ready(workers: Workers, stories: Sequence[Story]) -> None:
    """Calculate what the stories show, whenever nobody asks for anything."""

    async def stays() -> bool:
        return False

    give = functools.partial(workers.give, stays, patience=IDLE)
    for story in stories:
        asked = Asked(story.scenario, story.policies)
        with contextlib.suppress(Busy, BrokenExecutor):  # whoever opens it will calculate it
            await settle(_circumstances(asked), asked.policies, MOST_RUNS, give, workers.held)
            for language in LANGUAGES:
                await _watch(dataclasses.replace(asked, language=language), give)


def _circumstances(asked: Asked, seed: int = 0, language: str = "en") -> Asked:
    """Give what determines a result under one policy: the scenario, its changes, the world, and the language."""
    return Asked(asked.scenario, seed=seed, changes=asked.changes, language=language)


async def _put_off(request: Request, error: Exception) -> Response:
    return Response("The lab is busy; ask again in a moment.", 503, {"retry-after": "2"}, media_type="text/plain")


async def _complain(request: Request, error: Exception) -> Response:
    hint = "Open the lab anew without what follows the question mark."
    return Response(f"This link cannot be shown. {error}. {hint}", 400, media_type="text/plain")
