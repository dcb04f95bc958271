"""The idiomatic model on AgentPy: the same agents and processes, its own list, random numbers and records.

A process is a call on the ``AgentList`` (``agents.disclose()``), an attribute of all is ``agents.trust``, and the
month's outcomes are stored with ``record``. What each does and in which order is ``mesa_idiomatic.py``.
"""

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import agentpy
from mesa_idiomatic import IdiomaticPartnership
from mesa_idiomatic_partner import IdiomaticPartner
from mesa_replay import put_dice


class Members(agentpy.AgentList):
    """AgentPy's list with the methods of Mesa's ``AgentSet`` that the model calls."""

    def do(self, process: str) -> None:
        """Let all go through a process."""
        getattr(self, process)()

    def get(self, names: str | list[str]) -> list[Any]:
        """Give an attribute of all, or several of each."""
        if isinstance(names, str):
            return list(getattr(self, names))
        return list(zip(*(getattr(self, name) for name in names), strict=True))

    def agg(self, name: str, over: Callable[[Any], float]) -> float:
        """Work something out over an attribute of all."""
        return over(list(getattr(self, name)))

    def select(self, wanted: Callable[[Any], Any]) -> "Members":
        """Give those that are wanted."""
        return Members(self.model, [agent for agent in self if wanted(agent)])

    def groupby(self, name: str, result_type: str) -> SimpleNamespace:
        """Give them by the value of an attribute."""
        groups: dict[Any, list[Any]] = {}
        for agent in self:
            groups.setdefault(getattr(agent, name), []).append(agent)
        return SimpleNamespace(groups=groups)


class AgentPyPartner(agentpy.Agent, IdiomaticPartner):
    """A partner on AgentPy."""

    random: Any = None

    def setup(self, slot: int, state: Any, n_ties: int) -> None:
        """Copy the engine's first day."""
        self.begin(slot, state, n_ties)
        self.random = self.model.random
        self.model.agents.append(self)

    def remove(self) -> None:
        """Leave the list."""
        self.model.agents.remove(self)


class AgentPyPartnership(agentpy.Model, IdiomaticPartnership):
    """The partnership on AgentPy."""

    partner_class = AgentPyPartner
    agents: Any = None
    steps = property(lambda self: self.t)
    step = IdiomaticPartnership.step

    def __init__(self, scenario: Any, seed: int, policy: Any, draws: Any = None) -> None:
        agentpy.Model.__init__(self, {"seed": seed, "report_seed": False})
        self.arguments, self.draws = (scenario, seed, policy), draws
        self.sim_setup(steps=10**6)

    def setup(self) -> None:
        """Copy the engine's first day."""
        self.agents = Members(self)
        self.begin(*self.arguments)

    def month(self) -> None:
        """Advance by one month with AgentPy's ``sim_step``, on the engine's draws if the model has them."""
        if self.draws:
            put_dice(self, self.draws(self.t + 1))
        self.sim_step()

    def collect(self) -> None:
        """Record the month's outcomes."""
        n = len(self.agents)
        for name, value in (
            ("n_members", n),
            ("n_founders", n),
            ("value_created", self.created),
            ("effort_spent", self.effort_spent),
            ("subsidy", self.subsidy),
            ("tension", self.tension if self.had_members else math.nan),
            ("content", sum(self.agents.is_content) / n if n else math.nan),
        ):
            self.record(name, value)
