"""Validation: exact limits, calibration, patterns, claims and sensitivity."""

import json

import numpy as np
import pandas as pd
import pytest

import sim
from sim.cli.main import main
from sim.config.files import names_in
from sim.core.errors import InputError
from sim.engine.simulate import simulate
from sim.model.policies.registry import find_policy
from sim.model.scenario import Scenario
from sim.storage.sealed import sealed
from sim.studies.validation import limits
from sim.studies.validation.calibration import calibrate, not_ruled_out
from sim.studies.validation.calibration_spec import CalibrationSpec, Target, read_calibration
from sim.studies.validation.claims import X, Y, agreement
from sim.studies.validation.list_spec import read_list_calibration
from sim.studies.validation.patterns import PATTERNS, verdicts
from sim.studies.validation.region import (
    differences_within,
    overview,
    read_prior,
    read_region,
    runs_over_region,
    varied,
)
from sim.studies.validation.runs import FACTORS, RUN_PLANS, RunPlan, query_plan, simulate_plan
from sim.sweeps.spec import experiment_data

OWN = ("no_capture", "infinite_patience", "no_leak", "no_distance", "no_budget", "perfect_readiness")


@pytest.mark.parametrize("name", OWN)
def test_limits_of_our_own_hold(name):
    result, expected = getattr(limits, name)()

    assert result == pytest.approx(expected, abs=0.05 if name == "no_capture" else 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "benefit", "size"), [(6, 0, 3), (6, 3, 4), (12, 24, 7)])
def test_a_self_enforcing_coalition_has_barretts_size(n, benefit, size):
    assert limits.coalition(n, benefit, replications=10) == (size, size)


@pytest.mark.slow
def test_rival_incentives_cap_how_many_work():
    assert limits.rivalry(8.1, 0.6, n_members=12, replications=10) == (6, 6)


@pytest.mark.slow
def test_exit_times_follow_the_inverse_gaussian():
    sample, law = limits.first_passage(replications=500)

    assert limits.ks_distance(sample, law) < 0.02


def test_optional_public_goods_pay_what_theory_says():
    for result, expected in limits.optional_good(0.3, 0.3).values():
        assert result == pytest.approx(expected, abs=0.02)
    assert limits.optional_good(0.3, 0.3, replications=2)["cooperator"][1] == pytest.approx(0.9693, abs=1e-4)
    assert limits.optional_good(0.5, 0.2, replications=2)["defector"][1] == pytest.approx(1.5402, abs=1e-4)


@pytest.mark.parametrize(("theta", "expected"), [(6, 0.0), (20, 1.0)])
def test_a_linear_public_good_rests_at_nothing_or_all(theta, expected):
    assert limits.public_good(theta)[0] == pytest.approx(expected, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("group", "n"), {"coalition": 24, "public good": 7, "rivalry": 5, "first passage": 7, "own": 6}.items()
)
def test_every_limit_holds(group, n, monkeypatch):
    monkeypatch.setattr("sim.engine.batch.CHECK_INVARIANTS", False)
    result = limits.limit_table(groups=[group])

    assert len(result) == n
    assert result["verdict"].eq("holds").all(), result[result["verdict"] != "holds"].to_string()


def test_a_parameter_set_is_ruled_out_by_what_its_error_cannot_explain():
    table = pd.DataFrame({"T": [0.1, 0.26, 0.35, 0.53, 0.6], "T_error": [0.01, 0.03, 0.0, 0.02, 0.01]})

    assert not_ruled_out(table, {"T": Target(outcome="retention", low=0.3, high=0.5)}).tolist() == [
        False,
        True,
        True,
        True,
        False,
    ]


SMALL = {"design": {"name": "sobol", "n": 16}, "replications": 4}


def facts(**target):
    return CalibrationSpec(replications=10, targets={"T": target})


def test_a_calibration_keeps_what_agrees_continues_and_repeats(tmp_path):
    inputs = facts(outcome="retention_60", low=0.3, high=0.4)
    region = calibrate(inputs, folder=tmp_path / "c", executor="serial", progress=False, **SMALL).region
    repeated = calibrate(inputs, folder=tmp_path / "c", executor="serial", progress=False, **SMALL).region

    assert 0 < len(region) < 16
    assert region.equals(repeated)
    assert region["T"].between(0.3 - 0.2, 0.4 + 0.2).all()
    text = "SELECT avg(retention_60) r FROM runs GROUP BY point ORDER BY point"
    saved = sim.load(tmp_path / "c" / "closer").sql(text, threads=1)
    assert set(region["T"]) <= set(saved["r"])


@pytest.mark.slow
def test_a_share_of_runs_can_be_a_target(tmp_path):
    target = facts(outcome="retention_60", at_least=0.5, low=0.1, high=0.9)
    region = calibrate(target, folder=tmp_path, executor="serial", progress=False, **SMALL).region

    assert region["T"].between(0, 1).all()


@pytest.mark.parametrize(("target", "words"), [
    ({"outcome": "retentoin", "low": 0.3, "high": 0.4}, "did you mean retention"),
    ({"outcome": "retention", "low": 0.5, "high": 0.4}, "is empty; low must be below high"),
])  # fmt: skip
def test_a_bad_target_is_refused(target, words, tmp_path, capsys):
    import yaml

    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump({"targets": {"T": target}}))
    with pytest.raises(InputError, match=words):
        read_calibration(str(file))
    assert main(["calibrate", f"calibration={file}"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_target_out_of_reach_says_how_near_the_model_comes(tmp_path):
    with pytest.raises(InputError, match=r"T: .* reached, 1.5 to 2 wanted\); widen the prior or the ranges"):
        calibrate(
            facts(outcome="retention_60", low=1.5, high=2.0),
            folder=tmp_path,
            executor="serial",
            progress=False,
            **SMALL,
        )


def test_results_of_another_command_are_not_written_over(tmp_path, capsys):
    (tmp_path / "manifest.json").write_text(json.dumps(sealed({"key": "12345678", "files": {}})))

    for command in ("calibrate", "validate", "sensitivity"):
        assert main([command, f"folder={tmp_path}"]) == 2
        assert "holds results of another command" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize("arguments", [
    ["calibrate", "calibration=nowhere"], ["calibrate", "clibration=pledge"], ["calibrate", "pledge"],
    ["validate", "replications=many"], ["validate", "replications=0"], ["validate", "limits=perhaps"], ["validate", "repeats=3"],
    ["validate", "region=65"], ["validate", "of=posterior"],
], ids=" ".join)  # fmt: skip
def test_bad_input_to_calibrate_and_validate_is_one_line(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("text", "words"), [
    ("targets: {F1: {outcome: exit_rate, low: 0, hihg: 3}}", "hihg: there is no such parameter; did you mean high"),
    ("targets: {F1: {outcome: exit_rate, low: 0, high: 1}, f1: {outcome: exit_rate, low: 0, high: 1}}", "capitals make no"),
    ("targets: {my fact: {outcome: exit_rate, low: 0, high: 1}}", "cannot name a fact"),
    ("targets: {point: {outcome: exit_rate, low: 0, high: 1}}", "cannot name a fact"),
    ("experiment: pause_and_trust\ntargets: {F1: {outcome: exit_rate, low: 0, high: 1}}", "is not a prior"),
])  # fmt: skip
def test_a_calibration_file_with_errors_is_one_line_before_any_run(text, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(text)
    assert main(["calibrate", "calibration=mine.yaml", "folder=out"]) == 2
    message = capsys.readouterr().err

    assert words in message
    assert message.count("\n") == 1


def test_the_prior_is_sampled_within_its_ranges_and_its_first_points_do_not_change():
    spec, prior = read_list_calibration("lists"), read_prior(9)
    space = {**spec.space, **spec.unseen}

    assert list(prior.columns) == list(space)
    assert all(prior[path].between(entry["low"], entry["high"]).all() for path, entry in space.items())
    assert prior.head(4).equals(read_prior(9).head(4))


def test_a_claim_says_which_cases_still_agree_with_the_facts(tmp_path):
    region = read_region().head(2)
    result = simulate_plan(
        "policies",
        RunPlan({X: [6.0], Y: [0.5, 0.9]}, policies=("placebo",)),
        region,
        tmp_path,
        4,
        executor="serial",
        progress=False,
    )
    table = agreement(result, 2)
    runs = result.runs[(result.runs[Y] == 0.9) & (result.runs["point"] < 2)]
    share = (runs["retention_60"] >= 0.5).mean()
    margin = 2 * (runs["retention_60"] >= 0.5).std() / 2

    assert table[["parameter_set", "y"]].to_numpy().tolist() == [[0, 0.5], [0, 0.9], [1, 0.5], [1, 0.9]]
    assert table["agrees"][1] == (0.3 - margin <= share <= 0.7 + margin and table["agrees"][1])


def test_the_shipped_region_lies_within_its_prior():
    region, spec = read_region(), read_list_calibration("lists")
    prior = {**spec.space, **spec.unseen}

    assert names_in("calibration") == ["lists", "pledge"]
    assert list(region.columns) == list(prior)
    assert len(region) == spec.sample_size
    for path, entry in prior.items():
        assert region[path].between(entry["low"], entry["high"]).all()


def test_patterns_have_sources_ranges_and_a_study():
    assert len({p.name for p in PATTERNS}) == len(PATTERNS)
    space = experiment_data("sensitivity")["space"]
    assert {path: {"low": low, "high": high} for path, low, high in FACTORS} == space
    for p in PATTERNS:
        assert p.source
        assert p.low < p.high
        assert p.runs in RUN_PLANS
        assert p.kind in ("emerges", "built in")


def test_a_comparison_over_the_region_is_the_comparison_in_each_parameter_set():
    scenario, policies = (
        Scenario().replace(**{"start.goodwill": 3.0}),
        [find_policy("neutral"), find_policy("bundling")],
    )
    region = varied(scenario, 2)
    runs = runs_over_region(scenario, policies, region, [5, 6], 12)
    result = differences_within(runs, "parameter_set", ["retention"], "neutral")
    by_hand = [
        simulate(scenario.replace(**row), [5, 6], p, 12).summary["retention"].mean()
        for row in region.to_dict("records")
        for p in policies
    ]

    assert "start.goodwill" in read_region().columns
    assert "start.goodwill" not in region.columns  # stated by the case
    assert result["difference"].tolist() == pytest.approx([by_hand[1] - by_hand[0], by_hand[3] - by_hand[2]])
    assert overview(result)[["higher", "lower", "parameter_sets"]].to_numpy().tolist()[0][2] == 2


def test_an_overview_counts_significant_differences():
    table = pd.DataFrame({"policy": "a", "outcome": "retention", "difference": [1.0, 2.0, -1.0], "low": [0.5, -1.0, -2.0],
                          "high": [1.5, 5.0, -0.5]})  # fmt: skip
    (row,) = overview(table).to_dict("records")

    assert (row["median"], row["higher"], row["lower"], row["parameter_sets"]) == (1.0, 1, 1, 3)
    assert (row["more"], row["less"], row["least"], row["most"]) == (2, 1, -1.0, 2.0)


def test_a_rank_of_factors_is_the_one_worked_out_by_pandas(tmp_path):
    region, study = read_region().iloc[[0, 20]], RunPlan(ends=FACTORS[-4:], policies=("neutral",))
    result = simulate_plan("factors", study, region, tmp_path, 7, executor="serial", progress=False)
    means = result.runs.groupby("point")["retention_60"].mean().to_numpy()
    swings = np.abs(means[1::2] - means[::2]).reshape(2, 4).round(9)  # equal ones share a rank
    weaker = swings[:, -2:].min(axis=1)
    pattern = next(p for p in PATTERNS if p.name == "F21")
    sql = pattern.sql.replace(f">= {len(FACTORS) - 2}", ">= 2")

    assert list(np.sort(query_plan(result, sql, study))) == sorted(1 + (swings > weaker[:, None]).sum(axis=1))


def test_a_statistic_is_the_one_worked_out_by_pandas(tmp_path):
    region = read_region().head(2)
    study = RUN_PLANS["distance"]
    result = simulate_plan("distance", study, region, tmp_path, 3, executor="serial", progress=False)
    pattern = next(p for p in PATTERNS if p.name == "F14")
    runs = result.runs
    runs["parameter_set"] = runs["point"] // 7
    means = runs.groupby(["parameter_set", "sectors.distance"])["retention_60"].mean().unstack()

    assert np.sort(query_plan(result, pattern.sql, study)) == pytest.approx(np.sort(means[0.8] - means[0.4]))
    assert runs["rules.leak.rate"].nunique() == 2


@pytest.mark.slow
def test_every_pattern_gets_a_verdict(tmp_path):
    result = verdicts(read_region().head(2), tmp_path, 2, "serial", False)

    assert result["pattern"].tolist() == [p.name for p in PATTERNS]
    assert set(result["verdict"]) <= {"passed", "failed"}
    assert result["median"].notna().sum() >= len(result) - 2
    inside = (result["median"] >= result["low"]) & (result["median"] <= result["high"])
    assert (inside == (result["verdict"] == "passed")).all()
    assert (result.loc[result["verdict"] == "failed", "diagnosis"] != "").all()


class Ishigami:
    """Stands for a sweep over three parameters whose outcome is the Ishigami function, of two runs without noise."""

    def __init__(self, n):
        from SALib.sample import sobol

        problem = {"num_vars": 3, "names": list("abc"), "bounds": [[0.0, 1.0]] * 3}
        units = sobol.sample(problem, n, calc_second_order=True, seed=1)
        self.design = pd.DataFrame(units, columns=list("abc"))
        self.design.insert(0, "point", np.arange(len(units)))
        self.design.insert(0, "row", np.arange(len(units)))
        a, b, c = (2 * np.pi * units - np.pi).T
        self.y = np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)

    def sql(self, text, threads=1):
        return pd.DataFrame({"point": self.design["point"], "m": self.y, "e": np.full(len(self.y), 0.5)})


def test_sobol_indices_of_the_ishigami_function():
    """Known (second order of a and c: .2437): first order .3139, .4424, 0; total .5576, .4424, .2437 (a = 7, b = .1); its variance is 13.845."""
    from sim.studies.validation.sensitivity import sobol_indices

    by_parameter, by_pair = sobol_indices(Ishigami(4096), outcomes=("y",))
    result, together = by_parameter.set_index("parameter"), by_pair.set_index(["one", "other"])["second"]

    assert result["first"].to_numpy() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.03)
    assert result["total"].to_numpy() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.03)
    assert together.to_dict() == pytest.approx({("a", "b"): 0.0, ("a", "c"): 0.2437, ("b", "c"): 0.0}, abs=0.04)
    assert result["noise"].iloc[0] == pytest.approx(0.5 / 13.845, rel=0.02)


def test_the_intervals_of_sobol_indices_are_the_same_each_time():
    from sim.studies.validation.sensitivity import sobol_indices

    one, other = (sobol_indices(Ishigami(64), outcomes=("y",)) for _ in range(2))

    assert one[0].equals(other[0])
    assert one[1].equals(other[1])


def test_morris_finds_the_slope_of_a_line(tmp_path):
    from sim.studies.validation.sensitivity import morris_effects

    sweep = sim.sweep(
        {"space": {"start.trust": {"low": 0.3, "high": 0.9}, "start.need": {"low": 20, "high": 200}},
         "policies": ["neutral"], "design": {"name": "morris", "trajectories": 4}, "replications": 2, "months": 2},
        tmp_path / "s", executor="serial", progress=False,
    )  # fmt: skip

    class Line:
        config, design = sweep.config, sweep.design

        def sql(self, text, threads=1):
            points = self.design.drop_duplicates("point")
            return pd.DataFrame({"point": points["point"], "m": 5.0 * points["start.trust"], "e": 0.0})

    effects = morris_effects(Line(), outcomes=("y",)).set_index("parameter")
    assert effects["mu_star"].tolist() == pytest.approx([5.0 * 0.6, 0.0])


def test_all_ranges_leaves_out_only_what_is_switched_off_or_shapes_arrays():
    from sim.core.declare import parameters
    from sim.studies.validation.sensitivity import all_ranges

    numeric = [q for q in parameters(sim.Scenario()) if q.kind in ("int", "float") and not q.structural]
    space = all_ranges()
    assert set(space) <= {q.path for q in numeric}
    left_out = [q.path for q in numeric if q.path not in space and q.default != 0]
    assert left_out == []


@pytest.mark.slow
def test_claims_compare_on_the_same_seeds_and_say_where_they_hold(tmp_path):
    from sim.studies.validation.claims import CLAIMS, regimes, run_claims

    region = varied(sim.Scenario(), 2)
    table = run_claims(region, tmp_path, 2, executor="serial", progress=False)
    result = regimes(table, region)

    assert len(CLAIMS) >= 12
    assert len(table) == len(CLAIMS) * 2 * 9
    assert (result[["holds", "depends", "fails"]].sum(axis=1) == 9).all()
    scenario = sim.Scenario().replace(
        **region.iloc[1].to_dict(), **{"rules.leak.loss": 6.0, "sectors.private.share": 0.8}
    )
    pair = [sim.simulate(scenario, 2, p, record=()).summary["retention_60"] for p in ("strategic_pause", "placebo")]
    row = table[(table["claim"] == "pause") & (table["parameter_set"] == 1) & (table["x"] == 6) & (table["y"] == 0.8)]
    assert row["gap"].iloc[0] == pytest.approx((pair[0] - pair[1]).mean())
