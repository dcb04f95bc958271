"""The bar of a long work."""

from sim.core.progress import bar
from sim.sweeps.runner import Bar
from sim.sweeps.tasks import Finished


def test_a_bar_is_shown_where_it_is_asked_for_and_else_only_on_a_terminal():
    shown, hidden, unasked = (bar(text, total=1) for text in (True, False, None))

    assert (shown.disable, hidden.disable, unasked.disable) == (False, True, True)
    for one in (shown, hidden, unasked):
        one.close()


def test_a_bar_asks_the_system_for_no_semaphore(monkeypatch):
    import multiprocessing

    from tqdm import std

    def refuse():
        raise AssertionError("a semaphore is asked for")

    monkeypatch.setattr(multiprocessing, "RLock", refuse)
    monkeypatch.delattr(std.tqdm, "_lock", raising=False)
    monkeypatch.delattr(std.TqdmDefaultWriteLock, "mp_lock", raising=False)

    bar(total=3).close()


def test_the_bar_goes_on_from_what_was_tried_and_counts_failures(capsys):
    with Bar(True) as shown:
        shown.aim(10, 4)
        shown.add(Finished("key", 3, {}, ({"run_id": "a"},)))
        shown.aim(12, 4)

    drawn = capsys.readouterr().err.split("\r")
    assert not drawn[-1].strip(), "the bar is gone when the work is done"
    assert any("4/10" in line for line in drawn)
    assert any("8/12" in line and "1 failed" in line for line in drawn)
    assert (shown.done, shown.failed) == (3, 1)


def test_the_bar_says_nothing_of_failures_while_there_are_none(capsys):
    with Bar(True) as shown:
        shown.aim(10, 0)
        shown.add(Finished("key", 3, {}))
        shown.aim(10, 0)

    drawn = [line for line in capsys.readouterr().err.split("\r") if "3/10" in line]
    assert drawn
    assert all(line.rstrip().endswith("runs/s]") for line in drawn)
