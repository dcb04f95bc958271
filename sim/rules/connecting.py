"""Connecting members to outside parties and to each other; ties last while both stay (process 9; E19).

Outside matches are counted per member. Inside matches are explicit: each domain has a matching table a
month at most, at which the member that most needs the domain meets the member best placed to give it.
"""

import numpy as np

from sim.arrays import Array, flag, over_traits, per_trait, where_largest
from sim.declare import Declared, param
from sim.observation import Effort
from sim.state import State


class Connecting(Declared):
    """What a match brings and how long it lasts."""

    blind_gain: float = param(0.5, unit="connections", low=0, high=5,
                              doc="Useful connections from a match by an orchestrator that does not know the member")  # fmt: skip
    known_gain: float = param(0.5, unit="connections", low=0, high=5,
                              doc="Added when the orchestrator knows the member very well")  # fmt: skip
    giver_share: float = param(0.5, unit="1", low=0, high=1,
                               doc="What the answering member gains, as a share of what the asking member gains")  # fmt: skip
    fading: float = param(0.03, unit="1/month", low=0, high=1, doc="Share of connections that goes stale")
    contacts_fading: float = param(0.01, unit="1/month", low=0, high=1, doc="Share of outside contacts that goes stale")


def insight(state: State) -> Array:
    """Give how well the orchestrator knows a member: kn/(1+kn)."""
    return state.knowledge / (1.0 + state.knowledge)


def match_outside(state: State, effort: Effort, luck) -> Array:
    """Draw who is matched to an outside party."""
    if not np.any(effort.match_outside):
        return state.member * 0.0
    return flag(luck.outside_match < effort.match_outside) * state.member


def match_inside(state: State, effort: Effort, participation: Array, luck) -> tuple[Array, Array]:
    """Hold the matching tables: who asks and who answers, as slots of shape (1, domains, runs), -1 for none.

    Both are exponential races: members ask in proportion to priority x goals, and are found in proportion to
    participation x disclosure x expertise, the latter as far as the orchestrator knows it.
    """
    n_domains = state.goals.shape[1]
    nobody = np.full((1, n_domains, state.member.shape[-1]), -1)
    if not np.any(effort.match_inside):
        return nobody, nobody
    asking = state.goals * per_trait(effort.priority * participation) / luck.seek
    seeker = where_largest(asking)
    known = per_trait(insight(state))
    offering = ((1.0 - known) / n_domains + known * state.expertise) / luck.offer
    offering = offering * per_trait(participation * state.disclosure)
    domains, runs = np.indices(seeker.shape)
    offering[seeker, domains, runs] = 0.0
    giver = where_largest(offering)
    held = luck.tables[0] < effort.match_inside / n_domains
    held = held & (asking[seeker, domains, runs] > 0.0) & (offering[giver, domains, runs] > 0.0)
    return np.where(held, seeker, -1)[None], np.where(held, giver, -1)[None]


def connect(state: State, p, outside: Array, seeker: Array, giver: Array) -> tuple[State, Array]:
    """Add what the matches bring: c += gain, o += 1 outside; make the ties. Gives inside matches per member too.

    gain = blind + known kn/(1+kn), at an inside table times the answering member's disclosure  (E19).
    """
    gain = p.blind_gain + p.known_gain * insight(state)
    inside = state.inside * (1.0 - p.fading)
    asked, answered = state.member * 0.0, state.member * 0.0
    for s, g in zip(seeker[0], giver[0], strict=True):
        run = np.flatnonzero(s >= 0)
        if run.size:
            ask, give = s[run], g[run]
            brought = gain[ask, run] * state.disclosure[give, run]
            inside[ask, run] += brought
            inside[give, run] += _each(p.giver_share, run) * brought
            asked[ask, run] += 1.0
            answered[give, run] += 1.0
            state = _tie(state.but(inside=inside), ask, give, run)
            inside = state.inside
    new = state.but(
        inside=inside,
        outside=state.outside * (1.0 - p.fading) + gain * outside,
        contacts=state.contacts * (1.0 - p.contacts_fading) + outside,
    )
    return new, asked + answered


def lose_ties(state: State, leavers: Array) -> State:
    """Cut the ties of those who leave; who stays loses that share of its inside connections."""
    slots, runs = np.nonzero(leavers)
    if not slots.size or not state.n_ties.any():
        return state
    for place in range(state.tie_to.shape[1]):
        other = state.tie_to[slots, place, runs]
        live = other >= 0
        if live.any():
            state = _cut(state, slots[live], other[live], runs[live])
    return state


def _tie(state: State, a: Array, b: Array, run: Array) -> State:
    """Tie a to b in each of these runs (once a run); a full circle lets its oldest tie go."""
    old = over_traits(flag(state.tie_to[a, :, run] == b[:, None])[..., None])[:, 0] > 0
    for member in (a, b):
        full = ~old & (state.tie_to[member, :, run] >= 0).all(axis=1)
        if full.any():
            who, where = member[full], run[full]
            oldest = np.argmin(state.tie_since[who, :, where], axis=1)
            state = _cut(state, who, state.tie_to[who, oldest, where], where)
    to, since, n = state.tie_to.copy(), state.tie_since.copy(), state.n_ties.copy()
    for one, two in ((a, b), (b, a)):
        known = to[one, :, run] == two[:, None]
        place = np.where(old, np.argmax(known, axis=1), np.argmax(to[one, :, run] < 0, axis=1))
        to[one, place, run] = two
        since[one, place, run] = state.month
        n[one, run] += 1.0 - flag(old)
    return state.but(tie_to=to, tie_since=since, n_ties=n)


def _cut(state: State, a: Array, b: Array, run: Array) -> State:
    """Undo the tie between a and b in each of these runs; each loses its share of inside connections."""
    to, n, inside = state.tie_to.copy(), state.n_ties.copy(), state.inside.copy()
    for one, two in ((a, b), (b, a)):
        places = to[one, :, run] == two[:, None]
        hit = places.any(axis=1)
        who, where = one[hit], run[hit]
        to[who, np.argmax(places[hit], axis=1), where] = -1
        lost = np.zeros_like(n)
        np.add.at(lost, (who, where), 1.0)
        inside *= 1.0 - np.minimum(lost / np.maximum(n, 1.0), 1.0)
        n -= lost
    return state.but(tie_to=to, n_ties=n, inside=inside)


def _each(value: Array, run: Array) -> Array:
    return value if np.ndim(value) == 0 else value[0, run]
