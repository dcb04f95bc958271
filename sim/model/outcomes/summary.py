"""Outcomes of a whole run: one number per run, from the monthly outcomes and the state at the end; shape (runs,)."""

from collections.abc import Callable
from functools import cache, reduce

import numpy as np

from sim.model.arrays import TINY, Array, differences, flag, mean_over, over_partners, sum_over
from sim.model.outcomes.base import Outcome
from sim.model.sectors import SECTORS
from sim.model.state import FRUSTRATED, OTHER, SATISFIED, State

History = dict[str, Array]
"""Monthly outcomes, each of shape (months, runs)."""

Measure = Callable[[History, State], Array]


def retention_in(month: int | None) -> Measure:
    """Measure the share of the founders that are still there after some months, or at the end."""

    def retention(h: History, s: State) -> Array:
        n = h["n_founders"]
        if month is not None and month > len(n):
            return np.full(n.shape[-1], np.nan)
        share: Array = n[-1 if month is None else month - 1] / over_partners(s.founder)[0]
        return share

    return retention


def _exits(reason: int) -> Measure:
    return lambda h, s: over_partners(flag(s.left_reason == reason))[0]


def months_alive(h: History, s: State) -> Array:
    """Count the months with at least two members."""
    months: Array = np.sum(h["n_members"] >= 2.0, axis=0) * 1.0
    return months


def _exit_rate(h: History, s: State) -> Array:
    at_risk = over_partners(s.founder)[0] + np.sum(h["n_members"], axis=0) - h["n_members"][-1]
    rate: Array = over_partners(s.left)[0] / np.maximum(at_risk, 1.0)
    return rate


def _collective(h: History, s: State) -> Array:
    created: Array = np.sum(h["value_created"], axis=0)
    return created / np.maximum(months_alive(h, s), 1.0)


def _private(k: int | None) -> Measure:
    def private(h: History, s: State) -> Array:
        who = s.founder if k is None else s.founder * flag(s.sector == k)
        count = over_partners(who)[0]
        return np.where(count > 0, mean_over(s.needs_met, who)[0], np.nan)

    return private


def private_of(k: int, sector: str) -> Outcome:
    """Declare the private value of a sector's founders."""
    doc = f"Private value captured by a founder from the {sector} sector, mean"
    return Outcome(f"private_{sector}", "value/founder", doc, "more", _private(k))


def fairness_of(n_sectors: int) -> Outcome:
    """Declare fairness between a number of sectors: NaN where nothing was captured."""

    def fairness(h: History, s: State) -> Array:
        by_sector = [_private(k)(h, s) for k in range(n_sectors)]
        best, least = reduce(np.fmax, by_sector), reduce(np.fmin, by_sector)
        return np.where(best > 0, least / np.where(best > 0, best, 1.0), np.nan)

    doc = "Fairness between sectors: private value of a founder in the least over the best served sector"
    return Outcome("private_fairness", "1", doc, "more", fairness)


def _gini(h: History, s: State) -> Array:
    """Gini coefficient of captured value among founders, 0 where nothing was captured."""
    founders, total = over_partners(s.founder), sum_over(s.needs_met, s.founder)
    gini = differences(s.needs_met, s.founder) / np.maximum(founders * total, TINY)
    shares: Array = np.where(total > 0, gini, 0.0)[0]
    return shares


def _content_at(month: int) -> Measure:
    return lambda h, s: (
        h["content"][month - 1] if month <= len(h["content"]) else np.full(h["content"].shape[-1], np.nan)
    )


SUMMARY: tuple[Outcome, ...] = (
    Outcome("retention_24", "1", "Founding members still there after 24 months", "more", retention_in(24)),
    Outcome("retention_60", "1", "Founding members still there after 60 months", "more", retention_in(60)),
    Outcome("retention", "1", "Founding members still there at the end", "more", retention_in(None)),
    Outcome("exits_satisfied", "members", "Left satisfied", "", _exits(SATISFIED)),
    Outcome("exits_frustrated", "members", "Left frustrated", "less", _exits(FRUSTRATED)),
    Outcome("exits_other", "members", "Left for reasons outside the model", "", _exits(OTHER)),
    Outcome(
        "exit_rate", "1/month", "Members leaving in a month, of those there, mean over the run", "less", _exit_rate
    ),
    Outcome("months_alive", "months", "Months with at least two members", "more", months_alive),
    Outcome(
        "collective_value",
        "value per founder/month",
        "Collective value created in a month, mean while two or more take part",
        "more",
        _collective,
    ),
    Outcome(
        "society_value",
        "value per founder",
        "Value created for society by the end",
        "more",
        lambda h, s: s.society_value[0],
    ),
    Outcome("private_value", "value/founder", "Private value captured by a founder, mean", "more", _private(None)),
    *(private_of(k, name) for k, name in enumerate(SECTORS)),
    fairness_of(len(SECTORS)),
    Outcome("private_gini", "1", "Inequality of captured value among founders (Gini)", "less", _gini),
    Outcome(
        "private_net",
        "value/founder",
        "Captured + gained - lost - cost net of subsidy of a founder, mean",
        "more",
        lambda h, s: mean_over(s.ledger, s.founder)[0],
    ),
    Outcome(
        "content_24",
        "1",
        "Members whose net benefit exceeds what they expect, after 24 months",
        "more",
        _content_at(24),
    ),
    Outcome(
        "tension_mean",
        "1",
        "Tension, mean over the months with members",
        "less",
        lambda h, s: np.nanmean(h["tension"], axis=0),
    ),
    Outcome(
        "trust_end",
        "1",
        "Mean trust of members at the end",
        "more",
        lambda h, s: np.where(h["n_members"][-1] > 0, mean_over(s.trust, s.member)[0], np.nan),
    ),
    Outcome(
        "effort_spent", "effort", "Effort the orchestrator spent", "less", lambda h, s: h["effort_spent"].sum(axis=0)
    ),
    Outcome(
        "subsidy_paid",
        "value/founder",
        "Part of the cost of taking part that the grant paid, all members",
        "less",
        lambda h, s: h["subsidy"].sum(axis=0) / over_partners(s.founder)[0],
    ),
)


@cache
def summary_of(sectors: tuple[str, ...]) -> tuple[Outcome, ...]:
    """List the outcomes of a run where there are these sectors: the further ones add theirs."""
    fairness = fairness_of(len(sectors))
    shipped = (fairness if o.name == fairness.name else o for o in SUMMARY)
    return (*shipped, *(private_of(k, name) for k, name in enumerate(sectors) if k >= len(SECTORS)))
