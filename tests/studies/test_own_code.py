"""Outcomes and rules of a user's own: through every study, in every key, kept with results, and refused in one line."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.cli.main import main
from sim.core.errors import InputError
from sim.model.replaced import own_code, replaceable
from sim.studies.validation.calibration import calibrate
from sim.sweeps.status import status_of
from sim.sweeps.store import Store

OUTCOMES = '''
import numpy as np
from sim import outcome


@outcome("value", better="more")
def value_per_leaver(history, state):
    """Private value that members took with them, mean of those that left."""
    left = state.left.sum(axis=0)
    return np.where(left > 0, (state.needs_met * state.left).sum(axis=0) / np.maximum(left, 1.0), np.nan)


@outcome("1", better="less")
def tension_peak(history, state):
    """Highest tension of any month."""
    return np.nanmax(history["tension"], axis=0)
'''
RULE = '''
from sim.model.arrays import any_nonzero, flag
from sim.model.rules.membership import has_run_out


def engage(state, params, surplus):
    """Stay as willing as before."""
    return state.engagement * 1.0
'''
REPLACED = "scenario.rules.replace.commitment.engage=my_rules.py:engage"
SMALL = {"size.partners": 6, "title": "Six"}


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("my_outcomes.py").write_text(OUTCOMES)
    Path("my_rules.py").write_text(RULE)
    Path("same.py").write_text(shipped_text())


def shipped_text():
    """The shipped rule of leaving in a file by itself."""
    import inspect

    from sim.model.rules import membership

    head = "from sim.model.rules.membership import *\nfrom sim.model.rules.membership import has_ended\n"
    head += "from sim.model.arrays import any_nonzero, flag, over_partners, at_least, at_most\n"
    return f"{head}import numpy as np\n\n\n{inspect.getsource(membership.leave)}".replace(
        "(state: State, params: Membership, forced: Array, draws: Draws) -> tuple[Array, Array, Array]",
        "(state, params, forced, draws, free)",
    )


def small(**changes):
    return sim.Scenario().replace(**SMALL, **changes)


# Outcomes


def test_an_outcome_is_what_its_function_says():
    case = small(outcomes=["my_outcomes.py"])
    tables = sim.simulate(case, 5, "neutral", 24, ("summary", "series", "members"))
    last = tables.members[tables.members["month"] == 24]
    left = last[(last["active"] == 0)].groupby("seed")["needs_met"].mean()

    peaks = tables.series.groupby("seed")["tension"].max()
    assert tables.summary["tension_peak"].tolist() == peaks.tolist()
    assert tables.summary.set_index("seed")["value_per_leaver"].dropna().to_dict() == pytest.approx(left.to_dict())


def test_an_outcome_is_compared_drawn_and_kept(capsys):
    options = ["policies=[neutral,adaptive]", "replications=3", "months=6", "region=0", "folder=out"]
    assert main(["compare", *options, "outcomes=[retention,retention_of_large,my_outcomes.py:tension_peak]"]) == 0

    gaps = pd.read_csv("out/differences.csv")
    assert gaps["outcome"].tolist() == ["retention", "retention_of_large", "tension_peak"]
    assert "tension_peak" in capsys.readouterr().out
    assert Path("out/policies/my_outcomes.py").read_text() == OUTCOMES
    assert main(["report", "out"]) == 0
    assert "tension peak" in Path("out/report.html").read_text()


def test_the_scenario_names_outcomes_besides_the_usual_ones():
    comparison = sim.compare(small(outcomes=["retention_of_private"]), ["neutral", "adaptive"], 3, 6, 0)

    outcomes = comparison.differences["outcome"].tolist()
    assert "retention" in outcomes
    assert outcomes[-1] == "retention_of_private"
    assert comparison.named_outcomes == ["retention_of_private"]


def test_a_run_tells_the_outcomes_that_were_named(capsys):
    assert main(["run", "months=3", "outcomes=[my_outcomes.py:tension_peak,retention_of_private]", "folder=out"]) == 0

    out = capsys.readouterr().out
    assert "  tension_peak: 0." in out
    assert "  retention_of_private: 1" in out


def test_a_dose_shows_the_outcomes_that_were_named():
    dose = sim.dose("grant.budget", small(), "adaptive", [0.0, 8.0], 4, 6, outcomes=["my_outcomes.py:tension_peak"])

    assert dose.outcomes == ["tension_peak"]
    assert set(dose.levels["outcome"]) == {"tension_peak"}
    assert dose.text().splitlines()[3].startswith("tension_peak: 0.")
    best = dose.differences[dose.differences["against"] == "best"]["against_level"].iloc[0]
    assert best == dose.levels.set_index("level")["mean"].idxmin()


def test_results_run_again_from_their_folder_alone():
    case, outcomes = small(**{"rules.replace": {"commitment.engage": "my_rules.py:engage"}}), ["my_outcomes.py"]
    sim.compare(case, ["neutral", "adaptive"], 3, 4, 0, outcomes=outcomes, folder="out")
    sim.run(case, "neutral", 1, 4, outcomes=outcomes, folder="one")
    Path("my_rules.py").unlink()
    Path("my_outcomes.py").unlink()

    for folder in ("out", "one"):
        again = sim.reproduce(folder, to=f"{folder} again")
        assert again.holds, again.text()


# Rules


def test_a_replaced_rule_that_says_the_same_gives_the_same_bits_under_another_key():
    pytest.importorskip("llvmlite")
    own = small(**{"rules.replace.membership.leave": "same.py:leave", "rules.membership.other_rate": 0.05})
    plain = own.replace(**{"rules.replace": {}})
    for engine in ("numpy", "compiled"):
        one, other = (sim.simulate(s, 6, "adaptive", 12, engine=engine) for s in (plain, own))
        assert one.summary.equals(other.summary)
        assert one.series.equals(other.series)
    keys = {sim.run(s, "neutral", 0, 2).key for s in (plain, own)}
    assert len(keys) == 2


def test_a_replaced_rule_is_the_one_that_runs_on_both_engines():
    pytest.importorskip("llvmlite")
    own = small(**{"rules.replace.commitment.engage": "my_rules.py"})
    tables = [sim.simulate(own, 3, "neutral", 6, engine=engine).series for engine in ("numpy", "compiled")]

    by_month = tables[0].groupby("month")["engagement"].first()
    assert by_month.nunique() == 1
    assert tables[1]["engagement"].to_numpy() == pytest.approx(tables[0]["engagement"].to_numpy(), abs=1e-9)
    assert sim.simulate(small(), 3, "neutral", 6).series["engagement"].nunique() > 1


def test_a_rule_that_cannot_be_traced_runs_on_numpy_and_says_so_once():
    pytest.importorskip("llvmlite")
    Path("loop.py").write_text(
        "import numpy as np\n\n\ndef engage(state, params, surplus):\n"
        "    return np.array([[float(v) for v in row] for row in state.engagement])\n"
    )
    own = small(**{"rules.replace.commitment.engage": "loop.py:engage"})
    with pytest.warns(UserWarning, match="neutral with rules of your own runs on the NumPy engine"):
        compiled = sim.simulate(own, 3, "neutral", 3, engine="compiled").summary

    assert compiled.equals(sim.simulate(own, 3, "neutral", 3).summary)


def test_what_members_expect_is_measured_by_the_rule_that_replaces_it():
    text = "def aspiration(state, params, form):\n    return state.base_aspiration * 0.0 - 1000.0\n"
    Path("content.py").write_text(text)
    series = sim.simulate(small(**{"rules.replace.commitment.aspiration": "content.py"}), 2, "neutral", 3).series

    assert (series["content"] == 1.0).all()


def test_where_nothing_is_replaced_the_month_is_the_model_s_own():
    from sim.model.step import step

    own = own_code(small())
    assert own.step is own.traced_step is step
    assert "leave" in replaceable()["membership"]
    assert "has_ended" not in replaceable()["membership"]


# Keys


@pytest.mark.parametrize("file", ["my_outcomes.py", "my_rules.py"])
def test_changed_text_changes_every_key_and_comments_do_not(file):
    def keys():
        return sim.run(case, "neutral", 0, 2).key, _run_ids(case)

    case = small(outcomes=["my_outcomes.py"], **{"rules.replace.commitment.engage": "my_rules.py:engage"})
    before = keys()
    text = Path(file).read_text()
    Path(file).write_text(f"# a comment\n{text}")
    commented = keys()
    Path(file).write_text(f"{text}\nMORE = 1\n")

    assert commented == before
    assert all(one != other for one, other in zip(keys(), before, strict=True))


def _run_ids(case):
    from sim.sweeps.operations import plan_of
    from sim.sweeps.spec import check

    data = {"policies": ["neutral"], "replications": 2, "months": 2, "scenario": "six"}
    plan = plan_of(check("test", data, Path(), {"six": case}))
    (task,) = plan.tasks(plan.groups[0], [0], 0, 2)
    return tuple(task.run_ids())


# Sweeps


SWEPT = {
    "policies": ["neutral", "adaptive"],
    "changes": {"size.partners": 6, "rules.replace.commitment.engage": "my_rules.py:engage"},
    "outcomes": ["my_outcomes.py"],
    "space": {"start.trust": [0.3, 0.6]},
    "replications": 10,
    "months": 4,
    "figures": {"stay": {"outcome": "retention_of_private", "x": "start.trust"}},
}


def test_a_sweep_measures_resumes_discovers_and_makes_a_run_again():
    sweep = sim.sweep(SWEPT, "swept", executor="serial", progress=False)
    runs = sweep.runs

    assert {"value_per_leaver", "tension_peak", "retention_of_private"} <= set(runs)
    assert set(sweep.config["plugins"]) == {"my_outcomes.py", "my_rules.py:engage"}
    assert sweep.rerun(runs["run_id"][3]).compared["runs"] == 1
    sweep.save()
    assert Path("swept/figures/stay.csv").is_file()
    Path("my_rules.py").unlink()
    assert sim.load("swept").rerun(runs["run_id"][3]).compared["runs"] == 1
    Path("my_rules.py").write_text(RULE.replace("* 1.0", "* 0.9"))
    with pytest.raises(InputError, match="has changed since these runs were made"):
        sim.sweep(SWEPT, "swept", executor="serial", progress=False)


def test_a_sweep_stops_at_the_precision_of_a_user_s_outcome():
    precision = {"outcome": "tension_peak", "half_width": 1e-6, "most": 20}
    sweep = sim.sweep({**SWEPT, "precision": precision, "figures": {}}, "p", executor="serial", progress=False)

    assert sweep.points["replications"].tolist() == [20, 20]


@pytest.mark.slow
def test_a_sweep_runs_again_from_its_folder_alone():
    sim.sweep({**SWEPT, "replications": 2}, "swept", executor="serial", progress=False).save()
    Path("my_rules.py").unlink()
    Path("my_outcomes.py").unlink()
    again = sim.reproduce("swept", to="again")

    assert again.holds, again.text()


def test_discover_takes_a_user_s_outcome_with_its_direction_and_runs_nobody_s_code():
    space = {"start.trust": [0.3, 0.6], "grant.budget": [2.0, 8.0]}
    sim.sweep({**SWEPT, "space": space, "replications": 2}, "swept", executor="serial", progress=False)
    Path("my_outcomes.py").write_text("raise SystemExit('run')\n")
    discovery = sim.discover("swept", "tension_peak")

    assert discovery.config["better"] == "less"
    assert len(discovery.regimes) == 4
    with pytest.raises(InputError, match="its runs did not measure retention_of_public; sweep again with outcomes="):
        sim.discover("swept", "retention_of_public")


def test_what_finished_runs_did_not_measure_cannot_be_drawn_from_them():
    sim.sweep({**SWEPT, "replications": 2}, "swept", executor="serial", progress=False)

    with pytest.raises(InputError, match="retention_of_large: the finished runs did not measure it"):
        sim.extend("swept", figures={"more": {"outcome": "retention_of_large", "x": "start.trust"}}, progress=False)
    assert not status_of(Store(Path("swept")).open()).failed


# Searches and calibrations


@pytest.mark.slow
def test_a_search_improves_a_user_s_outcome():
    pytest.importorskip("optuna")
    case = small(**{"rules.replace.commitment.engage": "my_rules.py:engage"})
    small_search = {"trials": 3, "seeds": 2, "test_replications": 2, "region": 2, "judged": 1, "months": 4}
    result = sim.search(case, "adaptive", ["my_outcomes.py:tension_peak", "private_value_of_large"], **small_search)

    assert list(result.spec.objectives) == ["tension_peak", "private_value_of_large"]
    assert result.spec.directions["tension_peak"] == "less"
    assert set(result.identity.digests) == {"my_outcomes.py:tension_peak", "my_rules.py:engage"}
    result.save("searched")
    assert Path("searched/policies/my_outcomes.py").is_file()


def test_a_calibration_takes_targets_of_a_user_s_own():
    prior = {
        "space": {"start.trust": {"low": 0.3, "high": 0.6}},
        "policies": ["neutral"],
        "months": 4,
        "design": {"name": "sobol"},
    }
    prior["changes"] = {"rules.replace.commitment.engage": "my_rules.py:engage"}
    Path("prior.yaml").write_text(json.dumps(prior | {"replications": 10}))
    targets = {
        "peak": {"outcome": "tension_peak", "low": 0.0, "high": 1.0},
        "stay": {"outcome": "retention_of_private", "low": 0.0, "high": 1.1},
    }
    facts = {"experiment": "prior.yaml", "replications": 10, "outcomes": ["my_outcomes.py"], "targets": targets}
    result = calibrate(facts, design={"n": 4}, folder="c", executor="serial", progress=False)

    assert {"peak", "stay"} <= set(result.region)
    assert set(result.identity.digests) == {"my_outcomes.py", "my_rules.py:engage"}


# Refusals


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def value(history, state):\n    return 1.0\n", "declares no outcome; put a line such as @sim.outcome"),
        ("from sim import outcome\n@outcome('1')\ndef odd(history, state):\n    return 1.0\n", "in a docstring"),
        ("from sim import outcome\n@outcome('', doc='x')\ndef odd(history, state):\n    return 1\n", "say its unit"),
        ("from sim import outcome\n@outcome('1', 'up', 'x')\ndef odd(h, s):\n    return 1\n", "better = 'up'; give 'more'"),
        ("from sim import outcome\n@outcome('1', doc='x')\ndef retention(h, s):\n    return 1\n", "means something else"),
        ("from sim import outcome\n@outcome('1', doc='x')\ndef run_id(h, s):\n    return 1\n", "have a column of that name"),
        ("from sim import outcome\n@outcome('1', doc='x')\ndef Odd(h, s):\n    return 1\n", "2 to 60 small letters"),
        ("from sim import outcome\n@outcome('1', doc='x')\ndef odd(h, s):\n    return 1.0\n", "returned shape ()"),
        ("from sim import outcome\n@outcome('1', doc='x')\ndef odd(h, s):\n    return s.goodwill\n", "one number per run: (2,)"),
        ("from sim import outcome\n@outcome('1', doc='x')\ndef odd(h, s):\n    return s.goodwill[0] * float('inf')\n", "returned infinity"),
        ("from sim import outcome\n@outcome('1', doc='x')\ndef odd(h, s):\n    return h['trustt'][-1]\n", "KeyError: 'trustt'"),
        ("from sim import outcome\n@outcome('1', doc='x')\ndef odd(h, s):\n    h['trust'][:] = 0\n", "read-only"),
        ("from sim import outcome\n@outcome('1', doc='x')\ndef odd(h, s):\n    return ['a'] * 2\n", "could not convert string"),
        ("import sim.outcome_of_mine\n", "cannot be imported"),
        ("def odd(:\n", "syntax error in line 1"),
    ],
)  # fmt: skip
def test_a_bad_outcome_is_one_line(text, words, capsys):
    Path("bad.py").write_text(text)
    code = main(["run", "months=2", "outcomes=[bad.py]", "folder=out"])
    err = capsys.readouterr().err.strip()

    assert code == 2
    assert words in err
    assert "\n" not in err
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("outcomes=[]", "name at least one outcome"),
        ("outcomes=retention", "takes a list"),
        ("outcomes=[gone.py]", "outcomes: gone.py: there is no file gone.py"),
        ("scenario.payoffs=gone.py", "payoffs: gone.py: there is no file gone.py"),
        ("scenario.rules.replace.membership.leave=gone.py", "rules.replace.membership.leave: gone.py: there is no file"),
        ("outcomes=[my_outcomes.py:wish]", "found no wish in my_outcomes.py"),
        ("outcomes=[my_outcomes.py:np]", "is a module and not an outcome"),
        ("outcomes=[retention_of_mars]", "there is no group 'mars'"),
        ("outcomes=[1]", "takes a text"),
        ("scenario.outcomes=[retention]", "retention ships; leave it out"),
        ("scenario.rules.replace.membership.leav=my_rules.py", "did you mean leave?"),
        ("scenario.rules.replace.membership.has_ended=my_rules.py", "has no 'has_ended'"),
        ("scenario.rules.replace.membership.leave=leave", "give a file with a function leave, as my_rules.py"),
        ("scenario.rules.replace.membership.leave=my_rules.py", "found no leave in my_rules.py; it has"),
        ("scenario.rules.replace.membership.leave=my_rules.py:engage", "takes (state, params, surplus); the rule takes"),
        ("scenario.rules.replace.membership.leave=my_rules.py:flag", "the rule takes (state, params, forced, draws, free)"),
        ("scenario.rules.replace=[my_rules.py]", "takes 'name: value' lines below it"),
        ("scenario.rules.replace.membership=my_rules.py", "name a rule and a file"),
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_met_is_one_line(option, words, capsys):
    code = main(["run", "months=2", option, "folder=out"])
    err = capsys.readouterr().err.strip()

    assert code == 2
    assert words in err
    assert "\n" not in err


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return 1.0", "returned a float; the rule returns an array of decimal numbers"),
        ("return state.engagement > 0.5", "truth values (put flag(...) around them)"),
        ("return state.engagement[:, :1]", "leads to engagement of shape"),
        ("return state.engagement[:3]", "returned shape (3, 2); needed is (partners, runs)"),
        ("return state.engagement * float('nan')", "returned NaN or infinity"),
        ("return state.engagement + 5.0", "leads to engagement = "),
        ("return state.wish", "AttributeError"),
        ("if state.engagement > 0.5:\n        return state.engagement", "use np.where(condition, a, b) in place of if"),
        ("return state.engagement, state.trust", "returned a tuple; the rule returns an array"),
        ("state.engagement[:] = 1.0", "read-only"),
    ],
)
@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_a_bad_rule_is_one_line_that_names_rule_file_and_month(body, words, engine, capsys):
    if engine == "compiled":
        pytest.importorskip("llvmlite")
    Path("bad.py").write_text(f"def engage(state, params, surplus):\n    {body}\n")
    code = main(["run", "months=2", f"engine={engine}", REPLACED.replace("my_rules.py", "bad.py"), "folder=out"])
    err = capsys.readouterr().err.strip().splitlines()[-1]

    assert code == 2
    assert "rule commitment.engage (bad.py:engage), month 1" in err
    assert words in err


def test_each_of_several_results_is_checked():
    Path("bad.py").write_text("def leave(state, params, forced, draws, free):\n    return forced * 0.0, forced * 0.0\n")
    with pytest.raises(InputError, match="returned 2 values; the rule returns 3"):
        sim.simulate(small(**{"rules.replace.membership.leave": "bad.py"}), 2, months=2)


def test_a_rule_in_a_scenario_file(capsys):
    Path("mine.yaml").write_text(
        "title: Mine\nsize: {partners: 6}\nrules: {replace: {commitment.engage: my_rules.py:engage}}\n"
        "outcomes: [retention_of_private]\n"
    )
    assert main(["run", "scenario=mine.yaml", "months=2", "folder=out"]) == 0
    assert "retention_of_private: 1" in capsys.readouterr().out
    assert np.all(sim.read_table("out/series.parquet")["engagement"].nunique() == 1)


def test_a_design_in_which_a_group_is_missing_is_refused():
    space = {"size.partners": [6, 8]}
    with pytest.raises(InputError, match="design: retention_of_member_7: there is no group 'member_7'"):
        sim.sweep({"space": space, "outcomes": ["retention_of_member_7"], "changes": {"size.partners": 9}}, "x")


@pytest.mark.slow
def test_the_paper_kit_says_which_rules_were_replaced():
    sim.compare(
        small(**{"rules.replace.commitment.engage": "my_rules.py"}), ["neutral", "adaptive"], 2, 2, 0, folder="out"
    )
    kit = sim.methods("out")

    row = kit.equations.set_index("rule").loc["commitment.engage"]
    assert row["words"].startswith("Replaced by my_rules.py, which the archive holds.")
    assert not row["latex"]


def test_names_of_outcomes_are_completed():
    from sim.cli.completion import candidates

    assert "outcomes=[retention_of_private" in candidates("partnership compare outcomes=[retention_of_p")
    assert "outcomes=[retention,my_outcomes.py" in candidates("partnership compare outcomes=[retention,my_")


def test_an_outcome_that_no_run_knows_is_refused():
    with pytest.raises(InputError, match="retention_36 is not known after 6 months; name another, or give more months"):
        sim.compare(small(), ["neutral", "adaptive"], 3, 6, 0, outcomes=["retention", "retention_36"])
    with pytest.raises(InputError, match="value_per_leaver is known in none of these runs of 1 months; name another"):
        sim.dose("grant.budget", small(), "neutral", [2.0, 4.0], 2, 1, outcomes=["my_outcomes.py"])
    comparison = sim.compare(small(), ["neutral", "adaptive"], 3, 1, 0, outcomes=["retention", "my_outcomes.py"])
    assert "not known" in comparison.text()


@pytest.mark.slow
def test_members_with_names_are_swept_by_their_names():
    roster = [{"name": f"Member {k}", "sector": "private"} for k in range(1, 5)]
    case = sim.Scenario.model_validate({"members": [*roster, {"name": "Port of 5", "sector": "public"}]})
    figures = {"stay": {"outcome": "retention_of_Port of 5", "x": "start.trust"}}
    space = {"start.trust": [0.3, 0.6], "grant.budget": [2.0, 6.0]}
    experiment = {"scenario": case, "space": space, "replications": 3, "months": 4, "figures": figures}
    sweep = sim.sweep(experiment, "named", executor="serial", progress=False)
    sweep.save()

    assert sweep.runs["retention_of_Port of 5"].notna().all()
    assert sweep.rerun(sweep.runs["run_id"][0]).compared["runs"] == 1
    assert len(sim.discover(sweep, "retention_of_Port of 5").regimes) == 4
