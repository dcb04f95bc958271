"""``PartnershipModel``: one run of the engine, seen as a Mesa model; a step is exactly one month.

The model holds the engine's state; agents are views on their row of it. Every variable declared in
``State`` is an attribute of the agent it belongs to, so a new variable appears here with no further line.
Equal to the run of the same seed in an ensemble, bit for bit.
"""

from typing import Any

import mesa
import numpy as np

from sim.core.declare import variables
from sim.engine.batch import Batch
from sim.engine.simulate import scenario_from
from sim.model.outcomes.series import SERIES, measure
from sim.model.policies.registry import PolicyLike
from sim.model.scenario import Scenario
from sim.model.sectors import SECTORS
from sim.model.state import PHASES, REASONS, Flows, State

_OF_PARTNER = {name: facts for name, facts in variables(State).items() if facts["axes"].startswith("partner")}
_OF_RUN = {name: facts for name, facts in variables(State).items() if facts["axes"].startswith("run")}


class Partner(mesa.Agent):
    """A partner organisation: a row of the model's state."""

    def __init__(self, model: "PartnershipModel", slot: int) -> None:
        super().__init__(model)
        self.slot = slot
        """Place in the partnership, from 0: the ``member`` of the tables."""

    @property
    def sector_name(self) -> str:
        """Name of the sector."""
        return SECTORS[int(self.sector)]

    @property
    def exit_reason(self) -> str:
        """Why it left: satisfied, frustrated or other; empty while it has not."""
        return REASONS[int(self.left_reason)]

    @property
    def trust(self) -> float:
        """Trust in the partnership (0 to 1)."""
        return float(self.model.state.trust[self.slot, 0])

    @property
    def ties(self) -> dict[int, int]:
        """Members it is tied to: slot -> month of the latest match."""
        state = self.model.state
        to, since = state.tie_to[self.slot, :, 0], state.tie_since[self.slot, :, 0]
        return {int(t): int(m) for t, m in zip(to, since, strict=True) if t >= 0}


class Orchestrator(mesa.Agent):
    """The convening party: its budget, what it spent and what it knows."""

    @property
    def budget(self) -> float:
        """Effort it could spend this month."""
        return float(self.model.state.budget[0, 0])

    @property
    def spent(self) -> dict[str, float]:
        """Effort spent last month, by mechanism; empty before the first."""
        flows = self.model.flows
        return {} if flows is None else {k: float(np.broadcast_to(v, (1, 2))[0, 0]) for k, v in flows.spent.items()}

    @property
    def knowledge(self) -> dict[int, float]:
        """What it knows of each member (observations), by slot."""
        return {p.slot: p.knowledge for p in self.model.partners}


class PartnershipModel(mesa.Model):
    """A partnership as a Mesa model.

    Args:
        scenario: the partnership, or the name of a shipped one; the neutral reference by default.
        policy: the policy (see ``sim.find_policy``).
        seed: the seed of the run; the same number as in the tables of ``sim.simulate``.

    ``partners`` lists all partners, those that left included; ``agents`` holds who takes part now, and
    the orchestrator. The model's own random generator is not used.
    """

    def __init__(self, scenario: Scenario | str | None = None, policy: PolicyLike = "neutral", seed: int = 0) -> None:
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**63:
            raise ValueError(f"seed = {seed!r}: give a whole number from 0; '42' and 42.0 are not the seed 42")
        super().__init__(rng=int(seed))
        self.case = scenario_from(scenario)
        """The scenario (Mesa keeps the name ``scenario`` for itself)."""
        self._batch = Batch(self.case, [int(seed)], policy)
        self.flows: Flows | None = None
        """What moved last month; None before the first."""
        self.orchestrator = Orchestrator(self)
        slots = self.case.size.partners + self.case.size.candidates
        self.partners = [Partner(self, slot) for slot in range(slots)]
        self._away: list[Partner] = []
        self._update_agents()

    @property
    def state(self) -> State:
        """The engine's state; the run is at index 0 of the run axis."""
        return self._batch.state

    @property
    def month(self) -> int:
        """Months gone by."""
        return self.state.month

    @property
    def phase(self) -> str:
        """Initiation, pause, implementation or post-grant."""
        return PHASES[int(self.state.phase[0, 0])]

    def step(self) -> None:
        """Advance by one month."""
        _, self.flows, _ = self._batch.advance()
        self._update_agents()

    def outcomes(self) -> dict[str, float]:
        """Return every monthly outcome of the tables; NaN before the first month."""
        if self.flows is None:
            return {o.name: float("nan") for o in SERIES}
        values = measure(SERIES, self.state, self.flows, self._batch.params)
        return {o.name: float(v[0]) for o, v in zip(SERIES, values, strict=True)}

    def _update_agents(self) -> None:
        """Deregister partners that do not take part, and register those that joined."""
        member = self.state.member[:, 0]
        for partner in [p for p in self._away if member[p.slot] > 0]:
            self.register_agent(partner)
            self._away.remove(partner)
        gone = set(map(id, self._away))
        for partner in [p for p in self.partners if member[p.slot] == 0 and id(p) not in gone]:
            self.deregister_agent(partner)
            self._away.append(partner)


def _view(name: str, facts: dict[str, Any]) -> property:
    """Make an attribute that reads a partner's own value: a number, or an array over traits."""
    several = "," in facts["axes"]

    def read(partner: Partner) -> Any:
        values = getattr(partner.model.state, name)[partner.slot]
        return values[:, 0].copy() if several else float(values[0])

    return property(read, doc=f"{facts['doc']} ({facts['unit']}).")


for _name, _facts in _OF_PARTNER.items():
    setattr(Partner, _name, _view(_name, _facts))
