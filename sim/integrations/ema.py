"""EMA Workbench: the partnership as a model with uncertainties, levers and outcomes (XLRM)."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sim.engine.simulate import scenario_from
from sim.integrations.points import Space, dimensions, needed, outcomes_at, outcomes_of
from sim.model.policies.registry import PolicyLike
from sim.model.scenario import Scenario
from sim.sweeps.designs.space import Dimension


def model(
    uncertainties: Space,
    levers: Space = (),
    outcomes: Sequence[str] = ("retention_60", "private_value", "society_value"),
    *,
    scenario: Scenario | str | None = None,
    policy: PolicyLike = "neutral",
    seeds: Sequence[int] | int = 20,
    months: int = 60,
    engine: str = "numpy",
    name: str = "partnership",
) -> Any:
    """Make an ``ema_workbench.Model``, ready for ``perform_experiments`` and ``optimize`` with any evaluator.

    Args:
        uncertainties: dotted paths, which take their declared ranges; ``{path: {"low": .., "high": ..}}`` or
            ``{path: [values]}``; or the name or file of an experiment, for its space.
        levers: the same, and ``{"policy": ["neutral", "adaptive"]}`` or ``{"policy.PARAMETER": [values]}``. The
            Workbench keeps the name ``policy`` for itself: the lever is called ``policy.name``.
        outcomes: names of outcomes: of a run for scalar ones, each with the direction it declares; monthly ones for
            time series.
        scenario: the partnership, or the name of a shipped one; the neutral reference by default.
        policy: where no lever chooses one.
        seeds: as in ``sim.simulate``; an experiment's outcomes are means over them.
        months: how many months to simulate.
        engine: ``numpy`` or ``compiled``.
        name: of the model.

    Returns:
        The model. It can be pickled if its policy can, as evaluators with several processes need.

    Raises:
        InputError: (a ``ValueError``) for what is not valid, or a missing package (extra ``ema``).
    """
    em = needed("ema_workbench", "ema")
    base = scenario_from(scenario)
    facts = outcomes_of(base, outcomes)
    made = em.Model(name, function=_Experiment(tuple(outcomes), base, policy, seeds, months, engine))
    made.uncertainties = [_parameter(em, d) for d in dimensions(uncertainties, base)]
    made.levers = [_parameter(em, d) for d in dimensions(levers, base)]
    kinds = {"more": em.ScalarOutcome.MAXIMIZE, "less": em.ScalarOutcome.MINIMIZE, "": em.ScalarOutcome.INFO}
    made.outcomes = [
        em.TimeSeriesOutcome(name) if fact is None else em.ScalarOutcome(name, kind=kinds[fact.better])
        for name, fact in facts.items()
    ]
    return made


@dataclasses.dataclass(frozen=True)
class _Experiment:
    """One experiment: values of uncertainties and levers in, outcomes out."""

    outcomes: tuple[str, ...]
    scenario: Scenario
    policy: PolicyLike
    seeds: Sequence[int] | int
    months: int
    engine: str

    def __call__(self, **values: Any) -> Mapping[str, Any]:
        means = outcomes_at(
            pd.DataFrame({name: [value] for name, value in values.items()}),
            self.outcomes,
            scenario=self.scenario,
            policy=self.policy,
            seeds=self.seeds,
            months=self.months,
            engine=self.engine,
        )
        return {name: mean[0] for name, mean in means.items()}


def _parameter(em: Any, dimension: Dimension) -> Any:
    if dimension.choices:
        name = {"policy": "policy.name"}.get(dimension.name, dimension.name)
        return em.CategoricalParameter(name, list(dimension.choices))
    if dimension.is_integer:
        return em.IntegerParameter(dimension.name, int(dimension.low), int(dimension.high))
    if dimension.log:
        from scipy.stats import loguniform

        return em.RealParameter.from_dist(dimension.name, loguniform(dimension.low, dimension.high))
    return em.RealParameter(dimension.name, dimension.low, dimension.high)
