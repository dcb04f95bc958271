"""What happened, one row an event: exits with their reason, leaks, matches, interventions, phases, shocks."""

from typing import Any

import numpy as np

from sim.model.arrays import Array
from sim.model.outcomes.series import aspiration
from sim.model.rules.membership import has_run_out
from sim.model.state import PHASES, REASONS, Flows, State

COLUMNS = {
    "seed": "The world of the run",
    "month": "When it happened, from 1",
    "member": "Who it happened to, from 0; -1 for the partnership as a whole",
    "kind": "exit satisfied, exit frustrated, exit other, leak, match inside, match outside, intervention, "
            "representative, entry, phase or shock",
    "cause": "What led to it; of an exit: see exit_causes",
    "other": "The answering member of an inside match; else -1",
    "amount": "exit: value captured so far; leak: value lost; intervention: strength; match inside: domain, from 0; "
              "phase: months of grant left; shock: months of grant withdrawn, or share lost",
    "benefit": "The member's smoothed net benefit then (value/month)",
    "aspiration": "What it expected (value/month)",
    "goodwill": "Its patience left (value)",
    "needs_met_share": "Share of its need captured so far",
    "engagement": "Its willingness to take part",
    "disclosure": "Share of its knowledge it opened up",
    "trust": "Its trust",
    "sector": "Its sector",
}  # fmt: skip
"""Every column of the events table, with its meaning."""

WORTH_TELLING = 0.1
"""Weakest intervention that makes an event; help spread more thinly shows in the series only."""

WITHOUT_MEANS = 0.8
"""Share of what a member is willing to do below which its exit is put down to its means."""

Rows = dict[str, Array]


def exit_causes(before: State, flows: Flows, after: State, membership: Any) -> Array:
    """Name what led to each exit: the first of these that applies, as text of shape (partners, runs).

    forced; other; outside offer (content by its own standard, but contacts raised what it expects); need
    met (it left satisfied); leak (without what leaks cost it, it would have patience left); insufficient resources (its
    reserve kept it from more than a fifth of what it was willing to do); too little private value.
    """
    pulled = (after.benefit >= after.base_aspiration) & (after.contacts > 0)
    leaked = ~has_run_out(before.replace(goodwill=after.goodwill + after.goodwill_lost_to_leaks), membership)
    poor = flows.participation < WITHOUT_MEANS * before.engagement
    return np.select(
        [flows.forced > 0, flows.other > 0, pulled, flows.satisfied > 0, leaked, poor],
        ["forced", "other", "outside offer", "needs met", "leak", "insufficient resources"],
        "too little private value",
    )


def of_month(before: State, flows: Flows, after: State, params: Any, n_runs: int) -> list[Rows]:
    """List the events of one month, causes before effects: shocks first, exits last."""
    exits, found, none = flows.satisfied + flows.frustrated + flows.other, [], np.full(after.member.shape, -1)

    def add(
        kind: Any, mask: Array, cause: Any, other: Any = -1, amount: Any = 0.0, member: Array | None = None
    ) -> None:
        """Add a row per cell of the mask; texts and numbers are picked from arrays of the mask's shape."""
        cell, run = np.nonzero(mask[:, :n_runs])
        if run.size:
            pick = lambda v: v[cell, run] if np.ndim(v) == 2 else v  # noqa: E731
            who = member[cell, run] if member is not None else cell
            found.append(_rows(after, params, who, run, pick(kind), pick(cause), pick(other), pick(amount)))

    for cause, size in shocks_of(before, flows, after):
        add("shock", size, cause, amount=size, member=none)
    turned = (after.phase != before.phase) | (after.month == 1)
    add("phase", turned, np.array(PHASES, dtype=object)[after.phase.astype(int)], amount=after.fund, member=none)
    add("leak", flows.leaked, "information reached rivals", amount=flows.lost)
    add("representative", flows.turned_over, "replaced")
    add("match outside", flows.outside_matched, "connecting")
    helped = flows.effort.intervene * before.member
    add("intervention", helped >= WORTH_TELLING, "support", amount=helped)
    add("match inside", flows.giver[0] >= 0, "connecting", flows.giver[0], _domains(flows.giver[0]), flows.seeker[0])
    add("entry", flows.entered, "open entry")
    if exits.any():
        reasons = np.array(["", *(f"exit {r}" for r in REASONS[1:])], dtype=object)[after.left_reason.astype(int)]
        add(reasons, exits, exit_causes(before, flows, after, params.rules.membership), amount=after.needs_met)
    return found


def _domains(cells: Array) -> Array:
    return np.arange(len(cells))[:, None] + np.zeros(cells.shape)


def shocks_of(before: State, flows: Flows, after: State) -> list[tuple[str, Array]]:
    """Name the shocks of the month, with their size per run."""
    lost_interest = np.max(before.interest - after.interest, axis=0, keepdims=True)
    return [
        ("grant withdrawn", flows.grant_withdrawn),
        ("orchestrator lost", before.staff - after.staff),
        ("segment lost interest", lost_interest),
    ]


def _rows(s: State, params: Any, member: Array, run: Array, kind: Any, cause: Any, other: Any, amount: Any) -> Rows:
    """Give the rows as columns: who, what, and the member's state at the time (-1: the partnership itself)."""
    n = run.size
    fill = lambda v, t: np.broadcast_to(np.asarray(v, dtype=t), (n,)).copy()  # noqa: E731
    rows: Rows = {
        "run": run,
        "month": fill(s.month, int),
        "member": fill(member, int),
        "kind": fill(kind, object),
        "cause": fill(cause, object),
        "other": fill(other, int),
        "amount": fill(amount, float),
    }
    of_member = {
        "benefit": s.benefit,
        "aspiration": aspiration(s, params),
        "goodwill": s.goodwill,
        "needs_met_share": s.needs_met / s.need,
        "engagement": s.engagement,
        "disclosure": s.disclosure,
        "trust": s.trust,
        "sector": s.sector,
    }
    for name, values in of_member.items():
        rows[name] = np.where(member >= 0, values[member, run], np.nan)
    return rows
