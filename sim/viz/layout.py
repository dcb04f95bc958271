"""The layout of every figure: a grid of panels, a title above, legends below, a note at the foot.

Figures are made without pyplot: no backend is chosen and no global state changes. Room for title, legends and note is
measured and added to the height, and labels that are too long for their place are wrapped, so that nothing is cut and
nothing overlaps.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from sim.viz.save import DPI, as_png
from sim.viz.style import GREY, SOFT

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.legend import Legend as DrawnLegend
    from matplotlib.text import Text

EDGE, GAP = 0.1, 0.06
"""Inches: margin of a figure, and space between its legends and note."""

LEGEND_SIZE, NOTE_SIZE = 9.0, 8.0
"""Points."""

WIDEST_TICK = 0.38
"""Share of a figure's width from which on the labels of a vertical axis are wrapped."""

GRANT_DASH = (0, (2, 2))
"""Dashes of the line at the end of the grant."""

_WIDTHS: "WeakKeyDictionary[Figure, dict[tuple[str, int, float], float]]" = WeakKeyDictionary()
"""The widths of the texts that each figure has measured, by text, font and dots per inch."""


class Legend(NamedTuple):
    """One legend below the panels: what is drawn, what it means, and a heading or nothing."""

    handles: Sequence["Artist"]
    names: Sequence[str]
    heading: str = ""


def new_figure(title: str, width: float, height: float) -> "Figure":
    """Make an empty figure with a title, for panels in a grid of their own.

    Args:
        title: of the figure; wrapped to its width by ``finish``.
        width: of the figure (inches).
        height: of all panels with their labels (inches); ``finish`` adds what title, legends and note need.

    Returns:
        The figure.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DPI)  # as saved: the width of a text depends on it
    FigureCanvasAgg(figure)
    figure._repr_png_ = partial(as_png, figure)  # type: ignore[attr-defined]  # a notebook shows it, without pyplot too
    figure.suptitle(title, x=EDGE / width, ha="left", va="top", weight="bold", in_layout=False)
    return figure


def panels(
    n: int,
    title: str,
    *,
    columns: int = 4,
    size: tuple[float, float] = (2.9, 2.55),
    width: float = 7.0,
    share_x: bool = True,
    share_y: bool = True,
) -> tuple["Figure", list["Axes"]]:
    """Make a figure with a title and a grid of panels, row by row.

    Args:
        n: number of panels.
        title: of the figure; wrapped to its width by ``finish``.
        columns: most panels in a row.
        size: width and height of a panel with its labels (inches).
        width: least width of the figure (inches).
        share_x: whether the panels share the scale along.
        share_y: whether they share the scale up.

    Returns:
        The figure and its panels. Empty places of the grid are not among them.
    """
    columns = max(1, min(n, columns))
    rows = max(1, -(-n // columns))
    figure = new_figure(title, max(size[0] * columns, width), size[1] * rows)
    grid = figure.add_gridspec(rows, columns)
    axes: list[Axes] = []
    for k in range(n):
        first = axes[0] if axes else None
        place = grid[k // columns, k % columns]
        shared: dict[str, Any] = {"sharex": first if share_x else None, "sharey": first if share_y else None}
        axes.append(figure.add_subplot(place, **shared))
        if k % columns and share_y:
            axes[-1].tick_params(labelleft=False)
    return figure, axes


def label_outer(axes: Sequence["Axes"], x: str, y: str) -> None:
    """Label the panels at the left and the lowest ones of each column only.

    Args:
        axes: of ``panels``.
        x: what runs along, with its unit.
        y: what runs up, with its unit.
    """
    columns = axes[0].get_gridspec().ncols if axes else 1  # type: ignore[union-attr]
    for k, ax in enumerate(axes):
        lowest = k + columns >= len(axes)
        ax.set_xlabel(x if lowest else "")
        ax.set_ylabel(y if k % columns == 0 else "")
        ax.tick_params(labelbottom=lowest)


def mark_months(ax: "Axes", months: int, grant: float | None = None) -> "Axes":
    """Mark years on a time axis, and the end of the grant by a dotted vertical line.

    Args:
        ax: the panel.
        months: its last month.
        grant: the month in which the grant ends, if any.

    Returns:
        The panel.
    """
    step = 12 if months <= 120 else 24 if months <= 240 else 60
    ax.set_xticks(range(0, months + 1, step) if months >= 12 else range(0, months + 1, max(1, months // 4)))
    ax.set_xlim(0, months)
    if grant is not None and 0 < grant < months:
        ax.axvline(grant, color=GREY, lw=1, ls=GRANT_DASH, zorder=1)
    return ax


def with_grant(handles: Sequence["Artist"], names: Sequence[str]) -> Legend:
    """Make a legend that ends with the line at the end of the grant."""
    from matplotlib.lines import Line2D

    return Legend([*handles, Line2D([], [], color=GREY, ls=GRANT_DASH)], [*names, "end of the grant"])


def legend_of(ax: "Axes", heading: str = "") -> Legend:
    """Make a legend of what a panel has drawn with a label."""
    handles, names = ax.get_legend_handles_labels()
    return Legend(handles, [str(name) for name in names], heading)


def finish(figure: "Figure", note: str, legends: Sequence[Legend] = (), right: float = 0.0) -> "Figure":
    """Place title, legends and note, wrap long labels, and make the figure as high as all that needs.

    Args:
        figure: of ``panels`` or ``new_figure``, with everything drawn.
        note: stands at the foot.
        legends: stand below the panels, from the top down; empty ones are left out.
        right: room kept free at the right of the panels (inches).

    Returns:
        The figure.
    """
    width, high = (float(v) for v in figure.get_size_inches())
    room = width - 2 * EDGE
    head: Text = figure._suptitle  # type: ignore[attr-defined]
    foot = figure.text(EDGE / width, 0.0, note, color=SOFT, fontsize=NOTE_SIZE, va="bottom")
    for text in (head, foot):
        text.set_text(wrapped(figure, text.get_text(), room, text.get_fontproperties()))
    placed = [_add_legend(figure, legend, room) for legend in legends if legend.names]
    heights = [_height(legend) for legend in placed]
    above, below = _height(head) + 2 * EDGE, _height(foot) + 3 * EDGE + sum(h + GAP for h in heights)
    words = [_Words(ax) for ax in figure.axes]
    for each in words:
        each.fit(figure)  # before the first layout, which long titles would leave no room for panels
    for _ in range(4):
        total = high + above + below
        figure.set_size_inches(width, total)
        area = (EDGE / 2 / width, below / total, 1.0 - right / width, 1.0 - above / total)
        figure.tight_layout(rect=area, pad=0.4, w_pad=1.0, h_pad=0.8)
        for _ in range(2):
            fitted = [each.fit(figure) for each in words]
            if not any(fitted):
                break
            figure.tight_layout(rect=area, pad=0.4, w_pad=1.0, h_pad=0.8)
        short = _missing_height(figure, high)
        if short < 0.05:
            break
        high += short
    head.set_y(1.0 - EDGE / total)
    foot.set_y(EDGE / total)
    bottom = below - EDGE / 2
    for legend, height in zip(placed, heights, strict=True):
        bottom -= height + GAP
        legend.set_bbox_to_anchor((0.5, bottom / total), transform=figure.transFigure)
    return figure


def wrapped(figure: "Figure", text: str, width: float, font: "FontProperties") -> str:
    """Break a text into lines that are no wider than a width, between words, and within those that are too long.

    Args:
        figure: in which the text stands.
        text: its own line breaks stay.
        width: most inches.
        font: its size, weight and family.

    Returns:
        The text with line breaks.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = paragraph.lstrip(" ")
        if _width(figure, line, font) <= width:
            lines.append(line)
            continue
        line = ""
        for word in paragraph.split(" "):
            while _width(figure, word, font) > width and len(word) > 1:
                fits = (n for n in range(len(word) - 1, 1, -1) if _width(figure, word[:n], font) <= width)
                cut = next(fits, 1)
                lines += [line] * bool(line) + [word[:cut]]
                line, word = "", word[cut:]
            if line and _width(figure, f"{line} {word}", font) > width:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line)
    return "\n".join(lines)


class _Words:
    """The words of one panel as they were given, and how they are wrapped to fit."""

    def __init__(self, ax: "Axes") -> None:
        """Note the panel's titles, labels and the names along its axes."""
        self.ax = ax
        self.titles = [t for t in (ax.title, ax._left_title, ax._right_title) if t.get_text()]  # type: ignore[attr-defined]
        self.titles_as_given = [t.get_text() for t in self.titles]
        self.labels = ax.get_xlabel(), ax.get_ylabel()
        self.names = _names(ax.xaxis), _names(ax.yaxis)

    def fit(self, figure: "Figure") -> bool:
        """Wrap everything to the panel's present size, and tell whether that changed anything."""
        before = self._texts()
        self._wrap(figure)
        return self._texts() != before

    def _texts(self) -> list[str]:
        ax = self.ax
        ticks = [*ax.get_xticklabels(), *ax.get_yticklabels()] if any(self.names) else []
        return [text.get_text() for text in (*self.titles, ax.xaxis.label, ax.yaxis.label, *ticks)]

    def _wrap(self, figure: "Figure") -> None:
        ax, (width, height) = self.ax, figure.get_size_inches()
        place = ax.get_position(original=True)  # the whole place of a panel with a fixed aspect
        across, up = place.width * width, place.height * height
        for title, text in zip(self.titles, self.titles_as_given, strict=True):
            title.set_text(wrapped(figure, text, across, title.get_fontproperties()))
        x, y = self.labels
        ax.xaxis.label.set_text(wrapped(figure, x, max(across, 1.2), ax.xaxis.label.get_fontproperties()))
        ax.yaxis.label.set_text(wrapped(figure, y, max(up, 1.2), ax.yaxis.label.get_fontproperties()))
        along, upward = self.names
        if along:
            _fit_along(figure, ax, along, across / len(along))
        if upward and ax.yaxis.get_tick_params().get("labelleft", True):
            font = ax.get_yticklabels()[0].get_fontproperties()
            ax.set_yticklabels([wrapped(figure, name, WIDEST_TICK * width, font) for name in upward])


def _fit_along(figure: "Figure", ax: "Axes", names: list[str], room: float) -> None:
    """Wrap the names along an axis to their room, or slant them where a word is wider than that."""
    ticks = ax.get_xticklabels()
    font = ticks[0].get_fontproperties()
    words = [word for name in names for word in name.split()]
    if all(_width(figure, word, font) <= 0.92 * room for word in words):
        ax.set_xticklabels([wrapped(figure, name, 0.92 * room, font) for name in names])
        return
    ax.set_xticklabels([wrapped(figure, name, 1.6, font) for name in names])
    for tick in ax.get_xticklabels():
        tick.set(rotation=35, ha="right", va="top", rotation_mode="anchor")


def _names(axis: "Axis") -> list[str]:
    """Give the names that stand along an axis; none where it has numbers of its own."""
    from matplotlib.ticker import FixedFormatter, FuncFormatter

    named = isinstance(axis.get_major_formatter(), (FixedFormatter, FuncFormatter))
    return [tick.get_text() for tick in axis.get_majorticklabels()] if named else []


def _add_legend(figure: "Figure", legend: Legend, room: float) -> "DrawnLegend":
    """Add a legend with as many columns as fit; its place is set later."""
    from matplotlib.font_manager import FontProperties

    font = FontProperties(size=LEGEND_SIZE)
    names = [wrapped(figure, name, room - 0.8, font) for name in legend.names]
    for rows in range(1, len(names) + 1):
        columns = -(-len(names) // rows)
        drawn = figure.legend(
            list(legend.handles),
            names,
            loc="lower center",
            ncols=columns,
            fontsize=LEGEND_SIZE,
            title=legend.heading or None,
            title_fontsize=LEGEND_SIZE,
            borderaxespad=0.0,
            borderpad=0.1,
            columnspacing=1.4,
        )
        if columns == 1 or drawn.get_window_extent().width / figure.dpi <= room:
            break
        drawn.remove()
    return drawn


def _missing_height(figure: "Figure", high: float) -> float:
    """Tell how much higher all panels have to be (inches).

    The lowest one keeps over half of its row, and the names along a vertical axis do not touch each other.
    """
    missing = 0.0
    for ax in figure.axes:
        place = ax.get_subplotspec()
        if place is not None:
            rows = place.get_gridspec().nrows
            wanted = max(0.55 * high / rows * len(place.rowspan), _height_of_names(ax))
            missing = max(missing, (wanted - ax.get_position(original=True).height * figure.get_figheight()) * rows)
    return missing


def _height_of_names(ax: "Axes") -> float:
    """Give the height of a panel in which the names along its vertical axis have room (inches)."""
    if not _names(ax.yaxis) or not ax.yaxis.get_tick_params().get("labelleft", True):
        return 0.0
    heights = [_height(tick) for tick in ax.get_yticklabels() if tick.get_text()]
    return len(heights) * (max(heights) + GAP) if heights else 0.0


def _height(artist: "Artist") -> float:
    """Give an artist's height (inches)."""
    figure = artist.get_figure()
    assert figure is not None
    return float(artist.get_window_extent().height / figure.dpi)


def _width(figure: "Figure", text: str, font: "FontProperties") -> float:
    """Give the width of one line of text (inches), measured once for each figure."""
    known = _WIDTHS.setdefault(figure, {})
    key = text, hash(font), figure.dpi
    if key not in known:
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        known[key] = float(renderer.get_text_width_height_descent(text, font, ismath=False)[0] / figure.dpi)
    return known[key]
