# expected == actual
from types import SimpleNamespace

import numpy as np
import pytest

from sim.engine.batch import Batch
from sim.model.random_streams import Draws, RandomStreams
from sim.model.rules import connecting
from sim.model.rules.connecting import Connecting
from tests.helpers import RUNS, each, effort, exactly, partnership, scenario

RULE = Connecting(blind_gain=0.5, known_gain=0.5, giver_share=0.5, fading=0.03, contacts_fading=0.01)
LASTING = Connecting(blind_gain=0.5, known_gain=0.5, giver_share=0.5, fading=0.0, contacts_fading=0.0)


def draws(seek=None, offer=None, tables=(0.0, 0.0), partners=3):
    even = each(*((1.0, 1.0),) * partners)
    asks, answers = even if seek is None else each(*seek), even if offer is None else each(*offer)
    return SimpleNamespace(seek=lambda domain, runs: asks[:, domain, runs], tables=each(tables),
                           offer=lambda domain, runs: answers[:, domain, runs])  # fmt: skip


def tables_of(*pairs):
    """Give seekers and givers, one pair per matching table; None for a table not held."""
    sat = [pair or (-1, -1) for pair in pairs]
    return [np.repeat(np.array([[p[k] for p in sat]])[..., None], RUNS, axis=2) for k in (0, 1)]


def matched(state, *pairs, rule=LASTING, outside=None):
    nobody = each(*(0,) * state.member.shape[0])
    return connecting.connect(state, rule, nobody if outside is None else outside, *tables_of(*pairs))[0]


def circle(state, slot, run=0):
    """Give the slots a member is tied to."""
    return sorted(int(other) for other in state.tie_to[slot, :, run] if other >= 0)


def test_insight_grows_with_knowledge_and_stays_below_1():
    state = partnership(4, knowledge=(0.0, 1.0, 3.0, 1e9))

    assert each(0.0, 0.5, 0.75, 1.0) == pytest.approx(connecting.insight(state), rel=1e-8)


def test_an_outside_match_comes_with_its_probability_and_only_to_members():
    state = partnership(3, member=(1, 1, 0))
    drawn = SimpleNamespace(outside_match=each(0.39, 0.41, 0.0))

    assert each(1, 0, 0) == exactly(connecting.match_outside(state, effort(match_outside=(0.4, 0.4, 0.4)), drawn))


def test_what_no_effort_is_spent_on_does_not_happen_whatever_is_drawn():
    state, lowest = partnership(2), SimpleNamespace(outside_match=each(0.0, 0.0))
    one_run = effort(match_inside=2.0).replace(match_inside=np.array([[2.0, 0.0]]))
    seeker, _ = connecting.match_inside(state, one_run, each(1, 1), draws(partners=2))

    assert each(1, 0) == exactly(connecting.match_outside(state, effort(match_outside=(0.1, 0.0)), lowest))
    assert (seeker[0, :, 0] >= 0).all()
    assert (seeker[0, :, 1] == -1).all()


def test_without_effort_nobody_is_matched_and_nothing_is_drawn():
    state, no_draws = partnership(3), SimpleNamespace()
    seeker, giver = connecting.match_inside(state, effort(), each(1, 1, 1), no_draws)

    assert not connecting.match_outside(state, effort(), no_draws).any()
    assert np.array_equal(seeker, np.full((1, 2, RUNS), -1))
    assert np.array_equal(giver, seeker)


def test_who_needs_a_domain_most_asks_and_who_is_most_open_answers():
    state = partnership(3, goals=((0.9, 0.1), (0.1, 0.9), (0.5, 0.5)), disclosure=(0.5, 0.5, 0.9), knowledge=0.0)
    seeker, giver = connecting.match_inside(state, effort(match_inside=2.0), each(1, 1, 1), draws())

    assert [[0, 0], [1, 1]] == seeker[0].tolist()
    assert [[2, 2], [2, 2]] == giver[0].tolist()


def test_who_knows_most_answers_only_as_far_as_the_orchestrator_knows_it():
    known = partnership(
        3,
        goals=((0.9, 0.1), (0.1, 0.9), (0.1, 0.1)),
        expertise=((0.2, 0.8), (0.9, 0.1), (0.1, 0.9)),
        disclosure=(0.5, 0.5, 0.6),
        knowledge=9.0,
    )
    unknown = known.replace(knowledge=each(0, 0, 0))
    _, giver = connecting.match_inside(known, effort(match_inside=2.0), each(1, 1, 1), draws())
    _, blind = connecting.match_inside(unknown, effort(match_inside=2.0), each(1, 1, 1), draws())

    assert [1, 2] == giver[0, :, 0].tolist()
    assert [2, 2] == blind[0, :, 0].tolist()


def test_a_table_is_held_with_the_probability_the_effort_buys():
    state = partnership(3)
    tables = draws(tables=(0.49, 0.51))
    seeker, giver = connecting.match_inside(state, effort(match_inside=1.0), each(1, 1, 1), tables)

    assert seeker[0, 0, 0] >= 0
    assert -1 == seeker[0, 1, 0] == giver[0, 1, 0]


def test_draws_and_priority_decide_who_asks():
    state, both = partnership(3), effort(match_inside=2.0)
    early = draws(seek=((1.0, 0.5), (0.4, 1.0), (1.0, 1.0)))
    seeker, _ = connecting.match_inside(state, both, each(1, 1, 1), early)
    chosen, _ = connecting.match_inside(state, both.replace(priority=each(0.0, 0.0, 1.0)), each(1, 1, 1), early)

    assert [1, 0] == seeker[0, :, 0].tolist()
    assert [2, 2] == chosen[0, :, 0].tolist()


def test_where_nobody_has_priority_nobody_asks():
    seeker, giver = connecting.match_inside(
        partnership(3), effort(match_inside=2.0, priority=0.0), each(1, 1, 1), draws()
    )

    assert (seeker == -1).all()
    assert (giver == -1).all()


def test_draws_decide_who_answers_among_equals():
    state = partnership(3, knowledge=0.0)
    early = draws(seek=((0.1, 0.1), (1.0, 1.0), (1.0, 1.0)), offer=((0.01, 0.01), (1.0, 0.4), (0.4, 1.0)))
    seeker, giver = connecting.match_inside(state, effort(match_inside=2.0), each(1, 1, 1), early)

    assert [0, 0] == seeker[0, :, 0].tolist()
    assert [2, 1] == giver[0, :, 0].tolist()


@pytest.mark.parametrize(
    ("participation", "disclosure"),
    [((1, 0, 0), (1, 1, 1)), ((0, 0, 0), (1, 1, 1)), ((1, 1, 1), (0, 0, 0))],
)
def test_a_table_needs_two_who_take_part_and_one_who_is_open(participation, disclosure):
    state = partnership(3, disclosure=disclosure)
    seeker, giver = connecting.match_inside(state, effort(match_inside=2.0), each(*participation), draws())

    assert (seeker == -1).all()
    assert (giver == -1).all()


def test_members_ask_and_are_found_in_proportion_to_what_they_want_and_offer():
    n_runs = 20_000
    state = partnership(3, goals=((0.2, 0.8),) * 3, disclosure=(0.2, 0.3, 0.5), knowledge=0.0)
    wide = {name: np.repeat(getattr(state, name)[..., :1], n_runs, axis=-1)
            for name in ("goals", "expertise", "disclosure", "knowledge", "member")}  # fmt: skip
    takes_part = np.ones((3, n_runs))
    priority = np.repeat([[1.0], [2.0], [5.0]], n_runs, axis=1)
    drawn = Draws(RandomStreams(list(range(n_runs)), 3, 2), 5)
    done = effort(match_inside=0.6).replace(match_inside=np.full((1, n_runs), 0.6), priority=priority)
    seeker, giver = connecting.match_inside(state.replace(**wide), done, takes_part, drawn)
    first, answer = seeker[0, 0], giver[0, 0]
    request = first[first >= 0]
    n, pair = request.size, answer[first == 2]

    # Within four standard errors: tables 0.3 of the months; askers 1 : 2 : 5; answers to the third 2 : 3.
    assert abs(n / n_runs - 0.3) < 4 * (0.21 / n_runs) ** 0.5
    assert abs((request == 0).mean() - 0.125) < 4 * (0.125 * 0.875 / n) ** 0.5
    assert abs((request == 2).mean() - 0.625) < 4 * (0.625 * 0.375 / n) ** 0.5
    assert abs((pair == 0).mean() - 0.4) < 4 * (0.24 / pair.size) ** 0.5


def test_a_match_brings_the_asker_what_the_answerer_discloses_and_the_answerer_half_of_it():
    state = partnership(3, month=5, knowledge=(1.0, 9.0, 0.0), disclosure=(0.1, 0.8, 0.3), inside=(1.0, 0.0, 2.0))
    new, count = connecting.connect(state, RULE, each(0, 0, 0), *tables_of((0, 1), None))

    # 0.97 + (0.5 + 0.5 x 1/2) x 0.8; half of 0.6; and two connections that only fade
    assert each(1.57, 0.3, 1.94) == exactly(new.inside)
    assert each(1, 1, 0) == exactly(count)
    assert each(1, 1, 0) == exactly(new.n_ties)
    assert [[1], [0], []] == [circle(new, slot) for slot in range(3)]
    assert 5 == new.tie_since[0, 0, 0] == new.tie_since[1, 0, 0]


def test_an_outside_match_brings_a_connection_and_a_contact():
    state = partnership(2, knowledge=(1.0, 0.0), outside=(2.0, 2.0), contacts=(5.0, 5.0))
    new, count = connecting.connect(state, RULE, each(1, 0), *tables_of(None, None))

    assert each(1.94 + 0.75, 1.94) == exactly(new.outside)
    assert each(5.95, 4.95) == exactly(new.contacts)
    assert not count.any()


def test_a_member_can_ask_at_one_table_and_answer_at_another():
    state = partnership(3, month=2, knowledge=0.0, disclosure=1.0)
    new, count = connecting.connect(state, LASTING, each(0, 0, 0), *tables_of((0, 1), (2, 0)))

    assert each(0.75, 0.25, 0.5) == exactly(new.inside)
    assert each(2, 1, 1) == exactly(count)
    assert each(2, 1, 1) == exactly(new.n_ties)


def test_meeting_again_renews_a_tie_and_does_not_double_it():
    state = partnership(3, month=2, disclosure=1.0, knowledge=0.0)
    new = matched(matched(state, (0, 1)).replace(month=7), (1, 0))

    assert each(1, 1, 0) == exactly(new.n_ties)
    assert each(0.75, 0.75, 0.0) == exactly(new.inside)
    assert 7 == new.tie_since[0, 0, 0] == new.tie_since[1, 0, 0]


def test_the_same_pair_at_two_tables_makes_one_tie():
    new = matched(partnership(2, disclosure=1.0, knowledge=0.0), (0, 1), (1, 0))

    assert each(1, 1) == exactly(new.n_ties)
    assert each(0.75, 0.75) == exactly(new.inside)


def with_a_full_circle():
    """Let member 0 ask members 1 to 8 in turn, one a month: eight ties of half a connection each."""
    state = partnership(10, knowledge=0.0, disclosure=1.0)
    for month in range(1, 9):
        state = matched(state.replace(month=month), (0, month))
    return state.replace(month=9)


def test_the_ninth_tie_drops_the_oldest():
    full = with_a_full_circle()
    new = matched(full, (0, 9))

    assert [1, 2, 3, 4, 5, 6, 7, 8] == circle(full, 0)
    assert [2, 3, 4, 5, 6, 7, 8, 9] == circle(new, 0)
    assert [] == circle(new, 1)
    assert [0] == circle(new, 9)
    assert [8, 0, 1] == new.n_ties[[0, 1, 9], 0].tolist()


def test_dropping_the_oldest_of_equal_ties_costs_one_ties_worth_of_connections():
    full = with_a_full_circle()
    new = matched(full, (0, 9))

    # Eight ties brought 4.0; the oldest goes with its 0.5 and the new one brings 0.5.
    assert [4.0, 0.25] == exactly(full.inside[[0, 1], 0].tolist())
    assert [4.0, 0.0] == exactly(new.inside[[0, 1], 0].tolist())


def test_a_renewed_tie_is_not_the_oldest():
    renewed = matched(with_a_full_circle(), (1, 0))
    new = matched(renewed.replace(month=10), (9, 0))

    assert [1, 3, 4, 5, 6, 7, 8, 9] == circle(new, 0)


def test_a_full_circle_can_meet_again_without_dropping_anyone():
    repeated = matched(with_a_full_circle(), (0, 5))

    assert [1, 2, 3, 4, 5, 6, 7, 8] == circle(repeated, 0)
    assert 4.5 == exactly(repeated.inside[0, 0])


def trio(**changes):
    """Tie three members to each other, with one inside connection each."""
    state = matched(partnership(3, disclosure=1.0), (0, 1), (1, 2))
    return matched(state, (2, 0)).replace(inside=each(1.0, 2.0, 4.0), **changes)


def test_a_leavers_ties_are_cut_and_its_partners_lose_their_share_of_connections():
    new = connecting.lose_ties(trio(), each(1, 0, 0))

    assert [[], [2], [1]] == [circle(new, slot) for slot in range(3)]
    assert each(0, 1, 1) == exactly(new.n_ties)
    assert each(0.0, 1.0, 2.0) == exactly(new.inside)


def test_who_stays_alone_loses_all_inside_connections():
    new = connecting.lose_ties(trio(), each(1, 0, 1))

    assert [[], [], []] == [circle(new, slot) for slot in range(3)]
    assert each(0, 0, 0) == exactly(new.n_ties)
    assert each(0, 0, 0) == exactly(new.inside)


def test_two_of_three_partners_leaving_at_once_take_two_thirds():
    state = matched(partnership(4, disclosure=1.0), (0, 1), (2, 0))
    state = matched(state, (0, 3)).replace(inside=each(3.0, 1.0, 1.0, 1.0))
    new = connecting.lose_ties(state, each(0, 1, 0, 1))

    assert [2] == circle(new, 0)
    assert each(1.0, 0.0, 1.0, 0.0) == exactly(new.inside)


def test_outside_connections_survive_a_leaver():
    new = connecting.lose_ties(trio(outside=each(1.0, 2.0, 3.0)), each(1, 0, 0))

    assert each(1.0, 2.0, 3.0) == exactly(new.outside)


def test_a_leaver_in_one_run_leaves_the_other_run_alone():
    leavers = each(1, 0, 0)
    leavers[:, 1] = 0.0
    new = connecting.lose_ties(trio(), leavers)

    assert [0, 1, 1] == new.n_ties[:, 0].tolist()
    assert [2, 2, 2] == new.n_ties[:, 1].tolist()
    assert [1.0, 2.0, 4.0] == new.inside[:, 1].tolist()


def test_the_state_given_stays_as_it_was():
    state = trio()
    before = {name: getattr(state, name).copy() for name in ("tie_to", "tie_since", "n_ties", "inside")}
    matched(state.replace(month=8), (0, 1))
    connecting.lose_ties(state, each(1, 0, 0))

    assert [] == [name for name, values in before.items() if not np.array_equal(values, getattr(state, name))]


def test_ties_hold_both_ways_are_counted_and_end_with_membership_in_a_long_run():
    stormy = scenario(size__partners=12, size__ties=3, rules__membership__other_rate=0.02)
    batch = Batch(stormy, [1, 2, 3], {"name": "connecting", "inside": 1.0})
    seen = 0
    for _ in range(30):
        batch.advance()
        state = batch.state
        for run in range(3):
            pairs = {(slot, other) for slot in range(12) for other in circle(state, slot, run)}
            assert pairs == {(other, slot) for slot, other in pairs}
            assert all(state.member[slot, run] for slot, _ in pairs)
            assert state.n_ties[:, run].sum() == len(pairs)
            assert not any(slot == other for slot, other in pairs)
            seen = max(seen, len(pairs))

    assert seen > 12
