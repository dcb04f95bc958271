"""Configuration files: groups of shipped ones, files of a user's own, and what ``key=value`` changes in them.

``configs/`` is a tree that Hydra composes too, for Hydra apps; the commands compose it themselves, as Hydra keeps one
global state in a process and reads YAML by the rules of version 1.1 (docs/decisions/0014).
"""

from collections.abc import Container, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sim.config.case import is_case, read_case
from sim.config.yaml import load_plain, nested, plain
from sim.core.errors import InputError, near
from sim.core.paths import CONFIGS, path_of
from sim.model.replaced import replaceable
from sim.model.scenario import Scenario
from sim.model.sectors import FurtherSector, with_further

LARGEST = 1_000_000
"""Largest YAML file that is read, in bytes."""

LONGEST = 200_000
"""Longest override that is read, in characters."""

HINTS = {
    "mapping values are not allowed": "a text that has a colon in it needs quotes, as title: 'Ours: the first year'",
    "cannot start any token": "begins with a tab or a sign; indent with spaces, and put texts with signs in quotes",
    "expected ',' or '}'": "a { has no }, or a comma is missing between two parts of it",
    "expected ',' or ']'": "a [ has no ], or a comma is missing between two parts of it",
    "did not find expected key": "is not indented as its neighbours; a list has '- ' before each entry",
    "did not find expected '-' indicator": "is not indented as its neighbours; a list has '- ' before each entry",
}
"""What to look for, by what the parser of YAML says."""

SHOWN = 200
"""How much of an override that cannot be read is shown, in characters."""


def names_in(kind: str) -> list[str]:
    """List the shipped choices of a configuration group."""
    return sorted(p.stem for p in (CONFIGS / kind).glob("*.yaml"))


def value_of(text: str) -> Any:
    """Read the value of one ``key=value`` override: it is YAML, and means what it means in a file."""
    import yaml

    if len(text) > LONGEST:
        raise InputError(f"'{text[:60]}...' is longer than {LONGEST:,} characters; write it in a YAML file")
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
    try:
        return load_plain(text.partition("=")[2])
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"'{shown}' cannot be read: check brackets and quotes") from error
    except ValueError as error:
        raise InputError(f"'{shown}' cannot be read: {error}") from error


def composed(scenario: str | Mapping[str, Any], sectors: str | None, named: set[str] | None = None) -> dict[str, Any]:
    """Compose a run's configuration: a scenario and, on top of it, a file about sectors.

    Args:
        scenario: the name of a shipped one, the path of a YAML file of the user's own, or what such a file says.
        sectors: the name of a shipped file about sectors.
        named: takes the dotted paths of the scenario's parameters that the files name.

    Raises:
        InputError: for an unknown name, or a file that cannot be used.
    """
    data = read_yaml(CONFIGS / "config.yaml", "config", "")
    del data["defaults"]
    named = set() if named is None else named
    data["scenario"] = scenario_data(scenario, named)
    if sectors is not None:
        changes = read_yaml(_shipped("sectors", sectors), "sectors", "")
        merge(data, "scenario.sectors", changes)
        named |= {path for path, _ in values_in(changes, "sectors.")}
    return data


def scenario_data(scenario: str | Mapping[str, Any], named: set[str] | None = None) -> dict[str, Any]:
    """Give a whole scenario as plain data: the neutral reference, and what differs from it.

    Args:
        scenario: a shipped one's name, ``base`` (nothing differs), the path of a YAML file, or what such a file says.
        named: takes the dotted paths of the parameters that the file names, and the file that it starts from.

    Raises:
        InputError: for an unknown name, or a file that cannot be used.
    """
    data = Scenario().model_dump(mode="json")
    if scenario == "base":
        return data
    named = set() if named is None else named
    where, folder, changes = _stated(scenario)
    if is_case(changes):
        data, changes = read_case(changes, folder, where, partial(scenario_data, named=named))
    for key, value in _checked(where, changes).items():
        merge(data, key, value)
        named |= {path for path, _ in values_in({key: value})}
    return data


def as_stated(scenario: Mapping[str, Any], stated: Container[str] = ()) -> dict[str, Any]:
    """Reduce a whole scenario, as a configuration of results has it, to what its own file may have said.

    Args:
        scenario: every parameter of it, as plain data.
        stated: dotted paths of the parameters that were stated though their values are the defaults.
    """
    data, usual = dict[str, Any](), dict(values_in(Scenario().model_dump(mode="json")))
    for path, value in values_in(scenario):
        if path in stated or path not in usual or value != usual[path]:
            merge(data, path, value)
    return data


def case_options(scenario: Any) -> dict[str, Any]:
    """Give what a case says besides the scenario: ``plans`` to compare, and the ``policy`` that was in force so far.

    Args:
        scenario: as in ``scenario_data``, or anything else, which says nothing more.
    """
    own = isinstance(scenario, Mapping) or (isinstance(scenario, str) and scenario.endswith((".yaml", ".yml")))
    _, folder, changes = _stated(scenario) if own else ("", Path(), {})
    stated = {name: changes[name] for name in ("plans", "policy") if name in changes}
    return {name: _beside(value, folder) for name, value in stated.items()}


def _beside(stated: Any, folder: Path) -> Any:
    """Look for the plan files that a case names beside the case."""
    if isinstance(stated, str) and stated.endswith((".yaml", ".yml")):
        return str(folder / path_of(stated))
    if isinstance(stated, Mapping):
        return {key: value if key == "label" else _beside(value, folder) for key, value in stated.items()}
    return [_beside(value, folder) for value in stated] if isinstance(stated, list) else stated


def _stated(scenario: str | Mapping[str, Any]) -> tuple[str, Path, Mapping[str, Any]]:
    """Give what a scenario's file says, how messages name it, and the folder it stands in."""
    if not isinstance(scenario, str):
        return "scenario", Path(), scenario
    own = scenario.endswith((".yaml", ".yml"))
    file = path_of(scenario) if own else _shipped("scenario", scenario)
    return f"scenario={file}", file.parent, read_yaml(file, "scenario", "configs/scenario/denim_alliance.yaml")


def _shipped(kind: str, name: str) -> Path:
    """Give the file of a shipped choice."""
    if name not in names_in(kind):
        more = "; or give the path of a YAML file" if kind == "scenario" else ""
        raise InputError(f"{kind}={name}: there is no such {kind}; {near(name, names_in(kind))}{more}")
    return CONFIGS / kind / f"{name}.yaml"


def _checked(where: str, changes: Any) -> dict[str, Any]:
    """Check the names in what differs from the neutral reference."""
    try:
        data = nested({str(k): v for k, v in plain(changes).items() if k != "defaults"})
    except ValueError as error:
        raise InputError(f"{where}: {error}") from error
    known = Scenario().model_dump()
    known["rules"]["replace"] = replaceable()
    if isinstance(data.get("sectors"), dict):
        try:
            data["sectors"] = with_further(data["sectors"])
        except ValueError as error:
            raise InputError(f"{where}: sectors: {error}") from error
        known["sectors"] = dict.fromkeys(data["sectors"], FurtherSector().model_dump()) | known["sectors"]
    for path in _paths(data):
        problem = unknown_key(path, path, known)
        if problem:
            raise InputError(f"{where}: {problem}")
    return data


def read_yaml(own: Path, kind: str, example: str) -> dict[str, Any]:
    """Read a YAML file that a user named: plain values only, nothing that refers or expands, no name twice."""
    import yaml

    try:
        if not own.is_file():
            raise InputError(f"{kind}={own}: cannot be read: there is no such file")
        if own.stat().st_size > LARGEST:
            raise InputError(f"{kind}={own}: is larger than {LARGEST // 1000} kB; it says only what differs")
        text = own.read_text(encoding="utf-8-sig")
        if "${" in text:
            raise InputError(f"{kind}={own}: has ${{...}}; write the values out")
        data = load_plain(text) or {}
    except OSError as error:
        raise InputError(f"{kind}={own}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{kind}={own}: is not a text file in UTF-8; save it again as UTF-8") from error
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{kind}={own} is not valid YAML: {_in_short(error)}") from error
    except RecursionError as error:
        raise InputError(f"{kind}={own}: is nested too deeply") from error
    if not isinstance(data, dict):
        raise InputError(f"{kind}={own}: needs 'name: value' lines, as in {example}")
    return data


def _in_short(error: Exception) -> str:
    """Say in one line what is wrong with a text, and in which line of it."""
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark is not None else ""
    problem = " ".join(str(getattr(error, "problem", None) or error).split())
    return where + next((words for sign, words in HINTS.items() if sign in problem), problem)


def group_choices(choices: dict[str, str]) -> dict[str, Any]:
    """Read the shipped files of some groups, for example design=sobol: a mapping for each group."""
    return {kind: read_yaml(_shipped(kind, name), kind, "") for kind, name in choices.items()}


def values_in(data: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """List the values of nested mappings by their dotted paths."""
    for key, value in data.items():
        if isinstance(value, Mapping) and value:
            yield from values_in(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


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
        data = data.setdefault(name, {})  # a further sector is not there yet
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
            more = " (a further sector is added in the scenario's file)" if seen[-1:] == ["sectors"] else ""
            return f"{override}: {where} has no '{part}'; {near(part, here)}{more}"
        here = here[part]
        seen.append(part)
    return ""
