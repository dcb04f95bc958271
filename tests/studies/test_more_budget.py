"""Half, and one and a half times, the budget: a warning where more harms, none where it helps or does nothing."""

import numpy as np
import pandas as pd
import pytest

import sim
from sim.core.declare import param
from sim.studies.more_budget import SMALL, more_budget, steps, warning_lines
from sim.studies.report.folder import report_folder

QUICK = {"seeds": 20, "months": 18, "progress": False}
USUAL = 6.0


def too_many_meetings(seen, budget, memory):
    """Hold meetings that stop all work with what exceeds the usual budget."""
    return seen.spend(placebo=np.minimum(budget, USUAL), pause=np.maximum(budget - USUAL, 0.0)), memory


def too_poor_to_work(seen, budget, memory):
    """Hold meetings that stop all work for want of the usual budget."""
    return seen.spend(pause=budget * (budget < USUAL), placebo=budget * (budget >= USUAL)), memory


def spends_five(seen, budget, memory):
    """Spend five effort, whatever there is."""
    return seen.spend(placebo=5.0), memory


@pytest.fixture(scope="module")
def compared():
    return sim.compare("neutral", ["neutral", too_many_meetings, too_poor_to_work, "placebo"], region=2, **QUICK)


def test_where_more_harms_the_text_and_the_page_say_so(compared):
    table = compared.more_budget.set_index(["policy", "less", "outcome"])
    row = table.loc["too_many_meetings", 1.0, "society_value"]
    lost = f"value for society falls by {-row['difference']:.1f} ({-row['high']:.1f} to {-row['low']:.1f}; in 2 of 2"
    page = compared.page()

    assert (row["does"], row["verdict"], row["more"], row["sets"]) == ("harm", "lower", 1.5, 2)
    assert "More of too many meetings does harm here: with 1.5 times the budget" in " ".join(compared.text().split())
    assert lost in " ".join(compared.text().split())
    assert any(lost in line for line in page.answer)
    assert next(s for s in page.sections if s.title == "More of the budget").tables[0].rows


@pytest.mark.slow
def test_the_report_of_a_folder_warns_too(compared, tmp_path):
    folder, page = report_folder(compared.save(tmp_path / "saved"))

    assert set(warning_lines(compared.more_budget)) <= set(page.answer)
    assert "does harm here" in (folder / "report.html").read_text(encoding="utf-8")


def test_the_difference_is_that_of_the_same_seeds_with_the_two_budgets(compared):
    table = compared.more_budget.set_index(["policy", "less", "outcome"])
    means = [
        sim.simulate(sim.Scenario().replace(**{"grant.budget": budget}), 20, too_many_meetings, 18).summary["retention"]
        for budget in (USUAL, 1.5 * USUAL)
    ]

    row = table.loc["too_many_meetings", 1.0, "retention"]
    assert row["difference"] == pytest.approx((means[1] - means[0]).mean())
    assert row["before"] == pytest.approx(means[0].mean())


def test_where_more_helps_it_is_said_to_do_good_and_no_line_warns(compared):
    own = compared.more_budget[compared.more_budget["policy"] == "too_poor_to_work"].set_index(["less", "outcome"])

    assert own.loc[(0.5, "society_value"), "does"] == "good"
    assert "harm" not in set(own["does"])
    assert warning_lines(own.reset_index()) == []


def test_effort_to_no_effect_is_neither_and_a_policy_that_spends_nothing_is_not_tried(compared):
    own = compared.more_budget[compared.more_budget["policy"] == "placebo"]

    assert len(own) == 6
    assert set(own["difference"]) == {0.0}
    assert set(own["does"]) == {""}
    assert "neutral" not in set(compared.more_budget["policy"])


@pytest.mark.slow
def test_a_harm_by_chance_is_told_in_at_most_one_table_of_twenty():
    """The differences of a real step, with signs by chance for each seed: no step has an effect on average."""
    policy, seeds, rng = "adaptive_tracking", 60, np.random.default_rng(1)
    outcomes = ["retention", "private_value", "society_value"]
    here, more = (
        sim.simulate(sim.Scenario().replace(**{"grant.budget": b}), seeds, policy, 36).summary[["seed", *outcomes]]
        for b in (USUAL, 1.5 * USUAL)
    )
    gaps = (more - here)[outcomes]
    told, decided, tables = 0, 0, 400
    for _ in range(tables):
        sign = rng.choice([-1.0, 1.0], size=(seeds, 1))
        other = here.assign(**(here[outcomes] + sign * gaps))
        runs = pd.concat([here.assign(times=1.0), other.assign(times=1.5)]).assign(policy=policy)
        table = steps(runs, outcomes)
        told += bool(warning_lines(table.assign(sets=0)))
        decided += bool((table["verdict"] != "undecided").any())

    assert gaps["private_value"].std() > 0.0
    assert decided / tables <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / tables)
    assert told <= decided


def test_a_change_below_a_fiftieth_of_the_mean_is_too_small_for_a_warning():
    seeds = np.arange(40)
    runs = pd.concat([
        pd.DataFrame({"policy": "one", "times": times, "seed": seeds, "retention": level + 0.001 * (seeds % 3)})
        for times, level in ((0.5, 0.5), (1.0, 0.5 - 0.5 * SMALL), (1.5, 0.5 - 2.0 * SMALL))
    ])  # fmt: skip
    table = steps(runs, ["retention"])

    assert table["verdict"].tolist() == ["lower", "lower"]
    assert table["does"].tolist() == ["", "harm"]


def test_where_less_is_better_a_rise_is_the_harm():
    runs = pd.DataFrame({"policy": "one", "times": np.repeat([1.0, 1.5], 9), "seed": [*range(9)] * 2,
                         "exits_frustrated": [*range(9), *(k + 2 + 0.1 * (k % 2) for k in range(9))]})  # fmt: skip
    table = steps(runs, ["exits_frustrated"])

    assert table["does"].tolist() == ["harm"]
    assert "exits frustrated rises by 2.0" in warning_lines(table.assign(sets=0))[0]


def test_a_policy_that_cannot_do_with_half_is_tried_with_more_only():
    summary = sim.simulate("neutral", 4, spends_five, 6).summary
    policy = sim.find_policy(spends_five)

    table = more_budget(sim.Scenario(), {"spends_five": policy}, summary, 6)
    assert set(zip(table["less"], table["more"], strict=True)) == {(1.0, 1.5)}


def test_a_budget_beyond_the_allowed_one_is_not_tried_and_none_has_no_step():
    most, none = (sim.compare({"grant": {"budget": b}}, ["placebo"], 3, 6, progress=False) for b in (100, 0))

    assert set(most.more_budget["more"]) == {1.0}
    assert none.more_budget.empty
    assert "Where more does harm" not in none.text()


class Meetings(sim.Policy):
    """Hold meetings that stop all work with what exceeds the usual budget; spend a share of the rest to no effect."""

    name = "meetings"
    rest: float = param(0.5, unit="1", low=0.1, high=1, doc="Share of the rest that is spent")

    def allocate(self, seen, budget, memory):
        rest = self.rest * np.minimum(budget, USUAL)
        return seen.spend(placebo=rest, pause=np.maximum(budget - USUAL, 0.0)), memory


@pytest.mark.slow
def test_a_search_and_its_plan_file_warn_of_the_policy_to_take_away():
    pytest.importorskip("optuna")
    result = sim.search("neutral", Meetings, ["effort_spent"], trials=2, seeds=2, test_replications=20, region=2,
                        judged=1, months=18, progress=False)  # fmt: skip
    (line,) = warning_lines(result.more_budget)

    assert "meetings" in line
    assert "with 1.5 times the budget" in line
    assert line in result.text()
    assert line in " ".join(result.texts()["best.yaml"].replace("\n# ", " ").split())
