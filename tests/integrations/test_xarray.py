"""Results as labelled arrays, with the real xarray."""

import numpy as np
import pytest

import sim
from sim.integrations import xarray

pytest.importorskip("xarray", reason="needs the extra xarray")

SMALL = sim.Scenario().replace(**{"size.partners": 6})


def test_monthly_outcomes_are_arrays_of_seed_and_month():
    tables = sim.simulate(SMALL, [4, 9], months=6, record=("series", "members"))
    made = xarray.dataset(tables, "series")
    members = xarray.dataset(tables, "members")

    assert made["tension"].dims == ("policy", "seed", "month")
    series = tables.series
    row = series[(series["seed"] == 9) & (series["month"] == 3)]
    assert made["tension"].sel(policy="neutral", seed=9, month=3).item() == row["tension"].item()
    assert made["value_created"].attrs["units"] == "value per founder"
    assert members["goodwill"].dims == ("policy", "seed", "month", "member")
    assert members["goodwill"].attrs["long_name"].startswith("Goodwill left")


def test_what_varies_in_a_sweep_is_a_coordinate(tmp_path):
    space = {"start.trust": [0.3, 0.6, 0.9], "rules.leak.rate": [0.0, 0.2]}
    data = {"space": space, "changes": {"size.partners": 6}, "policies": ["neutral", "connecting"]}
    swept = sim.sweep(data, tmp_path / "swept", replications=2, months=6, executor="serial")
    made = xarray.dataset(swept)
    grid = made.set_index(point=["start.trust", "rules.leak.rate"]).unstack("point")

    assert dict(made.sizes) == {"scenario": 1, "policy": 2, "point": 6, "seed": 2}
    assert grid["society_value"].sizes["start.trust"] == 3
    runs = swept.runs[(swept.runs["start.trust"] == 0.6) & (swept.runs["rules.leak.rate"] == 0.2)]
    cell = grid["society_value"].sel({"start.trust": 0.6, "rules.leak.rate": 0.2})
    for _, row in runs.iterrows():
        assert cell.sel(policy=row["policy"], seed=row["seed"]).item() == row["society_value"]


def test_a_comparison_has_a_dimension_of_policies():
    result = sim.compare(SMALL, policies=["neutral", "connecting"], seeds=3, months=6, region=0)
    made = xarray.dataset(result)

    assert made.sizes["policy"] == 2
    assert made.sizes["seed"] == 3
    assert not np.isnan(made["society_value"]).any()


def test_what_is_not_valid_is_refused():
    tables = sim.simulate(SMALL, [1, 1], months=3, columns={"start.trust": [0.3, 0.6]})
    with pytest.raises(ValueError, match="several rows have the same policy, seed; give each run its own seed"):
        xarray.dataset(tables)
    with pytest.raises(ValueError, match="table 'members': the results have no such table"):
        xarray.dataset(tables, "members")
