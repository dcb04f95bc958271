"""The policies: one file each; this tuple makes the menu, the tests, the tables and the documentation."""

from sim.model.policies.adaptive import Adaptive, AdaptiveTracking, PerfectInformation, RandomAllocation
from sim.model.policies.base import Policy
from sim.model.policies.bundling import Bundling
from sim.model.policies.connecting import Connecting
from sim.model.policies.fixed_mix import FixedMix
from sim.model.policies.neutral import Neutral, StrategicPause
from sim.model.policies.placebo import Placebo
from sim.model.policies.safeguarding import Safeguarding
from sim.model.policies.scheduled import ReversedSchedule, Scheduled

__all__ = ["POLICIES", "Policy"]

POLICIES: tuple[type[Policy], ...] = (
    Neutral,
    Safeguarding,
    Bundling,
    Connecting,
    StrategicPause,
    FixedMix,
    Scheduled,
    Adaptive,
    AdaptiveTracking,
    ReversedSchedule,
    RandomAllocation,
    PerfectInformation,
    Placebo,
)
