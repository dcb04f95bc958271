"""Record what the engine of the classroom app answers, with the NumPy engine, until the compiled one is there.

``python -m tests.lab.record_engine FOLDER`` writes an answer as JSON for each of a few stories, policies and sliders;
``python -m tests.lab.serve_site`` records whatever the page asks for. ``recorded_engine.js`` reads both.
"""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine.batch import Batch
from sim.engine.simulate import simulate
from sim.lab.messages import messages
from sim.lab.stories import MONTHS, SLIDERS, STORIES, policy_names, scenario_named, slider_parameters
from sim.model.events import of_month
from sim.model.observation import no_effort
from sim.model.outcomes.series import SERIES, aspiration, series_of
from sim.model.outcomes.summary import SUMMARY
from sim.model.policies.base import Policy
from sim.model.scenario import Scenario

CONTROLS = ("placebo", "random_allocation", "perfect_information", "reversed_schedule")
MONTHLY = ("n_members",)
ENDS = ("retention", "exits_satisfied", "exits_frustrated", "exits_other", "private_value", "society_value",
        "collective_value")  # fmt: skip
OF_MEMBER = ("member", "engagement", "trust", "disclosure", "needs_met", "benefit", "goodwill")
MOVED = ("captured", "contributed", "gained", "lost")
RECORDED = ("neutral", "strategic_pause", "connecting", "safeguarding", "adaptive_tracking")

ACTIONS = {"safeguard": "safeguard", "bundle": "bundle", "intervene": "intervene", "inside": "match_inside",
           "outside": "match_outside"}  # fmt: skip

Answer = dict[str, Any]


class Given(Policy):
    """Spend each month what is given, and nothing after the last.

    A month has a share of the budget for each action, and a pause of strength 0 to 1, which is paid first; the shares
    divide the rest. A pause begins after the initiation.
    """

    name = "given"
    efforts: Any = ()

    def allocate(self, seen: Any, budget: Any, memory: Any) -> Any:
        """Spend a month's effort."""
        if seen.month > len(self.efforts):
            return no_effort(seen), memory
        now = self.efforts[seen.month - 1]
        pauses = now.get("pause", 0) * (seen.month > seen.initiation_months)
        pause = pauses * np.minimum(seen.prices.pause * seen.n_members, budget)
        spent = {name: now.get(action, 0) * (budget - pause) for name, action in ACTIONS.items()}
        return seen.spend(**spent, pause=pause), memory


def describe() -> Answer:
    """Describe what there is to choose: stories, policies, sliders and outcomes."""
    message = messages("en")
    stories = []
    for story in STORIES:
        first = Batch(scenario_named(story.scenario), [0], "neutral")
        sectors = [first.sectors[int(k)] for k in first.state.sector[:, 0]]
        names = first.names or [None] * len(sectors)
        segments = [int(k) for k in first.state.segment[:, 0]]
        rows = zip(names, sectors, segments, strict=True)
        stories.append(
            {
                "id": story.scenario,
                "label": message(f"model.story.{story.scenario}.name"),
                "about": message(f"model.story.{story.scenario}.text"),
                "members": [{"name": n, "sector": s, "segment": k} for n, s, k in rows],
                "founders": int(first.state.founder[:, 0].sum()),
                "values": {path: p.default for path, p in slider_parameters(story.scenario).items()},
            }
        )
    policies = [
        {"id": name, "label": message.strategy(name), "about": message(f"model.strategy.{name}.doc"), "comparison": name in CONTROLS}
        for name in policy_names()
    ]  # fmt: skip
    units = {path: p.unit for path, p in slider_parameters(STORIES[0].scenario).items()}
    sliders = [
        {**dataclasses.asdict(s), "label": message(f"model.parameter.{s.path}.name"), "unit": units[s.path], "about": message(f"model.parameter.{s.path}.doc")}
        for s in SLIDERS
    ]  # fmt: skip
    facts = lambda outcomes: {o.name: {"unit": o.unit, "doc": o.doc, "better": o.better} for o in outcomes}  # noqa: E731
    version = {"version": 1, "digest": "recorded", "months": MONTHS}
    return version | {"stories": stories, "policies": policies, "sliders": sliders, "outcomes": facts(SUMMARY), "monthly": facts(SERIES)}  # fmt: skip


def scenario_of(request: Mapping[str, Any]) -> Scenario:
    """Load the story's scenario with the sliders' values."""
    return scenario_named(request["story"]).replace(**request.get("values", {}))


def ensemble(request: Mapping[str, Any]) -> Answer:
    """Answer ``engine.ensemble``: monthly outcomes month by month, and one number a run."""
    months, count = request.get("months", MONTHS), request["count"]
    seeds = range(request["first"], request["first"] + count)
    tables = simulate(scenario_of(request), seeds, request["policy"], months, record=("summary", "series"))
    assert tables.series is not None
    monthly = {n: _plain(tables.series[n].to_numpy(float).reshape(count, months).T.ravel()) for n in MONTHLY}
    summary = {name: _plain(tables.summary[name].to_numpy(float)) for name in ENDS}
    return {"months": months, "runs": count, "monthly": monthly, "summary": summary}


def watch(request: Mapping[str, Any]) -> Answer:
    """Answer ``engine.watch``: every member in every month of one run, and what happened."""
    scenario, effort = scenario_of(request), request.get("effort")
    policy = request["policy"] if effort is None else Given.model_construct(efforts=effort)
    batch = Batch(scenario, [request["seed"]], policy)
    start, outcomes = batch.state, series_of(batch.sectors)
    run_names = [o for o in outcomes if o.name in _of_run()]
    months, events = [], []
    for _ in range(request.get("months", MONTHS)):
        before, flows, after = batch.advance()
        row = {name: _plain(getattr(after, name)[:, 0]) for name in OF_MEMBER}
        row |= {name: _plain(np.broadcast_to(getattr(flows, name), after.member.shape)[:, 0]) for name in MOVED}
        row["aspiration"] = _plain(aspiration(after, batch.params)[:, 0])
        run = {
            o.name: _plain(np.ravel(np.asarray(o.measure(after, flows, batch.params), float))[:1])[0] for o in run_names
        }
        months.append(row | {"run": run | {"fund": float(np.ravel(after.fund)[0])}})
        for rows in of_month(before, flows, after, batch.params, 1):
            names = ("month", "kind", "cause", "member", "other", "amount")
            events += [dict(zip(names, map(_one, r), strict=True)) for r in zip(*(rows[n] for n in names), strict=True)]
    first = {"member": _plain(start.member[:, 0]), "engagement": _plain(start.engagement[:, 0]), "aspiration": _plain(aspiration(start, batch.params)[:, 0]),
             "sector": _plain(start.sector[:, 0]), "segment": _plain(start.segment[:, 0])}  # fmt: skip
    return {"months": len(months), "members": len(first["member"]), "month": months, "start": first, "events": events}


def _of_run() -> tuple[str, ...]:
    effort = ("safeguard", "bundle", "intervene", "match_inside", "match_outside", "pause")
    names = ("n_members", "tension", "tension_information", "tension_interest", "tension_resource", "budget", "stock")
    return (*names, "value_created", "society_value", "phase", *(f"effort_{name}" for name in effort))


def _plain(values: Any) -> list[float | None]:
    return [None if np.isnan(v) else round(float(v), 6) for v in values]


def _one(value: Any) -> Any:
    return value if isinstance(value, str) else round(float(value), 6) if isinstance(value, float) else int(value)


def key_of(request: Mapping[str, Any]) -> str:
    """Name the file of an answer; ``recorded_engine.js`` names it alike."""
    text = json.dumps(request, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def answer(request: Mapping[str, Any]) -> Answer:
    """Answer a request: ``call`` says which."""
    calls = {"describe": lambda r: describe(), "ensemble": ensemble, "watch": watch}
    return calls[request["call"]](request)


def record(folder: Path, request: Mapping[str, Any]) -> Path:
    """Write an answer where it is not there yet."""
    file = folder / f"{key_of(request)}.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(answer(request), separators=(",", ":")))
    return file


def requests() -> list[Answer]:
    """List what is recorded without being asked: the first story under a few policies, and one slider."""
    story, found = STORIES[0].scenario, [{"call": "describe"}]
    for policy in RECORDED:
        common = {"story": story, "policy": policy, "values": {}, "months": MONTHS}
        found.append({"call": "watch", **common, "seed": 3, "effort": None})
        found += [{"call": "ensemble", **common, "first": 0, "count": count} for count in (250, 1000)]
    common = {"call": "ensemble", "story": story, "policy": "neutral", "months": MONTHS, "first": 0, "count": 250}
    return found + [{**common, "values": {"grant.months": months}} for months in (12, 36, 48)]


if __name__ == "__main__":
    for one in requests():
        print(record(Path(sys.argv[1]), one))
