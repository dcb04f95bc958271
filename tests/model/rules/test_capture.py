# expected == actual
import pytest

from sim.model.rules import capture
from sim.model.rules.capture import Capture
from tests.helpers import each, effort, exactly, partnership, plain

RULE = plain(
    Capture,
    scale=10,
    half_stock=2,
    safeguard_loss=0.4,
    bundle_loss=0.5,
    connection_gain=1,
    without_model=0.8,
    rivalry=0.5,
)


NOTHING = each(0.0, 0.0)
"""What the two bring."""


def learner(**changes):
    """Make a pair for which half of the stock is usable and nothing else helps or hinders."""
    plain = {"stock": (2.0, 2.0), "goals": ((0.5, 0.5), (0.5, 0.5)), "business_model": 1.0, "need": 1000.0}
    return partnership(2, **(plain | changes))


def captured(state, rule=RULE, done=None, participation=1.0, readiness=0.5, rivals=0.0):
    """Capture with the same participation, readiness and rivals for both; give the first member's."""
    both = [each(value, value) for value in (participation, readiness, rivals)]
    fits = capture.usable(state, rule, NOTHING)
    return capture.capture(state, rule, done or effort(), *both[:2], NOTHING, fits, both[2], 2.0)[0, 0]


def test_usable_stock_is_what_fits_a_members_goals_and_saturates():
    state = partnership(2, stock=(2.0, 6.0), goals=((0.75, 0.25), (0.0, 1.0)))

    # K/(K+2) = (0.5, 0.75)
    assert each(0.5625, 0.75) == exactly(capture.usable(state, RULE, NOTHING))


def test_capture_is_the_product_of_everything_that_helps_and_hinders():
    state = learner(inside=1.0, outside=2.0, business_model=0.5, needs_met=15.0, need=60.0)
    value = captured(state, done=effort(safeguard=0.5, bundle=0.5), participation=0.8, readiness=0.5, rivals=1.0)

    # learning 2; governance 0.8 x 0.75; reach 1.75; model 0.9; missing 0.75; rivalry 1.25
    assert 1.134 == exactly(value)


@pytest.mark.parametrize("missing", [{"participation": 0.0}, {"readiness": 0.0}])
def test_who_is_not_there_or_not_ready_captures_nothing(missing):
    assert 0.0 == captured(learner(), **missing)


def test_without_stock_there_is_nothing_to_capture():
    assert 0.0 == captured(learner(stock=(0.0, 0.0)))


def test_stock_in_a_domain_nobody_wants_is_of_no_use():
    assert 0.0 == captured(learner(stock=(0.0, 50.0), goals=((1.0, 0.0), (1.0, 0.0))))


def test_a_met_need_ends_capture():
    assert 0.0 == captured(learner(needs_met=60.0, need=60.0))


def test_a_need_more_than_met_neither_captures_nor_gives_back():
    assert 0.0 == captured(learner(needs_met=61.0, need=60.0))


def test_capture_never_exceeds_what_is_missing():
    eager = plain(Capture, scale=30, half_stock=0.1)
    state = learner(stock=(1e6, 1e6), needs_met=9.9, need=10.0)

    assert 0.1 == exactly(captured(state, eager, readiness=1.0))


def test_a_market_that_lost_half_of_its_interest_gives_half():
    assert captured(learner()) / 2 == exactly(captured(learner(interest=0.5)))


def test_full_safeguarding_and_full_bundling_each_cost_their_share():
    free = captured(learner())

    assert 0.6 * free == exactly(captured(learner(), done=effort(safeguard=1.0)))
    assert 0.5 * free == exactly(captured(learner(), done=effort(bundle=1.0)))


def test_connections_inside_and_outside_count_alike_and_at_most_double_capture():
    alone, some, many = (captured(learner(outside=c)) for c in (0.0, 1.0, 1e9))

    assert 1.5 * alone == exactly(some)
    assert some == exactly(captured(learner(inside=1.0)))
    assert 2.0 * alone == pytest.approx(many, rel=1e-6)


def test_without_an_own_business_model_a_fifth_is_lost():
    assert 0.8 * captured(learner(business_model=1.0)) == exactly(captured(learner(business_model=0.0)))


def test_rivals_compete_capture_away_unless_rivalry_is_0():
    alone, one, many = (captured(learner(), rivals=z) for z in (0.0, 1.0, 1e9))
    friendly = plain(Capture, scale=10, half_stock=2, rivalry=0.0)

    assert alone / 1.25 == exactly(one)
    assert alone / 1.5 == pytest.approx(many, rel=1e-6)
    assert captured(learner(), friendly, rivals=9.0) == exactly(captured(learner(), friendly))


def test_part_of_capture_feeds_on_what_the_others_bring_now():
    rule = RULE.model_copy(update={"now": 0.5, "half_supply": 0.5})
    state = partnership(2, stock=(2.0, 2.0), goals=((1.0, 0.0), (0.5, 0.5)), expertise=((1.0, 0.0), (0.5, 0.5)))

    # level .5 each; the other brings (2 x .5 x .5, ...) = (.5, .5) to the first, (2, 0) to the second:
    # .5 + .5 x 1.5 q/(q+.5) = .875 of it; and 1.1, .5 of its two halves
    assert each(0.4375, 0.4) == exactly(capture.usable(state, rule, each(1.0, 0.5)))


def test_where_all_others_take_part_fully_what_they_bring_now_changes_nothing():
    state = partnership(3, stock=(2.0, 6.0), expertise=((0.5, 0.5),) * 3)
    supply = each(1.0, 1.0, 1.0)
    now = RULE.model_copy(update={"now": 0.7})

    assert capture.usable(state, RULE, supply) == exactly(capture.usable(state, now, supply))


def test_who_is_left_alone_keeps_only_the_part_that_feeds_on_the_stock():
    state = partnership(2, stock=(2.0, 2.0), member=(1, 0))
    now = RULE.model_copy(update={"now": 0.7})

    assert 0.3 * 0.5 == exactly(capture.usable(state, now, each(1.0, 0.0))[0, 0])


def test_learning_falls_by_how_much_of_what_is_brought_is_gathered():
    """Three quarters of what is brought is the second member's: of S = 0 and 1 the mean is 0.75."""
    one = {
        "readiness": each(0.5, 0.5),
        "supply": each(1.0, 3.0),
        "fits": each(0.5, 0.5),
        "rivals": each(0.0, 0.0),
        "half": 2.0,
    }
    targeted = capture.capture(learner(), RULE, effort(safeguard=(0.0, 1.0)), each(1.0, 1.0), **one)
    even = capture.capture(learner(), RULE, effort(safeguard=0.75), each(1.0, 1.0), **one)

    assert even == exactly(targeted)
