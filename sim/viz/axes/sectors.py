"""Value by sector: created inside, captured outside."""

from typing import TYPE_CHECKING

from sim.viz.layout import mark_months
from sim.viz.style import label, sector_looks

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
    looks = sector_looks(str(c).removeprefix("created_") for c in rows if str(c).startswith("created_"))
    for shift, (sector, (colour, marker, style)) in enumerate(looks.items()):
        ax.plot(
            rows["month"],
            rows[f"{kind}_{sector}"],
            color=colour,
            ls=style,
            lw=1.8,
            ms=5,
            marker=marker,
            markevery=(1 + shift * every // len(looks), every),
            label=label(sector),
        )
    ax.set_title(label(policy))
    return mark_months(ax, int(rows["month"].max()), grant)
