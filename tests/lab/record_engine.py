"""Record what the engine of the classroom app answers, with the NumPy engine, for tests without WebAssembly.

``python -m tests.lab.record_engine FOLDER`` writes an answer as JSON for each of a few stories, policies and sliders;
``python -m tests.lab.serve_site`` records whatever the page asks for. ``recorded_engine.js`` reads both.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine.batch import Batch
from sim.engine.simulate import simulate
from sim.lab import export
from sim.lab.by_hand import ByHand, hand_of, play
from sim.lab.stories import MONTHS, STORIES, scenario_named
from sim.model.events import of_month
from sim.model.outcomes.series import aspiration, series_of
from sim.model.policies import POLICIES
from sim.model.policies.registry import find_policy
from sim.model.scenario import Scenario

MONTHLY = ("n_members",)
ENDS = ("retention", "exits_satisfied", "exits_frustrated", "exits_other", "private_value", "society_value",
        "collective_value")  # fmt: skip
OF_MEMBER = ("member", "engagement", "trust", "disclosure", "needs_met", "benefit", "goodwill")
MOVED = ("captured", "contributed", "gained", "lost")
RECORDED = ("neutral", "strategic_pause", "connecting", "safeguarding", "adaptive_tracking")

Answer = dict[str, Any]


def describe() -> Answer:
    """Describe what there is to choose, as an export does."""
    return export.describe([story.scenario for story in STORIES], [find_policy(policy.name) for policy in POLICIES])


def scenario_of(request: Mapping[str, Any]) -> Scenario:
    """Load the story's scenario with the sliders' values."""
    return scenario_named(request["story"]).replace(**request.get("values", {}))


def ensemble(request: Mapping[str, Any]) -> Answer:
    """Answer ``engine.ensemble``: monthly outcomes month by month, and one number a run."""
    months, count = request.get("months", MONTHS), request["count"]
    seeds, effort = range(request["first"], request["first"] + count), request.get("effort")
    if effort is not None:
        monthly, summary = play(scenario_of(request), seeds, [hand_of(one) for one in effort], months)
        return {"months": months, "runs": count, "monthly": {n: _plain(monthly[n].ravel()) for n in MONTHLY},
                "summary": {name: _plain(summary[name]) for name in ENDS}}  # fmt: skip
    tables = simulate(scenario_of(request), seeds, request["policy"], months, record=("summary", "series"))
    assert tables.series is not None
    monthly = {n: _plain(tables.series[n].to_numpy(float).reshape(count, months).T.ravel()) for n in MONTHLY}
    summary = {name: _plain(tables.summary[name].to_numpy(float)) for name in ENDS}
    return {"months": months, "runs": count, "monthly": monthly, "summary": summary}


def watch(request: Mapping[str, Any]) -> Answer:
    """Answer ``engine.watch``: every member in every month of one run, and what happened."""
    scenario, effort = scenario_of(request), request.get("effort")
    batch = Batch(scenario, [request["seed"]], request["policy"] if effort is None else ByHand())
    start, outcomes = batch.state, series_of(batch.sectors)
    run_names = [o for o in outcomes if o.name in _of_run()]
    months, events = [], []
    for month in range(request.get("months", MONTHS)):
        batch = batch if effort is None else batch.under(hand_of(effort[month] if month < len(effort) else {}))
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
        found += [{"call": "ensemble", **common, "first": 0, "count": count, "effort": None} for count in (250, 1000)]
    common = {"call": "ensemble", "story": story, "policy": "neutral", "months": MONTHS, "first": 0, "count": 250,
              "effort": None}  # fmt: skip
    return found + [{**common, "values": {"grant.months": months}} for months in (12, 36, 48)]


if __name__ == "__main__":
    for one in requests():
        print(record(Path(sys.argv[1]), one))
