"""Every run in every test is audited: accounting identities and declared ranges, every month."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def _audit_every_run():
    from sim import simulation

    simulation.AUDIT = True
    yield
    simulation.AUDIT = False
