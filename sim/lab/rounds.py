"""The game while it runs: what an orchestrator sees and hears after some rounds, and what its effort can buy.

Nothing here is hidden from a policy: it is all in the ``Observation``, but for what an orchestrator does itself (who
met whom), what everybody notices (phases and shocks), and what leavers say as they leave.
"""

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.engine.batch import Batch
from sim.lab.game import LEVERS, PARTS, ROUND, ROUNDS, Convened, HandedOver, read, write
from sim.lab.stories import case
from sim.model.effort import cost_of
from sim.model.events import of_month
from sim.model.observation import Observation
from sim.model.policies.enforcement import enforced
from sim.model.sectors import SECTORS
from sim.model.state import Flows, State

TENSIONS = ("tension_information", "tension_interest", "tension_resource")
NOTICED = ("exit", "shock", "phase", "match inside")
LOWEST = 3
"""How many of those who seem to fall short are named."""


def live(batch: Batch, months: int) -> Iterator[tuple[State, Flows, State, list[dict[str, Any]]]]:
    """Live on for some months; gives each month's states and flows, and what is noticed in it."""
    for _ in range(months):
        before, flows, after = batch.advance()
        rows = of_month(before, flows, after, batch.params, 1)
        yield before, flows, after, [event for some in rows for event in _noticed(some)]


def look(scenario: str, seed: int, decisions: str) -> dict[str, Any]:
    """Play the rounds decided so far; give all that is seen and heard until the next is to be decided.

    ``beside`` says who would take part, and how much, had the last round been governed otherwise.
    """
    batch = Batch(case(scenario), [seed], HandedOver(decisions=decisions))
    months, beside = ROUND * len(read(decisions)), {}
    seen: list[Observation] = []
    noticed: list[dict[str, Any]] = []
    for month in range(months + 1):
        if month == months - ROUND:
            beside = _otherwise(batch)
        for _, flows, _, now in live(batch, 1):
            seen.append(flows.seen)
            noticed += now if month < months else []
    errors = case(scenario).rules.orchestrator
    return {
        "sectors": [int(k) for k in seen[0].sectors[:, 0]],
        "active": [_column(s.members, int) for s in seen],
        "attendance": [_column(s.attendance * s.members) for s in seen],
        "known": [_column(s.knowledge / (1.0 + s.knowledge)) for s in seen],
        "ties": [[e["month"], e["member"], e["other"]] for e in noticed if e["kind"] == "match inside"],
        "noticed": [e for e in noticed if e["kind"] != "match inside"],
        "rounds": [_desk(seen[month], errors) for month in range(0, months + 1, ROUND)],
        "beside": beside,
        "buys": _buys(seen[-1]),
    }


def leave_alone(scenario: str, seed: int) -> list[dict[str, Any]]:
    """Give who would take part, and how much, after each number of rounds in which nothing is done."""
    batch = Batch(case(scenario), [seed], Convened())
    return [_turnout(flows.seen) for _, flows, _, _ in live(batch, ROUND * ROUNDS + 1)][::ROUND]


def _otherwise(batch: Batch) -> dict[str, dict[str, Any]]:
    """Live the coming round without doing anything, and with the successor in charge; the batch stays as it is."""
    decisions, watched = batch.memory
    begun = decisions[:-1]
    text = write(begun)
    policies = {
        "nothing": (Convened(decisions=text), begun),
        "adaptive": (HandedOver(decisions=text), (begun, watched)),
    }
    found = {}
    for name, (policy, memory) in policies.items():
        other = copy.copy(batch)
        other.act, other.memory = enforced(policy), memory
        found[name] = _turnout([other.advance()[1].seen for _ in range(ROUND + 1)][-1])
    return found


def _noticed(rows: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for month, member, kind, cause, other, amount in zip(
        *(rows[name] for name in ("month", "member", "kind", "cause", "other", "amount")), strict=True
    ):
        if kind.startswith(NOTICED):
            shown = float(amount) if kind == "shock" else 0.0  # of an exit it would be what was captured: not seen
            who = {"member": int(member), "other": int(other)}
            yield {"month": int(month), "kind": kind, "cause": cause, "amount": shown, **who}


def _turnout(seen: Observation) -> dict[str, Any]:
    return {"members": int(seen.n_members[0, 0]), "attendance": float(seen.mean(seen.attendance)[0, 0])}


def _desk(seen: Observation, errors: Any) -> dict[str, Any]:
    """Gather what is seen at the start of a month; ``off`` says how far a guess is typically wrong."""
    here, sectors = seen.members[:, 0] > 0, seen.sectors[:, 0]
    off = 1.0 / (1.0 + seen.knowledge[:, 0]) ** 0.5
    order = np.argsort(np.where(here, seen.shortfall[:, 0], np.inf), kind="stable")[:LOWEST]
    groups = [(name, here & (sectors == k), int((sectors == k).sum())) for k, name in enumerate(SECTORS)]
    return _turnout(seen) | {
        "months_done": seen.month - 1,
        "budget": float(seen.budget[0, 0]),
        "full_pause": float(seen.prices.pause * seen.n_members[0, 0]),
        "months_funded": float(seen.months_funded[0, 0]),
        **{name: float(getattr(seen, name)[0, 0]) for name in TENSIONS},
        "tension_off": float(errors.tension_error),
        "risk": float(seen.mean(seen.risk)[0, 0]),
        "lowest": [int(k) for k in order if here[k]],
        "sectors": [
            {
                "sector": name,
                "founders": founders,
                "members": int(who.sum()),
                "attendance": _mean(seen.attendance, who),
                "captured": _mean(seen.captured, who),
                "captured_off": _mean(errors.capture_error * off[:, None], who),
                "shortfall": _mean(seen.shortfall, who),
                "shortfall_off": _mean(errors.benefit_error * off[:, None], who),
            }
            for name, who, founders in groups
            if founders
        ],
    }


def _buys(seen: Observation) -> dict[str, list[tuple[float, bool]]]:
    """Say what each number of parts buys a month if nothing is paused: an amount, and whether some of it stays idle."""
    short = np.maximum(seen.mean(seen.shortfall) - seen.shortfall, 0.0)
    found = {lever: [_bought(seen, lever, n, None) for n in range(PARTS + 1)] for lever in LEVERS}
    return found | {"intervene_short": [_bought(seen, "intervene", n, short) for n in range(PARTS + 1)]}


def _bought(seen: Observation, lever: str, parts: int, whom: Any) -> tuple[float, bool]:
    given = parts / PARTS * seen.budget
    effort = seen.spend(**{lever: given}, whom=whom)
    mechanism = {"inside": "match_inside", "outside": "match_outside"}.get(lever, lever)
    amount, n = getattr(effort, mechanism), np.maximum(seen.n_members, 1.0)
    if lever in ("outside", "track", "intervene"):
        amount = np.sum(amount * seen.members, axis=0, keepdims=True) / (n if lever == "track" else 1.0)
    idle = given - cost_of(effort, seen.prices, seen.members)[mechanism]
    return float(amount.flat[0]), bool(idle.flat[0] > 1e-9)


def _mean(values: Any, who: Any) -> float | None:
    return float(values[who, 0].mean()) if who.any() else None


def _column(values: Any, kind: type = float) -> list[Any]:
    """Give the first run's column as plain numbers."""
    return [kind(round(float(v), 3)) for v in values[:, 0]]
