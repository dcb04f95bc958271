"""From an experiment to tasks: design points times policies times seeds, cut into pieces of about half a second."""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.declare import parameters
from sim.core.errors import InputError
from sim.model.outcomes.groups import group_outcome
from sim.model.policies.plan import ingredients
from sim.model.policies.registry import find_policy, label
from sim.model.scenario import Scenario, contradictions, set_path, together
from sim.storage.digests import model_version, plugin_digests
from sim.sweeps.designs.constraints import holds
from sim.sweeps.designs.from_file import FromFile
from sim.sweeps.designs.space import NAMED, Space, space_of, swept
from sim.sweeps.spec import Experiment
from sim.sweeps.tasks import Task

if TYPE_CHECKING:
    import pandas as pd


def space_for(experiment: Experiment, scenarios: Mapping[str, Scenario]) -> Space:
    """Give the space: as written, or as the header of the user's own design says."""
    design, main = experiment.chosen_design(), next(iter(scenarios.values()))
    if not isinstance(design, FromFile):
        return space_of(experiment.space, main)
    if experiment.space:
        raise InputError("space: a design from a file brings its own columns; leave space out")
    space = design.space()
    missing = [s for s in space.get("scenario", []) if s not in scenarios]
    if missing:
        raise InputError(f"design.path={design.path}: scenario {missing[0]} is not loaded; name it as scenario=")
    return space_of(space, main)


def points_of(experiment: Experiment, scenarios: Mapping[str, Scenario]) -> "pd.DataFrame":
    """Make the design: columns ``row``, ``point``, labels of rows, then one per dimension and parameter of named cases.

    Rows keep the design's order; rows that are the same share a point.

    Raises:
        InputError: for points that no scenario allows, or a design without points.
    """
    design, space = experiment.chosen_design(), space_for(experiment, scenarios)
    rows = space.spread(design.table(space))
    rows = _typed(rows, next(iter(scenarios.values())))
    allowed = _within(experiment, scenarios, rows)
    if not allowed.all():
        if design.needs_all_rows:
            raise InputError(f"constraints: design {design.name} needs all its points; use sobol or grid")
        if design.name == "file":
            raise InputError(f"constraints: data row {int(np.argmin(allowed)) + 1} of the design breaks them")
        rows = rows[allowed].reset_index(drop=True)
    if rows.shape[0] == 0:
        raise InputError("the design has no points left; loosen constraints")
    _refuse_contradictions(scenarios, rows)
    import pandas as pd

    labels = design.read().labels if isinstance(design, FromFile) else {}
    return pd.concat([pd.DataFrame({"row": np.arange(len(rows)), "point": _numbered(rows), **labels}), rows], axis=1)


def varying(rows: "pd.DataFrame", scenario: Scenario) -> tuple[list[str], list[str]]:
    """Sort a design's columns: parameters that differ by run within a batch, and what makes a batch of its own."""
    by_run = {q.path for q in parameters(scenario) if not q.structural}
    known = {q.path for q in parameters(scenario)} | set(NAMED)
    apart = [c for c in rows.columns if (c in known and c not in by_run) or c.startswith("policy.")]
    return [c for c in rows.columns if c in by_run], apart


def _typed(rows: "pd.DataFrame", scenario: Scenario) -> "pd.DataFrame":
    """Give every parameter column the type of its parameter."""
    kinds = {"int": "int64", "float": "float64"}
    return rows.astype({q.path: kinds[q.kind] for q in parameters(scenario) if q.path in rows and q.kind in kinds})


def _within(experiment: Experiment, scenarios: Mapping[str, Scenario], rows: "pd.DataFrame") -> Any:
    """Tell which rows keep all constraints."""
    allowed = np.ones(len(rows), dtype=bool)
    names = rows["scenario"] if "scenario" in rows.columns else None
    for name, scenario in scenarios.items() if experiment.constraints else ():
        here = allowed if names is None else (names == name).to_numpy()
        own = {q.path: q.default for q in parameters(scenario) if q.kind in ("int", "float")}
        values = own | {c: rows[c].to_numpy() for c in rows.columns if c in own}
        for constraint in experiment.constraints:
            allowed = allowed & (holds(constraint, values) | ~here)
    return allowed


def _refuse_contradictions(scenarios: Mapping[str, Scenario], rows: "pd.DataFrame") -> None:
    for name, scenario in scenarios.items():
        some = rows[rows["scenario"] == name] if "scenario" in rows.columns else rows
        values = {p: some[p].to_numpy() if p in some else value for p, value in together(scenario).items()}
        for rule, (where, _) in enumerate(contradictions(values)):
            if np.any(where):
                row = int(np.argmax(where))
                one = {p: v[row] if isinstance(v, np.ndarray) else v for p, v in values.items()}
                raise InputError(f"design, row {some.index[row]}: {contradictions(one)[rule][1]}")


def _numbered(rows: "pd.DataFrame") -> Any:
    """Number the points in order of first appearance."""
    import pandas as pd

    if rows.shape[1] == 0:
        return np.zeros(len(rows), dtype=np.int64)
    keys = pd.util.hash_pandas_object(rows, index=False)
    codes, firsts = pd.factorize(keys)
    first = np.empty(len(firsts), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(rows))[::-1]
    if not rows.equals(rows.iloc[first[codes]].set_axis(rows.index)):
        raise AssertionError("two different points share a 64-bit hash")
    return codes.astype(np.int64)


def changed(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """Give the scenario with the structural parameters of a group of points.

    Raises:
        InputError: if they cannot go together.
    """
    try:
        result = scenario.replace(**values) if values else scenario
        for outcome in result.outcomes:
            group_outcome(outcome, result)
        return result
    except InputError as error:
        raise InputError(f"design: {error}") from error


WORK = 2_000_000
"""Partner-months of a task: about half a second, so that a lost worker loses little."""

ROWS = 200_000
"""Most rows of a task's largest table, so that memory stays small."""


@dataclasses.dataclass(frozen=True)
class Group:
    """Points that can share a batch: one scenario with its structural parameters, one policy with its parameters."""

    scenario: Scenario
    policy: Mapping[str, Any]
    name: str
    points: Any
    columns: Mapping[str, Any]
    named: Mapping[str, Any]

    @cached_property
    def scenario_text(self) -> str:
        """Write the scenario as JSON; its title changes no run and is left out."""
        return json.dumps(self.scenario.model_dump(mode="json") | {"title": "run"}, sort_keys=True)

    @cached_property
    def policy_text(self) -> str:
        """Write the policy, with all its parameters, as JSON."""
        return json.dumps(self.policy, sort_keys=True)


class Plan:
    """What an experiment consists of. ``rows`` is its design (see ``points_of``)."""

    def __init__(
        self,
        experiment: Experiment,
        scenarios: Mapping[str, Scenario],
        rows: "pd.DataFrame",
        copies: Mapping[str, str] | None = None,
    ) -> None:
        self.experiment, self.scenarios, self.rows, self.copies = experiment, scenarios, rows, dict(copies or {})
        self.points = rows.drop_duplicates("point")[swept(rows.columns)].reset_index(drop=True)
        self.policies = {label(p): p for p in experiment.policies}
        if len(self.policies) < len(experiment.policies):
            raise InputError("policies: one is named twice with the same parameters or label; name each once")
        designed = dict.fromkeys(self.points["policy"]) if "policy" in self.points else ()
        self.specs = [*experiment.policies, *designed, *(spec for s in scenarios.values() for spec in s.plugins)]
        self.plugins = plugin_digests(*self.specs)
        self.groups = list(self._groups())
        self._refuse_twins()

    @property
    def n_points(self) -> int:
        """How many different points there are."""
        return len(self.points)

    @property
    def n_policies(self) -> int:
        """How many policies each point is simulated under."""
        return max(len(self.policies), 1)

    @property
    def runs_per_replication(self) -> int:
        """How many runs one more replication means."""
        return self.n_points * self.n_policies

    def _groups(self) -> Iterator[Group]:
        main = next(iter(self.scenarios))
        by_run, apart = varying(self.points, self.scenarios[main])
        others = [c for c in self.points.columns if c not in by_run and c not in ("scenario", "policy")]
        arrays = {c: self.points[c].to_numpy() for c in self.points.columns}
        for values, places in _split(self.points, apart):
            name = values.pop("scenario", main)
            own = values.pop("policy", None)
            chosen = {k.removeprefix("policy."): values.pop(k) for k in list(values) if k.startswith("policy.")}
            scenario = changed(self.scenarios[name], values)
            for title, spec in self.policies.items() if own is None else [(label(own), own)]:
                policy = _plain(spec, chosen)
                named = {"scenario": name, "policy": title, **{c: arrays[c][places] for c in others}}
                yield Group(scenario, policy, title, places, {c: arrays[c][places] for c in by_run}, named)

    def _refuse_twins(self) -> None:
        """Refuse scenarios or policies that come to the same once the swept parameters are set."""
        seen: dict[str, Group] = {}
        for group in self.groups:
            scenario = json.loads(group.scenario_text)
            for path in group.columns:
                set_path(scenario, path, None)
            key = json.dumps([scenario, group.policy], sort_keys=True)
            other = seen.setdefault(key, group)
            if other is not group:
                names = sorted({group.name, other.name})
                names += sorted({str(group.named["scenario"]), str(other.named["scenario"])})
                raise InputError(f"{' and '.join(dict.fromkeys(names))}: two of these come to the same runs; keep one")

    def tasks(self, group: Group, places: Any, first: int, stop: int) -> Iterator[Task]:
        """Cut points of a group (by place in it) times replications ``first`` to ``stop`` into tasks."""
        most, n = self.most(group.scenario), stop - first
        at_once = max(1, most // max(n, 1))
        for start in range(0, len(places), at_once):
            some = places[start : start + at_once]
            for low in range(first, stop, most):
                seeds = self.experiment.seed + np.arange(low, min(low + most, stop))
                yield self.task(group, np.repeat(some, len(seeds)), np.tile(seeds, len(some)))

    def tasks_for(self, policy: str, points: Any, seeds: Any) -> Iterator[Task]:
        """Make tasks of single runs under one policy, each named by point and seed."""
        points, seeds = np.asarray(points, dtype=np.int64), np.asarray(seeds, dtype=np.int64)
        for group in self.groups:
            if group.name == policy:
                place = np.searchsorted(group.points, points).clip(max=len(group.points) - 1)
                here = group.points[place] == points
                yield from self.pieces(group, place[here], seeds[here])

    def pieces(self, group: Group, places: Any, seeds: Any) -> Iterator[Task]:
        """Cut single runs of a group into tasks."""
        most = self.most(group.scenario)
        for k in range(0, len(places), most):
            yield self.task(group, places[k : k + most], seeds[k : k + most])

    def task(self, group: Group, places: Any, seeds: Any) -> Task:
        """Make the task of some runs of a group: a place in it and a seed each."""
        columns = {k: v[places] for k, v in group.columns.items()}
        named = {k: v[places] if isinstance(v, np.ndarray) else v for k, v in group.named.items()}
        record, months, model = tuple(self.experiment.record), self.experiment.months, model_version()
        scenario, policy, points = group.scenario_text, group.policy_text, group.points[places]
        engine = self.experiment.engine
        parts = {str(part["name"] if isinstance(part, Mapping) else part) for part in ingredients(group.policy)}
        own = {n: d for n, d in self.plugins.items() if n in {*parts, *group.scenario.plugins}}
        plugins = json.dumps(own, sort_keys=True)
        digest = hashlib.blake2b(digest_size=12)
        digest.update(
            json.dumps([scenario, policy, plugins, months, engine, *record, model, *sorted(columns)]).encode()
        )
        for numbers in (points, seeds, *(columns[k] for k in sorted(columns))):
            digest.update(np.ascontiguousarray(numbers).tobytes())
        key = digest.hexdigest()
        return Task(
            key, scenario, policy, months, record, plugins, model, engine, points, seeds, columns, named, self.copies
        )

    def most(self, scenario: Scenario) -> int:
        """Say how many runs make a task."""
        slots, months = scenario.size.partners + scenario.size.candidates, self.experiment.months
        rows = {"series": months, "members": months * slots, "events": 3 * slots}
        widest = max([rows[r] for r in self.experiment.record], default=1)
        return max(2, min(WORK // (slots * months), ROWS // widest))


def _plain(spec: Any, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Write a policy out with all its parameters, so that nothing is left to defaults."""
    fixed = {"name": spec} if isinstance(spec, str) else dict(spec)
    both = sorted(set(fixed) & set(chosen))
    if both:
        raise InputError(
            f"policies: {label(spec)} sets {both[0]}, which varies as policy.{both[0]}; set it in one place"
        )
    return find_policy({**fixed, **chosen}).plain(labelled=False)


def _split(points: "pd.DataFrame", apart: list[str]) -> Iterator[tuple[dict[str, Any], Any]]:
    """Split points by the columns that make a batch of its own, in order of first appearance."""
    if not apart:
        yield {}, np.arange(len(points))
        return
    codes = points.groupby(apart, sort=False, dropna=False).ngroup().to_numpy()
    order = np.argsort(codes, kind="stable")
    for places in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        yield points.iloc[places[0]][apart].to_dict(), places
