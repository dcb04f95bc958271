"""Why cross-sector partnerships keep or lose their partners, and what an orchestrator can do about it."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:  # the public names: the one list, which is read below too
    from sim.cases.importing import ImportedLists as ImportedLists
    from sim.cases.importing import import_lists as import_lists
    from sim.config.job import load_scenario as load_scenario
    from sim.engine.simulate import simulate as simulate
    from sim.engine.tables import Tables as Tables
    from sim.integrations.mesa import Orchestrator as Orchestrator
    from sim.integrations.mesa import Partner as Partner
    from sim.integrations.mesa import PartnershipModel as PartnershipModel
    from sim.model.effort import Effort as Effort
    from sim.model.observation import Observation as Observation
    from sim.model.outcomes.own import outcome as outcome
    from sim.model.policies import POLICIES as POLICIES
    from sim.model.policies.base import Policy as Policy
    from sim.model.policies.registry import PolicyError as PolicyError
    from sim.model.policies.registry import find_policy as find_policy
    from sim.model.scenario import Scenario as Scenario
    from sim.storage.results import read_table as read_table
    from sim.studies.compare import Comparison as Comparison
    from sim.studies.compare import compare as compare
    from sim.studies.describe import Description as Description
    from sim.studies.describe import describe as describe
    from sim.studies.discover import Discovery as Discovery
    from sim.studies.discover import discover as discover
    from sim.studies.dose import Dose as Dose
    from sim.studies.dose import dose as dose
    from sim.studies.forecast_scores.study import ForecastScore as ForecastScore
    from sim.studies.forecast_scores.study import forecast_score as forecast_score
    from sim.studies.forecasting.study import Forecast as Forecast
    from sim.studies.forecasting.study import forecast as forecast
    from sim.studies.inform import Information as Information
    from sim.studies.inform import inform as inform
    from sim.studies.methods.kit import Methods as Methods
    from sim.studies.methods.kit import methods as methods
    from sim.studies.methods.reproduce import Reproduction as Reproduction
    from sim.studies.methods.reproduce import reproduce as reproduce
    from sim.studies.pathways.study import Pathways as Pathways
    from sim.studies.pathways.study import pathways as pathways
    from sim.studies.policy_search.result import SearchResult as SearchResult
    from sim.studies.policy_search.search import search as search
    from sim.studies.result import Result as Result
    from sim.studies.run import Run as Run
    from sim.studies.run import run as run
    from sim.studies.sweep import Sweep as Sweep
    from sim.studies.sweep import extend as extend
    from sim.studies.sweep import load as load
    from sim.studies.sweep import sweep as sweep
    from sim.studies.trace import Trace as Trace
    from sim.studies.trace import trace as trace
    from sim.studies.validation.calibration import Calibration as Calibration
    from sim.studies.validation.calibration import calibrate as calibrate
    from sim.studies.validation.sensitivity import Sensitivity as Sensitivity
    from sim.studies.validation.sensitivity import sensitivity as sensitivity
    from sim.studies.validation.validate import Validation as Validation
    from sim.studies.validation.validate import validate as validate
    from sim.studies.verify import Verification as Verification
    from sim.studies.verify import verify as verify


def _public() -> dict[str, str]:
    """Read the public names, and the module of each, from the imports above: nothing is imported before it is used."""
    import ast
    from pathlib import Path

    body = ast.parse(Path(__file__).read_text(encoding="utf-8")).body
    block = next(node for node in body if isinstance(node, ast.If)).body
    imports = [node for node in block if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


_PUBLIC = _public()
__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        from importlib import import_module

        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'sim' has no attribute '{name}'; it has {', '.join(_PUBLIC)}")


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
