"""A comparison repeated over the plausible region instead of at one point.

The region was calibrated in the neutral reference. In another case its settings say how much of an answer hangs on
parameters that nobody has measured; they need not agree there with what is known.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.paired import differences
from sim.engine.simulate import simulate
from sim.model.policies import Policy
from sim.model.scenario import Scenario, value_at
from sim.studies.validation.calibration import read_region

if TYPE_CHECKING:
    import pandas as pd


def varied(scenario: Scenario, settings: int) -> "pd.DataFrame":
    """Give the first settings of the region: a row each, a column per parameter that a case leaves at its default.

    What a case or a user sets to another value stays.
    """
    region, plain = read_region().head(settings), Scenario()
    return region[[path for path in region if value_at(scenario, str(path)) == value_at(plain, str(path))]]


def over_region(
    scenario: Scenario,
    policies: Sequence[Policy],
    settings: int,
    seeds: Sequence[int],
    months: int,
    outcomes: Sequence[str],
    baseline: str,
    progress: Callable[[int], None] | None = None,
    engine: str = "numpy",
) -> "pd.DataFrame":
    """Repeat a comparison in each setting of the region, in the same worlds.

    Returns a row per setting, policy and outcome: the columns of ``differences``, and ``setting``.
    """
    import pandas as pd

    region = varied(scenario, settings)
    columns = {str(path): np.repeat(region[path].to_numpy(), len(seeds)).tolist() for path in region}
    tiled = [*seeds] * len(region)
    given: dict[str, Any] = {"columns": columns, "progress": progress, "engine": engine}
    runs = (simulate(scenario, tiled, p, months, ("summary",), **given) for p in policies)
    found = pd.concat([tables.summary for tables in runs])
    found["parameter_set"] = np.tile(np.repeat(region.index.to_numpy(), len(seeds)), len(policies))
    return pd.concat(
        [
            differences(rows, baseline, outcomes).assign(parameter_set=number)
            for number, rows in found.groupby("parameter_set")
        ],
        ignore_index=True,
    )


def overview(table: "pd.DataFrame") -> "pd.DataFrame":
    """Sum up over settings: median difference, the range of nine in ten, and in how many it is clearly up or down."""
    import pandas as pd

    rows = []
    for (policy, outcome), group in table.groupby(["policy", "outcome"], sort=False):
        known = group["difference"].dropna()
        low, median, high = known.quantile([0.05, 0.5, 0.95]) if len(known) else (np.nan,) * 3
        rows.append(
            {
                "policy": policy,
                "outcome": outcome,
                "median": median,
                "q05": low,
                "q95": high,
                "higher": int((group["low"] > 0).sum()),
                "lower": int((group["high"] < 0).sum()),
                "parameter_sets": len(known),
            }
        )
    return pd.DataFrame(rows)
