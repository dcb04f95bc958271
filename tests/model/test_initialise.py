# expected == actual
import itertools

import numpy as np
import pytest

from sim.core.declare import variables
from sim.engine.batch import Batch
from sim.model.members import Roster
from sim.model.parameters import parameters_for
from sim.model.scenario import Scenario
from sim.model.sectors import DNA, SECTORS
from sim.model.state import INITIATION, State
from tests.helpers import ALIKE, OFF, each, exactly, scenario


def first_day(seeds=(1, 2), columns=None, **changes):
    return Batch(scenario(**changes), list(seeds), "neutral", columns).state


def alike(**changes):
    """Give a first day on which members of a sector do not differ."""
    plain = ALIKE | {"sectors.within": 0.0, "rules.readiness.spread": 0.0}
    return Batch(Scenario().replace(**{**OFF, **plain, **changes}), [1, 2], "neutral").state


def by_sector(state, values):
    """Give the value of each sector, once it is the same for all of that sector."""
    result = {name: np.unique(values[state.sector == k]) for k, name in enumerate(SECTORS)}
    return {name: float(v[0]) for name, v in result.items() if v.size == 1}


def test_numbers_stay_numbers_and_columns_become_a_number_per_run():
    p = parameters_for(Scenario(), {"rules.leak.rate": np.array([0.1, 0.2, 0.3])}, 3)

    assert 6.0 == p.rules.leak.loss
    assert [[0.1, 0.2, 0.3]] == p.rules.leak.rate.tolist()


def test_everyone_starts_eager_and_empty_handed_on_a_grant():
    state = first_day(start__engagement=0.7, start__disclosure=0.4, start__understanding=0.15, grant__months=18)

    assert {0.7} == set(state.engagement.ravel())
    assert {0.4} == set(state.disclosure.ravel())
    assert {0.15} == set(state.understanding.ravel())
    assert {18.0} == set(state.fund.ravel())
    assert {INITIATION} == set(state.phase.ravel())
    empty = ("needs_met", "ledger", "knowledge", "inside", "outside", "contacts", "n_ties", "stock", "plan", "left",
             "business_model", "society_value", "tension")  # fmt: skip
    assert [] == [name for name in empty if getattr(state, name).any()]
    assert (state.tie_to == -1).all()


def test_benefit_starts_above_aspiration_by_optimism_and_goodwill_at_patience():
    state = first_day(start__optimism=1.5)

    assert state.base_aspiration + 1.5 == exactly(state.benefit)
    assert state.patience == exactly(state.goodwill)


def test_reserves_start_in_proportion_to_size():
    state = first_day(rules__participation__reserve=10.0)

    assert 10.0 * state.resources == exactly(state.reserve)


def test_every_variable_has_its_declared_shape():
    state = first_day(size__partners=6, size__candidates=2, size__domains=5, size__segments=4, size__ties=3)
    length = {"partner": 8, "run": 1, "dna": 4, "domain": 5, "segment": 4, "tie": 3}
    axes = {name: facts["axes"].split(",") for name, facts in variables(State).items()}
    declared = {name: (*(length[axis] for axis in named), 2) for name, named in axes.items()}

    assert declared == {name: getattr(state, name).shape for name in declared}


@pytest.mark.parametrize("partners", [2, 3, 7, 24, 51])
def test_no_sector_is_a_whole_member_off_its_quota(partners):
    state = first_day(size__partners=partners)
    counts = [int((state.sector[:, 0] == k).sum()) for k in range(4)]

    assert partners == sum(counts)
    assert [] == [n for n, share in zip(counts, (0.15, 0.5, 0.15, 0.2), strict=True) if abs(n - share * partners) >= 1]


def test_twenty_members_split_into_exact_quotas_and_so_do_their_candidates():
    state = first_day(size__partners=20, size__candidates=20)

    assert [3, 10, 3, 4] == [int((state.sector[:20, 0] == k).sum()) for k in range(4)]
    assert [3, 10, 3, 4] == [int((state.sector[20:, 0] == k).sum()) for k in range(4)]


def test_only_the_shares_of_sectors_to_each_other_matter():
    changes = {f"sectors__{name}__share": share for name, share in zip(SECTORS, (0.3, 1.0, 0.3, 0.4), strict=False)}

    assert first_day().sector == exactly(first_day(**changes).sector)


def test_candidates_wait_outside():
    state = first_day(size__partners=3, size__candidates=2)

    assert each(1, 1, 1, 0, 0) == exactly(state.member)
    assert each(1, 1, 1, 0, 0) == exactly(state.founder)


def test_without_spread_every_member_is_its_sectors_typical_one():
    state = alike()

    assert {"public": 0.22, "private": 0.63, "academic": 0.22, "nonprofit": 0.22} == exactly(
        by_sector(state, state.sensitivity)
    )
    assert {"public": 0.68, "private": 0.22, "academic": 0.68, "nonprofit": 0.68} == exactly(
        by_sector(state, state.mission)
    )
    typical = {"resources": 1.0, "need": 60.0, "base_aspiration": 0.15, "patience": 8.0, "routine": 0.5, "trust": 0.6,
               "representative": 0.5, "reliability": 0.6, "trust_for": 3.0, "trust_against": 2.0}  # fmt: skip
    assert typical == exactly({name: float(np.mean(getattr(state, name))) for name in typical})
    assert 0.0 == exactly(max(float(np.std(getattr(state, name))) for name in typical))


def test_without_spread_goals_and_agenda_are_even():
    state = alike(**{"size.domains": 5})

    assert np.full((24, 5, 2), 0.2) == exactly(state.goals)
    assert np.full((1, 5, 2), 0.2) == exactly(state.agenda)


@pytest.mark.parametrize(
    ("domains", "home", "elsewhere"),
    # The first member's home: (1 - s)/D + s, with s = 0.7; with eight domains it has two, of 0.35 each.
    [(2, 0.85, 0.15), (3, 0.8, 0.1), (4, 0.775, 0.075), (8, 0.3875, 0.0375)],
)
def test_expertise_lies_in_the_sectors_home_domains(domains, home, elsewhere):
    state = alike(**{"size.domains": domains, "sectors.specialisation": 0.7})
    own = state.expertise[:, :, 0]
    at_home = (np.arange(domains) % len(SECTORS))[None, :] == (state.sector[:, :1] % min(domains, len(SECTORS)))

    assert [home, elsewhere] == exactly(own[0, :2].tolist())
    assert 0.3 / domains + 0.7 * at_home / at_home.sum(axis=1, keepdims=True) == exactly(own)


def test_without_specialisation_all_know_the_same():
    state = alike(**{"sectors.specialisation": 0.0})

    assert np.full((24, 4, 2), 0.25) == exactly(state.expertise)


def test_shares_sum_to_1():
    state = first_day(size__domains=8)

    for shares in (state.expertise, state.goals, state.agenda):
        assert shares.min() > 0.0
        assert np.ones_like(shares[:, 0]) == exactly(shares.sum(axis=1))


def test_sectors_stand_at_1_from_each_other_on_average_in_every_dimension():
    state = alike(**{"sectors.distance": 1.0})
    for k, name in enumerate(DNA):
        places = by_sector(state, state.dna[:, k])
        gaps = [(a - b) ** 2 for a, b in itertools.combinations(places.values(), 2)]

        assert 1.0 == pytest.approx((sum(gaps) / 6) ** 0.5, abs=0.01), name


def test_distance_scales_where_sectors_stand():
    assert 0.5 * alike(**{"sectors.distance": 1.0}).dna == exactly(alike(**{"sectors.distance": 0.5}).dna)


def test_only_firms_compete_and_each_in_one_segment():
    state = first_day(size__partners=40, size__segments=5)
    firms = state.sector == SECTORS.index("private")

    assert (state.segment[~firms] == -1).all()
    assert (state.segment[firms] >= 0).all()
    assert set(range(5)) == set(state.segment[firms].astype(int))
    assert firms * 1.0 == exactly(state.in_segment.sum(axis=1))
    assert state.segment[firms] == exactly((state.in_segment * np.arange(5)[:, None]).sum(axis=1)[firms])


def test_half_of_a_sector_can_be_in_the_market():
    state = first_day(seeds=range(50), size__partners=100, sectors__private__in_market=0.5)
    firms = state.sector == SECTORS.index("private")
    n = firms.sum()

    assert abs((state.segment[firms] >= 0).mean() - 0.5) < 4 * (0.25 / n) ** 0.5


def test_traits_have_their_declared_median_and_spread():
    state = first_day(seeds=range(20), size__partners=500)
    n = state.need.size
    logs = {
        "need": (np.log(state.need / 60.0), 0.4),
        "resources": (np.log(state.resources), 0.4),
        "patience": (np.log(state.patience / 8.0), 0.5),
        "aspiration": (np.log(state.base_aspiration / 0.15), 0.5),
        "trust": (np.log(state.trust / (1.0 - state.trust)) - np.log(1.5), 0.65),
        "routine": (np.log(state.routine / (1.0 - state.routine)), 0.75),
        "representative": (np.log(state.representative / (1.0 - state.representative)), 0.75),
    }

    assert [] == [k for k, (values, sd) in logs.items() if abs(values.mean()) > 4 * sd / n**0.5]
    assert [] == [k for k, (values, sd) in logs.items() if abs(values.std() - sd) > 4 * sd / (2 * n) ** 0.5]


def test_traits_of_a_member_are_drawn_independently():
    state = first_day(seeds=range(20), size__partners=500)
    traits = ("need", "resources", "patience", "base_aspiration", "trust", "routine", "representative")
    ranks = [np.argsort(np.argsort(getattr(state, name).ravel())) for name in traits]
    pairs = [np.corrcoef(a, b)[0, 1] for a, b in itertools.combinations(ranks, 2)]

    assert np.max(np.abs(pairs)) < 4 / state.need.size**0.5


def test_trust_and_reliability_are_drawn_independently():
    state = first_day(seeds=range(4000), size__partners=2)

    assert abs(np.corrcoef(state.trust[0], state.reliability[0])[0, 1]) < 4 / 4000**0.5


def test_a_member_has_the_same_draws_in_a_larger_partnership():
    small, large = first_day(size__partners=8), first_day(size__partners=30)

    for name in ("resources", "need", "patience", "base_aspiration", "routine", "goals", "trust"):
        assert getattr(small, name) == exactly(getattr(large, name)[:8])


def test_a_swept_parameter_starts_each_run_as_its_own_scenario_would():
    swept = first_day(columns={"start.goodwill": np.array([4.0, 16.0]), "sectors.private.share": np.array([0.1, 0.9])})
    single = first_day(start__goodwill=16.0, sectors__private__share=0.9)

    assert np.array_equal(single.patience[:, 1], swept.patience[:, 1])
    assert np.array_equal(single.sector[:, 1], swept.sector[:, 1])
    assert swept.patience[:, 0].mean() < swept.patience[:, 1].mean()


def test_sectors_differ_as_far_as_contrast_says():
    def medians(contrast):
        changes = {"sectors__contrast": contrast, "start__need_spread": 0.0, "size__partners": 40}
        state = Batch(scenario(**changes), [1, 2], "neutral").state
        members = {s: state.need[state.sector == k] for k, s in enumerate(SECTORS)}
        return {s: needs.mean() for s, needs in members.items() if len(needs)}  # a new sector may have no share

    assert set(medians(0.0).values()) == {60.0}
    for sector, need in medians(1.0).items():
        assert need == pytest.approx(60.0 * getattr(scenario().sectors, sector).need)
    # academic members want 1.5 times 60; half as strongly: the square root of that
    assert medians(1.0)["academic"] == pytest.approx(90.0)
    assert 60.0 * 1.5**0.5 == pytest.approx(medians(0.5)["academic"])


def test_goals_follow_the_sector_as_far_as_told():
    changes = {"start__goals_spread": 0.0, "size__partners": 40}
    even = Batch(scenario(**changes), [1, 2], "neutral").state
    follows = Batch(scenario(**changes, sectors__goals_by_sector=1.0), [1, 2], "neutral").state
    firms = follows.goals[:, :, 0][follows.sector[:, 0] == SECTORS.index("private")]

    assert np.allclose(even.goals, 0.25)
    assert [0.15, 0.25, 0.45, 0.15] == pytest.approx(firms[0])


def test_depth_pays_where_expertise_is_uneven_and_nowhere_else():
    plain = Batch(scenario(start__expertise_spread=0.0), [1, 2], "neutral").state.expertise
    deep = Batch(scenario(start__expertise_spread=0.0, start__depth=1.25), [1, 2], "neutral").state.expertise
    even = {"start__expertise_spread": 0.0, "sectors__specialisation": 0.0, "start__depth": 1.25}

    assert (4.0 * plain) ** 1.25 / 4.0 == pytest.approx(deep)
    assert np.allclose(Batch(scenario(**even), [1, 2], "neutral").state.expertise, 0.25)


def test_those_who_match_best_join_first_and_match_has_its_spread():
    changes = {
        "start__match_spread": 2.0,
        "start__best_match_first": 0.9,
        "size__partners": 1000,
        "size__candidates": 0,
    }
    roster = Roster(np.arange(1000) % 4, np.zeros(1000, dtype=np.int64))
    match = Batch(scenario(**changes), [1, 2], "neutral", roster=roster).state.match[:, 0]

    assert match.std() == pytest.approx(2.0, rel=0.1)
    assert np.corrcoef(match, -np.arange(1000))[0, 1] > 0.8


def test_without_a_roster_no_sector_matches_better_for_its_place_in_the_list():
    """Places are filled sector by sector: an order of joining would favour the first sector."""
    state = Batch(scenario(start__match_spread=2.0, start__best_match_first=0.9), range(400), "neutral").state
    by_sector = [state.match[state.sector == k].mean() for k in range(4)]

    assert np.abs(by_sector).max() < 0.15


def test_members_of_a_partnership_share_a_part_of_their_match():
    changes = {"start__match_spread": 2.0, "size__partners": 500, "size__candidates": 0}
    shared = Batch(scenario(**changes, start__match_shared=0.36), range(400), "neutral").state.match
    alone = Batch(scenario(**changes), range(400), "neutral").state.match

    # between partnerships 2 x sqrt(.36), within them 2 x sqrt(.64)
    assert shared.mean(axis=0).std() == pytest.approx(1.2, rel=0.1)
    assert shared.std(axis=0).mean() == pytest.approx(1.6, rel=0.02)
    assert alone.mean(axis=0).std() < 0.2


def test_founders_may_have_joined_before_the_start():
    since = Batch(scenario(start__tenure=12.0, size__partners=500), [1, 2], "neutral").state.since

    assert set(np.unique(since)) == set(-np.arange(12.0))


def test_places_are_the_most_members_at_once_so_far():
    """They grow as members join, and stay when members leave."""
    growing = {"size.partners": 6, "size.candidates": 12, "rules.membership.entry_rate": 0.1}
    batch, most = Batch(Scenario().replace(**growing), [1, 2, 3], "neutral"), np.full((1, 3), 6.0)
    for _ in range(48):
        _, _, after = batch.advance()
        most = np.maximum(most, after.member.sum(axis=0))
        assert after.places.tolist() == most.tolist()

    assert (most > 6).all()
    assert (after.member.sum(axis=0) < most).any()
