"""Connecting members to outside parties and to each other; ties last while both stay (processes 9 and 13; E19).

Outside matches are counted per member. Inside matches are explicit: each domain has a matching table a
month at most, at which a member that needs the domain meets one that can give it; who does is a draw, weighted
by need and by what the orchestrator knows of who can give.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.core.declare import Declared, param
from sim.model.arrays import (
    Array,
    any_nonzero,
    at_least,
    first_trait,
    flag,
    largest,
    over_all_runs,
    over_partners,
    over_traits,
    per_trait,
    ratio,
    runs_where,
    set_values_of,
    slots,
    smallest_trait,
    trait,
    values_at,
    values_of,
    where_largest,
)
from sim.model.effort import Effort
from sim.model.random_streams import Draws
from sim.model.state import State

Slots: TypeAlias = NDArray[np.int64]
"""Partners by their slot, one per run: shape (1, [domains,] runs); -1 for nobody."""


class Connecting(Declared):
    """What a match brings and how long it lasts."""

    blind_gain: float = param(
        0.5,
        unit="connections",
        low=0,
        high=5,
        doc="Useful connections from a match by an orchestrator that does not know the member",
    )
    known_gain: float = param(
        0.5, unit="connections", low=0, high=5, doc="Added when the orchestrator knows the member very well"
    )
    giver_share: float = param(
        0.5, unit="1", low=0, high=1, doc="What the answering member gains, as a share of what the asking member gains"
    )
    fading: float = param(0.03, unit="1/month", low=0, high=1, doc="Share of connections that goes stale")
    contacts_fading: float = param(0.01, unit="1/month", low=0, high=1, doc="Share of outside contacts that goes stale")


def insight(state: State) -> Array:
    """Return how well the orchestrator knows a member: kn/(1+kn)."""
    return state.knowledge / (1.0 + state.knowledge)


def match_outside(state: State, effort: Effort, draws: Draws) -> Array:
    """Draw who is matched to an outside party."""
    if not any_nonzero(effort.match_outside):
        return state.fund * 0.0
    return flag(draws.outside_match < effort.match_outside) * state.member


def match_inside(state: State, effort: Effort, participation: Array, draws: Draws) -> tuple[Slots, Slots]:
    """Hold the matching tables: who asks and who answers, as slots of shape (1, domains, runs), -1 for nobody.

    Both are exponential races: members ask in proportion to priority x goals x participation, and are
    found in proportion to participation x disclosure x expertise, the latter as far as the orchestrator knows it.
    """
    n_domains, n_runs = state.goals.shape[1:]
    if not any_nonzero(effort.match_inside):
        nobody = np.full((1, n_domains, n_runs), -1)
        return nobody, nobody
    wish, skill, known = effort.priority * participation, participation * state.disclosure, insight(state)
    pairs = []
    for domain in range(n_domains):
        taking_place = trait(draws.tables, domain) < effort.match_inside / n_domains
        runs = runs_where(taking_place)
        asking = state.goals[:, domain, runs] * wish[:, runs] / draws.seek(domain, runs)
        asks = where_largest(asking)
        guess = (1.0 - known[:, runs]) / n_domains + known[:, runs] * state.expertise[:, domain, runs]
        offering = guess * skill[:, runs] / draws.offer(domain, runs) * flag(slots(wish) != asks)
        gives = where_largest(offering)
        matched = (largest(asking) > 0.0) & (largest(offering) > 0.0)
        pairs.append([over_all_runs(np.where(matched, one, -1), taking_place) for one in (asks, gives)])
    seekers, givers = zip(*pairs, strict=True)
    return np.stack(seekers, axis=1), np.stack(givers, axis=1)


def connect(state: State, params: Connecting, outside: Array, seeker: Slots, giver: Slots) -> tuple[State, Array]:
    """Add what the matches bring: c += gain, o += 1 outside; make the ties. Returns inside matches per member too.

    gain = blind + known kn/(1+kn), at an inside table times the answering member's disclosure  (E19).
    """
    nobody = state.fund * 0.0
    faded = state.replace(
        inside=state.inside * (1.0 - params.fading),
        outside=state.outside * (1.0 - params.fading),
        contacts=state.contacts * (1.0 - params.contacts_fading),
    )
    any_inside = (seeker >= 0).any()
    if not (any_inside or outside.any()):
        return faded, nobody
    gain = params.blind_gain + params.known_gain * insight(state)
    faded = faded.replace(outside=faded.outside + gain * outside, contacts=faded.contacts + outside)
    if not any_inside:
        return faded, nobody
    ties, matched, share = _Ties(faded), state.member * 0.0, state.member * params.giver_share
    for domain in range(seeker.shape[1]):
        runs = runs_where(trait(seeker, domain) >= 0)
        asks, gives = trait(seeker, domain)[:, runs], trait(giver, domain)[:, runs]
        brought = values_of(gain, asks, runs) * values_of(state.disclosure, gives, runs)
        ties.tie(asks, gives, runs, state.month)
        _add(ties.inside, asks, brought, runs)
        _add(ties.inside, gives, values_of(share, gives, runs) * brought, runs)
        _add(matched, asks, 1.0, runs)
        _add(matched, gives, 1.0, runs)
    return faded.replace(**vars(ties)), matched


def lose_ties(state: State, leavers: Array) -> State:
    """Cut the ties of those who leave; who stays loses that share of its inside connections."""
    if not state.n_ties.any():
        return state
    runs = runs_where(over_partners(leavers) > 0.0)
    gone, listed, ties = leavers[:, runs], state.tie_to[:, :, runs], _Ties(state)
    cut = flag(listed >= 0) * values_at(gone, listed)
    lost, stays = over_traits(cut), 1.0 - gone
    ties.tie_to[:, :, runs] = np.where(cut + per_trait(gone) > 0.0, -1, listed)
    ties.inside[:, runs] = ties.inside[:, runs] * stays * (1.0 - ratio(lost, ties.n_ties[:, runs]))
    ties.n_ties[:, runs] = (ties.n_ties[:, runs] - lost) * stays
    return state.replace(**vars(ties))


class _Ties:
    """A month's working copy of the ties; its attributes are those of ``State``."""

    def __init__(self, state: State) -> None:
        self.inside, self.n_ties = state.inside.copy(), state.n_ties.copy()
        self.tie_to, self.tie_since = state.tie_to.copy(), state.tie_since.copy()

    def tie(self, a: Slots, b: Slots, runs: Any, month: int) -> None:
        """Tie a to b in these runs; a full list drops its oldest tie."""
        old = flag(over_traits(flag(values_of(self.tie_to, a, runs) == per_trait(b))) > 0.0)
        for member in (a, b):
            listed = values_of(self.tie_to, member, runs)
            full = (1.0 - old) * flag(over_traits(flag(listed < 0)) == 0.0)
            if full.any():
                some = runs_where(full > 0.0)
                one, where = member[:, some], runs[some]
                oldest = over_traits(listed[:, :, some] * smallest_trait(values_of(self.tie_since, one, where)))
                other = at_least(oldest, 0.0).astype(np.int64)
                self.forget(one, other, where)
                self.forget(other, one, where)
        for one, two in ((a, b), (b, a)):
            listed, since = values_of(self.tie_to, one, runs), values_of(self.tie_since, one, runs)
            known, free = flag(listed == per_trait(two)), first_trait(flag(listed < 0))
            place = per_trait(old) * known + per_trait(1.0 - old) * free
            set_values_of(self.tie_to, one, listed + place * (per_trait(two) - listed), runs)
            set_values_of(self.tie_since, one, since + place * (month - since), runs)
            _add(self.n_ties, one, 1.0 - old, runs)

    def forget(self, one: Slots, two: Slots, runs: Any) -> None:
        """Remove the tie to ``two`` from the list of ``one``, with its share of inside connections."""
        listed, n = values_of(self.tie_to, one, runs), values_of(self.n_ties, one, runs)
        set_values_of(self.tie_to, one, np.where(listed == per_trait(two), -1, listed), runs)
        set_values_of(self.inside, one, values_of(self.inside, one, runs) * (1.0 - ratio(1.0, n)), runs)
        set_values_of(self.n_ties, one, n - 1.0, runs)


def _add(values: Array, who: Slots, more: Array | float, runs: Any) -> None:
    """Add to the value of one partner a run, in place."""
    set_values_of(values, who, values_of(values, who, runs) + more, runs)
