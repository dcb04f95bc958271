"""From an experiment to runs: who a run is, and which are still to do."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.core.errors import InputError
from sim.sweeps import runner
from sim.sweeps.plan import Plan, points_of
from tests.sweeps.helpers import checked_inputs


def ids(**changes):
    plan = plan_of(**changes)
    return [
        i
        for g in plan.groups
        for task in plan.tasks(g, range(len(g.points)), 0, plan.experiment.replications)
        for i in task.run_ids()
    ]


def plan_of(**changes):
    made = checked_inputs(Path("unused"), {"replications": 2, "policies": ["neutral"], "space": {}, **changes})
    return Plan(made.experiment, made.scenarios, points_of(made.experiment, made.scenarios))


def test_a_run_has_one_id_however_it_was_asked_for():
    fixed = ids(changes={"start.trust": 0.7, "size.partners": 9})
    swept_ = ids(space={"start.trust": [0.7], "size.partners": [9]})
    inside = ids(space={"start.trust": [0.5, 0.7]}, changes={"size.partners": 9})[2:]

    assert fixed == swept_ == inside
    assert len(set(fixed)) == 2


@pytest.mark.parametrize("change", [
    {"months": 7}, {"seed": 1000}, {"engine": "compiled"}, {"policies": ["placebo"]}, {"policies": [{"name": "neutral", "pause": 3}]}, {"scenario": "denim_alliance"},
    {"changes": {"start.trust": 0.61}}, {"changes": {"size.partners": 23}}, {"changes": {"targeting": "random"}},
], ids=str)  # fmt: skip
def test_whatever_determines_a_run_changes_its_id(change):
    assert not set(ids()) & set(ids(**change))


def test_what_does_not_determine_a_run_leaves_its_id(monkeypatch):
    assert ids() == ids(record=["series"], question="why?", policies=["neutral"], changes={"title": "Another name"})
    assert ids()[:1] == ids(replications=1)
    assert ids(changes={"sectors.public.language": 0.0}) == ids(changes={"sectors.public.language": -0.0})


def test_another_model_gives_other_ids(with_other_ids):
    before = ids()
    with_other_ids()

    assert not set(before) & set(ids())


@pytest.mark.parametrize("asked_for", [lambda file: str(file), lambda file: {"name": str(file), "pause": 2}])
def test_a_policy_of_ones_own_that_changes_changes_its_ids_and_no_other(tmp_path, asked_for):
    file, before, others = tmp_path / "own.py", [], ids()
    for text in ("", "\nMATTERS = 1\n"):
        file.write_text("def allocate(seen, budget, memory):\n    return seen.spend(), memory\n" + text)
        both = ids(policies=["neutral", asked_for(file)])
        assert both[:2] == others
        assert len({*both, *before}) == len(both) + len(before)
        before = both[2:]


def test_policies_can_be_a_dimension_with_parameters():
    plan = plan_of(policies=[], space={"policy": ["neutral", "adaptive"], "policy.pause": [0, 3]})

    assert [(g.name, g.policy["pause"]) for g in plan.groups] == [
        ("neutral", 0),
        ("neutral", 3),
        ("adaptive", 0),
        ("adaptive", 3),
    ]


def test_a_task_is_two_runs_at_least_and_some_half_second_of_work():
    small, large = (
        plan_of(replications=900, months=60),
        plan_of(replications=3, months=1200, changes={"size.partners": 5000}),
    )
    sizes = [
        [len(t.seeds) for t in plan.tasks(plan.groups[0], [0], 0, plan.experiment.replications)]
        for plan in (small, large)
    ]

    assert sizes == [[900], [2, 1]]
    wide = plan_of(record=["members"], months=60)
    assert [len(t.seeds) for t in wide.pieces(wide.groups[0], [0] * 300, range(300))] == [138, 138, 24]


def test_points_of_a_group_are_in_order():
    plan = plan_of(space={"start.trust": [0.1 + 0.02 * k for k in range(40)], "size.partners": [6, 8]})

    assert [g.points.tolist() for g in plan.groups] == [list(range(0, 80, 2)), list(range(1, 80, 2))]


@pytest.mark.parametrize(
    ("known", "missed"), [([], [0, 1, 2, 3]), ([0, 1], [2, 3]), ([0, 2], [1, 3]), ([0, 1, 2, 3], [])]
)
def test_replications_that_were_not_tried_are_found_also_between_others(monkeypatch, known, missed):
    plan = plan_of(replications=4)
    row = {
        "policy": "neutral",
        "point": 0,
        "n": len(known),
        "low": min(known, default=0),
        "high": max(known, default=0),
    }
    tried = pd.DataFrame([row] if known else [], columns=list(row))
    asked_for = {"neutral": pd.DataFrame({"seed": known})}
    monkeypatch.setattr(runner, "query", lambda _store, _text, values: asked_for[values[0]])
    tasks = list(runner.missing(plan, None, np.array([4]), tried))

    assert [seed for task in tasks for seed in task.seeds.tolist()] == missed
    assert all(task.points.tolist() == [0] * len(task.seeds) for task in tasks)


def test_scenarios_that_come_to_the_same_are_refused(tmp_path):
    for name in ("one", "other"):
        (tmp_path / f"{name}.yaml").write_text(f"title: {name}\nstart: {{trust: {0.5 if name == 'one' else 0.7}}}\n")
    space = {"scenario": [str(tmp_path / "one.yaml"), str(tmp_path / "other.yaml")]}

    assert plan_of(space=space).n_points == 2
    with pytest.raises(InputError, match="come to the same runs"):
        plan_of(space=space | {"start.trust": [0.3, 0.4]})
