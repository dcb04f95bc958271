"""The figure of ``why``: axes laid out, legends placed, nothing computed."""

from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from sim.viz.axes.trajectories import ENDS, plot_fates, plot_lives
from sim.viz.style import BASELINE, POLICY, RC, SOFT, label, mark_months

SHOWN = 60
"""Most founders in the figure; of more, those whose fates differ most."""


def why_figure(fates: Any, lives: Any, who: tuple[str, int], months: int, grant: float, note: str) -> Any:
    """Draw the founders' fates under two policies, from most gained to most lost, and one member's two lives.

    ``fates`` has the most different first; ``who`` names the member and says its number.
    """
    names = [label(str(fates[f"policy_{run}"].iloc[0])) for run in ("one", "other")]
    shown = fates.head(SHOWN).fillna({"months": 0}).sort_values("months", ascending=False, kind="stable")
    height = max(6.2, 0.155 * len(shown) + 1.7)
    with mpl.rc_context(RC):
        figure = plt.figure(figsize=(11.5, height))
        grid = figure.add_gridspec(2, 2, width_ratios=(1.15, 1))
        left, top, bottom = (figure.add_subplot(cell) for cell in (grid[:, 0], grid[0, 1], grid[1, 1]))
        figure.suptitle(f"The same world under {names[0]} and under {names[1]}", x=0.01, ha="left", weight="bold")
        plot_fates(shown, months, left, who[1])
        left.set_title("When founders leave" + (f" ({SHOWN} of {len(fates)})" if len(fates) > SHOWN else ""))
        for ax, quantity, title, unit in (
            (top, "benefit", "net benefit (thin: hoped for)", "value/month"),
            (bottom, "goodwill", "patience left", "value"),
        ):
            plot_lives(lives, quantity, ax)
            mark_months(ax, months, grant)
            ax.set(title=f"{who[0]}: {title}", ylabel=unit)
        mark_months(left, months, grant).set_xlim(0, months + 1)
        _legends(figure, names)
        note = f"{note}; dotted vertical: end of the grant; what it hoped for cannot be told while its patience is full"
        figure.text(0.01, 0.06 / height, note, color=SOFT, fontsize=8)
        figure.tight_layout(rect=(0, 0.85 / height, 1, 0.995))
        return figure


def _legends(figure: Any, names: list[str]) -> None:
    """Say below the axes what colours and marks mean."""
    line = lambda **look: plt.Line2D([], [], **look)  # noqa: E731
    policies = [line(color=BASELINE, ls="--", lw=2, marker="o", mfc="white"), line(color=POLICY, lw=2, marker="o")]
    marks = [line(color=SOFT, ls="", marker=mark) for mark in (*ENDS.values(), "v")]
    texts = ["left frustrated", "left satisfied", "left for other reasons", "stays", "a leak"]
    where: Any = {"loc": "lower center", "fontsize": 9}
    height = figure.get_figheight()
    figure.legend(policies, names, ncols=2, bbox_to_anchor=(0.5, 0.5 / height), **where)
    figure.legend(marks, texts, ncols=5, bbox_to_anchor=(0.5, 0.22 / height), **where)
