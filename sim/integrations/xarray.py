"""xarray: tables of results as labelled arrays, with units."""

from typing import Any

from sim.core.declare import variables
from sim.core.errors import InputError, near
from sim.integrations.points import needed
from sim.model.outcomes import monthly_named, outcome_named
from sim.model.state import Flows, State

AXES = ("scenario", "policy", "point", "seed", "month", "member")
"""Columns that name a row; those that a table has become its dimensions, in this order."""


def dataset(results: Any, table: str = "summary") -> Any:
    """Make an ``xarray.Dataset`` of a table.

    Args:
        results: of ``sim.simulate``, ``sim.sweep``, ``sim.load`` or another study.
        table: ``summary``, ``series`` or ``members``.

    Returns:
        A dataset whose dimensions are the columns that name a row: scenario, policy, point, seed, month, member. What
        varies in a sweep is a coordinate along ``point``. Variables have ``long_name`` and ``units``. NaN where a
        combination was not simulated.

    Raises:
        InputError: (a ``ValueError``) if there is no such table, if its rows are not named by these columns alone, or
            if the package is missing (extra ``xarray``).
    """
    xr = needed("xarray", "xarray")
    tables = getattr(results, "tables", None)
    known = list(results.__dataclass_fields__) if tables is None else list(tables)
    frame = (results if tables is None else tables)[table] if table in known else None
    if frame is None:
        raise InputError(f"table {table!r}: the results have no such table; {near(table, known)} (record= makes more)")
    axes = [axis for axis in AXES if axis in frame.columns]
    design = results.design.drop_duplicates("point").set_index("point") if hasattr(results, "design") else None
    varied = [] if design is None else [c for c in design.columns if c not in ("row", *AXES)]
    if not axes or frame.duplicated(axes).any():
        raise InputError(f"table {table!r}: several rows have the same {', '.join(axes)}; give each run its own seed")
    values = frame.drop(columns=[c for c in ("run_id", *varied) if c in frame]).set_index(axes)
    made = xr.Dataset.from_dataframe(values)
    if design is not None and "point" in axes:
        made = made.assign_coords({c: ("point", design[c].loc[made["point"].to_numpy()].to_numpy()) for c in varied})
    find = {"summary": outcome_named, "series": monthly_named}.get(table)
    declared = variables(State) | variables(Flows)
    for name, variable in made.variables.items():
        if find and (fact := find(str(name))):
            variable.attrs = {"long_name": fact.doc, "units": fact.unit}
        elif table == "members" and name in declared:
            variable.attrs = {"long_name": declared[str(name)]["doc"], "units": declared[str(name)]["unit"]}
    made.attrs = {k: getattr(results, k) for k in ("question", "model") if isinstance(getattr(results, k, None), str)}
    return made
