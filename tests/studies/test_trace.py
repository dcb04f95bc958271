"""Why two policies turn out differently with the same seed: the first divergence, what followed, whose fates differ."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.analysis.divergence import CLEAR, LINKS, NAMES, chain, fates, first_divergence, meanings
from sim.analysis.story import CAUSES, describe_event, describe_exit, exit_record, exits, trajectory
from sim.cli.main import main
from sim.core.errors import InputError
from sim.engine.simulate import RECORDS
from sim.model.effort import MECHANISMS
from sim.storage.results import read_table
from tests.helpers import wholly

SMALL = sim.Scenario().replace(**{"size.partners": 10})


def lived(policy, scenario=SMALL, seed=3, months=24):
    return sim.simulate(scenario, [seed], policy, months, RECORDS)


@pytest.fixture(scope="module")
def denim():
    scenario = sim.load_scenario("denim_alliance")
    return [lived(policy, scenario, 7, 60) for policy in ("neutral", "adaptive_tracking")]


def helps(member, month):
    """Do nothing, but in one month help one member as far as can be."""

    def allocate(seen, budget, memory):
        whom = np.zeros_like(seen.members)
        whom[member] = 1.0
        return seen.spend(intervene=1.0 * (seen.month == month), whom=whom), memory

    return allocate


@pytest.mark.parametrize(("member", "month"), [(4, 9), (0, 1), (7, 24)])
def test_help_planted_in_one_month_for_one_member_is_the_first_divergence(member, month):
    neutral, planted = lived("neutral"), lived(helps(member, month))
    found = first_divergence(neutral, planted).set_index("place")

    assert found.loc[["effort", "member", "event"], "month"].tolist() == [month] * 3
    assert found.loc[["member", "event"], "member"].tolist() == [member] * 2
    assert found.loc["effort", ["quantity", "one", "other"]].tolist() == ["effort_intervene", 0.0, 1.0]
    assert found.loc["event", ["quantity", "one", "other"]].tolist() == ["intervention", 0.0, 1.0]
    values = neutral.members.columns.difference(NAMES)
    differ = (neutral.members[values] != planted.members[values]).any(axis=1)
    assert neutral.members.loc[differ & (neutral.members["month"] <= month), "member"].unique().tolist() == [member]


def test_safeguarding_planted_in_one_month_parts_then_and_for_everyone():
    def allocate(seen, budget, memory):
        return seen.spend(safeguard=(seen.month >= 6) * seen.prices.safeguard * seen.n_members), memory

    runs = lived("neutral"), lived(allocate)
    found = first_divergence(*runs).set_index("place")
    members = runs[0].series["n_members"][4]

    assert found.loc["effort", ["month", "quantity", "other"]].tolist() == [
        6, "effort_safeguard", pytest.approx(0.1 * members)]  # fmt: skip
    assert found.loc["member", "month"] == 6
    assert (chain(*runs, 5).query("step != 'exit'")["first"] >= 6).all()


def test_the_member_and_quantity_named_are_those_that_differ_most_by_the_range_of_the_quantity(denim):
    row = first_divergence(*denim).set_index("place").loc["member"]
    one, other = (run.members.drop(columns=list(NAMES)) for run in denim)
    shares = ((one - other).abs() / (pd.concat([one, other]).max() - pd.concat([one, other]).min()))[
        denim[0].members["month"] == row["month"]
    ]

    assert row["share"] == pytest.approx(shares.max().max())
    assert row["quantity"] == shares.max().idxmax()
    assert row["member"] == shares[row["quantity"]].to_numpy().argmax()


def test_identical_policies_never_part():
    runs = lived("adaptive_tracking"), lived("adaptive_tracking")
    followed = chain(*runs, 0)

    assert first_divergence(*runs).empty
    assert followed["step"].tolist() == ["exit"]
    assert followed["first"].isna().all()
    assert (fates(*runs)["months"].fillna(0) == 0).all()


def test_the_placebo_differs_from_neutral_in_the_effort_spent_alone():
    runs = lived("neutral"), lived("placebo")

    assert first_divergence(*runs)[["place", "month", "quantity"]].to_numpy().tolist() == [
        ["effort", 1, "effort_placebo"]
    ]
    assert chain(*runs, 2).query("step != 'exit'")["quantity"].tolist() == ["effort_placebo"]


def test_who_leaves_for_other_reasons_under_both_leaves_in_the_same_month(denim):
    both = fates(*denim).query("how_one == 'other' and how_other == 'other'")

    assert len(both) == 2
    assert (both["months"] == 0).all()


def test_fates_add_up_to_the_exits_of_the_summary(denim):
    found = fates(*denim)

    assert len(found) == 51
    for name, run in zip(("one", "other"), denim, strict=True):
        assert found[f"how_{name}"].eq("stays").mean() == pytest.approx(run.summary["retention"][0])
        assert found[f"left_{name}"].isna().equals(found[f"how_{name}"].eq("stays"))
        for how in ("satisfied", "frustrated", "other"):
            assert found[f"how_{name}"].eq(how).sum() == run.summary[f"exits_{how}"][0]


def test_months_between_fates_are_exact_or_the_least_they_can_be(denim):
    found = fates(*denim).set_index("member")

    assert found.loc[5, ["left_one", "left_other", "months"]].tolist() == [11, 24, 13]
    assert found.loc[13, ["left_one", "how_other", "months"]].tolist() == [41, "stays", 61 - 41]
    assert found.loc[found["how_one"].eq("stays") & found["how_other"].eq("stays"), "months"].isna().all()
    back = fates(denim[1], denim[0]).set_index("member")["months"]
    assert back.equals(-found["months"])


def test_the_first_exit_that_differs_is_the_earliest_and_of_several_the_most_different(denim):
    found, row = fates(*denim), first_divergence(*denim).set_index("place").loc["exit"]
    differ = found[found["months"].fillna(0) != 0]
    earliest = differ[["left_one", "left_other"]].min(axis=1)

    assert row["month"] == earliest.min()
    assert row["member"] == differ.loc[differ[earliest == earliest.min()]["months"].abs().idxmax(), "member"]
    assert [row["one"], row["other"]] == [11, 24]


def test_exits_part_where_a_founder_leaves_in_one_run_and_stays_in_the_other():
    forced = SMALL.replace(**{"shocks.forced_exit.month": 9, "shocks.forced_exit.member": 2})
    row = first_divergence(lived("neutral", forced), lived("neutral")).set_index("place").loc["exit"]

    assert row[["month", "member", "one"]].tolist() == [9, 2, 9.0]
    assert np.isnan(row["other"])


def test_founders_are_told_from_those_who_join_later():
    scenario = SMALL.replace(**{"size.candidates": 5, "rules.membership.entry_rate": 0.3})
    runs = lived("neutral", scenario), lived("adaptive", scenario)
    joined = runs[0].events.query("kind == 'entry'")

    assert joined["month"].min() == 1
    assert fates(*runs)["member"].tolist() == list(range(10))
    assert trajectory(runs[0], joined["member"].iloc[-1])["month"].iloc[0] == joined["month"].iloc[-1]


def test_the_numbers_of_a_chain_are_those_of_the_tables(denim):
    member, until = 5, 11
    found = chain(*denim, member).set_index("quantity")

    assert (found["until"] == until).all()
    assert found.loc["left_month", ["one", "other"]].tolist() == [11, 24]
    for name, run in zip(("one", "other"), denim, strict=True):
        mine = run.members.query("member == @member and month <= @until").set_index("month")
        series = run.series.query("month <= @until").set_index("month")
        for quantity in ("captured", "lost", "gained", "cost"):
            assert found.loc[quantity, f"{name}_until"] == pytest.approx(mine[quantity].sum())
        for quantity in ("disclosure", "trust", "benefit", "goodwill"):
            assert found.loc[quantity, f"{name}_until"] == mine.loc[until, quantity]
            assert found.loc[quantity, name] == mine.loc[found.loc[quantity, "clear"], quantity]
        assert found.loc["tension", f"{name}_until"] == series.loc[until, "tension"]
        assert found.loc["effort_safeguard", f"{name}_until"] == pytest.approx(series["effort_safeguard"].sum())
        helped = run.events.query("kind == 'intervention' and member == @member and month <= @until")
        assert found.loc["intervention", f"{name}_until"] == len(helped)


def test_a_chain_says_when_a_quantity_differs_at_all_and_when_clearly(denim):
    found = chain(*denim, 5).set_index("quantity")
    one, other = (run.members.query("member == 5 and month <= 11").set_index("month")["trust"] for run in denim)
    gaps = (one - other).abs()

    assert found.loc["trust", "first"] == gaps.index[gaps > 0][0] == 1
    assert found.loc["trust", "clear"] == gaps.index[gaps >= CLEAR * max(one.max(), other.max())][0] == 6
    assert pd.isna(found.loc["routine", "clear"])


def test_every_link_of_a_chain_is_in_the_tables_and_has_a_meaning(denim):
    told = meanings()

    assert {f"effort_{m}" for m in MECHANISMS} <= {quantity for _, quantity, _ in LINKS}
    for step, quantity, _ in LINKS:
        if quantity in told:
            assert quantity in (denim[0].members if step == "member" else denim[0].series)
    assert set(denim[0].members.columns) - set(NAMES) - {"segment", "resources"} <= set(told)


def test_what_a_member_expected_is_read_from_its_patience(denim):
    for run in denim:
        told = run.events[run.events["member"] == 5].drop_duplicates("month").set_index("month")["aspiration"]
        months = trajectory(run, 5).set_index("month")["expected"].dropna()
        both = months.index.intersection(told.index)

        assert len(both) >= 1
        assert months[both].to_numpy() == pytest.approx(told[both].to_numpy())
        assert 1 not in months.index


def test_an_exit_is_recorded_as_the_tables_have_it(denim):
    found, mine = exit_record(denim[1], 5), denim[1].events.query("member == 5")

    assert (found["month"], found["how"], found["cause"]) == (24, "frustrated", "too little private value")
    assert found["helped"] == mine["kind"].eq("intervention").sum() == 9
    assert found["outside"] == mine["kind"].eq("match outside").sum() == 1
    assert found["inside"] == mine["kind"].eq("match inside").sum() + denim[1].events["other"].eq(5).sum()
    assert (found["months"], found["falls"], found["streak"]) == (23, 21, 21)
    assert exit_record(denim[0], 5)["lost"] == 6.0
    with pytest.raises(InputError, match=r"member 1 does not leave in this run; who leaves: \[0, 2"):
        exit_record(denim[0], 1)


def test_an_exit_is_told_in_three_sentences():
    record = {"member": 5, "sector": "private", "month": 11, "how": "frustrated", "cause": "leak", "months": 10,
              "falls": 7, "streak": 7, "benefit": -0.54, "aspiration": 0.22, "captured": 4.33, "needs_met_share": 0.08,
              "leaks": 1, "lost": 6.0, "helped": 0, "inside": 0, "outside": 0, "contacts": 0.0}  # fmt: skip
    helped = record | {"helped": 9, "inside": 1, "outside": 2, "contacts": 1.9, "streak": 3, "leaks": 0}
    lucky = record | {"how": "other", "cause": "other", "falls": 0, "streak": 0}

    assert describe_exit(record) == (
        "Private member 5 leaves in month 11, frustrated: its information reached rivals. Its patience fell in each of "
        "its last 7 months; in the end its net benefit was -0.54 value a month, and it hoped for 0.22. It had captured "
        "4.3 value (8% of its need) and 1 leak cost it 6.0 value; it got no help to speak of and had no match."
    )
    assert "fell in 7 months, the last 3 without a break;" in describe_exit(helped)
    assert "no leak hit it; it was helped in 9 months and had 1 match inside, 2 outside (1.9 contacts" in describe_exit(
        helped
    )
    assert "leaves in month 11: for reasons outside the partnership. Its patience never fell" in describe_exit(lucky)
    assert "fell in 1 month;" in describe_exit(record | {"falls": 1, "streak": 0})


def test_every_kind_of_event_has_words():
    scenario = SMALL.replace(**{"size.candidates": 5, "rules.membership.entry_rate": 0.3, "rules.leak.rate": 1.0,
                              "shocks.orchestrator_loss.month": 3, "shocks.orchestrator_loss.share": 0.5,
                              "shocks.grant_end.month": 9})  # fmt: skip
    events = lived("adaptive_tracking", scenario).events
    told = {event.kind: describe_event(event) for event in events.itertuples()}

    assert {
        "leak",
        "match inside",
        "match outside",
        "intervention",
        "representative",
        "entry",
        "phase",
        "shock",
    } <= set(told)
    assert "shock: orchestrator lost, 50% of it" in [
        describe_event(e) for e in events[events["kind"] == "shock"].itertuples()
    ]
    assert told["leak"].startswith("loses 6.0: its information leaks to rivals")
    assert all(CAUSES.get(e.cause, e.cause) in describe_event(e) for e in exits(lived("neutral")).itertuples())


def test_runs_that_are_no_pair_are_refused():
    one = lived("neutral")
    for other, words in (
        (
            lived("neutral", seed=4),
            "seeds [3] with 10 members over 24 months and seeds [4] with 10 members over 24 months",
        ),
        (
            lived("neutral", months=12),
            "seeds [3] with 10 members over 24 months and seeds [3] with 10 members over 12 months",
        ),
        (
            lived("neutral", SMALL.replace(**{"size.partners": 11})),
            "seeds [3] with 10 members over 24 months and seeds [3] with 11 members over 24 months",
        ),
    ):
        with pytest.raises(
            InputError, match=wholly(f"{words}: give two runs of one seed, each alone, of the same size and length")
        ):
            first_divergence(one, other)
    two = sim.simulate(SMALL, 2, "neutral", 24, RECORDS)
    with pytest.raises(InputError, match="each alone, of the same size and length"):
        fates(two, two)
    with pytest.raises(InputError, match="the run has no table of members; simulate it with record="):
        first_divergence(one, sim.simulate(SMALL, [3], "neutral", 24))
    with pytest.raises(InputError, match="member=10: there is no such member; members are numbered 0 to 9"):
        chain(one, one, 10)


QUICK = ["trace", "months=6", "scenario=neutral", "scenario.size.partners=6"]


def test_why_writes_tables_figure_configuration_and_manifest(tmp_path, capsys):
    assert main([*QUICK, "member=5", f"folder={tmp_path}/out"]) == 0
    names = {"divergence.csv", "fates.csv", "chain.csv", "trace.png", "trace.svg", "config.yaml", "manifest.json",
             "summary.parquet", "series.parquet", "members.parquet", "events.parquet"}  # fmt: skip
    folder = tmp_path / "out"

    assert {p.name for p in folder.iterdir()} == names
    assert (folder / "trace.png").stat().st_size > 40_000
    assert read_table(folder / "summary.parquet")["policy"].tolist() == ["neutral", "adaptive_tracking"]
    assert "member: 5" in (folder / "config.yaml").read_text()
    assert len(pd.read_csv(folder / "fates.csv")) == 6
    assert f"are in {folder}/" in capsys.readouterr().out


def test_the_figure_has_room_for_lives_without_a_leak():
    from sim.viz.figures.trace import trace_figure

    runs = lived("neutral"), lived("adaptive")
    lives = [(trajectory(run, 0), "stays") for run in runs]
    figure = trace_figure(fates(*runs), lives, ("public member 0", 0), 24, 24.0, "note")

    assert not any(rows["lost"].any() for rows, _ in lives)
    assert all(ax.get_position().width > 0.3 for ax in figure.axes)
    assert all(ax.get_xlabel() and not ax.get_legend() for ax in figure.axes)


def test_what_why_says_is_in_its_tables(denim, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sim.studies.trace.Trace.save", lambda *_: None)
    assert main(["trace", "seed=7", "member=5", f"folder={tmp_path}/out"]) == 0
    out = capsys.readouterr().out
    found, summary = fates(*denim), pd.concat([run.summary for run in denim])
    same = (found["left_one"].fillna(0) == found["left_other"].fillna(0)) & (found["cause_one"] == found["cause_other"])

    assert "exit    private member 5: leaves in month 11 under neutral, leaves in month 24 under adaptive" in out
    assert "the first divergence, not a proof of a cause" in out
    assert f"Founders whose exit differs: {(~same).sum()} of 51" in out
    assert f"and {(~same).sum() - 10} more, in fates.csv" in out
    assert f"{(found['months'] > 0).sum()} stay longer and {(found['months'] < 0).sum()} leave sooner" in out
    assert f"month  {chain(*denim, 5).set_index('quantity').loc['lost', 'clear']}  Lost to a leak (value)" in out
    assert f"{summary['private_value'].diff().iloc[1]:+.1f}" in out
    assert (
        out.index("What the orchestrator does")
        < out.index("What changes for the member")
        < out.index("The trajectories of")
    )
    listed = out.partition("months (+ longer)")[2].splitlines()[1:11]
    assert listed[0].split()[:2] == ["private", str(found["member"][found["months"].abs().idxmax()])]
    assert any(line.endswith("or more") for line in listed)


@pytest.mark.slow
def test_the_same_question_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        assert main(["trace", "seed=7", f"folder={tmp_path / name}"]) == 0

    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_policies_that_never_part_are_said_to(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sim.studies.trace.Trace.save", lambda *_: None)
    assert main([*QUICK, "policies=[neutral,neutral]", f"folder={tmp_path}/same"]) == 0
    assert "They are the same policy: the two runs never diverge on this seed." in capsys.readouterr().out
    assert main([*QUICK, "policies=[neutral,placebo]", f"folder={tmp_path}/placebo"]) == 0
    out = capsys.readouterr().out
    assert "They differ in the effort that is spent, and in nothing else." in out
    assert "What followed" not in out
    assert "Founders whose exit differs: 0 of 6" in out


BAD = [
    (["policies=[neutral]"], "policies names 1: trace takes exactly two"),
    (["policies=[neutral,adaptive,placebo]"], "policies names 3: trace takes exactly two"),
    (["policy=adaptive"], "has no effect here; give policies=[neutral,adaptive_tracking]"),
    (["replications=3"], "has no effect here; give seed=NUMBER"),
    (["member=99", "months=1"], "member=99: there is no such member; members are numbered 0 to 50"),
    (["member=-1"], "give the number of a member"),
    (["member=1.5"], "give the number of a member"),
    (["member=true"], "give the number of a member"),
    (["membr=3"], "has no 'membr'"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=lambda v: " ".join(v) if isinstance(v, list) else None)
def test_bad_input_to_why_is_one_line_and_leaves_nothing(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code = main(["trace", *arguments])
    out, err = capsys.readouterr()

    assert code == 2
    assert words in err
    assert err.count("\n") == 1
    assert out == ""
    assert not list(Path("results").glob("*"))
