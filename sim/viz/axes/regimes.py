"""A map of which policy is best where."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.viz.style import GREY, LINES, SOFT, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def plot_regimes(table: "pd.DataFrame", x: str, y: str, order: Sequence[str], ax: "Axes") -> "Axes":
    """Draw the best policy of each cell as a colour and a letter; hatched and in brackets where it is undecided.

    Args:
        table: a row per cell, of ``sim.analysis.regimes.regimes``.
        x: the column along.
        y: the column up.
        order: the policies in all figures, so that each keeps its look.
        ax: to draw on. What it draws has labels, for a legend.

    Returns:
        ``ax``.
    """
    columns, rows = (list(dict.fromkeys(table[name])) for name in (x, y))
    looks = {name: (LINES[k % len(LINES)][0], _letter(k)) for k, name in enumerate(order)}
    for cell in table.to_dict("records"):
        across, up = columns.index(cell[x]), rows.index(cell[y])
        colour, letter = looks.get(cell["best"], (GREY, "·"))
        decided = cell["verdict"] == "decided"
        text = letter if decided or letter == "·" else f"({letter})"
        back: dict[str, Any] = (
            {"facecolor": colour, "edgecolor": "white", "lw": 0.8} if decided else _pale(colour, letter != "·")
        )
        ax.bar(across, 1.0, 1.0, bottom=up - 0.5, **back)
        box = None if decided else {"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none"}
        ax.text(across, up, text, ha="center", va="center", weight="bold", color="white" if decided else SOFT, bbox=box)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(-0.5, len(rows) - 0.5)
    ax.set_xticks(range(len(columns)), [_tick(v) for v in columns])
    ax.set_yticks(range(len(rows)), [_tick(v) for v in rows])
    ax.grid(visible=False)
    ax.tick_params(length=0)
    shown: list[tuple[dict[str, Any], str]] = [
        ({"facecolor": looks[n][0]}, f"{looks[n][1]}  {label(n)}") for n in order if n in set(table["best"])
    ]
    decided_cells, led = table["verdict"] == "decided", table["best"].notna()
    if (led & ~decided_cells).any():
        shown.append((_pale(GREY, True), "( )  ahead, undecided"))
    if (~led).any():
        shown.append((_pale(GREY, False), "·  tie, or nothing to compare"))
    for look, name in shown:
        ax.fill_between([], [], label=name, **look)
    return ax


def _pale(colour: str, hatched: bool) -> dict[str, Any]:
    return {"facecolor": (colour, 0.12), "edgecolor": colour, "hatch": "///" if hatched else "", "lw": 0.8}


def _letter(k: int) -> str:
    return chr(ord("A") + k % 26) + "'" * (k // 26)


def _tick(value: Any) -> str:
    return label(value) if isinstance(value, str) else f"{value:.3g}"
