"""Calendar dates and months of a partnership: month 1 is the month in which it begins."""

import re
import warnings
from collections.abc import Iterable

from sim.core.dates import SERIALS, read_dates
from sim.core.errors import InputError

FIRST_YEAR = 1800
"""A larger number of months is taken for a year."""

ALLOWED = "give a month of the partnership (14), or a date as 2026-03, 03/2026 or 15-03-2026"


def month_of(date: object, begins: str | None, where: str, day_first: bool | None = None) -> int:
    """Give the month of a partnership for a number of months or a calendar date.

    Args:
        date: a whole number of months (passed through), or a date in any form that ``sim.core.dates`` reads: what
            matters is its month.
        begins: the date of month 1, or None where the partnership has none.
        where: how a message names the date.
        day_first: whether 01/09/2021 is 1 September; None: that is taken, with a warning.

    Raises:
        InputError: for something else, or a date where the partnership has no date of beginning.
    """
    text = str(date).strip()
    if not isinstance(date, bool) and re.fullmatch(r"[-+]?[0-9]+(\.0)?", text):
        number = int(text.partition(".")[0])
        if number < FIRST_YEAR:
            return number
        if not (SERIALS[0] <= number <= SERIALS[1] or len(text) == 8):
            raise InputError(
                f"{where} = {date}: is a year; give a date as {number}-03, or a month of the partnership (14)"
            )
    year, month = _read(date, where, day_first)
    if begins is None:
        raise InputError(
            f"{where} = {date}: is a date; say when the partnership began (start: 2025-01), or give months"
        )
    first_year, first_month = _read(begins, "start", None)
    return (year - first_year) * 12 + month - first_month + 1


def date_of(month: int, begins: str) -> str:
    """Give the calendar date of a month: ``2026-03``."""
    year, first = _read(begins, "start", None)
    months = year * 12 + first - 1 + month - 1
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def day_first(dates: Iterable[object], where: str) -> bool:
    """Say whether dates such as 05/06/2025 have the day first: unless one of them can only have the month first.

    Raises:
        InputError: if some can only have the day first and others only the month.
    """
    read = read_dates(list(dates))
    if read.both_orders:
        raise InputError(
            f"{where}: some dates have the day first (15-03-2026) and others the month (03-15-2026); write them as "
            "2026-03-15"
        )
    if read.ambiguous and not read.is_shown:
        _warn(where)
    return not read.month_first


def _read(date: object, where: str, order: bool | None) -> tuple[int, int]:
    """Give the year and month of a date."""
    is_fraction = isinstance(date, float) and not date.is_integer()  # 2026.10 would be read as January
    read = read_dates([date], order)
    when = None if is_fraction else read.values[0]
    if when is None:
        raise InputError(f"{where} = {date!r}: {ALLOWED}")
    if when.month is None:
        raise InputError(f"{where} = {date}: can be several months ({when}); {ALLOWED}")
    if read.ambiguous and order is None:
        _warn(where)
    return when.month


def _warn(where: str) -> None:
    warnings.warn(
        f"{where}: dates such as 05/06/2025 are read with the day first (June); if that is wrong, write 2025-05-06",
        stacklevel=3,
    )
