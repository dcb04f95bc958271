"""Membership lists of a user's own, as a calibration takes them: from a table of spells in dates or in months."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.config.user_tables import read_user_table
from sim.core.errors import InputError, near
from sim.core.paths import path_of
from sim.model.sectors import SECTORS
from sim.storage.folders import verified
from sim.studies.forecast_scores.bodies import Body, read_bodies
from sim.studies.validation.lists import HORIZONS, UNSURE_DAYS, MemberList

NEEDED = ("sector", "founder", "joins", "leaves", "months")
"""Columns of a table in months; ``list`` and ``calendar_month`` may be there too (configs/reference/README.md)."""

OF_DATES = "window_start"
"""A column that a table in dates has, such as spells.csv of ``import``."""


def read_own_lists(path: str | Path, founding: bool = False) -> dict[str, MemberList]:
    """Read membership lists.

    Args:
        path: a CSV file with a row per spell: ``spells.csv`` of ``import`` (in dates), or in months after the first
            snapshot as ``configs/reference/membership_spells.csv``.
        founding: whether the partnerships began with their first snapshot.

    Returns:
        Each list by its name.

    Raises:
        InputError: if the file cannot be used; one line says where and why.
    """
    file, where = path_of(path), f"spells={path}"
    if not file.is_file():
        raise InputError(f"{where}: there is no such file; give spells.csv of partnership import")
    table = read_user_table(file, where, may_be_empty=True, check=verified)
    if OF_DATES in table.columns:
        lists = {name: _from_dates(name, body) for name, body in _bodies(file).items()}
    else:
        lists = _from_months(table.columns, table.places, where, file.stem)
    for name, real in lists.items():
        if real.months < HORIZONS[0]:
            raise InputError(f"{where}: {name} was followed for {real.months} months; {HORIZONS[0]} are needed")
        if real.size < 2:
            raise InputError(f"{where}: {name} has {real.size} members on its first snapshot (founder); 2 are needed")
        if not real.facts().all_exits.sum():
            raise InputError(f"{where}: nobody left {name}; there is nothing to calibrate on")
    return {name: MemberList(**{**vars(real), "founding": founding}) for name, real in lists.items()}


def _bodies(file: Path) -> dict[str, Body]:
    try:
        return read_bodies(file)
    except InputError as error:
        raise InputError(f"spells={error}") from error


def _from_dates(name: str, body: Body) -> MemberList:
    joins = np.where(body.founder, 0.0, np.maximum(body.first - body.start, 0.0))
    founder = body.founder | (joins <= 0.0)
    unsure = None if body.between is None else body.between > UNSURE_DAYS
    begins, months = body.start % 12 + 1, body.end - body.start
    return MemberList(name, body.sector, founder, joins, body.gone - body.start, months, begins, unsure=unsure)


def _from_months(
    columns: Mapping[str, Sequence[Any]], places: Sequence[str], where: str, usual: str
) -> dict[str, MemberList]:
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise InputError(
            f"{where}: has no column '{missing[0]}'; give spells.csv of partnership import, or columns list, "
            f"{', '.join(NEEDED)}, calendar_month (months after the first snapshot)"
        )
    names = [str(name if name is not None else usual) for name in columns.get("list", [usual] * len(places))]
    calendar = columns.get("calendar_month", [1] * len(places))
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for place, name, month, *spell in zip(places, names, calendar, *(columns[c] for c in NEEDED), strict=True):
        rows.setdefault(name, []).append(
            (*_checked(f"{where}, {place}", spell), _number(f"{where}, {place}", "calendar_month", month, 1, 12))
        )
    lists = {}
    for name, spells in rows.items():
        sector, founder, joins, leaves, months, begins = (np.array(values) for values in zip(*spells, strict=True))
        if len(set(months)) > 1 or len(set(begins)) > 1:
            raise InputError(
                f"{where}: {name} has several values of months or calendar_month; give one in all its rows"
            )
        lists[name] = MemberList(name, sector, founder, joins, leaves, int(months[0]), int(begins[0]))
    return lists


def _checked(where: str, spell: Sequence[Any]) -> tuple[int, bool, float, float, float]:
    """Check one spell: sector, founder, joins, leaves, months."""
    sector, founder, *times = spell
    if str(sector).lower() not in SECTORS:
        raise InputError(f"{where}: sector = {sector}; {near(str(sector).lower(), SECTORS)}")
    if founder not in (0, 1):
        raise InputError(f"{where}: founder = {founder}; give 1 for who is on the first snapshot, and 0 for others")
    joins, leaves, months = times
    followed = _number(where, "months", months, 1, 1200)
    begun = 0.0 if founder else _number(where, "joins", joins, 0, followed + 1)
    gone = np.inf if leaves is None else _number(where, "leaves", leaves, 0, followed + 1)
    if gone <= begun:
        raise InputError(f"{where}: leaves = {leaves} is not after joins = {joins}")
    return SECTORS.index(str(sector).lower()), bool(founder), begun, gone, followed


def _number(where: str, name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise InputError(f"{where}: {name} = {value}; give a number from {low:g} to {high:g}")
    return float(value)
