"""Calendar dates and months of a partnership: month 1 is the month in which it begins."""

import re

from sim.core.errors import InputError

DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})(?:-([0-9]{1,2}))?")

FIRST_YEAR = 1900
"""A larger number of months is taken for a year."""


def month_of(date: object, begins: str | None, where: str) -> int:
    """Give the month of a partnership for a number of months or a calendar date.

    Args:
        date: a whole number of months (passed through), or a text such as ``2026-03`` or ``2026-03-15``.
        begins: the date of month 1, or None where the partnership has none.
        where: how a message names the date.

    Raises:
        InputError: for something else, or a date where the partnership has no date of beginning.
    """
    if isinstance(date, int) and not isinstance(date, bool):
        if date >= FIRST_YEAR:
            raise InputError(
                f"{where} = {date}: is a year; give a date as {date}-03, or a month of the partnership (14)"
            )
        return date
    year, month = _read(date, where)
    if begins is None:
        raise InputError(
            f"{where} = {date}: is a date; say when the partnership began (start: 2025-01), or give months"
        )
    first_year, first_month = _read(begins, "start")
    return (year - first_year) * 12 + month - first_month + 1


def date_of(month: int, begins: str) -> str:
    """Give the calendar date of a month: ``2026-03``."""
    year, first = _read(begins, "start")
    months = year * 12 + first - 1 + month - 1
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def _read(date: object, where: str) -> tuple[int, int]:
    parts = DATE.fullmatch(str(date).strip())
    if parts is None or not 1 <= int(parts[2]) <= 12 or not 1 <= int(parts[3] or 1) <= 31:
        raise InputError(
            f"{where} = {date!r}: give a month of the partnership (14), or a date as 2026-03 or 2026-03-15"
        )
    return int(parts[1]), int(parts[2])
