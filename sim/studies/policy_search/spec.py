"""What is searched, for which objectives, with how many runs, and how the best are judged."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from pydantic import ValidationError, model_validator

from sim.config.plan_file import opened
from sim.core.declare import Declared, group, param
from sim.core.errors import InputError, readable
from sim.model.outcomes import measuring, outcomes_of
from sim.model.outcomes.base import Outcome
from sim.model.policies import Policy
from sim.model.replaced import own_code
from sim.model.scenario import Scenario
from sim.studies.policy_search.goals import Goals, constraint_of, objective_of
from sim.studies.policy_search.space import PolicySpace, policy_spaces
from sim.studies.validation.region import read_region

MOST = 4
"""Most objectives: with more, nearly every trial is on the front."""

ROBUST_PART = 5
"""In each parameter set of the region a trial has this part of its replications, as there are many sets."""

MOST_SETS = 64
"""Most parameter sets of the plausible region that are used."""


def _option(default: Any, doc: str) -> Any:
    return param(default, unit="", doc=doc, source="configuration")


def _count(default: int, low: int, high: int, unit: str, doc: str) -> int:
    number: int = param(default, unit=unit, low=low, high=high, doc=doc, source="configuration")
    return number


class SearchSpec(Declared):
    """All options of a search."""

    scenario: Scenario = group(Scenario)
    policies: list[Any] = _option(["adaptive_tracking"], "Policies to search; parameters named here stay fixed")
    objectives: list[Any] = _option(["retention_60", "society_value", "effort_spent"], "Outcomes to improve")
    constraints: list[Any] = _option([], "Limits of outcomes that a policy keeps")
    space: dict[str, Any] = _option({}, "Ranges other than the declared ones: policy parameter -> [low, high]")
    trials: int = _count(150, 1, 100_000, "trials", "Parameter sets tried of each policy, its defaults first")
    replications: int = _count(50, 2, 100_000, "runs", "Runs of each trial, and of each parameter set of the region")
    test_replications: int = _count(200, 2, 1_000_000, "runs", "Runs to judge on, with seeds that no trial used")
    region: int = _count(16, 2, MOST_SETS, "parameter sets", "Parameter sets of the plausible region to judge over")
    region_from: str | None = _option(None, "A plausible region of your own: a folder of calibrate, or a CSV")
    judged: int = _count(12, 1, 1000, "trials", "Most trials of the front to judge; the best per objective always are")
    months: int = _count(60, 1, 1200, "months", "How long to simulate")
    seed: int = _count(0, 0, 2**53, "", "The first seed of the trials; also the seed of the proposals")

    @model_validator(mode="after")
    def _check(self) -> "SearchSpec":
        if not self.policies or not all(isinstance(p, (str, Mapping, Policy)) or callable(p) for p in self.policies):
            raise ValueError("policies: give names, files, or {name: adaptive, pause: 3}, at least one")
        if not 1 <= len(self.goals.directions) == len(self.objectives) <= MOST:
            raise ValueError(f"objectives: name 1 to {MOST} outcomes, each once, for example [retention_60]")
        if self.goals.robust and 2 * self.region > MOST_SETS:
            raise ValueError(
                f"region = {self.region}: what is over the region is judged in as many other parameter sets; "
                f"give at most {MOST_SETS // 2}"
            )
        return self

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """The outcomes of a run of the scenario, by name."""
        return {o.name: o for o in outcomes_of(self.scenario)}

    @cached_property
    def spaces(self) -> tuple[PolicySpace, ...]:
        """The policies, each with the parameters to search."""
        return policy_spaces(self.policies, self.space, self.months)

    @cached_property
    def goals(self) -> Goals:
        """The objectives and the constraints."""
        better = {name: outcome.better for name, outcome in self.outcomes.items()}
        objectives = tuple(objective_of(entry, better) for entry in self.objectives)
        constraints = tuple(constraint_of(entry, better) for entry in self.constraints)
        return Goals(objectives, constraints, self.months)

    @property
    def directions(self) -> dict[str, str]:
        """For each objective, whether more or less is better."""
        return self.goals.directions

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
        """Seeds to judge over the plausible region, ``replications`` for each parameter set; no trial used them."""
        return range(self.test_seeds.stop, self.test_seeds.stop + self.region * self.replications)

    @property
    def robust_seeds(self) -> range:
        """Seeds of every trial over the region, ``robust_replications`` for each parameter set; none if not used."""
        n = self.region * self.robust_replications if self.goals.robust else 0
        return range(self.region_seeds.stop, self.region_seeds.stop + n)

    @property
    def robust_replications(self) -> int:
        """Runs of a trial in each parameter set."""
        return max(2, self.replications // ROBUST_PART)

    @property
    def seeds(self) -> tuple[int, ...]:
        """All seeds: of the trials, of the test, and of the region."""
        return (*self.training_seeds, *self.test_seeds, *self.region_seeds, *self.robust_seeds)


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
    if "policies" in options and isinstance(options["policies"], list):
        options["policies"] = [opened(policy) for policy in options["policies"]]
    for option in ("objectives", "constraints"):
        if isinstance(options.get(option), list):
            chosen, options[option] = _measuring(chosen, options[option], option)
    own_code(chosen)
    try:
        spec = SearchSpec.model_validate({**options, "scenario": chosen})
    except ValidationError as error:
        raise InputError(readable(error, "", SearchSpec)) from error
    _ = spec.spaces  # finds the policies and checks the ranges
    read_region(spec.region_from, spec.region)
    return spec


def _measuring(scenario: Scenario, entries: list[Any], option: str) -> tuple[Scenario, list[Any]]:
    """Let the scenario measure what objectives or constraints name: outcomes of groups, and files of a user's own."""
    read: list[Any] = []
    for entry in entries:
        name = entry.get("outcome") if isinstance(entry, Mapping) else entry
        if not isinstance(name, str):
            raise InputError(f"{option}: {entry!r}: give the name of an outcome, or {{outcome: retention_60, ...}}")
        scenario, names = measuring(scenario, [name], option)
        read += [{**entry, "outcome": one} for one in names] if isinstance(entry, Mapping) else names
    return scenario, read


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
