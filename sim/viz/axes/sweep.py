"""What a sweep shows: lines over one dimension, maps over two."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.viz.style import INK, LINES, SOFT, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage


def plot_lines(table: "pd.DataFrame", x: str, by: str, order: Sequence[Any], ax: "Axes", zero: bool = False) -> "Axes":
    """Draw the mean over ``x`` with its interval, a line per value of ``by``.

    Args:
        table: a row per combination, with ``mean``, ``low`` and ``high``, of ``sim.analysis.means.averages``.
        x: the column along: numbers, or names in the order of the table.
        by: the column of the lines; "" for a single line.
        order: the values of ``by`` in all figures, so that each keeps its look.
        ax: to draw on.
        zero: whether to mark zero: no difference.

    Returns:
        ``ax``.
    """
    from pandas.api.types import is_numeric_dtype

    looks = LINES * (1 + len(order) // len(LINES))
    names = [name for name in order if name in set(table[by])] if by else [None]
    numeric = is_numeric_dtype(table[x])
    ticks = sorted(set(table[x])) if numeric else list(dict.fromkeys(table[x]))
    if zero:
        ax.axhline(0, color=INK, lw=1)
    for name in names:
        colour, marker, style = looks[order.index(name)] if by else LINES[1]
        rows = table[table[by] == name] if by else table
        place = rows[x] if numeric else [ticks.index(v) for v in rows[x]]
        ax.fill_between(place, rows["low"], rows["high"], color=colour, alpha=0.16, lw=0)
        title = "" if name is None else label(name) if isinstance(name, str) else f"{name:g}"
        ax.plot(place, rows["mean"], color=colour, marker=marker, ms=5, ls=style, lw=1.8, label=title)
    if not numeric:
        ax.set_xticks(range(len(ticks)), [label(str(v)) for v in ticks])
        ax.margins(x=0.08)
    elif len(ticks) <= 7:
        ax.set_xticks(ticks, [f"{v:g}" for v in ticks])
    return ax


def plot_map(
    table: "pd.DataFrame", x: str, y: str, ax: "Axes", limits: tuple[float, float], zero: bool = False
) -> "AxesImage":
    """Colour each cell of two dimensions by its mean, and write the mean in it.

    Args:
        table: a row per cell, with ``mean``, ``low`` and ``high``, of ``sim.analysis.means.averages``.
        x: the column along.
        y: the column up.
        ax: to draw on.
        limits: least and largest value of the colours.
        zero: whether the values are differences: colours then diverge from 0, and a number stands in brackets where
            its interval contains 0.

    Returns:
        The image, for a colour bar.
    """
    grid = table.pivot(index=y, columns=x, values="mean")
    undecided = table.assign(u=(table["low"] <= 0) & (table["high"] >= 0)).pivot(index=y, columns=x, values="u")
    values, doubtful = grid.to_numpy(dtype=float), undecided.to_numpy()
    colours = "PuOr" if zero else "cividis"
    image = ax.imshow(values, origin="lower", aspect="auto", cmap=colours, vmin=limits[0], vmax=limits[1])
    span = max(limits[1] - limits[0], 1e-12)
    for row in range(grid.shape[0]):
        for column in range(grid.shape[1]):
            value = float(values[row, column])
            if np.isnan(value):
                continue
            shade = (value - limits[0]) / span
            pale = 0.25 < shade < 0.75 if zero else shade > 0.55
            text = _short(value, span, zero)
            text = f"({text})" if zero and bool(doubtful[row, column]) else text
            ax.text(column, row, text, ha="center", va="center", fontsize=8, color=INK if pale else "white")
    ax.set_xticks(range(grid.shape[1]), [_name_of(v) for v in grid.columns])
    ax.set_yticks(range(grid.shape[0]), [_name_of(v) for v in grid.index])
    ax.grid(visible=False)
    ax.tick_params(length=0, colors=SOFT)
    return image


def _name_of(value: Any) -> str:
    return label(value) if isinstance(value, str) else f"{value:.3g}"


def _short(value: float, span: float, signed: bool) -> str:
    digits = 0 if span > 50 else 1 if span > 2 else 2
    text = f"{value:{'+' if signed else ''}.{digits}f}"
    return text.replace("-", "−")
