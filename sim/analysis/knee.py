"""The knee of a front: where giving up more of one objective starts to buy little of the others."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

BULGE = 0.02
"""Least height above the straight line between the best in each objective, as a share, for a front to have a knee."""


def knee(front: "pd.DataFrame", directions: Mapping[str, str]) -> int | None:
    """Find the row that lies furthest outside the plane through the best in each objective (Das 1999).

    Each objective is measured from 0, the worst on the front, to 1, the best; the plane is where they sum to 1.

    Args:
        front: a row per candidate, with the columns of ``directions``; none is missing.
        directions: column -> "more" or "less", whichever is better.

    Returns:
        The place of the row, or None where the front has fewer than three different rows, or bulges by less than
        ``BULGE``.
    """
    if len(directions) < 2 or len(front[list(directions)].drop_duplicates()) < 3:
        return None
    total = _units(front, directions).sum(axis=1)
    return int(total.argmax()) if total.max() > 1.0 + BULGE else None


def price_beyond(
    front: "pd.DataFrame", directions: Mapping[str, str], place: int
) -> list[tuple[str, float, str, float]]:
    """Say, for each objective, what going on from a row to the best in it gains, and what it costs most elsewhere.

    Args:
        front: as in ``knee``.
        directions: as in ``knee``.
        place: of a row.

    Returns:
        For each objective that can be bettered: its name, the change in it, the objective that loses the largest share
        of its range on the way, and the change in that.
    """
    units, names = _units(front, directions), list(directions)
    values = front[names].to_numpy(dtype=float)
    steps: list[tuple[str, float, str, float]] = []
    for k, name in enumerate(names):
        best = int(units[:, k].argmax())
        lost: Any = np.delete(units[place] - units[best], k)
        if len(lost) and units[best, k] > units[place, k]:
            other = [n for n in range(len(names)) if n != k][int(lost.argmax())]
            change = values[best] - values[place]
            steps.append((name, float(change[k]), names[other], float(change[other])))
    return steps


def _units(front: "pd.DataFrame", directions: Mapping[str, str]) -> NDArray[np.float64]:
    """Measure each objective from 0, the worst on the front, to 1, the best."""
    signs = np.array([1.0 if better == "more" else -1.0 for better in directions.values()])
    upward = front[list(directions)].to_numpy(dtype=float) * signs
    span = np.ptp(upward, axis=0)
    result: NDArray[np.float64] = (upward - upward.min(axis=0)) / np.where(span > 0.0, span, 1.0)
    return result
