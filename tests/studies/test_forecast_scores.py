"""Scores of forecasts of real member lists: what is read, the baselines, the model's forecast, the scores."""

import dataclasses
import sys

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import sim
from sim.cli.main import main
from sim.core.errors import InputError
from sim.core.paths import CONFIGS
from sim.studies.forecast_scores import study
from sim.studies.forecast_scores.baselines import NAMES, Constant, baseline_forecasts, risk_table
from sim.studies.forecast_scores.bodies import read_bodies
from sim.studies.forecast_scores.conditioned import forecast, known_at, regression_adjusted, simulate_ensemble
from sim.studies.forecast_scores.scores import paired_differences, score
from sim.studies.forecast_scores.spread import History, Spread, who_stays
from sim.studies.validation.region import read_prior

SPELLS = CONFIGS / "reference" / "listed_spells.csv"
HEAD = "partnership,sector,joined,first_seen,gone_by,founder,window_start,window_end\n"
ROW = "harbour,private,2020-01-01,2020-01-10,2021-06-15,True,2020-01-10,2023-12-01\n"
FEW_SETS = {"rules.membership.fee": np.array([0.4, 0.8, 1.2, 1.6])}


def written(tmp_path, text, name="spells.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def bodies():
    return {name: body for name, body in read_bodies(SPELLS).items() if name in ("graphql", "lfph", "omp")}


@pytest.fixture(scope="module")
def omp(bodies):
    return bodies["omp"], bodies["omp"].start + 24


# What is read


def test_a_spell_is_listed_from_the_first_of_a_month_to_the_first_without_it(tmp_path):
    body = read_bodies(written(tmp_path, HEAD + ROW))["harbour"]

    assert body.first[0] == 2020 * 12 + 1  # the tenth of January: there at the start of February
    assert body.gone[0] == 2021 * 12 + 6
    assert body.listed(2021 * 12 + 5).tolist() == [True]
    assert body.listed(2021 * 12 + 6).tolist() == [False]
    assert (body.start, body.end) == (2020 * 12 + 1, 2023 * 12 + 11)


def test_a_table_that_names_no_partnership_is_of_one_named_after_the_file(tmp_path):
    """As ``import`` writes one list."""
    bodies = read_bodies(written(tmp_path, HEAD + ROW.replace("harbour", "") * 2, "ours.csv"))

    assert {name: len(body.first) for name, body in bodies.items()} == {"ours": 2}


def test_tenure_counts_from_joining_and_is_unknown_for_a_founder_without_a_usable_date(tmp_path):
    rows = [ROW, ROW.replace("2020-01-01", ""), ROW.replace("2020-01-01", "2001-01-01"), ROW.replace("True", "False")]
    body = read_bodies(written(tmp_path, HEAD + "".join(rows)))["harbour"]

    assert body.tenure(2021 * 12).tolist() == [12, -1, -1, 12]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read as CSV"),
        (HEAD, "has no rows"),
        ("name,date\na,b\n", "has no column partnership, sector"),
        (HEAD + ROW.replace("private", "church"), "line 2: sector 'church' is not one of public, private"),
        (HEAD + ROW + ROW.replace("2020-01-10,2021", "soon,2021"), "line 3: first_seen 'soon' is not a date"),
        (HEAD + ROW.replace("2021-06-15", "2019-06-15"), "line 2: gone_by is not after first_seen"),
        (HEAD + ROW.replace("True", "maybe"), "line 2: founder 'maybe' is not one of true"),
        (HEAD + ROW + ROW.replace("harbour", ""), "line 3: partnership is empty"),
        (HEAD + ROW + ROW.replace("2023-12-01", "2024-12-01"), "harbour has several windows"),
        (HEAD + ROW.replace("2023-12-01", "2020-01-05"), "window_end is not after window_start"),
        (HEAD + ROW.replace("2020-01-01", "0020-01-01"), "joined '0020-01-01' is not a"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as error:
        read_bodies(written(tmp_path, text))

    assert "\n" not in str(error.value)


def test_a_missing_file_and_unknown_bodies_are_named(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read_bodies(tmp_path / "none.csv")
    with pytest.raises(InputError, match="drop=cnfc: the file has no such body; did you mean cncf"):
        sim.forecast_score(SPELLS, drop=["cnfc"])
    with pytest.raises(InputError, match="replications=0: give a whole number"):
        sim.forecast_score(SPELLS, replications=0)


# Baselines


def test_who_stays_is_binomial_at_one_share_and_wider_over_several():
    shares = np.array([0.5, 0.9])

    assert who_stays(10, np.array([0.7])) == pytest.approx(stats.binom.pmf(np.arange(11), 10, 0.7))
    assert who_stays(10, shares) @ np.arange(11) == pytest.approx(7.0)
    assert who_stays(10, shares)[10] > stats.binom.pmf(10, 10, 0.7)


def test_levels_are_one_on_average_and_move_to_what_a_body_has_shown():
    spread = Spread(between=0.3, within=0.2)
    many = spread.levels(12, History(exits=40.0, expected=20.0, half_years=6.0))
    few = spread.levels(12, History(exits=4.0, expected=2.0, half_years=6.0))

    assert spread.levels(12).mean() == pytest.approx(1.0, abs=0.01)
    assert 1.0 < few.mean() < many.mean() < 2.0
    assert many.std() / many.mean() < spread.levels(12).std()
    assert spread.levels(36).std() < spread.levels(6).std()  # half-years even out


def test_a_constant_hazard_is_exits_over_member_months(bodies):
    cells = risk_table([bodies["omp"]])

    assert Constant(cells).rate == pytest.approx((cells["exits"].sum() + 1) / (cells["n"].sum() + 100))


@pytest.mark.slow
def test_baselines_give_the_scores_of_the_published_task(bodies):
    """Means over forecasts for three bodies; numbers of the script that defines the task, to six places."""
    risk, rows = risk_table(list(bodies.values())), []
    for name, body in bodies.items():
        for origin in range(body.start + 12, body.end - 5, 6):
            before = risk[risk["t"] < origin]
            others, own = before[before["body"] != name], before[before["body"] == name]
            members = body.only(body.listed(origin))
            horizons = [h for h in (12, 24) if origin + h <= body.end]
            if others.empty or len(members.sector) < 5 or not horizons:
                continue
            for (baseline, h), p in baseline_forecasts(others, own, members, origin, horizons).items():
                stayed = int((members.gone > origin + h).sum())
                rows.append({"baseline": baseline, "horizon": h, **score(p, stayed)})
    crps = pd.DataFrame(rows).groupby(["baseline", "horizon"])["crps"].mean()

    assert crps.xs(12, level="horizon").to_dict() == pytest.approx(
        {"constant": 0.089622, "constant_body": 0.071626, "tenure": 0.088108, "tenure_body": 0.072751,
         "piecewise": 0.064143, "piecewise_body": 0.068182, "mixture": 0.071110}, abs=1e-5)  # fmt: skip
    assert crps["constant_body", 24] == pytest.approx(0.090993, abs=1e-5)
    assert crps["piecewise_body", 24] == pytest.approx(0.086026, abs=1e-5)


# The model's forecast


def simulated_from(body, origin, replications=8):
    scenario = sim.load_scenario("membership_foundation")
    return simulate_ensemble(body, origin, 24, scenario, FEW_SETS, replications)


def test_a_forecast_sees_nothing_after_its_origin(omp):
    body, origin = omp
    known = body.only(body.first <= origin)
    blind = dataclasses.replace(known, gone=np.where(known.gone > origin, np.inf, known.gone))

    here = forecast(simulated_from(body, origin), body, origin, [6, 24])
    there = forecast(simulated_from(blind, origin), blind, origin, [6, 24])

    assert all(here[h].tolist() == there[h].tolist() for h in (6, 24))


def test_a_body_that_lost_more_so_far_is_expected_to_lose_more(omp):
    body, origin = omp
    calm = dataclasses.replace(body, gone=np.where(body.gone <= origin, np.inf, body.gone))
    stays = calm.listed(origin)
    gone = calm.gone.copy()
    gone[np.flatnonzero(stays)[::3]] = origin - 3
    stormy = dataclasses.replace(calm, gone=gone)
    ensemble = simulated_from(body, origin, 32)

    def share(of):
        p = forecast(ensemble, of, origin, [12])[12]
        return float(p @ np.arange(len(p))) / (len(p) - 1)

    assert share(stormy) < share(calm)


def test_forecasts_are_distributions_and_fewer_stay_longer(omp):
    body, origin = omp
    made = forecast(simulated_from(body, origin), body, origin, [6, 24])

    assert all(p.sum() == pytest.approx(1.0) and (p >= 0.0).all() for p in made.values())
    assert len(made[6]) == body.listed(origin).sum() + 1
    assert made[6] @ np.arange(len(made[6])) > made[24] @ np.arange(len(made[24]))


def test_after_the_origin_members_join_as_in_the_year_before(omp):
    body, origin = omp
    real = known_at(body, origin, 24)
    at = origin - body.start
    recent = ((real.joins > at - 12) & (real.joins <= at)).sum()

    assert ((real.joins > at) & (real.joins <= at + 12)).sum() == recent
    assert ((real.joins > at + 12) & (real.joins <= at + 24)).sum() == recent
    assert (np.diff(real.joins) >= 0.0).all()


def test_a_regression_moves_runs_to_what_is_observed():
    of_runs = np.random.default_rng(1).normal(size=(1, 4000))
    ahead = 0.5 + 2.0 * of_runs[0]

    moved = regression_adjusted(ahead, of_runs, np.array([0.3]))

    assert moved == pytest.approx(np.full(4000, 1.1), abs=0.02)
    assert regression_adjusted(ahead[:4], of_runs[:, :4], np.array([0.3])).tolist() == ahead[:4].tolist()


def test_a_calibrated_body_is_forecast_with_sets_that_never_saw_it(bodies):
    tasks = study._tasks(bodies | {"harbour": dataclasses.replace(bodies["omp"], name="harbour")}, (), "region", 1)
    sets = {task.body.name: task.sets["rules.membership.fee"] for task in tasks}
    left_out = pd.read_csv(study.LEFT_OUT)

    assert sets["omp"].tolist() == left_out.loc[left_out["without"] == "omp", "rules.membership.fee"].tolist()
    assert sets["harbour"].tolist() == study.read_region()["rules.membership.fee"].tolist()


def test_of_prior_no_parameter_set_was_calibrated(bodies):
    prior = read_prior(64)["rules.membership.fee"].tolist()

    assert all(t.sets["rules.membership.fee"].tolist() == prior for t in study._tasks(bodies, (), "prior", 1))
    with pytest.raises(InputError, match="of=posterior: give region or prior"):
        sim.forecast_score(SPELLS, of="posterior")


def test_what_is_held_out_teaches_nothing(bodies):
    tasks = study._tasks(bodies, ("lfph",), "region", 1)

    assert {task.body.name for task in tasks} == {"graphql", "lfph", "omp"}
    assert all("lfph" not in set(task.others["body"]) for task in tasks)
    assert all(task.others["t"].max() < task.origin and task.own["t"].max() < task.origin for task in tasks)


# Scores


def test_the_score_is_the_squared_distance_of_the_distributions():
    p = np.array([0.1, 0.2, 0.3, 0.4])
    below = np.array([0.1, 0.3, 0.6])

    assert score(p, 2)["crps"] == pytest.approx((below**2 @ [1, 1, 0] + (1 - 0.6) ** 2) / 3)
    assert score(np.array([0.0, 0.0, 1.0]), 2)["crps"] == 0.0


def test_coverage_by_rank_is_exact_where_intervals_hold_too_often():
    p = stats.binom.pmf(np.arange(9), 8, 0.6)
    scores = pd.DataFrame([score(p, y) for y in range(9)])

    assert p @ scores["rank90"] == pytest.approx(0.9)
    assert p @ scores["rank50"] == pytest.approx(0.5)
    assert p @ scores["in90"] > 0.9


def test_differences_are_paired_by_body():
    rows = [("a", "x", 0.1), ("a", "y", 0.2), ("b", "x", 0.3), ("b", "y", 0.5)]
    other = {"in50": 1, "in90": 1, "rank50": 1, "rank90": 1, "bias": 0, "width50": 0, "width90": 0}
    table = pd.DataFrame([{"body": b, "forecast": f, "horizon": 6, "crps": c, **other} for b, f, c in rows])

    pair = paired_differences(table, "x", ["y"]).iloc[0]

    assert (pair["difference"], pair["better"], pair["bodies"]) == (pytest.approx(-0.15), 2, 2)
    assert pair["low"] < -0.2 < -0.1 < pair["high"]


def test_without_scoringrules_it_is_said_before_anything_is_simulated(monkeypatch):
    monkeypatch.setitem(sys.modules, "scoringrules", None)

    with pytest.raises(InputError, match="needs the package scoringrules"):
        sim.forecast_score(SPELLS)


# The command


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """Two small lists with short windows, as another file would have them."""
    table = pd.read_csv(SPELLS)
    table = table[table["partnership"].isin(["graphql", "lfph"])].copy()
    table["partnership"] = table["partnership"].map({"graphql": "harbour", "lfph": "valley"})
    table["window_end"] = "2022-07-21"
    table.loc[pd.to_datetime(table["gone_by"]) > "2022-07-21", "gone_by"] = None
    table = table[pd.to_datetime(table["first_seen"]) <= "2022-07-21"]
    path = tmp_path_factory.mktemp("lists") / "other lists.csv"
    table.to_csv(path, index=False)
    return path


def test_the_command_scores_another_file_and_says_how_good_the_model_is(short, tmp_path, capsys):
    code = main(["forecast-score", str(short), "replications=1", "workers=1", f"folder={tmp_path / 'out'}"])
    text = capsys.readouterr().out

    assert code == 0
    assert "the model, conditioned on the list so far" in text
    assert "12 months:" in text
    assert all((tmp_path / "out" / name).is_file() for name in ("scores.csv", "means.csv", "paired.csv", "crps.png"))
    scores = pd.read_csv(tmp_path / "out" / "scores.csv")
    assert set(scores["forecast"]) == {*NAMES, "model"}
    assert scores.groupby(["body", "origin", "horizon", "group"]).size().eq(len(NAMES) + 1).all()
    assert main(["verify", str(tmp_path / "out")]) == 0


@pytest.mark.slow
def test_the_same_call_gives_the_same_numbers_by_any_number_of_workers(short):
    one = sim.forecast_score(short, replications=1, workers=1, progress=False)
    two = sim.forecast_score(short, replications=1, workers=2, progress=False)

    assert one.key == two.key
    pd.testing.assert_frame_equal(one.scores, two.scores)


def test_a_file_with_one_body_is_forecast_without_others_to_learn_from(short):
    result = sim.forecast_score(short, drop=["valley"], replications=1, workers=1, progress=False)

    assert set(result.scores["body"]) == {"harbour"}
    assert "one body: no interval" in result.text()
    assert "nan" not in result.text()


def test_bad_options_are_one_line(short, capsys):
    assert main(["forecast-score", str(short), "origin=3"]) == 2
    assert main(["forecast-score"]) == 2
    lines = capsys.readouterr().err.splitlines()

    assert "forecast-score takes a file of spells, drop=" in lines[0]
    assert "name one file of membership spells" in lines[1]


def test_nothing_to_forecast_is_said(tmp_path):
    path = written(tmp_path, HEAD + ROW)

    with pytest.raises(InputError, match="nothing can be forecast"):
        sim.forecast_score(path, workers=1, progress=False)
