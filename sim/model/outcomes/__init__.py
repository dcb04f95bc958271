"""Outcomes: what is counted, with unit and direction; ``series`` a number a month, ``summary`` a number a run."""

from sim.model.outcomes.series import SERIES
from sim.model.outcomes.summary import SUMMARY

__all__ = ["SERIES", "SUMMARY"]
