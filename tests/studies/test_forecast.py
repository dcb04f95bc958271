"""Forecasts: conditioned on what is known, the same from the same seed, honest about what they cannot do."""

import numpy as np
import pytest

import sim
from sim.core.errors import InputError
from sim.studies.forecasting import checks, sampler
from sim.studies.forecasting.futures import branch, continued, from_now
from sim.studies.forecasting.sampler import Known, prior, sample
from sim.studies.validation.region import left_open, read_region

ROWS = [{"name": f"Brand {k}", "sector": "private", "segment": k % 2} for k in range(6)] + [
    {"name": f"School {k}", "sector": "academic"} for k in range(2)
]


def case(leaves=(), now=8, **changes):
    rows = [row | ({"leaves": leaves[k]} if k < len(leaves) and leaves[k] else {}) for k, row in enumerate(ROWS)]
    return sim.Scenario().replace(members=rows, now=now, title="A case", **changes)


@pytest.fixture(scope="module")
def result():
    return sim.forecast(
        case((5,)), ["neutral", "connecting"], ahead=12, particles=100, workers=1, progress=False, seed=3
    )


def test_who_left_is_not_forecast_and_who_is_there_has_a_chance(result):
    members = result.chances
    assert sorted(set(members["member"])) == [r["name"] for r in ROWS if r["name"] != "Brand 0"]
    assert members["there_12"].between(0, 1).all()
    rows = result.outlook[result.outlook["plan"] == "neutral"]
    retention = rows[rows["outcome"] == "retention"].set_index("ahead")["mean"]
    assert retention[12] <= retention[6] <= 1.0
    assert members[members["plan"] == "neutral"]["there_12"].mean() == pytest.approx(retention[12])
    assert result.history["members"].tolist() == [8] * 5 + [7] * 4
    assert result.curves.query("ahead == 0")["median"].tolist() == [7.0, 7.0]


def test_weights_are_tempered_only_where_few_would_carry_all():
    even, steep = np.zeros(200), -np.arange(200.0)

    assert sampler._power(even, 30.0) == 1.0
    power = sampler._power(steep, 30.0)
    assert 0.0 < power < 0.1
    assert sampler._effective(steep, power) == pytest.approx(30.0, rel=1e-6)
    assert sampler._effective(steep, 1.0) == pytest.approx((1 + np.exp(-1)) / (1 - np.exp(-1)))  # of a geometric series


def test_plans_meet_the_same_draws(result):
    rows = result.differences[result.differences["outcome"] == "retention"]
    assert (rows["runs_saved"] > 2).all()


@pytest.mark.slow
def test_the_same_seed_gives_the_same_forecast_in_any_number_of_processes(result):
    again = sim.forecast(
        case((5,)), ["neutral", "connecting"], ahead=12, particles=100, workers=2, progress=False, seed=3
    )
    assert all(again.tables[name].equals(table) for name, table in result.tables.items())
    assert again.key == result.key


def test_what_is_printed_names_members_and_checks(result):
    text = result.text()
    assert "7 members now" in text
    assert "School" in text or "Brand" in text
    assert "constant hazard" in text
    assert "nearest free runs" in text


def test_figures_can_be_drawn_and_all_is_saved(result, tmp_path, drawn):
    folder = result.save(tmp_path / "out")
    names = {p.name for p in folder.iterdir()}
    assert {
        "report.html",
        "forecast.png",
        "members.png",
        "chances.csv",
        "outlook.csv",
        "checks.csv",
        "config.yaml",
        "manifest.json",
    } <= names
    assert sim.verify(folder).is_whole


def test_a_partnership_goes_on_alike_in_a_batch_of_any_size(monkeypatch):
    scenario = case((5,))
    known = Known(scenario, left_open(scenario, read_region()), "neutral")
    drawn = prior(known, 7, np.random.default_rng(1))
    together = continued(branch(known, drawn, 1), "neutral", 12)
    monkeypatch.setattr(sampler, "CELLS", 3 * len(ROWS))  # batches of 3, 3 and 1
    apart = continued(branch(known, drawn, 1), "neutral", 12)

    assert (together.there == apart.there).all()
    assert (together.private == apart.private).all()


def test_what_was_in_force_goes_on_and_another_policy_begins_after_now():
    scenario = case()
    known = Known(scenario, left_open(scenario, read_region()), {"name": "strategic_pause", "label": "So far"})

    assert from_now(sim.find_policy("strategic_pause"), known).name == "strategic_pause"
    assert from_now(sim.find_policy("connecting"), known).steps[0].start == scenario.now + 1


def test_own_rules_that_decide_on_exits_or_read_goodwill_are_refused(tmp_path):
    rules = tmp_path / "own.py"
    rules.write_text(
        "def aspiration(state, params, form):\n    return state.base_aspiration\n"
        "def payoffs(state, participation):\n    return state.goodwill * 0.1\n"
        "def fair(state, participation):\n    return state.engagement * 0.1\n"
    )
    options = {"plans": ["neutral"], "ahead": 6, "particles": 100, "workers": 1, "progress": False}
    with pytest.raises(InputError, match=r"commitment\.aspiration: a forecast works out"):
        sim.forecast(case(**{"rules.replace.commitment.aspiration": str(rules)}), **options)
    with pytest.raises(InputError, match=r"reads the members. goodwill"):
        sim.forecast(case(payoffs=f"{rules}:payoffs"), **options)
    assert len(sim.forecast(case(payoffs=f"{rules}:fair"), **options).outlook)


@pytest.mark.slow
def test_worse_news_makes_worse_forecasts():
    stays, evidence = [], []
    for leaves in ((3, 4, 6, 8), ()):
        known = Known(case(leaves), left_open(case(), read_region()), "neutral")
        result = sample(known, 300, 1)
        future = continued(branch(known, result.particles, 1), "neutral", 12)
        stays.append((future.there[0] & future.there[-1]).sum() / future.there[0].sum())
        evidence.append(result.evidence)

    assert stays[0] < stays[1] - 0.03
    assert evidence[0] < evidence[1]


def test_known_exits_after_now_bind_every_forecast():
    leaves = (10, 10, 10, 10, 30, 30, 30, 30)
    result = sim.forecast(case(leaves), ["neutral"], ahead=6, particles=100, workers=1, progress=False)
    rows = result.checks[result.checks["check"].str.startswith("retention")]

    assert rows["value"].tolist() == [0.5] * 3


def test_a_constant_hazard_by_hand():
    exits = checks.known_exits(case(leaves=(3, None, 8)))

    assert exits.months.tolist() == [3, 8]
    assert exits.exposure == 3 + 8 + 6 * 8
    draws = checks.constant_hazard(exits, 100, [12], 20_000, 0)[0]
    stays = np.prod([(156 + k) / (159 + k) for k in range(12)])  # a beta prior of 1 exit and 99 stays
    assert draws.mean() / 100 == pytest.approx(stays, abs=0.005)
    assert checks.evidence_of_constant_hazard(exits) == pytest.approx(np.log(99 * 2 / (156 * 157 * 158)))


@pytest.mark.slow
def test_a_wave_in_one_month_is_warned_of():
    scenario = case(leaves=(7, 7, 7, 7), now=12, **{"rules.membership.other_rate": 0.02})
    result = sim.forecast(scenario, ["neutral"], ahead=6, particles=150, workers=1, progress=False)
    assert any("most exits in one month" in text for text in result.warnings)


@pytest.mark.parametrize(("scenario", "options", "message"), [
    (sim.Scenario(), {}, "needs a case with its members"),
    (case(now=0), {}, "say up to which month"),
    (case(leaves=(3,) * 8), {}, "nobody is left"),
    (case(), {"particles": 5}, "particles = 5"),
    (case(), {"ahead": 0}, "ahead = 0"),
    (case(), {"plans": ["neutral", "neutral"]}, "named twice"),
    (case(), {"plans": ["nobody"]}, "there is no policy"),
    (case(leaves=(5,), **{"rules.membership.other_rate": 0.0, "start.goodwill": 1e5}), {"particles": 100},
     "Brand 0 cannot leave in month 5"),
])  # fmt: skip
def test_what_cannot_be_forecast_is_said_in_a_line(scenario, options, message):
    with pytest.raises(InputError, match=message):
        sim.forecast(scenario, **({"plans": ["neutral"], "ahead": 6, "workers": 1, "progress": False} | options))


@pytest.mark.slow
def test_a_plan_that_has_ended_is_warned_of():
    ended = {"label": "Over", "steps": [{"policy": "bundling", "until": 6}]}
    with pytest.warns(UserWarning, match="plan Over: its last step ends in month 6, and now is month 8"):
        sim.forecast(case(), [ended], ahead=6, particles=100, workers=1, progress=False)


def test_what_the_roster_dates_is_no_forecast(tmp_path):
    known = sim.forecast(case((5, 12)), ["neutral"], ahead=12, particles=100, workers=1, progress=False)

    rows = known.chances.set_index("member")
    assert rows.loc["Brand 1", "known"] == "leaves in month 12"
    assert (rows.drop("Brand 1")["known"] == "").all()
    assert known.reasons.set_index("cause").get("share", {}).get("known", 0.0) == 0.0
    least = known.text().split("Least likely to be there")[1].split("Beside the forecast")[0]
    assert "Brand 1 " not in least
    assert "The grant is for" in known.text()


def test_the_probability_of_a_history_is_that_of_all_its_members_together():
    """Averaging each member over sets of members gives the same as taking partnerships whole."""
    known = Known(case((3, 0, 6), now=6), left_open(case(), read_region()), "neutral")
    drawn = sampler._evaluated(known, prior(known, 6000, np.random.default_rng(4)))
    one_by_one = np.log(np.mean(np.exp(drawn.likelihood.sum(axis=0))))

    averaged = sampler._weighed(known, 300, np.random.default_rng(5))[1]
    assert averaged == pytest.approx(one_by_one, abs=0.8)  # rare members: the latter is rough
    assert abs(one_by_one) > 3.0
