"""What is wrong with real lists: each fault is recognised, said in plain words, and nothing is lost in silence."""

from datetime import date, timedelta

import pytest

import sim
from sim.studies.validation.lists import read_lists
from tests.cases.lists import CORDIS, SNAPSHOTS, write


def columns(folder, rows, head=("name", "sector", "joined", "left"), **options):
    return sim.import_lists(write(folder, "members.csv", [head, *rows]), **{"seeds": 0, "now": "2022-01-01", **options})


def lists(folder, days, head=("name", "sector"), **options):
    """Import a list for each day: day -> rows."""
    files = [write(folder, f"list_{day}.csv", [head, *rows]) for day, rows in days.items()]
    return sim.import_lists(files, **{"seeds": 0, **options})


def private(numbers):
    return [(f"Member {k}", "Company") for k in numbers]


def said(result, check):
    """Give what the report says about one thing."""
    return " | ".join(f"{f.text}; {f.effect}" for f in result.quality.itertuples() if f.check == check)


def done(result, action):
    changes = result.changes[result.changes["action"] == action]
    return list(zip(changes["member"], changes["other"], strict=True))


# 1 absence is an exit


def test_an_exit_lies_between_two_lists(tmp_path):
    result = lists(tmp_path, {SNAPSHOTS[0]: private(range(5)), SNAPSHOTS[1]: private(range(4))})

    assert "1 exit known only to lie between two days, 365 days apart" in said(result, "intervals")


def test_one_list_without_exits_says_that_it_knows_nothing_about_leaving(tmp_path):
    result = lists(tmp_path, {SNAPSHOTS[0]: private(range(5))})

    assert "shows no exit" in said(result, "exits")
    assert result.spells["left"].sum() == 0


def test_exits_after_the_day_of_the_list_are_named_and_no_column_is_asked_for_where_there_is_one(tmp_path):
    result = columns(tmp_path, [(f"Member {k}", "Company", "2019-01-01", "2035-03-01") for k in range(2)])

    text = said(result, "exits")
    assert "2 exits after the last day of the list: 2035-03-01; taken as still there" in text
    assert "the list shows no exit: 'left' shows none up to 2022-01-01; it says nothing about leaving" in text
    assert "add" not in text


# 2 status words


def test_only_some_status_words_are_exits(tmp_path):
    words = ["Target set", "Extended", "Removed", "Non-communicating", "Inactive", "true", "false", "", "Bewildered"]
    rows = [(f"Member {k}", "Company", "2019-01-01", word) for k, word in enumerate(words)]
    result = columns(tmp_path, rows, ("name", "sector", "joined", "status"))
    left = result.spells.set_index("member")["left"]

    assert left[left == 1].index.tolist() == ["Member 2", "Member 6"]
    assert "fulfilled: Target set (1)" in said(result, "statuses")
    assert "suspended" in said(result, "statuses")
    assert "not known: Bewildered" in said(result, "statuses")


def test_a_file_says_what_words_mean(tmp_path):
    meanings = write(tmp_path, "words.csv", [("status", "meaning"), ("Bewildered", "left")])
    rows = [("Member 1", "Company", "2019-01-01", "Bewildered"), ("Member 2", "Company", "2019-01-01", "active")]
    result = columns(tmp_path, rows, ("name", "sector", "joined", "status"), statuses=meanings)

    assert result.spells["left"].tolist() == [1, 0]


def test_a_column_of_dates_that_is_not_used_is_suggested_where_exits_have_none(tmp_path):
    head = ("name", "sector", "joined", "status", "status date", "founded", "staff", "remark")
    rows = [(f"Member {k}", "Company", "2019-01-01", "left" if k < 4 else "active", "2020-10-21" if k < 4 else "", "1995", "43101", "x")
            for k in range(9)]  # fmt: skip
    result = columns(tmp_path, rows, head)
    with_dates = columns(tmp_path, rows, head, columns={"left": "status date"})

    assert said(result, "exits") == (
        "members.csv: 4 exits without a date, and the column 'status date', which is not used, has dates; if they are the days of "
        "leaving, import again with columns='{left: status date}'"
    )  # fmt: skip
    assert set(with_dates.spells["gone_by"]) == {"2020-10-21", ""}
    assert not said(with_dates, "exits")


# 3 the exit column holds entries


def test_an_exit_column_with_the_date_of_entry_is_not_used(tmp_path):
    rows = [(f"Member {k}", "Company", f"2019-0{k}-01", f"2019-0{k}-01") for k in range(1, 9)]
    result = columns(tmp_path, rows)

    assert "8 of 8 exit dates equal the date of entry" in said(result, "exit dates")
    assert result.spells["left"].sum() == 0
    assert len(done(result, "date not used")) == 8


def test_an_exit_column_of_members_that_are_there_holds_entries(tmp_path):
    rows = [(f"Member {k}", "Company", f"2019-0{k}-01", "active") for k in range(1, 9)]
    result = columns(tmp_path, rows, ("name", "sector", "end date", "status"))

    assert "holds entries" in said(result, "exit dates")
    assert result.spells["joined"].tolist() == [f"2019-0{k}-01" for k in range(1, 9)]


def test_a_single_lifetime_of_0_or_below_is_left_out_and_listed(tmp_path):
    rows = [(f"Member {k}", "Company", "2019-01-01", "2020-01-01") for k in range(8)]
    rows += [("Member 8", "Company", "2020-01-01", "2020-01-01"), ("Member 9", "Company", "2020-01-01", "2019-01-01")]
    result = columns(tmp_path, rows)

    assert done(result, "dropped") == [("Member 8", ""), ("Member 9", "")]
    assert "lifetime of 0" in said(result, "rows")
    assert "the exit is before the entry" in said(result, "rows")


# 4 sectors


def test_codes_are_mapped_and_those_that_are_not_are_asked_for(tmp_path):
    rows = [
        (f"Member {k}", code, "2019-01-01", "")
        for k, code in enumerate([*CORDIS.values(), "NGO Global", "SME", "Guild", "Guild"])
    ]
    result = columns(tmp_path, rows)

    assert result.spells["sector"].tolist() == [
        "private",
        "academic",
        "public",
        "nonprofit",
        "nonprofit",
        "private",
        "",
        "",
    ]
    assert result.sectors.iloc[0].tolist() == ["Guild", "", 2]
    assert "Not mapped: Guild (2)." in result.text()


def test_the_file_to_fill_in_is_read_as_a_map(tmp_path):
    rows = [("Member 1", "Guild", "2019-01-01", ""), ("Member 2", "SME", "2019-01-01", "")]
    own = columns(tmp_path, rows).save(tmp_path / "out") / "sectors.csv"
    own.write_text(own.read_text().replace("Guild,,", "Guild,nonprofit,"))
    result = columns(tmp_path, rows, map=own)

    assert result.spells["sector"].tolist() == ["nonprofit", "private"]
    assert "sectors" not in result.tables


def test_a_tier_or_a_word_in_the_name_gives_the_sector_where_no_code_does(tmp_path):
    result = lists(
        tmp_path,
        {SNAPSHOTS[0]: [("University 1", "Silver"), ("Member 2", "Academic"), ("Member 3", "Silver")]},
        ("name", "tier"),
    )

    assert result.spells[["member", "sector", "sector_from"]].to_numpy().tolist() == [
        ["Member 2", "academic", "tier"], ["Member 3", "", "not mapped"], ["University 1", "academic", "name"],
    ]  # fmt: skip


# 5 names change


def test_a_name_with_the_same_homepage_goes_on_as_one_member(tmp_path):
    head, rows = (
        ("name", "sector", "homepage"),
        [(f"Member {k}", "Company", f"https://www.m{k}.example/") for k in range(5)],
    )
    renamed = [("Organisation 4", "Company", "m4.example"), *rows[:4]]
    result = lists(tmp_path, {SNAPSHOTS[0]: rows, SNAPSHOTS[1]: renamed, SNAPSHOTS[2]: renamed}, head)

    assert done(result, "renamed") == [("Organisation 4", "Member 4")]
    assert result.spells["left"].sum() == 0
    assert "1 rename by homepage or joining date; linked" in said(result, "renames")


def test_a_joining_date_before_the_old_name_went_shows_a_rename(tmp_path):
    head, rows = ("name", "sector", "joined"), [(f"Member {k}", "Company", f"2018-0{k + 1}-01") for k in range(5)]
    other = [("Organisation 4", "Company", "2018-05-01"), ("Organisation 9", "Company", "2019-05-01"), *rows[:3]]
    result = lists(tmp_path, {SNAPSHOTS[0]: rows, SNAPSHOTS[1]: other}, head)

    assert done(result, "renamed") == [("Organisation 4", "Member 4")]
    assert result.spells["left"].sum() == 1  # Member 3


def test_one_joining_date_shows_no_rename_where_the_exit_is_on_an_unknown_day(tmp_path):
    rows = [("Baker", "Company", "2018-01-05", "left"), ("Miller", "Company", "2018-01-05", "active")]
    result = columns(tmp_path, rows, ("name", "sector", "joined", "status"), start="2018-02-01")

    assert result.spells["member"].tolist() == ["Baker", "Miller"]


def test_renames_in_a_row_are_one_member(tmp_path):
    head = ("name", "sector", "homepage")
    days = {
        day: [(name, "Company", "m1.example"), ("Member 9", "Company", "")]
        for day, name in zip(SNAPSHOTS, ["A 1", "B 1", "C 1", "D 1"], strict=True)
    }
    result = lists(tmp_path, days, head)

    assert sorted(result.spells["member"]) == ["D 1", "Member 9"]
    assert result.spells["first_seen"].tolist() == ["2019-01-01"] * 2


def test_names_the_same_but_for_spelling_are_one_member(tmp_path):
    result = lists(tmp_path, {SNAPSHOTS[0]: [("Member 1 B.V.", "Company"), ("Mémber 2", "Company")],
                              SNAPSHOTS[1]: [("MEMBER 1", "Company"), ("Member 2 Inc.", "Company")]})  # fmt: skip

    assert result.spells["member"].tolist() == ["MEMBER 1", "Member 2 Inc."]
    assert len(done(result, "merged")) == 2


def test_names_alike_are_suggested_and_linked_only_if_the_user_says_so(tmp_path):
    days = {SNAPSHOTS[0]: [("Regional Harbour Organisation 1", "Company"), *private(range(4))],
            SNAPSHOTS[1]: [("Regional Harbours Organisation 1", "Company"), *private(range(4))]}  # fmt: skip
    first = lists(tmp_path, days)
    kept = first.save(tmp_path / "out") / "suggested_links.csv"
    second = lists(tmp_path, days, links=kept)

    assert first.spells["left"].sum() == 1
    assert done(first, "suggested") == [("Regional Harbours Organisation 1", "Regional Harbour Organisation 1")]
    assert second.spells["left"].sum() == 0


def test_a_spelling_of_one_list_is_suggested_as_the_member_that_is_away_meanwhile(tmp_path):
    names = ("Municipality of A09", "Municipality A09", "Municipality of A09")
    files = {day: [*private(range(5)), (name, "PUB")] for day, name in zip(SNAPSHOTS, names, strict=False)}
    suggested = lists(tmp_path, files).tables["suggested_links"]
    links = write(tmp_path, "links.csv", [("from", "to"), *suggested[["from", "to"]].to_numpy().tolist()])
    linked = lists(tmp_path, files, links=links).spells

    assert suggested[["from", "to"]].to_numpy().tolist() == [["Municipality A09", "Municipality of A09"]]
    assert linked["left"].sum() == 0
    assert len(linked) == 6


def test_members_that_differ_by_their_number_are_not_alike(tmp_path):
    result = lists(tmp_path, {SNAPSHOTS[0]: private(range(5)), SNAPSHOTS[1]: private(range(1, 6))})

    assert done(result, "suggested") == []


def test_the_lists_own_number_links_names(tmp_path):
    head = ("id", "name", "sector")
    result = lists(tmp_path, {SNAPSHOTS[0]: [("7", "Old 1", "SME"), ("8", "Member 2", "SME")],
                              SNAPSHOTS[1]: [("7", "New 1", "SME"), ("8", "Member 2", "SME")]}, head)  # fmt: skip

    assert done(result, "renamed") == [("New 1", "Old 1")]
    assert result.spells["left"].sum() == 0


# 6 clean-ups, reversals, copies, lists filled later


def weekly(n, step=30):
    return [date(2020, 1, 1) + timedelta(days=step * k) for k in range(n)]


def test_a_bulk_clean_up_is_recognised_and_is_not_an_exit(tmp_path):
    days = {day: private(range(60 - k)) for k, day in enumerate(weekly(10))}
    days[weekly(10)[9]] = private(range(30))
    result = lists(tmp_path, days)
    counted = lists(tmp_path, days, bulk="exits")

    assert "of 52 members are gone at once on 2020-09-27" in said(result, "bulk clean-ups")
    assert len(done(result, "bulk clean-up")) == 22
    rate, other = (r.facts.set_index("fact").loc["exits, all", "real"] for r in (result, counted))
    assert rate < 2.1 < other


def test_exits_that_come_every_year_are_not_a_clean_up(tmp_path):
    rows = [(f"Member {k}", "Company", "2015-01-01", f"{2015 + k // 12}-12-31" if k < 60 else "") for k in range(100)]
    result = columns(tmp_path, rows)

    assert said(result, "bulk clean-ups") == ""


def test_a_removal_that_is_taken_back_is_bridged(tmp_path):
    days = {day: private(range(20)) for day in weekly(6)}
    days[weekly(6)[2]] = private(range(12))
    result = lists(tmp_path, days)

    assert "8 members missing between" in said(result, "reversals")
    assert result.spells["left"].sum() == 0
    assert len(done(result, "bridged")) == 8


def test_the_same_file_under_two_dates_is_reported(tmp_path):
    result = lists(tmp_path, {SNAPSHOTS[0]: private(range(5)), SNAPSHOTS[1]: private(range(5))})

    assert "list_2020-01-01.csv is the same as list_2019-01-01.csv" in said(result, "copied lists")


def test_a_list_with_the_members_of_another_is_reported(tmp_path):
    rows = [(body, f"Member {k}", "Company", "2019-01-01") for body, n in (("one", 30), ("two", 12)) for k in range(n)]
    result = columns(tmp_path, rows, ("alliance", "name", "sector", "joined"))

    assert "two: 12 of its 12 members are of one too" in said(result, "copied lists")


def test_lists_that_share_almost_no_member_look_like_different_partnerships(tmp_path):
    apart = lists(tmp_path, {SNAPSHOTS[0]: private(range(20)), SNAPSHOTS[1]: private(range(19, 40))})
    far = lists(tmp_path, {day: private(range(10 * n, 10 * n + 20)) for n, day in enumerate(SNAPSHOTS)})

    words = (
        "share almost no member: list_2019-01-01.csv; and list_2020-01-01.csv; they look like different partnerships"
    )
    assert words in said(apart, "partnerships")
    assert not said(far, "partnerships")  # the first and the last share none, those between link them


def test_a_year_in_the_name_of_a_list_is_said_to_be_taken_as_its_middle(tmp_path):
    years = lists(tmp_path, {2019: private(range(9)), 2020: private(range(8)), "2021-01": private(range(8))})
    rows = [("Member 1", "Company", "2019-01-01", "2020-05-01"), ("Member 2", "Company", "2019-01-01", "")]
    once = sim.import_lists(write(tmp_path, "all_2021.csv", [("name", "sector", "joined", "left"), *rows]), seeds=0)

    words = "2 lists dated by a year or a quarter alone: the middle is taken (2019 as 2019-07-02, 2020 as 2020-07-01)"
    assert words in said(years, "dates")
    assert "known as 2021 alone: its last day is taken, 2021-12-31" in said(once, "dates")


def test_a_list_completed_later_is_recognised(tmp_path):
    days = {day: private(range(20 + k)) for k, day in enumerate(weekly(8))}
    for day in weekly(8)[5:]:
        days[day] = private(range(80))
    result = lists(tmp_path, days)

    assert "56 members beside 24 are new at once" in said(result, "lists filled later")


def test_a_list_whose_exits_were_recorded_from_some_year_on_begins_there(tmp_path):
    rows = [
        (f"Member {k}", "Company", "2000-01-01", f"20{15 + k % 6}-0{1 + k % 9}-15" if k < 30 else "") for k in range(60)
    ]
    result = columns(tmp_path, rows)

    assert result.spells["window_start"].unique().tolist() == ["2015-01-15"]
    assert "no exit before 2015-01-15" in said(result, "lists filled later")
    assert columns(tmp_path, rows, start="2000-01-01").spells["window_start"].unique().tolist() == ["2000-01-01"]


# 7 several rows a member


def test_rows_that_overlap_are_one_spell_and_a_return_is_another(tmp_path):
    rows = [
        ("Member 1", "Company", "2018-01-01", "2019-06-01"), ("Member 1", "Company", "2019-01-01", "2020-01-01"),
        ("Member 2", "Company", "2018-01-01", "2018-06-01"), ("Member 2", "Company", "2018-08-01", "2019-01-01"),
        ("Member 3", "Company", "2018-01-01", "2018-06-01"), ("Member 3", "Company", "2019-08-01", ""),
    ]  # fmt: skip
    spells = columns(tmp_path, rows).spells

    assert spells[["member", "spell", "first_seen", "gone_by"]].to_numpy().tolist() == [
        ["Member 1", 1, "2018-01-01", "2020-01-01"],
        ["Member 2", 1, "2018-01-01", "2019-01-01"],
        ["Member 3", 1, "2018-01-01", "2018-06-01"],
        ["Member 3", 2, "2019-08-01", ""],
    ]


def test_a_return_on_later_lists_is_a_second_spell(tmp_path):
    days = dict.fromkeys(SNAPSHOTS, private(range(5)))
    days[SNAPSHOTS[2]] = private(range(4))
    result = lists(tmp_path, days)

    assert result.spells[result.spells["member"] == "Member 4"]["spell"].tolist() == [1, 2]
    assert "1 return after more than 120 days" in said(result, "returns")
    assert "Member 4 (spell 2)" in result.members["name"].tolist()


# 8 mixed forms


def test_mixed_forms_in_one_file_are_read_and_said(tmp_path):
    joined = ["01/09/2018", "02.12.2018", "2017-05", "2018", "43466", "2018-03-01 00:00:00", "NA", "-9", "."]
    fees = ["51611,25", "284812.5", "1.250,50", "1,250.50", "1 000", "NA", "", "2000", "2000"]
    rows = [
        (f"Member {k}", "SME", day, "31.12.9999", fee) for k, (day, fee) in enumerate(zip(joined, fees, strict=True))
    ]
    file = tmp_path / "members.csv"
    lines = [";".join(("name", "sector", "joined", "left", "fee")), *(";".join(row) for row in rows)]
    file.write_bytes("\n".join(lines).encode("utf-8-sig"))
    result = sim.import_lists(file, seeds=0, now="2022-01-01")
    spells = result.spells.set_index("member")["joined"]

    assert spells["Member 0"] == "2018-09-01"
    assert spells["Member 1"] == "2018-12-02"
    assert spells["Member 4"] == "2019-01-01"
    assert (spells[["Member 6", "Member 7", "Member 8"]] == "").all()
    forms = "01/09/2018 (2), 2017-05 (1), 2018 (1), 43466 (1), 2018-03-01 (1)"
    assert f"'joined' mixes forms of dates: {forms}" in said(result, "dates")
    assert "such as 01/09/2018 can be read both ways; read with the day first" in said(result, "dates")
    assert "31.12.9999; taken as: no end" in said(result, "dates")
    assert "with a comma beside" in said(result, "numbers")
    fees = result.members.set_index("name")["fee"]
    assert float(fees["Member 1"]) / float(fees["Member 0"]) == pytest.approx(284812.5 / 51611.25, rel=1e-4)
    assert fees["Member 2"] == fees["Member 3"]


def test_a_cell_that_is_not_a_date_is_kept_in_the_changes(tmp_path):
    result = columns(tmp_path, [("Member 1", "SME", "2019-01-01", "soonish"), ("Member 2", "SME", "2019-01-01", "")])
    row = result.changes[result.changes["action"] == "date not read"].iloc[0]

    assert (row["value"], row["place"]) == ("soonish", "members.csv, line 2")
    assert "1 date in 'left' cannot be read (members.csv, line 2)" in said(result, "dates")


def test_who_has_a_date_of_leaving_that_cannot_be_read_has_left(tmp_path):
    ends = ["31-02-2020", "someday", "active", "no", "", "2020-05-01"]
    result = columns(tmp_path, [(f"Member {k}", "SME", "2019-01-01", end) for k, end in enumerate(ends)])
    spells = result.spells.set_index("member")

    assert spells["left"].tolist() == [1, 1, 0, 0, 0, 1]
    assert spells.loc["Member 0", ["last_seen", "gone_by"]].tolist() == ["2019-01-01", "2022-01-01"]
    assert "(members.csv, line 2, members.csv, line 3); who has one is taken as left" in said(result, "dates")
    assert "2 texts in 'left': active, no; taken as: no end" in said(result, "dates")


# 9 the first list


def test_members_of_the_first_list_entered_earlier(tmp_path):
    days = {
        day: [(f"Member {k}", "Company", "2018-06-01" if k < 6 else "") for k in range(10 - n)]
        for n, day in enumerate(SNAPSHOTS)
    }
    result = lists(tmp_path, days, ("name", "sector", "joined"))

    assert "4 members of the first list with an unknown beginning" in said(result, "beginnings")
    assert "6 members of the first list joined before it, at a known date" in said(result, "beginnings")
    assert result.survival["at_risk"].max() == 6


def test_who_joins_in_the_first_month_is_a_founder_however_exactly_that_is_written(tmp_path):
    joined = ["2018-01-01", "2018-01-31", "01/2018", "2018", "Jan 2018", "2018-02-01", "02/2018", "2019"]
    result = columns(tmp_path, [(f"Member {k}", "SME", day, "") for k, day in enumerate(joined)])

    assert result.spells.set_index("member")["founder"].sort_index().tolist() == [True] * 5 + [False] * 3


def test_a_partnership_that_ended_is_noted(tmp_path):
    rows = [(f"Member {k}", "Company", "2018-01-01", f"2020-0{k + 1}-01") for k in range(6)]

    assert "nobody is left after 2020-06-01" in said(columns(tmp_path, rows), "end")


def test_the_clean_ups_of_the_real_list_that_had_some_are_recognised_and_no_others(tmp_path):
    for name, real in read_lists().items():
        first = date(2020, real.calendar_month, 1)
        days = [["" if month == float("inf") else first + timedelta(days=round(30.4375 * month)) for month in of]
                for of in (real.joins, real.leaves)]  # fmt: skip
        rows = [(f"Member {k}", "Company", *both) for k, both in enumerate(zip(*days, strict=True))]
        result = columns(tmp_path, rows, start=first, now=first + timedelta(days=round(30.4375 * real.months)))
        found_in = result.quality[result.quality["check"] == "bulk clean-ups"]

        assert found_in["n"].tolist() == ([46, 74] if name == "riscv" else []), name


def test_events_that_concern_no_one_member_are_left_out_and_listed(tmp_path):
    rows = [("2019-01-01", "launch", "43 members"), ("2020-02-01", "exit", "Member 1"), ("2020-03-01", "join", "Member 2"),
            ("", "exit", "Member 3"), ("2021-01-01", "pause", "all")]  # fmt: skip
    result = sim.import_lists(write(tmp_path, "events.csv", [("date", "event", "member"), *rows]), seeds=0)

    assert result.spells[["member", "first_seen", "gone_by", "window_end"]].to_numpy().tolist() == [
        ["Member 1", "2019-01-01", "2020-02-01", "2021-01-01"], ["Member 2", "2020-03-01", "", "2021-01-01"],
    ]  # fmt: skip
    assert "3 events without a date, or not an entry or exit of one member" in said(result, "events")
    assert len(done(result, "not used")) == 3


def test_a_list_of_leavers_only_says_so(tmp_path):
    rows = [(f"2020-0{k}-01", "exit", f"Member {k}") for k in range(1, 9)]
    result = sim.import_lists(
        write(tmp_path, "events.csv", [("date", "event", "member"), *rows]), seeds=0, start="2019-01-01"
    )

    assert "only leavers are listed" in said(result, "end")


def test_a_date_that_does_not_say_of_what_is_of_lists_where_members_occur_on_several(tmp_path):
    rows = [(day, name) for day, names in (("2020-01-01", "AB"), ("2021-01-01", "A")) for name in names]
    several = sim.import_lists(write(tmp_path, "one.csv", [("date", "member"), *rows]), seeds=0)
    once = sim.import_lists(write(tmp_path, "two.csv", [("date", "member"), *rows[:2]]), seeds=0, now="2021-01-01")

    assert several.spells["left"].tolist() == [0, 1]
    assert once.spells["joined"].tolist() == ["2020-01-01"] * 2


def test_members_without_a_sector_count_in_the_whole_and_in_no_sector(tmp_path):
    rows = [(f"Member {k}", "SME" if k < 5 else "", "2019-01-01", "2020-06-01" if k % 2 else "") for k in range(10)]
    facts = columns(tmp_path, rows).facts.set_index("fact")["real"]

    assert facts["exits, private"] < facts["exits, all"]


# a spreadsheet's own rows and signs


def test_totals_are_left_out_and_percentages_and_words_for_sizes_are_read(tmp_path):
    head = ("name", "sector", "size", "readiness", "joined")
    rows = [
        ("Member 1", "Universities", "large", "70%", "2020-01-01"),
        ("Member 2", "Municipality", "small", "0.4", "2020-01-01"),
        ("Total", "2", "", "", ""),
    ]
    result = columns(tmp_path, rows, head)
    roster = result.members.set_index("name")

    assert roster["sector"].to_dict() == {"Member 1": "academic", "Member 2": "public"}
    assert [float(v) for v in roster["readiness"]] == [0.7, 0.4]
    assert [float(v) for v in roster["size"]] == [2.5, 0.4]
    assert said(result, "rows") == "1 row named as a total; left out; changes.csv lists them"
