"""Figures on disk: PNG and SVG with what made them inside."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.storage.atomic import write_atomic

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Figure


def save_figure(figure: "Figure", path: Path, about: str) -> None:
    """Save a figure as PNG and SVG, with what made it inside; the same picture gives the same bytes."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    kinds: dict[str, dict[str, Any]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
    with mpl.rc_context({"svg.hashsalt": "partnership-dynamics"}):
        for kind, more in kinds.items():
            drawn = io.BytesIO()
            figure.savefig(drawn, format=kind, dpi=150, metadata={"Description": about, **more})
            write_atomic(path.with_suffix(f".{kind}"), drawn.getvalue())
    plt.close(figure)


def as_png(figure: "Figure") -> bytes:
    """Give a figure as the content of a PNG file, and close it."""
    import matplotlib.pyplot as plt

    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=150, metadata={"Software": None})
    plt.close(figure)
    return drawn.getvalue()
