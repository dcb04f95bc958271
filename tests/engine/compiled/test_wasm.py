"""Docking: whole runs in WebAssembly, by Node from parameters and keys alone, have the bits of this machine's code."""

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import sim

pytest.importorskip("llvmlite")

from sim.core.errors import InputError
from sim.engine.batch import Batch
from sim.engine.compiled import wasm
from sim.engine.compiled.inputs import leaves
from sim.engine.compiled.loops import LANES
from sim.engine.compiled.runtime import compiled_first_day, compiled_for, inputs_of
from sim.model.members import roster_of
from sim.model.outcomes.series import SERIES
from tests.engine.compiled.test_engines import EVENTFUL, NAMES, PLAN
from tests.helpers import EVERY_MECHANISM

RUN = Path(__file__).with_name("run_module.mjs")

MONTHS, RUNS = 36, 40

needs_tools = pytest.mark.skipif(
    importlib.util.find_spec("ziglang") is None or shutil.which("node") is None, reason="needs ziglang and Node"
)


def in_node(batch, months, folder):
    """Run partnerships in Node: outcomes measured, shape (outcomes, months, runs), and how many months one module runs."""
    compiled, holds = compiled_for(batch, range(1, months + 1), SERIES, False)
    roster = roster_of(batch._scenario.members, batch.sectors, batch._scenario.now)
    first, _ = compiled_first_day(batch.params, roster)
    for name, made in (("first_day", first), ("months", compiled)):
        (folder / f"{name}.wasm").write_bytes(wasm.wasm_of(made.program))
        layout = wasm.layout_of(made)
        np.array(layout.pop("table")).tofile(folder / f"{name}.table.bin")
        (folder / f"{name}.json").write_text(json.dumps(layout))
    n_blocks = -(-RUNS // LANES)
    np.resize(np.append(batch.streams.keys[0], [batch.streams.keys[0, -1]] * LANES), n_blocks * LANES).tofile(
        folder / "keys.bin"
    )
    inputs = {k: v.ravel().tolist() if isinstance(v, np.ndarray) else v for k, v in inputs_of(batch).items()}
    memory = {f"memory.{k}.0": float(np.ravel(leaf)[0]) for k, leaf in enumerate(leaves(batch.memory))}
    job = {"months": holds, "partners": batch.state.member.shape[0], "runs": RUNS, "inputs": inputs, "memory": memory}
    (folder / "job.json").write_text(json.dumps(job))
    done = subprocess.run(["node", RUN, folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    shape = (compiled.program.n_measured, holds, n_blocks * LANES)
    return np.fromfile(folder / "measured.bin").reshape(shape)[:-1, :, :RUNS], holds


def here(batch, months):
    parts = [measured for measured, *_ in batch.run_months(months, SERIES, False)]
    return np.concatenate(parts, axis=1)


@needs_tools
@pytest.mark.slow
@pytest.mark.parametrize("policy", [*NAMES, pytest.param(PLAN, id="plan")])
def test_whole_runs_have_the_bits_of_this_machine_and_agree_with_numpy(policy, tmp_path):
    scenario = sim.Scenario().replace(**EVENTFUL, **EVERY_MECHANISM)
    columns = {"rules.leak.rate": np.linspace(0, 0.5, RUNS), "start.goodwill": np.linspace(2, 9, RUNS)}
    arguments = (scenario, range(RUNS), policy, columns)
    node, months = in_node(Batch(*arguments, engine="compiled"), MONTHS, tmp_path)
    compiled, numpy = (here(Batch(*arguments, engine=engine), months) for engine in ("compiled", "numpy"))

    assert months >= 3
    assert np.array_equal(node, compiled, equal_nan=True)
    np.testing.assert_allclose(node, numpy, rtol=1e-9, atol=1e-12)
    assert np.isfinite(node).mean() > 0.9


@needs_tools
@pytest.mark.slow
def test_a_roster_with_events_docks_and_modules_are_small(tmp_path):
    file = Path(sim.__file__).parents[1] / "docs/examples/alliance.yaml"
    batch = Batch(sim.load_scenario(str(file)), range(RUNS), "adaptive_tracking", engine="compiled")
    node, months = in_node(batch, MONTHS, tmp_path)

    assert np.array_equal(node, here(batch, months), equal_nan=True)
    assert (tmp_path / "months.wasm").stat().st_size < 100_000
    assert (tmp_path / "first_day.wasm").stat().st_size < 50_000


def test_without_the_linker_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="python -m pip install ziglang"):
        wasm.wasm_of(None)
