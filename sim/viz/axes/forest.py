"""Paired differences as a forest plot."""

from typing import TYPE_CHECKING

from sim.viz.style import INK, POLICY, RANGE, SOFT, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


NOTHING = 1e-9
"""A difference nearer to 0 is a rounding error."""


def plot_forest(
    differences: "pd.DataFrame",
    outcome: str,
    title: str,
    unit: str,
    ax: "Axes",
    ranges: "pd.DataFrame | None" = None,
) -> "Axes":
    """Draw each policy's paired difference to the baseline with its interval; filled where it is significant.

    Behind it, as a pale bar, the range over parameter sets with a line at its median: noise and range apart.

    Args:
        differences: a row per policy and outcome, of ``sim.analysis.paired.differences``.
        outcome: which rows.
        title: of the panel.
        unit: of the differences.
        ax: to draw on.
        ranges: a row per policy and outcome, with ``q05``, ``median`` and ``q95``.

    Returns:
        ``ax``.
    """
    rows = differences[differences["outcome"] == outcome].to_dict("records")
    around = {} if ranges is None else {r["policy"]: r for r in ranges[ranges["outcome"] == outcome].to_dict("records")}
    same = all(abs(row[c]) < NOTHING for row in rows for c in ("low", "difference", "high"))
    for y, row in enumerate(rows):
        if (wide := around.get(row["policy"])) and wide["median"] == wide["median"]:
            ax.plot([wide["q05"], wide["q95"]], [y, y], color=RANGE, lw=9, solid_capstyle="butt", zorder=1)
            ax.plot(wide["median"], y, "|", ms=9, mew=1.4, color=INK, zorder=2)
        significant = row["verdict"] != "undecided"
        colour = POLICY if significant else SOFT
        low, middle, high = (0.0 if abs(row[c]) < NOTHING else row[c] for c in ("low", "difference", "high"))
        ax.plot([low, high], [y, y], color=colour, lw=2.2, solid_capstyle="butt")
        ax.plot(middle, y, "o", ms=6, color=colour if significant else "white", mec=colour)
    ax.axvline(0, color=INK, lw=1)
    if same:
        ax.set_xlim(-1.0, 1.0)
    ax.set_yticks(range(len(rows)), [label(str(row["policy"])) for row in rows])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_title(title)
    ax.set_xlabel(unit)
    ax.grid(axis="y", visible=False)
    return ax
