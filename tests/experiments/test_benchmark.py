# expected == actual
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from sim import Scenario

EXPERIMENTS = Path(__file__).parents[2] / "experiments"


@pytest.fixture
def history(monkeypatch):
    monkeypatch.syspath_prepend(str(EXPERIMENTS))
    yield importlib.import_module("benchmark_history")
    sys.modules.pop("benchmark_history", None)


@pytest.fixture
def agreement(monkeypatch):
    monkeypatch.syspath_prepend(str(EXPERIMENTS))
    yield importlib.import_module("benchmark_agreement")
    sys.modules.pop("benchmark_agreement", None)


@pytest.mark.parametrize("policy", ["neutral", "adaptive_tracking"])
def test_every_peer_agrees_with_the_engine_on_what_is_timed(agreement, policy):
    for form in agreement.FED:
        agreement.check_agreement(form, Scenario(), policy, months=12)


def test_a_peer_that_differs_is_named_with_the_variable_and_the_month(agreement, monkeypatch):
    def without_news(scenario, *rest):
        return tuned(scenario.replace(**{"rules.commitment.news": 0.0}), *rest)

    tuned = agreement.FED[agreement.TUNED]
    monkeypatch.setitem(agreement.FED, "a peer", without_news)

    with pytest.raises(SystemExit) as stopped:
        agreement.check_agreement("a peer", Scenario(), "neutral", months=12)

    assert "a peer and engine differ in goodwill from month 1 on: neutral, seed 1" == stopped.value.code


@pytest.mark.slow
def test_help_says_what_the_benchmark_does_and_its_keys():
    answer = subprocess.run(
        [sys.executable, EXPERIMENTS / "benchmark.py", "--help"], capture_output=True, text=True, check=True
    )

    assert answer.stdout.startswith("How fast is the engine")
    assert answer.stdout.endswith(
        "Keys: quick=false record=false repeats=0 months=60 seeds=1000 folder=results/benchmark\n"
    )


def test_the_arithmetic_of_a_month_can_be_counted(monkeypatch):
    monkeypatch.syspath_prepend(str(EXPERIMENTS))
    machine = importlib.import_module("benchmark_machine")
    neutral, variables = machine.operations()
    tracking, _ = machine.operations("adaptive_tracking")

    assert 100 < neutral < tracking < 10_000
    assert 10 < variables < 60


def test_a_ratio_that_fell_by_more_than_a_third_is_named(history, tmp_path):
    path = tmp_path / "history.csv"
    for ratio in (60.0, 66.0, 63.0):
        history.record(path, {"numpy": ratio, "compiled": None})

    assert [] == history.compare(path, {"numpy": 42.1, "compiled": 200.0})
    assert ["slower: numpy is 41.9 times Mesa, was 63.0"] == history.compare(path, {"numpy": 41.9, "compiled": None})


def test_the_latest_entries_count(history, tmp_path):
    path = tmp_path / "history.csv"
    for ratio in (10.0, 300.0, 300.0, 300.0, 300.0, 300.0):
        history.record(path, {"numpy": None, "compiled": ratio})

    assert 1 == len(history.compare(path, {"compiled": 199.0}))
    assert [] == history.compare(tmp_path / "none.csv", {"compiled": 1.0})


def test_the_shipped_history_can_be_read(history):
    assert ["slower: compiled is 1.0 times Mesa"] == [
        line.partition(",")[0] for line in history.compare(EXPERIMENTS / "benchmark_history.csv", {"compiled": 1.0})
    ]
