"""Two runs of three months with two members, written down by hand: the first divergence, what followed, and how the text describes it."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sim.analysis.divergence import LINKS, chain, fates, first_divergence, meanings
from sim.analysis.story import describe_event, describe_exit, exit_record, trajectory
from sim.core.errors import InputError
from sim.engine.tables import Tables
from sim.model.effort import MECHANISMS

MONTHS = (1, 2, 3)
OF_MEMBER = [q for step, q, _ in LINKS if step == "member"]
OF_RUN = [*(f"effort_{m}" for m in MECHANISMS), "tension", "n_members", "stock"]
EVENT = {"member": -1, "kind": "phase", "cause": "", "other": -1, "amount": 0.0, "benefit": 0.0, "aspiration": 0.0, "goodwill": 0.0,
         "needs_met_share": 0.0, "engagement": 0.0, "disclosure": 0.0, "trust": 0.0, "sector": "private"}  # fmt: skip


def run(policy, cells=(), series=(), events=(), gone=()):
    """Lay out a run in which all is 0 but the values in the arguments: (quantity, month[, member]) -> value; ``gone`` are (month, member)."""
    rows = [{"seed": 7, "policy": policy, "month": month, "member": member, "sector": ("private", "public")[member],
             "active": float((month, member) not in gone), **dict.fromkeys(OF_MEMBER, 0.0)} for month in MONTHS for member in (0, 1)]  # fmt: skip
    members = pd.DataFrame(rows)
    for (name, month, member), value in dict(cells).items():
        members.loc[(members["month"] == month) & (members["member"] == member), name] = value
    monthly = pd.DataFrame(
        [{"seed": 7, "policy": policy, "month": month, **dict.fromkeys(OF_RUN, 0.0)} for month in MONTHS]
    )
    for (name, month), value in dict(series).items():
        monthly.loc[monthly["month"] == month, name] = value
    told = pd.DataFrame(
        [{"seed": 7, "policy": policy, "month": 0, **EVENT, **event} for event in events],
        columns=["seed", "policy", "month", *EVENT],
    )
    return Tables(pd.DataFrame({"seed": [7], "policy": [policy]}), monthly, members, told)


def leaves(member, month, kind="frustrated", **more):
    return {"month": month, "member": member, "kind": f"exit {kind}", "cause": "leak", **more}


def found(one, other, place):
    rows = first_divergence(one, other).set_index("place")
    return rows.loc[place].to_dict() if place in rows.index else None


def test_effort_diverges_in_the_first_month_it_differs_and_in_the_mechanism_that_differs_most():
    one = run("a", series={("effort_track", 2): 1.0, ("effort_placebo", 2): 5.0, ("effort_bundle", 3): 99.0})
    other = run("b", series={("effort_track", 2): 3.0, ("effort_placebo", 2): 4.0})
    rows = first_divergence(one, other)

    assert list(rows) == ["place", "month", "member", "quantity", "meaning", "one", "other", "share"]
    assert found(one, other, "effort") == {
        "month": 2, "member": -1, "quantity": "effort_track", "meaning": "Effort spent: track", "one": 1.0, "other": 3.0,
        "share": pytest.approx(np.nan, nan_ok=True),
    }  # fmt: skip
    assert rows["place"].tolist() == ["effort"]


def test_of_members_the_largest_difference_by_the_range_of_the_quantity_is_named():
    """In month 2 goodwill differs by 2 of a range from -4 to 6, trust by 0.4 of a range from 0.1 to 0.9: 0.2 and 0.5."""
    both = {("goodwill", 1, 0): -4.0, ("goodwill", 1, 1): 6.0, ("trust", 1, 0): 0.1, ("trust", 1, 1): 0.1}
    rest = {("trust", m, k): 0.2 for m in (2, 3) for k in (0, 1)}
    one = run("a", both | rest | {("goodwill", 2, 0): 1.0, ("trust", 2, 1): 0.9})
    other = run("b", both | rest | {("goodwill", 2, 0): 3.0, ("trust", 2, 1): 0.5, ("lost", 3, 0): 99.0})

    assert found(one, other, "member") == {
        "month": 2, "member": 1, "quantity": "trust", "meaning": "Trust", "one": 0.9, "other": 0.5, "share": pytest.approx(0.5),
    }  # fmt: skip


def test_the_first_event_that_one_run_alone_has_is_named_and_of_one_month_the_one_that_comes_first():
    shared = [{"month": 1, "kind": "phase"}, {"month": 2, "member": 1, "kind": "leak"}]
    one = run("a", events=[*shared, {"month": 3, "member": 0, "kind": "entry"}])
    other = run(
        "b", events=[*shared, {"month": 2, "member": 1, "kind": "leak"}, {"month": 2, "member": 0, "kind": "entry"}]
    )

    second_leak = {"month": 2, "member": 1, "quantity": "leak", "one": 0.0, "other": 1.0}
    assert found(one, other, "event").items() >= second_leak.items()
    assert found(other, one, "event").items() >= (second_leak | {"one": 1.0, "other": 0.0}).items()


def test_matches_with_another_answer_are_other_events():
    one, other = (
        run(p, events=[{"month": 2, "member": 0, "kind": "match inside", "other": answer}])
        for p, answer in (("a", 1), ("b", 2))
    )

    assert found(one, other, "event")["quantity"] == "match inside"


def test_fates_are_set_side_by_side():
    one, other = (
        run("a", events=[leaves(0, 2, cause="leak")]),
        run("b", events=[leaves(1, 3, "satisfied", cause="needs met")]),
    )
    table = fates(one, other)

    assert list(table) == ["member", "sector", "policy_one", "left_one", "how_one", "cause_one", "policy_other", "left_other", "how_other",
                           "cause_other", "months"]  # fmt: skip
    assert table.drop(columns=["left_one", "left_other"]).to_numpy().tolist() == [
        [0, "private", "a", "frustrated", "leak", "b", "stays", "", 2],
        [1, "public", "a", "stays", "", "b", "satisfied", "needs met", -1],
    ]
    assert table["left_one"].fillna(0).tolist() == [2, 0]
    assert table["left_other"].fillna(0).tolist() == [0, 3]
    assert found(one, other, "exit").items() >= {"month": 2, "member": 0, "quantity": "left_month", "one": 2.0}.items()
    assert np.isnan(found(one, other, "exit")["other"])


def test_of_two_exits_in_a_month_the_larger_difference_is_named():
    one = run("a", events=[leaves(0, 1), leaves(1, 1)])
    other = run("b", events=[leaves(0, 2), leaves(1, 3)])

    assert found(one, other, "exit").items() >= {"month": 1, "member": 1, "one": 1.0, "other": 3.0}.items()


def test_who_joined_later_has_no_fate_and_who_left_at_once_has_one():
    one = run("a", events=[{"month": 1, "member": 1, "kind": "entry"}, leaves(0, 1)], gone=[(1, 0), (2, 0), (3, 0)])

    assert fates(one, run("b"))["member"].tolist() == [0]


def test_a_chain_follows_a_member_link_by_link():
    """Effort on tracking is 2 instead of 1 in month 2; captured value then 4 against 1, trust .55 and .5, until the end."""
    one = run("a", {("captured", 2, 0): 1.0, ("captured", 3, 0): 2.0, ("trust", 2, 0): 0.5, ("trust", 3, 0): 0.5},
              {("effort_track", 2): 1.0, ("tension", 3): 0.5})  # fmt: skip
    other = run("b", {("captured", 2, 0): 4.0, ("captured", 3, 0): 2.0, ("trust", 2, 0): 0.51, ("trust", 3, 0): 0.6},
                {("effort_track", 2): 2.0, ("tension", 3): 0.4},
                [{"month": 3, "member": 0, "kind": "intervention"}, {"month": 2, "member": 1, "kind": "match inside", "other": 0}])  # fmt: skip
    table = chain(one, other, 0)
    columns = ["step", "quantity", "total", "first", "clear", "one", "other", "until", "one_until", "other_until"]

    assert [c for c in table if c not in ("meaning", "unit")] == columns
    assert table[columns].iloc[:-1].to_numpy().tolist() == [
        ["orchestrator", "effort_track", True, 2, 2, 1.0, 2.0, 3, 1.0, 2.0],
        ["orchestrator", "intervention", True, 3, 3, 0.0, 1.0, 3, 0.0, 1.0],
        ["orchestrator", "match inside", True, 2, 2, 0.0, 1.0, 3, 0.0, 1.0],
        ["partnership", "tension", False, 3, 3, 0.5, 0.4, 3, 0.5, 0.4],
        ["member", "trust", False, 2, 3, 0.5, 0.6, 3, 0.5, 0.6],
        ["member", "captured", True, 2, 2, 1.0, 4.0, 3, 3.0, 6.0],
    ]
    last = table.iloc[-1]
    assert (last["step"], last["quantity"], last["total"], last["until"]) == ("exit", "left_month", False, 3)
    assert last[["first", "clear"]].isna().all()
    assert last[["one", "other", "one_until", "other_until"]].isna().all()
    assert dict(zip(table["quantity"], table["unit"], strict=True)).items() >= {
        "intervention": "events", "left_month": "month", "effort_track": "effort"}.items()  # fmt: skip
    assert table["meaning"].tolist()[1:3] == ["Times it is helped", "Its matches with members"]


def test_a_chain_ends_with_the_first_exit_and_says_when_each_left():
    one = run("a", {("lost", 1, 0): 1.0, ("lost", 3, 0): 9.0}, events=[leaves(0, 2)])
    other = run("b", {("lost", 2, 0): 1.5})
    table = chain(one, other, 0).set_index("quantity")

    assert table.loc["lost", ["first", "until", "one_until", "other_until"]].tolist() == [1, 2, 1.0, 1.5]
    assert table.loc["left_month", ["first", "clear", "one", "until"]].tolist() == [2, 2, 2, 2]
    assert np.isnan(table.loc["left_month", "other"])


def test_what_never_differs_clearly_has_no_clear_month():
    """1.00 and 1.05 differ by less than a tenth of the larger; 10 and 9 by just a tenth."""
    one, other = (
        run("a", {("cost", 2, 0): 1.0, ("routine", 2, 0): 10.0}),
        run("b", {("cost", 2, 0): 1.05, ("routine", 2, 0): 9.0}),
    )
    table = chain(one, other, 0).set_index("quantity")

    assert table.loc["cost", "first"] == 2
    assert table.loc["cost", ["clear", "one", "other"]].isna().all()
    assert table.loc["routine", "clear"] == 2


def test_runs_that_cannot_be_set_beside_each_other_are_refused():
    longer = run("b")
    longer = dataclasses.replace(longer, series=pd.concat([longer.series, longer.series.assign(month=4)]))

    with pytest.raises(
        InputError,
        match=r"seeds \[7\] with 2 members over 3 months and seeds \[7\] with 2 members over 4 months: give two runs of",
    ):
        first_divergence(run("a"), longer)
    with pytest.raises(InputError, match="the run has no table of events; simulate it with record="):
        first_divergence(run("a"), dataclasses.replace(run("b"), events=None))


def test_meanings_are_short_and_have_units():
    told = meanings()

    assert told["left_month"] == ("Month of leaving", "month")
    assert told["trust"] == ("Trust", "1")
    assert told["active"] == told["member"]
    assert not any(";" in words for words, _ in told.values())


# the story of an exit

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
    assert exit_record(run("a", DECLINE, events=HAPPENED), 0) == RECORD
    with pytest.raises(InputError, match=r"member 1 does not leave in this run; who leaves: \[0\]"):
        exit_record(run("a", DECLINE, events=HAPPENED), 1)


def test_a_streak_is_broken_by_a_month_without_a_fall():
    recovering = DECLINE | {("goodwill", 2, 0): 6.0}
    record = exit_record(run("a", recovering, events=HAPPENED), 0)

    assert (record["falls"], record["streak"]) == (1, 1)


def test_a_trajectory_has_what_was_expected_where_it_can_be_known():
    """Benefit less the change of goodwill: 0.2 + 1 = 1.2, then -0.5 + 5 = 4.5; unknown at first, and where goodwill is full."""
    expected = trajectory(run("a", DECLINE, events=HAPPENED), 0)["expected"].tolist()

    assert np.isnan(expected[0])
    assert expected[1:] == pytest.approx([1.2, 4.5])
    full = trajectory(run("a", DECLINE | {("goodwill", 2, 0): 5.0}, events=HAPPENED), 0)["expected"].tolist()
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


@pytest.mark.parametrize(("event", "told"), [
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
def test_an_event_is_described_in_words(event, told):
    (row,) = run("a", events=[event]).events.itertuples()
    assert describe_event(row) == told
