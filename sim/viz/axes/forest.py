"""Paired differences as a forest plot."""

from typing import Any

from sim.viz.style import INK, POLICY, SOFT, label


def plot_forest(differences: Any, outcome: str, title: str, unit: str, ax: Any) -> Any:
    """Draw each policy's paired difference to the baseline with its interval; filled where it is decided."""
    rows = differences[differences["outcome"] == outcome].reset_index(drop=True)
    for y, row in rows.iterrows():
        sure = row["verdict"] != "undecided"
        ax.plot([row["low"], row["high"]], [y, y], color=POLICY if sure else SOFT, lw=2.2, solid_capstyle="butt")
        ax.plot(row["difference"], y, "o", ms=6, color=POLICY if sure else "white", mec=POLICY if sure else SOFT)
    ax.axvline(0, color=INK, lw=1)
    ax.set_yticks(range(len(rows)), [label(p) for p in rows["policy"]])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_title(title)
    ax.set_xlabel(unit)
    ax.grid(axis="y", visible=False)
    return ax
