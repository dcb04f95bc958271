"""``simulate``: tidy tables that agree with each other, and refusals that help."""

import numpy as np
import pandas as pd
import pytest

import sim
from sim.engine.simulate import RECORDS
from sim.model.outcomes import SERIES, SUMMARY
from sim.model.scenario import value_at
from sim.model.sectors import SECTORS
from sim.model.structure import PLAINEST

BUSY = sim.Scenario().replace(**{
    "size.candidates": 4, "rules.membership.entry_rate": 0.05, "rules.leak.rate": 0.3,
    "shocks.grant_end.month": 10, "shocks.orchestrator_loss.month": 12, "shocks.loss_of_interest.month": 14,
    "shocks.representative_turnover.month": 16, "shocks.forced_exit.month": 18, "shocks.forced_exit.member": 5,
})  # fmt: skip


@pytest.fixture(scope="module")
def busy():
    return sim.simulate(BUSY, range(30), "adaptive_tracking", 48, record=RECORDS, check_invariants=True)


def test_tables_have_the_rows_they_promise(busy):
    assert len(busy.summary) == 30
    assert len(busy.series) == 30 * 48
    assert len(busy.members) == 30 * 48 * 28
    assert list(busy.summary.columns[:2]) == ["seed", "policy"]
    assert set(busy.summary.columns[2:]) == {o.name for o in SUMMARY}
    assert set(busy.series.columns[3:]) == {o.name for o in SERIES}


def test_only_what_is_asked_for_is_recorded():
    tables = sim.simulate(None, 2, months=3, record="summary")

    assert tables.series is None
    assert tables.members is None
    assert tables.events is None
    full = sim.simulate(None, 2, months=3)
    pd.testing.assert_frame_equal(tables.summary, full.summary, check_exact=True)


def test_exits_agree_between_summary_series_members_and_events(busy):
    exits = busy.events[busy.events["kind"].str.startswith("exit")]
    for reason in ("satisfied", "frustrated", "other"):
        by_event = exits[exits["kind"] == f"exit {reason}"].groupby("seed").size().reindex(range(30), fill_value=0)
        by_series = busy.series.groupby("seed")[f"exits_{reason}"].sum()
        assert by_event.tolist() == by_series.tolist() == busy.summary[f"exits_{reason}"].tolist()
    last = busy.series[busy.series["month"] == 48]
    active = busy.members[busy.members["month"] == 48].groupby("seed")["active"].sum()
    assert last["n_members"].tolist() == active.tolist()
    heads = 24 + busy.series.groupby("seed")["entries"].sum() - exits.groupby("seed").size()
    assert heads.tolist() == active.tolist()


def test_matches_and_leaks_agree_between_events_and_series(busy):
    for kind, column in (("match outside", "matches_outside"), ("match inside", "matches_inside"), ("leak", "leaks"),
                         ("entry", "entries")):  # fmt: skip
        assert (busy.events["kind"] == kind).sum() == busy.series[column].sum() > 0


def test_inside_matches_name_two_different_members_that_take_part(busy):
    matches = busy.events[busy.events["kind"] == "match inside"]
    active = busy.members.set_index(["seed", "month", "member"])["active"]

    assert (matches["member"] != matches["other"]).all()
    for who in ("member", "other"):
        before = matches[matches["month"] > 1]
        keys = list(zip(before["seed"], before["month"] - 1, before[who], strict=True))
        assert (active.loc[keys] == 1).all()


def test_values_agree_between_members_and_series(busy):
    by_month = busy.members.groupby(["seed", "month"])[["contributed", "captured", "cost", "lost"]].sum().reset_index()

    np.testing.assert_allclose(by_month["contributed"], busy.series["value_created"], atol=1e-12)
    np.testing.assert_allclose(by_month["captured"], busy.series["private_captured"], atol=1e-9)
    np.testing.assert_allclose(by_month["cost"], busy.series["cost"], atol=1e-9)
    sectors = busy.series[[f"created_{s}" for s in ("public", "private", "academic", "nonprofit")]].sum(axis=1)
    np.testing.assert_allclose(sectors, busy.series["value_created"], atol=1e-12)


def test_phases_and_shocks_are_events(busy):
    one = busy.events[busy.events["seed"] == 7]
    phases = one[one["kind"] == "phase"]
    shocks = one[one["kind"] == "shock"].set_index("cause")["month"].to_dict()

    assert phases[["month", "cause"]].to_numpy().tolist() == [
        [1, "initiation"],
        [4, "implementation"],
        [11, "post-grant"],
    ]
    assert shocks == {"grant withdrawn": 10, "orchestrator lost": 12, "segment lost interest": 14}
    forced = busy.events[busy.events["cause"] == "forced"]
    assert (forced["month"] == 18).all()
    assert (forced["member"] == 5).all()
    assert len(forced) > 15


def test_the_summary_is_worked_out_as_described(busy):
    series = busy.series[busy.series["seed"] == 3]
    row = busy.summary.set_index("seed").loc[3]

    assert row["society_value"] == pytest.approx(series["value_created"].sum())
    assert row["retention_24"] == series["n_founders"].iloc[23] / 24
    assert np.isnan(row["retention_60"])
    assert row["retention"] == series["n_founders"].iloc[-1] / 24
    assert row["effort_spent"] == pytest.approx(series["effort_spent"].sum())
    founders = busy.members[(busy.members["seed"] == 3) & (busy.members["month"] == 48) & (busy.members["member"] < 24)]
    assert row["private_value"] == pytest.approx(founders["needs_met"].mean())
    satisfied = np.sort(founders["needs_met"].to_numpy())
    gini = np.abs(satisfied[:, None] - satisfied[None, :]).mean() / (2 * satisfied.mean())
    assert row["private_gini"] == pytest.approx(gini)


def test_a_grant_that_ends_early_is_the_grant_of_that_length():
    cut = sim.simulate(sim.Scenario().replace(**{"shocks.grant_end.month": 10}), 5, "connecting", 30).series
    short = sim.simulate(sim.Scenario().replace(**{"grant.months": 10}), 5, "connecting", 30).series

    pd.testing.assert_frame_equal(cut, short, check_exact=True)


def test_an_exit_penalty_holds_members_while_the_contract_binds():
    free, bound = (sim.simulate(sim.Scenario().replace(**{"rules.membership.exit_penalty": v}), 50, months=60).series
                   for v in (0.0, 1000.0))  # fmt: skip
    during, after = (
        [t[t["month"].le(24) == early]["exits_frustrated"].sum() for t in (free, bound)] for early in (True, False)
    )

    assert during[0] > during[1] == 0
    assert after[1] > after[0]


def test_targeting_by_the_scenario_reaches_policies_that_leave_it_open():
    perfect_information = sim.simulate(
        sim.Scenario().replace(targeting="perfect_information"), 3, "adaptive_tracking", 12
    ).series
    named = sim.simulate(None, 3, "perfect_information", 12).series

    pd.testing.assert_frame_equal(
        perfect_information.drop(columns="policy"), named.drop(columns="policy"), check_exact=True
    )


def test_payoffs_of_ones_own_replace_those_of_the_model(tmp_path):
    file = tmp_path / "game.py"
    file.write_text("def payoffs(state, participation):\n    return 0.5 * state.member\n")
    plain = {"start.optimism": 0.0, "start.aspiration": 0.0, "rules.membership.other_rate": 0.0}
    own_affairs = {"start.match_spread": 1.0, "rules.commitment.news": 0.5, "shocks.common.rate": 0.1}
    scenario = sim.Scenario().replace(payoffs=str(file), **plain, **own_affairs)
    tables = sim.simulate(scenario, 3, months=60, record=RECORDS, check_invariants=True)

    assert (tables.series["value_created"] == 0).all()
    assert (tables.members["net_benefit"] == 0.5).all()
    aspirations_met = tables.members[tables.members["month"] == 60]
    assert aspirations_met["ledger"].max() == pytest.approx(30.0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"seeds": []}, "at least one"),
        ({"seeds": [1.5]}, "whole numbers"),
        ({"seeds": ["1"]}, "whole numbers"),
        ({"seeds": [-1]}, "from 0"),
        ({"seeds": True}, "whole numbers"),
        ({"months": 0}, "from 1 to 1200"),
        ({"months": 2.5}, "from 1 to 1200"),
        ({"record": ["everything"]}, "known tables are"),
        ({"policy": "nonsense"}, "there is no policy"),
        ({"policy": 3}, "is not a policy; give a name"),
        ({"columns": {"rules.leak.rat": [0.1, 0.2]}}, "did you mean"),
        ({"columns": {"rules.leak.rate": [0.1]}}, "one number per seed"),
        ({"columns": {"rules.leak.rate": [0.1, 2.0]}}, "outside 0 to 1"),
        ({"columns": {"rules.leak.rate": [0.1, float("nan")]}}, "outside 0 to 1"),
        ({"columns": {"size.partners": [10, 20]}}, "shapes the arrays"),
        ({"columns": {"grant.initiation": [1.5, 2.0]}}, "whole numbers"),
        ({"columns": {"rules.leak.rate": ["a", "b"]}}, "needs numbers"),
        ({"columns": {"title": [1, 2]}}, "shapes the arrays"),
        (
            {"columns": {"shocks.forced_exit.member": [3, 99], "shocks.forced_exit.month": [1, 1]}},
            "run 1: .*not a member",
        ),
        (
            {"columns": {f"sectors.{s}.share": [0, 1] for s in ("public", "private", "academic", "nonprofit")}},
            "run 0: .*above 0",
        ),
        ({"seeds": None}, "whole numbers"),
        ({"seeds": b"12"}, "whole numbers"),
        ({"seeds": {1, 2}}, r"seeds = \{1, 2\}"),
        ({"seeds": np.array(3)}, "whole numbers"),
        ({"record": 3}, "known tables are"),
        ({"columns": 3}, "columns is int; give a mapping"),
        ({"columns": {"rules.leak.rate": [10**400, 0]}}, "needs numbers"),
    ],
    ids=str,
)
def test_bad_arguments_are_refused_with_words_that_help(arguments, words):
    with pytest.raises(ValueError, match=words):
        sim.simulate(**{"seeds": 2, "months": 3, **arguments})


@pytest.mark.parametrize("change", [{"size.partner": 3}, {"rules.leek.rate": 1}, {"title.x": 1}])
def test_with_names_what_is_unknown(change):
    with pytest.raises(ValueError, match="has no"):
        sim.Scenario().replace(**change)


def test_seeds_record_and_columns_may_come_from_a_table():
    table = pd.DataFrame({"seed": [3, 4], "rules.leak.rate": [0.1, 0.2]})
    result = sim.simulate(
        seeds=table["seed"], months=1, record=np.array(["series"]), columns=table[["rules.leak.rate"]]
    )

    assert result.summary[["seed", "rules.leak.rate"]].to_dict("list") == table.to_dict("list")
    assert result.series is not None


def test_a_shipped_scenario_may_be_named_and_tables_too():
    by_name = sim.simulate("public_health", 2, months=3)
    loaded = sim.simulate(sim.load_scenario("public_health"), 2, months=3)

    pd.testing.assert_frame_equal(by_name["series"], loaded.series, check_exact=True)
    with pytest.raises(KeyError, match="there are summary"):
        by_name["sumary"]
    with pytest.raises(ValueError, match=r"give a sim\.Scenario"):
        sim.simulate(3)
    with pytest.raises(ValueError, match=r"scenario\.size = 3: takes 'name: value'"):
        sim.simulate({"size": 3})


def test_invariants_of_every_run_in_the_tests_are_checked(monkeypatch):
    monkeypatch.setattr(
        "sim.model.rules.commitment.update_goodwill", lambda state, p, surplus: state.goodwill * float("nan")
    )
    with pytest.raises(AssertionError, match="goodwill lies in nan"):
        sim.simulate(None, 2, months=2)


def test_swept_values_stand_in_every_table():
    tables = sim.simulate(None, [0, 0], months=30, record=RECORDS, columns={"rules.leak.rate": [0.0, 1.0]})

    for name in RECORDS:
        assert set(tables[name]["rules.leak.rate"]) == {0.0, 1.0}
    leaks = tables.events[tables.events["kind"] == "leak"]
    assert (leaks["rules.leak.rate"] == 1.0).all()
    by_rate = tables.series.groupby("rules.leak.rate")["leaks"].sum()
    assert by_rate[0.0] == 0 < by_rate[1.0]


def test_an_exit_is_laid_to_leaks_where_patience_would_have_lasted_without_them():
    hurt = sim.Scenario().replace(**{"rules.leak.rate": 0.5, "rules.leak.loss": 20.0, "rules.leak.rival_share": 0.0})
    causes = sim.simulate(hurt, 30, months=30).events.query("kind == 'exit frustrated'")["cause"]
    calm = sim.simulate(sim.Scenario().replace(**{"rules.leak.rate": 0.0}), 30, months=60).events["cause"]

    assert (causes == "leak").mean() > 0.5
    assert (calm != "leak").all()


def test_progress_counts_every_run():
    done = []
    sim.simulate(None, 1200, months=1, record="summary", progress=done.append)

    assert sum(done) == 1200
    assert len(done) > 1


def test_a_partnership_of_two_and_one_of_many_work():
    for partners in (2, 300):
        summary = sim.simulate(
            sim.Scenario().replace(**{"size.partners": partners}), 2, "adaptive_tracking", 12, check_invariants=True
        ).summary
        assert summary["retention"].between(0, 1).all()


def test_a_partnership_that_everyone_left_goes_on_quietly():
    empty = sim.Scenario().replace(
        **{**PLAINEST, "start.goodwill": 0.01, "start.optimism": 0.0, "rules.capture.scale": 0.0}
    )
    tables = sim.simulate(empty, 3, "adaptive_tracking", 40, check_invariants=True)

    assert (tables.summary["retention"] == 0).all()
    alone_before = tables.series.groupby("seed")["n_members"].shift(1).eq(0)
    assert tables.series.loc[alone_before, "value_created"].eq(0).all()
    assert alone_before.sum() > 50
    may_miss = ["retention_60", "trust_end", "content_24", "private_fairness"]
    may_miss += [f"private_{s}" for s in SECTORS if value_at(empty, f"sectors.{s}.share") == 0]
    assert not tables.summary.drop(columns=may_miss).isna().any().any()
    assert tables.summary["trust_end"].isna().all()
    assert tables.series.loc[alone_before, ["tension", "trust", "content", "surplus"]].isna().all().all()
