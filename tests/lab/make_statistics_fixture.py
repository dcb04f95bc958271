"""Write the numbers that the page's statistics must give: ``python -m tests.lab.make_statistics_fixture``."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from sim.analysis.paired import differences
from sim.core.intervals import mean_interval

FILE = Path(__file__).with_name("site") / "statistics.json"
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


def numbers() -> dict[str, object]:
    """Make values of several shapes and sizes, and what Python says of them."""
    rng = np.random.default_rng(11)
    cases = []
    for n, digits in ((2, 2), (12, 2), (20, 1), (250, 0), (250, 3), (1000, 0)):
        base, other = rng.gamma(2.0, 3.0, n).round(digits), rng.gamma(2.1, 3.0, n).round(digits)
        rows = [{"seed": s, "policy": p, "retention": v} for p, values in (("a", base), ("b", other)) for s, v in enumerate(values)]  # fmt: skip
        row = differences(pd.DataFrame(rows), "a", ("retention",)).iloc[0]
        found = {name: float(row[name]) for name in ("difference", "low", "high", "better", "p")}
        cases.append({"base": base.tolist(), "other": other.tolist(), "quantiles": np.quantile(base, SHARES).tolist(), **found})
    same = mean_interval(np.ones(30))
    few = mean_interval(np.array([0.0] * 29 + [1.0]))
    return {"shares": SHARES, "cases": cases, "same": same, "few": few, "uniform": np.random.default_rng(0).random(5).tolist()}


if __name__ == "__main__":
    FILE.write_text(json.dumps(numbers()) + "\n")
