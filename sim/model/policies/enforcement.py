"""What happens around a policy's decision: its pause is added, its effort is checked and priced.

An effort that the budget cannot pay, or of a wrong shape or range, stops the run with a message that says why.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.plugins import guarded
from sim.model.arrays import Array
from sim.model.effort import ACTIONS, PER_PARTNER, Effort, cost_of
from sim.model.observation import Observation
from sim.model.policies.base import Policy, PolicyError
from sim.model.policies.decision import decide
from sim.model.policies.plan import SHIPPED

Costs = dict[str, Array]
"""Effort per mechanism."""


def enforced(policy: Policy) -> Callable[[Observation, Any], tuple[Effort, Costs, Any]]:
    """Wrap a policy: add its strategic pause, check and price what it returns, refuse what it cannot pay.

    A user's policy gets a copy of the observation; the shipped ones do not write to it.

    Args:
        policy: the policy.

    Returns:
        A function from (observation, memory) to (effort, costs per mechanism, memory); it raises ``PolicyError``
        when the policy fails or returns what it may not.
    """
    own = type(policy) not in SHIPPED

    def act(seen: Observation, memory: Any) -> tuple[Effort, Costs, Any]:
        where = f"policy {policy.name}, month {seen.month}"
        chosen, memory = decide(policy, seen, memory, where, own, check=True)
        arrays = {name: getattr(chosen, name) for name in ACTIONS}
        effort = Effort(**{name: _per_run(name, values, seen.budget) for name, values in arrays.items()})
        costs = cost_of(effort, seen.prices, seen.members)
        _check_budget(costs, seen.budget, where)
        return effort, costs, memory

    return act


def first_memory(policy: Policy) -> Any:
    """Ask a policy for its memory at month 1."""
    return guarded(f"policy {policy.name}, start", policy.start, PolicyError)


def _per_run(action: str, values: Array, budget: Array) -> Array:
    """Give an action of the whole partnership one value per run."""
    return values if action in PER_PARTNER or values.shape[-1] == budget.shape[-1] else values + budget * 0.0


def _check_budget(costs: Costs, budget: Array, where: str) -> None:
    """Refuse an effort that costs more than the budget, in the run where it does so most."""
    over: NDArray[Any] = sum(costs.values()) - budget
    if not np.max(over) > 1e-9:
        return
    run = int(np.argmax(over))
    each = {name: (cost + budget * 0.0)[0, run] for name, cost in costs.items()}
    parts = ", ".join(f"{name} {cost:.3g}" for name, cost in each.items() if cost > 0)
    raise PolicyError(
        f"{where}: spends {budget[0, run] + np.max(over):.4g} of a budget of {budget[0, run]:.4g} effort ({parts}); "
        "spend less, or in shares of the budget"
    )
