"""The peers, and the check that each is the same model: fed with the engine's draws, it gives the same results."""

import importlib.util
import warnings
from typing import Any

import numpy as np
from mesa_draws import EngineDraws
from mesa_idiomatic import IdiomaticPartnership
from mesa_replay import ReplayedPartnership
from mesa_twin import Partnership

from sim import Scenario, simulate
from sim.engine.batch import Batch
from sim.model.random_streams import RandomStreams

IDIOMATIC, TUNED, AGENTPY = "Mesa, idiomatic", "Mesa, tuned", "AgentPy"
HAS_LLVMLITE = importlib.util.find_spec("llvmlite") is not None
TOLERANCE = 1e-9

FORMS: dict[str, Any] = {IDIOMATIC: IdiomaticPartnership, TUNED: Partnership}
FED: dict[str, Any] = {IDIOMATIC: ReplayedPartnership, TUNED: Partnership}
if importlib.util.find_spec("agentpy") is not None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from agentpy_form import AgentPyPartnership

    FORMS[AGENTPY] = FED[AGENTPY] = AgentPyPartnership


def check_all(months: int) -> None:
    """Check every peer and the compiled engine; print what is not installed and left out.

    Raises:
        SystemExit: if two differ; the message names the variable and the month.
    """
    if AGENTPY not in FORMS:
        print("AgentPy is left out: python -m pip install agentpy")
    if not HAS_LLVMLITE:
        print("the compiled engine is left out: python -m pip install llvmlite")
    for policy in ("neutral", "adaptive_tracking"):
        for form in FED:
            check_agreement(form, Scenario(), policy, months)
        if HAS_LLVMLITE:
            check_engines(Scenario(), policy, months)


def check_engines(scenario: Scenario, policy: str, months: int) -> None:
    """Check that both engines give the same table.

    Raises:
        SystemExit: if they differ by more than 1e-9.
    """
    own, other = (
        simulate(scenario, 100, policy, months, ("summary",), engine=e).summary for e in ("numpy", "compiled")
    )
    for name in own.columns.drop("policy"):
        if not np.allclose(own[name], other[name], rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True):
            raise SystemExit(f"the engines differ in {name} under {policy}")


def check_agreement(form: str, scenario: Scenario, policy: str, months: int, seed: int = 1) -> None:
    """Feed a peer the engine's draws and check that it gives the engine's results.

    Raises:
        SystemExit: if they differ; the message names the variable and the month.
    """
    batch, streams = (
        Batch(scenario, [seed], policy),
        RandomStreams([seed, seed], scenario.size.partners, scenario.size.domains),
    )
    twin = FED[form](scenario, seed, policy, lambda month: EngineDraws(streams, month))
    for _ in range(months):
        _, flows, state = batch.advance()
        (getattr(twin, "month", None) or twin.step)()
        member = state.member[:, 0] > 0
        pairs = {
            "members": ([p.slot for p in twin.members], np.flatnonzero(member)),
            "value created": ([twin.created], flows.created[0, :1]),
            **{name: ([getattr(p, name) for p in twin.members], getattr(state, name)[member, 0])
               for name in ("goodwill", "engagement", "trust", "needs_met", "reserve", "inside")},
        }  # fmt: skip
        for name, (own, engine) in pairs.items():
            if len(own) != len(engine) or not np.allclose(own, engine, rtol=TOLERANCE, atol=TOLERANCE):
                where = f"from month {state.month} on: {policy}, seed {seed}"
                raise SystemExit(f"{form} and engine differ in {name} {where}")
