"""Survival: a published trial, cases worked by hand, identities with the counts of the model, coverage."""

import numpy as np
import pandas as pd
import pytest

import sim
from sim.analysis.competing_risks import cumulative_incidence, hazards
from sim.analysis.survival import (
    clustered_survival,
    count_at_risk,
    kaplan_meier,
    lifetimes,
    log_rank,
    partnership_lifetimes,
    restricted_mean,
    restricted_mean_difference,
    survival_curve,
)
from sim.core.errors import InputError
from sim.core.intervals import resamples
from tests.analysis.subjects import FOUNDERS, MONTHS, PLACEBO, TREATED, clustered, group, members, restricted
from tests.helpers import scenario, wholly


def test_every_founder_has_one_lifetime_and_entrants_have_none(runs, life):
    assert runs["events"].query("kind.str.startswith('exit')")["member"].max() >= FOUNDERS
    assert len(life) == 2 * 30 * FOUNDERS
    assert not life.duplicated(["policy", "seed", "member"]).any()
    assert list(life) == ["policy", "seed", "member", "sector", "month", "left", "reason"]
    assert life.loc[~life["left"], "month"].eq(MONTHS).all()
    assert life["left"].eq(life["reason"] != "").all()


def test_survival_of_founders_is_the_share_the_model_counts_month_by_month(runs, life):
    counted = runs["series"].groupby(["policy", "month"])["n_founders"].mean() / FOUNDERS

    for policy, rows in life.groupby("policy"):
        curve = kaplan_meier(rows["month"], rows["left"])
        assert curve["survival"].to_numpy()[1:] == pytest.approx(counted[policy].to_numpy(), abs=1e-12)


def test_reasons_are_those_the_model_counts(runs, life):
    kinds = runs["events"].loc[runs["events"]["member"] < FOUNDERS, "kind"]

    for reason in ("satisfied", "frustrated", "other"):
        assert life["reason"].eq(reason).sum() == kinds.eq(f"exit {reason}").sum()


def test_sectors_and_members_go_together_in_every_run(runs, life):
    assert life.groupby("member")["sector"].nunique().eq(1).all()
    assert (
        life["sector"].value_counts().to_dict()
        == (runs["founders"].drop_duplicates("member")["sector"].value_counts() * 60).to_dict()
    )


def test_survival_of_partnerships_is_the_share_alive():
    case = scenario(size__partners=4, rules__membership__other_rate=0.03)
    summary = sim.simulate(case, 40, months=MONTHS, record="summary").summary
    rows = partnership_lifetimes(summary, MONTHS)
    curve = kaplan_meier(rows["month"], rows["left"]).set_index("month")["survival"]

    assert 0 < rows["left"].mean() < 1
    assert rows["month"].max() == MONTHS
    for month, share in curve.items():
        assert share == pytest.approx(summary["months_alive"].ge(month).mean())


def test_kaplan_meier_gives_the_published_remission_curve():
    curve = kaplan_meier(*group(TREATED)[["month", "left"]].to_numpy().T).set_index("month")
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}

    for week, share in published.items():
        assert curve.loc[week, "survival"] == pytest.approx(share, abs=5e-4)
    assert curve.loc[[6, 7, 10, 13, 16, 22, 23], "at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.loc[[6, 7, 8], "left"].tolist() == [3, 1, 0]
    assert curve.index.tolist() == list(range(36))


def test_the_interval_of_kaplan_meier_is_greenwoods_on_the_log_log_scale():
    row = kaplan_meier(*group(TREATED)[["month", "left"]].to_numpy().T).set_index("month").loc[6]

    # S = 18/21; sqrt(3 / (21 * 18)) / -ln S = 0.57792; exp(1.959964 * 0.57792) = 3.10407; S^3.10407, S^(1/3.10407).
    assert row["low"] == pytest.approx(0.61971, abs=1e-5)
    assert row["high"] == pytest.approx(0.95155, abs=1e-5)


def test_the_curve_counted_by_seed_is_scipys(life):
    curve = kaplan_meier(life["month"], life["left"])
    at_risk, leavers = count_at_risk(life["month"].to_numpy(), life["left"].to_numpy(), life["seed"])

    assert survival_curve(at_risk.sum(axis=0), leavers.sum(axis=0)) == pytest.approx(
        curve["survival"].to_numpy(), abs=1e-12
    )
    assert at_risk.sum(axis=0).tolist() == curve["at_risk"].tolist()


def test_log_rank_gives_the_published_chi_square():
    result = log_rank(group(TREATED), group(PLACEBO, 100))

    assert result["chi_square"] == pytest.approx(16.79, abs=5e-3)
    assert result["p_value"] < 1e-4
    assert log_rank(group(TREATED), group(TREATED, 100)) == {"chi_square": 0.0, "p_value": 1.0}


def test_the_restricted_mean_is_the_area_under_the_published_curve():
    result = restricted_mean(*group(TREATED)[["month", "left"]].to_numpy().T, 35)

    # 6 + .8571 + 3 * .8067 + 3 * .7529 + 3 * .6902 + 6 * .6275 + .5378 + 12 * .4482
    assert result["mean"] == pytest.approx(23.287, abs=1e-3)


@pytest.mark.parametrize("horizon", [5, 12, 23, 30])
def test_without_censoring_the_restricted_mean_is_a_plain_mean(horizon):
    rows = group(PLACEBO)
    result, times = restricted_mean(rows["month"], rows["left"], horizon), rows["month"].clip(upper=horizon)

    assert result["mean"] == pytest.approx(times.mean())
    assert result["error"] == pytest.approx(times.std(ddof=0) / np.sqrt(len(times)))


def test_means_differ_by_seed_where_seeds_are_shared():
    slow, fast = members("4 6", "8 8+", "2 4", policy="slow"), members("3 5", "6 6", "1 3", policy="fast")
    result = restricted_mean_difference(slow, fast, 8)

    # By seed 5 - 4, 8 - 6, 3 - 2: mean 4/3, standard deviation .57735; t(0.975, 2) = 4.302653; half-width 1.434218.
    assert result["replications"] == 3
    assert result["difference"] == pytest.approx(4 / 3)
    assert [result["low"], result["high"]] == pytest.approx([4 / 3 - 1.434218, 4 / 3 + 1.434218], abs=1e-6)


def test_means_differ_with_both_errors_where_seeds_are_not_shared():
    result = restricted_mean_difference(group(TREATED), group(PLACEBO, 100), 23)
    one, other = (restricted_mean(rows["month"], rows["left"], 23) for rows in (group(TREATED), group(PLACEBO)))

    assert result["replications"] == 0
    assert result["difference"] == pytest.approx(one["mean"] - other["mean"])
    assert result["high"] - result["difference"] == pytest.approx(1.959964 * np.hypot(one["error"], other["error"]))


def test_more_members_with_one_fate_tell_no_more():
    alone = members(*PLACEBO.split())
    tenfold = pd.concat([alone] * 10, ignore_index=True)
    one, ten = clustered_survival(alone), clustered_survival(tenfold)
    naive = kaplan_meier(tenfold["month"], tenfold["left"])

    assert ten[["survival", "low", "high"]].equals(one[["survival", "low", "high"]])
    assert ((naive["high"] - naive["low"]) / (ten["high"] - ten["low"])).dropna().max() < 0.5
    assert hazards(tenfold, "policy")[["low", "high"]].to_numpy() == pytest.approx(
        hazards(alone, "policy")[["low", "high"]].to_numpy(), nan_ok=True
    )


def test_with_one_member_per_seed_the_clustered_interval_is_close_to_greenwoods():
    rows = members(*PLACEBO.split())
    by_seed, greenwood = clustered_survival(rows), kaplan_meier(rows["month"], rows["left"])
    ratio = (by_seed["high"] - by_seed["low"]) / (greenwood["high"] - greenwood["low"])

    assert by_seed["survival"].equals(greenwood["survival"])
    assert ratio[2:20].between(1.0, 1.15).all()  # Student's t with 20 degrees of freedom is 6 % wider


def test_the_clustered_interval_of_two_seeds_is_students_with_one_degree_of_freedom():
    """After month 1 half of two members is there: none, half or both of a resample's; t(0.975, 1) = 12.706."""
    row = clustered_survival(members("1", "3")).query("month == 1").iloc[0]
    shares = np.concatenate(list(resamples(2, 1000, 0)))[:, 1] / 2
    factor = np.exp(12.7062047 * shares.std() * 2 / 2**0.5 / (0.5 * np.log(2)))

    assert (row["low"], row["high"]) == pytest.approx((0.5**factor, 0.5 ** (1 / factor)), abs=1e-9)


def test_resampling_repeats_and_heeds_neither_order_nor_other_groups(life):
    curves = clustered_survival(life)
    shuffled = clustered_survival(life[life["policy"] == "neutral"].sample(frac=1, random_state=1))

    assert curves.equals(clustered_survival(life))
    assert shuffled.equals(curves[curves["policy"] == "neutral"])
    assert not curves.equals(clustered_survival(life, seed=1))


def test_wider_levels_hold_narrower_ones(life):
    for estimate in (
        lambda level: clustered_survival(life, level=level),
        lambda level: hazards(life, "policy", level=level),
    ):
        narrow, wide = estimate(0.8).dropna(), estimate(0.99).dropna()
        assert (wide["low"] < narrow["low"]).all()
        assert (wide["high"] > narrow["high"]).all()


@pytest.mark.parametrize(
    "text", ["5+ 5+ 5+", "1 1 1", "5+", "1"], ids=["all censored", "all in month 1", "one there", "one gone"]
)
def test_where_nothing_varies_there_is_no_interval(text):
    rows = members(*text.split())
    gone = 1.0 - text.endswith("+")
    times, left = rows["month"], rows["left"]
    curve, mean = kaplan_meier(times, left), restricted_mean(times, left, 5)

    assert curve["survival"].iloc[-1] == 1 - gone
    assert curve[["low", "high"]].isna().all(axis=None)
    assert clustered_survival(rows)[["low", "high"]].isna().all(axis=None)
    assert mean["mean"] == (1 if gone else 5)
    assert np.isnan(mean["error"])
    assert cumulative_incidence(times, np.where(left, "a", ""), ["a"])["a"].iloc[-1] == gone
    assert hazards(rows, "policy")["hazard"].tolist() == [gone]
    assert np.isnan(log_rank(rows, rows)["chi_square"])


def test_one_partnership_gives_estimates_without_intervals():
    rows = members("1 2 3+")

    assert clustered_survival(rows)["survival"].tolist() == pytest.approx([1, 2 / 3, 1 / 3, 1 / 3])
    assert clustered_survival(rows)[["low", "high"]].isna().all(axis=None)
    assert hazards(rows, "policy")[["low", "high"]].isna().all(axis=None)
    assert np.isnan(restricted_mean_difference(rows, rows, 3)["low"])


@pytest.mark.parametrize(("times", "left", "words"), [
    ([], [], "times: there are none; choose a group that has lifetimes"),
    ([1, np.nan], [True, True], "times: nan is not allowed; give whole months from 1, the last seen for who stayed"),
    ([1, -3], [True, True], "times: -3 is not allowed; give whole months from 1, the last seen for who stayed"),
    ([1, 0], [True, True], "times: 0 is not allowed; give whole months from 1, the last seen for who stayed"),
    ([1, 2.5], [True, True], "times: 2.5 is not allowed; give whole months from 1, the last seen for who stayed"),
    ([1, np.inf], [True, True], "times: inf is not allowed; give whole months from 1, the last seen for who stayed"),
    ([1, 2], [True], "times and left: 2 and 1 of them; give one of each per subject"),
    ([1, 2], [1, 2], "left: give true for who left and false for who was still there"),
])  # fmt: skip
def test_times_that_are_not_valid_are_refused(times, left, words):
    for estimate in (kaplan_meier, lambda t, e: restricted_mean(t, e, 3)):
        with pytest.raises(InputError, match=wholly(words)):
            estimate(times, left)


@pytest.mark.parametrize(("call", "words"), [
    (lambda rows: kaplan_meier(rows["month"], rows["left"], 95), "level = 95: give a share between 0 and 1, such as 0.95"),
    (lambda rows: restricted_mean(rows["month"], rows["left"], 0), "horizon = 0: give a whole number of months from 1"),
    (lambda rows: restricted_mean(rows["month"], rows["left"], 9),
     "horizon = 9: nobody of a group was observed that long; give a shorter one"),
    (lambda rows: hazards(rows, "policy", width=0), "width = 0: give a whole number of months from 1"),
    (lambda rows: hazards(rows, "secotr"), "lifetimes: there is no column 'secotr'; did you mean sector?"),
    (lambda rows: hazards(rows, []), "lifetimes: no group to tell apart; name columns by= and give rows"),
    (lambda rows: clustered_survival(rows.iloc[:0]), "lifetimes: has no rows; choose a group that has some"),
    (lambda rows: log_rank(rows, rows),
     "log_rank: several rows share a seed, so they are not independent; give partnerships, or compare members by restricted_mean_difference"),
    (lambda rows: restricted_mean_difference(rows, rows[rows["seed"] == 0], 2),
     "the groups share 1 of 2 seeds; compare groups of members with the same seeds, or partnerships with the same or with other seeds"),
    (lambda rows: restricted_mean_difference(rows, rows.assign(seed=rows["seed"] + 9), 2),
     "the groups share 0 of 4 seeds; compare groups of members with the same seeds, or partnerships with the same or with other seeds"),
    (lambda rows: restricted_mean_difference(rows, rows.iloc[:0], 2),
     "the groups share 0 of 2 seeds; compare groups of members with the same seeds, or partnerships with the same or with other seeds"),
])  # fmt: skip
def test_a_request_that_cannot_be_met_says_why(call, words):
    with pytest.raises(InputError, match=wholly(words)):
        call(members("1 2 5+", "2 5+ 5+").assign(sector="public"))


@pytest.mark.parametrize(("change", "words"), [
    (lambda t: t | {"months": 12},
     "months = 12: the run of policy neutral, seed 0 had two members for 36; give the number of months that were simulated"),
    (lambda t: t | {"months": 60},
     "months = 60: the run of policy neutral, seed 0 had two members for 36; give the number of months that were simulated"),
    (lambda t: t | {"months": 2.5}, "months = 2.5: give the whole number of months that were simulated"),
    (lambda t: t | {"summary": t["summary"].iloc[:0]}, "summary: has no runs; simulate some first"),
    (lambda t: t | {"summary": pd.concat([t["summary"]] * 2)},
     "summary: the run of policy neutral, seed 0 is there twice; give the runs of one parameter set at a time"),
    (lambda t: t | {"summary": t["summary"].iloc[1:]},
     "events: the run of policy neutral, seed 0 is not in the summary; give both tables of the same runs"),
    (lambda t: t | {"summary": t["summary"].drop(columns="seed")}, "summary: there is no column 'seed'; known: ..."),
    (lambda t: t | {"summary": t["summary"].assign(months_alive=np.nan)},
     "months = 36: the run of policy neutral, seed 0 had two members for nan; give the number of months that were simulated"),
    (lambda t: t | {"events": t["events"][t["events"]["month"] < 20]},
     "founders: the run of policy neutral, seed 0 would retain ... of them, but its retention is 80%; give all founders, no later entrants, and all exits"),
    (lambda t: t | {"events": t["events"].assign(month=t["events"]["month"] + 36)},
     "months = 36: an exit is in month ...; give the months simulated"),
    (lambda t: t | {"events": t["events"].replace("exit frustrated", "exit fired")},
     "events: kind 'exit fired' is not a way to leave; did you mean exit satisfied or exit frustrated or exit other?"),
    (lambda t: t | {"events": pd.concat([t["events"]] * 2)},
     "events: the run of policy neutral, seed 0 has member 2 leave twice; give each event once"),
    (lambda t: t | {"founders": t["founders"].iloc[:0]}, "founders: there are none; give the members of a first month"),
    (lambda t: t | {"founders": t["founders"].query("member < 9")},
     "founders: the run of policy neutral, seed 0 would retain ... of them, but its retention is 80%; give all founders, no later entrants, and all exits"),
    (lambda t: t | {"founders": pd.concat([t["founders"], t["candidates"]])},
     "founders: the run of policy neutral, seed 0 would retain ... of them, but its retention is 80%; give all founders, no later entrants, and all exits"),
    (lambda t: t | {"founders": t["founders"].assign(sector="public")},
     "founders: member 2 has two sectors; give the runs of one sector mix at a time"),
    (lambda t: t | {"founders": t["founders"].assign(sector=range(len(t["founders"])))},
     "founders: member 2 has two sectors; give the runs of one sector mix at a time"),
])  # fmt: skip
def test_tables_that_do_not_belong_together_are_refused(change, words, runs):
    inputs = change({k: runs[k] for k in ("summary", "events", "founders", "candidates")} | {"months": MONTHS})

    with pytest.raises(InputError, match=wholly(words)):
        lifetimes(inputs["summary"], inputs["events"], inputs["founders"], inputs["months"])


def test_a_member_leaves_once_also_where_the_months_differ(runs):
    twice = pd.concat([runs["events"], runs["events"].query("kind == 'exit frustrated'").head(1).assign(month=1)])

    with pytest.raises(InputError, match=wholly("events: the run of policy ... leave twice; give each event once")):
        lifetimes(runs["summary"], twice, runs["founders"], MONTHS)


def test_a_table_is_named_where_a_column_is_missing(runs, life):
    with pytest.raises(InputError, match=wholly("events: there is no column 'kind'; known: ...")):
        lifetimes(runs["summary"], runs["events"].drop(columns="kind"), runs["founders"], MONTHS)
    with pytest.raises(InputError, match=wholly("founders: there is no column 'sector'; did you mean disclosure?")):
        lifetimes(runs["summary"], runs["events"], runs["founders"].drop(columns="sector"), MONTHS)
    for estimate in (clustered_survival, lambda rows: log_rank(rows, rows), lambda rows: hazards(rows, "policy")):
        with pytest.raises(InputError, match=wholly("lifetimes: there is no column 'left'; known: ...")):
            estimate(life.drop(columns="left"))


def test_a_partnership_can_end_in_its_first_month_and_a_single_wrong_run_is_named(runs):
    one = runs["summary"].head(1)
    result = partnership_lifetimes(one.assign(months_alive=0, retention=0.0), 12)

    assert result[["month", "left"]].to_numpy().tolist() == [[1, True]]
    with pytest.raises(
        InputError, match=wholly("months = 12: the run of policy neutral, seed 0 had two members for 13; ...")
    ):
        partnership_lifetimes(one.assign(months_alive=13), 12)


def test_runs_longer_than_the_months_in_the_request_make_no_partnership_lifetimes(runs):
    with pytest.raises(InputError, match="had two members for"):
        partnership_lifetimes(runs["summary"], 12)
    with pytest.raises(InputError, match="give the number of months that were simulated"):
        partnership_lifetimes(runs["summary"].assign(retention=1.0), 60)


TRUE_SHARE = np.prod((60 + np.arange(12)) / (62 + np.arange(12)))
"""Share still there after 12 months: E(1 - p)^12 for p of Beta(2, 60)."""


@pytest.mark.slow
def test_under_clustering_the_clustered_interval_covers_and_greenwoods_does_not():
    rng = np.random.default_rng(5)
    covered = np.zeros(2)
    for _ in range(2000):
        rows = clustered(rng, n_seeds=30)
        curves = (clustered_survival(rows), kaplan_meier(rows["month"], rows["left"]))
        covered += [c["low"][12] <= TRUE_SHARE <= c["high"][12] for c in curves]
    by_seed, greenwood = covered / 2000

    assert 0.94 <= by_seed <= 0.96
    assert greenwood < 0.85


@pytest.mark.slow
def test_the_interval_of_kaplan_meier_covers():
    rng, covered = np.random.default_rng(1), 0
    for _ in range(2000):
        leaves, last_seen = rng.geometric(0.05, 100), rng.integers(8, 36, 100)
        curve = kaplan_meier(np.minimum(leaves, last_seen), leaves <= last_seen)
        covered += curve["low"][12] <= 0.95**12 <= curve["high"][12]

    assert 0.94 <= covered / 2000 <= 0.96


@pytest.mark.slow
def test_the_interval_of_a_difference_of_means_covers():
    rng, covered = np.random.default_rng(2), np.zeros(2)
    draws = rng.beta(2, 60, 1_000_000)
    true_paired = restricted(draws).mean() - restricted(draws * np.exp(0.5)).mean()
    true_apart = restricted(0.04) - restricted(0.06)
    for _ in range(2000):
        state = rng.integers(2**32)
        one, other = (clustered(np.random.default_rng(state), 30, shift=shift) for shift in (0.0, 0.5))
        paired = restricted_mean_difference(one, other, 24)
        apart = restricted_mean_difference(alone(rng, 0.04, 0), alone(rng, 0.06, 100), 24)
        covered += [paired["low"] <= true_paired <= paired["high"], apart["low"] <= true_apart <= apart["high"]]

    assert (covered / 2000 >= 0.94).all()
    assert (covered / 2000 <= 0.96).all()


def alone(rng, chance, first_seed):
    """Draw independent subjects, some of them seen for a part of the time only."""
    leaves, last_seen = rng.geometric(chance, 100), rng.integers(12, 36, 100)
    rows = {"month": np.minimum(leaves, last_seen), "left": leaves <= last_seen}
    return pd.DataFrame({"seed": first_seed + np.arange(100), **rows})


def test_delayed_entry_puts_a_subject_at_risk_from_the_month_after_it_came():
    curve = kaplan_meier([2, 4, 6, 6], [True, True, False, True], entered=[0, 1, 3, 0])

    assert curve["at_risk"].tolist() == [2, 2, 3, 2, 3, 2, 2]
    assert curve["survival"].tolist() == pytest.approx([1, 1, 2 / 3, 2 / 3, 4 / 9, 4 / 9, 2 / 9])


def test_entry_from_the_start_is_the_plain_estimate():
    times, left = [3, 5, 5, 8, 2, 9], [True, True, False, True, True, False]
    plain, delayed = kaplan_meier(times, left), kaplan_meier(times, left, entered=np.zeros(6))

    pd.testing.assert_frame_equal(plain, delayed, check_dtype=False)


def test_months_with_few_at_risk_do_not_count():
    curve = kaplan_meier([1, 6, 6, 6, 7], [True, True, False, False, True], entered=[0, 2, 2, 2, 2], least=2)

    assert curve["survival"].tolist() == pytest.approx([1, 1, 1, 1, 1, 1, 3 / 4])


@pytest.mark.parametrize("entered", [[0, 3], [0, 0.5], [0, -1], [0]])
def test_an_entry_that_cannot_be_is_refused(entered):
    with pytest.raises(InputError, match="entered"):
        kaplan_meier([2, 3], [True, True], entered=entered)
