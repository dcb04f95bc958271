"""The game's decisions: one short token a round, and the policy that carries them out.

``decisions`` joins the tokens by dots. A token has a digit for each of ``LEVERS``, the tenths of each month's effort
that it gets (t for all ten); then ``a`` where help and introductions inside go to all alike, ``s`` where they go to
those who seem to fall short; then ``p`` where the round is a strategic pause: ``302010a.00000ts``.
"""

import dataclasses
import re
from typing import Any

import numpy as np
from pydantic import field_validator

from sim.core.declare import param
from sim.core.errors import InputError
from sim.lab.stories import MONTHS
from sim.model.arrays import at_least, at_most, flag
from sim.model.effort import Effort
from sim.model.observation import Observation, no_effort
from sim.model.policies import Policy
from sim.model.policies.adaptive import Adaptive

ROUND = 6
"""Months in a round."""

ROUNDS = MONTHS // ROUND
PARTS = 10
"""Parts that each month's effort is divided into."""

LEVERS = ("safeguard", "bundle", "inside", "outside", "track", "intervene")
DIGITS = "0123456789t"
SUCCESSOR = Adaptive()
TOKEN = re.compile(rf"([{DIGITS}]{{{len(LEVERS)}}})([as])(p?)")


@dataclasses.dataclass(frozen=True)
class Decision:
    """What an orchestrator does in each month of a round: tenths of its effort for each lever; the rest stays idle."""

    parts: tuple[int, ...] = (0,) * len(LEVERS)
    to_short: bool = False
    """Help and introductions inside go to those who seem to fall short, and not to all alike."""
    pause: bool = False

    def token(self) -> str:
        """Write the decision; ``read`` gives it back."""
        digits = "".join(DIGITS[n] for n in self.parts)
        return digits + ("s" if self.to_short else "a") + ("p" if self.pause else "")


def write(decisions: tuple[Decision, ...]) -> str:
    """Write decisions as one text."""
    return ".".join(decision.token() for decision in decisions)


def read(text: str) -> tuple[Decision, ...]:
    """Read decisions, one a round.

    Raises:
        InputError: if a token is none, gives out more than all, or there are too many.
    """
    tokens = text.split(".") if text else []
    if len(tokens) > ROUNDS:
        raise InputError(f"d has {len(tokens)} decisions: a game has {ROUNDS} rounds, so at most that many")
    return tuple(_decision(number, token) for number, token in enumerate(tokens, 1))


def _decision(number: int, token: str) -> Decision:
    found = TOKEN.fullmatch(token)
    if found is None:
        raise InputError(
            f"d, round {number}, {token[:20]!a}: a decision is {len(LEVERS)} digits (t for ten), then a or s,"
            " then p for a pause, for example 302010a"
        )
    parts = tuple(DIGITS.index(digit) for digit in found[1])
    if sum(parts) > PARTS:
        raise InputError(f"d, round {number}: gives out {sum(parts)} tenths of the effort; there are {PARTS}")
    return Decision(parts, found[2] == "s", found[3] == "p")


def pauses_allowed(decisions: tuple[Decision, ...], initiation: int) -> list[bool]:
    """Say of each round, and the next, whether it may be a pause.

    A pause stands between initiation and implementation: in the first round that outlasts the initiation, and on
    from there without a break.
    """
    allowed: list[bool] = []
    begun = False
    for number in range(1, len(decisions) + 2):
        first = not begun and number * ROUND > initiation
        begun = begun or first
        allowed.append(first or (begun and decisions[number - 2].pause and allowed[-1]))
    return allowed


class Convened(Policy):
    """Carry out what somebody decided round by round in the lab's game; after the last decision do nothing."""

    name = "convened"

    decisions: str = param("", unit="", structural=True, doc="One token for each half-year, as in the game's address")

    @field_validator("decisions")
    @classmethod
    def _are_decisions(cls, text: str) -> str:
        read(text)
        return text

    def start(self) -> Any:
        """Have all decisions at hand."""
        return read(self.decisions)

    def allocate(self, seen: Observation, budget: Any, memory: Any) -> tuple[Effort, Any]:
        """Divide the month's effort as the round's decision says."""
        number = (seen.month - 1) // ROUND
        return (carry_out(memory[number], seen, budget) if number < len(memory) else no_effort(seen)), memory


def carry_out(decision: Decision, seen: Observation, budget: Any) -> Effort:
    """Turn a decision into a month's effort: a pause is led first, and the parts divide what is left."""
    led = decision.pause * flag(seen.month > np.asarray(seen.initiation_months))
    pause = led * at_most(seen.prices.pause * seen.n_members, budget)
    safeguard, bundle, inside, outside, track, intervene = (n / PARTS * (budget - pause) for n in decision.parts)
    short = at_least(seen.mean(seen.shortfall) - seen.shortfall, 0.0) if decision.to_short else None
    everyone = seen.spend(outside=outside, track=track)
    chosen = seen.spend(safeguard=safeguard, bundle=bundle, inside=inside, intervene=intervene, whom=short, pause=pause)
    return chosen.replace(match_outside=everyone.match_outside, track=everyone.track)


class HandedOver(Convened):
    """Carry out decisions, then let ``adaptive`` go on, which has been watching from the start."""

    name = "handed_over"

    def start(self) -> Any:
        """Have all decisions at hand, and let the successor begin to watch."""
        return super().start(), SUCCESSOR.start()

    def allocate(self, seen: Observation, budget: Any, memory: Any) -> tuple[Effort, Any]:
        """Let the successor decide, and follow it once the decisions are used up."""
        decisions, watched = memory
        effort, watched = SUCCESSOR.allocate(seen, budget, watched)
        if seen.month <= ROUND * len(decisions):
            effort, _ = super().allocate(seen, budget, decisions)
        return effort, (decisions, watched)
