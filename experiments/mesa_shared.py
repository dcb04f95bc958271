"""Shared by both Mesa forms: the variables copied from the engine's first day, what is refused, and some formulas."""

import math
from collections.abc import Sequence
from typing import Any

from mesa_partner import TINY, logistic
from mesa_policies import POLICIES

from sim import Scenario
from sim.model.scenario import value_at

OF_ALL = ("reliability", "understanding", "plan", "pace", "common", "fund", "society_value", "tension_information",
          "tension_interest", "tension_resource", "tension")  # fmt: skip

ABSENT = {
    "size.candidates": 0,
    "start.tenure": 0.0,
    "grant.from_fees": 0.0,
    "rules.membership.term": 0.0,
    "rules.membership.fee": 0.0,
    "rules.membership.on_calendar": 0.0,
    "rules.membership.look_ahead": 0.0,
    "rules.membership.lapse_rate": 1.0,
    "rules.membership.least_members": 0.0,
    "rules.membership.least_secretariat": 0.0,
    "structure.exit": "threshold",
    "structure.creation": "ces",
    "targeting": "estimate",
    "payoffs": None,
    "rules.replace": {},
}
"""What the Mesa forms do not have: a parameter, and the only value of it that they take.

Who does not look ahead does not foresee departures either: ``rules.membership.company`` and ``trend`` do nothing then.
"""


def refuse_what_is_not_ported(scenario: Scenario, policy: Any) -> None:
    """Refuse a scenario or policy that the Mesa forms do not have.

    Raises:
        ValueError: if there is one; the message says which.
    """
    for path, only in ABSENT.items():
        value = value_at(scenario, path)
        if value != only:
            raise ValueError(f"the Mesa twin takes no {path} but {only}, and this scenario has {value}")
    shocks = [name for name, shock in scenario.shocks if shock.month and name != "common"]
    if shocks:
        raise ValueError(f"the Mesa twin has no shocks but the common one, and this scenario has {', '.join(shocks)}")
    if policy.name not in POLICIES:
        raise ValueError(f"the Mesa twin has no policy '{policy.name}'; it has {', '.join(POLICIES)}")
    if getattr(policy, "least_risk", 0.0):
        raise ValueError("the Mesa twin safeguards all members alike: it takes no least_risk but 0")


def half_contacts(rules: Any, form: str) -> float:
    """Give the outside contacts that raise what a member expects half as far as very many."""
    return rules.commitment.half_contacts if form == "saturating" else math.inf


def crowd(rules: Any, form: str, n_members: int) -> float:
    """Give how many rivals press half as much as very many."""
    return 2.0 if form == "count" else max(rules.information.half_share * n_members, TINY)


def apart(values: Sequence[float], form: str) -> float:
    """Give how far two random members stand apart: the mean squared distance over pairs, or its root."""
    n = max(len(values), 1)
    centre = sum(values) / n
    squared = 2.0 * sum([(value - centre) ** 2 for value in values]) / max(n - 1, 1)
    return squared if form == "square" else math.sqrt(squared)


def coordination(p: Any, n_members: int, apart_in_culture: float) -> float:
    """Give the time that coordination takes, in working groups if there are many members."""
    in_touch = n_members / (1.0 + p.working_groups * n_members)
    return in_touch / (in_touch + p.size_scale) * (1.0 + p.culture_friction * apart_in_culture)


def combine(pooled: list[float], ces_exponent: float, n_founders: int) -> tuple[float, list[float]]:
    """Combine the domains with constant elasticity; gives also the share that a unit supplied to each adds."""
    scale, rho = len(pooled) / n_founders, ces_exponent if abs(ces_exponent) >= 1e-3 else 1e-3
    powered = [math.exp(rho * math.log(total * scale + TINY)) for total in pooled]
    together = sum(powered)
    combined = math.exp(math.log(together / len(pooled) + TINY) / rho) if sum(pooled) > 0.0 else 0.0
    return combined, [part / together / (total + TINY) for part, total in zip(powered, pooled, strict=True)]


def value_of_difference(p: Any, apart_in_language: float, understanding: float, bundle: float, ties: float) -> float:
    """Give what speaking different languages does to creation: it brings news, and is strange as far as unbridged.

    Args:
        p: the parameters of creation.
        apart_in_language: how far two random members stand apart.
        understanding: shared understanding.
        bundle: how much is bundled.
        ties: the members' mean number of ties.
    """
    unbridged = (1.0 - p.bundling_bridge * bundle) * (1.0 - p.tie_bridge * ties / (ties + 1.0))
    strange = p.strangeness * apart_in_language * (1.0 - understanding) * unbridged
    return (1.0 + p.novelty * apart_in_language) * max(1.0 - strange, 0.0)


def momentum(p: Any, supply: float) -> float:
    """Give the share of what members could create that comes about with their joint supply: a critical mass."""
    if p.critical_mass == 0.0:
        return 1.0
    return logistic(p.mass_steepness * math.log((supply + TINY) / p.critical_mass))


def keep_pace(p: Any, pace: float, pausing: bool) -> float:
    """Let joint work lose its pace in a pause, and regain it after."""
    return pace - p.standstill * pace if pausing else pace + p.standstill * (1.0 - pace)


def where_stock_grows(agenda: list[float], pooled: list[float], by_supply: float) -> list[float]:
    """Give each domain's share of new knowledge: as on the agenda, in part only where members bring it."""
    brought = [weight * total for weight, total in zip(agenda, pooled, strict=True)]
    total = sum(brought)
    if not total:
        return agenda
    return [weight + by_supply * (part / total - weight) for weight, part in zip(agenda, brought, strict=True)]


def still_valid(p: Any, pausing: bool, share_moved: float, struck: bool) -> float:
    """Give the share of the plan that age, departures and a common shock leave."""
    aged = 0.0 if pausing else p.plan_ageing
    return (1.0 - aged) * (1.0 - min(p.plan_events * min(share_moved + struck, 1.0), 1.0))
