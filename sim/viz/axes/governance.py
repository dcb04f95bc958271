"""What the orchestrator faces and does: tensions, and effort by mechanism."""

from typing import Any

from sim.viz.style import EFFORTS, INK, TENSIONS, label, mark_months


def plot_tensions(means: Any, policy: str, ax: Any, grant: float | None = None) -> Any:
    """Draw the three tensions and their combination, 0 to 1."""
    rows = means[means["policy"] == policy]
    for name, (text, colour, style) in TENSIONS.items():
        ax.plot(rows["month"], rows[name], color=colour, ls=style, lw=1.8, label=text)
    ax.set_ylim(0, 1)
    ax.set_title(label(policy))
    return mark_months(ax, int(rows["month"].max()), grant)


def plot_effort(means: Any, policy: str, ax: Any, grant: float | None = None) -> Any:
    """Stack the effort spent by mechanism, up to the budget; what is left is idle."""
    rows = means[means["policy"] == policy]
    base = rows["month"] * 0.0
    for name, (text, colour, hatch) in EFFORTS.items():
        top = base + rows[name]
        ax.fill_between(
            rows["month"], base, top, facecolor=colour, hatch=hatch, edgecolor="white", lw=0, step="mid", label=text
        )
        base = top
    ax.step(rows["month"], rows["budget"], where="mid", color=INK, lw=1.2, label="budget")
    return mark_months(ax, int(rows["month"].max()), grant)
