"""Net benefit, aspiration, and how they change goodwill and engagement (processes 2 and 10; E12-E14)."""

from sim.core.declare import Declared, param
from sim.model.arrays import Array, any_nonzero, at_most, flag, logistic
from sim.model.random_streams import Draws
from sim.model.state import PAUSE, State

TREND_SPEED = 0.1
"""Speed at which the trend of benefit is felt (1/month); assumption."""


class Commitment(Declared):
    """How benefit and expectations turn into goodwill and engagement."""

    common_weight: float = param(
        3.4,
        unit="founders",
        low=0,
        high=10,
        symbol="mu",
        source="assumption; private and common benefits (Khanna, Gulati & Nohria 1998)",
        doc="Value that the created value has for a member with full mission",
    )
    smoothing: float = param(0.2, unit="1/month", low=0.01, high=1, symbol="a", doc="Speed at which benefit is felt")
    outside_option_pull: float = param(
        0.06,
        unit="value/month/contact",
        low=0,
        high=1,
        symbol="xi",
        source="assumption; outside options raise aspirations (Greve et al. 2013; Olk & Young 1997)",
        doc="How far each outside contact raises what a member expects",
    )
    half_contacts: float = param(
        3.0,
        unit="contacts",
        low=0.1,
        high=100,
        symbol="oh",
        doc="Outside contacts that raise it half as far as very many (structure.outside_options=saturating)",
    )
    news: float = param(
        0.24,
        unit="value/month",
        low=0,
        high=5,
        doc="Standard deviation of what a member's own affairs add to its benefit or take from it",
    )
    news_memory: float = param(
        0.82, unit="1/month", low=0, high=0.999, doc="Share of that which lasts to the next month"
    )
    width: float = param(
        0.5,
        unit="value/month",
        low=0.05,
        high=5,
        symbol="s",
        doc="Net benefit over aspiration that clearly raises engagement",
    )
    adjustment: float = param(0.2, unit="1/month", low=0, high=1, doc="Speed at which engagement follows benefit")
    impatience: float = param(
        0.1,
        unit="value/month",
        low=0,
        high=5,
        doc="What a month of pause takes from a member's goodwill, on top of its cost: it waits for results",
    )
    goodwill_limit: float = param(
        2.0, unit="1", low=1, high=10, doc="Largest goodwill, in multiples of goodwill at the start"
    )


def own_affairs(state: State, fits: Array) -> Array:
    """Return what lies outside the model: match x what is usable of the stock + news - exposure x common shock."""
    return state.match * fits + state.news - state.exposure * state.common


def net_benefit(state: State, params: Commitment, income: Array, created: Array, net_cost: Array, own: Array) -> Array:
    """Add private and common benefit: u = v + gain - loss + mu m W - cost net of subsidy + own affairs  (E12).

    ``income`` is v + gain - loss.
    """
    common = params.common_weight * state.mission * created
    return (income + common - net_cost + own) * state.member


def hear_news(state: State, params: Commitment, draws: Draws) -> Array:
    """Let each member's own affairs change: n' = k n + s sqrt(1-k^2) z, of standard deviation s."""
    if not any_nonzero(params.news):
        return state.news
    heard: Array = params.news_memory * state.news + params.news * (1.0 - params.news_memory**2) ** 0.5 * draws.news
    return state.news + state.member * (heard - state.news)


def follow_trend(state: State, before: Array) -> Array:
    """Smooth the change of benefit: t' = t + (b - b_before - t)/10."""
    return state.trend + TREND_SPEED * state.member * (state.benefit - before - state.trend)


def smooth(felt: Array, state: State, params: Commitment, now: Array) -> Array:
    """Smooth what a month brings: b' = b + a (u - b)  (E12)."""
    return felt + params.smoothing * state.member * (now - felt)


def aspiration(state: State, params: Commitment, form: str) -> Array:
    """Return what a member expects: A = A0 + xi o, or A0 + xi o/(1 + o/oh) where the pull saturates  (E13)."""
    options = state.contacts if form == "linear" else state.contacts / (1.0 + state.contacts / params.half_contacts)
    return state.base_aspiration + params.outside_option_pull * options


def update_goodwill(state: State, params: Commitment, surplus: Array) -> Array:
    """Fill or drain goodwill: G' = min(G + b - A - i pause, limit G0)  (E14; Fichman & Levinthal 1991)."""
    waited = params.impatience * flag(state.phase == PAUSE)
    filled = at_most(state.goodwill + surplus - waited, params.goodwill_limit * state.patience)
    return state.goodwill + state.member * (filled - state.goodwill)


def engage(state: State, params: Commitment, surplus: Array) -> Array:
    """Move engagement toward what the surplus warrants: e += k (logistic((b-A)/s) - e)  (E14)."""
    return state.engagement + params.adjustment * state.member * (logistic(surplus / params.width) - state.engagement)
