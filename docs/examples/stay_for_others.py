"""A rule: members are the more willing to take part, the more the others are."""

from sim.model.arrays import mean_over
from sim.model.rules import commitment

WEIGHT = 0.05


def engage(state, params, surplus):
    """Move engagement as the model does, and toward that of the other members."""
    others = mean_over(state.engagement, state.member)
    alone = commitment.engage(state, params, surplus)
    return alone + WEIGHT * state.member * (others - state.engagement)
