"""What is tested here is how runs are kept, not the model: its audit would take most of the time."""

import pytest

from sim import batch
from tests.sweeps.helpers import swept


@pytest.fixture(autouse=True)
def _no_audit(monkeypatch):
    monkeypatch.setattr(batch, "AUDIT", False)


@pytest.fixture(scope="session")
def reference(tmp_path_factory):
    """A sweep that nothing disturbed, and that nothing changes."""
    folder = tmp_path_factory.mktemp("reference") / "sweep"
    assert swept(folder).done == 60
    return folder
