"""Outcomes of groups: by hand, and as parts of the outcomes for all."""

import numpy as np
import pytest

import sim
from sim.core.errors import InputError
from sim.model.outcomes import measuring, outcome_named, outcomes_of
from sim.model.outcomes.groups import SIZES, group_mask
from sim.model.scenario import Scenario
from sim.model.state import FRUSTRATED, SATISFIED
from tests.helpers import exactly, partnership, scenario

OF_ALL = ("retention", "retention_24", "private_value", "private_net", "collective_value")

NAMED = [
    {"name": "Member 1", "sector": "public"},
    {"name": "Member 2", "sector": "private"},
    {"name": "Port of 3", "sector": "private"},
    {"name": "Member 0", "sector": "academic", "joins": 4},
]


def measured(name, state, params, months=3):
    history = {"n_founders": np.zeros((months, 2)), "n_members": np.full((months, 2), 4.0)}
    known = {o.name: o for o in outcomes_of(measuring(params, [name])[0])}
    return known[name].measure(history, state)[0]


def four():
    return partnership(
        4, sector=(0, 1, 1, 1), segment=(-1, 0, 1, 1), resources=(1, 2, 3, 3), founder=1.0, since=0,
        member=(1, 0, 0, 1), left=(0, 1, 1, 0), left_month=(0, 2, 3, 0), left_reason=(0, SATISFIED, FRUSTRATED, 0),
        needs_met=(8, 4, 2, 0), ledger=(1, -1, 2, 5), value_contributed=(0.6, 0.3, 0.3, 0.0),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("retention_of_public", 1),
        ("retention_of_private", 1 / 3),
        ("retention_1_of_private", 1),
        ("retention_2_of_private", 2 / 3),
        ("private_value_of_private", 2),
        ("private_value_of_segment_1", 1),
        ("private_net_of_segment_0", -1),
        ("private_net_of_member_3", 5),
        ("exits_satisfied_of_private", 1),
        ("exits_frustrated_of_public", 0),
        ("collective_value_of_public", 0.6 * 4 / 3),  # as if all four contributed what it did, over three months
        ("collective_value_of_private", 0.2 * 4 / 3),
        ("retention_of_small", 1),
        ("private_value_of_medium", 4),
        ("private_value_of_large", 1),
    ],
)
def test_the_outcome_of_a_group_by_hand(name, expected):
    assert measured(name, four(), scenario(size__partners=4)) == exactly(expected)


def test_a_group_without_founders_and_months_not_yet_simulated_are_not_defined():
    params = scenario(size__partners=4)

    assert np.isnan(measured("retention_of_academic", four(), params))
    assert np.isnan(measured("retention_4_of_private", four(), params))
    assert measured("exits_other_of_academic", four(), params) == 0


def test_size_classes_are_thirds_and_equal_members_are_in_one():
    masks = {k: group_mask(partnership(6, resources=(6, 5, 4, 3, 2, 1)), Scenario(), k)[:, 0] for k in SIZES}
    alike = {k: group_mask(partnership(5, resources=2.0), Scenario(), k) for k in SIZES}

    assert masks["small"].tolist() == [0, 0, 0, 0, 1, 1]
    assert masks["large"].tolist() == [1, 1, 0, 0, 0, 0]
    assert alike["medium"].all()
    assert not alike["small"].any()


def test_groups_average_to_the_value_for_all():
    case = sim.load_scenario("municipal_climate")
    names = [f"{o}_of_{s}" for o in OF_ALL for s in ("public", "private", "academic", "nonprofit")]
    tables = sim.simulate(case.replace(outcomes=names), 3, "adaptive", 30, ("summary", "members"))
    first = tables.members[(tables.members["seed"] == 0) & (tables.members["month"] == 1)]
    founders = first.loc[first["member"] < case.size.partners, "sector"].value_counts()

    for outcome in OF_ALL:
        parts = sum(tables.summary[f"{outcome}_of_{s}"].fillna(0.0) * n for s, n in founders.items())
        assert (parts / founders.sum()).tolist() == exactly(tables.summary[outcome].tolist())


def test_members_are_named_as_the_roster_names_them_and_also_when_they_join_later():
    case = Scenario.model_validate({"members": NAMED, "size": {"segments": 2}})
    state = partnership(4, founder=(1, 1, 1, 0), since=(0, 0, 0, 4), member=1.0, needs_met=(1, 2, 3, 4))

    assert measured("private_value_of_Member 2", state, case) == 2
    assert measured("private_value_of_port_of_3", state, case) == 3
    assert measured("private_value_of_Member 0", state, case, 5) == 4
    assert np.isnan(measured("retention_3_of_Member 0", state, case, 5))
    assert measured("retention_4_of_Member 0", state, case, 5) == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("retention_of_privat", "there is no group 'privat'"),
        ("retention_of_segment_9", "there is no group 'segment_9'; groups are public"),
        ("retention_of_member_51", "member_0 to member_50"),
        ("trust_end_of_private", "of a group there is no 'trust_end'; there are retention, private_value"),
        ("retntion", "did you mean retention"),
        ("retention_of_", "name a group behind _of_: public, private"),
        ("retention_0", "did you mean retention"),
        ("retention_1201", "there is no outcome 'retention_1201'"),
    ],
)
def test_an_unknown_group_or_outcome_is_one_line(name, words):
    with pytest.raises(InputError, match=words) as error:
        measuring(sim.load_scenario("denim_alliance"), [name])

    assert "\n" not in str(error.value)


def test_a_name_that_could_mean_two_members_is_refused():
    case = Scenario.model_validate({"members": NAMED, "size": {"segments": 2}})

    with pytest.raises(InputError, match="member_1: is the name of Member 1, and member 1 is Member 2; write the name"):
        measuring(case, ["retention_of_member_1"])
    assert measuring(case, ["retention_of_Member 1"])[1] == ["retention_of_Member 1"]


def test_what_a_group_measures_is_declared_like_what_it_is_part_of():
    fact, of_all = outcome_named("private_value_of_large"), outcome_named("private_value")

    assert (fact.unit, fact.better) == (of_all.unit, of_all.better)
    assert "large founders" in fact.doc
    assert outcome_named("retention_36").doc == "Founding members still there after 36 months"


def test_groups_leave_every_other_outcome_as_it_is_on_both_engines():
    pytest.importorskip("llvmlite")
    case, names = sim.load_scenario("denim_alliance"), ["retention_12_of_private", "collective_value_of_large"]
    plain, more = (sim.simulate(s, 4, "neutral", 12).summary for s in (case, case.replace(outcomes=names)))
    compiled = sim.simulate(case.replace(outcomes=names), 4, "neutral", 12, engine="compiled").summary

    assert plain.equals(more[plain.columns])
    assert compiled[names].to_numpy() == pytest.approx(more[names].to_numpy(), abs=1e-9)


def test_what_one_row_says_of_a_run_is_what_the_month_adds_up_to():
    flows = sim.simulate(Scenario(), 2, "neutral", 8, ("members", "summary")).members
    total = flows.groupby(["seed", "member"])["contributed"].sum().to_numpy().reshape(2, -1).T
    from sim.engine.batch import Batch

    batch = Batch(Scenario(), [0, 1], "neutral")
    for _ in range(8):
        batch.advance()

    assert batch.state.value_contributed == exactly(total)


def test_without_names_an_outcome_is_called_as_its_member_then_is():
    case = Scenario.model_validate({"members": NAMED, "size": {"segments": 2}})
    names = ["retention_of_Port of 3", "private_value_of_port_of_3", "retention_of_public"]
    run = sim.run(case, "neutral", 0, 2, outcomes=names, anonymise=True)

    assert run.config["outcomes"] == ["retention_of_Private 2", "private_value_of_Private 2", "retention_of_public"]
    assert "Port" not in str(run.config)
