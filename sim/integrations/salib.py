"""SALib: its problem from the declared ranges, and the outcomes at its samples."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.core.declare import parameters
from sim.core.errors import InputError
from sim.engine.simulate import scenario_from
from sim.integrations.points import Space, dimensions, outcomes_at
from sim.model.arrays import Array
from sim.model.policies.registry import PolicyLike
from sim.model.scenario import Scenario
from sim.sweeps.designs.space import Dimension


def problem(space: Space, outcomes: Sequence[str] = (), scenario: Scenario | str | None = None) -> dict[str, Any]:
    """Describe what varies as SALib does.

    Args:
        space: dotted paths, which take their declared ranges; ``{path: {"low": .., "high": .., "scale": "log"}}`` for
            ranges of your own; or the name or file of an experiment, for its space.
        outcomes: names of outcomes of a run, SALib's ``outputs``.
        scenario: declares the ranges; the neutral reference by default.

    Returns:
        SALib's dictionary: ``num_vars``, ``names``, ``bounds``, ``dists`` and, if there are outcomes, ``outputs``.

    Raises:
        InputError: (a ``ValueError``) for an unknown path, or a list of values: SALib samples ranges.
    """
    varied = dimensions(space, scenario_from(scenario))
    listed = next((d.name for d in varied if d.choices), None)
    if listed is not None:
        raise InputError(f"space: {listed} is a list of values, and SALib samples ranges; give {{low: .., high: ..}}")
    if not varied:
        raise InputError("space: nothing varies; name at least one parameter by its dotted path")
    return {
        "num_vars": len(varied),
        "names": [d.name for d in varied],
        "bounds": [[d.low, d.high] for d in varied],
        "dists": ["logunif" if d.log else "unif" for d in varied],
        **({"outputs": list(outcomes)} if outcomes else {}),
    }


def evaluate(
    samples: Array,
    problem: Mapping[str, Any],
    outcomes: Sequence[str] | None = None,
    *,
    scenario: Scenario | str | None = None,
    policy: PolicyLike = "neutral",
    seeds: Sequence[int] | int = 20,
    months: int = 60,
    engine: str = "numpy",
) -> Array:
    """Give the outcomes at SALib's samples: means over seeds, the same for every sample (common random numbers).

    Whole numbers take equal parts of their range, as in the designs of ``sim.sweep``.

    Args:
        samples: a row a sample, in the units of the parameters: shape (samples, ``num_vars``).
        problem: as ``problem`` makes it.
        outcomes: names of outcomes of a run; the problem's ``outputs`` by default.
        scenario: the partnership, or the name of a shipped one; the neutral reference by default.
        policy: as in ``sim.simulate``.
        seeds: as in ``sim.simulate``.
        months: how many months to simulate.
        engine: ``numpy`` or ``compiled``.

    Returns:
        In the order of the samples: shape (samples,) for one outcome, else (samples, outcomes).

    Raises:
        InputError: (a ``ValueError``) for what is not valid, and for an outcome that is not known in every run.
    """
    base, names = scenario_from(scenario), list(problem["names"])
    wanted = list(problem.get("outputs") or () if outcomes is None else outcomes)
    if not wanted:
        raise InputError('outcomes: name at least one, for example outcomes=["retention_60"]')
    values = np.asarray(samples, dtype=float)
    if values.ndim != 2 or values.shape[1] != len(names):
        raise InputError(f"samples have shape {values.shape}; needed is a row a sample: (samples, {len(names)})")
    points = {}
    integers = {fact.path for fact in parameters(base) if fact.kind == "int"}
    kinds = problem.get("dists") or ["unif"] * len(names)
    for name, column, (low, high, *_), kind in zip(names, values.T, problem["bounds"], kinds, strict=True):
        if name in integers and kind == "unif":
            column = Dimension(name, None, low=low, high=high, is_integer=True).at((column - low) / (high - low))
        points[name] = np.rint(column) if name in integers else column
    means = outcomes_at(
        pd.DataFrame(points), wanted, scenario=base, policy=policy, seeds=seeds, months=months, engine=engine
    )
    for name, mean in means.items():
        if mean.ndim > 1:
            raise InputError(f"outcomes: {name} has a value each month; SALib needs one number a run")
        if np.isnan(mean).any():
            raise InputError(
                f"outcomes: {name} is not known at {np.isnan(mean).sum()} of {len(mean)} samples ({months} months); "
                "choose one that is known in every run, or simulate longer"
            )
    result = np.column_stack(list(means.values()))
    return result[:, 0] if len(wanted) == 1 else result
