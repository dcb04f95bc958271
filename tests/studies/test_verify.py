"""Every file of a folder of results: whole, damaged, missing or strange; and folders that lost a part of their log."""

import json
from pathlib import Path

import pytest

import sim
from sim.cli.main import main
from sim.core.errors import InputError
from sim.storage import sealed as seals
from sim.storage.atomic import _clear_after_the_dead, atomic_folder
from sim.storage.folders import read_manifest, verified
from tests.sweeps.helpers import Stop, StopAfter, checked_inputs, swept

TINY = {"policies": ["neutral"], "space": {"start.trust": [0.3, 0.6]}, "replications": 2, "months": 1, "record": []}


@pytest.fixture(autouse=True)
def _quick(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sim.engine.batch, "CHECK_INVARIANTS", False)


def flip(path):
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])


def states(folder):
    table = sim.verify(folder).files
    return {row.file: row.state for row in table.itertuples() if row.state != "whole"}


def test_every_file_of_a_run_is_named_with_its_state(capsys):
    sim.run("neutral", "neutral", months=2, folder="out")

    assert main(["verify", "out"]) == 0
    assert "out/: 8 whole, 0 damaged, 0 missing, 0 strange" in capsys.readouterr().out
    flip(Path("out/story.png"))
    Path("out/series.parquet").unlink()
    Path("out/mine.txt").write_text("mine")
    assert states("out") == {"story.png": "damaged", "series.parquet": "missing", "mine.txt": "strange"}
    assert main(["verify", "folder=out"]) == 1
    text = capsys.readouterr().out
    assert "out/: 6 whole, 1 damaged, 1 missing, 1 strange" in text
    assert "  damaged: story.png" in text
    assert "make the results again: sim.run(" in text


def test_a_manifest_that_is_damaged_answers_for_nothing(capsys):
    sim.run("neutral", "neutral", months=2, folder="out")
    flip(Path("out/manifest.json"))

    assert states("out")["manifest.json"] == "damaged"
    assert set(states("out").values()) == {"damaged", "strange"}
    with pytest.raises(InputError, match=r"manifest.json: is damaged .* remove the folder and make the results again"):
        sim.read_table("out/series.parquet")


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["nowhere"], ["empty"]])
def test_what_holds_no_results_is_refused_in_one_line(arguments, capsys):
    Path("empty").mkdir()

    assert main(["verify", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_table_is_refused_where_a_bit_was_flipped_and_taken_where_it_is_ones_own():
    sim.run("neutral", "neutral", months=2, folder="out")
    Path("mine.csv").write_text("start.trust\n0.3\n")
    flip(Path("out/members.parquet"))

    assert verified(Path("mine.csv")).read_text() == "start.trust\n0.3\n"
    assert len(sim.read_table("out/series.parquet")) == 2
    with pytest.raises(InputError, match=r"members.parquet: is damaged or was changed by hand; make the results again"):
        sim.read_table("out/members.parquet")


def test_lines_lost_at_the_end_of_a_finished_log_are_missed():
    swept("s", **TINY, engine="numpy")
    log = Path("s/done.jsonl")
    whole = log.read_bytes()
    for cut in (whole[: whole.rfind(b"\n", 0, -1) + 1], whole[:-1]):
        log.write_bytes(cut)
        with pytest.raises(InputError, match=r"done.jsonl: has lost lines.* with: partnership sweep folder=s"):
            sim.load("s").runs  # noqa: B018
        assert states("s")["done.jsonl"] == "damaged"
    assert swept("s", **TINY, engine="numpy").done == 0, "the shards are taken over"
    assert len(sim.load("s").runs) == 4
    assert states("s") == {}


def test_a_line_lost_in_a_sweep_that_is_not_finished_is_missed():
    from sim.sweeps.operations import start

    data = TINY | {"policies": ["neutral", "adaptive", "placebo"]}
    with pytest.raises(Stop):
        start(checked_inputs("s", data), StopAfter(2), "test")
    assert len(sim.load("s").runs) == 8
    log = Path("s/done.jsonl")
    log.write_bytes(log.read_bytes().splitlines(keepends=True)[0])

    with pytest.raises(InputError, match=r"1 finished tasks in runs/ are not counted .* partnership sweep folder=s"):
        sim.load("s").runs  # noqa: B018
    assert states("s")["done.jsonl"] == "damaged"
    assert swept("s", **data).done == 4
    assert len(sim.load("s").runs) == 12


def test_a_loaded_sweep_says_what_it_lacks():
    from sim.sweeps.operations import start

    with pytest.raises(Stop):
        start(checked_inputs("s", TINY | {"policies": ["neutral", "adaptive"]}), StopAfter(1), "test")
    with pytest.warns(UserWarning, match=r"s: This sweep is not finished: 4 of 8 runs are done \(partnership sweep"):
        sim.load("s")


def test_a_sweep_mends_what_people_read():
    swept("s", **TINY)
    Path("s/config.yaml").write_text("mine: 1\n")
    Path("s/points.parquet").unlink()

    assert states("s") == {"config.yaml": "damaged", "points.parquet": "missing"}
    assert swept("s", **TINY).done == 0
    assert states("s") == {}


def test_a_sweep_made_by_several_says_so(monkeypatch, capsys):
    from sim.sweeps import tasks

    swept("s", **TINY)
    made = tasks.versions()
    assert read_manifest(Path("s"))["made_by"] == [{"runs": 4, "versions": made}]
    monkeypatch.setattr(tasks, "versions", lambda: made | {"numpy": "1.0"})
    assert main(["extend", "folder=s", "replications=3", "executor=serial"]) == 0
    capsys.readouterr()

    assert [(entry["runs"], entry["versions"]["numpy"]) for entry in read_manifest(Path("s"))["made_by"]] == [
        (4, made["numpy"]),
        (2, "1.0"),
    ]
    main(["status", "folder=s"])
    main(["report", "s"])
    text = capsys.readouterr().out
    assert text.count(f"made by several: 4 runs by numpy {made['numpy']}; 2 runs by numpy 1.0; all by python") == 2


def test_a_sweep_gives_the_same_manifest_and_log_in_whatever_order_tasks_end(monkeypatch):
    from sim.sweeps.executors import local

    data = TINY | {"policies": ["neutral", "adaptive"]}
    swept("one", **data)
    monkeypatch.setattr(local.Serial, "run", lambda _, tasks: map(local.work, reversed(list(tasks))))
    swept("two", **data)

    for name in ("manifest.json", "done.jsonl"):
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes()


def test_a_folder_set_aside_by_a_killed_process_takes_its_name_again():
    sim.run("neutral", "neutral", months=2, folder="out")
    Path("out").rename(".out.old-1")
    Path(".out.partial-1.lock").touch()
    _clear_after_the_dead(Path("out"))

    assert sim.verify("out").is_whole
    assert sorted(p.name for p in Path().iterdir()) == ["out"]


def test_files_and_folders_are_flushed_before_a_folder_takes_its_name(monkeypatch):
    import os

    flushed, real, rename = [], os.fsync, os.replace

    def record(fd):
        flushed.append(os.readlink(f"/proc/self/fd/{fd}") if os.path.isdir("/proc/self/fd") else "")
        real(fd)

    monkeypatch.setattr(os, "fsync", record)
    monkeypatch.setattr(os, "replace", lambda a, b: (flushed.append(f"rename {Path(b).name}"), rename(a, b))[1])
    with atomic_folder(Path("out"), "key") as partial:
        (partial / "in").mkdir()
        (partial / "in" / "file").write_text("text")

    if os.path.isdir("/proc/self/fd"):
        names = [Path(name).name for name in flushed]
        assert names.index("file") < names.index("in") < names.index("rename out")
        assert names[-1] == Path.cwd().name


def test_a_file_is_digested_once_while_it_is_unchanged(monkeypatch):
    import os

    file, read = Path("file"), []
    file.write_text("one")
    os.utime(file, (1, 1))

    def count(path):
        read.append(path)
        return path.read_text()

    assert [seals.once(file, count) for _ in range(3)] == ["one"] * 3
    assert len(read) == 1
    file.write_text("two")
    assert seals.once(file, count) == seals.once(file, count) == "two"
    assert len(read) == 3, "a file that was written just now may change again within the same tick of the clock"


@pytest.mark.parametrize("name", ["../x", "/etc/x"])
def test_a_manifest_that_names_files_elsewhere_is_refused(name):
    Path("f").mkdir()
    Path("f/manifest.json").write_text(json.dumps(seals.sealed({"files": {name: [1, "0" * 24]}, "model": "x"})))

    with pytest.raises(InputError, match="lists no files with their digests"):
        read_manifest(Path("f"))
