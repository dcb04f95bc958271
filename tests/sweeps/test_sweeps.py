"""Sweeps: the same bytes whatever happens on the way; nothing done twice, nothing lost."""

import errno
import inspect
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.ensemble import identity, sweep, work
from sim.ensemble.extending import extend
from sim.ensemble.files import read_lines
from sim.ensemble.plan import Plan
from sim.ensemble.points import points_of
from sim.ensemble.precision import half_widths, looks
from sim.ensemble.progress import Bar, bar
from sim.ensemble.tasks import Finished
from sim.ensemble.work import resume, retry_failed
from sim.experiment import Executor, Precision
from sim.messages import InputError
from tests.sweeps.helpers import SMALL, Count, asked, fingerprints, shards, store, swept

SERIAL = Executor(name="serial")


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """A sweep that nothing disturbed."""
    folder = tmp_path_factory.mktemp("reference") / "sweep"
    assert swept(folder).done == 60
    return folder


def test_a_swept_run_is_the_run_that_simulate_gives(reference):
    runs, series, events = (sim.load(reference).table(t) for t in ("runs", "series", "events"))
    scenario = sim.Scenario().with_(**{"start.trust": 0.9, "size.partners": 8})
    tables = sim.simulate(scenario, 5, "adaptive", 6)
    here = runs[(runs["start.trust"] == 0.9) & (runs["size.partners"] == 8) & (runs["policy"] == "adaptive")]
    here = here.sort_values("seed", ignore_index=True)

    assert len(runs) == runs["run_id"].nunique() == 60
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


class Stop(Exception):
    pass


class StopAfter(Count):
    def __init__(self, tasks):
        super().__init__()
        self.left = tasks

    def add(self, finished):
        super().add(finished)
        self.left -= 1
        if not self.left:
            raise Stop


@pytest.mark.parametrize("tasks", [1, 2, 3])
def test_a_stopped_sweep_goes_on_and_does_nothing_twice(reference, tmp_path, tasks):
    folder, first, second = tmp_path / "s", StopAfter(tasks), Count()
    with pytest.raises(Stop):
        work.sweep(asked(folder), first, "test")
    kept = shards(folder)
    resume(folder, SERIAL, second)

    assert first.done + second.done == 60
    assert kept.items() <= shards(folder).items()
    assert fingerprints(reference) == fingerprints(folder)


def test_a_finished_sweep_does_nothing_more(reference, tmp_path):
    before = shards(reference)
    again = swept(reference)

    assert (again.done, again.tried, again.total) == (0, 60, 60)
    assert before == shards(reference)


def test_shards_without_a_line_are_taken_over_and_torn_ones_removed(reference, tmp_path):
    folder = tmp_path / "s"
    swept(folder)
    log = folder / "done.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:2]) + lines[2][:40])
    (folder / "runs" / ".torn.parquet.partial").write_bytes(b"PAR1")
    (folder / "runs" / "stray.parquet").write_bytes(b"PAR1 and more")
    again = swept(folder)

    assert again.done == 0
    assert len(read_lines(log)[0]) == len(lines)
    assert not list((folder / "runs").glob(".*"))
    assert not (folder / "runs" / "stray.parquet").exists()
    assert fingerprints(reference) == fingerprints(folder)


def test_a_lost_manifest_is_made_anew_from_the_same_settings(reference, tmp_path):
    folder = tmp_path / "s"
    swept(folder)
    (folder / "manifest.json").unlink()
    (folder / "done.jsonl").unlink()

    with pytest.raises(InputError, match="lost its manifest"):
        swept(folder, months=7)
    assert swept(folder).done == 0
    assert fingerprints(reference) == fingerprints(folder)


@pytest.mark.parametrize("harm", ["truncate", "flip", "remove"])
def test_a_damaged_shard_is_named_and_only_its_runs_are_run_again(reference, tmp_path, harm):
    folder = tmp_path / "s"
    swept(folder)
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
    if harm != "flip":
        with pytest.raises(InputError, match="is missing or damaged; run its runs again with: partnership sweep"):
            sim.load(folder).runs  # noqa: B018
    again = swept(folder)
    assert again.done == 15
    assert others.items() <= shards(folder).items()
    assert fingerprints(reference) == fingerprints(folder)


def test_a_manifest_changed_by_hand_is_refused_and_runs_stay(tmp_path):
    folder = tmp_path / "s"
    swept(folder)
    kept, manifest = shards(folder), folder / "manifest.json"
    whole = manifest.read_text()
    for text in (whole.replace('"months": 6', '"months": 9'), whole[:100], "", "[]", "null"):
        manifest.write_text(text)
        for use in (lambda: sim.load(folder), lambda: swept(folder), lambda: resume(folder, SERIAL, Count())):
            with pytest.raises(
                InputError, match=r"manifest.json: is damaged or was changed by hand; the finished runs"
            ):
                use()
    manifest.write_text(whole)
    assert kept == shards(folder)
    assert swept(folder).done == 0


def test_a_line_changed_by_hand_is_not_believed(reference, tmp_path):
    folder = tmp_path / "s"
    swept(folder)
    log = folder / "done.jsonl"
    log.write_text(log.read_text().replace('"runs": 15', '"runs": 16', 1))

    assert sim.load(folder).status().broken_lines == 1
    assert swept(folder).done == 0
    assert sim.load(folder).status().broken_lines == 0
    assert fingerprints(reference) == fingerprints(folder)


def test_a_changed_design_is_refused(tmp_path):
    folder = tmp_path / "s"
    swept(folder)
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


@pytest.mark.parametrize("until", [1, 5, *(pytest.param(k, marks=pytest.mark.slow) for k in (3, 7, 9, 11))])
def test_a_full_disk_says_so_and_keeps_what_is_finished(reference, tmp_path, monkeypatch, until):
    folder, real, calls = tmp_path / "s", os.fsync, [0]

    def full(fd):
        calls[0] += 1
        if calls[0] > until + 3:  # the first three files say what the sweep is
            raise OSError(errno.ENOSPC, "No space left on device")
        real(fd)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"cannot be written: the disk is full\. What was finished is kept; make room"):
        swept(folder)
    monkeypatch.setattr(os, "fsync", real)
    n_kept = len(store(folder).done)
    again = swept(folder)

    assert again.done in (60 - 15 * n_kept, 45 - 15 * n_kept), "a shard whose line was not written is taken over"
    assert not list(folder.rglob("*.partial"))
    assert fingerprints(reference) == fingerprints(folder)


# --- extending --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "n_new", "whole"), [
    (["replicates=8"], 36, {"replicates": 8}),
    pytest.param(["policies=[connecting]"], 30, {"policies": ["neutral", "adaptive", "connecting"]}, marks=pytest.mark.slow),
    pytest.param(["policies=[neutral,connecting]"], 30, {"policies": ["neutral", "adaptive", "connecting"]}, marks=pytest.mark.slow),
    pytest.param(["space.start.trust=[0.3,0.45,0.6,0.9]"], 20,
                 {"space": {"start.trust": [0.3, 0.45, 0.6, 0.9], "size.partners": [6, 8]}}, marks=pytest.mark.slow),
    (["replicates=6", "policies=[connecting]", "space.size.partners=[6,7,8]"], 102,
     {"replicates": 6, "policies": ["neutral", "adaptive", "connecting"], "space": {"start.trust": [0.3, 0.6, 0.9], "size.partners": [6, 7, 8]}}),
])  # fmt: skip
def test_extending_reruns_nothing_and_ends_where_a_larger_sweep_would(tmp_path, given, n_new, whole):
    folder, count = tmp_path / "s", Count()
    swept(folder, record=[])
    kept = shards(folder)
    extend(folder, given, SERIAL, count, "extend")
    swept(tmp_path / "whole", record=[], **whole)
    left, right = (sim.load(tmp_path / n).runs.drop(columns="point") for n in ("s", "whole"))

    assert count.done == n_new
    assert kept.items() <= shards(folder).items()
    assert left.equals(right)


def test_a_sobol_sweep_grows_along_the_sequence(tmp_path):
    data = {"space": {"start.trust": {"low": 0.3, "high": 0.9}}, "design": {"name": "sobol", "n": 4}, "record": []}
    swept(tmp_path / "s", **data)
    count = Count()
    extend(tmp_path / "s", ["design.n=8"], SERIAL, count, "extend")
    swept(tmp_path / "whole", **(data | {"design": {"name": "sobol", "n": 8}}))

    assert count.done == 40
    assert fingerprints(tmp_path / "s") == fingerprints(tmp_path / "whole")


def test_a_design_file_grows_by_new_rows(tmp_path):
    file, folder = tmp_path / "d.csv", tmp_path / "s"
    file.write_text("start.trust\n0.3\n0.6\n")
    swept(folder, space={}, design={"name": "file", "path": str(file)}, record=[])
    file.write_text("start.trust\n0.9\n0.6\n")
    count = Count()
    extend(folder, [f"design.path={file}"], SERIAL, count, "extend")

    assert count.done == 10
    assert sim.load(folder).points["start.trust"].tolist() == [0.3, 0.6, 0.9]


@pytest.mark.parametrize(("given", "words"), [
    (["scenario.rules.leak.rate=0.5"], "scenario would change finished runs"),
    (["policies=[nobody]"], "there is no policy"),
    (["replicates=many"], "replicates"),
])  # fmt: skip
def test_what_cannot_be_extended_is_refused_and_nothing_changes(reference, given, words):
    before = (reference / "manifest.json").read_bytes()

    with pytest.raises(InputError, match=words):
        extend(reference, given, SERIAL, Count(), "extend")
    assert before == (reference / "manifest.json").read_bytes()


def test_a_latin_hypercube_cannot_be_extended(tmp_path):
    swept(tmp_path / "s", space={"start.trust": "range"}, design={"name": "latin_hypercube", "n": 4}, record=[])

    with pytest.raises(InputError, match="does not hold all points"):
        extend(tmp_path / "s", ["design.n=8"], SERIAL, Count(), "extend")


# --- failures ---------------------------------------------------------------------------------------------------

FRAGILE = """
from pathlib import Path
import numpy as np

def allocate(seen, budget, memory):
    if np.any(budget > 19) and Path({flag!r}).exists():
        raise ValueError("more than I can spend")
    return seen.spend(safeguard=0.1 * budget), memory
"""


@pytest.fixture
def fragile(tmp_path):
    flag, file = tmp_path / "broken", tmp_path / "fragile.py"
    file.write_text(FRAGILE.format(flag=str(flag)))
    flag.write_text("")
    data = {"policies": ["neutral", str(file)], "space": {"grant.budget": [6, 12, 20]}, "replicates": 4, "record": []}
    return flag, file, data


def test_a_failing_run_is_named_and_the_others_go_on(fragile, tmp_path):
    flag, _, data = fragile
    count = swept(tmp_path / "s", **data)
    found = sim.load(tmp_path / "s")

    assert (count.done, count.failed) == (20, 4)
    assert set(found.failures["policy"]) == {"fragile"}
    assert found.failures["error"].str.contains("more than I can spend").all()
    assert found.failures["error"].str.contains("line 7 of fragile.py").all()
    assert sorted(found.failures["seed"]) == [0, 1, 2, 3]
    assert swept(tmp_path / "s", **data).done == 0, "a failed run is not tried again unasked"

    assert retry_failed(tmp_path / "s", SERIAL, Count()) == (4, 4)
    flag.unlink()
    again = Count()
    assert retry_failed(tmp_path / "s", SERIAL, again) == (4, 0)
    assert again.done == 4
    assert len(sim.load(tmp_path / "s").runs) == 24
    swept(tmp_path / "clean", **data)
    assert fingerprints(tmp_path / "s") == fingerprints(tmp_path / "clean")
    assert retry_failed(tmp_path / "s", SERIAL, Count()) == (0, 0)


def test_a_retry_that_was_killed_before_its_line_is_taken_over(fragile, tmp_path):
    flag, _, data = fragile
    swept(tmp_path / "s", **data)
    flag.unlink()
    retry_failed(tmp_path / "s", SERIAL, Count())
    log = tmp_path / "s" / "done.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))

    assert retry_failed(tmp_path / "s", SERIAL, Count()) == (0, 0)
    assert sim.load(tmp_path / "s").failures.empty


def test_a_policy_that_fails_at_once_starts_nothing(fragile, tmp_path):
    _, file, data = fragile
    file.write_text("def allocate(seen, budget, memory):\n    return 3\n")

    with pytest.raises(InputError, match="the first run fails, so nothing was started: policy fragile, month 1"):
        swept(tmp_path / "s", **data)
    assert not (tmp_path / "s" / "manifest.json").exists()


def test_a_policy_changed_since_is_refused(fragile, tmp_path):
    _, file, data = fragile
    swept(tmp_path / "s", **data)
    file.write_text(file.read_text() + "\n# better now\n")

    with pytest.raises(InputError, match=r"fragile.py has changed since these runs"):
        resume(tmp_path / "s", SERIAL, Count())
    with pytest.raises(InputError, match="plugins differs"):
        swept(tmp_path / "s", **data)


# --- precision --------------------------------------------------------------------------------------------------


def test_looks_grow_by_half_up_to_the_cap():
    assert list(looks(10, 40)) == [10, 15, 23, 35, 40]
    assert list(looks(10, 10)) == [10]


def test_half_widths_by_hand():
    """Differences 1, 2, 3: sd 1, t(0.975, 2) = 4.303, so 4.303 / sqrt(3) = 2.484; a world without its twin is left out."""
    gaps = {0: 1.0, 1: 2.0, 2: 3.0}
    rows = [
        {"point": 7, "seed": s, "policy": p, "x": 5.0 + (g if p == "b" else 0)} for s, g in gaps.items() for p in "ab"
    ]
    rows += [{"point": 7, "seed": 3, "policy": "a", "x": 99.0}, {"point": 8, "seed": 0, "policy": "a", "x": 1.0}]
    aim = Precision(outcome="retention", policy="b", baseline="a").model_copy(update={"outcome": "x"})

    found = half_widths(pd.DataFrame(rows), aim)
    assert found["point"].tolist() == [7]
    assert found["worlds"].tolist() == [3]
    assert found["half_width"].tolist() == pytest.approx([2.4842], abs=1e-4)
    assert list(half_widths(pd.DataFrame(rows[-2:]), aim)) == ["point", "worlds", "half_width"]


AIM = {"outcome": "private_value", "half_width": 0.12, "most": 60}
PRECISE = {"space": {"start.trust": [0.3, 0.6, 0.9]}, "replicates": 10, "precision": AIM, "record": [], "months": 12}


def test_worlds_are_added_until_a_difference_is_precise_or_the_cap_is_reached(tmp_path):
    swept(tmp_path / "s", **PRECISE)
    found = sim.load(tmp_path / "s")
    points, runs = found.points, found.runs
    counts = runs.groupby("point")["run_id"].count()

    assert list(points) == ["point", "start.trust", "worlds", "half_width", "stopped"]
    assert set(points["worlds"]) <= {10, 15, 23, 35, 53, 60}
    assert (counts.to_numpy() == 2 * points["worlds"]).all()
    for row in points.itertuples():
        assert row.stopped == ("precise enough" if row.half_width <= 0.12 else "the most allowed")
        assert row.stopped == "precise enough" or row.worlds == 60
        own = runs[runs["point"] == row.point].pivot(index="seed", columns="policy", values="private_value")
        gaps = (own["adaptive"] - own["neutral"]).to_numpy()
        from scipy.stats import t

        assert row.half_width == pytest.approx(t.ppf(0.975, len(gaps) - 1) * gaps.std(ddof=1) / len(gaps) ** 0.5)


@pytest.mark.slow
def test_a_precise_sweep_stopped_on_the_way_ends_the_same(tmp_path):
    swept(tmp_path / "whole", **PRECISE)
    with pytest.raises(Stop):
        work.sweep(asked(tmp_path / "s", PRECISE), StopAfter(3), "test")
    resume(tmp_path / "s", SERIAL, Count())

    assert fingerprints(tmp_path / "s") == fingerprints(tmp_path / "whole")
    assert sim.load(tmp_path / "s").points.equals(sim.load(tmp_path / "whole").points)


@pytest.mark.slow
def test_a_higher_cap_or_closer_aim_goes_on_from_what_is_there(tmp_path):
    swept(tmp_path / "s", **PRECISE)
    before, count = len(sim.load(tmp_path / "s").runs), Count()
    extend(tmp_path / "s", ["precision.half_width=0.06", "precision.most=90"], SERIAL, count, "extend")
    found = sim.load(tmp_path / "s")

    assert len(found.runs) == before + count.done
    assert found.runs["run_id"].is_unique
    assert found.points["worlds"].max() == 90


@pytest.mark.parametrize(("changes", "words"), [
    ({"precision": {"outcome": "retention_60"}}, "is not known after 12 months"),
    ({"precision": {"outcome": "retenton"}}, "did you mean retention"),
    ({"precision": {"half_width": 0}}, "half_width"),
    ({"precision": {"most": 5}}, "is below replicates"),
    ({"replicates": 2}, "start from at least replicates=10"),
])  # fmt: skip
def test_a_precision_that_makes_no_sense_is_refused(tmp_path, changes, words):
    with pytest.raises(InputError, match=words):
        swept(tmp_path / "s", **(PRECISE | changes))


# --- who a run is -----------------------------------------------------------------------------------------------


def ids(**changes):
    plan = plan_of(**changes)
    return [
        i
        for g in plan.groups
        for task in plan.tasks(g, range(len(g.points)), 0, plan.experiment.replicates)
        for i in task.run_ids()
    ]


def plan_of(**changes):
    made = asked(Path("unused"), {"replicates": 2, "policies": ["neutral"], "space": {}, **changes})
    return Plan(made.experiment, made.scenarios, points_of(made.experiment, made.scenarios))


def test_a_run_has_one_id_however_it_was_asked_for():
    fixed = ids(changes={"start.trust": 0.7, "size.partners": 9})
    swept_ = ids(space={"start.trust": [0.7], "size.partners": [9]})
    inside = ids(space={"start.trust": [0.5, 0.7]}, changes={"size.partners": 9})[2:]

    assert fixed == swept_ == inside
    assert len(set(fixed)) == 2


@pytest.mark.parametrize("change", [
    {"months": 7}, {"seed": 1000}, {"policies": ["sham"]}, {"policies": [{"name": "neutral", "pause": 3}]}, {"scenario": "denim_alliance"},
    {"changes": {"start.trust": 0.61}}, {"changes": {"size.partners": 23}}, {"changes": {"targeting": "random"}},
], ids=str)  # fmt: skip
def test_whatever_determines_a_run_changes_its_id(change):
    assert not set(ids()) & set(ids(**change))


def test_what_does_not_determine_a_run_leaves_its_id(monkeypatch):
    assert ids() == ids(record=["series"], question="why?", policies=["neutral"], changes={"title": "Another name"})
    assert ids()[:1] == ids(replicates=1)
    assert ids(changes={"sectors.public.language": 0.0}) == ids(changes={"sectors.public.language": -0.0})


def test_another_model_gives_other_ids(monkeypatch):
    before = ids()
    from sim.ensemble.tasks import _identity

    monkeypatch.setattr(identity, "model_version", lambda: "other")
    _identity.cache_clear()
    try:
        assert not set(before) & set(ids())
    finally:
        _identity.cache_clear()


def test_policies_can_be_a_dimension_with_settings():
    plan = plan_of(policies=[], space={"policy": ["neutral", "adaptive"], "policy.pause": [0, 3]})

    assert [(g.name, g.policy["pause"]) for g in plan.groups] == [
        ("neutral", 0),
        ("neutral", 3),
        ("adaptive", 0),
        ("adaptive", 3),
    ]


def test_points_of_a_group_are_in_order():
    plan = plan_of(space={"start.trust": [0.1 + 0.02 * k for k in range(40)], "size.partners": [6, 8]})

    assert [g.points.tolist() for g in plan.groups] == [list(range(0, 80, 2)), list(range(1, 80, 2))]


@pytest.mark.parametrize(
    ("known", "missed"), [([], [0, 1, 2, 3]), ([0, 1], [2, 3]), ([0, 2], [1, 3]), ([0, 1, 2, 3], [])]
)
def test_worlds_that_were_not_tried_are_found_also_between_others(monkeypatch, known, missed):
    plan = plan_of(replicates=4)
    row = {
        "policy": "neutral",
        "point": 0,
        "n": len(known),
        "low": min(known, default=0),
        "high": max(known, default=0),
    }
    tried = pd.DataFrame([row] if known else [], columns=list(row))
    asked_for = {"neutral": pd.DataFrame({"seed": known})}
    monkeypatch.setattr(sweep, "query", lambda _store, _text, values: asked_for[values[0]])
    tasks = list(sweep.missing(plan, None, np.array([4]), tried))

    assert [seed for task in tasks for seed in task.seeds.tolist()] == missed
    assert all(task.points.tolist() == [0] * len(task.seeds) for task in tasks)


# --- reading ----------------------------------------------------------------------------------------------------


def test_a_run_is_made_again_to_the_last_bit(reference):
    found = sim.load(reference)
    run_id = found.runs["run_id"][17]
    again = found.rerun(found.find(run_id[:8]))

    assert again.compared == {"runs": 1, "series": 6, "events": (found.events["run_id"] == run_id).sum()}
    assert again.tables.summary["run_id"][0] == run_id


def test_a_run_that_differs_in_the_last_bit_is_noticed(reference):
    found = sim.load(reference)
    run_id = found.runs["run_id"][3]
    again = found.rerun(run_id)
    held = found.sql("SELECT * FROM runs WHERE run_id = ?", [run_id])
    held["private_value"] = np.nextafter(held["private_value"], 1e9)

    with pytest.raises(InputError, match="runs, column private_value is not the same"):
        again.compare("runs", held)


def test_sql_reads_all_tables(reference):
    found = sim.load(reference)
    joined = found.sql(
        "SELECT policy, count(DISTINCT run_id) n FROM series JOIN runs USING (run_id, policy) GROUP BY 1 ORDER BY 1"
    )

    assert joined["n"].tolist() == [30, 30]
    assert found.sql("SELECT count(*) n FROM design JOIN points USING (point)")["n"][0] == 6
    with pytest.raises(InputError, match="the query cannot be run"):
        found.sql("SELECT nonsense FROM runs")
    with pytest.raises(InputError, match="has no members; it has runs"):
        found.members  # noqa: B018


def test_a_csv_holds_what_the_table_holds(reference, tmp_path):
    found = sim.load(reference)

    assert found.export("runs", tmp_path / "runs.csv") == 60
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "runs.csv"), found.runs, check_dtype=False, rtol=1e-15)
    with pytest.raises(InputError, match="cannot be written"):
        found.export("runs", tmp_path / "none" / "runs.csv")
    with pytest.raises(InputError, match="no such table"):
        found.export("manifest", tmp_path / "x.csv")


def test_the_folder_says_with_what_it_was_made(reference):
    manifest = json.loads((reference / "manifest.json").read_text())

    assert manifest["model"] == identity.model_version()
    assert {"numpy", "python", "duckdb"} <= set(manifest["versions"])
    assert manifest["config"]["experiment"]["months"] == 6
    assert manifest["config"]["scenarios"]["neutral"]["size"]["partners"] == 24
    assert manifest["commands"] == ["test"]


def test_sweep_and_load_work_from_python(tmp_path):
    found = sim.sweep(SMALL, tmp_path / "s", executor="serial", replicates=2, record=[])
    again = sim.sweep(folder=tmp_path / "s", executor="serial")

    assert len(found.runs) == len(again.runs) == 24
    with pytest.raises(InputError, match="give an experiment"):
        sim.sweep()
    with pytest.raises(ValueError, match="did you mean pause_and_trust"):
        sim.sweep("pause_and_trsut", tmp_path / "t")


def test_a_sweep_without_a_name_is_kept_in_results_sweep(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = sim.sweep(replicates=1, months=1, policies=["neutral"], executor="serial")

    assert (found.folder, found.config["name"], len(found.runs)) == (Path("results/sweep"), "sweep", 1)
    assert found.commands == ["sim.sweep('None', ...)"]


def test_a_bar_is_shown_where_it_is_asked_for_and_else_only_on_a_terminal():
    shown, hidden, unasked = (bar(told, total=1) for told in (True, False, None))

    assert (shown.disable, hidden.disable, unasked.disable) == (False, True, True)
    for one in (shown, hidden, unasked):
        one.close()


def test_a_bar_asks_the_system_for_no_semaphore(monkeypatch):
    import multiprocessing

    from tqdm import std

    def refuse():
        raise AssertionError("a semaphore is asked for")

    monkeypatch.setattr(multiprocessing, "RLock", refuse)
    monkeypatch.delattr(std.tqdm, "_lock", raising=False)
    monkeypatch.delattr(std.TqdmDefaultWriteLock, "mp_lock", raising=False)

    bar(total=3).close()


def test_the_bar_goes_on_from_what_was_tried_and_counts_failures(capsys):
    with Bar(True) as shown:
        shown.aim(10, 4)
        shown.add(Finished("key", 3, {}, ({"run_id": "a"},)))
        shown.aim(12, 4)

    drawn = capsys.readouterr().err.split("\r")
    assert any("4/10" in line for line in drawn)
    assert any("8/12" in line and "1 failed" in line for line in drawn)
    assert (shown.done, shown.failed) == (3, 1)


def test_by_default_a_sweep_uses_processes():
    assert inspect.signature(sim.sweep).parameters["executor"].default == Executor().name == "processes"


def test_scenarios_that_come_to_the_same_are_refused(tmp_path):
    for name in ("one", "other"):
        (tmp_path / f"{name}.yaml").write_text(f"title: {name}\nstart: {{trust: {0.5 if name == 'one' else 0.7}}}\n")
    space = {"scenario": [str(tmp_path / "one.yaml"), str(tmp_path / "other.yaml")]}

    assert plan_of(space=space).n_points == 2
    with pytest.raises(InputError, match="come to the same runs"):
        plan_of(space=space | {"start.trust": [0.3, 0.4]})


def test_a_folder_from_elsewhere_leads_nowhere_else(tmp_path):
    from sim.ensemble.files import read_sealed, sealed

    folder = tmp_path / "s"
    swept(folder, record=[])
    lines, _ = read_lines(folder / "done.jsonl")
    forged = [lines[0] | {"key": "../../secret"}, lines[1] | {"files": {"../runs": [1, "0" * 24]}}]
    (folder / "done.jsonl").write_text("".join(json.dumps(sealed(line)) + "\n" for line in [*forged, *lines[2:]]))
    assert sim.load(folder).status().broken_lines == 2
    assert swept(folder, record=[]).done == 0

    manifest = read_sealed(folder / "manifest.json") | {"design": "../elsewhere.parquet"}
    (folder / "manifest.json").write_text(json.dumps(sealed(manifest)))
    with pytest.raises(InputError, match="names no design"):
        sim.load(folder)


def test_a_policy_of_ones_own_leaves_the_ids_of_other_runs(fragile, tmp_path):
    _, file, data = fragile
    swept(tmp_path / "s", **(data | {"policies": ["neutral"]}))
    before = sim.load(tmp_path / "s").runs
    extend(tmp_path / "s", [f"policies=[{file}]"], SERIAL, Count(), "extend")
    found = sim.load(tmp_path / "s")

    assert found.rerun(before["run_id"][0]).compared == {"runs": 1}
    (tmp_path / "s" / "done.jsonl").unlink()
    resume(tmp_path / "s", SERIAL, Count())
    assert found.runs["run_id"].isin(before["run_id"]).sum() == len(before)


def test_a_policy_column_in_a_design_file_takes_the_place_of_policies(tmp_path):
    file = tmp_path / "d.csv"
    file.write_text("start.trust,policy\n0.3,neutral\n0.6,adaptive\n")
    data = {"space": {}, "policies": None, "design": {"name": "file", "path": str(file)}, "record": []}
    swept(tmp_path / "s", **data)
    status = sim.load(tmp_path / "s").status()

    assert (status.done, status.planned) == (10, 10)
    with pytest.raises(InputError, match="name them in one place"):
        swept(tmp_path / "t", **(data | {"policies": ["neutral"]}))


def test_a_folder_may_look_like_a_pattern(tmp_path):
    for name in ("ab", "[ab]*?", 'it\'s a "folder"'):
        swept(tmp_path / name, record=[], replicates=1)
        assert len(sim.load(tmp_path / name).runs) == len(sim.load(tmp_path / name).points) * 2 == 12


def test_copied_shards_double_nothing(reference, tmp_path):
    folder = tmp_path / "s"
    swept(folder)
    for table in ("runs", "series", "events"):
        shard = sorted((folder / table).glob("*.parquet"))[0]
        (folder / table / f"{'0' * 24}-{shard.stem.rpartition('-')[2]}.parquet").write_bytes(shard.read_bytes())
    (folder / "done.jsonl").unlink()
    swept(folder)

    assert fingerprints(reference) == fingerprints(folder)


def test_an_unreadable_list_of_points_is_written_anew(tmp_path):
    folder = tmp_path / "s"
    swept(folder, record=[])
    (folder / "points.parquet").write_bytes(b"")
    with pytest.raises(InputError, match="the query cannot be run"):
        sim.load(folder).runs  # noqa: B018
    swept(folder, record=[])
    assert len(sim.load(folder).points) == 6


def test_a_sweep_without_a_shard_yet_has_empty_tables(tmp_path, monkeypatch):
    monkeypatch.setattr(work, "go_on", lambda *_: None)
    swept(tmp_path / "s")

    assert all(sim.load(tmp_path / "s").table(t).empty for t in ("runs", "series", "events", "failures"))


@pytest.mark.parametrize(("figure", "words"), [
    ({"x": "start.trust", "panels": "nothing"}, "nothing called 'nothing' varies"),
    ({"x": "start.trust", "by": "start.trust"}, "different dimensions"),
    ({"x": "start.trust", "y": "size.partners"}, "a map (and only a map) also y"),
])  # fmt: skip
def test_a_figure_of_what_does_not_vary_is_refused_before_anything_runs(tmp_path, figure, words):
    import re

    with pytest.raises(InputError, match=re.escape(words)):
        swept(tmp_path / "s", figures={"mine": figure})
    assert not (tmp_path / "s").exists()


def test_figures_can_be_changed_later(tmp_path):
    swept(tmp_path / "s", record=[])
    again = swept(tmp_path / "s", record=[], figures={"mine": {"x": "start.trust"}})

    assert again.done == 0
    assert list(sim.load(tmp_path / "s").config["experiment"]["figures"]) == ["mine"]


def test_precision_cannot_be_loosened(tmp_path):
    swept(tmp_path / "s", **PRECISE)
    for given in ("precision.half_width=0.5", "precision.most=20"):
        with pytest.raises(InputError, match=r"give a smaller half_width than 0\.12, or a larger most than 60"):
            extend(tmp_path / "s", [given], SERIAL, Count(), "extend")
