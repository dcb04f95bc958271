"""An ensemble of partnerships that agree with a history: a tempered sampler over parameter sets and random draws.

A particle is a parameter set of the plausible region, the seed of the partnership and a seed for each member. The
clamped history is run again for each (``sim.engine.history``), with goodwill and the chance of leaving integrated out.
From draws of the prior the sampler goes in steps to those that agree with the history, with Metropolis
moves in between (a sequential Monte Carlo sampler, doi 10.1111/j.1467-9868.2006.00553.x). A particle
needs no saved state: it is run again.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.batch import Batch
from sim.engine.history import replay
from sim.engine.simulate import CELLS
from sim.model.arrays import Array
from sim.model.policies.registry import PolicyLike
from sim.model.random_streams import Bits
from sim.model.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

LEAST = 0.5
"""Share of effective particles that a step of tempering leaves."""

FIRST = 4
"""Draws of the prior for each particle."""

MOVES = 3
"""Rounds of moves after each step."""

LAST_MOVES = 6
"""Least rounds of moves at the posterior."""

MOST_MOVES = 24
"""Most rounds of moves at the posterior."""

REFRESHED = 1.0
"""New seeds a member, on average over the particles, that end the moves."""

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

    def batches(self, particles: "Particles") -> "list[tuple[slice, Batch]]":
        """Lay particles out in batches at their first day."""
        slots, n = particles.members.shape
        size = max(2, CELLS // slots)
        parts = [slice(a, min(a + size, n)) for a in range(0, n, size)]
        return [(part, self.batch(particles.part(part))) for part in parts]

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
        refreshed: how often each member's seed was renewed.
    """

    rows: NDArray[np.int64]
    seeds: Bits
    members: Bits
    likelihood: Array
    ancestor: NDArray[np.int64]
    refreshed: Array

    def part(self, chosen: Any) -> "Particles":
        """Take some of them."""
        return Particles(
            self.rows[chosen],
            self.seeds[chosen],
            self.members[:, chosen],
            self.likelihood[:, chosen],
            self.ancestor[chosen],
            self.refreshed[:, chosen],
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
            np.concatenate([p.refreshed for p in parts], axis=1),
        )


@dataclasses.dataclass(frozen=True)
class Sample:
    """What a sampler gives.

    Attributes:
        particles: equally weighted.
        evidence: log of the probability of the history.
        reruns: how often the history was run again for every particle.
        accepted: share of moves accepted at the end: of parameter sets, of partnerships, of members.
    """

    particles: Particles
    evidence: float
    reruns: int
    accepted: dict[str, float]


def prior(known: Known, n: int, rng: np.random.Generator) -> Particles:
    """Draw partnerships before anything is known of what happened."""
    slots = known.scenario.size.partners + known.scenario.size.candidates
    members = _seeds(rng, (slots, n))
    return Particles(
        rng.integers(len(known.sets), size=n),
        _seeds(rng, (n,)),
        members,
        np.zeros(members.shape),
        np.arange(n),
        np.zeros(members.shape),
    )


def sample(known: Known, n: int, seed: int, progress: Callable[[float], None] | None = None) -> Sample:
    """Sample partnerships that agree with a history.

    Args:
        known: the history and the prior.
        n: how many.
        seed: selects the draws; the same seed gives the same sample.
        progress: called with the temperature, from 0 to 1, after each step.

    Returns:
        The sample; where nothing is known yet it is one of the prior.
    """
    rng = np.random.default_rng([seed, 2026])
    current = _evaluated(known, prior(known, FIRST * n, rng))
    temperature, evidence, reruns, share = 0.0, 0.0, FIRST, 0.3
    accepted: dict[str, float] = {}
    while temperature < 1.0:
        total = current.likelihood.sum(axis=0)
        step = _next(total, temperature)
        weights = np.exp((step - temperature) * (total - total.max()))
        evidence += float(np.log(weights.mean()) + (step - temperature) * total.max())
        current = current.part(_resampled(weights, n, rng))
        temperature = step
        rounds = MOVES if temperature < 1.0 else MOST_MOVES
        for k in range(rounds):
            if k >= LAST_MOVES and current.refreshed.mean() >= REFRESHED:
                break
            current, accepted, share = _moved(known, current, temperature, share, rng)
            reruns += 4
        if progress:
            progress(temperature)
    return Sample(current, evidence, reruns, accepted)


def _seeds(rng: np.random.Generator, shape: tuple[int, ...]) -> Bits:
    return rng.integers(2**63, size=shape, dtype=np.uint64)


def _evaluated(known: Known, particles: Particles) -> Particles:
    """Run the history of particles again, and note how likely it is."""
    likelihood = np.empty(particles.members.shape)
    for part, batch in known.batches(particles):
        n = part.stop - part.start
        likelihood[:, part] = replay(batch, known.scenario.now).log_likelihood[:, :n]
    return dataclasses.replace(particles, likelihood=likelihood)


def _next(total: Array, temperature: float) -> float:
    """Find the next temperature: the largest that leaves a share of the particles effective."""

    def effective(step: float) -> float:
        weights = np.exp((step - temperature) * (total - total.max()))
        return float(weights.sum() ** 2 / (weights**2).sum() / len(total))

    if effective(1.0) >= LEAST:
        return 1.0
    low, high = temperature, 1.0
    for _ in range(50):
        middle = (low + high) / 2.0
        low, high = (middle, high) if effective(middle) >= LEAST else (low, middle)
    return max(low, temperature + 1e-6)


def _resampled(weights: Array, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw particles in proportion to their weights, evenly spread (systematic resampling)."""
    places = (np.arange(n) + rng.random()) / n
    chosen: NDArray[np.int64] = np.minimum(
        np.searchsorted(np.cumsum(weights) / weights.sum(), places), len(weights) - 1
    )
    return chosen


def _moved(
    known: Known, current: Particles, temperature: float, share: float, rng: np.random.Generator
) -> tuple[Particles, dict[str, float], float]:
    """Make one round of moves: a parameter set, a partnership's seed, and twice the seeds of some members."""
    n, accepted = len(current.rows), {}
    proposal = dataclasses.replace(current, rows=rng.integers(len(known.sets), size=n))
    current, accepted["parameters"] = _accepted(known, current, proposal, temperature, rng)
    proposal = dataclasses.replace(current, seeds=_seeds(rng, (n,)))
    current, accepted["partnership"] = _accepted(known, current, proposal, temperature, rng)
    for _ in range(2):
        chosen = rng.random(current.members.shape) < share
        members = np.where(chosen, _seeds(rng, current.members.shape), current.members)
        proposal = dataclasses.replace(current, members=members, refreshed=current.refreshed + chosen)
        current, rate = _accepted(known, current, proposal, temperature, rng)
        accepted["members"] = rate
        if not WANTED[0] <= rate <= WANTED[1]:
            share = min(max(share * (0.7 if rate < WANTED[0] else 1.4), 1.0 / len(members)), 1.0)
    return current, accepted, share


def _accepted(
    known: Known, current: Particles, proposal: Particles, temperature: float, rng: np.random.Generator
) -> tuple[Particles, float]:
    """Keep each particle or its proposal (Metropolis): the prior is symmetric, so the likelihood decides."""
    proposal = _evaluated(known, proposal)
    gain = temperature * (proposal.likelihood.sum(axis=0) - current.likelihood.sum(axis=0))
    take = np.log(rng.random(len(gain))) < gain
    return (
        Particles(
            np.where(take, proposal.rows, current.rows),
            np.where(take, proposal.seeds, current.seeds),
            np.where(take, proposal.members, current.members),
            np.where(take, proposal.likelihood, current.likelihood),
            current.ancestor,
            np.where(take, proposal.refreshed, current.refreshed),
        ),
        float(take.mean()),
    )
