"""From the command line (or Python) to a checked search."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError, model_validator

from sim.analysis.robustness import BETTER
from sim.config.hydra import value_of
from sim.config.job import compose
from sim.core.declare import Declared, group, param
from sim.core.errors import InputError, near, readable
from sim.core.paths import path_of
from sim.model.scenario import Scenario
from sim.studies.policy_search.family import Family, families_of
from sim.sweeps.experiment import OUTCOMES, setting

MOST = 4
"""Most objectives: with more, nearly every setting is on the front."""

ELSEWHERE = ("scenario", "sectors", "folder")


def _count(default: int, low: int, high: int, unit: str, doc: str) -> int:
    return param(default, unit=unit, low=low, high=high, doc=doc, source="configuration")


class Search(Declared):
    """Which settings of which policies are tried, for what, how often, and how the best are judged."""

    scenario: Scenario = group(Scenario)
    policies: list[Any] = setting(["adaptive_tracking"], "Whose settings are searched; settings given here are held")
    objectives: list[str] = setting(["retention_60", "society_value", "effort_spent"], "What is to be good")
    space: dict[str, Any] = setting({}, "Ranges other than the declared ones: setting -> [low, high]")
    trials: int = _count(150, 1, 100_000, "trials", "Settings tried of every policy, the shipped ones first")
    replications: int = _count(
        50, 2, 100_000, "runs", "Replications of a trial, the same for all; and of a setting of the region"
    )
    test_replications: int = _count(200, 2, 1_000_000, "runs", "Replications that no trial met, to judge on")
    region: int = _count(16, 2, 64, "points", "Settings of the plausible region to judge over")
    judged: int = _count(
        12, 1, 1000, "settings", "Most settings of the front that are judged, but always the best in an objective"
    )
    months: int = _count(60, 1, 1200, "months", "How long to simulate")
    seed: int = _count(0, 0, 2**53, "", "The first world of the trials; also the draws of the search")

    @model_validator(mode="after")
    def _check(self) -> "Search":
        if not self.policies or any(not isinstance(p, (str, Mapping)) for p in self.policies):
            raise ValueError("policies: give names, files, or {name: adaptive, pause: 3}, at least one")
        for name in self.objectives:
            if name not in OUTCOMES:
                raise ValueError(f"objectives: there is no outcome '{name}'; {near(name, OUTCOMES)}")
            if not BETTER[name]:
                raise ValueError(f"objectives: of {name} neither more nor less is better; choose another outcome")
        if not 1 <= len(set(self.objectives)) == len(self.objectives) <= MOST:
            raise ValueError(f"objectives: name 1 to {MOST} outcomes, each once, for example [retention_60]")
        return self

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """The policies with what is searched of them."""
        return families_of(self.policies, self.space, self.months)

    @property
    def directions(self) -> dict[str, str]:
        """Say for each objective whether more or less is better."""
        return {name: BETTER[name] for name in self.objectives}

    @property
    def training_seeds(self) -> range:
        """The worlds of every trial."""
        return range(self.seed, self.seed + self.replications)

    @property
    def test_seeds(self) -> range:
        """Replications that no trial met."""
        return range(self.seed + self.replications, self.seed + self.replications + self.test_replications)

    @property
    def region_seeds(self) -> range:
        """Replications for the settings of the region, ``worlds`` for each; no trial met them either."""
        first = self.test_seeds.stop
        return range(first, first + self.region * self.replications)


def compose_search(arguments: Sequence[str]) -> tuple[Search, Path | None]:
    """Compose a search from ``key=value``, and say where its results go.

    Raises:
        InputError: with one line for each thing that cannot be used.
    """
    known = dict.fromkeys((*Search.model_fields, *ELSEWHERE))
    given: dict[str, Any] = {"space": {}}
    elsewhere, folder = [], None
    for text in arguments:
        key, equals, value = text.partition("=")
        top, _, rest = key.partition(".")
        if not equals or top not in known or (rest and top not in ("scenario", "space")):
            raise InputError(f"'{text}': search has no such setting; {near(top, known)}, as key=value; see --help")
        if top == "folder":
            folder = path_of(value.strip("'\""))
        elif top in ELSEWHERE:
            elsewhere.append(text)
        elif rest:
            given["space"][rest] = value_of(text)
        else:
            given[top] = value_of(text)
    try:
        found = Search.model_validate(given)
    except ValidationError as error:
        raise InputError(readable(error, "", Search)) from error
    found.families  # noqa: B018  (complains at the door)
    return found.model_copy(update={"scenario": compose(elsewhere).scenario}), folder
