"""Continue an ensemble of partnerships under a plan, and count who stays, what they gain, and why others leave."""

import copy
import dataclasses
import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.engine.batch import Batch
from sim.engine.history import replay, settle
from sim.model.arrays import Array
from sim.model.events import exit_causes
from sim.model.outcomes.series import ALWAYS
from sim.model.policies import Policy
from sim.model.policies.plan import Plan
from sim.model.policies.registry import PolicyLike, find_policy, label
from sim.model.random_streams import RandomStreams
from sim.studies.forecasting.sampler import Known, Particles


@dataclasses.dataclass(frozen=True)
class Future:
    """What followed in each partnership under one plan; runs last.

    Attributes:
        there: whether each member took part at the end of now and of each month after: (months + 1, partners, runs).
        cause: index in ``causes`` of why it left after now, -1 where it did not, shape (partners, runs).
        causes: the causes that occurred.
        private: private value each member captured after now, shape (partners, runs).
        society: collective value created after now, per founder, shape (runs,).
        effort: effort the orchestrator spent after now, shape (runs,).
        satisfied: whether it left with its needs met, shape (partners, runs).
    """

    there: NDArray[np.bool_]
    cause: NDArray[np.int64]
    causes: list[str]
    private: Array
    society: Array
    effort: Array
    satisfied: NDArray[np.bool_]

    @staticmethod
    def joined(parts: "Sequence[Future]") -> "Future":
        """Lay the runs of several batches side by side."""
        causes = sorted({cause for part in parts for cause in part.causes})
        numbers = [np.array([causes.index(c) for c in part.causes] + [-1]) for part in parts]
        return Future(
            np.concatenate([p.there for p in parts], axis=2),
            np.concatenate([n[p.cause] for n, p in zip(numbers, parts, strict=True)], axis=1),
            causes,
            np.concatenate([p.private for p in parts], axis=1),
            np.concatenate([p.society for p in parts]),
            np.concatenate([p.effort for p in parts]),
            np.concatenate([p.satisfied for p in parts], axis=1),
        )


def branch(known: Known, particles: Particles, seed: int) -> list[tuple[int, Batch]]:
    """Run the history of particles again up to now, and draw what was integrated out.

    Args:
        known: the history.
        particles: partnerships that agree with it.
        seed: selects what is drawn, and the draws of the months to come: the same under every plan.

    Returns:
        Batches that stand at the end of now, each with its number of runs.
    """
    rng = np.random.default_rng([seed, 7])
    uniform, later = rng.random(particles.members.shape), rng.integers(2**63, size=len(particles.rows), dtype=np.uint64)
    result = []
    for part, batch in known.batches(particles):
        n, width = part.stop - part.start, len(batch.seeds)
        history = replay(batch, known.scenario.now)
        settle(batch, history, np.repeat(uniform[:, part], width // n, axis=1))
        seeds = np.repeat(later[part], width // n)
        batch.streams = RandomStreams(seeds, len(uniform), known.scenario.size.domains)
        result.append((n, batch))
    return result


def from_now(plan: Policy, known: Known) -> Policy:
    """Let a policy begin in the month after now; what was in force goes on, and a plan has months of its own."""
    so_far, now = find_policy(known.policy), known.scenario.now
    if isinstance(plan, Plan) and plan.steps and not plan.when and all((s.until or np.inf) <= now for s in plan.steps):
        last = max(s.until or 0 for s in plan.steps)
        warnings.warn(
            f"plan {label(plan)}: its last step ends in month {last}, and now is month {now}: nothing is done then",
            stacklevel=2,
        )
    if isinstance(plan, Plan) or (type(plan) is type(so_far) and plan.plain(False) == so_far.plain(False)):
        return plan
    return find_policy({"steps": [{"policy": plan, "from": now + 1}]})


def continued(branches: Sequence[tuple[int, Batch]], plan: PolicyLike, months: int) -> Future:
    """Continue branched batches under a plan; the batches themselves stay where they are."""
    return Future.joined([_continued(copy.copy(batch).under(plan), n, months) for n, batch in branches])


def _continued(batch: Batch, n: int, months: int) -> Future:
    first = batch.state
    there, causes, satisfied = [first.member > 0.0], np.full(first.member.shape, "", dtype=object), first.member < 0.0
    effort = np.zeros((1, first.member.shape[1]))
    for _, before, flows, after in batch.run_months(months, ALWAYS, each_month=True):
        assert flows is not None
        there.append(after.member > 0.0)
        effort = effort + sum(flows.spent.values())
        left = (before.member > 0.0) & (after.member == 0.0)
        if left.any():
            named = exit_causes(before, flows, after, batch.params.rules.membership)
            causes = np.where(left, named, causes)
            satisfied = satisfied | (left & (flows.satisfied > 0.0))
    last = batch.state
    names = sorted(set(causes.ravel().tolist()) - {""})
    number = np.array([[names.index(c) if c else -1 for c in row] for row in causes.tolist()])
    return Future(
        np.stack(there)[:, :, :n],
        number[:, :n],
        names,
        (last.needs_met - first.needs_met)[:, :n],
        (last.society_value - first.society_value)[0, :n],
        np.broadcast_to(effort, (1, first.member.shape[1]))[0, :n],
        satisfied[:, :n],
    )
