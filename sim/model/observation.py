"""What a policy sees (``Observation``), and how it turns effort into actions (``spend``).

Policies import this file and not ``state.py``, and get copies: a test of the imports keeps what the orchestrator may
know apart from the rest. (Python cannot hide the state from code that looks for it; use only policy files you trust.)
"""

import dataclasses
from collections.abc import Callable
from functools import cached_property
from types import SimpleNamespace

import numpy as np

from sim.model.arrays import Array, any_nonzero, at_least, at_most, flag, logistic, over_partners, unit
from sim.model.effort import Effort, Prices

NOTHING = 1e-9
"""A difference that rounding may make: sums differ in their last bits with the order of members, and by engine."""


@dataclasses.dataclass(frozen=True)
class Observation:
    """What the orchestrator knows at the start of a month. Arrays: (partners or 1, runs).

    Estimates carry errors that shrink with the orchestrator's knowledge of a member; the true goals,
    readiness and goodwill of members are not here.
    """

    month: int
    initiation_months: int
    budget: Array
    """Effort to spend this month."""
    prices: Prices
    members: Array
    """1 for who takes part, 0 for who does not."""
    sectors: Array
    """Each partner's sector: 0 public, 1 private, 2 academic, 3 nonprofit, then further ones by the alphabet."""
    n_domains: int
    months_funded: Array
    """Months of grant left."""
    phase: Array
    """Phase of last month: 0 initiation, 1 pause, 2 implementation, 3 post-grant."""
    plan: Array
    """Quality of the plan so far (0 to 1)."""
    attendance: Array
    """Participation of each member last month (in the first, the eagerness it starts with): seen by all."""
    knowledge: Array
    """How much the orchestrator has learned about each member (observations)."""
    contacts: Array
    """Outside contacts opened for each member: the orchestrator's own record."""
    look: Callable[[str], Array]
    chance: Callable[[], Array]

    @cached_property
    def risk(self) -> Array:
        """Estimated latent risk of each member: what it would fear without safeguards (about 0 to 1)."""
        return self.look("risk")

    @cached_property
    def shortfall(self) -> Array:
        """Estimated net benefit minus what it expects, per member; below 0 it loses goodwill (value/month)."""
        return self.look("shortfall")

    @cached_property
    def captured(self) -> Array:
        """Estimated share of its need that each member has captured (0 to 1)."""
        return unit(self.look("captured"))

    @cached_property
    def tension_information(self) -> Array:
        """Estimated tension from unwillingness to share, per run (0 to 1)."""
        return self.look("tension_information")

    @cached_property
    def tension_interest(self) -> Array:
        """Estimated tension from competing interests, per run (0 to 1)."""
        return self.look("tension_interest")

    @cached_property
    def tension_resource(self) -> Array:
        """Estimated tension from time and budget, per run (0 to 1)."""
        return self.look("tension_resource")

    @property
    def lottery(self) -> Array:
        """A uniform number per partner, for targeting by chance; drawn when it is read."""
        return self.chance()

    @property
    def n_members(self) -> Array:
        """Members now, per run: shape (1, runs)."""
        return over_partners(self.members)

    def open_to_more(self, enough: float) -> Array:
        """Flag the members that have fewer outside contacts than is enough for them."""
        return self.members * flag(self.contacts < enough)

    def moved_by_help(self) -> Array:
        """Estimate how far help would move each member to stay: 4 s (1-s) (1 - captured) attendance, s = logistic(2 d).

        Help turns what is made into private value, for who takes part and has still something to gain, and counts
        most for who stands on the edge (estimated shortfall d near 0): who is far above stays without, who is far
        below leaves with it.
        """
        edge = logistic(2.0 * self.shortfall)
        return 4.0 * edge * (1.0 - edge) * (1.0 - self.captured) * self.attendance

    def mean(self, values: Array) -> Array:
        """Average over the members of each run."""
        return over_partners(values * self.members) / at_least(self.n_members, 1.0)

    def below_average(self, values: Array) -> Array:
        """Return how far each member lies below the members' average; less than ``NOTHING`` is rounding, and none."""
        gap = self.mean(values) - values
        return gap * flag(gap > NOTHING)

    def shown(self, budget: Array) -> "Observation":
        """Copy for a policy, with what it may spend: nothing it does to its copy reaches the model."""
        copies = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)} | {"budget": budget}
        for name, values in copies.items():
            if isinstance(values, np.ndarray):
                copies[name] = values.copy()
                copies[name].flags.writeable = False
        return Observation(**copies | {"prices": SimpleNamespace(**vars(self.prices))})

    def spend(
        self,
        *,
        safeguard: Array | float = 0.0,
        shielded: Array | None = None,
        bundle: Array | float = 0.0,
        inside: Array | float = 0.0,
        outside: Array | float = 0.0,
        track: Array | float = 0.0,
        intervene: Array | float = 0.0,
        whom: Array | None = None,
        pause: Array | float = 0.0,
        placebo: Array | float = 0.0,
    ) -> Effort:
        """Turn units of effort (numbers or arrays of shape (1, runs)) into actions.

        What a mechanism cannot use stays idle.

        Args:
            safeguard: effort for safeguarding.
            shielded: weights of members, shape (partners, runs): safeguarding covers them in proportion; by default
                all members alike.
            bundle: effort for bundling.
            inside: effort for matches between members.
            outside: effort for matches with outside parties.
            track: effort for assessing what members capture.
            intervene: effort for interventions.
            whom: weights of members, shape (partners, runs): connecting, tracking and intervening go to them in
                proportion; by default to all members alike.
            pause: effort for a strategic pause.
            placebo: effort spent to no effect.
        """
        n = at_least(self.n_members, 1.0)
        weights = self.members if whom is None else whom * self.members

        def spread(effort: Array | float, price: float, weights: Array = weights) -> Array:
            if not any_nonzero(effort):
                return np.zeros((1, 1))
            everyone = at_least(over_partners(weights), 1e-12)
            return at_most(weights * (effort / (price * everyone)), self.members)

        return Effort(
            safeguard=unit(safeguard / (self.prices.safeguard * n)) + self.budget * 0.0
            if shielded is None
            else spread(safeguard, self.prices.safeguard, shielded * self.members) + self.budget * 0.0,
            bundle=unit(bundle / (self.prices.bundle * n)) + self.budget * 0.0,
            match_inside=at_most(inside / self.prices.match, float(self.n_domains)) + self.budget * 0.0,
            match_outside=spread(outside, self.prices.match),
            track=spread(track, self.prices.track),
            intervene=spread(intervene, self.prices.intervene),
            priority=self.members if whom is None else weights,
            pause=unit(pause / (self.prices.pause * n)) + self.budget * 0.0,
            placebo=placebo + self.budget * 0.0,
        )


def no_effort(seen: Observation) -> Effort:
    """Return the effort of an orchestrator that does nothing."""
    zero = seen.budget * 0.0
    return Effort(zero, zero, zero, zero, zero, zero, seen.members, zero, zero)
