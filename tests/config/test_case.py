"""A case of a user's own: a roster, dates, events, what happened so far; each fault gets a line."""

import warnings
from pathlib import Path

import pytest

import sim
from sim.config.files import case_options
from sim.config.job import compose
from sim.core.calendar import date_of, month_of
from sim.core.errors import InputError

ROSTER = """Name;Sector;Segment;Size;Readiness;Joins;Leaves;Contact
Brand 1;private;outdoor;large;;;2026-01;a note
Brand 2;Private;denim;2,5;;;;
Brand 3;private;outdoor;small;0,4;;;
Supplier 1;supplier;none;1,5;;;;
Institute 1;academic;;;;2025-06;;
Group 1;Non-profit;;;;;;
"""
CASE = """title: Ours
scenario: public_health
members: members.csv
sectors: {supplier: {like: private, share: 0.2}}
start: 2025-01
now: 2026-02
events:
  - {month: 2025-12, kind: leak, member: Brand 2}
  - {month: 2026-01, kind: rumour, size: 2}
  - {month: 20, kind: interest, segment: denim, size: 0.3}
  - {month: 24, kind: leaves, member: Brand 3}
"""


@pytest.fixture
def case(tmp_path):
    def write(roster=ROSTER, text=CASE):
        (tmp_path / "members.csv").write_text(roster, "utf-8")
        (tmp_path / "case.yaml").write_text(text, "utf-8")
        return str(tmp_path / "case.yaml")

    return write


def test_a_case_is_a_scenario_with_names_months_and_numbers_in_place_of_dates(case):
    scenario = sim.load_scenario(case())
    by_name = {m.name: m for m in scenario.members}

    assert scenario.size.partners == 5
    assert scenario.size.candidates == 1
    assert scenario.size.segments == 2
    assert (scenario.now, scenario.begins) == (14, "2025-01")
    assert [m.name for m in scenario.members][-1] == "Institute 1"
    assert (by_name["Brand 1"].leaves, by_name["Brand 3"].leaves, by_name["Institute 1"].joins) == (13, 24, 6)
    assert (by_name["Brand 1"].segment, by_name["Brand 2"].segment, by_name["Supplier 1"].segment) == (0, 1, -1)
    assert (by_name["Brand 2"].size, by_name["Brand 3"].size, by_name["Brand 3"].readiness) == (2.5, 0.4, 0.4)
    assert by_name["Group 1"].sector == "nonprofit"
    assert [(e.month, e.kind, e.member, e.segment, e.size) for e in scenario.events] == [
        (12, "leak", 1, -1, 1.0), (13, "trust", -1, -1, -2.0), (20, "interest", -1, 1, 0.3)
    ]  # fmt: skip
    assert scenario.grant == sim.load_scenario("public_health").grant


SPREADSHEET = """Organisation;Type;Market segment;Size;Readiness;Mission;Joined;Left;Notes
Marque Été, 1;Company;Outdoor;Large;70%;;01/2025;01/2026;gone after the rumour
Brand 2;companies;outdoor ;2,5;0,6;40 %;15-01-2025;15-01-2026;
Brand 3;BRAND;Denim;small;;0.3;sep-25;-;
Supplier 1;Supplier;none;1,2;;;46005;heden;
University 1;University;;;?;;1 februari 2025;;
;;;;;;;;
City 1;Municipality;;;;90%;3;31-12-9999;
Group 1;NGO;;;;unknown;;;
Total;7;;;;;;;
"""


def test_a_spreadsheet_is_read_as_its_owner_means_it(case, tmp_path):
    file = case(text="members: members.csv\nstart: 01/2025\nnow: 28-02-2026\n")
    (tmp_path / "members.csv").write_bytes(SPREADSHEET.replace("\n", "\r\n").encode("cp1252"))
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        scenario = sim.load_scenario(file)
    by_name = {m.name: m for m in scenario.members}
    texts = " | ".join(str(w.message) for w in warned)

    assert scenario.now == 14
    assert [m.sector for m in scenario.members].count("private") == 4
    assert [by_name[n].sector for n in ("University 1", "City 1", "Group 1")] == ["academic", "public", "nonprofit"]
    assert [(by_name[n].joins, by_name[n].leaves) for n in ("Marque Été, 1", "Brand 2", "Brand 3", "Supplier 1", "University 1",
        "City 1")] == [(0, 13), (0, 13), (9, None), (12, None), (2, None), (3, None)]  # fmt: skip
    assert (by_name["Marque Été, 1"].size, by_name["Marque Été, 1"].readiness) == (2.5, 0.7)
    assert (by_name["Brand 2"].size, by_name["Brand 2"].readiness, by_name["Brand 2"].mission) == (2.5, 0.6, 0.4)
    assert [by_name[n].segment for n in ("Marque Été, 1", "Brand 2", "Brand 3", "Supplier 1")] == [0, 0, 1, -1]
    assert "'Total' is left out" in texts
    assert "'Organisation' is read as name" in texts
    assert "day first" not in texts


def test_a_present_long_after_all_that_is_known_is_warned_of(case):
    with pytest.warns(UserWarning, match="is month 446, and nothing is known of the 422 months before it"):
        sim.load_scenario(case(text=CASE.replace("now: 2026-02", "now: 2062-02")))


def test_who_joins_in_the_first_month_is_a_founder():
    rows = [{"name": f"Member {k}", "sector": "public", "joins": joins} for k, joins in enumerate(("2025-01", 1, 0, 2))]
    scenario = sim.load_scenario({"start": "2025-01", "members": rows})

    assert [m.joins for m in scenario.members] == [0, 0, 0, 2]


def test_a_column_whose_name_is_nearly_right_is_warned_of(case):
    with pytest.warns(UserWarning, match="the column 'Sise' is not used; did you mean size"):
        sim.load_scenario(case(ROSTER.replace("Size", "Sise")))


def test_dates_that_can_be_read_both_ways_have_the_day_first_and_a_warning(case):
    with pytest.warns(UserWarning, match="day first"):
        assert sim.load_scenario(case(ROSTER.replace("2025-06", "05/06/2025"))).members[-1].joins == 6
    shown = ROSTER.replace("2025-06", "06/05/2025").replace("2026-01;a note", "01/25/2026;a note")
    assert sim.load_scenario(case(shown)).members[-1].joins == 6


def test_all_faults_of_a_roster_are_said_at_once(case):
    with pytest.raises(InputError, match=r"(?s)Brand 3.*priwate.*Group 1.*Klub"):
        sim.load_scenario(case(ROSTER.replace("Brand 3;private", "Brand 3;priwate").replace("Non-profit", "Klub")))


def test_what_a_case_was_read_as_reads_as_itself(case):
    scenario = sim.load_scenario(case())

    assert sim.load_scenario(scenario.model_dump(mode="json")) == scenario


def test_members_can_be_rows_or_numbers_of_each_sector():
    rows = sim.load_scenario({"members": [{"name": "A", "sector": "public"}, {"name": "B", "sector": "private"}]})
    counts = sim.load_scenario({"members": {"public": 2, "private": 3}})

    assert [m.sector for m in rows.members] == ["public", "private"]
    assert [m.name for m in counts.members] == ["Public 1", "Public 2", "Private 1", "Private 2", "Private 3"]


def test_a_case_may_start_from_a_scenario_of_its_own(case, tmp_path):
    (tmp_path / "base.yaml").write_text("grant: {months: 7}")

    assert sim.load_scenario(case(text="scenario: base.yaml\nmembers: {public: 4}")).grant.months == 7


def test_plans_and_the_policy_so_far_are_what_commands_use(case):
    file = case(text=CASE + "policy: bundling\nplans: [neutral, {name: adaptive, pause: 2}]\n")

    assert case_options(file) == {"policy": "bundling", "plans": ["neutral", {"name": "adaptive", "pause": 2}]}
    assert case_options("neutral") == {}
    assert sim.compare(file, seeds=2, months=16, region=0, progress=False).policies == ["neutral", "adaptive pause=2"]
    assert sim.run(file, case_options(file)["policy"], months=2).policy == "bundling"


def test_months_and_dates_are_each_other():
    assert month_of("2025-01", "2025-01", "x") == 1
    assert month_of("2026-03-15", "2025-01", "x") == 15
    assert month_of("2024-12", "2025-01", "x") == 0
    assert [date_of(month_of(d, "2025-03", "x"), "2025-03") for d in ("2025-03", "2026-01", "2024-02")] == [
        "2025-03", "2026-01", "2024-02",
    ]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), [
    ("Group 1;", "Institute 1;", "'Institute 1' occurs twice"),
    ("Brand 3;private", "Brand 3;priwate", "did you mean private"),
    ("Brand 3;private", "Brand 3;Bakery", "known: public, private, academic, nonprofit, supplier. Usual"),
    ("Group 1;", "institute  1;", "differ only in capitals or spaces"),
    ("0,4", "1,250", "can be 1250 and 1.250"),
    ("0,4", "140%", "readiness = 1.4"),
    ("2025-06", "Q2 2025", "can be several months"),
    ("2025-06", "15-03-2025;05/16/2025", "some dates have the day first"),
    ("Brand 3;private", "Brand 3;", "Brand 3: has no sector"),
    ("Group 1;", ";", "line 7: has no name"),
    ("0,4", "4", "readiness = 4"),
    ("small", "tiny", "size = tiny: give a number"),
    ("2025-06", "June", "give a month of the partnership"),
    ("2025-06", "2025", "is a year"),
    ("2025-06", "2025-13", "give a month of the partnership"),
    ("2026-01;a note", "2024-01;a note", "leaves"),
    ("Name;Sector", "Whoever;Sector", "no column 'name'"),
    ("Name;Sector", "Name;Colour", "no column 'sector'"),
    ("Name;Sector", "Name;Name", "twice"),
])  # fmt: skip
def test_a_fault_in_a_roster_is_named(case, old, new, message):
    assert old in ROSTER
    with pytest.raises(InputError, match=message):
        sim.load_scenario(case(ROSTER.replace(old, new)))


@pytest.mark.parametrize(("old", "new", "message"), [
    ("members.csv", "nobody.csv", "nobody.csv"),
    ("members: members.csv", "members: 5", "members takes the name of a table"),
    ("members: members.csv", "members: {public: many}", "give how many"),
    ("scenario: public_health", "scenario: public_helth", "did you mean public_health"),
    ("start: 2025-01", "start: January", "give a month"),
    ("start: 2025-01", "start: 2025", "is a year"),
    ("now: 2026-02", "now: 2024-02", "now = 2024-02: is before the start"),
    ("size: 2}", "size: big}", "size = 'big': give a number"),
    ("title: Ours", "title: Ours: two", "needs quotes"),
    ("  - {month: 2025-12", "\t- {month: 2025-12", "indent with spaces"),
    ("kind: leak, member", "kind: leak member", "a comma is missing"),
    ("start: 2025-01\n", "", "say when the partnership began"),
    ("now: 2026-02", "now: soon", "now = 'soon'"),
    ("member: Brand 2", "member: Brand 22", "did you mean Brand 2"),
    ("kind: leak", "kind: leek", "did you mean leak"),
    ("segment: denim", "segment: denmi", "did you mean denim"),
    ("{month: 20, kind: interest", "{kind: interest", "say when"),
    ("{month: 24, kind: leaves", "{month: 2024-01, kind: leaves", "leaves"),
    ("kind: leaves, member: Brand 3", "kind: leaves, member: Brand 1", "in month 13 by the roster, 24 by events"),
    ("kind: leaves, member: Brand 3", "kind: leaves", "no member is called None"),
    ("title: Ours", "titel: Ours", "title"),
    ("size: 0.3}", "size: 3}", "allowed is -1 to 1"),
])  # fmt: skip
def test_a_fault_in_a_case_is_named(case, old, new, message):
    assert old in CASE
    with pytest.raises(InputError, match=message):
        sim.load_scenario(case(text=CASE.replace(old, new)))


def test_the_case_that_ships_is_an_alliance_of_34_in_its_14th_month():
    file = str(Path(sim.__file__).parents[1] / "docs/examples/alliance.yaml")
    scenario, stated = sim.load_scenario(file), case_options(file)
    left = [m.name for m in scenario.members if m.leaves is not None and m.leaves <= scenario.now]

    assert len(scenario.members) == 34
    assert scenario.now == 14
    assert scenario.size.segments == 3
    assert left == ["Brand 4", "Brand 9"]
    assert [e.kind for e in scenario.events] == ["leak", "trust", "orchestrator"]
    assert scenario.members[scenario.events[0].member].name == "Brand 4"
    assert len(stated["plans"]) == 3


ABSENT = """
title: Ours
scenario: neutral
start: 2024-01
now: 2026-01
members:
  - {name: One, sector: private, leaves: 2024-06}
  - {name: Two, sector: public, joins: 2025-01}
  - {name: Three, sector: private}
  - {name: Four, sector: nonprofit}
events:
  - {month: %s, kind: turnover, member: %s}
"""


@pytest.mark.parametrize(
    ("month", "member", "words"),
    [
        ("2024-07", "One", "turnover of One in month 7: it left in month 6, so this strikes nobody"),
        ("2024-12", "Two", "turnover of Two in month 12: it joins in month 13, so this strikes nobody"),
    ],
)
def test_an_event_for_a_member_who_is_not_there_is_warned_of(month, member, words, tmp_path):
    (tmp_path / "case.yaml").write_text(ABSENT % (month, member))
    with pytest.warns(UserWarning, match=words):
        sim.load_scenario(str(tmp_path / "case.yaml"))


def test_the_months_of_a_case_go_beyond_what_is_known(tmp_path):
    (tmp_path / "case.yaml").write_text((ABSENT % ("2024-03", "One")).replace("now: 2026-01", "now: 2031-01"))
    with pytest.warns(UserWarning, match="nothing is known of the"):
        job = compose([f"scenario={tmp_path / 'case.yaml'}"])

    assert job.months == job.scenario.now + 36 == 121
    with pytest.raises(InputError, match=r"months = 60: up to month 85 \(now\) it is known who stays.*months=121"):
        sim.compare(job.scenario, ["neutral", "bundling"], seeds=2, months=60, region=0)


def test_sizes_of_events_are_named_as_they_were_said(tmp_path):
    text = (ABSENT % ("2024-03", "One")).replace("kind: turnover, member: One", "kind: rumour, size: 500")
    (tmp_path / "case.yaml").write_text(text)
    with pytest.raises(InputError, match=r"case.yaml: events, number 1 \(rumour\): size = 500; allowed is 0 to 100"):
        sim.load_scenario(str(tmp_path / "case.yaml"))
