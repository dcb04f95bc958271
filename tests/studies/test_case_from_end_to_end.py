"""A consortium of fourteen named members, from its files to a forecast: joiners, a known exit, an orchestrator that goes."""

import numpy as np
import pytest

import sim

ROSTER = """name,sector,readiness,mission,joins,leaves,note
University 1,academic,0.6,0.8,,,
University 2,academic,,,,,
Institute 3,academic,,,,,
Institute 4,academic,,,2024-09,,joined in the first autumn
Ministry 5,public,,0.9,,,
City 6,public,,,,,
Agency 7,public,,,,2025-02,reorganised
Agency 8,public,,,,,
Firm 9,private,0.3,,,,
Firm 10,private,,,,,
Firm 11,private,,,2025-03,,
Foundation 12,nonprofit,,0.9,,,
Network 13,nonprofit,,,,,
Association 14,nonprofit,,,,,
"""

CASE = """title: A consortium
scenario: neutral
members: members.csv
start: 2024-01
now: 2025-06
grant: {months: 48, budget: 6}
events:
  - {month: 30, kind: orchestrator, size: 1}
plans:
  - {label: nothing, steps: []}
  - {label: bundle, steps: [{policy: bundling}]}
"""


@pytest.fixture
def case(tmp_path):
    (tmp_path / "members.csv").write_text(ROSTER)
    (tmp_path / "case.yaml").write_text(CASE)
    return tmp_path / "case.yaml"


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_what_is_known_happens_in_every_run_and_every_account_adds_up(case, engine):
    tables = sim.simulate(
        str(case), range(5), "bundling", 40, record=("events",), engine=engine, check_invariants=True
    ).events
    known = tables[tables["name"].isin(["Institute 4", "Firm 11", "Agency 7"])]

    months = known[known["kind"] == "entry"].groupby("name")["month"].agg(["min", "max", "size"])
    assert months.loc["Institute 4"].tolist() == [9, 9, 5]
    assert months.loc["Firm 11"].tolist() == [15, 15, 5]
    left = known[known["kind"].str.startswith("exit")]
    assert left["month"].tolist() == [14] * 5
    assert set(left["cause"]) == {"known"}


@pytest.mark.slow
def test_its_forecast_names_the_thirteen_that_are_there_under_each_plan(case):
    result = sim.forecast(str(case), ahead=24, particles=100, workers=1, progress=False)

    assert result.chances.groupby("plan", sort=False)["member"].nunique().tolist() == [13, 13]
    assert "Agency 7" not in set(result.chances["member"])
    assert result.history["members"].iloc[-1] == 13
    assert np.isfinite(result.outlook["mean"]).all()
