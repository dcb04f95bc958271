"""What a partnership is made of at the start: its sizes, and how partners differ."""

from sim.declare import Declared, param


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
        doc="Median patience of a member at the start",
    )
    goodwill_spread: float = param(0.5, unit="log", low=0, high=2, doc="Standard deviation of patience")
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
