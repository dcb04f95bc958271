"""``Scenario``: the one object a run needs besides a policy and a seed."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ValidationError, field_validator, model_validator

from sim.core.declare import Declared, Parameter, count_as_stated, group, param, parameters, stated
from sim.core.errors import InputError, near, readable
from sim.core.plugins import looks_like_path, names_file
from sim.model import dated_events, members
from sim.model.dated_events import Event
from sim.model.effort import Prices
from sim.model.initialise import Size, Start
from sim.model.members import Member
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
    replace: dict[str, dict[str, str]] = param(
        {},
        unit="",
        source="scenario",
        structural=True,
        doc="Rules of a user's own in place of the shipped ones: {membership.leave: my_rules.py:leave}",
    )

    @field_validator("replace", mode="before")
    @classmethod
    def _read_replaced(cls, value: Any) -> Any:
        """Read dotted names, and leave out what replaces nothing (null)."""
        return _by_file(value) if isinstance(value, Mapping) else value

    def __hash__(self) -> int:
        return hash(self.model_dump_json())  # a mapping has no hash of its own


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
    members: tuple[Member, ...] = param(
        (),
        unit="",
        source="roster",
        structural=True,
        doc="The members by name, as far as they are known; none: all are drawn. They set size.partners and candidates",
    )
    events: tuple[Event, ...] = param(
        (),
        unit="",
        source="scenario",
        structural=True,
        doc="Dated events, as many as wanted",
    )
    now: int = param(
        0,
        unit="month",
        low=0,
        high=1200,
        source="roster",
        structural=True,
        doc="Month up to whose end it is known who joined and who left; 0: nothing is known yet",
    )
    begins: str | None = param(
        None, unit="", source="roster", structural=True, doc="Calendar date of month 1, as 2025-03, where it has one"
    )
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

    outcomes: tuple[str, ...] = param(
        (),
        unit="",
        source="scenario",
        structural=True,
        doc="Outcomes measured besides those that ship: of a group (retention_of_private), or a file (my_outcomes.py)",
    )

    @model_validator(mode="before")
    @classmethod
    def _size_by_roster(cls, values: Any) -> Any:
        """Let a roster set how many founders and later members there are."""
        if not (isinstance(values, Mapping) and isinstance(values.get("members"), (list, tuple)) and values["members"]):
            return values
        joins = [m.get("joins", 0) if isinstance(m, Mapping) else getattr(m, "joins", 0) for m in values["members"]]
        later = sum(isinstance(j, int) and j > 0 for j in joins)
        if len(joins) - later < 2:
            raise ValueError("members: fewer than two are there at the start; give at least two founders (no `joins`)")
        size = values.get("size", {})
        size = dict(size) if isinstance(size, Mapping) else size.model_dump()
        return {**values, "size": size | {"partners": len(joins) - later, "candidates": later}}

    @field_validator("members")
    @classmethod
    def _founders_first(cls, value: tuple[Member, ...]) -> tuple[Member, ...]:
        return members.in_order(value)

    @field_validator("events")
    @classmethod
    def _events_in_order(cls, value: tuple[Event, ...]) -> tuple[Event, ...]:
        return tuple(sorted(value, key=lambda e: e.month))

    @property
    def plugins(self) -> tuple[str, ...]:
        """Every file and module of a user's own that the numbers depend on: pay-offs, rules and outcomes."""
        rules = [spec for functions in self.rules.replace.values() for spec in functions.values()]
        own = [text for text in (self.payoffs, *rules) if text and looks_like_path(text)]
        return tuple(dict.fromkeys([*own, *filter(names_file, self.outcomes)]))

    @model_validator(mode="after")
    def _check(self) -> "Scenario":
        if not (self.title.isprintable() and 0 < len(self.title) <= 200):
            raise ValueError(f"title = {self.title[:40]!r}: give 1 to 200 printable characters")
        slots = self.size.partners + self.size.candidates
        problems = [problem for where, problem in contradictions(together(self)) if where]
        problems.append(members.problem_of(self.members, sector_names(self.sectors), self.size.segments))
        problems.append(dated_events.problem_of(self.events, slots, self.size.segments))
        if any(problems):
            raise ValueError(next(filter(None, problems)))
        return self

    def replace(self, **changes: Any) -> "Scenario":
        """Copy with some parameters changed, named by their dotted paths; a mapping may add a sector.

        Raises:
            InputError: (a ``ValueError``) if there is no such parameter, or a value is not allowed.
        """
        data = self.model_dump()
        for path, value in changes.items():
            if path in ("size.partners", "size.candidates") and data["members"] and "members" not in changes:
                raise InputError(f"{path}: the roster says who the members are (members); change the roster")
            set_path(data, path, value)
        try:
            changed = Scenario.model_validate(data)
        except ValidationError as error:
            raise InputError(readable(error, "", Scenario)) from error
        count_as_stated(changed, stated(self) | changes.keys())
        return changed


def stated_defaults(scenario: Scenario) -> list[str]:
    """Name the numbers and forms that a scenario states though they are the defaults, by dotted path.

    Nothing varies them where parameters at their defaults are varied. A scenario that states every parameter, as the
    configuration of results does, states none of its defaults.
    """
    named, everything = stated(scenario), list(parameters(scenario))
    if named >= {q.path for q in everything}:
        return []
    usual = {q.path: q.default for q in parameters(Scenario()) if _is_free(q)}
    return [q.path for q in everything if q.path in named and q.path in usual and q.default == usual[q.path]]


def _is_free(fact: Parameter) -> bool:
    """Tell whether a parameter may differ between runs, or is a form that the model may take."""
    return not fact.structural or fact.path.startswith("structure.")


def usual_months(scenario: Scenario) -> int:
    """Give how many months to simulate by default: 60, and at least 36 after what is known of a case."""
    return max(60, scenario.now + 36)


def set_path(data: dict[str, Any], path: str, value: Any) -> None:
    """Set one value in nested dictionaries by its dotted path; unknown names are refused with near ones."""
    *parents, last = path.split(".")
    here = data
    if path.startswith("rules.replace."):  # which rules there are is checked where they are put together
        for name in parents:
            here = here.setdefault(name, {})
        here[last] = value
        return
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


def _by_file(replaced: Mapping[str, Any]) -> dict[str, Any]:
    """Sort replaced rules by file: ``membership.leave: my_rules.py`` is ``membership: {leave: my_rules.py}``."""
    result: dict[str, Any] = {}
    for name, value in replaced.items():
        file, _, function = str(name).partition(".")
        functions = {function: value} if function else value
        if not isinstance(functions, Mapping):
            raise ValueError(f"{name} = {value!r}: name a rule and a file, as {{membership.leave: my_rules.py:leave}}")
        for rule, spec in functions.items():
            if rule in result.get(file, {}):
                raise ValueError(f"{file}.{rule} is replaced twice; name each rule once")
            if spec is not None:
                result.setdefault(file, {})[str(rule)] = spec
    return result


def _adds_sector(path: str, value: Any) -> bool:
    """Tell whether a dotted path and its value are a sector with its profile, which need not be there yet."""
    return path.startswith("sectors.") and path.count(".") == 1 and isinstance(value, (Mapping, SectorProfile))
