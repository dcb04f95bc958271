"""Facts of lists, worked by hand, and beside the model's."""

from datetime import date, timedelta

import numpy as np
import pytest

import sim
from sim.cases.facts import member_list, poisson_interval, survival_by_sector
from sim.cases.spells import MONTH, Spell
from sim.studies.validation.lists import read_lists
from tests.cases.lists import snapshots, write

START = date(2020, 1, 1)


def day(month):
    return START + timedelta(days=round(MONTH * month))


def spell(k, first, last, gone=None, joined=None, founder=False, sector="private"):
    from sim.core.dates import When

    known = None if joined is None else When(day(joined), day(joined))
    return Spell("one", f"member {k}", f"Member {k}", day(first), day(last), None if gone is None else day(gone), START, day(48),
                 founder, known, sector)  # fmt: skip


def test_who_joined_before_the_list_is_at_risk_from_its_first_day_on():
    spells = [spell(k, 0, 30, 30, joined=-24, founder=True) for k in range(5)]
    spells += [spell(k, 6, 48) for k in range(5, 10)]
    curve = survival_by_sector(spells).set_index("month")

    assert curve.loc[24, "at_risk"] == 5  # the five that are followed from month 6 on
    assert curve.loc[25, "at_risk"] == 10
    assert curve.loc[43, "at_risk"] == 5  # the others are followed for 42 months
    assert curve["left"].to_numpy().nonzero()[0].tolist() == [54]


def test_a_beginning_that_is_not_known_is_left_out():
    spells = [spell(k, 0, 48, founder=True) for k in range(9)]

    assert survival_by_sector(spells).empty


def test_an_exit_between_two_days_is_half_way_and_bounded_by_them():
    spells = [spell(k, 1, 13, 25) for k in range(10)] + [spell(k, 1, 48) for k in range(10, 20)]
    curve = survival_by_sector(spells).set_index("month")["survival"]
    bounds = survival_by_sector(spells).set_index("month")[["earliest", "latest"]]

    assert curve[17] == 1.0
    assert curve[18] == 0.5
    assert bounds["earliest"][11] == 1.0
    assert bounds["earliest"][12] == 0.5
    assert bounds["latest"][23] == 1.0
    assert bounds["latest"][24] == 0.5


def test_a_clean_up_ends_observation_and_is_no_exit():
    spells = [spell(k, 1, 13, 14) for k in range(10)]
    for own in spells:
        own.in_bulk = True

    assert survival_by_sector(spells)["left"].sum() == 0
    assert survival_by_sector(spells, bulk_is_exit=True)["left"].sum() == 10
    real = member_list("one", spells)
    counts = real.facts()
    assert counts.all_exits.sum() == 0
    assert counts.all_exposure.sum() == pytest.approx(10 * 12, rel=0.01)  # months 1 to 13


def test_the_facts_of_a_reference_list_are_those_of_the_calibration(tmp_path):
    real = read_lists()["lfai"]
    first = date(2018, real.calendar_month, 1)
    rows = []
    for k in range(len(real.joins)):
        joins, leaves = (
            None if np.isinf(m) else first + timedelta(days=round(MONTH * m)) for m in (real.joins[k], real.leaves[k])
        )
        sector = ("public", "private", "academic", "nonprofit")[real.sector[k]]
        rows.append((f"Member {k}", sector, joins, leaves or ""))
    file = write(tmp_path, "members.csv", [("name", "sector", "joined", "left"), *rows])
    result = sim.import_lists(file, start=first, now=first + timedelta(days=round(MONTH * real.months)), seeds=0)
    counts = real.facts()
    facts = result.facts.set_index("fact")["real"]

    expected = 100 * counts.all_exits.sum() / counts.all_exposure.sum()
    assert facts["exits, all"] == pytest.approx(expected, rel=0.01)
    assert result.facts.set_index("fact").loc["clustering", "real"] == pytest.approx(counts.dispersion[0], rel=0.1)
    tenure = real.leaves - real.joins  # of first members too: the table says that they joined on its first day
    assert result.hazards["exits"].sum() == ((tenure > 0) & (tenure <= 60)).sum()


def test_the_models_facts_stand_beside_those_of_the_list(tmp_path):
    files, _ = snapshots(tmp_path)
    result = sim.import_lists(files, seeds=5)
    rows = result.facts[result.facts["fact"].str.startswith("exits")]

    assert rows["median"].notna().all()
    assert (rows["q05"] <= rows["q95"]).all()
    assert "beside the model's (Foundation with members by the year, 5 runs)" in result.text()
    assert result.figures == ["leaving"]
    assert result.figure("leaving").axes


def test_without_runs_there_is_no_model(tmp_path):
    files, _ = snapshots(tmp_path)
    result = sim.import_lists(files, seeds=0)

    assert result.facts["median"].isna().all()
    assert "beside the model's" not in result.text()


def test_the_interval_of_a_count_is_exact():
    assert poisson_interval(0) == (0.0, pytest.approx(3.689, abs=0.001))
    assert poisson_interval(10) == (pytest.approx(4.795, abs=0.001), pytest.approx(18.390, abs=0.001))


def test_clustering_is_high_when_exits_come_together(tmp_path):
    def list_of(months, name):
        rows = [
            (f"Member {k}", "SME", "2018-01-01", f"{2019 + m // 12}-{m % 12 + 1:02}-10") for k, m in enumerate(months)
        ]
        rows += [(f"Member {k}", "SME", "2018-01-01", "") for k in range(50, 90)]
        return sim.import_lists(write(tmp_path, name, [("name", "sector", "joined", "left"), *rows]), now="2022-01-01", start="2018-01-01",
                                bulk="exits", seeds=0)  # fmt: skip

    even, together = (
        list_of(m, n).facts.set_index("fact").loc["clustering", "real"]
        for m, n in ((range(24), "a.csv"), ([5] * 24, "b.csv"))
    )
    assert even < 1.0 < 10.0 < together


def test_clustering_and_hazards_are_not_stated_where_exits_lie_in_long_intervals(tmp_path):
    from sim.studies.validation.list_spec import read_list_calibration

    files, _ = snapshots(tmp_path)  # a list a year
    result = sim.import_lists(files, seeds=0)
    folder = result.save(tmp_path / "out")
    clustering = result.facts.set_index("fact").loc["clustering"]
    spec = read_list_calibration({"spells": str(folder / "spells.csv")})

    assert np.isnan(clustering["real"])
    assert "4 of 4 exits are known only to within more than 45 days" in clustering["note"]
    assert result.hazards["real"].isna().all()
    assert "clustering is not stated: 4 of 4" in result.text()
    assert any("not stated" in text.get_text() for text in result.figure("leaving").axes[-1].texts)
    assert not {"hazard", "clustering"} & set(spec.facts)
    assert "founders" in spec.facts
    assert "4 of 4 exits" in spec.without_timing


def test_exits_that_are_mostly_exact_give_clustering_and_hazards(tmp_path):
    rows = [(f"Member {k}", "SME", "2018-01-01", f"2020-0{k}-01" if k < 5 else "2020") for k in range(1, 6)]
    rows += [(f"Member {k}", "SME", f"2018-{k:02}-01", "") for k in range(6, 12)]
    file = write(tmp_path, "members.csv", [("name", "sector", "joined", "left"), *rows])
    result = sim.import_lists(file, now="2022-01-01", seeds=0)

    assert result.facts.set_index("fact").loc["clustering", "real"] > 0
    assert (result.facts["note"] == "").all()


def test_hazards_of_a_list_followed_later_have_all_exits_with_delayed_entry(tmp_path):
    rows = [(f"Member {k}", "SME", "2018-01-01", f"2020-0{k}-01" if k < 6 else "") for k in range(1, 11)]
    file = write(tmp_path, "members.csv", [("name", "sector", "joined", "left"), *rows])
    result = sim.import_lists(file, start="2019-01-01", now="2022-01-01", seeds=0)
    hazards = result.hazards

    assert hazards["exits"].sum() == 5
    assert hazards["first"].min() == 10.5  # nobody is followed before the first anniversary
    assert hazards["member_months"].iloc[0] == pytest.approx(10 * (14.5 - 365 / MONTH))
