"""The month: what happens in a partnership, in order. This is the ODD's process overview and scheduling.

Updates are synchronous within each process; who leaves this month is gone the next.
"""

from collections.abc import Callable
from typing import Any

from sim.model import dated_events
from sim.model.arrays import Array, any_nonzero, at_least, over_partners
from sim.model.effort import Effort
from sim.model.observation import Observation
from sim.model.random_streams import Draws
from sim.model.rules import (
    capture,
    commitment,
    connecting,
    creation,
    funding,
    information,
    leak,
    membership,
    orchestrator,
    participation,
    readiness,
    tension,
    trust,
    understanding,
)
from sim.model.scenario import Scenario
from sim.model.shocks import apply_shocks, forced, now, strike_all
from sim.model.state import Flows, State, may_leave

Act = Callable[[Observation, Any], tuple[Effort, dict[str, Array], Any]]
"""One month of a policy: from its observation and memory to its effort, the cost of each action, and its new memory."""

Payoffs = Callable[[State, Array], Array]
"""A user's pay-offs: the state and participation in, net benefit per partner out, shape (partners, runs)."""


def step(
    state: State, params: Scenario, draws: Draws, act: Act, memory: Any, targeting: str, payoffs: Payoffs | None = None
) -> tuple[State, Flows, Any]:
    """Advance every run of a batch by one month; gives the new state, the month's flows and the policy's memory."""
    rules, structure = params.rules, params.structure
    state = apply_shocks(state.replace(month=state.month + 1), params.shocks, params.events)

    # 1 Funding: the month's budget
    full = dated_events.granted_budget(state, params.events, params.grant.budget)
    state = state.replace(budget=funding.budget(state, params.grant, full))
    subsidised = params.grant.subsidy * state.is_funded

    # 2 The orchestrator looks, and the policy decides what it does
    rivals = information.count_rivals(state)
    half = information.crowd(state, rules.information, structure.rivals)
    pressure = information.rival_pressure(rivals, half)
    latent_risk = information.latent_risk(state, pressure)
    shortfall = state.benefit - commitment.aspiration(state, rules.commitment, structure.outside_options)
    seen = orchestrator.observe(
        state, rules.orchestrator, params.prices, params.grant.initiation, latent_risk, shortfall, targeting, draws
    )
    effort, spent, memory = act(seen, memory)
    pause = funding.may_pause(state, params.grant, effort.pause)
    state = state.replace(phase=funding.phase(state, params.grant, pause))

    # 3 Perceived risk and disclosure
    exposure = information.exposure(effort, rules.information)
    state = state.replace(disclosure=information.disclose(state, rules.information, latent_risk * exposure))

    # 4 Tensions
    distance = tension.dna_distance(state, structure.distance)
    state = state.replace(
        tension_information=tension.information_tension(state),
        tension_interest=tension.interest_tension(state, rules.tension, effort, distance),
        tension_resource=tension.resource_tension(state, rules.tension, distance),
    )
    state = state.replace(tension=tension.combine(state, rules.tension))

    # 5 Contributions and creation
    taking_part = participation.participate(state, rules.participation, subsidised)
    supply = creation.contribute(state, rules.creation, effort, taking_part)
    state = state.replace(pace=creation.keep_pace(state, rules.creation))
    created, contributed = creation.create(state, rules.creation, supply, effort, distance, structure.creation)
    if payoffs is not None:
        created, contributed = created * 0.0, contributed * 0.0

    # 6 The plan, the agenda and the knowledge stock
    state = state.replace(plan=understanding.make_plan(state, rules.understanding, pause))
    state = state.replace(
        agenda=understanding.set_agenda(state, rules.understanding, effort),
        business_model=understanding.model_business(state),
    )
    state = state.replace(stock=creation.accumulate(state, rules.creation, created, supply))

    # 7 Private capture
    ready = readiness.readiness(state, rules.readiness)
    fits = capture.usable(state, rules.capture, supply)
    captured = capture.capture(state, rules.capture, effort, taking_part, ready, supply, fits, rivals, half)

    # 8 Leaks
    leaked = leak.leak(state, rules.leak, exposure, pressure, draws.leak)
    if dated_events.happens(params.events, "leak"):
        leaked = dated_events.leak(state, params.events, leaked)
    if payoffs is not None:
        captured, leaked = captured * 0.0, leaked * 0.0
    lost, gained, dissipated = leak.divide_loss(state, rules.leak, leaked, rivals)

    # 9 Connecting, interventions, new representatives
    outside = connecting.match_outside(state, effort, draws)
    seeker, giver = connecting.match_inside(state, effort, taking_part, draws)
    state, inside = connecting.connect(state, rules.connecting, outside, seeker, giver)
    turnover_shock = (
        now(state, params.shocks.representative_turnover.month) * params.shocks.representative_turnover.share
    )
    if dated_events.happens(params.events, "turnover"):
        turnover_shock = turnover_shock + dated_events.turnover(state, params.events)
    replaced, representative = readiness.replace_representative(
        state, rules.readiness, turnover_shock, draws.turnover, draws.successor
    )
    state = state.replace(
        routine=readiness.coach(state.routine, rules.readiness, effort, state.member),
        plan=understanding.forget_plan(state, rules.understanding, replaced),
        representative=readiness.coach(representative, rules.readiness, effort, state.member),
        business_model=readiness.secure_model(state, rules.readiness, effort),
    )

    # 10 Cost, benefit, goodwill, engagement
    burden = participation.burden(rules.participation, effort, outside + inside)
    cost = participation.cost(state, rules.participation, taking_part, burden)
    payoff = outside * 0.0
    if payoffs is not None:
        cost, payoff = cost * 0.0, payoffs(state, taking_part) * state.member
    subsidy = subsidised * cost
    net_cost, income = cost - subsidy, captured + gained - lost
    common, struck = strike_all(state, params.shocks.common, draws, params.events)
    state = state.replace(news=commitment.hear_news(state, rules.commitment, draws), common=common)
    own = commitment.own_affairs(state, fits)
    if payoffs is not None:
        own = own * 0.0
    net_benefit = payoff + commitment.net_benefit(state, rules.commitment, income, created, net_cost, own)
    refill, paid = participation.settle(state, rules.participation, net_cost, income)
    felt = state.benefit
    state = state.replace(
        benefit=commitment.smooth(state.benefit, state, rules.commitment, net_benefit),
        leak_loss_smoothed=commitment.smooth(state.leak_loss_smoothed, state, rules.commitment, lost),
    )
    surplus = state.benefit - commitment.aspiration(state, rules.commitment, structure.outside_options)
    state = state.replace(
        trend=commitment.follow_trend(state, felt),
        needs_met=state.needs_met + captured,
        goodwill_lost_to_leaks=state.goodwill_lost_to_leaks + state.leak_loss_smoothed,
        goodwill=commitment.update_goodwill(state, rules.commitment, surplus),
        engagement=commitment.engage(state, rules.commitment, surplus),
    )

    # 11 Trust, shared understanding, the orchestrator's knowledge
    trust_for, trust_against = trust.build_trust(
        state, rules.trust, effort, leaked, inside, taking_part, params.start.engagement, draws, structure.trust
    )
    entered = membership.enter(state, rules.membership, draws)
    state = state.replace(
        trust_for=trust_for,
        trust_against=trust_against,
        understanding=understanding.understand(state, rules.understanding, taking_part, distance, entered),
        knowledge=orchestrator.learn(state, rules.orchestrator, effort, outside + inside),
    )

    # 12 Exits and entries
    free = may_leave(state)
    must_go = forced(state, params.shocks, draws, params.events)
    outlook = membership.outlook(state, rules.membership, surplus, rules.capture.now * captured)
    resigned, fees = membership.decide(
        state, rules.membership, outlook, draws, structure.exit, dated_events.renewal(state, params.events), free
    )
    state = state.replace(going=state.going + resigned, goodwill=state.goodwill - fees)
    satisfied, frustrated, other = membership.leave(state, rules.membership, must_go, draws, free)
    leavers = satisfied + frustrated + other
    state = state.replace(
        departing=membership.watch_departures(state, supply, leavers),
        plan=understanding.age_plan(state, rules.understanding, leavers + entered, struck),
    )

    # 13 Ledgers
    grant_spent, grant_withdrawn = funding.spend_grant(
        state, now(state, params.shocks.grant_end.month), dated_events.grant_added(state, params.events)
    )
    state = state.replace(
        fund=state.fund - grant_spent - grant_withdrawn,
        participation=taking_part,
        reserve=state.reserve + refill - paid,
        value_contributed=state.value_contributed + contributed,
        ledger=state.ledger + captured + gained - lost - net_cost + payoff - fees,
        dues=funding.collect(state, fees),
        society_value=state.society_value + created,
    )
    state = membership.remove_leavers(state, satisfied, frustrated, other)
    state = connecting.lose_ties(state, leavers)
    if any_nonzero(entered):
        since = state.since + entered * (state.month - state.since)
        member = state.member + entered
        state = state.replace(member=member, since=since, places=at_least(state.places, over_partners(member)))
    flows = Flows(
        created=created,
        contributed=contributed,
        captured=captured,
        leaked=leaked,
        lost=lost,
        gained=gained,
        dissipated=dissipated,
        cost=cost,
        participation=taking_part,
        subsidy=subsidy,
        refill=refill,
        paid=paid,
        payoff=payoff,
        fees=fees,
        net_benefit=net_benefit,
        grant_spent=grant_spent,
        grant_withdrawn=grant_withdrawn,
        spent=spent,
        shortfall=shortfall,
        effort=effort,
        seen=seen,
        outside_matched=outside,
        seeker=seeker,
        giver=giver,
        turned_over=replaced,
        entered=entered,
        satisfied=satisfied,
        frustrated=frustrated,
        other=other,
        forced=must_go,
    )
    return state, flows, memory
