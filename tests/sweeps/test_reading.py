"""Reading a sweep: again to the last bit, SQL, CSV, Python."""

import inspect
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.core.errors import InputError
from sim.storage.digests import model_version
from sim.sweeps import operations
from sim.sweeps.spec import Executor
from tests.sweeps.helpers import SMALL, swept


def test_a_run_is_made_again_to_the_last_bit(reference):
    sweep = sim.load(reference)
    run_id = sweep.runs["run_id"][17]
    repeated = sweep.rerun(sweep.find(run_id[:8]))

    assert repeated.compared == {"runs": 1, "series": 6, "events": (sweep.events["run_id"] == run_id).sum()}
    assert repeated.tables.summary["run_id"][0] == run_id


def test_a_run_that_differs_in_the_last_bit_is_noticed(reference):
    sweep = sim.load(reference)
    run_id = sweep.runs["run_id"][3]
    repeated = sweep.rerun(run_id)
    content = sweep.sql("SELECT * FROM runs WHERE run_id = ?", [run_id])
    content["private_value"] = np.nextafter(content["private_value"], 1e9)

    with pytest.raises(InputError, match="runs, column private_value is not the same"):
        repeated.compare("runs", content)


def test_sql_reads_all_tables(reference):
    sweep = sim.load(reference)
    joined = sweep.sql(
        "SELECT policy, count(DISTINCT run_id) n FROM series JOIN runs USING (run_id, policy) GROUP BY 1 ORDER BY 1"
    )

    assert joined["n"].tolist() == [30, 30]
    assert sweep.sql("SELECT count(*) n FROM design JOIN points USING (point)")["n"][0] == 6
    with pytest.raises(InputError, match="the query cannot be run"):
        sweep.sql("SELECT nonsense FROM runs")
    with pytest.raises(InputError, match="has no members; it has runs"):
        sweep.members  # noqa: B018


def test_a_csv_holds_what_the_table_holds(reference, tmp_path):
    sweep = sim.load(reference)

    assert sweep.export("runs", tmp_path / "runs.csv") == 60
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "runs.csv"), sweep.runs, check_dtype=False, rtol=1e-15)
    with pytest.raises(InputError, match="cannot be written"):
        sweep.export("runs", tmp_path / "none" / "runs.csv")
    with pytest.raises(InputError, match="no such table"):
        sweep.export("manifest", tmp_path / "x.csv")


def test_the_folder_says_with_what_it_was_made(reference):
    manifest = json.loads((reference / "manifest.json").read_text())

    assert manifest["model"] == model_version()
    assert {"numpy", "python", "duckdb"} <= set(manifest["versions"])
    assert manifest["config"]["experiment"]["months"] == 6
    assert manifest["config"]["scenarios"]["neutral"]["size"]["partners"] == 24
    assert manifest["commands"] == ["test"]


def test_sweep_and_load_work_from_python(tmp_path):
    sweep = sim.sweep(SMALL, tmp_path / "s", executor="serial", replications=2, record=[])
    repeated = sim.sweep(folder=tmp_path / "s", executor="serial")

    assert len(sweep.runs) == len(repeated.runs) == 24
    with pytest.raises(InputError, match="give an experiment"):
        sim.sweep()
    with pytest.raises(ValueError, match="did you mean pause_and_trust"):
        sim.sweep("pause_and_trsut", tmp_path / "t")


def test_a_sweep_takes_what_numpy_and_pandas_give(tmp_path):
    space = {"start.trust": np.array([0.3, 0.6]), "size.partners": pd.Series([6, 8]), "start.goodwill": range(4, 6)}
    policies = [{"name": "adaptive", "pause": np.int64(3)}]
    data = {"space": space, "policies": policies, "replications": np.int64(1), "months": 2, "record": []}
    sweep = sim.sweep(data, tmp_path / "s", executor="serial")

    assert len(sweep.runs) == 8
    assert sweep.config["experiment"]["space"]["size.partners"] == [6, 8]
    assert set(sweep.runs["policy"]) == {"adaptive pause=3"}


def test_a_sweep_without_a_name_is_kept_in_results_sweep(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sweep = sim.sweep(replications=1, months=1, policies=["neutral"], executor="serial")

    assert (sweep.folder, sweep.config["name"], len(sweep.runs)) == (Path("results/sweep"), "sweep", 1)
    assert sweep.commands == ["sim.sweep('None', ...)"]


def test_by_default_a_sweep_uses_processes():
    assert inspect.signature(sim.sweep).parameters["executor"].default == Executor().name == "processes"


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
        swept(tmp_path / name, record=[], replications=1)
        assert len(sim.load(tmp_path / name).runs) == len(sim.load(tmp_path / name).points) * 2 == 12


def test_a_sweep_without_a_shard_yet_has_empty_tables(tmp_path, monkeypatch):
    monkeypatch.setattr(operations, "run_missing", lambda *_: None)
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


def test_a_figure_may_be_against_a_policy_that_the_design_brings(tmp_path):
    against = {"figures": {"mine": {"x": "start.trust", "against": {"policy": "neutral"}}}}
    space = {"policy": ["neutral", "adaptive"], "start.trust": [0.3, 0.6]}
    count = swept(tmp_path / "s", policies=[], space=space, record=[], replications=2, **against)

    assert count.done == 8
    with pytest.raises(InputError, match="against policy = placebo, which no run has; known: adaptive, neutral"):
        swept(
            tmp_path / "t",
            policies=[],
            space=space,
            figures={"mine": {"x": "start.trust", "against": {"policy": "placebo"}}},
        )


def test_the_configuration_of_a_folder_can_be_read_in_any_language(tmp_path):
    swept(tmp_path / "s", question="Wie blijft? Één plan?", record=[], replications=1)

    assert "Één plan?" in (tmp_path / "s" / "config.yaml").read_text(encoding="utf-8")


def test_figures_can_be_changed_later(tmp_path):
    swept(tmp_path / "s", record=[])
    repeated = swept(tmp_path / "s", record=[], figures={"mine": {"x": "start.trust"}}, question="And now?")

    assert repeated.done == 0
    assert sim.load(tmp_path / "s").question == "And now?"
    assert list(sim.load(tmp_path / "s").config["experiment"]["figures"]) == ["mine"]
