"""Sweeps: the same bytes whatever happens on the way; nothing done twice, nothing lost."""

import errno
import json
import os
from shutil import copytree

import numpy as np
import pytest

import sim
from sim.core.errors import InputError
from sim.storage.sealed import read_lines
from sim.sweeps import operations
from sim.sweeps.operations import resume
from sim.sweeps.spec import Executor
from tests.sweeps.helpers import Count, Stop, StopAfter, checked_inputs, fingerprints, shards, store, swept

SERIAL = Executor(name="serial")


def test_a_swept_run_is_the_run_that_simulate_gives(reference):
    runs, series, events = (sim.load(reference).table(t) for t in ("runs", "series", "events"))
    scenario = sim.Scenario().replace(**{"start.trust": 0.9, "size.partners": 8})
    tables = sim.simulate(scenario, 5, "adaptive", 6)
    here = runs[(runs["start.trust"] == 0.9) & (runs["size.partners"] == 8) & (runs["policy"] == "adaptive")]
    here = here.sort_values("seed", ignore_index=True)

    assert len(runs) == runs["run_id"].nunique() == 60
    assert list(runs.columns[:5]) == ["run_id", "point", "scenario", "policy", "seed"]
    assert events["event"].dtype == np.int64
    for outcome in tables.summary.columns[2:]:
        assert np.array_equal(here[outcome], tables.summary[outcome], equal_nan=True), outcome
    month6 = series[(series["month"] == 6) & series["run_id"].isin(here["run_id"])].sort_values("seed")
    expected = tables.series[tables.series["month"] == 6]
    assert np.array_equal(month6["tension"], expected["tension"])
    assert (events["run_id"] == here["run_id"][2]).sum() == (tables.events["seed"] == 2).sum()


@pytest.mark.parametrize("executor", [
    pytest.param({"name": "processes", "workers": 2}, id="processes"),
    pytest.param({"name": "dask", "workers": 2}, id="dask", marks=pytest.mark.slow),
])  # fmt: skip
def test_every_executor_gives_the_same_bytes(reference, tmp_path, executor):
    if executor["name"] == "dask":
        pytest.importorskip("distributed", reason="the extra dask is not installed")
    swept(tmp_path / "s", executor=executor)

    assert fingerprints(reference) == fingerprints(tmp_path / "s")


@pytest.mark.parametrize("tasks", [2, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 3))])
def test_a_stopped_sweep_goes_on_and_does_nothing_twice(reference, tmp_path, tasks):
    folder, first, second = tmp_path / "s", StopAfter(tasks), Count()
    with pytest.raises(Stop):
        operations.start(checked_inputs(folder), first, "test")
    saved = shards(folder)
    resume(folder, SERIAL, second)

    assert first.done + second.done == 60
    assert saved.items() <= shards(folder).items()
    assert fingerprints(reference) == fingerprints(folder)


def test_a_finished_sweep_does_nothing_more(reference, tmp_path):
    before = shards(reference)
    repeated = swept(reference)

    assert (repeated.done, repeated.tried, repeated.total) == (0, 60, 60)
    assert before == shards(reference)


def test_shards_without_a_line_are_taken_over_and_torn_ones_removed(reference, tmp_path):
    folder = copytree(reference, tmp_path / "s")
    log = folder / "done.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:2]) + lines[2][:40])
    (folder / "runs" / ".torn.parquet.partial").write_bytes(b"PAR1")
    (folder / "runs" / "stray.parquet").write_bytes(b"PAR1 and more")
    repeated = swept(folder)

    assert repeated.done == 0
    assert len(read_lines(log)[0]) == len(lines)
    assert not list((folder / "runs").glob(".*"))
    assert not (folder / "runs" / "stray.parquet").exists()
    assert fingerprints(reference) == fingerprints(folder)


def test_a_lost_manifest_is_made_again_from_the_same_request(reference, tmp_path):
    folder = copytree(reference, tmp_path / "s")
    (folder / "manifest.json").unlink()
    (folder / "done.jsonl").unlink()
    (folder / "report.html").touch()  # what report and discover wrote is no stranger's

    with pytest.raises(InputError, match="lost its manifest"):
        swept(folder, months=7)
    assert swept(folder).done == 0
    assert fingerprints(reference) == fingerprints(folder)


@pytest.mark.parametrize("harm", ["truncate", "flip", "remove"])
def test_a_damaged_shard_is_named_and_only_its_runs_are_run_again(reference, tmp_path, harm):
    folder = copytree(reference, tmp_path / "s")
    victim = sorted((folder / "series").glob("*.parquet"))[1]
    content = victim.read_bytes()
    middle = len(content) // 2
    harmed = {
        "truncate": content[:-50],
        "flip": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
    }
    victim.unlink() if harm == "remove" else victim.write_bytes(harmed[harm])
    others = {k: v for k, v in shards(folder).items() if k.split("-")[0] != victim.name.split("-")[0]}

    assert sim.load(folder).status().damaged == (f"series/{victim.name}",)
    with pytest.raises(InputError, match="is missing or damaged; run its runs again with: partnership sweep"):
        sim.load(folder).runs  # noqa: B018
    repeated = swept(folder)
    assert repeated.done == 15
    assert others.items() <= shards(folder).items()
    assert fingerprints(reference) == fingerprints(folder)


def test_a_manifest_changed_by_hand_is_refused_and_runs_stay(reference, tmp_path):
    folder = copytree(reference, tmp_path / "s")
    saved, manifest = shards(folder), folder / "manifest.json"
    complete = manifest.read_text()
    for text in (complete.replace('"months": 6', '"months": 9'), complete[:100], "", "[]", "null"):
        manifest.write_text(text)
        for use in (lambda: sim.load(folder), lambda: swept(folder), lambda: resume(folder, SERIAL, Count())):
            with pytest.raises(
                InputError, match=r"manifest.json: is damaged or was changed by hand; .* finished runs are taken over"
            ):
                use()
    manifest.write_text(complete)
    assert saved == shards(folder)
    assert swept(folder).done == 0


def test_a_line_changed_by_hand_is_not_believed(reference, tmp_path):
    folder = copytree(reference, tmp_path / "s")
    log = folder / "done.jsonl"
    log.write_text(log.read_text().replace('"runs": 15', '"runs": 16', 1))

    assert sim.load(folder).status().log_damage == "1 line is damaged"
    with pytest.raises(InputError, match=r"done.jsonl: 1 line is damaged, .* count them again with: partnership sweep"):
        sim.load(folder).runs  # noqa: B018
    assert swept(folder).done == 0
    assert sim.load(folder).status().log_damage == ""
    assert fingerprints(reference) == fingerprints(folder)


def test_a_changed_design_is_refused(reference, tmp_path):
    folder = copytree(reference, tmp_path / "s")
    design = next(folder.glob("design-*.parquet"))
    design.write_bytes(design.read_bytes()[:-1])

    with pytest.raises(InputError, match="is missing, damaged or was changed by hand"):
        sim.load(folder)


@pytest.mark.parametrize("place", ["file", "strange", "/proc/nowhere/sweep"])
def test_a_folder_that_cannot_hold_a_sweep_is_refused(tmp_path, place):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "thesis.docx").write_text("mine")

    with pytest.raises(InputError, match=r"is a file|thesis\.docx, which no sweep wrote|cannot be written"):
        swept(tmp_path / place)
    assert (tmp_path / "strange" / "thesis.docx").read_text() == "mine"


@pytest.mark.parametrize("until", [5, *(pytest.param(k, marks=pytest.mark.slow) for k in (1, 3, 8, 13, 21))])
def test_a_full_disk_says_so_and_keeps_what_is_finished(reference, tmp_path, monkeypatch, until):
    folder, real, calls = tmp_path / "s", os.fsync, [0]

    def full(fd):
        calls[0] += 1
        if calls[0] > until + 7:  # the folder and the first three files, each with its folder, say what the sweep is
            raise OSError(errno.ENOSPC, "No space left on device")
        real(fd)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"cannot be written: the disk is full\. What was finished is kept; make room"):
        swept(folder)
    monkeypatch.setattr(os, "fsync", real)
    n_kept = len(store(folder).done)
    repeated = swept(folder)

    assert repeated.done in (60 - 15 * n_kept, 45 - 15 * n_kept), "a shard whose line was not written is taken over"
    assert not list(folder.rglob("*.partial"))
    assert fingerprints(reference) == fingerprints(folder)


def test_a_folder_from_elsewhere_leads_nowhere_else(tmp_path):
    from sim.storage.sealed import read_sealed, sealed

    folder = tmp_path / "s"
    swept(folder, record=[])
    lines, _ = read_lines(folder / "done.jsonl")
    elsewhere = [{"key": "../../secret"}, {"files": {"../runs": [1, "0" * 24]}}, {"files": {"runs": [1, "../../x"]}}]
    forged = [lines[k] | other for k, other in enumerate(elsewhere)]
    (folder / "done.jsonl").write_text("".join(json.dumps(sealed(line)) + "\n" for line in [*forged, *lines[3:]]))
    assert sim.load(folder).status().log_damage == "3 lines are damaged"
    assert swept(folder, record=[]).done == 0

    manifest = read_sealed(folder / "manifest.json") | {"design": "../elsewhere.parquet"}
    (folder / "manifest.json").write_text(json.dumps(sealed(manifest)))
    with pytest.raises(InputError, match="is not what a sweep writes"):
        sim.load(folder)


def test_copied_shards_double_nothing(reference, tmp_path):
    folder = copytree(reference, tmp_path / "s")
    for table in ("runs", "series", "events"):
        shard = sorted((folder / table).glob("*.parquet"))[0]
        (folder / table / f"{'0' * 24}-{shard.stem.rpartition('-')[2]}.parquet").write_bytes(shard.read_bytes())
    (folder / "done.jsonl").unlink()
    swept(folder)

    assert fingerprints(reference) == fingerprints(folder)


def test_an_unreadable_list_of_points_is_written_again(tmp_path):
    folder = tmp_path / "s"
    swept(folder, record=[])
    (folder / "points.parquet").write_bytes(b"")
    with pytest.raises(InputError, match=r"points.parquet: is damaged .* mend the folder with: partnership sweep"):
        sim.load(folder).runs  # noqa: B018
    swept(folder, record=[])
    assert len(sim.load(folder).points) == 6
