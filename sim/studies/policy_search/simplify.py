"""Leave out what does nothing: parameters of a policy that was found are set to 0, to their defaults, or rounded."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from sim.core.intervals import half_width
from sim.model.policies import Policy
from sim.model.policies.registry import PolicyError
from sim.studies.policy_search.goals import Numbers
from sim.studies.policy_search.space import PolicySpace, SearchedParameter

NOISE, MOST = 0.01, 0.05
"""A change counts as none below the first share of the trials' range, and up to the second where chance explains it."""

Rows = Callable[[Policy], Sequence[Numbers] | None]
"""Gives outcomes of a policy: tables of shape (runs or parameter sets, outcomes), always of the same ones; None where
the policy breaks a constraint."""


def simplified(
    space: PolicySpace,
    values: Mapping[str, Any],
    rows_of: Rows,
    spans: Numbers,
) -> dict[str, Any]:
    """Simplify the parameters of a policy, one after the other, as long as no outcome changes beyond noise.

    Every attempt is compared with the policy that was found, so that small changes do not add up.

    Args:
        space: the policy and what was searched.
        values: the parameters that were found.
        rows_of: gives the outcomes of a policy on the same seeds.
        spans: the range of each outcome over the trials.

    Returns:
        Values for all parameters of the space: 0 where the parameter can be left out, else its default, else rounded.
    """
    original, current = rows_of(space.policy(values)), dict(values)
    if original is None:
        return current
    for parameter in sorted(space.parameters, key=lambda q: _distance(q, values[q.name])):
        for value in _simpler(parameter, current[parameter.name]):
            attempt = {**current, parameter.name: value}
            try:
                rows = rows_of(space.policy(attempt))
            except PolicyError:
                continue
            if rows is not None and all(same(one, other, spans) for one, other in zip(original, rows, strict=True)):
                current = attempt
                break
    return current


def same(one: Numbers, other: Numbers, spans: Numbers) -> bool:
    """Tell whether paired outcomes are the same but for noise.

    Args:
        one: shape (rows, outcomes).
        other: the same rows under another policy.
        spans: the range in which each outcome is of interest.
    """
    gaps = other - one
    change = np.abs(gaps.mean(axis=0))
    half = half_width(gaps.std(axis=0, ddof=1), len(gaps))
    return bool((change <= np.clip(half, NOISE * spans, MOST * spans) + 1e-12).all())


def _distance(parameter: SearchedParameter, value: float) -> float:
    """Give how far a value lies from what it is by default, as a share of its range: the nearest is tried first."""
    return abs(float(value) - parameter.default) / (parameter.high - parameter.low)


def _simpler(parameter: SearchedParameter, value: Any) -> list[Any]:
    """List simpler values than a given one: none, the default, the most, and round ones."""
    kind = int if parameter.integer else float
    round_ones: list[float] = [float(f"{value:.1g}"), float(f"{value:.2g}")]
    if parameter.integer:
        round_ones = [6 * round(value / 6), 3 * round(value / 3)]
    default = kind(parameter.default)
    listed = [
        kind(0),
        default,
        kind(parameter.high),
        *(kind(v) for v in round_ones if parameter.low <= v <= parameter.high),
    ]
    allowed = list(dict.fromkeys(v for v in listed if v == default or parameter.low <= v <= parameter.high))
    return allowed[: allowed.index(value)] if value in allowed else allowed
