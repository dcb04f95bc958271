"""Searches, calibrations and their folders are named by all that determines them: model, policy, helpers and data."""

import json

import pytest

import sim
from sim.core.errors import InputError
from sim.storage import digests
from sim.studies import identity

POLICY = '''
"""A policy with a helper and a data file."""
from sim import Policy
from sim.core.declare import param
from own_helper import share

DATA = ("share.json",)

class Own(Policy):
    """Spend a share on nothing."""
    name = "own"
    part: float = param(0.5, unit="1", low=0, high=1, doc="Part of the share")
    def allocate(self, seen, budget, memory):
        return seen.spend(placebo=self.part * share() * budget), memory
'''
HELPER = """
import json
from pathlib import Path

def share():
    return json.loads(Path(__file__).with_name("share.json").read_text())["share"]
"""

CHANGES = {
    "policy file": ("own_policy.py", POLICY.replace("self.part * share()", "self.part * share() / 2")),
    "helper module": ("own_helper.py", HELPER.replace('["share"]', '["share"] / 2')),
    "data file": ("share.json", '{"share": 0.25}'),
}
COMMENTS = {
    "policy file": ("own_policy.py", "# mine\n" + POLICY.replace("Spend a share on nothing.", "Spend a part.")),
    "helper module": ("own_helper.py", HELPER + "\n# read by the policy\n"),
}
SLOWLY = [pytest.param(name, marks=pytest.mark.slow) for name in ("helper module", "data file")]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_policy.py").write_text(POLICY)
    (tmp_path / "own_helper.py").write_text(HELPER)
    (tmp_path / "share.json").write_text('{"share": 0.5}')
    return tmp_path


def search(folder=None):
    return sim.search(
        sim.Scenario().replace(**{"size.partners": 4}), "own_policy.py", ["effort_spent"],
        trials=1, seeds=2, test_replications=2, region=2, months=2, folder=folder, progress=False,
    )  # fmt: skip


def calibrate(folder=None):
    target = {"outcome": "retention", "low": 0.0, "high": 1.0}
    return sim.calibrate(
        {"targets": {"T": target}}, seeds=10, design={"n": 2}, folder=folder, executor="serial", progress=False,
        policies=["own_policy.py"], replications=2, months=2,
    )  # fmt: skip


def idle(seen, budget, memory):
    return seen.spend(), memory


def another_model(monkeypatch):
    """Pretend that a rule has changed."""
    for module in (digests, identity):
        monkeypatch.setattr(module, "model_version", lambda: "0.0.0+changed0")


@pytest.mark.parametrize(
    "study", [search, pytest.param(calibrate, marks=pytest.mark.slow)], ids=["search", "calibrate"]
)
@pytest.mark.parametrize("changed", ["policy file", *SLOWLY])
def test_a_change_gives_another_key_and_the_folder_is_refused(study, changed, place):
    before = study(place / "out")
    before.save()
    name, text = CHANGES[changed]
    (place / name).write_text(text)

    with pytest.raises(InputError, match=r"another version of own_policy\.py"):
        study(place / "out")
    assert study(place / "other").key != before.key


@pytest.mark.parametrize(
    "study", [search, pytest.param(calibrate, marks=pytest.mark.slow)], ids=["search", "calibrate"]
)
@pytest.mark.parametrize("changed", [*SLOWLY[:1], "policy file"])
def test_a_comment_or_docstring_changes_no_key_and_the_study_continues(study, changed, place):
    before = study(place / "out")
    before.save()
    name, text = COMMENTS[changed]
    (place / name).write_text(text)
    repeated = study(place / "out")

    assert repeated.key == before.key
    assert repeated.save() == before.folder


@pytest.mark.parametrize(
    "study", [pytest.param(search, marks=pytest.mark.slow), calibrate], ids=["search", "calibrate"]
)
def test_a_changed_rule_gives_another_key_and_the_folder_is_refused(study, place, monkeypatch):
    before = study(place / "out")
    before.save()
    another_model(monkeypatch)

    with pytest.raises(InputError, match="another model"):
        study(place / "out")
    with pytest.raises(InputError, match="another model"):
        study(place / "other").save(place / "out")


@pytest.mark.slow
def test_a_search_without_a_folder_is_saved_with_its_log_and_continues_there(place):
    result = search()
    assert result.folder is None
    folder = result.save(place / "out")
    repeated = search(folder)

    assert repeated.trials.equals(result.trials)
    assert len((folder / "trials.jsonl").read_text().splitlines()) == 2


def test_the_policy_is_kept_beside_the_results(place):
    folder = search(place / "out").save()
    manifest = json.loads((folder / "manifest.json").read_text())

    assert (folder / "policies" / "own_policy.py").read_text() == POLICY
    assert (folder / "policies" / "share.json").is_file()
    assert list(manifest["policies"]) == ["own_policy.py"]


@pytest.mark.slow
def test_more_trials_continue_in_the_same_folder_under_another_key(place):
    few = sim.search(
        "neutral", "strategic_pause", ["retention"], trials=1, seeds=2, test_replications=2, region=2, months=2
    )
    more = sim.search(
        "neutral", "strategic_pause", ["retention"], trials=2, seeds=2, test_replications=2, region=2, months=2
    )

    assert few.default_folder == more.default_folder
    assert few.key != more.key


def test_validation_and_sensitivity_name_their_folders_by_the_model(place, monkeypatch):
    from sim.studies.validation import sensitivity, validate

    keys = []
    for _ in range(2):
        for module in (sensitivity, validate):
            monkeypatch.setattr(
                module, "open_folder", lambda folder, identity, parts: keys.append(folder.name) or 1 / 0
            )
        for study in (sim.sensitivity, sim.validate):
            with pytest.raises(ZeroDivisionError):
                study()
        another_model(monkeypatch)

    assert [key.rpartition("-")[0] for key in keys] == ["sensitivity", "validate-region"] * 2
    assert len(set(keys)) == 4


@pytest.mark.slow
def test_objects_classes_and_functions_are_searched_as_names_are(place):
    pause = sim.find_policy({"name": "strategic_pause"})
    options = {"trials": 2, "seeds": 2, "test_replications": 2, "region": 2, "months": 2, "progress": False}
    named, inputs, kind = (
        sim.search("neutral", policy, ["retention"], **options) for policy in ("strategic_pause", pause, type(pause))
    )

    assert named.trials.equals(inputs.trials)
    assert named.trials.equals(kind.trials)
    function = sim.search("neutral", idle, ["retention"], **options)
    assert list(function.trials["policy"]) == ["idle", "idle"]


@pytest.mark.parametrize(("seeds", "first", "n"), [(3, 0, 3), (range(7, 10), 7, 3), ([4, 5], 4, 2)])
def test_seeds_of_a_search_are_a_number_or_consecutive(seeds, first, n):
    from sim.studies.policy_search.spec import consecutive

    assert consecutive(seeds, "seeds") == (first, n)


@pytest.mark.parametrize("seeds", [[1, 3], "3", 2.5, True, []])
def test_other_seeds_of_a_search_are_refused(seeds):
    with pytest.raises(InputError, match="consecutive seeds"):
        sim.search("neutral", seeds=seeds)
