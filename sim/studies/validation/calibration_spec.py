"""What a calibration says: the prior, the numbers that are known, and how many runs."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError, model_validator

from sim.config.files import names_in, read_yaml
from sim.config.yaml import plain_value
from sim.core.declare import Declared, param
from sim.core.errors import InputError, near, readable
from sim.core.paths import CONFIGS, path_of
from sim.core.plugins import names_file
from sim.model.outcomes import SUMMARY, measuring, outcome_named
from sim.model.outcomes.groups import OF
from sim.model.outcomes.own import own_outcomes
from sim.model.scenario import Scenario

NAME = re.compile("[A-Za-z][A-Za-z0-9_]*")
WITH_ERROR = re.compile(r"\s*(\S+)\s*(?:\+-|\+/-|±)\s*(\S+)\s*")
"""A value and how far the model may lie off, as text: 0.72 +- 0.05."""

TAKEN = ("point", "row", "policy", "seed", "weight", "misfit")
"""Columns that a table of parameter sets has anyway."""

LAST = 1200
"""Last month of a curve."""


def _option(default: Any, doc: str) -> Any:
    return param(default, unit="", doc=doc, source="configuration")


class Target(Declared):
    """A number to agree with: a value or a curve that the model may miss by ``allowed``, or a range.

    A range is about the mean over runs (or the share of runs in which the outcome is at least so much): what misses it
    by more than its error is ruled out. A value is what one partnership showed, or the mean of several: a parameter
    set weighs less the further it misses, in units of ``allowed`` and of chance in so many partnerships.
    """

    outcome: str = _option("", "Which outcome of a run; by default the target's name")
    at_least: float | None = _option(None, "Take the share of runs in which it is at least this")
    value: float | None = _option(None, "What is known of it")
    curve: dict[int, float] = _option({}, "What is known of retention after some months: month -> share")
    allowed: float = _option(0.0, "How far the model may lie off a value or curve, beyond chance (standard deviation)")
    partnerships: int = param(
        1, unit="partnerships", low=1, high=1_000_000, doc="Of how many the value is the mean", source="configuration"
    )
    low: float | None = _option(None, "Lower end of the empirical range")
    high: float | None = _option(None, "Upper end")
    unit: str = _option("", "Unit")
    source: str = _option("", "Where it is from")

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any) -> Any:
        """Read ``0.72 +- 0.05``."""
        match = WITH_ERROR.fullmatch(data) if isinstance(data, str) else None
        if isinstance(data, (str, int, float)) and match is None:
            raise ValueError(f"{data}: say how far the model may lie off, for example 0.72 +- 0.05")
        return data if match is None else {"value": plain_value(match[1]), "allowed": plain_value(match[2])}

    @model_validator(mode="after")
    def _check(self) -> "Target":
        forms = (self.value is not None, bool(self.curve), self.low is not None or self.high is not None)
        if sum(forms) != 1:
            raise ValueError("give one of value (with allowed), curve (with allowed), or low and high")
        if not self.is_range and not self.allowed > 0:
            raise ValueError("say how far the model may lie off: allowed, above 0, for example allowed: 0.05")
        if self.curve and not all(1 <= month <= LAST for month in self.curve):
            raise ValueError(f"curve: months run from 1 to {LAST}")
        if self.is_range and (self.low is None or self.high is None or not self.low < self.high):
            raise ValueError(f"the range from {self.low} to {self.high} is empty; low must be below high")
        if not self.is_range and self.at_least is not None and self.partnerships == 1:
            raise ValueError("at_least: a share of partnerships: say of how many (partnerships: 50)")
        return self

    @property
    def is_range(self) -> bool:
        """Whether it is a range, and not a value or curve."""
        return self.value is None and not self.curve

    @property
    def span(self) -> tuple[float, float]:
        """The range, or what is allowed around the value."""
        if self.value is not None:
            return self.value - self.allowed, self.value + self.allowed
        low, high = self.low, self.high
        return (low or 0.0), (high or 0.0)


class CalibrationSpec(Declared):
    """The prior, the facts, and how many runs."""

    scenario: str = _option("", "The partnership: a shipped scenario or a YAML file; by default the experiment's")
    experiment: str = _option(
        "",
        "The prior: an experiment whose space has the free parameters; by default calibration, or for a scenario "
        "what the calibration on lists varies and the scenario leaves open",
    )
    space: dict[str, Any] = _option({}, "Free parameters with their ranges, in place of the experiment's")
    policy: Any = _option(None, "What was in force; by default the case's policy, or else nothing (neutral)")
    replications: int = param(
        100, unit="runs", low=10, high=100_000, doc="Replications in the second wave", source="configuration"
    )
    sample_size: int = param(
        64,
        unit="parameter sets",
        low=2,
        high=10_000,
        doc="Parameter sets in the sample of the plausible region",
        source="configuration",
    )
    outcomes: list[str] = _option([], "Files with outcomes of your own, such as my_outcomes.py, that targets name")
    targets: dict[str, Target] = _option({}, "The facts")

    @model_validator(mode="after")
    def _check(self) -> "CalibrationSpec":
        if not self.targets:
            raise ValueError("targets: name at least one fact")
        for name in self.targets:
            if not NAME.fullmatch(name) or name.lower() in TAKEN:
                raise ValueError(
                    f"targets: '{name}' cannot name a fact; give a letter, then letters, digits or _ (and the outcome "
                    f"as outcome:), but not {', '.join(TAKEN[:-1])} or {TAKEN[-1]}"
                )
        names = [name.lower() for name, _, _ in self._every()]
        if len(set(names)) < len(names):
            raise ValueError("targets: two facts have the same name; capitals make no difference")
        own = {o.name for text in self.outcomes if names_file(text) for o in own_outcomes(text)}
        for name, target in self.targets.items():
            outcome = target.outcome or name
            start = outcome.partition(OF)[0]
            if target.curve and start != "retention":
                raise ValueError(f"targets.{name}: a curve is of retention, also of a group: retention_of_private")
            if outcome not in own and outcome_named(outcome) is None:
                hint = near(outcome, [*own, *(o.name for o in SUMMARY)])
                raise ValueError(f"targets.{name}: there is no outcome '{outcome}'; {hint}")
        return self

    def _every(self) -> list[tuple[str, str, int]]:
        """List every number: its name, its target's, and its month in a curve, 0 for none."""
        return [
            (f"{name}_{month}" if month else name, name, month)
            for name, target in self.targets.items()
            for month in sorted(target.curve) or [0]
        ]

    @property
    def numbers(self) -> dict[str, Target]:
        """Every number on its own: a curve is one for each month."""
        result = {}
        for number, name, month in self._every():
            target = self.targets[name]
            outcome, changes = target.outcome or name, dict[str, Any]()
            if month:
                outcome = outcome.replace("retention", f"retention_{month}", 1)
                changes = {"value": target.curve[month], "curve": {}}
            result[number] = target.model_copy(update={"outcome": outcome, **changes})
        return result

    @property
    def facts(self) -> dict[str, tuple[str, int]]:
        """Which target each number belongs to, and its month in a curve; 0 for none."""
        return {number: (name, month) for number, name, month in self._every()}

    def check_outcomes(self, scenario: Scenario) -> list[str]:
        """Check that a scenario has the outcomes of all targets; gives what it has to measure besides what ships.

        Raises:
            InputError: (a ``ValueError``) for an outcome that it does not have.
        """
        scenario, _ = measuring(scenario, self.outcomes)
        for name, target in self.numbers.items():
            scenario, _ = measuring(scenario, [target.outcome], f"targets.{name}.outcome")
        return list(scenario.outcomes)


def read_calibration(calibration: str | Mapping[str, Any] | CalibrationSpec) -> CalibrationSpec:
    """Read a calibration: a shipped one's name, a YAML file, or what such a file says.

    Raises:
        InputError: if there is none of that name, or it says something that cannot be used.
    """
    if isinstance(calibration, CalibrationSpec):
        return calibration
    try:
        if isinstance(calibration, Mapping):
            return CalibrationSpec.model_validate(dict(calibration))
        own, known = calibration.endswith((".yaml", ".yml")), names_in("calibration")
        if not own and calibration not in known:
            raise InputError(
                f"calibration={calibration}: there is no such calibration; {near(calibration, known)}, "
                "or give the path of a YAML file"
            )
        path = path_of(calibration) if own else CONFIGS / "calibration" / f"{calibration}.yaml"
        data = read_yaml(path, "calibration", "configs/calibration/pledge.yaml")
        return CalibrationSpec.model_validate(beside(path, data, "scenario"))
    except ValidationError as error:
        raise InputError(readable(error, "calibration", CalibrationSpec)) from error


def beside(path: Path, data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Look for the files that a calibration names beside the calibration's own file.

    Args:
        path: of the calibration.
        data: what it says.
        names: its entries that may name a file.
    """
    files = {
        name: str(path.parent / data[name])
        for name in names
        if isinstance(data.get(name), str) and data[name].endswith((".yaml", ".yml", ".csv"))
    }
    return {**data, **files}
