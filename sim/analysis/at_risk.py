"""Who is at risk and who leaves, month by month: what every statistic of survival counts; and its checks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.errors import InputError, near

if TYPE_CHECKING:
    import pandas as pd


def checked(times: Any, left: Any) -> tuple[np.ndarray, np.ndarray]:
    """Give the months and whether each ended in leaving, as arrays of whole numbers and truth values."""
    given, left = np.asarray(times, dtype=float), np.asarray(left)
    if given.size == 0:
        raise InputError("times: there are none; choose a group that has lifetimes")
    if given.shape != left.shape:
        raise InputError(f"times and left: {given.size} and {left.size} of them; give one of each per subject")
    odd = given[~np.isfinite(given) | (given < 1) | (given != np.round(given))]
    if odd.size:
        raise InputError(f"times: {odd[0]:g} is not allowed; give whole months from 1, the last seen for who stayed")
    if not np.isin(left, (0, 1)).all():
        raise InputError("left: give true for who left and false for who was still there")
    return given.astype(int), left.astype(bool)


def check_level(level: float) -> None:
    """Refuse a level of confidence that is no share."""
    if not 0 < level < 1:
        raise InputError(f"level = {level!r}: give a share between 0 and 1, such as 0.95")


def tally(times: Any, left: Any, world: Any = 0, months: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Count who is at risk and who leaves, in arrays of shape (worlds, months from 0); worlds are in order."""
    worlds, row = np.unique(np.broadcast_to(world, times.shape), return_inverse=True)
    shape = (len(worlds), max(months, times.max()) + 1)
    ended, leavers = np.zeros(shape, dtype=int), np.zeros(shape, dtype=int)
    np.add.at(ended, (row, times), 1)
    np.add.at(leavers, (row, times), left)
    return ended[:, ::-1].cumsum(axis=1)[:, ::-1], leavers


def surviving(at_risk: Any, leavers: Any) -> np.ndarray:
    """Multiply the shares that stay, month by month: the survival curve (Kaplan-Meier)."""
    return np.cumprod(1 - leavers / np.maximum(at_risk, 1), axis=-1)


def need(what: str, table: "pd.DataFrame", columns: Sequence[str]) -> None:
    """Refuse a table that lacks a column."""
    for name in columns:
        if name not in table.columns:
            raise InputError(f"{what}: there is no column '{name}'; {near(name, table.columns)}")
