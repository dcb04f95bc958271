"""Outcomes, with unit and direction: ``series`` gives a number per month, ``summary`` a number per run."""

from sim.model.outcomes.series import SERIES, monthly_named, series_of
from sim.model.outcomes.summary import SUMMARY, outcome_named, summary_of

__all__ = ["SERIES", "SUMMARY", "monthly_named", "outcome_named", "series_of", "summary_of"]
