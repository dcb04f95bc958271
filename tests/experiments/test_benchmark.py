# expected == actual
import importlib
import sys
from pathlib import Path

import pytest

EXPERIMENTS = Path(__file__).parents[2] / "experiments"


@pytest.fixture
def history(monkeypatch):
    monkeypatch.syspath_prepend(str(EXPERIMENTS))
    yield importlib.import_module("benchmark_history")
    sys.modules.pop("benchmark_history", None)


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
