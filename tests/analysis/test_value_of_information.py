"""The value of information against known truths: closed forms, nested Monte Carlo, coverage, and no value at all."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from sim.analysis.value_of_information import Choice, basis, chance_of, evpi, evppi, shrunk, value_of_information


def unit_normal_loss(mean, spread):
    """Give the mean of the positive part of a normal variable with a mean below 0."""
    return spread * norm.pdf(mean / spread) + mean * norm.cdf(mean / spread)


def linear(n, mean, weights, noise=0.0, seeds=1, shared=0.0, seed=0):
    """Make two options whose difference is normal: linear in standard normal parameters, with noise of seeds."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, len(weights)))
    gap = mean + values @ np.asarray(weights)
    gaps = gap[:, None] + noise * rng.normal(size=(n, seeds)) + shared * rng.normal(size=seeds)
    both = rng.normal(size=(n, seeds))
    names = [f"p{k}" for k in range(len(weights))]
    return Choice(("one", "two"), np.stack([both, both + gaps], axis=2), pd.DataFrame(values, columns=names))


@pytest.mark.parametrize(("noise", "seeds"), [(0.0, 1), (6.0, 10), (10.0, 100)])
def test_perfect_information_of_a_normal_difference_is_the_unit_normal_loss(noise, seeds):
    choice = linear(4000, -0.5, [0.8, 0.6], noise, seeds)

    assert evpi(choice) == pytest.approx(
        unit_normal_loss(-0.5, 1.0), rel=0.1
    )  # as large as the sampling error of 4,000


def test_the_noise_of_seeds_is_no_information():
    noisy = linear(400, -0.1, [0.0], noise=5.0, seeds=10)
    over = noisy.means[:, 1] - noisy.means[:, 0]

    assert np.maximum(over, 0).mean() - max(over.mean(), 0) > 0.5  # what it looks like
    assert evpi(noisy) < 0.2


def test_what_a_seed_adds_in_every_parameter_set_is_no_spread_between_them():
    plain, shared = (linear(2000, -0.5, [1.0], 2.0, 20, shared) for shared in (0.0, 1e-3))

    assert evpi(shared) == pytest.approx(evpi(plain), rel=0.01)


@pytest.mark.parametrize(("paths", "spread"), [(["p0"], 0.8), (["p1"], 0.6), (["p0", "p1"], 1.0)])
def test_partial_information_of_a_linear_difference_has_its_closed_form(paths, spread):
    choice = linear(4000, -0.5, [0.8, 0.6, 0.0], noise=2.0, seeds=10, seed=1)

    assert evppi(choice, paths) == pytest.approx(unit_normal_loss(-0.5, spread), rel=0.12)


def test_partial_information_of_a_curved_difference_agrees_with_nested_monte_carlo():
    rng, n = np.random.default_rng(5), 4000

    def gain(a, b):  # three options, curved in a, with an interaction
        return np.stack([np.zeros_like(a + b), np.sin(3 * a) - 0.3 + a * b, 0.5 * a**2 - 0.2 + 0.5 * b], axis=-1)

    values = rng.uniform(-1, 1, size=(n, 2))
    choice = Choice(("x", "y", "z"), gain(*values.T)[:, None, :], pd.DataFrame(values, columns=["a", "b"]))
    outer, inner = np.linspace(-1, 1, 401)[:, None], rng.uniform(-1, 1, size=(1, 4000))
    within = gain(outer, inner).mean(axis=1)
    nested = within.max(axis=1).mean() - within.mean(axis=0).max()

    assert evppi(choice, ["a"]) == pytest.approx(nested, rel=0.15)


def test_one_straight_line_with_few_parameter_sets_and_a_spline_with_many():
    many = np.random.default_rng(0).uniform(size=(64, 8))

    assert basis(many[:, :1]).shape == (64, 3)
    assert basis(many[:, :5]).shape == (64, 10)
    assert basis(many).shape == (64, 8)
    assert basis(many[:20]).shape == (20, 4)  # principal components
    assert basis(np.ones((64, 1))).shape == (64, 0)
    assert np.allclose(basis(many).T @ basis(many), np.eye(8))


def test_shrinking_leaves_the_covariance_without_the_noise():
    rng = np.random.default_rng(1)
    values = rng.multivariate_normal([0, 0, 0], [[4, 1, 0], [1, 3, 0], [0, 0, 2]], size=500)
    values -= values.mean(axis=0)
    noise = np.diag([1.0, 0.5, 0.0])

    assert np.cov(shrunk(values, noise).T) == pytest.approx(np.cov(values.T) - noise, abs=1e-6)


def test_more_knowledge_is_never_worth_less_than_nothing_and_a_sure_choice_is_worth_nothing():
    sure = linear(64, -9.0, [0.8, 0.6], noise=1.0, seeds=10)
    table = value_of_information(sure, {"p0": ["p0"], "p1": ["p1"], "both": ["p0", "p1"]})

    assert table["value"].tolist() == [0.0] * 4
    assert not table["worth"].any()


def test_what_does_not_matter_is_not_worth_finding_out_and_what_matters_is():
    choice = linear(64, -0.2, [1.0, 0.0, 0.0, 0.0], noise=3.0, seeds=20)
    table = value_of_information(choice, {name: [name] for name in choice.parameters})

    assert table["subject"].tolist()[:2] == ["everything", "p0"]
    assert table["worth"].tolist() == [True, True, False, False, False]
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()


def test_a_parameter_set_that_comes_twice_is_left_out_as_one():
    choice = linear(40, -0.2, [1.0, 0.5], noise=1.0, seeds=5)
    twice = Choice(choice.options, np.concatenate([choice.gains] * 2), pd.concat([choice.parameters] * 2))
    one, other = (value_of_information(c, {"p0": ["p0"]}) for c in (choice, twice))

    assert (other["high"] - other["value"]).iloc[0] == pytest.approx((one["high"] - one["value"]).iloc[0], rel=0.1)


@pytest.mark.slow
def test_parameters_that_do_not_matter_are_found_in_at_most_one_table_of_twenty():
    found = [chance_of(linear(48, -0.1, [0.0], 1.0, 5, seed=k), ["p0"]) <= 0.05 for k in range(200)]

    assert sum(found) <= 19  # above it in one of a hundred such tests, at a rate of 5 %


@pytest.mark.slow
@pytest.mark.parametrize("mean", [-0.5, -0.3])
def test_intervals_cover_the_truth_nearly_as_often_as_they_say(mean):
    truth = [unit_normal_loss(mean, spread) for spread in (1.0, 0.8, 0.6)]
    covered = []
    for seed in range(120):
        choice = linear(64, mean, [0.8, 0.6], noise=3.0, seeds=20, shared=0.3, seed=seed)
        table = value_of_information(choice, {"p0": ["p0"], "p1": ["p1"]}).set_index("subject")
        rows = table.loc[["everything", "p0", "p1"]]
        covered.append(((rows["low"] <= truth) & (truth <= rows["high"])).to_numpy())

    assert np.mean(covered, axis=0).min() > 0.85
