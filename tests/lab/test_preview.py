"""Previews while a slider is dragged: NumPy's at first, and the same from the compiled month once there is one."""

import threading
import time

import numpy as np
import pytest

from sim.engine import batch
from sim.lab import outcomes
from sim.lab.link_state import LinkState
from sim.lab.outcomes import simulate_chunk

MOVED = LinkState("public_health", changes=(("start.trust", 0.35),))


@pytest.fixture
def uncompiled(monkeypatch):
    monkeypatch.setattr(outcomes, "_compiled", {})
    monkeypatch.setattr(outcomes, "_may_compile", threading.Event())
    return outcomes


def test_nothing_is_compiled_where_it_is_not_allowed(uncompiled):
    part = uncompiled.simulate_preview(MOVED, "neutral", 5)

    assert uncompiled._compiled == {}
    assert part.bands == simulate_chunk(MOVED, "neutral", 0, 5).bands


def test_a_parameter_of_0_needs_a_month_of_its_own():
    still, other = (LinkState("neutral", changes=(("start.trust", v),)) for v in (0.4, 0.5))
    none = LinkState("neutral", changes=(("rules.leak.rate", 0.0),))

    assert outcomes._month_to_compile(still, "neutral") == outcomes._month_to_compile(other, "neutral")
    assert outcomes._month_to_compile(none, "neutral") != outcomes._month_to_compile(still, "neutral")
    assert outcomes._month_to_compile(still, "adaptive") != outcomes._month_to_compile(still, "neutral")


def test_no_month_is_compiled_for_each_size_that_a_slider_passes(uncompiled):
    uncompiled.allow_compiling()
    uncompiled.simulate_preview(LinkState("neutral", changes=(("size.partners", 9),)), "neutral", 5)

    assert uncompiled._compiled == {}


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["neutral", "adaptive_tracking"])
def test_a_compiled_month_gives_the_runs_of_the_other_engine(uncompiled, monkeypatch, policy):
    pytest.importorskip("llvmlite")
    monkeypatch.setattr(batch, "CHECK_INVARIANTS", False)
    uncompiled.allow_compiling()
    first = uncompiled.simulate_preview(MOVED, policy, 40)
    by = time.monotonic() + 120
    while not all(uncompiled._compiled.values()) and time.monotonic() < by:
        time.sleep(0.05)
    second = uncompiled.simulate_preview(MOVED, policy, 40)

    assert list(uncompiled._compiled.values()) == [True]
    assert list(first.rows) == list(second.rows)
    for name, rows in first.rows.items():
        np.testing.assert_allclose(second.rows[name], rows, rtol=1e-9, atol=1e-9)


def test_a_process_keeps_few_compiled_months(uncompiled, monkeypatch):
    monkeypatch.setattr(outcomes, "MAX_COMPILED", 0)
    uncompiled.allow_compiling()
    uncompiled.simulate_preview(MOVED, "neutral", 5)

    assert uncompiled._compiled == {}
