"""Dated events and rosters: each does what it says, in its month, in both engines."""

import numpy as np
import pytest

import sim
from sim.core.errors import InputError
from sim.engine.batch import Batch

ROWS = [
    {"name": f"Member {k}", "sector": "private" if k % 2 else "public", "segment": k % 3 if k % 2 else -1}
    for k in range(8)
]


def case(*events, **changes):
    return sim.Scenario().replace(members=ROWS, events=list(events), **{"rules.leak.rate": 0.0, **changes})


def states(*events, months=6, policy="neutral", **changes):
    """Give what moved each month, and the state after it, of two runs."""
    batch = Batch(case(*events, **changes), [1, 2], policy)
    return [batch.advance()[1:] for _ in range(months)]


def test_a_leak_strikes_the_member_that_is_named_in_its_month():
    leaked = [flows.leaked for flows, _ in states({"month": 3, "kind": "leak", "member": 5})]
    assert [np.flatnonzero(month[:, 0]).tolist() if month.any() else [] for month in leaked] == [
        [],
        [],
        [5],
        [],
        [],
        [],
    ]


@pytest.mark.parametrize(("size", "better"), [(-4.0, False), (4.0, True)])
def test_a_rumour_is_evidence_against_and_a_good_word_evidence_for(size, better):
    plain, told = states(), states({"month": 3, "kind": "trust", "member": 2, "size": size})
    assert (plain[1][1].trust == told[1][1].trust).all()
    difference = told[2][1].trust[:, 0] - plain[2][1].trust[:, 0]
    assert (difference[2] > 0) == better
    assert abs(difference[2]) > 0.05
    memory = sim.Scenario().rules.trust.memory
    evidence = (told[2][1].trust_for + told[2][1].trust_against - plain[2][1].trust_for - plain[2][1].trust_against)[2]
    assert evidence == pytest.approx(4.0 * memory)


def test_interest_is_lost_in_a_segment_and_regained_but_not_above_all_of_it():
    lost = {"month": 2, "kind": "interest", "segment": 1, "size": 0.5}
    back = {"month": 4, "kind": "interest", "segment": -1, "size": -0.7}
    after = [state.interest[:, 0] for _, state in states(lost, back)]
    in_one = np.array([m["segment"] == 1 for m in ROWS])
    assert after[1].tolist() == np.where(in_one, 0.5, 1.0).tolist()
    assert after[3].tolist() == [1.0] * 8


def test_a_grant_is_cut_and_renewed_and_never_below_nothing():
    short = {"grant.months": 10.0}
    fund = [state.fund[0, 0] for _, state in states({"month": 2, "kind": "grant", "size": -3.0}, **short)]
    assert fund[:3] == [9.0, 5.0, 4.0]
    fund = [state.fund[0, 0] for _, state in states({"month": 2, "kind": "grant", "size": -300.0}, **short)]
    assert fund[:3] == [9.0, 0.0, 0.0]
    fund = [state.fund[0, 0] for _, state in states({"month": 2, "kind": "grant", "size": 12.0}, **short)]
    assert fund[:3] == [9.0, 20.0, 19.0]


def test_a_budget_holds_from_its_month_until_the_next():
    events = [{"month": 4, "kind": "budget", "size": 1.0}, {"month": 2, "kind": "budget", "size": 9.0}]
    assert [state.budget[0, 0] for _, state in states(*events)] == [6.0, 9.0, 9.0, 1.0, 1.0, 1.0]


def test_a_new_orchestrator_knows_less_and_can_do_as_much():
    plain, changed = (
        states(policy="adaptive_tracking"),
        states({"month": 3, "kind": "orchestrator", "size": 1.0}, policy="adaptive_tracking"),
    )
    assert (changed[2][1].knowledge < plain[2][1].knowledge).any()
    assert (changed[2][1].staff == 1.0).all()


def test_a_representative_is_replaced_by_name():
    turned = [flows.turned_over for flows, _ in states({"month": 2, "kind": "turnover", "member": 4})]
    assert turned[1][4].tolist() == [1.0, 1.0]


def test_at_departures_of_all_everybody_goes_but_who_is_known_to_stay():
    last = states({"month": 2, "kind": "departures"}, months=2)[-1][1]
    assert last.member.sum() == 0
    last = states({"month": 2, "kind": "departures"}, months=2, now=2)[-1][1]
    assert last.member.sum() == 16


def test_a_common_shock_of_a_size_is_felt_and_wears_off():
    felt = [state.common[0, 0] for _, state in states({"month": 2, "kind": "common"}, **{"shocks.common.rate": 0.0})]
    memory = sim.Scenario().shocks.common.memory
    assert felt[:4] == pytest.approx([0.0, 1.0, memory, memory**2])


def test_at_a_renewal_members_decide_that_otherwise_are_bound():
    bound = {"rules.membership.term": 100.0, "start.goodwill": 0.0, "start.optimism": 0.0, "start.aspiration": 2.0}
    bound["rules.membership.other_rate"] = 0.0
    assert states(**bound)[-1][1].member.sum() == 16
    assert states({"month": 4, "kind": "renewal"}, **bound)[-1][1].member.sum() < 16


def test_both_engines_agree_on_a_roster_with_every_kind_of_event():
    events = [
        {"month": 4, "kind": "leak", "member": 1}, {"month": 3, "kind": "trust", "size": -3.0},
        {"month": 6, "kind": "budget", "size": 2.0}, {"month": 9, "kind": "grant", "size": -5.0},
        {"month": 9, "kind": "common"}, {"month": 10, "kind": "renewal"},
        {"month": 11, "kind": "turnover", "member": 2}, {"month": 7, "kind": "interest", "segment": 1, "size": 0.4},
        {"month": 8, "kind": "orchestrator", "size": 0.5}, {"month": 13, "kind": "departures", "size": 0.3},
    ]  # fmt: skip
    rows = [ROWS[0] | {"leaves": 9}, *ROWS[1:7], ROWS[7] | {"joins": 5}]
    scenario = case(*events, now=10).replace(members=rows)
    pytest.importorskip("llvmlite")
    one, other = (sim.simulate(scenario, 20, "neutral", 16, engine=e).summary for e in ("numpy", "compiled"))
    numbers = one.select_dtypes("number").columns
    assert (one[numbers] - other[numbers]).abs().max().max() < 1e-9


def test_what_a_roster_says_is_so_in_every_run_and_the_rest_is_drawn():
    rows = [row | {"size": 2.0, "mission": 0.25, "readiness": 0.9} if k == 3 else row for k, row in enumerate(ROWS)]
    state = Batch(sim.Scenario().replace(members=rows), [1, 2], "neutral").state
    assert state.resources[3].tolist() == [2.0, 2.0]
    assert state.mission[3].tolist() == [0.25, 0.25]
    assert state.routine[3].tolist() == state.representative[3].tolist() == [0.9, 0.9]
    assert state.resources[2][0] != state.resources[2][1]
    assert state.sector[:, 0].tolist() == [0, 1] * 4
    assert state.segment[:, 0].tolist() == [row["segment"] for row in ROWS]


def test_members_join_leave_and_stay_as_is_known():
    rows = [ROWS[0] | {"leaves": 9}, *ROWS[1:7], ROWS[7] | {"joins": 5}]
    hard = {"start.goodwill": 0.0, "start.aspiration": 2.0, "rules.membership.other_rate": 0.5}
    scenario = sim.Scenario().replace(members=rows, now=12, **hard)
    batch = Batch(scenario, [1, 2, 3], "neutral")
    months = [batch.advance()[2].member for _ in range(16)]
    assert all((m[0] == (k < 9)).all() for k, m in enumerate(months, 1))
    assert all((m[7] == (k >= 5)).all() for k, m in enumerate(months[:12], 1))
    assert all((m[1:7] == 1).all() for m in months[:12])
    assert months[-1].sum() < months[11].sum()


@pytest.mark.parametrize(("changes", "message"), [
    ({"members": [{"name": "A"}, {"name": "A"}]}, "'A' occurs twice"),
    ({"members": [{"name": "A"}, {"name": " "}]}, "number 2|' '"),
    ({"members": [{"name": "A", "sector": "privat"}, {"name": "B"}]}, "did you mean private"),
    ({"members": [{"name": "A", "segment": 3}, {"name": "B"}]}, "segments are 0 to 2"),
    ({"members": [{"name": "A", "joins": 4, "leaves": 4}, {"name": "B"}, {"name": "C"}]}, "has to join before it leaves"),
    ({"members": [{"name": "A", "joins": 4}, {"name": "B"}]}, "at least two founders"),
    ({"members": [{"name": "A", "size": -1.0}, {"name": "B"}]}, "members.0.size"),
    ({"members": [{"name": "A", "colour": "red"}, {"name": "B"}]}, "no such parameter"),
    ({"events": [{"month": 3, "kind": "leak"}]}, "name the member whose information leaks"),
    ({"events": [{"month": 3, "kind": "leak", "member": 99}]}, "members are 0 to 23"),
    ({"events": [{"month": 3, "kind": "interest", "segment": 9}]}, "segments are 0 to 2"),
    ({"events": [{"month": 3, "kind": "budget", "size": -1.0}]}, "allowed is 0 to 100"),
    ({"events": [{"month": 3, "kind": "renewal", "member": 1}]}, "leave member out"),
    ({"events": [{"month": 0, "kind": "renewal"}]}, "events.0.month"),
    ({"events": [{"month": 1, "kind": "riot"}]}, "events.0.kind"),
    ({"members": ROWS, "size.partners": 9}, "the roster says"),
])  # fmt: skip
def test_a_roster_or_event_that_cannot_be_is_named_in_a_line(changes, message):
    base = sim.Scenario().replace(members=ROWS) if "size.partners" in changes else sim.Scenario()
    changes = {k: v for k, v in changes.items() if not (k == "members" and v is ROWS)}
    with pytest.raises(InputError, match=message):
        base.replace(**changes)
