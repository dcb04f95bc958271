"""Calibration by history matching: settings that known facts rule out are left out; the rest is the region.

The engine is fast enough to look at the wide prior directly (SciPy's Sobol sequence, through ``sweep``): no emulator
stands between the model and the facts. What is left is a set of settings and not one best point: facts so loose
do not single one out. Two waves: a coarse look at all points, a closer one at those it leaves (Craig et al. 1997;
Vernon, Goldstein & Bower 2010: a setting is ruled out when it misses a fact by more than its error allows).
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError, model_validator

from sim.config.hydra import CONFIGS, names_in, read_yaml
from sim.core.declare import Declared, param
from sim.core.errors import InputError, near, readable
from sim.core.paths import path_of
from sim.model.scenario import Scenario
from sim.storage.atomic import write_atomic
from sim.sweeps.api import sweep
from sim.sweeps.designs.sampled import Sobol
from sim.sweeps.designs.space import space_of
from sim.sweeps.experiment import OUTCOMES, setting
from sim.sweeps.results import Sweep
from sim.sweeps.spec import experiment_data

if TYPE_CHECKING:
    import pandas as pd

NAME = re.compile("[A-Za-z][A-Za-z0-9_]*")
ERRORS = 2.0
"""How many standard errors beyond a range a setting may lie before it is ruled out."""


class Target(Declared):
    """A fact to calibrate on: an outcome's mean over worlds, or the share of worlds where it is at least so much."""

    outcome: str = setting("", "Which outcome of a run")
    at_least: float | None = setting(None, "Count worlds where it is at least this")
    low: float = setting(0.0, "Lower end of the empirical range")
    high: float = setting(0.0, "Upper end")
    unit: str = setting("", "Unit")
    source: str = setting("", "Where it is from")

    @model_validator(mode="after")
    def _check(self) -> "Target":
        if self.outcome not in OUTCOMES:
            raise ValueError(f"there is no outcome '{self.outcome}'; {near(self.outcome, OUTCOMES)}")
        if not self.low < self.high:
            raise ValueError(f"the range from {self.low:g} to {self.high:g} is empty; low must be below high")
        return self


class Calibration(Declared):
    """Which prior, which facts, how closely."""

    experiment: str = setting("calibration", "The prior: an experiment whose space is what is free")
    replications: int = param(
        200, unit="runs", low=10, high=100_000, doc="Replications of the closer look", source="configuration"
    )
    keep: int = param(64, unit="points", low=2, high=10_000, doc="Points kept of the region", source="configuration")
    targets: dict[str, Target] = setting({}, "The facts")

    @model_validator(mode="after")
    def _check(self) -> "Calibration":
        if not self.targets:
            raise ValueError("targets: name at least one fact")
        for name in self.targets:
            if not NAME.fullmatch(name) or name.lower() in ("point", "row", "policy", "seed"):
                raise ValueError(f"targets: '{name}' is no name for a fact; give a letter, then letters, digits or _")
        if len({name.lower() for name in self.targets}) < len(self.targets):
            raise ValueError("targets: two facts have the same name; capitals make no difference")
        return self


def read_calibration(name: str) -> Calibration:
    """Read a calibration: a shipped one's name, or a YAML file."""
    own = name.endswith((".yaml", ".yml"))
    if not own and name not in names_in("calibration"):
        raise InputError(f"calibration={name}: there is no such calibration; {near(name, names_in('calibration'))}")
    path = path_of(name) if own else CONFIGS / "calibration" / f"{name}.yaml"
    try:
        return Calibration.model_validate(read_yaml(path, "calibration", "configs/calibration/pledge.yaml"))
    except ValidationError as error:
        raise InputError(readable(error, "calibration", Calibration)) from error


def statistics(found: Sweep, targets: dict[str, Target], policy: str = "") -> "pd.DataFrame":
    """Give each target's statistic and its standard error, point by point, over worlds; under one policy, if named."""
    parts = []
    for name, target in targets.items():
        value = f'"{target.outcome}"'
        value = value if target.at_least is None else f"CAST({value} >= {float(target.at_least)!r} AS DOUBLE)"
        parts.append(f"avg({value}) AS {name}, coalesce(stddev_samp({value}), 0) / sqrt(count(*)) AS {name}_error")
    where = f"WHERE policy = '{policy}'" if policy else ""
    return found.sql(f"SELECT point, {', '.join(parts)} FROM runs {where} GROUP BY point ORDER BY point", threads=1)


def left(table: "pd.DataFrame", targets: dict[str, Target]) -> Any:
    """Tell which points no target rules out: within its range, or beyond it by no more than the error allows."""
    kept = np.ones(len(table), dtype=bool)
    for name, target in targets.items():
        margin = ERRORS * table[f"{name}_error"]
        kept &= ((table[name] >= target.low - margin) & (table[name] <= target.high + margin)).to_numpy()
    return kept


def calibrate(
    given: Calibration, folder: Path, executor: Any = "processes", progress: bool | None = None, **changes: Any
) -> "pd.DataFrame":
    """Rule out settings in two waves; gives the region: a row per setting left, in the order of the Sobol sequence.

    Interrupted, the same call goes on. ``changes`` go to the first wave, for example ``design={"n": 256}``.

    Raises:
        InputError: if nothing is left; the message says how near the model comes to each fact.
    """
    prior = experiment_data(given.experiment) | changes
    if any(not isinstance(entry, dict) or "low" not in entry for entry in prior["space"].values()):
        raise InputError(f"calibration: experiment {given.experiment} is no prior; its space must give low and high")
    first = sweep({**prior, "figures": {}}, folder / "wide", executor=executor, progress=progress)
    table = statistics(first, given.targets)
    kept = left(table, given.targets)
    _refuse_nothing(table, kept, given.targets)
    space = [c for c in first.design.columns if c not in ("row", "point")]
    settings = first.design.drop_duplicates("point").set_index("point")[space]
    chosen = settings.loc[table["point"][kept]]
    write_atomic(folder / "left.csv", chosen.to_csv(index=False, float_format="%.17g").encode())
    closer = {k: v for k, v in prior.items() if k not in ("space", "design", "constraints", "figures", "replications")}
    second = sweep(
        {**closer, "design": {"name": "file", "path": str(folder / "left.csv")}, "replications": given.replications},
        folder / "closer", executor=executor, progress=progress,
    )  # fmt: skip
    table = statistics(second, given.targets)
    kept = left(table, given.targets)
    _refuse_nothing(table, kept, given.targets)
    region = second.design.set_index("point")[space].loc[table["point"][kept]].reset_index(drop=True)
    return region.join(table.loc[kept, list(given.targets)].reset_index(drop=True))


def _refuse_nothing(table: "pd.DataFrame", kept: Any, targets: dict[str, Target]) -> None:
    if kept.any():
        return
    reach = "; ".join(
        f"{n}: {table[n].min():.3g} to {table[n].max():.3g} reached, {t.low:g} to {t.high:g} wanted"
        for n, t in targets.items()
    )
    raise InputError(f"calibration: no setting agrees with all targets ({reach}); widen the prior or the ranges")


def read_prior(settings: int, name: str = "calibration") -> "pd.DataFrame":
    """Give settings of the prior before any fact is looked at: the first of the calibration's Sobol sequence."""
    space = space_of(experiment_data(name)["space"], Scenario())
    return Sobol(n=1 << max(settings - 1, 1).bit_length()).table(space).head(settings)


def read_region(name: str = "pledge") -> "pd.DataFrame":
    """Read a shipped region: settings that the facts leave."""
    import pandas as pd

    return pd.read_csv(CONFIGS / "calibration" / f"{name}.csv")
