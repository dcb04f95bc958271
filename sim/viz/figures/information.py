"""The figure of the value of information: bars with intervals, for sections and for single parameters."""

from typing import TYPE_CHECKING

from sim.viz.layout import finish, panels
from sim.viz.style import GREY, INK, POLICY, drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = 12
"""Most single parameters that are drawn."""


def information_figure(values: "pd.DataFrame", title: str, unit: str, note: str) -> "Figure":
    """Draw what everything, each section and the single parameters of most value are worth finding out.

    Args:
        values: a row per subject, of ``sim.analysis.value_of_information``.
        title: of the figure.
        unit: of the values.
        note: at the foot.

    Returns:
        The figure.
    """
    total = values[values["kind"] == "everything"]
    groups = [values[values["kind"] == "section"], values[values["kind"] == "parameter"].head(SHOWN)]
    most = max(len(rows) for rows in groups) + 1
    with drawing():
        figure, axes = panels(2, title, columns=2, size=(4.8, 0.9 + 0.3 * most), share_y=False)
        for ax, rows, name in zip(axes, groups, ("Sections of the parameters", "Single parameters"), strict=True):
            import pandas as pd

            plot_values(pd.concat([total, rows]), name, ax)
            ax.set_xlabel(f"worth at most ({unit})" if unit else "worth at most")
        note = f"{note}; lines: 95 % intervals; filled: worth finding out, hollow: no more than chance"
        return finish(figure, note)


def plot_values(rows: "pd.DataFrame", title: str, ax: "Axes") -> "Axes":
    """Draw a bar and its interval for each subject; filled where it is worth finding out.

    Args:
        rows: subjects, in order.
        title: of the panel.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    for y, row in enumerate(rows.to_dict("records")):
        colour = POLICY if row["worth"] else GREY
        ax.barh(y, row["value"], height=0.62, color=colour if row["worth"] else "white", edgecolor=colour)
        ax.plot([row["low"], row["high"]], [y, y], color=INK, lw=1.4)
    ax.set_yticks(range(len(rows)), [str(name).removeprefix("rules.") for name in rows["subject"]])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(left=0.0)
    ax.set_title(title)
    ax.grid(axis="y", visible=False)
    return ax
