"""The game's model side: decisions as a policy, equal to ``simulate``; what a player sees, and nothing hidden."""

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from sim.core.errors import InputError
from sim.lab import game_runs
from sim.lab.game import (
    DIGITS,
    LEVERS,
    POINTS,
    ROUND,
    ROUNDS,
    Convened,
    Decision,
    HandedOver,
    pauses_allowed,
    read_decisions,
    write_decisions,
)
from sim.lab.game_runs import EXITS, OUTCOMES, final_score, participation_without_effort, reveal, view_rounds
from sim.model.policies.registry import find_policy

CITY = "municipal_climate"
MIXED = "302010a.000000ap.11222" + "2s.00000ts." + "412111a"
ALL = ".".join(["302010ap", *["112221s"] * (ROUNDS - 1)])


@st.composite
def decisions(draw):
    left, points = POINTS, []
    for _ in LEVERS:
        points.append(draw(st.integers(0, left)))
        left -= points[-1]
    return Decision(tuple(draw(st.permutations(points))), draw(st.booleans()), draw(st.booleans()))


def same(one, other):
    """Tell whether two tables are equal, bit for bit, but for the policy's name."""
    return one.drop(columns="policy").equals(other.drop(columns="policy"))


@given(st.lists(decisions(), max_size=ROUNDS).map(tuple))
@settings(max_examples=40, deadline=None)
def test_decisions_come_back_from_the_text_they_are_written_as(made):
    assert read_decisions(write_decisions(made)) == made
    assert write_decisions(read_decisions(write_decisions(made))) == write_decisions(made)


@given(st.text(alphabet=DIGITS + "asp.x", max_size=90))
@settings(max_examples=100, deadline=None)
def test_any_text_is_read_back_or_refused(text):
    with contextlib.suppress(InputError):
        assert write_decisions(read_decisions(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("30201a", "d, round 1, '30201a': a decision is 6 digits"),
        ("302010", "then a or s"),
        ("000000a.x00000a", "d, round 2, 'x00000a'"),
        ("000000a.", "d, round 2, ''"),
        ("²00000a", "d, round 1, '\\xb200000a'"),
        ("333300a", "d, round 1: spends 12 points; there are 10"),
        ("t10000a", "spends 11 points"),
        (".".join(["000000a"] * 11), "d has 11 decisions: give at most 10"),
    ],
)
def test_an_invalid_decision_is_refused(text, message):
    with pytest.raises(InputError) as error:
        read_decisions(text)

    assert message in str(error.value)
    assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="decisions"):
        find_policy({"name": "sim.lab.game:Convened", "decisions": text})


@pytest.mark.parametrize(
    ("moves", "initiation", "allowed"),
    [
        ("", 3, [True]),
        ("000000a", 3, [True, False]),
        ("000000ap", 3, [True, True]),
        ("000000ap.000000a", 3, [True, True, False]),
        ("000000a", 6, [False, True]),
        ("000000a", 0, [True, False]),
    ],
)
def test_a_pause_stands_between_initiation_and_implementation(moves, initiation, allowed):
    assert pauses_allowed(read_decisions(moves), initiation) == allowed


@pytest.mark.parametrize("text", ["", ".".join(["000000a"] * ROUNDS), ".".join(["000000s"] * ROUNDS)])
def test_deciding_nothing_is_neutral_bit_for_bit(text):
    games, neutral = (
        sim.simulate(CITY, [3, 4], policy, 12, record=sim.engine.simulate.RECORDS)
        for policy in (Convened(decisions=text), "neutral")
    )

    assert all(same(games[name], neutral[name]) for name in sim.engine.simulate.RECORDS)


def test_a_pause_alone_is_the_shipped_pause():
    paused = [sim.simulate(CITY, [3], p, 12) for p in (Convened(decisions="000000ap"), "strategic_pause")]

    assert same(paused[0].summary, paused[1].summary)
    assert same(paused[0].series, paused[1].series)


@pytest.mark.slow
def test_a_fixed_mix_can_be_played():
    mix = {
        "name": "fixed_mix",
        "safeguard": 0.3,
        "bundle": 0,
        "inside": 0.2,
        "outside": 0,
        "track": 0.1,
        "intervene": 0.4,
    }
    played = sim.simulate(CITY, [3], Convened(decisions=".".join(["302014a"] * ROUNDS)), 24)

    assert np.allclose(played.series["n_members"], sim.simulate(CITY, [3], mix, 24).series["n_members"])
    assert played.summary["society_value"].iloc[0] == pytest.approx(
        sim.simulate(CITY, [3], mix, 24).summary["society_value"].iloc[0]
    )


@pytest.mark.parametrize("lever", range(len(LEVERS)))
@pytest.mark.parametrize("end", ["s", "ap"])
def test_all_effort_on_one_lever_stays_within_the_budget(lever, end):
    token = "".join("t" if k == lever else "0" for k in range(len(LEVERS))) + end
    series = sim.simulate("denim_alliance", [1], Convened(decisions=token), ROUND, check_invariants=True).series

    assert (series["effort_idle"] >= -1e-9).all()
    assert series["effort_spent"].sum() > 0


def test_the_successor_goes_on_as_if_it_had_been_there_from_the_start():
    alone = sim.simulate(CITY, [3], "adaptive", 12)

    assert same(sim.simulate(CITY, [3], HandedOver(), 12).series, alone.series)
    handed = sim.simulate(CITY, [3], HandedOver(decisions="t00000a"), 12).series
    played = sim.simulate(CITY, [3], Convened(decisions="t00000a"), 12).series
    assert handed["safeguard"].tolist()[:ROUND] == played["safeguard"].tolist()[:ROUND]
    assert handed["bundle"].tolist() != played["bundle"].tolist()


def test_the_score_is_that_of_simulate():
    summary = sim.simulate(CITY, [3], {"name": "sim.lab.game:Convened", "decisions": ALL}, 60).summary.iloc[0]

    assert final_score(CITY, 3, ALL) == {name: summary[name] for name in (*OUTCOMES, *EXITS)}


def test_what_is_seen_is_what_the_policy_was_shown():
    shown = []

    class Watching(Convened):
        def allocate(self, seen, budget, memory):
            shown.append((seen.n_members[0, 0], seen.tension_interest[0, 0], seen.mean(seen.risk)[0, 0], budget[0, 0]))
            return super().allocate(seen, budget, memory)

    view = view_rounds(CITY, 3, MIXED)
    sim.simulate(CITY, [3], Watching(decisions=MIXED), 31)

    for k, dashboard in enumerate(view["rounds"]):
        assert (dashboard["members"], dashboard["tension_interest"], dashboard["risk"], dashboard["budget"]) == shown[
            ROUND * k
        ]
    assert [sum(active) for active in view["active"]] == [n for n, *_ in shown]


class Hidden:
    """Stands for a state of the model: whoever looks at it is found out."""

    def __getattribute__(self, name):
        raise AssertionError(f"the game looked at what is hidden: {name}")


class Shown:
    """Stands for a month's flows: what the policy saw is there, and nothing else."""

    def __init__(self, seen):
        self.seen = seen


def test_a_running_round_knows_only_observations_and_what_is_noticed(monkeypatch):
    before = view_rounds(CITY, 3, MIXED)
    real, real_events, events = game_runs.Batch.advance, game_runs.of_month, []

    def advance(batch):
        was, flows, after = real(batch)
        events.append(real_events(was, flows, after, batch.params, 1))
        return Hidden(), Shown(flows.seen), Hidden()

    monkeypatch.setattr(game_runs.Batch, "advance", advance)
    monkeypatch.setattr(game_runs, "of_month", lambda *_: events[-1])

    assert view_rounds(CITY, 3, MIXED) == before


def test_leaks_replacements_and_what_leavers_captured_are_not_told():
    view = view_rounds("denim_alliance", 3, "000000a.000000a.000000a")
    run = sim.simulate("denim_alliance", [3], "neutral", 18)

    assert {"leak", "representative"} <= set(run.events["kind"])
    assert {e["kind"] for e in view["noticed"]} <= {
        "phase",
        "shock",
        "exit satisfied",
        "exit frustrated",
        "exit other",
    }
    assert all(e["amount"] == 0.0 for e in view["noticed"] if e["kind"].startswith("exit"))
    assert "goodwill" not in json.dumps(view)


def test_the_other_choices_use_the_same_random_numbers():
    other_choices = view_rounds("denim_alliance", 3, "302010a.t00000a")["last_round"]

    same_start = {"nothing": Convened(decisions="302010a.000000a"), "adaptive": HandedOver(decisions="302010a")}
    for name, policy in same_start.items():
        rows = sim.simulate("denim_alliance", [3], policy, 2 * ROUND, record=("members",)).members
        last = rows[(rows["month"] == 2 * ROUND) & (rows["active"] > 0)]
        assert other_choices[name]["members"] == len(last)
        assert other_choices[name]["attendance"] == pytest.approx(last["participation"].mean())
    assert other_choices["nothing"] != other_choices["adaptive"]


def test_a_run_without_effort_is_that_of_neutral():
    without_effort = participation_without_effort("denim_alliance", 3)
    members = sim.simulate("denim_alliance", [3], "neutral", 60, record=("members",)).members

    assert len(without_effort) == ROUNDS + 1
    for month in (12, 60):
        last = members[(members["month"] == month) & (members["active"] > 0)]
        assert without_effort[month // ROUND]["members"] == len(last)
        assert without_effort[month // ROUND]["attendance"] == pytest.approx(last["participation"].mean())


@pytest.mark.slow
def test_what_was_felt_stands_beside_what_was_seen():
    result, view = reveal(CITY, 3, ALL), view_rounds(CITY, 3, ALL)
    members = sim.simulate(CITY, [3], Convened(decisions=ALL), 60, record=("members",)).members

    for row in view["rounds"][4]["sectors"]:
        felt = result["felt"][row["sector"]]
        assert felt["surplus"]["seen"][4] == row["shortfall"]
        assert felt["engagement"]["seen"][4] == row["attendance"]
        there = members[(members["sector"] == row["sector"]) & (members["month"] == 24) & (members["active"] > 0)]
        assert felt["engagement"]["true"][24] == pytest.approx(there["engagement"].mean())
    assert result["tensions"]["interest"]["seen"][4] == view["rounds"][4]["tension_interest"]


def test_effort_buys_what_spend_gives_and_no_more():
    effects = view_rounds("denim_alliance", 3, "")["effects"]

    assert effects["safeguard"][2] == (pytest.approx(2.4 / 5.1), False)
    assert effects["safeguard"][10] == (1.0, True)
    assert effects["inside"][1] == (pytest.approx(2.4), False)
    assert effects["inside"][10] == (4.0, True)
    assert effects["intervene"][5] == (pytest.approx(6.0), False)
    assert all(row[0] == (0.0, False) for row in effects.values())
