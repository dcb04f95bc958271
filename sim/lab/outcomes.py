"""What many worlds say: bands over the months for each policy, and paired differences between two.

Numbers come from ``simulate`` and ``differences``, as in ``partnership compare``; only quantiles are taken here.
"""

from typing import Any

import numpy as np

from sim.analysis.paired import differences
from sim.lab.settings import Asked
from sim.lab.stories import MONTHS
from sim.sectors import SECTORS
from sim.simulation import simulate

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
COMPARED = ("retention", "collective_value", "private_value", "society_value")


def of_policy(asked: Asked, policy: str, runs: int) -> dict[str, Any]:
    """Simulate the first worlds under one policy: the summary, and quantiles a month of each curve."""
    scenario = asked.model()
    tables = simulate(scenario, range(runs), policy, MONTHS, record=("series",))
    assert tables.series is not None
    by_name = {"members": "n_founders", "collective": "value_created", "society": "society_value"}
    found = {name: tables.series[column].to_numpy().reshape(runs, MONTHS) for name, column in by_name.items()}
    for sector, count in founders(asked).items():
        captured = tables.series[f"captured_{sector}"].to_numpy().reshape(runs, MONTHS)
        found[f"private_{sector}"] = np.cumsum(captured, axis=1) / count
    return {
        "summary": tables.summary[["seed", "policy", *COMPARED]],
        "curves": {name: _quantiles(values) for name, values in found.items()},
    }


def founders(asked: Asked) -> dict[str, int]:
    """Count the founders of each sector that has any: the same in every world, by quota."""
    day = simulate(asked.model(), [0], "neutral", 1, record=("members",)).members
    assert day is not None
    counts = day.loc[day["member"] < asked.model().size.partners, "sector"].value_counts()
    return {s: int(counts[s]) for s in SECTORS if s in counts}


def judge(one: Any, other: Any) -> list[dict[str, Any]]:
    """Compare two summaries world by world, as ``partnership compare`` does: with neutral, or else with the first."""
    import pandas as pd

    both = pd.concat([one, other], ignore_index=True)
    names = list(both["policy"].unique())
    base = "neutral" if "neutral" in names else names[0]
    rows = differences(both, base, COMPARED)
    kept = ["policy", "baseline", "outcome", "difference", "low", "high", "worlds", "better", "verdict"]
    return [{str(k): v for k, v in row.items()} for row in rows[kept].to_dict("records")]


def _quantiles(values: Any) -> list[list[float]]:
    """Give a row of numbers a month for each quantile."""
    return [[round(float(v), 4) for v in row] for row in np.quantile(values, QUANTILES, axis=0)]
