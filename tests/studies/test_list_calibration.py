"""Calibrating on lists: misfits and scores by hand, emulators that find planted parameters, runs that can be resumed."""

import shutil
import sys

import numpy as np
import pandas as pd
import pytest

import sim
from sim.cli.main import main
from sim.core.errors import InputError
from sim.studies.validation.emulation import Emulator, Facts, quantiles
from sim.studies.validation.list_calibration import within_band_of_curves
from sim.studies.validation.list_forecasts import by_sector_hazards, crps, with_usual_entries
from sim.studies.validation.list_runs import Task, simulate_sets
from sim.studies.validation.list_spec import read_list_calibration
from sim.studies.validation.lists import read_lists, simulate_list
from sim.studies.validation.region import read_region
from tests.helpers import exactly

pytestmark = pytest.mark.usefixtures("short_chains", "unchecked_here")

FACTS = Facts(np.array([1.0, 2.0, 5.0]), np.array([1.0, 4.0, 1.0]), np.array([0, 0, 1]))
MINE = {
    "lists": ["graphql", "lfph"],
    "points": 64,
    "waves": 1,
    "points_per_wave": 32,
    "final": 8,
    "replications": 2,
    "sample_size": 4,
    "facts": {"level": {"allowed": 0.1}, "hazard": {"allowed": 0.35}, "founders": {"allowed": 0.05}},
    "partnerships": {
        "pledge": {"outcome": "exit_rate", "target": 0.008, "allowed": 0.3, "log": True, "replications": 4},
        "half": {
            "changes": {"size.partners": 8, "rules.membership.term": 0},
            "outcome": "retention_60",
            "at_least": 0.5,
            "target": 0.6,
            "allowed": 0.2,
            "replications": 4,
        },
    },
    "space": {
        "rules.membership.other_rate": {"low": 0.0005, "high": 0.05, "scale": "log"},
        "start.goodwill": {"low": 0.4, "high": 16, "scale": "log"},
    },
    "unseen": {"rules.leak.rate": {"low": 0.0, "high": 0.4}},
}


def test_a_misfit_counts_each_fact_once_however_many_numbers_it_has():
    # (1/1 + 4/4)/2 + 4/1; with a noise of 3: (1/4 + 4/7)/2 + 4/4
    numbers = np.array([[2.0, 4.0, 7.0]])

    assert FACTS.misfits(numbers) == exactly([5.0])
    assert FACTS.misfits(numbers, 3.0) == exactly([(1 / 4 + 4 / 7) / 2 + 1.0])


def test_quantiles_go_by_weight():
    values, weight = np.array([3.0, 1.0, 2.0]), np.array([0.1, 0.2, 0.7])

    assert quantiles(values, weight, (0.1, 0.5, 0.89, 0.95)) == [1.0, 2.0, 2.0, 3.0]


def planted(units):
    """Give three numbers that a quadratic function of two parameters gives exactly."""
    x, y = (2 * units - 1).T
    return np.stack([1 + x + 0.5 * y**2, 2 - y + x * y, 5 + 2 * x - y], axis=1)


def test_an_emulator_finds_the_parameters_that_were_planted():
    pytest.importorskip("emcee")
    units, truth = np.random.default_rng(1).random((900, 2)), np.array([[0.7, 0.2]])
    facts = Facts(planted(truth)[0], np.full(3, 0.05**2), np.array([0, 1, 2]))
    emulator = Emulator.fitted(units, planted(units), facts)
    sample = emulator.likely(200, units[:50], seed=3)

    assert emulator.misfits(truth)[0] < 0.01
    assert emulator.misfits(np.array([[0.2, 0.8]]))[0] > 100
    assert sample.shape == (200, 2)
    assert sample.mean(axis=0) == pytest.approx(truth[0], abs=0.03)
    assert sample.tolist() == emulator.likely(200, units[:50], seed=3).tolist()
    assert abs(emulator.missed(truth, planted(truth))[0]) < 0.01
    assert emulator.missed(truth, planted(truth) + 1.0)[0] > 100


def test_what_an_emulator_expects_allows_for_its_own_error():
    """Of one parameter, at the middle of its range, 2 is expected of every number; the noise is 3."""
    weights = np.array([[2.0, 2.0, 2.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    emulator = Emulator(weights, np.full(3, 3.0), FACTS)

    assert emulator.misfits(np.array([[0.5]])) == exactly([(1 / 4 + 0 / 7) / 2 + 9 / 4])
    assert emulator.missed(np.array([[0.5]]), np.full((1, 3), 2.0)) == exactly([0.0])


def test_without_emcee_it_is_said_before_anything_is_simulated(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "emcee", None)

    with pytest.raises(InputError, match="needs the package emcee"):
        sim.calibrate(MINE, folder=tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_forecast_is_scored_by_its_distance_and_its_spread():
    assert crps(np.array([0.0, 1.0]), 0.0) == exactly(0.5 - 0.25)
    assert crps(np.array([0.5, 0.5]), 0.0) == exactly(0.5)
    assert crps(np.array([0.3]), 0.3) == exactly(0.0)


def test_whom_a_list_attracts_is_taken_from_the_others():
    lists = read_lists()
    others = [lists["aswf"], lists["omp"]]
    foretold = with_usual_entries(lists["cdf"], others, seed=1)
    a_month = np.mean([(len(o.sector) - o.size) / o.size / o.months for o in others])

    assert foretold.size == lists["cdf"].size
    assert len(foretold.sector) - foretold.size == round(a_month * foretold.size * foretold.months)
    assert np.isinf(foretold.leaves).all()
    assert (foretold.joins[foretold.size :] > 0).all()


def test_pooled_hazards_foretell_founders_by_their_sectors():
    lists = {name: real for name, real in read_lists().items() if name != "riscv"}
    counts = [real.facts() for name, real in lists.items() if name != "lfai"]
    after_a_year, after_five = (by_sector_hazards(lists["lfai"], counts, months) for months in (12, 60))

    assert 0.8 < after_a_year.mean() < 0.95
    assert 0.4 < after_five.mean() < after_a_year.mean()
    assert after_five.std() > after_a_year.std()


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    pytest.importorskip("emcee")
    folder = tmp_path_factory.mktemp("calibrated") / "one"
    result = sim.calibrate(MINE, folder=folder, executor="serial", progress=False)
    result.save()
    return result, folder


def test_a_calibration_on_lists_gives_a_region_with_weights_and_draws_it(calibrated):
    result, folder = calibrated
    region = result.tables["region"]

    assert len(region) == 8
    assert region["weight"].sum() == pytest.approx(1.0)
    assert region["rules.leak.rate"].between(0.0, 0.4).all()
    assert len(result.tables["sample"]) == 4
    assert set(result.tables["sample"]) == {*MINE["space"], *MINE["unseen"]}
    assert set(result.tables["left_out"]["list"]) == {"graphql", "lfph"}
    assert (result.tables["ranges"]["q05"] <= result.tables["ranges"]["q95"]).all()
    assert {p.name for p in folder.glob("*.png")} == {"lists.png", "left_out.png"}
    assert "graphql" not in result.text()
    assert "mean CRPS" in result.text()


def test_the_region_agrees_better_than_the_prior(calibrated):
    """A rate of other exits of some 1.4 % a month at most is what 1.4 % of all exits leaves room for."""
    result, _ = calibrated
    level = result.tables["facts"].set_index("fact").loc["level"]

    assert level["q05"] < level["real"] * 1.5
    assert level["q95"] > level["real"] / 1.5
    assert result.tables["region"]["rules.membership.other_rate"].max() < 0.03


@pytest.mark.slow
def test_an_interrupted_calibration_continues_to_the_same_bytes(calibrated, tmp_path):
    result, folder = calibrated
    shutil.copytree(folder, tmp_path / "two")
    for file in (f for start in ("wave1*", "wave2*", "*.csv") for f in (tmp_path / "two").glob(start)):
        file.unlink()
    (tmp_path / "two" / "manifest.json").unlink()
    continued = sim.calibrate(MINE, folder=tmp_path / "two", executor="serial", progress=False)

    for name, table in result.tables.items():
        pd.testing.assert_frame_equal(table, continued.tables[name])
    assert {f.name for f in (tmp_path / "two").glob("wave*")} == {f.name for f in folder.glob("wave*")}


def test_a_fact_about_partnerships_is_the_mean_of_their_runs_in_each_parameter_set():
    spec = read_list_calibration(MINE)
    rows = pd.DataFrame({"rules.membership.other_rate": [0.0, 0.03], "start.goodwill": [8.0, 4.0]})
    others = {name: (sim.Scenario().replace(**f.changes), f) for name, f in spec.partnerships.items()}
    task = Task({"small": read_lists()["lfph"]}, sim.Scenario(), {}, others, rows, seed=5)
    pledge = simulate_sets(task).partnerships["pledge"]
    half = simulate_sets(task).partnerships["half"]

    for k, (rate, goodwill) in enumerate(rows.to_numpy()):
        changes = {"rules.membership.other_rate": rate, "start.goodwill": goodwill}
        alone = sim.simulate(sim.Scenario().replace(**changes), range(5, 9), record=()).summary
        small = sim.simulate(sim.Scenario().replace(**{"size.partners": 8, **changes}), range(5, 9), record=()).summary
        assert pledge[k] == pytest.approx(alone["exit_rate"].mean())
        assert half[k] == (small["retention_60"] >= 0.5).mean()


def test_facts_about_partnerships_are_in_the_table_and_stay_when_a_list_is_left_out(calibrated):
    facts = calibrated[0].tables["facts"].set_index("fact")

    assert facts.loc["pledge", "real"] == pytest.approx(0.008)
    assert facts.loc["half", "real"] == pytest.approx(0.6)
    assert facts.loc["pledge", "q05"] <= facts.loc["pledge", "median"] <= facts.loc["pledge", "q95"]
    assert facts["fitted"].all()


@pytest.mark.slow
def test_runs_that_an_earlier_attempt_saved_are_read_only_if_they_are_whole(calibrated, tmp_path):
    result, folder = calibrated
    shutil.copytree(folder, tmp_path / "one")
    file = next((tmp_path / "one").glob("wave0*"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    with pytest.raises(InputError, match=f"{file.name}: is damaged; remove it"):
        sim.calibrate(MINE, folder=tmp_path / "one", executor="serial", progress=False)
    file.unlink()
    again = sim.calibrate(MINE, folder=tmp_path / "one", executor="serial", progress=False)
    pd.testing.assert_frame_equal(again.tables["region"], result.tables["region"])
    assert file.read_bytes() == (folder / file.name).read_bytes()


def test_an_executor_that_it_does_not_take_is_refused():
    with pytest.raises(InputError, match="executor=dask: a calibration on lists takes serial or processes"):
        sim.calibrate(MINE, executor="dask")


@pytest.mark.parametrize(("changes", "words"), [
    ({"partnerships": {"level": {"outcome": "retention", "target": 0.5}}}, "'level' is a fact of lists"),
    ({"partnerships": {"x": {"outcome": "retenton"}}}, "did you mean retention"),
    ({"partnerships": {"x": {"outcome": "retention", "log": True}}}, "with log: true the target too"),
    ({"lists": ["graphql", "cncff"]}, "no list 'cncff'; did you mean cncf"),
    ({"lists": ["graphql"]}, "name at least two"),
    ({"facts": {"levle": {"allowed": 0.1}}}, "no fact 'levle'; did you mean level"),
    ({"facts": {}}, "name at least one"),
    ({"facts": {"level": {"allowed": 0}}}, "allowed must be above 0"),
    ({"space": {"start.godwill": {"low": 1, "high": 2}}}, "no parameter 'start.godwill'"),
    ({"points": 3}, "from 64"),
    ({"pionts": 300}, "did you mean points"),
], ids=str)  # fmt: skip
def test_what_cannot_be_used_is_named(changes, words, tmp_path):
    with pytest.raises(InputError) as error:
        sim.calibrate(MINE | changes, folder=tmp_path / "x", progress=False)
    assert words in str(error.value)


@pytest.mark.parametrize(("arguments", "words"), [
    (["calibration=lists", "design.n=64"], "a calibration on lists takes points="),
    (["points=64"], "only a calibration on lists takes it"),
    (["calibration=lists", "point=64"], "'point'"),
], ids=str)  # fmt: skip
def test_the_command_names_options_of_the_other_kind(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert main(["calibrate", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_the_shipped_calibration_on_lists_can_be_read():
    spec = read_list_calibration("lists")

    assert len(spec.lists) == 8
    assert set(spec.facts) >= {"hazard", "survival_private", "level", "spread", "founders", "clustering"}
    assert not set(spec.space) & set(spec.unseen)


@pytest.mark.slow
def test_the_shipped_parameter_sets_lie_within_their_prior_and_meet_the_level_of_the_lists():
    spec, sets = read_list_calibration("lists"), read_region()
    ranges = {**spec.space, **spec.unseen}

    assert list(sets.columns) == list(ranges)
    assert len(sets) == spec.sample_size
    for path, entry in ranges.items():
        assert sets[path].between(entry["low"], entry["high"]).all()
    few = {path: sets[path].to_numpy()[:16] for path in sets}
    lists = {name: read_lists()[name] for name in spec.lists}
    rules = {name: sim.load_scenario(spec.scenario).replace(**spec.changes.get(name, {})) for name in lists}
    counts = {name: simulate_list(real, rules[name], range(16), few) for name, real in lists.items()}
    rates = sum(c.all_exits.sum(axis=0) for c in counts.values()) / sum(
        c.all_exposure.sum(axis=0) for c in counts.values()
    )
    observed = {name: real.facts() for name, real in lists.items()}
    rate = sum(c.all_exits.sum() for c in observed.values()) / sum(c.all_exposure.sum() for c in observed.values())

    assert np.quantile(rates, 0.05) < rate < np.quantile(rates, 0.95)


def test_a_band_of_whole_curves_holds_the_middle_and_neither_the_extreme_nor_the_odd():
    """Eleven flat curves: one that runs along the middle is inside; one at an end, or with one point beyond, is not."""
    curves = np.repeat(np.linspace(0.0, 1.0, 11)[None], 3, axis=0)

    assert within_band_of_curves(curves, np.array([0.5, 0.45, 0.55]))
    assert not within_band_of_curves(curves, np.array([1.1, 1.1, 1.1]))
    assert not within_band_of_curves(curves, np.array([0.5, 0.5, 1.1]))
    assert within_band_of_curves(curves, np.array([0.95, 0.9, 0.95]))
