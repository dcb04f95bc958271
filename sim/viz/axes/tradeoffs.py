"""Two outcomes against each other: policies, and the trials of a search."""

from typing import Any

from sim.viz.style import GREY, INK, LINES, POLICY, SOFT, label


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


MARKERS = ("X", "s", "^", "D", "v", "P")


def plot_front(trials: Any, training: Any, fresh: Any, shipped: Any, x: str, y: str, ax: Any) -> Any:
    """Draw trials by two outcomes: dots; hollow where they were judged, with a line to what the test seeds gave.

    ``trials`` has a column per outcome; ``training`` and ``fresh`` a row per policy and outcome, with ``mean``, ``low``
    and ``high``. The policies named in ``shipped`` are shown on test seeds alone.
    """
    ax.plot(trials[x], trials[y], ".", ms=4, color=GREY, alpha=0.7, zorder=1, label="trial")
    before, after = _wide(training), _wide(fresh)
    texts: tuple[Any, ...] = ("judged, in training", "the same, on test seeds")
    for name in (n for n in before.index if n not in shipped):
        (x0, x1), (y0, y1) = ([table.loc[name, ("mean", k)] for table in (before, after)] for k in (x, y))
        ax.plot([x0, x1], [y0, y1], color=SOFT, lw=0.8, zorder=2)
        ax.plot(x0, y0, "o", ms=5, color="white", mec=POLICY, mew=1.0, zorder=3, label=texts[0])
        _cross(after.loc[name], x, y, "o", POLICY, ax, texts[1])
        texts = (None, None)
    for name, marker in zip(shipped, MARKERS, strict=False):
        _cross(after.loc[name], x, y, marker, INK, ax, label(name))
    return ax


def _wide(table: Any) -> Any:
    return table.pivot(index="policy", columns="outcome", values=["mean", "low", "high"])


def _cross(row: Any, x: str, y: str, marker: str, colour: str, ax: Any, text: str | None) -> None:
    """Mark a mean with its intervals along both axes."""
    across, up = ([[(row["high", k] - row["low", k]) / 2]] for k in (x, y))
    place = row["mean", x], row["mean", y]
    ax.errorbar(*place, up, across, fmt=marker, ms=6, color=colour, lw=1, mew=0.5, zorder=4, label=text)
