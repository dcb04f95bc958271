"""Invariants: accounting identities on (state before, flows, state after); nothing appears or vanishes unseen.

``check`` names the identity that fails, by how much and in which run; every test run asserts them all.
"""

import numpy as np

from sim.core.declare import variables as variables_of
from sim.model.arrays import Array, over_partners, over_traits, per_trait
from sim.model.rules.information import channels
from sim.model.scenario import Scenario
from sim.model.state import Flows, State

TOLERANCE = 1e-9


class InvariantError(AssertionError):
    """An accounting identity does not hold: a fault of the model's code, not of the input."""


def stock(before: State, flows: Flows, after: State, params: Scenario) -> Array:
    """I1: the stock is what was left of it and what was made; the agenda is a division of 1."""
    remaining = (1.0 - params.rules.creation.depreciation) * over_traits(before.stock)
    made = params.rules.creation.stock_gain * flows.created
    return abs(over_traits(after.stock) - remaining - made) + abs(over_traits(after.agenda) - 1.0)


def creation(before: State, flows: Flows, after: State, params: Scenario) -> Array:
    """I2: the members' parts sum to the value created, and society's value grows by it."""
    return abs(over_partners(flows.contributed) - flows.created) + abs(
        after.society_value - before.society_value - flows.created
    )


def ledger(before: State, flows: Flows, after: State, params: Scenario) -> Array:
    """I3: a member's ledger moves by captured + gained - lost - its own cost - its fee (+ a user's pay-off)."""
    moved = flows.captured + flows.gained - flows.lost - (flows.cost - flows.subsidy) + flows.payoff - flows.fees
    return abs(after.ledger - before.ledger - moved)


def leaks(before: State, flows: Flows, after: State, params: Scenario) -> Array:
    """I4: what leaks take is what rivals gain and what dissipates; nobody gains without an active rival's leak."""
    balance = abs(over_partners(flows.lost) - over_partners(flows.gained) - flows.dissipated)
    in_reach = over_traits(before.in_segment * over_partners(before.in_segment * per_trait(flows.lost))) - flows.lost
    return balance + flows.gained * (in_reach <= 0.0) + np.maximum(-flows.dissipated, 0.0)


def need(before: State, flows: Flows, after: State, params: Scenario) -> Array:
    """I5: what is met is what was captured, never more than the need."""
    return abs(after.needs_met - before.needs_met - flows.captured) + np.maximum(after.needs_met - after.need, 0.0)


def effort(before: State, flows: Flows, after: State, params: Scenario) -> Array:
    """I6: no mechanism costs less than nothing, and together they stay within the budget."""
    spent = sum(flows.spent.values())
    negative = sum(np.maximum(-s, 0.0) for s in flows.spent.values())
    return np.maximum(spent - after.budget, 0.0) + negative


def fund(before: State, flows: Flows, after: State, params: Scenario) -> Array:
    """I7: the grant falls by what is spent or withdrawn, never below zero."""
    moved = abs(before.fund - flows.grant_spent - flows.grant_withdrawn - after.fund)
    return moved + np.maximum(-after.fund, 0.0)


def heads(before: State, flows: Flows, after: State, params: Scenario) -> Array:
    """I8: members change by exits and entries, each for one reason; who left neither gives nor gets nor returns."""
    exits = flows.satisfied + flows.frustrated + flows.other
    moved = abs(after.member - before.member + exits - flows.entered)
    active = (
        flows.contributed,
        flows.captured,
        flows.cost,
        flows.gained,
        flows.lost,
        flows.refill,
        flows.paid,
        flows.payoff,
    )
    ghosts = (1.0 - before.member) * (sum(abs(flow) for flow in active) + exits) + abs(before.left * after.member)
    return moved + ghosts + abs(after.left - before.left - exits)


def information(before: State, flows: Flows, after: State, params: Scenario) -> Array:
    """I9: every disclosed unit is orchestrator-only, bundled or open."""
    orchestrator_only, bundled, is_open = channels(flows.effort)
    negative = sum(np.maximum(-share, 0.0) for share in (orchestrator_only, bundled, is_open))
    return abs(orchestrator_only + bundled + is_open - 1.0) + negative


def reserve(before: State, flows: Flows, after: State, params: Scenario) -> Array:
    """I12: a reserve moves by refill and payment and stays at or above zero."""
    return abs(after.reserve - before.reserve - flows.refill + flows.paid) + np.maximum(-after.reserve - TOLERANCE, 0.0)


def ties(before: State, flows: Flows, after: State, params: Scenario) -> Array:
    """I13: ties are counted as listed, join two members who are both still there, and hold both ways."""
    tied = after.tie_to >= 0
    listed = over_traits(tied * 1.0)
    alone = listed * (1.0 - after.member)
    to, runs = np.maximum(after.tie_to, 0), np.arange(after.member.shape[-1])
    dead_ends = over_traits(tied * (1.0 - after.member[to, runs]))
    slots = np.arange(len(to))[:, None, None]
    back = sum(after.tie_to[to, place, runs] == slots for place in range(to.shape[1]))
    return abs(listed - after.n_ties) + alone + dead_ends + over_traits(tied * abs(back - 1.0))


IDENTITIES = (stock, creation, ledger, leaks, need, effort, fund, heads, information, reserve, ties)


def ranges(state: State) -> None:
    """Check that every variable lies in its declared range and is finite."""
    for name, facts in variables_of(State).items():
        values = getattr(state, name)
        low, high = np.minimum.reduce(values, axis=None), np.maximum.reduce(values, axis=None)
        if not (low >= facts["low"] - TOLERANCE and high <= facts["high"] + TOLERANCE and np.isfinite(low + high)):
            raise InvariantError(
                f"month {state.month}: {name} lies in {low:g} to {high:g}; "
                f"declared is {facts['low']:g} to {facts['high']:g} {facts['unit']}"
            )


def check(before: State, flows: Flows, after: State, params: Scenario) -> None:
    """Assert every identity and every declared range for one month; raises ``InvariantError``."""
    allowed = TOLERANCE * (1.0 + np.max(np.abs(after.ledger)))
    for identity in IDENTITIES:
        error = np.max(identity(before, flows, after, params), initial=0.0)
        if not error <= allowed:
            raise InvariantError(
                f"month {after.month}: identity '{identity.__name__}' is off by {error:g}: {identity.__doc__}"
            )
    for name, facts in variables_of(State).items():
        if facts["fixed"] and getattr(after, name) is not getattr(before, name):
            raise InvariantError(f"month {after.month}: {name} is fixed and was changed")
    ranges(after)
