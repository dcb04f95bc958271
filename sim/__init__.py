"""Why cross-sector partnerships keep or lose their partners, and what an orchestrator can do about it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.config.job import load_scenario
    from sim.engine.simulate import simulate
    from sim.engine.tables import Tables
    from sim.integrations.mesa import Orchestrator, Partner, PartnershipModel
    from sim.model.effort import Effort
    from sim.model.observation import Observation
    from sim.model.policies import POLICIES, Policy
    from sim.model.policies.registry import PolicyError, find_policy
    from sim.model.scenario import Scenario
    from sim.storage.results import read_table
    from sim.sweeps.api import sweep
    from sim.sweeps.results import Sweep, load

_PUBLIC = {
    "Effort": "sim.model.effort",
    "Observation": "sim.model.observation",
    "Orchestrator": "sim.integrations.mesa",
    "Partner": "sim.integrations.mesa",
    "PartnershipModel": "sim.integrations.mesa",
    "POLICIES": "sim.model.policies",
    "Policy": "sim.model.policies",
    "PolicyError": "sim.model.policies.registry",
    "Scenario": "sim.model.scenario",
    "Tables": "sim.engine.tables",
    "find_policy": "sim.model.policies.registry",
    "load_scenario": "sim.config.job",
    "read_table": "sim.storage.results",
    "simulate": "sim.engine.simulate",
    "Sweep": "sim.sweeps.results",
    "load": "sim.sweeps.results",
    "sweep": "sim.sweeps.api",
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
