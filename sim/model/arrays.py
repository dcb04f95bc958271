"""The axes of every array, and the only reductions that rules use.

Shapes. The first axis is the partner slot, the last is the run, traits (a domain, a DNA dimension, a segment, a
tie) stand between:

- one value per partner: ``(partners, runs)``, for example ``state.trust``;
- one value per partner and trait: ``(partners, traits, runs)``, for example ``state.expertise``;
- one value per run: ``(1, runs)``, for example ``state.tension``; per run and trait: ``(1, traits, runs)``;
- one number for all: a ``float``. A rule's parameters are typed as the numbers they are declared as; a swept
  parameter has shape ``(1, runs)``. Both broadcast, so the rule's text is the same.

Nothing outside this file names an axis number. Members are a flag per partner slot, never a shorter array.
Sums run over partners in their order, whatever the number of runs, so a run has the same bits in a batch of any
size (a batch of one run is padded to two: ``padded``).
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
"""A quantity with one value per run, per partner, or per partner and trait; helpers that also take a plain number say
``Array | float``. Masks are ``NDArray[np.bool_]``: ``flag`` turns them into numbers to multiply by."""

S = TypeVar("S", bound=np.generic)

TINY = 1e-300
"""Added to a divisor or to the argument of a logarithm, where it may be 0."""


def padded(seeds: Sequence[int]) -> list[int]:
    """Repeat a single seed, so that no reduction works on one run alone."""
    return list(seeds) * 2 if len(seeds) == 1 else list(seeds)


def flag(condition: NDArray[np.bool_] | bool) -> Array:
    """Turn a truth value per cell into 0.0 or 1.0: rules multiply by flags instead of branching."""
    flags: Array = condition.astype(np.float64) if hasattr(condition, "astype") else float(condition)  # type: ignore[assignment]
    return flags


def over_partners(values: Array) -> Array:
    """Sum over partners: shape (1, [traits,] runs)."""
    total: Array = np.add.reduce(values, axis=0, keepdims=True)
    return total


def over_traits(values: NDArray[Any]) -> Array:
    """Sum over traits: shape (partners or 1, runs)."""
    total: Array = np.add.reduce(values, axis=1)
    return total


def sum_over(values: Array, weights: Array) -> Array:
    """Sum over partners of values times weights (one weight per partner), in one pass: shape (1, [traits,] runs)."""
    total: Array = np.einsum("pdr,pr->dr" if values.ndim == 3 else "pr,pr->r", values, weights)
    return total[None]


def squares_over(values: Array, weights: Array) -> Array:
    """Sum over partners of squared trait values times weights, in one pass: shape (1, traits, runs)."""
    total: Array = np.einsum("pdr,pdr,pr->dr", values, values, weights)
    return total[None]


def differences(values: Array, members: Array) -> Array:
    """Sum over pairs of partners whose flags are 1 of the difference between their values: shape (1, runs)."""
    if hasattr(values, "differences"):
        traced: Array = values.differences(members)
        return traced
    ranked, n = np.sort(np.where(members > 0, values, np.inf), axis=0), over_partners(members)
    place = slots(values) + 1.0
    weights = np.where(place <= n, 2.0 * place - n - 1.0, 0.0)
    total = over_partners(weights * np.where(place <= n, ranked, 0.0))
    return np.maximum(total, 0.0)  # equal values may round to a little less


def fit(values: Array, weights: Array) -> Array:
    """Sum over traits of a partner's values times the partnership's weights, in one pass: shape (partners, runs)."""
    total: Array = np.einsum("pdr,dr->pr", values, weights[0])
    return total


@overload
def per_trait(values: NDArray[S]) -> NDArray[S]: ...
@overload
def per_trait(values: float) -> Array: ...
def per_trait(values: Any) -> Any:
    """Add a trait axis to a value per partner or per run; a plain number stays as it is."""
    return values[:, None, :] if np.ndim(values) else values


def trait(values: NDArray[S], index: int) -> NDArray[S]:
    """Take one trait (a domain, a DNA dimension): shape (partners or 1, runs)."""
    return values[:, index, :]


def ratio(part: Array | float, total: Array) -> Array:
    """Divide, with 0 where the total is 0."""
    return part / (total + TINY)


def mean_over(values: Array, members: Array) -> Array:
    """Average over the partners whose flag is 1: shape (1, [traits,] runs); 0 where there are none."""
    return ratio(sum_over(values, members), over_partners(members))


def weighted(values: Array, weights: Array) -> Array:
    """Average over partners by weight: shape (1, runs); one value for the whole partnership stays as it is."""
    return values if values.shape[0] == 1 else ratio(sum_over(values, weights), over_partners(weights))


def unit(values: Array | float) -> Array:
    """Limit to the interval from 0 to 1."""
    return np.minimum(np.maximum(values, 0.0), 1.0)


def at_least(values: Array | float, floor: Array | float) -> Array:
    """Take the larger of two, cell by cell."""
    return np.maximum(values, floor)


def at_most(values: Array | float, ceiling: Array | float) -> Array:
    """Take the smaller of two, cell by cell."""
    return np.minimum(values, ceiling)


def logistic(values: Array | float) -> Array:
    """Map the real line to (0, 1): 1 / (1 + exp(-x)), with x limited to -60..60."""
    return 1.0 / (1.0 + np.exp(-np.minimum(np.maximum(values, -60.0), 60.0)))


def logit(share: Array | float) -> Array:
    """Map (0, 1) to the real line: log(p / (1 - p))."""
    return np.log(share / (1.0 - share))


def power(base: Array | float, exponent: Array | float) -> Array:
    """Raise a non-negative base; one code path for scalar and per-run exponents, so that the bits agree."""
    return np.exp(np.multiply(exponent, np.log(base + TINY)))


def tabulated(function: Callable[[Array], Array], n: int, places: NDArray[np.int64]) -> Array:
    """Apply a function to whole numbers from 0 up to ``n``: arrays look its values up in a table that is made once."""
    return _table(function, n).take(places) if isinstance(places, np.ndarray) else function(places)


@cache
def _table(function: Callable[[Array], Array], n: int) -> Array:
    return function(np.arange(n, dtype=float))


def where_largest(scores: Array) -> NDArray[np.int64]:
    """Find the partner with the largest score, per run: its slot, of shape (1, runs)."""
    slot: NDArray[np.int64] = np.argmax(scores, axis=0, keepdims=True)
    return slot


def largest(values: Array) -> Array:
    """Find the largest of the partners' values: shape (1, runs)."""
    most: Array = np.maximum.reduce(values, axis=0, keepdims=True)
    return most


def slots(values: Array) -> NDArray[np.int64]:
    """Number the partner slots: shape (partners, 1)."""
    return np.arange(values.shape[0], dtype=np.int64)[:, None]


def values_of(values: NDArray[Any], who: NDArray[Any], runs: Any) -> Array:
    """Read the value of one partner per run, in some runs: shape (1, [traits,] runs)."""
    read: Array = values[who[0], ..., runs].T[None]
    return read


def set_values_of(values: NDArray[Any], who: NDArray[Any], new: Array, runs: Any) -> None:
    """Write, in place, the value of one partner per run, in some runs."""
    values[who[0], ..., runs] = new[0].T


def values_at(values: Array, who: NDArray[Any]) -> Array:
    """Read the value of the partner whose slot each cell of ``who`` holds; a slot below 0 reads the first partner."""
    return np.take_along_axis(per_trait(values), np.maximum(who, 0), axis=0)


def first_trait(flags: Array) -> Array:
    """Flag the first trait whose flag is 1, per partner and run; the very first where there is none."""
    return smallest_trait(1.0 - flags)


def smallest_trait(values: Array) -> Array:
    """Flag the trait with the smallest value, per partner and run."""
    return flag(np.argmin(values, axis=1, keepdims=True) == np.arange(values.shape[1])[None, :, None])


def runs_where(truths: NDArray[Any]) -> Any:
    """Index the runs in which something holds, so that the other runs need no work."""
    return np.flatnonzero(truths)


def any_nonzero(values: Array | float) -> bool:
    """Tell whether any value differs from 0."""
    return bool(values.any() if hasattr(values, "any") else values)


def cells_where(truths: NDArray[np.bool_]) -> Any:
    """Index the cells in which something rare holds, so that only those are calculated."""
    return np.nonzero(truths)


def pick(values: NDArray[Any] | float, cells: Any) -> NDArray[Any]:
    """Take the values in some cells, one after the other; a plain number stays as it is."""
    if np.ndim(values) == 0 or hasattr(cells, "truths"):
        return values  # type: ignore[return-value]
    arrays: NDArray[Any] = values  # type: ignore[assignment]
    picked: NDArray[Any] = arrays[cells] if arrays.shape[0] > 1 else arrays[0, cells[1]]
    return picked


def overwrite(values: Array, cells: Any, new: Array) -> Array:
    """Copy, with new values in some cells."""
    if hasattr(cells, "truths"):
        return np.where(cells.truths, new, values)
    changed = values.copy()
    changed[cells] = new
    return changed


def over_all_runs(values: NDArray[Any], truths: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Lay values of the runs in which something holds out over all runs; -1 in the others."""
    if hasattr(truths, "spread"):
        spread: NDArray[np.int64] = truths.spread(values)
        return spread
    everywhere = np.full(truths.shape, -1)
    everywhere[truths] = values.ravel()
    return everywhere
