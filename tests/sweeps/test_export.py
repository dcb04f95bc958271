"""Tables for other programs: read back by what reads such files; nothing is written over unasked."""

import numpy as np
import pandas as pd
import pytest

import sim
from sim.cli.main import main
from sim.core.errors import InputError


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    design = pd.DataFrame({"start.trust": [0.3, 0.65], "note": ["=1+1", "é"]})
    options = {"policies": ["neutral", "adaptive"], "replications": 2, "months": 4, "record": ["series"]}
    return sim.sweep(
        design=design, folder=tmp_path_factory.mktemp("x") / "s", executor="serial", progress=False, **options
    )


@pytest.mark.parametrize(("options", "reading"), [
    ({}, {}),
    ({"sep": "semicolon", "decimal": ","}, {"sep": ";", "decimal": ","}),
    ({"decimal": ","}, {"sep": ";", "decimal": ","}),
    ({"sep": "tab"}, {"sep": "\t"}),
    ({"sep": "|"}, {"sep": "|"}),
])  # fmt: skip
def test_a_csv_reads_back_as_the_same_numbers(swept, tmp_path, options, reading):
    assert swept.export("runs", tmp_path / "runs.csv", **options) == 8

    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "runs.csv", **reading), swept.runs, check_dtype=False)


def test_a_suffix_decides_the_format(swept, tmp_path):
    swept.export("series", tmp_path / "series.tsv")
    swept.export("series", tmp_path / "series.parquet")

    assert len(pd.read_csv(tmp_path / "series.tsv", sep="\t")) == len(swept.series)
    assert sim.read_table(tmp_path / "series.parquet").equals(swept.series)


def test_an_excel_sheet_has_the_numbers_and_no_formulas(swept, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    swept.export("runs", tmp_path / "runs.xlsx")
    swept.export("design", tmp_path / "design.xlsx")
    cells = [c for row in openpyxl.load_workbook(tmp_path / "design.xlsx").active.iter_rows() for c in row]

    pd.testing.assert_frame_equal(pd.read_excel(tmp_path / "runs.xlsx"), swept.runs, check_dtype=False)
    assert {c.data_type for c in cells if c.value == "=1+1"} == {"s"}


def test_stata_has_plain_names_and_the_dotted_ones_as_labels(swept, tmp_path):
    swept.export("runs", tmp_path / "runs.dta")
    swept.export("runs", tmp_path / "again.dta")
    with pd.read_stata(tmp_path / "runs.dta", iterator=True) as reader:
        table, labels = reader.read(), reader.variable_labels()

    assert (tmp_path / "runs.dta").read_bytes() == (tmp_path / "again.dta").read_bytes()
    assert labels["start_trust"] == "start.trust"
    assert np.array_equal(table["start_trust"], swept.runs["start.trust"])
    assert table["policy"].tolist() == swept.runs["policy"].tolist()


def test_plain_names_have_letters_digits_and_underscores(swept, tmp_path):
    swept.export("runs", tmp_path / "runs.csv", names="plain")

    assert "start_trust" in pd.read_csv(tmp_path / "runs.csv")


def test_a_file_that_is_there_is_left_alone_unless_asked(swept, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs.csv").write_text("mine")
    assert main(["export", f"folder={swept.folder}"]) == 2
    assert "to=runs.csv: is there already; name another file, or add overwrite=true" in capsys.readouterr().err
    assert (tmp_path / "runs.csv").read_text() == "mine"
    assert main(["export", f"folder={swept.folder}", "--overwrite"]) == 0

    assert len(pd.read_csv("runs.csv")) == 8


@pytest.mark.parametrize(("to", "options", "words"), [
    ("runs.sav", {}, "to=.*runs.sav: end the name in .csv"),
    ("runs.csv", {"sep": "ab"}, "sep = 'ab': give comma, semicolon, tab, bar, or one sign"),
    ("runs.csv", {"sep": ",", "decimal": ","}, "sep and decimal are the same sign"),
    ("runs.csv", {"format": "sas"}, "format = 'sas'"),
    ("runs.csv", {"overwrite": "yes"}, "overwrite = 'yes': give true or false"),
    ("none/runs.csv", {}, "cannot be written"),
])  # fmt: skip
def test_what_cannot_be_written_is_named(swept, tmp_path, to, options, words):
    with pytest.raises(InputError, match=words):
        swept.export("runs", tmp_path / to, **options)


def test_names_that_no_file_can_have_are_refused_before_anything_runs(tmp_path):
    space = {"space": {"start.trust": [0.3]}, "months": 1}
    for name, words in (
        ("a\nb", "control character"),
        ("a\x1b[2J", "control character"),
        ("x" * 201, "is too long for a file"),
    ):
        with pytest.raises(InputError, match=words):
            sim.sweep(space, tmp_path / name)
    figure = {"outcome": "society_value", "x": "start.trust"}
    with pytest.raises(InputError, match="is there twice but for upper and lower case"):
        sim.sweep({**space, "figures": {"Value": figure, "value": figure}}, tmp_path / "s")

    assert list(tmp_path.iterdir()) == []


def test_more_months_are_refused_by_saying_how_to_get_them(swept):
    with pytest.raises(
        InputError, match=r"not the states that runs ended in.*config=.*/config.yaml months=9 folder=NEW"
    ):
        sim.extend(swept.folder, months=9)
