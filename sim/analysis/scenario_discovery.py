"""Scenario discovery: boxes of the inputs where a policy often fails; half the points are searched, half test them."""

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.analysis.failures import where_none_failed, with_failures
from sim.core.errors import InputError, near
from sim.model.outcomes import SUMMARY, outcome_named
from sim.storage.results import quoted
from sim.sweeps.designs.space import swept
from sim.sweeps.results import SweepFolder

if TYPE_CHECKING:
    import pandas as pd


FEWEST_POINTS = 40
"""Least points with a known outcome; half of them are searched."""

MOST_BOXES = 3

FACTS = ("points", "mass", "coverage", "density", "low", "high", "overall", "density_searched", "confirmed")
COLUMNS = ("box", "parameter", "relation", "limit", "quasi_p", *FACTS, "of")


SIGNIFICANT = 0.05
"""Quasi-p-value below which a limit of a box counts."""


class Limit(NamedTuple):
    """One side of a box: a column stays above (``>``) or below (``<``) a value."""

    column: str
    relation: str
    value: float


def boxes(table: "pd.DataFrame", inputs: Sequence[str], cases: str, seed: int = 0) -> "pd.DataFrame":
    """Find boxes of the inputs in which cases are frequent (PRIM, Friedman and Fisher 1999), and test them.

    Rows with the same inputs are one point, whose share of cases counts. Half of the points is searched (``find_box``
    says how), the other half tests. The search goes on outside the boxes found until one is not confirmed.

    Args:
        table: a row per run or point.
        inputs: columns that may limit a box.
        cases: a column of 0 and 1; rows where it is NaN are left out.
        seed: chooses the half of the points that is searched.

    Returns:
        A row per limit, with facts of its box measured in the half that was not searched: ``points`` in it, ``mass``
        (share of all points), ``coverage`` (share of all cases), ``density`` (share of its points that are cases) with
        a 95 % interval ``low`` to ``high`` (Clopper and Pearson, a point a trial), and ``overall``, the density of all
        points outside earlier boxes. ``density_searched`` is the density where it was searched: much larger than
        ``density`` means overfitted. A box is ``confirmed`` where ``low`` is above ``overall``. No box, no row.
        ``attrs``: ``points``, ``share`` (of cases), ``of`` (points or runs), ``left_out``.

    Raises:
        InputError: if inputs are unknown or have missing values, none varies, or there are too few points.
    """
    import pandas as pd

    points, of = _points(table, inputs, cases)
    numbers, share, rows = _numbers(points[list(inputs)]), points["share"].to_numpy(), points["rows"].to_numpy()
    searched, free = _half(points, seed), np.ones(len(points), dtype=bool)
    sides: list[tuple[Any, ...]] = []
    for box in range(1, MOST_BOXES + 1):
        here = searched & free
        limits = find_box(numbers[here], rows[here], share[here])
        if not limits:
            break
        facts = _facts(inside(limits, numbers) & free, share, searched, free)
        sides += [(box, *_named(limit), p, *facts, of) for limit, p in limits.items()]
        if not facts[-1]:
            break
        free &= ~inside(limits, numbers)
    varying = {str(column).partition("=")[0] for column in numbers}
    table = pd.DataFrame(sides, columns=list(COLUMNS))
    table.attrs = {"points": len(points), "share": float(share.mean()), "of": of}
    table.attrs["left_out"] = [name for name in inputs if name not in varying]
    return table


def _points(table: "pd.DataFrame", inputs: Sequence[str], cases: str) -> tuple["pd.DataFrame", str]:
    """Join rows with the same inputs: their share of cases, and how many rows they are."""
    for name in inputs:
        if name not in table:
            raise InputError(f"there is no input '{name}'; {near(name, table.columns)}")
        if table[name].isna().any():
            raise InputError(f"input {name} has missing values; leave out those rows, or the input")
    if all(table[name].nunique() < 2 for name in inputs):
        raise InputError("none of the inputs varies, so nothing tells the points apart; sweep some parameters")
    known = table[table[cases].notna()]
    points = known.groupby(list(inputs), sort=False, observed=True)[cases].agg(share="mean", rows="size").reset_index()
    if len(points) < FEWEST_POINTS:
        raise InputError(
            f"{len(points)} points with a known outcome are too few to search one half and test in the other: at least "
            f"{FEWEST_POINTS} are needed; sweep more, for example with design=sobol design.n=256"
        )
    return points, "points" if (points["rows"] == 1).all() else "runs"


def _numbers(inputs: "pd.DataFrame") -> "pd.DataFrame":
    """Give what varies as numbers: a column for an input, or a column of 0 and 1 for each of its categories."""
    import pandas as pd
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    columns: dict[str, Any] = {}
    for name, values in inputs.items():
        if is_numeric_dtype(values) and not is_bool_dtype(values):
            columns[str(name)] = values.astype(float)
        else:
            columns |= {f"{name}={v}": (values == v).astype(float) for v in dict.fromkeys(values)}
    varying = {name: values for name, values in columns.items() if values.nunique() > 1}
    return pd.DataFrame(varying)


def _half(points: "pd.DataFrame", seed: int) -> Any:
    """Choose every second point, by chance, of those with alike shares of cases."""
    order = points.sample(frac=1.0, random_state=seed).sort_values("share", kind="stable").index.to_numpy()
    half = np.zeros(len(points), dtype=bool)
    half[order[::2]] = True
    return half


def _facts(within: Any, share: Any, searched: Any, free: Any) -> tuple[Any, ...]:
    """Measure a box in the half that was not searched; in the order of FACTS."""
    from scipy.stats import beta

    tested = ~searched
    n, k = int((within & tested).sum()), float(share[within & tested].sum())
    low = float(beta.ppf(0.025, k, n - k + 1)) if k > 0 else 0.0
    high = float(beta.ppf(0.975, k + 1, n - k)) if k < n else 1.0
    density, where_searched = k / n if n else np.nan, float(share[within & searched].mean())
    overall = float(share[tested & free].mean())
    return (
        n,
        n / int(tested.sum()),
        k / float(share[tested].sum()),
        density,
        low,
        high,
        overall,
        where_searched,
        low > overall,
    )


def _named(limit: Limit) -> tuple[str, str, Any]:
    """Give parameter, relation and value; a category is, or is not, the parameter's."""
    parameter, is_category, category = limit.column.partition("=")
    if is_category:
        return parameter, "is" if limit.relation == ">" else "is not", category
    return limit


def describe_box(box: "pd.DataFrame") -> str:
    """Describe a box in words, with the density of the half that was not searched.

    Args:
        box: its rows, of ``boxes``.

    Returns:
        One sentence, without a full stop.
    """
    fact = box.iloc[0]
    limits = [_side(str(name), rows) for name, rows in box.groupby("parameter", sort=False)]
    when, of = " and ".join(limits), fact["of"]
    rest = "overall" if fact["box"] == 1 else "of the rest"
    if not fact["points"]:
        return f"not confirmed: when {when} ({_percent(fact['density_searched'])} where searched; no test point in it)"
    range_ = f"95 % interval {100 * fact['low']:.0f} to {100 * fact['high']:.0f}; {_percent(fact['overall'])} {rest}"
    if not fact["confirmed"]:
        return (
            f"not confirmed: when {when}: {_percent(fact['density_searched'])} of such {of} where searched, "
            f"{_percent(fact['density'])} of those in the test half ({range_})"
        )
    mostly = "mostly" if fact["density"] > 0.5 else "more often"
    return (
        f"fails {mostly} when {when}: {_percent(fact['density'])} of such {of} ({range_}); "
        f"holds {_percent(fact['coverage'])} of all failures"
    )


def describe_boxes(table: "pd.DataFrame") -> list[str]:
    """Describe in words all that ``boxes`` found, also that it found nothing.

    Args:
        table: of ``boxes``.

    Returns:
        Sentences, without full stops.
    """
    share, of, points = (table.attrs[key] for key in ("share", "of", "points"))
    among = f"{_percent(share)} of {points:,} points" if of == "points" else f"{_percent(share)} of runs"
    if share in (0.0, 1.0):
        every = "none" if share == 0 else "every one"
        return [f"{every} of the {of} fails: no part stands out; choose another threshold"]
    lines = [f"fails at {among}"] if of == "points" else [f"fails in {among} at {points:,} points"]
    if table.empty:
        lines.append("no part of the space stands out: no limit on any input is significant")
    lines += [describe_box(rows) for _, rows in table.groupby("box")]
    if table.attrs["left_out"]:
        lines.append(f"left out, as it does not vary: {', '.join(table.attrs['left_out'])}")
    return lines


def name_and_unit(path: str) -> tuple[str, str]:
    """Give a parameter's name for a reader, and its declared unit.

    Args:
        path: dotted, as in tables and options.

    Returns:
        The name, and the unit ("" for a share or where none is declared).
    """
    from sim.core.declare import parameters
    from sim.model.policies import POLICIES
    from sim.model.scenario import Scenario

    policy_parameters = (q for policy in POLICIES for q in parameters(policy(), "policy."))
    unit = next((q.unit for q in (*parameters(Scenario()), *policy_parameters) if q.path == path), "")
    return path.removeprefix("rules.").replace(".", " ").replace("_", " "), "" if unit == "1" else unit


def _side(path: str, rows: "pd.DataFrame") -> str:
    """Say the limits of one parameter."""
    name, unit = name_and_unit(path)
    limits = dict(zip(rows["relation"], rows["limit"], strict=True)) if rows["relation"].isin(["<", ">"]).all() else {}
    if len(limits) == 2:
        text = f"from {limits['>']:.3g} to {limits['<']:.3g}"
    elif limits:
        text = " ".join(f"{relation} {limit:.3g}" for relation, limit in limits.items())
    else:
        sides = zip(rows["relation"], rows["limit"], strict=True)
        text = " and ".join(f"{relation} {limit.replace('_', ' ')}" for relation, limit in sides)
    return f"{name} {text}{f' ({unit})' if unit else ''}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def find_box(numbers: "pd.DataFrame", rows: Any, share: Any) -> dict[Limit, float]:
    """Find a box among points: limits of the inputs between which cases are frequent, each of them significant.

    Of the boxes that PRIM passes through as it peels, the one is taken whose density exceeds that of all points by most
    standard errors. Inputs are added one at a time, the one that gains most first, as long as every limit is
    significant: its quasi-p-value is below 0.05; in the end, below 0.05 divided by the number of limits there could be.
    Peeling all inputs at once would follow noise where they are many. Limits that show only together are missed.

    Args:
        numbers: a row per point, a numeric column per input.
        rows: how many runs each point has.
        share: which share of them are cases.

    Returns:
        The limits with their quasi-p-values; empty if none is significant.

    Raises:
        InputError: if the package ``prim`` is not installed.
    """
    best: list[Limit] = []
    while 0 < share.mean() < 1 and len(_columns(best)) < numbers.shape[1]:
        others = [c for c in numbers if c not in _columns(best)]
        tries = [_peel(numbers[[*_columns(best), c]], rows, share) for c in others]
        tries = [list(_significant(limits, numbers, share, SIGNIFICANT)) for limits in tries]
        limits = max(tries, key=lambda limits: _gain(limits, numbers, share))
        if _gain(limits, numbers, share) <= _gain(best, numbers, share):
            break
        best = limits
    return _significant(best, numbers, share, SIGNIFICANT / (2 * numbers.shape[1]))


def inside(limits: Any, numbers: "pd.DataFrame") -> Any:
    """Tell which points are within all limits.

    Args:
        limits: of a box.
        numbers: a row per point, a numeric column per input.

    Returns:
        True for each point inside.
    """
    within = np.ones(len(numbers), dtype=bool)
    for column, relation, value in limits:
        values = numbers[column].to_numpy()
        within &= values >= value if relation == ">" else values <= value
    return within


def quasi_p(limit: Limit, limits: list[Limit], numbers: "pd.DataFrame", share: Any) -> float:
    """Give the probability of as many cases in the box if the limit did nothing (Bryant and Lempert 2010).

    Points in the box are trials; the chance of a case is the share of cases in the box without this limit.

    Args:
        limit: the one to test.
        limits: all of the box.
        numbers: a row per point, a numeric column per input.
        share: of cases, by point.

    Returns:
        The probability.
    """
    from scipy.stats import binom

    within = share[inside(limits, numbers)]
    without = share[inside([other for other in limits if other != limit], numbers)]
    return float(binom.sf(np.floor(within.sum()) - 1, len(within), without.mean()))


def _peel(numbers: "pd.DataFrame", rows: Any, share: Any) -> list[Limit]:
    """Run PRIM once; where points are few it peels more of them at a time, as a few alone would be noise."""
    try:
        prim = import_module("prim")
    except ModuleNotFoundError as error:
        raise InputError(
            f"looking for boxes needs the package {error.name}: python -m pip install 'partnership-dynamics[analysis]'"
        ) from error

    def patient(before: Any, after: Any) -> float:
        """Prefer the most density gained for each row given up; peel on even where none is gained."""
        return -1.0 if len(after) == len(before) else 1.0 + prim.lenient1(before, after)

    is_case = np.concatenate([np.arange(n) < k for n, k in zip(rows, np.round(rows * share), strict=True)])
    least = 20 / len(numbers)
    sizes = {"peel_alpha": min(max(least, 0.05), 0.2), "mass_min": max(least / 4, 0.05)}
    box = prim.Prim(numbers.loc[numbers.index.repeat(rows)], is_case, obj_func=patient, **sizes).find_box()
    passed = box.peeling_trajectory
    excess = (passed["density"] - passed["density"][0]) * passed["mass"] ** 0.5
    box.select(int(excess.to_numpy(dtype=float).argmax()))
    ends = [
        Limit(str(c), r, float(row[e])) for c, row in box.limits.iterrows() for r, e in ((">", "min"), ("<", "max"))
    ]
    return [end for end in ends if not inside([end], numbers).all()]


def _columns(limits: list[Limit]) -> list[str]:
    return list(dict.fromkeys(limit.column for limit in limits))


def _gain(limits: list[Limit], numbers: "pd.DataFrame", share: Any) -> float:
    """Give the density in excess of all points', in standard errors but for a constant."""
    within = inside(limits, numbers)
    return float((share[within].mean() - share.mean()) * np.sqrt(within.mean()))


def _significant(limits: list[Limit], numbers: "pd.DataFrame", share: Any, below: float) -> dict[Limit, float]:
    """Drop limits, the least significant first, until all that are left are significant."""
    while limits:
        p = {limit: quasi_p(limit, limits, numbers, share) for limit in limits}
        worst = max(p, key=lambda limit: p[limit])
        if p[worst] < below:
            return p
        limits = [limit for limit in limits if limit != worst]
    return {}


def dimensions(sweep: SweepFolder) -> list[str]:
    """Name what a sweep varies besides the policy: its space, or the columns of the user's own design.

    Args:
        sweep: any.

    Returns:
        Columns of its design.
    """
    names = list(sweep.config["experiment"]["space"]) or swept(sweep.design.columns)
    return [name for name in names if name != "policy"]


def outcome_of_runs(sweep: SweepFolder, outcome: str) -> "pd.DataFrame":
    """Give an outcome and the ``dimensions`` of every run.

    Where the policy is itself a dimension, points that differ by it alone become one, so that policies can be paired.
    No policy is judged where it failed: a policy with failed runs in every point is left out, and then every point in
    which a run failed.

    Args:
        sweep: with its runs.
        outcome: a column of its runs.

    Returns:
        A row per run, by policy, point and seed. ``attrs["left_out"]`` says in words what was left out.

    Raises:
        InputError: if there is no such outcome, no run that has it, or no point without failed runs.
    """
    if outcome_named(outcome) is None:
        raise InputError(f"there is no outcome '{outcome}'; {near(outcome, [o.name for o in SUMMARY])}")
    if not sweep.sql("SELECT count(*) AS n FROM runs")["n"][0]:
        raise InputError(f"{sweep.folder} has no runs yet; partnership sweep folder={sweep.folder} continues")
    columns = list(sweep.sql("SELECT * FROM runs LIMIT 0").columns)
    if outcome not in columns:
        raise InputError(
            f"{sweep.folder}: its runs did not measure {outcome}; sweep again with outcomes=[{outcome}], or name "
            "one of "
            f"{', '.join(name for name in columns if outcome_named(name))}"
        )
    runs = sweep.sql(f"SELECT policy, point, seed, {quoted(outcome)} FROM runs ORDER BY policy, point, seed")
    if runs[outcome].isna().all():
        raise InputError(f"{outcome} is known in no run ({sweep.config['experiment']['months']} months were simulated)")
    names, places = dimensions(sweep), sweep.design.drop_duplicates("point").set_index("point")
    runs = with_failures(runs, sweep.sql("SELECT policy, point, seed FROM failures")).join(places[names], on="point")
    if "policy" in places:
        runs["point"] = runs.groupby(names, sort=False).ngroup() if names else 0
    return where_none_failed(runs)


def cases(
    runs: "pd.DataFrame", outcome: str, *, below: float | None = None, above: float | None = None, each: str = "point"
) -> "pd.DataFrame":
    """Mark what fails: the outcome is below, or above, a threshold.

    Args:
        runs: of ``outcome_of_runs``.
        outcome: a column.
        below: fails if the outcome is smaller.
        above: fails if the outcome is larger.
        each: "point", whose outcome is the mean over the runs that have it, or "run".

    Returns:
        A row per point or run, with the column ``fails``: 1, 0 or, where the outcome is not known, NaN.

    Raises:
        InputError: if neither or both thresholds are given.
    """
    if (below is None) == (above is None):
        raise InputError("say what failing is: below=NUMBER or above=NUMBER, one of the two")
    if each == "point":
        columns = {c: "first" for c in runs.columns if c not in ("policy", "point", "seed")} | {outcome: "mean"}
        runs = runs.groupby(["policy", "point"], sort=False).agg(columns).reset_index()
    value = runs[outcome]
    fails = value < below if below is not None else value > above
    return runs.assign(fails=fails.astype(float).where(value.notna()))
