"""From the command line (or Python) to a checked job: Hydra composes, pydantic checks, messages explain."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import PrivateAttr, ValidationError

from sim.config.hydra import composed, merge, unknown_key, value_of
from sim.core.declare import Declared, group, param
from sim.core.errors import InputError, readable
from sim.core.plugins import find
from sim.model.policies import Policy
from sim.model.policies.registry import find_policy
from sim.model.scenario import Scenario

LITERAL = ("folder", "scenario.title")
"""Settings whose value is taken as it is typed."""


class Job(Declared):
    """All that a command needs, checked."""

    scenario: Scenario = group(Scenario)
    policy: Any = param("adaptive_tracking", unit="", doc="Who governs", source="configuration")
    policies: list[Any] = param([], unit="", doc="What is compared", source="configuration")
    months: int = param(60, unit="months", low=1, high=1200, doc="How long to simulate", source="configuration")
    seed: int = param(0, unit="", low=0, high=2**53, doc="The first world", source="configuration")
    replications: int = param(
        400, unit="runs", low=1, high=10_000_000, doc="Partnerships per policy", source="configuration"
    )
    region: int = param(
        16,
        unit="settings",
        low=0,
        high=64,
        doc="Settings of the calibrated region to compare over",
        source="configuration",
    )
    engine: Literal["numpy", "compiled"] = param(
        "numpy", unit="", doc="What calculates; compiled is faster and needs Numba", source="configuration"
    )
    folder: str | None = param(None, unit="", doc="Where results go", source="configuration")
    _governs: Policy | None = PrivateAttr(None)
    _compared: list[Policy] = PrivateAttr(default_factory=list)

    @property
    def governs(self) -> Policy:
        """The policy of ``run``, found."""
        assert self._governs is not None
        return self._governs

    @property
    def compared(self) -> list[Policy]:
        """The policies of ``compare``, found."""
        return self._compared

    def resolved(self) -> dict[str, Any]:
        """Give the whole configuration as plain data: what determines the result, and nothing else."""
        data = self.model_dump(mode="json", exclude={"folder", "policy", "policies"})
        compared = [_plain(spec, policy) for spec, policy in zip(self.policies, self.compared, strict=True)]
        return data | {"policy": _plain(self.policy, self.governs), "policies": compared}


def fingerprint(data: Any) -> str:
    """Hash plain data to 8 hexadecimal digits."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:8]


def load_scenario(name: str = "neutral", *overrides: str) -> Scenario:
    """Load a shipped scenario by name, or one of your own by path, with changes such as "rules.leak.rate=0.1".

    Raises:
        InputError: unknown name, parameter or value.
    """
    return compose([f"scenario={name}", *(f"scenario.{o}" for o in overrides)]).scenario


def compose(overrides: Sequence[str], unused: Mapping[str, str] | None = None) -> Job:
    """Compose and check a job from ``key=value`` overrides.

    ``unused`` names settings that a command has no use for, each with what to give instead.

    Raises:
        InputError: with one line for each thing that cannot be used.
    """
    for text in overrides:
        key = text.partition("=")[0].partition(".")[0]
        if unused and key in unused:
            raise InputError(f"'{text}' has no effect here; give {unused[key]}, see --help")
    given = _sort(overrides)
    data = composed(given.scenario, given.sectors)
    for path, value in given.changes:
        merge(data, path, value)
    chosen: Any = data["policy"] if given.policy is None else given.policy
    if given.settings:
        chosen = {"name": chosen, **given.settings} if isinstance(chosen, str) else {**chosen, **given.settings}
    data |= {"policy": chosen, "policies": data["policies"] if given.policies is None else given.policies}
    try:
        job = Job.model_validate(data)
    except ValidationError as error:
        raise InputError(readable(error, "", Job)) from error
    if not job.policies:
        raise InputError("policies = []: name at least one policy, for example policies=[neutral,adaptive]")
    if job.scenario.payoffs:
        find(job.scenario.payoffs, ("payoffs",))
    job._governs = find_policy(job.policy)
    job._compared = [find_policy(spec) for spec in job.policies]
    return job


def _plain(spec: Any, policy: Any) -> dict[str, Any]:
    name = spec if isinstance(spec, str) else spec.get("name", policy.name)
    return {"name": name, **policy.model_dump(mode="json", exclude={"function"})}


@dataclasses.dataclass
class _Given:
    """What the command line says, sorted."""

    scenario: str = "denim_alliance"
    sectors: str | None = None
    policy: Any = None
    settings: dict[str, Any] = dataclasses.field(default_factory=dict)
    policies: list[Any] | None = None
    changes: list[tuple[str, Any]] = dataclasses.field(default_factory=list)


def _sort(overrides: Sequence[str]) -> _Given:
    """Sort the overrides: files to compose, policies, and changes by dotted path; each is checked for its name."""
    given, known = _Given(), Job().model_dump()
    for text in overrides:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise InputError(f"'{text}' is not of the form key=value, for example months=60; see --help")
        if key in LITERAL:
            given.changes.append((key, value.strip("'\"") or None))
            continue
        if "${" in value:
            raise InputError(f"'{text}': ${{...}} is not used here; write the value out")
        if key == "scenario":
            given.scenario = value
        elif key == "sectors":
            given.sectors = None if value == "null" else value
        elif key == "policy":
            given.policy = value_of(text) if value.startswith("{") else value
        elif key.startswith("policy."):
            given.settings[key.removeprefix("policy.")] = value_of(text)
        elif key == "policies":
            given.policies = _policies(text)
        else:
            found = value_of(text)
            for path in (key, *(f"{key}.{k}" for k in (found if isinstance(found, dict) else ()))):
                problem = unknown_key(path, text, known)
                if problem:
                    raise InputError(problem)
            given.changes.append((key, found))
    return given


def _policies(text: str) -> list[Any]:
    found = value_of(text)
    if not isinstance(found, list) or not all(isinstance(p, (str, dict)) for p in found):
        raise InputError(
            f"{text}: give a list of names, for example policies=[neutral,adaptive,{{name:adaptive,pause:3}}]"
        )
    return found
