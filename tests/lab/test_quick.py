"""Replications for a moving hand: NumPy's at first, and the same from the compiled month once there is one."""

import threading
import time

import numpy as np
import pytest

from sim.engine import batch
from sim.lab import quick
from sim.lab.outcomes import of_worlds
from sim.lab.settings import Asked

MOVED = Asked("public_health", changes=(("start.trust", 0.35),))


@pytest.fixture
def fresh(monkeypatch):
    monkeypatch.setattr(quick, "_known", {})
    monkeypatch.setattr(quick, "_may", threading.Event())
    return quick


def test_nothing_is_compiled_where_it_is_not_allowed(fresh):
    part = fresh.of_first_worlds(MOVED, "neutral", 5)

    assert fresh._known == {}
    assert part.bands == of_worlds(MOVED, "neutral", 0, 5).bands


def test_a_setting_of_0_needs_a_month_of_its_own():
    still, other = (Asked("neutral", changes=(("start.trust", v),)) for v in (0.4, 0.5))
    none = Asked("neutral", changes=(("rules.leak.rate", 0.0),))

    assert quick._kind_of(still, "neutral") == quick._kind_of(other, "neutral")
    assert quick._kind_of(none, "neutral") != quick._kind_of(still, "neutral")
    assert quick._kind_of(still, "adaptive") != quick._kind_of(still, "neutral")


def test_no_month_is_compiled_for_each_size_that_a_hand_moves_through(fresh):
    fresh.allow()
    fresh.of_first_worlds(Asked("neutral", changes=(("size.partners", 9),)), "neutral", 5)

    assert fresh._known == {}


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["neutral", "adaptive_tracking"])
def test_a_compiled_month_gives_the_worlds_of_the_other_engine(fresh, monkeypatch, policy):
    pytest.importorskip("numba")
    monkeypatch.setattr(batch, "CHECK_INVARIANTS", False)
    fresh.allow()
    first = fresh.of_first_worlds(MOVED, policy, 40)
    by = time.monotonic() + 120
    while not all(fresh._known.values()) and time.monotonic() < by:
        time.sleep(0.05)
    second = fresh.of_first_worlds(MOVED, policy, 40)

    assert list(fresh._known.values()) == [True]
    assert list(first.rows) == list(second.rows)
    for name, rows in first.rows.items():
        np.testing.assert_allclose(second.rows[name], rows, rtol=1e-9, atol=1e-9)


def test_a_process_keeps_few_compiled_months(fresh, monkeypatch):
    monkeypatch.setattr(quick, "MOST", 0)
    fresh.allow()
    fresh.of_first_worlds(MOVED, "neutral", 5)

    assert fresh._known == {}
