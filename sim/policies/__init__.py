"""The policies: one file each; this tuple makes the menu, the tests, the tables and the documentation."""

from sim.policies.adaptive import Adaptive, AdaptiveTracking, Oracle, RandomTargeting
from sim.policies.base import Policy
from sim.policies.bundling import Bundling
from sim.policies.connecting import Connecting
from sim.policies.fixed_mix import FixedMix
from sim.policies.neutral import Neutral, StrategicPause
from sim.policies.safeguarding import Safeguarding
from sim.policies.scheduled import Reversed, Scheduled
from sim.policies.sham import Sham

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
    Reversed,
    RandomTargeting,
    Oracle,
    Sham,
)
