"""Value by sector: created inside, captured outside."""

from typing import TYPE_CHECKING

from sim.viz.layout import mark_months
from sim.viz.style import SECTOR_COLOURS, SECTOR_LINES, SECTOR_MARKERS, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def plot_by_sector(means: "pd.DataFrame", policy: str, kind: str, ax: "Axes", grant: float | None = None) -> "Axes":
    """Draw a monthly value per sector, each with a colour, line style and marker of its own.

    Args:
        means: a row per policy and month, with a column ``created_SECTOR`` or ``captured_SECTOR`` for each sector.
        policy: which rows.
        kind: "created" or "captured".
        ax: to draw on.
        grant: month in which the grant ends.

    Returns:
        ``ax``.
    """
    rows = means[means["policy"] == policy]
    every = max(1, int(rows["month"].max()) // 5)
    for shift, (sector, colour) in enumerate(SECTOR_COLOURS.items()):
        ax.plot(
            rows["month"],
            rows[f"{kind}_{sector}"],
            color=colour,
            ls=SECTOR_LINES[sector],
            lw=1.8,
            ms=5,
            marker=SECTOR_MARKERS[sector],
            markevery=(1 + shift * every // 4, every),
            label=sector,
        )
    ax.set_title(label(policy))
    return mark_months(ax, int(rows["month"].max()), grant)
