"""Lists that cannot be read: one clear line each, and no traceback."""

import pytest

import sim
from sim.cli.main import main
from sim.core.errors import InputError
from tests.cases.lists import write

BAD = {
    "empty.csv": (b"", "is empty"),
    "spaces.csv": (b"  \n\n", "is empty"),
    "no_name.csv": (b"a,b\n1,2\n", "no column is known to have the names of members; its columns are a, b"),
    "header.csv": (b"name,joined\n", "gives no spell"),
    "no_date.csv": (b"name,sector\nMember 1,SME\n", "gives no spell of any member; no date"),
    "quotes.csv": (b'name,joined\n"Member 1,2019-01-01\n', "is not CSV"),
    "ragged.csv": (b"name,joined\nMember 1,2019-01-01,x\n", "more cells than the header has columns"),
    "control.csv": (b"name,joined\nMember\x001,2019\n", "control character"),
    "old.xls": (b"\xd0\xcf\x11\xe0abc", "spreadsheet (.xls)"),
    "table.parquet": (b"PAR1abc", "Parquet"),
    "broken.xlsx": (b"PK\x03\x04abc", "cannot be read as a workbook"),
    "alias.yaml": (b"a: &x [1]\nb: *x\n", "has an alias"),
    "bad.yaml": (b"a: [1\n", "cannot be read"),
    "scalar.yaml": (b"3\n", "lists nothing with a name"),
    "bad.json": (b"{", "cannot be read"),
    "deep.json": (b"[" * 100_000, "nested too deeply"),
    "latin.yaml": (b"name: M\xe9mber\n", "UTF-8"),
    "future.csv": (b"name,joined\nMember 1,2050-01-01\n", ""),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_list_is_refused_in_one_line_that_names_it(name, tmp_path, capsys):
    if name.endswith(".xlsx"):
        pytest.importorskip("openpyxl")
    content, words = BAD[name]
    (tmp_path / name).write_bytes(content)
    code = main(
        [
            "import",
            str(tmp_path / name),
            "replications=0",
            f"folder={tmp_path / 'out'}",
            *(["now=2022-01-01"] if not words else []),
        ]
    )
    lines = capsys.readouterr().err.splitlines()

    assert code == 2
    assert len(lines) == 1, lines
    assert words in lines[0]
    assert name in lines[0]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("options", "words"), [
    (["nobody.csv"], "there is no such file"),
    ([], "name at least one list"),
    (["members.csv", "colour=red"], "there is no such option"),
    (["members.csv", "dates=[2020-01-01,2021-01-01]"], "dates: 2 for 1 lists"),
    (["members.csv", "dates=yesterday"], "is not a date"),
    (["members.csv", "columns={age: joined}"], "is not something a column can hold"),
    (["members.csv", "columns=joined"], "columns: give what columns hold"),
    (["members.csv", "map=nothing.csv"], "cannot be read"),
    (["members.csv", "map=members.csv"], "needs the columns code,sector"),
    (["members.csv", "map=wrong.csv"], "'secret' is not a sector; give public, private, academic, nonprofit"),
    (["members.csv", "bulk=maybe"], "give clean-up or exits"),
    (["members.csv", "anonymise=perhaps"], "give true or false"),
    (["members.csv", "replications=many"], "give a whole number from 0"),
    (["members.csv", "columns={partnership: sector}", "partnership=other"], "is not in the list"),
    (["members.csv", "scenario=nowhere"], "there is no such scenario"),
    (["members.csv", "members_2020-01-01.csv"], "has no date in its name, and others have"),
])  # fmt: skip
def test_an_option_that_cannot_be_used_is_refused_in_one_line(options, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("members.csv", "members_2020-01-01.csv"):
        write(tmp_path, name, [("name", "sector", "joined"), ("Member 1", "SME", "2019-01-01")])
    write(tmp_path, "wrong.csv", [("code", "sector"), ("SME", "secret")])
    code = main(["import", *options])
    lines = capsys.readouterr().err.splitlines()

    assert code == 2
    assert len(lines) == 1, lines
    assert words in lines[0]


def test_a_folder_of_something_else_is_refused_before_anything_is_done(tmp_path):
    file = write(tmp_path, "members.csv", [("name", "joined"), ("Member 1", "2019-01-01"), ("Member 2", "2019-02-01")])
    sim.import_lists(file, now="2022-01-01", seeds=0).save(tmp_path / "out")

    with pytest.raises(InputError, match="another configuration"):
        sim.import_lists(file, now="2021-01-01", seeds=0, folder=tmp_path / "out")


def test_every_row_is_in_the_spells_or_in_the_changes(tmp_path):
    rows = [("Member 1", "2019-01-01", ""), ("", "2019-01-01", ""), ("Member 2", "2030-01-01", ""), ("Member 3", "2019-05-01", "2018-01-01"),
            ("Member 4", "x", "y"), ("Member 1", "2019-02-01", "")]  # fmt: skip
    file = write(tmp_path, "members.csv", [("name", "joined", "left"), *rows])
    result = sim.import_lists(file, now="2022-01-01", seeds=0)

    assert sorted(result.spells["member"]) == ["Member 1", "Member 4"]
    actions = result.changes[["action", "member", "place"]].to_numpy().tolist()
    assert ["dropped", "", "members.csv, line 3"] in actions
    assert ["dropped", "Member 2", "members.csv, line 4"] in actions
    assert ["dropped", "Member 3", "members.csv, line 5"] in actions
    assert [a for a, _, place in actions if place == "members.csv, line 6"] == ["date not read"] * 2
    assert "merged" in [a for a, _, _ in actions]
