"""Where an answer turns round: the limit on one parameter that separates best where a difference is above zero."""

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.paired import DECIDED, adjust

if TYPE_CHECKING:
    import pandas as pd

PERMUTATIONS = 1999
"""Random orders of the answers that the best limit is compared with."""

ROUNDING = 1e-9
"""A difference nearer to 0 is a rounding error."""

FEWEST = 2
"""Fewest parameter sets on either side of a limit."""

COLUMNS = (
    *("policy", "outcome", "parameter", "threshold", "below", "more_below", "above", "more_above", "p"),
    *("p_adjusted", "separates"),
)


@dataclasses.dataclass(frozen=True)
class Split:
    """A limit on one parameter, and how likely chance alone separates as well by any limit on any parameter."""

    parameter: str
    threshold: float
    p: float


def best_split(sets: "pd.DataFrame", more: NDArray[np.bool_], seed: int = 0) -> Split | None:
    """Find the limit on one parameter that separates two kinds of parameter sets best (chi-square of the two by two).

    The reference is the best limit on any of the parameters after the answers are put in random order (Westfall &
    Young 1993), so that looking at many parameters and limits is accounted for. Equal sets count once.

    Args:
        sets: a row per parameter set, a column per parameter.
        more: of which kind each is.
        seed: selects the random orders.

    Returns:
        The limit, half way between two values; None where all sets are of one kind, or nothing can be separated.
    """
    first = ~sets.duplicated().to_numpy()
    values, kinds = sets.to_numpy(dtype=float)[first], more[first].astype(float)
    n = len(kinds)
    if n < 2 * FEWEST or np.ptp(kinds) == 0.0:
        return None
    rng = np.random.default_rng(seed)
    orders = np.stack([kinds, *(rng.permutation(kinds) for _ in range(PERMUTATIONS))])
    best, highest = None, np.zeros(len(orders))
    for place, name in enumerate(sets):
        order = np.argsort(values[:, place], kind="stable")
        ordered = values[order, place]
        below = np.arange(1, n)
        cuts = np.flatnonzero((np.diff(ordered) > 0) & (below >= FEWEST) & (n - below >= FEWEST))
        if not len(cuts):
            continue
        left = cuts + 1.0
        excess = np.cumsum(orders[:, order], axis=1)[:, cuts] - left * kinds.mean()
        separation = excess**2 / (left * (n - left))
        if separation[0].max() > highest[0] * (1 + 1e-12):
            cut = cuts[int(separation[0].argmax())]
            best = str(name), float(ordered[cut] + ordered[cut + 1]) / 2
        highest = np.maximum(highest, separation.max(axis=1))
    if best is None:
        return None
    return Split(*best, p=float(np.mean(highest >= highest[0] * (1 - 1e-12))))


def turning_points(differences: "pd.DataFrame", sets: "pd.DataFrame") -> "pd.DataFrame":
    """Find, for each difference that is above zero in some parameter sets and not in others, the limit that tells.

    Args:
        differences: a row per ``policy``, ``outcome`` and ``parameter_set``, with the ``difference``.
        sets: a row per parameter set (the index), a column per parameter that varies.

    Returns:
        A row per policy and outcome that turns round: the ``parameter`` and ``threshold`` that separate best; ``below``
        and ``above``, how many sets lie on each side, and in how many of them the difference is above zero
        (``more_below``, ``more_above``); ``p``, and ``p_adjusted`` (Holm) over the rows; ``separates``: whether that
        is better than chance, at 5 % for the whole table.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for (policy, outcome), group in differences.groupby(["policy", "outcome"], sort=False):
        known = group.dropna(subset=["difference"])
        more, own = (known["difference"] > ROUNDING).to_numpy(), sets.loc[known["parameter_set"]]
        split = best_split(own, more)
        if split is None:
            continue
        above = (own[split.parameter] > split.threshold).to_numpy()
        rows.append(
            {
                "policy": policy,
                "outcome": outcome,
                **dataclasses.asdict(split),
                "below": int((~above).sum()),
                "more_below": int(more[~above].sum()),
                "above": int(above.sum()),
                "more_above": int(more[above].sum()),
            }
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["p_adjusted"] = adjust(table["p"].to_numpy(dtype=float)) if rows else []
    table["separates"] = table["p_adjusted"] <= DECIDED
    return table
