"""A batch: some runs that go through the months together, on either engine."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sim.core.plugins import checked_payoffs
from sim.model.arrays import Array, padded
from sim.model.initialise import start
from sim.model.invariants import check
from sim.model.outcomes.base import Outcome
from sim.model.outcomes.series import measure
from sim.model.parameters import parameters_for
from sim.model.policies.enforcement import at_work, begin
from sim.model.policies.registry import PolicyLike, find_policy
from sim.model.random_streams import Draws, RandomStreams
from sim.model.scenario import Scenario
from sim.model.state import Flows, State, freeze
from sim.model.step import step

CHECK_INVARIANTS = False
"""Whether every month of every run is audited unless asked otherwise; the tests set it."""


class Batch:
    """Some runs that go through the months together: a state, and how to advance it."""

    def __init__(
        self,
        scenario: Scenario,
        seeds: Sequence[int],
        policy: PolicyLike,
        columns: Mapping[str, Array] | None = None,
        check_invariants: bool | None = None,
        engine: str = "numpy",
    ) -> None:
        self.engine = engine
        self.policy = chosen = find_policy(policy)
        self.n_runs, self.seeds = len(seeds), np.asarray(padded(seeds), dtype=np.int64)
        spread = {k: np.resize(v, len(self.seeds)) for k, v in (columns or {}).items()}
        self.params = parameters_for(scenario, spread, len(self.seeds))
        slots = scenario.size.partners + scenario.size.candidates
        self.worlds = RandomStreams([int(s) for s in self.seeds], slots, scenario.size.domains)
        self.targeting = chosen.targeting or scenario.targeting
        self.payoffs = checked_payoffs(scenario.payoffs) if scenario.payoffs else None
        self.act, self.memory = at_work(chosen), begin(chosen)
        self.state: State = freeze(start(self.params, self.worlds))
        self.check_invariants = CHECK_INVARIANTS if check_invariants is None else check_invariants

    def advance(self) -> tuple[State, Flows, State]:
        """Advance by one month; gives the state before, the flows and the state after."""
        before, draws = self.state, Draws(self.worlds, self.state.month + 1)
        self.state, flows, self.memory = step(
            before, self.params, draws, self.act, self.memory, self.targeting, self.payoffs
        )
        freeze(self.state)
        if self.check_invariants:
            check(before, flows, self.state, self.params)
        return before, flows, self.state

    def go(self, months: int, outcomes: tuple[Outcome, ...], watched: bool) -> Iterator[Any]:
        """Go through months: gives what was measured, the state before, the flows and the state after.

        The compiled engine gives each month by itself only if that is ``watched``, and else all at once.
        """
        if self.engine == "compiled":
            from sim.engine.compiled.runtime import go

            for measured, before, flows, after in go(self, months, outcomes, watched or self.check_invariants):
                if self.check_invariants:
                    check(before, flows, after, self.params)
                yield measured, before, flows, after
            return
        for _ in range(months):
            before, flows, after = self.advance()
            yield np.array(measure(outcomes, after, flows, self.params))[:, None], before, flows, after
            del before, flows, after
