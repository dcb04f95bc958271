"""Initialisation (ODD): parameters of size and start, and the first day: partners drawn from their sectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.core.declare import Declared, param
from sim.model import random_streams
from sim.model.arrays import (
    TINY,
    Array,
    any_nonzero,
    at_least,
    flag,
    logistic,
    logit,
    over_partners,
    over_traits,
    per_trait,
    power,
)
from sim.model.members import Roster
from sim.model.random_streams import RandomStreams, high_uniform, normal
from sim.model.sectors import DNA, SECTORS, Sectors, sector_names
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
        3, unit="segments", low=1, high=200, structural=True, doc="Market segments of competing members"
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
        0.084, unit="value/month", low=0, high=2, symbol="A0", doc="Median net benefit a member expects"
    )
    aspiration_spread: float = param(0.63, unit="log", low=0, high=2, doc="Standard deviation of aspiration")
    goodwill: float = param(
        7.1,
        unit="value",
        low=0,
        high=1e6,
        symbol="G0",
        source="assumption; initial goodwill buffers early exit (Fichman & Levinthal 1991)",
        doc="Median goodwill of a member at the start",
    )
    goodwill_spread: float = param(0.5, unit="log", low=0, high=2, doc="Standard deviation of goodwill at the start")
    optimism: float = param(
        1.4,
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
    match_spread: float = param(
        2.3,
        unit="value/month",
        low=0,
        high=5,
        source="assumption; members find out by taking part how well they fit (Jovanovic 1979 on jobs)",
        doc="Standard deviation of what a full stock is worth to a member beyond what the model says",
    )
    best_match_first: float = param(
        0.57,
        unit="1",
        low=0,
        high=0.99,
        doc="Correlation of that with the order of joining, where a roster says it: who matches best joins first",
    )
    match_shared: float = param(
        0.44,
        unit="1",
        low=0,
        high=1,
        source="assumption; lists of like size, mix and fee keep very different shares of their members",
        doc="Share of the variance of that match that members of one partnership have in common",
    )
    tenure: float = param(
        0.0,
        unit="months",
        low=0,
        high=120,
        doc="How long ago founders joined at most, evenly spread: it sets the date of their first renewal",
    )
    depth: float = param(
        1.25,
        unit="1",
        low=0.5,
        high=3,
        source="assumption; depth of expertise pays (Nooteboom et al. 2007), no source gives how much",
        doc="Returns to depth: a share of expertise E in one of D domains counts as (E D)^depth / D; 1 for none",
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


def first_day(params: Scenario, streams: RandomStreams, roster: Roster | None = None) -> State:
    """Draw every partner and partnership of a batch of runs.

    Args:
        params: the parameters of the runs.
        streams: their random streams.
        roster: which sector each member is of, and when it joins, where that is known.

    Returns:
        The state at month 0.
    """
    founders, slots, n_runs = params.size.partners, params.size.partners + params.size.candidates, streams.n_runs
    ones, one = np.ones((slots, n_runs)), np.ones((1, n_runs))
    zeros, zero = ones * 0.0, one * 0.0

    def z(block: int) -> Array:
        return normal(streams.partner(0, block), 0)

    def z_traits(block: int, n: int) -> Array:
        return np.stack([z(block + k) for k in range(n)], axis=1)

    if roster is None:
        sector = _sectors(params.sectors, founders, slots, one)
        founder = ones * (np.arange(slots) < founders)[:, None]
        joined = -np.floor(
            random_streams.low_uniform(streams.partner(0, random_streams.CALENDAR)) * params.start.tenure
        )
    else:
        sector, joined = roster.column("sector") * one, roster.column("joins") * one
        founder = flag(joined <= 0.0)
    names = sector_names(params.sectors)
    kinds = [flag(sector == k) for k in range(len(names))]

    def by_sector(name: str) -> Array:
        profiles = (getattr(params.sectors, s) for s in names)
        values: Array = sum(kind * getattr(one, name) for kind, one in zip(kinds, profiles, strict=True))
        return values

    centre = np.stack([by_sector(d) for d in DNA], axis=1)
    distance, within = per_trait(params.sectors.distance), per_trait(params.sectors.within)

    def known(name: str, drawn: Array) -> Array:
        """Put what a roster says of members in place of what was drawn."""
        return drawn if roster is None else roster.known(name, drawn)

    segment = known("segment", _segments(by_sector("in_market"), params.size.segments, streams))
    base_aspiration = params.start.aspiration * np.exp(params.start.aspiration_spread * z(random_streams.ASPIRATION))
    patience = params.start.goodwill * np.exp(params.start.goodwill_spread * z(random_streams.PATIENCE))
    resources = np.exp(params.start.resources_spread * z(random_streams.RESOURCES))
    trust = logistic(logit(params.start.trust) + params.start.trust_spread * z(random_streams.TRUST))
    reliability = logit(params.start.reliability) + params.start.trust_spread * normal(
        streams.partnership(0, random_streams.RELIABILITY), 0
    )
    proposal = normal(streams.domain(0, random_streams.PROPOSAL), 0)[None]
    n_domains = params.size.domains
    contrast = params.sectors.contrast

    def times(name: str) -> Array:
        """Return a sector's multiple of the value for all, as far as sectors differ; 1 where they do not."""
        return power(by_sector(name), contrast)

    base_aspiration, patience, resources = (
        base_aspiration * times("aspiration"),
        patience * times("goodwill"),
        known("size", resources * times("resources")),
    )
    match_bits, calendar_bits = (streams.partner(0, block) for block in (random_streams.MATCH, random_streams.CALENDAR))
    place = _order_of_joining(slots, founders)
    early = params.start.best_match_first if roster is not None and roster.ordered else 0.0
    dues = params.rules.membership
    shared = params.start.match_shared
    of_all = normal(streams.partnership(0, random_streams.MATCH), 0)
    match = (1.0 - early**2) ** 0.5 * normal(match_bits, 0) + early * place
    fee = dues.fee * known("fee", by_sector("fee") * np.exp(dues.fee_spread * normal(match_bits, 1)))
    readiness = [
        known(
            "readiness",
            logistic(
                logit(params.rules.readiness.typical)
                + contrast * by_sector(name)
                + params.rules.readiness.spread * normal(streams.partner(0, random_streams.READINESS), k)
            ),
        )
        for k, name in enumerate(("routine", "representative"))
    ]
    return State(
        month=0,
        sector=sector,
        founder=founder,
        dna=distance * centre + within * z_traits(random_streams.DNA, len(DNA)),
        expertise=_deepened(
            _simplex(
                np.log(_profiles(sector, params))
                + per_trait(params.start.expertise_spread) * z_traits(random_streams.EXPERTISE, n_domains)
            ),
            params.start.depth,
        ),
        goals=_simplex(
            _wanted(kinds, params, n_domains)
            + per_trait(params.start.goals_spread) * z_traits(random_streams.GOALS, n_domains)
        ),
        resources=resources,
        sensitivity=known(
            "sensitivity",
            logistic(
                logit(by_sector("sensitivity")) + params.sectors.sensitivity_spread * z(random_streams.SENSITIVITY)
            ),
        ),
        mission=known(
            "mission", logistic(logit(by_sector("mission")) + params.sectors.mission_spread * z(random_streams.MISSION))
        ),
        segment=segment,
        in_segment=np.stack([flag(segment == g) for g in range(params.size.segments)], axis=1),
        need=params.start.need
        * known("need", times("need") * np.exp(params.start.need_spread * z(random_streams.NEED))),
        match=params.start.match_spread * ((1.0 - shared) ** 0.5 * match + shared**0.5 * of_all),
        turnover=times("turnover"),
        representative_shift=contrast * by_sector("representative"),
        other_rate=times("other_rate"),
        exposure=times("exposure"),
        fee=fee,
        on_calendar=flag(high_uniform(calendar_bits) < dues.on_calendar) * ones,
        since=joined * founder,
        joins=at_least(joined, 0.0),
        stays=zeros if roster is None else zeros + roster.stays(params.now),
        leaves=zeros if roster is None else zeros + roster.column("leaves"),
        going=zeros,
        news=params.rules.commitment.news * normal(match_bits, 2),
        trend=zeros,
        common=zero,
        departing=zero,
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
        value_contributed=zeros,
        ledger=zeros,
        knowledge=zeros,
        staff=one,
        dues=over_partners(fee * founder) * flag(dues.term > 0.0) / np.maximum(dues.term, TINY) + zero,
        budget=one * params.grant.budget,
        phase=zero,
        fund=one * params.grant.months,
        stock=np.zeros((1, n_domains, n_runs)),
        agenda=_simplex(per_trait(params.start.proposal_spread) * proposal),
        understanding=one * params.start.understanding,
        pace=one,
        plan=zero,
        tension_information=zero,
        tension_interest=zero,
        tension_resource=zero,
        tension=zero,
        reliability=logistic(reliability),
        society_value=zero,
        places=over_partners(founder),
    )


def _sectors(params: Sectors, founders: int, slots: int, one: Array) -> Array:
    """Share the places out by quota: founders and candidates each follow the mix as closely as they can."""
    place = np.arange(slots)[:, None]
    later = place >= founders
    position = np.where(later, (place - founders + 0.5) / max(slots - founders, 1), (place + 0.5) / founders)
    shares = [getattr(params, s).share * one for s in sector_names(params)]
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
    """Return each sector's expertise: most of it in its home domains, those numbered like the sector modulo 4.

    A further sector has the home domains of one of the four, or none: then its expertise is spread evenly.
    """
    n_domains, special = params.size.domains, per_trait(params.sectors.specialisation)
    homes = [getattr(getattr(params.sectors, s), "home", s) for s in sector_names(params.sectors)]
    numbers = [-1 if s is None else SECTORS.index(s) % min(n_domains, len(SECTORS)) for s in homes]
    kinds = [flag(sector == k) for k in range(len(homes))]
    nobody = sector * 0.0
    home = np.stack(
        [
            sum((kind for kind, number in zip(kinds, numbers, strict=True) if number == d % len(SECTORS)), nobody)
            for d in range(n_domains)
        ],
        axis=1,
    )
    shares: Array = (1.0 - special) / n_domains + special * home / np.maximum(per_trait(over_traits(home)), 1.0)
    return shares


def _order_of_joining(slots: int, founders: int) -> Array:
    """Give founders, and candidates among themselves, a standard normal score that falls with their place."""
    from scipy.special import ndtri

    size = np.where(np.arange(slots) < founders, founders, max(slots - founders, 1))
    place = np.where(np.arange(slots) < founders, np.arange(slots), np.arange(slots) - founders)
    scores: Array = ndtri(1.0 - (place + 0.5) / size)
    return scores[:, None]


def _wanted(kinds: list[Array], params: Scenario, n_domains: int) -> Array | float:
    """Return the logarithm of a sector's mean goals over the domains, 0 where goals do not follow it.

    What it wants of a sector's knowledge is spread over that sector's home domains, as expertise is.
    """
    follow = params.sectors.goals_by_sector
    if not any_nonzero(follow):
        return 0.0
    homes = [[d for d in range(n_domains) if d % len(SECTORS) == k % n_domains] for k in range(len(SECTORS))]
    logs: Array | float = 0.0
    for kind, name in zip(kinds, sector_names(params.sectors), strict=True):
        profile: Array = np.zeros((1, n_domains, 1))
        for domains, owner in zip(homes, SECTORS, strict=True):
            share = np.array([d in domains for d in range(n_domains)])[None, :, None] / len(domains)
            profile = profile + per_trait(getattr(getattr(params.sectors, name).wants, owner)) * share
        profile = profile / per_trait(over_traits(profile))
        logs = logs + per_trait(kind) * np.log(1.0 - per_trait(follow) + per_trait(follow) * profile * n_domains)
    return logs


def _deepened(shares: Array, depth: Array | float) -> Array:
    """Let depth pay: (E D)^depth / D; an even spread over the domains keeps its value."""
    if not any_nonzero(np.subtract(depth, 1.0)):
        return shares
    n_domains = shares.shape[1]
    return np.where(per_trait(depth) == 1.0, shares, power(shares * n_domains, per_trait(depth)) / n_domains)


def _simplex(logs: Array) -> Array:
    """Turn real numbers per domain into shares that sum to 1."""
    weights = np.exp(logs)
    return weights / per_trait(over_traits(weights))
