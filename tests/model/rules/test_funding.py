import pytest

from sim.model.rules import funding
from sim.model.rules.funding import Grant
from sim.model.state import IMPLEMENTATION, INITIATION, PAUSE, POST_GRANT
from tests.helpers import each, exactly, partnership, plain

RULE = plain(Grant, months=24, initiation=3, budget=6, budget_after=0.5)


@pytest.mark.parametrize(("fund", "spent"), [(24.0, 1.0), (1.0, 1.0), (0.4, 0.4), (0.0, 0.0)])
def test_a_month_takes_a_month_of_grant_or_what_is_left(fund, spent):
    used, withdrawn = funding.spend_grant(partnership(2, fund=fund), each(0.0))

    assert each(spent) == exactly(used)
    assert each(0.0) == exactly(withdrawn)


def test_a_cut_withdraws_what_this_month_leaves():
    used, withdrawn = funding.spend_grant(partnership(2, fund=10.0), each(1.0))

    assert each(1.0) == exactly(used)
    assert each(9.0) == exactly(withdrawn)


def test_the_budget_is_full_on_a_grant_and_half_without():
    assert each(6.0) == exactly(funding.budget(partnership(2, fund=0.5), RULE, 6.0))
    assert each(3.0) == exactly(funding.budget(partnership(2, fund=0.0), RULE, 6.0))


def test_with_half_of_the_staff_half_of_the_budget_is_left():
    assert each(3.0) == exactly(funding.budget(partnership(2, fund=5.0, staff=0.5), RULE, 6.0))
    assert each(1.5) == exactly(funding.budget(partnership(2, fund=0.0, staff=0.5), RULE, 6.0))


@pytest.mark.parametrize(
    ("month", "fund", "pause", "phase"),
    [
        (1, 24.0, 0.0, INITIATION),
        (3, 21.0, 0.0, INITIATION),
        (4, 20.0, 0.0, IMPLEMENTATION),
        (4, 20.0, 1.0, PAUSE),
        (4, 20.0, 0.2, PAUSE),
        (30, 0.0, 0.0, POST_GRANT),
        (30, 0.0, 1.0, PAUSE),
        (2, 0.0, 0.0, INITIATION),
    ],
)
def test_the_phase_follows_month_pause_and_grant(month, fund, pause, phase):
    assert each(phase) == exactly(funding.phase(partnership(2, month=month, fund=fund), RULE, each(pause)))


def test_a_pause_waits_until_the_initiation_is_over():
    assert each(0.0) == exactly(funding.may_pause(partnership(2, month=3), RULE, each(0.7)))
    assert each(0.7) == exactly(funding.may_pause(partnership(2, month=4), RULE, each(0.7)))


def test_fees_pay_for_effort_as_far_as_staff_is_there():
    rule = plain(Grant, budget=6, budget_after=0.5, from_fees=2.0)

    assert each(3.0 + 2.0 * 1.5) == exactly(funding.budget(partnership(2, fund=0.0, dues=1.5), rule, 6.0))
    assert each(3.0) == exactly(funding.budget(partnership(2, fund=0.0, dues=1.5, staff=0.5), rule, 6.0))


def test_a_twelfth_of_a_months_fees_is_felt_at_once():
    assert each(2.0 + (14.0 - 2.0) / 12) == exactly(funding.collect(partnership(2, dues=2.0), each(4.0, 10.0)))
    assert each(11.0) == exactly(funding.collect(partnership(2, dues=12.0), each(0.0, 0.0)))
