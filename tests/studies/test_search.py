"""Searching policies: planted optima are found, nothing is tried twice, the best are judged where they were not chosen."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.analysis.robustness import pareto
from sim.cli.main import main
from sim.cli.search import parse
from sim.config.job import compose
from sim.core.errors import InputError
from sim.storage.atomic import MANIFEST
from sim.studies.policy_search.judging import NO_LOSS, REGION, SHIPPED, TEST, TRAINING, choose
from sim.studies.policy_search.log import LOG, open_log
from sim.studies.policy_search.search import run_search
from sim.studies.policy_search.space import policy_spaces
from sim.studies.policy_search.spec import SearchSpec, check_search
from sim.studies.policy_search.trials import run_trials

SMALL = [
    "scenario=neutral",
    "scenario.size.partners=6",
    "months=3",
    "replications=2",
    "test_replications=3",
    "region=2",
    "judged=3",
]
PLANTED = '''
from sim import Policy
from sim.core.declare import param

class Planted(Policy):
    """Spend more on nothing the further x lies from 0.37."""
    name = "planted"
    x: float = param(0.9, unit="1", low=0, high=1, doc="Best at 0.37")
    def allocate(self, seen, budget, memory):
        return seen.spend(placebo=abs(self.x - 0.37) * budget), memory
'''


def space_of(spec, months=60, **space):
    return policy_spaces([spec], space, months)[0]


def spec_of(arguments):
    """Check a search as the command does."""
    options, scenario, _ = parse(arguments)
    return check_search(options, compose(scenario).scenario)


# the front


def test_the_front_by_hand():
    table = pd.DataFrame({"stay": [0.9, 0.9, 0.8, 0.5, 0.9, np.nan, 0.1], "cost": [5, 5, 3, 1, 6, 0, 2]})

    assert pareto(table, {"stay": "more", "cost": "less"}).tolist() == [True, True, True, True, False, False, False]
    assert pareto(table, {"stay": "less"}).tolist() == [False] * 6 + [True]
    assert pareto(table.head(0), {"stay": "more"}).tolist() == []


@pytest.mark.parametrize(("directions", "words"), [
    ({}, "at least one column"), ({"sty": "more"}, "did you mean stay"), ({"stay": "up"}, "'more' or 'less', not 'up'"),
])  # fmt: skip
def test_a_front_needs_known_columns_with_a_direction(directions, words):
    with pytest.raises(InputError, match=words):
        pareto(pd.DataFrame({"stay": [1.0]}), directions)


# what is searched


def test_ranges_come_from_the_declarations_and_parameters_that_are_named_stay_fixed():
    space = space_of({"name": "adaptive", "connect": 0.2}, months=48, inside=[0.1, 0.4])
    ranges = {s.name: (s.low, s.high, s.integer) for s in space.parameters}

    assert ranges["inertia"] == (0, 0.99, False)
    assert ranges["inside"] == (0.1, 0.4, False)
    assert ranges["pause"] == (0, 48, True)
    assert "connect" not in ranges
    assert space.policy(space.defaults()).connect == 0.2
    assert space.name == "adaptive connect=0.2"


def test_proposals_are_shrunk_until_the_policy_accepts_them():
    mix = space_of("fixed_mix")
    shares = ("safeguard", "bundle", "inside", "outside", "track", "intervene")
    values = mix.fit(dict.fromkeys(shares, 0.98765) | {"pause": 17.0})

    assert 0.98 < sum(values[s] for s in shares) <= 1.0
    assert values["pause"] == 17
    assert sum(
        mix.fit(dict.fromkeys(shares, 0.9) | {"pause": 0, "share used": 0.5})[s] for s in shares
    ) == pytest.approx(0.5, abs=0.01)
    assert mix.fit(dict.fromkeys(shares, 0.0123456) | {"pause": 0})["track"] == 0.0123


def test_random_trials_of_shares_leave_some_budget_idle():
    shares = ("safeguard", "bundle", "inside", "outside", "track", "intervene")
    trials = run_trials(space_of("fixed_mix"), {"y": "less"}, 25, 0, lambda p: [0.0])
    spent = [sum(t.parameters[s] for s in shares) for t in trials]

    assert max(spent) > 0.99
    assert min(spent) < 0.5


def test_the_first_trial_has_the_defaults():
    shipped = space_of("adaptive_tracking")

    assert shipped.policy(shipped.fit(shipped.defaults())) == sim.find_policy("adaptive_tracking")


# the sampler


def distance(policy):
    """Known best: 0 at these four parameters."""
    return [
        (policy.connect - 0.7) ** 2
        + (policy.inside - 0.2) ** 2
        + (policy.inertia - 0.5) ** 2
        + (policy.pause / 60 - 0.1) ** 2
    ]


FOUR = {
    "name": "adaptive",
    "risk_low": 0.1,
    "risk_high": 0.2,
    "interest_low": 0.1,
    "interest_high": 0.2,
    "bundle_most": 0.0,
}


@pytest.mark.slow
def test_the_search_comes_near_a_known_best_and_nearer_than_chance():
    searched, chance, adaptive = [], [], space_of(FOUR)
    for seed in range(2):
        trials = list(run_trials(adaptive, {"y": "less"}, 80, seed, distance))
        units = np.random.default_rng(seed).random((80, 4)) * [1, 1, 0.99, 1]
        searched.append(min(t.outcomes[0] for t in trials))
        chance.append(((units - [0.7, 0.2, 0.5, 0.1]) ** 2).sum(axis=1).min())

    assert max(searched) < 0.1**2
    assert np.mean(searched) < 0.25 * np.mean(chance)


def test_two_objectives_give_a_front_between_their_best_parameters():
    adaptive = space_of({**FOUR, "inside": 0.5, "inertia": 0.0, "pause": 0})

    def torn(policy):
        return [(policy.connect - 0.2) ** 2, -((policy.connect - 0.6) ** 2)]

    trials = list(run_trials(adaptive, {"a": "less", "b": "more"}, 60, 0, torn))
    table = pd.DataFrame([[t.parameters["connect"], *t.outcomes] for t in trials], columns=["connect", "a", "b"])
    front = table[pareto(table, {"a": "less", "b": "more"})]

    assert front["connect"].between(0.19, 0.61).all()
    assert len(front) > 25


def test_the_same_seed_gives_the_same_trials_and_another_seed_others():
    one, repeated, other = (list(run_trials(space_of(FOUR), {"y": "less"}, 30, s, distance)) for s in (1, 1, 2))

    assert one == repeated
    assert one != other


def test_parameters_tried_before_are_not_simulated_again():
    calls = []
    pause = space_of("strategic_pause", pause=[0, 2])
    trials = list(run_trials(pause, {"y": "less"}, 20, 0, lambda p: calls.append(p.pause) or [p.pause]))

    assert sorted(calls) == [0, 1, 2]
    assert [t.outcomes for t in trials] == [[t.parameters["pause"]] for t in trials]


def test_trials_without_a_result_are_left_out_of_the_front_but_not_of_the_list():
    trials = list(
        run_trials(space_of(FOUR), {"y": "less"}, 30, 0, lambda p: [np.nan] if p.connect > 0.4 else distance(p))
    )

    assert len(trials) == 30
    assert 0 < sum(np.isnan(t.outcomes[0]) for t in trials) < 30


# interruption


def test_an_interrupted_search_continues_as_if_it_had_not_been(tmp_path):
    about, adaptive = {"what": "test"}, space_of(FOUR)
    complete = list(run_trials(adaptive, {"y": "less"}, 35, 5, distance))
    left = iter(range(28))

    def stopped(policy):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return distance(policy)

    with pytest.raises(KeyboardInterrupt), open_log(tmp_path, about) as log:
        list(run_trials(adaptive, {"y": "less"}, 35, 5, stopped, {}, log.record))
    with (tmp_path / LOG).open("ab") as file:
        file.write(b'{"family": "adaptive", "num')  # as a crash would leave it
    with open_log(tmp_path, about) as log:
        made = []
        content = log.trials[adaptive.name]
        repeated = list(
            run_trials(
                adaptive, {"y": "less"}, 35, 5, lambda p: made.append(p) or distance(p), dict(content), log.record
            )
        )

    assert repeated == complete
    assert len(made) == 35 - 28
    with open_log(tmp_path, about) as log:
        assert list(log.trials[adaptive.name].values()) == complete


def test_a_folder_is_for_one_search_and_one_process(tmp_path):
    one, other = {"seed": 1, "replications": 5}, {"seed": 1, "replications": 6}
    busy, differs = "another search is at work", r"holds another search \(replications differ\)"
    with open_log(tmp_path / "s", one), pytest.raises(InputError, match=busy), open_log(tmp_path / "s", one):
        pass
    with pytest.raises(InputError, match=differs), open_log(tmp_path / "s", other):
        pass
    with pytest.raises(InputError, match="cannot be written"), open_log(Path("/dev/null/s"), one):
        pass
    (tmp_path / "thesis").write_text("mine")
    with pytest.raises(InputError, match="holds something else"), open_log(tmp_path, {}):
        pass


def test_stopping_a_search_says_which_trials_are_saved(tmp_path, monkeypatch, capsys):
    from sim.studies.policy_search import search

    def stopped(spec, folder, call, advance):
        for _ in range(3):
            advance("trials")
        raise KeyboardInterrupt

    monkeypatch.setattr(search, "_search", stopped)

    assert main(["search", f"folder={tmp_path / 's'}"]) == 130
    assert f"3 trials are kept in {tmp_path / 's'}/; the same command continues" in capsys.readouterr().err


# the judgement


def test_test_seeds_are_not_among_the_training_seeds():
    spec = SearchSpec(seed=7, replications=5, test_replications=9, region=3)
    places = (spec.training_seeds, spec.test_seeds, spec.region_seeds)

    assert [len(p) for p in places] == [5, 9, 15]
    assert len({seed for place in places for seed in place}) == 29


def test_which_trials_are_judged_is_decided_on_training_seeds():
    table = pd.DataFrame({"stay": [0.9, 0.8, 0.7, 0.6, 0.5, 0.9], "cost": [9, 7, 5, 4, 1, 9]})
    directions = {"stay": "more", "cost": "less"}
    table = table.assign(front=pareto(table, directions))
    to_beat = {"stay": 0.65, "cost": 6}

    assert choose(table, directions, to_beat, 4) == {0: "most stay", 4: "least cost", 2: NO_LOSS, 3: ""}
    assert choose(table, directions, {"stay": 0.7, "cost": 5}, 1) == {0: "most stay", 4: "least cost"}
    assert NO_LOSS not in choose(table, directions, {"stay": np.nan, "cost": 5}, 9).values()


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    place = tmp_path_factory.mktemp("planted")
    (place / "planted.py").write_text(PLANTED)
    spec = spec_of(
        [*SMALL, f"policies=[{{name: '{place / 'planted.py'}', pause: 0}}]", "objectives=[effort_spent]", "trials=40"]
    )
    return spec, run_search(spec, place / "out", "")


def test_a_planted_policy_is_searched_through_the_model(planted):
    _, result = planted
    best = next(name for name, why in result.reasons.items() if "least effort_spent" in why)

    assert result.policies[best].x == pytest.approx(0.37, abs=0.02)


def test_what_is_reported_is_what_the_model_gives(planted):
    spec, result = planted
    means = result.judged.set_index(["policy", "place"])["mean"]
    name = next(iter(result.policies))
    trial = result.trials.set_index("name").loc[name]
    repeated = {
        place: sim.simulate(spec.scenario, seeds, result.policies[name], 3, ("summary",)).summary["effort_spent"]
        for place, seeds in ((TRAINING, spec.training_seeds), (TEST, spec.test_seeds))
    }

    assert means[name, TRAINING] == trial["effort_spent"]
    for place, effort in repeated.items():
        assert means[name, place] == pytest.approx(effort.mean(), rel=1e-12)
    gaps = result.differences.set_index(["policy", "place", "baseline"])
    assert gaps.loc[(name, TEST, "neutral"), "difference"] == pytest.approx(repeated[TEST].mean(), rel=1e-12)
    assert set(result.differences["baseline"]) == set(SHIPPED)


def test_the_region_is_judged_by_parameter_set(planted):
    spec, result = planted
    own = result.judged.set_index(["policy", "place"]).loc[("neutral", REGION)]

    assert own["n"] == spec.region
    assert own["mean"] == 0


# the command


MINE = [*SMALL, "policies=[{name: scheduled, pause: 0},strategic_pause]", "objectives=[society_value,effort_spent]"]


def test_the_command_writes_tables_figures_and_a_manifest(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert main(["search", *MINE, "trials=3", "folder=one"]) == 0
    out = capsys.readouterr().out
    trials, front = pd.read_csv("one/trials.csv"), pd.read_csv("one/front.csv")
    assert trials["policy"].value_counts().to_dict() == {"scheduled pause=0": 3, "strategic_pause": 3}
    assert len(front) == trials["front"].sum() > 0
    assert {"trials.csv", "judged.csv", "differences.csv", "config.yaml", "manifest.json", "front.png"} <= {
        p.name for p in Path("one").iterdir()
    }
    assert "believe the test seeds" in out
    assert "nan" not in out


@pytest.mark.slow
def test_the_command_writes_the_same_bytes_and_continues_with_more_trials(tmp_path, monkeypatch, drawn):
    monkeypatch.chdir(tmp_path)

    assert main(["search", *MINE, "trials=4", "folder=one"]) == 0
    assert main(["search", *MINE, "trials=2", "folder=two"]) == 0
    assert main(["search", *MINE, "trials=4", "folder=two"]) == 0
    for path in sorted(Path("one").iterdir()):
        if path.name not in (LOG, MANIFEST):  # in the order in which trials were made, and its digest
            assert path.read_bytes() == Path("two", path.name).read_bytes(), path.name
    manifests = [json.loads(Path(folder, MANIFEST).read_text()) for folder in ("one", "two")]
    for manifest in manifests:
        manifest["files"].pop(LOG)
        manifest.pop("check")
    assert manifests[0] == manifests[1]


@pytest.mark.parametrize(("arguments", "words"), [
    (["policies=[adaptve]"], "did you mean adaptive"),
    (["policies=[]"], "at least one"),
    (["policies=[adaptive,adaptive]"], "named twice"),
    (["policies=[{name: strategic_pause, pause: 3}]"], "no parameter left to search"),
    (["space.insid=[0,1]"], "did you mean inside"),
    (["space.inside=[0.7,0.7]"], "from 0.7 to 0.7 is empty"),
    (["space.inside=[0,1.5]"], "allowed is a number from 0 to 1"),
    (["space.pause=[0,2.5]"], "takes whole numbers"),
    (["space.pause=3"], "give two numbers, for example space.pause=[0,60]"),
    (["objectives=[retention60]"], "did you mean retention_60"),
    (["objectives=[exits_satisfied]"], "neither more nor less is better"),
    (["objectives=[]"], "name 1 to 4 outcomes"),
    (["objectives=[retention,retention]"], "each once"),
    (["months=24", "trials=1"], "retention_60 is not known in these runs of 24 months"),
    (["trials=0"], "from 1 to 100000"),
    (["region=65"], "from 2 to 64"),
    (["trails=5"], "did you mean trials"),
    (["trials"], "as key=value"),
    (["scenario=nope"], "no such scenario"),
], ids=str)  # fmt: skip
def test_bad_input_is_one_line(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert main(["search", *arguments]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_objective_that_some_run_lacks_in_every_trial_is_refused(tmp_path, monkeypatch):
    from sim.studies.policy_search import search

    monkeypatch.setattr(search, "run_outcomes", lambda spec, *_: pd.DataFrame({"trust_end": [0.5, np.nan]}))
    monkeypatch.setattr(search, "measure", lambda spec, *_: [np.nan])
    spec = check_search({"objectives": ["trust_end"], "trials": 2})

    with pytest.raises(InputError, match="no trial has trust_end in every run; choose others"):
        run_search(spec, tmp_path / "s", "")


def test_a_parameter_without_a_range_asks_for_one(tmp_path):
    (tmp_path / "open.py").write_text(PLANTED.replace("low=0, high=1, ", ""))

    with pytest.raises(InputError, match=r"planted declares no range for it; give one as space.x=\[low,high\]"):
        spec_of([f"policies=['{tmp_path / 'open.py'}']"])


def test_a_policy_that_accepts_nothing_within_its_ranges_says_so():
    with pytest.raises(InputError, match="refuses even the low ends of these ranges; lower them"):
        space_of("fixed_mix", safeguard=[0.6, 0.9], outside=[0.6, 0.9])


def test_without_optuna_one_line_says_how_to_get_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "optuna", None)

    assert main(["search", f"folder={tmp_path / 's'}"]) == 2
    assert capsys.readouterr().err == "partnership: searching needs the package optuna: python -m pip install optuna\n"
