"""Whatever goes wrong on the way, a command says so in a line, leaves nothing half-written, and the same command goes on."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

import sim
from sim.core.errors import InputError
from sim.storage.atomic import _clear_after_the_dead, atomic_folder
from tests.faults.helpers import (
    COMMANDS,
    DIED,
    FACTS,
    SWEEP,
    contents,
    disk_full_after,
    done,
    ended,
    power_goes,
    started,
)

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="faults are made in a copy of this process")


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A folder to work in, with the facts that calibrate takes."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    Path("facts.yaml").write_text(FACTS)
    return work


@pytest.fixture(scope="module")
def expected_contents_of(tmp_path_factory):
    """Remember what each command leaves when nothing goes wrong."""
    made = {}

    def expected_contents(name):
        if name not in made:
            here, there = Path.cwd(), tmp_path_factory.mktemp("whole") / "work"
            there.mkdir()
            os.chdir(there)
            (there / "facts.yaml").write_text(FACTS)
            for arguments in (*COMMANDS[name][0], COMMANDS[name][1]):
                assert done(arguments) == (0, "")
            made[name] = contents(there)
            os.chdir(here)
        return made[name]

    return expected_contents


def prepared(name):
    for arguments in COMMANDS[name][0]:
        assert done(arguments) == (0, "")
    return COMMANDS[name][1]


def finished_as_if_nothing_had_happened(name, arguments, expected_contents_of):
    assert done(arguments) == (0, "")
    assert contents(".") == expected_contents_of(name)


@pytest.mark.slow
@pytest.mark.parametrize("n_bytes", [1_000, 20_000])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_a_line_and_leaves_nothing_half_written(name, n_bytes, expected_contents_of):
    arguments = prepared(name)
    code, text = done(arguments, disk_full_after(n_bytes))

    assert code in (0, 2)
    assert code == 0 or (
        "cannot be written" in text and all(line.startswith("partnership: ") for line in text.splitlines())
    ), text
    assert not list(Path().rglob("*.partial*"))
    finished_as_if_nothing_had_happened(name, arguments, expected_contents_of)


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_power_that_goes_at_any_write_costs_nothing(name, expected_contents_of):
    arguments, draws = prepared(name), random.Random(name)
    for call, after in (("fsync", False), ("replace", False), ("replace", True)):
        code, _ = done(arguments, power_goes(call, draws.randint(1, 12), after))
        assert code in (0, DIED)
    finished_as_if_nothing_had_happened(name, arguments, expected_contents_of)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["compare", "search", "calibrate", "a page of a comparison", "export"])
def test_a_command_that_is_interrupted_again_and_again_ends_the_same(name, expected_contents_of):
    arguments, draws = prepared(name), random.Random(name)
    for _ in range(8):
        pid = started(arguments)
        time.sleep(draws.uniform(0.0, 1.0))
        os.kill(pid, draws.choice([signal.SIGINT, signal.SIGTERM, signal.SIGKILL]))
        code, text = ended(pid)
        assert code in (0, 130, -signal.SIGINT, -signal.SIGTERM, -signal.SIGKILL), text
        assert "Traceback" not in text, text
    finished_as_if_nothing_had_happened(name, arguments, expected_contents_of)


@pytest.mark.parametrize(
    "error",
    [RuntimeError("a library in disarray"), InputError("scenario=neutral: nonsense")],
    ids=lambda e: type(e).__name__,
)
def test_an_interruption_that_a_library_turns_into_another_error_is_still_one(error):
    from sim.cli import describe

    def struck(_):
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(9)
        except KeyboardInterrupt:
            raise error from None

    code, text = done(["describe"], lambda: setattr(describe, "main", struck))
    assert (code, text) == (130, "\npartnership: stopped; nothing half-written is left\n")


LONG = [*SWEEP[:1], "space.start.trust=[0.3,0.6,0.9]", "space.size.partners=[6,7,8,9]", "policies=[neutral,adaptive]", "replications=60", "months=24",
        "record=[events]"]  # fmt: skip


@pytest.mark.slow
def test_two_hundred_interruptions_of_sweeps_change_no_byte():
    from tests.sweeps.helpers import fingerprints

    assert done([*LONG, "executor=serial", "folder=whole"]) == (0, "")
    reference, draws, interrupted, folders = fingerprints("whole"), random.Random(2021), 0, 0
    while interrupted < 200:
        folder = f"s{folders}"
        folders += 1
        while interrupted < 200:
            executor = "processes" if interrupted % 20 == 19 else "serial"
            pid = started([*LONG, f"executor={executor}", f"folder={folder}"])
            time.sleep(draws.uniform(0.0, 2.5 if executor == "processes" else 0.7))
            os.kill(pid, draws.choice([signal.SIGINT, signal.SIGKILL]))
            code, text = ended(pid)
            assert "Traceback" not in text, text
            if code == 0:
                break
            assert code in (130, -signal.SIGINT, -signal.SIGKILL), text
            interrupted += 1
        assert done([*LONG, "executor=serial", f"folder={folder}"]) == (0, "")
        assert fingerprints(folder) == reference
        sweep = sim.load(folder)
        assert sweep.runs["run_id"].is_unique
        assert not sweep.status().damaged
        assert not list(Path(folder).rglob("*.partial"))


def test_what_a_killed_process_left_is_cleared_and_the_living_are_left_alone(place):
    assert done(COMMANDS["run"][1], power_goes("fsync", 1)) == (DIED, "")
    left = {p.name for p in place.iterdir() if p.name.startswith(".out.partial-")}
    with atomic_folder(Path("out"), "mine") as alive:
        assert len(left) == 2
        assert not left & {p.name for p in place.iterdir()}
        assert done(["--version"], lambda: _clear_after_the_dead(Path("out"))) == (0, "")
        assert alive.is_dir()

    assert sorted(p.name for p in place.iterdir()) == ["facts.yaml", "out"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["compare", "sweep", "search"])
def test_two_processes_on_one_folder_leave_it_whole(name, expected_contents_of):
    arguments = COMMANDS[name][1]
    pids = [started(arguments) for _ in range(3)]
    codes = [ended(pid)[0] for pid in pids]

    assert 0 in codes
    assert set(codes) <= {0, 2}
    finished_as_if_nothing_had_happened(name, arguments, expected_contents_of)


@pytest.mark.slow
def test_a_clock_that_goes_backwards_changes_nothing(expected_contents_of):
    def wrong():
        now, steps = time.time, iter(range(10**9))
        time.time = lambda: now() - 3600.0 * next(steps)

    os.utime("facts.yaml", (0, 0))
    for name in ("compare", "sweep", "calibrate"):
        assert done(COMMANDS[name][1], wrong) == (0, "")
        for file in Path("out").rglob("*"):
            os.utime(file, (4e9, 4e9))  # a hundred years on
        finished_as_if_nothing_had_happened(name, COMMANDS[name][1], expected_contents_of)
        os.rename("out", f"../{name}")


@pytest.mark.parametrize(
    "name", ["run", *(pytest.param(name, marks=pytest.mark.slow) for name in COMMANDS if name != "run")]
)
def test_a_place_where_nothing_can_be_written_is_named(name, tmp_path):
    arguments = [
        a if not a.startswith(("folder=out", "to=")) else f"{a.partition('=')[0]}=/proc/nowhere/x"
        for a in COMMANDS[name][1]
    ]
    if arguments[-1] == "out" or not os.path.isdir("/proc"):
        pytest.skip("a page stands in the folder it is about")
    code, text = done(arguments)

    assert code == 2
    assert text.startswith("partnership: ")
    assert "/proc/nowhere/x" in text
    assert "Traceback" not in text
    assert sorted(p.name for p in Path().iterdir()) == ["facts.yaml"]


@pytest.mark.slow
def test_a_page_in_a_folder_that_cannot_be_written_is_named(monkeypatch):
    prepared("a page of a comparison")
    before = contents("out")

    def read_only():
        def refuse(self, *_, **__):
            raise PermissionError(13, "Permission denied", str(self))

        Path.mkdir = refuse
        real = os.replace
        os.replace = lambda a, b: refuse(b) if str(b).startswith("out") else real(a, b)

    code, text = done(["report", "out"], read_only)

    assert code == 2
    assert "Permission denied" in text
    assert "Traceback" not in text
    assert contents("out") == before


HUNGRY = """
import multiprocessing
import numpy as np


def allocate(seen, budget, memory):
    if np.any(seen.month == 2) and np.any(budget > 19):
        {bad}
    return seen.spend(safeguard=0.1 * budget), memory
"""


@pytest.mark.parametrize(("bad", "words"), [
    ("raise MemoryError", "MemoryError"),
    pytest.param("np.ones(10**14)", "Unable to allocate", marks=pytest.mark.slow),
])  # fmt: skip
def test_a_run_that_needs_more_memory_than_there_is_fails_alone(bad, words):
    from tests.sweeps.helpers import swept

    Path("hungry.py").write_text(HUNGRY.format(bad=bad))
    count = swept(
        "out",
        policies=["neutral", "hungry.py"],
        space={"grant.budget": [6, 20]},
        changes={"grant.initiation": 0},
        replications=3,
        record=[],
    )
    failures = sim.load("out").failures

    assert (count.done, count.failed) == (9, 3)
    assert failures["error"].str.contains(words).all()
    assert set(failures["policy"]) == {"hungry"}
