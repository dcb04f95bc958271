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
PAUSED = {"name": "neutral", "pause": 3}
POLICIES = ("neutral", "adaptive_tracking", PAUSED)
OF_A_MEMBER = ("goodwill", "engagement", "trust", "needs_met", "reserve", "inside", "outside", "contacts", "n_ties",
               "disclosure", "routine", "representative", "benefit", "business_model", "ledger",
               "knowledge")  # fmt: skip
OF_ALL = ("understanding", "plan", "tension", "fund", "society_value")

EVENTFUL = {
    "size.ties": 2,
    "size.domains": 6,
    "rules.creation.ces_exponent": 0.0005,
    "rules.leak.rate": 0.5,
    "rules.readiness.turnover": 0.1,
    "rules.membership.other_rate": 0.01,
    "rules.membership.exit_penalty": 2.0,
    "rules.capture.scale": 12.0,
    "grant.budget": 12.0,
}
"""Full circles, many leaks, successors and exits; and the branch around a substitution of 0."""


def assert_same_path(form, scenario, policy, seed):
    """Run both side by side on the engine's draws; gives the engine's flows and states."""
    n = scenario.size.partners
    batch, streams = Batch(scenario, [seed], policy), RandomStreams([seed, seed], n, scenario.size.domains)
    twin = FORMS[form](scenario, seed, policy, lambda month: EngineDraws(streams, month))
    history = []
    for _ in range(MONTHS):
        _, flows, state = batch.advance()
        twin.step()
        history.append((flows, state))
        members = np.flatnonzero(state.member[:, 0])
        same = {"rtol": 1e-9, "atol": 1e-12, "err_msg": f"month {state.month}"}
        assert members.tolist() == [partner.slot for partner in twin.members], f"members in month {state.month}"
        np.testing.assert_allclose(twin.created, flows.created[0, 0], **same)
        for name in OF_A_MEMBER:
            own = [getattr(partner, name) for partner in twin.members]
            np.testing.assert_allclose(own, getattr(state, name)[members, 0], **same)
        for name in OF_ALL:
            np.testing.assert_allclose(getattr(twin, name), getattr(state, name)[0, 0], **same)
        if form == "idiomatic":
            collected = [values[-1] for values in twin.datacollector.model_vars.values()]
            recorded = [values[0] for values in measure(ALWAYS, state, flows, batch.params)]
            assert list(twin.datacollector.model_vars) == [outcome.name for outcome in ALWAYS]
            np.testing.assert_allclose(collected, recorded, **same)
        ties = [{p.slot for p in partner.tie_to if p} for partner in twin.members]
        assert ties == [set(state.tie_to[k, :, 0].tolist()) - {-1} for k in members], f"ties in month {state.month}"
    for partner in twin.partners:
        left = int(state.left_month[partner.slot, 0]), REASONS[int(state.left_reason[partner.slot, 0])]
        assert left == (partner.left_month, partner.left_reason)
    return zip(*history, strict=True)


@pytest.mark.parametrize("policy", POLICIES, ids=["neutral", "adaptive_tracking", "paused"])
@pytest.mark.parametrize("seed", [3, 11])
@pytest.mark.parametrize("partners", [8, 24])
@pytest.mark.parametrize("form", FORMS)
def test_a_mesa_form_takes_the_engines_path_when_fed_its_draws(form, partners, seed, policy):
    _, states = assert_same_path(form, Scenario().replace(**{"size.partners": partners}), policy, seed)

    assert states[-1].month == MONTHS


@pytest.mark.parametrize("seed", [3, 11])
@pytest.mark.parametrize("form", FORMS)
def test_the_paths_stay_together_through_full_circles_leaks_and_exits_of_every_kind(form, seed):
    flows, states = assert_same_path(form, Scenario().replace(**EVENTFUL), "adaptive_tracking", seed)

    assert sum(month.leaked[:, 0].sum() for month in flows) > 10
    assert sum((month.giver[0, :, 0] >= 0).sum() for month in flows) > 2 * EVENTFUL["size.ties"] * 24
    assert max(state.n_ties[:, 0].max() for state in states) == EVENTFUL["size.ties"]
    assert set(states[-1].left_reason[:, 0].astype(int)) >= {1, 2, 3}


@pytest.mark.parametrize("policy", ["adaptive_tracking", PAUSED], ids=["adaptive_tracking", "paused"])
@pytest.mark.parametrize("form", FORMS)
def test_the_paths_stay_together_when_everyone_has_left(form, policy):
    hopeless = Scenario().replace(**{"size.partners": 4, "start.goodwill": 0.5, "start.aspiration": 2.0})

    _, states = assert_same_path(form, hopeless, policy, 5)

    assert states[-1].member[:, 0].sum() == 0


@pytest.mark.parametrize("form", FORMS)
def test_the_paths_stay_together_when_taking_part_is_free_for_who_has_nothing(form):
    penniless = {"rules.participation.reserve": 0.0, "rules.participation.allowance": 0.0, "grant.subsidy": 1.0}

    flows, _ = assert_same_path(form, Scenario().replace(**penniless), "adaptive_tracking", 3)

    assert flows[0].participation[:, 0].min() > 0.0


@pytest.mark.parametrize("form", FORMS)
def test_what_a_leaver_captures_in_its_last_month_can_satisfy_it(form):
    flows, states = assert_same_path(form, Scenario(), "neutral", 3)
    fed_up = [month.satisfied[:, 0] + month.frustrated[:, 0] for month in flows]
    month = next(k for k, gone in enumerate(fed_up) if gone.any())
    leaver = int(np.argmax(fed_up[month]))
    needs, last = states[month].needs_met[leaver, 0], flows[month].captured[leaver, 0]
    halfway = float((needs - last / 2) / states[month].need[leaver, 0])

    _, states = assert_same_path(
        form, Scenario().replace(**{"rules.membership.satisfaction_threshold": halfway}), "neutral", 3
    )

    assert last > 0
    assert REASONS[int(states[-1].left_reason[leaver, 0])] == "satisfied"


@pytest.mark.slow
@pytest.mark.parametrize("form", [Partnership, IdiomaticPartnership], ids=["tuned", "idiomatic"])
def test_with_its_own_dice_a_mesa_form_comes_to_the_same_on_average(form):
    seeds, scenario = range(60), Scenario()
    twins = [form(scenario, seed, "adaptive_tracking") for seed in seeds]
    for twin in twins:
        for _ in range(MONTHS):
            twin.step()
    engine = simulate(scenario, seeds, "adaptive_tracking", MONTHS, record=("series",)).series
    last = engine[engine.month == MONTHS]
    gaps = {
        "n_members": [len(twin.members) for twin in twins] - last.n_members.to_numpy(),
        "society_value": [twin.society_value for twin in twins] - last.society_value.to_numpy(),
    }

    for name, gap in gaps.items():
        assert abs(gap.mean()) < 4 * gap.std(ddof=1) / np.sqrt(len(gap)), name


@pytest.mark.parametrize("form", [Partnership, IdiomaticPartnership], ids=["tuned", "idiomatic"])
def test_a_mesa_form_refuses_what_it_does_not_have(form):
    with pytest.raises(ValueError, match="the Mesa twin has no policy 'bundling'; it has neutral"):
        form(Scenario(), 0, "bundling")
    with pytest.raises(ValueError, match="the Mesa twin has no shocks"):
        form(Scenario().replace(**{"shocks.grant_end.month": 12}), 0, "neutral")
