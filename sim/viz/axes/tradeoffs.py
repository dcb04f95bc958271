"""Two outcomes against each other: policies, and the trials of a search."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.viz.style import GREY, INK, LINES, POLICY, SOFT, label

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

MARKERS = ("X", "s", "^", "D", "v", "P")
"""Of the policies that searched ones are compared with."""


def plot_tradeoff(
    means: "pd.DataFrame", x: str, y: str, front: "Sequence[bool] | NDArray[np.bool_]", ax: "Axes", scale: float = 1.0
) -> "Axes":
    """Place each policy by two mean outcomes; hollow where it is dominated (Pareto).

    Args:
        means: a row per policy.
        x: the outcome along, multiplied by ``scale``.
        y: the outcome up.
        front: for each policy, whether it is on the Pareto front.
        ax: to draw on.
        scale: 100 for a share in per cent.

    Returns:
        ``ax``.
    """
    for place, (policy, row) in enumerate(means.iterrows()):
        colour, marker, _ = LINES[place % len(LINES)]
        look: dict[str, Any] = {
            "color": colour,
            "mfc": colour if front[place] else "white",
            "label": label(str(policy)),
        }
        ax.plot(row[x] * scale, row[y], marker, ms=9, ls="", **look)
    ax.margins(0.12)
    return ax


def plot_front(
    trials: "pd.DataFrame",
    training: "pd.DataFrame",
    test: "pd.DataFrame",
    reference: Sequence[str],
    x: str,
    y: str,
    ax: "Axes",
    knee: str | None = None,
) -> "Axes":
    """Draw all trials as dots; those that were judged hollow, with a line to what they give on the test seeds.

    Args:
        trials: a row per trial: its ``name``, a column per outcome and, where there are constraints, whether it
            ``keeps`` them.
        training: a row per judged policy and outcome, with ``mean``, ``low`` and ``high``, on the training seeds.
        test: the same on the test seeds.
        reference: policies to compare with; drawn on the test seeds only.
        x: the outcome along.
        y: the outcome up.
        ax: to draw on.
        knee: the trial at the knee of the front, if there is one.

    Returns:
        ``ax``.
    """
    able = trials[trials["keeps"]] if "keeps" in trials else trials
    ax.plot(able[x], able[y], ".", ms=4, color=GREY, alpha=0.7, zorder=1, label="trial")
    if len(able) < len(trials):
        rest = trials[~trials["keeps"]]
        ax.plot(rest[x], rest[y], "x", ms=4, mew=0.8, color=GREY, zorder=1, label="trial that breaks a constraint")
    for row in trials[trials["name"] == knee].head(1).to_dict("records") if knee is not None else []:
        ax.plot(
            row[x],
            row[y],
            "*",
            ms=15,
            color=POLICY,
            mec=INK,
            mew=0.6,
            alpha=0.6,
            zorder=2,
            label="knee: training seeds",
        )
    before, after = _wide(training), _wide(test)
    texts: tuple[str | None, str | None] = ("judged: training seeds", "judged: test seeds")
    for name in (n for n in before.index if n not in reference):
        (x0, x1), (y0, y1) = ([table.loc[name, ("mean", k)] for table in (before, after)] for k in (x, y))
        ax.plot([x0, x1], [y0, y1], color=SOFT, lw=0.8, zorder=2)
        ax.plot(x0, y0, "o", ms=5, color="white", mec=POLICY, mew=1.0, zorder=3, label=texts[0])
        _mark_mean(after.loc[name], x, y, "o", POLICY, ax, texts[1])
        texts = (None, None)
    for name, marker in zip(reference, MARKERS, strict=False):
        _mark_mean(after.loc[name], x, y, marker, INK, ax, label(name))
    return ax


def _wide(table: "pd.DataFrame") -> "pd.DataFrame":
    return table.pivot(index="policy", columns="outcome", values=["mean", "low", "high"])


def _mark_mean(row: Any, x: str, y: str, marker: str, colour: str, ax: "Axes", text: str | None) -> None:
    """Mark a mean with its intervals along both axes."""
    across, up = ([[(row["high", k] - row["low", k]) / 2]] for k in (x, y))
    place = row["mean", x], row["mean", y]
    ax.errorbar(*place, up, across, fmt=marker, ms=6, color=colour, lw=1, mew=0.5, zorder=4, label=text)
