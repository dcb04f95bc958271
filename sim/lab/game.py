"""The decisions of the game: one short token a round, the policy that carries them out, and the game as a link.

``decisions`` joins the tokens by dots. A token has a digit for each of ``LEVERS``, the points of each month's effort
that it gets (t for ten); then ``a`` if help and introductions inside go to all members equally, ``s`` if they go to
those who seem to fall short; then ``p`` if the round is a strategic pause: ``302010a.00000ts``.
"""

import dataclasses
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import numpy as np
from pydantic import field_validator

from sim.core.declare import param
from sim.core.errors import InputError, near
from sim.lab.link_state import VERSION, read_link
from sim.lab.stories import MONTHS, STORIES, scenario_named
from sim.model.arrays import at_most, flag
from sim.model.effort import Effort
from sim.model.observation import Observation, no_effort
from sim.model.policies.adaptive import Adaptive
from sim.model.policies.base import Policy

ROUND = 6
"""Months in a round."""

ROUNDS = MONTHS // ROUND

POINTS = 10
"""Points that each month's effort is divided into."""

LEVERS = ("safeguard", "bundle", "inside", "outside", "track", "intervene")
DIGITS = "0123456789t"
SUCCESSOR = Adaptive()
TOKEN = re.compile(rf"([{DIGITS}]{{{len(LEVERS)}}})([as])(p?)")

KEYS = ("v", "scenario", "seed", "d", "lang")
"""Keys of a link to a game; ``d`` has the decisions."""

SCENARIOS = tuple(dict.fromkeys(story.scenario for story in STORIES))


@dataclasses.dataclass(frozen=True)
class Decision:
    """What an orchestrator does in each month of a round: points of its effort for each lever; the rest is not used."""

    points: tuple[int, ...] = (0,) * len(LEVERS)
    to_short: bool = False
    """Help and introductions inside go to those who seem to fall short, and not to all equally."""
    pause: bool = False

    def token(self) -> str:
        """Write the decision as a token, which ``read_decisions`` reads."""
        digits = "".join(DIGITS[n] for n in self.points)
        return digits + ("s" if self.to_short else "a") + ("p" if self.pause else "")


def write_decisions(decisions: tuple[Decision, ...]) -> str:
    """Write decisions as one text."""
    return ".".join(decision.token() for decision in decisions)


def read_decisions(text: str) -> tuple[Decision, ...]:
    """Read decisions, one for each round.

    Raises:
        InputError: If a token is not valid, spends too many points, or there are too many tokens.
    """
    tokens = text.split(".") if text else []
    if len(tokens) > ROUNDS:
        raise InputError(f"d has {len(tokens)} decisions: give at most {ROUNDS}, one for each round")
    return tuple(_decision(number, token) for number, token in enumerate(tokens, 1))


def _decision(number: int, token: str) -> Decision:
    match = TOKEN.fullmatch(token)
    if match is None:
        raise InputError(
            f"d, round {number}, {token[:20]!a}: a decision is {len(LEVERS)} digits (t for ten), then a or s,"
            " then p for a pause, for example 302010a"
        )
    points = tuple(DIGITS.index(digit) for digit in match[1])
    if sum(points) > POINTS:
        raise InputError(f"d, round {number}: spends {sum(points)} points; there are {POINTS}")
    return Decision(points, match[2] == "s", match[3] == "p")


def pauses_allowed(decisions: tuple[Decision, ...], initiation: int) -> list[bool]:
    """Say of each round, and of the next, whether it may be a pause.

    A pause stands between initiation and implementation: in the first round that lasts longer than the initiation,
    and on from there without a break. ``initiation`` is in months.
    """
    allowed: list[bool] = []
    begun = False
    for number in range(1, len(decisions) + 2):
        first = not begun and number * ROUND > initiation
        begun = begun or first
        allowed.append(first or (begun and decisions[number - 2].pause and allowed[-1]))
    return allowed


class Convened(Policy):
    """Carry out the decisions of a game round by round; after the last decision do nothing."""

    name = "convened"

    decisions: str = param("", unit="", structural=True, doc="One token for each half-year, as in the game's address")

    @field_validator("decisions")
    @classmethod
    def _are_decisions(cls, text: str) -> str:
        read_decisions(text)
        return text

    def start(self) -> Any:
        """Return all decisions as the memory."""
        return read_decisions(self.decisions)

    def allocate(self, seen: Observation, budget: Any, memory: Any) -> tuple[Effort, Any]:
        """Divide the month's effort as the round's decision says."""
        number = (seen.month - 1) // ROUND
        return (effort_of(memory[number], seen, budget) if number < len(memory) else no_effort(seen)), memory


def effort_of(decision: Decision, seen: Observation, budget: Any) -> Effort:
    """Turn a decision into a month's effort: a pause is paid first, and the points divide the rest."""
    pauses = decision.pause * flag(seen.month > np.asarray(seen.initiation_months))
    pause = pauses * at_most(seen.prices.pause * seen.n_members, budget)
    safeguard, bundle, inside, outside, track, intervene = (n / POINTS * (budget - pause) for n in decision.points)
    short = seen.below_average(seen.shortfall) if decision.to_short else None
    to_all = seen.spend(outside=outside, track=track)
    chosen = seen.spend(safeguard=safeguard, bundle=bundle, inside=inside, intervene=intervene, whom=short, pause=pause)
    return chosen.replace(match_outside=to_all.match_outside, track=to_all.track)


class HandedOver(Convened):
    """Carry out decisions, then hand over to ``adaptive``, which watches from the start."""

    name = "handed_over"

    def start(self) -> Any:
        """Return all decisions and the first memory of the successor."""
        return super().start(), SUCCESSOR.start()

    def allocate(self, seen: Observation, budget: Any, memory: Any) -> tuple[Effort, Any]:
        """Let the successor decide, and follow it once the decisions are used up."""
        decisions, watched = memory
        effort, watched = SUCCESSOR.allocate(seen, budget, watched)
        if seen.month <= ROUND * len(decisions):
            effort, _ = super().allocate(seen, budget, decisions)
        return effort, (decisions, watched)


@dataclasses.dataclass(frozen=True)
class Game:
    """A game so far: a scenario, a seed, the decisions of each round, and the player's language."""

    scenario: str = SCENARIOS[0]
    seed: int = 0
    decisions: tuple[Decision, ...] = ()
    language: str = "en"

    @property
    def tokens(self) -> str:
        """The decisions as one text."""
        return write_decisions(self.decisions)

    def query(self) -> str:
        """Write the game as a query string, which ``read_game`` reads."""
        pairs = [("v", VERSION), ("scenario", self.scenario), ("seed", str(self.seed))]
        pairs += [("d", self.tokens)] if self.decisions else []
        return urlencode(pairs + ([("lang", self.language)] if self.language != "en" else []))

    def replace(self, **changes: Any) -> "Game":
        """Copy with some parts replaced."""
        return dataclasses.replace(self, **changes)


def read_game(pairs: Iterable[tuple[str, str]]) -> Game:
    """Read a game from a link.

    Args:
        pairs: The keys and values of the query string, in order.

    Raises:
        InputError: For an unknown or repeated key, and for a decision that is not possible.
    """
    pairs = list(pairs)
    for key, _ in pairs:
        if key not in KEYS:
            raise InputError(f"{ascii(key[:40])[1:-1]}: a game has no such key; {near(key[:60], KEYS)}")
    tokens = [text for key, text in pairs if key == "d"]
    if len(tokens) > 1:
        raise InputError("d: is there twice; leave one out")
    state, _ = read_link([pair for pair in pairs if pair[0] != "d"])
    game = Game(state.scenario, state.seed, read_decisions("".join(tokens)), state.language)
    _check_pauses(game)
    return game


def _check_pauses(game: Game) -> None:
    allowed = pauses_allowed(game.decisions, scenario_named(game.scenario).grant.initiation)
    for number, (decision, may_pause) in enumerate(zip(game.decisions, allowed, strict=False), 1):
        if decision.pause and not may_pause:
            raise InputError(
                f"d, round {number}: a strategic pause stands between initiation and implementation; hold it"
                " straight after the initiation, without a break"
            )
