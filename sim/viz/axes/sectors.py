"""Value by sector: created inside, captured outside."""

from typing import Any

from sim.viz.style import SECTOR_COLOURS, SECTOR_LINES, SECTOR_MARKERS, label, mark_months


def plot_by_sector(means: Any, policy: str, kind: str, ax: Any, grant: float | None = None) -> Any:
    """Draw a monthly mean per sector (``kind`` is "created" or "captured"), a colour, line and marker each."""
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
