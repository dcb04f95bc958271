"""The Mesa twin: fed the engine's draws it takes the engine's path; with its own it comes to the same on average."""

import sys
from pathlib import Path

import numpy as np
import pytest

from sim import Scenario
from sim.noise import Worlds
from sim.simulation import Batch

sys.path.insert(0, str(Path(__file__).parents[1] / "experiments"))
try:
    from mesa_luck import EngineLuck
    from mesa_twin import Partnership
finally:
    sys.path.pop(0)

NEUTRAL, PAUSED, TRACKING = "neutral", {"name": "neutral", "pause": 3}, "adaptive_tracking"
OF_MEMBERS = ("goodwill", "engagement", "trust", "met", "reserve", "inside", "outside", "contacts", "n_ties", "disclosure",
              "routine", "representative", "benefit", "business_model", "ledger", "knowledge")  # fmt: skip
OF_ALL = ("understanding", "plan", "tension", "tension_interest", "fund", "society_value")
