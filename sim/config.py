"""From the command line (or Python) to a checked job: Hydra composes, pydantic checks, messages explain."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.declare import Declared, group, param
from sim.governance import PolicyError, find_policy
from sim.messages import InputError, near, readable
from sim.plugins import PluginError, find
from sim.scenario import Scenario

HERE = Path(__file__).resolve().parent
CONFIGS = HERE / "_configs" if (HERE / "_configs").is_dir() else HERE.parent / "configs"
"""Inside an installed wheel, or beside the package in a checkout."""


class Job(Declared):
    """All that a command needs, checked."""

    scenario: Scenario = group(Scenario)
    policy: Any = param("adaptive_tracking", unit="", doc="Who governs", source="configuration")
    policies: list[Any] = param([], unit="", doc="What is compared", source="configuration")
    months: int = param(60, unit="months", low=1, high=1200, doc="How long to simulate", source="configuration")
    seed: int = param(0, unit="", low=0, high=2**53, doc="The first world", source="configuration")
    replicates: int = param(400, unit="runs", low=1, high=10_000_000, doc="Partnerships per policy", source="configuration")
    folder: str | None = param(None, unit="", doc="Where results go", source="configuration")

    def resolved(self) -> dict[str, Any]:
        """Give the whole configuration as plain data: what determines the result, and nothing else."""
        data = self.model_dump(mode="json", exclude={"folder", "policy", "policies"})
        return data | {"policy": _plain(self.policy), "policies": [_plain(p) for p in self.policies]}


def fingerprint(data: Any) -> str:
    """Hash plain data to 8 hexadecimal digits."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:8]


def names_in(kind: str) -> list[str]:
    """List the shipped choices of a configuration group."""
    return sorted(p.stem for p in (CONFIGS / kind).glob("*.yaml"))


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
    data = _composed(plain, own)
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
    return {"name": spec, **find_policy(spec).model_dump(mode="json", exclude={"function"})} if isinstance(spec, str) else spec


def _sort(overrides: Sequence[str]) -> tuple[list[str], tuple[Any, dict[str, Any]], list[Any] | None, Path | None]:
    """Take policies and a scenario of the user's own out of the overrides; the rest is Hydra's."""
    plain: list[str] = []
    name: Any = None
    settings: dict[str, Any] = {}
    policies: list[Any] | None = None
    own: Path | None = None
    for text in overrides:
        key, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"'{text}' is not of the form key=value, for example months=60; see --help")
        if key == "policy":
            name = _value(text) if value.startswith("{") else value
        elif key.startswith("policy."):
            settings[key.removeprefix("policy.")] = _value(text)
        elif key == "policies":
            policies = _policies(text)
        elif key == "scenario" and value.endswith((".yaml", ".yml")):
            own = Path(value)
            plain.append("scenario=base")
        else:
            problem = "" if key in ("sectors", "scenario") or key.startswith(("+", "~")) else _unknown_key(key, text)
            if problem:
                raise InputError(problem)
            plain.append(text)
    return plain, (name, settings), policies, own


def _policies(text: str) -> list[Any]:
    found = _value(text)
    if not isinstance(found, list) or not all(isinstance(p, (str, dict)) for p in found):
        raise InputError(f"{text}: give a list of names, for example policies=[neutral,adaptive,{{name:adaptive,pause:3}}]")
    return found


def _value(text: str) -> Any:
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        return _unquoted(OverridesParser.create().parse_override(text).value())
    except HydraException as error:
        raise InputError(f"'{text}' cannot be read: check brackets and quotes") from error


def _unquoted(value: Any) -> Any:
    """Turn Hydra's own kinds of value into plain Python."""
    from hydra.core.override_parser.types import QuotedString

    if isinstance(value, QuotedString):
        return value.text
    if isinstance(value, dict):
        return {str(_unquoted(k)): _unquoted(v) for k, v in value.items()}
    return [_unquoted(v) for v in value] if isinstance(value, list) else value


def _composed(overrides: list[str], own: Path | None) -> dict[str, Any]:
    """Let Hydra compose, and put its complaints in our words."""
    import yaml
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from hydra.core.config_store import ConfigStore
    from hydra.errors import HydraException, MissingConfigException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    ConfigStore.instance().store(name="base", group="scenario", node=Scenario().model_dump(mode="json"))
    try:
        with initialize_config_dir(config_dir=str(CONFIGS), version_base="1.3"):
            composed = hydra_compose(config_name="config", overrides=overrides)
        if own is not None:
            OmegaConf.set_struct(composed, True)
            composed.scenario = OmegaConf.merge(composed.scenario, _read(own))
        data = OmegaConf.to_container(composed, resolve=True)
    except MissingConfigException as error:
        raise InputError(_unknown_choice(error, overrides)) from error
    except (HydraException, OmegaConfBaseException) as error:
        raise InputError(_in_our_words(error, overrides)) from error
    except yaml.YAMLError as error:
        raise InputError(f"a configuration file is not valid YAML: {' '.join(str(error).split())}") from error
    assert isinstance(data, dict)
    return {str(k): v for k, v in data.items() if k != "sectors"}


def _read(own: Path) -> dict[str, Any]:
    """Read a scenario file of the user's own: a mapping that says what differs from the neutral reference."""
    import yaml

    try:
        found = yaml.safe_load(own.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise InputError(f"scenario={own}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"scenario={own}: is not a text file in UTF-8") from error
    except yaml.YAMLError as error:
        raise InputError(f"scenario={own} is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict):
        raise InputError(f"scenario={own}: needs 'name: value' lines, as in configs/scenario/denim_alliance.yaml")
    found.pop("defaults", None)
    return found


def _unknown_choice(error: Any, overrides: list[str]) -> str:
    missing = str(getattr(error, "missing_cfg_file", "") or "")
    kind, _, name = missing.partition("/")
    if name:
        return f"{kind}={name}: there is no such {kind}; {near(name, names_in(kind))}, or give the path of a YAML file"
    return " ".join(str(error).split())


def _in_our_words(error: Exception, overrides: list[str]) -> str:
    """Name the override that Hydra could not read, if one alone makes it complain."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    for override in overrides:
        try:
            OverridesParser.create().parse_override(override)
        except HydraException:
            return f"'{override}' cannot be read: check brackets and quotes"
    return " ".join(str(error).split())


def _unknown_key(key: str, override: str) -> str:
    """Say which name in a dotted path is unknown, and what is near; empty if all are known."""
    here: Any = Job().model_dump()
    seen: list[str] = []
    for part in key.split("."):
        if not isinstance(here, dict):
            return f"{override}: '{'.'.join(seen)}' is a single value and has no '{part}'"
        if part not in here:
            where = f"'{'.'.join(seen)}'" if seen else "the configuration"
            return f"{override}: {where} has no '{part}'; {near(part, here)}"
        here = here[part]
        seen.append(part)
    return ""
