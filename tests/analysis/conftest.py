"""Simulated runs that several tests of analysis read."""

import pytest

from tests.analysis.subjects import simulate_hasty, simulated_lifetimes
from tests.analysis.written_runs import run_denim


@pytest.fixture(scope="module")
def runs():
    return simulate_hasty()


@pytest.fixture(scope="module")
def life(runs):
    return simulated_lifetimes(runs)


@pytest.fixture(scope="module")
def denim():
    return run_denim()
