"""Plans: what several policies do within one budget, when they start and stop, triggers, and what is refused.

Worked by hand as in ``test_by_hand``: four members; in full, safeguarding costs 0.40 and bundling 0.24 a month.
"""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import sim
from sim.model.effort import MECHANISMS, cost_of
from sim.model.policies.conditions import read_conditions
from sim.model.policies.plan import in_months
from sim.model.policies.registry import label
from tests.model.policies.test_by_hand import seen, spent

SAFEGUARD, BUNDLE = {"policy": "safeguarding"}, {"policy": "bundling"}
FULL = {
    "label": "Plan A",
    "steps": [
        {"policy": "safeguarding", "from": 14, "until": 26, "level": 0.5},
        {"policy": "bundling", "from": 20, "ramp": 6},
        {"policy": "connecting", "until": 20},
        {"policy": "adaptive_tracking", "from": 14},
        {"policy": "strategic_pause", "from": 14},
        {"policy": "scheduled", "from": 18, "level": 0.5, "ramp": 3},
    ],
    "when": [
        {"if": "share left in 3 months >= 0.05 and tension > 0.3", "also": {"steps": [{"policy": "bundling", "until": 3}]}, "for": 4},
        {"if": "exits >= 4", "then": "strategic_pause", "for": 5},
    ],
}  # fmt: skip


def plan(*steps, when=(), **more):
    return sim.find_policy({"steps": list(steps), "when": list(when), **more})


def over(policy, views):
    """Let a policy act on one view after the other; gives what it spends on each mechanism."""
    memory, rows = policy.start(), []
    for view in views:
        effort, memory = policy.allocate(view, view.budget, memory)
        costs = cost_of(effort, view.prices, view.members)
        rows.append(
            {m: [round(float(v), 9) for v in (costs[m] + view.budget * 0)[0]] for m in MECHANISMS if np.any(costs[m])}
        )
    return rows


def calendar(policy, months, mechanism):
    """Give what is spent on a mechanism in each of some months, in one run with plenty."""
    return [over(policy, [seen((60, 60), month=m)])[0].get(mechanism, [0.0, 0.0])[0] for m in months]


def series(policy, n=6, months=30, scenario=None, **more):
    return sim.simulate(scenario, n, policy, months, **more).series.drop(columns="policy")


# One budget


def test_two_steps_add_up_and_are_scaled_down_in_proportion_to_one_budget():
    """With 0.32 they ask for 0.32 and 0.24, so each gets 0.32 / 0.56 of that; with 0.1 they ask for 0.1 each."""
    both = plan(SAFEGUARD, BUNDLE)

    assert spent(both, seen((6, 6))) == {"safeguard": [0.4, 0.4], "bundle": [0.24, 0.24]}
    assert spent(both, seen((0.32, 0.1))) == {
        "safeguard": [0.32 * 0.32 / 0.56, 0.05],
        "bundle": [0.32 * 0.24 / 0.56, 0.05],
    }


def test_the_same_action_of_two_steps_adds_up_to_its_limit():
    """0.7 + 0.2 of bundling is 0.9 of 0.24; 0.7 + 0.7 is all of it, and no more is paid."""
    assert spent(plan({**BUNDLE, "level": 0.7}, {**BUNDLE, "level": 0.2}), seen((6, 6))) == {"bundle": [0.216, 0.216]}
    assert spent(plan({**BUNDLE, "level": 0.7}, {**BUNDLE, "level": 0.7}), seen((6, 6))) == {"bundle": [0.24, 0.24]}


def test_a_level_is_a_multiple_of_what_the_policy_would_do_by_itself():
    assert spent(plan({**SAFEGUARD, "level": 0.5}), seen((6, 0.1))) == {"safeguard": [0.2, 0.05]}
    assert spent(plan({**SAFEGUARD, "level": 0}), seen((6, 0.1))) == {}


def test_of_two_pauses_the_stronger_counts_and_both_leave_the_others_their_actions():
    paused = plan({"policy": "strategic_pause", "level": 0.5}, {"policy": "strategic_pause"}, BUNDLE)

    assert spent(paused, seen((6, 6), month=2)) == {"bundle": [0.24, 0.24], "pause": [0.4, 0.4]}


def test_priority_at_the_tables_is_the_mean_by_inside_matches():
    """One step asks for twice the matches of the other: (2 x 1 + 1 x 4 w) / 3, where the weights w have mean 1/4."""
    first = np.array([1.0, 0, 0, 0, 0])[:, None] * np.ones(2)

    def chosen(seen, budget, memory):
        return seen.spend(inside=0.2 * budget, whom=first), memory

    def even(seen, budget, memory):
        return seen.spend(inside=0.4 * budget), memory

    effort, _ = plan({"policy": even}, {"policy": chosen}).allocate(
        seen((1, 1)), seen((1, 1)).budget, {"steps": [None, None], "when": [], "counts": None}
    )

    np.testing.assert_allclose(effort.priority[:, 0], [2.0, 2 / 3, 2 / 3, 2 / 3, 0.0])


# The calendar


def test_a_step_lasts_from_its_first_month_up_to_and_including_its_last():
    step = plan({**BUNDLE, "from": 14, "until": 26})

    assert calendar(step, (13, 14, 26, 27), "bundle") == [0.0, 0.24, 0.24, 0.0]


def test_a_ramp_rises_in_equal_parts_and_is_full_in_its_last_month():
    step = plan({**BUNDLE, "from": 20, "ramp": 6, "level": 0.5})

    assert calendar(step, range(19, 27), "bundle") == pytest.approx([0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.12])


def test_a_step_counts_its_months_from_where_it_starts():
    """A pause of three months is held from month 14, and a schedule switches two months after its start."""
    pause = plan({"policy": "strategic_pause", "from": 14})
    schedule = plan({"policy": {"name": "scheduled", "months": 2}, "from": 14})

    assert calendar(pause, (13, 14, 16, 17), "pause") == [0.0, 0.4, 0.4, 0.0]
    assert calendar(schedule, (13, 14, 15, 16), "safeguard") == [0.0, 0.4, 0.4, 0.0]


def test_a_pause_from_the_start_waits_for_the_initiation():
    paused = sim.simulate(None, 3, {"steps": [{"policy": "strategic_pause"}]}, 12).series

    assert set(paused.loc[paused["phase"] == 1, "month"]) == {4, 5, 6}


def test_a_step_begins_to_remember_where_it_starts():
    """Adaptive levels rise by inertia: in the first month of the step they are what they are in month 1."""
    views = [dataclasses.replace(seen((60, 60), month=m, interest=0.9)) for m in range(1, 6)]
    late, early = over(plan({"policy": "adaptive", "from": 4}), views), over(plan({"policy": "adaptive"}), views)

    assert late[:3] == [{}, {}, {}]
    assert late[3:] == early[:2]


def test_switching_at_a_month_differs_from_starting_at_it():
    start = {"steps": [{**BUNDLE, "from": 14}]}
    switch = {"steps": [{**SAFEGUARD, "until": 13}, {**BUNDLE, "from": 14}]}
    one, other = series(start), series(switch)

    later = one["month"] >= 14
    assert np.allclose(one.loc[later, "effort_safeguard"], 0)
    assert np.allclose(other.loc[later, "effort_safeguard"], 0)
    assert not np.allclose(one.loc[later, "value_created"], other.loc[later, "value_created"])


def test_dates_become_months_that_count_from_the_start():
    dated = {"steps": [{"policy": {"steps": [{**BUNDLE, "from": "2025-02"}]}, "from": "2026-03", "until": 40}]}

    months = in_months(dated, "2025-01")

    assert (months["steps"][0]["from"], months["steps"][0]["until"]) == (15, 40)
    assert months["steps"][0]["policy"]["steps"][0]["from"] == 2
    soon = {"steps": [{**BUNDLE, "from": "soon"}]}
    for spec, problem in ((dated, "from = 2026-03: is a date; say when"), (soon, "give a month")):
        with pytest.raises(sim.PolicyError, match=problem):
            sim.find_policy(spec)
    with pytest.raises(ValueError, match="plan: from and until = '2025-13': give a month"):
        in_months({"steps": [{**BUNDLE, "from": "2025-13"}]}, "2025-01")


# Identities


@pytest.mark.parametrize("engine", ["numpy", pytest.param("compiled", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "policy", ["neutral", "adaptive_tracking", "strategic_pause", {"name": "adaptive", "pause": 4}]
)
def test_a_plan_of_one_step_is_its_policy_bit_for_bit(policy, engine):
    alone = series(policy, engine=engine)

    pd.testing.assert_frame_equal(alone, series({"steps": [{"policy": policy}]}, engine=engine), check_exact=True)
    never = {"if": "members < 0", "then": "placebo"}
    watched = {"steps": [{"policy": policy}], "when": [never, {**never, "if": "exits > 999", "for": 3}]}
    pd.testing.assert_frame_equal(alone, series(watched), check_exact=engine == "numpy", atol=1e-9)


def test_a_plan_without_steps_does_nothing_bit_for_bit():
    pd.testing.assert_frame_equal(series("neutral"), series({"steps": []}), check_exact=True)


def test_steps_that_follow_each_other_under_one_policy_are_that_policy():
    """Bundling remembers nothing, so stopping in month 13 and starting in month 14 changes no bit."""
    halves = {"steps": [{**BUNDLE, "until": 13}, {**BUNDLE, "from": 14}]}

    pd.testing.assert_frame_equal(series("bundling"), series(halves), check_exact=True)


@pytest.mark.slow
def test_both_engines_agree_on_a_plan_with_everything():
    pytest.importorskip("llvmlite")
    one, other = (series(FULL, 40, 60, "denim_alliance", engine=engine) for engine in ("numpy", "compiled"))

    pd.testing.assert_frame_equal(one, other, check_exact=False, rtol=0, atol=1e-9)


def test_a_plan_never_spends_more_than_its_budget():
    tables = sim.simulate("denim_alliance", 10, FULL, 60).series

    assert (tables["effort_spent"] <= tables["budget"] + 1e-9).all()
    assert (tables["effort_spent"] > 0).any()


# Triggers


def watched(n_members, month, tension=(0.0, 0.0), budget=(60, 60)):
    """Lay out a month in which the first members are there, as many as is said for each of two runs."""
    slots = np.arange(5)[:, None]
    view = seen(budget, month=month, interest=0.0)
    looks = {f"tension_{kind}": np.array([tension]) for kind in ("information", "interest", "resource")}
    return dataclasses.replace(view, members=(slots < np.array(n_members)) * 1.0, look=looks.__getitem__)


LEAVING = ((4, 4), (3, 4), (3, 4), (2, 4), (2, 4), (2, 4), (2, 3))


def test_a_trigger_acts_in_the_month_in_which_the_orchestrator_sees_it():
    """In the first run one left in month 1 and one in month 3: two in three months is seen at the start of month 4."""
    policy = plan(BUNDLE, when=[{"if": "exits in 3 months >= 2", "then": "safeguarding"}])

    rows = over(policy, [watched(n, m) for m, n in enumerate(LEAVING, 1)])

    assert [row.get("safeguard", [0, 0]) for row in rows] == [[0, 0]] * 3 + [[0.2, 0]] * 4
    assert [row.get("bundle")[0] for row in rows] == [0.24, 0.18, 0.18, 0, 0, 0, 0]
    assert rows[-1]["bundle"] == [0, 0.18]


def test_exits_are_forgotten_after_the_span_and_counted_for_good_without_one():
    def fires(text):
        rows = over(
            plan(when=[{"if": text, "then": "bundling", "for": 1}]), [watched(n, m) for m, n in enumerate(LEAVING, 1)]
        )
        return [m for m, row in enumerate(rows, 1) if row.get("bundle", [0])[0] > 0]

    assert fires("exits in 1 month >= 1") == [2, 4]
    assert fires("exits in 2 months >= 1") == [2, 3, 4, 5]
    assert fires("exits >= 2") == [4, 5, 6, 7]
    assert fires("share left in 3 months >= 0.5") == [4]
    assert fires("members <= 2 and month > 5") == [6, 7]


def test_a_trigger_for_some_months_ends_and_may_start_again():
    policy = plan(SAFEGUARD, when=[{"if": "tension > 0.5", "then": "bundling", "for": 2}])
    tensions = (0.2, 0.6, 0.1, 0.1, 0.9, 0.9, 0.9, 0.1, 0.1)

    rows = over(policy, [watched((4, 4), m, (t, 0.0)) for m, t in enumerate(tensions, 1)])

    assert [m for m, row in enumerate(rows, 1) if row.get("bundle", [0])[0] > 0] == [2, 3, 5, 6, 7, 8]
    assert all((row["safeguard"][0] == 0) == (row.get("bundle", [0])[0] > 0) for row in rows)
    assert all(row["safeguard"][1] == 0.4 for row in rows)


def test_then_takes_over_and_also_is_added():
    condition = {"if": "month >= 1"}

    assert spent(plan(SAFEGUARD, when=[{**condition, "then": "bundling"}]), seen((6, 6))) == {"bundle": [0.24, 0.24]}
    assert spent(plan(SAFEGUARD, when=[{**condition, "also": "bundling"}]), seen((6, 6))) == {
        "safeguard": [0.4, 0.4],
        "bundle": [0.24, 0.24],
    }
    two = [{**condition, "then": "bundling"}, {**condition, "then": "placebo"}]
    assert spent(plan(SAFEGUARD, when=two), seen((6, 6))) == {"bundle": [0.24, 0.24]}


def test_what_a_trigger_starts_counts_its_months_from_there():
    """The second run starts in month 3: its pause is held in 3 to 5; a plan inside counts from there too."""
    inside = {"steps": [{**BUNDLE, "from": 2, "until": 2}, {"policy": "strategic_pause"}]}
    policy = plan(when=[{"if": "tension > 0.5", "then": inside}])

    rows = over(policy, [watched((4, 4), m, (0.0, 0.9 if m == 3 else 0.0)) for m in range(1, 8)])

    assert [row.get("pause", [0, 0])[1] for row in rows] == [0, 0, 0.4, 0.4, 0.4, 0, 0]
    assert [row.get("bundle", [0, 0])[1] for row in rows] == [0, 0, 0, 0.24, 0, 0, 0]
    assert all(row.get("pause", [0, 0])[0] == 0 for row in rows)


def test_conditions_are_read_word_by_word():
    (one, other) = read_conditions("  Exits in 6 months>=2 AND  tension interest < 0.25 ")

    assert (one.quantity, one.span, one.relation, one.number) == ("exits", 6, ">=", 2.0)
    assert (other.quantity, other.span, other.relation, other.number) == ("tension interest", 0, "<", 0.25)


# Labels, and plans as data


def test_a_label_names_a_policy_and_changes_no_number(tmp_path):
    tables = sim.simulate(None, 3, {"name": "bundling", "label": "Plan B"}, 12)

    assert set(tables.summary["policy"]) == {"Plan B"}
    pd.testing.assert_frame_equal(tables.series.drop(columns="policy"), series("bundling", 3, 12), check_exact=True)


def test_a_plan_without_a_label_is_named_after_its_steps():
    named = label({"steps": FULL["steps"][:2], "when": FULL["when"][1:]})

    assert named == (
        "safeguarding from 14 until 26 at 0.5; bundling from 20 over 6 months; "
        "if exits >= 4 then strategic_pause for 5 months"
    )
    assert (label(FULL), label({"steps": []})) == ("Plan A", "do nothing")


def test_a_plan_as_plain_data_is_the_same_plan():
    plain = sim.find_policy(FULL).plain()

    assert sim.find_policy(plain) == sim.find_policy(FULL)
    assert sim.find_policy(plain).plain() == plain
    assert "label" not in sim.find_policy(FULL).plain(labelled=False)


def test_a_dotted_name_sets_a_number_of_a_plan():
    data = {"steps": [{**BUNDLE, "from": 3}, {"policy": {"name": "adaptive", "inertia": 0.2}}]}
    other = sim.find_policy({**data, "steps.0.level": 0.25, "steps.1.policy.inertia": 0.9, "steps.0.policy.level": 0.5})

    assert (other.steps[0].level, other.steps[0].start) == (0.25, 3)
    assert (other.steps[1].policy.inertia, other.steps[0].policy.level) == (0.9, 0.5)
    assert sim.find_policy(data).steps[0].level == 1.0


# What is refused: one clear line each

STEP = {"policy": "bundling"}
BAD = {
    "misspelt steps": ({"label": "A", "step": []}, "policies: step: did you mean steps?"),
    "steps no list": ({"steps": "bundling"}, "steps = 'bundling': takes a list"),
    "no policy": ({"steps": [{"from": 3}]}, "steps.0.policy"),
    "a name alone": ({"steps": ["bundling"]}, "steps.0 = 'bundling': takes 'name: value' lines"),
    "unknown policy": ({"steps": [{"policy": "bundlin"}]}, "steps.0.policy: there is no policy 'bundlin'; did you mean bundling"),
    "unknown file": ({"steps": [{"policy": "mine.py"}]}, "steps.0.policy: mine.py: there is no file"),
    "unknown parameter": ({"steps": [{"policy": {"name": "bundling", "levl": 1}}]}, "did you mean level"),
    "unknown word": ({"steps": [{**STEP, "untill": 9}]}, "steps.0.untill: there is no such parameter; did you mean until"),
    "month 0": ({"steps": [{**STEP, "from": 0}]}, "steps.0.from = 0: allowed is a whole number from 1 to 1200"),
    "half a month": ({"steps": [{**STEP, "from": 1.5}]}, "steps.0.from = 1.5"),
    "a word for a month": ({"steps": [{**STEP, "until": "June"}]}, "steps.0.until"),
    "a date": ({"steps": [{**STEP, "until": "2026-03"}]}, "until = 2026-03: is a date; say when the partnership began"),
    "backwards": ({"steps": [{**STEP, "from": 9, "until": 3}]}, "until = 3 comes before from = 9"),
    "too much": ({"steps": [{**STEP, "level": 1.2}]}, "steps.0.level = 1.2: allowed is a number from 0 to 1"),
    "negative ramp": ({"steps": [{**STEP, "ramp": -1}]}, "steps.0.ramp = -1: allowed is a whole number from 0"),
    "too many": ({"steps": [STEP] * 51}, "has 51 entries; give at most 50"),
    "steps of another policy": ({"name": "bundling", "steps": []}, "policy bundling.steps: there is no such parameter"),
    "no such step": ({"steps": [STEP], "steps.3.level": 1}, "there is no steps.3.level; entries are numbered from 0"),
    "no such number": ({"steps": [STEP], "steps.0.levl": 1}, "steps.0.levl: there is no such parameter"),
    "another view": (
        {"steps": [{"policy": "perfect_information"}, STEP]},
        "perfect_information and bundling see members in different ways",
    ),
    "no condition": ({"when": [{"then": "bundling"}]}, "when.0.if"),
    "no consequence": ({"when": [{"if": "members < 9"}]}, "give then (the policy takes over) or also"),
    "two consequences": ({"when": [{"if": "members < 9", "then": "bundling", "also": "placebo"}]}, "one of the two"),
    "unknown quantity": ({"when": [{"if": "exit >= 2", "then": "bundling"}]}, "the orchestrator sees no 'exit'; did you mean exits"),
    "hidden quantity": ({"when": [{"if": "goodwill < 2", "then": "bundling"}]}, "the orchestrator sees no 'goodwill'"),
    "no comparison": ({"when": [{"if": "tension", "then": "bundling"}]}, "'tension' is not QUANTITY >= NUMBER"),
    "equals": ({"when": [{"if": "exits = 2", "then": "bundling"}]}, "'=' does not compare here; give >=, <=, > or <"),
    "no number": ({"when": [{"if": "exits >= two", "then": "bundling"}]}, "'two' is not a number"),
    "or": ({"when": [{"if": "exits > 2 or members < 3", "then": "bundling"}]}, "for 'or' write a trigger for each"),
    "span of a level": ({"when": [{"if": "tension in 3 months > 1", "then": "bundling"}]}, "tension is a value of one month"),
    "long span": ({"when": [{"if": "exits in 99 months > 1", "then": "bundling"}]}, "whole number of months from 1 to 60"),
    "for no months": ({"when": [{"if": "exits > 1", "then": "bundling", "for": 0}]}, "when.0.for = 0: allowed is a whole number"),
    "code": ({"when": [{"if": "__import__('os').getcwd()", "then": "bundling"}]}, "is not QUANTITY >= NUMBER"),
    "a blank label": ({"label": "  ", "steps": []}, "printable characters, or leave the label out"),
    "a long label": ({"label": "x" * 201, "steps": []}, "at most 200 printable characters"),
    "lines in a label": ({"label": "a\nb", "steps": []}, "printable characters"),
    "a number as a label": ({"label": 7, "steps": []}, "label = 7: takes a text"),
    "a shipped name as a label": ({"label": "neutral", "steps": [STEP]}, "a shipped policy has this name"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_plan_gives_one_clear_line(case):
    spec, line = BAD[case]

    with pytest.raises(sim.PolicyError) as error:
        sim.find_policy(spec)
    assert line in str(error.value)
    assert "\n" not in str(error.value)


def test_a_function_that_cannot_act_in_a_plan_says_why():
    def branches(seen, budget, memory):
        return (seen.spend() if seen.month < 3 else seen.spend(bundle=0.1)), memory

    def remembers(seen, budget, memory):
        return seen.spend(), "a word"

    def nothing(seen, budget, memory):
        return None

    def too_much(seen, budget, memory):
        return dataclasses.replace(seen.spend(), bundle=3.0), memory

    now = {"if": "month >= 1", "then": branches}
    for spec, line in (
        ({"when": [now]}, r"policy branches, started by a trigger.*use np.where"),
        ({"steps": [{"policy": remembers}], "when": [{**now, "then": "neutral"}]}, ""),
        ({"when": [{**now, "then": remembers}]}, "remembers a str; in a plan with triggers"),
        ({"steps": [{"policy": nothing, "from": 2}]}, "policy nothing, month 1 of its own: allocate returned NoneType"),
        ({"steps": [{"policy": too_much}]}, "policy too_much, month 1 of its own: bundle lies in 3 to 3"),
    ):
        if not line:
            sim.simulate(None, 2, spec, 3)
            continue
        with pytest.raises(sim.PolicyError, match=line):
            sim.simulate(None, 2, spec, 3)
    assert len(sim.simulate(None, 2, {"steps": [{"policy": branches, "from": 2}]}, 6).summary) == 2


def test_a_step_of_a_user_changes_nothing_of_what_others_see():
    def greedy(seen, budget, memory):
        seen.prices.bundle = 1e-9
        return seen.spend(), memory

    one, other = series({"steps": [{"policy": greedy}, BUNDLE]}, 3, 6), series("bundling", 3, 6)

    pd.testing.assert_frame_equal(one, other, check_exact=True)
