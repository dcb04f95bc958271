"""``sim.trace`` and its command: what it writes, says and refuses."""

from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.analysis.divergence import chain, fates
from sim.analysis.story import exits
from sim.cli.main import main
from sim.storage.results import read_table
from sim.studies.trace_switch import stays_or_goes
from tests.analysis.written_runs import simulated


@pytest.fixture(scope="module")
def denim():
    return [simulated(policy, "denim_alliance", 7, 60) for policy in ("neutral", "adaptive_tracking")]


QUICK = ["trace", "months=6", "scenario=neutral", "scenario.size.partners=6"]


def test_trace_writes_tables_figure_configuration_and_manifest(tmp_path, capsys, drawn):
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


def test_the_text_of_a_trace_agrees_with_its_tables(denim, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sim.studies.trace.Trace.save", lambda *_: None)
    result, summary = fates(*denim), pd.concat([run.summary for run in denim])
    same = (result["left_one"].fillna(0) == result["left_other"].fillna(0)) & (
        result["cause_one"] == result["cause_other"]
    )
    left = result[~same][["left_one", "left_other"]].fillna(61).astype(int)
    lost = {m: chain(*denim, m).set_index("quantity")["clear"].get("lost", 61) for m in left.index}
    member = next(m for m, month in lost.items() if month < left.loc[m].min())
    assert main(["trace", "seed=7", f"member={member}", f"folder={tmp_path}/out"]) == 0
    out = capsys.readouterr().out

    first = left.min(axis=1).idxmin()
    one, other = left.loc[first]
    sector = result.loc[first, "sector"]
    assert f"exit    {sector} member {first}: leaves in month {one} under neutral, leaves in month {other} under" in out
    assert "the first divergence, not a proof of a cause" in out
    assert f"Founders whose exit differs: {(~same).sum()} of 51" in out
    assert f"and {(~same).sum() - 10} more, in fates.csv" in out
    assert f"{(result['months'] > 0).sum()} stay longer and {(result['months'] < 0).sum()} leave sooner" in out
    assert f"month {lost[member]:>2}  Lost to a leak (value)" in out
    assert f"{summary['private_value'].diff().iloc[1]:+.1f}" in out
    assert (
        out.index("What the orchestrator does")
        < out.index("What changes for the member")
        < out.index("The trajectories of")
    )
    listed = out.partition("months (+ longer)")[2].splitlines()[1:11]
    decided = result[stays_or_goes(result)]
    assert listed[0].split()[:2] == ["private", str(decided["member"][decided["months"].abs().idxmax()])]
    assert any(line.endswith("or more") for line in listed)


@pytest.mark.slow
def test_the_same_question_gives_the_same_bytes(tmp_path, drawn):
    for name in ("one", "two"):
        assert main(["trace", "seed=7", f"folder={tmp_path / name}"]) == 0

    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_the_text_says_that_policies_never_diverge(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sim.studies.trace.Trace.save", lambda *_: None)
    assert main([*QUICK, "policies=[neutral,neutral]", f"folder={tmp_path}/same"]) == 0
    assert "They are the same policy: the two runs never diverge on this seed." in capsys.readouterr().out
    assert main([*QUICK, "policies=[neutral,placebo]", f"folder={tmp_path}/placebo"]) == 0
    out = capsys.readouterr().out
    assert "They differ in the effort that is spent, and in nothing else." in out
    assert "What followed" not in out
    assert "Founders whose exit differs: 0 of 6" in out
    assert "Nobody stays to the end under one policy and leaves under the other." in out
    assert "What decides" not in out


@pytest.fixture(scope="module")
def decided():
    return sim.trace(["neutral", "bundling"], seed=3)


def test_the_member_told_of_stays_under_one_policy_and_leaves_for_good_under_the_other(decided):
    rows = decided.fates[stays_or_goes(decided.fates)]

    assert decided.member == rows.loc[rows["months"].abs().idxmax(), "member"]
    assert decided.fates["member"].iloc[0] == decided.member
    assert "1 of 51 founders stay to the end under bundling alone: private 3." in decided.text()
    assert "0 of 51 founders stay to the end under neutral alone." in decided.text()


def test_a_switch_in_the_month_that_decides_keeps_the_member_and_one_a_month_later_does_not(decided):
    row = decided.switch.iloc[0]
    left = []
    for month in (row["month"], row["month"] + 1):
        plan = {"steps": [{"policy": "neutral", "until": month - 1}, {"policy": "bundling", "from": month}]}
        left.append(exits(sim.simulate("denim_alliance", [3], plan, 60, ("events",)))["month"].get(decided.member))

    assert left == [None, row["left"]]
    assert (row["leaves_under"], row["stays_under"], row["tried"]) == (1, 2, 6)
    text = " ".join(decided.text().split())
    assert (
        f"a switch to bundling in month {row['month']} still keeps it; a switch in month {row['month'] + 1} does"
        in text
    )


def test_what_decides_is_what_differs_between_the_two_switches(decided):
    """The switch a month earlier keeps it as one leak does not happen: before that month nothing differs."""
    month, rows = decided.switch["month"].iloc[0], decided.switch_chain.set_index("quantity")

    assert rows["first"].dropna().min() == month
    assert rows.loc["effort_bundle", "clear"] == month
    assert rows.loc["lost", ["one", "other"]].tolist() == [0.0, 6.0]
    assert f"month {month}  Lost to a leak (value)" in decided.text()


def test_policies_that_cannot_follow_each_other_are_said_to():
    result = sim.trace(["neutral", "random_allocation"], seed=7)

    assert stays_or_goes(result.fates).any()
    assert "switch" not in result.tables
    assert "cannot follow each other in one plan" in result.text()


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
def test_bad_input_to_trace_is_one_line_and_leaves_nothing(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code = main(["trace", *arguments])
    out, err = capsys.readouterr()

    assert code == 2
    assert words in err
    assert err.count("\n") == 1
    assert out == ""
    assert not list(Path("results").glob("*"))
