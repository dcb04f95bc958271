"""Forecasts of real lists: how they are scored, and the forecast without a model that they have to beat."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from sim.studies.validation.lists import Array, Counts, MemberList

ENOUGH = 500.0
"""Member-months from which a sector has a hazard of its own; below, that of all members."""

LEAST_SPREAD = 0.05
"""Least variance of the frailty of a list."""


def crps(sample: Array, truth: float) -> float:
    """Score a forecast: mean |x - y| - mean |x - x'|/2 (Gneiting & Raftery 2007); the less the better."""
    ordered = np.sort(sample)
    n = len(ordered)
    spread = 2.0 * float((ordered * (2.0 * np.arange(1, n + 1) - n - 1.0)).sum()) / n**2
    return float(np.abs(ordered - truth).mean()) - 0.5 * spread


def with_usual_entries(real: MemberList, others: Sequence[MemberList], seed: int) -> MemberList:
    """Let members join a list as they do the others, in proportion to its size.

    Whom a list will attract is not known beforehand.
    """
    random = np.random.default_rng(seed)
    rate = float(np.mean([(~o.founder).sum() / o.size / o.months for o in others]))
    n = round(rate * real.size * real.months)
    joins = np.concatenate([np.zeros(real.size), np.sort(random.uniform(0.5, real.months, n))])
    sector = np.concatenate([real.sector[real.founder], random.choice(np.concatenate([o.sector for o in others]), n)])
    return dataclasses.replace(
        real, sector=sector, founder=np.arange(len(joins)) < real.size, joins=joins, leaves=np.full(len(joins), np.inf)
    )


def by_sector_hazards(real: MemberList, others: Sequence[Counts], months: int, n: int = 4000) -> Array:
    """Foretell without a model: each sector's pooled hazard, times a gamma frailty of the list.

    Args:
        real: the list, of which only the sectors of its founders are read.
        others: what happened on the other lists.
        months: how far ahead.
        n: draws.

    Returns:
        Shares of founders still there; shape (n,).
    """
    exits = np.sum([c.all_exits[:, 0] for c in others], axis=0)
    exposure = np.sum([c.all_exposure[:, 0] for c in others], axis=0)
    hazard = np.where(exposure > ENOUGH, exits / np.maximum(exposure, 1.0), exits.sum() / exposure.sum())
    observed = np.array([float(c.all_exits.sum()) for c in others])
    expected = np.array([float(c.all_exposure[:, 0] @ hazard) for c in others])
    variance = max(float(((observed - expected) ** 2 - expected).sum() / (expected**2).sum()), LEAST_SPREAD)
    random = np.random.default_rng(months)
    frailty = random.gamma(1.0 / variance, variance, n)
    stays = np.exp(-hazard[real.sector[real.founder]] * frailty[:, None] * months)
    shares: Array = (random.random(stays.shape) < stays).mean(axis=1)
    return shares
