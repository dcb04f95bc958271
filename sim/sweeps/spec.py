"""From the command line (or Python) to a checked experiment."""

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.config.hydra import CONFIGS, composed, group_choices, names_in, read_yaml, value_of
from sim.core.errors import InputError, near, readable
from sim.core.paths import path_of
from sim.model.scenario import Scenario
from sim.sweeps.designs.from_file import FromFile
from sim.sweeps.experiment import Executor, Experiment

LITERAL = ("folder", "experiment", "scenario", "design", "executor", "executor.address", "design.path", "question")
"""Settings whose value is taken as it is typed."""

DOTTED = ("changes", "space")
"""Settings whose keys are dotted paths."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """What the user asked for, checked."""

    name: str
    experiment: Experiment
    scenarios: dict[str, Scenario]
    executor: Executor
    folder: Path


def compose_experiment(overrides: Sequence[str]) -> Asked:
    """Compose an experiment from its YAML and ``key=value`` overrides, the last word with the latter.

    Raises:
        InputError: with one line for each thing that cannot be used.
    """
    last: dict[str, Any] = {}
    for text in overrides:
        key, value = _read_override(text)
        if key in ("folder", "experiment"):
            last[key] = value
    name = last.get("experiment") or ""
    rest = [text for text in overrides if text.partition("=")[0] not in last]
    data = override(experiment_data(name) if name else {}, rest)
    folder = path_of(last.get("folder") or f"results/{Path(name).stem or 'sweep'}")
    return check(Path(name).stem or "sweep", data, folder)


def override(data: Mapping[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """Change an experiment, given as plain data, by ``key=value`` overrides."""
    changed = copy.deepcopy(dict(data))
    given = [_read_override(text) for text in overrides]
    for path, value in sorted(given, key=lambda g: "." in g[0]):  # whole settings before their parts
        _apply(changed, path, value)
    return changed


def check(name: str, data: Mapping[str, Any], folder: Path, scenarios: Mapping[str, Scenario] | None = None) -> Asked:
    """Check an experiment given as plain data (as in its YAML); scenarios are loaded unless they are given."""
    data = dict(data)
    known = [*Experiment.model_fields, "executor"]
    for key in data:
        if key not in known:
            raise InputError(f"{key}: an experiment has no such setting; {near(key, known)}")
    for key in DOTTED:
        if not isinstance(data.get(key) or {}, Mapping):
            raise InputError(f"{key} = {data[key]!r}: give dotted paths with values, for example {key}.start.trust=...")
        data[key] = _flat(data.get(key) or {}) if key == "changes" else dict(data.get(key) or {})
    data |= _groups(data)
    design = data["design"]
    own = FromFile(path=str(design.get("path", "design.csv"))) if design.get("name") == "file" else None
    if "policy" in (own.space() if own else data["space"]):
        if data.get("policies"):
            raise InputError("policies are given, and policy varies in the space (or file) too; name them in one place")
        data["policies"] = []
    executor = data.pop("executor")
    try:
        experiment = Experiment.model_validate({k: v for k, v in data.items() if v is not None})
    except ValidationError as error:
        raise InputError(readable(error, "", Experiment)) from error
    try:
        chosen = Executor.model_validate(executor)
    except ValidationError as error:
        raise InputError(readable(error, "executor", Executor)) from error
    return Asked(name, experiment, dict(scenarios or _scenarios(experiment)), chosen, folder)


def _scenarios(experiment: Experiment) -> dict[str, Scenario]:
    """Load every scenario that the experiment names, with its changes."""
    design = experiment.chosen_design()
    space = design.space() if isinstance(design, FromFile) else experiment.space
    names = space.get("scenario", [experiment.scenario])
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise InputError("space: scenario takes a list of names, for example scenario: [neutral, denim_alliance]")
    loaded = {}
    for name in names:
        plain = composed(name, None)["scenario"]
        try:
            loaded[name] = Scenario.model_validate(plain).replace(**experiment.changes)
        except ValidationError as error:
            raise InputError(f"scenario={name}: {readable(error, '', Scenario)}") from error
        except InputError as error:
            raise InputError(f"changes: {error}") from error
    return loaded


def _groups(data: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the files of the groups ``design`` and ``executor``."""
    chosen: dict[str, str] = {}
    settings: dict[str, dict[str, Any]] = {}
    for kind, default in (("design", "grid"), ("executor", "processes")):
        given = data.get(kind) or {}
        given = {"name": given} if isinstance(given, str) else given
        if not isinstance(given, dict):
            raise InputError(f"{kind}: give a name, or {{name: ..., setting: ...}}")
        settings[kind] = given
        chosen[kind] = str(given.get("name", default))
    composed_ = group_choices("sweep", chosen)
    return {kind: {**composed_[kind], **settings[kind]} for kind in chosen}


def experiment_data(name: str) -> dict[str, Any]:
    """Read what an experiment says: a shipped one's name, or a YAML file."""
    if name.endswith((".yaml", ".yml")):
        return read_yaml(path_of(name), "experiment", "configs/experiment/pause_and_trust.yaml")
    if name not in names_in("experiment"):
        raise InputError(
            f"experiment={name}: there is no such experiment; {near(name, names_in('experiment'))}, "
            "or give the path of a YAML file"
        )
    return read_yaml(CONFIGS / "experiment" / f"{name}.yaml", "experiment", "")


def _read_override(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise InputError(f"'{text}' is not of the form key=value, for example replications=50; see --help")
    if key in LITERAL:
        return key, value.strip("'\"") or None
    if "${" in value:
        raise InputError(f"'{text}': ${{...}} is not used here; write the value out")
    # Hydra's grammar knows no brackets in keys and treats dots as nesting; only the value matters here.
    return key, value_of(f"value={value}")


def _apply(data: dict[str, Any], path: str, value: Any) -> None:
    """Set one override: ``scenario.a.b`` is a change, ``space.a.b`` a dimension (null removes it)."""
    top, _, rest = path.partition(".")
    if top == "scenario" and rest:
        top = "changes"
    known = [*Experiment.model_fields, "executor", "folder", "experiment"]
    if top not in known:
        raise InputError(f"{path}: a sweep has no setting '{top}'; {near(top, known)}")
    if not rest:
        data[top] = value
        return
    held = data.get(top)
    inner: dict[str, Any] = dict(held) if isinstance(held, dict) else ({"name": held} if isinstance(held, str) else {})
    if top in DOTTED:
        inner[rest] = value
        data[top] = {k: v for k, v in inner.items() if v is not None}
        return
    first, _, deeper = rest.partition(".")
    if deeper:
        inner[first] = {**inner.get(first, {}), deeper: value}
    else:
        inner[first] = value
    data[top] = inner


def _flat(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Write nested changes with dotted paths."""
    flat: dict[str, Any] = {}
    for key, value in data.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
