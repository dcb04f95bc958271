"""Membership lists: counts worked by hand, rosters, and lists that are simulated."""

import numpy as np
import pytest

import sim
from sim.engine.batch import Batch
from sim.model.sectors import SECTORS
from sim.studies.validation.lists import (
    HORIZONS,
    TENURES,
    MemberList,
    count,
    facts_of,
    read_lists,
    roster_of,
    sector_ratio,
    simulate_list,
)
from tests.helpers import EVERY_MECHANISM, exactly

PRIVATE, ACADEMIC = SECTORS.index("private"), SECTORS.index("academic")
SMALL = MemberList(
    "small",
    sector=np.array([PRIVATE, ACADEMIC, PRIVATE, PRIVATE]),
    founder=np.array([True, True, False, False]),
    joins=np.array([0.0, 0.0, 5.0, 20.0]),
    leaves=np.array([10.0, np.inf, 17.0, np.inf]),
    months=24,
    calendar_month=3,
)
"""One founder leaves in month 10, another stays; one joins in month 5 for a year, one in month 20 and stays."""


def test_exits_and_member_months_are_counted_by_sector_and_tenure():
    counts = SMALL.facts()
    exits, exposure = np.zeros((2, len(SECTORS), len(TENURES) - 1))
    exits[PRIVATE, 3] = 1.0  # after 12 months, between 10.5 and 14.5
    exposure[PRIVATE, :4] = [3 + 3, 3 + 1, 4.5, 1.5]

    assert counts.exits[..., 0] == exactly(exits)
    assert counts.exposure[..., 0] == exactly(exposure)
    assert counts.all_exits[:, 0] == exactly([0, 2, 0, 0])
    assert counts.all_exposure[:, 0] == exactly([0, 10 + 12 + 4, 24, 0])


def test_founders_are_followed_as_far_as_the_list_goes():
    counts = SMALL.facts()

    assert counts.founders == exactly([2.0])
    assert counts.stayed[:3, 0] == exactly([2.0, 1.0, 1.0])  # after 6, 12, 24 months
    assert np.isnan(counts.stayed[3:, 0]).all()


def test_two_single_exits_in_two_years_are_a_little_less_clustered_than_chance():
    # a mean of 2/24; a variance of (2 - 4/24)/23
    assert SMALL.facts().dispersion == exactly([(2 - 4 / 24) / 23 / (2 / 24)])


def test_who_left_before_the_list_began_was_never_on_it():
    joins, leaves = np.array([[-10.0], [-10.0]]), np.array([[-1.0], [np.inf]])
    counts = count(joins, leaves, np.array([PRIVATE, PRIVATE]), (joins <= 0) & (leaves > 0), 24)

    assert counts.all_exits.sum() == 0
    assert counts.all_exposure.sum() == 24
    assert counts.founders == exactly([1.0])


def test_rates_and_survival_are_read_from_the_counts():
    """Half of the entrants leave within a year: the hazard of every class is what their member-months say."""
    n = 40
    leaves = np.where(np.arange(n) < n // 2, 12.0, np.inf)
    entrants = MemberList("x", np.full(n, PRIVATE), np.arange(n) < 0, np.full(n, 0.01), leaves, 120, 1)
    facts = facts_of({"x": entrants.facts(), "y": entrants.facts()}, large=())

    at_risk = 2 * (n / 2 * 1.49 + n / 2 * 4.0)  # half of them for 1.49 months of the class, half for all of it
    assert facts["hazard"][3] == exactly([np.log((n + 0.5) / (at_risk + 100))])
    assert facts["survival_private"][2:, 0] == pytest.approx(facts["survival_private"][2, 0], abs=0.02)
    assert facts["survival_private"][-1, 0] == pytest.approx(0.5, abs=0.04)
    assert facts["spread"].tolist() == [[0.0]]


def test_the_ratio_of_sectors_is_stratified_by_list():
    """Academic members leave at half the rate of firms on both lists, whatever their shares and the lists' rates."""

    def of(rate, firms, others):
        sector = np.array([PRIVATE] * firms + [ACADEMIC] * others)
        months = np.concatenate([np.full(firms, 1 / rate), np.full(others, 2 / rate)])
        return MemberList("x", sector, np.ones(firms + others, bool), months * 0.0, months, 1000, 1).facts()

    # all leave, after 1/rate months and twice that: rates r and r/2
    assert sector_ratio([of(0.1, 9, 1), of(0.02, 1, 9)]) == pytest.approx([0.5], abs=1e-3)


def test_other_sectors_leave_the_shipped_lists_at_a_fifth_of_the_rate_of_firms():
    counts = [real.facts() for name, real in read_lists().items() if name != "riscv"]

    assert sector_ratio(counts) == pytest.approx([0.22], abs=0.01)


def test_the_shipped_lists_are_whole():
    lists = read_lists()

    assert sum(len(real.sector) for real in lists.values()) == 2628
    assert list(lists) == ["aswf", "cdf", "cncf", "graphql", "lfai", "lfenergy", "lfph", "omp", "riscv"]
    assert {name: real.size for name, real in lists.items()}["cncf"] == 435
    for real in lists.values():
        assert (real.leaves >= real.joins).all()
        assert (real.joins[real.founder] == 0).all()


def test_the_shipped_lists_show_a_peak_at_the_first_renewal_and_firms_that_leave_more():
    lists = {name: real.facts() for name, real in read_lists().items() if name != "riscv"}
    facts = facts_of(lists)

    assert facts["hazard_cncf"][:, 0].argmax() == 3
    assert facts["hazard"][:, 0].argmax() == 3
    assert (facts["survival_private"] < facts["survival_academic"])[1:].all()
    assert facts["founders"].shape == (len(HORIZONS), 1)
    assert np.all(np.diff(facts["founders"], axis=0) < 0)


def test_a_roster_begins_in_a_january_with_less_than_half_and_ends_with_the_lists_entries():
    roster, before = roster_of(SMALL)

    assert before == 24 + 2  # the list begins in March
    assert roster.joins.tolist() == [0, 0, 7, 20, 26 + 5, 26 + 20]
    assert roster.sector[-2:].tolist() == [PRIVATE, PRIVATE]


def test_members_join_in_the_month_that_the_roster_says():
    roster, _ = roster_of(SMALL)
    scenario = sim.Scenario().replace(**{"size.partners": 2, "size.candidates": 4, "rules.membership.other_rate": 0.0})
    batch = Batch(scenario, [1, 2], "neutral", roster=roster)
    members = []
    for _ in range(48):
        batch.advance()
        members.append((batch.state.member + batch.state.left)[:, 0])
    first_month = 1 + np.array(members).argmax(axis=0)

    assert first_month.tolist() == [1, 1, *roster.joins[2:]]
    assert batch.state.since[2:, 0].tolist() == roster.joins[2:].tolist()


def test_without_exits_everybody_of_a_simulated_list_is_there():
    calm = sim.Scenario().replace(**{"rules.membership.other_rate": 0.0, "start.goodwill": 1e6})
    counts = simulate_list(SMALL, calm, range(3))

    assert counts.all_exits.sum() == 0
    assert counts.founders.tolist() == [4, 4, 4]  # two that begin, two that join before the list
    assert counts.stayed[1].tolist() == [4, 4, 4]


@pytest.mark.parametrize(("month", "founders", "exits", "member_months"), [
    # the list begins with month 26. In month 36 all go: four founders after 9.5, and who joined in its fifth after 4.5
    (36, 4, 5, 4 * 9.5 + 4.5 + 4),
    # in month 20 three go that are never listed; who joins in that very month stays, and those of months 5 and 20 of the list
    (20, 1, 0, 24 + 19 + 4),
])  # fmt: skip
def test_a_simulated_list_begins_with_its_own_first_month(month, founders, exits, member_months):
    calm = sim.Scenario().replace(**{
        "rules.membership.other_rate": 0.0, "start.goodwill": 1e6, "shocks.departures.month": month, "shocks.departures.share": 1.0,
    })  # fmt: skip
    counts = simulate_list(SMALL, calm, range(2))

    assert counts.founders.tolist() == [founders] * 2
    assert counts.all_exits.sum(axis=0).tolist() == [exits] * 2
    assert counts.all_exposure.sum(axis=0) == exactly([member_months] * 2)


def test_a_run_of_a_list_does_not_depend_on_the_others():
    rules = sim.Scenario().replace(**{path: value for path, value in EVERY_MECHANISM.items() if "least" not in path})
    columns = {"rules.membership.other_rate": np.array([0.0, 0.05, 0.1])}
    together = simulate_list(SMALL, rules, [3, 4, 5], columns)
    alone = simulate_list(SMALL, rules, [4], {"rules.membership.other_rate": np.array([0.05])})

    assert together.all_exposure[:, 1].tolist() == alone.all_exposure[:, 0].tolist()


def test_both_engines_simulate_a_roster_alike():
    pytest.importorskip("llvmlite")
    roster, _ = roster_of(SMALL)
    scenario = sim.Scenario().replace(**{"size.partners": 2, "size.candidates": 4, **EVERY_MECHANISM})
    left = []
    for engine in ("numpy", "compiled"):
        batch = Batch(scenario, range(8), "neutral", engine=engine, roster=roster)
        list(batch.run_months(36, (), False))
        left.append((batch.state.left_month, batch.state.goodwill))
    assert left[0][0].tolist() == left[1][0].tolist()
    assert left[0][1] == pytest.approx(left[1][1], abs=1e-9)
