"""The map of ``partnership discover``."""

import textwrap
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from sim.analysis.boxes import name_and_unit
from sim.plots.regimes import plot_regimes
from sim.plots.style import RC, SOFT


def regimes_figure(table: Any, x: str, y: str, title: str, note: str, policies: list[str]) -> Any:
    """Draw which policy is best over two columns, its legend beside it."""
    width, height = 4.2 + 0.62 * max(table[x].nunique(), 4), 1.5 + 0.5 * max(table[y].nunique(), 4)
    title = textwrap.fill(title, int(width * 10))
    height += 0.2 * title.count("\n")
    with mpl.rc_context(RC):
        picture, ax = plt.subplots(figsize=(width, height))
        plot_regimes(table, x, y, policies, ax)
        ax.set_xlabel(_axis(x, table))
        ax.set_ylabel(_axis(y, table))
        picture.suptitle(title, x=0.01, ha="left", weight="bold", fontsize=11)
        picture.text(0.01, 0.012, note, color=SOFT, fontsize=7)
        picture.tight_layout(rect=(0, 0.2 / height, 1, 1))
    return picture


def _axis(path: str, table: Any) -> str:
    name, unit = name_and_unit(path)
    return f"{name}{f' ({unit})' if unit else ''}{', means of bins' if path in table.attrs['bins'] else ''}"
