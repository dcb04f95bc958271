"""What the orchestrator learns about members, and what it can see (processes 2 and 11; E18)."""

from collections.abc import Callable

from sim.core.declare import Declared, param
from sim.model.arrays import Array, mean_over, unit
from sim.model.effort import Effort, Prices
from sim.model.observation import Observation
from sim.model.random_streams import Draws
from sim.model.state import State


class Orchestrator(Declared):
    """How well the orchestrator sees, and how its knowledge grows with what it handles."""

    benefit_error: float = param(
        1.0,
        unit="value/month",
        low=0,
        high=10,
        symbol="so",
        source="assumption; capture lies outside the orchestrator's view (DiVito et al. 2021)",
        doc="Error on an unknown member's shortfall (standard deviation)",
    )
    risk_error: float = param(0.05, unit="1", low=0, high=1, doc="Error on an unknown member's latent risk")
    capture_error: float = param(
        0.3, unit="1", low=0, high=2, doc="Error on an unknown member's share of need captured"
    )
    tension_error: float = param(0.05, unit="1", low=0, high=1, doc="Error on each tension")
    forgetting: float = param(0.01, unit="1/month", low=0, high=1, doc="Knowledge of members that goes out of date")
    from_safeguarding: float = param(
        1.0, unit="observations", low=0, high=10, doc="Learned from gathering all a member discloses"
    )
    from_bundling: float = param(
        0.3, unit="observations", low=0, high=10, doc="Learned from bundling all a member discloses"
    )
    from_match: float = param(0.5, unit="observations", low=0, high=10, doc="Learned from brokering a match")
    from_tracking: float = param(1.0, unit="observations", low=0, high=10, doc="Learned from assessing a member")


def learn(state: State, params: Orchestrator, effort: Effort, matches: Array) -> Array:
    """Learn from what passes through: kn' = (1-f) kn + g S x + b (1-S)B x + c match + t tracked  (E18).

    g, b, c and t are what gathering, bundling, a match and tracking teach (``from_safeguarding`` and so on).
    """
    handled = (
        params.from_safeguarding * effort.safeguard + params.from_bundling * (1.0 - effort.safeguard) * effort.bundle
    )
    gained = handled * state.disclosure + params.from_match * matches + params.from_tracking * effort.track
    return (1.0 - params.forgetting) * state.knowledge + gained * state.member


def observe(
    state: State,
    params: Orchestrator,
    prices: Prices,
    initiation: int,
    risk: Array,
    shortfall: Array,
    targeting: str,
    draws: Draws,
) -> Observation:
    """Show the orchestrator the partnership: estimates with errors, errors / sqrt(1 + kn)  (E18).

    An estimate is made when a policy reads it.

    Args:
        state: the partnership at the start of the month.
        params: how well the orchestrator sees.
        prices: what each mechanism costs.
        initiation: length of the initiation, in months.
        risk: the members' true latent risk, shape (partners, runs).
        shortfall: their true net benefit minus aspiration (value/month), shape (partners, runs).
        targeting: ``estimate``; ``perfect_information``: estimates of members are exact; ``random``: they have the
            right mean and spread, as what they attend, but do not tell members apart (so that targeting by chance
            costs the same).
        draws: the month's draws.
    """
    estimates: dict[str, Callable[[], tuple[Array, float, Array]]] = {
        "shortfall": lambda: (shortfall, params.benefit_error, draws.shortfall_error),
        "risk": lambda: (risk, params.risk_error, draws.risk_error),
        "captured": lambda: (state.needs_met / state.need, params.capture_error, draws.capture_error),
        "tension_information": lambda: (state.tension_information, params.tension_error, draws.tension_errors[0]),
        "tension_interest": lambda: (state.tension_interest, params.tension_error, draws.tension_errors[1]),
        "tension_resource": lambda: (state.tension_resource, params.tension_error, draws.tension_errors[2]),
    }

    def look(what: str) -> Array:
        truth, error, draw = estimates[what]()
        if what.startswith("tension"):
            return unit(truth + error * draw)
        if targeting == "perfect_information":
            return truth + 0.0
        blur = error / (1.0 + state.knowledge) ** 0.5
        return _scramble(truth, blur, state.member, draw) if targeting == "random" else truth + blur * draw

    return Observation(
        month=state.month,
        initiation_months=initiation,
        budget=state.budget,
        prices=prices,
        members=state.member,
        sectors=state.sector,
        n_domains=state.expertise.shape[1],
        months_funded=state.fund,
        phase=state.phase,
        plan=state.plan,
        attendance=unit(_scramble(state.participation, 0.0, state.member, draws.attendance_lottery))
        if targeting == "random"
        else state.participation,
        knowledge=state.knowledge,
        contacts=state.contacts,
        look=look,
        chance=lambda: draws.lottery,
    )


def _scramble(values: Array, error: Array | float, members: Array, draw: Array) -> Array:
    """Draw estimates with the members' mean and spread (the error's included) that do not tell members apart."""
    mean = mean_over(values, members)
    spread = mean_over((values - mean) ** 2 + error**2, members) ** 0.5
    return mean + spread * draw
