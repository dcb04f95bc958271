"""A batch: runs that are simulated together, on either engine."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sim.model.arrays import Array, padded
from sim.model.initialise import first_day
from sim.model.invariants import check
from sim.model.members import Roster, roster_of
from sim.model.outcomes.base import Outcome
from sim.model.outcomes.series import measure
from sim.model.parameters import parameters_for
from sim.model.policies.enforcement import enforced, first_memory
from sim.model.policies.registry import PolicyLike, find_policy
from sim.model.random_streams import Bits, Draws, RandomStreams
from sim.model.replaced import own_code
from sim.model.scenario import Scenario
from sim.model.sectors import sector_names
from sim.model.state import Flows, State, freeze

CHECK_INVARIANTS = False
"""Whether the invariants are checked every month unless a call says otherwise; the tests set it."""

Months = tuple[Array, State, Flows | None, State]
"""Some months of a batch: the outcomes measured, shape (outcomes, months, runs); the state before them; the flows of
the last one (None where nobody asked for them); the state after them."""


class Batch:
    """Runs that are simulated together: their state, and how to advance it."""

    def __init__(
        self,
        scenario: Scenario,
        seeds: Sequence[int],
        policy: PolicyLike,
        columns: Mapping[str, Array] | None = None,
        check_invariants: bool | None = None,
        engine: str = "numpy",
        roster: Roster | None = None,
        members: Bits | None = None,
    ) -> None:
        """Say what to simulate.

        Args:
            scenario: the partnership.
            seeds: one whole number per run; a single one is doubled (``n_runs`` stays 1).
            policy: as in ``sim.simulate``.
            columns: checked parameters that differ by run: dotted path -> one number per run.
            check_invariants: check the invariants every month; by default as ``CHECK_INVARIANTS`` says.
            engine: ``numpy`` or ``compiled``.
            roster: what is known of each member; by default what the scenario says.
            members: seeds of single members, shape (slots, runs), for their draws alone (NumPy engine only).
        """
        self.engine = engine
        self._policy, self._scenario = policy, scenario
        self.n_runs, self.seeds = len(seeds), np.asarray(padded(seeds), dtype=np.int64)
        per_run = {path: np.resize(values, len(self.seeds)) for path, values in (columns or {}).items()}
        self.params = parameters_for(scenario, per_run, len(self.seeds))
        self.sectors = sector_names(scenario.sectors)
        self.names = tuple(m.name for m in scenario.members)
        slots = scenario.size.partners + scenario.size.candidates
        self.streams = RandomStreams(self.seeds.astype(np.uint64), slots, scenario.size.domains, members)
        self._find_functions()
        self.targeting = self.policy.sees() or scenario.targeting
        self.memory = first_memory(self.policy)
        self.roster = roster or roster_of(scenario.members, self.sectors)
        self._state: State | None = None
        self.check_invariants = CHECK_INVARIANTS if check_invariants is None else check_invariants

    @property
    def state(self) -> State:
        """The state at the end of the month that was simulated last; the first day is drawn when it is first read."""
        if self._state is None:
            self._state = freeze(self._first_day())
        return self._state

    @state.setter
    def state(self, state: State) -> None:
        self._state = state

    def _first_day(self) -> State:
        """Draw the state at month 0, on this batch's engine."""
        if self.engine == "compiled":
            from sim.engine.compiled.runtime import first_day_of

            return first_day_of(self.params, self.streams.keys, self.roster)
        return first_day(self.params, self.streams, self.roster)

    def _find_functions(self) -> None:
        """Find the user's functions, or the shipped ones, by what the scenario and the policy say."""
        self.policy = find_policy(self._policy)
        self.act = enforced(self.policy)
        self.own = own_code(self._scenario)

    def __getstate__(self) -> dict[str, Any]:
        """Give what a copy or a pickle needs to go on where this batch is; functions are found again."""
        return {name: value for name, value in vars(self).items() if name not in ("policy", "act", "own")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Become a batch again."""
        vars(self).update(state)
        self._find_functions()
        if self._state is not None:
            freeze(self._state)

    def under(self, policy: PolicyLike) -> "Batch":
        """Branch: copy this batch, so that it goes on from here under another policy, on the same random draws.

        Args:
            policy: as in ``sim.simulate``. Where it is the policy of this batch, it remembers what it did; another
                one begins to remember in the next month. A plan counts the months of the partnership.

        Returns:
            A batch of its own, at the same month; this one stays as it is.
        """
        branch = copy.copy(self)
        branch._policy = policy
        branch._find_functions()
        same = type(branch.policy) is type(self.policy) and branch.policy.plain(False) == self.policy.plain(False)
        branch.memory = copy.deepcopy(self.memory) if same else first_memory(branch.policy)
        branch.targeting = branch.policy.sees() or self.params.targeting
        return branch

    def runs_at_once(self, record: Sequence[str]) -> bool:
        """Tell whether whole runs can be compiled: nothing is recorded of single months and nothing checked in them."""
        plain = self.own.step is self.own.traced_step and not self.check_invariants
        return self.engine == "compiled" and plain and not {"members", "events", "ends"} & set(record)

    def advance(self) -> tuple[State, Flows, State]:
        """Advance by one month; returns the state before, the flows and the state after."""
        before, draws = self.state, Draws(self.streams, self.state.month + 1)
        self.state, flows, self.memory = self.own.step(
            before, self.params, draws, self.act, self.memory, self.targeting, self.own.payoffs
        )
        freeze(self.state)
        if self.check_invariants:
            check(before, flows, self.state, self.params)
        return before, flows, self.state

    def run_months(self, months: int, outcomes: tuple[Outcome, ...], each_month: bool) -> Iterator[Months]:
        """Advance by some months.

        Args:
            months: how many.
            outcomes: what to measure every month.
            each_month: yield every month by itself, with its flows; the compiled engine may otherwise yield several
                months at once, without flows.
        """
        if self.engine == "compiled":
            from sim.engine.compiled.runtime import run_months

            each_month = each_month or self.check_invariants
            for measured, before, flows, after in run_months(self, months, outcomes, each_month):
                if self.check_invariants and flows is not None:
                    check(before, flows, after, self.params)
                yield measured, before, flows, after
            return
        for _ in range(months):
            before, flows, after = self.advance()
            yield np.array(measure(outcomes, after, flows, self.params))[:, None], before, flows, after
            del before, flows, after
