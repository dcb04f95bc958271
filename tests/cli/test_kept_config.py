"""``config=FOLDER/config.yaml`` runs what a folder of results says, in every command that simulates."""

import shutil

import pytest

import sim
from sim.cli import search
from sim.cli.kept_config import with_config
from sim.cli.main import main
from sim.config.job import compose
from sim.config.yaml import dump_plain, load_plain
from sim.core.errors import InputError
from sim.storage.kept_config import read_config
from sim.studies.policy_search.identity import configuration
from sim.studies.policy_search.spec import check_search

POLICY = "def allocate(seen, budget, memory):\n    return seen.spend(intervene=0.3 * budget), memory\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(POLICY)
    return tmp_path


def files(folder):
    """Give the content of every table and configuration."""
    kinds = (".parquet", ".csv", ".yaml")
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.suffix in kinds}


COMMANDS = {
    "run": ["scenario.size.partners=7", "policy=mine.py", "seed=3", "months=4"],
    "compare": ["scenario=public_health", "policies=[neutral, {name: adaptive, pause: 3}, mine.py]", "replications=3", "months=5",
                "region=0", "seed=2"],
    "trace": ["policies=[adaptive, mine.py]", "seed=5", "months=6", "member=2"],
    "sweep": ["space.start.trust=[0.3, 0.6]", "policies=[neutral, mine.py]", "replications=2", "months=3", "executor=serial",
              "scenario.rules.leak.rate=0.2", "constraints=['start.trust < 0.5']"],
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_is_run_again_from_its_configuration(command, folder):
    assert main([command, *COMMANDS[command], "folder=one"]) == 0
    more = ["executor=serial"] if command == "sweep" else []
    assert main([command, "config=one/config.yaml", *more, "folder=other"]) == 0

    assert files(folder / "one") == files(folder / "other")
    if command == "sweep":
        assert sim.load("one").runs.equals(sim.load("other").runs)


@pytest.mark.parametrize("command", [pytest.param(c, marks=() if c == "run" else pytest.mark.slow) for c in COMMANDS])
def test_a_sector_of_the_scenario_is_kept_with_every_value(command, folder):
    case = folder / "case.yaml"
    case.write_text("sectors: {finance: {like: private, share: 0.2, wants: {academic: 0.5}}}\nsize.partners: 7\n")
    options = [o for o in COMMANDS[command] if not o.startswith("scenario=")]
    more = ["executor=serial"] if command == "sweep" else []
    assert main([command, *options, "scenario=case.yaml", "scenario.sectors.finance.share=0.3", "folder=one"]) == 0
    case.unlink()
    assert main([command, "config=one/config.yaml", *more, "folder=other"]) == 0

    assert files(folder / "one") == files(folder / "other")
    assert "academic: 0.5" in (folder / "other" / "config.yaml").read_text()


@pytest.mark.slow
def test_other_options_have_the_last_word(folder):
    assert main(["compare", *COMMANDS["compare"], "folder=one"]) == 0
    assert main(["compare", "config=one", "months=7", "scenario.start.trust=0.4", "folder=two"]) == 0
    one, two = (load_plain((folder / name / "config.yaml").read_text()) for name in ("one", "two"))

    assert (two["months"], two["scenario"]["start"]["trust"], two["policies"]) == (7, 0.4, one["policies"])
    assert main(["run", "config=one", "policy=neutral", "folder=three"]) == 0
    assert main(["sweep", "config=one", "space.start.trust=[0.3]", "executor=serial", "folder=four"]) == 0
    assert sim.load("four").config["scenarios"]["scenario"]["title"] == one["scenario"]["title"]
    assert main(["compare", "config=four", "months=2", "region=0", "folder=five"]) == 0


def test_a_design_of_ones_own_is_taken_from_the_folder(folder, capsys):
    (folder / "design.csv").write_text("start.trust;note\n0,3;low\n0,6;high\n")
    first = [
        "design=file",
        "design.path=design.csv",
        "policies=[neutral]",
        "replications=1",
        "months=2",
        "executor=serial",
    ]
    assert main(["sweep", *first, "folder=one"]) == 0
    (folder / "design.csv").unlink()
    assert main(["sweep", "config=one/config.yaml", "executor=serial", "folder=two"]) == 0

    assert sim.load("two").design.equals(sim.load("one").design)
    assert sim.sweep("one/config.yaml", "three", executor="serial", progress=False).runs.equals(sim.load("one").runs)


def test_a_policy_that_is_gone_is_taken_from_the_folder_and_another_is_refused(folder, capsys):
    assert main(["run", *COMMANDS["run"], "folder=one"]) == 0
    shutil.copy("mine.py", "kept.py")
    (folder / "mine.py").write_text(POLICY.replace("0.3", "0.4"))
    assert main(["run", "config=one/config.yaml", "folder=two"]) == 2
    assert (
        "mine.py has changed since these results were made (mine.py); the text that made them is"
        in capsys.readouterr().err
    )
    (folder / "mine.py").unlink()
    assert main(["run", "config=one/config.yaml", "folder=two"]) == 0

    assert files(folder / "one") == files(folder / "two")


STUDIES = {
    "calibrate": (
        {"calibration": {"experiment": "wide", "sample_size": 3}, "prior": {"design": {"name": "sobol", "n": 32}}},
        ['calibration={"experiment": "wide", "sample_size": 3}', 'design={"name": "sobol", "n": 32}'],
    ),
    "validate": ({"of": "prior", "replications": 7, "parameter_sets": 5}, ["of=prior", "region=5", "replications=7"]),
    "sensitivity": (
        {"sobol": {"design": {"n": 64}}, "morris": {"design": {"trajectories": 9}}},
        ["n=64", "trajectories=9"],
    ),
}


@pytest.mark.parametrize("command", STUDIES)
def test_long_studies_take_their_options_from_a_configuration(command, folder):
    data, expected = STUDIES[command]
    (folder / "config.yaml").write_text(dump_plain(data))

    assert with_config(command, ["config=config.yaml", "folder=x"]) == [*expected, "folder=x"]


def test_a_search_takes_its_options_from_a_configuration(folder):
    options = [
        "scenario=public_health",
        "policies=[{name: adaptive_tracking, pause: 0}]",
        "objectives=[retention_24]",
        "trials=4",
    ]
    few = ["replications=4", "test_replications=4", "region=2", "months=24", "space.inertia=[0.1, 0.5]"]

    def spec(arguments):
        values, scenario, _ = search.parse(arguments)
        return check_search(values, compose(scenario).scenario)

    first = spec([*options, *few])
    (folder / "config.yaml").write_text(dump_plain(configuration(first)))

    assert spec(with_config("search", ["config=config.yaml"])) == first


@pytest.mark.parametrize(("arguments", "words"), [
    (["run", "config=none/config.yaml"], "config=none/config.yaml: cannot be read: there is no such file"),
    (["run", "config=."], "config: has 2 policies; name one as policy=NAME"),
    (["validate", "config=."], "says nothing that partnership validate takes"),
    (["sweep", "config=.", "experiment=wide"], "experiment=wide and config=.: give one of them"),
])  # fmt: skip
def test_a_configuration_that_cannot_be_used_is_named(arguments, words, folder, capsys):
    (folder / "config.yaml").write_text("scenario: {start: {trust: 0.3}}\npolicies: [neutral, adaptive]\nmonths: 3\n")

    assert main(arguments) == 2
    assert words in capsys.readouterr().err


def test_a_policy_that_was_an_object_is_named(folder):
    sim.run("neutral", lambda seen, budget, memory: (seen.spend(intervene=budget), memory), months=2, folder="one")

    with pytest.raises(InputError, match=r"was a Python object; only files can be run again"):
        read_config("one")


def test_data_of_a_policy_that_changes_is_refused(folder, capsys):
    text = "import json, pathlib\nD = json.loads((pathlib.Path(__file__).parent / 'share.json').read_text())\n"
    text += "def allocate(seen, budget, memory):\n    return seen.spend(intervene=D['share'] * budget), memory\n"
    (folder / "share.json").write_text('{"share": 0.2}')
    (folder / "reads.py").write_text(text)
    first = [
        "sweep",
        "space.start.trust=[0.3]",
        "policies=[neutral, reads.py]",
        "replications=2",
        "months=2",
        "executor=serial",
    ]
    assert main([*first, "folder=one"]) == 2
    assert "reads.py reads share.json without declaring it" in capsys.readouterr().err
    (folder / "reads.py").write_text("DATA = ('share.json',)\n" + text)
    assert main([*first, "folder=one"]) == 0
    (folder / "share.json").write_text('{"share": 0.5}')

    assert main(["extend", "folder=one", "replications=4", "executor=serial"]) == 2
    assert "reads.py has changed since these runs were made (share.json)" in capsys.readouterr().err
