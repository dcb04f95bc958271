"""How likely a history is: who joined and left when, given a partnership's path, with chance integrated out exactly.

The run is clamped (``Scenario.now``, ``Member.joins`` and ``leaves``): members come and go as is known, and the rest
of the run is free. Goodwill acts on exits alone, so a member's goodwill at the start (its patience) need not be drawn:
it stays as long as its patience is at least a limit that follows from the path. With x the surplus less the waiting of
a pause, goodwill is min(G0 + A, L G0 + B), where A and B follow from x and fees paid; a member that decides stays if
G0 >= max(-(A + X), -(B + X)/L), X being outlook - fee + what leaving costs. The chances of leaving for other reasons,
of being forced out by the scenario, and of showing late on the list are integrated with it (docs/decisions/0024). Who
has decided and is still listed counts as paying its fee, which reaches others through ``grant.from_fees`` alone.
"""

import dataclasses

import numpy as np
from scipy.special import ndtr, ndtri

from sim.engine.batch import Batch
from sim.model import dated_events, random_streams
from sim.model.arrays import TINY, Array, flag, logistic
from sim.model.random_streams import normal
from sim.model.rules import commitment, membership
from sim.model.shocks import chance_forced
from sim.model.state import PAUSE, Flows, State


@dataclasses.dataclass
class History:
    """What a clamped batch has made of its members so far; arrays of shape (partners, runs).

    Attributes:
        staying: probability of everything known of the member so far and that it has not decided to leave.
        going: the same, and that it has decided to leave and is still listed.
        likelihood: probability of a known exit, for who left; ``staying + going`` for who is there.
        patience: least goodwill at the start with which it has not decided to leave.
        gain: A, what goodwill has gained since the start.
        gain_from_limit: B, what it has gained since it was last at its limit.
    """

    staying: Array
    going: Array
    likelihood: Array
    patience: Array
    gain: Array
    gain_from_limit: Array

    @property
    def log_likelihood(self) -> Array:
        """Log probability of what is known of each member: 0 for who has not joined yet."""
        return np.log(np.maximum(self.likelihood, TINY))


def replay(batch: Batch, months: int) -> History:
    """Advance a clamped batch by some months, and give how likely what is known of its members is.

    Args:
        batch: at its first day, with a roster whose members are known to stay or to leave up to ``months``.
        months: up to which month.

    Returns:
        The history; the batch stands at the end of that month.
    """
    ones = np.ones(batch.state.member.shape)
    history = History(ones, ones * 0.0, ones, ones * 0.0, ones * 0.0, ones * np.inf)
    for _ in range(months):
        before, flows, after = batch.advance()
        _follow(history, batch, before, flows, after)
    return history


def _follow(history: History, batch: Batch, before: State, flows: Flows, after: State) -> None:
    """Add a month to a history."""
    rules, structure = batch.params.rules, batch.params.structure
    present = before.member > 0.0
    surplus = after.benefit - commitment.aspiration(after, rules.commitment, structure.outside_options)
    waited = rules.commitment.impatience * flag(after.phase == PAUSE)
    gain = history.gain + surplus - waited
    from_limit = np.minimum(history.gain_from_limit + surplus - waited, 0.0)

    deciding = after.replace(  # as they stood when members decided
        member=before.member, departing=before.departing, fund=before.fund, goodwill=after.goodwill + flows.fees
    )
    outlook = membership.outlook(deciding, rules.membership, surplus, rules.capture.now * flows.captured)
    fee = after.fee * flag(rules.membership.term * before.member > 0.0)
    renewal = dated_events.renewal(after, batch.params.events)
    due = (membership.is_due(deciding, rules.membership) | (renewal * before.member > 0.0)) & present
    if structure.exit == "hazard":
        margin = membership.goodwill_left(deciding, rules.membership) + outlook - fee
        leaves = due * logistic(-margin / rules.membership.hazard_width)  # as in membership.decide
        patience = history.patience
    else:
        beyond = outlook - fee + rules.membership.exit_penalty * deciding.is_funded
        limit = np.maximum(-(gain + beyond), -(from_limit + beyond) / rules.commitment.goodwill_limit)
        patience = np.where(due, np.maximum(history.patience, limit), history.patience)
        leaves = 1.0 - above(patience, batch) / np.maximum(above(history.patience, batch), TINY)
    ends, lapse = membership.has_ended(deciding, rules.membership), rules.membership.lapse_rate
    forced = chance_forced(deciding, batch.params.shocks, batch.params.events)
    other = 1.0 - (1.0 - np.minimum(rules.membership.other_rate * after.other_rate, 1.0)) * (1.0 - forced)
    decided = history.going + history.staying * leaves
    out = np.where(ends, 1.0, other + (1.0 - other) * lapse)
    exits = decided * out + (history.staying - history.staying * leaves) * np.where(ends, 1.0, other)
    staying, going = history.staying * (1.0 - leaves) * (1.0 - other) * ~ends, decided * (1.0 - out)
    left = present & (after.left > before.left)
    exits = np.where(after.leaves == after.month, exits, 0.0)  # who was forced out in another month than is known
    history.likelihood = np.where(left, exits, np.where(present, staying + going, history.likelihood))
    history.staying = np.where(present, staying, history.staying)
    history.going = np.where(present, going, history.going)
    history.patience = patience
    history.gain = np.where(present, gain - flows.fees, history.gain)
    history.gain_from_limit = np.where(present, from_limit - flows.fees, history.gain_from_limit)


def median_patience(batch: Batch) -> Array:
    """Give each member's median goodwill at the start, over what could be drawn for it: shape (partners, runs)."""
    z = normal(batch.streams.partner(0, random_streams.PATIENCE), 0)
    median: Array = batch.state.patience * np.exp(-batch.params.start.goodwill_spread * z)
    return median


def above(patience: Array, batch: Batch) -> Array:
    """Give the probability that a member's goodwill at the start is at least this: log-normal."""
    spread = np.maximum(batch.params.start.goodwill_spread, 1e-12)
    score = (np.log(np.maximum(median_patience(batch), TINY)) - np.log(np.maximum(patience, TINY))) / spread
    share: Array = np.where(patience > 0.0, ndtr(score), 1.0)
    return share


def settle(batch: Batch, history: History, uniform: Array) -> None:
    """Draw what was integrated out, given the history: who has decided to go, and each member's goodwill now.

    Args:
        batch: at the end of what is known.
        history: of the same batch.
        uniform: one number for each member and run; it decides both.
    """
    state, threshold = batch.state, batch.params.structure.exit == "threshold"
    total = np.maximum(history.staying + history.going, TINY)
    goes = uniform >= history.staying / total
    changes = {"going": flag(goes) * state.member}
    if threshold:
        rank = np.clip(uniform * total / np.maximum(history.staying, TINY), 1e-12, 1.0 - 1e-12)
        spread = batch.params.start.goodwill_spread
        tail = above(history.patience, batch) * rank  # the patient: above the least that fits the history
        drawn = median_patience(batch) * np.exp(spread * -ndtri(np.clip(tail, 1e-15, 1.0 - 1e-15)))
        patience = np.where(goes, history.patience, np.maximum(drawn, history.patience))
        limit = batch.params.rules.commitment.goodwill_limit
        goodwill = np.minimum(patience + history.gain, limit * patience + history.gain_from_limit)
        known = (state.member > 0.0) & (state.since < state.month)  # who joins now or later begins as it was drawn
        changes |= {
            "patience": np.where(known, patience, state.patience),
            "goodwill": np.where(known, goodwill, state.goodwill),
        }
    batch.state = state.replace(**changes)
