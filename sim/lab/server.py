"""Serve the classroom app to a class: files that an export wrote, and perhaps the class board; it runs no model."""

from collections.abc import Collection
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from sim.lab import board
from sim.lab.connections import LOOPBACK, Guard

MEDIA_TYPES = {".js": "text/javascript", ".wasm": "application/wasm", ".webmanifest": "application/manifest+json"}
"""Listed here, because some systems guess them wrong."""

IN_CLASS = "class"
"""What a page's address says where there is a class board."""


class Files(StaticFiles):
    """The app's files, each with its media type; a browser asks whether one has changed before it shows it again.

    With a class board, the page's plain address leads to that of the class: a browser keeps what follows the #.
    """

    def __init__(self, folder: Path, with_board: bool) -> None:
        super().__init__(directory=folder, html=True)
        self.with_board = with_board

    async def get_response(self, path, scope):  # type: ignore[no-untyped-def]
        """Answer with a file, or with the address of the class."""
        if self.with_board and path == "." and IN_CLASS not in Request(scope).query_params:
            return RedirectResponse(f"/?{IN_CLASS}")
        return await super().get_response(path, scope)

    def file_response(self, full_path, *args, **kwargs):  # type: ignore[no-untyped-def]
        """Answer with a file."""
        response = super().file_response(full_path, *args, **kwargs)
        if kind := MEDIA_TYPES.get(Path(full_path).suffix):
            response.headers["content-type"] = kind
        response.headers["cache-control"] = "no-cache"
        return response


def build_app(folder: Path, hosts: Collection[str] = LOOPBACK, with_board: bool = False, shared: str = "") -> Guard:
    """Make the application.

    Args:
        folder: what ``export_site`` wrote.
        hosts: names under which the app answers.
        with_board: whether there is a class board.
        shared: the address for other computers, or empty.
    """
    routes = [*(board.ROUTES if with_board else ()), Mount("/", Files(folder, with_board))]
    app = Starlette(routes=routes, middleware=[Middleware(GZipMiddleware, minimum_size=1000)])
    app.state.shared = shared
    app.state.board = board.Board() if with_board else None
    return Guard(app, hosts, board.ACCEPTS if with_board else {})
