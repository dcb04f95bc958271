# expected == actual
import math

import numpy as np
import pytest

from sim.model import arrays

PARTNERS_BY_RUNS = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])


def test_a_lone_seed_is_doubled_and_several_are_kept():
    assert [7, 7] == arrays.padded([7])
    assert [7, 8, 9] == arrays.padded((7, 8, 9))


def test_a_sum_over_partners_keeps_the_partner_axis():
    assert [[7.0, 70.0]] == arrays.over_partners(PARTNERS_BY_RUNS).tolist()


def test_a_sum_over_traits_takes_the_middle_axis_away():
    values = np.arange(12.0).reshape(2, 3, 2)

    assert [[6.0, 9.0], [24.0, 27.0]] == arrays.over_traits(values).tolist()


def test_a_value_per_partner_spreads_over_traits_and_a_number_stays():
    assert (3, 1, 2) == arrays.per_trait(PARTNERS_BY_RUNS).shape
    assert 0.3 == arrays.per_trait(0.3)


def test_taking_a_trait_drops_the_trait_axis():
    values = np.arange(12.0).reshape(2, 3, 2)

    assert [[2.0, 3.0], [8.0, 9.0]] == arrays.trait(values, 1).tolist()


def test_flags_are_numbers():
    flags = arrays.flag(np.array([[True, False]]))

    assert np.float64 == flags.dtype
    assert [[1.0, 0.0]] == flags.tolist()


def test_a_ratio_of_nothing_to_nothing_is_0():
    assert [0.5, 0.0] == arrays.ratio(np.array([1.0, 0.0]), np.array([2.0, 0.0])).tolist()


def test_a_mean_counts_members_only_and_is_0_without_any():
    members = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]])

    assert [[1.5, 0.0]] == arrays.mean_over(PARTNERS_BY_RUNS, members).tolist()


def test_limits_hold_on_both_sides():
    assert [0.0, 0.4, 1.0] == arrays.unit(np.array([-0.1, 0.4, 1.2])).tolist()
    assert [1.0, 2.0] == arrays.at_least(np.array([0.5, 2.0]), 1.0).tolist()
    assert [0.5, 1.0] == arrays.at_most(np.array([0.5, 2.0]), 1.0).tolist()


def test_the_logistic_function_is_exact_at_known_points_and_tame_far_out():
    values = arrays.logistic(np.array([-1e9, -math.log(3), 0.0, math.log(3), 1e9]))

    assert [0.0, 0.25, 0.5, 0.75, 1.0] == pytest.approx(values.tolist(), abs=1e-15)


def test_logit_undoes_the_logistic_function():
    shares = np.array([0.02, 0.5, 0.9])

    assert math.log(9) == pytest.approx(arrays.logit(0.9), rel=1e-14)
    assert shares.tolist() == pytest.approx(arrays.logistic(arrays.logit(shares)).tolist(), rel=1e-14)


def test_powers_of_roots_and_nothing():
    assert 3.0 == pytest.approx(arrays.power(9.0, 0.5), rel=1e-14)
    assert 0.25 == pytest.approx(arrays.power(4.0, -1.0), rel=1e-14)
    assert 0.0 == pytest.approx(arrays.power(0.0, 0.25), abs=1e-70)
    assert 1.0 == arrays.power(0.0, 0.0)


def test_the_largest_score_is_found_per_run():
    scores = np.array([[[0.1, 0.9]], [[0.8, 0.2]], [[0.3, 0.3]]])

    assert [[[1, 0]]] == arrays.where_largest(scores).tolist()
    assert [[[0.8, 0.9]]] == arrays.largest(scores).tolist()


def test_one_partner_a_run_is_read_and_written_in_some_runs():
    values, who, runs = PARTNERS_BY_RUNS.copy(), np.array([[2]]), np.array([1])

    assert [[40.0]] == arrays.values_of(values, who, runs).tolist()
    arrays.set_values_of(values, who, np.array([[7.0]]), runs)
    assert [[1.0, 10.0], [2.0, 20.0], [4.0, 7.0]] == values.tolist()


def test_one_partner_a_run_is_read_and_written_with_all_its_traits():
    values = np.arange(12.0).reshape(3, 2, 2)
    who, runs = np.array([[0, 2]]), np.arange(2)

    assert [[[0.0, 9.0], [2.0, 11.0]]] == arrays.values_of(values, who, runs).tolist()
    arrays.set_values_of(values, who, np.array([[[5.0, 6.0], [7.0, 8.0]]]), runs)
    assert [[5.0, 1.0], [7.0, 3.0]] == values[0].tolist()
    assert [[8.0, 6.0], [10.0, 8.0]] == values[2].tolist()


def test_each_cell_reads_the_partner_it_names():
    values, who = np.array([[3.0, 4.0], [5.0, 6.0]]), np.array([[[1, 0]], [[-1, 1]]])

    assert [[[5.0, 4.0]], [[3.0, 6.0]]] == arrays.values_at(values, who).tolist()


def test_the_first_and_the_smallest_trait_are_flagged():
    assert [[[0.0], [1.0], [0.0]]] == arrays.first_trait(np.array([[[0.0], [1.0], [1.0]]])).tolist()
    assert [[[0.0], [1.0], [0.0]]] == arrays.smallest_trait(np.array([[[3.0], [1.0], [1.0]]])).tolist()


def test_what_is_known_of_some_runs_is_laid_out_over_all():
    truths = np.array([[True, False, True]])

    assert [0, 2] == arrays.runs_where(truths).tolist()
    assert [[5, -1, 6]] == arrays.over_all_runs(np.array([[5, 6]]), truths).tolist()


def test_a_sum_over_partners_has_the_same_bits_in_a_batch_of_any_size():
    values = np.random.default_rng(1).normal(size=(97, 50)) * 10.0 ** np.arange(97)[:, None].clip(0, 12)
    complete = arrays.over_partners(values)

    for size in (2, 3, 7, 49):
        assert np.array_equal(complete[:, :size], arrays.over_partners(np.ascontiguousarray(values[:, :size])))
