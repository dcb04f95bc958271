# expected == actual
import importlib.util
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest

import sim
from sim.engine.batch import Batch
from sim.engine.compiled import EngineWarning, NotCompilable, _warned, engine_for
from sim.engine.compiled.graph import Graph
from sim.engine.compiled.inputs import policy_parameters, rule_parameters
from sim.engine.compiled.layout import layout_of
from sim.engine.compiled.loops import write
from sim.engine.compiled.node import evaluate
from sim.engine.compiled.runtime import compiled_for
from sim.engine.compiled.trace import Start, trace
from sim.engine.compiled.traced_array import TracedArray
from sim.model.outcomes.series import ALWAYS
from sim.model.policies import POLICIES
from tests.helpers import EVERY_MECHANISM

NAMES = [p.name for p in POLICIES]
PLAN = {
    "steps": [{"policy": "adaptive_tracking", "from": 3, "ramp": 4}, {"policy": "bundling", "until": 9}],
    "when": [{"if": "exits in 2 months >= 1", "then": "strategic_pause", "for": 4}],
}
EVENTFUL = {"size.partners": 8, "size.candidates": 3, "size.ties": 2, "rules.membership.entry_rate": 0.05,
            "rules.leak.rate": 0.4, "shocks.forced_exit.month": 4, "shocks.loss_of_interest.month": 5,
            "shocks.orchestrator_loss.month": 6, "shocks.representative_turnover.month": 7,
            "shocks.grant_end.month": 15}  # fmt: skip
needs_llvmlite = pytest.mark.skipif(importlib.util.find_spec("llvmlite") is None, reason="needs llvmlite")


def traced(policy, scenario=None, months=60, outcomes=ALWAYS):
    batch = Batch(scenario or sim.Scenario(), range(3), policy)
    return trace(
        batch.own.traced_step,
        batch.params,
        batch.policy,
        batch.targeting,
        Start.of(batch.state, batch.memory),
        range(1, months + 1),
        outcomes,
    )


def graph(months=range(1, 13), **inputs):
    return Graph({"partners": 5, **inputs}, months)


def assert_same(own, other):
    for name in ("summary", "series", "members", "events"):
        one, two = own[name], other[name]
        assert (one is None) == (two is None)
        if one is not None:
            assert len(one) == len(two), name
            for column in one:
                if one[column].dtype.kind in "fi":
                    np.testing.assert_allclose(one[column], two[column], rtol=1e-9, atol=1e-9, err_msg=column)
                else:
                    assert one[column].tolist() == two[column].tolist()


@pytest.mark.parametrize("policy", [*NAMES, pytest.param(PLAN, id="plan")])
def test_every_shipped_policy_can_be_written_as_equations(policy):
    month = traced(policy)

    assert month.graph.holds_until(month.graph.inputs, range(1, 61)) >= 12


def test_under_neutral_nothing_is_calculated_of_what_stays_0():
    constant = {name for name, _ in traced("neutral").constant}

    assert {"knowledge", "inside", "outside", "contacts", "plan", "n_ties", "business_model"} <= constant
    assert not {"goodwill", "member", "stock"} & constant


def test_a_schedule_holds_until_its_switch():
    month = traced({"name": "scheduled", "months": 7})

    assert 7 == month.graph.holds_until(month.graph.inputs, range(1, 61))
    assert 0 == month.graph.holds_until(month.graph.inputs, range(8, 61))


def test_what_was_granted_is_asked_again_of_other_parameters():
    month = traced("neutral")
    entry = {**month.graph.inputs, "rules.membership.entry_rate": np.array([[0.0, 0.1]])}

    assert 60 == month.graph.holds_until(month.graph.inputs, range(1, 61))
    assert 0 == month.graph.holds_until(entry, range(1, 61))


def test_numbers_are_worked_out_and_0_and_1_leave_no_trace():
    g = graph()
    x = TracedArray(g, [g.node("state", value=("needs_met", 0), level=2)], True)

    assert x.parts == (x * 1.0 + 0.0).parts
    assert [0.0] == [part.value for part in (x * 0.0).parts]
    assert (x + 1.0).parts == (x + 1.0).parts
    assert [5.0] == [part.value for part in np.maximum(x * 0.0 + 5.0, 2.0).parts]


def test_a_parameter_that_is_0_leaves_no_trace_unless_it_differs_by_run():
    off, on, free = graph(rate=0.0), graph(rate=np.zeros((1, 2))), graph(rate=0.0)
    free.free = {"rate"}

    for g, expected in ((off, True), (on, False), (free, False)):
        rate = g.node("parameter", value="rate", level=int(g is on))
        assert expected == g.apply("multiply", g.node("state", value=("trust", 0), level=2), rate).is_number(0.0)
    assert 12 == off.holds_until({"rate": 0.0}, range(1, 13))
    assert 0 == off.holds_until({"rate": np.array([[0.0, 1.0]])}, range(1, 13))


def test_a_known_truth_that_never_holds_counts_as_0():
    never, sometimes = graph(late=30), graph(late=6)

    for g, expected in ((never, True), (sometimes, False)):
        flag = g.apply("flag", g.apply("equal", g.node("month"), g.node("parameter", value="late", level=1)))
        assert expected == flag.is_number(0.0)


def test_equations_of_parameters_and_month_are_evaluated_for_all_months_and_runs():
    g = graph(range(2, 4), rate=np.array([[0.5, 0.25]]))
    node = g.apply("multiply", g.node("month"), g.node("parameter", value="rate", level=1))

    assert [[1.0, 0.5], [1.5, 0.75]] == evaluate(node, g.inputs, g.months).tolist()


def allocate_by_run(seen, budget, memory):
    return (seen.spend(placebo=budget) if seen.plan.max() > 0 else seen.spend()), memory


def allocate_in_a_loop(seen, budget, memory):
    if (seen.budget > 3).all() and seen.attendance[0, 0] > 2:
        return seen.spend(placebo=budget), memory
    return seen.spend(), memory


def allocate_new_memories(seen, budget, memory):
    return seen.spend(placebo=budget * 0.5), [budget]


@pytest.mark.parametrize("policy", [allocate_by_run, allocate_in_a_loop, allocate_new_memories])
def test_what_no_equation_can_say_is_refused(policy):
    with pytest.raises(NotCompilable):
        traced(policy)


@needs_llvmlite
def test_a_policy_that_no_equation_can_say_runs_on_numpy_and_that_is_said_once():
    _warned.clear()
    with pytest.warns(
        EngineWarning, match=r"engine=compiled: allocate_new_memories runs on the NumPy engine: it remembers"
    ):
        own = sim.simulate(None, 3, allocate_new_memories, 6, engine="compiled")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        repeated = sim.simulate(None, 3, allocate_new_memories, 6, engine="compiled")
    expected = sim.simulate(None, 3, allocate_new_memories, 6)

    for result in (own, repeated):
        assert expected.series.equals(result.series)


@needs_llvmlite
def test_payoffs_of_a_user_run_on_numpy(tmp_path):
    _warned.clear()
    (tmp_path / "game.py").write_text("def payoffs(state, participation):\n    return participation * 0.5\n")
    scenario = sim.Scenario().replace(payoffs=f"{tmp_path / 'game.py'}:payoffs")

    with pytest.warns(EngineWarning, match="is a Python function"):
        assert "numpy" == engine_for("compiled", scenario, None)


def test_an_unknown_engine_is_refused():
    with pytest.raises(sim.PolicyError.__base__, match="engine = 'compile': did you mean compiled"):
        sim.simulate(None, 2, months=2, engine="compile")


def test_without_llvmlite_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match="engine=compiled needs llvmlite: python -m pip install llvmlite"):
        sim.simulate(None, 2, months=2, engine="compiled")


@needs_llvmlite
def test_nothing_is_compiled_to_find_out_that_it_fits(monkeypatch):
    monkeypatch.setattr("sim.engine.compiled.cache.compiled", lambda program: program)
    monkeypatch.setattr("sim.engine.compiled.runtime._compiled", {})
    batch = Batch(sim.Scenario(), range(3), "neutral")
    first, holds = compiled_for(batch, range(1, 13), ALWAYS, False)
    second, _ = compiled_for(
        Batch(sim.Scenario().replace(**{"start.trust": 0.4}), range(5), "neutral"), range(1, 13), ALWAYS, False
    )

    assert 12 == holds
    assert first is second


@needs_llvmlite
def test_the_tables_of_a_few_runs_keep_each_month_as_it_was():
    own, other = (
        sim.simulate(
            sim.Scenario().replace(**{"size.partners": 6}), 3, months=4, record=("members", "events"), engine=e
        )
        for e in ("compiled", "numpy")
    )

    assert_same(other, own)


@needs_llvmlite
def test_the_compiled_engine_gives_the_tables_of_the_numpy_engine():
    scenario = sim.Scenario().replace(**{"size.partners": 6})
    own, other = (
        sim.simulate(scenario, 20, months=24, record="summary", check_invariants=False, engine=e)
        for e in ("compiled", "numpy")
    )

    assert_same(other, own)


@needs_llvmlite
@pytest.mark.slow
@pytest.mark.parametrize("policy", [*NAMES, {"name": "adaptive_tracking", "pause": 3}])
@pytest.mark.parametrize("mechanisms", [{}, EVERY_MECHANISM], ids=["first version", "every mechanism"])
def test_whole_runs_agree_in_every_table_with_everything_happening(policy, mechanisms):
    scenario, columns = (
        sim.Scenario().replace(**EVENTFUL, **mechanisms),
        {"rules.leak.rate": np.linspace(0, 0.5, 33), "start.goodwill": np.linspace(2, 9, 33)},
    )
    request = {"months": 36, "columns": columns, "record": ("summary", "series", "members", "events")}
    own, other = (
        sim.simulate(scenario, 33, policy, check_invariants=True, engine=e, **request) for e in ("compiled", "numpy")
    )

    assert_same(other, own)


@needs_llvmlite
@pytest.mark.parametrize("n_runs", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_a_few_runs_month_by_month_have_the_events_of_the_numpy_engine(n_runs):
    """The arrays of one block of runs are no views of the next month's."""
    own, other = (
        sim.simulate("denim_alliance", n_runs, "neutral", 30, check_invariants=True, engine=e)
        for e in ("compiled", "numpy")
    )

    assert_same(other, own)


@needs_llvmlite
@pytest.mark.slow
@pytest.mark.parametrize("policy", ["neutral", "adaptive_tracking"])
def test_further_sectors_agree_in_every_table(policy):
    finance = {"like": "private", "share": 0.2, "goals": -0.5, "wants": {"academic": 0.5}}
    scenario = sim.load_scenario({"sectors": {"finance": finance, "media": {"share": 0.1}}})
    scenario = scenario.replace(**EVENTFUL, **EVERY_MECHANISM)
    columns = {"sectors.finance.share": np.linspace(0.0, 0.6, 20)}
    own, other = (
        sim.simulate(scenario, 20, policy, 18, ("summary", "series", "members", "events"), columns, engine=engine)
        for engine in ("compiled", "numpy")
    )

    assert {"private_finance", "private_media"} <= set(own.summary)
    assert_same(other, own)


@needs_llvmlite
@pytest.mark.slow
@pytest.mark.parametrize("policy", ["neutral", "adaptive_tracking", "scheduled"])
def test_all_months_at_once_and_month_by_month_have_the_same_bits_in_any_batch(policy):
    at_once = sim.simulate(None, 40, policy, 60, record="summary", check_invariants=False, engine="compiled").summary
    tables = ("summary", "series", "members", "events")
    each_month = sim.simulate(None, 40, policy, 60, record=tables, check_invariants=True, engine="compiled").summary
    few = sim.simulate(
        None, range(17, 19), policy, 60, record="summary", check_invariants=False, engine="compiled"
    ).summary

    assert at_once.equals(each_month)
    assert at_once.iloc[17:19].reset_index(drop=True).equals(few)


@needs_llvmlite
@pytest.mark.slow
def test_a_policy_that_overspends_is_refused_in_the_same_words():
    def allocate(seen, budget, memory):
        return seen.spend(placebo=budget + 1.0), memory

    for engine in ("numpy", "compiled"):
        with pytest.raises(sim.PolicyError, match="spends 7 of a budget of 6"):
            sim.simulate(None, 3, allocate, 6, engine=engine)


@needs_llvmlite
@pytest.mark.slow
def test_large_partnerships_agree():
    scenario = sim.Scenario().replace(**{"size.partners": 600, "size.domains": 8, "size.segments": 12})
    own, other = (
        sim.simulate(scenario, 3, "adaptive_tracking", 24, record="summary", check_invariants=False, engine=e)
        for e in ("compiled", "numpy")
    )

    assert_same(other, own)


@needs_llvmlite
def test_two_plans_with_policies_of_one_name_do_not_share_compiled_code():
    """Each user's class has the name and the parameters of the other; their months are compiled apart."""

    def policy(effort):
        def allocate(self, seen, budget, memory):
            return seen.spend(bundle=effort * budget), memory

        return type("Mine", (sim.Policy,), {"name": "mine", "allocate": allocate})

    results = [
        sim.simulate(None, 3, {"steps": [{"policy": policy(effort)}]}, 6, engine="compiled").summary["effort_spent"]
        for effort in (0.1, 0.2)
    ]

    assert (results[1] > results[0]).all()


TEXT = """
import hashlib
from sim.engine.batch import Batch
from sim.engine.compiled.inputs import policy_parameters, rule_parameters
from sim.engine.compiled.layout import layout_of
from sim.engine.compiled.loops import write
from sim.engine.compiled.trace import Start, trace
from sim.model.outcomes.series import ALWAYS
import sim
for policy in ("neutral", "adaptive_tracking"):
    batch = Batch(sim.Scenario(), range(3), policy)
    start = Start.of(batch.state, batch.memory)
    month = trace(batch.own.traced_step, batch.params, batch.policy, batch.targeting, start, range(1, 13), ALWAYS)
    layout = layout_of(start.n_parts, dict(rule_parameters(batch.params)), policy_parameters(batch.policy), 9)
    print(hashlib.sha256(write(month, layout, True).text.encode()).hexdigest())
"""


def test_the_bits_of_a_members_draw_are_made_once_a_month():
    batch = Batch(sim.Scenario(), range(3), "adaptive_tracking")
    parts = Start.of(batch.state, batch.memory).n_parts
    layout = layout_of(parts, dict(rule_parameters(batch.params)), policy_parameters(batch.policy), 9)
    draws = [line for line in write(traced("adaptive_tracking"), layout, False).text.splitlines() if " = draw " in line]

    assert len(draws) == len(set(draws)) > 6


def test_the_text_that_is_compiled_is_the_same_in_every_process():
    printed = {
        subprocess.run(
            [sys.executable, "-c", TEXT],
            env=os.environ | {"PYTHONHASHSEED": str(k)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for k in (1, 2)
    }

    assert len(printed) == 1


@needs_llvmlite
def test_threads_change_no_bit_and_no_order(monkeypatch):
    monkeypatch.setattr("sim.engine.simulate.CELLS", 24 * 20)
    tables = []
    for n in (1, 3):
        monkeypatch.setattr("sim.engine.simulate.threads", lambda n=n: n)
        tables.append(sim.simulate(None, 110, "bundling", 12, ("summary", "events"), engine="compiled"))

    assert tables[0].summary.equals(tables[1].summary)
    assert tables[0].events.equals(tables[1].events)
    assert tables[0].summary["seed"].tolist() == list(range(110))
