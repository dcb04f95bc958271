"""Which policy is best where, over two columns of a sweep, and whether that is beyond noise."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.means import BINS, MANY
from sim.analysis.paired import adjust
from sim.analysis.scenario_discovery import outcome_of_runs
from sim.core.errors import InputError, near
from sim.core.intervals import half_width
from sim.model.outcomes.named import outcome_named

if TYPE_CHECKING:
    import pandas as pd

    from sim.sweeps.results import SweepFolder

BEYOND = 0.05
"""A cell is decided where the corrected p-value is below this."""

COLUMNS = (
    *("best", "runner_up", "mean", "difference", "low", "high", "p", "verdict"),
    *("policies", "points", "replications", "left_out"),
)


def regimes(sweep_or_runs: "SweepFolder | pd.DataFrame", x: str, y: str, outcome: str, better: str) -> "pd.DataFrame":
    """Say which policy has the best mean outcome in each cell of two dimensions, and whether that is significant.

    Cells are levels or, of a column with many values, bins of equal count named by their mean. Policies are compared
    in the points and seeds that all of the cell's policies have. The best was chosen for being best, so it is compared
    with every other policy. It is a verdict on one cell: of 20 cells without a best policy, one may look decided.

    Args:
        sweep_or_runs: a sweep, or a row per run with policy, point, seed, the dimensions and the outcome.
        x: the dimension along.
        y: the dimension up.
        outcome: a column of the runs.
        better: "more" or "less".

    Returns:
        A row per cell. ``difference``: the best less the runner-up, paired by point and seed, with a 95 % interval
        ``low`` to ``high``: Student's t over seeds; where something varies over many values, so that a cell holds
        points by chance, over seeds and points (their variances are added, with the fewer degrees of freedom). ``p``:
        the largest of the p-values (two-sided paired t, or a sign test where all differences are equal) after Holm's
        correction. ``verdict``: "decided" where ``p`` is below 0.05, otherwise "undecided: ..." with the reason: within
        noise, tie (no ``best``), a single seed, a single point, one policy, no common seeds, no runs. ``policies``,
        ``points`` and ``replications`` (seeds) count what is compared; ``left_out`` is the share of points and seeds
        that some policy lacks. ``attrs["bins"]`` names the dimensions that are binned.

    Raises:
        InputError: for unknown columns, or runs that cannot be paired.
    """
    import pandas as pd

    runs = sweep_or_runs if isinstance(sweep_or_runs, pd.DataFrame) else outcome_of_runs(sweep_or_runs, outcome)
    _check(runs, x, y, outcome, better)
    cells = {name: _cells(runs, name) for name in (x, y)}
    keys = [runs["point"].map(cells[x]).rename(x), runs["point"].map(cells[y]).rename(y)]
    paired = runs.set_index([*keys, "point", "seed", "policy"])[outcome].unstack("policy").sort_index()
    by_chance = any(runs[name].nunique() > MANY for name in _varying(runs))
    units = ("seed", "point") if by_chance else ("seed",)
    groups = dict(iter(paired.groupby(level=[x, y])))
    rows = []
    for column in _in_order(cells[x]):
        for row in _in_order(cells[y]):
            replications = groups.get((column, row), paired.iloc[:0]).droplevel([x, y])
            rows.append({x: column, y: row} | _cell(replications, 1.0 if better == "more" else -1.0, units))
    table = pd.DataFrame(rows, columns=[x, y, *COLUMNS])
    table.attrs["bins"] = [name for name in (x, y) if not cells[name].isin(runs[name]).all()]
    return table


def _check(runs: "pd.DataFrame", x: str, y: str, outcome: str, better: str) -> None:
    missing = [c for c in ("policy", "point", "seed", outcome) if c not in runs]
    if missing:
        raise InputError(f"runs have no column '{missing[0]}'; give a sweep, or its runs, and one of their outcomes")
    for name, value in (("x", x), ("y", y)):
        if value not in _varying(runs):
            raise InputError(f"{name}={value}: there is no such dimension that varies; {near(value, _varying(runs))}")
        if value in COLUMNS:
            raise InputError(f"{name}={value}: the table of regimes has a column of that name; give it another name")
    if x == y:
        raise InputError(f"x={x} and y={y} are the same; give two different columns")
    if better not in ("more", "less"):
        raise InputError(f"better={better}: give more or less, for what is better of {outcome}")
    if runs.duplicated(["policy", "point", "seed"]).any():
        raise InputError("some policy has two runs of the same point and seed; give each once")


def _varying(runs: "pd.DataFrame") -> list[str]:
    named = ("run_id", "policy", "point", "seed")
    return [c for c in runs.columns if c not in named and outcome_named(str(c)) is None]


def _cells(runs: "pd.DataFrame", name: str) -> "pd.Series[Any]":
    """Give the cell of each point: its level or, where there are many, the mean of its bin."""
    import pandas as pd

    values = runs.drop_duplicates("point").set_index("point")[name]
    if values.nunique() <= MANY or not pd.api.types.is_numeric_dtype(values):
        return values
    bins = int(np.clip(np.sqrt(len(values) / 8), 2, BINS))
    return values.groupby(pd.qcut(values, bins, labels=False, duplicates="drop")).transform("mean")


def _in_order(cells: "pd.Series[Any]") -> list[Any]:
    levels = list(dict.fromkeys(cells))
    return levels if isinstance(levels[0], str) else sorted(levels)


def _cell(rows: "pd.DataFrame", sign: float, units: tuple[str, ...]) -> dict[str, Any]:
    """Compare the policies of one cell; ``rows`` has one row per point and seed, a column per policy."""
    rows = rows.dropna(how="all").dropna(axis="columns", how="all")
    common = rows.dropna()
    cell: dict[str, Any] = {
        "policies": rows.shape[1],
        "points": common.index.unique("point").size,
        "replications": common.index.unique("seed").size,
        "left_out": 1.0 - len(common) / len(rows) if len(rows) else np.nan,
    }
    if rows.shape[1] < 2 or common.empty:
        why = "no runs" if rows.empty else "one policy" if rows.shape[1] == 1 else "no common seeds"
        return {**cell, "verdict": f"undecided: {why}"}
    ranked = (sign * common.mean()).sort_values(ascending=False, kind="stable").index
    best, others = ranked[0], list(ranked[1:])
    tests = [_compare(common[best] - common[other], units) for other in others]
    difference, half, _ = tests[0]
    cell |= {"best": best, "runner_up": others[0], "mean": common[best].mean(), "difference": difference}
    if abs(difference) <= 1e-12 * common[[best, others[0]]].abs().to_numpy().max():
        return {**cell, "best": np.nan, "runner_up": np.nan, "difference": 0.0, "verdict": "undecided: tie"}
    if np.isnan(half):
        why = "a single seed" if cell["replications"] == 1 else "a single point"
        return {**cell, "verdict": f"undecided: {why}"}
    p = float(adjust(np.array([p for _, _, p in tests])).max())
    verdict = "decided" if p < BEYOND else "undecided: within noise"
    return {**cell, "low": difference - half, "high": difference + half, "p": p, "verdict": verdict}


def _compare(gaps: "pd.Series[Any]", units: tuple[str, ...]) -> tuple[float, float, float]:
    """Give the mean of paired gaps, half the width of its 95 % interval, and the p-value of no difference."""
    from scipy.stats import t

    means = [gaps.groupby(level=unit).mean() for unit in units]
    n = min(len(m) for m in means)
    error = float(np.sqrt(sum(m.var() / len(m) for m in means)))
    mean = float(gaps.mean())
    half = float(half_width(error * np.sqrt(n), n))
    if error <= 1e-12 * abs(mean):
        return mean, half, min(1.0, 2.0 * 0.5**n)
    return mean, half, float(2.0 * t.sf(abs(mean) / error, n - 1)) if n > 1 else np.nan
