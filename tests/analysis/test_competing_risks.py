"""Competing risks: cases worked by hand, identities with the counts of the model, coverage."""

import numpy as np
import pytest

from sim.analysis.competing_risks import cumulative_incidence, hazards
from sim.analysis.survival import (
    kaplan_meier,
)
from sim.core.errors import InputError
from tests.analysis.subjects import clustered, members, restricted


def test_incidence_with_ties_and_censoring_is_as_worked_by_hand():
    table = cumulative_incidence([1, 1, 2, 2, 3, 3], ["a", "b", "b", "", "a", "b"], ["a", "b"])

    # Six at risk, one each leaves; of four (2/3 left) one leaves and one is last seen; the two others (1/2) leave.
    assert table["a"].tolist() == pytest.approx([0, 1 / 6, 1 / 6, 5 / 12])
    assert table["b"].tolist() == pytest.approx([0, 1 / 6, 1 / 3, 7 / 12])
    assert table["survival"].tolist() == pytest.approx([1, 2 / 3, 1 / 2, 0])


def test_incidences_and_survival_sum_to_one(life):
    table = cumulative_incidence(life["month"], life["reason"])
    curve = kaplan_meier(life["month"], life["left"])

    assert table[["satisfied", "frustrated", "other", "survival"]].sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-12)
    assert table["survival"].to_numpy() == pytest.approx(curve["survival"].to_numpy(), abs=1e-12)


@pytest.mark.parametrize("draw", range(5))
def test_incidence_agrees_with_statsmodels(draw):
    other = pytest.importorskip("statsmodels.duration.survfunc")
    rng = np.random.default_rng(draw)
    times, reason = rng.integers(1, 10, 80), rng.integers(0, 3, 80)
    theirs = other.CumIncidenceRight(times, reason)
    ours = cumulative_incidence(times, np.array(["", "a", "b"], dtype=object)[reason], ["a", "b"]).set_index("month")

    assert ours.loc[theirs.times, ["a", "b"]].to_numpy() == pytest.approx(np.array(theirs.cinc).T, abs=1e-12)


def test_hazards_are_exits_over_member_months():
    table = hazards(members("1 3 6+", "2 6+ 6+"), "policy", width=2)

    assert table[["first", "last"]].to_numpy().tolist() == [[1, 2], [3, 4], [5, 6]]
    assert table["left"].tolist() == [2, 1, 0]
    assert table["at_risk"].tolist() == [6 + 5, 4 + 3, 6]
    assert table["hazard"].tolist() == pytest.approx([2 / 11, 1 / 7, 0])
    assert table["low"].isna().tolist() == [False, False, True]


def test_hazards_by_sector_add_up_and_cover_the_run(life):
    complete, parts = hazards(life, "policy"), hazards(life, ["policy", "sector"])

    assert list(parts)[:2] == ["policy", "sector"]
    sums = parts.groupby(["policy", "first"])[["left", "at_risk"]].sum()
    assert sums.equals(complete.set_index(["policy", "first"]).sort_index()[["left", "at_risk"]])
    assert complete["left"].sum() == life["left"].sum()
    assert complete["at_risk"].sum() == life["month"].sum()
    assert (parts["low"].dropna() <= parts["hazard"][parts["low"].notna()]).all()


def test_an_unknown_reason_is_refused():
    with pytest.raises(
        InputError, match=r"^reason 'satisfeid' is not one of those compared; did you mean satisfied or frustrated\?$"
    ):
        cumulative_incidence([1, 2], ["", "satisfeid"])


@pytest.mark.slow
def test_the_interval_of_a_hazard_covers():
    rng, covered = np.random.default_rng(3), 0
    draws = rng.beta(2, 60, 1_000_000)
    truth = np.mean(1 - (1 - draws) ** 6) / np.mean(restricted(draws, 6))
    for _ in range(2000):
        row = hazards(clustered(rng, n_seeds=30), "policy").iloc[0]
        covered += row["low"] <= truth <= row["high"]

    assert 0.94 <= covered / 2000 <= 0.96
