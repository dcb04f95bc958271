"""One box by PRIM: limits of the inputs between which cases are frequent, each of them significant."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

SIGNIFICANT = 0.05


class Limit(NamedTuple):
    """One side of a box: a column stays above (``>``) or below (``<``) a value."""

    column: str
    relation: str
    value: float


def find_box(numbers: "pd.DataFrame", rows: Any, share: Any) -> dict[Limit, float]:
    """Find a box among points; gives its limits with their quasi-p-values, or nothing.

    Each point has a number of ``rows`` and the ``share`` of them that are cases. Of the boxes that PRIM passes through
    as it peels, the one is taken whose density exceeds that of all points by most standard errors. Inputs are added
    one at a time, the one that gains most first, as long as every limit is significant: its quasi-p-value is below
    0.05; in the end, below 0.05 divided by the number of limits there could be. Peeling all inputs at once would
    follow noise where they are many. Limits that show only together are missed.
    """
    best: list[Limit] = []
    while 0 < share.mean() < 1 and len(_columns(best)) < numbers.shape[1]:
        others = [c for c in numbers if c not in _columns(best)]
        tries = [_peel(numbers[[*_columns(best), c]], rows, share) for c in others]
        tries = [list(_significant(limits, numbers, share, SIGNIFICANT)) for limits in tries]
        limits = max(tries, key=lambda limits: _gain(limits, numbers, share))
        if _gain(limits, numbers, share) <= _gain(best, numbers, share):
            break
        best = limits
    return _significant(best, numbers, share, SIGNIFICANT / (2 * numbers.shape[1]))


def inside(limits: Any, numbers: "pd.DataFrame") -> Any:
    """Tell which points are within all limits."""
    within = np.ones(len(numbers), dtype=bool)
    for column, relation, value in limits:
        values = numbers[column].to_numpy()
        within &= values >= value if relation == ">" else values <= value
    return within


def quasi_p(limit: Limit, limits: list[Limit], numbers: "pd.DataFrame", share: Any) -> float:
    """Give the probability of as many cases in the box if the limit did nothing (Bryant and Lempert 2010).

    Points in the box are trials; the chance of a case is the share of cases in the box without this limit.
    """
    from scipy.stats import binom

    within = share[inside(limits, numbers)]
    without = share[inside([other for other in limits if other != limit], numbers)]
    return float(binom.sf(np.floor(within.sum()) - 1, len(within), without.mean()))


def _peel(numbers: "pd.DataFrame", rows: Any, share: Any) -> list[Limit]:
    """Run PRIM once; where points are few it peels more of them at a time, as a few alone would be noise."""
    try:
        prim = import_module("prim")
    except ModuleNotFoundError as error:
        raise InputError(
            f"looking for boxes needs the package {error.name}: python -m pip install 'partnership-dynamics[analysis]'"
        ) from error

    def patient(before: Any, after: Any) -> float:
        """Prefer the most density gained for each row given up; peel on even where none is gained."""
        return -1.0 if len(after) == len(before) else 1.0 + prim.lenient1(before, after)

    is_case = np.concatenate([np.arange(n) < k for n, k in zip(rows, np.round(rows * share), strict=True)])
    least = 20 / len(numbers)
    sizes = {"peel_alpha": min(max(least, 0.05), 0.2), "mass_min": max(least / 4, 0.05)}
    box = prim.Prim(numbers.loc[numbers.index.repeat(rows)], is_case, obj_func=patient, **sizes).find_box()
    passed = box.peeling_trajectory
    excess = (passed["density"] - passed["density"][0]) * passed["mass"] ** 0.5
    box.select(int(excess.to_numpy(dtype=float).argmax()))
    ends = [
        Limit(str(c), r, float(row[e])) for c, row in box.limits.iterrows() for r, e in ((">", "min"), ("<", "max"))
    ]
    return [end for end in ends if not inside([end], numbers).all()]


def _columns(limits: list[Limit]) -> list[str]:
    return list(dict.fromkeys(limit.column for limit in limits))


def _gain(limits: list[Limit], numbers: "pd.DataFrame", share: Any) -> float:
    """Give the density in excess of all points', in standard errors but for a constant."""
    within = inside(limits, numbers)
    return float((share[within].mean() - share.mean()) * np.sqrt(within.mean()))


def _significant(limits: list[Limit], numbers: "pd.DataFrame", share: Any, below: float) -> dict[Limit, float]:
    """Drop limits, the least significant first, until all that are left are significant."""
    while limits:
        p = {limit: quasi_p(limit, limits, numbers, share) for limit in limits}
        worst = max(p, key=lambda limit: p[limit])
        if p[worst] < below:
            return p
        limits = [limit for limit in limits if limit != worst]
    return {}
