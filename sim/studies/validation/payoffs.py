"""Pay-offs of published models, injected through the model's hook (``payoffs=``): one number a member and month.

What a published model calls a parameter is carried by a variable that plays no part once pay-offs are injected:
``need`` and ``mission``. Sizes are scaled by ``UNIT``, so that members run out of patience one at a time.
"""

from typing import Any

import numpy as np

from sim.model.arrays import over_partners
from sim.model.random_streams import mix, normal

UNIT = 1e-3
SPREAD, R, LONER = 1.0, 3.0, 1.0


def self_enforcing(state: Any, participation: Any) -> Any:
    """Gain from staying in a coalition of k: -(k-1)(k-3) + 2cp/b2, in units of b2/2c  (Barrett 1994).

    ``need - 1`` carries 2cp/b2, the private benefit that outsiders do not have. Large gains are damped, which
    changes no decision (the sign is kept) but lets members of a large coalition leave one by one too.
    """
    k = over_partners(state.member)
    gain = state.need - 1.0 - (k - 1.0) * (k - 3.0)
    return UNIT * gain / (1.0 + abs(gain) / 20.0) * state.member


def rival_incentives(state: Any, participation: Any) -> Any:
    """Inclination to work: (g - c) + mu (1 - lambda n/(n+1)), n others at work, g = 1, c = 5  (Kitts 2006).

    ``need`` carries mu, ``mission`` lambda.
    """
    others = over_partners(state.member) - 1.0
    return 10.0 * UNIT * ((1.0 - 5.0) + state.need * (1.0 - state.mission * others / (others + 1.0))) * state.member


def random_walk(state: Any, participation: Any) -> Any:
    """Pay a standard normal number each month, from the member's own traits and the month."""
    seed = sum(state.goals[:, d].view(np.uint64) << np.uint64(7 * d) for d in range(state.goals.shape[1]))
    bits = mix(mix(state.resources.view(np.uint64) + seed) + np.uint64(state.month))
    return normal(bits, 1) * state.member


def linear_public_good(state: Any, participation: Any) -> Any:
    """Own return on own effort in a linear public good: (theta/N - 1) e; ``need`` carries theta."""
    return (state.need / over_partners(state.member) - 1.0) * state.member


def optional_public_good(state: Any, participation: Any) -> Any:
    """Optional public goods game in a group of N: loners get s = 1, others share r = 3 times what cooperators pay.

    A member's size says what it is: its rank in the distribution below x cooperates, below x + y defects, else
    stays alone (Hauert, De Monte, Hofbauer & Sigmund 2002). ``mission`` carries x, ``need / 1000`` y.
    """
    rank = standing(state)
    cooperates = (rank < state.mission) * state.member
    takes_part = (rank < state.mission + state.need / 1000.0) * state.member
    group = over_partners(takes_part)
    shared = R * over_partners(cooperates) / np.maximum(group, 1.0) - cooperates
    return np.where((takes_part > 0) & (group > 1), shared, LONER) * state.member


def standing(state: Any) -> Any:
    """Rank members by size in the distribution it is drawn from: uniform from 0 to 1."""
    from scipy.special import ndtr

    return ndtr(np.log(state.resources) / SPREAD)
