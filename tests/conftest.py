"""The invariants of every run in every test are checked: accounting identities and declared ranges, every month.

``SHARE=0.4`` in the environment leaves of each slow test with many cases a part, at least four, unless some are chosen
by name (``-k``); ``ROUND`` says which part. The continuous integration gives the day of the commit, so that other cases
are tried on other days.
"""

import base64
import hashlib
import os
import signal
from collections import defaultdict

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # inherited from a shell, and by programs under test from here
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config, items):
    """Leave a part of the slow tests with many cases, where a share is asked for."""
    share = 1.0 if config.getoption("keyword") else float(os.environ.get("SHARE", "1"))
    families = defaultdict(list)
    for item in items:
        if item.get_closest_marker("slow"):
            families[item.nodeid.partition("[")[0]].append(item)

    def place(item):
        return hashlib.sha256((os.environ.get("ROUND", "") + item.nodeid).encode()).hexdigest()

    left_out = {
        item for family in families.values() for item in sorted(family, key=place)[max(4, round(share * len(family))) :]
    }
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=list(left_out))


@pytest.fixture(autouse=True, scope="session")
def _check_every_run():
    from sim.engine import batch

    batch.CHECK_INVARIANTS = True
    yield
    batch.CHECK_INVARIANTS = False


DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg==")
"""The smallest picture there is."""


def _leave_undrawn(patch):
    patch.setattr("matplotlib.figure.Figure.savefig", lambda self, file, **_: file.write(DOT))
    patch.setattr("matplotlib.figure.Figure.tight_layout", lambda self, **_: None)


@pytest.fixture
def undrawn(monkeypatch):
    """Leave figures undrawn, where a test is about something else: drawing takes most of a comparison's time."""
    _leave_undrawn(monkeypatch)


@pytest.fixture(scope="module")
def undrawn_here():
    """Leave the figures of a module undrawn, in its fixtures too."""
    with pytest.MonkeyPatch.context() as patch:
        _leave_undrawn(patch)
        yield


@pytest.fixture(scope="module")
def unchecked_here():
    """Leave the invariants of the model unchecked in a module that is about something else, and makes many runs."""
    from sim.engine import batch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "CHECK_INVARIANTS", False)
        yield
