"""The axes: partners first, traits between, runs last and contiguous; and the only reductions that rules use.

A quantity of the whole partnership has length 1 on the partner axis. Nothing outside this file
names an axis number. Sums run over partners in their order, whatever the number of runs, so a run has
the same bits in a batch of any size (a batch of one is padded to two: ``padded``).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = Any
"""A float64 array of shape (partners or 1, [traits,] runs), or a scalar that stands for one."""

TINY = 1e-300


def padded(seeds: Sequence[int]) -> list[int]:
    """Repeat a single seed, so that no reduction ever meets one lone run."""
    return list(seeds) * 2 if len(seeds) == 1 else list(seeds)


def flag(condition: Array) -> Array:
    """Turn a truth value per cell into 0.0 or 1.0: rules multiply by flags instead of branching."""
    return condition.astype(np.float64) if hasattr(condition, "astype") else float(condition)


def over_partners(values: Array) -> Array:
    """Sum over partners; the partner axis stays, with length 1."""
    return np.add.reduce(values, axis=0, keepdims=True)


def over_traits(values: Array) -> Array:
    """Sum over the trait axis, which goes."""
    return np.add.reduce(values, axis=1)


def sum_over(values: Array, weights: Array) -> Array:
    """Sum over partners of values times weights (one weight a partner), in one pass; the axis stays."""
    if values.ndim == 3:
        return np.einsum("pdr,pr->dr", values, weights)[None]
    return np.einsum("pr,pr->r", values, weights)[None]


def squares_over(values: Array, weights: Array) -> Array:
    """Sum over partners of squared trait values times weights (one weight a partner), in one pass."""
    return np.einsum("pdr,pdr,pr->dr", values, values, weights)[None]


def fit(values: Array, weights: Array) -> Array:
    """Sum over traits of a partner's values times the partnership's weights, in one pass: shape (partners, runs)."""
    return np.einsum("pdr,dr->pr", values, weights[0])


def per_trait(values: Array) -> Array:
    """Spread a value per partner (or per run) over the trait axis; a plain number stays as it is."""
    return values[:, None, :] if np.ndim(values) else values


def trait(values: Array, index: int) -> Array:
    """Take one trait (a domain, a DNA dimension): the trait axis goes."""
    return values[:, index, :]


def ratio(part: Array, whole: Array) -> Array:
    """Divide, with 0 where the whole is 0."""
    return part / (whole + TINY)


def mean_over(values: Array, members: Array) -> Array:
    """Average over those whose flag is 1; 0 where there are none."""
    return ratio(sum_over(values, members), over_partners(members))


def unit(values: Array) -> Array:
    """Limit to the interval from 0 to 1."""
    return np.minimum(np.maximum(values, 0.0), 1.0)


def at_least(values: Array, floor: Array) -> Array:
    """Take the larger, cell by cell."""
    return np.maximum(values, floor)


def at_most(values: Array, ceiling: Array) -> Array:
    """Take the smaller, cell by cell."""
    return np.minimum(values, ceiling)


def logistic(values: Array) -> Array:
    """Map the real line to (0, 1)."""
    return 1.0 / (1.0 + np.exp(-np.minimum(np.maximum(values, -60.0), 60.0)))


def logit(share: Array) -> Array:
    """Map (0, 1) to the real line."""
    return np.log(share / (1.0 - share))


def power(base: Array, exponent: Array) -> Array:
    """Raise a non-negative base; one code path for scalar and per-run exponents, so the bits agree."""
    return np.exp(np.multiply(exponent, np.log(base + TINY)))


def look_up(table: Array, places: Array) -> Array:
    """Read a table at whole-numbered places."""
    return places.read(table) if hasattr(places, "read") else table.take(places)


def where_largest(scores: Array) -> Array:
    """Give the partner with the largest score, per run, as an index of shape (1, runs)."""
    return np.argmax(scores, axis=0, keepdims=True)


def largest(values: Array) -> Array:
    """Give the largest of the partners' values; the partner axis stays, with length 1."""
    return np.maximum.reduce(values, axis=0, keepdims=True)


def slots(values: Array) -> Array:
    """Number the partner slots: shape (partners, 1)."""
    return np.arange(values.shape[0])[:, None]


def at(values: Array, who: Array, runs: Array) -> Array:
    """Give the values of one partner a run, in some runs: shape (1, [traits,] runs)."""
    return values[who[0], ..., runs].T[None]


def among(values: Array, who: Array) -> Array:
    """Give the value of the partner that each cell of ``who`` names (none below 0: the first)."""
    return np.take_along_axis(per_trait(values), np.maximum(who, 0), axis=0)


def put(values: Array, who: Array, new: Array, runs: Any) -> None:
    """Write, in place, the values of one partner a run."""
    values[who[0], ..., runs] = new[0].T


def first(truths: Array) -> Array:
    """Flag the first trait that holds, per partner and run; the very first where none does."""
    return smallest(1.0 - truths)


def smallest(values: Array) -> Array:
    """Flag the trait with the smallest value, per partner and run."""
    return flag(np.argmin(values, axis=1, keepdims=True) == np.arange(values.shape[1])[None, :, None])


def which(truths: Array) -> Any:
    """Tell in which runs something holds, so that work can be spared in the others."""
    return np.flatnonzero(truths)


def some(values: Array) -> bool:
    """Tell whether anything is other than 0."""
    return bool(values.any() if hasattr(values, "any") else values)


def cells(truths: Array) -> Any:
    """Tell in which cells something holds, so that what seldom happens is worked out for those alone."""
    return np.nonzero(truths)


def pick(values: Array, where: Any) -> Array:
    """Give the values in some cells, one after the other; a plain number stays as it is."""
    if np.ndim(values) == 0 or hasattr(where, "truths"):
        return values
    return values[where] if values.shape[0] > 1 else values[0, where[1]]


def overwrite(values: Array, where: Any, new: Array) -> Array:
    """Copy, with new values in some cells."""
    if hasattr(where, "truths"):
        return np.where(where.truths, new, values)
    changed = values.copy()
    changed[where] = new
    return changed


def spread(values: Array, truths: Array) -> Array:
    """Lay out over all runs what was worked out for those in which something holds; -1 in the others."""
    if hasattr(truths, "spread"):
        return truths.spread(values)
    everywhere = np.full(truths.shape, -1)
    everywhere[truths] = values.ravel()
    return everywhere
