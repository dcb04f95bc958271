"""A policy at work: its pause added, what it does checked, priced, and refused where it cannot be paid."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.core.plugins import guarded
from sim.model.arrays import flag
from sim.model.effort import MECHANISMS, Effort, cost_of
from sim.model.observation import Observation
from sim.model.policies import POLICIES, Policy
from sim.model.policies.registry import PolicyError

PER_PARTNER = ("match_outside", "track", "intervene", "priority")


def at_work(policy: Policy) -> Callable[[Observation, Any], tuple[Effort, dict[str, Any], Any]]:
    """Put a policy to work: add its strategic pause, check what it returns, price it, refuse what it cannot pay.

    A user's policy gets a copy of what is seen; the shipped ones are known to leave it alone.
    """
    shipped = type(policy) in POLICIES

    def act(seen: Observation, memory: Any) -> tuple[Effort, dict[str, Any], Any]:
        planned, rest = planned_pause(policy, seen)
        shown = seen if shipped and rest is seen.budget else seen.shown(rest)
        answer = guarded(
            f"policy {policy.name}, month {seen.month}",
            lambda: policy.allocate(shown, shown.budget, memory),
            PolicyError,
        )
        if not (isinstance(answer, tuple) and len(answer) == 2):
            raise PolicyError(
                f"policy {policy.name}, month {seen.month}: allocate returned {type(answer).__name__}; "
                "it returns two things: return seen.spend(...), memory"
            )
        return *_checked(answer[0], seen, policy.name, planned), answer[1]

    return act


def begin(policy: Policy) -> Any:
    """Give a policy's memory at month 1."""
    return guarded(f"policy {policy.name}, start", policy.start, PolicyError)


def planned_pause(policy: Any, seen: Observation) -> tuple[Any, Any]:
    """Give the strength of the policy's strategic pause this month, and the budget that it leaves."""
    since = seen.month - seen.initiation_months
    full = seen.prices.pause * seen.n_members
    planned = flag((since > 0) & (since <= policy.pause)) * flag(full > 0)
    if not planned.any():
        return planned, seen.budget
    planned = planned * np.minimum(seen.budget / np.maximum(full, 1e-12), 1.0)
    return planned, seen.budget - planned * full


def largest(action: str, n_domains: int) -> float:
    """Give the largest value that an action may have."""
    return {"match_inside": float(n_domains), "placebo": np.inf, "priority": np.inf}.get(action, 1.0)


def _read(given: Any) -> tuple[Any, Any, Any]:
    """Take an action as an array; gives its least and its largest value too."""
    values = np.asarray(given, dtype=float)
    return values, values.min(initial=np.inf), values.max(initial=-np.inf)


def _checked(effort: Any, seen: Observation, name: str, planned: Any) -> tuple[Effort, dict[str, Any]]:
    """Check shapes, numbers, ranges and the budget of an effort; gives it as arrays, and what it costs."""
    if not isinstance(effort, Effort):
        raise PolicyError(
            f"policy {name} returned {type(effort).__name__}; allocate returns (effort, memory), "
            "with effort made by seen.spend(...)"
        )
    n_runs, n_partners = seen.budget.shape[-1], seen.members.shape[0]
    arrays: dict[str, Any] = {}
    known: dict[int, tuple[Any, Any, Any]] = {}  # actions that are not taken are often one array
    where = f"policy {name}, month {seen.month}"
    for field in (*MECHANISMS, "priority"):
        given = getattr(effort, field)
        if id(given) not in known:
            known[id(given)] = guarded(where, lambda given=given: _read(given), PolicyError)
        values, low, high = known[id(given)]
        allowed = [(), (1,), (1, 1), (1, n_runs)] + [(n_partners, n_runs)] * (field in PER_PARTNER)
        if values.shape not in allowed:
            raise PolicyError(
                f"policy {name}, month {seen.month}: {field} has shape {values.shape}; allowed are a number, "
                f"{' or '.join(map(str, allowed[3:]))}: (1, runs) or, per member, (partners, runs)"
            )
        most = largest(field, seen.n_domains)
        if not (low >= -1e-12 and high <= most + 1e-9 and np.isfinite(low + high)):
            raise PolicyError(
                f"policy {name}, month {seen.month}: {field} lies in {low:g} to {high:g}; allowed is 0 to {most:g}"
            )
        arrays[field] = values if values.ndim == 2 else values.reshape(1, 1)
    arrays["pause"] = np.maximum(arrays["pause"], planned)
    whole = {k: v if k in PER_PARTNER or v.shape[-1] == n_runs else v + seen.budget * 0.0 for k, v in arrays.items()}
    effort = Effort(**whole)
    costs = cost_of(effort, seen.prices, seen.members)
    over = np.max(sum(costs.values()) - seen.budget)
    if over > 1e-9:
        run = int(np.argmax(sum(costs.values()) - seen.budget))
        parts = ", ".join(
            f"{k} {c[0, run]:.3g}" for k, c in ((k, c + seen.budget * 0.0) for k, c in costs.items()) if c[0, run] > 0
        )
        raise PolicyError(
            f"policy {name}, month {seen.month}: spends {seen.budget[0, run] + over:.4g} of a budget of "
            f"{seen.budget[0, run]:.4g} effort ({parts}); spend less, or in shares of the budget"
        )
    return effort, costs
