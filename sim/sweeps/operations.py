"""What can be done with a folder: start a sweep, go on with it, retry what failed; each holds the lock."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.core.errors import InputError, near, readable
from sim.model.policies.registry import label
from sim.model.scenario import Scenario
from sim.storage.digests import model_version, plugin_digests
from sim.sweeps.executors import EXECUTORS
from sim.sweeps.experiment import Executor, Experiment
from sim.sweeps.plan import Plan
from sim.sweeps.points import points_of
from sim.sweeps.recovery import mend
from sim.sweeps.runner import Progress, carry_out
from sim.sweeps.spec import Asked
from sim.sweeps.store import Store
from sim.sweeps.tasks import work


def plan_of(asked: Asked) -> Plan:
    """Make the plan of what was asked for."""
    experiment, rows = asked.experiment, points_of(asked.experiment, asked.scenarios)
    if experiment.precision is not None:
        experiment = experiment.model_copy(update={"precision": _between(experiment)})
    plan = Plan(experiment, asked.scenarios, rows)
    check_figures(plan)
    return plan


def check_figures(plan: Plan) -> None:
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


def _between(experiment: Experiment) -> Any:
    """Name the two policies whose difference is to be precise."""
    names, aim = [label(p) for p in experiment.policies], experiment.precision
    assert aim is not None
    if len(names) < 2:
        raise InputError("precision: a difference needs two policies; name them as policies=[one,other]")
    chosen = {"policy": aim.policy or names[-1], "baseline": aim.baseline or names[0]}
    for key, name in chosen.items():
        if name not in names or chosen["policy"] == chosen["baseline"]:
            raise InputError(f"precision.{key} = {name}: give two different ones of {', '.join(names)}")
    return aim.model_copy(update=chosen)


def plan_in(store: Store) -> Plan:
    """Make the plan that a folder holds.

    Raises:
        InputError: if a user's own policy or pay-off has changed since.
    """
    config = store.config
    for name, text in config["plugins"].items():  # before any of it is run
        if plugin_digests(name)[name] != text:
            raise InputError(f"{name} has changed since these runs were made; bring it back, or sweep elsewhere")
    try:
        scenarios = {name: Scenario.model_validate(data) for name, data in config["scenarios"].items()}
        experiment = Experiment.model_validate(config["experiment"])
    except ValidationError as error:
        raise InputError(f"{store.folder}: was not written by a sweep: {readable(error, '', Experiment)}") from error
    return Plan(experiment, scenarios, store.design())


def config_of(plan: Plan, name: str) -> dict[str, Any]:
    """Give the whole configuration as plain data."""
    config = {
        "name": name,
        "experiment": plan.experiment.plain(),
        "scenarios": {k: s.model_dump() for k, s in plan.scenarios.items()},
        "plugins": plan.plugins,
    }
    return dict(json.loads(json.dumps(config)))  # as the manifest will give it back


def check_model(store: Store, other_model: bool = False) -> None:
    """Refuse a folder from another version of the model, unless asked for."""
    held = store.manifest["model"]
    if held != model_version() and not other_model:
        raise InputError(
            f"folder={store.folder}: was made by model {held}, this is {model_version()}; runs would not compare. "
            "Sweep into another folder, or add other_model=true to mix them all the same"
        )


def sweep(asked: Asked, progress: Progress, command: str, other_model: bool = False) -> Store:
    """Start the sweep that was asked for, or go on with it."""
    plan, store = plan_of(asked), Store(asked.folder)
    config = config_of(plan, asked.name)
    with store.locked():
        if store.exists:
            store.open()
            check_model(store, other_model)
            _refuse_another(store, config)
            if config != store.config:  # other figures, or another wording of the question
                store.change(config | {"name": store.config["name"]}, store.design(), command)
            plan = plan_in(store)
        else:
            _try_out(plan)
            store.create(config, plan.rows, command)
        go_on(plan, store, asked.executor, progress)
    return store


def resume(folder: Path, executor: Executor, progress: Progress, other_model: bool = False) -> Store:
    """Go on with what a folder holds."""
    store = Store(folder).open()
    with store.locked():
        check_model(store.open(), other_model)
        go_on(plan_in(store), store, executor, progress)
    return store


def retry_failed(folder: Path, executor: Executor, progress: Progress) -> tuple[int, int]:
    """Run again what failed; gives how many were tried, and how many still fail."""
    store = Store(folder).open()
    with store.locked():
        check_model(store.open())
        plan = plan_in(store)
        mend(store, plan)
        failed = store.failures()
        progress.aim(len(failed), 0)
        at_work = EXECUTORS[executor.name](executor)
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
            for finished in at_work.run(tasks):
                still = {f["run_id"] for f in finished.failures}
                done = [r for r in ids[finished.key] if r not in still]
                if done:
                    store.add(dataclasses.replace(finished, key=f"{finished.key}-again", failures=()), mended=done)
                progress.add(finished)
        finally:
            at_work.close()
        return len(failed), len(store.failures())


def go_on(plan: Plan, store: Store, executor: Executor, progress: Progress) -> None:
    """Put the folder in order and do what is missing."""
    mend(store, plan)
    carry_out(plan, store, executor, progress)


def _refuse_another(store: Store, config: Mapping[str, Any]) -> None:
    """Refuse to go on in a folder with something other than what it holds."""
    held = store.config
    mine = {"figures", "question"}
    differ = sorted(
        key
        for key in config["experiment"]
        if key not in mine and config["experiment"][key] != held["experiment"].get(key)
    )
    differ += [key for key in ("scenarios", "plugins") if not differ and config[key] != held[key]]
    if differ:
        key = differ[0]
        there, asked = (str(c["experiment"].get(key))[:60] for c in (held, config))
        told = f": {there} there, {asked} asked for" if there != asked else ""
        raise InputError(
            f"folder={store.folder}: holds another experiment ({key} differs{told}). To go on with what it holds: "
            f"partnership sweep folder={store.folder}; to add to it: partnership extend; else name another folder"
        )


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
