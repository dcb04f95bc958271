"""The figure of pathways: a metro map of actions, switches and tipping points."""

from typing import TYPE_CHECKING

from sim.viz.axes.pathways import height_of, plot_map
from sim.viz.layout import finish, mark_months, panels
from sim.viz.style import drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def pathways_figure(paths: "pd.DataFrame", months: int, grant: float | None, title: str, note: str) -> "Figure":
    """Draw the metro map.

    Args:
        paths: a row per action and per switch, of ``sim.pathways``.
        months: the last month.
        grant: the month in which the grant ends, if any.
        title: of the figure.
        note: at the foot.

    Returns:
        The figure.
    """
    with drawing():
        figure, (ax,) = panels(1, title, size=(8.4, 0.9 + 0.85 * height_of(paths)), width=8.4)
        plot_map(paths, months, ax)
        mark_months(ax, months, grant)
        legend = (
            "thick: fewer than a quarter of the runs have failed; thin: fewer than half; bar: half have; arrow: fewer "
            "than half to the end; circles: the median month of the switch; dashed line: end of the grant"
        )
        return finish(figure, f"{legend}. {note}")
