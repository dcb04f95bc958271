"""These tests are about how runs are stored. Checks of the invariants of the model would take most of the time."""

import pytest

from sim.engine import batch
from sim.sweeps.tasks import RunIds, _run_ids
from tests.sweeps.helpers import swept


@pytest.fixture(autouse=True)
def _no_invariants(monkeypatch):
    monkeypatch.setattr(batch, "CHECK_INVARIANTS", False)


@pytest.fixture(scope="session")
def reference(tmp_path_factory):
    """A sweep that nothing disturbed, and that nothing changes."""
    folder = tmp_path_factory.mktemp("reference") / "sweep"
    assert swept(folder).done == 60
    return folder


@pytest.fixture
def with_other_ids(monkeypatch):
    """Give runs other ids from now on, as another version of the model does."""

    def begin():
        made = RunIds.__init__

        def other(self, *arguments):
            made(self, *arguments)
            self._head = b"other" + self._head

        monkeypatch.setattr(RunIds, "__init__", other)
        _run_ids.cache_clear()

    yield begin
    _run_ids.cache_clear()
