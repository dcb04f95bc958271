"""Replications until a difference is precise."""

import pandas as pd
import pytest

import sim
from sim.core.errors import InputError
from sim.sweeps import operations
from sim.sweeps.operations import extend, resume
from sim.sweeps.runner import half_widths, looks
from sim.sweeps.spec import Executor, Precision
from tests.sweeps.helpers import Count, Stop, StopAfter, checked_inputs, fingerprints, swept

SERIAL = Executor(name="serial")


def test_looks_grow_by_half_up_to_the_cap():
    assert list(looks(10, 40)) == [10, 15, 23, 35, 40]
    assert list(looks(10, 10)) == [10]


def test_half_widths_by_hand():
    """Differences 1, 2, 3: sd 1, t(0.975, 2) = 4.303, so 4.303 / sqrt(3) = 2.484; a seed without its twin is left out."""
    gaps = {0: 1.0, 1: 2.0, 2: 3.0}
    rows = [
        {"point": 7, "seed": s, "policy": p, "x": 5.0 + (g if p == "b" else 0)} for s, g in gaps.items() for p in "ab"
    ]
    rows += [{"point": 7, "seed": 3, "policy": "a", "x": 99.0}, {"point": 8, "seed": 0, "policy": "a", "x": 1.0}]
    aim = Precision(outcome="retention", policy="b", baseline="a").model_copy(update={"outcome": "x"})

    result = half_widths(pd.DataFrame(rows), aim)
    assert result["point"].tolist() == [7]
    assert result["replications"].tolist() == [3]
    assert result["half_width"].tolist() == pytest.approx([2.4842], abs=1e-4)
    assert list(half_widths(pd.DataFrame(rows[-2:]), aim)) == ["point", "replications", "half_width"]


AIM = {"outcome": "private_value", "half_width": 0.12, "most": 60}
PRECISE = {"space": {"start.trust": [0.3, 0.6, 0.9]}, "replications": 10, "precision": AIM, "record": [], "months": 12}


def test_replications_are_added_until_a_difference_is_precise_or_the_cap_is_reached(tmp_path):
    swept(tmp_path / "s", **PRECISE)
    sweep = sim.load(tmp_path / "s")
    points, runs = sweep.points, sweep.runs
    counts = runs.groupby("point")["run_id"].count()

    assert list(points) == ["point", "start.trust", "replications", "half_width", "stopped"]
    assert set(points["replications"]) <= {10, 15, 23, 35, 53, 60}
    assert (counts.to_numpy() == 2 * points["replications"]).all()
    for row in points.itertuples():
        assert row.stopped == ("precise enough" if row.half_width <= 0.12 else "the most allowed")
        assert row.stopped == "precise enough" or row.replications == 60
        own = runs[runs["point"] == row.point].pivot(index="seed", columns="policy", values="private_value")
        gaps = (own["adaptive"] - own["neutral"]).to_numpy()
        from scipy.stats import t

        assert row.half_width == pytest.approx(t.ppf(0.975, len(gaps) - 1) * gaps.std(ddof=1) / len(gaps) ** 0.5)


@pytest.mark.slow
def test_a_precise_sweep_stopped_on_the_way_ends_the_same(tmp_path):
    swept(tmp_path / "whole", **PRECISE)
    with pytest.raises(Stop):
        operations.start(checked_inputs(tmp_path / "s", PRECISE), StopAfter(3), "test")
    resume(tmp_path / "s", SERIAL, Count())

    assert fingerprints(tmp_path / "s") == fingerprints(tmp_path / "whole")
    assert sim.load(tmp_path / "s").points.equals(sim.load(tmp_path / "whole").points)


@pytest.mark.slow
def test_a_higher_cap_or_closer_aim_goes_on_from_what_is_there(tmp_path):
    swept(tmp_path / "s", **PRECISE)
    before, count = len(sim.load(tmp_path / "s").runs), Count()
    extend(tmp_path / "s", ["precision.half_width=0.06", "precision.most=90"], SERIAL, count, "extend")
    sweep = sim.load(tmp_path / "s")

    assert len(sweep.runs) == before + count.done
    assert sweep.runs["run_id"].is_unique
    assert sweep.points["replications"].max() == 90


@pytest.mark.parametrize(("changes", "words"), [
    ({"precision": {"outcome": "retention_60"}}, "is not known after 12 months"),
    ({"precision": {"outcome": "retenton"}}, "did you mean retention"),
    ({"precision": {"half_width": 0}}, "half_width"),
    ({"precision": {"most": 5}}, "is below replications"),
    ({"replications": 2}, "start from at least replications=10"),
])  # fmt: skip
def test_a_precision_that_makes_no_sense_is_refused(tmp_path, changes, words):
    with pytest.raises(InputError, match=words):
        swept(tmp_path / "s", **(PRECISE | changes))


@pytest.mark.slow
def test_precision_cannot_be_loosened(tmp_path):
    swept(tmp_path / "s", **PRECISE)
    for inputs in ("precision.half_width=0.5", "precision.most=20"):
        with pytest.raises(InputError, match=r"give a smaller half_width than 0\.12, or a larger most than 60"):
            extend(tmp_path / "s", [inputs], SERIAL, Count(), "extend")
