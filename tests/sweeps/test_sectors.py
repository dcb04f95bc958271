"""Sweeps of scenarios that add sectors."""

import pytest

import sim
from sim.core.errors import InputError
from sim.sweeps import operations
from sim.sweeps.operations import resume
from sim.sweeps.spec import Executor
from tests.sweeps.helpers import Count, Stop, StopAfter, checked_inputs, fingerprints, swept

CASE = "sectors: {media: {share: 0.1}, finance: {like: private, share: 0.2}}\nsize.partners: 8\n"
MIXED = {
    "space": {"scenario": ["case.yaml", "plain.yaml"]},
    "replications": 3,
    "record": ["series", "events", "members"],
}


@pytest.fixture(autouse=True)
def cases(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "case.yaml").write_text(CASE)
    (tmp_path / "plain.yaml").write_text("size.partners: 8\n")


def test_a_share_is_a_dimension():
    swept("s", scenario="case.yaml", space={"sectors.finance.share": [0.3, 0.6]}, replications=2)
    runs = sim.load("s").runs.query("policy == 'adaptive' and seed == 1").sort_values("sectors.finance.share")
    expected = [
        sim.simulate(sim.load_scenario("case.yaml", f"sectors.finance.share={x}"), [1], "adaptive", 6)
        for x in (0.3, 0.6)
    ]

    assert [tables.summary["private_finance"][0] for tables in expected] == runs["private_finance"].tolist()


def test_a_stopped_sweep_goes_on_from_what_its_folder_says(tmp_path):
    request = {"scenario": "case.yaml", "space": {"sectors.finance.share": [0.1, 0.4], "size.partners": [6, 8]}}
    swept("whole", **request)
    first, second = StopAfter(1), Count()
    with pytest.raises(Stop):
        operations.start(checked_inputs("s", **request), first, "test")
    (tmp_path / "case.yaml").unlink()
    resume(tmp_path / "s", Executor(name="serial"), second)

    assert first.done + second.done == 40
    assert second.done > 0
    assert fingerprints("whole") == fingerprints("s")


def test_the_order_of_sectors_makes_no_other_runs(tmp_path):
    swept("one", scenario="case.yaml", space={}, replications=2)
    (tmp_path / "case.yaml").write_text(
        "sectors: {finance: {like: private, share: 0.2}, media: {share: 0.1}}\nsize.partners: 8\n"
    )
    swept("other", scenario="case.yaml", space={}, replications=2)

    assert fingerprints("one") == fingerprints("other")


def test_scenarios_with_different_sectors_share_a_table():
    swept("s", **MIXED)
    sweep = sim.load("s")
    runs, series = sweep.runs, sweep.series
    mean = sweep.sql("SELECT scenario, avg(private_finance) AS finance FROM runs GROUP BY scenario ORDER BY scenario")

    assert ["private_finance", "private_media"] == list(runs.columns[-2:])
    assert {"case.yaml": False, "plain.yaml": True} == runs.groupby("scenario")["private_media"].apply(
        lambda v: v.isna().all()
    ).to_dict()
    assert series.loc[series["scenario"] == "plain.yaml", "created_finance"].isna().all()
    assert [False, True] == mean["finance"].isna().tolist()
    for run_id in runs.groupby("scenario")["run_id"].first():
        assert {"runs", "series", "events", "members"} == sweep.rerun(run_id).compared.keys()


def test_outcomes_of_a_sector_can_be_drawn_where_a_scenario_has_it():
    figures = {"one": {"outcome": "private_finance", "x": "scenario"}}

    assert "one" in checked_inputs("s", **MIXED, figures=figures).experiment.figures
    with pytest.raises(
        InputError, match=r"figures.one.outcome: there is no outcome 'private_finance'; did you mean private_fairness"
    ):
        checked_inputs("s", scenario="plain.yaml", figures=figures)
    with pytest.raises(
        InputError, match=r"precision.outcome: there is no outcome 'private_finanse'; did you mean private_finance"
    ):
        checked_inputs("s", scenario="case.yaml", precision={"outcome": "private_finanse"}, replications=10)
    with pytest.raises(InputError, match="private_mix is a column of the tables"):
        swept("s", space={"private_mix": {"a": {"start.trust": 0.2}, "b": {"start.trust": 0.3}}})
