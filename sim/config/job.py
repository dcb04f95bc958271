"""From the command line (or Python) to a checked job: files are composed, pydantic checks, messages explain."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from pydantic import PrivateAttr, ValidationError

from sim.config.case import anonymised
from sim.config.files import case_options, composed, merge, scenario_data, unknown_key, value_of, values_in
from sim.config.plan_file import opened
from sim.core.declare import Declared, count_as_stated, group, param
from sim.core.errors import InputError, readable
from sim.model.outcomes import measuring
from sim.model.outcomes.groups import with_names_of
from sim.model.policies import Policy
from sim.model.policies.plan import in_months
from sim.model.policies.registry import find_policy
from sim.model.replaced import own_code, replaceable
from sim.model.scenario import Scenario, usual_months

LITERAL = ("folder", "region_from", "scenario.title")
"""Options whose value is used as typed."""


class Job(Declared):
    """The checked configuration of a command."""

    scenario: Scenario = group(Scenario)
    policy: Any = param("adaptive_tracking", unit="", doc="The policy of the run", source="configuration")
    policies: list[Any] = param([], unit="", doc="The policies to compare", source="configuration")
    months: int = param(60, unit="months", low=1, high=1200, doc="How long to simulate", source="configuration")
    seed: int = param(0, unit="", low=0, high=2**53, doc="The first seed", source="configuration")
    replications: int = param(
        400, unit="runs", low=1, high=10_000_000, doc="Runs of each policy and parameter set", source="configuration"
    )
    region: int = param(
        16,
        unit="parameter sets",
        low=0,
        high=64,
        doc="Parameter sets of the plausible region to compare over",
        source="configuration",
    )
    region_from: str | None = param(
        None, unit="", doc="A plausible region of your own: a folder of calibrate, or a CSV", source="configuration"
    )
    engine: Literal["numpy", "compiled"] = param(
        "numpy", unit="", doc="The engine; compiled is faster and needs llvmlite", source="configuration"
    )
    outcomes: list[str] | None = param(
        None, unit="", doc="The outcomes to compare; also of groups, and files of your own", source="configuration"
    )
    folder: str | None = param(None, unit="", doc="Folder for results", source="configuration")
    anonymise: bool = param(
        False, unit="", doc="Number the members of a roster in all that is written", source="configuration"
    )
    _chosen: Policy | None = PrivateAttr(None)
    _compared: list[Policy] = PrivateAttr(default_factory=list)

    @property
    def chosen(self) -> Policy:
        """The policy of ``run``."""
        assert self._chosen is not None
        return self._chosen

    @property
    def compared(self) -> list[Policy]:
        """The policies of ``compare``."""
        return self._compared

    def resolved(self) -> dict[str, Any]:
        """Return the configuration as plain data: what determines the result, and nothing else."""
        data = self.model_dump(
            mode="json", exclude={"folder", "anonymise", "policy", "policies", "outcomes", "region_from"}
        )
        return data | {"policy": self.chosen.plain(), "policies": [policy.plain() for policy in self.compared]}


def fingerprint(data: Any) -> str:
    """Hash plain data to 8 hexadecimal digits."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:8]


def load_scenario(name: str | Mapping[str, Any] = "neutral", *overrides: str, anonymise: bool = False) -> Scenario:
    """Load a shipped scenario by name, one of your own by path, or what its file would say.

    Args:
        name: its name, the path of a YAML file, or a mapping of what differs from the neutral reference.
        overrides: changes such as ``"rules.leak.rate=0.1"``.
        anonymise: number the members of a roster in place of their names.

    Raises:
        InputError: an unknown name or parameter, or a value that is not allowed.
    """
    if anonymise:
        return anonymised(load_scenario(name, *overrides))
    if isinstance(name, str):
        return compose([f"scenario={name}", *(f"scenario.{o}" for o in overrides)]).scenario
    named = set[str]()
    data, request = {"scenario": scenario_data(name, named)}, _sort([f"scenario.{o}" for o in overrides])
    _change(data, request)
    try:
        scenario = Scenario.model_validate(data["scenario"])
    except ValidationError as error:
        raise InputError(readable(error, "scenario", Scenario)) from error
    count_as_stated(scenario, named | request.named)
    return scenario


def compose(overrides: Sequence[str], unused: Mapping[str, str] | None = None, own: Iterable[str] = ()) -> Job:
    """Compose and check a job from ``key=value`` overrides.

    Args:
        overrides: texts such as ``months=24`` or ``scenario.rules.leak.rate=0.1``.
        unused: options that a command does not use, each with what to give instead.
        own: options that a command reads itself, to suggest where one is misspelt.

    Returns:
        The configuration, with its policies.

    Raises:
        InputError: with one line for each override that cannot be used.
    """
    for text in overrides:
        key = text.partition("=")[0].partition(".")[0]
        if unused and key in unused:
            raise InputError(f"'{text}' has no effect here; give {unused[key]}, see --help")
    request = _sort(overrides)
    named = set[str]()
    data = composed(request.scenario, request.sectors, named)
    _change(data, request, own)
    stated = case_options(request.scenario)
    chosen: Any = stated.get("policy", data["policy"]) if request.policy is None else request.policy
    if request.policy_parameters:
        chosen = (
            {"name": chosen, **request.policy_parameters}
            if isinstance(chosen, str)
            else {**chosen, **request.policy_parameters}
        )
    usual = stated.get("plans") or data["policies"]
    data |= {"policy": chosen, "policies": usual if request.policies is None else request.policies}
    try:
        job = Job.model_validate(data)
    except ValidationError as error:
        raise InputError(readable(error, "", Job)) from error
    count_as_stated(job.scenario, named | request.named)
    if not job.policies:
        raise InputError("policies = []: name at least one policy, for example policies=[neutral,adaptive]")
    if "months" not in {key for key, _, _ in request.changes}:
        job = job.model_copy(update={"months": usual_months(job.scenario)})
    job = _with_outcomes(job)
    begins = job.scenario.begins
    chosen, *compared = (in_months(opened(spec), begins) for spec in (job.policy, *job.policies))
    job = job.model_copy(update={"policy": chosen, "policies": compared})
    job._chosen = find_policy(job.policy)
    job._compared = [find_policy(spec) for spec in job.policies]
    return job


def _with_outcomes(job: Job) -> Job:
    """Let the scenario measure the outcomes that are named, number its members if asked to, and find its own code."""
    scenario, names = measuring(job.scenario, job.outcomes or ())
    if job.outcomes == []:
        raise InputError("outcomes = []: name at least one outcome, for example outcomes=[retention_of_private]")
    if job.anonymise:
        with_names, scenario = scenario, anonymised(scenario)
        names = [with_names_of(name, with_names, scenario) for name in names]
    own_code(scenario)
    return job.model_copy(update={"scenario": scenario, "outcomes": names or None})


@dataclasses.dataclass
class _Request:
    """The overrides, sorted; ``changes`` has the dotted path, the value and the text of each."""

    scenario: str | Mapping[str, Any] = "denim_alliance"
    sectors: str | None = None
    policy: Any = None
    policy_parameters: dict[str, Any] = dataclasses.field(default_factory=dict)
    policies: list[Any] | None = None
    changes: list[tuple[str, Any, str]] = dataclasses.field(default_factory=list)

    @property
    def named(self) -> set[str]:
        """The scenario's parameters that the changes name, by dotted path."""
        paths = [path for key, value, _ in self.changes for path, _ in values_in({key: value})]
        return {path.removeprefix("scenario.") for path in paths if path.startswith("scenario.")}


def _sort(overrides: Sequence[str]) -> _Request:
    """Sort the overrides: files to compose, policies, and changes by dotted path."""
    request = _Request()
    for text in overrides:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise InputError(f"'{text}' is not of the form key=value, for example months=60; see --help")
        if key in LITERAL:
            request.changes.append((key, value.strip("'\"") or None, text))
            continue
        if "${" in value:
            raise InputError(f"'{text}': ${{...}} is not used here; write the value out")
        if key == "scenario":
            request.scenario = value_of(text) if value.startswith("{") else value
        elif key == "sectors":
            request.sectors = None if value == "null" else value
        elif key == "policy":
            request.policy = value_of(text) if value.startswith("{") else value
        elif key.startswith("policy."):
            request.policy_parameters[key.removeprefix("policy.")] = value_of(text)
        elif key == "policies":
            request.policies = _policies(text)
        else:
            request.changes.append((key, value_of(text), text))
    return request


def _change(data: dict[str, Any], request: _Request, own: Iterable[str] = ()) -> None:
    """Apply the changes by dotted path; each is checked for its name."""
    scenario = dict(data["scenario"])
    if isinstance(scenario["rules"], dict):  # the check that follows names what is no group
        scenario["rules"] = {**scenario["rules"], "replace": replaceable()}
    known = dict.fromkeys(own) | Job().model_dump() | {"scenario": scenario}
    for key, value, text in request.changes:
        for path in (key, *(f"{key}.{k}" for k in (value if isinstance(value, dict) else ()))):
            problem = unknown_key(path, text, known)
            if problem:
                raise InputError(problem)
        merge(data, key, value)


def _policies(text: str) -> list[Any]:
    specs = value_of(text)
    if not isinstance(specs, list) or not all(isinstance(p, (str, dict)) for p in specs):
        raise InputError(
            f"{text}: give a list of names, for example policies=[neutral,adaptive,{{name:adaptive,pause:3}}]"
        )
    return specs
