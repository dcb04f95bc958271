"""Outcomes, with unit and direction: ``series`` gives a number per month, ``summary`` a number per run."""

from sim.model.outcomes.named import better_of, measuring, outcome_named, outcomes_of, own_facts, unit_of
from sim.model.outcomes.own import remember
from sim.model.outcomes.series import SERIES, monthly_named, series_of
from sim.model.outcomes.summary import SUMMARY, summary_of

__all__ = [
    "SERIES",
    "SUMMARY",
    "better_of",
    "measuring",
    "monthly_named",
    "outcome_named",
    "outcomes_of",
    "own_facts",
    "remember",
    "series_of",
    "summary_of",
    "unit_of",
]
