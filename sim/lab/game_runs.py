"""Simulations for the game: what the orchestrator sees in each round, what effort buys, and how it ends.

``view_rounds`` shows nothing that is hidden from a policy. It has what is in the ``Observation``, and besides only
what an orchestrator does itself (who met whom), what everybody notices (phases and shocks), and what leavers say.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.engine.batch import Batch
from sim.engine.simulate import simulate
from sim.lab.game import LEVERS, POINTS, ROUND, ROUNDS, Convened, HandedOver, read_decisions, write_decisions
from sim.lab.stories import MONTHS, scenario_named
from sim.model.effort import cost_of
from sim.model.events import of_month
from sim.model.observation import Observation
from sim.model.policies import POLICIES
from sim.model.policies.base import Policy
from sim.model.policies.enforcement import enforced
from sim.model.scenario import Scenario
from sim.model.sectors import sector_names
from sim.model.state import Flows, State

Event = dict[str, Any]
Floats = npt.NDArray[np.float64]

TENSIONS = ("tension_information", "tension_interest", "tension_resource")
NOTICED = ("exit", "shock", "phase", "match inside")

N_LOWEST = 3
"""How many of the members that seem to fall short most are named."""

OUTCOMES = ("retention", "private_value", "collective_value", "society_value", "private_fairness", "effort_spent")
EXITS = ("exits_satisfied", "exits_frustrated", "exits_other")


def run_months(batch: Batch, months: int) -> Iterator[tuple[State, Flows, State, list[Event]]]:
    """Run some months; yields each month's states and flows, and the events that everybody notices."""
    for _ in range(months):
        before, flows, after = batch.advance()
        rows = of_month(before, flows, after, batch.params, 1)
        yield before, flows, after, [event for some in rows for event in _noticed_events(some)]


def view_rounds(scenario: str, seed: int, decisions: str) -> dict[str, Any]:
    """Play the rounds that are decided; return all that the orchestrator sees and hears before the next decision.

    Returns:
        By month: ``active``, ``attendance``, ``known`` (lists by member) and ``noticed`` events; ``rounds``, the
        dashboard at the start of each round; ``effects`` of points; ``last_round``, who would take part if the last
        round were played otherwise.
    """
    batch = Batch(scenario_named(scenario), [seed], HandedOver(decisions=decisions))
    months, last_round = ROUND * len(read_decisions(decisions)), {}
    seen: list[Observation] = []
    noticed: list[Event] = []
    for month in range(months + 1):
        if month == months - ROUND:
            last_round = _alternatives(batch)
        for _, flows, _, events in run_months(batch, 1):
            seen.append(flows.seen)
            noticed += events if month < months else []
    loaded = scenario_named(scenario)
    return {
        "names": list(batch.sectors),
        "sectors": [int(k) for k in seen[0].sectors[:, 0]],
        "active": [_column(s.members, int) for s in seen],
        "attendance": [_column(s.attendance * s.members) for s in seen],
        "known": [_column(s.knowledge / (1.0 + s.knowledge)) for s in seen],
        "ties": [[e["month"], e["member"], e["other"]] for e in noticed if e["kind"] == "match inside"],
        "noticed": [e for e in noticed if e["kind"] != "match inside"],
        "rounds": [_dashboard(seen[month], loaded) for month in range(0, months + 1, ROUND)],
        "last_round": last_round,
        "effects": _effects_of_points(seen[-1]),
    }


def participation_without_effort(scenario: str, seed: int) -> list[dict[str, Any]]:
    """Return who would take part, and how much, after each number of rounds without effort."""
    batch = Batch(scenario_named(scenario), [seed], Convened())
    return [_participation(flows.seen) for _, flows, _, _ in run_months(batch, ROUND * ROUNDS + 1)][::ROUND]


def _alternatives(batch: Batch) -> dict[str, dict[str, Any]]:
    """Run the next round without effort, and under the successor; the batch itself does not change."""
    decisions, watched = batch.memory
    earlier = decisions[:-1]
    text = write_decisions(earlier)
    policies = {
        "nothing": (Convened(decisions=text), earlier),
        "adaptive": (HandedOver(decisions=text), (earlier, watched)),
    }
    participation = {}
    for name, (policy, memory) in policies.items():
        other = copy.copy(batch)
        other.act, other.memory = enforced(policy), memory
        participation[name] = _participation([other.advance()[1].seen for _ in range(ROUND + 1)][-1])
    return participation


def _noticed_events(rows: Mapping[str, Any]) -> Iterator[Event]:
    for month, member, kind, cause, other, amount in zip(
        *(rows[name] for name in ("month", "member", "kind", "cause", "other", "amount")), strict=True
    ):
        if kind.startswith(NOTICED):
            shown = float(amount) if kind == "shock" else 0.0  # of an exit it would be what was captured: not seen
            who = {"member": int(member), "other": int(other)}
            yield {"month": int(month), "kind": kind, "cause": cause, "amount": shown, **who}


def _participation(seen: Observation) -> dict[str, Any]:
    return {"members": int(seen.n_members[0, 0]), "attendance": float(seen.mean(seen.attendance)[0, 0])}


def _dashboard(seen: Observation, scenario: Scenario) -> dict[str, Any]:
    """Collect what is seen at the start of a month; ``..._off`` says how far an estimate is usually off."""
    here, sectors, errors = seen.members[:, 0] > 0, seen.sectors[:, 0], scenario.rules.orchestrator
    off = 1.0 / (1.0 + seen.knowledge[:, 0]) ** 0.5
    order = np.argsort(np.where(here, seen.shortfall[:, 0], np.inf), kind="stable")[:N_LOWEST]
    names = enumerate(sector_names(scenario.sectors))
    groups = [(name, here & (sectors == k), int((sectors == k).sum())) for k, name in names]
    return _participation(seen) | {
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


def _effects_of_points(seen: Observation) -> dict[str, list[tuple[float, bool]]]:
    """Say what each number of points buys a month without a pause: an amount, and whether some effort is not used."""
    short = seen.below_average(seen.shortfall)
    effects = {lever: [_effect(seen, lever, n, None) for n in range(POINTS + 1)] for lever in LEVERS}
    return effects | {"intervene_short": [_effect(seen, "intervene", n, short) for n in range(POINTS + 1)]}


def _effect(seen: Observation, lever: str, points: int, whom: Floats | None) -> tuple[float, bool]:
    spent = points / POINTS * seen.budget
    effort = seen.spend(**{lever: spent}, whom=whom)
    mechanism = {"inside": "match_inside", "outside": "match_outside"}.get(lever, lever)
    amount, n = getattr(effort, mechanism), np.maximum(seen.n_members, 1.0)
    if lever in ("outside", "track", "intervene"):
        amount = np.sum(amount * seen.members, axis=0, keepdims=True) / (n if lever == "track" else 1.0)
    unused = spent - cost_of(effort, seen.prices, seen.members)[mechanism]
    return float(amount.flat[0]), bool(unused.flat[0] > 1e-9)


def _mean(values: Any, who: npt.NDArray[np.bool_]) -> float | None:
    return float(values[who, 0].mean()) if who.any() else None


def _column(values: Any, kind: type = float) -> list[Any]:
    """Return the first run's column as plain numbers."""
    return [kind(round(float(v), 3)) for v in values[:, 0]]


def final_score(scenario: str, seed: int, decisions: str) -> dict[str, float]:
    """Return the outcomes of the decisions: those of ``simulate`` with the same policy."""
    return _outcomes(scenario, seed, Convened(decisions=decisions))


def policy_scores(scenario: str, seed: int) -> list[dict[str, Any]]:
    """Return the outcomes of every shipped policy with the same seed."""
    return [{"policy": policy.name} | _outcomes(scenario, seed, policy()) for policy in POLICIES]


def _outcomes(scenario: str, seed: int, policy: Policy) -> dict[str, float]:
    table = simulate(scenario_named(scenario), [seed], policy, MONTHS, record=("summary",)).summary
    assert table is not None
    row = table.iloc[0]
    return {name: float(row[name]) for name in (*OUTCOMES, *EXITS)}


def reveal(scenario: str, seed: int, decisions: str) -> dict[str, Any]:
    """Return what members really felt month by month, and what could be seen of it at the start of each round.

    Of each sector: engagement beside attendance, and net benefit above what members expect (value/month) beside its
    estimate; means over those who take part, None if nobody does. And each tension beside its estimate.
    """
    batch = Batch(scenario_named(scenario), [seed], Convened(decisions=decisions))
    months = [batch.advance()[:2] for _ in range(MONTHS)]
    founders = {int(k) for k in months[0][0].sector[:, 0]}
    felt = {name: _felt_in_sector(months, k) for k, name in enumerate(batch.sectors) if k in founders}
    tensions = {}
    for name in TENSIONS:
        true = [float(getattr(before, name)[0, 0]) for before, _ in months]
        seen = [float(getattr(flows.seen, name)[0, 0]) for _, flows in months[::ROUND]]
        tensions[name.removeprefix("tension_")] = {"true": true, "seen": seen}
    return {"felt": felt, "tensions": tensions}


def _felt_in_sector(months: Sequence[tuple[State, Flows]], k: int) -> dict[str, dict[str, list[float | None]]]:
    rows = []
    for before, flows in months:
        seen = flows.seen
        who = (seen.members[:, 0] > 0) & (seen.sectors[:, 0] == k)
        rows.append([_mean(v, who) for v in (before.engagement, seen.attendance, flows.shortfall, seen.shortfall)])
    engagement, attendance, surplus, estimate = (list(column) for column in zip(*rows, strict=True))
    return {
        "engagement": {"true": engagement, "seen": attendance[::ROUND]},
        "surplus": {"true": surplus, "seen": estimate[::ROUND]},
    }
