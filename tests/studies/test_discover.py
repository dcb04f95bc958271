"""``sim.discover`` and its command: what it writes, says and refuses."""

import matplotlib.image
import pandas as pd
import pytest

import sim
from sim.analysis.regimes import regimes
from sim.analysis.scenario_discovery import (
    dimensions,
    outcome_of_runs,
)
from sim.cli.main import main
from sim.core.errors import InputError


@pytest.fixture(autouse=True, scope="module")
def _no_invariants():
    from sim.engine import batch

    before, batch.CHECK_INVARIANTS = batch.CHECK_INVARIANTS, False
    yield
    batch.CHECK_INVARIANTS = before


TINY = ["replications=2", "months=6", "scenario.size.partners=6", "executor=serial"]


SOBOL = ["space.start.trust={low: 0.3, high: 0.9}", "space.rules.capture.scale={low: 0, high: 20}",
         "policies=[neutral,safeguarding]", "design=sobol", "design.n=64", *TINY]  # fmt: skip


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("discover") / "s"
    assert main(["sweep", *SOBOL, f"folder={folder}"]) == 0
    return folder


def test_discover_says_where_it_fails_and_writes_tables_and_a_map(swept, capsys, drawn):
    assert main(["discover", f"folder={swept}", "outcome=private_value", "below=1"]) == 0
    out = capsys.readouterr().out
    (place,) = (swept / "discover").glob("private_value-*")
    result = pd.read_csv(place / "boxes.csv")

    assert "neutral: private_value below 1" in out
    assert "fails mostly when capture scale < " in out
    assert "Best policy by mean private_value (more is better) in 4 cells of rules.capture.scale and start.trust" in out
    assert set(result["fails"]) == {"private_value below 1"}
    assert {"policy", "parameter", "limit", "coverage", "density", "mass", "quasi_p", "density_searched"} <= set(result)
    assert {"map.png", "map.svg", "config.yaml", "manifest.json"} <= {p.name for p in place.iterdir()}
    picture = place / "map.png"
    assert matplotlib.image.imread(picture).std() > 0.01
    assert b"partnership discover outcome=private_value below=1" in picture.read_bytes()
    assert "best" in pd.read_csv(place / "regimes.csv")


@pytest.mark.slow
def test_discover_repeats_to_the_last_byte(swept, drawn):
    request = ["discover", f"folder={swept}", "outcome=private_value", "below=2", "each=run", "policy=neutral"]
    contents = []
    for _ in range(2):
        assert main(request) == 0
        (place,) = (p.parent for p in (swept / "discover").glob("*/config.yaml") if "each: run" in p.read_text())
        contents.append({p.name: p.read_bytes() for p in sorted(place.iterdir())})

    assert contents[0] == contents[1]
    assert set(pd.read_csv(place / "boxes.csv")["policy"]) == {"neutral"}


def test_a_sweep_over_policies_is_paired_by_everything_else(tmp_path):
    sweep = sim.sweep(
        {"space": {"policy": ["neutral", "placebo"], "start.trust": [0.3, 0.9], "start.need": [40, 80]},
         "replications": 2, "months": 2, "changes": {"size.partners": 6}}, tmp_path / "s", executor="serial", progress=False,
    )  # fmt: skip
    table = regimes(sweep, "start.trust", "start.need", "retention", "more")

    assert dimensions(sweep) == ["start.trust", "start.need"]
    assert outcome_of_runs(sweep, "retention")["point"].nunique() == 4
    assert set(table["policies"]) == {2}
    assert set(table["verdict"]) == {"undecided: tie"}


@pytest.mark.parametrize(("arguments", "words"), [
    (["outcome=retentoin"], "did you mean retention"),
    (["outcome=retention_60", "below=0.5"], "retention_60 is known in no run (6 months"),
    (["below=high"], "below=high: give a number"),
    (["below=nan"], "below=nan: give a number"),
    (["below=0.5", "above=0.5"], "give one of the two"),
    (["outcome=retention", "policy=netral"], "did you mean neutral"),
    (["outcome=retention", "x=start.trust"], "give both, or neither"),
    (["outcome=retention", "x=start.trst", "y=rules.leak.rate"], "did you mean start.trust"),
    (["outcome=exits_satisfied"], "give better=more or better=less"),
    (["outcome=retention", "better=high"], "better=high: give more or less, for what is better of retention"),
    (["each=month"], "give point or run"),
    (["seed=-1"], "seed=-1: give a whole number"),
    (["outcom=retention"], "discover takes folder=, outcome="),
], ids=lambda v: " ".join(v)[:60] if isinstance(v, list) else "")  # fmt: skip
def test_bad_input_is_one_line(arguments, words, swept, monkeypatch, capsys):
    monkeypatch.setattr("sim.cli.sweep.folder_and", lambda rest, command: (swept, rest, None))  # it takes a while
    assert main(["discover", *arguments]) == 2

    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize(("arguments", "words"), [([], "needs a folder"), (["folder=nowhere"], "holds no sweep")])
def test_discover_needs_a_folder_with_a_sweep(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["discover", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_few_points_are_reported_after_the_map_is_made(tmp_path, capsys):
    space = ["space.start.trust=[0.3,0.9]", "space.rules.leak.rate=[0,0.5]"]
    assert main(["sweep", *space, *TINY, f"folder={tmp_path / 's'}"]) == 0
    assert main(["discover", f"folder={tmp_path / 's'}", "outcome=retention", "below=0.5"]) == 2

    assert "4 points with a known outcome are too few" in capsys.readouterr().err
    assert len(list((tmp_path / "s" / "discover").glob("retention-*/map.png"))) == 1


def test_one_dimension_has_no_map(tmp_path, capsys):
    assert main(["sweep", "space.start.trust=[0.3,0.9]", *TINY, f"folder={tmp_path / 's'}"]) == 0
    assert main(["discover", f"folder={tmp_path / 's'}", "outcome=retention"]) == 2
    assert "a map needs two policies and two things that vary" in capsys.readouterr().err


def test_a_sweep_a_folder_and_a_table_give_the_same_boxes_and_map(swept):
    table = sim.load(swept).runs
    request = {"outcome": "private_value", "below": 1.0}
    by_folder, by_sweep, by_table = (sim.discover(runs, **request) for runs in (swept, sim.load(swept), table))

    pd.testing.assert_frame_equal(by_folder.boxes, by_sweep.boxes)
    assert by_folder.key == by_sweep.key
    assert by_table.boxes["limit"].tolist() == by_folder.boxes["limit"].tolist()
    assert by_table.regimes["best"].tolist() == by_folder.regimes["best"].tolist()
    assert by_folder.figures == ["map"]


def test_a_table_without_the_outcome_is_refused():
    with pytest.raises(InputError, match="has no column 'retention'"):
        sim.discover(pd.DataFrame({"policy": ["neutral"], "seed": [0]}), "retention")
