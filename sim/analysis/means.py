"""Means of a sweep: an outcome, or its paired difference, over what varies, with intervals."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.core.errors import InputError, near
from sim.core.intervals import half_width
from sim.storage.results import quoted
from sim.sweeps.results import SweepFolder

if TYPE_CHECKING:
    import pandas as pd

MANY = 16
"""A dimension with more distinct values than this is cut into bins."""

BINS = 8
"""How many bins."""

OPENING = ("run_id", "point", "scenario", "policy", "seed")
"""First columns of the runs table; not parameters."""


def averages(
    sweep: SweepFolder, outcome: str, over: Sequence[str], against: Mapping[str, Any] | None = None, level: float = 0.95
) -> "pd.DataFrame":
    """Average an outcome for each combination of the columns ``over``.

    A dimension with many values is cut into bins of equal count, named by their mean. Where all dimensions have few
    values, the interval (Student's t) is over seeds; where one is binned, over points, each the mean of its seeds.

    Args:
        sweep: with its runs.
        outcome: a column of its runs.
        over: columns of its runs.
        against: one column and its value, such as ``{"policy": "neutral"}``: the outcome is then the difference to the
            run with that value, the same seed and all else the same.
        level: of the interval, a share.

    Returns:
        A row per combination: the columns ``over``, ``mean``, ``low`` and ``high`` (the outcome's unit) and ``n``;
        ``attrs["over"]`` says what n counts: seeds or points.

    Raises:
        InputError: if a column does not vary in the sweep.
    """
    against = dict(against or {})
    columns = list(sweep.sql("SELECT * FROM runs LIMIT 0").columns)
    swept = _swept(sweep, columns)
    for name in (*over, *against):
        if name not in (*swept, "policy", "scenario"):
            raise InputError(
                f"figure: there is no dimension '{name}' that varies; {near(name, [*swept, 'policy', 'scenario'])}"
            )
    source, value = _source(swept, outcome, against)
    many = [c for c in over if _distinct(sweep, c) > MANY]
    unit = "point" if many else "seed"
    keys = [quoted(f"{c} bin") if c in many else f"r.{quoted(c)}" for c in over]
    named = ", ".join(f"{k} AS {quoted(c)}" for c, k in zip(over, keys, strict=True))
    joined = "".join(f" JOIN {_bins(c)} USING (point)" for c in many)
    inner = f"SELECT {named}, {unit} AS unit, avg({value}) AS v FROM {source} AS r{joined} GROUP BY ALL"
    listed = ", ".join(quoted(c) for c in over)
    table = sweep.sql(
        f"SELECT {listed}, avg(v) AS mean, stddev_samp(v) AS sd, count(v) AS n FROM ({inner}) "
        f"GROUP BY {listed} ORDER BY {listed}",
        list(against.values()) or None,
        threads=1,
    )
    half = half_width(table["sd"].to_numpy(), table["n"].to_numpy(), level)
    table["low"], table["high"] = table["mean"] - half, table["mean"] + half
    table.attrs["over"] = "points" if many else "seeds"
    return table.drop(columns="sd")


def _swept(sweep: SweepFolder, columns: Sequence[str]) -> list[str]:
    """Name the columns of runs that vary by design."""
    design = sweep.design.columns
    return [c for c in columns if c in design and c not in OPENING]


def _source(swept: Sequence[str], outcome: str, against: Mapping[str, Any]) -> tuple[str, str]:
    """Give the table to average, and the value: runs, or runs beside the ones they are compared with."""
    if not against:
        return "runs", quoted(outcome)
    (column,) = against
    same = ["point", "seed"] if column == "policy" and column not in swept else ["policy", "scenario", "seed", *swept]
    same = [c for c in same if c != column]
    joined = " AND ".join(f"a.{quoted(c)} = b.{quoted(c)}" for c in same)
    pairs = (
        f"(SELECT a.*, b.{quoted(outcome)} AS base FROM runs a JOIN runs b ON {joined} "
        f"WHERE b.{quoted(column)} = ? AND a.{quoted(column)} <> b.{quoted(column)})"
    )
    return pairs, f"{quoted(outcome)} - base"


def _distinct(sweep: SweepFolder, column: str) -> int:
    return int(sweep.sql(f"SELECT count(DISTINCT {quoted(column)}) n FROM runs")["n"][0])


def _bins(column: str) -> str:
    """Cut a column into bins of equal count over the points, each named by its mean: a table of point and bin."""
    name = quoted(column)
    return (
        f"(SELECT point, avg(v) OVER (PARTITION BY bin) AS {quoted(f'{column} bin')} FROM (SELECT point, {name} AS v, "
        f"ntile({BINS}) OVER (ORDER BY {name}) AS bin FROM (SELECT DISTINCT point, {name} FROM design)))"
    )
