"""What is searched, for which objectives, with how many runs, and how the best are judged."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from pydantic import ValidationError, model_validator

from sim.core.declare import Declared, group, param
from sim.core.errors import InputError, near, readable
from sim.model.outcomes import measuring, outcomes_of
from sim.model.outcomes.base import Outcome
from sim.model.policies import Policy
from sim.model.replaced import own_code
from sim.model.scenario import Scenario
from sim.studies.policy_search.space import PolicySpace, policy_spaces
from sim.studies.validation.region import read_region

MOST = 4
"""Most objectives: with more, nearly every trial is on the front."""


def _option(default: Any, doc: str) -> Any:
    return param(default, unit="", doc=doc, source="configuration")


def _count(default: int, low: int, high: int, unit: str, doc: str) -> int:
    number: int = param(default, unit=unit, low=low, high=high, doc=doc, source="configuration")
    return number


class SearchSpec(Declared):
    """All options of a search."""

    scenario: Scenario = group(Scenario)
    policies: list[Any] = _option(["adaptive_tracking"], "Policies to search; parameters named here stay fixed")
    objectives: list[str] = _option(["retention_60", "society_value", "effort_spent"], "Outcomes to improve")
    space: dict[str, Any] = _option({}, "Ranges other than the declared ones: policy parameter -> [low, high]")
    trials: int = _count(150, 1, 100_000, "trials", "Parameter sets tried of each policy, its defaults first")
    replications: int = _count(50, 2, 100_000, "runs", "Runs of each trial, and of each parameter set of the region")
    test_replications: int = _count(200, 2, 1_000_000, "runs", "Runs to judge on, with seeds that no trial used")
    region: int = _count(16, 2, 64, "parameter sets", "Parameter sets of the plausible region to judge over")
    region_from: str | None = _option(None, "A plausible region of your own: a folder of calibrate, or a CSV")
    judged: int = _count(12, 1, 1000, "trials", "Most trials of the front to judge; the best per objective always are")
    months: int = _count(60, 1, 1200, "months", "How long to simulate")
    seed: int = _count(0, 0, 2**53, "", "The first seed of the trials; also the seed of the proposals")

    @model_validator(mode="after")
    def _check(self) -> "SearchSpec":
        if not self.policies or not all(isinstance(p, (str, Mapping, Policy)) or callable(p) for p in self.policies):
            raise ValueError("policies: give names, files, or {name: adaptive, pause: 3}, at least one")
        known = self.outcomes
        for name in self.objectives:
            if name not in known:
                raise ValueError(f"objectives: there is no outcome '{name}'; {near(name, known)}")
            if not known[name].better:
                raise ValueError(f"objectives: of {name} neither more nor less is better; choose another outcome")
        if not 1 <= len(set(self.objectives)) == len(self.objectives) <= MOST:
            raise ValueError(f"objectives: name 1 to {MOST} outcomes, each once, for example [retention_60]")
        return self

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """The outcomes of a run of the scenario, by name."""
        return {o.name: o for o in outcomes_of(self.scenario)}

    @cached_property
    def spaces(self) -> tuple[PolicySpace, ...]:
        """The policies, each with the parameters to search."""
        return policy_spaces(self.policies, self.space, self.months)

    @property
    def directions(self) -> dict[str, str]:
        """For each objective, whether more or less is better."""
        return {name: self.outcomes[name].better for name in self.objectives}

    @property
    def training_seeds(self) -> range:
        """The seeds of every trial (common random numbers)."""
        return range(self.seed, self.seed + self.replications)

    @property
    def test_seeds(self) -> range:
        """Seeds that no trial used."""
        return range(self.training_seeds.stop, self.training_seeds.stop + self.test_replications)

    @property
    def region_seeds(self) -> range:
        """Seeds for the plausible region, ``replications`` for each parameter set; no trial used them either."""
        return range(self.test_seeds.stop, self.test_seeds.stop + self.region * self.replications)

    @property
    def seeds(self) -> tuple[int, ...]:
        """All seeds: of the trials, of the test, and of the region."""
        return (*self.training_seeds, *self.test_seeds, *self.region_seeds)


def check_search(options: Mapping[str, Any], scenario: Scenario | None = None) -> SearchSpec:
    """Check the options of a search.

    Args:
        options: fields of ``SearchSpec``, as plain data.
        scenario: the partnership; the neutral reference by default.

    Returns:
        The checked options.

    Raises:
        InputError: one line for each option that cannot be used.
    """
    chosen, options = scenario or Scenario(), dict(options)
    named = options.get("objectives")
    if isinstance(named, list) and all(isinstance(name, str) for name in named) and len(set(named)) == len(named):
        chosen, options["objectives"] = measuring(chosen, named, "objectives")
    own_code(chosen)
    try:
        spec = SearchSpec.model_validate({**options, "scenario": chosen})
    except ValidationError as error:
        raise InputError(readable(error, "", SearchSpec)) from error
    _ = spec.spaces  # finds the policies and checks the ranges
    read_region(spec.region_from, spec.region)
    return spec


def consecutive(seeds: int | Sequence[int], replications: str) -> tuple[int, int]:
    """Read seeds as a first seed and a number of runs.

    Args:
        seeds: how many runs (seeds 0, 1, ...), or consecutive seeds such as ``range(100, 150)``.
        replications: what the number is called in messages.

    Raises:
        InputError: if the seeds are not consecutive whole numbers.
    """
    countable = hasattr(seeds, "__index__") or (isinstance(seeds, Sequence) and not isinstance(seeds, str))
    if isinstance(seeds, bool) or not countable:
        raise InputError(f"{replications} = {seeds!r}: give how many runs, or consecutive seeds: range(100, 150)")
    if not isinstance(seeds, Sequence):
        return 0, int(seeds)
    if not seeds or list(seeds) != list(range(seeds[0], seeds[0] + len(seeds))):
        raise InputError(f"{replications}: give consecutive seeds, for example range(100, 150), or how many runs")
    return int(seeds[0]), len(seeds)
