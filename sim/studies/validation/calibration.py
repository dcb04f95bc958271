"""``sim.calibrate``: history matching. Parameter sets that known facts rule out are dropped; the rest is the region.

The engine is fast enough to sample the wide prior directly (SciPy's Sobol sequence, through ``sweep``): no emulator
stands between the model and the facts. The result is a set of parameter sets and not one best point: facts this loose
do not single one out. There are two waves: a first one over all points with few runs, and a second one over those that
remain, with more (Craig et al. 1997; Vernon, Goldstein & Bower 2010: a parameter set is ruled out when it misses a fact
by more than its error allows).
"""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.config.files import case_options
from sim.config.job import load_scenario
from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.model.scenario import Scenario
from sim.storage.atomic import write_atomic
from sim.storage.results import csv_text, quoted
from sim.studies.growing import GrowingResult, default_folder, open_folder
from sim.studies.identity import identify
from sim.studies.sweep import Sweep, refuse_failed, sweep
from sim.studies.validation.calibration_spec import CalibrationSpec, Target, read_calibration
from sim.studies.validation.emulation import quantiles
from sim.studies.validation.list_calibration import ListCalibration, calibrate_on_lists
from sim.studies.validation.list_spec import is_list_calibration, read_list_calibration
from sim.studies.validation.region import FEW, equally_likely, left_open, validation_digest
from sim.sweeps.designs.space import swept
from sim.sweeps.spec import check, experiment_data, months_needed

if TYPE_CHECKING:
    import pandas as pd

    from sim.viz.save import Figure

ERRORS = 2.0
"""How many standard errors beyond a range a parameter set may lie before it is ruled out."""

DEVIATIONS = 3.0
"""How many standard deviations (allowed, chance and error together) it may miss a value."""

OF_A_CASE: dict[str, Any] = {"question": "Which parameters agree with what is known of this partnership?",
             "design": {"name": "sobol", "n": 1024}, "replications": 8}  # fmt: skip
"""The first wave for a scenario of a user's own, whose prior is what the calibration on lists varies."""


@dataclasses.dataclass(frozen=True, repr=False)
class Calibration(GrowingResult):
    """The plausible region.

    Its tables: ``ranges`` (a row per free parameter: prior, and weighted quantiles of what is left), ``prediction`` (a
    row per number that is known: what is known, and what runs of the region give), ``sample`` (parameter sets drawn by
    weight, to sweep over) and ``region`` (all parameter sets that agree with the facts, with ``weight``, ``misfit`` and
    the statistic of each number).
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
        size = f"{len(self.tables['region'])} of {self.n_points} parameter sets left"
        effective = "" if self._is_even else f" ({self.effective:.0f} effective)"
        return f"{size}{effective}; configuration {self.key}"

    @property
    def effective(self) -> float:
        """How many parameter sets of equal weight the region is worth."""
        return float(1.0 / (self.tables["region"]["weight"] ** 2).sum())

    @property
    def _is_even(self) -> bool:
        return all(target.is_range for target in self.spec.targets.values())

    def draw(self) -> "dict[str, Callable[[], Figure]]":
        """Give the figures: ``region``, what is left of the prior; ``prediction``, what is known beside the region."""
        from sim.viz.figures.validation import calibration_figure, prediction_figure

        region, numbers = self.tables["region"], self.spec.numbers
        return {
            "region": lambda: calibration_figure(region, self.space, numbers, self.note),
            "prediction": lambda: prediction_figure(self.tables["prediction"], self.note),
        }

    def text(self) -> str:
        """Give what the command prints: how many parameter sets are left, where they lie, and what they predict."""
        even = "" if self._is_even else f", by weight as much as {self.effective:.0f} equal ones"
        lines = [f"{len(self.tables['region'])} of {self.n_points} parameter sets agree with all facts{even}."]
        if self.effective < FEW:
            lines.append("That is too few to use. A larger design.n=, or more allowed:, helps.")
        lines += ["", f"{'':40}{'prior':>18}{'left: 5 %':>12}{'median':>10}{'95 %':>10}"]
        row: Any
        for row in self.tables["ranges"].itertuples():
            span = f"{row.low:>9g} to {row.high:<5g}"
            lines.append(f"{row.name:<40}{span}{row.q05:>12.3g}{row.median:>10.3g}{row.q95:>10.3g}")
        lines += ["", f"{'fact':32}{'month':>6}{'known':>18}{'region: 5 %':>14}{'median':>10}{'95 %':>10}"]
        for row in self.tables["prediction"].itertuples():
            known = f"{row.low:g} to {row.high:g}" if np.isnan(row.real) else f"{row.real:g} +- {row.allowed:g}"
            month = f"{row.at:g}" if row.at else ""
            mark = "" if row.inside else "  outside"
            lines.append(f"{row.fact:32}{month:>6}{known:>18}{row.q05:>14.3g}{row.median:>10.3g}{row.q95:>10.3g}{mark}")
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
        calibration: a shipped one's name, a YAML file, or what such a file says, as a mapping; ``lists`` if spells are
            given.
        seeds: how many runs of each parameter set in the second wave; by default what the calibration says.
        design: options of the first wave's design, for example ``{"n": 256}``.
        folder: keeps the runs, so that an interrupted calibration continues; ``results/calibrate-NAME-KEY`` by default.
        executor: ``serial``, ``processes`` or ``dask``, as for ``sim.sweep``.
        progress: show progress, as a bar on a terminal and as lines elsewhere; False for nothing.
        call: the command or Python call, for the manifest.
        **changes: other options of the prior, as an experiment has them, for example ``replications=8`` (first wave).
            A calibration on lists takes its own options here, such as ``points=256`` or ``spells="my_spells.csv"``, and
            no ``seeds`` or ``design``.

    Returns:
        Tables ``ranges``, ``prediction``, ``sample``, ``region``; figures ``region``, ``prediction``. Of a calibration
        on lists ``ranges``, ``facts``, ``left_out``, ``sample``, ``region``; figures ``lists``, ``left_out``.

    Raises:
        InputError: if something cannot be used, or no parameter set is left; the message says how near the model
            comes to each fact.
    """
    calibration = "lists" if calibration == "pledge" and "spells" in changes else calibration
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
    prior, free = prior_of(spec)
    prior |= changes
    chosen = {"name": design} if isinstance(design, str) else dict(design or {})
    prior |= {"design": {**prior.get("design", {}), **chosen}, "figures": {}}
    scenarios = {str(prior["scenario"]): free} if free else {}
    request = check("calibration", {**prior, "executor": executor}, Path(), scenarios)
    prior["outcomes"] = list(dict.fromkeys(
        text for scenario in request.scenarios.values() for text in spec.check_outcomes(scenario)
    ))  # fmt: skip
    request = check("calibration", {**prior, "executor": executor}, Path(), scenarios)
    config: dict[str, Any] = {
        "calibration": spec.model_dump(mode="json"),
        "prior": request.experiment.plain(),
        "scenarios": {name: scenario.model_dump(mode="json") for name, scenario in request.scenarios.items()},
    }
    config["validation"] = validation_digest()
    own = [plugin for scenario in request.scenarios.values() for plugin in scenario.plugins]
    identity = identify(config, *request.experiment.policies, *own)
    place = path_of(folder or default_folder("calibrate", label, identity.key))
    open_folder(place, identity, ("wide", "closer", "left.csv", "ranges", "prediction", "sample", "region"))
    region, prediction, n_points = _two_waves(
        spec, {**prior, **({"scenario": free} if free else {})}, place, executor=executor, progress=progress
    )
    tables = {
        "ranges": _ranges(region, prior["space"]),
        "prediction": prediction,
        "sample": equally_likely(region, spec.sample_size)[list(prior["space"])],
        "region": region,
    }
    more: dict[str, Any] = {"spec": spec, "space": prior["space"], "label": label, "n_points": n_points}
    return Calibration(tables, identity, tuple(range(spec.replications)), call, folder=place, **more)


def prior_of(spec: CalibrationSpec) -> tuple[dict[str, Any], Scenario | None]:
    """Give the experiment whose points are the prior, and the scenario where the calibration names one.

    In that scenario everybody stays who is not modelled to leave: what is known of exits is for the targets to say.

    Raises:
        InputError: if the space of the prior is not one of ranges.
    """
    named = spec.experiment or ("" if spec.scenario or spec.space else "calibration")
    prior: dict[str, Any] = experiment_data(named) if named else dict(OF_A_CASE)
    scenario = None
    if spec.scenario:
        case = load_scenario(spec.scenario)
        members = [member.model_dump() | {"leaves": None} for member in case.members]
        scenario = case.replace(**{"now": 0, **({"members": members} if members else {})})
        prior["scenario"] = spec.scenario
        prior["policies"] = [case_options(spec.scenario).get("policy", "neutral")]
    if spec.policy is not None:
        prior["policies"] = [spec.policy]
    if not named:
        shipped = read_list_calibration("lists")
        prior["space"] = {**shipped.space, **shipped.unseen}
        prior = {"scenario": "neutral", "policies": ["neutral"], **prior}
    prior["space"] = spec.space or prior.get("space", {})
    if any(not isinstance(entry, dict) or "low" not in entry for entry in prior["space"].values()):
        where = f"experiment {named} is not a prior; its space" if named and not spec.space else "space"
        raise InputError(f"calibration: {where} must give low and high")
    if scenario:
        prior["space"] = _left_open(scenario, prior["space"], bool(spec.space))
    needed = max(months_needed(target.outcome) for target in spec.numbers.values())
    return prior | {"months": max(prior.get("months", 60), needed)}, scenario


def _left_open(scenario: Scenario, space: Mapping[str, Any], chosen: bool) -> dict[str, Any]:
    """Leave out what a scenario sets itself, or refuse it where somebody chose the space."""
    import pandas as pd

    free = [str(path) for path in left_open(scenario, pd.DataFrame(columns=list(space)))]
    fixed = [path for path in space if path not in free]
    if chosen and fixed:
        raise InputError(
            f"calibration: space: {fixed[0]} is set by the scenario, or says nothing in it; take it out of one of them"
        )
    return {path: space[path] for path in free}


def target_statistics(runs: Sweep, targets: Mapping[str, Target], policy: str = "") -> "pd.DataFrame":
    """Compute each target's statistic over runs, a row per point; under one policy, if named.

    ``_spread`` is the standard deviation of single runs, ``_error`` that of the statistic. Runs in which an outcome is
    not defined do not count.
    """
    parts = []
    for name, target in targets.items():
        value = _value(target)
        error = f"coalesce(stddev_samp({value}), 0)"
        parts += [f"avg({value}) AS {name}", f"{error} AS {name}_spread"]
        parts.append(f"{error} / sqrt(count({value})) AS {name}_error")
    where = f"WHERE policy = '{policy}'" if policy else ""
    return runs.sql(f"SELECT point, {', '.join(parts)} FROM runs {where} GROUP BY point ORDER BY point", threads=1)


def _value(target: Target) -> str:
    """Write what a run gives for a target, in SQL: NULL where it is not defined."""
    value = f"CASE WHEN isnan({quoted(target.outcome)}) THEN NULL ELSE {quoted(target.outcome)} END"
    return value if target.at_least is None else f"CAST(({value}) >= {float(target.at_least)!r} AS DOUBLE)"


def not_ruled_out(table: "pd.DataFrame", targets: Mapping[str, Target]) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Tell which points no target rules out: they miss none by more than is allowed, or by chance and error."""
    plausible = np.ones(len(table), dtype=bool)
    for name, target in targets.items():
        if target.value is None:
            (low, high), margin = target.span, ERRORS * table[f"{name}_error"]
        else:
            low = high = target.value
            margin = DEVIATIONS * variance(table, name, target) ** 0.5
        plausible &= ((table[name] >= low - margin) & (table[name] <= high + margin)).to_numpy()
    return plausible


def variance(table: "pd.DataFrame", name: str, target: Target) -> "pd.Series[float]":
    """Give by how much a value may be missed: what is allowed, chance in its partnerships, and error of the runs."""
    chance: pd.Series[float] = table[f"{name}_spread"] ** 2 / target.partnerships
    return target.allowed**2 + chance + table[f"{name}_error"] ** 2


def weigh(table: "pd.DataFrame", spec: CalibrationSpec) -> "tuple[pd.Series[float], pd.Series[float]]":
    """Weigh points by how well they agree with the values; ranges do not tell those within them apart.

    A curve counts as one fact, as its numbers depend on each other.

    Returns:
        Weights, which sum to one, and misfits: the sum over facts of the mean squared deviation.
    """
    import pandas as pd

    misfit, surprise = pd.Series(0.0, table.index), pd.Series(0.0, table.index)
    facts, numbers = spec.facts, spec.numbers
    for name, target in numbers.items():
        if target.value is None:
            continue
        of_fact = sum(facts[name][0] == fact for fact, _ in facts.values())
        allowed = variance(table, name, target)
        squares = (table[name] - target.value) ** 2 / allowed
        misfit += squares / of_fact
        surprise += (squares + np.log(allowed)) / of_fact
    weight = np.exp(-0.5 * (surprise - surprise.min()))
    return weight / weight.sum(), misfit


def _two_waves(
    spec: CalibrationSpec, prior: Mapping[str, Any], folder: Path, **how: Any
) -> tuple["pd.DataFrame", "pd.DataFrame", int]:
    """Give the region, a row per parameter set in the order of the design, its prediction, and how many points."""
    first = refuse_failed(sweep(prior, folder / "wide", **how))
    points = _plausible_points(first, spec.numbers)
    space = swept(first.design.columns)
    by_point = first.design.drop_duplicates("point").set_index("point")[space]
    design = folder / "left.csv"
    write_atomic(design, csv_text(by_point.loc[points["point"]], "%.17g").encode())
    dropped = ("space", "design", "constraints", "figures", "replications")
    closer = {k: v for k, v in prior.items() if k not in dropped}
    closer |= {"design": {"name": "file", "path": str(design)}, "replications": spec.replications}
    second = refuse_failed(sweep(closer, folder / "closer", **how))
    points = _plausible_points(second, spec.numbers)
    region = second.design.drop_duplicates("point").set_index("point")[space].loc[points["point"]]
    points["weight"], points["misfit"] = weigh(points, spec)
    prediction = _prediction(second, points, spec)
    statistics = points[[*spec.numbers, "weight", "misfit"]].reset_index(drop=True)
    return region.reset_index(drop=True).join(statistics), prediction, len(by_point)


def _plausible_points(runs: Sweep, targets: Mapping[str, Target]) -> "pd.DataFrame":
    table = target_statistics(runs, targets)
    unknown = [name for name in targets if table[name].isna().all()]
    if unknown:
        raise InputError(f"calibration: {targets[unknown[0]].outcome} is defined in no run; is anybody in its group?")
    plausible = not_ruled_out(table, targets)
    if not plausible.any():
        wanted = {n: f"{t.span[0]:.3g} to {t.span[1]:.3g}" for n, t in targets.items()}
        reach = "; ".join(
            f"{n}: {table[n].min():.3g} to {table[n].max():.3g} reached, {wanted[n]} wanted" for n in targets
        )
        raise InputError(
            f"calibration: no parameter set agrees with all targets ({reach}); widen the prior or the ranges"
        )
    return table[plausible].reset_index(drop=True)


def _prediction(runs: Sweep, points: "pd.DataFrame", spec: CalibrationSpec) -> "pd.DataFrame":
    """Set what is known beside what runs of the region give, a row per number.

    The band is of single partnerships, or of means of so many as the value is of; for a range, of means over all runs.
    """
    import pandas as pd

    rows = []
    for name, target in spec.numbers.items():
        values = runs.sql(f"SELECT point, {_value(target)} AS value FROM runs ORDER BY point, run_id", threads=1)
        values = points.merge(values.dropna(), on="point")
        shrunk = 0.0 if target.is_range else target.partnerships**-0.5
        single = values[name] + shrunk * (values["value"] - values[name])
        weight = values["weight"] / values.groupby("point")["value"].transform("size")
        q05, median, q95 = quantiles(single.to_numpy(dtype=float), weight.to_numpy(dtype=float))
        fact, month = spec.facts[name]
        low, high = target.span
        inside = low <= median <= high if target.value is None else q05 <= target.value <= q95
        rows.append({
            "fact": fact, "at": month, "outcome": target.outcome, "real": np.nan if target.is_range else target.value,
            "allowed": np.nan if target.is_range else target.allowed, "low": low, "high": high,
            "q05": q05, "median": median, "q95": q95, "inside": bool(inside),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _ranges(region: "pd.DataFrame", space: Mapping[str, Mapping[str, float]]) -> "pd.DataFrame":
    import pandas as pd

    rows = []
    for path, span in space.items():
        q05, median, q95 = quantiles(region[path].to_numpy(), region["weight"].to_numpy())
        rows.append({"name": path, "low": span["low"], "high": span["high"], "q05": q05, "median": median, "q95": q95})
    return pd.DataFrame(rows)
