"""Responses: JSON that every browser reads, and a tag by which a browser knows what it has already."""

import functools
import hashlib
import json
import math
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sim.lab.outcomes import RunTasks

WHILE_DRAGGING, WHEN_SETTLED, IN_THE_BACKGROUND = 0.5, 20.0, 120.0
"""Seconds after which a request is due: while a slider is dragged, when it is released, and when nobody waits."""


def task_runner(request: Request, due_in: float = WHILE_DRAGGING) -> RunTasks:
    """Return a function that runs tasks in the place that the sender of a request has in the queue."""
    workers, visitor = request.app.state.workers, request.client.host if request.client else ""
    return functools.partial(workers.run, request.is_disconnected, visitor=visitor, due_in=due_in)


def respond_json(request: Request, data: Any) -> Response:
    """Respond with data as JSON; numbers that JSON does not know become null."""
    body = json.dumps(_without_nan(data), allow_nan=False, separators=(",", ":")).encode()
    return respond(request, body, "application/json")


def respond(request: Request, body: bytes, media_type: str) -> Response:
    """Respond with a tag of the content, so that a browser does not fetch again what it has."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _without_nan(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_nan(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_without_nan(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
