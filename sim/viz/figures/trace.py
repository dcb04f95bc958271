"""The figure of ``trace``: founders' exits under two policies, and one member's trajectories."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.viz.axes.trajectories import EXITS, plot_exits, plot_trajectories
from sim.viz.layout import Legend, finish, mark_months, new_figure, with_grant
from sim.viz.style import BASELINE, POLICY, SOFT, drawing, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SHOWN = 60
"""Most founders in the figure; of more, those whose exits differ most."""


def trace_figure(
    exits: "pd.DataFrame",
    trajectories: Sequence[tuple["pd.DataFrame", str]],
    who: tuple[str, int],
    months: int,
    grant: float,
    note: str,
) -> "Figure":
    """Draw when founders leave under two policies, and one member month by month.

    Args:
        exits: a row per founder, of ``sim.analysis.divergence.paired_exits``, the most different first.
        trajectories: for each policy the member's months and how it left.
        who: the member's name and number.
        months: how long the runs are.
        grant: month in which the grant ends.
        note: at the foot.

    Returns:
        The figure.
    """
    names = [label(str(exits[f"policy_{run}"].iloc[0])) for run in ("one", "other")]
    shown = exits.head(SHOWN).fillna({"months": 0}).sort_values("months", ascending=False, kind="stable")
    with drawing():
        figure = new_figure(f"One seed under {names[0]} and under {names[1]}", 11.5, max(5.0, 0.155 * len(shown) + 0.9))
        grid = figure.add_gridspec(2, 2, width_ratios=(1.15, 1))
        left, top, bottom = (figure.add_subplot(cell) for cell in (grid[:, 0], grid[0, 1], grid[1, 1]))
        plot_exits(shown, months, left, who[1])
        left.set_title("When founders leave" + (f" ({SHOWN} of {len(exits)})" if len(exits) > SHOWN else ""))
        mark_months(left, months, grant).set_xlim(0, months + 1)
        for ax, quantity, title, unit in (
            (top, "benefit", "net benefit (thin: expected)", "value/month"),
            (bottom, "goodwill", "goodwill", "value"),
        ):
            plot_trajectories(trajectories, quantity, ax)
            mark_months(ax, months, grant)
            ax.set(title=f"{who[0]}: {title}", ylabel=unit)
        note = f"{note}; what the member expected is not known in its first month and while its goodwill is full"
        return finish(figure, note, _legends(names))


def _legends(names: Sequence[str]) -> list[Legend]:
    """Say what colours and marks mean."""
    from matplotlib.lines import Line2D

    policies = [
        Line2D([], [], color=BASELINE, ls="--", lw=2, marker="o", mfc="white"),
        Line2D([], [], color=POLICY, lw=2, marker="o"),
    ]
    texts = {"frustrated": "exit: frustrated", "satisfied": "exit: satisfied", "other": "exit: other", "stays": "stays"}
    marks = [Line2D([], [], color=SOFT, ls="", marker=EXITS[how]) for how in texts]
    leak = Line2D([], [], color=SOFT, ls="", marker="v")
    return [Legend(policies, names), with_grant([*marks, leak], [*texts.values(), "leak"])]
