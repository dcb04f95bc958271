"""Tables as spreadsheets, R and pandas write them: read as meant, or refused by naming what was found."""

import time

import numpy as np
import pandas as pd
import pytest

import sim
from sim.config.user_tables import read_user_table
from sim.core.errors import InputError
from sim.sweeps.operations import plan_of
from sim.sweeps.spec import check

MEANT = {"start.trust": [0.3, 0.6], "rules.leak.rate": [0.1, 0.2]}
FRAME = pd.DataFrame(MEANT)
AS_MEANT = {
    "Excel, semicolons, decimal commas, byte order mark": b"\xef\xbb\xbfstart.trust;rules.leak.rate\r\n0,3;0,1\r\n0,6;0,2\r\n",
    "Excel, a line that names the separator": b"\xef\xbb\xbfsep=;\r\nstart.trust;rules.leak.rate\r\n0,3;0,1\r\n0,6;0,2\r\n",
    "tabs": b"start.trust\trules.leak.rate\n0.3\t0.1\n0.6\t0.2\n",
    "empty columns behind": b"\xef\xbb\xbfstart.trust,rules.leak.rate,,\r\n0.3,0.1,,\r\n0.6,0.2,,\r\n",
    "the index of pandas": FRAME.to_csv().encode(),
    "an unnamed column, read and written again": FRAME.rename_axis("Unnamed: 0").to_csv().encode(),
    # more of the same kinds
    "Excel's Unicode text: UTF-16 and tabs": "start.trust\trules.leak.rate\r\n0,3\t0,1\r\n0,6\t0,2\r\n".encode(
        "utf-16"
    ),
    "UTF-16 of the other order": b"\xfe\xff" + "start.trust;rules.leak.rate\n0,3;0,1\n0,6;0,2\n".encode("utf-16-be"),
    "UTF-16 without a mark": FRAME.to_csv(index=False).encode("utf-16-le"),
    "R's write.csv, names of rows from 1": b'"","start.trust","rules.leak.rate"\n"1",0.3,0.1\n"2",0.6,0.2\n',
    "R's write.table, names of rows without a name": b'"start.trust","rules.leak.rate"\n"1",0.3,0.1\n"2",0.6,0.2\n',
    "R's write.csv2": b'"";"start.trust";"rules.leak.rate"\n"1";0,3;0,1\n"2";0,6;0,2\n',
    "every cell in quotes": b'"start.trust","rules.leak.rate"\n"0.3","0.1"\n"0.6","0.2"\n',
    "decimal commas in quotes": b'start.trust,rules.leak.rate\n"0,3","0,1"\n"0,6","0,2"\n',
    "bars, spaces and empty lines": b"\n start.trust | rules.leak.rate \n\n 0.3 | 0.1 \n0.6|0.2\n\n",
    "old line ends of a Macintosh": b"start.trust,rules.leak.rate\r0.3,0.1\r0.6,0.2\r",
    "rows of separators alone, as Excel leaves them": b"start.trust;rules.leak.rate;\r\n0,3;0,1;\r\n;;\r\n0,6;0,2\r\n;;\r\n",
    "numbers with an exponent": b"start.trust,rules.leak.rate\n3e-1,1E-01\n.6,+0.2\n",
    "the separator named in quotes, with empty cells": b'"sep=,",\nstart.trust,rules.leak.rate\n0.3,0.1\n0.6,0.2\n',
}


@pytest.mark.parametrize("kind", AS_MEANT)
def test_a_table_is_read_as_meant(kind, tmp_path):
    (tmp_path / "mine.csv").write_bytes(AS_MEANT[kind])

    assert read_user_table(tmp_path / "mine.csv", "design").columns == MEANT


@pytest.mark.parametrize(("content", "words"), [
    (b"start.trust,\n0.3,x\n", "column 2 has no name, and 'x' in line 2; name it, or take it out"),
    (b",start.trust\n7,0.3\n9,0.6\n", "column 1 has no name, and '7' in line 2"),
    (b"start.trust;start.need\n0,3;20\n0.6;30\n", "has 0,3 in line 2 and 0.6 in line 3; write decimals one way"),
    (b"start.need;start.goodwill\n1,234;5\n", "line 2: 1,234 can be 1234 or 1.234; write decimals with a point"),
    (b"start.trust;start.need,x\n0.3;1,2\n", "its header has commas and semicolons; separate columns by one of them"),
    (b"start.trust,start.need\n0.3,0,4\n", "line 2: has 3 values for 2 columns: ['0.3', '0', '4']"),
    (b"start.trust,start.need\n0.3,\n0.6,20\n", "line 2: start.need is empty; give a value, or take the row out"),
    (b"start.trust\n0.3\n#N/A\n\n", None),
    (b"start.trust\nN/A\n", "line 2: start.trust = N/A is not a value; give a number"),
    (b"start.trust\n.nan\n", "line 2: start.trust = .nan is not a value"),
    (b"PK\x03\x04\x14\x00", "is a spreadsheet (.xlsx, .ods); save it as CSV"),
    (b"PAR1\x15\x04", "is a Parquet file; save it as CSV"),
    (b"start.trust\n\x00\x01\n", "has the control character '\\x00'; it is not a table of text"),
    (b"start.trust\n0.3\x81\n", "is not a text in UTF-8, UTF-16 or Windows-1252; save it as UTF-8"),
    (b'start.trust\n"0.3\n0.6\n', "is not CSV: unexpected end of data; see to its quotes"),
    (b"note\nx\n", "needs a header and at least one row"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_by_naming_what_was_found(content, words, tmp_path):
    (tmp_path / "mine.csv").write_bytes(content)
    if words is None:
        assert read_user_table(tmp_path / "mine.csv", "design").columns == {"start.trust": [0.3, "#N/A"]}
        return
    with pytest.raises(InputError) as error:
        read_user_table(tmp_path / "mine.csv", "design")
    assert str(error.value).startswith("design")
    assert words in str(error.value)


def test_windows_1252_is_read_and_said(tmp_path):
    (tmp_path / "mine.csv").write_bytes("scenario,start.trust\r\ndénim.yaml,0.3\r\n".encode("cp1252"))

    with pytest.warns(UserWarning, match="is not in UTF-8; read as Windows-1252"):
        table = read_user_table(tmp_path / "mine.csv", "design.path=mine.csv")
    assert table.columns == {"scenario": ["dénim.yaml"], "start.trust": [0.3]}


def test_a_file_is_read_again_once_it_has_changed(tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text("start.trust\n0.3\n")
    read_user_table(file, "design")
    file.write_text("start.trust\n0.45\n")

    assert read_user_table(file, "design").columns == {"start.trust": [0.45]}


def plan(tmp_path, design, **data):
    return plan_of(
        check("x", {"policies": ["neutral"], "replications": 1, "months": 3, "design": design, **data}, tmp_path)
    )


def test_labels_of_rows_are_kept_with_the_design_and_vary_nothing(tmp_path):
    (tmp_path / "mine.csv").write_text("id,start.trust,note\n007,0.3,low\nB,0.6,\n")
    folder = tmp_path / "s"
    sim.sweep(design={"name": "file", "path": str(tmp_path / "mine.csv")}, folder=folder, replications=1, months=2,
              policies=["neutral"], executor="serial", progress=False)  # fmt: skip
    swept = sim.extend(folder, replications=2, executor="serial", progress=False)

    assert swept.design[["id", "note", "start.trust"]].to_numpy().tolist() == [["007", "low", 0.3], ["B", "", 0.6]]
    assert "note" not in swept.runs
    assert sorted(swept.runs["start.trust"]) == [0.3, 0.3, 0.6, 0.6]


def test_a_frame_is_a_design_and_its_values_are_part_of_the_key(tmp_path):
    options = {"policies": ["neutral"], "replications": 1, "months": 2, "executor": "serial", "progress": False}
    one = sim.sweep(design=FRAME.assign(note=["a", "b"]), folder=tmp_path / "one", **options)
    other = sim.sweep(design=FRAME + 0.01, folder=tmp_path / "other", **options)
    again = sim.sweep(design=FRAME.assign(note=["a", "b"]), folder=tmp_path / "again", **options)

    assert one.design[["start.trust", "rules.leak.rate", "note"]].to_numpy().tolist() == [
        [0.3, 0.1, "a"],
        [0.6, 0.2, "b"],
    ]
    assert one.key == again.key != other.key
    with pytest.raises(InputError, match="the content of the design's file differs"):
        sim.sweep(design=FRAME + 0.02, folder=tmp_path / "one", **options)
    grown = sim.extend(tmp_path / "one", design=FRAME + 0.02, executor="serial", progress=False)
    assert len(grown.design) == 4


@pytest.mark.parametrize(("frame", "words"), [
    (FRAME.assign(**{"start.trust": [0.3, np.nan]}), "design, row 2: start.trust = nan is not a value"),
    (FRAME.assign(**{"start.trust": ["0.3", "much"]}), "start.trust = 'much'"),
    (FRAME.iloc[[0, 0]], "design, row 2: is the same as row 1; give each once"),
    (FRAME.rename(columns={"start.trust": "start.trsut"}), "did you mean start.trust"),
])  # fmt: skip
def test_a_frame_that_cannot_be_used_is_named(frame, words, tmp_path):
    with pytest.raises(InputError) as error:
        plan(tmp_path, *[check_design(frame)])
    assert words in str(error.value)


def check_design(frame):
    return {"name": "file", "path": "", "columns": {c: frame[c].tolist() for c in frame}}


def test_the_time_for_a_large_design_grows_with_its_rows(tmp_path):
    draws = np.random.default_rng(0).uniform(0.05, 0.95, (40_000, 2)).round(6)
    pd.DataFrame(draws, columns=list(MEANT)).to_csv(tmp_path / "big.csv", index=False)
    before = time.process_time()
    points = plan(tmp_path, {"name": "file", "path": str(tmp_path / "big.csv")}).points

    assert np.array_equal(points.to_numpy(), draws)
    assert time.process_time() - before < 8  # by comparing every row with every other it was minutes
