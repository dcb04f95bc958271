"""Dates in every form that lists have."""

from datetime import date, datetime

import pytest

from sim.core.dates import When, date_in, read_date, read_dates

DAY = When(date(2021, 9, 1), date(2021, 9, 1))


@pytest.mark.parametrize("cell", [
    "2021-09-01", "2021-09-01 13:30", "2021-09-01T00:00:00Z", "01/09/2021", "1.9.2021", "01-09-21", "20210901", "44440", "44440,5", "1-sep-21", "1-Sep-2021",
    44440.25, "1 September 2021", "Sep 1, 2021", "1 sept. 2021", datetime(2021, 9, 1, 8), date(2021, 9, 1),
])  # fmt: skip
def test_a_day_in_any_form_is_the_same_day(cell):
    assert read_date(cell) == DAY


@pytest.mark.parametrize(("cell", "low", "high"), [
    ("2017-05", "2017-05-01", "2017-05-31"),
    ("05/2017", "2017-05-01", "2017-05-31"),
    ("mei-17", "2017-05-01", "2017-05-31"),
    ("mai 2017", "2017-05-01", "2017-05-31"),
    ("juil-17", "2017-07-01", "2017-07-31"),
    ("mei 2017", "2017-05-01", "2017-05-31"),
    ("2017", "2017-01-01", "2017-12-31"),
    ("Q4 2017", "2017-10-01", "2017-12-31"),
])  # fmt: skip
def test_a_month_or_a_year_alone_is_an_interval(cell, low, high):
    when = read_date(cell)

    assert (str(when.low), str(when.high)) == (low, high)


@pytest.mark.parametrize("cell", ["", " ", "NA", "n/a", "-9", ".", "-", None, float("nan"), "unknown"])
def test_texts_that_say_that_nothing_is_known_give_no_date(cell):
    read = read_dates([cell])

    assert read.values == [None]
    assert not read.odd


@pytest.mark.parametrize("cell", ["31.12.9999", "9999-12-31", "present", "2099-12-31"])
def test_dates_far_away_say_that_there_is_no_end(cell):
    assert read_dates([cell]).is_open == {0}


@pytest.mark.parametrize("cell", ["soon", "32/13/2021", "2021-02-30", "99999", "12"])
def test_what_is_not_a_date_is_reported_and_not_guessed(cell):
    read = read_dates([cell, "2021-09-01"])

    assert read.odd == {0: cell}
    assert read.values == [None, DAY]


def test_the_day_stands_first_unless_the_column_shows_otherwise():
    assert read_dates(["02/03/2021"]).values[0].low == date(2021, 3, 2)
    assert read_dates(["02/03/2021", "02/13/2021"]).values[0].low == date(2021, 2, 3)
    assert read_dates(["02/03/2021"], day_first=False).values[0].low == date(2021, 2, 3)


def test_a_column_with_both_orders_is_noted():
    read = read_dates(["13/02/2021", "02/14/2021", "02/03/2021"])

    assert read.both_orders
    assert read.ambiguous == 1
    assert [when.low for when in read.values] == [date(2021, 2, 13), date(2021, 2, 14), date(2021, 3, 2)]


@pytest.mark.parametrize(("name", "day"), [
    ("members_2021-09-01", "2021-09-01"), ("20210901 members", "2021-09-01"), ("list 2021_09", "2021-09"), ("Members 2021", "2021"),
    ("leden 01-09-2021", "2021-09-01"), ("members", None), ("top1000", None),
])  # fmt: skip
def test_the_date_in_a_name_is_that_of_the_list(name, day):
    assert (None if date_in(name) is None else str(date_in(name))) == day
