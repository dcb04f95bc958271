"""The two Mesa forms: fed the engine's draws they take its path; with their own they come to the same on average."""

import sys
from pathlib import Path

import numpy as np
import pytest

from sim import Scenario, simulate
from sim.engine.batch import Batch
from sim.model.outcomes.series import ALWAYS, measure
from sim.model.random_streams import RandomStreams
from sim.model.state import REASONS
from tests.helpers import OFF

sys.path.insert(0, str(Path(__file__).parents[2] / "experiments"))
try:
    from mesa_draws import EngineDraws
    from mesa_idiomatic import IdiomaticPartnership
    from mesa_replay import ReplayedPartnership
    from mesa_twin import Partnership
finally:
    sys.path.pop(0)

FORMS = {"tuned": Partnership, "idiomatic": ReplayedPartnership}
MONTHS = 60
VERSIONS = {"first": OFF, "second": {"shocks.common.rate": 0.03}}
"""What sets a version of the model apart from the default scenario; to the second come common shocks at random."""
TRACKING = {"name": "adaptive_tracking", "expected_effect": 0.0, "enough": 1000.0}
"""Help for those below the average and matches for all, as in the first version."""
POLICIES = {
    "neutral": "neutral",
    "adaptive_tracking": "adaptive_tracking",
    "for_who_falls_short": TRACKING,
    "strategic_pause": "strategic_pause",
    "connecting": "connecting",
}
OF_A_MEMBER = ("goodwill", "engagement", "participation", "trust_for", "trust_against", "needs_met", "reserve",
               "inside", "outside", "contacts", "n_ties", "disclosure", "routine", "representative", "benefit", "news",
               "business_model", "ledger", "knowledge")  # fmt: skip
OF_ALL = ("understanding", "plan", "pace", "common", "tension", "fund", "society_value")
BY_DOMAIN = ("stock", "agenda")

EVENTFUL = {
    "size.ties": 2,
    "size.domains": 6,
    "rules.creation.ces_exponent": 0.0005,
    "rules.leak.rate": 0.5,
    "rules.readiness.turnover": 0.1,
    "rules.membership.other_rate": 0.01,
    "rules.membership.exit_penalty": 2.0,
    "rules.capture.scale": 12.0,
    "start.goodwill": 1.0,
    "grant.budget": 12.0,
    "shocks.common.month": 8,
    "shocks.common.rate": 0.3,
    "shocks.common.size": 0.1,
}
"""Full circles, many leaks, successors, shocks and exits; and the branch around a substitution of 0."""


def scenario_of(version, **changes):
    """Make the scenario of a version, with more changes; two underscores stand for a dot."""
    return Scenario().replace(**VERSIONS[version] | {path.replace("__", "."): value for path, value in changes.items()})


def assert_same_path(scenario, policy, seed):
    """Run both forms beside the engine on its draws; gives the engine's flows and states."""
    n = scenario.size.partners
    batch, streams = Batch(scenario, [seed], policy), RandomStreams([seed, seed], n, scenario.size.domains)
    twins = {
        name: form(scenario, seed, policy, lambda month: EngineDraws(streams, month)) for name, form in FORMS.items()
    }
    history = []
    for _ in range(MONTHS):
        _, flows, state = batch.advance()
        history.append((flows, state))
        members = np.flatnonzero(state.member[:, 0])
        ties = [set(state.tie_to[k, :, 0].tolist()) - {-1} for k in members]
        expected = {"created": flows.created[0, 0]}
        expected |= {name: getattr(state, name)[members, 0] for name in OF_A_MEMBER}
        expected |= {name: getattr(state, name)[0, 0] for name in OF_ALL}
        expected |= {name: getattr(state, name)[0, :, 0] for name in BY_DOMAIN}
        recorded = [values[0] for values in measure(ALWAYS, state, flows, batch.params)]
        for form, twin in twins.items():
            where = f"{form}, month {state.month}"
            twin.step()
            assert members.tolist() == [partner.slot for partner in twin.members], f"members: {where}"
            own = {name: getattr(twin, name) for name in ("created", *OF_ALL, *BY_DOMAIN)}
            own |= {name: [getattr(partner, name) for partner in twin.members] for name in OF_A_MEMBER}
            assert_close(own, expected, where)
            if form == "idiomatic":
                collected = {name: values[-1] for name, values in twin.datacollector.model_vars.items()}
                assert list(collected) == [outcome.name for outcome in ALWAYS]
                assert_close(collected, dict(zip(collected, recorded, strict=True)), where)
            assert ties == [{p.slot for p in partner.tie_to if p} for partner in twin.members], f"ties: {where}"
    for twin in twins.values():
        for partner in twin.partners:
            left = int(state.left_month[partner.slot, 0]), REASONS[int(state.left_reason[partner.slot, 0])]
            assert left == (partner.left_month, partner.left_reason)
    return zip(*history, strict=True)


def assert_close(own, expected, where):
    """Compare quantities by name: all at once, and one by one where they differ."""
    same = {"rtol": 1e-9, "atol": 1e-12}
    sides = [np.concatenate([np.ravel(side[name]) for name in expected]) for side in (own, expected)]
    if len(sides[0]) != len(sides[1]) or not np.allclose(*sides, equal_nan=True, **same):
        for name in expected:
            np.testing.assert_allclose(own[name], expected[name], err_msg=f"{name}: {where}", **same)
        raise AssertionError(f"quantities of other sizes: {where}")


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize("seed", [5, pytest.param(15, marks=pytest.mark.slow)])
@pytest.mark.parametrize("partners", [pytest.param(8, marks=pytest.mark.slow), 24])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_mesa_form_takes_the_engines_path_when_fed_its_draws(version, partners, seed, policy):
    _, states = assert_same_path(scenario_of(version, size__partners=partners), policy, seed)

    assert states[-1].month == MONTHS


@pytest.mark.parametrize("seed", [5, pytest.param(15, marks=pytest.mark.slow)])
@pytest.mark.parametrize("version", VERSIONS)
def test_the_paths_stay_together_through_full_circles_leaks_and_exits_of_every_kind(version, seed):
    flows, states = assert_same_path(scenario_of(version, **EVENTFUL), {**TRACKING, "pause": 2}, seed)

    assert sum(month.leaked[:, 0].sum() for month in flows) > 10
    assert sum((month.giver[0, :, 0] >= 0).sum() for month in flows) > 2 * EVENTFUL["size.ties"] * 24
    assert max(state.n_ties[:, 0].max() for state in states) == EVENTFUL["size.ties"]
    assert set(states[-1].left_reason[:, 0].astype(int)) >= {1, 2, 3}


@pytest.mark.parametrize("policy", [TRACKING, "strategic_pause"], ids=["adaptive_tracking", "paused"])
@pytest.mark.parametrize("version", VERSIONS)
def test_the_paths_stay_together_when_everyone_has_left(version, policy):
    hopeless = scenario_of(version, size__partners=4, start__goodwill=0.5, start__aspiration=2.0)

    _, states = assert_same_path(hopeless, policy, 5)

    assert states[-1].member[:, 0].sum() == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_the_paths_stay_together_when_taking_part_is_free_for_who_has_nothing(version):
    penniless = {"rules.participation.reserve": 0.0, "rules.participation.allowance": 0.0, "grant.subsidy": 1.0}

    flows, _ = assert_same_path(scenario_of(version, **penniless), TRACKING, 3)

    assert flows[0].participation[:, 0].min() > 0.0


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_leaver_captures_in_its_last_month_can_satisfy_it(version):
    flows, states = assert_same_path(scenario_of(version), "neutral", 3)
    fed_up = [month.satisfied[:, 0] + month.frustrated[:, 0] for month in flows]
    month = next(k for k, gone in enumerate(fed_up) if gone.any())
    leaver = int(np.argmax(fed_up[month]))
    needs, last = states[month].needs_met[leaver, 0], flows[month].captured[leaver, 0]
    halfway = float((needs - last / 2) / states[month].need[leaver, 0])

    _, states = assert_same_path(scenario_of(version, rules__membership__satisfaction_threshold=halfway), "neutral", 3)

    assert last > 0
    assert REASONS[int(states[-1].left_reason[leaver, 0])] == "satisfied"


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("form", [Partnership, IdiomaticPartnership], ids=["tuned", "idiomatic"])
def test_with_its_own_dice_a_mesa_form_comes_to_the_same_on_average(form, version):
    seeds, scenario = range(60), scenario_of(version)
    twins = [form(scenario, seed, TRACKING) for seed in seeds]
    for twin in twins:
        for _ in range(MONTHS):
            twin.step()
    engine = simulate(scenario, seeds, TRACKING, MONTHS, record=("series",)).series
    last = engine[engine.month == MONTHS]
    gaps = {
        "n_members": [len(twin.members) for twin in twins] - last.n_members.to_numpy(),
        "society_value": [twin.society_value for twin in twins] - last.society_value.to_numpy(),
    }

    for name, gap in gaps.items():
        assert abs(gap.mean()) < 4 * gap.std(ddof=1) / np.sqrt(len(gap)), name


LACKS = {
    "rules.membership.term": (12.0, "takes no rules.membership.term but 0.0, and this scenario has 12.0"),
    "rules.membership.look_ahead": (12.0, "takes no rules.membership.look_ahead but 0.0"),
    "rules.membership.lapse_rate": (0.5, "takes no rules.membership.lapse_rate but 1.0"),
    "structure.exit": ("hazard", "takes no structure.exit but threshold, and this scenario has hazard"),
    "size.candidates": (2, "takes no size.candidates but 0"),
    "shocks.grant_end.month": (12, "no shocks but the common one, and this scenario has grant_end"),
}
"""A parameter, a value of it that the Mesa forms lack, and what they say."""


@pytest.mark.parametrize("path", LACKS)
@pytest.mark.parametrize("form", [Partnership, IdiomaticPartnership], ids=["tuned", "idiomatic"])
def test_a_mesa_form_refuses_a_scenario_with_what_it_does_not_have(form, path):
    value, words = LACKS[path]

    with pytest.raises(ValueError, match=f"the Mesa twin .*{words}"):
        form(Scenario().replace(**{path: value}), 0, "neutral")


@pytest.mark.parametrize("form", [Partnership, IdiomaticPartnership], ids=["tuned", "idiomatic"])
def test_a_mesa_form_refuses_a_policy_that_it_does_not_have(form):
    with pytest.raises(ValueError, match="the Mesa twin has no policy 'bundling'; it has neutral"):
        form(Scenario(), 0, "bundling")
    with pytest.raises(ValueError, match="the Mesa twin safeguards all members alike"):
        form(Scenario(), 0, {"name": "adaptive_tracking", "least_risk": 0.1})
