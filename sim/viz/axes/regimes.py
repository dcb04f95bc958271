"""A map of which policy is best where."""

from typing import Any

from sim.viz.style import GREY, LINES, SOFT, label


def plot_regimes(table: Any, x: str, y: str, order: list[str], ax: Any) -> Any:
    """Draw the best policy of each cell: a colour and a letter; hatched, in brackets, where that is within noise.

    ``order`` lists the policies in all figures, so that each keeps its look. The legend stands beside the map.
    """
    columns, rows = (list(dict.fromkeys(table[name])) for name in (x, y))
    looks = {name: (LINES[k % len(LINES)][0], _letter(k)) for k, name in enumerate(order)}
    for cell in table.to_dict("records"):
        across, up = columns.index(cell[x]), rows.index(cell[y])
        colour, letter = looks.get(cell["best"], (GREY, "·"))
        sure = cell["verdict"] == "decided"
        text = letter if sure or letter == "·" else f"({letter})"
        back: dict[str, Any] = (
            {"facecolor": colour, "edgecolor": "white", "lw": 0.8} if sure else _pale(colour, letter != "·")
        )
        ax.bar(across, 1.0, 1.0, bottom=up - 0.5, **back)
        box = None if sure else {"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none"}
        ax.text(across, up, text, ha="center", va="center", weight="bold", color="white" if sure else SOFT, bbox=box)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(-0.5, len(rows) - 0.5)
    ax.set_xticks(range(len(columns)), [_tick(v) for v in columns])
    ax.set_yticks(range(len(rows)), [_tick(v) for v in rows])
    ax.grid(visible=False)
    ax.tick_params(length=0)
    if any(isinstance(v, str) for v in columns):
        ax.tick_params(axis="x", labelrotation=20)
    shown = [({"facecolor": looks[n][0]}, f"{looks[n][1]}  {label(n)}") for n in order if n in set(table["best"])]
    sure, led = table["verdict"] == "decided", table["best"].notna()
    if (led & ~sure).any():
        shown.append((_pale(GREY, True), "( )  ahead, not beyond noise"))
    if (~led).any():
        shown.append((_pale(GREY, False), "·  a tie, or nothing to compare"))
    for look, name in shown:
        ax.fill_between([], [], label=name, **look)
    ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), borderaxespad=0.0, fontsize=9)
    return ax


def _pale(colour: str, hatched: bool) -> dict[str, Any]:
    return {"facecolor": (colour, 0.12), "edgecolor": colour, "hatch": "///" if hatched else "", "lw": 0.8}


def _letter(k: int) -> str:
    return chr(ord("A") + k % 26) + "'" * (k // 26)


def _tick(value: Any) -> str:
    return label(value) if isinstance(value, str) else f"{value:.3g}"
