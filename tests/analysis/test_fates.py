"""What becomes of members by name: shares, intervals and reasons worked by hand, and where they show."""

import pandas as pd
import pytest

import sim
from sim.analysis.fates import is_known, members_fates, most_at_risk
from sim.core.intervals import share_interval
from sim.studies.report.comparison import load_comparison
from sim.studies.report.folder import report_folder
from sim.viz.figures.comparison import MEMBERS, members_figure

ROSTER = [
    {"name": "Town 1", "sector": "public"},
    {"name": "Brand_1", "sector": "private", "leaves": 4},
    {"name": "Brand <2>$$", "sector": "private"},
    {"name": "NA", "sector": "nonprofit", "joins": 3},
]


def written(*left, joins=0):
    """Write the ends and exits of one member: a month of leaving and a cause for each run."""
    who = {"policy": "neutral", "member": 3, "name": "Brand 1", "sector": "private"}
    ends = [{**who, "seed": s, "joins": joins, "left_month": m, "needs_met": 2.0 * s} for s, (m, _) in enumerate(left)]
    exits = [{**who, "seed": s, "month": m, "kind": "exit other", "cause": c} for s, (m, c) in enumerate(left) if m]
    return pd.DataFrame(ends), pd.DataFrame(exits, columns=[*who, "seed", "month", "kind", "cause"])


def test_shares_values_and_the_commonest_reason_are_counted_over_runs():
    (fate,) = members_fates(*written((0, ""), (24, "leak"), (25, "leak"), (30, "other")), months=36).to_dict("records")

    assert (fate["retention_24"], fate["retention"]) == (0.75, 0.25)
    assert (fate["retention_low"], fate["retention_high"]) == share_interval(1, 4)
    assert (fate["private_value"], fate["reason"], fate["replications"]) == (3.0, "leak", 4)
    assert fate["reason_share"] == pytest.approx(2 / 3)
    assert (fate["name"], fate["sector"]) == ("Brand 1", "private")


def test_who_joins_later_has_no_share_before_and_short_runs_have_none_after_24_months():
    late = members_fates(*written((0, ""), (0, ""), joins=30), months=36).iloc[0]
    short = members_fates(*written((0, ""), (0, "")), months=12).iloc[0]

    assert late["retention"] == short["retention"] == 1.0
    assert pd.isna([late["retention_24"], short["retention_24"], short["reason_share"]]).all()


def test_what_the_roster_says_is_not_a_matter_of_chance():
    known = members_fates(*written((30, "known"), (30, "known")), months=36)
    fate = known.iloc[0]

    assert (fate["retention_24_low"], fate["retention_24_high"]) == (1.0, 1.0)
    assert (fate["retention_low"], fate["retention_high"]) == (0.0, 0.0)
    assert is_known(known).all()
    assert most_at_risk(known, "neutral", 8) == []


def test_the_interval_of_a_share_is_wilsons():
    assert share_interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert share_interval(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert share_interval(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert all(map(pd.isna, share_interval(0, 0)))


def test_a_comparison_says_what_becomes_of_each_member(tmp_path):
    result = sim.compare({"members": ROSTER}, ["neutral", "connecting"], 12, 30, region=0, progress=False)
    result.save(tmp_path / "out")
    again = load_comparison(tmp_path / "out")

    assert list(result.members_fates["name"]) == [m["name"] for m in ROSTER] * 2
    assert "Known to leave: Brand_1." in result.text()
    assert "Town 1 " in result.text()
    assert "members" in result.figures
    assert list(again.members_fates["name"]) == list(result.members_fates["name"])
    assert again.members_fates["retention"].equals(result.members_fates["retention"])
    report_folder(str(tmp_path / "out"))
    for page in (result.report(), (tmp_path / "out" / "report.html").read_text("utf-8")):
        assert "Members by name" in page
        assert "Brand_1" in page
        assert "Brand &lt;2&gt;" in page


def test_numbers_of_members_fates_are_those_of_the_members_table():
    case = {"members": ROSTER}
    fates = sim.compare(case, ["connecting"], 12, 30, region=0, progress=False).members_fates.set_index("name")
    rows = sim.simulate(case, 12, "connecting", 30, ("members",)).members
    last = rows[rows["month"] == 30].groupby("name")[["active", "needs_met"]].mean()

    assert fates["retention"].to_dict() == pytest.approx(last["active"].to_dict())
    assert fates["private_value"].to_dict() == pytest.approx(last["needs_met"].to_dict())


def test_without_names_a_comparison_has_no_fates():
    result = sim.compare("public_health", ["neutral"], 2, 3, region=0, progress=False)

    assert "members_fates" not in result.tables
    assert "members" not in result.figures


def test_the_figure_shows_at_most_sixty_members_by_sector_the_least_often_there_first():
    n = MEMBERS + 5
    fates = pd.DataFrame({
        "policy": "neutral", "member": range(n), "name": [f"Member {k}" for k in range(n)],
        "sector": ["private", "public"] * (n // 2) + ["public"], "retention": [1.0 - k / n for k in range(n)],
        "retention_low": 0.0, "retention_high": 1.0,
    })  # fmt: skip
    figure = members_figure(fates, ["neutral"], "neutral", 60, "note")
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]

    assert len(names) == MEMBERS + 2
    assert f"({MEMBERS} of {n}, who stay least often)" in figure._suptitle.get_text().replace("\n", " ")
    assert names[:2] == ["Public", f"Member {n - 1}"]
    assert "Member 0" not in names
