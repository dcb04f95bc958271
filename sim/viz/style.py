"""Colours, markers and line styles that colour-blind readers and black-and-white prints keep apart."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sim.model.sectors import SECTORS

SECTOR_LOOKS: Any = (
    ("#1F5FA8", "o", "-"),
    ("#E69F00", "s", "--"),
    ("#A3376B", "D", ":"),
    ("#3F8F5F", "^", "-."),
    ("#5B6675", "v", (0, (7, 2))),
    ("#8C5A2B", "P", (0, (3, 1, 1, 1, 1, 1))),
    ("#56B4E9", "X", (0, (1, 1))),
    ("#1C2430", "p", (0, (6, 1, 1, 1))),
)
"""Colour, marker and line style of each sector: of the four, and then of a scenario's further ones."""

CAUSE_LOOKS: Any = {
    "too little private value": ("#3B3B6D", "o", "--"),
    "leak": ("#C2410C", "s", "-"),
    "insufficient resources": ("#1F5FA8", "^", "-."),
    "needs met": ("#3F8F5F", "D", "-"),
    "outside offer": ("#B8860B", "P", "--"),
    "not worth renewing": ("#A3376B", "v", ":"),
    "partnership ended": ("#1C2430", "p", (0, (6, 1, 1, 1))),
    "other": ("#5B6675", "X", "-."),
    "forced": ("#8C5A2B", "*", (0, (3, 1, 1, 1, 1, 1))),
    "known": ("#9AA3AE", "h", (0, (1, 1))),
}
"""Colour, marker and line style of each cause of exit."""

INK, SOFT, GREY = "#1C2430", "#5B6675", "#9AA3AE"
POLICY, BASELINE, RANGE = "#C2410C", "#3B3B6D", "#C9D6E6"

TENSIONS = {
    "tension_information": ("information", "#1F5FA8", "-"),
    "tension_interest": ("interest", "#C2410C", "--"),
    "tension_resource": ("resource", "#3F8F5F", "-."),
    "tension": ("together", INK, ":"),
}
EFFORTS = {
    "effort_safeguard": ("safeguard", "#1F5FA8", ""),
    "effort_bundle": ("bundle", "#E69F00", "//"),
    "effort_match_inside": ("match inside", "#3F8F5F", ""),
    "effort_match_outside": ("match outside", "#8CC7A1", "\\\\"),
    "effort_track": ("track", "#A3376B", ""),
    "effort_intervene": ("intervene", "#E3A6C4", "xx"),
    "effort_pause": ("pause", "#5B6675", ".."),
    "effort_placebo": ("placebo", "#1C2430", ""),
    "effort_idle": ("idle", "#E7E9EC", ""),
}

LINES = (
    ("#3B3B6D", "o", "--"),
    ("#C2410C", "s", "-"),
    ("#1F5FA8", "^", "-."),
    ("#3F8F5F", "D", "-"),
    ("#A3376B", "v", ":"),
    ("#B8860B", "P", "--"),
    ("#5B6675", "X", "-."),
    ("#8C5A2B", "*", (0, (3, 1, 1, 1, 1, 1))),
    ("#56B4E9", "p", (0, (7, 2))),
    ("#1C2430", "h", (0, (1, 1))),
    ("#E69F00", "<", (0, (6, 1, 1, 1))),
    ("#7A5CA8", ">", (0, (5, 1))),
    ("#8FB339", "d", (0, (3, 1, 1, 1))),
    ("#E3A6C4", "8", (0, (2, 2))),
)
"""Colour, marker and line style of each line of a figure; they differ in grey too. Of more lines they begin again."""

MANY_LINES = 6
"""Lines in one panel from which on intervals are left to the tables, as bands would hide the lines."""

RC: Any = {
    "font.size": 10,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E3E6EA",
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "text.color": INK,
    "text.parse_math": False,  # a title with a $ in it is a title
    "figure.facecolor": "white",
    "svg.fonttype": "path",
}


def sector_looks(names: Iterable[str]) -> dict[str, Any]:
    """Give each sector its colour, marker and line style; further ones by the alphabet, as they are numbered."""
    ordered = [*SECTORS, *sorted(set(names) - set(SECTORS))]
    return dict(zip(ordered, SECTOR_LOOKS, strict=False))


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with this project's look, whatever a matplotlibrc, a style or a notebook has set; restore that afterwards.

    No backend is chosen: figures are made without pyplot.
    """
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(RC)
        yield


def import_without_configuration() -> None:
    """Import Matplotlib for the first time without reading the matplotlibrc of the current folder."""
    import tempfile
    from contextlib import chdir

    with tempfile.TemporaryDirectory() as empty, chdir(empty):
        import matplotlib  # noqa: F401


def shortened(name: str, most: int = 30) -> str:
    """Shorten a name where its full text stands elsewhere in the figure."""
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def label(name: str) -> str:
    """Write the name of a policy, scenario or outcome for a reader.

    Args:
        name: as in tables and options, with underscores.

    Returns:
        The name with spaces.
    """
    return name.replace("_", " ")


def quoted(policy: str) -> str:
    """Name a policy in a sentence: in quotation marks where its label is a phrase."""
    name = label(policy)
    return f"“{name}”" if len(name.split()) > 3 or "," in name else name


def listed(names: Sequence[str], most: int | None = None) -> str:
    """List names in a sentence; of more than ``most``, a few, and how many others."""
    shown = (
        list(names) if most is None or len(names) <= most else [*names[: most - 1], f"{len(names) - most + 1} others"]
    )
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
