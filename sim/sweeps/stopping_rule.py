"""Enough replications: add worlds to a point until a paired difference is known well enough, or a cap is reached."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.core.intervals import half_width
from sim.sweeps.experiment import Precision

GROWTH = 1.5
"""How much the number of worlds grows between two looks."""


def looks(first: int, most: int) -> Iterator[int]:
    """Give the numbers of worlds after which precision is looked at: fixed beforehand, so that any resume agrees."""
    n = first
    while n < most:
        yield n
        n = min(most, int(np.ceil(n * GROWTH)))
    yield most


def half_widths(runs: Any, precision: Precision) -> Any:
    """Give, per point, worlds and 95 % half-width of the paired difference (Student's t).

    Args:
        runs: a table with columns point, seed, policy and the outcome, of the two policies.
        precision: what to compare; both policies named.
    """
    import pandas as pd

    wide = runs.pivot(index=["point", "seed"], columns="policy", values=precision.outcome).sort_index()
    for name in (precision.policy, precision.baseline):
        if name not in wide:
            wide[name] = np.nan
    gaps = (wide[precision.policy] - wide[precision.baseline]).dropna()
    found = []
    for point, values in gaps.groupby(level="point"):
        n, spread = len(values), values.to_numpy().std(ddof=1) if len(values) > 1 else np.nan
        found.append({"point": point, "worlds": n, "half_width": float(half_width(spread, n))})
    return pd.DataFrame(found, columns=["point", "worlds", "half_width"])
