"""Readiness to learn and use: the organisation's and its representative's, with turnover (processes 7 and 9; E20)."""

from collections.abc import Callable
from typing import Any

from sim.core.declare import Declared, param
from sim.model.arrays import Array, any_nonzero, at_least, cells_where, flag, logistic, logit, overwrite, pick
from sim.model.effort import Effort
from sim.model.state import State

Draw = Callable[[Any], Array]
"""A function from some cells to a draw for each."""


class Readiness(Declared):
    """How able partners are to turn knowledge into private value."""

    typical: float = param(
        0.5,
        unit="1",
        low=0.02,
        high=0.98,
        symbol="mean a",
        source="assumption; capture depends on organisational or individual readiness (DiVito et al. 2021)",
        doc="Median readiness, of organisations and of representatives",
    )
    spread: float = param(0.75, unit="logit", low=0, high=3, doc="Standard deviation of readiness")
    representative_weight: float = param(
        0.4, unit="1", low=0, high=1, doc="Part of readiness that lies with the representative"
    )
    turnover: float = param(
        0.02,
        unit="1/month",
        low=0,
        high=1,
        doc="Probability that a representative is replaced; the next one's readiness is new",
    )
    coaching: float = param(
        0.15, unit="1", low=0, high=1, doc="Share of missing readiness that a full intervention adds"
    )
    coached_model: float = param(
        0.5, unit="1", low=0, high=1, doc="Quality of own business model that a full intervention secures"
    )


def readiness(state: State, params: Readiness) -> Array:
    """Combine: a = (1-w) organisation + w representative."""
    return (1.0 - params.representative_weight) * state.routine + params.representative_weight * state.representative


def replace_representative(
    state: State, params: Readiness, shock: Array, draws: Array, successor: Draw
) -> tuple[Array, Array]:
    """Draw whose representative is replaced and how ready the next one is; gives flags and readiness."""
    replaced = (draws < params.turnover * state.turnover + shock) & (state.member > 0.0)
    where = cells_where(replaced)
    old = pick(state.representative, where)
    usual = logit(pick(params.typical, where)) + pick(state.representative_shift, where)
    new = logistic(usual + pick(params.spread, where) * successor(where))
    return flag(replaced), overwrite(state.representative, where, old + (new - old))


def coach(readiness: Array, params: Readiness, effort: Effort, members: Array) -> Array:
    """Raise readiness on chosen members: a += k (1-a) per full intervention  (E20)."""
    if not any_nonzero(effort.intervene):
        return readiness
    return readiness + params.coaching * effort.intervene * members * (1.0 - readiness)


def secure_model(state: State, params: Readiness, effort: Effort) -> Array:
    """Secure an own business model on chosen members: pl = max(pl, quality per full intervention)  (E20)."""
    if not any_nonzero(effort.intervene):
        return state.business_model
    return at_least(state.business_model, params.coached_model * effort.intervene * state.member)
