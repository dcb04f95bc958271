"""``PartnershipModel``: one run of the engine, seen as a Mesa model; a step is exactly one month.

The model holds the engine's state; agents are views on their row of it. Every variable declared in
``State`` is an attribute of the agent it belongs to, so a new variable appears here with no further line.
Equal to the run of the same seed in an ensemble, bit for bit. Works with Mesa 3.3 to 4.0.
"""

import itertools
import weakref
from typing import Any

import mesa
import numpy as np

from sim.core.declare import variables
from sim.core.errors import InputError
from sim.engine.batch import Batch
from sim.engine.simulate import check_inputs, scenario_from
from sim.model.outcomes.series import measure, series_of
from sim.model.policies.registry import PolicyLike, label
from sim.model.rules.connecting import lose_ties
from sim.model.rules.membership import remove_leavers
from sim.model.scenario import Scenario
from sim.model.state import PHASES, REASONS, Flows, State, freeze

_OF_PARTNER = {name: facts for name, facts in variables(State).items() if facts["axes"].startswith("partner")}


class _Numbers(weakref.WeakKeyDictionary[Any, Any]):
    """Mesa 3.3 counts the agents of every model for ever, and so never frees a model; this does not hold them."""

    def __getitem__(self, model: Any) -> Any:
        return self.setdefault(model, itertools.count(1))


class _Agent(mesa.Agent):
    """An agent of this model."""

    _ids = _Numbers()


class Partner(_Agent):
    """A partner organisation: a row of the model's state.

    ``remove()`` makes a member leave at the start of the coming month, for reasons outside the model.
    """

    def __init__(self, model: "PartnershipModel", slot: int) -> None:
        super().__init__(model)
        self.slot = slot
        """Place in the partnership, from 0: the ``member`` of the tables."""

    @property
    def name(self) -> str:
        """Its name, where the scenario names its members; else empty."""
        names = self.model.case.members
        return names[self.slot].name if names else ""

    @property
    def sector_name(self) -> str:
        """Name of the sector."""
        return str(self.model.sectors[int(self.sector)])

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


class Orchestrator(_Agent):
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
        seed: the seed of the run; the same number as in the tables of ``sim.simulate``. Without one, a new one is
            drawn, as in every Mesa model; the attribute ``seed`` has it.
        rng: the same as ``seed``, under the name that newer versions of Mesa use.
        months: how long to simulate, 1 to 1200; then ``running`` is False.
        **kwargs: parameters of the scenario by dotted path, ``**{"start.trust": 0.3}``, or with two underscores
            for each dot, ``start__trust=0.3``.

    ``partners`` lists all partners, those that left included; ``agents`` holds who takes part now, and
    the orchestrator. ``datacollector`` has every monthly outcome: a row a month, collected by ``step``.
    Mesa's own random generator only draws a seed that is missing.

    Raises:
        InputError: (a ``ValueError``) for what is not valid; the message says what is allowed.
    """

    def __init__(
        self,
        scenario: Scenario | str | None = None,
        policy: PolicyLike = "neutral",
        seed: int | str | None = None,
        *,
        rng: int | str | None = None,
        months: int = 60,
        **kwargs: Any,  # Mesa's viewer knows them by this name
    ) -> None:
        chosen = _seed_of(seed, rng)
        super().__init__(rng=chosen)
        self.seed = int(self.rng.integers(2**31)) if chosen is None else chosen
        """The seed of the run."""
        _, self.months, _ = check_inputs([self.seed], months, ())
        self.case = _changed(scenario_from(scenario), kwargs)
        """The scenario: a ``sim.Scenario``."""
        self._batch = Batch(self.case, [self.seed], policy)
        self.policy = label(self._batch.policy)
        """The policy, as the tables name it."""
        self.flows: Flows | None = None
        """What moved last month; None before the first."""
        self._outcomes = {o.name: float("nan") for o in series_of(self.sectors)}
        self._removed = np.zeros_like(self.state.member)
        self.orchestrator = Orchestrator(self)
        slots = self.case.size.partners + self.case.size.candidates
        self.partners = [Partner(self, slot) for slot in range(slots)]
        self._update_agents()
        self.datacollector = _Collector(self)

    @property
    def scenario(self) -> None:
        """Nothing: Mesa's viewer would put a scenario of Mesa's in place of ours; see ``case``."""

    @scenario.setter
    def scenario(self, _: Any) -> None:
        pass

    @property
    def state(self) -> State:
        """The engine's state; the run is at index 0 of the run axis."""
        return self._batch.state

    @property
    def sectors(self) -> tuple[str, ...]:
        """Names of the sectors, in the order of their numbers."""
        return self._batch.sectors

    @property
    def month(self) -> int:
        """Months gone by."""
        return self.state.month

    @property
    def phase(self) -> str:
        """Initiation, pause, implementation or post-grant."""
        return PHASES[int(self.state.phase[0, 0])]

    def step(self) -> None:
        """Advance by one month, and collect its outcomes."""
        _, flows, _ = self._batch.advance()
        self.flows = flows.replace(other=flows.other + self._removed, forced=flows.forced + self._removed)
        self._removed = np.zeros_like(self._removed)
        values = measure(series_of(self.sectors), self.state, self.flows, self._batch.params)
        self._outcomes = {name: float(v[0]) for name, v in zip(self._outcomes, values, strict=True)}
        self._update_agents()
        self.running = self.month < self.months
        self.datacollector.collect(self)

    def outcomes(self) -> dict[str, float]:
        """Return every monthly outcome of the tables; NaN before the first month."""
        return dict(self._outcomes)

    def deregister_agent(self, agent: Any) -> None:
        """Take an agent off the roll (Mesa's ``agent.remove()`` calls this); a member leaves the partnership.

        Raises:
            InputError: for the orchestrator, as there is no partnership without one.
        """
        if agent is self.orchestrator:
            raise InputError(
                'the orchestrator cannot be removed; policy="neutral" is an orchestrator that does nothing'
            )
        super().deregister_agent(agent)
        if isinstance(agent, Partner) and self.state.member[agent.slot, 0] > 0:
            self._force_out(agent.slot)

    def _force_out(self, slot: int) -> None:
        """Let a member leave at the start of the coming month, as a forced exit does at the end of one."""
        leavers, state = np.zeros_like(self.state.member), self.state
        leavers[slot] = 1.0
        coming = remove_leavers(state.replace(month=state.month + 1), leavers * 0.0, leavers * 0.0, leavers)
        self._batch.state = freeze(lose_ties(coming.replace(month=state.month), leavers))
        self._removed = self._removed + leavers

    def __getstate__(self) -> dict[str, Any]:
        """Give what a copy or a pickle needs; what the orchestrator saw last month is left out."""
        state = dict(super().__getstate__())
        return state | {"flows": self.flows and self.flows.replace(seen=None)}

    def _update_agents(self) -> None:
        """Remove partners that do not take part, and register those that joined."""
        members, present = self.state.member[:, 0] > 0, set(map(id, self.agents))
        for partner in self.partners:
            if members[partner.slot] and id(partner) not in present:
                number = partner.unique_id
                self.register_agent(partner)
                partner.unique_id = number  # Mesa 3.5 numbers it again
            elif not members[partner.slot] and id(partner) in present:
                partner.remove()


class _Collector(mesa.DataCollector):
    """Collects the columns of the table ``series``; its frame is indexed by month."""

    def __init__(self, model: PartnershipModel) -> None:
        named: dict[str, Any] = {name: name for name in ("seed", "policy", "month")}
        super().__init__(model_reporters=named | {name: [_outcome, [model, name]] for name in model.outcomes()})

    def get_model_vars_dataframe(self) -> Any:
        """Return the table of months so far."""
        frame = super().get_model_vars_dataframe()
        return frame.set_axis(frame["month"].to_list(), axis="index")


def _outcome(model: PartnershipModel, name: str) -> float:
    return model._outcomes[name]


def _seed_of(seed: Any, rng: Any) -> int | None:
    """Read the seed from Mesa's two names for it; None if neither is given."""
    if seed is not None and rng is not None:
        raise InputError(f"seed = {seed!r} and rng = {rng!r}: give one of them")
    name, value = ("seed", seed) if rng is None else ("rng", rng)
    if value is None:
        return None
    text = value.strip() if isinstance(value, str) else ""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else value
    if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or not 0 <= number < 2**63:
        raise InputError(f"{name} = {value!r}: give a whole number from 0, as in the tables of sim.simulate")
    return int(number)


def _changed(scenario: Scenario, parameters: dict[str, Any]) -> Scenario:
    """Change a scenario's parameters, each named by its dotted path, or with two underscores for a dot."""
    if not parameters:
        return scenario
    return scenario.replace(**{name.replace("__", "."): value for name, value in parameters.items()})


def _view(name: str, facts: dict[str, Any]) -> property:
    """Make an attribute that reads a partner's own value: a number, or an array over traits."""
    several = "," in facts["axes"]

    def read(partner: Partner) -> Any:
        values = getattr(partner.model.state, name)[partner.slot]
        return values[:, 0].copy() if several else float(values[0])

    return property(read, doc=f"{facts['doc']} ({facts['unit']}).")


for _name, _facts in _OF_PARTNER.items():
    setattr(Partner, _name, _view(_name, _facts))
