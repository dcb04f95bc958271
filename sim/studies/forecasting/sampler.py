"""An ensemble of partnerships that agree with a history: importance sampling with members averaged, then moves.

A particle is a parameter set of the plausible region, the seed of the partnership and a seed for each member. The
clamped history is run again for each (``sim.engine.history``), with goodwill and the chance of leaving integrated out.
Given what all members share, members hardly depend on each other. So each partnership that is drawn is run with
``COPIES`` sets of members; a member's probability is averaged over them, and the partnership's weight is the product.
Each member of a partnership that is taken gets one of its copies, in proportion. Where few partnerships would carry all
the weight, weights are tempered (``LEAST``). Metropolis moves then correct for what members do depend on each other. A
particle needs no saved state: it is run again.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from sim.engine.batch import Batch
from sim.engine.history import replay
from sim.engine.simulate import CELLS
from sim.model.arrays import Array
from sim.model.policies.registry import PolicyLike
from sim.model.random_streams import Bits
from sim.model.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

DRAWN = 2
"""Partnerships drawn of the prior for each particle, at a time."""

COPIES = 16
"""Sets of members that each is run with."""

MOST_TIMES = 2
"""How often partnerships are drawn, at most."""

EFFECTIVE = 0.1
"""Effective partnerships wanted, as a share of the particles; with fewer, more are drawn."""

LEAST = 30.0
"""Least effective partnerships: with fewer, weights are raised to the largest power below 1 that leaves so many."""

ROUNDS = 6
"""Rounds of moves."""

WANTED = (0.2, 0.4)
"""Acceptance of moves of members' seeds; the share of members that move follows it."""


@dataclasses.dataclass(frozen=True)
class Known:
    """What a history is conditioned on.

    Attributes:
        scenario: the partnership, with its roster and ``now``.
        sets: parameter sets of the prior, equally likely: a row each, a column per parameter (dotted path).
        policy: the policy that was in force.
    """

    scenario: Scenario
    sets: "pd.DataFrame"
    policy: PolicyLike

    def batches(self, particles: "Particles") -> "Iterator[tuple[slice, Batch]]":
        """Lay particles out in batches at their first day, one after the other: many at once would fill the memory."""
        slots, n = particles.members.shape
        size = max(2, CELLS // slots)
        for first in range(0, n, size):
            part = slice(first, min(first + size, n))
            yield part, self.batch(particles.part(part))

    def batch(self, particles: "Particles") -> Batch:
        """Lay particles out as one batch at its first day."""
        columns = {str(path): self.sets[path].to_numpy()[particles.rows] for path in self.sets}
        members = particles.members
        if members.shape[1] == 1:  # a single run is doubled
            members = np.repeat(members, 2, axis=1)
        return Batch(self.scenario, [int(s) for s in particles.seeds], self.policy, columns, members=members)


@dataclasses.dataclass
class Particles:
    """Partnerships as what determines them.

    Attributes:
        rows: parameter set of each, shape (particles,).
        seeds: seed of each partnership, shape (particles,).
        members: seeds of its members, shape (partners, particles).
        likelihood: log-likelihood of what is known of each member, shape (partners, particles).
        ancestor: which draw of the prior each descends from.
    """

    rows: NDArray[np.int64]
    seeds: Bits
    members: Bits
    likelihood: Array
    ancestor: NDArray[np.int64]

    def part(self, chosen: Any) -> "Particles":
        """Take some of them."""
        return Particles(
            self.rows[chosen],
            self.seeds[chosen],
            self.members[:, chosen],
            self.likelihood[:, chosen],
            self.ancestor[chosen],
        )

    @staticmethod
    def joined(parts: "Sequence[Particles]") -> "Particles":
        """Lay particles of several samplers side by side; no two of them have an ancestor in common."""
        first = np.cumsum([0, *(p.ancestor.max() + 1 for p in parts)])
        return Particles(
            np.concatenate([p.rows for p in parts]),
            np.concatenate([p.seeds for p in parts]),
            np.concatenate([p.members for p in parts], axis=1),
            np.concatenate([p.likelihood for p in parts], axis=1),
            np.concatenate([p.ancestor + a for p, a in zip(parts, first, strict=False)]),
        )


@dataclasses.dataclass(frozen=True)
class Sample:
    """What a sampler gives.

    Attributes:
        particles: equally weighted.
        evidence: log of the probability of the history.
        power: what the weights of partnerships were raised to; 1 where the history counts in full.
        reruns: how often the history was run again for every particle.
        accepted: share of moves accepted at the end: of parameter sets, of partnerships, of members.
    """

    particles: Particles
    evidence: float
    power: float
    reruns: int
    accepted: dict[str, float]


def prior(known: Known, n: int, rng: np.random.Generator) -> Particles:
    """Draw partnerships before anything is known of what happened."""
    slots = known.scenario.size.partners + known.scenario.size.candidates
    members = _seeds(rng, (slots, n))
    return Particles(
        rng.integers(len(known.sets), size=n), _seeds(rng, (n,)), members, np.zeros(members.shape), np.arange(n)
    )


def sample(known: Known, n: int, seed: int) -> Sample:
    """Sample partnerships that agree with a history.

    Args:
        known: the history and the prior.
        n: how many.
        seed: selects the draws; the same seed gives the same sample.

    Returns:
        The sample; where nothing is known yet it is one of the prior.
    """
    rng = np.random.default_rng([seed, 2026])
    current, evidence, power, times = _weighed(known, n, rng)
    current, share, accepted = _evaluated(known, current), 0.3, dict[str, float]()
    for _ in range(ROUNDS):
        if power == 1.0:  # otherwise the moves would undo what tempering is for
            current, of_all = _moved(known, current, rng)
            accepted |= of_all
        current, accepted["members"], share = _members_moved(known, current, share, rng)
    return Sample(current, evidence, power, times * DRAWN * COPIES + 1 + (2 + 2 * (power == 1.0)) * ROUNDS, accepted)


def _weighed(known: Known, n: int, rng: np.random.Generator) -> tuple[Particles, float, float, int]:
    """Take partnerships in proportion to their weights, each with members in proportion to theirs.

    Returns:
        The particles, the log of the probability of the history, the power that weights were raised to, and how often
        partnerships were drawn.
    """
    drawn: list[Particles] = []
    totals: list[Array] = []
    for _ in range(MOST_TIMES):
        first = prior(known, DRAWN * n, rng)
        repeated = first.part(np.repeat(np.arange(DRAWN * n), COPIES))
        repeated = dataclasses.replace(repeated, members=_seeds(rng, repeated.members.shape))
        repeated = _evaluated(known, repeated)
        likely = repeated.likelihood.reshape(len(repeated.members), -1, COPIES)
        totals.append(logsumexp(likely, axis=2).sum(axis=0) - len(likely) * np.log(COPIES))
        drawn.append(repeated)
        total = np.concatenate(totals)
        if _effective(total, 1.0) >= EFFECTIVE * n:
            break
    power = _power(total, min(LEAST, EFFECTIVE * n))
    chosen = _resampled(np.exp(power * (total - total.max())), n, rng)
    pool = Particles.joined(drawn)
    copies = pool.likelihood.reshape(len(pool.members), -1, COPIES)[:, chosen]
    share = np.exp(copies - copies.max(axis=2, keepdims=True))
    place = np.cumsum(share, axis=2) < rng.random(copies.shape[:2])[:, :, None] * share.sum(axis=2, keepdims=True)
    column = chosen * COPIES + np.minimum(place.sum(axis=2), COPIES - 1)  # of each member: shape (partners, particles)
    members = np.take_along_axis(pool.members, column, axis=1)
    taken = chosen * COPIES
    particles = Particles(pool.rows[taken], pool.seeds[taken], members, np.zeros(members.shape), chosen)
    return particles, float(logsumexp(total) - np.log(len(total))), power, len(drawn)


def _effective(total: Array, power: float) -> float:
    """Give how many of the partnerships carry the weight, by their log-weights times a power."""
    return float(np.exp(2.0 * logsumexp(power * total) - logsumexp(2.0 * power * total)))


def _power(total: Array, wanted: float) -> float:
    """Give the largest power of weights, up to 1, that leaves so many effective partnerships."""
    if _effective(total, 1.0) >= wanted:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _effective(total, middle) >= wanted else (low, middle)
    return low


def _seeds(rng: np.random.Generator, shape: tuple[int, ...]) -> Bits:
    return rng.integers(2**63, size=shape, dtype=np.uint64)


def _evaluated(known: Known, particles: Particles) -> Particles:
    """Run the history of particles again, and note how likely it is."""
    likelihood = np.empty(particles.members.shape)
    for part, batch in known.batches(particles):
        n = part.stop - part.start
        likelihood[:, part] = replay(batch, known.scenario.now).log_likelihood[:, :n]
    return dataclasses.replace(particles, likelihood=likelihood)


def _resampled(weights: Array, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw particles in proportion to their weights, evenly spread (systematic resampling)."""
    places = (np.arange(n) + rng.random()) / n
    chosen: NDArray[np.int64] = np.minimum(
        np.searchsorted(np.cumsum(weights) / weights.sum(), places), len(weights) - 1
    )
    return chosen


def _moved(known: Known, current: Particles, rng: np.random.Generator) -> tuple[Particles, dict[str, float]]:
    """Move parameter sets, then the seeds of partnerships."""
    n, accepted = len(current.rows), dict[str, float]()
    proposal = dataclasses.replace(current, rows=rng.integers(len(known.sets), size=n))
    current, accepted["parameters"] = _accepted(known, current, proposal, rng)
    proposal = dataclasses.replace(current, seeds=_seeds(rng, (n,)))
    current, accepted["partnership"] = _accepted(known, current, proposal, rng)
    return current, accepted


def _members_moved(
    known: Known, current: Particles, share: float, rng: np.random.Generator
) -> tuple[Particles, float, float]:
    """Move the seeds of a share of the members, twice; gives what was accepted, and the share to move next."""
    rate = 0.0
    for _ in range(2):
        chosen = rng.random(current.members.shape) < share
        members = np.where(chosen, _seeds(rng, current.members.shape), current.members)
        current, rate = _accepted(known, current, dataclasses.replace(current, members=members), rng)
        if not WANTED[0] <= rate <= WANTED[1]:
            share = min(max(share * (0.7 if rate < WANTED[0] else 1.4), 1.0 / len(members)), 1.0)
    return current, rate, share


def _accepted(
    known: Known, current: Particles, proposal: Particles, rng: np.random.Generator
) -> tuple[Particles, float]:
    """Keep each particle or its proposal (Metropolis): the prior is symmetric, so the likelihood decides."""
    proposal = _evaluated(known, proposal)
    gain = proposal.likelihood.sum(axis=0) - current.likelihood.sum(axis=0)
    take = np.log(rng.random(len(gain))) < gain
    return (
        Particles(
            np.where(take, proposal.rows, current.rows),
            np.where(take, proposal.seeds, current.seeds),
            np.where(take, proposal.members, current.members),
            np.where(take, proposal.likelihood, current.likelihood),
            current.ancestor,
        ),
        float(take.mean()),
    )
