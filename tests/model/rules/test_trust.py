# expected == actual
from types import SimpleNamespace

from sim.model.rules import trust
from sim.model.rules.trust import Trust
from tests.helpers import each, effort, exactly, partnership, plain

RULE = plain(Trust, evidence=0.3, memory=0.98, victim=3, witness=0.9, hidden=0.5, ethos_friction=0.5, match=0.3)
GOOD, BAD = 0.1, 0.9


def believers(partners=3, **changes):
    alike = {"dna": ((0.0,) * 4,) * partners, "trust_for": 3.0, "trust_against": 2.0, "reliability": 0.6}
    return partnership(partners, **(alike | changes))


def built(state, rule=RULE, done=None, leaked=0.0, matched=0.0, draws=GOOD):
    n = state.member.shape[0]
    leaked, matched, draws = (each(*(v if isinstance(v, tuple) else (v,) * n)) for v in (leaked, matched, draws))
    evidence = SimpleNamespace(evidence=draws)
    return trust.build_trust(state, rule, done or effort(), leaked, matched, draws * 0.0, 0.8, evidence, "coin")


def test_ethos_gap_is_the_distance_from_the_members_mean():
    state = partnership(4, dna=((9, 9, 9, 0.0), (9, 9, 9, 0.0), (9, 9, 9, 0.6), (9, 9, 9, 5.0)), member=(1, 1, 1, 0))

    assert each(0.2, 0.2, 0.4) == exactly(trust.ethos_gap(state)[:3])


def test_good_evidence_speaks_for_and_bad_evidence_against():
    trust_for, trust_against = built(believers(), draws=(GOOD, BAD, 0.61))

    assert each(3.24, 2.94, 2.94) == exactly(trust_for)
    assert each(1.96, 2.26, 2.26) == exactly(trust_against)


def test_full_safeguarding_hides_half_of_the_evidence():
    trust_for, trust_against = built(believers(), done=effort(safeguard=1.0), draws=(GOOD, BAD, GOOD))

    assert each(3.09, 2.94, 3.09) == exactly(trust_for)
    assert each(1.96, 2.11, 1.96) == exactly(trust_against)


def test_a_leak_weighs_on_its_victim_and_is_shared_by_all_who_hear_of_it():
    _, trust_against = built(believers(), leaked=(1, 0, 0))

    # 1.96 + 3; 1.96 + 0.9 / 3
    assert each(4.96, 2.26, 2.26) == exactly(trust_against)


def test_two_victims_hear_of_each_others_leak():
    _, trust_against = built(believers(), leaked=(1, 1, 0))

    assert each(5.26, 5.26, 2.56) == exactly(trust_against)


def test_members_of_a_distant_ethos_see_less_good_evidence():
    state = believers(dna=((0, 0, 0, 0.0), (0, 0, 0, 0.0), (0, 0, 0, 0.6)))
    trust_for, _ = built(state, draws=0.5)

    # Chances: 0.6 x (1 - 0.5 x 0.2) = 0.54 for the two and 0.6 x (1 - 0.5 x 0.4) = 0.48 for the third.
    assert each(3.24, 3.24, 2.94) == exactly(trust_for)


def test_being_matched_inside_builds_trust():
    trust_for, _ = built(believers(), matched=(2, 1, 0))

    assert each(3.84, 3.54, 3.24) == exactly(trust_for)


def test_who_left_neither_learns_nor_forgets():
    trust_for, trust_against = built(believers(member=(1, 1, 0)), leaked=(1, 0, 0), matched=(0, 1, 1))

    assert 3.0 == trust_for[2, 0]
    assert 2.0 == trust_against[2, 0]


def test_who_left_does_not_thin_the_news_of_a_leak():
    _, trust_against = built(believers(member=(1, 1, 0)), leaked=(1, 0, 0))

    assert 1.96 + 0.45 == exactly(trust_against[1, 0])


def test_forgetting_lightens_the_evidence_but_not_the_verdict():
    state = believers()
    trust_for, trust_against = built(state, plain(Trust, evidence=0.0, memory=0.9))

    assert each(2.7, 2.7, 2.7) == exactly(trust_for)
    assert state.trust == exactly(trust_for / (trust_for + trust_against))


def test_an_unreliable_partnership_gives_no_good_evidence_whatever_is_drawn():
    trust_for, trust_against = built(believers(reliability=0.0), draws=0.0)

    assert each(2.94, 2.94, 2.94) == exactly(trust_for)
    assert each(2.26, 2.26, 2.26) == exactly(trust_against)


def test_a_partnership_without_evidence_and_forgetting_keeps_its_trust():
    trust_for, trust_against = built(believers(), plain(Trust, evidence=0.0, memory=1.0))

    assert each(3, 3, 3) == exactly(trust_for)
    assert each(2, 2, 2) == exactly(trust_against)


def test_conduct_is_what_the_others_contribute_of_what_they_promised_and_disclose_of_what_one_discloses():
    state = partnership(3, disclosure=(0.4, 0.8, 0.4))

    # promised .8: contributed 1, .5, 0. First: (.5 + 0)/2 = .25, others disclose .6 of .4: 1; second: (1 + 0)/2, .4/.8;
    # third: (1 + .5)/2, .6/.4: 1
    assert each(0.625, 0.5, 0.875) == exactly(trust.conduct(state, each(0.8, 0.4, 0.0), 0.8))


def test_a_member_alone_sees_neither_good_nor_bad_conduct():
    assert 0.5 == exactly(trust.conduct(partnership(2, member=(1, 0)), each(0.8, 0.0), 0.8)[0, 0])


def test_trust_from_conduct_rises_where_others_keep_their_promises_and_with_help():
    state = believers(2, disclosure=0.5)

    def by_conduct(participation, intervene):
        done = effort(intervene=(intervene,) * 2)
        return trust.build_trust(
            state,
            RULE.model_copy(update={"help": 0.5}),
            done,
            each(0.0, 0.0),
            each(0.0, 0.0),
            each(participation, participation),
            0.8,
            None,
            "conduct",
        )

    # conduct 1 and .5 of .3 observations; a full intervention adds .5
    assert each(3.24, 3.24) == exactly(by_conduct(0.8, 0.0)[0])
    assert each(1.96, 1.96) == exactly(by_conduct(0.8, 0.0)[1])
    assert each(3.09, 3.09) == exactly(by_conduct(0.0, 0.0)[0])
    assert each(3.74, 3.74) == exactly(by_conduct(0.8, 1.0)[0])
