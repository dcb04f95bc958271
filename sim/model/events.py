"""The events table, one row per event: exits with their cause, leaks, matches, interventions, phases, shocks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.model.arrays import Array, at_least, flag, largest
from sim.model.dated_events import name_of
from sim.model.outcomes.series import aspiration
from sim.model.rules.membership import Membership, has_ended, has_run_out
from sim.model.scenario import Scenario
from sim.model.state import PHASES, REASONS, Flows, State

COLUMNS = {
    "seed": "The seed of the run",
    "month": "When it happened, from 1",
    "member": "Who it happened to, from 0; -1 for the partnership as a whole",
    "name": "Its name, where the scenario names its members",
    "kind": "exit satisfied, exit frustrated, exit other, leak, match inside, match outside, intervention, "
            "representative, entry, phase or shock",
    "cause": "What led to it; for exits see exit_causes",
    "other": "The answering member of an inside match; else -1",
    "amount": "exit: value captured so far; leak: value lost; intervention: strength; match inside: domain, from 0; "
              "phase: months of grant left; shock: months of grant withdrawn, share lost, or the size of a dated event",
    "benefit": "The member's smoothed net benefit then (value/month)",
    "aspiration": "What it expected (value/month)",
    "goodwill": "Its goodwill left (value)",
    "needs_met_share": "Share of its need captured so far",
    "engagement": "Its willingness to take part",
    "disclosure": "Share of its knowledge it opened up",
    "trust": "Its trust",
    "sector": "Its sector",
}  # fmt: skip
"""Every column of the events table, with its meaning."""

LEAST_INTERVENTION = 0.1
"""Weakest intervention that makes an event; weaker ones show in the series only."""

INSUFFICIENT_RESOURCES = 0.8
"""An exit has this cause if the member took part in less than this share of what it was willing to do."""

Rows = dict[str, NDArray[Any]]
"""Events as columns: name -> one value per event."""

Cells = NDArray[Any] | str | float
"""One value for all rows, or an array to pick each row's value from."""


CAUSES = (
    "known", "forced", "other", "partnership ended", "outside offer", "needs met", "not worth renewing", "leak",
    "insufficient resources", "too little private value",
)  # fmt: skip
"""Causes of exits, in the order in which they are asked for; a code is a place in this list."""

SHOCKS = ("grant withdrawn", "orchestrator lost", "segment lost interest")


def exit_causes(before: State, flows: Flows, after: State, membership: Membership) -> NDArray[Any]:
    """Name the cause of each exit, by its code: texts of shape (partners, runs), meaningful where a member left."""
    names: NDArray[Any] = np.array(CAUSES, dtype=object)[cause_codes(before, flows, after, membership).astype(int)]
    return names


def cause_codes(before: State, flows: Flows, after: State, membership: Membership) -> Array:
    """Give the cause of each exit as a place in ``CAUSES``: the first of these that applies.

    known (the roster says the month); forced; other; partnership ended (as a whole); outside offer (content by its own
    standard, but contacts raised what it expects); needs met (it left satisfied); not worth renewing (it had goodwill
    left at the end of its term, but the months ahead were not worth the fee); leak (without what leaks cost it, it
    would have goodwill left); insufficient resources (its reserve kept it from more than a fifth of what it was willing
    to do); too little private value.

    Args:
        before: the state at the start of the month.
        flows: what moved in the month.
        after: the state at the end of the month.
        membership: the parameters of leaving.

    Returns:
        Whole numbers of shape (partners, runs); meaningful where a member left.
    """
    outside_offer = (after.benefit >= after.base_aspiration) & (after.contacts > 0)
    ended = has_ended(before.replace(budget=after.budget), membership)
    not_worth = ~has_run_out(before.replace(goodwill=after.goodwill), membership) & (membership.term > 0.0)
    leaked = ~has_run_out(before.replace(goodwill=after.goodwill + after.goodwill_lost_to_leaks), membership)
    poor = flows.participation < INSUFFICIENT_RESOURCES * before.engagement
    conditions: list[NDArray[np.bool_]] = [
        (flows.forced > 0) & (before.leaves == after.month), flows.forced > 0, flows.other > 0, ended, outside_offer,
        flows.satisfied > 0, not_worth, leaked, poor,
    ]  # fmt: skip
    code = after.member * 0.0 + float(len(conditions))
    for place, applies in reversed(list(enumerate(conditions))):
        code = np.where(applies, float(place), code)
    return code


def watched(before: State, flows: Flows, after: State, params: Scenario) -> dict[str, Array]:
    """Give what a month shows to who watches it, as numbers, besides its state and flows.

    Returns:
        ``exit``: the reason that a member left for this month, as ``left_reason``, else 0; ``cause``: see
        ``cause_codes``; ``aspiration``: what each member expects (value/month); ``trust``; ``turned``: 1 where the
        phase is a new one; a size for each of ``SHOCKS``, by its name.
    """
    exits = flows.satisfied + flows.frustrated + flows.other
    shocks = dict(shocks_of(before, flows, after))
    return {
        "exit": after.left_reason * exits,
        "cause": cause_codes(before, flows, after, params.rules.membership),
        "aspiration": aspiration(after, params),
        "trust": after.trust,
        "turned": flag((after.phase != before.phase) | (after.month == 1)),
        **shocks,
    }


def of_month(before: State, flows: Flows, after: State, params: Scenario, n_runs: int) -> list[Rows]:
    """List the events of one month, causes before effects: shocks first, exits last.

    Args:
        before: the state at the start of the month.
        flows: what moved in the month.
        after: the state at the end of the month.
        params: the parameters of the runs.
        n_runs: the runs to list, from the first (a padded run is left out).

    Returns:
        Blocks of rows as columns: name -> one value per event.
    """
    exits, blocks = flows.satisfied + flows.frustrated + flows.other, []
    partnership = np.full(after.member.shape, -1)

    def add(
        kind: Cells, mask: NDArray[Any], cause: Cells, other: Cells = -1, amount: Cells = 0.0,
        member: NDArray[Any] | None = None,
    ) -> None:  # fmt: skip
        """Add a row per non-zero cell of the mask; arrays of the mask's shape give each row its value."""
        cell, run = np.nonzero(mask[:, :n_runs])
        if run.size:
            who = member[cell, run] if member is not None else cell
            values = [v[cell, run] if isinstance(v, np.ndarray) and v.ndim == 2 else v
                      for v in (kind, cause, other, amount)]  # fmt: skip
            blocks.append(_rows(after, params, who, run, *values))

    for cause, size in shocks_of(before, flows, after):
        add("shock", size, cause, amount=size, member=partnership)
    for event in params.events:
        if event.month == after.month and (name := name_of(event)):
            everywhere = np.ones_like(after.fund)
            add("shock", everywhere, name, amount=abs(event.size), member=np.full(everywhere.shape, event.member))
    turned = (after.phase != before.phase) | (after.month == 1)
    phases = np.array(PHASES, dtype=object)[after.phase.astype(int)]
    add("phase", turned, phases, amount=after.fund, member=partnership)
    add("leak", flows.leaked, "information reached rivals", amount=flows.lost)
    add("representative", flows.turned_over, "replaced")
    add("match outside", flows.outside_matched, "connecting")
    helped = flows.effort.intervene * before.member
    add("intervention", helped >= LEAST_INTERVENTION, "support", amount=helped)
    add("match inside", flows.giver[0] >= 0, "connecting", flows.giver[0], _domains(flows.giver[0]), flows.seeker[0])
    add("entry", flows.entered, np.where(before.joins == after.month, "by the roster", "open entry"))
    if exits.any():
        reasons = np.array(["", *(f"exit {r}" for r in REASONS[1:])], dtype=object)[after.left_reason.astype(int)]
        add(reasons, exits, exit_causes(before, flows, after, params.rules.membership), amount=after.needs_met)
    return blocks


def _domains(cells: NDArray[Any]) -> Array:
    """Number the domains: shape (domains, runs)."""
    return np.arange(len(cells))[:, None] + np.zeros(cells.shape)


def shocks_of(before: State, flows: Flows, after: State) -> list[tuple[str, Array]]:
    """Name the shocks of the month, with their size per run: shape (1, runs), 0 where there was none."""
    lost_interest = largest(before.interest - after.interest)
    sizes = (at_least(flows.grant_withdrawn, 0.0), before.staff - after.staff, at_least(lost_interest, 0.0))
    return list(zip(SHOCKS, sizes, strict=True))


def _rows(
    s: State, params: Scenario, member: NDArray[Any], run: NDArray[Any], kind: Any, cause: Any, other: Any, amount: Any
) -> Rows:
    """Return rows as columns: who, what, and the member's state then (-1: the partnership itself)."""
    n = run.size

    def fill(values: Any, dtype: Any) -> NDArray[Any]:
        return np.broadcast_to(np.asarray(values, dtype=dtype), (n,)).copy()

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
