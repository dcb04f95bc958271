"""What a calibration on lists says: the lists, the prior, the facts, and how many runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError, model_validator

from sim.config.files import read_yaml
from sim.core.declare import Declared, param
from sim.core.errors import InputError, near, readable
from sim.core.paths import CONFIGS, path_of
from sim.model.outcomes.summary import SUMMARY
from sim.model.sectors import SECTORS
from sim.studies.validation.calibration_spec import beside
from sim.studies.validation.lists import SPELLS, Counts, MemberList, facts_of, read_lists, why_no_timing
from sim.studies.validation.own_lists import read_own_lists

ENOUGH = 120.0
"""Member-months from which a sector's entrants, or all of them, tell something."""

TIMING = ("hazard", "clustering")
"""Facts that need to know when exits were."""

OUTCOMES = tuple(o.name for o in SUMMARY)


def _option(default: Any, doc: str) -> Any:
    return param(default, unit="", doc=doc, source="configuration")


def _number(default: int, low: int, doc: str) -> Any:
    return param(default, unit="1", low=low, high=1_000_000, doc=doc, source="configuration")


class Fact(Declared):
    """A fact that lists are described by (``lists.facts_of``)."""

    allowed: float = _option(0.1, "How far the model may lie off, beyond chance (standard deviation)")
    doc: str = _option("", "What it is")


class PartnershipFact(Declared):
    """A fact about partnerships that no list shows: an outcome of a scenario, as a mean over its runs."""

    scenario: str = _option("neutral", "Which partnership")
    changes: dict[str, Any] = _option({}, "Parameters that differ there, by their dotted paths")
    outcome: str = _option("", "Which outcome of a run")
    at_least: float | None = _option(None, "Take the share of runs in which it is at least this")
    target: float = _option(0.0, "What is known")
    allowed: float = _option(0.1, "How far the model may lie off (standard deviation)")
    log: bool = _option(False, "Compare logarithms; allowed is then in logarithms too")
    replications: int = _number(16, 1, "Runs of each parameter set")
    doc: str = _option("", "What it is, and its source")

    @model_validator(mode="after")
    def _check(self) -> "PartnershipFact":
        if self.outcome not in OUTCOMES:
            raise ValueError(f"there is no outcome '{self.outcome}'; {near(self.outcome, OUTCOMES)}")
        if self.allowed <= 0 or (self.log and self.target <= 0):
            raise ValueError("allowed must be above 0, and with log: true the target too")
        return self


class ListSpec(Declared):
    """The lists, the prior, the facts, and how many runs."""

    scenario: str = _option("membership_foundation", "The rules; size, sectors and entries are each list's own")
    spells: str = _option("", "A table of spells of your own, such as spells.csv of import; by default the shipped one")
    founding: bool = _option(False, "The partnerships began with the first snapshot; otherwise members joined before")
    lists: tuple[str, ...] = _option((), "Which lists; of a table of your own all by default")
    changes: dict[str, dict[str, Any]] = _option({}, "Parameters that are known of one list")
    points: int = _number(1536, 64, "Parameter sets in the first wave")
    waves: int = _number(4, 0, "Further waves")
    points_per_wave: int = _number(768, 32, "Parameter sets in each of those")
    final: int = _number(256, 8, "Parameter sets of the region, run again")
    replications: int = _number(4, 1, "Runs of each of those")
    sample_size: int = _number(64, 2, "Parameter sets in the sample of the region")
    facts: dict[str, Fact] = _option({}, "The facts")
    partnerships: dict[str, PartnershipFact] = _option({}, "Facts about partnerships that no list shows")
    tests: tuple[str, ...] = _option((), "Facts that are compared and not fitted")
    space: dict[str, Any] = _option({}, "The prior")
    unseen: dict[str, Any] = _option({}, "Parameters that the lists cannot tell: all of their range stays")

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, data: Any) -> Any:
        """Fill in what a calibration on spells of a user's own does not say: as the shipped one, where it applies."""
        if not isinstance(data, dict) or not data.get("spells"):
            return data
        known = read_own_lists(data["spells"], bool(data.get("founding")))
        chosen = data.get("lists") or tuple(known)
        counts = {name: known[name].facts() for name in chosen if name in known}
        usual = {k: v for k, v in data_of("lists").items() if k not in ("scenario", "lists", "changes", "partnerships")}
        present = _facts_in(counts) if counts else set()
        if why_no_timing(known[name] for name in counts):
            present = {name for name in present if not name.startswith(TIMING)}
        usual["facts"] = {
            name: {**fact, "doc": fact["doc"].replace(", the other lists", "")}
            for name, fact in usual["facts"].items()
            if name in present
        }
        usual["tests"] = [name for name in usual["tests"] if name in present]
        return {**usual, **data, "lists": chosen}

    @property
    def member_lists(self) -> Mapping[str, MemberList]:
        """All lists of the table, by name."""
        return read_own_lists(self.spells, self.founding) if self.spells else read_lists()

    @property
    def without_timing(self) -> str:
        """Why facts that need to know when exits were are left out; empty where they are not."""
        if not self.spells or any(name.startswith(TIMING) for name in (*self.facts, *self.tests)):
            return ""
        known = self.member_lists
        return why_no_timing(known[name] for name in self.lists)

    @property
    def table(self) -> Path:
        """The table of spells."""
        return path_of(self.spells) if self.spells else SPELLS

    @model_validator(mode="after")
    def _check(self) -> "ListSpec":
        known = self.member_lists
        for name in (*self.lists, *self.changes):
            if name not in known:
                raise ValueError(f"lists: there is no list '{name}'; {near(name, known)}")
        if len(self.lists) < 2 and not self.spells:
            raise ValueError("lists: name at least two")
        names = facts_of({name: known[name].facts() for name in self.lists})
        for name in (*self.facts, *self.tests):
            if name not in names:
                raise ValueError(f"facts: there is no fact '{name}'; {near(name, names)}")
        if not self.facts:
            raise ValueError("facts: name at least one")
        both = sorted(set(self.facts) & set(self.partnerships))
        if both:
            raise ValueError(f"partnerships: '{both[0]}' is a fact of lists; choose another name")
        if min((fact.allowed for fact in self.facts.values()), default=1.0) <= 0:
            raise ValueError("facts: allowed must be above 0")
        return self


def is_list_calibration(calibration: Any) -> bool:
    """Tell whether a calibration is on lists: a mapping, file or shipped one that names ``lists`` or ``spells``."""
    return bool({"lists", "spells"} & data_of(calibration).keys())


def data_of(calibration: Any) -> Mapping[str, Any]:
    """Read what a calibration says, unchecked; nothing where there is none of that name."""
    if isinstance(calibration, Mapping):
        return calibration
    if not isinstance(calibration, str):
        return {}
    own = calibration.endswith((".yaml", ".yml"))
    path = path_of(calibration) if own else CONFIGS / "calibration" / f"{calibration}.yaml"
    if not path.is_file():
        return {}
    data: Mapping[str, Any] = read_yaml(path, "calibration", "configs/calibration/lists.yaml")
    return beside(path, data, "spells", "scenario")


def with_options(calibration: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change what a calibration on lists says; with ``spells`` of a user's own the shipped lists are left out."""
    data = dict(data_of(calibration))
    if changes.get("spells") and not data.get("spells"):
        shipped = ("lists", "changes", "partnerships", "facts", "tests")
        data = {name: value for name, value in data.items() if name not in shipped}
    return {**data, **changes}


def _facts_in(lists: Mapping[str, Counts]) -> set[str]:
    """Name the facts that lists tell about: entrants for hazards, enough of a sector for its survival."""
    entrants = sum(c.exposure.sum(axis=(1, 2)) for c in lists.values())
    present = set(facts_of(lists))
    present -= {f"survival_{sector}" for sector, months in zip(SECTORS, entrants, strict=True) if months < ENOUGH}
    every = sum(c.all_exposure.sum(axis=1) for c in lists.values())
    firms = SECTORS.index("private")
    if min(every[firms], every.sum() - every[firms]) < ENOUGH:
        present.discard("sector_ratio")
    return present if entrants.sum() >= ENOUGH else {name for name in present if not name.startswith("hazard")}


def read_list_calibration(calibration: str | Mapping[str, Any]) -> ListSpec:
    """Read a calibration on lists: a shipped one's name, a YAML file, or what such a file says.

    Raises:
        InputError: if it says something that cannot be used.
    """
    try:
        return ListSpec.model_validate(dict(data_of(calibration)))
    except ValidationError as error:
        raise InputError(readable(error, "calibration", ListSpec)) from error
