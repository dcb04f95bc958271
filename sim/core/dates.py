"""Dates as lists have them: mixed forms, months and years alone, spreadsheet numbers, words for "none" and "open"."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

MISSING = frozenset(
    (
        "",
        *[
            ".",
            "-",
            "--",
            "–",
            "?",
            "na",
            "n/a",
            "n.a.",
            "nan",
            "nat",
            "none",
            "null",
            "nil",
            "unknown",
            "onbekend",
            "unbekannt",
            "-9",
            "-99",
            "-999",
            "-1",
            "0",
            "tbd",
            "#n/a",
        ],
    )
)
"""Texts that say that there is no date."""

OPEN_YEARS = (2099, 2100, 2999, 9999)
"""Years of dates such as 31.12.9999 that say that there is no end."""

OPEN_WORDS = frozenset(("present", "now", "current", "ongoing", "open", "heden", "today", "to date"))

FIRST_YEAR, LAST_YEAR = 1800, 2098
SERIALS = (14_000, 73_000)
"""Days since 1899-12-30, as spreadsheets number dates: 1938 to 2099."""

_NAMES = (
    "jan",
    "feb fév",
    "mar mrt mär maa",
    "apr avr",
    "may mei mai",
    "jun juin",
    "jul juil",
    "aug aoû",
    "sep",
    "oct okt",
    "nov",
    "dec dez déc",
)
MONTHS = {name: k for k, names in enumerate(_NAMES, 1) for name in names.split()}
"""The first letters of months in English, Dutch, German and French."""

ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
YEAR_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
DAY_MONTH = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
QUARTER = re.compile(r"(?:q([1-4])[ -/]?(\d{4})|(\d{4})[ -/]?q([1-4]))")
COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
NUMBER = re.compile(r"\d{5}(?:[.,]\d+)?")
TIME = re.compile(r"[t ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?(?:z|[+-]\d{2}:?\d{2})?$")
WORDS = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th|\.)? )?([a-zäéû]{3,9})\.? (?:(\d{1,2})(?:st|nd|rd|th)?,? )?(\d{4})"
    r"|(?:(\d{1,2})[-/. ])?([a-zäéû]{3,9})\.?[-/.'](\d{4}|\d{2})"
)


class When(NamedTuple):
    """The first and the last day that a date can be: the same for a full date, apart for a month or a year alone."""

    low: date
    high: date

    @property
    def month(self) -> tuple[int, int] | None:
        """The year and month, if all its days are of one."""
        low, high = ((day.year, day.month) for day in self)
        return low if low == high else None

    @property
    def middle(self) -> date:
        """The day half-way."""
        return self.low + (self.high - self.low) // 2

    @property
    def is_exact(self) -> bool:
        """Whether the day is known."""
        return self.low == self.high

    def __str__(self) -> str:
        """Write it as exactly as it is known: 2017, 2017-05, 2017-05-12, or both ends."""
        if self.is_exact:
            return self.low.isoformat()
        if self == _of_year(self.low.year):
            return f"{self.low.year}"
        if self == _of_month(self.low.year, self.low.month):
            return f"{self.low:%Y-%m}"
        return f"{self.low.isoformat()} to {self.high.isoformat()}"


@dataclass
class Dates:
    """A column of dates as read.

    Attributes:
        values: each date, or None where there is none.
        is_open: places whose text says that there is no end (31.12.9999, present).
        odd: places whose text cannot be read as a date, with the text.
        forms: how often each form occurs.
        examples: the first text of each form, of "open" (no end) and of "either" (both orders of day and month).
        month_first: whether 01/09/2021 was read as 9 January.
        is_shown: whether a date of the column can be read in one order only, and so shows that of the others.
        ambiguous: how many dates could be read both ways.
        both_orders: whether some dates are only possible with the day first and others only with the month first.
    """

    values: list[When | None] = field(default_factory=list)
    is_open: set[int] = field(default_factory=set)
    odd: dict[int, str] = field(default_factory=dict)
    forms: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    month_first: bool = False
    is_shown: bool = False
    ambiguous: int = 0
    both_orders: bool = False


def read_dates(cells: Sequence[Any], day_first: bool | None = None) -> Dates:
    """Read a column of dates; one order of day and month holds for all of it where that is possible.

    Args:
        cells: texts, numbers, dates.
        day_first: whether 01/09/2021 is 1 September; None: unless a date of the column says otherwise.

    Returns:
        The dates.
    """
    texts = [_text(cell) for cell in cells]
    orders = [order for order in map(_order, texts) if order]
    month_only, day_only = orders.count("month first"), orders.count("day first")
    result = Dates(month_first=month_only > 0 and not day_only if day_first is None else not day_first)
    result.ambiguous, result.both_orders = orders.count("either"), bool(month_only and day_only)
    result.is_shown = bool(month_only or day_only)
    for place, text in enumerate(texts):
        form, when = _read(text, result.month_first)
        result.values.append(when)
        shown = " ".join(str(cells[place]).split()).removesuffix(" 00:00:00")
        result.examples.setdefault(form, shown)
        if _order(text) == "either":
            result.examples.setdefault("either", shown)
        if form == "open":
            result.is_open.add(place)
        elif form == "odd":
            result.odd[place] = str(cells[place])
        elif form not in ("missing", "open"):
            result.forms[form] += 1
    return result


def read_date(cell: Any, day_first: bool | None = None) -> When | None:
    """Read one date; None where there is none."""
    return read_dates([cell], day_first).values[0]


def is_no_date(text: str) -> bool:
    """Tell whether a text says that there is no date, or no end; ``0`` and ``-1`` are months here."""
    read = read_dates([text])
    return text.strip() not in ("0", "-1", "-9") and read.values == [None] and not read.odd


def date_in(name: str) -> When | None:
    """Find the date in the name of a file or sheet, such as ``members_2021-09.csv``; None without one."""
    for form in (r"(?<!\d)(?:19|20)\d{2}[-_.]?[01]\d[-_.]?[0-3]\d(?!\d)", r"(?<!\d)(?:19|20)\d{2}[-_.][01]?\d(?!\d)"):
        for match in re.findall(form, name):
            digits = re.sub(r"\D", "-", match)
            when = read_date(digits)
            if when is not None:
                return when
    for match in re.findall(r"(?<!\d)\d{1,2}[-_.]\d{1,2}[-_.](?:19|20)\d{2}(?!\d)", name):
        when = read_date(re.sub(r"\D", "-", match))
        if when is not None:
            return when
    years = re.findall(r"(?<!\d)(?:19|20)\d{2}(?!\d)", name)
    return _of_year(int(years[-1])) if years else None


def _text(cell: Any) -> str:
    """Give a cell as text without its time of day; spreadsheets' own dates as ISO."""
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, (date, datetime)):
        return cell.strftime("%Y-%m-%d")
    text = " ".join(str(cell).split()).casefold().strip(" ,;'\"")
    return TIME.sub("", text).strip()


def _order(text: str) -> str:
    """Say in which order the day and month of a date can be."""
    match = DAY_MONTH.fullmatch(text)
    if not match:
        return ""
    one, other = int(match[1]), int(match[3])
    return "day first" if one > 12 else "month first" if other > 12 else "" if one == other else "either"


def _read(text: str, month_first: bool) -> tuple[str, When | None]:
    """Give the form of a text and the date in it."""
    if text in MISSING:
        return "missing", None
    if text in OPEN_WORDS or re.search(rf"(?<!\d)({'|'.join(map(str, OPEN_YEARS))})(?!\d)", text):
        return "open", None
    try:
        for form, pattern, make in _FORMS:
            match = pattern.fullmatch(text)
            if match:
                when: When = make(match, month_first)
                if not FIRST_YEAR <= when.low.year <= LAST_YEAR:
                    break
                return form, when
    except (ValueError, KeyError, OverflowError):
        pass
    return "odd", None


def _exact(year: int, month: int, day: int) -> When:
    value = date(year, month, day)
    return When(value, value)


def _of_year(year: int) -> When:
    return When(date(year, 1, 1), date(year, 12, 31))


def _of_months(year: int, first: int, last: int) -> When:
    return When(date(year, first, 1), date(year + last // 12, last % 12 + 1, 1) - timedelta(days=1))


def _of_month(year: int, month: int) -> When:
    return _of_months(year, month, month)


def _of_day_month(match: re.Match[str], month_first: bool) -> When:
    """Read day, month and year; a date that is only possible in the other order is read so."""
    one, other = int(match[1]), int(match[3])
    day, month = (other, one) if (month_first and one <= 12) or other > 12 else (one, other)
    return _exact(_year(match[4]), month, day)


def _of_words(match: re.Match[str], _: bool) -> When:
    """Read a date with the name of its month."""
    name, day, year = match[2] or match[6], match[1] or match[3] or match[5], _year(match[4] or match[7])
    month = MONTHS.get(name[:4]) or MONTHS[name[:3]]
    return _exact(year, month, int(day)) if day else _of_month(year, month)


def _year(digits: str) -> int:
    """Read a year of four digits, or of two: those of 70 and more are of the last century."""
    return int(digits) + (0 if len(digits) == 4 else 2000 if int(digits) < 70 else 1900)


def _of_number(match: re.Match[str], _: bool) -> When:
    """Read a date as spreadsheets number days."""
    days = int(float(match[0].replace(",", ".")))
    if not SERIALS[0] <= days <= SERIALS[1]:
        raise ValueError("not a date")
    value = date(1899, 12, 30) + timedelta(days=days)
    return When(value, value)


def _of_quarter(match: re.Match[str], _: bool) -> When:
    quarter, year = (int(match[1]), int(match[2])) if match[1] else (int(match[4]), int(match[3]))
    return _of_months(year, 3 * quarter - 2, 3 * quarter)


SERIAL = "44440"
"""The form of a date as spreadsheets number days."""

_FORMS: tuple[tuple[str, re.Pattern[str], Any], ...] = (
    ("2021-09-01", ISO, lambda m, _: _exact(int(m[1]), int(m[2]), int(m[3]))),
    ("20210901", COMPACT, lambda m, _: _exact(int(m[1]), int(m[2]), int(m[3]))),
    ("01/09/2021", DAY_MONTH, _of_day_month),
    ("2021-09", YEAR_MONTH, lambda m, _: _of_month(int(m[1]), int(m[2]))),
    ("09/2021", MONTH_YEAR, lambda m, _: _of_month(int(m[2]), int(m[1]))),
    ("2021", re.compile(r"(?:18|19|20)\d{2}(?:\.0)?"), lambda m, _: _of_year(int(m[0][:4]))),
    ("2021-Q3", QUARTER, _of_quarter),
    (SERIAL, NUMBER, _of_number),
    ("1 September 2021", WORDS, _of_words),
)
"""Forms of dates: an example, what it looks like, and how it is read."""
