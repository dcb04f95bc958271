"""What is tested here is how runs are kept, not the model: its audit would take most of the time."""

import pytest

from sim.engine import batch
from sim.sweeps import run_id
from sim.sweeps.tasks import _identity
from tests.sweeps.helpers import swept


@pytest.fixture(autouse=True)
def _no_audit(monkeypatch):
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
        monkeypatch.setattr(run_id, "model_version", lambda: "other")
        _identity.cache_clear()

    yield begin
    _identity.cache_clear()
