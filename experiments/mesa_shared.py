"""Shared by both Mesa forms: the variables copied from the engine's first day, what is refused, and one formula."""

import math
from typing import Any

from mesa_partner import TINY
from mesa_policies import POLICIES

from sim import Scenario

OF_ALL = ("reliability", "understanding", "plan", "fund", "society_value", "tension_information", "tension_interest",
          "tension_resource", "tension")  # fmt: skip


def refuse_what_is_not_ported(scenario: Scenario, policy: Any) -> None:
    """Refuse a scenario or policy that the Mesa forms do not have.

    Raises:
        ValueError: if there is one; the message says which.
    """
    shocks = [name for name, shock in scenario.shocks if shock.month]
    if shocks or scenario.payoffs or scenario.size.candidates or scenario.targeting != "estimate":
        raise ValueError(
            "the Mesa twin has no shocks, pay-off functions, candidates, or targeting other than by estimate"
        )
    if policy.name not in POLICIES:
        raise ValueError(f"the Mesa twin has no policy '{policy.name}'; it has {', '.join(POLICIES)}")


def combine(pooled: list[float], ces_exponent: float, n_founders: int) -> tuple[float, list[float]]:
    """Combine the domains with constant elasticity; gives also the share that a unit supplied to each adds."""
    scale, rho = len(pooled) / n_founders, ces_exponent if abs(ces_exponent) >= 1e-3 else 1e-3
    powered = [math.exp(rho * math.log(total * scale + TINY)) for total in pooled]
    together = sum(powered)
    combined = math.exp(math.log(together / len(pooled) + TINY) / rho) if sum(pooled) > 0.0 else 0.0
    return combined, [part / together / (total + TINY) for part, total in zip(powered, pooled, strict=True)]
