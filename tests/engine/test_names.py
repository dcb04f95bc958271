"""Members that have names keep them, and what the roster and dated events say shows among the events."""

import pytest

import sim
from sim.analysis.story import SHOCKS, member_names
from sim.core.errors import InputError
from sim.model.dated_events import KINDS, NAMES, Event, name_of

ROSTER = [
    {"name": "Town 1", "sector": "public"},
    {"name": "Brand 1", "sector": "private", "leaves": 4},
    {"name": "Brand 2", "sector": "private"},
    {"name": "Group 1", "sector": "nonprofit", "joins": 3},
]
EVENTS = [
    {"month": 2, "kind": "trust", "size": -2.0, "member": 2},
    {"month": 3, "kind": "grant", "size": 6},
    {"month": 3, "kind": "turnover", "member": 0},
    {"month": 4, "kind": "interest", "size": 0.5},
    {"month": 5, "kind": "interest", "size": -0.2},
    {"month": 6, "kind": "budget", "size": 0},
    {"month": 6, "kind": "renewal"},
]
ALL = ("series", "members", "events", "ends")


def simulate(engine="numpy", policy="connecting"):
    case = {"members": ROSTER, "events": EVENTS, "now": 4}
    return sim.simulate(case, [3, 4, 5], policy, 8, ALL, engine=engine)


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_members_keep_their_names_in_every_table_of_members(engine):
    if engine == "compiled":
        pytest.importorskip("llvmlite")
    run = simulate(engine, "neutral")
    names = {0: "Town 1", 1: "Brand 1", 2: "Brand 2", 3: "Group 1", -1: ""}

    for table in (run.members, run.events, run.ends):
        assert list(table["name"]) == [names[m] for m in table["member"]]
        assert table.columns[list(table.columns).index("member") + 1] == "name"
    assert member_names(run) == {m: name for m, name in names.items() if m >= 0}


def test_without_a_roster_tables_are_as_they_were():
    run = sim.simulate("denim_alliance", 2, months=3, record=ALL)

    assert not any("name" in table for table in (run.members, run.events, run.ends))
    assert member_names(run)[0] == f"{run.members['sector'][0]} member 0"


def test_ends_say_who_is_still_there_and_what_it_captured():
    run = simulate()
    last = run.members[run.members["month"] == 8].reset_index(drop=True)

    assert (run.ends["needs_met"] == last["needs_met"]).all()
    assert (run.ends["active"] == last["active"]).all()
    assert set(run.ends.query("name == 'Brand 1'")["left_month"]) == {4}
    assert set(run.ends.query("name == 'Group 1'")["joins"]) == {3}


def test_who_comes_and_goes_by_the_roster_has_that_as_its_cause():
    events = simulate().events

    assert set(events.query("kind == 'entry'")["cause"]) == {"by the roster"}
    assert set(events.query("name == 'Brand 1' and kind == 'exit other'")["cause"]) == {"known"}
    assert "forced" not in set(events["cause"])


def test_dated_events_are_among_the_shocks_once_each_in_every_run():
    shocks = simulate().events.query("kind == 'shock'")
    rows = [
        (2, 2, "rumour", 2.0), (3, -1, "grant extended", 6.0), (4, -1, "segment lost interest", 0.5),
        (5, -1, "segment regained interest", 0.2), (6, -1, "budget changed", 0.0), (6, -1, "renewal of all", 1.0),
    ]  # fmt: skip

    for _, one in shocks.groupby("seed"):
        assert list(zip(one["month"], one["member"], one["cause"], one["amount"], strict=True)) == rows


def test_every_dated_event_has_a_name_and_words_or_shows_by_other_rows():
    named = {name_of(Event(kind=kind, size=size, member=-1)) for kind in KINDS for size in (1, -1)} - {""}

    assert set(NAMES) == set(KINDS) - {"leak"}
    assert named <= set(SHOCKS)


def test_the_story_of_a_run_and_its_trace_call_members_by_name():
    case = {"members": ROSTER, "events": EVENTS, "now": 4, "start": {"goodwill": 2.0}}
    story = sim.run(case, "connecting", seed=3, months=8).text()
    trace = sim.trace(["neutral", "connecting"], seed=3, scenario=case, months=8, member="Brand 2")

    assert "Brand 1 leaves: as the roster says" in story
    assert "Group 1 joins" in story
    assert "Brand 2: a rumour: 2 observations against the partnership" in story
    assert "the orchestrator may spend 0 effort a month from now on" in story
    assert "member 1" not in story
    assert "The trajectories of Brand 2" in trace.text()
    assert trace.member == trace.config["member"] == 2
    assert list(trace.fates.columns[:3]) == ["member", "name", "sector"]


def test_a_name_that_no_member_has_is_refused_with_near_ones():
    for member, message in (("Brand 3", "did you mean Brand 2"), (-1, "or its name")):
        with pytest.raises(InputError, match=message):
            sim.trace(scenario={"members": ROSTER}, months=2, member=member)


def test_an_agent_has_the_name_of_its_member():
    mesa = pytest.importorskip("sim.integrations.mesa")

    assert [p.name for p in mesa.PartnershipModel({"members": ROSTER}).partners][:2] == ["Town 1", "Brand 1"]
    assert {p.name for p in mesa.PartnershipModel().partners} == {""}


def test_the_network_shows_who_is_or_was_a_member_by_name():
    case = {"members": [*ROSTER, {"name": "Late 1", "sector": "public", "joins": 9}], "now": 4}
    (ax,) = sim.run(case, "connecting", months=8).figure("network").axes
    names = {text.get_text(): text.get_fontstyle() for text in ax.texts}

    assert set(names) == {member["name"] for member in ROSTER}
    assert {name for name, style in names.items() if style == "italic"} >= {"Brand 1"}
    assert sim.run("public_health", months=2).figures == ["story"]
