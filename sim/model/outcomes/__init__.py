"""Outcomes, with unit and direction: ``series`` gives a number per month, ``summary`` a number per run."""

from sim.model.outcomes.series import SERIES
from sim.model.outcomes.summary import SUMMARY

__all__ = ["SERIES", "SUMMARY"]
