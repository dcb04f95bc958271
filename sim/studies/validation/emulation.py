"""Emulators: a quadratic regression that stands for the model where running it for every question takes too long."""

import dataclasses
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.errors import InputError

Array = NDArray[np.float64]

NEAREST = 700
"""Least number of runs that an emulator is fitted to: those nearest to the facts."""

KEPT = 0.35
"""Share of all runs that it is fitted to, if that is more."""

RIDGE = 0.3
"""Penalty on the coefficients, in units of one run."""

WALKERS, FORGOTTEN, THIN = 96, 2000, 60
"""Size of emcee's ensemble, steps to forget where it began, and steps between samples."""


@dataclasses.dataclass(frozen=True)
class Facts:
    """Numbers to agree with, in groups that count as one fact each.

    Attributes:
        target: the real numbers; shape (numbers,).
        variance: how far each may lie off, by chance and by what the model leaves out.
        group: which fact each belongs to, from 0.
    """

    target: Array
    variance: Array
    group: NDArray[np.int64]

    def misfits(self, numbers: Array, noise: Array | float = 0.0) -> Array:
        """Sum over facts the mean squared deviation, in units of what is allowed; shape (sets,).

        Args:
            numbers: what the sets give; shape (sets, numbers).
            noise: variance on top, of the runs or of an emulator.
        """
        squares = (numbers - self.target) ** 2 / (self.variance + noise)
        total = np.zeros(len(numbers))
        for g in range(int(self.group.max()) + 1):
            total += squares[:, self.group == g].mean(axis=1)
        return total


@dataclasses.dataclass(frozen=True)
class Emulator:
    """A quadratic function of the parameters for each number, fitted to runs.

    Attributes:
        weights: coefficients; shape (terms, numbers).
        noise: mean squared error of each number, of the runs and of the fit; shape (numbers,).
        facts: what the numbers should be.
    """

    weights: Array
    noise: Array
    facts: Facts

    @staticmethod
    def fitted(units: Array, numbers: Array, facts: Facts) -> "Emulator":
        """Fit to the runs nearest to the facts.

        Args:
            units: parameter sets in the unit cube; shape (sets, parameters).
            numbers: what a run of each gave; shape (sets, numbers).
            facts: what the numbers should be.
        """
        order = np.argsort(facts.misfits(numbers), kind="stable")
        nearest = order[: max(NEAREST, int(KEPT * len(order)))]
        terms = _quadratic(units[nearest])
        penalty = RIDGE * np.eye(terms.shape[1])
        penalty[0, 0] = 0.0
        weights = np.linalg.solve(terms.T @ terms + penalty, terms.T @ numbers[nearest]).astype(np.float64)
        return Emulator(weights, ((numbers[nearest] - terms @ weights) ** 2).mean(axis=0), facts)

    def misfits(self, units: Array) -> Array:
        """Give the misfit expected of parameter sets; shape (sets,)."""
        return self.facts.misfits(_quadratic(units) @ self.weights, self.noise)

    def missed(self, units: Array, numbers: Array) -> Array:
        """Give by how much more the numbers that runs gave deviate than was expected; shape (sets,)."""
        return self.facts.misfits(numbers, self.noise) - self.misfits(units)

    def likely(self, n: int, start: Array, seed: int) -> Array:
        """Sample parameter sets from the unit cube in proportion to exp(-misfit/2), with emcee's ensemble sampler.

        Args:
            n: how many.
            start: sets to begin near; shape (sets, parameters).
            seed: of the sampler.

        Returns:
            Different parameter sets; shape (at most n, parameters).

        Raises:
            InputError: if emcee is missing.
        """
        emcee, random, n_parameters = find_emcee(), np.random.RandomState(seed), start.shape[1]
        n_walkers = max(WALKERS, 4 * n_parameters)

        def log_probability(units: Array) -> Array:
            inside = ((units > 0.0) & (units < 1.0)).all(axis=1)
            result = np.full(len(units), -np.inf)
            result[inside] = -0.5 * self.misfits(units[inside])
            return result

        first = start[np.arange(n_walkers) % len(start)] + 0.01 * random.standard_normal((n_walkers, n_parameters))
        moves = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)]
        sampler = emcee.EnsembleSampler(n_walkers, n_parameters, log_probability, moves=moves, vectorize=True)
        sampler.random_state = random.get_state()
        sampler.run_mcmc(np.clip(first, 0.001, 0.999), FORGOTTEN + THIN * -(-3 * n // n_walkers))
        chain = sampler.get_chain(discard=FORGOTTEN, thin=THIN, flat=True)
        different: Array = np.unique(chain, axis=0)  # a walker that stays where it is counts once
        return different[random.permutation(len(different))[:n]]


def quantiles(values: Array, weight: Array, at: tuple[float, ...] = (0.05, 0.5, 0.95)) -> list[float]:
    """Give weighted quantiles: the least value up to which the weights sum to as much."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weight[order])
    return [float(values[order][min(int(np.searchsorted(total, q * total[-1])), len(values) - 1)]) for q in at]


def _quadratic(units: Array) -> Array:
    """Lay out 1, every parameter, and every product of two; shape (sets, terms)."""
    x = 2.0 * units - 1.0
    one, other = np.triu_indices(x.shape[1])
    terms: Array = np.concatenate([np.ones((len(x), 1)), x, x[:, one] * x[:, other]], axis=1)
    return terms


def find_emcee() -> Any:
    """Import emcee.

    Raises:
        InputError: if it is missing.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import emcee
    except ImportError as error:
        raise InputError(
            "calibrating on lists needs the package emcee: python -m pip install 'partnership-dynamics[calibration]'"
        ) from error
    return emcee
