"""Designs made of levels: every combination, and one dimension at a time."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.declare import param
from sim.core.errors import InputError
from sim.sweeps.designs.base import Design
from sim.sweeps.designs.space import Space

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 10_000_000


class Grid(Design):
    """Every combination of levels (a full factorial design); an empty space is one point."""

    name = "grid"
    steps: int = param(5, unit="levels", low=2, high=1000, doc="Levels of a dimension given as a range")

    def table(self, space: Space) -> "pd.DataFrame":
        """Cross the levels of all dimensions; the last varies fastest."""
        import pandas as pd

        levels = [d.levels(self.steps) for d in space.dimensions]
        size = int(np.prod([float(len(v)) for v in levels])) if levels else 1
        if size > LARGEST:
            raise InputError(f"design grid: {size:,} points; use fewer levels (most {LARGEST:,}), or design=sobol")
        places: Any = np.indices([len(v) for v in levels]).reshape(len(levels), -1) if levels else []
        return pd.DataFrame(
            {d.name: _pick(v, k) for d, v, k in zip(space.dimensions, levels, places, strict=True)}, index=range(size)
        )


class OneAtATime(Design):
    """The scenario's own values, then each dimension through its levels with all others at those values."""

    name = "one_at_a_time"
    steps: int = param(5, unit="levels", low=2, high=1000, doc="Levels of a dimension given as a range")

    def table(self, space: Space) -> "pd.DataFrame":
        """Start with the row of own values; rows equal to it are left out."""
        import pandas as pd

        own = {d.name: d.own for d in space.dimensions}
        moved = [own | {d.name: v} for d in space.dimensions for v in d.levels(self.steps) if v != d.own]
        return pd.DataFrame([own, *moved], columns=[d.name for d in space.dimensions])


def _pick(levels: list[Any], places: Any) -> Any:
    return np.array(levels, dtype=None if all(isinstance(v, (int, float)) for v in levels) else object)[places]
