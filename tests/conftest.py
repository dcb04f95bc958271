"""The invariants of every run in every test are checked: accounting identities and declared ranges, every month.

``SHARE=0.25`` in the environment leaves every fourth slow test, unless some are chosen by name (``-k``); ``ROUND``, a
whole number, says which. The continuous integration gives the day of the commit, so that in four days all are tried.
"""

import base64
import gc
import os
import signal

import pytest
from matplotlib.figure import Figure

from sim.viz import layout

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # inherited from a shell, and by programs under test from here
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config, items):
    """Leave a share of the slow tests, evenly from all files, where one is asked for."""
    n_rounds = 1 if config.getoption("keyword") else round(1 / float(os.environ.get("SHARE", "1")))
    slow = [item for item in items if item.get_closest_marker("slow")]
    now = set(slow[int(os.environ.get("ROUND", "0")) % n_rounds :: n_rounds])
    left_out = [item for item in slow if item not in now]
    if left_out:
        items[:] = [item for item in items if item in now or not item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=left_out)


def pytest_collection_finish():
    """Leave what the tests and libraries are made of alone when garbage is looked for, and look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True, scope="session")
def _check_every_run():
    from sim.engine import batch

    batch.CHECK_INVARIANTS = True
    yield
    batch.CHECK_INVARIANTS = False


DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg==")
"""The smallest picture there is."""


STAND_INS = [
    (Figure, "savefig", lambda self, file, **_: file.write(DOT)),
    (Figure, "tight_layout", lambda self, **_: None),
    (layout, "_width", lambda figure, text, font: 0.06 * len(text)),
    (layout, "_height", lambda artist: 0.2),
    (layout, "_missing_height", lambda figure, high: 0.0),
    (layout._Words, "fit", lambda self, figure: False),
]
"""What stands in for drawing and measuring."""

REAL = [(owner, name, getattr(owner, name)) for owner, name, _ in STAND_INS]


def _with(attributes):
    with pytest.MonkeyPatch.context() as patch:
        for each in attributes:
            patch.setattr(*each)
        yield


@pytest.fixture(autouse=True, scope="session")
def _undrawn():
    """Leave figures undrawn: most tests are about something else, and drawing takes most of a comparison's time."""
    yield from _with(STAND_INS)


@pytest.fixture
def drawn():
    """Draw figures, where a test is about them."""
    yield from _with(REAL)


@pytest.fixture(scope="module")
def unchecked_here():
    """Leave the invariants of the model unchecked in a module that is about something else, and makes many runs."""
    from sim.engine import batch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "CHECK_INVARIANTS", False)
        yield
