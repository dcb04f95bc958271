"""What Hydra does: read overrides and compose configuration files; its errors become messages of ours."""

import copy
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.config.yaml import load_plain
from sim.core.errors import InputError, near
from sim.core.paths import path_of
from sim.model.scenario import Scenario

HERE = Path(__file__).resolve().parents[1]
CONFIGS = HERE / "_configs" if (HERE / "_configs").is_dir() else HERE.parent / "configs"
"""Inside an installed wheel, or beside the package in a checkout."""

LARGEST = 1_000_000
"""Largest scenario file that is read, in bytes."""

LONGEST = 20_000
"""Longest override that is read, in characters: Hydra needs seconds for more."""


def names_in(kind: str) -> list[str]:
    """List the shipped choices of a configuration group."""
    return sorted(p.stem for p in (CONFIGS / kind).glob("*.yaml"))


def value_of(text: str) -> Any:
    """Read the value of one ``key=value`` override as plain Python."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    if len(text) > LONGEST:
        raise InputError(f"'{text[:60]}...' is longer than {LONGEST:,} characters; write it in a YAML file")
    try:
        return _unquoted(OverridesParser.create().parse_override(text).value())
    except (HydraException, RecursionError) as error:
        raise InputError(f"'{text}' cannot be read: check brackets and quotes") from error
    except ValueError as error:  # thousands of digits
        raise InputError(f"'{text}' cannot be read: {error}") from error


def _unquoted(value: Any) -> Any:
    """Turn Hydra's own kinds of value into plain Python."""
    from hydra.core.override_parser.types import QuotedString

    if isinstance(value, QuotedString):
        return value.text
    if isinstance(value, dict):
        return {str(_unquoted(k)): _unquoted(v) for k, v in value.items()}
    return [_unquoted(v) for v in value] if isinstance(value, list) else value


def composed(scenario: str, sectors: str | None) -> dict[str, Any]:
    """Let Hydra compose the configuration files: a scenario and, on top of it, a file about sectors.

    ``scenario`` is the name of a shipped one or the path of a YAML file of the user's own.
    """
    import yaml
    from hydra.errors import HydraException, MissingConfigException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    own = scenario.endswith((".yaml", ".yml"))
    for kind, name in (("scenario", "base" if own else scenario), ("sectors", sectors or "clean")):
        if name != "base" and name not in names_in(kind):
            raise InputError(
                f"{kind}={name}: there is no such {kind}; {near(name, names_in(kind))}"
                + ("; or give the path of a YAML file" if kind == "scenario" else "")
            )
    try:
        config = OmegaConf.create(shipped("config", f"scenario={'base' if own else scenario}"))
        OmegaConf.set_struct(config, True)
        if own:
            config.scenario = OmegaConf.merge(config.scenario, _read(path_of(scenario)))
        if sectors:
            chosen = OmegaConf.load(CONFIGS / "sectors" / f"{sectors}.yaml")
            config.scenario.sectors = OmegaConf.merge(config.scenario.sectors, chosen)
        data = OmegaConf.to_container(config, resolve=False)
    except (HydraException, MissingConfigException, OmegaConfBaseException) as error:
        raise InputError(f"scenario={scenario}: {' '.join(str(error).split())}") from error
    except yaml.YAMLError as error:
        raise InputError(f"a configuration file is not valid YAML: {' '.join(str(error).split())}") from error
    assert isinstance(data, dict)
    return {str(k): v for k, v in data.items() if k != "sectors"}


def shipped(config: str, *overrides: str) -> dict[str, Any]:
    """Let Hydra compose shipped configuration files; each composition is made once in a process, and copied."""
    return copy.deepcopy(_composed_once(CONFIGS, config, overrides))


@functools.cache
def _composed_once(folder: Path, config: str, overrides: tuple[str, ...]) -> dict[str, Any]:
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from hydra.core.config_store import ConfigStore
    from omegaconf import OmegaConf

    ConfigStore.instance().store(name="base", group="scenario", node=Scenario().model_dump(mode="json"))
    with initialize_config_dir(config_dir=str(folder), version_base="1.3"):
        data = OmegaConf.to_container(hydra_compose(config_name=config, overrides=list(overrides)), resolve=False)
    assert isinstance(data, dict)
    return {str(k): v for k, v in data.items()}


def _read(own: Path) -> dict[str, Any]:
    """Read a scenario file of the user's own: a mapping that says what differs from the neutral reference."""
    changes = read_yaml(own, "scenario", "configs/scenario/denim_alliance.yaml")
    changes.pop("defaults", None)
    known = Scenario().model_dump()
    for path in _paths(changes):
        problem = unknown_key(path, path, known)
        if problem:
            raise InputError(f"scenario={own}: {problem}")
    return changes


def read_yaml(own: Path, kind: str, example: str) -> dict[str, Any]:
    """Read a YAML file that a user named: plain values only, nothing that refers or expands, no name twice."""
    import yaml

    try:
        if not own.is_file():
            raise InputError(f"{kind}={own}: cannot be read: there is no such file")
        if own.stat().st_size > LARGEST:
            raise InputError(f"{kind}={own}: is larger than {LARGEST // 1000} kB; it says only what differs")
        text = own.read_text(encoding="utf-8")
        if "${" in text:
            raise InputError(f"{kind}={own}: has ${{...}}; write the values out")
        data = load_plain(text) or {}
    except OSError as error:
        raise InputError(f"{kind}={own}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{kind}={own}: is not a text file in UTF-8") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that is not valid, or thousands of digits
        if isinstance(error, InputError):
            raise
        raise InputError(f"{kind}={own} is not valid YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise InputError(f"{kind}={own}: is nested too deeply") from error
    if not isinstance(data, dict):
        raise InputError(f"{kind}={own}: needs 'name: value' lines, as in {example}")
    return data


def group_choices(config: str, choices: dict[str, str]) -> dict[str, Any]:
    """Let Hydra compose a configuration from choices of its groups, for example design=sobol."""
    for kind, name in choices.items():
        if name not in names_in(kind):
            raise InputError(f"{kind}={name}: there is no such {kind}; {near(name, names_in(kind))}")
    return shipped(config, *[f"{kind}={name}" for kind, name in choices.items()])


def _paths(data: dict[Any, Any], prefix: str = "") -> Iterator[str]:
    for key, value in data.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _paths(value, f"{prefix}{key}.")


def merge(data: dict[str, Any], path: str, value: Any) -> None:
    """Set a value by its dotted path; a mapping is merged, so that what it leaves out stays."""
    if isinstance(value, dict):
        for key, part in value.items():
            merge(data, f"{path}.{key}", part)
        return
    *parents, last = path.split(".")
    for name in parents:
        data = data[name]
    data[last] = value


def unknown_key(key: str, override: str, known: dict[str, Any]) -> str:
    """Say which name in a dotted path is unknown, and what is near; empty if all are known."""
    here: Any = known
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
