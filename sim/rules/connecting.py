"""Connecting members to outside parties and to each other; ties last while both stay (process 9; E19).

Outside matches are counted per member. Inside matches are explicit: each domain has a matching table a
month at most, at which a member that needs the domain meets one that can give it; who does is a draw, weighted
by need and by what the orchestrator knows of who can give.
"""

import numpy as np

from sim.arrays import Array, flag, where_largest
from sim.declare import Declared, param
from sim.effort import Effort
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

    Both are exponential races: members ask in proportion to priority x goals x participation, and are
    found in proportion to participation x disclosure x expertise, the latter as far as the orchestrator knows it.
    """
    n_domains, n_runs = state.goals.shape[1:]
    seeker, giver = np.full((2, 1, n_domains, n_runs), -1)
    if not np.any(effort.match_inside):
        return seeker, giver
    wish, skill, known = effort.priority * participation, participation * state.disclosure, insight(state)
    for domain, held in enumerate(luck.tables[0] < effort.match_inside / n_domains):
        runs = np.flatnonzero(held)
        asking = state.goals[:, domain, runs] * wish[:, runs] / luck.seek(domain, runs)
        asks, one = where_largest(asking), np.arange(runs.size)
        guess = (1.0 - known[:, runs]) / n_domains + known[:, runs] * state.expertise[:, domain, runs]
        offering = guess * skill[:, runs] / luck.offer(domain, runs)
        offering[asks, one] = 0.0
        gives = where_largest(offering)
        met = (asking[asks, one] > 0.0) & (offering[gives, one] > 0.0)
        seeker[0, domain, runs[met]], giver[0, domain, runs[met]] = asks[met], gives[met]
    return seeker, giver


def connect(state: State, p, outside: Array, seeker: Array, giver: Array) -> tuple[State, Array]:
    """Add what the matches bring: c += gain, o += 1 outside; make the ties. Gives inside matches per member too.

    gain = blind + known kn/(1+kn), at an inside table times the answering member's disclosure  (E19).
    """
    matched = state.member * 0.0
    faded = state.but(
        inside=state.inside * (1.0 - p.fading),
        outside=state.outside * (1.0 - p.fading),
        contacts=state.contacts * (1.0 - p.contacts_fading),
    )
    held = (seeker >= 0).any()
    if not (held or outside.any()):
        return faded, matched
    gain = p.blind_gain + p.known_gain * insight(state)
    faded = faded.but(outside=faded.outside + gain * outside, contacts=faded.contacts + outside)
    if not held:
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
    if not state.n_ties.any():
        return state
    slots, runs = np.nonzero(leavers)
    circle = _Circle(state, state.inside.copy())
    others = circle.tie_to[slots, :, runs]
    circle.tie_to[slots, :, runs], circle.n_ties[slots, runs], circle.inside[slots, runs] = -1, 0.0, 0.0
    edge, place = np.nonzero(others >= 0)
    other, run = others[edge, place], runs[edge]
    stays = leavers[other, run] == 0.0
    circle.forget(other[stays], slots[edge][stays], run[stays])
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
        """Undo the tie between a and b in each of these runs."""
        self.forget(a, b, run)
        self.forget(b, a, run)

    def forget(self, one: Array, two: Array, run: Array) -> None:
        """Take two off one's list in each of these runs; one loses that share of its inside connections."""
        self.tie_to[one, np.argmax(self.tie_to[one, :, run] == two[:, None], axis=1), run] = -1
        cells, lost = np.unique(np.ravel_multi_index((one, run), self.n_ties.shape), return_counts=True)
        who, where = np.unravel_index(cells, self.n_ties.shape)
        self.inside[who, where] *= 1.0 - lost / self.n_ties[who, where]
        self.n_ties[who, where] -= lost


def _each(value: Array, run: Array) -> Array:
    return value if np.ndim(value) == 0 else value[0, run]
