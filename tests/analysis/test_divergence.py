"""Where two runs first diverge and what followed: tables written by hand, and planted differences."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import sim
from sim.analysis.divergence import CLEAR, LINKS, NAMES, chain, fates, first_divergence, meanings
from sim.analysis.story import trajectory
from sim.core.errors import InputError
from sim.engine.simulate import RECORDS
from sim.model.effort import MECHANISMS
from tests.analysis.written_runs import SMALL, leaves, simulated, written_run
from tests.helpers import wholly


def divergence_at(one, other, place):
    rows = first_divergence(one, other).set_index("place")
    return rows.loc[place].to_dict() if place in rows.index else None


def test_effort_diverges_in_the_first_month_it_differs_and_in_the_mechanism_that_differs_most():
    one = written_run("a", series={("effort_track", 2): 1.0, ("effort_placebo", 2): 5.0, ("effort_bundle", 3): 99.0})
    other = written_run("b", series={("effort_track", 2): 3.0, ("effort_placebo", 2): 4.0})
    rows = first_divergence(one, other)

    assert list(rows) == ["place", "month", "member", "quantity", "meaning", "one", "other", "share"]
    assert divergence_at(one, other, "effort") == {
        "month": 2, "member": -1, "quantity": "effort_track", "meaning": "Effort spent: track", "one": 1.0, "other": 3.0,
        "share": pytest.approx(np.nan, nan_ok=True),
    }  # fmt: skip
    assert rows["place"].tolist() == ["effort"]


def test_of_members_the_largest_difference_by_the_range_of_the_quantity_is_named():
    """In month 2 goodwill differs by 2 of a range from -4 to 6, trust by 0.4 of a range from 0.1 to 0.9: 0.2 and 0.5."""
    both = {("goodwill", 1, 0): -4.0, ("goodwill", 1, 1): 6.0, ("trust", 1, 0): 0.1, ("trust", 1, 1): 0.1}
    rest = {("trust", m, k): 0.2 for m in (2, 3) for k in (0, 1)}
    one = written_run("a", both | rest | {("goodwill", 2, 0): 1.0, ("trust", 2, 1): 0.9})
    other = written_run("b", both | rest | {("goodwill", 2, 0): 3.0, ("trust", 2, 1): 0.5, ("lost", 3, 0): 99.0})

    assert divergence_at(one, other, "member") == {
        "month": 2, "member": 1, "quantity": "trust", "meaning": "Trust", "one": 0.9, "other": 0.5, "share": pytest.approx(0.5),
    }  # fmt: skip


def test_the_first_event_that_one_run_alone_has_is_named_and_of_one_month_the_one_that_comes_first():
    shared = [{"month": 1, "kind": "phase"}, {"month": 2, "member": 1, "kind": "leak"}]
    one = written_run("a", events=[*shared, {"month": 3, "member": 0, "kind": "entry"}])
    other = written_run(
        "b", events=[*shared, {"month": 2, "member": 1, "kind": "leak"}, {"month": 2, "member": 0, "kind": "entry"}]
    )

    second_leak = {"month": 2, "member": 1, "quantity": "leak", "one": 0.0, "other": 1.0}
    assert divergence_at(one, other, "event").items() >= second_leak.items()
    assert divergence_at(other, one, "event").items() >= (second_leak | {"one": 1.0, "other": 0.0}).items()


def test_matches_with_another_answer_are_other_events():
    one, other = (
        written_run(p, events=[{"month": 2, "member": 0, "kind": "match inside", "other": answer}])
        for p, answer in (("a", 1), ("b", 2))
    )

    assert divergence_at(one, other, "event")["quantity"] == "match inside"


def test_fates_are_set_side_by_side():
    one, other = (
        written_run("a", events=[leaves(0, 2, cause="leak")]),
        written_run("b", events=[leaves(1, 3, "satisfied", cause="needs met")]),
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
    assert (
        divergence_at(one, other, "exit").items()
        >= {"month": 2, "member": 0, "quantity": "left_month", "one": 2.0}.items()
    )
    assert np.isnan(divergence_at(one, other, "exit")["other"])


def test_of_two_exits_in_a_month_the_larger_difference_is_named():
    one = written_run("a", events=[leaves(0, 1), leaves(1, 1)])
    other = written_run("b", events=[leaves(0, 2), leaves(1, 3)])

    assert divergence_at(one, other, "exit").items() >= {"month": 1, "member": 1, "one": 1.0, "other": 3.0}.items()


def test_who_joined_later_has_no_fate_and_who_left_at_once_has_one():
    one = written_run(
        "a", events=[{"month": 1, "member": 1, "kind": "entry"}, leaves(0, 1)], gone=[(1, 0), (2, 0), (3, 0)]
    )

    assert fates(one, written_run("b"))["member"].tolist() == [0]


def test_a_chain_follows_a_member_link_by_link():
    """Effort on tracking is 2 instead of 1 in month 2; captured value then 4 against 1, trust .55 and .5, until the end."""
    one = written_run("a", {("captured", 2, 0): 1.0, ("captured", 3, 0): 2.0, ("trust", 2, 0): 0.5, ("trust", 3, 0): 0.5},
              {("effort_track", 2): 1.0, ("tension", 3): 0.5})  # fmt: skip
    other = written_run("b", {("captured", 2, 0): 4.0, ("captured", 3, 0): 2.0, ("trust", 2, 0): 0.51, ("trust", 3, 0): 0.6},
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
    one = written_run("a", {("lost", 1, 0): 1.0, ("lost", 3, 0): 9.0}, events=[leaves(0, 2)])
    other = written_run("b", {("lost", 2, 0): 1.5})
    table = chain(one, other, 0).set_index("quantity")

    assert table.loc["lost", ["first", "until", "one_until", "other_until"]].tolist() == [1, 2, 1.0, 1.5]
    assert table.loc["left_month", ["first", "clear", "one", "until"]].tolist() == [2, 2, 2, 2]
    assert np.isnan(table.loc["left_month", "other"])


def test_what_never_differs_clearly_has_no_clear_month():
    """1.00 and 1.05 differ by less than a tenth of the larger; 10 and 9 by just a tenth."""
    one, other = (
        written_run("a", {("cost", 2, 0): 1.0, ("routine", 2, 0): 10.0}),
        written_run("b", {("cost", 2, 0): 1.05, ("routine", 2, 0): 9.0}),
    )
    table = chain(one, other, 0).set_index("quantity")

    assert table.loc["cost", "first"] == 2
    assert table.loc["cost", ["clear", "one", "other"]].isna().all()
    assert table.loc["routine", "clear"] == 2


def test_runs_that_cannot_be_set_beside_each_other_are_refused():
    longer = written_run("b")
    longer = dataclasses.replace(longer, series=pd.concat([longer.series, longer.series.assign(month=4)]))

    with pytest.raises(
        InputError,
        match=r"seeds \[7\] with 2 members over 3 months and seeds \[7\] with 2 members over 4 months: give two runs of",
    ):
        first_divergence(written_run("a"), longer)
    with pytest.raises(InputError, match="the run has no table of events; simulate it with record="):
        first_divergence(written_run("a"), dataclasses.replace(written_run("b"), events=None))


def test_meanings_are_short_and_have_units():
    text = meanings()

    assert text["left_month"] == ("Month of leaving", "month")
    assert text["trust"] == ("Trust", "1")
    assert text["active"] == text["member"]
    assert not any(";" in words for words, _ in text.values())


def helps(member, month):
    """Do nothing, but in one month help one member as far as can be."""

    def allocate(seen, budget, memory):
        whom = np.zeros_like(seen.members)
        whom[member] = 1.0
        return seen.spend(intervene=1.0 * (seen.month == month), whom=whom), memory

    return allocate


@pytest.mark.parametrize(("member", "month"), [(4, 9), (0, 1), (7, 24)])
def test_help_planted_in_one_month_for_one_member_is_the_first_divergence(member, month):
    neutral, planted = simulated("neutral"), simulated(helps(member, month))
    result = first_divergence(neutral, planted).set_index("place")

    assert result.loc[["effort", "member", "event"], "month"].tolist() == [month] * 3
    assert result.loc[["member", "event"], "member"].tolist() == [member] * 2
    assert result.loc["effort", ["quantity", "one", "other"]].tolist() == ["effort_intervene", 0.0, 1.0]
    assert result.loc["event", ["quantity", "one", "other"]].tolist() == ["intervention", 0.0, 1.0]
    values = neutral.members.columns.difference(NAMES)
    differ = (neutral.members[values] != planted.members[values]).any(axis=1)
    assert neutral.members.loc[differ & (neutral.members["month"] <= month), "member"].unique().tolist() == [member]


def test_safeguarding_planted_in_one_month_diverges_then_and_for_everyone():
    def allocate(seen, budget, memory):
        return seen.spend(safeguard=(seen.month >= 6) * seen.prices.safeguard * seen.n_members), memory

    runs = simulated("neutral"), simulated(allocate)
    result = first_divergence(*runs).set_index("place")
    members = runs[0].series["n_members"][4]

    assert result.loc["effort", ["month", "quantity", "other"]].tolist() == [
        6, "effort_safeguard", pytest.approx(0.1 * members)]  # fmt: skip
    assert result.loc["member", "month"] == 6
    assert (chain(*runs, 5).query("step != 'exit'")["first"] >= 6).all()


def test_the_member_and_quantity_named_are_those_that_differ_most_by_the_range_of_the_quantity(denim):
    row = first_divergence(*denim).set_index("place").loc["member"]
    one, other = (run.members.drop(columns=list(NAMES), errors="ignore") for run in denim)
    shares = ((one - other).abs() / (pd.concat([one, other]).max() - pd.concat([one, other]).min()))[
        denim[0].members["month"] == row["month"]
    ]

    assert row["share"] == pytest.approx(shares.max().max())
    assert row["quantity"] == shares.max().idxmax()
    assert row["member"] == shares[row["quantity"]].to_numpy().argmax()


def test_identical_policies_never_diverge():
    runs = simulated("adaptive_tracking"), simulated("adaptive_tracking")
    followed = chain(*runs, 0)

    assert first_divergence(*runs).empty
    assert followed["step"].tolist() == ["exit"]
    assert followed["first"].isna().all()
    assert (fates(*runs)["months"].fillna(0) == 0).all()


def test_the_placebo_differs_from_neutral_in_the_effort_spent_alone():
    runs = simulated("neutral"), simulated("placebo")

    assert first_divergence(*runs)[["place", "month", "quantity"]].to_numpy().tolist() == [
        ["effort", 1, "effort_placebo"]
    ]
    assert chain(*runs, 2).query("step != 'exit'")["quantity"].tolist() == ["effort_placebo"]


def test_who_leaves_for_other_reasons_under_both_leaves_in_the_same_month(denim):
    both = fates(*denim).query("how_one == 'other' and how_other == 'other'")

    assert len(both) == 2
    assert (both["months"] == 0).all()


def test_fates_add_up_to_the_exits_of_the_summary(denim):
    result = fates(*denim)

    assert len(result) == 51
    for name, run in zip(("one", "other"), denim, strict=True):
        assert result[f"how_{name}"].eq("stays").mean() == pytest.approx(run.summary["retention"][0])
        assert result[f"left_{name}"].isna().equals(result[f"how_{name}"].eq("stays"))
        for how in ("satisfied", "frustrated", "other"):
            assert result[f"how_{name}"].eq(how).sum() == run.summary[f"exits_{how}"][0]


def test_months_between_fates_are_exact_or_the_least_they_can_be(denim):
    result = fates(*denim).set_index("member")

    assert result.loc[5, ["left_one", "left_other", "months"]].tolist() == [11, 24, 13]
    assert result.loc[13, ["left_one", "how_other", "months"]].tolist() == [41, "stays", 61 - 41]
    assert result.loc[result["how_one"].eq("stays") & result["how_other"].eq("stays"), "months"].isna().all()
    back = fates(denim[1], denim[0]).set_index("member")["months"]
    assert back.equals(-result["months"])


def test_the_first_exit_that_differs_is_the_earliest_and_of_several_the_most_different(denim):
    result, row = fates(*denim), first_divergence(*denim).set_index("place").loc["exit"]
    differ = result[result["months"].fillna(0) != 0]
    earliest = differ[["left_one", "left_other"]].min(axis=1)

    assert row["month"] == earliest.min()
    assert row["member"] == differ.loc[differ[earliest == earliest.min()]["months"].abs().idxmax(), "member"]
    assert [row["one"], row["other"]] == [11, 24]


def test_exits_diverge_where_a_founder_leaves_in_one_run_and_stays_in_the_other():
    forced = SMALL.replace(**{"shocks.forced_exit.month": 9, "shocks.forced_exit.member": 2})
    row = first_divergence(simulated("neutral", forced), simulated("neutral")).set_index("place").loc["exit"]

    assert row[["month", "member", "one"]].tolist() == [9, 2, 9.0]
    assert np.isnan(row["other"])


def test_founders_are_distinguished_from_those_who_join_later():
    scenario = SMALL.replace(**{"size.candidates": 5, "rules.membership.entry_rate": 0.3})
    runs = simulated("neutral", scenario), simulated("adaptive", scenario)
    joined = runs[0].events.query("kind == 'entry'")

    assert joined["month"].min() == 1
    assert fates(*runs)["member"].tolist() == list(range(10))
    assert trajectory(runs[0], joined["member"].iloc[-1])["month"].iloc[0] == joined["month"].iloc[-1]


def test_the_numbers_of_a_chain_are_those_of_the_tables(denim):
    member, until = 5, 11
    result = chain(*denim, member).set_index("quantity")

    assert (result["until"] == until).all()
    assert result.loc["left_month", ["one", "other"]].tolist() == [11, 24]
    for name, run in zip(("one", "other"), denim, strict=True):
        mine = run.members.query("member == @member and month <= @until").set_index("month")
        series = run.series.query("month <= @until").set_index("month")
        for quantity in ("captured", "lost", "gained", "cost"):
            assert result.loc[quantity, f"{name}_until"] == pytest.approx(mine[quantity].sum())
        for quantity in ("disclosure", "trust", "benefit", "goodwill"):
            assert result.loc[quantity, f"{name}_until"] == mine.loc[until, quantity]
            assert result.loc[quantity, name] == mine.loc[result.loc[quantity, "clear"], quantity]
        assert result.loc["tension", f"{name}_until"] == series.loc[until, "tension"]
        assert result.loc["effort_safeguard", f"{name}_until"] == pytest.approx(series["effort_safeguard"].sum())
        helped = run.events.query("kind == 'intervention' and member == @member and month <= @until")
        assert result.loc["intervention", f"{name}_until"] == len(helped)


def test_a_chain_says_when_a_quantity_differs_at_all_and_when_clearly(denim):
    result = chain(*denim, 5).set_index("quantity")
    one, other = (run.members.query("member == 5 and month <= 11").set_index("month")["trust"] for run in denim)
    gaps = (one - other).abs()

    assert result.loc["trust", "first"] == gaps.index[gaps > 0][0] == 1
    assert result.loc["trust", "clear"] == gaps.index[gaps >= CLEAR * max(one.max(), other.max())][0] == 6
    assert pd.isna(result.loc["routine", "clear"])


def test_every_link_of_a_chain_is_in_the_tables_and_has_a_meaning(denim):
    text = meanings()

    assert {f"effort_{m}" for m in MECHANISMS} <= {quantity for _, quantity, _ in LINKS}
    for step, quantity, _ in LINKS:
        if quantity in text:
            assert quantity in (denim[0].members if step == "member" else denim[0].series)
    assert set(denim[0].members.columns) - set(NAMES) - {"segment", "resources"} <= set(text)


def test_runs_that_are_not_a_pair_are_refused():
    one = simulated("neutral")
    for other, words in (
        (
            simulated("neutral", seed=4),
            "seeds [3] with 10 members over 24 months and seeds [4] with 10 members over 24 months",
        ),
        (
            simulated("neutral", months=12),
            "seeds [3] with 10 members over 24 months and seeds [3] with 10 members over 12 months",
        ),
        (
            simulated("neutral", SMALL.replace(**{"size.partners": 11})),
            "seeds [3] with 10 members over 24 months and seeds [3] with 11 members over 24 months",
        ),
    ):
        with pytest.raises(
            InputError, match=wholly(f"{words}: give two runs of one seed, each alone, of the same size and length")
        ):
            first_divergence(one, other)
    two = sim.simulate(SMALL, 2, "neutral", 24, RECORDS)
    with pytest.raises(InputError, match="each alone, of the same size and length"):
        fates(two, two)
    with pytest.raises(InputError, match="the run has no table of members; simulate it with record="):
        first_divergence(one, sim.simulate(SMALL, [3], "neutral", 24))
    with pytest.raises(InputError, match="member=10: there is no such member; members are numbered 0 to 9"):
        chain(one, one, 10)
