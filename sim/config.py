"""From the command line (or Python) to a checked job: Hydra composes, pydantic checks, messages explain."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.composing import composed, unknown_key, value_of
from sim.declare import Declared, group, param
from sim.governance import PolicyError, find_policy
from sim.messages import InputError, readable
from sim.plugins import PluginError, find
from sim.scenario import Scenario


class Job(Declared):
    """All that a command needs, checked."""

    scenario: Scenario = group(Scenario)
    policy: Any = param("adaptive_tracking", unit="", doc="Who governs", source="configuration")
    policies: list[Any] = param([], unit="", doc="What is compared", source="configuration")
    months: int = param(60, unit="months", low=1, high=1200, doc="How long to simulate", source="configuration")
    seed: int = param(0, unit="", low=0, high=2**53, doc="The first world", source="configuration")
    replicates: int = param(
        400, unit="runs", low=1, high=10_000_000, doc="Partnerships per policy", source="configuration"
    )
    folder: str | None = param(None, unit="", doc="Where results go", source="configuration")

    def resolved(self) -> dict[str, Any]:
        """Give the whole configuration as plain data: what determines the result, and nothing else."""
        data = self.model_dump(mode="json", exclude={"folder", "policy", "policies"})
        return data | {"policy": _plain(self.policy), "policies": [_plain(p) for p in self.policies]}


def fingerprint(data: Any) -> str:
    """Hash plain data to 8 hexadecimal digits."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:8]


def load_scenario(name: str = "neutral", *overrides: str) -> Scenario:
    """Load a shipped scenario by name, or one of your own by path, with changes such as "rules.leak.rate=0.1".

    Raises:
        InputError: unknown name, parameter or value.
    """
    return compose([f"scenario={name}", *(f"scenario.{o}" for o in overrides)]).scenario


def compose(overrides: Sequence[str]) -> Job:
    """Compose and check a job from ``key=value`` overrides.

    Raises:
        InputError: with one line for each thing that cannot be used.
    """
    plain, policy, policies, own = _sort(overrides)
    data = composed(plain, own)
    name, settings = policy
    chosen: Any = data["policy"] if name is None else name
    if settings:
        chosen = {"name": chosen, **settings} if isinstance(chosen, str) else {**chosen, **settings}
    data |= {"policy": chosen, "policies": data["policies"] if policies is None else policies}
    try:
        job = Job.model_validate(data)
    except ValidationError as error:
        raise InputError(readable(error, "", Job)) from error
    try:
        for spec in (job.policy, *job.policies):
            find_policy(spec)
        if job.scenario.payoffs:
            find(job.scenario.payoffs, ("payoffs",))
    except (PolicyError, PluginError) as error:
        raise InputError(str(error)) from error
    if not job.policies:
        raise InputError("policies = []: name at least one policy, for example policies=[neutral,adaptive]")
    return job


def _plain(spec: Any) -> Any:
    return (
        {"name": spec, **find_policy(spec).model_dump(mode="json", exclude={"function"})}
        if isinstance(spec, str)
        else spec
    )


def _sort(overrides: Sequence[str]) -> tuple[list[str], tuple[Any, dict[str, Any]], list[Any] | None, Path | None]:
    """Take policies and a scenario of the user's own out of the overrides; the rest is Hydra's."""
    plain: list[str] = []
    name: Any = None
    settings: dict[str, Any] = {}
    policies: list[Any] | None = None
    own: Path | None = None
    known = Job().model_dump()
    for text in overrides:
        key, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"'{text}' is not of the form key=value, for example months=60; see --help")
        if key == "policy":
            name = value_of(text) if value.startswith("{") else value
        elif key.startswith("policy."):
            settings[key.removeprefix("policy.")] = value_of(text)
        elif key == "policies":
            policies = _policies(text)
        elif key == "scenario" and value.endswith((".yaml", ".yml")):
            own = Path(value)
            plain.append("scenario=base")
        else:
            problem = (
                "" if key in ("sectors", "scenario") or key.startswith(("+", "~")) else unknown_key(key, text, known)
            )
            if problem:
                raise InputError(problem)
            plain.append(text)
    return plain, (name, settings), policies, own


def _policies(text: str) -> list[Any]:
    found = value_of(text)
    if not isinstance(found, list) or not all(isinstance(p, (str, dict)) for p in found):
        raise InputError(
            f"{text}: give a list of names, for example policies=[neutral,adaptive,{{name:adaptive,pause:3}}]"
        )
    return found
