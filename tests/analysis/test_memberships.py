"""Memberships: tenure from joining, delayed entry, and the report of a partnership that members join later."""

import pandas as pd
import pytest

import sim
from sim.analysis.memberships import memberships
from sim.analysis.survival import clustered_survival, lifetimes
from sim.core.errors import InputError

SUMMARY = pd.DataFrame({"policy": "neutral", "seed": [0, 1]})
FOUNDERS = pd.DataFrame({"member": [0, 1], "sector": ["public", "private"]})
EVENTS = pd.DataFrame(
    [("neutral", 0, 10, 0, "exit satisfied", "public"), ("neutral", 0, 4, 2, "entry", "academic"), ("neutral", 0, 9, 2, "exit other", "academic"),
     ("neutral", 1, 12, 3, "entry", "private"), ("neutral", 1, 5, 0, "leak", "public")],
    columns=["policy", "seed", "month", "member", "kind", "sector"],
)  # fmt: skip


def test_tenure_counts_from_joining_and_who_was_never_seen_is_left_out():
    rows = memberships(SUMMARY, EVENTS, FOUNDERS, 12)

    assert rows[["seed", "member", "entered", "month", "left", "reason"]].to_numpy().tolist() == [
        [0, 0, 0, 10, True, "satisfied"],
        [0, 1, 0, 12, False, ""],
        [1, 0, 0, 12, False, ""],
        [1, 1, 0, 12, False, ""],
        [0, 2, 0, 5, True, "other"],
    ]


def test_who_joined_before_the_start_is_observed_from_the_start_on():
    rows = memberships(SUMMARY, EVENTS, FOUNDERS, 12, joined=[-6, 0])
    curve = clustered_survival(rows).set_index("month")

    assert rows.loc[0, ["entered", "month"]].tolist() == [6, 16]
    assert curve["at_risk"][[1, 6, 7, 12, 16]].tolist() == [3, 2, 4, 4, 2]
    assert curve["left"][[5, 16]].tolist() == [1, 1]


def test_without_later_members_it_is_what_founders_give():
    tables = sim.simulate("neutral", 5, months=30)
    founders = sim.simulate("neutral", 1, months=1, record=("members",)).members[["member", "sector"]]
    own = memberships(tables.summary, tables.events, founders, 30)
    rows = lifetimes(tables.summary, tables.events, founders, 30)

    pd.testing.assert_frame_equal(
        own.drop(columns="entered"), rows.assign(sector=rows["sector"].astype(str)), check_dtype=False
    )


def test_a_month_of_joining_is_needed_for_each_founder():
    with pytest.raises(InputError, match="1 months for 2 founders"):
        memberships(SUMMARY, EVENTS, FOUNDERS, 12, joined=[-6])


@pytest.mark.slow
def test_the_report_draws_survival_where_members_join_later(tmp_path):
    members = [
        {"name": f"Member {k}", "sector": "private", "joins": joins}
        for k, joins in enumerate([0, 0, 0, -8, 3, 6, 9, 12])
    ]
    result = sim.compare({"members": members}, ["neutral", "bundling"], seeds=3, months=24, region=0)
    folder = result.save(tmp_path / "out")
    page = result.report(tmp_path / "page.html")

    assert folder.is_dir()
    assert "How long members stay" in page
    assert "Still there after so many months of membership" in page
    assert "Survival is not shown" not in page
