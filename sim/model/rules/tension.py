"""The three tensions: information, interest, resource; and how DNA feeds them (process 4; E3-E6)."""

from sim.core.declare import Declared, param
from sim.model.arrays import Array, at_least, over_partners, per_trait, ratio, squares_over, sum_over, trait, unit
from sim.model.effort import Effort
from sim.model.sectors import CULTURE, GOALS
from sim.model.state import State


class Tension(Declared):
    """What makes working together hard."""

    weight_information: float = param(0.6, unit="1", low=0, high=1, symbol="w1", doc="Weight of information tension")
    weight_interest: float = param(0.8, unit="1", low=0, high=1, symbol="w2", doc="Weight of interest tension")
    weight_resource: float = param(0.5, unit="1", low=0, high=1, symbol="w3", doc="Weight of resource tension")
    size_scale: float = param(
        40.0,
        unit="members",
        low=5,
        high=200,
        symbol="nc",
        source="assumption; more members need more coordination (Provan & Kenis 2008)",
        doc="Members at which coordination takes half of the time",
    )
    working_groups: float = param(
        0.032,
        unit="1/members",
        low=0,
        high=1,
        symbol="g",
        doc="How finely work is split: coordination never takes more than that of 1/g members; 0 for one group of all",
    )
    plan_relief: float = param(
        0.5, unit="1", low=0, high=1, doc="How far a full plan lowers interest and resource tension"
    )
    bundling_relief: float = param(0.3, unit="1", low=0, high=1, doc="How far full bundling lowers interest tension")
    unfunded: float = param(0.2, unit="1", low=0, high=1, doc="Resource tension added when the grant has ended")
    culture_friction: float = param(
        0.5, unit="1/distance", low=0, high=3, doc="How far distance in culture raises the effort of coordination"
    )


def dna_distance(state: State, form: str) -> Array:
    """Return how far two random members stand apart per DNA dimension: 2 var, or its root; shape (1, 4, runs).

    Twice the variance is the mean over pairs of the squared distance, at a cost linear in the number of members
    (decision 0002).
    """
    n = per_trait(over_partners(state.member))
    centre = ratio(sum_over(state.dna, state.member), n)
    squares = at_least(squares_over(state.dna, state.member) - n * centre**2, 0.0)
    apart = 2.0 * squares / at_least(n - 1.0, 1.0)
    return apart if form == "square" else apart**0.5


def information_tension(state: State) -> Array:
    """Return the sensitive knowledge that is withheld: sum p(1-x) / sum p  (E3)."""
    sensitive = state.sensitivity * state.member
    return ratio(sum_over(1.0 - state.disclosure, sensitive), over_partners(sensitive))


def interest_tension(state: State, params: Tension, effort: Effort, distance: Array) -> Array:
    """Return the clash of goals: d_goals (1-U)(1 - relief B)(1 - relief P)  (E4; Choi & Robertson 2014)."""
    relief = (1.0 - params.bundling_relief * effort.bundle) * (1.0 - params.plan_relief * state.plan)
    return unit(trait(distance, GOALS)) * (1.0 - state.understanding) * relief


def resource_tension(state: State, params: Tension, distance: Array) -> Array:
    """Return the strain of coordination: k/(k+nc) (1 + c d_culture)(1 - relief P) + unfunded, k = n/(1 + g n)  (E5)."""
    n = over_partners(state.member)
    n = n / (1.0 + params.working_groups * n)
    coordination = n / (n + params.size_scale) * (1.0 + params.culture_friction * trait(distance, CULTURE))
    return unit(coordination * (1.0 - params.plan_relief * state.plan) + params.unfunded * (1.0 - state.is_funded))


def combine(state: State, params: Tension) -> Array:
    """Take the three together: T = 1 - prod(1 - w T)  (E6)."""
    calm = (
        (1.0 - params.weight_information * state.tension_information)
        * (1.0 - params.weight_interest * state.tension_interest)
        * (1.0 - params.weight_resource * state.tension_resource)
    )
    return 1.0 - calm
