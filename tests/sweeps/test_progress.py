"""The bar of a long work."""

import pytest

from sim.core.progress import bar
from sim.sweeps.runner import Bar
from sim.sweeps.tasks import Finished


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr("sim.core.progress.is_on_terminal", lambda: True)


def test_a_bar_is_shown_unless_it_is_not_wanted(terminal):
    shown, hidden, unasked = (bar(text, total=1) for text in (True, False, None))

    assert (shown.disable, hidden.disable, unasked.disable) == (False, True, False)
    for one in (shown, hidden, unasked):
        one.close()


def test_without_a_terminal_progress_is_a_line_now_and_then(capsys, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    with bar(total=4000, initial=1000, unit=" runs", desc="compare") as lines:
        for _ in range(30):
            now[0] += 2.0
            lines.update(100)
        lines.set_postfix_str("3 failed")

    assert capsys.readouterr().err.splitlines() == [
        "compare: 1,500 of 4,000 runs (38%), about 50 s left",
        "compare: 3,000 of 4,000 runs (75%), about 20 s left",
    ]


def test_a_short_work_writes_no_line_and_an_unwanted_one_nothing(capsys, monkeypatch):
    with bar(total=2) as lines:
        lines.update(2)
    monkeypatch.setattr("sim.core.progress.FIRST", -1.0)
    with bar(False, total=2) as nothing:
        nothing.update(1)

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("seconds", "expected"), [(50, "50 s"), (119, "119 s"), (600, "10 min"), (9000, "2 h")])
def test_time_left_is_given_in_a_fit_unit(seconds, expected):
    from sim.core.progress import _duration

    assert _duration(seconds) == expected


def test_a_bar_asks_the_system_for_no_semaphore(monkeypatch, terminal):
    import multiprocessing

    from tqdm import std

    def refuse():
        raise AssertionError("a semaphore is asked for")

    monkeypatch.setattr(multiprocessing, "RLock", refuse)
    monkeypatch.delattr(std.tqdm, "_lock", raising=False)
    monkeypatch.delattr(std.TqdmDefaultWriteLock, "mp_lock", raising=False)

    bar(total=3).close()


def test_the_bar_goes_on_from_what_was_tried_and_counts_failures(capsys, terminal):
    with Bar(True) as shown:
        shown.aim(10, 4)
        shown.add(Finished("key", 3, {}, ({"run_id": "a"},)))
        shown.aim(12, 4)

    drawn = capsys.readouterr().err.split("\r")
    assert not drawn[-1].strip(), "the bar is gone when the work is done"
    assert any("4/10" in line for line in drawn)
    assert any("8/12" in line and "1 failed" in line for line in drawn)
    assert (shown.done, shown.failed) == (3, 1)


def test_the_bar_says_nothing_of_failures_while_there_are_none(capsys, terminal):
    with Bar(True) as shown:
        shown.aim(10, 0)
        shown.add(Finished("key", 3, {}))
        shown.aim(10, 0)

    drawn = [line for line in capsys.readouterr().err.split("\r") if "3/10" in line]
    assert drawn
    assert all(line.rstrip().endswith("runs/s]") for line in drawn)
