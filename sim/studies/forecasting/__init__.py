"""Forecasts of one partnership: conditioned on what has happened so far, continued under each plan."""
