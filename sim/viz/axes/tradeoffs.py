"""What policies give in two outcomes at once."""

from typing import Any

from sim.viz.axes.style import LINES, label


def plot_tradeoff(means: Any, x: str, y: str, front: Any, ax: Any, scale: float = 1.0) -> Any:
    """Place each policy by two mean outcomes; filled where no other beats it in all that was weighed.

    Args:
        means: a row per policy.
        x: the outcome along, scaled by ``scale``.
        y: the outcome up.
        front: whether each policy is not beaten.
        ax: axes to draw on.
        scale: 100 for a share in per cent.
    """
    for place, (policy, row) in enumerate(means.iterrows()):
        colour, marker, _ = LINES[place % len(LINES)]
        ax.plot(
            row[x] * scale,
            row[y],
            marker,
            ms=9,
            color=colour,
            mfc=colour if front[place] else "white",
            ls="",
            label=label(str(policy)),
        )
    ax.margins(0.12)
    return ax
