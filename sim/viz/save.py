"""Figures as files: PNG and SVG, with what made them inside."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.storage.atomic import write_atomic
from sim.viz.style import drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Figure

DPI = 150


def save_figure(figure: "Figure", path: Path, about: str) -> None:
    """Save a figure as PNG and SVG; the same figure gives the same bytes.

    Args:
        figure: what to save.
        path: of the files; its suffix is replaced by ``.png`` and ``.svg``.
        about: what made the figure (the command, the seeds, the key); stored inside both files.
    """
    kinds: dict[str, dict[str, Any]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
    for kind, metadata in kinds.items():
        write_atomic(path.with_suffix(f".{kind}"), _content(figure, kind, {"Description": about, **metadata}))


def as_png(figure: "Figure") -> bytes:
    """Give a figure as the content of a PNG file.

    Args:
        figure: what to draw.

    Returns:
        The bytes of the file, 150 dots per inch.
    """
    return _content(figure, "png", {"Software": None})


def _content(figure: "Figure", kind: str, metadata: dict[str, Any]) -> bytes:
    import matplotlib as mpl

    content = io.BytesIO()
    with drawing(), mpl.rc_context({"svg.hashsalt": "partnership-dynamics"}):
        figure.set_layout_engine(None)  # everything has its place; Matplotlib would draw twice to look for another
        figure.savefig(content, format=kind, dpi=DPI, metadata=metadata)
    return content.getvalue()
