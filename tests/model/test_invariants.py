# expected == actual
import re

import numpy as np
import pytest

from sim import simulate
from sim.engine import batch
from sim.engine.batch import Batch
from sim.model.invariants import IDENTITIES, InvariantError, check, ranges
from sim.model.policies import POLICIES
from sim.model.scenario import Scenario
from tests.helpers import EVERY_MECHANISM, OFF

EVENTFUL = {
    "size.partners": 12,
    "size.candidates": 4,
    "size.segments": 2,
    "rules.leak.rate": 0.6,
    "rules.membership.other_rate": 0.02,
    "rules.membership.entry_rate": 0.1,
    "start.goodwill": 3.0,
}

ALL_SHOCKS = {
    "shocks.grant_end.month": 9,
    "shocks.orchestrator_loss.month": 5,
    "shocks.orchestrator_loss.share": 1.0,
    "shocks.representative_turnover.month": 6,
    "shocks.representative_turnover.share": 1.0,
    "shocks.loss_of_interest.month": 7,
    "shocks.loss_of_interest.size": 1.0,
    "shocks.forced_exit.month": 8,
    "shocks.forced_exit.member": 1,
}

STRESSES = {
    "shocks": ALL_SHOCKS,
    "entry": EVENTFUL,
    "a pair": {"size.partners": 2, "rules.leak.rate": 1.0},
    "many kinds": {"size.segments": 12, "size.domains": 8, "size.ties": 1},
    "no budget": {"grant.budget": 0.0, "grant.months": 0.0},
    "every mechanism": EVERY_MECHANISM,
    "leaks": {"rules.leak.rate": 1.0, "rules.leak.loss": 50.0, "rules.leak.rival_share": 1.0, "size.segments": 1},
    "bound": {"rules.membership.exit_penalty": 50.0, "start.goodwill": 0.5, "grant.months": 10.0},
    "rich": {
        "grant.budget": 100.0,
        "rules.capture.scale": 30.0,
        "start.need": 2.0,
        "rules.creation.ces_exponent": -1.0,
    },
    "poor": {"rules.participation.reserve": 0.0, "rules.participation.allowance": 0.0, "grant.subsidy": 1.0},
    "chance": {"targeting": "random", "rules.creation.ces_exponent": 0.0, "start.resources_spread": 2.0},
}


def eventful_month():
    """Find a month with a leak that a rival gained from, an exit, and a tie after an earlier exit."""
    batch = Batch(Scenario().replace(**{**OFF, **EVENTFUL}), [1, 2], "fixed_mix")
    for _ in range(60):
        before, flows, after = batch.advance()
        events = flows.gained, before.member - after.member + flows.entered, after.n_ties, before.left
        if all(values[:, 0].any() for values in events):
            return before, flows, after, batch.params
    raise AssertionError("no eventful month: choose another seed")


BEFORE, FLOWS, AFTER, P = eventful_month()
GONE = int(np.flatnonzero(BEFORE.left[:, 0])[0])
MEMBERS = np.flatnonzero(AFTER.member[:, 0] * BEFORE.member[:, 0])
HERE = int(MEMBERS[0])


def added(values, place, by=1.0, run=0):
    """Copy with one cell changed."""
    new = np.array(values, dtype=float)
    new[(*np.atleast_1d(place), run)] += by
    return new


def moved(record, **places):
    """Copy a record with one unit added to one cell of each array named."""
    return record.replace(**{name: added(getattr(record, name), *where) for name, where in places.items()})


def set_tie(state, slot, place, other):
    """Overwrite who is listed at one place of a member's ties, and count again."""
    tie_to = state.tie_to.copy()
    tie_to[slot, place, 0] = other
    return state.replace(tie_to=tie_to, n_ties=(tie_to >= 0).sum(axis=1) * 1.0)


def tied():
    """Give a member with a tie, that tie's place and the member at its other end."""
    slot, place = (int(k[0]) for k in np.nonzero(AFTER.tie_to[:, :, 0] >= 0))
    return slot, place, int(AFTER.tie_to[slot, place, 0])


def one_way_ties():
    """List two ties at one end only, so that the number of listings stays even."""
    state, roomy = AFTER, [int(slot) for slot in MEMBERS if AFTER.n_ties[slot, 0] < AFTER.tie_to.shape[1]][:2]
    for slot in roomy:
        listed = state.tie_to[slot, :, 0]
        stranger = next(int(other) for other in MEMBERS if other not in roomy and other not in listed)
        state = set_tie(state, slot, int(np.argmax(listed < 0)), stranger)
    return state


def loses(flows, slot, amount=1.0):
    return flows.replace(lost=added(flows.lost, slot, amount), dissipated=added(flows.dissipated, 0, amount))


def without_segment():
    """Give a member that competes with nobody."""
    return int(np.flatnonzero((BEFORE.segment[:, 0] < 0) * BEFORE.member[:, 0])[0])


BROKEN = {
    "stock: knowledge appears": ("stock", FLOWS, moved(AFTER, stock=((0, 1),))),
    "stock: knowledge vanishes": ("stock", FLOWS, moved(AFTER, stock=((0, 1), -1.0))),
    "stock: the agenda has more than 1 to give": ("stock", FLOWS, moved(AFTER, agenda=((0, 1), 0.1))),
    "creation: value nobody contributed": (
        "creation",
        FLOWS.replace(contributed=added(FLOWS.contributed, HERE, -1e-6)),
        AFTER,
    ),
    "creation: society is given more than was created": ("creation", FLOWS, moved(AFTER, society_value=(0,))),
    "ledger: captured value is not booked": ("ledger", moved(FLOWS, captured=(HERE,)), AFTER),
    "ledger: a cost is not booked": ("ledger", moved(FLOWS, cost=(HERE,)), AFTER),
    "ledger: a user's pay-off is not booked": ("ledger", moved(FLOWS, payoff=(HERE,)), AFTER),
    "ledger: money from nowhere": ("ledger", FLOWS, moved(AFTER, ledger=(HERE,))),
    "leaks: a loss that goes nowhere": (
        "leaks",
        moved(FLOWS, lost=(HERE,)),
        AFTER.replace(ledger=added(AFTER.ledger, HERE, -1.0)),
    ),
    "leaks: a gain without a rival's leak": (
        "leaks",
        FLOWS.replace(gained=added(FLOWS.gained, without_segment(), 1.0), dissipated=added(FLOWS.dissipated, 0, -1.0)),
        AFTER.replace(ledger=added(AFTER.ledger, without_segment(), 1.0)),
    ),
    "leaks: rivals gain more than was lost": (
        "leaks",
        FLOWS.replace(
            gained=added(FLOWS.gained, int(np.argmax(FLOWS.gained[:, 0])), 99.0),
            dissipated=added(FLOWS.dissipated, 0, -99.0),
        ),
        AFTER.replace(ledger=added(AFTER.ledger, int(np.argmax(FLOWS.gained[:, 0])), 99.0)),
    ),
    "need: captured value is not counted as met": ("need", FLOWS, moved(AFTER, needs_met=(HERE, -1e-3))),
    "need: more is met than needed": (
        "need",
        FLOWS.replace(captured=added(FLOWS.captured, HERE, 1e4)),
        AFTER.replace(needs_met=added(AFTER.needs_met, HERE, 1e4), ledger=added(AFTER.ledger, HERE, 1e4)),
    ),
    "effort: more is spent than there is": (
        "effort",
        FLOWS.replace(spent=FLOWS.spent | {"placebo": added(FLOWS.spent["placebo"], 0, 99.0)}),
        AFTER,
    ),
    "effort: a mechanism that pays": (
        "effort",
        FLOWS.replace(spent=FLOWS.spent | {"bundle": added(FLOWS.spent["bundle"], 0, -9.0)}),
        AFTER,
    ),
    "fund: grant from nowhere": ("fund", FLOWS, moved(AFTER, fund=(0,))),
    "fund: a withdrawal not taken": ("fund", moved(FLOWS, grant_withdrawn=(0,)), AFTER),
    "fund: a grant below 0": (
        "fund",
        FLOWS.replace(grant_spent=added(FLOWS.grant_spent, 0, 99.0)),
        AFTER.replace(fund=added(AFTER.fund, 0, -99.0)),
    ),
    "heads: a member vanishes": ("heads", FLOWS, moved(AFTER, member=(HERE, -1.0))),
    "heads: who left comes back": ("heads", moved(FLOWS, entered=(GONE,)), moved(AFTER, member=(GONE,))),
    "heads: who left leaves again": (
        "heads",
        moved(FLOWS, frustrated=(GONE,)),
        moved(AFTER, left=(GONE,)),
    ),
    "heads: an exit that is not noted": ("heads", FLOWS, moved(AFTER, left=(HERE,))),
    "heads: who left still contributes": (
        "heads",
        FLOWS.replace(contributed=added(added(FLOWS.contributed, GONE, 0.01), HERE, -0.01)),
        AFTER,
    ),
    "heads: who left still captures": (
        "heads",
        moved(FLOWS, captured=(GONE, 0.1)),
        moved(AFTER, ledger=(GONE, 0.1), needs_met=(GONE, 0.1)),
    ),
    "heads: who left still pays": ("heads", moved(FLOWS, cost=(GONE,)), moved(AFTER, ledger=(GONE, -1.0))),
    "heads: who left still loses": ("heads", loses(FLOWS, GONE), moved(AFTER, ledger=(GONE, -1.0))),
    "information: safeguarding that cannot be told": (
        "information",
        FLOWS.replace(effort=FLOWS.effort.replace(safeguard=FLOWS.effort.safeguard * np.nan)),
        AFTER,
    ),
    "information: more is kept than was disclosed": (
        "information",
        FLOWS.replace(effort=FLOWS.effort.replace(safeguard=FLOWS.effort.safeguard * 0.0 + 1.5)),
        AFTER,
    ),
    "reserve: means from nowhere": ("reserve", FLOWS, moved(AFTER, reserve=(HERE,))),
    "reserve: a payment not taken": ("reserve", moved(FLOWS, paid=(HERE,)), AFTER),
    "reserve: an overdraft": (
        "reserve",
        moved(FLOWS, paid=(HERE, 1e3)),
        moved(AFTER, reserve=(HERE, -1e3)),
    ),
    "ties: a tie that is not counted": ("ties", FLOWS, moved(AFTER, n_ties=(HERE,))),
    "ties: a tie at one end only": ("ties", FLOWS, set_tie(AFTER, tied()[0], tied()[1], -1)),
    "ties: two ties at one end only": ("ties", FLOWS, one_way_ties()),
    "ties: a tie to someone gone": ("ties", FLOWS, set_tie(AFTER, tied()[0], tied()[1], GONE)),
    "ties: someone gone keeps a tie": ("ties", FLOWS, set_tie(AFTER, GONE, 0, HERE)),
    "ties: someone gone keeps two ties": (
        "ties",
        FLOWS,
        set_tie(set_tie(AFTER, GONE, 0, HERE), GONE, 1, int(MEMBERS[1])),
    ),
}


def test_a_sound_month_passes():
    check(BEFORE, FLOWS, AFTER, P)

    errors = {identity.__name__: float(np.max(identity(BEFORE, FLOWS, AFTER, P))) for identity in IDENTITIES}
    assert dict.fromkeys(errors, 0.0) == pytest.approx(errors, abs=1e-9)


def test_every_identity_is_broken_below():
    assert {identity.__name__ for identity in IDENTITIES} == {name for name, _, _ in BROKEN.values()}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_month_is_caught_and_its_identity_named(case):
    name, flows, after = BROKEN[case]

    with pytest.raises(InvariantError, match=f"month {AFTER.month}: identity '{name}' is off by .*: I[0-9]+: "):
        check(BEFORE, flows, after, P)


def test_an_error_that_is_not_a_number_is_caught():
    with pytest.raises(InvariantError, match="identity 'creation' is off by nan"):
        check(BEFORE, FLOWS.replace(contributed=FLOWS.contributed * np.nan), AFTER, P)


def test_a_break_in_the_last_run_alone_is_caught():
    broken = AFTER.replace(fund=added(AFTER.fund, 0, 1.0, run=1))

    with pytest.raises(InvariantError, match="'fund'"):
        check(BEFORE, FLOWS, broken, P)


def test_a_fixed_trait_that_changes_is_caught():
    changed = AFTER.replace(expertise=AFTER.expertise * 1.0)

    with pytest.raises(InvariantError, match=f"month {AFTER.month}: expertise is fixed and was changed"):
        check(BEFORE, FLOWS, changed, P)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("engagement", 1.2, "0 to 1 1"),
        ("disclosure", -0.1, "0 to 1 1"),
        ("goodwill", np.inf, "-inf to inf value"),
        ("benefit", np.nan, "-inf to inf value/month"),
        ("trust_against", -1.0, "0 to inf observations"),
        ("phase", 4.0, "0 to 3 index"),
        ("budget", -1.0, "0 to inf effort/month"),
        ("left_reason", 4.0, "0 to 3 index"),
    ],
)
def test_a_variable_outside_its_range_is_named_with_its_range_and_unit(name, value, words):
    values = np.array(getattr(AFTER, name), dtype=float)
    values[0, 1] = value

    message = re.escape(f"month {AFTER.month}: {name} lies in ") + ".*" + re.escape(f"; declared is {words}")
    with pytest.raises(InvariantError, match=message):
        ranges(AFTER.replace(**{name: values}))
    with pytest.raises(InvariantError, match=name):
        check(BEFORE, FLOWS, AFTER.replace(**{name: values}), P)


def test_a_rounding_error_is_no_break():
    check(BEFORE, FLOWS, AFTER.replace(engagement=AFTER.engagement * 0.0 + 1.0 + 1e-12), P)


def test_invariants_are_checked_every_month_when_switched_on_and_never_otherwise(monkeypatch):
    checked_months = []
    monkeypatch.setattr(batch, "check", lambda before, flows, after, p: checked_months.append(after.month))
    simulate(Scenario(), 2, months=3, record=("summary",), check_invariants=False)
    simulate(Scenario(), 2, months=4, record=("summary",), check_invariants=True)

    assert [1, 2, 3, 4] == checked_months


def every_pair():
    """Pair each policy with each stress: the slow tests try all, the others each policy and each stress once or more."""
    for policy in POLICIES:
        for stress in STRESSES:
            quick = stress == "every mechanism" or policy.name == "adaptive_tracking"
            marks = () if quick else pytest.mark.slow
            yield pytest.param(policy, stress, marks=marks, id=f"{policy.name}-{stress}")


@pytest.mark.parametrize(("policy", "stress"), list(every_pair()))
def test_every_policy_keeps_the_books_under_stress(policy, stress):
    tables = simulate(
        Scenario().replace(**STRESSES[stress]),
        [3, 14, 15],
        policy,
        months=20,
        record=("summary",),
        check_invariants=True,
    )

    assert 3 == len(tables.summary)


@pytest.mark.parametrize("pause", [1, 12])
def test_the_books_are_kept_through_a_pause(pause):
    policy = {"name": "fixed_mix", "pause": pause, "safeguard": 1.0, "bundle": 0.0, "inside": 0.0, "outside": 0.0,
              "track": 0.0, "intervene": 0.0}  # fmt: skip
    scenario = Scenario().replace(**EVENTFUL, **ALL_SHOCKS)

    assert 2 == len(simulate(scenario, 2, policy, months=20, record=("summary",), check_invariants=True).summary)


def test_the_books_are_kept_with_a_users_pay_offs(tmp_path):
    game = tmp_path / "game.py"
    game.write_text("def payoffs(state, participation):\n    return 2.0 * participation - 1.0\n")
    batch = Batch(Scenario(payoffs=str(game)), [1, 2], "fixed_mix")
    for _ in range(12):
        before, flows, after = batch.advance()
        check(before, flows, after, batch.params)

        assert after.ledger - before.ledger == pytest.approx((2.0 * flows.participation - 1.0) * before.member)
        assert [] == [name for name in ("captured", "cost", "lost", "gained", "created") if getattr(flows, name).any()]
