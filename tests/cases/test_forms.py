"""Real forms of member lists: each says the same of the same members, as exactly as it allows."""

import pandas as pd
import pytest

import sim
from sim.cli.main import main
from tests.cases.lists import FORMS, MEMBERS, joined_and_left, snapshots, spells, years_alone


def imported(form, folder, **options):
    files, own = form(folder)
    return sim.import_lists(files, **{"seeds": 0, **own, **options})


def test_there_are_at_least_ten_forms():
    assert len(FORMS) >= 10


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_form_gives_the_same_members_exits_and_sectors(form, tmp_path):
    if form.__name__ == "workbook":
        pytest.importorskip("openpyxl")
    result = imported(form, tmp_path)
    table = result.spells.set_index("member")

    assert sorted(table.index) == sorted(m[0] for m in MEMBERS)
    for name, sector, joined, left in MEMBERS:
        spell = table.loc[name]
        assert spell["sector"] == sector
        assert spell["left"] == (left is not None), name
        if left is not None:
            assert spell["last_seen"] <= str(left) <= spell["gone_by"], name
        assert spell["first_seen"] >= str(joined)[:4]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_the_roster_and_case_of_every_form_can_be_simulated(form, tmp_path):
    if form.__name__ == "workbook":
        pytest.importorskip("openpyxl")
    result = imported(form, tmp_path)
    folder = result.save(tmp_path / "out")
    scenario = sim.load_scenario(str(folder / "case.yaml"))
    roster = pd.read_csv(folder / "members.csv")

    assert len(scenario.members) == len(roster)
    assert scenario.size.partners >= 2
    assert sim.simulate(scenario, 1, months=3).summary.shape[0] == 1


def test_snapshots_bound_each_exit_by_two_lists(tmp_path):
    table = imported(snapshots, tmp_path).spells.set_index("member")

    assert tuple(table.loc["Member 2", ["last_seen", "gone_by"]]) == ("2020-01-01", "2021-01-01")
    assert table.loc["Member 7", "first_seen"] == "2021-01-01"
    assert table["founder"].sum() == 8


def test_a_year_alone_is_an_interval(tmp_path):
    table = imported(years_alone, tmp_path).spells.set_index("member")

    assert tuple(table.loc["Member 3", ["last_seen", "gone_by"]]) == ("2021-01-01", "2021-12-31")


def test_what_import_writes_can_be_imported_again(tmp_path):
    once = imported(joined_and_left, tmp_path)
    folder = once.save(tmp_path / "out")
    again = sim.import_lists(folder / "spells.csv", seeds=0)

    pd.testing.assert_frame_equal(again.spells, once.spells)


def test_the_columns_of_the_spells_are_those_of_the_reference(tmp_path):
    assert list(imported(spells, tmp_path).spells) == [
        "partnership", "member", "spell", "sector", "sector_from", "tier_first", "tier", "enduser", "joined", "first_seen",
        "last_seen", "gone_by", "left", "months_listed", "founder", "window_start", "window_end",
    ]  # fmt: skip


def test_the_command_writes_the_roster_the_case_and_the_report(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    joined_and_left(tmp_path)
    code = main(["import", "members.csv", "now=2022-01-01", "replications=3", "folder=out"])
    text = capsys.readouterr().out

    assert code == 0
    assert "12 members" in text
    assert "4 exits" in text
    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert names >= {"members.csv", "case.yaml", "spells.csv", "changes.csv", "quality.csv", "report.md", "leaving.png"}
    assert (tmp_path / "out" / "members.csv").read_text().startswith("name,sector,joins,leaves")
    assert main(["verify", "out"]) == 0


def test_a_list_without_a_column_of_partnerships_is_named_after_its_file_or_as_the_user_says(tmp_path):
    usual = imported(joined_and_left, tmp_path)
    named = imported(joined_and_left, tmp_path, partnership="Ours")

    assert set(usual.spells["partnership"]) == {"members"}
    assert set(named.spells["partnership"]) == {"Ours"}
    assert named.case["title"] == "Ours"


def test_tables_of_several_partnerships_can_be_imported_together(tmp_path):
    parts = []
    for name, day in (("Ours", "2022-01-01"), ("Theirs", "2022-06-01")):
        part = imported(joined_and_left, tmp_path, partnership=name, now=day)
        parts.append((part.spells, part.save(tmp_path / name) / "spells.csv"))
    both = sim.import_lists([file for _, file in parts], seeds=0).spells

    pd.testing.assert_frame_equal(both, pd.concat([table for table, _ in parts], ignore_index=True))
