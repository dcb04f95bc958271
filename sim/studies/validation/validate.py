"""Run the patterns over the plausible region: a row each, with range, simulated interval and verdict."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.model.scenario import Scenario, value_at
from sim.storage.atomic import write_atomic
from sim.studies.validation.patterns import PATTERNS
from sim.studies.validation.studies import STUDIES, Study
from sim.sweeps.api import sweep
from sim.sweeps.results import Sweep

if TYPE_CHECKING:
    import pandas as pd


def run_study(name: str, study: Study, region: "pd.DataFrame", folder: Path, replications: int, **how: Any) -> Sweep:
    """Simulate a study over the settings of a region; runs that are there already are not made again."""
    import pandas as pd

    own = {path: value_at(Scenario(), path) for level in study.levels for path in level}
    rows = [
        {**own, **setting, **study.changes, **level} for setting in region.to_dict("records") for level in study.levels
    ]
    folder.mkdir(parents=True, exist_ok=True)
    design = folder / f"{name}.csv"
    write_atomic(design, pd.DataFrame(rows).to_csv(index=False, float_format="%.17g").encode())
    return sweep(
        {
            "question": f"Study '{name}' of the validation",
            "policies": list(study.policies),
            "design": {"name": "file", "path": str(design)},
            "replications": replications,
            "months": study.months,
            "record": list(study.record),
        },
        folder / name,
        **how,
    )


def values_of(found: Sweep, sql: str, study: Study) -> Any:
    """Compute a statistic for each setting of the region."""
    many = len(study.levels)
    own = value_at(Scenario(), "rules.creation.productivity")
    productivity = '"rules.creation.productivity"' if "rules.creation.productivity" in found.design else str(own)
    named = f"row // {many} AS parameter_set, row % {many} AS level, {productivity} AS productivity"
    parts = [f"s AS (SELECT point, {named} FROM design)"]
    parts += [f"{t} AS (SELECT * FROM memory.main.{t} JOIN s USING (point))" for t in ("runs", *study.record)]
    return found.sql(f"WITH {', '.join(parts)} {sql}", threads=1)["value"].to_numpy(dtype=float)


def verdicts(region: "pd.DataFrame", folder: Path, replications: int = 40, **how: Any) -> "pd.DataFrame":
    """Give a row per pattern: statistic, empirical range, median and 90 % interval over the region, verdict."""
    import pandas as pd

    found = {name: run_study(name, study, region, folder, replications, **how) for name, study in STUDIES.items()}
    rows = []
    for p in PATTERNS:
        values = values_of(found[p.study], p.sql, STUDIES[p.study])
        values = values[np.isfinite(values)]
        q05, median, q95 = np.quantile(values, [0.05, 0.5, 0.95]) if len(values) else (np.nan,) * 3
        passed = bool(p.low <= median <= p.high)
        rows.append(
            {
                "pattern": p.name,
                "fact": p.fact,
                "source": p.source,
                "statistic": p.statistic,
                "kind": p.kind,
                "low": p.low,
                "high": p.high,
                "q05": q05,
                "median": median,
                "q95": q95,
                "inside": float(np.mean((values >= p.low) & (values <= p.high))) if len(values) else np.nan,
                "parameter_sets": len(values),
                "verdict": "passed" if passed else "failed",
                "diagnosis": "" if passed else p.diagnosis or "not understood yet",
            }
        )
    return pd.DataFrame(rows)
