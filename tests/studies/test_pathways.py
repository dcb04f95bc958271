"""Adaptive pathways: planted tipping points are found, triggers fire in time or cost, and see what a plan's triggers see."""

import numpy as np
import pandas as pd
import pytest

import sim
from sim.analysis.pathways import (
    FOR_NOTHING,
    LATE,
    QUIET,
    RIGHTLY,
    Signpost,
    best_signposts,
    first_months,
    skill,
    timing,
    tipping_months,
)
from sim.cli.main import main
from sim.config.plan_file import plan_text
from sim.core.errors import InputError
from sim.engine.batch import Batch
from sim.model.policies.conditions import QUANTITIES, read_conditions
from sim.studies.inputs import inputs_of
from sim.studies.pathways.runs import track, watch
from sim.studies.pathways.study import _Study
from sim.studies.pathways.text import condition_in_words
from sim.studies.policy_search.goals import Limit

INF = np.inf
SMALL = sim.load_scenario("neutral", "size.partners=8", "grant.months=24", "grant.budget=9", "grant.budget_after=0.5")

FADES = {"label": "Until the grant ends", "steps": [{"policy": "bundling", "until": 24}]}
LASTS = {"label": "All the time", "steps": [{"policy": "bundling"}]}
TARGET = {"outcome": "bundle", "at_least": 0.5}


# Tipping points and triggers by hand


def test_an_action_fails_when_it_misses_its_target_three_months_in_a_row_or_up_to_the_end():
    missed = np.array([[0, 0, 1, 1, 1, 0], [1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 0, 0]], dtype=bool).T

    assert tipping_months(missed).tolist() == [3, INF, 5, INF]
    assert tipping_months(missed, first=4).tolist() == [INF, INF, 5, INF]
    assert first_months(missed).tolist() == [3, 1, 5, INF]


def test_what_a_trigger_does_in_a_run():
    tips = np.array([20.0, 20.0, 20.0, INF, INF])
    fired = np.array([14.0, 15.0, INF, 3.0, INF])

    assert timing(tips, fired, 6).tolist() == [RIGHTLY, LATE, LATE, FOR_NOTHING, QUIET]
    assert skill(tips, fired, 6) == pytest.approx(1 / 3 - 1 / 2)


def test_a_planted_announcement_is_found_and_beats_a_quantity_that_says_nothing():
    """Ten months before a run fails, tension rises above 0.6; where it does not fail, it stays below 0.5."""
    draws = np.random.default_rng(1)
    tips = np.where(np.arange(80) % 2 == 0, draws.integers(25, 45, 80).astype(float), INF)
    months = np.arange(1, 61)[:, None]
    tension = np.where(months >= tips - 10, 0.65, draws.random((60, 80)) * 0.5)
    seen = {"tension": tension, "attendance": draws.random((60, 80))}

    first, *others = best_signposts(seen, tips, lead=6)

    assert first.quantity == "tension"
    assert first.relation == ">="
    assert 0.45 < first.number <= 0.65
    assert skill(tips, first.fired(seen), 6) == 1.0
    assert all(skill(tips, post.fired(seen), 6) < 0.5 for post in others)
    assert best_signposts(seen, np.full(80, INF), 6) == []


def test_where_every_run_fails_the_trigger_that_waits_longest_is_taken():
    seen = {"month": np.repeat(np.arange(1.0, 41.0)[:, None], 5, axis=1)}

    assert best_signposts(seen, np.full(5, 25.0), lead=6) == [Signpost("month", ">=", 19.0)]


# What is seen is what the triggers of plans see


@pytest.mark.parametrize(
    "post",
    [
        Signpost("exits", ">=", 1.0, 18),
        Signpost("exits in 6 months", ">=", 2.0),
        Signpost("tension", ">=", 0.3),
        Signpost("shortfall", "<=", 0.1),
        Signpost("grant months left", "<=", 6.0),
    ],
    ids=lambda post: post.condition,
)
def test_a_signpost_fires_in_the_month_in_which_the_trigger_of_a_plan_does(post):
    """A trigger that adds nothing changes nothing, so the plan's runs are those of its only step."""
    seeds, months = range(12), 36
    plan = {"steps": [{"policy": "adaptive"}], "when": [{"if": post.condition, "also": "neutral"}]}
    batch = Batch(SMALL, seeds, plan)
    for _ in range(months):
        batch.advance()
    since = np.broadcast_to(batch.memory["when"][0]["since"], (1, 12))[0]
    seen = watch(SMALL, sim.find_policy("adaptive"), seeds, {}, months)

    fired = post.fired(seen)

    assert np.where(np.isfinite(fired), fired, 0.0).tolist() == since.tolist()
    assert np.isfinite(fired).any()


def test_every_quantity_but_those_of_its_own_making_can_be_a_signpost():
    seen = watch(SMALL, sim.find_policy("adaptive"), range(4), {}, 36)

    assert set(seen) <= {"exits", "exits in 6 months", *QUANTITIES} - {"members", "budget", "plan"}
    assert {"exits", "tension", "captured", "attendance", "grant months left", "month"} <= set(seen)
    assert all(read_conditions(f"{name} >= 1") for name in seen)


# A planted tipping point


@pytest.fixture(scope="module")
def planted():
    """The grant ends in month 24, and with it what is done now; of two others one helps."""
    return sim.pathways(SMALL, [FADES, LASTS, "placebo"], TARGET, lead=6, region=0, seeds=12, months=36, progress=False)


def test_a_planted_tipping_point_is_found(planted):
    tipping = planted.tipping.set_index("action")

    assert tipping.loc["Until the grant ends", ["fails", "quarter", "half", "three_quarters"]].tolist() == [
        1,
        25,
        25,
        25,
    ]
    assert tipping.loc["All the time", "fails"] == 0
    assert tipping.loc["placebo", "half"] == 1


def test_only_the_action_that_helps_leads_on(planted):
    meets = planted.paths.set_index("path")["meets"]
    posts = planted.signposts[planted.signposts["action"] == "Until the grant ends"]

    assert (meets["Until the grant ends"], meets["Until the grant ends, then All the time"]) == (0, 1)
    assert meets["Until the grant ends, then placebo"] == 0
    assert posts["condition"].iloc[0] in {"grant months left <= 6", "month >= 19"}  # the longest that one can wait
    assert posts["rightly"].iloc[0] == 1
    assert {"grant months left <= 6", "month >= 19"} <= set(posts["condition"])
    assert "switch to All the time: fires rightly in 100 of 100 runs" in planted.text()


@pytest.mark.slow
def test_the_plan_of_the_best_pathway_gives_the_same_numbers_to_the_last_bit(planted, tmp_path, monkeypatch):
    """The best without a switch is no plan; of the first action the best has one."""
    folder = planted.save(tmp_path / "out")
    monkeypatch.chdir(tmp_path)

    assert planted.plan == {}
    assert not (folder / "pathway.yaml").exists()
    assert (folder / "pathways.png").is_file()
    stations = [
        line
        for line in planted.figure("pathways").axes[0].lines
        if line.get_marker() == "o" and line.get_mfc() == "white"
    ]
    assert len(stations) == 2 * planted.paths["switch_month"].notna().sum()
    assert main(["verify", "out"]) == 0
    only = sim.pathways(SMALL, [FADES, LASTS], TARGET, region=0, seeds=4, months=36, progress=False)
    plan = _study([FADES, LASTS])._switch(
        sim.find_policy(FADES), Signpost("month", ">=", 19.0), sim.find_policy(LASTS), "Switch"
    )
    (tmp_path / "switch.yaml").write_text(plan_text(plan, "A switch"))
    one, other = (sim.simulate(SMALL, 4, policy, 36).series for policy in (plan, "switch.yaml"))
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert len(only.paths) == 3


# Firing at the wrong time costs


def _study(actions, lead=0, n=40):
    inputs = inputs_of(SMALL, actions, n, 36, "numpy")
    return _Study(inputs, Limit("bundle", False, 0.5), 1, lead, None)


def test_triggers_that_fire_too_late_or_for_nothing_are_shown_to_cost():
    """What is done now stops at the first exit that is seen. The other goes on, but costs the budget."""
    stops = {"label": "Stops", "steps": [{"policy": "bundling"}], "when": [{"if": "exits >= 1", "then": "neutral"}]}
    costly = {"label": "Costly", "steps": [{"policy": "bundling"}, {"policy": "placebo"}]}
    study = _study([stops, costly])
    policies = dict(zip(study.inputs.names, study.inputs.policies, strict=True))
    alone = {name: study.run(policy, False, lambda n: None) for name, policy in policies.items()}
    seen = study.seen(policies["Stops"], False)
    posts = (Signpost("exits", ">=", 1.0), Signpost("exits", ">=", 3.0), Signpost("month", ">=", 2.0))
    paths = pd.DataFrame([{"action": "Stops", "then": "Costly", "meets": 1.0, "effort": 1.0}])

    rows = pd.DataFrame(
        study._wrong("Stops", {p: p.fired(seen) for p in posts}, paths, policies, alone, lambda n: None)
    ).set_index(["condition", "fires"])

    in_time, late, nothing = (
        rows.loc[("exits >= 1", RIGHTLY)],
        rows.loc[("exits >= 3", LATE)],
        rows.loc[("month >= 2", FOR_NOTHING)],
    )
    assert (in_time["meets"], in_time["without"]) == (1, 0)
    assert late["meets"] < 0.1
    assert (nothing["meets"], nothing["without"]) == (1, 1)
    assert nothing["effort"] > 50
    assert rows.loc[("exits >= 1", QUIET), "effort"] == 0


@pytest.mark.slow
def test_engines_agree_on_a_switch():
    pytest.importorskip("llvmlite")
    plan = sim.find_policy({
        "steps": [{"policy": "adaptive"}],
        "when": [{"if": "exits in 6 months >= 2 and month <= 24", "then": "adaptive_tracking"}],
    })  # fmt: skip
    one, other = (track(SMALL, plan, range(24), {}, 48, "retention", engine) for engine in ("numpy", "compiled"))

    np.testing.assert_allclose(one.target, other.target, rtol=0, atol=1e-9)
    np.testing.assert_allclose(one.effort, other.effort, rtol=0, atol=1e-9)


def test_over_the_region_runs_are_paired_and_triggers_are_chosen_on_others():
    result = sim.pathways(SMALL, ["neutral", "bundling"], region=2, seeds=3, months=24, progress=False)

    assert len(set(result.seeds)) == 2 * 2 * 3
    assert result.tipping["runs"].tolist() == [6, 6]
    assert result.paths["gain"].iloc[0] == 0
    assert "2 parameter sets" in result.text()


# Words, and what is refused


def test_conditions_in_words():
    assert condition_in_words("exits >= 3 and month <= 18") == "3 or more have left by month 18"
    assert condition_in_words("exits in 6 months >= 2") == "2 or more have left within 6 months"
    assert condition_in_words("tension >= 0.5") == "the tension seen reaches 0.5"
    assert condition_in_words("grant months left <= 6") == "the grant months left falls to 6"
    assert condition_in_words("month >= 19") == "month 19 comes"


@pytest.mark.parametrize(("options", "words"), [
    ({"target": {"outcome": "retentoin", "at_least": 1}}, "did you mean retention"),
    ({"target": {"outcome": "retention"}}, "target: retention: give at_least or at_most"),
    ({"target": {"outcome": "retention", "at_least": 1, "from": 0}}, "from = 0: give a month from 1 to 24"),
    ({"target": {"outcome": "retention", "at_least": 1, "per": "month"}}, "it counts in every month"),
    ({"target": "retention"}, "give {outcome: retention, at_least: 0.5}"),
    ({"actions": ["neutral"]}, "name 2 to 6 policies or plans"),
    ({"actions": ["neutral", "neutral"]}, "each once"),
    ({"lead": 24}, "lead = 24: give months from 0 to 23"),
    ({"region": 65}, "give 0 to 64 parameter sets"),
    ({"region": 0, "seeds": 1}, "one run tells nothing"),
], ids=str)  # fmt: skip
def test_what_cannot_be_used_gives_one_line(options, words):
    with pytest.raises(InputError) as error:
        sim.pathways(SMALL, **{"actions": ["neutral", "bundling"], "months": 24, "seeds": 2, **options})

    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.slow
def test_the_command_makes_a_map_and_runs_again_from_its_configuration(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    small = ["scenario=neutral", "scenario.size.partners=6", "months=18", "replications=3", "region=2"]

    assert (
        main(
            [
                "pathways",
                *small,
                "actions=[neutral,bundling]",
                "target={outcome: retention, at_least: 0.9}",
                "folder=one",
            ]
        )
        == 0
    )
    first = capsys.readouterr().out
    assert "When does each action stop meeting the target?" in first
    assert main(["pathways", "config=one/config.yaml", "folder=two"]) == 0
    assert capsys.readouterr().out.replace("two/", "one/") == first
    assert (tmp_path / "one" / "pathways.svg").is_file()
