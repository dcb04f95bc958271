"""Without names: nothing that is written has a member's name, and no number moves."""

import pandas as pd
import pytest

import sim
from sim.cli.main import main
from sim.config.case import anonymised
from sim.core.errors import InputError
from sim.storage.results import read_table

NAMES = ("Zwaluwstaart Ltd", "Quokkaville", "Ocelotia BV", "Ocelotia")
CASE = f"""title: Ours
scenario: public_health
members:
  - {{name: {NAMES[0]}, sector: private, segment: east, leaves: 5}}
  - {{name: {NAMES[1]}, sector: public}}
  - {{name: {NAMES[2]}, sector: private, segment: west}}
  - {{name: {NAMES[3]}, sector: water board, joins: 2}}
sectors: {{water_board: {{like: public}}}}
now: 6
events:
  - {{month: 3, kind: leak, member: {NAMES[2]}}}
  - {{month: 4, kind: rumour, member: {NAMES[0]}}}
plans: [neutral, connecting]
"""
NUMBERED = {NAMES[1]: "Public 1", NAMES[0]: "Private 1", NAMES[2]: "Private 2", NAMES[3]: "Water board 1"}
FEW = ["months=8", "seed=3", "anonymise=true"]


@pytest.fixture
def case(tmp_path):
    (tmp_path / "case.yaml").write_text(CASE, "utf-8")
    return str(tmp_path / "case.yaml")


def names_in(folder):
    """List the names that any file of a folder has, tables and texts within pictures included."""
    texts = [file.read_bytes().decode("latin-1") for file in folder.rglob("*") if file.is_file()]
    texts += [read_table(file).to_csv() for file in folder.rglob("*.parquet")]
    texts += [str(file) for file in folder.rglob("*")]
    assert len(texts) > 10
    return {name for name in NAMES if any(name in text for text in texts)}


def test_members_are_numbered_by_sector_and_all_else_stays(case):
    named, without = sim.load_scenario(case), sim.load_scenario(case, anonymise=True)

    assert [m.name for m in without.members] == [NUMBERED[m.name] for m in named.members]
    assert [m.model_dump(exclude={"name"}) for m in without.members] == [
        m.model_dump(exclude={"name"}) for m in named.members
    ]
    assert without.events == named.events
    assert anonymised(without) == without


@pytest.mark.parametrize(("command", "more"), [
    ("run", ["policy=connecting"]), ("compare", ["replications=2", "region=0"]),
    ("trace", ["policies=[neutral,connecting]", "member=Private 2"]),
    ("dose", ["grant.budget", "levels=[0,4]", "replications=2"]),
])  # fmt: skip
def test_nothing_that_is_written_or_printed_has_a_name(case, tmp_path, capsys, command, more):
    where = [f"scenario={case}", f"folder={tmp_path}/out"]
    assert main([command, *where, *FEW, *more]) == 0
    if command == "compare":
        assert main(["report", f"{tmp_path}/out"]) == 0
    printed = capsys.readouterr().out

    assert names_in(tmp_path / "out") == set()
    assert not any(name in printed for name in NAMES)
    assert command == "dose" or "Private 2" in printed


def test_with_names_the_same_files_have_them(case, tmp_path):
    assert main(["run", f"scenario={case}", f"folder={tmp_path}/out", "months=8"]) == 0

    assert names_in(tmp_path / "out") == set(NAMES)


def test_a_roster_that_is_typed_into_the_command_stays_out_of_the_manifest(tmp_path):
    typed = f"scenario={{members: [{{name: {NAMES[0]}, sector: public}}, {{name: {NAMES[1]}, sector: public}}]}}"
    assert main(["run", typed, f"folder={tmp_path}/out", "months=2", "anonymise=true"]) == 0
    members = [{"name": NAMES[0], "sector": "public"}, {"name": NAMES[1], "sector": "public"}]
    sim.run({"members": members}, "neutral", months=2, folder=tmp_path / "called", anonymise=True)

    assert names_in(tmp_path / "out") == names_in(tmp_path / "called") == set()


def test_no_number_moves(case):
    few = {"seeds": 3, "months": 8, "region": 0, "progress": False}
    named, without = (sim.compare(case, anonymise=a, **few) for a in (False, True))

    pd.testing.assert_frame_equal(named.summary, without.summary)
    assert named.policies == without.policies == ["neutral", "connecting"]
    assert list(named.members_fates["name"].map(NUMBERED)) == list(without.members_fates["name"])
    assert named.key != without.key


def test_a_case_may_say_so_itself_for_every_command(case):
    text = CASE + "anonymise: true\n"
    with open(case, "w", encoding="utf-8") as file:
        file.write(text)

    assert [m.name for m in sim.load_scenario(case).members] == [
        m.name for m in sim.load_scenario(case, anonymise=True).members
    ]
    assert sim.load_scenario(case).events[0].member == 2


def test_a_title_that_names_a_member_is_warned_of(case):
    with pytest.warns(UserWarning, match="the title still names Quokkaville"):
        sim.load_scenario(case, "title='Quokkaville and others'", anonymise=True)


@pytest.mark.parametrize(("arguments", "message"), [
    (["report", "somewhere", "anonymise=true"], "compare again with anonymise=true"),
    (["run", "anonymise=perhaps"], "give true or false"),
])  # fmt: skip
def test_where_it_cannot_be_done_the_message_says_what_to_do(capsys, arguments, message):
    assert main(arguments) == 2

    assert message in capsys.readouterr().err


def test_a_case_takes_true_or_false():
    with pytest.raises(InputError, match="anonymise = 'very'"):
        sim.load_scenario({"members": {"public": 3}, "anonymise": "very"})


@pytest.mark.slow
def test_a_sweep_of_a_case_has_its_members_numbered_or_named(case, tmp_path):
    few = {"policies": ["neutral"], "replications": 2, "months": 6, "record": ["events"], "executor": "serial"}
    named = sim.sweep({"scenario": case, **few}, tmp_path / "named", progress=False)
    with open(case, "a", encoding="utf-8") as file:
        file.write("anonymise: true\n")
    without = sim.sweep({"scenario": case, **few}, tmp_path / "numbered", progress=False)

    assert set(named.tables["events"]["name"]) >= {NAMES[0], NAMES[3]}
    assert set(without.tables["events"]["name"]) <= {*NUMBERED.values(), ""}
    assert names_in(tmp_path / "numbered") == set()
    assert set(named.runs["run_id"]).isdisjoint(without.runs["run_id"])
