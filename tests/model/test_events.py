"""Why a member left, worked by hand: each cause on its own, and the first that applies."""

from types import SimpleNamespace as Of

import numpy as np

from sim.model.events import exit_causes
from tests.helpers import each

PLAIN = {"leaves": 0, "forced": 0, "other": 0, "satisfied": 0, "participation": 0.8, "engagement": 1.0,
         "benefit": 0.0, "base_aspiration": 0.1, "contacts": 0.0, "goodwill": -1.0, "goodwill_lost_to_leaks": 0.0}  # fmt: skip


def causes(*members, funded=False, budget=3.0, term=0.0):
    columns = {name: each(*(member.get(name, value) for member in members)) for name, value in PLAIN.items()}
    whole = {
        "is_funded": np.array([[float(funded)]]),
        "budget": each(budget),
        "member": each(*(1 for _ in members)),
        "month": 7,
    }
    state = Of(**columns, **whole)
    state.replace = lambda **changes: Of(**(vars(state) | changes))
    result = exit_causes(state, state, state, Of(exit_penalty=2.0, term=term, least_members=1.0, least_secretariat=2.0))
    return result[:, 0].tolist()


def test_each_cause_of_an_exit_is_told_from_the_others():
    assert ["known", "forced", "forced", "other", "outside offer", "needs met", "leak", "insufficient resources", "too little private value"] == causes(
        {"forced": 1, "leaves": 7}, {"forced": 1, "leaves": 8}, {"forced": 1}, {"other": 1}, {"benefit": 0.1, "contacts": 0.5}, {"satisfied": 1}, {"goodwill_lost_to_leaks": 1.0},
        {"participation": 0.79}, {},
    )  # fmt: skip


def test_just_short_of_a_cause_it_is_too_little_private_value():
    nearly = (
        {"benefit": 0.1},
        {"benefit": 0.09, "contacts": 0.5},
        {"goodwill_lost_to_leaks": 0.99},
        {"participation": 0.8},
    )

    assert ["too little private value"] * len(nearly) == causes(*nearly)


def test_of_several_causes_the_first_is_told():
    everything = {"forced": 1, "other": 1, "benefit": 0.1, "contacts": 0.5, "satisfied": 1, "goodwill_lost_to_leaks": 1.0,
                  "participation": 0.0}  # fmt: skip
    order = list(everything)
    without = [{k: v for k, v in everything.items() if k not in order[:n]} for n in (0, 1, 2, 4, 5, 6)]

    assert ["forced", "other", "outside offer", "needs met", "leak", "insufficient resources"] == causes(*without)


def test_while_a_contract_binds_a_leak_is_the_cause_of_who_would_not_have_broken_it():
    broken = {"goodwill": -2.5, "goodwill_lost_to_leaks": 0.4}, {"goodwill": -2.5, "goodwill_lost_to_leaks": 0.5}

    assert ["too little private value", "leak"] == causes(*broken, funded=True)
    assert ["too little private value"] * 2 == causes(*broken)


def test_with_goodwill_left_at_the_end_of_its_term_a_renewal_was_not_worth_it():
    assert ["not worth renewing", "too little private value"] == causes(
        {"goodwill": 0.1}, {"goodwill": -0.1}, term=12.0
    )
    assert ["too little private value"] == causes({"goodwill": -0.1})


def test_who_goes_with_the_partnership_as_a_whole_goes_for_no_reason_of_its_own():
    assert ["partnership ended", "other"] == causes({"goodwill": 5.0}, {"other": 1}, budget=1.9)
