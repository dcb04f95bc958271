"""``sim.calibrate``: history matching. Parameter sets that known facts rule out are dropped; the rest is the region.

The engine is fast enough to sample the wide prior directly (SciPy's Sobol sequence, through ``sweep``): no emulator
stands between the model and the facts. The result is a set of parameter sets and not one best point: facts this loose
do not single one out. There are two waves: a first one over all points with few runs, and a second one over those that
remain, with more (Craig et al. 1997; Vernon, Goldstein & Bower 2010: a parameter set is ruled out when it misses a fact
by more than its error allows).
"""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError, model_validator

from sim.config.files import CONFIGS, names_in, read_yaml
from sim.core.declare import Declared, param
from sim.core.errors import InputError, near, readable
from sim.core.paths import path_of
from sim.core.plugins import names_file
from sim.model.outcomes import SUMMARY, measuring, outcome_named
from sim.model.outcomes.own import own_outcomes
from sim.model.scenario import Scenario
from sim.storage.atomic import write_atomic
from sim.storage.results import csv_text, quoted
from sim.studies.growing import GrowingResult, default_folder, open_folder
from sim.studies.identity import identify
from sim.studies.sweep import Sweep, refuse_failed, sweep
from sim.studies.validation.list_calibration import ListCalibration, calibrate_on_lists
from sim.studies.validation.list_spec import is_list_calibration
from sim.studies.validation.region import validation_digest
from sim.sweeps.designs.space import swept
from sim.sweeps.spec import check, experiment_data

if TYPE_CHECKING:
    import pandas as pd

    from sim.viz.save import Figure

NAME = re.compile("[A-Za-z][A-Za-z0-9_]*")
ERRORS = 2.0
"""How many standard errors beyond a range a parameter set may lie before it is ruled out."""


def _option(default: Any, doc: str) -> Any:
    return param(default, unit="", doc=doc, source="configuration")


class Target(Declared):
    """A fact to calibrate on: an outcome's mean over runs, or the share of runs in which it is at least so much."""

    outcome: str = _option("", "Which outcome of a run")
    at_least: float | None = _option(None, "Take the share of runs in which it is at least this")
    low: float = _option(0.0, "Lower end of the empirical range")
    high: float = _option(0.0, "Upper end")
    unit: str = _option("", "Unit")
    source: str = _option("", "Where it is from")


class CalibrationSpec(Declared):
    """The prior, the facts, and how many runs."""

    experiment: str = _option("calibration", "The prior: an experiment whose space has the free parameters")
    replications: int = param(
        200, unit="runs", low=10, high=100_000, doc="Replications in the second wave", source="configuration"
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
        own = {o.name for text in self.outcomes if names_file(text) for o in own_outcomes(text)}
        for name, target in self.targets.items():
            if target.outcome not in own and outcome_named(target.outcome) is None:
                hint = near(target.outcome, [*own, *(o.name for o in SUMMARY)])
                raise ValueError(f"targets.{name}: there is no outcome '{target.outcome}'; {hint}")
            if not target.low < target.high:
                raise ValueError(f"targets.{name}: {target.low:g} to {target.high:g} is empty; low must be below high")
        for name in self.targets:
            if not NAME.fullmatch(name) or name.lower() in ("point", "row", "policy", "seed"):
                raise ValueError(
                    f"targets: '{name}' cannot name a fact; give a letter, then letters, digits or _, "
                    "but not point, row, policy or seed"
                )
        if len({name.lower() for name in self.targets}) < len(self.targets):
            raise ValueError("targets: two facts have the same name; capitals make no difference")
        return self

    def check_outcomes(self, scenario: Scenario) -> list[str]:
        """Check that a scenario has the outcomes of all targets; gives what it has to measure besides what ships.

        Raises:
            InputError: (a ``ValueError``) for an outcome that it does not have.
        """
        scenario, _ = measuring(scenario, self.outcomes)
        for name, target in self.targets.items():
            scenario, _ = measuring(scenario, [target.outcome], f"targets.{name}.outcome")
        return list(scenario.outcomes)


@dataclasses.dataclass(frozen=True, repr=False)
class Calibration(GrowingResult):
    """The plausible region.

    Its tables: ``ranges`` (a row per free parameter and fact: prior or empirical range, and quantiles of what is left),
    ``sample`` (some parameter sets, to sweep over) and ``region`` (all parameter sets that agree with the facts, with
    the statistics of the facts).
    """

    spec: CalibrationSpec = dataclasses.field(default_factory=CalibrationSpec.model_construct)
    space: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    label: str = ""
    n_points: int = 0

    command = "calibrate"

    @property
    def title(self) -> str:
        """A heading."""
        return "Calibration: parameter sets that agree with all facts"

    @property
    def name(self) -> str:
        """The name of the calibration."""
        return self.label

    @property
    def note(self) -> str:
        """One line on where the numbers come from."""
        return f"{len(self.tables['region'])} of {self.n_points} parameter sets left; configuration {self.key}"

    def draw(self) -> "dict[str, Callable[[], Figure]]":
        """Give the figure ``region``: what is left of the prior, and the facts."""
        from sim.viz.figures.validation import calibration_figure

        return {"region": lambda: calibration_figure(self.tables["region"], self.space, self.spec.targets, self.note)}

    def text(self) -> str:
        """Give what the command prints: how many parameter sets are left, and where they lie."""
        lines = [
            f"{len(self.tables['region'])} of {self.n_points} parameter sets agree with all facts.",
            "",
            f"{'':32}{'prior':>18}{'left: 5 %':>12}{'median':>10}{'95 %':>10}",
        ]
        row: Any
        for row in self.tables["ranges"].itertuples():
            span = f"{row.low:>9g} to {row.high:<5g}"
            lines.append(f"{row.name:<32}{span}{row.q05:>12.3g}{row.median:>10.3g}{row.q95:>10.3g}")
        return "\n".join(lines)


def calibrate(
    calibration: str | Mapping[str, Any] | CalibrationSpec = "pledge",
    *,
    seeds: int | None = None,
    design: str | Mapping[str, Any] | None = None,
    folder: str | Path | None = None,
    executor: str | Mapping[str, Any] = "processes",
    progress: bool | None = None,
    call: str = "sim.calibrate(...)",
    **changes: Any,
) -> "Calibration | ListCalibration":
    """Rule out parameter sets that known facts contradict, in two waves of runs; or on real membership lists.

    Args:
        calibration: a shipped one's name, a YAML file, or what such a file says, as a mapping.
        seeds: how many runs of each parameter set in the second wave; by default what the calibration says.
        design: options of the first wave's design, for example ``{"n": 256}``.
        folder: keeps the runs, so that an interrupted calibration continues; ``results/calibrate-NAME-KEY`` by default.
        executor: ``serial``, ``processes`` or ``dask``, as for ``sim.sweep``.
        progress: show progress, as a bar on a terminal and as lines elsewhere; False for nothing.
        call: the command or Python call, for the manifest.
        **changes: other options of the prior, as an experiment has them, for example ``replications=8`` (first wave).
            A calibration on lists takes its own options here, such as ``points=256``, and no ``seeds`` or ``design``.

    Returns:
        Tables ``ranges``, ``sample``, ``region``; figure ``region``. Of a calibration on lists also ``facts`` and
        ``left_out``, with figures.

    Raises:
        InputError: if something cannot be used, or no parameter set is left; the message says how near the model
            comes to each fact.
    """
    if is_list_calibration(calibration):
        if seeds is not None or design is not None:
            raise InputError(
                "calibrate: a calibration on lists takes points=, waves=, final= and replications=; no design"
            )
        kind = executor if isinstance(executor, str) else executor.get("name", "processes")
        if kind not in ("serial", "processes"):
            raise InputError(f"executor={kind}: a calibration on lists takes serial or processes")
        workers = 1 if kind == "serial" else executor.get("workers") if isinstance(executor, Mapping) else None
        on_lists: Any = calibration
        return calibrate_on_lists(on_lists, folder=folder, workers=workers, progress=progress, call=call, **changes)
    spec, label = read_calibration(calibration), Path(calibration).stem if isinstance(calibration, str) else ""
    if seeds is not None:
        spec = read_calibration({**spec.model_dump(), "replications": seeds})
    prior = experiment_data(spec.experiment) | changes
    if any(not isinstance(entry, dict) or "low" not in entry for entry in prior.get("space", {}).values()):
        raise InputError(f"calibration: experiment {spec.experiment} is not a prior; its space must give low and high")
    chosen = {"name": design} if isinstance(design, str) else dict(design or {})
    prior |= {"design": {**prior.get("design", {}), **chosen}, "figures": {}}
    request = check("calibration", {**prior, "executor": executor}, Path())
    prior["outcomes"] = list(dict.fromkeys(
        text for scenario in request.scenarios.values() for text in spec.check_outcomes(scenario)
    ))  # fmt: skip
    request = check("calibration", {**prior, "executor": executor}, Path())
    scenarios = {name: scenario.model_dump(mode="json") for name, scenario in request.scenarios.items()}
    config: dict[str, Any] = {
        "calibration": spec.model_dump(mode="json"),
        "prior": request.experiment.plain(),
        "scenarios": scenarios,
    }
    config["validation"] = validation_digest()
    own = [plugin for scenario in request.scenarios.values() for plugin in scenario.plugins]
    identity = identify(config, *request.experiment.policies, *own)
    place = path_of(folder or default_folder("calibrate", label, identity.key))
    open_folder(place, identity, ("wide", "closer", "left.csv", "ranges", "sample", "region"))
    region, n_points = _two_waves(spec, prior, place, executor=executor, progress=progress)
    tables = {
        "ranges": _ranges(region, prior["space"], spec.targets),
        "sample": region.head(spec.sample_size).drop(columns=list(spec.targets)),
        "region": region,
    }
    more: dict[str, Any] = {"spec": spec, "space": prior["space"], "label": label, "n_points": n_points}
    return Calibration(tables, identity, tuple(range(spec.replications)), call, folder=place, **more)


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
        return CalibrationSpec.model_validate(read_yaml(path, "calibration", "configs/calibration/pledge.yaml"))
    except ValidationError as error:
        raise InputError(readable(error, "calibration", CalibrationSpec)) from error


def target_statistics(runs: Sweep, targets: Mapping[str, Target], policy: str = "") -> "pd.DataFrame":
    """Compute each target's statistic and its standard error, a row per point; under one policy, if named."""
    parts = []
    for name, target in targets.items():
        value = quoted(target.outcome)
        value = value if target.at_least is None else f"CAST({value} >= {float(target.at_least)!r} AS DOUBLE)"
        parts.append(f"avg({value}) AS {name}, coalesce(stddev_samp({value}), 0) / sqrt(count(*)) AS {name}_error")
    where = f"WHERE policy = '{policy}'" if policy else ""
    return runs.sql(f"SELECT point, {', '.join(parts)} FROM runs {where} GROUP BY point ORDER BY point", threads=1)


def not_ruled_out(table: "pd.DataFrame", targets: Mapping[str, Target]) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Tell which points no target rules out: within its range, or beyond it by no more than the error allows."""
    plausible = np.ones(len(table), dtype=bool)
    for name, target in targets.items():
        margin = ERRORS * table[f"{name}_error"]
        plausible &= ((table[name] >= target.low - margin) & (table[name] <= target.high + margin)).to_numpy()
    return plausible


def _two_waves(spec: CalibrationSpec, prior: Mapping[str, Any], folder: Path, **how: Any) -> tuple["pd.DataFrame", int]:
    """Give the region, a row per parameter set in the order of the Sobol sequence, and the number of all points."""
    first = refuse_failed(sweep(prior, folder / "wide", **how))
    points = _plausible_points(first, spec.targets)
    space = swept(first.design.columns)
    by_point = first.design.drop_duplicates("point").set_index("point")[space]
    design = folder / "left.csv"
    write_atomic(design, csv_text(by_point.loc[points["point"]], "%.17g").encode())
    dropped = ("space", "design", "constraints", "figures", "replications")
    closer = {k: v for k, v in prior.items() if k not in dropped}
    closer |= {"design": {"name": "file", "path": str(design)}, "replications": spec.replications}
    second = refuse_failed(sweep(closer, folder / "closer", **how))
    points = _plausible_points(second, spec.targets)
    region = second.design.set_index("point")[space].loc[points["point"]].reset_index(drop=True)
    return region.join(points[list(spec.targets)].reset_index(drop=True)), len(by_point)


def _plausible_points(runs: Sweep, targets: Mapping[str, Target]) -> "pd.DataFrame":
    table = target_statistics(runs, targets)
    plausible = not_ruled_out(table, targets)
    if not plausible.any():
        reach = "; ".join(
            f"{n}: {table[n].min():.3g} to {table[n].max():.3g} reached, {t.low:g} to {t.high:g} wanted"
            for n, t in targets.items()
        )
        raise InputError(
            f"calibration: no parameter set agrees with all targets ({reach}); widen the prior or the ranges"
        )
    return table[plausible]


def _ranges(
    region: "pd.DataFrame", space: Mapping[str, Mapping[str, float]], targets: Mapping[str, Target]
) -> "pd.DataFrame":
    import pandas as pd

    spans: Sequence[tuple[str, str, float, float]] = [
        *((path, path, span["low"], span["high"]) for path, span in space.items()),
        *((f"{name} {t.outcome}", name, t.low, t.high) for name, t in targets.items()),
    ]
    rows = []
    for name, column, low, high in spans:
        q05, median, q95 = region[column].quantile([0.05, 0.5, 0.95])
        rows.append({"name": name, "low": low, "high": high, "q05": q05, "median": median, "q95": q95})
    return pd.DataFrame(rows)
