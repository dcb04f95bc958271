"""The idiomatic Mesa model fed with the engine's draws, to compare trajectories: only its random numbers are replaced.

An agent draws in the order of the month, so a month's draws are a list of numbers of each kind in that
order, the one for a successor last, as most draw none. A matching table picks twice: first the member that asks, then
the member that answers.
"""

from typing import Any

from mesa_draws import DrawsOf
from mesa_idiomatic import IdiomaticPartnership
from mesa_idiomatic_partner import IdiomaticPartner

UNIFORMS = ("leak", "outside_match", "turnover", "evidence", "quit")
NORMALS = ("risk_error", "shortfall_error", "capture_error", "news", "successor")
RACES = ("seek", "offer")


class Dice:
    """Stands in for ``random.Random`` for one month of one partner, or of the partnership."""

    def __init__(self, uniforms: list[float], normals: list[float], draws: Any = None) -> None:
        self.uniforms, self.normals, self.draws = iter(uniforms), iter(normals), draws
        self.domain, self.races = -1, iter(RACES)

    def random(self) -> float:
        """Give the next uniform number; for a partnership, that of each domain's table, then of the common shock."""
        self.domain, self.races = self.domain + 1, iter(RACES)
        return next(self.uniforms)

    def gauss(self, mean: float, spread: float) -> float:
        """Give the next normal number."""
        return mean + spread * next(self.normals)

    def expovariate(self, rate: float) -> float:
        """Give how hard a common shock strikes."""
        return self.draws.common()[1]

    def choices(self, members: list[Any], weights: list[float]) -> list[Any]:
        """Let the engine's exponential race decide."""
        return [members[self.draws.pick(next(self.races), self.domain, members, weights)]]


class ReplayedPartner(IdiomaticPartner):
    """A partner with random numbers of its own."""

    random: Any = None


class ReplayedPartnership(IdiomaticPartnership):
    """The idiomatic model on the engine's draws."""

    partner_class = ReplayedPartner

    def __init__(self, scenario: Any, seed: int, policy: Any, draws: DrawsOf) -> None:
        super().__init__(scenario, seed, policy)
        self.draws = draws

    def step(self) -> None:
        """Give the engine's draws of the month to the model and its members, and advance by one month."""
        put_dice(self, self.draws(self.steps))
        super().step()


def put_dice(model: Any, draws: Any) -> None:
    """Give the engine's draws of a month to a model and its members."""
    members, p = model.members, model.p
    not_drawn = {"evidence"} if p.structure.trust == "conduct" else set()
    not_drawn |= set() if p.rules.commitment.news else {"news"}
    uniforms = zip(*(draws.uniforms(what, members) for what in UNIFORMS if what not in not_drawn), strict=True)
    normals = zip(*(draws.normals(what, members) for what in NORMALS if what not in not_drawn), strict=True)
    for partner, own_uniforms, own_normals in zip(members, uniforms, normals, strict=True):
        partner.random = Dice(own_uniforms, own_normals)
    model.random = Dice([*draws.tables(len(model.stock)), draws.common()[0]], draws.survey(), draws)
