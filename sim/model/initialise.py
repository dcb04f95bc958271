"""Initialisation (ODD): parameters of size and start, and the first day: partners drawn from their sectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.core.declare import Declared, param
from sim.model import random_streams
from sim.model.arrays import Array, flag, logistic, logit, over_traits, per_trait
from sim.model.random_streams import RandomStreams, high_uniform, normal
from sim.model.sectors import DNA, SECTORS, Sectors
from sim.model.state import State

if TYPE_CHECKING:
    from sim.model.scenario import Scenario


class Size(Declared):
    """What shapes the arrays: the same for all runs of a batch."""

    partners: int = param(
        24,
        unit="members",
        low=2,
        high=5000,
        symbol="N0",
        structural=True,
        source="Alliance for Responsible Denim listed 51 with suppliers and experts, brands are fewer",
        doc="Members at the start",
    )
    candidates: int = param(
        0, unit="members", low=0, high=5000, structural=True, doc="Organisations that may join later"
    )
    domains: int = param(4, unit="domains", low=2, high=8, symbol="D", structural=True, doc="Domains of knowledge")
    segments: int = param(
        3, unit="segments", low=1, high=12, structural=True, doc="Market segments of competing members"
    )
    ties: int = param(
        8,
        unit="ties",
        low=1,
        high=32,
        structural=True,
        doc="Inside ties a member can keep; a new one beyond that replaces the oldest",
    )


class Start(Declared):
    """How partners differ, and how the partnership starts: eager, on a grant."""

    resources_spread: float = param(
        0.4,
        unit="log",
        low=0,
        high=2,
        doc="Standard deviation of size; the median is 1, so more spread also means larger members on average",
    )
    need: float = param(60.0, unit="value", low=1, high=1000, doc="Median private value that would satisfy a member")
    need_spread: float = param(0.4, unit="log", low=0, high=2, doc="Standard deviation of need")
    aspiration: float = param(
        0.15, unit="value/month", low=0, high=2, symbol="A0", doc="Median net benefit a member expects"
    )
    aspiration_spread: float = param(0.5, unit="log", low=0, high=2, doc="Standard deviation of aspiration")
    goodwill: float = param(
        8.0,
        unit="value",
        low=0,
        high=1e6,
        symbol="G0",
        source="assumption; initial goodwill buffers early exit (Fichman & Levinthal 1991)",
        doc="Median goodwill of a member at the start",
    )
    goodwill_spread: float = param(0.5, unit="log", low=0, high=2, doc="Standard deviation of goodwill at the start")
    optimism: float = param(
        1.0,
        unit="value/month",
        low=0,
        high=5,
        symbol="opt",
        source="assumption; an eager start (Het Klimaatkantoor 2020)",
        doc="Net benefit expected at the start, above aspiration",
    )
    engagement: float = param(0.8, unit="1", low=0, high=1, doc="Engagement at the start")
    disclosure: float = param(0.5, unit="1", low=0, high=1, doc="Disclosure at the start")
    understanding: float = param(0.1, unit="1", low=0, high=1, doc="Shared understanding at the start")
    trust: float = param(0.6, unit="1", low=0.02, high=0.98, symbol="tau_0", doc="Median trust at the start")
    trust_weight: float = param(
        5.0, unit="observations", low=0.1, high=100, doc="Evidence that initial trust stands for"
    )
    reliability: float = param(
        0.6,
        unit="1/month",
        low=0.02,
        high=0.98,
        symbol="q_P",
        doc="Median probability that a month's evidence on the partnership is good",
    )
    trust_spread: float = param(
        0.65,
        unit="logit",
        low=0,
        high=3,
        doc="Standard deviation of initial trust and of reliability, drawn independently",
    )
    expertise_spread: float = param(0.6, unit="log", low=0, high=3, doc="Standard deviation of expertise by domain")
    goals_spread: float = param(1.0, unit="log", low=0, high=3, doc="Standard deviation of private goals by domain")
    proposal_spread: float = param(
        0.8,
        unit="log",
        low=0,
        high=3,
        source="assumption; the grant proposal serves as the plan (Het Klimaatkantoor 2020)",
        doc="How one-sided the agenda of the grant proposal is",
    )


def first_day(params: Scenario, streams: RandomStreams) -> State:
    """Draw every partner and partnership of a batch of runs.

    Args:
        params: the parameters of the runs.
        streams: their random streams.

    Returns:
        The state at month 0.
    """
    founders, slots, n_runs = params.size.partners, params.size.partners + params.size.candidates, streams.n_runs
    ones, one = np.ones((slots, n_runs)), np.ones((1, n_runs))
    zeros, zero = ones * 0.0, one * 0.0
    founder = ones * (np.arange(slots) < founders)[:, None]

    def z(block: int) -> Array:
        return normal(streams.partner(0, block), 0)

    def z_traits(block: int, n: int) -> Array:
        return np.stack([z(block + k) for k in range(n)], axis=1)

    sector = _sectors(params.sectors, founders, slots, one)
    kinds = [flag(sector == k) for k in range(len(SECTORS))]

    def by_sector(name: str) -> Array:
        values: Array = sum(
            kind * getattr(getattr(params.sectors, s), name) for kind, s in zip(kinds, SECTORS, strict=True)
        )
        return values

    centre = np.stack([by_sector(d) for d in DNA], axis=1)
    distance, within = per_trait(params.sectors.distance), per_trait(params.sectors.within)
    segment = _segments(by_sector("in_market"), params.size.segments, streams)
    base_aspiration = params.start.aspiration * np.exp(params.start.aspiration_spread * z(random_streams.ASPIRATION))
    patience = params.start.goodwill * np.exp(params.start.goodwill_spread * z(random_streams.PATIENCE))
    resources = np.exp(params.start.resources_spread * z(random_streams.RESOURCES))
    trust = logistic(logit(params.start.trust) + params.start.trust_spread * z(random_streams.TRUST))
    reliability = logit(params.start.reliability) + params.start.trust_spread * normal(
        streams.partnership(0, random_streams.RELIABILITY), 0
    )
    proposal = normal(streams.domain(0, random_streams.PROPOSAL), 0)[None]
    n_domains = params.size.domains
    readiness = [
        logistic(
            logit(params.rules.readiness.typical)
            + params.rules.readiness.spread * normal(streams.partner(0, random_streams.READINESS), k)
        )
        for k in (0, 1)
    ]
    return State(
        month=0,
        sector=sector,
        founder=founder,
        dna=distance * centre + within * z_traits(random_streams.DNA, len(DNA)),
        expertise=_simplex(
            np.log(_profiles(sector, params))
            + per_trait(params.start.expertise_spread) * z_traits(random_streams.EXPERTISE, n_domains)
        ),
        goals=_simplex(per_trait(params.start.goals_spread) * z_traits(random_streams.GOALS, n_domains)),
        resources=resources,
        sensitivity=logistic(
            logit(by_sector("sensitivity")) + params.sectors.sensitivity_spread * z(random_streams.SENSITIVITY)
        ),
        mission=logistic(logit(by_sector("mission")) + params.sectors.mission_spread * z(random_streams.MISSION)),
        segment=segment,
        in_segment=np.stack([flag(segment == g) for g in range(params.size.segments)], axis=1),
        need=params.start.need * np.exp(params.start.need_spread * z(random_streams.NEED)),
        base_aspiration=base_aspiration,
        patience=patience,
        member=founder.copy(),
        left=zeros,
        left_month=zeros,
        left_reason=zeros,
        interest=ones,
        routine=readiness[0],
        representative=readiness[1],
        engagement=ones * params.start.engagement,
        participation=founder * params.start.engagement,
        disclosure=ones * params.start.disclosure,
        trust_for=params.start.trust_weight * trust,
        trust_against=params.start.trust_weight * (1.0 - trust),
        benefit=base_aspiration + params.start.optimism,
        leak_loss_smoothed=zeros,
        goodwill_lost_to_leaks=zeros,
        goodwill=patience,
        inside=zeros,
        outside=zeros,
        contacts=zeros,
        n_ties=zeros,
        tie_to=np.full((slots, params.size.ties, n_runs), -1, dtype=np.int16),
        tie_since=np.zeros((slots, params.size.ties, n_runs), dtype=np.int16),
        business_model=zeros,
        needs_met=zeros,
        reserve=params.rules.participation.reserve * resources,
        ledger=zeros,
        knowledge=zeros,
        staff=one,
        budget=one * params.grant.budget,
        phase=zero,
        fund=one * params.grant.months,
        stock=np.zeros((1, n_domains, n_runs)),
        agenda=_simplex(per_trait(params.start.proposal_spread) * proposal),
        understanding=one * params.start.understanding,
        plan=zero,
        tension_information=zero,
        tension_interest=zero,
        tension_resource=zero,
        tension=zero,
        reliability=logistic(reliability),
        society_value=zero,
    )


def _sectors(params: Sectors, founders: int, slots: int, one: Array) -> Array:
    """Share the places out by quota: founders and candidates each follow the mix as closely as they can."""
    place = np.arange(slots)[:, None]
    later = place >= founders
    position = np.where(later, (place - founders + 0.5) / max(slots - founders, 1), (place + 0.5) / founders)
    shares = [getattr(params, s).share * one for s in SECTORS]
    total, upper, sector = sum(shares), one * 0.0, position * one * 0.0
    for share in shares[:-1]:
        upper = upper + share / total
        sector = sector + flag(position >= upper)
    return sector


def _segments(in_market: Array, n_segments: int, streams: RandomStreams) -> Array:
    """Put each member that competes in a market segment, all equally likely; -1 for the others."""
    bits = streams.partner(0, random_streams.SEGMENT)
    competes = flag(random_streams.low_uniform(bits) < in_market)
    return competes * (np.floor(high_uniform(bits) * n_segments) + 1.0) - 1.0


def _profiles(sector: Array, params: Scenario) -> Array:
    """Return each sector's expertise: most of it in its home domains, those numbered like the sector modulo 4."""
    n_domains, special = params.size.domains, per_trait(params.sectors.specialisation)
    owner = np.arange(n_domains) % len(SECTORS)
    home = np.stack([flag(sector % min(n_domains, len(SECTORS)) == k) for k in owner], axis=1)
    shares: Array = (1.0 - special) / n_domains + special * home / np.maximum(per_trait(over_traits(home)), 1.0)
    return shares


def _simplex(logs: Array) -> Array:
    """Turn real numbers per domain into shares that sum to 1."""
    weights = np.exp(logs)
    return weights / per_trait(over_traits(weights))
