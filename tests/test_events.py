"""Why a member left, worked by hand: each cause on its own, and the first that applies."""

from types import SimpleNamespace as Of

from sim.events import exit_causes
from tests.helpers import each

PLAIN = {"forced": 0, "exogenous": 0, "satisfied": 0, "participation": 0.8, "engagement": 1.0,
         "benefit": 0.0, "base_aspiration": 0.1, "contacts": 0.0, "goodwill": -1.0, "loss_borne": 0.0}  # fmt: skip


def causes(*members):
    columns = {name: each(*(member.get(name, value) for member in members)) for name, value in PLAIN.items()}
    found = exit_causes(Of(**columns), Of(**columns), Of(**columns))
    return found[:, 0].tolist()


def test_each_cause_of_an_exit_is_told_from_the_others():
    assert ["forced", "exogenous", "outside pull", "need met", "leak", "no means", "too little private value"] == causes(
        {"forced": 1}, {"exogenous": 1}, {"benefit": 0.1, "contacts": 0.5}, {"satisfied": 1}, {"loss_borne": 1.0},
        {"participation": 0.79}, {},
    )  # fmt: skip


def test_just_short_of_a_cause_it_is_too_little_private_value():
    nearly = {"benefit": 0.1}, {"benefit": 0.09, "contacts": 0.5}, {"loss_borne": 0.99}, {"participation": 0.8}

    assert ["too little private value"] * len(nearly) == causes(*nearly)


def test_of_several_causes_the_first_is_told():
    everything = {"forced": 1, "exogenous": 1, "benefit": 0.1, "contacts": 0.5, "satisfied": 1, "loss_borne": 1.0,
                  "participation": 0.0}  # fmt: skip
    order = list(everything)
    without = [{k: v for k, v in everything.items() if k not in order[:n]} for n in (0, 1, 2, 4, 5, 6)]

    assert ["forced", "exogenous", "outside pull", "need met", "leak", "no means"] == causes(*without)
