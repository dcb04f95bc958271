"""The invariants of every run in every test are checked: accounting identities and declared ranges, every month."""

import signal

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # inherited from a shell, and by programs under test from here
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _check_every_run():
    from sim.engine import batch

    batch.CHECK_INVARIANTS = True
    yield
    batch.CHECK_INVARIANTS = False


@pytest.fixture
def undrawn(monkeypatch):
    """Leave figures undrawn, where a test is about something else: drawing takes most of a comparison's time."""
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", lambda self, file, **_: file.write(b"not drawn"))
    monkeypatch.setattr("matplotlib.figure.Figure.tight_layout", lambda self, **_: None)
