"""What can be done with a sweep's folder: start, resume, extend, retry failed runs. Each holds the folder's lock."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sim.core.errors import InputError, near, readable
from sim.core.plugins import use_copies
from sim.core.sources import PluginError, source_file
from sim.model.outcomes import own_facts
from sim.model.policies.registry import label
from sim.model.scenario import Scenario
from sim.storage.digests import changed_files, kept_copy, model_version, plugin_digests
from sim.sweeps.designs.space import swept
from sim.sweeps.executors import EXECUTORS
from sim.sweeps.forecast import refuse_too_large
from sim.sweeps.plan import Plan, points_of
from sim.sweeps.recovery import recover
from sim.sweeps.runner import Progress, run_missing
from sim.sweeps.spec import Executor, Experiment, Precision, Request, check, override
from sim.sweeps.store import Store
from sim.sweeps.tasks import work

if TYPE_CHECKING:
    import pandas as pd

MAY_GROW = ("replications", "policies", "space", "design", "precision", "figures", "question")
"""Options that ``extend`` may change: they add runs and change none."""

LOOK_ONLY = ("figures", "question")
"""Options that change no run."""


def start(request: Request, progress: Progress, command: str, other_model: bool = False) -> Store:
    """Start the sweep that was asked for, or resume it where the folder already holds it.

    Args:
        request: the checked experiment, its folder and executor.
        progress: what hears of every finished task.
        command: the command or call, for the manifest.
        other_model: resume in a folder from another version of the model.

    Raises:
        InputError: if the folder holds another experiment, model or policy; the message says which, and what to do.
    """
    plan, store = plan_of(request), Store(request.folder)
    refuse_too_large(plan)
    config = config_of(plan, request.name)
    with store.locked():
        if store.exists:
            store.open()
            check_model(store, other_model)
            _refuse_another(store, config, plan)
            if config != store.config:  # other figures, or another wording of the question
                store.change(config | {"name": store.config["name"]}, store.design(), command, plan.specs)
            plan = plan_in(store)
        else:
            _try_out(plan)
            store.create(config, plan.rows, command, plan.specs)
        recover(store, plan)
        run_missing(plan, store, request.executor, progress)
    return store


def resume(folder: Path, executor: Executor, progress: Progress, other_model: bool = False) -> Store:
    """Resume the sweep that a folder holds.

    Raises:
        InputError: if it holds none, or one of another model or policy.
    """
    store = Store(folder).open()
    with store.locked():
        check_model(store.open(), other_model)
        plan = plan_in(store)
        recover(store, plan)
        run_missing(plan, store, executor, progress)
    return store


@dataclasses.dataclass(frozen=True)
class Added:
    """What ``extend`` added."""

    rows: int
    points: int
    policies: int


def extend(
    folder: Path, changes: Sequence[str] | Mapping[str, Any], executor: Executor, progress: Progress, command: str
) -> Added:
    """Add replications, design points or policies; nothing finished is run again.

    Args:
        folder: a sweep's folder.
        changes: ``key=value`` texts as on the command line, or a mapping of options to values.
        executor: where to simulate.
        progress: what hears of every finished task.
        command: the command or call, for the manifest.

    Raises:
        InputError: if a change would alter finished runs, or the folder is of another model or policy.
    """
    store = Store(folder).open()
    with store.locked():
        check_model(store.open())
        old = plan_in(store)
        new = _extended(old, store.folder, store.config["name"], changes)
        store.change(config_of(new, store.config["name"]), new.rows, command, new.specs)
        recover(store, new)
        run_missing(new, store, executor, progress)
    policies = len(new.policies) - len(old.policies)
    return Added(len(new.rows) - len(old.rows), new.n_points - old.n_points, policies)


def retry_failed(folder: Path, executor: Executor, progress: Progress) -> tuple[int, int]:
    """Run again what failed.

    Returns:
        How many runs were tried, and how many still fail.

    Raises:
        InputError: if the folder holds no sweep, or one of another model or policy.
    """
    store = Store(folder).open()
    with store.locked():
        check_model(store.open())
        plan = plan_in(store)
        recover(store, plan)
        failed = store.failures()
        progress.aim(len(failed), 0)
        workers = EXECUTORS[executor.name](executor)
        try:
            tasks = [
                task
                for policy in sorted({f["policy"] for f in failed})
                for task in plan.tasks_for(
                    policy,
                    [f["point"] for f in failed if f["policy"] == policy],
                    [f["seed"] for f in failed if f["policy"] == policy],
                )
            ]
            ids = {task.key: task.run_ids() for task in tasks}
            for finished in workers.run(tasks):
                still = {f["run_id"] for f in finished.failures}
                done = [r for r in ids[finished.key] if r not in still]
                if done:
                    store.add(dataclasses.replace(finished, key=f"{finished.key}-again", failures=()), mended=done)
                progress.add(finished)
        finally:
            workers.close()
        store.seal_log()
        return len(failed), len(store.failures())


# Plans


def plan_of(request: Request) -> Plan:
    """Make the plan of a request.

    Raises:
        InputError: if the design, the precision or a figure cannot be.
    """
    experiment, rows = request.experiment, points_of(request.experiment, request.scenarios)
    if experiment.precision is not None:
        experiment = experiment.model_copy(update={"precision": _between(experiment, experiment.precision)})
    plan = Plan(experiment, request.scenarios, rows)
    _check_figures(plan)
    return plan


def plan_in(store: Store) -> Plan:
    """Make the plan that a folder holds.

    Where a user's own policy file is not on this machine, the copy in ``policies/`` is used.

    Raises:
        InputError: if a user's own policy or pay-off has changed since.
    """
    config = store.config
    copies = _own_files(store)  # before any of their code is run
    try:
        scenarios = {name: Scenario.model_validate(data) for name, data in config["scenarios"].items()}
        experiment = Experiment.model_validate(config["experiment"])
    except ValidationError as error:
        raise InputError(f"{store.folder}: was not written by a sweep: {readable(error, '', Experiment)}") from error
    return Plan(experiment, scenarios, store.design(), copies)


def config_of(plan: Plan, name: str) -> dict[str, Any]:
    """Give the whole configuration as plain data."""
    config = {
        "name": name,
        "experiment": plan.experiment.plain(),
        "scenarios": {k: s.model_dump() for k, s in plan.scenarios.items()},
        "plugins": plan.plugins,
    }
    facts = {name: fact for s in plan.scenarios.values() for name, fact in own_facts(s).items()}
    config |= {"own_outcomes": facts} if facts else {}
    return dict(json.loads(json.dumps(config)))  # as the manifest will give it back


def _between(experiment: Experiment, precision: Precision) -> Precision:
    """Name the two policies whose difference is to be precise."""
    names = [label(p) for p in experiment.policies]
    if len(names) < 2:
        raise InputError("precision: a difference needs two policies; name them as policies=[one,other]")
    chosen = {"policy": precision.policy or names[-1], "baseline": precision.baseline or names[0]}
    for key, name in chosen.items():
        if name not in names or chosen["policy"] == chosen["baseline"]:
            raise InputError(f"precision.{key} = {name}: give two different ones of {', '.join(names)}")
    return precision.model_copy(update=chosen)


def _check_figures(plan: Plan) -> None:
    """Refuse figures of what does not vary, before anything is simulated."""
    design_policies = list(dict.fromkeys(plan.points["policy"])) if "policy" in plan.points else []
    values: dict[str, Any] = {c: set(plan.points[c]) for c in plan.points.columns}
    values |= {"policy": {*plan.policies, *design_policies}, "scenario": values.get("scenario") or set(plan.scenarios)}
    for name, figure in plan.experiment.figures.items():
        for column in (figure.x, figure.y, figure.by, figure.panels, *figure.against):
            if column and column not in values:
                raise InputError(f"figures.{name}: nothing called '{column}' varies; {near(column, values)}")
        for column, value in figure.against.items():
            if value not in values[column]:
                hint = near(str(value), sorted(map(str, values[column])))
                raise InputError(f"figures.{name}: against {column} = {value}, which no run has; {hint}")


# Refusals


def check_model(store: Store, other_model: bool = False) -> None:
    """Refuse a folder from another version of the model, unless asked for.

    Raises:
        InputError: the message names both versions and says what to do.
    """
    there = store.manifest["model"]
    if there != model_version() and not other_model:
        raise InputError(
            f"folder={store.folder}: was made by model {there}, this is {model_version()}; runs would not compare. "
            "Sweep into another folder, or add other_model=true to mix them all the same"
        )


def _own_files(store: Store) -> dict[str, str]:
    """Check the user's own policies and pay-offs against the manifest; gives the copies to use for missing files."""
    copies = {}
    for spec, digest in store.config["plugins"].items():
        try:
            source_file(spec)
        except PluginError as error:
            copy = kept_copy(store.folder, spec, digest)
            if copy is None:
                raise InputError(
                    f"{error}; {store.folder} keeps no copy of it in policies/ with the digest {digest} that its "
                    "manifest names. Bring the file back, or sweep into another folder"
                ) from error
            copies[spec] = str(copy)
            continue
        now = plugin_digests(spec)[spec]
        if now != digest:
            raise _changed(store, spec, digest, now)
    use_copies(copies)
    return copies


def _changed(store: Store, spec: str, digest: str, now: str) -> InputError:
    copy = kept_copy(store.folder, spec, digest)
    files = changed_files(spec, copy) if copy else []
    which = f" ({', '.join(files)})" if files else ""
    how = f"the text that made them is {copy}: bring it back" if copy else "bring the old text back"
    return InputError(
        f"folder={store.folder}: {spec} has changed since these runs were made{which}: digest {digest} there, {now} "
        f"now; {how}, or sweep into another folder"
    )


def _refuse_another(store: Store, config: Mapping[str, Any], plan: Plan) -> None:
    """Refuse to go on in a folder with something other than what it holds."""
    there = store.config
    for spec, digest in config["plugins"].items():
        if there["plugins"].get(spec, digest) != digest:
            raise _changed(store, spec, there["plugins"][spec], digest)
    differ = sorted(
        key
        for key in config["experiment"]
        if key not in LOOK_ONLY and config["experiment"][key] != there["experiment"].get(key)
    )
    differ += [key for key in ("scenarios", "plugins") if not differ and config[key] != there[key]]
    if not differ and config["experiment"]["design"]["name"] == "file" and not _same_points(store.design(), plan.rows):
        differ = ["the content of the design's file"]
    if differ:
        key = differ[0]
        old, new = (str(c["experiment"].get(key))[:60] for c in (there, config))
        both = f": {old} there, {new} requested" if old != new else ""
        raise InputError(
            f"folder={store.folder}: holds another experiment ({key} differs{both}). To go on with what it holds: "
            f"partnership sweep folder={store.folder}; to add to it: partnership extend; else name another folder"
        )


def _same_points(one: "pd.DataFrame", other: "pd.DataFrame") -> bool:
    """Tell whether two designs have the same points, in whatever order."""
    columns = swept(one.columns)
    if columns != swept(other.columns):
        return False
    if not columns:
        return True
    first, second = (t[columns].drop_duplicates().sort_values(columns, ignore_index=True) for t in (one, other))
    return bool(first.equals(second))


def _try_out(plan: Plan) -> None:
    """Try one run of every policy that is a user's own, so that a mistake in it shows at once."""
    if not plan.plugins:
        return
    tried = set()
    for group in plan.groups:
        if group.name not in tried:
            tried.add(group.name)
            failures = work(plan.task(group, [0], [plan.experiment.seed])).failures
            if failures:
                raise InputError(f"the first run fails, so nothing was started: {failures[0]['error']}")


# Extending


def _refuse_other_outcomes(now: Mapping[str, Scenario], then: Mapping[str, Scenario]) -> None:
    """Refuse a figure or a precision of an outcome that the finished runs did not measure."""
    for name, scenario in now.items():
        new = [text for text in scenario.outcomes if text not in then[name].outcomes]
        if new:
            raise InputError(
                f"{new[0]}: the finished runs did not measure it; sweep into another folder with outcomes=[{new[0]}]"
            )


def _extended(old: Plan, folder: Path, name: str, changes: Sequence[str] | Mapping[str, Any]) -> Plan:
    texts = [f"{k}={v}" for k, v in changes.items()] if isinstance(changes, Mapping) else list(changes)
    keys = [text.partition("=")[0].partition(".")[0] for text in texts]
    for text, key in zip(texts, keys, strict=True):
        if key == "months":
            raise InputError(
                f"'{text}': a folder keeps tables and not the states that runs ended in, so they cannot go on for "
                f"longer; make longer runs: partnership sweep config={folder}/config.yaml {text} folder=NEW"
            )
        if key not in MAY_GROW:
            raise InputError(f"'{text}': extend adds to {', '.join(MAY_GROW[:5])}; {key} would change finished runs")
    data = old.experiment.plain()
    changed = _merged(data, changes) if isinstance(changes, Mapping) else override(data, changes)
    if changed["policies"] != data["policies"]:
        there = [label(p) for p in data["policies"]]
        changed["policies"] = data["policies"] + [p for p in changed["policies"] if label(p) not in there]
    if "design" not in keys and data["design"]["name"] == "file":  # the folder holds the table
        table = old.rows.drop(columns=["row", "point"])
        changed["design"] = {**changed["design"], "columns": {c: table[c].tolist() for c in table.columns}}
    request = check(name, changed | {"scenario": old.experiment.scenario}, Path(), scenarios=old.scenarios)
    _refuse_other_outcomes(request.scenarios, old.scenarios)
    if request.experiment.replications < old.experiment.replications:
        raise InputError(
            f"replications={changed['replications']}: there are {old.experiment.replications} already; give more"
        )
    _refuse_less(old.experiment, request.experiment)
    plan = plan_of(request)
    return Plan(plan.experiment, request.scenarios, _united(old.rows, plan.rows, request.experiment), old.copies)


def _merged(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change options; a mapping such as ``space`` or ``design`` keeps the entries that the change leaves out."""
    both = {k: {**data[k], **v} for k, v in changes.items() if isinstance(v, Mapping) and isinstance(data[k], Mapping)}
    return {**data, **changes, **both}


def _refuse_less(old: Experiment, new: Experiment) -> None:
    if old.precision is None or new.precision is None:
        if old.precision is not new.precision:
            raise InputError("precision: a sweep with and one without it do not mix; sweep into another folder")
        return
    if new.precision.half_width > old.precision.half_width or new.precision.most < old.precision.most:
        raise InputError(
            f"precision: give a smaller half_width than {old.precision.half_width:g}, or a larger most than "
            f"{old.precision.most}; what is there stays"
        )


def _united(old: "pd.DataFrame", new: "pd.DataFrame", experiment: Experiment) -> "pd.DataFrame":
    """Join an old design with its extension; old points keep their numbers."""
    import pandas as pd

    columns = swept(old.columns)
    if columns != swept(new.columns):
        raise InputError("extend: another dimension would change what finished runs mean; sweep into another folder")
    if not columns or (len(new) >= len(old) and new.iloc[: len(old)][columns].equals(old[columns])):
        return new
    design = experiment.chosen_design()
    known = pd.MultiIndex.from_frame(old[columns])
    added = new[~pd.MultiIndex.from_frame(new[columns]).isin(known)]
    if design.needs_all_rows or (design.name != "file" and len(new) - len(added) < len(old)):
        raise InputError(
            f"extend: design {design.name} with these options does not hold all points that are there already; "
            "grid, sobol, saltelli and morris grow by larger options, a file by new rows; else use another folder"
        )
    added = added.assign(
        row=range(len(old), len(old) + len(added)),
        point=pd.factorize(added["point"])[0] + old["point"].max() + 1,
    )
    return pd.concat([old, added])
