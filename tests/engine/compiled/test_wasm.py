"""Docking: the same program in WebAssembly, run by Node, has the bits of this machine's code in every month and outcome."""

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
from sim.engine.compiled.loops import LANES
from sim.engine.compiled.runtime import Rows, compiled_for
from sim.model.outcomes.series import SERIES
from tests.engine.compiled.test_engines import EVENTFUL, NAMES, PLAN
from tests.helpers import EVERY_MECHANISM

RUN = Path(__file__).with_name("run_module.mjs")

MONTHS = 36

needs_tools = pytest.mark.skipif(
    importlib.util.find_spec("ziglang") is None or shutil.which("node") is None, reason="needs ziglang and Node"
)


def measured_by_node(compiled, rows, months, folder):
    program = compiled.program
    (folder / "months.wasm").write_bytes(wasm.wasm_of(program))
    for name in ("cells", "runs", "keys"):
        getattr(rows, name).tofile(folder / f"{name}.bin")
    np.concatenate([*(t.values for t in program.tables), [0.0]]).astype(float).tofile(folder / "table.bin")
    shape = (program.n_measured, months, rows.n_blocks * LANES)
    sizes = {"shared": max(program.n_shared, 1) * rows.n_partners * LANES, "measured": int(np.prod(shape)),
             "months": months, "partners": rows.n_partners, "blocks": rows.n_blocks}  # fmt: skip
    (folder / "sizes.json").write_text(json.dumps(sizes))
    done = subprocess.run(["node", RUN, folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return np.fromfile(folder / "measured.bin").reshape(shape)[:, :, : rows.n_runs]


def docked(scenario, policy, columns, folder):
    """Run the months that one program can advance here and in Node; gives both, and how many they are."""
    batch = Batch(scenario, range(40), policy, columns, engine="compiled")
    compiled, holds = compiled_for(batch, range(1, MONTHS + 1), SERIES, False)
    rows = Rows(compiled, batch)
    node = measured_by_node(compiled, rows, holds, folder)
    return rows.run(1, holds), node, holds


@needs_tools
@pytest.mark.slow
@pytest.mark.parametrize("policy", [*NAMES, pytest.param(PLAN, id="plan")])
def test_a_module_has_the_bits_of_this_machine(policy, tmp_path):
    scenario = sim.Scenario().replace(**EVENTFUL, **EVERY_MECHANISM)
    columns = {"rules.leak.rate": np.linspace(0, 0.5, 40), "start.goodwill": np.linspace(2, 9, 40)}
    here, node, holds = docked(scenario, policy, columns, tmp_path)

    assert holds >= 3
    assert np.array_equal(here, node, equal_nan=True)
    assert np.isfinite(here).mean() > 0.9


@needs_tools
@pytest.mark.slow
def test_a_roster_with_events_docks_and_the_module_is_small(tmp_path):
    file = Path(sim.__file__).parents[1] / "docs/examples/alliance.yaml"
    here, node, _ = docked(sim.load_scenario(str(file)), "adaptive_tracking", {}, tmp_path)

    assert np.array_equal(here, node, equal_nan=True)
    assert (tmp_path / "months.wasm").stat().st_size < 100_000


def test_without_the_linker_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="python -m pip install ziglang"):
        wasm.wasm_of(None)
