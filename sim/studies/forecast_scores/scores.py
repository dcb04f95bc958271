"""How good forecasts are: ranked probability scores, coverage and sharpness, and comparisons paired by body."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.errors import InputError
from sim.core.intervals import mean_interval
from sim.studies.forecast_scores.bodies import Array

if TYPE_CHECKING:
    import pandas as pd

MEASURES = ("crps", "in50", "in90", "rank50", "rank90", "bias", "width50", "width90")
"""What is averaged."""


def find_scoringrules() -> Any:
    """Import scoringrules.

    Raises:
        InputError: if it is missing.
    """
    try:
        import scoringrules
    except ImportError as error:
        raise InputError(
            "scoring forecasts needs the package scoringrules: python -m pip install 'partnership-dynamics[scores]'"
        ) from error
    return scoringrules


def score(p: Array, stayed: int) -> dict[str, float]:
    """Score a forecast of how many of n members stay.

    Args:
        p: probabilities of 0 to n; shape (n + 1,).
        stayed: how many did.

    Returns:
        ``crps``: continuous ranked probability score, as a share of the members; ``in50``, ``in90``: whether the
        central interval of 50 or 90 % holds the number (1 or 0); ``rank50``, ``rank90``: the probability that the
        randomised rank of the number lies in it (exact for counts, where intervals hold too often); ``bias``: mean
        forecast minus what happened; ``width50``, ``width90``: of the intervals, as shares of the members.
    """
    n, below = len(p) - 1, np.cumsum(p)
    low, high = (float(below[stayed - 1]) if stayed else 0.0), float(below[stayed])
    result = {"crps": float(find_scoringrules().rps_score(stayed + 1, p, backend="numpy")) / n}
    for share in (50, 90):
        tail = 0.5 - share / 200.0
        ends = [int(np.searchsorted(below, q - 1e-12)) for q in (tail, 1.0 - tail)]
        result[f"in{share}"] = float(ends[0] <= stayed <= ends[1])
        overlap = max(min(high, 1.0 - tail) - max(low, tail), 0.0)
        certain = high - low <= 1e-12
        result[f"rank{share}"] = float(tail <= low <= 1.0 - tail) if certain else overlap / (high - low)
        result[f"width{share}"] = (ends[1] - ends[0]) / n
    result["bias"] = float(np.arange(n + 1) @ p - stayed) / n
    return result


def summarise(scores: "pd.DataFrame") -> "pd.DataFrame":
    """Average scores by forecast and horizon: first within each body, then over bodies.

    Args:
        scores: a row per body, origin, horizon and forecast.

    Returns:
        A row per forecast and horizon: how many ``forecasts`` and ``bodies``, ``median_crps``, and means of
        ``MEASURES``.
    """
    by_body = body_means(scores)
    keys = ["forecast", "horizon"]
    table = by_body.groupby(keys, sort=False)[list(MEASURES)].mean()
    grouped = scores.groupby(keys, sort=False)
    table.insert(0, "median_crps", grouped["crps"].median())
    table.insert(0, "bodies", grouped["body"].nunique())
    table.insert(0, "forecasts", grouped.size())
    return table.reset_index()


def body_means(scores: "pd.DataFrame") -> "pd.DataFrame":
    """Average scores by forecast, horizon and body."""
    return scores.groupby(["forecast", "horizon", "body"], sort=False)[list(MEASURES)].mean().reset_index()


def paired_differences(scores: "pd.DataFrame", one: str, others: Sequence[str]) -> "pd.DataFrame":
    """Compare the scores of one forecast with those of others, paired by body.

    Args:
        scores: a row per body, origin, horizon and forecast.
        one: the forecast.
        others: those that it is compared with.

    Returns:
        A row per other forecast and horizon: the mean over bodies of the ``difference`` in CRPS (below 0: the one is
        better), ``low`` and ``high`` (90 % interval of that mean), and in how many of all ``bodies`` it is
        ``better``.
    """
    import pandas as pd

    mean = body_means(scores).pivot(index=["horizon", "body"], columns="forecast", values="crps")
    rows = []
    for other in others:
        for horizon, of_bodies in (mean[one] - mean[other]).groupby("horizon"):
            d = of_bodies.to_numpy()
            low, high = mean_interval(d, level=0.9)
            rows.append({"forecast": one, "against": other, "horizon": int(str(horizon)), "difference": d.mean(),
                         "low": low, "high": high, "better": int((d < 0).sum()), "bodies": len(d)})  # fmt: skip
    return pd.DataFrame(rows)
