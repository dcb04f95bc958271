"""Connecting members to outside parties and to each other; ties last while both stay (process 9; E19).

Outside matches are counted per member. Inside matches are explicit: each domain has a matching table a
month at most, at which the member that most needs the domain meets the member best placed to give it.
"""

import numpy as np

from sim.arrays import Array, flag, per_trait, where_largest
from sim.declare import Declared, param
from sim.observation import Effort
from sim.state import State


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
    matched = state.member * 0.0
    faded = state.but(
        inside=state.inside * (1.0 - p.fading),
        outside=state.outside * (1.0 - p.fading) + gain * outside,
        contacts=state.contacts * (1.0 - p.contacts_fading) + outside,
    )
    if not (seeker >= 0).any():
        return faded, matched
    circle = _Circle(faded, faded.inside)
    for s, g in zip(seeker[0], giver[0], strict=True):
        run = np.flatnonzero(s >= 0)
        if run.size:
            ask, give = s[run], g[run]
            brought = gain[ask, run] * state.disclosure[give, run]
            circle.tie(ask, give, run, state.month)
            circle.inside[ask, run] += brought
            circle.inside[give, run] += _each(p.giver_share, run) * brought
            matched[ask, run] += 1.0
            matched[give, run] += 1.0
    return faded.but(**vars(circle)), matched


def lose_ties(state: State, leavers: Array) -> State:
    """Cut the ties of those who leave; who stays loses that share of its inside connections."""
    slots, runs = np.nonzero(leavers)
    if not slots.size or not state.n_ties.any():
        return state
    circle = _Circle(state, state.inside.copy())
    for place in range(state.tie_to.shape[1]):
        other = circle.tie_to[slots, place, runs]
        live = other >= 0
        if live.any():
            circle.cut(slots[live], other[live], runs[live])
    return state.but(**vars(circle))


class _Circle:
    """A month's working copy of who is tied to whom; its attributes are those of ``State``."""

    def __init__(self, state: State, inside: Array) -> None:
        self.inside, self.n_ties = inside, state.n_ties.copy()
        self.tie_to, self.tie_since = state.tie_to.copy(), state.tie_since.copy()

    def tie(self, a: Array, b: Array, run: Array, month: int) -> None:
        """Tie a to b in each of these runs (once a run); a full circle lets its oldest tie go."""
        old = (self.tie_to[a, :, run] == b[:, None]).any(axis=1)
        for member in (a, b):
            full = ~old & (self.tie_to[member, :, run] >= 0).all(axis=1)
            if full.any():
                who, where = member[full], run[full]
                oldest = np.argmin(self.tie_since[who, :, where], axis=1)
                self.cut(who, self.tie_to[who, oldest, where], where)
        for one, two in ((a, b), (b, a)):
            listed = self.tie_to[one, :, run]
            place = np.where(old, np.argmax(listed == two[:, None], axis=1), np.argmax(listed < 0, axis=1))
            self.tie_to[one, place, run] = two
            self.tie_since[one, place, run] = month
            self.n_ties[one, run] += ~old

    def cut(self, a: Array, b: Array, run: Array) -> None:
        """Undo the tie between a and b in each of these runs; each loses its share of inside connections."""
        for one, two in ((a, b), (b, a)):
            places = self.tie_to[one, :, run] == two[:, None]
            hit = places.any(axis=1)
            who, where = one[hit], run[hit]
            self.tie_to[who, np.argmax(places[hit], axis=1), where] = -1
            cells, lost = np.unique(np.ravel_multi_index((who, where), self.n_ties.shape), return_counts=True)
            who, where = np.unravel_index(cells, self.n_ties.shape)
            self.inside[who, where] *= 1.0 - lost / self.n_ties[who, where]
            self.n_ties[who, where] -= lost


def _each(value: Array, run: Array) -> Array:
    return value if np.ndim(value) == 0 else value[0, run]
