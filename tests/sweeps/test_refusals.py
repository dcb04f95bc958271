"""What a sweep refuses it refuses in words that can be read to the end: each here from its first letter to its last."""

import errno
import json
import os

import pytest

import sim
import sim.studies.sweep
from sim.core.errors import InputError
from sim.model.sectors import SECTORS
from sim.storage.atomic import append_line
from sim.storage.sealed import read_sealed, sealed
from sim.sweeps import operations, store
from sim.sweeps.operations import extend, plan_of, resume
from sim.sweeps.plan import Plan, points_of
from sim.sweeps.recovery import _undamaged
from sim.sweeps.spec import Executor
from sim.sweeps.tasks import work as work_on
from tests.sweeps.helpers import Count, checked_inputs, swept

SERIAL = Executor(name="serial")
TINY = {"policies": ["neutral"], "space": {"start.trust": [0.3, 0.6]}, "replications": 2, "months": 1, "record": []}
MODEL = "0.0.0+00000000"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A small finished sweep that nothing here changes."""
    folder = tmp_path_factory.mktemp("tiny") / "s"
    swept(folder, **TINY)
    return folder


def planned(**changes):
    return plan_of(checked_inputs("unused", TINY | changes))


def assert_refused(words, act, *inputs, **named):
    with pytest.raises(InputError) as error:
        act(*inputs, **named)
    assert str(error.value) == words


@pytest.mark.parametrize(("inputs", "words"), [
    ("seed=9", "'seed=9': extend adds to replications, policies, space, design, precision; seed would change finished runs"),
    ("replications=1", "replications=1: there are 2 already; give more"),
    ("space.rules.leak.rate=[0.1]", "extend: another dimension would change what finished runs mean; sweep into another folder"),
    ("space.start.trust=[0.3,0.5]", "extend: design grid with these options does not hold all points that are there already; grid, sobol, "
     "saltelli and morris grow by larger options, a file by new rows; else use another folder"),
    ("precision={outcome: retention, policy: neutral}", "precision: a sweep with and one without it do not mix; sweep into another folder"),
])  # fmt: skip
def test_what_would_change_finished_runs(tiny, inputs, words):
    more, before = ["replications=10"] if inputs.startswith("precision") else [], (tiny / "manifest.json").read_bytes()

    assert_refused(words, extend, tiny, [*more, inputs], SERIAL, Count(), "extend")
    assert before == (tiny / "manifest.json").read_bytes()


@pytest.mark.parametrize(("changes", "words"), [
    ({"policies": ["neutral", {"name": "neutral", "pause": 0}]}, "policies: one is named twice with the same parameters or label; name each once"),
    ({"policies": [{"name": "neutral", "pause": 3}], "space": {"policy.pause": [0, 3]}},
     "policies: neutral pause=3 sets pause, which varies as policy.pause; set it in one place"),
    ({"constraints": ["start.trust > 2"]}, "the design has no points left; loosen constraints"),
    ({"space": {"start.trust": "range"}, "design": {"name": "morris"}, "constraints": ["start.trust > 0.5"]},
     "constraints: design morris needs all its points; use sobol or grid"),
    ({"figures": {"mine": {"x": "start.goodwill"}}}, "figures.mine: nothing called 'start.goodwill' varies; known: start.trust, policy, scenario"),
    ({"figures": {"mine": {"x": "start.trust", "against": {"policy": "placebo"}}}},
     "figures.mine: against policy = placebo, which no run has; known: neutral"),
    ({"figures": {"mine": {"x": "start.trust", "against": {"start.trust": 0.4}}}},
     "figures.mine: against start.trust = 0.4, which no run has; did you mean 0.6 or 0.3?"),
    ({"replications": 10, "precision": {"outcome": "retention"}}, "precision: a difference needs two policies; name them as policies=[one,other]"),
    ({"replications": 10, "policies": ["neutral", "placebo"], "precision": {"outcome": "retention", "policy": "nobody"}},
     "precision.policy = nobody: give two different ones of neutral, placebo"),
    ({"replications": 10, "policies": ["neutral", "placebo"], "precision": {"outcome": "retention", "baseline": "placebo"}},
     "precision.policy = placebo: give two different ones of neutral, placebo"),
    ({"replications": 10, "policies": ["neutral", "placebo"], "precision": {"outcome": "retention", "baseline": "nobody"}},
     "precision.baseline = nobody: give two different ones of neutral, placebo"),
], ids=str)  # fmt: skip
def test_what_cannot_be_planned(changes, words):
    assert_refused(words, planned, **changes)


def test_a_design_file_that_does_not_fit(tmp_path):
    file = tmp_path / "d.csv"
    file.write_text("start.trust,scenario\n0.3,neutral\n0.2,neutral\n")
    design = {"name": "file", "path": str(file)}

    assert_refused(
        "constraints: data row 2 of the design breaks them",
        planned,
        space={},
        design=design,
        constraints=["start.trust > 0.25"],
    )
    assert_refused("space: a design from a file brings its own columns; leave space out", planned, design=design)
    made = checked_inputs("unused", TINY | {"space": {}, "design": design})
    file.write_text("start.trust,scenario\n0.3,denim_alliance\n")
    assert_refused(
        f"design.path={file}: scenario denim_alliance is not loaded; name it as scenario=",
        points_of,
        made.experiment,
        made.scenarios,
    )


def test_a_point_that_no_partnership_can_be():
    forced = {"shocks.forced_exit.month": [1], "shocks.forced_exit.member": [3, 9]}
    shares = {f"sectors.{name}.share": [0.0, 1.0] for name in SECTORS}
    words = "shocks.forced_exit.member is not a member; members are 0 to 7 (size.partners)"

    assert_refused(f"design, row 2: {words}", planned, space=forced | {"size.partners": [8, 20]})
    assert_refused(
        "design, row 0: sectors: at least one sector needs a share above 0 (sectors.<name>.share)",
        planned,
        space=shares,
    )


def test_scenarios_that_come_to_the_same_name_both():
    one = checked_inputs("unused", TINY)
    scenarios = {"one": one.scenarios["neutral"], "other": one.scenarios["neutral"]}
    rows = points_of(one.experiment, {"one": scenarios["one"]}).assign(scenario=["one", "other"])

    assert_refused(
        "neutral and one and other: two of these come to the same runs; keep one", Plan, one.experiment, scenarios, rows
    )


def test_what_is_not_there_to_read(tiny, tmp_path):
    sweep = sim.load(tiny)
    run_id = sweep.runs["run_id"][0]

    assert_refused(
        f"{tiny} has no series; it has runs, failures, points (record=[...] selects which tables to make)",
        sweep.table,
        "series",
    )
    assert_refused(
        f"table=series: {tiny} has no such table; it has runs, failures, points, design",
        sweep.export,
        "series",
        tmp_path / "x",
    )
    for start in ("abc", "xyzw", "XXXX", "0" * 25):
        assert_refused(
            f"{start} is not a run id; ids have 24 digits 0-9a-f, and at least the first 4 are needed",
            sweep.find,
            start,
        )
    nobody = "0000" if not run_id.startswith("0000") else "ffff"
    assert_refused(f"{tiny}: no run starts with {nobody}", sweep.find, nobody)
    assert_refused(f"{tiny}: there is no run {nobody}", sweep.rerun, nobody)
    assert sweep.find(run_id[:4]) == sweep.find(run_id) == run_id
    assert sweep.export("design", tmp_path / "it's a design.csv") == 2
    assert (tmp_path / "it's a design.csv").read_text().splitlines() == ["row,point,start.trust", "0,0,0.3", "1,1,0.6"]
    assert not list(tmp_path.glob(".*"))


def test_ids_that_start_alike_are_too_short(tiny, monkeypatch):
    sweep = sim.load(tiny)
    two = sweep.runs.head(2)
    monkeypatch.setattr(sweep, "sql", lambda *_: two)

    assert_refused(f"{tiny}: several runs start with abcd", sweep.find, "abcd")


def test_a_sweep_that_is_not_done_has_no_points_yet(tmp_path, monkeypatch):
    monkeypatch.setattr(operations, "run_missing", lambda *_: None)
    swept(tmp_path / "s", **TINY)

    assert_refused(
        f"{tmp_path / 's'}: the sweep is not done yet: partnership sweep folder={tmp_path / 's'}",
        sim.load(tmp_path / "s").table,
        "points",
    )


def test_what_is_no_sweep_or_not_whole(tiny, tmp_path):
    missing, compared = tmp_path / "none" / "manifest.json", tmp_path / "manifest.json"
    compared.write_text(json.dumps(sealed({"n_seeds": 3, "files": {}})))
    shard = tmp_path / f"key-{'0' * 24}.parquet"
    shard.write_bytes(b"PAR1")

    assert_refused(
        f"folder={tmp_path / 'none'}: holds no sweep; see partnership sweep --help", sim.load, tmp_path / "none"
    )
    assert_refused(f"{missing}: cannot be read: No such file or directory", read_sealed, missing)
    assert_refused(
        f"{tmp_path}: holds no sweep but a comparison or the like; name a sweep's folder", sim.load, tmp_path
    )
    compared.write_text("{}")
    assert_refused(
        f"{compared}: is damaged or was changed by hand; the files beside it are untouched. Put the original back, or "
        "remove the folder and make the results again",
        sim.load,
        tmp_path,
    )
    with pytest.raises(ValueError, match=r"^damaged$"):
        _undamaged(shard)


def test_a_manifest_that_was_made_up(tmp_path):
    swept(tmp_path / "s", **TINY)
    manifest = tmp_path / "s" / "manifest.json"
    content = read_sealed(manifest)
    content["config"]["experiment"]["months"] = -1
    manifest.write_text(json.dumps(sealed(content)))

    assert_refused(
        f"{tmp_path / 's'}: was not written by a sweep: months = -1: allowed is a whole number from 1 to 1200 (months): "
        "How long to simulate",
        resume, tmp_path / "s", SERIAL, Count(),
    )  # fmt: skip


@pytest.mark.parametrize(("where", "value"), [
    (("commands",), 3), (("config",), 3), (("config", "plugins"), None), (("config", "experiment", "record"), 3),
    (("config", "experiment", "space"), 3), (("config", "experiment", "replications"), "x"), (("model",), []),
])  # fmt: skip
def test_a_manifest_of_another_shape(tiny, tmp_path, where, value):
    content = read_sealed(tiny / "manifest.json")
    place = content
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] = value
    (tmp_path / "manifest.json").write_text(json.dumps(sealed(content)))

    assert_refused(
        f"{tmp_path / 'manifest.json'}: is not what a sweep writes; sweep into another folder", sim.load, tmp_path
    )


def test_a_folder_with_a_link_to_elsewhere(tmp_path):
    folder, elsewhere = tmp_path / "s", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (elsewhere / "mine.parquet").write_text("mine")
    (folder / "runs").symlink_to(elsewhere)

    assert_refused(
        f"folder={folder}: runs is a link, and writing would reach elsewhere; remove it",
        swept, folder, **TINY,
    )  # fmt: skip
    assert (elsewhere / "mine.parquet").read_text() == "mine"


def test_what_a_killed_write_left_is_no_stranger(tmp_path):
    (tmp_path / ".manifest.json.partial").write_text("{")

    assert swept(tmp_path, **TINY).done == 4


def test_a_folder_that_cannot_be_used(tiny, tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "thesis.docx").write_text("mine")
    no_sweep = "name a folder that is new or empty"

    assert_refused(f"folder={tmp_path / 'file'}: is a file; {no_sweep}", swept, tmp_path / "file", **TINY)
    assert_refused(f"folder={tmp_path}: has file, which no sweep wrote; {no_sweep}", swept, tmp_path, **TINY)
    with store.Store(tiny).locked():
        assert_refused(
            f"folder={tiny}: another sweep is at work in it; wait for it, stop it, or name another folder",
            swept,
            tiny,
            **TINY,
        )
        assert sim.load(tiny).at_work()
    assert not sim.load(tiny).at_work()


def test_a_line_that_a_full_disk_does_not_take_leaves_the_others(tmp_path, monkeypatch):
    log = tmp_path / "done.jsonl"
    append_line(log, {"a": 1})
    before = log.read_bytes()

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert_refused(
        f"{log}: cannot be written: the disk is full. What was finished is kept; make room and run the same command again "
        "to go on", append_line, log, {"b": 2},
    )  # fmt: skip
    assert log.read_bytes() == before


def test_another_experiment_in_the_folder(tiny):
    other = checked_inputs(tiny, TINY)
    other.scenarios["neutral"] = other.scenarios["neutral"].replace(**{"rules.leak.rate": 0.5})
    start = f"folder={tiny}: holds another experiment"
    end = (
        f"To go on with what it holds: partnership sweep folder={tiny}; to add to it: partnership extend; "
        "else name another folder"
    )

    assert_refused(f"{start} (months differs: 1 there, 2 requested). {end}", swept, tiny, **(TINY | {"months": 2}))
    assert_refused(f"{start} (scenarios differs). {end}", operations.start, other, Count(), "test")


def test_another_version_of_the_model(tiny, monkeypatch):
    version = operations.model_version()
    task = next(planned().tasks(planned().groups[0], [0], 0, 1))
    for module in (operations, sim.sweeps.tasks):
        monkeypatch.setattr(module, "model_version", lambda: MODEL)

    assert_refused(
        f"folder={tiny}: was made by model {version}, this is {MODEL}; runs would not compare. Sweep into another folder, or add "
        "other_model=true to mix them all the same",
        resume,
        tiny,
        SERIAL,
        Count(),
    )
    with pytest.raises(
        InputError, match=r"^folder=.*: was made by model .*, this is 0\.0\.0\+00000000; runs would not"
    ):
        swept(tiny, **TINY)
    assert_refused(
        f"a worker has model {MODEL}, the sweep {version}; install the same version everywhere", work_on, task
    )
    assert len(resume(tiny, SERIAL, Count(), other_model=True).done) > 0


def test_a_run_that_is_not_the_same_names_table_and_column(tiny):
    sweep = sim.load(tiny)
    repeated = sweep.rerun(sweep.runs["run_id"][0])
    words = "is not the same; another NumPy or kind of machine made it, or the shard was changed"
    row = sweep.runs.head(1)

    assert_refused(f"run {repeated.run_id}: runs, column seed {words}", repeated.compare, "runs", row.assign(seed=99))
    assert_refused(
        f"run {repeated.run_id}: runs, column extra {words}", repeated.compare, "runs", row.assign(extra=1.0)
    )
    assert_refused(f"run {repeated.run_id}: runs, column run_id {words}", repeated.compare, "runs", sweep.runs)


def test_a_sweep_from_python_says_what_it_needs(tiny, monkeypatch):
    with pytest.raises(InputError, match="executor"):
        sim.sweep(folder=tiny, executor="abacus")
    assert_refused("sim.sweep: give an experiment's name, a mapping, or options such as space={...}", sim.sweep)
    monkeypatch.setattr(sim.studies.sweep.multiprocessing, "parent_process", lambda: "a parent")
    assert_refused(
        "sim.sweep: called while your script is imported, as workers do; put it below if __name__ == '__main__':",
        sim.sweep,
        TINY,
    )


@pytest.mark.parametrize(("space", "words"), [
    ({"targeting": ["guess"]}, "design: targeting = 'guess': input should be 'estimate', 'random' or 'perfect_information'"),
    ({"size.partner": [8, 9]}, "space: there is no parameter 'size.partner'; did you mean size.partners or size.ties or size.candidates?"),
    ({"zzz": [1]}, "space: there is no parameter 'zzz'; known: size..., sectors..., start..., grant..., prices..., rules..., "
     "shocks..., structure..., members, events, now, begins, targeting, payoffs, outcomes, scenario, policy; partnership describe has each"),
])  # fmt: skip
def test_a_space_of_what_cannot_vary(space, words):
    assert_refused(words, planned, space=space)
