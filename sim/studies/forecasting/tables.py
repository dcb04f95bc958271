"""The tables of a forecast: numbers by plan, member and month, and the checks that stand beside them."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.model.arrays import Array
from sim.model.members import Member
from sim.model.scenario import Scenario
from sim.studies.forecasting import checks
from sim.studies.forecasting.futures import Future, continued, from_now
from sim.studies.forecasting.sampler import Known, Particles, Sample
from sim.studies.inputs import Inputs

if TYPE_CHECKING:
    import pandas as pd

HORIZONS = (6, 12, 24, 36, 48, 60)
"""Months ahead for which numbers are given, as far as the forecast goes."""

QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}


def _horizons(ahead: int) -> list[int]:
    return sorted({*(h for h in HORIZONS if h <= ahead), ahead})


def _measures(future: Future, months: int) -> dict[str, Array]:
    """Measure a future after some months: a number per run for each outcome."""
    now, then = future.there[0], future.there[months]
    n = np.maximum(now.sum(axis=0), 1)
    return {"retention": (now & then).sum(axis=0) / n, "members": then.sum(axis=0).astype(float)}


def _at_end(future: Future) -> dict[str, Array]:
    now = future.there[0]
    n = np.maximum(now.sum(axis=0), 1)
    return {
        "private_value": (future.private * now).sum(axis=0) / n,
        "society_value": future.society,
        "effort_spent": future.effort,
    }


def _outcomes(future: Future, ahead: int) -> dict[tuple[str, int], Array]:
    rows = {(name, h): v for h in _horizons(ahead) for name, v in _measures(future, h).items()}
    return rows | {(name, ahead): v for name, v in _at_end(future).items()}


def tables_of(
    known: Known, samples: Sequence[Sample], futures: Mapping[str, Future], inputs: Inputs, ahead: int, seed: int
) -> "dict[str, pd.DataFrame]":
    """Make every table of a forecast (see ``Forecast``)."""
    import pandas as pd

    first = next(iter(futures))
    measured = {plan: _outcomes(future, ahead) for plan, future in futures.items()}
    outlook = [
        {"plan": plan, "outcome": outcome, "ahead": h, "mean": v.mean(), **_quantiles(v)}
        for plan, rows in measured.items()
        for (outcome, h), v in rows.items()
    ]
    differences = [
        {"plan": plan, "outcome": outcome, "ahead": h, **_difference(v, measured[first][outcome, h])}
        for plan, rows in measured.items()
        if plan != first
        for (outcome, h), v in rows.items()
    ]
    return {
        "outlook": pd.DataFrame(outlook),
        "chances": pd.DataFrame(_chances(inputs.scenario, futures, ahead)),
        "reasons": pd.DataFrame(_reasons(futures), columns=["plan", "cause", "share", "exits_per_run"]),
        "differences": pd.DataFrame(
            differences,
            columns=["plan", "outcome", "ahead", "difference", "low", "high", "better", "sd", "runs_saved"],
        ),
        "curves": pd.DataFrame(_curves(futures, ahead)),
        "history": pd.DataFrame(_history(inputs.scenario)),
        "checks": pd.DataFrame(_checks(known, samples, futures[first], inputs, ahead, seed)),
    }


def _quantiles(values: Array) -> dict[str, float]:
    return {name: float(np.quantile(values, q)) for name, q in QUANTILES.items()}


def _difference(one: Array, other: Array) -> dict[str, float]:
    """Compare two plans in each run: the mean difference, its interval, how often more, and the runs saved by pairing.

    ``runs_saved``: how many times as many runs would be needed for the same interval without common random numbers.
    """
    gap = one - other
    error = float(gap.std(ddof=1) / np.sqrt(len(gap)))
    apart, mean = float(one.var(ddof=1) + other.var(ddof=1)), float(gap.mean())
    return {
        "difference": mean,
        "low": mean - 1.96 * error,
        "high": mean + 1.96 * error,
        "better": float((gap > 0).mean() + 0.5 * (gap == 0).mean()),
        "sd": float(gap.std(ddof=1)),
        "runs_saved": apart / float(gap.var(ddof=1)) if gap.any() else np.inf,
    }


def _chances(scenario: Scenario, futures: Mapping[str, Future], ahead: int) -> list[dict[str, Any]]:
    rows = []
    for plan, future in futures.items():
        for k, member in enumerate(scenario.members):
            here = future.there[0, k]
            if not here.any() and not future.there[:, k].any():
                continue  # it left before
            causes = np.bincount(future.cause[k][future.cause[k] >= 0], minlength=len(future.causes))
            late = [h for h in _horizons(ahead) if h in (12, 24, ahead)]
            rows.append(
                {
                    "plan": plan,
                    "member": member.name,
                    "sector": member.sector,
                    "known": _known_of(member, scenario.now),
                    **{f"there_{h}": float(future.there[h, k].mean()) for h in late},
                    "months": float(future.there[1:, k].sum(axis=0).mean()),
                    "private_value": float(future.private[k].mean()),
                    **{f"private_{n}": v for n, v in _quantiles(future.private[k]).items() if n in ("q05", "q95")},
                    "satisfied": float(future.satisfied[k].mean()),
                    "cause": future.causes[int(causes.argmax())] if causes.sum() else "",
                    "cause_share": float(causes.max() / causes.sum()) if causes.sum() else np.nan,
                }
            )
    return rows


def _known_of(member: Member, now: int) -> str:
    """Say what the roster says of a member's future; empty if nothing."""
    if member.leaves is not None and member.leaves > now:
        return f"leaves in month {member.leaves}"
    return f"joins in month {member.joins}" if member.joins >= now else ""


def _reasons(futures: Mapping[str, Future]) -> list[dict[str, Any]]:
    """Count the causes of exits that are forecast: those that the roster dates are not."""
    rows = []
    for plan, future in futures.items():
        counts = np.bincount(future.cause[future.cause >= 0], minlength=len(future.causes))
        counts[[cause == "known" for cause in future.causes]] = 0
        for k in np.argsort(-counts, kind="stable"):
            share, runs = counts[k] / max(counts.sum(), 1), future.cause.shape[1]
            rows.append({"plan": plan, "cause": future.causes[k], "share": share, "exits_per_run": counts[k] / runs})
    return rows


def _curves(futures: Mapping[str, Future], ahead: int) -> list[dict[str, Any]]:
    rows = []
    for plan, future in futures.items():
        for h in range(ahead + 1):
            there = future.there[h].sum(axis=0).astype(float)
            rows.append({"plan": plan, "ahead": h, "mean": there.mean(), **_quantiles(there)})
    return rows


def _history(scenario: Scenario) -> list[dict[str, Any]]:
    rows = []
    for month in range(scenario.now + 1):
        there = sum(m.joins < max(month, 1) and (m.leaves or 10**6) >= month for m in scenario.members)
        gone = sum(m.leaves == month for m in scenario.members)
        rows.append({"month": month, "members": there - gone, "exits": gone})
    return rows


def _checks(
    known: Known,
    samples: Sequence[Sample],
    future: Future,
    inputs: Inputs,
    ahead: int,
    seed: int,
) -> list[dict[str, Any]]:
    """Set rivals beside the forecast, and say what speaks against it."""
    exits, horizon = checks.known_exits(inputs.scenario), min(12, ahead)
    retention = _measures(future, horizon)["retention"]
    halves = np.split(retention, np.cumsum([len(s.particles.rows) for s in samples])[:-1])
    apart = max(float(h.mean()) for h in halves) - min(float(h.mean()) for h in halves)
    rows: list[dict[str, Any]] = []

    def add(check: str, value: float, wanted: str, fine: bool, meaning: str, advice: str = "") -> None:
        rows.append(
            {
                "check": check,
                "value": value,
                "wanted": wanted,
                "verdict": "fine" if fine else "warning",
                "meaning": meaning if fine else f"{meaning}: {advice}",
            }
        )

    add(
        "distinct ancestors",
        checks.ancestors(samples),
        f"at least {checks.LEAST_ANCESTORS}",
        True,
        "the ensemble is wide",
    )
    add(
        "samplers apart", apart, f"at most {checks.MOST_APART}", apart <= checks.MOST_APART,
        f"two independent samplers differ by {apart:.3f} in retention after {horizon} months", "give more particles=",
    )  # fmt: skip
    power = min(s.power for s in samples)
    add(
        "power of the weights", power, f"at least {checks.LEAST_POWER}", power >= checks.LEAST_POWER,
        f"what the whole partnership tells counts with the power {power:.2f}, where 1 is in full",
        "give more particles=, or take it with the nearest free runs; with many members this is usual",
    )  # fmt: skip
    for name, (own, mean, p) in checks.predictive(
        known, Particles.joined([s.particles for s in samples]), exits
    ).items():
        add(
            f"predictive: {name}", p, f"p at least {checks.LEAST_P}", p >= checks.LEAST_P,
            f"{name}: {own:.3g}, where the model makes {mean:.3g} (p = {p:.3f})",
            "something happened that it does not know (say it in events:), or dates are not exact, as half-way between "
            "two yearly lists; otherwise do not rely on the forecast",
        )  # fmt: skip
    evidence = float(np.log(np.mean(np.exp([s.evidence - samples[0].evidence for s in samples]))) + samples[0].evidence)
    rival = checks.evidence_of_constant_hazard(exits)
    add(
        "evidence of a constant hazard over the model's", rival - evidence, f"at most {checks.MOST_EVIDENCE:g}",
        rival - evidence <= checks.MOST_EVIDENCE,
        f"one rate for all explains this history {'better' if rival > evidence else 'less well'} (by "
        f"{abs(rival - evidence):.1f} in logarithms)", "trust its row more",
    )  # fmt: skip
    n_now = int(future.there[0, :, 0].sum())
    known_months = checks.known_later(inputs.scenario)
    simple = checks.constant_hazard(exits, n_now - len(known_months), [horizon], len(retention), seed)[0]
    simple = (simple + sum(month > inputs.scenario.now + horizon for month in known_months)) / max(n_now, 1)
    for name, values in {
        "this forecast": retention,
        "constant hazard": simple,
        "nearest free runs": _free(known, inputs, horizon, seed),
    }.items():
        q = _quantiles(values)
        rows.append(
            {
                "check": f"retention after {horizon} months: {name}", "value": float(values.mean()), "wanted": "",
                "verdict": "", "meaning": f"{values.mean():.0%}, nine in ten from {q['q05']:.0%} to {q['q95']:.0%}",
            }
        )  # fmt: skip
    return rows


def _free(known: Known, inputs: Inputs, months: int, seed: int) -> Array:
    """Forecast retention by the free runs nearest to the history, under the first plan."""
    near = checks.nearest(known, 4 * len(inputs.seeds), seed)
    free = dataclasses.replace(known, scenario=checks.unclamped(known.scenario))
    batches = []
    for part, batch in free.batches(near):
        for _ in range(known.scenario.now):
            batch.advance()
        batches.append((part.stop - part.start, batch))
    future = continued(batches, from_now(inputs.policies[0], known), months)
    anyone = future.there[0].any(axis=0)
    return _measures(future, months)["retention"][anyone if anyone.any() else slice(None)]
