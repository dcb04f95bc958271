"""Members still there, month by month, against a baseline policy."""

from typing import Any

from sim.viz.style import BASELINE, POLICY, label, mark_months


def plot_retention(bands: Any, policy: str, baseline: str, founders: int, ax: Any, grant: float | None = None) -> Any:
    """Draw one policy's founding members with the band that holds 8 runs in 10; the baseline beneath, dashed."""
    for name, colour, style, width in ((baseline, BASELINE, "--", 1.6), (policy, POLICY, "-", 2.2)):
        rows = bands[bands["policy"] == name]
        if name == policy or policy == baseline:
            ax.fill_between(rows["month"], rows["low"], rows["high"], color=colour, alpha=0.18, lw=0)
        ax.plot(rows["month"], rows["mean"], color=colour, ls=style, lw=width, label=label(name))
    ax.set_ylim(0, founders * 1.02)
    ax.set_title(label(policy))
    return mark_months(ax, int(bands["month"].max()), grant)
