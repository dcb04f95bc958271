"""``Scenario``: the one object a run needs besides a policy and a seed."""

from typing import Any, Literal

from pydantic import model_validator

from sim.declare import Declared, group, param
from sim.effort import Prices
from sim.messages import InputError, near
from sim.rules.capture import Capture
from sim.rules.commitment import Commitment
from sim.rules.connecting import Connecting
from sim.rules.creation import Creation
from sim.rules.funding import Grant
from sim.rules.information import Information
from sim.rules.leak import Leak
from sim.rules.membership import Membership
from sim.rules.orchestrator import Orchestrator
from sim.rules.participation import Participation
from sim.rules.readiness import Readiness
from sim.rules.tension import Tension
from sim.rules.trust import Trust
from sim.rules.understanding import Understanding
from sim.sectors import SECTORS, Sectors
from sim.shocks import Shocks


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


class Rules(Declared):
    """The submodels' parameters, each declared beside its rule."""

    information: Information = group(Information)
    tension: Tension = group(Tension)
    creation: Creation = group(Creation)
    capture: Capture = group(Capture)
    leak: Leak = group(Leak)
    participation: Participation = group(Participation)
    commitment: Commitment = group(Commitment)
    trust: Trust = group(Trust)
    understanding: Understanding = group(Understanding)
    readiness: Readiness = group(Readiness)
    connecting: Connecting = group(Connecting)
    orchestrator: Orchestrator = group(Orchestrator)
    membership: Membership = group(Membership)


class Scenario(Declared):
    """A partnership and its circumstances; the default is a neutral reference.

    Example: ``Scenario().with_(**{"rules.leak.rate": 0.1, "size.partners": 12})``.
    """

    title: str = param(
        "Neutral reference", unit="", doc="What the scenario is called", source="scenario", structural=True
    )
    size: Size = group(Size)
    sectors: Sectors = group(Sectors)
    start: Start = group(Start)
    grant: Grant = group(Grant)
    prices: Prices = group(Prices)
    rules: Rules = group(Rules)
    shocks: Shocks = group(Shocks)
    targeting: Literal["estimate", "random", "oracle"] = param(
        "estimate",
        unit="",
        source="scenario",
        structural=True,
        doc="What member estimates rest on: noisy estimates, chance, or the truth",
    )
    payoffs: str | None = param(
        None,
        unit="",
        source="scenario",
        structural=True,
        doc="Python function that replaces pay-offs, as package.module:function or file.py:function",
    )

    @model_validator(mode="after")
    def _check(self) -> "Scenario":
        if not (self.title.isprintable() and 0 < len(self.title) <= 200):
            raise ValueError(f"title = {self.title[:40]!r}: give 1 to 200 printable characters")
        shares = [getattr(self.sectors, s).share for s in SECTORS]
        if sum(shares) <= 0:
            raise ValueError("sectors: at least one sector needs a share above 0 (sectors.<name>.share)")
        if self.shocks.forced_exit.month and self.shocks.forced_exit.member >= self.size.partners:
            raise ValueError(
                f"shocks.forced_exit.member = {self.shocks.forced_exit.member} is not a member; "
                f"members are 0 to {self.size.partners - 1} (size.partners)"
            )
        return self

    def with_(self, **changes: Any) -> "Scenario":
        """Copy with some parameters changed, named by their dotted paths."""
        data = self.model_dump()
        for path, value in changes.items():
            set_path(data, path, value)
        return Scenario.model_validate(data)


def set_path(data: dict[str, Any], path: str, value: Any) -> None:
    """Set one value in nested dictionaries by its dotted path; unknown names are refused with near ones."""
    *parents, last = path.split(".")
    here = data
    for depth, name in enumerate([*parents, last]):
        if not isinstance(here, dict) or name not in here:
            where = ".".join(path.split(".")[:depth]) or "the scenario"
            raise InputError(f"{path}: {where} has no '{name}'; {near(name, here if isinstance(here, dict) else [])}")
        if depth < len(parents):
            here = here[name]
    here[last] = value
