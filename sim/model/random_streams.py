"""Randomness by address: every draw is a pure function of (seed, partner slot, month, purpose).

A draw is one output of SplitMix64 (Steele, Lea & Flood 2014, doi 10.1145/2660193.2660195) at the
position ``slot, month, block`` of the stream that the run's seed selects. It depends on nothing else:
not on the batch, worker, horizon, policy or size. So all policies get the same draws (common random numbers), and a
decision that is added later changes no old number. Blocks are numbered; **never renumber or reuse one**.
Why not Philox: ``docs/decisions/0001-draws-by-address.md``.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.model.arrays import Array, pick, tabulated

Bits: TypeAlias = NDArray[np.uint64]
"""Random bits: 64 per cell."""

B = TypeVar("B", bound=Any)

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX1, _MIX2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S32, _S40 = (np.uint64(s) for s in (30, 27, 31, 32, 40))
_LOW32, _LOW16 = np.uint64(0xFFFFFFFF), np.uint64(0xFFFF)

PARTNERSHIP = 1 << 22
"""First slot of draws that belong to the partnership and not to a partner."""

# Blocks of 64 bits by purpose. Monthly, per partner:
LEAK_QUIT, TURNOVER_ERRORS, EVIDENCE_SUCCESSOR, OUTSIDE, SEEK, OFFER, ENTER, LOTTERY = range(8)
SEEK_MORE, OFFER_MORE, NEWS, DECISION, DEPARTURE = range(8, 13)
# Monthly, per partnership:
SURVEY, TABLES, COMMON = range(16, 19)
# At the start, per partner (month 0) and per partnership:
SEGMENT, RESOURCES, SENSITIVITY, MISSION, NEED, ASPIRATION, PATIENCE, READINESS = range(32, 40)
DNA, EXPERTISE, GOALS = 64, 80, 96
RELIABILITY, TRUST, PROPOSAL, MATCH, CALENDAR = 112, 113, 128, 114, 115


def mix(z: B) -> B:
    """Apply the finaliser of SplitMix64 to unsigned 64-bit integers."""
    z = z ^ (z >> _S30)
    z *= _MIX1
    z ^= z >> _S27
    z *= _MIX2
    z ^= z >> _S31
    return z


class RandomStreams:
    """The streams of a batch of runs: one key a run, from its seed; one position a partner slot.

    ``members`` are seeds of single members, shape (slots, runs): their draws then follow these, and only those of the
    partnership the run's seed. By default all follow the run's.
    """

    def __init__(self, seeds: Sequence[int] | Bits, n_slots: int, n_domains: int, members: Bits | None = None) -> None:
        self.n_domains, self.n_runs = n_domains, len(seeds)
        with np.errstate(over="ignore"):
            self.keys = keys_of(np.asarray(seeds, dtype=np.uint64))[None, :]
            self._partner = (self.keys if members is None else keys_of(members)) + _positions(np.arange(n_slots))
            self._partnership = self.keys + _positions(PARTNERSHIP + np.arange(1))
            self._domain = self.keys + _positions(PARTNERSHIP + 1 + np.arange(n_domains))

    def _block(self, base: Bits, month: int, block: int) -> Bits:
        offset = np.array([((month << 8) | block)], dtype=np.uint64) * _GAMMA
        return mix(base + offset[0])

    def partner(self, month: int, block: int) -> Bits:
        """Draw 64 bits for every partner slot: shape (partners, runs)."""
        return self._block(self._partner, month, block)

    def partnership(self, month: int, block: int) -> Bits:
        """Draw 64 bits for every partnership: shape (1, runs)."""
        return self._block(self._partnership, month, block)

    def domain(self, month: int, block: int) -> Bits:
        """Draw 64 bits for every knowledge domain: shape (domains, runs)."""
        return self._block(self._domain, month, block)


def keys_of(seeds: B) -> B:
    """Turn seeds into keys of streams."""
    keys: B = mix(mix(seeds) + _GAMMA)
    return keys


def _positions(slots: NDArray[np.int64]) -> Bits:
    return (slots.astype(np.uint64) << _S40)[:, None] * _GAMMA


def high_uniform(bits: Bits) -> Array:
    """Read the upper 32 bits as a uniform number in [0, 1)."""
    integers: NDArray[np.int64] = (bits >> _S32).view(np.int64)
    return integers * np.float64(2.0**-32)


def low_uniform(bits: Bits) -> Array:
    """Read the lower 32 bits as a uniform number in [0, 1)."""
    integers: NDArray[np.int64] = (bits & _LOW32).view(np.int64)
    return integers * np.float64(2.0**-32)


def normal(bits: Bits, part: int) -> Array:
    """Read 16 of the 64 bits (part 0 to 3, from the lowest) as a standard normal number."""
    return _quantile(_normal_quantile, bits, part)


def exponential(bits: Bits, part: int) -> Array:
    """Read 16 of the 64 bits (part 0 to 3, from the lowest) as a standard exponential number."""
    return _quantile(_exponential_quantile, bits, part)


def _quantile(of: Callable[[Array], Array], bits: Bits, part: int) -> Array:
    """Read 16 bits as the quantile at one of 65,536 midpoints; exact enough (to 1.5e-5 in probability)."""
    return tabulated(of, 65536, ((bits >> np.uint64(16 * part)) & _LOW16).view(np.int64))


def _normal_quantile(place: Array) -> Array:
    from scipy.special import ndtri

    quantile: Array = ndtri((place + 0.5) * 2.0**-16)
    return quantile


def _exponential_quantile(place: Array) -> Array:
    return -np.log((place + 0.5) * 2.0**-16)


class Draws:
    """One month's draws, a field per decision; each is drawn when a rule asks for it."""

    def __init__(self, streams: RandomStreams, month: int) -> None:
        self._streams, self._month = streams, month
        self._drawn: dict[int, Bits] = {}

    def _bits(self, block: int) -> Bits:
        if block not in self._drawn:
            self._drawn[block] = self._streams.partner(self._month, block)
        return self._drawn[block]

    def _race(self, blocks: tuple[int, int], domain: int, runs: Any) -> Array:
        return exponential(self._bits(blocks[domain // 4])[:, runs], domain % 4)

    def seek(self, domain: int, runs: Any = slice(None)) -> Array:
        """Exponential: how soon each member's question comes up at a matching table, in these runs."""
        return self._race((SEEK, SEEK_MORE), domain, runs)

    def offer(self, domain: int, runs: Any = slice(None)) -> Array:
        """Exponential: how soon each member's offer comes up at a matching table, in these runs."""
        return self._race((OFFER, OFFER_MORE), domain, runs)

    @property
    def leak(self) -> Array:
        """Uniform: does a member's information leak this month?"""
        return high_uniform(self._bits(LEAK_QUIT))

    @property
    def quit(self) -> Array:
        """Uniform: does a member leave for reasons outside the model?"""
        return low_uniform(self._bits(LEAK_QUIT))

    @property
    def turnover(self) -> Array:
        """Uniform: is a member's representative replaced?"""
        return high_uniform(self._bits(TURNOVER_ERRORS))

    @property
    def shortfall_error(self) -> Array:
        """Normal: the orchestrator's error on a member's shortfall."""
        return normal(self._bits(TURNOVER_ERRORS), 1)

    @property
    def capture_error(self) -> Array:
        """Normal: the orchestrator's error on the share of need a member has captured."""
        return normal(self._bits(EVIDENCE_SUCCESSOR), 1)

    @property
    def risk_error(self) -> Array:
        """Normal: the orchestrator's error on a member's latent risk."""
        return normal(self._bits(TURNOVER_ERRORS), 0)

    @property
    def evidence(self) -> Array:
        """Uniform: is this month's evidence on the partnership's reliability good?"""
        return high_uniform(self._bits(EVIDENCE_SUCCESSOR))

    def successor(self, where: Any = ...) -> Array:
        """Normal: how ready is each new representative, in these cells?"""
        return normal(pick(self._bits(EVIDENCE_SUCCESSOR), where), 0)

    @property
    def news(self) -> Array:
        """Normal: what is new in a member's own affairs."""
        return normal(self._bits(NEWS), 0)

    @property
    def decision(self) -> Array:
        """Uniform: does a member that wavers leave?"""
        return high_uniform(self._bits(DECISION))

    @property
    def lapse(self) -> Array:
        """Uniform: does a member that has decided to leave go this month?"""
        return low_uniform(self._bits(DECISION))

    @property
    def departure(self) -> Array:
        """Uniform: is a member among those who are forced out together?"""
        return high_uniform(self._bits(DEPARTURE))

    @property
    def common(self) -> tuple[Array, Array]:
        """Uniform: does a common shock strike, and how hard? Each of shape (1, runs)."""
        bits = self._streams.partnership(self._month, COMMON)
        return high_uniform(bits), low_uniform(bits)

    @property
    def outside_match(self) -> Array:
        """Uniform: is a member matched to an outside party?"""
        return high_uniform(self._bits(OUTSIDE))

    @property
    def enter(self) -> Array:
        """Uniform: does a candidate join?"""
        return high_uniform(self._bits(ENTER))

    @property
    def lottery(self) -> Array:
        """Uniform: free for a policy that targets by chance."""
        return high_uniform(self._bits(LOTTERY))

    @property
    def attendance_lottery(self) -> Array:
        """Normal: what a member seems to attend where estimates are by chance."""
        return normal(self._bits(LOTTERY), 0)

    @property
    def tension_errors(self) -> tuple[Array, Array, Array]:
        """Normal: the orchestrator's errors on the three tensions, each of shape (1, runs)."""
        bits = self._streams.partnership(self._month, SURVEY)
        return normal(bits, 0), normal(bits, 1), normal(bits, 2)

    @property
    def tables(self) -> Array:
        """Uniform per domain: is its matching table held? Shape (1, domains, runs)."""
        return high_uniform(self._streams.domain(self._month, TABLES))[None]
