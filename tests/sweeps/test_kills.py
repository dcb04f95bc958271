"""Killed at random moments, across executors, a sweep ends with the bytes of one that nothing disturbed."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sim
from tests.sweeps.helpers import fingerprints, swept

DATA = {
    "policies": ["neutral", "adaptive"],
    "space": {"start.trust": [0.3, 0.6, 0.9], "size.partners": [6, 7, 8, 9]},
    "replications": 500,
    "months": 48,
    "record": ["events"],
}
COMMAND = [
    *("space.start.trust=[0.3,0.6,0.9]", "space.size.partners=[6,7,8,9]", "policies=[neutral,adaptive]"),
    *("replications=500", "months=48", "record=[events]"),
]


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference") / "s"
    swept(folder, **DATA)
    return fingerprints(folder)


def launch(folder, *executor):
    """Start a sweep as a user would, in a process group of its own."""
    command = [sys.executable, "-m", "sim", "sweep", *COMMAND, f"folder={folder}", *executor]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def children_of(pid):
    """List the processes below one, by reading /proc."""
    result = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat:
                    parent = int(stat.read().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if parent == pid:
                result += [int(entry), *children_of(int(entry))]
    return result


def finish(folder):
    """Go on until it is done."""
    process = launch(folder, "executor=serial")
    _, err = process.communicate(timeout=600)
    assert process.returncode == 0, err


def has(executor):
    if executor == "dask":
        pytest.importorskip("distributed", reason="the extra dask is not installed")


@pytest.mark.slow
def test_thirty_kills_across_executors_change_no_byte(reference, tmp_path):
    has("dask")
    draws, kills, folders = random.Random(2021), 0, 0
    while kills < 30:
        folder = tmp_path / f"s{folders}"
        folders += 1
        while kills < 30:
            executor = ("serial", "processes", "dask")[kills % 3]
            process = launch(folder, f"executor={executor}", *(["executor.workers=2"] if executor != "serial" else []))
            time.sleep(draws.uniform(0.3, 3.5))
            ended = process.poll() is not None
            process.kill()
            _, err = process.communicate(timeout=60)  # ends only when the workers have followed
            if ended:
                assert process.returncode == 0, err
                break
            kills += 1
        finish(folder)
        assert fingerprints(folder) == reference
        sweep = sim.load(folder)
        assert sweep.runs["run_id"].is_unique
        assert not sweep.status().damaged


@pytest.mark.slow
@pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs /proc to find the workers")
@pytest.mark.parametrize("executor", ["processes", "dask"])
def test_a_worker_killed_on_the_way_is_made_up_for(reference, tmp_path, executor):
    has(executor)
    process = launch(tmp_path / "s", f"executor={executor}", "executor.workers=2")
    killed = 0
    while killed < 3 and process.poll() is None:
        time.sleep(0.1)
        if len(list((tmp_path / "s").glob("runs/*.parquet"))) <= 4 * killed:
            continue  # so that the kills fall on work, spread over the sweep
        workers = [
            p for p in children_of(process.pid) if b"resource_tracker" not in Path(f"/proc/{p}/cmdline").read_bytes()
        ]
        if workers:
            os.kill(workers[-1], signal.SIGKILL)
            killed += 1
    _, err = process.communicate(timeout=600)

    assert killed
    assert process.returncode == 0, err
    assert fingerprints(tmp_path / "s") == reference
    assert sim.load(tmp_path / "s").failures.empty


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["processes", "dask"])
def test_ctrl_c_keeps_what_is_done_and_says_so(reference, tmp_path, executor):
    has(executor)
    draws = random.Random(executor)
    for _ in range(6):
        process = launch(tmp_path / "s", f"executor={executor}")
        time.sleep(draws.uniform(1.2, 3.5))
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)

        assert process.returncode in (0, 130, -2), err  # -2: Python itself, when struck while importing
        assert process.returncode == 0 or "stopped; " in err
        assert "Traceback" not in err
    finish(tmp_path / "s")
    assert fingerprints(tmp_path / "s") == reference


@pytest.mark.slow
def test_a_scheduler_with_two_workers_started_apart_gives_the_same_and_bears_a_kill(reference, tmp_path):
    has("dask")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    address = f"tcp://127.0.0.1:{port}"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    scheduler = [*dask, "--host", "127.0.0.1", "--port", str(port), "--dashboard-address", "127.0.0.1:0"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--host", "127.0.0.1", "--nthreads", "1"]
    worker += ["--dashboard-address", "127.0.0.1:0", "--death-timeout", "60", "--no-nanny"]
    started = [
        subprocess.Popen(scheduler, **quiet),
        *(subprocess.Popen(worker, cwd=tmp_path, **quiet) for _ in range(2)),
    ]
    try:
        process = launch(tmp_path / "s", "executor=dask", f"executor.address={address}")
        time.sleep(5)
        alive = process.poll() is None
        started[1].kill()
        _, err = process.communicate(timeout=600)
        assert process.returncode == 0, err
        assert alive
        assert fingerprints(tmp_path / "s") == reference
    finally:
        for process in started:
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_run_that_kills_its_worker_is_recorded_as_failed_and_the_others_are_done(tmp_path):
    file = tmp_path / "deadly.py"
    file.write_text(
        "import multiprocessing, os\nimport numpy as np\n\n\n"
        "def allocate(seen, budget, memory):\n"
        "    if np.any(budget > 19) and multiprocessing.parent_process() is not None:\n"
        "        os._exit(9)\n"
        "    return seen.spend(safeguard=0.1 * budget), memory\n"
    )
    count = swept(
        tmp_path / "s",
        policies=["neutral", str(file)],
        space={"grant.budget": [6, 20], "size.partners": [5, 6, 7]},
        replications=4,
        record=[],
        executor={"name": "processes", "workers": 2},
    )
    failures = sim.load(tmp_path / "s").failures

    assert count.done + count.failed == 48
    assert failures["error"].str.contains("its worker died 3 times").all()
    assert set(failures["policy"]) == {"deadly"}
