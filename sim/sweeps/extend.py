"""Extending a sweep: more replications, design points or policies; nothing finished is run again."""

from pathlib import Path
from typing import TYPE_CHECKING

from sim.core.errors import InputError
from sim.model.policies.registry import label
from sim.sweeps.experiment import Executor, Experiment
from sim.sweeps.operations import check_model, config_of, go_on, plan_in, plan_of
from sim.sweeps.plan import Plan
from sim.sweeps.points import points_of
from sim.sweeps.runner import Progress
from sim.sweeps.spec import check, override
from sim.sweeps.store import Store

if TYPE_CHECKING:
    import pandas as pd

MAY_GROW = ("replications", "policies", "space", "design", "precision", "figures", "question")
"""Settings that ``extend`` may change: they add runs and change none."""


def extend(
    folder: Path, given: list[str], executor: Executor, progress: Progress, command: str
) -> tuple[int, int, int]:
    """Add replications, design points or policies. Gives design rows, points and policies added."""
    store = Store(folder).open()
    with store.locked():
        check_model(store.open())
        old = plan_in(store)
        new = _extended(old, store.config["name"], given)
        store.change(config_of(new, store.config["name"]), new.rows, command)
        go_on(new, store, executor, progress)
    return len(new.rows) - len(old.rows), new.n_points - old.n_points, len(new.policies) - len(old.policies)


def _extended(old: Plan, name: str, given: list[str]) -> Plan:
    data = old.experiment.plain()
    for text in given:
        key = text.partition("=")[0].partition(".")[0]
        if key not in MAY_GROW:
            raise InputError(f"'{text}': extend adds to {', '.join(MAY_GROW[:5])}; {key} would change finished runs")
    changed = override(data, given)
    if any(text.startswith("policies=") for text in given):
        held = [label(p) for p in data["policies"]]
        changed["policies"] = data["policies"] + [p for p in changed["policies"] if label(p) not in held]
    asked = check(name, changed | {"scenario": old.experiment.scenario}, Path(), scenarios=old.scenarios)
    if asked.experiment.replications < old.experiment.replications:
        raise InputError(
            f"replications={changed['replications']}: there are {old.experiment.replications} already; give more"
        )
    _refuse_less(old.experiment, asked.experiment)
    rows = _united(old.rows, points_of(asked.experiment, old.scenarios), asked.experiment)
    return Plan(plan_of(asked).experiment, old.scenarios, rows)


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

    columns = [c for c in old.columns if c not in ("row", "point")]
    if columns != [c for c in new.columns if c not in ("row", "point")]:
        raise InputError("extend: another dimension would change what finished runs mean; sweep into another folder")
    if not columns or (len(new) >= len(old) and new.iloc[: len(old)][columns].equals(old[columns])):
        return new
    design = experiment.chosen_design()
    known = pd.MultiIndex.from_frame(old[columns])
    fresh = new[~pd.MultiIndex.from_frame(new[columns]).isin(known)]
    if design.whole or (design.name != "file" and len(new) - len(fresh) < len(old)):
        raise InputError(
            f"extend: design {design.name} with these settings does not hold all points that are there already; "
            "grid, sobol, saltelli and morris grow by larger settings, a file by new rows; else use another folder"
        )
    fresh = fresh.assign(
        row=range(len(old), len(old) + len(fresh)),
        point=pd.factorize(fresh["point"])[0] + old["point"].max() + 1,
    )
    return pd.concat([old, fresh])
