"""``Scenario``: the one object a run needs besides a policy and a seed."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ValidationError, model_validator

from sim.core.declare import Declared, group, param
from sim.core.errors import InputError, near, readable
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
from sim.model.sectors import SectorProfile, Sectors, sector_names
from sim.model.shocks import Shocks
from sim.model.structure import Structure


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
TOGETHER = ("size.partners", "size.segments", FORCED_MONTH, FORCED_MEMBER, LOSS_MONTH, LOSS_SEGMENT)


def together(scenario: "Scenario") -> dict[str, Any]:
    """Give the parameters that are checked against each other: dotted path -> value."""
    shares = (f"sectors.{name}.share" for name in sector_names(scenario.sectors))
    return {path: value_at(scenario, path) for path in (*TOGETHER, *shares)}


def contradictions(values: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """Say where parameters contradict each other: a truth value (or one per run) and the sentence, per rule.

    Args:
        values: those of ``together``, some with a number per run in their place.
    """
    partners, segments = values["size.partners"], values["size.segments"]
    return [
        (
            sum(share for path, share in values.items() if path.endswith(".share")) <= 0,
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
    structure: Structure = group(Structure)
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
        for where, problem in contradictions(together(self)):
            if where:
                raise ValueError(problem)
        return self

    def replace(self, **changes: Any) -> "Scenario":
        """Copy with some parameters changed, named by their dotted paths; a mapping may add a sector.

        Raises:
            InputError: (a ``ValueError``) if there is no such parameter, or a value is not allowed.
        """
        data = self.model_dump()
        for path, value in changes.items():
            set_path(data, path, value)
        try:
            return Scenario.model_validate(data)
        except ValidationError as error:
            raise InputError(readable(error, "", Scenario)) from error


def set_path(data: dict[str, Any], path: str, value: Any) -> None:
    """Set one value in nested dictionaries by its dotted path; unknown names are refused with near ones."""
    *parents, last = path.split(".")
    here = data
    for depth, name in enumerate(parents if _adds_sector(path, value) else [*parents, last]):
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


def _adds_sector(path: str, value: Any) -> bool:
    """Tell whether a dotted path and its value are a sector with its profile, which need not be there yet."""
    return path.startswith("sectors.") and path.count(".") == 1 and isinstance(value, (Mapping, SectorProfile))
