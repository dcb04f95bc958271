"""A stranger's file is only read; code in it runs only where the user names a Python file."""

import json
import re
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import sim
from sim.cli.main import main
from sim.config.files import read_yaml
from sim.core.errors import InputError
from sim.storage.results import database, read_table, write_table
from sim.storage.sealed import sealed
from tests.reading import ROOT

SOURCES = [f for f in Path(sim.__file__).parent.rglob("*.py") if "_configs" not in f.parts]
OWN = "def allocate(seen, budget, memory):\n    return seen.spend(), memory\n"
NOTE = "open({flag!r}, 'w').close()\n"


@pytest.fixture
def from_a_stranger(tmp_path):
    """Make a sweep's folder whose manifest names a policy file; that file leaves a flag wherever it is run."""
    file, flag, folder = tmp_path / "own.py", tmp_path / "flag", tmp_path / "s"
    file.write_text(OWN)
    few = {"replications": 2, "months": 6, "executor": "serial", "record": ["events"]}
    sim.sweep(
        {"policies": ["neutral", str(file), "adaptive"], "space": {"start.trust": [0.3, 0.6], "grant.budget": [6, 12]}},
        folder,
        **few,
    )
    file.write_text(NOTE.format(flag=str(flag)) + OWN)
    return folder, file, flag


def test_reading_a_folder_runs_nobodys_code(from_a_stranger, capsys):
    folder, file, flag = from_a_stranger
    sweep = sim.load(folder)

    assert sweep.policies == ["neutral", "own", "adaptive"]
    assert len(sweep.runs) == 24
    file.unlink()
    for request in (["report"], ["status"], ["export", f"to={folder}.csv"]):
        assert main([*request, f"folder={folder}"]) == 0, capsys.readouterr().err
    assert not flag.exists()


def test_going_on_with_a_folder_refuses_code_that_is_not_what_made_it(from_a_stranger, capsys):
    folder, _, flag = from_a_stranger

    assert main(["sweep", f"folder={folder}"]) == 2
    assert "has changed since these runs were made" in capsys.readouterr().err
    assert not flag.exists()


@pytest.mark.parametrize("text", ["title: !!python/object/apply:os.getcwd []", "title: !!python/name:os.system"])
def test_a_yaml_can_make_no_objects(text, tmp_path):
    (tmp_path / "bad.yaml").write_text(text)

    with pytest.raises(InputError, match="not valid YAML"):
        read_yaml(tmp_path / "bad.yaml", "scenario", "x")
    with pytest.raises(InputError, match="not valid YAML"):
        sim.load_scenario(str(tmp_path / "bad.yaml"))


@pytest.mark.slow
def test_a_title_from_a_stranger_stays_text(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    title = "<script>alert(1)</script>"

    assert (
        main(
            [
                "compare",
                f"scenario.title={title}",
                "replications=3",
                "region=0",
                "policies=[neutral,placebo]",
                "folder=out",
            ]
        )
        == 0
    )
    assert main(["report", "out"]) == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert (
        page.count("<script") == 2
    )  # its own: numbers, and the weights that move; the content policy names its digest


def test_a_forged_manifest_reads_no_other_file_and_acts_on_no_terminal(from_a_stranger, tmp_path, capsys):
    folder, file, _ = from_a_stranger
    file.write_text(OWN)
    (tmp_path / "secret").write_text("a secret")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest.pop("check")
    manifest["config"]["experiment"]["record"] = [f"read_text('{tmp_path}/secret') --"]
    manifest["config"]["experiment"]["question"] = manifest["commands"][0] = "\x1b]0;mine\x07"
    (folder / "manifest.json").write_text(json.dumps(sealed(manifest)))

    sweep = sim.load(folder)
    with pytest.raises(InputError, match="not written by a sweep: record"):
        sweep.rerun(sweep.runs["run_id"][0])
    assert main(["status", str(folder)]) == 0
    assert capsys.readouterr().out.count("\\x1b]0;mine\\x07") == 2


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_no_file_is_read_in_a_way_that_could_run_it(path):
    text = path.read_text(encoding="utf-8")
    run = r"yaml\.(unsafe_|full_)?load\(|read_pickle|allow_pickle|subprocess|os\.system|os\.popen|\bexec\(|\beval\("

    starts = ("reproduce_archive.py", "wasm.py")  # in an archive, pip and itself; at build time, the linker
    allowed = {"subprocess"} if path.name in starts else set()
    assert {found[0] for found in re.finditer(run, text)} <= allowed
    assert "import_module(where)" not in text or path.name == "plugins.py"


def test_tables_are_parquet_and_read_as_nothing_else(tmp_path):
    (tmp_path / "table.parquet").write_bytes(b"\x80\x04\x95 not a table")

    with pytest.raises(InputError, match=r"table.parquet: cannot be read as Parquet"):
        read_table(tmp_path / "table.parquet")


@pytest.mark.parametrize("path", ["", ".", "nowhere.parquet", "https://127.0.0.1:9/table.parquet", "s3://a/b.parquet"])
def test_a_table_is_one_file_of_this_machine(path):
    with pytest.raises(InputError, match="there is no such table"):
        read_table(path)


def test_no_database_fetches_anything_from_elsewhere():
    with database() as db, pytest.raises(duckdb.Error, match="extension"):
        db.execute("SELECT * FROM read_parquet('https://127.0.0.1:9/table.parquet')")


def test_the_name_of_a_folder_says_nothing_of_the_rows_in_it(tmp_path):
    folder = tmp_path / "policy=adaptive" / "seed=7"
    folder.mkdir(parents=True)
    rows = pd.DataFrame({"policy": ["neutral"], "seed": [0]})
    write_table(rows, folder / "summary.parquet")

    assert read_table(folder / "summary.parquet").to_dict("list") == rows.to_dict("list")


def test_every_test_that_the_threat_notes_name_is_there():
    named = re.findall(
        r"`(tests/[a-z_/]+\.py)::(test_\w+)`", (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    )

    assert len(named) > 15
    for file, name in named:
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"
