"""The runs of a study of pathways: the target month by month, and what the orchestrator sees on the way."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.batch import Batch
from sim.engine.simulate import CELLS, simulate
from sim.model.observation import Observation
from sim.model.policies import Policy
from sim.model.policies.conditions import QUANTITIES, count
from sim.model.scenario import Scenario

Numbers = NDArray[np.float64]

SPAN = 6
"""Months over which recent exits are counted."""

LEFT_OUT = ("members", "budget", "plan")
"""Quantities that are no signposts: exits say more than members, and plan and budget are what one makes and gets."""


@dataclasses.dataclass(frozen=True)
class Track:
    """What became of one policy: arrays of shape (months, runs)."""

    target: Numbers
    effort: Numbers


def track(
    scenario: Scenario,
    policy: Policy,
    seeds: Sequence[int],
    columns: Mapping[str, Sequence[float]],
    months: int,
    outcome: str,
    engine: str = "numpy",
    advance: Callable[[int], Any] | None = None,
) -> Track:
    """Simulate a policy and give the target's outcome and the effort month by month.

    Args:
        scenario: the partnership.
        policy: the policy or plan.
        seeds: one for each run.
        columns: parameters that differ by run.
        months: how long.
        outcome: a monthly outcome, or ``retention``: the share of the founders still there.
        engine: ``numpy`` or ``compiled``.
        advance: called with the number of runs done.
    """
    series = simulate(scenario, seeds, policy, months, ("series",), columns, progress=advance, engine=engine).series

    assert series is not None

    def monthly(name: str) -> Numbers:
        values: Numbers = series[name].to_numpy(dtype=float).reshape(len(seeds), months).T
        return values

    of_founders = outcome == "retention"
    target = monthly("n_founders") / scenario.size.partners if of_founders else monthly(outcome)
    return Track(target, monthly("effort_spent"))


def watch(
    scenario: Scenario, policy: Policy, seeds: Sequence[int], columns: Mapping[str, Sequence[float]], months: int
) -> dict[str, Numbers]:
    """Give all that the orchestrator sees under a policy, as conditions of plans read it, shape (months, runs) each.

    Looking changes nothing: errors of what is seen have addresses of their own among the random draws.
    """
    parts: list[Numbers] = []
    slots = scenario.size.partners + scenario.size.candidates
    size = max(2, CELLS // slots)
    for first in range(0, len(seeds), size):
        runs = slice(first, first + size)
        varied = {path: np.asarray(values, dtype=float)[runs] for path, values in columns.items()}
        batch = Batch(scenario, [*seeds][runs], policy, varied)
        parts.append(_months_seen(batch, months))
    named = zip(("exits", f"exits in {SPAN} months", *QUANTITIES), np.concatenate(parts, axis=2), strict=True)
    return {name: values for name, values in named if name not in LEFT_OUT and np.ptp(values) > 0.0}


def _months_seen(batch: Batch, months: int) -> Numbers:
    """Advance a batch; gives what is seen at the start of each month: shape (quantities, months, runs)."""
    act, n = batch.act, batch.n_runs
    rows: list[list[Numbers]] = []
    counts: Any = {"members": 0.0, "first": 0.0, "exits": 0.0, "last": [0.0] * SPAN}

    def looking(seen: Observation, memory: Any) -> Any:
        nonlocal counts
        counts = count(seen, counts)
        values = [counts["exits"], sum(counts["last"]), *(read(seen) for _, read in QUANTITIES.values())]
        rows.append([np.broadcast_to(value, (1, len(batch.seeds)))[0, :n].astype(float) for value in values])
        return act(seen, memory)

    batch.act = looking
    for _ in range(months):
        batch.advance()
    return np.array(rows).swapaxes(0, 1)
