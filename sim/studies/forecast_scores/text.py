"""What ``partnership forecast-score`` prints: the table of scores, and a verdict in plain words."""

from typing import TYPE_CHECKING, Any

from sim.studies.forecast_scores.baselines import NAMES

if TYPE_CHECKING:
    from sim.studies.forecast_scores.study import ForecastScore

LABELS = {**NAMES, "model": "the model, conditioned on the list so far"}
"""Forecasts by name, in words."""

COVERAGE = (0.85, 0.95)
"""Between which shares 90 % intervals are to hold what happened, by randomised rank: intervals of counts hold more."""


def text_of(result: "ForecastScore") -> str:
    """Give the table and the verdict."""
    summary, scores = result.tables["means"], result.tables["scores"]
    horizons = sorted(summary["horizon"].unique())
    lines = [
        f"Forecasts of how many of the members listed at an origin are still listed later: {result.note}.",
        "Mean over bodies of the CRPS (share of the members; less is better), of what 50 and 90 % intervals hold",
        "(by randomised rank in brackets), and of the width of the 90 % interval (sharpness).",
    ]
    for h in horizons:
        rows = summary[summary["horizon"] == h]
        counts = f"{int(rows['forecasts'].iloc[0])} forecasts, bodies: {int(rows['bodies'].iloc[0])}"
        lines += ["", f"{f'{h} months ahead ({counts})':44}{'CRPS':>7}{'50 %':>13}{'90 %':>13}{'width':>7}{'bias':>8}"]
        row: Any
        for row in rows.itertuples():
            lines.append(
                f"  {LABELS[row.forecast]:42}{row.crps:7.3f}{row.in50:7.2f} ({row.rank50:.2f})"
                f"{row.in90:7.2f} ({row.rank90:.2f}){row.width90:7.2f}{row.bias:+8.3f}"
            )
    lines += ["", *(verdict(result, int(h)) for h in horizons)]
    groups = scores.groupby("group")["crps"].mean()
    if len(groups) > 1:
        lines += [
            "",
            "Firms and the other members by themselves are in scores.csv; the table above is of all together.",
        ]
    return "\n".join(lines)


def verdict(result: "ForecastScore", horizon: int) -> str:
    """Say in one line how the model does at a horizon, against the best baseline there."""
    summary, paired = (t[t["horizon"] == horizon] for t in (result.tables["means"], result.tables["paired"]))
    by_name: Any = summary.set_index("forecast")
    best = str(by_name["crps"].drop("model").idxmin())
    against: Any = paired[paired["against"] == best].iloc[0]
    own, covers = by_name.loc["model"], float(by_name.loc["model", "rank90"])
    if against["high"] < 0.0:
        how = "better than the best baseline"
    elif against["low"] > 0.0:
        how = "worse than the best baseline"
    else:
        how = "not told apart from the best baseline"
    several = against["bodies"] > 1
    span = f"{against['low']:+.3f} to {against['high']:+.3f}" if several else "one body: no interval"
    low, high = COVERAGE
    hold = "as they should" if low <= covers <= high else "too rarely" if covers < low else "too often"
    return (
        f"{horizon} months: {how} ({LABELS[best]}): {own['crps']:.3f} against {by_name.loc[best, 'crps']:.3f}, "
        f"paired {against['difference']:+.3f} ({span}), better in "
        f"{against['better']} of {against['bodies']} bodies; 90 % intervals hold {100 * covers:.0f} % by randomised "
        f"rank, {hold}."
    )
