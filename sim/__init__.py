"""Why cross-sector partnerships keep or lose their partners, and what an orchestrator can do about it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.config import load_scenario
    from sim.effort import Effort
    from sim.ensemble.api import sweep
    from sim.ensemble.reading import Sweep, load
    from sim.governance import PolicyError, find_policy
    from sim.mesa_view import Orchestrator, Partner, PartnershipModel
    from sim.observation import Observation
    from sim.policies import POLICIES, Policy
    from sim.results import read_table
    from sim.scenario import Scenario
    from sim.simulation import Tables, simulate

_PUBLIC = {
    "Effort": "sim.effort",
    "Observation": "sim.observation",
    "Orchestrator": "sim.mesa_view",
    "Partner": "sim.mesa_view",
    "PartnershipModel": "sim.mesa_view",
    "POLICIES": "sim.policies",
    "Policy": "sim.policies",
    "PolicyError": "sim.governance",
    "Scenario": "sim.scenario",
    "Tables": "sim.simulation",
    "find_policy": "sim.governance",
    "load_scenario": "sim.config",
    "read_table": "sim.results",
    "simulate": "sim.simulation",
    "Sweep": "sim.ensemble.reading",
    "load": "sim.ensemble.reading",
    "sweep": "sim.ensemble.api",
}

__all__ = [
    "POLICIES",
    "Effort",
    "Observation",
    "Orchestrator",
    "Partner",
    "PartnershipModel",
    "Policy",
    "PolicyError",
    "Scenario",
    "Sweep",
    "Tables",
    "find_policy",
    "load",
    "load_scenario",
    "read_table",
    "simulate",
    "sweep",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'sim' has no attribute '{name}'; it has {', '.join(_PUBLIC)}")


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
