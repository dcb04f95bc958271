"""Student's t interval of a mean: one text for every place that tells how sure it is."""

from typing import Any

import numpy as np


def half_width(spread: Any, n: Any, level: float = 0.95) -> Any:
    """Give half the width of the interval of a mean, from the standard deviation (n - 1) of n values; NaN below two."""
    from scipy.stats import t

    n = np.asarray(n, dtype=float)
    several = np.where(n > 1, n, np.nan)
    return t.ppf(0.5 + level / 2, several - 1.0) * spread / np.sqrt(several)
