"""An experiment: what it asks, and how it is read from YAML, the command line or Python, and checked."""

import copy
import dataclasses
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError, model_validator

from sim.config.files import group_choices, names_in, read_yaml, scenario_data, value_of
from sim.config.job import load_scenario
from sim.config.plan_file import opened
from sim.core.declare import Declared, param
from sim.core.errors import InputError, near, readable
from sim.core.paths import CONFIGS, path_of
from sim.core.plugins import names_file
from sim.model.outcomes import measuring, outcomes_of
from sim.model.policies.plan import in_months, is_plan
from sim.model.replaced import own_code
from sim.model.scenario import Scenario
from sim.storage.atomic import MANIFEST
from sim.storage.kept_config import read_config, shared_options
from sim.storage.results import read_table
from sim.sweeps.designs import DESIGNS, Design
from sim.sweeps.designs.from_file import FromFile


def option(default: Any, doc: str) -> Any:
    """Declare an option that is not a number."""
    return param(default, unit="", doc=doc, source="configuration")


def months_needed(outcome: str) -> int:
    """Say how many months an outcome needs, as its name tells: retention_60, retention_60_of_private."""
    months = re.match(r"(?:retention|content)_(\d+)", outcome)
    return int(months[1]) if months else 1


class Precision(Declared):
    """Replications are added at each point until a paired difference is precise enough."""

    outcome: str = option("retention_60", "What is compared")
    policy: str = option("", "Which policy; the last one listed by default")
    baseline: str = option("", "Against which policy; the first one listed by default")
    half_width: float = param(
        0.02, unit="as the outcome", low=1e-12, high=1e9, doc="Aim for the 95 % interval", source="configuration"
    )
    most: int = param(
        2000, unit="runs", low=2, high=1_000_000, doc="Most replications, however imprecise", source="configuration"
    )


class Figure(Declared):
    """One figure: means over a dimension (lines), or a map over two; differences where ``against`` is set."""

    kind: Literal["lines", "map"] = option("lines", "lines or map")
    outcome: str = option("retention_60", "What is shown")
    x: str = option("", "The dimension along the axis")
    y: str = option("", "The second dimension of a map")
    by: str = option("policy", "A line, or a panel of a map, for each value of this")
    panels: str = option("", "A panel for each value of this")
    against: dict[str, Any] = option({}, "Show the difference to the runs with this value, e.g. {policy: neutral}")

    @model_validator(mode="after")
    def _is_complete(self) -> "Figure":
        named = [c for c in (self.x, self.y, self.panels, *([self.by] if self.by != "policy" else [])) if c]
        if len(set(named)) < len(named):
            raise ValueError("a figure needs different dimensions for x, y, by and panels")
        if not self.x or (self.kind == "map") != bool(self.y) or len(self.against) > 1:
            raise ValueError("a figure needs x; a map (and only a map) also y; against names one column")
        if self.kind == "map" and self.panels:
            raise ValueError("a map has a panel for each value of by; leave panels out")
        return self


class Experiment(Declared):
    """A question, and what is simulated to answer it: what varies, how often, which tables and figures."""

    question: str = option("", "What the experiment answers")
    scenario: str = option("neutral", "The partnership: a shipped scenario or a YAML file")
    outcomes: list[str] = option(
        [], "Outcomes measured besides: of groups (retention_of_private), files (my_outcomes.py)"
    )
    changes: dict[str, Any] = option({}, "Parameters changed in every run: dotted path -> value")
    policies: list[Any] = option(["neutral", "adaptive_tracking"], "Who governs; every point under each of them")
    space: dict[str, Any] = option({}, "What varies")
    constraints: list[str] = option([], "Which points are left out, e.g. rules.leak.rate < start.trust")
    replications: int = param(
        100, unit="runs", low=1, high=1_000_000, doc="Replications for every point and policy", source="configuration"
    )
    precision: Precision | None = option(None, "Add replications until a difference is precise")
    months: int = param(60, unit="months", low=1, high=1200, doc="How long to simulate", source="configuration")
    seed: int = param(0, unit="", low=0, high=2**53, doc="The first seed", source="configuration")
    engine: Literal["numpy", "compiled"] = option("numpy", "What calculates; compiled is faster and needs llvmlite")
    record: list[Literal["series", "events", "members"]] = option([], "Tables kept besides the runs")
    figures: dict[str, Figure] = option({}, "Figures by name")
    design: dict[str, Any] = option({"name": "grid"}, "Which points: name and options")

    @model_validator(mode="after")
    def _check(self) -> "Experiment":
        if not self.policies and "policy" not in self.space and self.design.get("name") != "file":
            raise ValueError("policies = []: name at least one policy, for example [neutral, adaptive]")
        if any(
            not (isinstance(p, str) or (isinstance(p, dict) and (p.get("name") or is_plan(p)))) for p in self.policies
        ):
            raise ValueError("policies: give names, files, {name: adaptive, pause: 3}, or plans {steps: [...]}")
        if self.precision is not None and self.precision.most < self.replications:
            raise ValueError(f"precision.most = {self.precision.most} is below replications = {self.replications}")
        if self.precision is not None and months_needed(self.precision.outcome) > self.months:
            raise ValueError(f"precision.outcome = {self.precision.outcome} is not known after {self.months} months")
        if self.precision is not None and self.replications < 10:
            raise ValueError("precision: start from at least replications=10, or the spread itself is not known")
        for name in self.figures:
            if not name.replace("_", "").isalnum() or len(name.encode()) > 100:
                raise ValueError(f"figures: {name!r}: a figure's name has letters, digits and _ only, at most 100")
        twice = [name for name, times in Counter(map(str.lower, self.figures)).items() if times > 1]
        if twice:
            raise ValueError(
                f"figures: {twice[0]} is there twice but for upper and lower case; their files would be one"
            )
        self.chosen_design()
        return self

    def chosen_design(self) -> Design:
        """Give the design with its options."""
        options = dict(self.design)
        known = {d.name: d for d in DESIGNS}
        name = str(options.pop("name", "grid"))
        if name not in known:
            raise ValueError(f"design={name!r}: there is no such design; {near(name, known)}")
        try:
            return known[name](**options)
        except ValidationError as error:
            raise ValueError(readable(error, "design", known[name])) from error

    def plain(self) -> dict[str, Any]:
        """Give everything as plain data, the design's options written out; a table's rows are kept as the design."""
        design = self.chosen_design()
        options = design.model_dump(mode="json", exclude={"columns"})
        return self.model_dump(mode="json", exclude={"design"}) | {"design": {"name": design.name, **options}}


class Executor(Declared):
    """Where the runs are simulated. It never changes a result."""

    name: Literal["serial", "processes", "dask"] = option("processes", "serial, processes or dask")
    workers: int | None = param(
        None, unit="processes", low=1, high=4096, doc="How many; one per core by default", source="configuration"
    )
    address: str | None = option(None, "dask only: a scheduler's address, e.g. tcp://127.0.0.1:8786")

    @model_validator(mode="after")
    def _check(self) -> "Executor":
        if self.address and self.name != "dask":
            raise ValueError(f"executor.address is for executor=dask, not {self.name}")
        return self


LITERAL = (
    *("folder", "experiment", "config", "scenario", "design", "executor"),
    *("executor.address", "design.path", "question"),
)
"""Options whose value is taken as it is typed."""

DOTTED = ("changes", "space")
"""Options whose keys are dotted paths."""


@dataclasses.dataclass(frozen=True)
class Request:
    """A checked experiment, its scenarios by name, where to simulate it and where to keep it."""

    name: str
    experiment: Experiment
    scenarios: dict[str, Scenario]
    executor: Executor
    folder: Path


def compose_experiment(overrides: Sequence[str]) -> Request:
    """Compose an experiment from its YAML and ``key=value`` overrides, the last word with the latter.

    Raises:
        InputError: with one line for each thing that cannot be used.
    """
    last: dict[str, Any] = {}
    for text in overrides:
        key, value = _read_override(text)
        if key in ("folder", "experiment", "config"):
            last[key] = value
    rest = [text for text in overrides if text.partition("=")[0] not in last]
    name, data, scenarios = read_experiment(last.get("experiment"), last.get("config"))
    folder = path_of(last.get("folder") or f"results/{name}")
    return check(name, override(data, rest), folder, scenarios)


def read_experiment(
    experiment: str | None, config: str | None = None
) -> tuple[str, dict[str, Any], dict[str, Scenario]]:
    """Read an experiment: a shipped one, a YAML file, or the configuration that a folder of results keeps.

    Args:
        experiment: a shipped one's name or a YAML file.
        config: a folder of results, or the ``config.yaml`` in it.

    Returns:
        A name for its folder, what it says, and its scenarios where they are kept with it.

    Raises:
        InputError: if it cannot be read.
    """
    if config is None:
        return (Path(experiment).stem, experiment_data(experiment), {}) if experiment else ("sweep", {}, {})
    if experiment:
        raise InputError(f"experiment={experiment} and config={config}: give one of them")
    folder, data = read_config(config)
    if "experiment" not in data:  # of a study without a design
        plain, own = shared_options(data), ("policies", "months", "seed", "replications", "engine")
        scenario = {"scenario": load_scenario(plain.get("scenario", {}))}
        return "sweep", {"scenario": "scenario", **{key: plain[key] for key in own if key in plain}}, scenario
    fields = dict(data["experiment"])
    if isinstance(fields.get("design"), dict) and fields["design"].get("name") == "file":
        rows = read_table(folder / json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["design"])
        rows = rows.sort_values("row").drop(columns=["row", "point"])
        fields["design"] = {**fields["design"], "columns": {c: rows[c].tolist() for c in rows.columns}}
    scenarios = {name: load_scenario(plain) for name, plain in dict(data.get("scenarios") or {}).items()}
    return str(data.get("name", "sweep")), fields, scenarios


def override(data: Mapping[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """Change an experiment, given as plain data, by ``key=value`` overrides."""
    changed = copy.deepcopy(dict(data))
    changes = [_read_override(text) for text in overrides]
    for path, value in sorted(changes, key=lambda c: "." in c[0]):  # options before their parts
        _apply(changed, path, value)
    return changed


def check(name: str, data: Mapping[str, Any], folder: Path, scenarios: Mapping[str, Scenario] | None = None) -> Request:
    """Check an experiment given as plain data (as in its YAML); scenarios are loaded unless they are passed."""
    data = dict(data)
    known = [*Experiment.model_fields, "executor"]
    for key in data:
        if key not in known:
            raise InputError(f"{key}: an experiment has no such option; {near(key, known)}")
    for key in DOTTED:
        if not isinstance(data.get(key) or {}, Mapping):
            raise InputError(f"{key} = {data[key]!r}: give dotted paths with values, for example {key}.start.trust=...")
        data[key] = _flat(data.get(key) or {}) if key == "changes" else dict(data.get(key) or {})
    data |= _groups(data)
    design = data["design"]
    own = _own_table(design) if design.get("name") == "file" else None
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
    loaded = _with_outcomes(experiment, _scenarios(experiment, scenarios or {}))
    policies = [_in_months(opened(policy), loaded) for policy in experiment.policies]
    experiment = experiment.model_copy(update={"policies": policies})
    return Request(name, experiment, loaded, chosen, folder)


def _in_months(policy: Any, scenarios: Mapping[str, Scenario]) -> Any:
    """Turn the dates of a plan into months, which have to be the same in every scenario."""
    first, *others = [in_months(policy, scenario.begins) for scenario in scenarios.values()]
    if any(other != first for other in others):
        raise InputError("policies: a plan has dates, and the scenarios start in different months; give months")
    return first


def _own_table(design: Mapping[str, Any]) -> FromFile:
    """Read what the design says of the user's own table, leniently: it is checked later, with messages."""
    columns = design.get("columns")
    usable = isinstance(columns, dict) and all(isinstance(values, list) for values in columns.values())
    return FromFile(path=str(design.get("path", "design.csv")), columns=columns if usable else {})


def _scenarios(experiment: Experiment, known: Mapping[str, Scenario]) -> dict[str, Scenario]:
    """Give every scenario that the experiment names, with its changes; those that are not known are loaded."""
    design = experiment.chosen_design()
    space = design.space() if isinstance(design, FromFile) else experiment.space
    names = space.get("scenario", [experiment.scenario])
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise InputError("space: scenario takes a list of names, for example scenario: [neutral, denim_alliance]")
    loaded = {}
    for name in names:
        plain = known[name].model_dump() if name in known else scenario_data(name)
        try:
            loaded[name] = Scenario.model_validate(plain).replace(**experiment.changes)
        except ValidationError as error:
            raise InputError(f"scenario={name}: {readable(error, '', Scenario)}") from error
        except InputError as error:
            raise InputError(f"changes: {error}") from error
    return loaded


def _with_outcomes(experiment: Experiment, scenarios: Mapping[str, Scenario]) -> dict[str, Scenario]:
    """Let every scenario measure the outcomes that are named; refuse to stop at, or to draw, one that none has."""
    measured = {name: measuring(s, experiment.outcomes)[0] for name, s in scenarios.items()}
    known = {o.name: None for s in measured.values() for o in outcomes_of(s)}
    wanted = {f"figures.{name}": figure.outcome for name, figure in experiment.figures.items()}
    wanted |= {"precision": experiment.precision.outcome} if experiment.precision else {}
    for where, outcome in wanted.items():
        if outcome not in known and names_file(outcome):
            raise InputError(
                f"{where}.outcome = {outcome}: list the file as outcomes=[{outcome}], and give a name here"
            )
        if outcome not in known:
            measured = {name: measuring(s, [outcome], f"{where}.outcome")[0] for name, s in measured.items()}
    for scenario in measured.values():
        own_code(scenario)
    return measured


def _groups(data: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the files of the groups ``design`` and ``executor``."""
    chosen: dict[str, str] = {}
    options: dict[str, dict[str, Any]] = {}
    for kind, default in (("design", "grid"), ("executor", "processes")):
        entry = data.get(kind) or {}
        entry = {"name": entry} if isinstance(entry, str) else entry
        if not isinstance(entry, dict):
            raise InputError(f"{kind}: give a name, or {{name: ..., option: ...}}")
        options[kind] = entry
        chosen[kind] = str(entry.get("name", default))
    shipped = group_choices(chosen)
    return {kind: {**shipped[kind], **options[kind]} for kind in chosen}


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
    if key in LITERAL and not (key == "design" and value.startswith("{")):
        return key, value.strip("'\"") or None
    if "${" in value:
        raise InputError(f"'{text}': ${{...}} is not used here; write the value out")
    return key, value_of(text)


def _apply(data: dict[str, Any], path: str, value: Any) -> None:
    """Set one override: ``scenario.a.b`` is a change, ``space.a.b`` a dimension (null removes it)."""
    top, _, rest = path.partition(".")
    if top == "scenario" and rest:
        top = "changes"
    known = [*Experiment.model_fields, "executor", "folder", "experiment", "config"]
    if top not in known:
        raise InputError(f"{path}: a sweep has no option '{top}'; {near(top, known)}")
    if not rest:
        data[top] = value
        return
    old = data.get(top)
    inner: dict[str, Any] = dict(old) if isinstance(old, dict) else ({"name": old} if isinstance(old, str) else {})
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
