"""The story of an exit and of an event, worked by hand and from simulated runs."""

import numpy as np
import pytest

from sim.analysis.story import CAUSES, describe_event, describe_exit, exit_record, exits, trajectory
from sim.core.errors import InputError
from tests.analysis.written_runs import SMALL, leaves, simulated, written_run

DECLINE = {("goodwill", 1, 0): 5.0, ("goodwill", 2, 0): 4.0, ("goodwill", 3, 0): -1.0, ("benefit", 1, 0): 0.3, ("benefit", 2, 0): 0.2,
           ("benefit", 3, 0): -0.5, ("lost", 2, 0): 1.5, ("lost", 3, 0): 2.0, ("contacts", 3, 0): 0.7}  # fmt: skip
HAPPENED = [
    {"month": 2, "member": 0, "kind": "leak"},
    {"month": 3, "member": 0, "kind": "leak"},
    {"month": 2, "member": 1, "kind": "leak"},
    {"month": 2, "member": 0, "kind": "intervention"},
    {"month": 1, "member": 0, "kind": "match inside", "other": 1},
    {"month": 2, "member": 1, "kind": "match inside", "other": 0},
    {"month": 2, "member": 2, "kind": "match inside", "other": 1},
    {"month": 3, "member": 0, "kind": "match outside"},
    leaves(0, 3, benefit=-0.5, aspiration=0.25, amount=12.0, needs_met_share=0.2),
]


RECORD = {"member": 0, "sector": "private", "month": 3, "how": "frustrated", "cause": "leak", "months": 2, "falls": 2, "streak": 2,
          "benefit": -0.5, "aspiration": 0.25, "captured": 12.0, "needs_met_share": 0.2, "leaks": 2, "lost": 3.5, "helped": 1, "inside": 2,
          "outside": 1, "contacts": 0.7}  # fmt: skip


def test_what_led_to_an_exit_is_gathered_from_events_and_months():
    assert exit_record(written_run("a", DECLINE, events=HAPPENED), 0) == RECORD
    with pytest.raises(InputError, match=r"member 1 does not leave in this run; who leaves: \[0\]"):
        exit_record(written_run("a", DECLINE, events=HAPPENED), 1)


def test_a_streak_is_broken_by_a_month_without_a_fall():
    recovering = DECLINE | {("goodwill", 2, 0): 6.0}
    record = exit_record(written_run("a", recovering, events=HAPPENED), 0)

    assert (record["falls"], record["streak"]) == (1, 1)


def test_a_trajectory_has_what_was_expected_where_it_can_be_known():
    """Benefit less the change of goodwill: 0.2 + 1 = 1.2, then -0.5 + 5 = 4.5; unknown at first, and where goodwill is full."""
    expected = trajectory(written_run("a", DECLINE, events=HAPPENED), 0)["expected"].tolist()

    assert np.isnan(expected[0])
    assert expected[1:] == pytest.approx([1.2, 4.5])
    full = trajectory(written_run("a", DECLINE | {("goodwill", 2, 0): 5.0}, events=HAPPENED), 0)["expected"].tolist()
    assert np.isnan(full[:2]).all()


STORY = (
    "Private member 0 leaves in month 3, frustrated: its information reached rivals. Its patience fell in each of its last 2 months;"
    " in the end its net benefit was -0.50 value a month, and it hoped for 0.25. It had captured 12.0 value (20% of its need) and 2 leaks"
    " cost it 3.5 value; it was helped in 1 month and had 2 matches inside, 1 outside (0.7 contacts then, which raise what it hopes for)."
)


@pytest.mark.parametrize(("changes", "words", "instead"), [
    ({}, "", ""),
    ({"how": "other", "cause": "other"}, ", frustrated: its information reached rivals", ": for reasons outside the partnership"),
    ({"cause": "an unheard-of one"}, "its information reached rivals", "an unheard-of one"),
    ({"falls": 0, "streak": 0}, "Its patience fell in each of its last 2 months", "Its patience never fell after the first month"),
    ({"falls": 5, "streak": 3}, "in each of its last 2 months", "in 5 months, the last 3 without a break"),
    ({"falls": 5, "streak": 1}, "in each of its last 2 months", "in 5 months"),
    ({"falls": 1, "streak": 1}, "in each of its last 2 months", "in 1 month"),
    ({"falls": 3, "streak": 3}, "last 2 months", "last 3 months"),
    ({"leaks": 0}, "2 leaks cost it 3.5 value", "no leak hit it"),
    ({"leaks": 1}, "2 leaks", "1 leak"),
    ({"helped": 0}, "it was helped in 1 month", "it got no help to speak of"),
    ({"helped": 4}, "1 month and", "4 months and"),
    ({"inside": 1}, "2 matches inside", "1 match inside"),
    ({"inside": 0}, "2 matches inside", "0 matches inside"),
    ({"outside": 0}, ", 1 outside (0.7 contacts then, which raise what it hopes for)", ", 0 outside"),
    ({"inside": 0, "outside": 0}, "2 matches inside, 1 outside (0.7 contacts then, which raise what it hopes for)", "no match"),
], ids=str)  # fmt: skip
def test_an_exit_is_described_in_three_sentences(changes, words, instead):
    assert words in STORY
    assert describe_exit(RECORD | changes) == STORY.replace(words, instead)


@pytest.mark.parametrize(("event", "text"), [
    (leaves(0, 3, benefit=-0.5, aspiration=0.25, needs_met_share=0.2),
     "leaves, frustrated: its information reached rivals (net benefit -0.50, hoped for 0.25; 20% of its needs met)"),
    (leaves(0, 3, "other", cause="other"), "leaves: for reasons outside the partnership (net benefit +0.00, hoped for 0.00; 0% of its needs met)"),
    (leaves(0, 3, cause="too little private value"),
     "leaves, frustrated: too little private value (net benefit +0.00, hoped for 0.00; 0% of its needs met)"),
    ({"kind": "shock", "cause": "grant withdrawn", "amount": 7.0}, "shock: grant withdrawn, 7 months of it"),
    ({"kind": "shock", "cause": "orchestrator lost", "amount": 0.5}, "shock: orchestrator lost, 50% of it"),
    ({"kind": "phase", "cause": "pause"}, "phase: pause"),
    ({"kind": "leak", "amount": 1.25, "trust": 0.5}, "loses 1.2: its information leaks to rivals; trust 0.50"),
    ({"kind": "entry"}, "joins"),
    ({"kind": "representative"}, "has a new representative"),
    ({"kind": "match outside"}, "is matched to an outside party"),
    ({"kind": "match inside", "other": 4}, "asks, and member 4 answers"),
    ({"kind": "intervention", "amount": 0.3}, "is helped (30% of a full intervention)"),
], ids=lambda v: v if isinstance(v, str) else "")  # fmt: skip
def test_an_event_is_described_in_words(event, text):
    (row,) = written_run("a", events=[event]).events.itertuples()
    assert describe_event(row) == text


def test_what_a_member_expected_is_computed_from_its_goodwill(denim):
    for run in denim:
        text = run.events[run.events["member"] == 5].drop_duplicates("month").set_index("month")["aspiration"]
        months = trajectory(run, 5).set_index("month")["expected"].dropna()
        both = months.index.intersection(text.index)

        assert len(both) >= 1
        assert months[both].to_numpy() == pytest.approx(text[both].to_numpy())
        assert 1 not in months.index


def test_an_exit_is_recorded_as_the_tables_have_it(denim):
    result, mine = exit_record(denim[1], 5), denim[1].events.query("member == 5")

    assert (result["month"], result["how"], result["cause"]) == (24, "frustrated", "too little private value")
    assert result["helped"] == mine["kind"].eq("intervention").sum() == 9
    assert result["outside"] == mine["kind"].eq("match outside").sum() == 1
    assert result["inside"] == mine["kind"].eq("match inside").sum() + denim[1].events["other"].eq(5).sum()
    assert (result["months"], result["falls"], result["streak"]) == (23, 21, 21)
    assert exit_record(denim[0], 5)["lost"] == 6.0
    with pytest.raises(InputError, match=r"member 1 does not leave in this run; who leaves: \[0, 2"):
        exit_record(denim[0], 1)


def test_the_sentences_of_an_exit_depend_on_its_record():
    record = {"member": 5, "sector": "private", "month": 11, "how": "frustrated", "cause": "leak", "months": 10,
              "falls": 7, "streak": 7, "benefit": -0.54, "aspiration": 0.22, "captured": 4.33, "needs_met_share": 0.08,
              "leaks": 1, "lost": 6.0, "helped": 0, "inside": 0, "outside": 0, "contacts": 0.0}  # fmt: skip
    helped = record | {"helped": 9, "inside": 1, "outside": 2, "contacts": 1.9, "streak": 3, "leaks": 0}
    lucky = record | {"how": "other", "cause": "other", "falls": 0, "streak": 0}

    assert describe_exit(record) == (
        "Private member 5 leaves in month 11, frustrated: its information reached rivals. Its patience fell in each of "
        "its last 7 months; in the end its net benefit was -0.54 value a month, and it hoped for 0.22. It had captured "
        "4.3 value (8% of its need) and 1 leak cost it 6.0 value; it got no help to speak of and had no match."
    )
    assert "fell in 7 months, the last 3 without a break;" in describe_exit(helped)
    assert "no leak hit it; it was helped in 9 months and had 1 match inside, 2 outside (1.9 contacts" in describe_exit(
        helped
    )
    assert "leaves in month 11: for reasons outside the partnership. Its patience never fell" in describe_exit(lucky)
    assert "fell in 1 month;" in describe_exit(record | {"falls": 1, "streak": 0})


def test_every_kind_of_event_has_words():
    scenario = SMALL.replace(**{"size.candidates": 5, "rules.membership.entry_rate": 0.3, "rules.leak.rate": 1.0,
                              "shocks.orchestrator_loss.month": 3, "shocks.orchestrator_loss.share": 0.5,
                              "shocks.grant_end.month": 9})  # fmt: skip
    events = simulated("adaptive_tracking", scenario).events
    text = {event.kind: describe_event(event) for event in events.itertuples()}

    assert {
        "leak",
        "match inside",
        "match outside",
        "intervention",
        "representative",
        "entry",
        "phase",
        "shock",
    } <= set(text)
    assert "shock: orchestrator lost, 50% of it" in [
        describe_event(e) for e in events[events["kind"] == "shock"].itertuples()
    ]
    assert text["leak"].startswith("loses 6.0: its information leaks to rivals")
    assert all(CAUSES.get(e.cause, e.cause) in describe_event(e) for e in exits(simulated("neutral")).itertuples())
