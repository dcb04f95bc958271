"""What happens around a policy's decision: its pause is added, its effort is checked and priced.

An effort that the budget cannot pay, or of a wrong shape or range, stops the run with a message that says why.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core.plugins import guarded
from sim.model.arrays import Array, flag
from sim.model.effort import ACTIONS, PER_PARTNER, Effort, cost_of, largest_action
from sim.model.observation import Observation
from sim.model.policies import POLICIES, Policy
from sim.model.policies.registry import PolicyError

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
    shipped = type(policy) in POLICIES

    def act(seen: Observation, memory: Any) -> tuple[Effort, Costs, Any]:
        pause, rest = planned_pause(policy, seen)
        shown = seen if shipped and rest is seen.budget else seen.shown(rest)
        where = f"policy {policy.name}, month {seen.month}"
        answer = guarded(where, lambda: policy.allocate(shown, shown.budget, memory), PolicyError)
        if not (isinstance(answer, tuple) and len(answer) == 2):
            raise PolicyError(
                f"{where}: allocate returned {type(answer).__name__}; "
                "it returns two things: return seen.spend(...), memory"
            )
        arrays = _checked_actions(answer[0], seen, where)
        arrays["pause"] = np.maximum(arrays["pause"], pause)
        effort = Effort(**{name: _per_run(name, values, seen.budget) for name, values in arrays.items()})
        costs = cost_of(effort, seen.prices, seen.members)
        _check_budget(costs, seen.budget, where)
        return effort, costs, answer[1]

    return act


def first_memory(policy: Policy) -> Any:
    """Ask a policy for its memory at month 1."""
    return guarded(f"policy {policy.name}, start", policy.start, PolicyError)


def planned_pause(policy: Any, seen: Observation) -> tuple[Array, Array]:
    """Return the strength of the policy's pause this month, and the budget that it leaves: shape (1, runs)."""
    since = seen.month - seen.initiation_months
    full = seen.prices.pause * seen.n_members
    planned = flag((since > 0) & (since <= policy.pause)) * flag(full > 0)
    if not planned.any():
        return planned, seen.budget
    planned = planned * np.minimum(seen.budget / np.maximum(full, 1e-12), 1.0)
    return planned, seen.budget - planned * full


def _checked_actions(effort: Any, seen: Observation, where: str) -> dict[str, Array]:
    """Check type, shapes, numbers and ranges of an effort; returns its actions as arrays with two axes."""
    if not isinstance(effort, Effort):
        raise PolicyError(
            f"{where}: allocate returned {type(effort).__name__}; it returns (effort, memory), "
            "with effort made by seen.spend(...)"
        )
    n_runs, n_partners = seen.budget.shape[-1], seen.members.shape[0]
    arrays: dict[str, Array] = {}
    read: dict[int, tuple[Array, float, float]] = {}  # actions that are not taken are often one array
    for action in ACTIONS:
        value = getattr(effort, action)
        if id(value) not in read:
            read[id(value)] = guarded(where, lambda value=value: _with_range(value), PolicyError)
        values, low, high = read[id(value)]
        allowed = [(), (1,), (1, 1), (1, n_runs)] + [(n_partners, n_runs)] * (action in PER_PARTNER)
        if values.shape not in allowed:
            raise PolicyError(
                f"{where}: {action} has shape {values.shape}; allowed are a number, "
                f"{' or '.join(map(str, allowed[3:]))}: (1, runs) or, per member, (partners, runs)"
            )
        most = largest_action(action, seen.n_domains)
        if not (low >= -1e-12 and high <= most + 1e-9 and np.isfinite(low + high)):
            raise PolicyError(f"{where}: {action} lies in {low:g} to {high:g}; allowed is 0 to {most:g}")
        arrays[action] = values if values.ndim == 2 else values.reshape(1, 1)
    return arrays


def _with_range(value: Any) -> tuple[Array, float, float]:
    """Read an action as an array, with its least and its largest value."""
    values = np.asarray(value, dtype=float)
    return values, values.min(initial=np.inf), values.max(initial=-np.inf)


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
