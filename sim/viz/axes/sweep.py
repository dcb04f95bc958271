"""What a sweep shows: lines over one dimension, maps over two."""

from typing import Any

from pandas.api.types import is_numeric_dtype

from sim.viz.style import INK, LINES, SOFT, label


def plot_lines(table: Any, x: str, by: str, order: list[Any], ax: Any, zero: bool = False) -> Any:
    """Draw the mean over ``x`` with its interval, a line per value of ``by``; ``zero`` marks no difference.

    ``order`` lists the values of ``by`` in all figures, so that each keeps its look.
    """
    looks = LINES * (1 + len(order) // len(LINES))
    names = [name for name in order if name in set(table[by])] if by else [None]
    numeric = is_numeric_dtype(table[x])
    ticks = sorted(set(table[x])) if numeric else list(dict.fromkeys(table[x]))
    if zero:
        ax.axhline(0, color=INK, lw=1)
    for name in names:
        colour, marker, style = looks[order.index(name)] if by else LINES[1]
        rows = table[table[by] == name] if by else table
        place = rows[x] if numeric else [ticks.index(v) for v in rows[x]]
        ax.fill_between(place, rows["low"], rows["high"], color=colour, alpha=0.16, lw=0)
        title = "" if name is None else label(name) if isinstance(name, str) else f"{name:g}"
        ax.plot(place, rows["mean"], color=colour, marker=marker, ms=5, ls=style, lw=1.8, label=title)
    if not numeric:
        ax.set_xticks(range(len(ticks)), [label(str(v)) for v in ticks])
        ax.margins(x=0.08)
    elif len(ticks) <= 7:
        ax.set_xticks(ticks, [f"{v:g}" for v in ticks])
    return ax


def plot_map(table: Any, x: str, y: str, ax: Any, limits: tuple[float, float], zero: bool = False) -> Any:
    """Draw a value for each cell of two dimensions, written in it; in brackets where the interval holds 0."""
    grid = table.pivot(index=y, columns=x, values="mean")
    unsure = table.assign(u=(table["low"] <= 0) & (table["high"] >= 0)).pivot(index=y, columns=x, values="u")
    colours = "PuOr" if zero else "cividis"
    image = ax.imshow(grid.to_numpy(), origin="lower", aspect="auto", cmap=colours, vmin=limits[0], vmax=limits[1])
    span = max(limits[1] - limits[0], 1e-12)
    for row in range(grid.shape[0]):
        for column in range(grid.shape[1]):
            value = float(grid.iat[row, column])
            if value != value:
                continue
            shade = (value - limits[0]) / span
            pale = 0.25 < shade < 0.75 if zero else shade > 0.55
            text = _short(value, span, zero)
            text = f"({text})" if zero and bool(unsure.iat[row, column]) else text
            ax.text(column, row, text, ha="center", va="center", fontsize=8, color=INK if pale else "white")
    ax.set_xticks(range(grid.shape[1]), [_name(v) for v in grid.columns])
    ax.set_yticks(range(grid.shape[0]), [_name(v) for v in grid.index])
    ax.grid(visible=False)
    ax.tick_params(length=0, colors=SOFT)
    return image


def _name(value: Any) -> str:
    return label(value) if isinstance(value, str) else f"{value:.3g}"


def _short(value: float, span: float, signed: bool) -> str:
    digits = 0 if span > 50 else 1 if span > 2 else 2
    text = f"{value:{'+' if signed else ''}.{digits}f}"
    return text.replace("-", "−")
