"""The Mesa view: a partnership as a Mesa model with agents; the only place that imports Mesa."""

from sim.mesa_view.model import Orchestrator, Partner, PartnershipModel

__all__ = ["Orchestrator", "Partner", "PartnershipModel"]
