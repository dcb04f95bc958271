"""Docking: whole runs in WebAssembly, by Node from parameters and seeds alone, have the bits of this machine's code."""

import importlib.util
import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import sim

pytest.importorskip("llvmlite")

from sim.core.errors import InputError
from sim.engine.batch import Batch
from sim.engine.compiled import native, runs, runtime, wasm
from sim.engine.compiled.bundle import Bundle
from sim.engine.compiled.loops import Loop, Program
from sim.engine.compiled.node import EVALUATE
from sim.model.events import SHOCKS, watched
from sim.model.policies.registry import find_policy
from tests.engine.compiled.test_engines import EVENTFUL, NAMES, PLAN
from tests.helpers import EVERY_MECHANISM

RUN = Path(__file__).with_name("run_bundle.mjs")
SITE = Path(sim.__file__).parent / "lab/site"
MONTHS, RUNS = 36, 40
ALLIANCE = str(Path(sim.__file__).parents[1] / "docs/examples/alliance.yaml")

needs_tools = pytest.mark.skipif(
    importlib.util.find_spec("ziglang") is None or shutil.which("node") is None, reason="needs ziglang and Node"
)


def in_node(bundle, runs, folder):
    """Run partnerships in Node."""
    for key, module in bundle.modules.items():
        (folder / f"{key}.wasm").write_bytes(module)
    job = {"places": bundle.places, "layouts": bundle.layouts, "runs": runs}
    (folder / "job.json").write_text(json.dumps(job))
    done = subprocess.run(["node", RUN, folder, SITE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads((folder / "answers.json").read_text())


@pytest.fixture(autouse=True)
def in_two_steps(monkeypatch):
    """Let this machine multiply and add in two steps in series, as WebAssembly must."""
    monkeypatch.setattr(native, "ONE_STEP", False)
    monkeypatch.setattr(runtime, "_compiled", {})
    monkeypatch.setattr(runs, "_listed", {})


def numbers(texts):
    return np.array([float(text) for text in texts])


def assert_docks(answer, scenario, policy, months=MONTHS, values=None):
    """Compare outcomes of runs and months: to the last bit with this machine's code, to 1e-9 with NumPy."""
    scenario = scenario.replace(**(values or {}))
    for engine, tolerance in (("compiled", {"rtol": 0, "atol": 0}), ("numpy", {"rtol": 1e-9, "atol": 1e-12})):
        tables = sim.simulate(
            scenario, RUNS, policy, months, record=("summary", "series"), engine=engine, check_invariants=False
        )
        for name, texts in answer["summary"].items():
            np.testing.assert_allclose(numbers(texts), tables.summary[name], **tolerance, err_msg=name)
        for name, texts in answer["monthly"].items():
            by_run = numbers(texts).reshape(months, RUNS).T.ravel()
            np.testing.assert_allclose(by_run, tables.series[name], **tolerance, err_msg=name)


def job(partnership, months=MONTHS, **more):
    return {"partnership": partnership, "seeds": list(range(RUNS)), "months": months, **more}


@needs_tools
@pytest.mark.slow
@pytest.mark.parametrize("policy", [*NAMES, pytest.param(PLAN, id="plan")])
def test_whole_runs_have_the_bits_of_this_machine_and_agree_with_numpy(policy, tmp_path):
    scenario = sim.Scenario().replace(**EVENTFUL, **EVERY_MECHANISM)
    bundle = Bundle()
    made = bundle.add(scenario, find_policy(policy), MONTHS, watch=False, every=True)
    (answer,) = in_node(bundle, [job(made)], tmp_path)

    assert_docks(answer, scenario, policy)
    assert len(answer["summary"]) == 23


@needs_tools
def test_values_of_a_page_give_what_a_scenario_with_them_gives(tmp_path):
    values = [{}, {"grant.months": 0.0}, {"grant.months": 30.0, "rules.leak.rate": 0.0, "start.trust": 0.9}]
    bundle, scenario = Bundle(), sim.Scenario()
    free = frozenset(path for each in values for path in each) | {"policy.months"}
    made = bundle.add(scenario, find_policy("scheduled"), 12, free, watch=False, every=True)
    answers = in_node(bundle, [job(made, 12, values=each) for each in values], tmp_path)

    for each, answer in zip(values, answers, strict=True):
        assert_docks(answer, scenario, "scheduled", 12, each)


@needs_tools
@pytest.mark.slow
def test_the_month_in_which_a_schedule_turns_may_be_another(tmp_path):
    bundle = Bundle()
    made = bundle.add(
        sim.Scenario(), find_policy("scheduled"), MONTHS, frozenset({"policy.months"}), watch=False, every=True
    )
    (answer,) = in_node(bundle, [job(made, values={"policy.months": 5.0})], tmp_path)

    assert len(made["months"]) == 2
    assert_docks(answer, sim.Scenario(), {"name": "scheduled", "months": 5})


@needs_tools
@pytest.mark.slow
def test_a_roster_with_events_docks_and_modules_are_small(tmp_path):
    scenario, bundle = sim.load_scenario(ALLIANCE), Bundle()
    made = bundle.add(scenario, find_policy("adaptive_tracking"), MONTHS, watch=False, every=True)
    (answer,) = in_node(bundle, [job(made)], tmp_path)

    assert_docks(answer, scenario, "adaptive_tracking")
    assert max(map(len, bundle.modules.values())) < 100_000


@needs_tools
@pytest.mark.slow
def test_months_that_are_watched_show_the_state_flows_and_causes_of_numpy(tmp_path):
    scenario = sim.Scenario().replace(**EVENTFUL)
    names = ["goodwill.0", "needs_met.0", "member.0", "flows.captured.0", "flows.lost.0", "seen.attendance.0",
             "seen.shortfall.0", *(f"watched.{name}.0" for name in ("exit", "cause", "aspiration", "trust", "turned", *SHOCKS))]  # fmt: skip
    bundle = Bundle()
    made = bundle.add(scenario, find_policy("adaptive_tracking"), 20)
    (months,) = in_node(bundle, [job(made, 20, watch=names)], tmp_path)
    batch, exits = Batch(scenario, range(2), "adaptive_tracking"), 0

    for month in months:
        before, flows, after = batch.advance()
        shown = watched(before, flows, after, batch.params)
        sources = {"flows": vars(flows), "watched": shown, "seen": {"attendance": flows.seen.attendance,
                   "shortfall": flows.seen.shortfall}}  # fmt: skip
        for name in names:
            group, _, rest = name.rpartition(".")[0].partition(".")
            expected = sources[group][rest] if rest else getattr(after, group)
            here = np.broadcast_to(np.ravel(month[name]), len(expected)) if len(expected) > 1 else month[name]
            np.testing.assert_allclose(here, expected[:, 0], rtol=1e-9, atol=1e-12, err_msg=name)
        exits += np.count_nonzero(month["watched.exit.0"])
    assert exits > 2


def test_a_page_knows_every_operation_of_a_condition():
    text = (SITE / "engine/conditions.js").read_text()

    assert [name for name in EVALUATE if f"\n  {name}: " not in text] == []


def test_without_the_linker_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="python -m pip install ziglang"):
        wasm.wasm_of(None)


@needs_tools
def test_a_module_is_compiled_once_and_read_from_disk_afterwards(tmp_path, monkeypatch):
    monkeypatch.setenv("PARTNERSHIP_CACHE", str(tmp_path / "cache"))
    program = Program((), (Loop("runs", ("y = exp 1.0", "set_run 0 y")),), {}, {}, {}, frozenset(), 0, 0, 0, [])
    first = wasm.wasm_of(program)
    monkeypatch.setattr(wasm, "_compiled", None)

    assert wasm.wasm_of(program) == first
    assert [f.suffix for f in (tmp_path / "cache").iterdir()] == [".wasm"]


@pytest.mark.slow
def test_modules_are_the_same_whoever_compiles_them(tmp_path, monkeypatch):
    monkeypatch.setenv("PARTNERSHIP_CACHE", str(tmp_path / "one"))
    one = Bundle()
    one.add(sim.Scenario(), find_policy("neutral"), 3)
    monkeypatch.setenv("PARTNERSHIP_CACHE", str(tmp_path / "two"))
    with ThreadPoolExecutor(1) as executor:
        two = Bundle(executor)
        two.add(sim.Scenario(), find_policy("neutral"), 3)

        assert len(two.waiting()) > 1
        assert two.modules == one.modules
