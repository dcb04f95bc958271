"""Studies: runs that patterns look at, each over the parameter sets of the plausible region."""

import dataclasses
import itertools
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class Study:
    """Runs that patterns look at: the region crossed with more, under some policies."""

    cross: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    policies: tuple[str, ...] = ("neutral",)
    changes: dict[str, float] = dataclasses.field(default_factory=dict)
    record: tuple[str, ...] = ()
    months: int = 60
    ends: Sequence[tuple[str, float, float]] = ()
    """Parameters that go to their lower and their upper end, one at a time."""

    @property
    def levels(self) -> list[dict[str, float]]:
        """What is changed in a setting, one after the other; a pattern calls the place in this list ``level``."""
        if self.ends:
            return [{path: end} for path, *ends in self.ends for end in ends]
        return [dict(zip(self.cross, level, strict=True)) for level in itertools.product(*self.cross.values())]


FACTORS = (
    ("rules.capture.scale", 4.0, 15.0),
    ("rules.creation.productivity", 0.5, 3.0),
    ("rules.commitment.common_weight", 0.0, 6.0),
    ("rules.capture.rivalry", 0.0, 1.0),
    ("start.goodwill", 1.0, 16.0),
    ("start.aspiration", 0.02, 0.6),
    ("start.trust", 0.3, 0.9),
    ("sectors.distance", 0.0, 1.2),
    ("sectors.private.share", 0.1, 0.9),
    ("rules.readiness.typical", 0.2, 0.8),
    ("rules.leak.rate", 0.0, 0.4),
    ("rules.leak.loss", 0.0, 12.0),
    ("rules.commitment.outside_option_pull", 0.0, 0.15),
    ("rules.understanding.rate", 0.01, 0.15),
    ("grant.months", 12.0, 48.0),
    ("grant.budget", 0.0, 20.0),
)
"""The ranges of ``configs/experiment/sensitivity.yaml``; funding and the orchestrator's capacity are the last two."""

GRANTS = [0.0, 12.0, 24.0, 36.0, 48.0, 60.0]

STUDIES = {
    "base": Study(policies=("neutral", "adaptive_tracking"), record=("series", "members")),
    "long": Study(record=("series",), months=120),
    "distance": Study(cross={"sectors.distance": [0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2]}),
    "size": Study(cross={"size.partners": [4, 8, 16, 24, 40, 64]}),
    "firms": Study(cross={"sectors.private.share": [0.2, 0.5, 0.8]}),
    "inert": Study(changes={"rules.capture.scale": 0.0, "rules.commitment.common_weight": 0.0}, record=("series",)),
    "open": Study(changes={"rules.membership.entry_rate": 0.02, "size.candidates": 24}, record=("series",), months=120),
    "factors": Study(ends=FACTORS, policies=("adaptive_tracking",)),
    "grants": Study(
        cross={
            "grant.months": GRANTS,
            "rules.creation.productivity": [0.75, 3.0],
            "rules.participation.base_cost": [0.3, 1.2],
        },
        policies=("adaptive_tracking",),
    ),
    "barren": Study(changes={"rules.creation.stock_gain": 0.0}, policies=("neutral", "safeguarding")),
}
