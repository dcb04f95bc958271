"""Short chains, where a study samples parameter sets and is about something else."""

import pytest


@pytest.fixture(scope="module")
def short_chains():
    """Two or three parameters are soon mixed: their chains forget where they began in fewer steps than those of many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.studies.validation.emulation.FORGOTTEN", 200)
        patch.setattr("sim.studies.validation.emulation.THIN", 20)
        yield
