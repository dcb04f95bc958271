"""Intervals of means: worked by hand, and how often they cover."""

import numpy as np
import pytest

from sim.core.intervals import half_width, mean_interval


def test_the_interval_of_few_or_equal_values_is_students():
    values = [1.0, 2.0, 4.0]

    assert mean_interval(values) == pytest.approx(
        (7 / 3 - half_width(np.std(values, ddof=1), 3), 7 / 3 + half_width(np.std(values, ddof=1), 3))
    )
    assert mean_interval([5.0] * 30) == (5.0, 5.0)
    assert np.isfinite(mean_interval([0.0] * 39 + [1.0])).all()
    assert np.isnan(mean_interval([1.0])).all()


@pytest.mark.slow
@pytest.mark.parametrize("draw", ["normal", "exponential"])
def test_intervals_cover_as_often_as_they_say(draw):
    rng = np.random.default_rng(4)
    samples = getattr(rng, draw)(size=(2000, 100))
    mean = {"normal": 0.0, "exponential": 1.0}[draw]
    limits = np.array([mean_interval(s, n_resamples=600) for s in samples])

    assert 0.94 <= np.mean((limits[:, 0] <= mean) & (mean <= limits[:, 1])) <= 0.96
