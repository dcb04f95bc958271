"""Hydra at work: overrides read, configuration files composed, complaints put in our words."""

from pathlib import Path
from typing import Any

from sim.messages import InputError, near
from sim.scenario import Scenario

HERE = Path(__file__).resolve().parent
CONFIGS = HERE / "_configs" if (HERE / "_configs").is_dir() else HERE.parent / "configs"
"""Inside an installed wheel, or beside the package in a checkout."""


def names_in(kind: str) -> list[str]:
    """List the shipped choices of a configuration group."""
    return sorted(p.stem for p in (CONFIGS / kind).glob("*.yaml"))


def value_of(text: str) -> Any:
    """Read the value of one ``key=value`` override as plain Python."""
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


def composed(overrides: list[str], own: Path | None) -> dict[str, Any]:
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
            config = hydra_compose(config_name="config", overrides=overrides)
        if own is not None:
            OmegaConf.set_struct(config, True)
            config.scenario = OmegaConf.merge(config.scenario, _read(own))
        data = OmegaConf.to_container(config, resolve=True)
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
