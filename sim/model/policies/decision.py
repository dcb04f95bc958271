"""One month of one policy: its pause is added, and what it returns is checked."""

from typing import Any

import numpy as np

from sim.core.plugins import guarded
from sim.model.arrays import Array, flag
from sim.model.effort import ACTIONS, PER_PARTNER, Effort, largest_action
from sim.model.observation import Observation
from sim.model.policies.base import PolicyError


def decide(policy: Any, seen: Observation, memory: Any, where: str, own: bool, check: bool) -> tuple[Effort, Any]:
    """Ask a policy for its effort, and add its strategic pause.

    Args:
        policy: the policy.
        seen: what the orchestrator knows, with the budget.
        memory: what the policy remembers.
        where: the policy and the month, for messages.
        own: whether it is a user's own: it gets a copy of what is seen.
        check: whether what it returns is checked.

    Returns:
        The effort, its actions as arrays with two axes, and the new memory.

    Raises:
        PolicyError: if the policy fails, or returns what it may not.
    """
    pause, rest = planned_pause(policy, seen)
    shown = seen if not own and rest is seen.budget else seen.shown(rest)
    answer = guarded(where, lambda: policy.allocate(shown, shown.budget, memory), PolicyError)
    if not (isinstance(answer, tuple) and len(answer) == 2):
        raise PolicyError(
            f"{where}: allocate returned {type(answer).__name__}; it returns two things: return seen.spend(...), memory"
        )
    effort, memory = answer
    if check:
        effort = Effort(**checked_actions(effort, seen, where))
    return effort.replace(pause=np.maximum(effort.pause, pause)), memory


def planned_pause(policy: Any, seen: Observation) -> tuple[Array, Array]:
    """Return the strength of the policy's pause this month, and the budget that it leaves: shape (1, runs)."""
    since = seen.month - seen.initiation_months
    full = seen.prices.pause * seen.n_members
    planned = flag((since > 0) & (since <= policy.pause)) * flag(full > 0)
    if not planned.any():
        return planned, seen.budget
    planned = planned * np.minimum(seen.budget / np.maximum(full, 1e-12), 1.0)
    return planned, seen.budget - planned * full


def checked_actions(effort: Any, seen: Observation, where: str) -> dict[str, Array]:
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
