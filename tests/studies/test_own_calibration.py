"""Calibration on your own numbers, and a region of your own in comparisons and forecasts."""

import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.cli.main import main
from sim.core.errors import InputError
from sim.studies.policy_search.spec import check_search
from sim.studies.validation.calibration import calibrate, prior_of, weigh
from sim.studies.validation.calibration_spec import CalibrationSpec, read_calibration
from sim.studies.validation.list_spec import is_list_calibration, read_list_calibration
from sim.studies.validation.lists import SPELLS, facts_of, read_lists, roster_of
from sim.studies.validation.own_lists import read_own_lists
from sim.studies.validation.region import equally_likely, read_region, region_digest, varied

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*count by weight, too few to say"),
    pytest.mark.usefixtures("short_chains", "unchecked_here"),
]

CASE = """
title: Ours
scenario: neutral
now: 20
members:
  - { name: Member 1, sector: private, leaves: 6 }
  - { name: Member 2, sector: private }
  - { name: Member 3, sector: private, leaves: 14 }
  - { name: Member 4, sector: public }
  - { name: Member 5, sector: academic }
  - { name: Member 6, sector: nonprofit, joins: 5 }
"""

NUMBERS = """
scenario: my_case.yaml
replications: 10
sample_size: 8
targets:
  retention: { curve: { 6: 0.9, 12: 0.8 }, allowed: 0.05 }
  private: { outcome: retention_12_of_private, value: 0.7, allowed: 0.1 }
  retention_12_of_public: 0.9 +- 0.1
"""

TINY = {"design": {"n": 16}, "replications": 4, "executor": "serial", "progress": False}


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ours")
    (folder / "my_case.yaml").write_text(CASE)
    (folder / "my_numbers.yaml").write_text(NUMBERS)
    result = calibrate(str(folder / "my_numbers.yaml"), folder=folder / "region", **TINY)
    result.save()
    return result, folder


def test_a_curve_is_a_number_for_each_month_and_text_says_value_and_error():
    spec = CalibrationSpec.model_validate(
        {
            "targets": {
                "retention_of_public": {"curve": {24: 0.8, 12: 0.9}, "allowed": 0.05},
                "exit_rate": "0.01 +- 0.002",
            }
        }
    )

    assert {n: (t.outcome, t.value, t.allowed) for n, t in spec.numbers.items()} == {
        "retention_of_public_12": ("retention_12_of_public", 0.9, 0.05),
        "retention_of_public_24": ("retention_24_of_public", 0.8, 0.05),
        "exit_rate": ("exit_rate", 0.01, 0.002),
    }
    assert spec.facts["retention_of_public_24"] == ("retention_of_public", 24)
    assert CalibrationSpec.model_validate(json.loads(json.dumps(spec.model_dump(mode="json")))) == spec


@pytest.mark.parametrize(("target", "words"), [
    ({"retention": 0.7}, "say how far the model may lie off, for example 0.72"),
    ({"retention": "many"}, "say how far the model may lie off"),
    ({"retention": "much +- more"}, "give a number"),
    ({"retention": {"value": 0.7}}, "allowed, above 0"),
    ({"retention": {"value": 0.7, "allowed": -1}}, "allowed, above 0"),
    ({"retention": {"value": 0.7, "allowed": 0.1, "low": 0.3}}, "give one of value"),
    ({"retention": {}}, "give one of value"),
    ({"retention": {"low": 0.3}}, "low must be below high"),
    ({"retention": {"curve": {0: 0.3}, "allowed": 0.1}}, "months run from 1"),
    ({"exit_rate": {"curve": {12: 0.3}, "allowed": 0.1}}, "a curve is of retention"),
    ({"retention_36_of_": "0.7 +- 0.1"}, "there is no outcome 'retention_36_of_'"),
    ({"kept": "0.7 +- 0.1"}, "there is no outcome 'kept'"),
    ({"weight": "0.7 +- 0.1"}, "cannot name a fact"),
    ({"a": {"outcome": "retention", "at_least": 0.5, "value": 0.3, "allowed": 0.1}}, "say of how many"),
    ({"r_12": {"outcome": "retention", "value": 0.3, "allowed": 0.1},
      "r": {"outcome": "retention", "curve": {12: 0.3}, "allowed": 0.1}}, "two facts have the same name"),
], ids=str)  # fmt: skip
def test_a_target_that_cannot_be_used_is_named(target, words):
    with pytest.raises(InputError, match=words) as error:
        read_calibration({"targets": target})

    assert "Traceback" not in str(error.value)


def test_weights_fall_with_the_distance_from_what_is_known_by_hand():
    """With two numbers of one curve 2 and 0 deviations off, the mean square is 2; beside it a fact 1 off: 3 in all."""
    spec = CalibrationSpec.model_validate(
        {"targets": {"retention": {"curve": {12: 0.9, 24: 0.8}, "allowed": 0.04}, "exit_rate": "0.5 +- 0.3"}}
    )
    points = pd.DataFrame({
        "retention_12": [0.9, 0.8], "retention_24": [0.8, 0.8], "exit_rate": [0.5, 0.0],
        **{f"{n}_spread": 0.0 for n in spec.numbers}, **{f"{n}_error": 0.03 for n in spec.numbers},
        "exit_rate_spread": 0.4, "exit_rate_error": 0.0,
    })  # fmt: skip
    weight, misfit = weigh(points, spec)

    assert misfit.tolist() == pytest.approx([0.0, 3.0])
    assert weight.tolist() == pytest.approx([1 / (1 + np.exp(-1.5)), 1 / (1 + np.exp(1.5))])


def test_a_wider_spread_of_runs_counts_against_a_set_that_fits():
    spec = CalibrationSpec.model_validate({"targets": {"retention": "0.5 +- 0.1"}})
    points = pd.DataFrame({"retention": [0.5, 0.5], "retention_spread": [0.0, 0.3], "retention_error": [0.0, 0.0]})

    assert weigh(points, spec)[0].tolist() == pytest.approx([np.sqrt(10) / (1 + np.sqrt(10)), 1 / (1 + np.sqrt(10))])


def test_the_prior_of_a_case_leaves_exits_to_the_model_and_out_what_the_case_sets(ours):
    _, folder = ours
    (folder / "set.yaml").write_text(CASE + "start: { goodwill: 3 }\n")
    prior, scenario = prior_of(
        read_calibration({"scenario": str(folder / "set.yaml"), "targets": {"retention_84": "1 +- .1"}})
    )

    assert [m.leaves for m in scenario.members] == [None] * 6
    assert [m.joins for m in scenario.members] == [0, 0, 0, 0, 0, 5]
    assert scenario.now == 0
    assert "start.goodwill" not in prior["space"]
    assert "start.optimism" in prior["space"]
    assert prior["months"] == 84
    chosen = {"scenario": str(folder / "set.yaml"), "targets": {"retention": "1 +- .1"}}
    with pytest.raises(InputError, match=r"space: start.goodwill is set by the scenario"):
        prior_of(read_calibration({**chosen, "space": {"start.goodwill": {"low": 1, "high": 9}}}))


def test_a_region_of_your_own_has_weights_and_is_set_beside_what_is_known(ours):
    result, folder = ours
    region, prediction = result.region, result.prediction

    assert region["weight"].sum() == pytest.approx(1.0)
    assert 0 < len(region) <= 16
    assert len(result.sample) == 8
    assert prediction[["fact", "at"]].to_numpy().tolist() == [
        ["retention", 6], ["retention", 12], ["private", 0], ["retention_12_of_public", 0],
    ]  # fmt: skip
    assert prediction["real"].tolist() == [0.9, 0.8, 0.7, 0.9]
    assert (prediction["inside"] == prediction["real"].between(prediction["q05"], prediction["q95"])).all()
    assert {"region.png", "prediction.png", "prediction.csv"} <= {f.name for f in (folder / "region").iterdir()}
    assert "0.9 +- 0.05" in result.text()


def test_the_example_that_ships_can_be_read():
    spec = read_calibration(str(Path(sim.__file__).parent.parent / "docs" / "examples" / "alliance_numbers.yaml"))
    prior, scenario = prior_of(spec)

    assert prior["policies"] == ["connecting"]
    assert spec.check_outcomes(scenario) == [
        "retention_12", "retention_36", "retention_36_of_supplier", "retention_36_of_private",
    ]  # fmt: skip


@pytest.mark.slow
def test_what_a_folder_says_is_calibrated_again(ours, tmp_path, monkeypatch, capsys):
    _, folder = ours
    monkeypatch.chdir(tmp_path)
    options = [f"config={folder / 'region' / 'config.yaml'}", "design.n=2", "executor=serial", "folder=again"]
    code, err = main(["calibrate", *options]), capsys.readouterr().err

    assert code == 0 or "no parameter set agrees with all targets" in err
    assert len(sim.load("again/wide").design) == 2


def test_a_group_without_members_is_said(tmp_path):
    (tmp_path / "case.yaml").write_text("scenario: neutral\nmembers: { private: 5, public: 1 }\n")
    numbers = {"scenario": str(tmp_path / "case.yaml"), "targets": {"retention_12_of_academic": "0.5 +- 0.1"}}

    with pytest.raises(InputError, match="retention_12_of_academic is defined in no run; is anybody in its group"):
        calibrate(numbers, folder=tmp_path / "c", **{**TINY, "design": {"n": 2}})


def write_region(folder, **columns):
    pd.DataFrame(columns).to_csv(folder / "mine.csv", index=False)
    return str(folder / "mine.csv")


def test_sets_are_drawn_by_weight_at_even_steps():
    sets = pd.DataFrame({"a": [1.0, 2.0, 3.0], "weight": [0.5, 0.25, 0.25]})

    assert equally_likely(sets, 4)["a"].tolist() == [1.0, 1.0, 2.0, 3.0]
    assert equally_likely(sets.assign(weight=1.0), 64)["a"].tolist() == [1.0, 2.0, 3.0]


def test_a_csv_of_your_own_is_a_region(tmp_path):
    file = write_region(tmp_path, **{"start.trust": [0.2, 0.4], "weight": [3, 1], "misfit": [1, 2], "note": ["a", "b"]})

    assert read_region(file, 4).to_dict("list") == {"start.trust": [0.2, 0.2, 0.2, 0.4]}
    assert len(read_region(file)) == 256
    assert varied(sim.Scenario().replace(**{"start.trust": 0.9}), 4, file).columns.tolist() == []


def test_a_region_of_few_sets_is_warned_of(tmp_path):
    few = write_region(tmp_path, **{"start.trust": [0.2] * 30, "weight": [1.0] + [1e-6] * 29})
    with pytest.warns(UserWarning, match="only some 1 of its parameter sets count by weight"):
        read_region(few)

    many = write_region(tmp_path, **{"start.trust": [0.2] * 30})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_region(many)


@pytest.mark.parametrize(("columns", "words"), [
    ({"start.trusst": [0.2]}, "there is no parameter 'start.trusst'; did you mean start.trust"),
    ({"start.trust": [7]}, "start.trust"),
    ({"start.trust": ["high"]}, "start.trust needs numbers"),
    ({"start.trust": [0.2], "weight": [-1]}, "weight takes numbers from 0"),
    ({"start.trust": [0.2], "weight": [0]}, "not all of them 0"),
    ({"trust": [0.2]}, "has no parameters; give region.csv of partnership calibrate"),
], ids=str)  # fmt: skip
def test_a_region_that_cannot_be_used_is_one_line(columns, words, tmp_path):
    with pytest.raises(InputError, match=words) as error:
        read_region(write_region(tmp_path, **columns))

    assert str(error.value).startswith("region_from=")
    assert "\n" not in str(error.value)


def test_a_damaged_region_is_noticed(ours, tmp_path):
    folder = tmp_path / "region"
    shutil.copytree(ours[1] / "region", folder, ignore=shutil.ignore_patterns("wide", "closer"))
    text = (folder / "region.csv").read_text()
    (folder / "region.csv").write_text(text.replace("0.1", "0.2"))

    with pytest.raises(InputError, match=r"region\.csv"):
        read_region(folder)
    with pytest.raises(InputError, match="has no region"):
        read_region(tmp_path)
    with pytest.raises(InputError, match="there is no such file"):
        read_region(tmp_path / "none.csv")


@pytest.mark.slow
def test_a_comparison_over_a_region_of_your_own_is_named_by_it(ours, tmp_path, monkeypatch, capsys):
    _, folder = ours
    monkeypatch.chdir(tmp_path)
    options = [f"scenario={folder / 'my_case.yaml'}", "policies=[neutral,adaptive]", "months=24", "replications=4"]
    assert main(["compare", *options, "region=3", f"region_from={folder / 'region'}", "folder=a"]) == 0
    assert f"over 3 plausible parameter sets from {folder / 'region'}" in capsys.readouterr().out
    assert main(["compare", *options, "region=3", "folder=b"]) == 0
    assert main(["compare", "config=a/config.yaml", "folder=c"]) == 0
    key = {name: json.loads((tmp_path / name / "manifest.json").read_text())["key"] for name in "abc"}

    shutil.move(folder / "region", folder / "elsewhere")
    again = sim.reproduce("a", "d")
    shutil.move(folder / "elsewhere", folder / "region")

    assert again.holds
    assert key["a"] != key["b"]
    assert key["a"] == key["c"]
    assert region_digest(folder / "region") in (tmp_path / "a" / "config.yaml").read_text()
    assert (tmp_path / "a" / "region.csv").read_bytes() == (tmp_path / "c" / "region.csv").read_bytes()
    assert (tmp_path / "a" / "region.csv").read_bytes() != (tmp_path / "b" / "region.csv").read_bytes()


@pytest.mark.parametrize("arguments", [
    ["compare", "region_from=nowhere", "replications=2"],
    ["compare", "region_from=nowhere", "region=0", "replications=2"],
    ["forecast", "case.yaml", "region_from=nowhere"],
    ["search", "region_from=nowhere"],
    ["validate", "region_from=nowhere"],
    ["validate", "region_from=nowhere", "of=prior"],
    ["run", "region_from=nowhere"],
], ids=str)  # fmt: skip
def test_a_region_that_is_not_there_is_said_before_any_run(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "case.yaml").write_text(CASE)

    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert "region_from=nowhere" in err
    assert len(err.splitlines()) == 1


def test_a_search_a_forecast_and_a_validation_take_a_region_of_your_own(tmp_path):
    from sim.studies.forecasting.study import _prior_sets
    from sim.studies.policy_search.identity import configuration
    from sim.studies.validation.validate import _parameter_sets

    file = write_region(tmp_path, **{"start.trust": [0.2, 0.4], "weight": [3, 1]})
    one, other = (configuration(check_search({"region": 4, **more})) for more in ({"region_from": file}, {}))

    assert _prior_sets(sim.Scenario(), file)["start.trust"].value_counts().to_dict() == {0.2: 192, 0.4: 64}
    assert _parameter_sets("region", 4, file)[0]["start.trust"].tolist() == [0.2, 0.2, 0.2, 0.4]
    assert one["region_digest"] == one["plausible_region"] == region_digest(file)
    assert "region_from" not in other
    assert one["plausible_region"] != other["plausible_region"]


@pytest.mark.slow
def test_the_region_finds_what_numbers_were_made_of(tmp_path):
    """Numbers of a partnership in which much is lost to other reasons leave a region in which much is."""
    case = {"scenario": "neutral", "members": {"private": 20, "public": 20}}
    (tmp_path / "case.yaml").write_text(json.dumps(case))
    truth = sim.Scenario().replace(**{"rules.membership.other_rate": 0.02, "size.partners": 40})
    runs = sim.simulate(truth, 200, record=(), months=24).summary
    numbers = {
        "scenario": str(tmp_path / "case.yaml"), "replications": 20,
        "space": {"rules.membership.other_rate": {"low": 0.0005, "high": 0.05, "scale": "log"}},
        "targets": {"retention_24": {"value": float(runs["retention_24"].mean()), "allowed": 0.02, "partnerships": 200}},
    }  # fmt: skip
    result = calibrate(numbers, folder=tmp_path / "c", **{**TINY, "design": {"n": 128}})
    row = result.ranges.set_index("name").loc["rules.membership.other_rate"]

    assert row["q05"] < 0.02 < row["q95"]
    assert row["q95"] - row["q05"] < 0.02
    assert result.prediction["inside"].all()


# Lists of a user's own

HEAD = "list,sector,founder,joins,leaves,months,calendar_month\n"
MONTHS = HEAD + "".join(
    f"ours,{'public' if k % 4 == 0 else 'private'},{int(k < 12)},{0 if k < 12 else k},{k + 6 if k % 3 == 0 else ''},36,1\n"
    for k in range(1, 24)
)
DATES = (
    "partnership,member,sector,joined,first_seen,gone_by,founder,window_start,window_end\n"
    "ours,Member 1,private,,2022-01-01,2022-07-01,True,2022-01-01,2025-01-01\n"
    "ours,Member 2,public,,2022-01-01,,True,2022-01-01,2025-01-01\n"
    "ours,Member 3,private,2023-02-01,2023-02-01,,False,2022-01-01,2025-01-01\n"
)
ON_LISTS = {"points": 64, "waves": 1, "points_per_wave": 32, "final": 8, "replications": 2, "sample_size": 4}
FEW_FREE = {
    "space": {
        "rules.membership.other_rate": {"low": 0.0005, "high": 0.05, "scale": "log"},
        "start.goodwill": {"low": 0.4, "high": 16, "scale": "log"},
    },
    "unseen": {"rules.leak.rate": {"low": 0.0, "high": 0.4}},
}


def test_spells_of_your_own_are_read_in_months_and_in_dates(tmp_path):
    (tmp_path / "months.csv").write_text(MONTHS)
    (tmp_path / "dates.csv").write_text(DATES)
    months, dates = (read_own_lists(tmp_path / f"{name}.csv")["ours"] for name in ("months", "dates"))

    assert (months.size, months.months, months.calendar_month) == (11, 36, 1)
    assert months.facts().all_exits.sum() == 7
    assert (dates.size, dates.months, dates.calendar_month) == (2, 36, 1)
    assert dates.joins.tolist() == [0, 0, 13]
    assert dates.leaves.tolist() == [6, np.inf, np.inf]


def test_what_import_writes_of_one_list_can_be_calibrated_on(tmp_path):
    examples = Path(sim.__file__).parent.parent / "docs" / "examples"
    sim.import_lists(examples / "members.csv", examples / "sectors.csv", "2025-01-01", seeds=1).save(tmp_path / "m")
    spec = read_list_calibration({"spells": str(tmp_path / "m" / "spells.csv")})

    assert spec.lists == ("members",)
    assert {"hazard", "level", "founders"} <= set(spec.facts)


def test_spells_in_months_read_as_the_shipped_ones_do(tmp_path):
    shipped = pd.read_csv(SPELLS).query("list == 'lfph'")
    shipped.to_csv(tmp_path / "own.csv", index=False)
    own, real = read_own_lists(tmp_path / "own.csv")["lfph"], read_lists()["lfph"]

    for name in ("sector", "founder", "joins", "leaves", "months", "calendar_month"):
        np.testing.assert_array_equal(getattr(own, name), getattr(real, name))


def test_a_partnership_that_its_list_founded_begins_with_it(tmp_path):
    (tmp_path / "months.csv").write_text(MONTHS)
    later, first = (read_own_lists(tmp_path / "months.csv", founding)["ours"] for founding in (False, True))
    roster, before = roster_of(first)

    assert before == 0
    assert (roster.joins == 0).sum() == first.size == 11
    assert roster.joins.max() == 23
    assert roster_of(later)[1] == 24


@pytest.mark.parametrize(("text", "words"), [
    ("a,b\n1,2\n", "has no column 'sector'; give spells.csv of partnership import"),
    (HEAD + "ours,privat,1,0,,36,1\n", "line 2: sector = privat; did you mean private"),
    (HEAD + "ours,private,2,0,,36,1\n", "line 2: founder = 2; give 1"),
    (HEAD + "ours,private,0,,9,36,1\n", "line 2: joins = None; give a number from 0 to 37"),
    (HEAD + "ours,private,0,9,9,36,1\n", "leaves = 9 is not after joins = 9"),
    (HEAD + "ours,private,0,9,90,36,1\n", "leaves = 90; give a number from 0 to 37"),
    (HEAD + "ours,private,1,0,4,36,13\n", "calendar_month = 13; give a number from 1 to 12"),
    (HEAD + "ours,private,1,0,4,36,1\nours,private,1,0,4,35,1\n", "has several values of months"),
    (HEAD + "ours,private,1,0,1,4,1\nours,private,1,0,,4,1\n", "was followed for 4 months; 6 are needed"),
    (HEAD + "ours,private,1,0,1,36,1\n", "has 1 members on its first snapshot"),
    (HEAD + "ours,private,1,0,,36,1\nours,private,1,0,,36,1\n", "nobody left ours"),
    (DATES.replace("2022-07-01", "July"), "line 2: gone_by 'July' is not a date"),
], ids=str)  # fmt: skip
def test_spells_that_cannot_be_used_are_one_line(text, words, tmp_path):
    (tmp_path / "own.csv").write_text(text)
    with pytest.raises(InputError, match=words) as error:
        calibrate(spells=str(tmp_path / "own.csv"))

    assert "\n" not in str(error.value)


def test_one_list_of_your_own_gives_the_facts_that_it_tells(tmp_path):
    (tmp_path / "own.csv").write_text(MONTHS)
    (tmp_path / "mine.yaml").write_text("spells: own.csv\nfounding: true\n")
    spec = read_list_calibration(str(tmp_path / "mine.yaml"))

    assert is_list_calibration(str(tmp_path / "mine.yaml"))
    assert spec.lists == ("ours",)
    assert set(spec.facts) == {"hazard", "survival_private", "level", "founders", "clustering"}
    assert spec.space == read_list_calibration("lists").space
    assert not spec.partnerships
    assert facts_of({"ours": spec.member_lists["ours"].facts()})["founders"].shape == (4, 1)  # 36 of 60 months
    with pytest.raises(InputError, match="no list 'theirs'"):
        read_list_calibration({"spells": str(tmp_path / "own.csv"), "lists": ["theirs"]})


def test_a_region_comes_of_one_list_of_your_own(tmp_path, monkeypatch, capsys):
    pytest.importorskip("emcee")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.csv").write_text(MONTHS)
    (tmp_path / "mine.yaml").write_text(json.dumps({"spells": "own.csv", **ON_LISTS, **FEW_FREE}))
    assert main(["calibrate", "calibration=mine.yaml", "executor=serial", "folder=region"]) == 0
    text = capsys.readouterr().out
    region = read_region("region", 5)

    assert "region_from=region" in text
    assert "Each list from the others" not in text
    assert (tmp_path / "region" / "lists.png").is_file()
    assert not (tmp_path / "region" / "left_out.png").exists()
    assert region.columns.tolist() == [*FEW_FREE["space"], *FEW_FREE["unseen"]]
    assert len(region) == 5


def test_rules_with_members_of_their_own_are_refused_for_lists(tmp_path):
    pytest.importorskip("emcee")
    (tmp_path / "own.csv").write_text(MONTHS)
    (tmp_path / "case.yaml").write_text(CASE)

    with pytest.raises(InputError, match="has members or events of its own"):
        calibrate({"spells": str(tmp_path / "own.csv"), "scenario": str(tmp_path / "case.yaml")})
