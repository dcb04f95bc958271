"""What is tested here is how runs are kept, not the model: its audit would take most of the time."""

import pytest

from sim import batch


@pytest.fixture(autouse=True)
def _no_audit(monkeypatch):
    monkeypatch.setattr(batch, "AUDIT", False)
