"""Each invariant, worked by hand: what it gives for accounts that balance, and by how much others are off."""

from types import SimpleNamespace as Of

import numpy as np
import pytest

from sim.core.declare import variables
from sim.engine.batch import Batch
from sim.model import invariants
from sim.model.invariants import InvariantError, check, ranges
from sim.model.scenario import Scenario
from sim.model.state import State
from tests.helpers import each, exactly, partnership

SMALL = Scenario().replace(**{"size.partners": 4})


def off(identity, before, flows, after, p=None):
    """Give by how much an identity is off, in the first run."""
    return np.asarray(identity(Of(**before), Of(**flows), Of(**after), p))[..., 0].ravel().tolist()


def test_the_stock_keeps_what_does_not_wear_off_and_gains_a_part_of_what_is_made():
    """A tenth of 1 + 3 wears off, half of 2 is added: 4.6, in any domains; and the agenda divides 1."""
    p = Of(rules=Of(creation=Of(depreciation=0.1, stock_gain=0.5)))
    before, flows = {"stock": each((1.0, 3.0))}, {"created": each(2.0)}
    for stock, agenda, error in (
        ((4.0, 0.6), (0.5, 0.5), 0),
        ((4.0, 0.9), (0.5, 0.5), 0.3),
        ((4.0, 0.3), (0.5, 0.3), 0.5),
    ):
        after = {"stock": each(stock), "agenda": each(agenda)}
        assert off(invariants.stock, before, flows, after, p) == exactly([error])


def test_parts_sum_to_what_is_created_and_society_has_it():
    before = {"society_value": each(10.0)}
    for contributed, society, error in (
        ((1, 2), 13, 0),
        ((1, 1), 13, 1),
        ((1, 4), 13, 2),
        ((1, 2), 12.5, 0.5),
        ((1, 1), 14, 2),
    ):
        flows = {"contributed": each(*contributed), "created": each(3.0)}
        assert off(invariants.creation, before, flows, {"society_value": each(society)}) == exactly([error])


def test_a_ledger_moves_by_what_comes_and_goes():
    """Captured 5 + gained 2 - lost 1 - cost 3 of which 0.5 is paid + payoff 4 - fee 2: 5.5."""
    moved = {"captured": 5, "gained": 2, "lost": 1, "cost": 3, "subsidy": 0.5, "payoff": 4, "fees": 2}
    flows = {k: each(v) for k, v in moved.items()}
    for ledger, error in ((15.5, 0), (15, 0.5), (16.5, 1)):
        assert off(invariants.ledger, {"ledger": each(10.0)}, flows, {"ledger": each(ledger)}) == exactly([error])


LEAKS = [
    ("one loses 0.5, its rival has 0.3 of it", (0.5, 0, 0), (0, 0.3, 0), 0.2, [0, 0, 0]),
    ("more is gained than was lost", (0.5, 0, 0), (0, 0.9, 0), 0.0, [0.4, 0.4, 0.4]),
    ("less than nothing dissipates", (0.5, 0, 0), (0, 0.9, 0), -0.4, [0.4, 0.4, 0.4]),
    ("who is in no segment gains", (0.5, 0, 0), (0, 0, 0.3), 0.2, [0, 0, 0.3]),
    ("one gains from its own leak", (0.5, 0, 0), (0.3, 0, 0), 0.2, [0.3, 0, 0]),
    ("both lose and both gain", (2.0, 3.0, 0), (1.0, 1.0, 0), 3.0, [0, 0, 0]),
]


@pytest.mark.parametrize(
    ("lost", "gained", "dissipated", "errors"), [case[1:] for case in LEAKS], ids=[case[0] for case in LEAKS]
)
def test_what_leaks_take_is_what_rivals_gain_and_what_dissipates(lost, gained, dissipated, errors):
    before = {"in_segment": each((1.0, 0.0), (1.0, 0.0), (0.0, 0.0))}
    flows = {"lost": each(*lost), "gained": each(*gained), "dissipated": each(dissipated)}
    assert off(invariants.leaks, before, flows, {}) == exactly(errors)


def test_what_is_met_was_captured_and_is_no_more_than_the_need():
    for fulfilled, error in ((3.0, 0), (2.5, 0.5), (3.5, 0.5), (5.0, 3.0)):
        assert off(
            invariants.need,
            {"needs_met": each(1.0)},
            {"captured": each(2.0)},
            {"needs_met": each(fulfilled), "need": each(4.0)},
        ) == exactly([error])


def test_effort_is_not_negative_and_within_the_budget():
    for spent, error in (((1, 2), 0), ((1, 3.5), 0.5), ((-1, 2), 1), ((-1, 7), 3), ((0, 4), 0)):
        flows = {"spent": dict(zip("ab", map(each, spent), strict=True))}
        assert off(invariants.effort, {}, flows, {"budget": each(4.0)}) == exactly([error])


def test_the_grant_falls_by_what_is_spent_or_withdrawn_and_never_below_nothing():
    flows = {"grant_spent": each(2.0), "grant_withdrawn": each(3.0)}
    for before, after, error in ((6, 1, 0), (6, 2, 1), (6, 0, 1), (4, -1, 1), (5, 0, 0)):
        assert off(invariants.fund, {"fund": each(before)}, flows, {"fund": each(after)}) == exactly([error])


QUIET = dict.fromkeys(("contributed", "captured", "cost", "gained", "lost", "refill", "paid", "payoff", "satisfied", "frustrated", "other", "entered"), (0.0, 0.0))  # fmt: skip
HEADS = [
    ("one leaves satisfied", {"satisfied": (1, 0)}, (0, 0), (1, 0), [0, 0]),
    ("one leaves frustrated", {"frustrated": (1, 0)}, (0, 0), (1, 0), [0, 0]),
    ("one is called away", {"other": (1, 0)}, (0, 0), (1, 0), [0, 0]),
    ("one leaves for two reasons", {"other": (1, 0), "satisfied": (1, 0)}, (0, 0), (1, 0), [2, 0]),
    ("one joins", {"entered": (0, 1)}, (1, 1), (0, 0), [0, 0]),
    ("one goes unseen", {}, (0, 0), (0, 0), [1, 0]),
    ("one comes unseen", {}, (1, 1), (0, 0), [0, 1]),
    ("one is said to have left and did not", {}, (1, 0), (1, 0), [1, 0]),
    ("one leaves and is not said to have", {"satisfied": (1, 0)}, (0, 0), (0, 0), [1, 0]),
    ("a stranger leaves", {"satisfied": (0, 1)}, (1, 0), (0, 1), [0, 2]),
    *((f"a stranger's {flow}", {flow: (5, 3)}, (1, 0), (0, 0), [0, 3]) for flow in list(QUIET)[:8]),
    *((f"a stranger's negative {flow}", {flow: (5, -3)}, (1, 0), (0, 0), [0, 3]) for flow in list(QUIET)[:8]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("flows", "member", "left", "errors"), [case[1:] for case in HEADS], ids=[case[0] for case in HEADS]
)
def test_heads_are_counted_and_strangers_do_nothing(flows, member, left, errors):
    """Of two, the first is a member and has not left; the second is not a member."""
    moved = {name: each(*values) for name, values in (QUIET | flows).items()}
    before, after = {"member": each(1, 0), "left": each(0, 0)}, {"member": each(*member), "left": each(*left)}
    assert off(invariants.heads, before, moved, after) == exactly(errors)


def test_nobody_who_left_comes_back():
    moved = {name: each(*values) for name, values in (QUIET | {"entered": (1, 0)}).items()}
    before, after = {"member": each(0, 1), "left": each(1, 0)}, {"member": each(1, 1), "left": each(1, 0)}
    assert off(invariants.heads, before, moved, after) == exactly([1, 0])


def test_a_disclosed_unit_goes_one_way():
    """Safeguarding s and bundling b leave s, (1 - s) b and (1 - s) (1 - b): never more than 1, and none below 0."""
    for safeguard, bundle, error in ((0.3, 0.5, 0), (1, 1, 0), (0, 0, 0), (1.5, 0, 0.5), (0.5, -1, 0.5)):
        effort = Of(safeguard=each(safeguard), bundle=each(bundle))
        assert off(invariants.information, {}, {"effort": effort}, {}) == exactly([error])


def test_a_reserve_moves_by_refill_and_payment_and_stays():
    flows = {"refill": each(2.0, 0), "paid": each(1.0, 0)}
    for before, after, errors in (
        ((3, 0), (4, 0), [0, 0]),
        ((3, 0), (4.5, 0), [0.5, 0]),
        ((3, 0), (2, 0), [2, 0]),
        ((3, -2), (4, -2), [0, 2]),
    ):
        result = off(invariants.reserve, {"reserve": each(*before)}, flows, {"reserve": each(*after)})
        assert result == pytest.approx(errors, abs=2e-9)
        assert (result[1] == 0) == (errors[1] == 0), "a reserve of nothing is nothing amiss"


TIES = [
    ("two hold each other", [[1, -1], [0, -1], [-1, -1]], (1, 1, 0), (1, 1, 1), [0, 0, 0]),
    ("a tie is not counted", [[1, -1], [0, -1], [-1, -1]], (1, 0, 0), (1, 1, 1), [0, 1, 0]),
    ("a tie is counted twice", [[1, -1], [0, -1], [-1, -1]], (1, 2, 0), (1, 1, 1), [0, 1, 0]),
    ("a tie leads to one who left", [[1, -1], [0, -1], [-1, -1]], (1, 1, 0), (1, 0, 1), [1, 1, 0]),
    ("a tie is held one way", [[1, -1], [-1, -1], [-1, -1]], (1, 0, 0), (1, 1, 1), [1, 0, 0]),
    ("a tie is listed twice", [[1, 1], [0, -1], [-1, -1]], (2, 1, 0), (1, 1, 1), [0, 1, 0]),
    ("all hold all", [[1, 2], [2, 0], [0, 1]], (2, 2, 2), (1, 1, 1), [0, 0, 0]),
    ("two of three hold one way", [[1, 2], [-1, -1], [-1, -1]], (2, 0, 0), (1, 1, 1), [2, 0, 0]),
]


@pytest.mark.parametrize(
    ("tie_to", "n_ties", "member", "errors"), [case[1:] for case in TIES], ids=[case[0] for case in TIES]
)
def test_ties_are_counted_hold_both_ways_and_join_members(tie_to, n_ties, member, errors):
    after = {"tie_to": each(*tie_to).astype(int), "n_ties": each(*n_ties), "member": each(*member)}
    assert off(invariants.ties, {}, {}, after) == exactly(errors)


@pytest.mark.parametrize(
    "name", [n for n, facts in variables(State).items() if np.isfinite(facts["low"]) and not facts["fixed"]]
)
def test_a_variable_below_its_range_is_named_with_the_range_the_unit_and_the_month(name):
    facts, state = variables(State)[name], partnership(3)
    ranges(state)
    values = np.array(getattr(state, name), dtype=float)
    values.flat[0] = facts["low"] - 0.5

    with pytest.raises(InvariantError) as error:
        ranges(state.replace(**{name: values}))
    assert str(error.value).startswith(f"month 0: {name} lies in {facts['low'] - 0.5:g} to ")
    assert str(error.value).endswith(f"; declared is {facts['low']:g} to {facts['high']:g} {facts['unit']}")


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_variable_that_is_not_a_number_is_named(wrong):
    state = partnership(3)
    ledger = np.array(state.ledger)
    ledger[1, 0] = wrong

    with pytest.raises(InvariantError, match="month 0: ledger lies in"):
        ranges(state.replace(ledger=ledger))


def test_the_tolerance_is_a_billionth_and_grows_with_the_ledgers():
    """An error of 2e-6 is too much where ledgers are small, and rounding where one is 10,000."""
    batch = Batch(SMALL, [0, 1], "neutral")
    before, flows, after = batch.advance()
    nudged = after.replace(society_value=after.society_value + 2e-6)
    with pytest.raises(
        InvariantError, match=r"month 1: identity 'creation' is off by 2e-06: I2: the members' parts sum"
    ):
        check(before, flows, nudged, batch.params)

    rich = np.array(before.ledger)
    rich[0] += 1e4
    check(
        before.replace(ledger=rich), flows, nudged.replace(ledger=after.ledger + (rich - before.ledger)), batch.params
    )


def test_what_is_fixed_stays_the_very_same():
    batch = Batch(SMALL, [0, 1], "neutral")
    before, flows, after = batch.advance()

    with pytest.raises(InvariantError, match=r"^month 1: need is fixed and was changed$"):
        check(before, flows, after.replace(need=np.array(after.need)), batch.params)
