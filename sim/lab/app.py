"""The server: pages, files, runs and outcomes. It stores nothing about anyone."""

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
from sim.lab import activity_pages, board, game_pages
from sim.lab.connections import LOOPBACK, Guard
from sim.lab.link_state import MAX_RUNS, LinkState, read_link
from sim.lab.messages import LANGUAGES
from sim.lab.outcomes import RunTasks, outcomes_view, policy_outcomes, preview_outcomes
from sim.lab.page import render_start_page
from sim.lab.responses import IN_THE_BACKGROUND, WHEN_SETTLED, WHILE_DRAGGING, respond, respond_json, task_runner
from sim.lab.stories import STORIES, Story, own_story
from sim.lab.watched_run import describe_divergence, simulate_watched_run
from sim.lab.workers import Busy, Disconnected, Workers

MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""Listed here, because some systems guess them wrong."""

FILES = {f.name: f for f in (Path(__file__).parent / "static").iterdir() if f.suffix in MEDIA_TYPES}


def build_app(
    executor: Callable[[], Executor],
    at_once: int = 1,
    hosts: Collection[str] = LOOPBACK,
    shared: str = "",
    with_board: bool = False,
    ready: bool = False,
) -> Guard:
    """Make the application.

    Args:
        executor: Called when the application starts; what it returns is shut down when the application stops.
        at_once: Calculations at a time.
        hosts: Names under which the app answers.
        shared: The address for other computers, or empty.
        with_board: Whether there is a class board.
        ready: Whether to calculate the stories before anybody asks.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.workers, app.state.shared = Workers(executor, at_once), shared
        app.state.board = board.new_board() if with_board else None
        app.state.ready = asyncio.create_task(
            _calculate_stories(app.state.workers, (*own_story(), *STORIES) if ready else ())
        )
        try:
            yield
        finally:
            app.state.ready.cancel()
            app.state.workers.close()

    routes = [
        Route("/", _page),
        Route("/run", _watched_run),
        Route("/divergence", _divergence),
        Route("/outcomes", _outcomes),
        *(Route(f"/preview/{shown}", functools.partial(_preview, shown)) for shown in (0, 1)),
        Route("/static/{name}", _file),
        *game_pages.ROUTES,
        *board.ROUTES,
        *(Route(path, _activities) for path in activity_pages.TEMPLATES),
        Route("/results", _activity_results),
    ]
    failures: Any = {InputError: _bad_request, Disconnected: lambda request, error: Response(status_code=499)}
    failures |= {Busy: _busy, BrokenExecutor: _busy}
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=failures)
    return Guard(app, hosts, board.ACCEPTS if with_board else {})


async def _page(request: Request) -> Response:
    state, _ = read_link(request.query_params.multi_items())
    page = render_start_page(state, request.app.state.shared, request.query_params.get("m", ""))
    return respond(request, page.encode(), "text/html")


async def _activities(request: Request) -> Response:
    lesson = activity_pages.read_lesson(request.query_params.multi_items())
    return respond(request, activity_pages.render_activities(request.url.path, lesson).encode(), "text/html")


async def _activity_results(request: Request) -> Response:
    """Return the results of an activity, as a part of a page."""
    lesson = activity_pages.read_lesson(request.query_params.multi_items())
    run_tasks = task_runner(request, WHEN_SETTLED)
    compared = activity_pages.activity_of(lesson).compared
    measured = [await activity_pages.measure_comparison(pair, run_tasks) for pair in compared]
    return respond(request, activity_pages.render_results(lesson, measured).encode(), "text/html")


async def _file(request: Request) -> Response:
    file = FILES.get(request.path_params["name"])
    if file is None:
        return Response("There is no such file.", 404, media_type="text/plain")
    return respond(request, file.read_bytes(), MEDIA_TYPES[file.suffix])


async def _watched_run(request: Request) -> Response:
    """Return the watched seed under both policies."""
    state, _ = read_link(request.query_params.multi_items())
    return respond_json(request, await _watched_runs(state, task_runner(request, WHILE_DRAGGING)))


async def _divergence(request: Request) -> Response:
    """Return in sentences where the two runs of the watched seed first differ."""
    state, _ = read_link(request.query_params.multi_items())
    task: Any = {("divergence", state): (describe_divergence, state)}
    (texts,) = await task_runner(request, WHEN_SETTLED)(task)
    return respond_json(request, texts)


async def _outcomes(request: Request) -> Response:
    """Return the curves under both policies, and what differs, in numbers and in sentences."""
    state, runs = read_link(request.query_params.multi_items())
    run_tasks, cached = task_runner(request, WHEN_SETTLED), request.app.state.workers.cached
    *outcomes, rows = await policy_outcomes(_inputs(state), state.policies, runs, run_tasks, cached)
    return respond_json(request, outcomes_view(state, outcomes, rows))


async def _preview(shown: int, request: Request) -> Response:
    """Return the curves of the first seeds under the policy that is shown, while a slider is dragged."""
    state, runs = read_link(request.query_params.multi_items())
    run_tasks = task_runner(request, WHILE_DRAGGING)
    outcomes = await preview_outcomes(_inputs(state), state.policies[shown], runs, run_tasks)
    return respond_json(request, outcomes_view(state, [None, outcomes] if shown else [outcomes, None]))


async def _watched_runs(state: LinkState, run_tasks: RunTasks) -> list[Any]:
    inputs = _inputs(state, state.seed, state.language)
    tasks: Any = {("run", inputs, policy): (simulate_watched_run, inputs, policy) for policy in state.policies}
    return await run_tasks(tasks)


async def _calculate_stories(workers: Workers, stories: Sequence[Story]) -> None:
    """Calculate what the stories show, while nobody waits for anything else."""

    async def never() -> bool:
        return False

    run_tasks = functools.partial(workers.run, never, due_in=IN_THE_BACKGROUND)
    for story in stories:
        state = LinkState(story.scenario, story.policies)
        with contextlib.suppress(Busy, BrokenExecutor):  # the first reader of the story calculates it then
            await policy_outcomes(_inputs(state), state.policies, MAX_RUNS, run_tasks, workers.cached)
            for language in LANGUAGES:
                await _watched_runs(dataclasses.replace(state, language=language), run_tasks)


def _inputs(state: LinkState, seed: int = 0, language: str = "en") -> LinkState:
    """Return what determines a result under one policy; the rest is set to its default, so that the cache finds it."""
    return LinkState(state.scenario, seed=seed, changes=state.changes, language=language)


async def _busy(request: Request, error: Exception) -> Response:
    return Response("The app is busy; try again in a moment.", 503, {"retry-after": "2"}, media_type="text/plain")


async def _bad_request(request: Request, error: Exception) -> Response:
    hint = "To start again, open the address without the question mark and what follows it."
    return Response(f"This link cannot be shown. {error}. {hint}", 400, media_type="text/plain")
