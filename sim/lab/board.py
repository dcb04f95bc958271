"""The class board: not there yet."""

from typing import Any

ROUTES: list[Any] = []
ACCEPTS: dict[str, int] = {}


def new_board() -> dict[str, Any]:
    """Make an empty board."""
    return {}
