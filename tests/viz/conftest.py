"""Figures are drawn here."""

import pytest


@pytest.fixture(autouse=True)
def _drawn(drawn):
    """Draw the figures of every test."""
