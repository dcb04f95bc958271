"""Outcomes: what members take with them when they leave, and the highest tension of any month."""

import numpy as np

from sim import outcome


@outcome("value", better="more")
def value_per_leaver(history, state):
    """Private value that members took with them, mean of those that left."""
    n_left = state.left.sum(axis=0)
    taken = (state.needs_met * state.left).sum(axis=0)
    return np.where(n_left > 0, taken / np.maximum(n_left, 1.0), np.nan)


@outcome("1", better="less")
def tension_peak(history, state):
    """Highest tension of any month."""
    return np.nanmax(history["tension"], axis=0)
