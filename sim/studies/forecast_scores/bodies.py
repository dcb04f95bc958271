"""Bodies and their members, month by month, from a table of membership spells."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.model.sectors import SECTORS

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

COLUMNS = ("partnership", "sector", "joined", "first_seen", "gone_by", "founder", "window_start", "window_end")
"""What a table of spells must have; other columns are not read."""

LATEST_START = 60
"""A joining date is not used if the list shows the member so many months later only: then it is another event's."""

YEAR = 12
FIRST_YEAR, LAST_YEAR = 1800, 2200
TRUE_AND_FALSE = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclasses.dataclass(frozen=True)
class Body:
    """The members of one body. Months are whole and counted from year 0; a member is listed from its first month on.

    Attributes:
        name: what the body is called.
        sector: index in ``SECTORS``; shape (spells,).
        founder: whether it is on the first snapshot.
        first: first month in which it is listed; a day after the first of a month counts from the next month on.
        gone: first month in which it is not listed any more; infinite while it is.
        clock: month from which its membership counts; NaN where nobody knows.
        start: first month of the window in which the list was followed.
        end: last month of it.
        between: days from when a member was last seen to when it is gone; 0 where that is not known. None: all 0.
    """

    name: str
    sector: NDArray[np.int64]
    founder: NDArray[np.bool_]
    first: Array
    gone: Array
    clock: Array
    start: int
    end: int
    between: Array | None = None

    @property
    def private(self) -> NDArray[np.bool_]:
        """Who is a firm."""
        firms: NDArray[np.bool_] = self.sector == SECTORS.index("private")
        return firms

    def listed(self, month: int) -> NDArray[np.bool_]:
        """Tell who is listed in a month."""
        there: NDArray[np.bool_] = (self.first <= month) & (self.gone > month)
        return there

    def tenure(self, month: int) -> NDArray[np.int64]:
        """Give months of membership; -1 where nobody knows."""
        return np.where(np.isnan(self.clock), -1, month - np.nan_to_num(self.clock)).astype(np.int64)

    def only(self, members: NDArray[np.bool_]) -> "Body":
        """Keep some of the spells."""
        arrays = ("sector", "founder", "first", "gone", "clock", *(["between"] if self.between is not None else []))
        return dataclasses.replace(self, **{name: getattr(self, name)[members] for name in arrays})


def read_bodies(path: str | Path) -> dict[str, Body]:
    """Read a table of membership spells: a row for each time that a member is listed without a gap.

    Args:
        path: a CSV file with the columns of ``COLUMNS``: dates as 2026-11-30; ``joined`` may be empty, and ``gone_by``
            (the first snapshot without the member) is empty while it is listed; ``founder`` is true for who is on the
            first snapshot; the window is the same in all rows of a partnership. ``last_seen`` (the last one with the
            member) may be there too.

    Returns:
        Each body by its name, in the order of the file.

    Raises:
        InputError: if the file cannot be used; the message says where and why.
    """
    import pandas as pd

    place = path_of(path)
    try:
        table = pd.read_csv(place, dtype=str, encoding="utf-8-sig", keep_default_na=True)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; give a CSV file of membership spells") from None
    except (OSError, UnicodeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: cannot be read as CSV: {reason}") from error
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise InputError(f"{path}: has no column {', '.join(missing)}; a table of spells has {', '.join(COLUMNS)}")
    if table.empty:
        raise InputError(f"{path}: has no rows; a table of spells has one for each member")
    return _bodies(table, str(path))


def _bodies(table: "pd.DataFrame", path: str) -> dict[str, Body]:
    dates = {name: _months(table[name], path) for name in COLUMNS if name in _DATES}
    text = {name: table[name].fillna("").str.strip() for name in ("partnership", "sector", "founder")}
    if (text["partnership"] == "").all():  # import writes none where there is one list
        text["partnership"] = text["partnership"] + Path(path).stem
    sector = _known(text["sector"].str.lower(), {name: k for k, name in enumerate(SECTORS)}, path)
    founder = _known(text["founder"].str.lower(), TRUE_AND_FALSE, path).astype(bool)
    _refuse(path, "partnership", "is empty; name the body", text["partnership"] == "")
    for name in ("first_seen", "window_start", "window_end"):
        _refuse(path, name, "is empty; give a date such as 2026-11-30", dates[name].isna())
    _refuse(path, "gone_by", "is not after first_seen", _days(table["gone_by"]) <= _days(table["first_seen"]))
    first, gone, joined = (dates[name].to_numpy() for name in ("first_seen", "gone_by", "joined"))
    usable = (joined <= first) & (first - joined <= LATEST_START)
    clock = np.where(usable, joined, np.where(founder, np.nan, first))
    seen = table.get("last_seen", table["gone_by"])  # tables without it know of no interval
    between = _parsed(table["gone_by"].astype(str)) - _parsed(seen.astype(str))
    days: Array = between.dt.days.fillna(0).to_numpy().astype(np.float64)
    bodies = {}
    for body, rows in table.groupby(text["partnership"], sort=False).indices.items():
        name = str(body)
        start, end = dates["window_start"].to_numpy()[rows], dates["window_end"].to_numpy()[rows]
        if len(set(start)) > 1 or len(set(end)) > 1:
            raise InputError(f"{path}: partnership {name} has several windows; give the same dates in all of its rows")
        last_day = int(_days(table["window_end"]).iloc[int(rows[0])] % 100)
        bodies[name] = Body(
            name,
            sector[rows].astype(np.int64),
            founder[rows],
            first[rows],
            np.where(np.isnan(gone[rows]), np.inf, gone[rows]),
            clock[rows],
            int(start[0]),
            int(end[0]) - (last_day > 1),
            days[rows],
        )
        if bodies[name].end <= bodies[name].start:
            raise InputError(f"{path}: partnership {name}: window_end is not after window_start")
    return bodies


_DATES = ("joined", "first_seen", "gone_by", "window_start", "window_end")


def _parsed(column: "pd.Series[Any]") -> "pd.Series[Any]":
    import pandas as pd

    text: Any = column.str.strip()
    parsed: pd.Series[Any] = pd.to_datetime(text.where(text != ""), format="ISO8601", errors="coerce")
    return parsed


def _days(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Give dates as numbers: year, month, day in decimal places."""
    date: Any = _parsed(column).dt
    numbers: pd.Series[Any] = date.year * 10_000 + date.month * 100 + date.day
    return numbers


def _months(column: "pd.Series[Any]", path: str) -> "pd.Series[Any]":
    """Give whole months since year 0, NaN where a date is empty: from a day after the first on, the next month."""
    date: Any = _parsed(column)
    wrong = column.notna() & (column.str.strip() != "") & date.isna()
    _refuse(path, str(column.name), "is not a date; give it as 2026-11-30", wrong, column)
    far = date.notna() & ~date.dt.year.between(FIRST_YEAR, LAST_YEAR)
    _refuse(path, str(column.name), f"is not a year from {FIRST_YEAR} to {LAST_YEAR}", far, column)
    months: pd.Series[Any] = date.dt.year * YEAR + date.dt.month - 1.0 + (date.dt.day > 1)
    return months


def _known(column: "pd.Series[Any]", values: dict[str, Any], path: str) -> NDArray[Any]:
    """Translate words."""
    known = column.map(values)
    _refuse(path, str(column.name), f"is not one of {', '.join(values)}", known.isna(), column)
    return known.to_numpy()


def _refuse(path: str, name: str, why: str, rows: "pd.Series[Any]", column: "pd.Series[Any] | None" = None) -> None:
    """Refuse a table of which some rows are wrong, and name the first one."""
    if rows.any():
        row = int(np.flatnonzero(rows.to_numpy())[0])
        value = "" if column is None else f" {str(column.iloc[row])[:40]!r}"
        more = f" (and {int(rows.sum()) - 1} more)" if rows.sum() > 1 else ""
        raise InputError(f"{path}, line {row + 2}: {name}{value} {why}{more}")
