# expected == actual
from types import SimpleNamespace

import numpy as np
import pytest

from sim.model.effort import Prices, cost_of
from sim.model.observation import no_effort
from sim.model.rules import orchestrator
from sim.model.rules.orchestrator import Orchestrator
from tests.helpers import RUNS, each, effort, exactly, partnership

RULE = Orchestrator(
    benefit_error=1,
    risk_error=0.05,
    capture_error=0.3,
    tension_error=0.05,
    forgetting=0.01,
    from_safeguarding=1,
    from_bundling=0.3,
    from_match=0.5,
    from_tracking=1,
)
ESTIMATES = ("risk", "shortfall", "captured", "tension_information", "tension_interest", "tension_resource")
PRICES = Prices(safeguard=0.1, bundle=0.06, match=0.5, track=0.05, intervene=1, pause=0.1)


def draws(shortfall=0.0, risk=0.0, captured=0.0, tensions=(0.0, 0.0, 0.0), partners=2, attended=0.0):
    drawn = {
        "shortfall_error": shortfall,
        "risk_error": risk,
        "capture_error": captured,
        "attendance_lottery": attended,
    }
    errors = {k: each(*(v if isinstance(v, tuple) else (v,) * partners)) for k, v in drawn.items()}
    return SimpleNamespace(**errors, tension_errors=tuple(each(t) for t in tensions), lottery=each(0.25, 0.75))


def observed(state, errors, targeting="estimate", risk=(0.1, 0.3), surplus=(0.2, -0.4)):
    return orchestrator.observe(state, RULE, PRICES, 3, each(*risk), each(*surplus), targeting, errors)


def test_knowledge_comes_from_all_that_passes_through_and_fades():
    state = partnership(3, knowledge=2.0, disclosure=(0.8, 0.0, 0.8), member=(1, 1, 0))
    done = effort(safeguard=0.5, bundle=0.4, track=(0.5, 0.0, 0.5))

    # 1.98 + (0.5 + 0.3 x 0.5 x 0.4) x 0.8 + 0.5 + 0.5; 1.98 + 2 x 0.5; and only fading for who left
    assert each(3.428, 2.98, 1.98) == exactly(orchestrator.learn(state, RULE, done, each(1, 2, 1)))


def test_an_idle_orchestrator_only_forgets():
    assert each(1.98, 0.0) == exactly(
        orchestrator.learn(partnership(2, knowledge=(2.0, 0.0)), RULE, effort(), each(0, 0))
    )


def test_under_full_safeguarding_bundling_teaches_nothing_more():
    state = partnership(2, knowledge=0.0, disclosure=0.5)

    assert each(0.5, 0.5) == exactly(orchestrator.learn(state, RULE, effort(safeguard=1.0, bundle=1.0), each(0, 0)))


def test_estimates_err_less_the_better_a_member_is_known():
    state = partnership(2, knowledge=(0.0, 3.0), needs_met=30.0, need=60.0)
    seen = observed(state, draws(shortfall=1.0, risk=-1.0, captured=-1.0))

    # Errors are divided by sqrt(1 + kn): by 1 and by 2.
    assert each(1.2, 0.1) == exactly(seen.shortfall)
    assert each(0.05, 0.275) == exactly(seen.risk)
    assert each(0.2, 0.35) == exactly(seen.captured)


def test_tensions_are_seen_with_an_error_of_their_own_each():
    state = partnership(2, tension_information=0.5, tension_interest=0.4, tension_resource=0.3)
    seen = observed(state, draws(tensions=(1.0, -1.0, 2.0)))

    assert each(0.55) == exactly(seen.tension_information)
    assert each(0.35) == exactly(seen.tension_interest)
    assert each(0.4) == exactly(seen.tension_resource)


def test_what_is_seen_of_a_share_stays_a_share():
    state = partnership(2, tension_information=0.98, tension_interest=0.01, needs_met=30.0, need=60.0, knowledge=0.0)
    seen = observed(state, draws(captured=(9.0, -9.0), tensions=(2.0, -2.0, 0.0)))

    assert each(1.0, 0.0) == exactly(seen.captured)
    assert each(1.0) == exactly(seen.tension_information)
    assert each(0.0) == exactly(seen.tension_interest)


def test_what_is_on_the_record_is_seen_without_error():
    public = {
        "budget": 6.0, "member": (1, 0), "sector": (1.0, 3.0), "fund": 7.5, "phase": 2.0, "plan": 0.3,
        "participation": (0.8, 0.1), "knowledge": (2.0, 0.5), "contacts": (3.0, 4.0),
    }  # fmt: skip
    seen = observed(partnership(2, domains=3, month=9, **public), draws(shortfall=1.0, risk=1.0))
    text = (seen.budget, seen.members, seen.sectors, seen.months_funded, seen.phase, seen.plan, seen.attendance,
            seen.knowledge, seen.contacts)  # fmt: skip

    assert (seen.month, seen.initiation_months, seen.n_domains, seen.prices) == (9, 3, 3, PRICES)
    for shown, value in zip(text, public.values(), strict=True):
        assert each(*(value if isinstance(value, tuple) else (value,))) == exactly(shown)


def test_perfect_information_sees_members_as_they_are():
    seen = observed(
        partnership(2, needs_met=30.0, need=60.0), draws(shortfall=2.0, risk=2.0, captured=2.0), "perfect_information"
    )

    assert each(0.2, -0.4) == exactly(seen.shortfall)
    assert each(0.1, 0.3) == exactly(seen.risk)
    assert each(0.5, 0.5) == exactly(seen.captured)


def test_targeting_by_chance_keeps_mean_and_spread_and_drops_who_is_who():
    state = partnership(2, knowledge=0.0, participation=(0.8, 0.4))
    drawn = draws(shortfall=(1.0, -2.0), risk=(1.0, -2.0), attended=(-1.0, 1.0))
    seen = observed(state, drawn, "random", surplus=(-1.4, 1.0), risk=(0.1, 0.3))

    # Mean -0.2, variance 1.44 + 1 of error; mean 0.2, variance 0.01 + 0.0025.
    assert each(-0.2 + 2.44**0.5, -0.2 - 2 * 2.44**0.5) == exactly(seen.shortfall)
    assert each(0.2 + 0.0125**0.5, 0.2 - 2 * 0.0125**0.5) == exactly(seen.risk)
    # what they attend: mean .6, standard deviation .2
    assert each(0.4, 0.8) == exactly(seen.attendance)


def test_who_left_does_not_enter_the_mean_of_chance_targeting():
    state = partnership(3, knowledge=0.0, member=(1, 1, 0), needs_met=0.0)
    seen = observed(state, draws(partners=3), "random", surplus=(-1.0, 1.0, 50.0), risk=(0.2, 0.2, 0.9))

    assert each(0.0, 0.0) == exactly(seen.shortfall[:2])


@pytest.mark.parametrize("targeting", ["estimate", "random", "perfect_information"])
def test_the_orchestrator_never_sees_true_goals_readiness_goodwill_or_trust(targeting):
    hidden = ("goals", "expertise", "routine", "representative", "goodwill", "patience", "base_aspiration", "mission",
              "sensitivity", "trust_for", "trust_against", "benefit", "business_model", "reliability")  # fmt: skip
    state = partnership(2)
    state = state.replace(**{name: getattr(state, name) * np.nan for name in hidden})
    seen = observed(state, draws(shortfall=1.0, risk=1.0), targeting)
    names = {name for name in dir(seen) if not name.startswith("_")}
    visible = [name for name in names if isinstance(getattr(seen, name), np.ndarray)]

    assert set(ESTIMATES) < set(visible)
    assert [] == [name for name in visible if not np.isfinite(getattr(seen, name)).all()]
    assert each(0.25, 0.75) == exactly(seen.lottery)


def test_an_effort_is_priced_per_member_match_and_intervention():
    members = each(1, 1, 0)
    done = effort(
        safeguard=0.5,
        bundle=0.25,
        match_inside=2.0,
        match_outside=(0.5, 0.1, 0.9),
        track=(1.0, 0.5, 1.0),
        intervene=(0.0, 0.3, 1.0),
        pause=0.5,
        placebo=0.7,
    )
    costs = {name: float(cost[0, 0]) for name, cost in cost_of(done, PRICES, members).items()}

    assert exactly({
        "safeguard": 0.1, "bundle": 0.03, "match_inside": 1.0, "match_outside": 0.3, "track": 0.075,
        "intervene": 0.3, "pause": 0.1, "placebo": 0.7,
    }) == costs  # fmt: skip


def test_what_is_spent_is_what_it_costs():
    state = partnership(4, member=(1, 1, 1, 0), budget=6.0)
    seen = observed(state, draws(partners=4), risk=(0,) * 4, surplus=(0,) * 4)
    spending = {"safeguard": 0.15, "bundle": 0.09, "inside": 0.5, "outside": 0.6, "track": 0.06, "intervene": 0.9}
    done = seen.spend(**spending, pause=0.12, placebo=0.3, whom=each(3.0, 2.0, 1.0, 9.0))
    costs = {name: float(cost[0, 0]) for name, cost in cost_of(done, PRICES, state.member).items()}

    assert exactly([0.15, 0.09, 0.5, 0.6, 0.06, 0.9, 0.12, 0.3]) == list(costs.values())
    assert each(0.45, 0.3, 0.15, 0.0) == exactly(done.intervene)


def test_what_a_mechanism_cannot_use_stays_idle():
    state = partnership(2, budget=100.0)
    seen = observed(state, draws())
    done = seen.spend(safeguard=20.0, bundle=20.0, inside=20.0, intervene=20.0)

    assert each(0.2) + each(0.12) + each(1.0) + each(2.0) == exactly(sum(cost_of(done, PRICES, state.member).values()))


def test_no_effort_costs_nothing():
    state = partnership(2)
    costs = cost_of(no_effort(observed(state, draws())), PRICES, state.member)

    assert np.zeros((1, RUNS)) == exactly(sum(costs.values()))
