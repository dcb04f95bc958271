"""``Scenario``: the one object a run needs besides a policy and a seed."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import model_validator

from sim.core.declare import Declared, group, param
from sim.core.errors import InputError, near
from sim.model.effort import Prices
from sim.model.initialise import Size, Start
from sim.model.rules.capture import Capture
from sim.model.rules.commitment import Commitment
from sim.model.rules.connecting import Connecting
from sim.model.rules.creation import Creation
from sim.model.rules.funding import Grant
from sim.model.rules.information import Information
from sim.model.rules.leak import Leak
from sim.model.rules.membership import Membership
from sim.model.rules.orchestrator import Orchestrator
from sim.model.rules.participation import Participation
from sim.model.rules.readiness import Readiness
from sim.model.rules.tension import Tension
from sim.model.rules.trust import Trust
from sim.model.rules.understanding import Understanding
from sim.model.sectors import SECTORS, Sectors
from sim.model.shocks import Shocks


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


FORCED_MONTH, FORCED_MEMBER = "shocks.forced_exit.month", "shocks.forced_exit.member"
LOSS_MONTH, LOSS_SEGMENT = "shocks.loss_of_interest.month", "shocks.loss_of_interest.segment"
SHARES = tuple(f"sectors.{s}.share" for s in SECTORS)
TOGETHER = ("size.partners", "size.segments", FORCED_MONTH, FORCED_MEMBER, LOSS_MONTH, LOSS_SEGMENT, *SHARES)
"""Parameters that are checked against each other."""


def contradictions(values: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """Say where parameters contradict each other: a truth value (or one per run) and the sentence, per rule."""
    partners, segments = values["size.partners"], values["size.segments"]
    return [
        (
            sum(values[s] for s in SHARES) <= 0,
            "sectors: at least one sector needs a share above 0 (sectors.<name>.share)",
        ),
        (
            (values[FORCED_MONTH] > 0) & (values[FORCED_MEMBER] >= partners),
            f"shocks.forced_exit.member is not a member; members are 0 to {partners - 1} (size.partners)",
        ),
        (
            (values[LOSS_MONTH] > 0) & (values[LOSS_SEGMENT] >= segments),
            f"shocks.loss_of_interest.segment is not a segment; segments are 0 to {segments - 1} (size.segments) or -1",
        ),
    ]


class Scenario(Declared):
    """What is given: members, market, grant and events; the default is a neutral reference.

    Example: ``Scenario().replace(**{"rules.leak.rate": 0.1, "size.partners": 12})``.
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
    targeting: Literal["estimate", "random", "perfect_information"] = param(
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
        for where, problem in contradictions({path: value_at(self, path) for path in TOGETHER}):
            if where:
                raise ValueError(problem)
        return self

    def replace(self, **changes: Any) -> "Scenario":
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


def value_at(scenario: Any, path: str) -> Any:
    """Return the value at a dotted path of a scenario."""
    for name in path.split("."):
        scenario = getattr(scenario, name)
    return scenario
