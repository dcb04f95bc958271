"""Scenario discovery: boxes of the inputs where cases are frequent, found in half the points, tested in the other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.peeling import Limit, find_box, inside
from sim.core.errors import InputError, near

if TYPE_CHECKING:
    import pandas as pd

FEWEST_POINTS = 40
MOST_BOXES = 3
FACTS = ("points", "mass", "coverage", "density", "low", "high", "overall", "density_found", "confirmed")
COLUMNS = ("box", "parameter", "relation", "limit", "quasi_p", *FACTS, "of")


def boxes(table: "pd.DataFrame", inputs: Sequence[str], cases: str, seed: int = 0) -> "pd.DataFrame":
    """Find boxes of the inputs in which cases are frequent (PRIM, Friedman and Fisher 1999), and test them.

    ``cases`` is a column of 0 and 1; a row where it is NaN is left out. Rows with the same inputs are one point, whose
    share of cases counts. ``seed`` chooses the half of the points that is searched (``find_box`` says how). The search
    goes on outside the boxes found until one is not confirmed.

    Returns a row a limit, with facts of its box measured in the half that was not searched: ``points`` in it,
    ``mass`` (share of all points), ``coverage`` (share of all cases), ``density`` (share of its points that are cases)
    with a 95 % interval ``low`` to ``high`` (Clopper and Pearson, a point a trial), and ``overall``, the density of
    all points outside earlier boxes. ``density_found`` is the density where it was searched: much larger than
    ``density`` means overfitted. A box is ``confirmed`` where ``low`` is above ``overall``. No box, no row.
    ``attrs`` says what was searched: ``points``, ``share`` (of cases), ``of`` (points or runs), ``left_out``.

    Raises:
        InputError: if inputs are unknown or have missing values, none varies, or there are too few points.
    """
    import pandas as pd

    points, of = _points(table, inputs, cases)
    numbers, share, rows = _numbers(points[list(inputs)]), points["share"].to_numpy(), points["rows"].to_numpy()
    searched, free = _half(points, seed), np.ones(len(points), dtype=bool)
    found: list[tuple[Any, ...]] = []
    for box in range(1, MOST_BOXES + 1):
        here = searched & free
        limits = find_box(numbers[here], rows[here], share[here])
        if not limits:
            break
        facts = _facts(inside(limits, numbers) & free, share, searched, free)
        found += [(box, *_named(limit), p, *facts, of) for limit, p in limits.items()]
        if not facts[-1]:
            break
        free &= ~inside(limits, numbers)
    varying = {str(column).partition("=")[0] for column in numbers}
    table = pd.DataFrame(found, columns=list(COLUMNS))
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

    held = ~searched
    n, k = int((within & held).sum()), float(share[within & held].sum())
    low = float(beta.ppf(0.025, k, n - k + 1)) if k > 0 else 0.0
    high = float(beta.ppf(0.975, k + 1, n - k)) if k < n else 1.0
    density, found = k / n if n else np.nan, float(share[within & searched].mean())
    overall = float(share[held & free].mean())
    return n, n / int(held.sum()), k / float(share[held].sum()), density, low, high, overall, found, low > overall


def _named(limit: Limit) -> tuple[str, str, Any]:
    """Give parameter, relation and value; a category is, or is not, the parameter's."""
    parameter, is_category, category = limit.column.partition("=")
    if is_category:
        return parameter, "is" if limit.relation == ">" else "is not", category
    return limit


def in_words(box: "pd.DataFrame") -> str:
    """Say a box (its rows) in words, with the density of the half that was not searched."""
    fact = box.iloc[0]
    limits = [_side(str(name), rows) for name, rows in box.groupby("parameter", sort=False)]
    when, of = " and ".join(limits), fact["of"]
    rest = "overall" if fact["box"] == 1 else "of the rest"
    if not fact["points"]:
        return f"not confirmed: when {when} ({_percent(fact['density_found'])} where searched; no held-out point in it)"
    range_ = f"95 % interval {100 * fact['low']:.0f} to {100 * fact['high']:.0f}; {_percent(fact['overall'])} {rest}"
    if not fact["confirmed"]:
        return (
            f"not confirmed: when {when}: {_percent(fact['density_found'])} of such {of} where searched, "
            f"{_percent(fact['density'])} of those held out ({range_})"
        )
    mostly = "mostly" if fact["density"] > 0.5 else "more often"
    return (
        f"fails {mostly} when {when}: {_percent(fact['density'])} of such {of} ({range_}); "
        f"holds {_percent(fact['coverage'])} of all failures"
    )


def sentences(found: "pd.DataFrame") -> list[str]:
    """Say in words all that ``boxes`` found, also that it found nothing."""
    share, of, points = (found.attrs[key] for key in ("share", "of", "points"))
    among = f"{_percent(share)} of {points:,} points" if of == "points" else f"{_percent(share)} of runs"
    if share in (0.0, 1.0):
        every = "none" if share == 0 else "every one"
        return [f"{every} of the {of} fails: no part stands out; choose another threshold"]
    lines = [f"fails at {among}"] if of == "points" else [f"fails in {among} at {points:,} points"]
    if found.empty:
        lines.append("no part of the space stands out: no limit on any input is significant")
    lines += [in_words(rows) for _, rows in found.groupby("box")]
    if found.attrs["left_out"]:
        lines.append(f"left out, as it does not vary: {', '.join(found.attrs['left_out'])}")
    return lines


def name_and_unit(path: str) -> tuple[str, str]:
    """Give a parameter's name for a reader, and its declared unit ("" for a share)."""
    from sim.core.declare import parameters
    from sim.model.policies import POLICIES
    from sim.model.scenario import Scenario

    settings = (q for policy in POLICIES for q in parameters(policy(), "policy."))
    unit = next((q.unit for q in (*parameters(Scenario()), *settings) if q.path == path), "")
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
