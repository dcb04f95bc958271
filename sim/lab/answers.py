"""Answers: results in turn, JSON that every browser reads, and a tag by which it knows what it holds already."""

import functools
import hashlib
import json
import math
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sim.lab.outcomes import Give

QUICK, PATIENT, IDLE = 0.5, 20.0, 120.0
"""Seconds after which a request is due: of a moving hand, of one at rest, of nobody."""


def giver(request: Request, patience: float = QUICK) -> Give:
    """Give results in the turn of whoever asks."""
    workers, visitor = request.app.state.workers, request.client.host if request.client else ""
    return functools.partial(workers.give, request.is_disconnected, visitor=visitor, patience=patience)


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
