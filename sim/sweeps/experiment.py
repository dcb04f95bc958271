"""``Experiment``: a question, and what has to be simulated to answer it."""

from typing import Any, Literal

from pydantic import ValidationError, field_validator, model_validator

from sim.core.declare import Declared, param
from sim.core.errors import near, readable
from sim.model.outcomes.summary import SUMMARY
from sim.sweeps.designs import DESIGNS, Design

OUTCOMES = tuple(o.name for o in SUMMARY)


def setting(default: Any, doc: str) -> Any:
    """Declare a setting that is no number."""
    return param(default, unit="", doc=doc, source="configuration")


def _known_outcome(name: str) -> str:
    if name not in OUTCOMES:
        raise ValueError(f"there is no outcome '{name}'; {near(name, OUTCOMES)}")
    return name


def _needs(outcome: str) -> int:
    """Say how many months an outcome needs, as its name tells: retention_60."""
    last = outcome.rpartition("_")[2]
    return int(last) if last.isdigit() else 1


class Precision(Declared):
    """Replicates are added until a paired difference is known well enough, point by point."""

    outcome: str = setting("retention_60", "What is compared")
    policy: str = setting("", "Which policy; the last one listed by default")
    baseline: str = setting("", "Against which policy; the first one listed by default")
    half_width: float = param(
        0.02, unit="as the outcome", low=1e-12, high=1e9, doc="Aim for the 95 % interval", source="configuration"
    )
    most: int = param(
        2000, unit="runs", low=2, high=1_000_000, doc="Most replications, however imprecise", source="configuration"
    )

    _outcome = field_validator("outcome")(_known_outcome)


class Figure(Declared):
    """One figure: means over a dimension (lines), or a map over two; differences where ``against`` is given."""

    kind: Literal["lines", "map"] = setting("lines", "lines or map")
    outcome: str = setting("retention_60", "What is shown")
    x: str = setting("", "The dimension along the axis")
    y: str = setting("", "The second dimension of a map")
    by: str = setting("policy", "A line, or a panel of a map, for each value of this")
    panels: str = setting("", "A panel for each value of this")
    against: dict[str, Any] = setting({}, "Show the difference to the runs with this value, e.g. {policy: neutral}")

    _outcome = field_validator("outcome")(_known_outcome)

    @model_validator(mode="after")
    def _whole(self) -> "Figure":
        named = [c for c in (self.x, self.y, self.panels, *([self.by] if self.by != "policy" else [])) if c]
        if len(set(named)) < len(named):
            raise ValueError("a figure needs different dimensions for x, y, by and panels")
        if not self.x or (self.kind == "map") != bool(self.y) or len(self.against) > 1:
            raise ValueError("a figure needs x; a map (and only a map) also y; against names one column")
        if self.kind == "map" and self.panels:
            raise ValueError("a map has a panel for each value of by; leave panels out")
        return self


class Experiment(Declared):
    """What is asked, what is swept, how often, what is kept and drawn."""

    question: str = setting("", "What the experiment answers")
    scenario: str = setting("neutral", "The partnership: a shipped scenario or a YAML file")
    changes: dict[str, Any] = setting({}, "Parameters changed in every run: dotted path -> value")
    policies: list[Any] = setting(["neutral", "adaptive_tracking"], "Who governs; every point under each of them")
    space: dict[str, Any] = setting({}, "What varies")
    constraints: list[str] = setting([], "Which points are left out, e.g. rules.leak.rate < start.trust")
    replications: int = param(
        100, unit="runs", low=1, high=1_000_000, doc="Replications for every point and policy", source="configuration"
    )
    precision: Precision | None = setting(None, "Add replications until a difference is precise")
    months: int = param(60, unit="months", low=1, high=1200, doc="How long to simulate", source="configuration")
    seed: int = param(0, unit="", low=0, high=2**53, doc="The first world", source="configuration")
    engine: Literal["numpy", "compiled"] = setting("numpy", "What calculates; compiled is faster and needs Numba")
    record: list[Literal["series", "events", "members"]] = setting([], "Tables kept besides the runs")
    figures: dict[str, Figure] = setting({}, "Figures by name")
    design: dict[str, Any] = setting({"name": "grid"}, "Which points: name and settings")

    @model_validator(mode="after")
    def _check(self) -> "Experiment":
        if not self.policies and "policy" not in self.space and self.design.get("name") != "file":
            raise ValueError("policies = []: name at least one policy, for example [neutral, adaptive]")
        if any(not (isinstance(p, str) or (isinstance(p, dict) and p.get("name"))) for p in self.policies):
            raise ValueError("policies: give names, files, or {name: adaptive, pause: 3}")
        if self.precision is not None and self.precision.most < self.replications:
            raise ValueError(f"precision.most = {self.precision.most} is below replications = {self.replications}")
        if self.precision is not None and _needs(self.precision.outcome) > self.months:
            raise ValueError(f"precision.outcome = {self.precision.outcome} is not known after {self.months} months")
        if self.precision is not None and self.replications < 10:
            raise ValueError("precision: start from at least replications=10, or the spread itself is not known")
        for name in self.figures:
            if not name.replace("_", "").isalnum():
                raise ValueError(f"figures: {name!r}: a figure's name has letters, digits and _ only")
        self.chosen_design()
        return self

    def chosen_design(self) -> Design:
        """Give the design with its settings."""
        settings = dict(self.design)
        known = {d.name: d for d in DESIGNS}
        name = str(settings.pop("name", "grid"))
        if name not in known:
            raise ValueError(f"design={name!r}: there is no such design; {near(name, known)}")
        try:
            return known[name](**settings)
        except ValidationError as error:
            raise ValueError(readable(error, "design", known[name])) from error

    def plain(self) -> dict[str, Any]:
        """Give everything as plain data, the design's settings written out."""
        design = self.chosen_design()
        return self.model_dump(mode="json") | {"design": {"name": design.name, **design.model_dump(mode="json")}}


class Executor(Declared):
    """Where the runs are simulated. It never changes a result."""

    name: Literal["serial", "processes", "dask"] = setting("processes", "serial, processes or dask")
    workers: int | None = param(
        None, unit="processes", low=1, high=4096, doc="How many; one per core by default", source="configuration"
    )
    address: str | None = setting(None, "dask only: a scheduler's address, e.g. tcp://127.0.0.1:8786")

    @model_validator(mode="after")
    def _check(self) -> "Executor":
        if self.address and self.name != "dask":
            raise ValueError(f"executor.address is for executor=dask, not {self.name}")
        return self
