"""Do forecasts hold? Histories made by the model itself, and histories made by something else.

``python experiments/forecast_coverage.py coverage [--share=1.0] [--members N ...]`` (an hour on two cores) draws
partnerships of the plausible region, forecasts each from month 24 as ``partnership forecast`` does, and notes where the
truth falls among the ensemble (randomised ranks), beside the nearest of free runs, a constant hazard, and no
conditioning. ``python experiments/forecast_coverage.py others`` makes histories of
early leavers, a wave in one month and a constant hazard, and counts which the checks catch, beside the model's own.
``... cost`` times the sampler for 24, 51 and 200 members.
"""

import argparse
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import sim
from sim.engine.batch import Batch
from sim.model.scenario import Scenario
from sim.studies.forecasting import checks
from sim.studies.forecasting.futures import branch, continued
from sim.studies.forecasting.sampler import Known, prior, sample
from sim.studies.validation.region import left_open, read_region

NOW, AHEAD, PARTICLES = 24, (6, 12, 24), 300
CASES = (("neutral", 12, 70), ("public_health", 24, 70), ("denim_alliance", 51, 40), ("membership_foundation", 200, 20))
"""Scenario, members and histories."""

KINDS = ("the model itself", "early leavers", "a wave in one month", "a constant hazard")
"""What makes histories that the checks are to tell apart from the model's own."""


def partnership(name: str, n: int) -> Scenario:
    """Give a scenario with n numbered members of its own sector mix."""
    scenario = sim.load_scenario(name).replace(**{"size.partners": n, "size.candidates": 0})
    sectors = Batch(scenario, [0], "neutral").state.sector[:, 0].astype(int)
    names = [s for s, _ in scenario.sectors if hasattr(getattr(scenario.sectors, s), "share")]
    return scenario.replace(members=[{"name": f"Member {k + 1}", "sector": names[s]} for k, s in enumerate(sectors)])


def conditioned(scenario: Scenario, left: np.ndarray) -> Scenario:
    """Give the same partnership with what was seen of it until now."""
    rows = [
        m.model_dump() | {"leaves": int(t) if 0 < t <= NOW else None}
        for m, t in zip(scenario.members, left, strict=True)
    ]
    return scenario.replace(members=rows, now=NOW)


def retentions(known: Known, particles: Any, seed: int) -> np.ndarray:
    """Forecast the share of the members now that are there after each of AHEAD months: shape (months, runs)."""
    future = continued(branch(known, particles, seed), "neutral", max(AHEAD))
    n = np.maximum(future.there[0].sum(axis=0), 1)
    return np.stack([(future.there[0] & future.there[h]).sum(axis=0) / n for h in AHEAD])


def one(task: tuple[str, int, int]) -> list[dict[str, Any]]:
    """Draw a partnership, forecast it, and say where the truth falls."""
    name, n, number = task
    scenario, rng = partnership(name, n), np.random.default_rng([number, n])
    sets = left_open(scenario, read_region())
    row = int(rng.integers(len(sets)))
    columns = {str(p): [float(sets[p].iloc[row])] * 2 for p in sets}
    truth = Batch(scenario, [int(rng.integers(2**62))] * 2, "neutral", columns)
    members = []
    for _ in range(NOW + max(AHEAD)):
        truth.advance()
        members.append(truth.state.member[:, 0] > 0)
    now = members[NOW - 1]
    if now.sum() < 2:
        return []
    real = [float((now & members[NOW - 1 + h]).sum() / now.sum()) for h in AHEAD]
    known = Known(conditioned(scenario, truth.state.left_month[:, 0]), sets, "neutral")
    start = time.perf_counter()
    result = sample(known, PARTICLES, number)
    seconds = time.perf_counter() - start
    exits, n_now = checks.known_exits(known.scenario), int(now.sum())
    near = checks.nearest(known, int(PARTICLES / checks.NEAREST), number)  # as many as the ensemble has
    ways = {
        "forecast": retentions(known, result.particles, number),
        "nearest free runs": free(known, near),
        "constant hazard": checks.constant_hazard(exits, n_now, AHEAD, 2000, number) / n_now,
        "not conditioned": free(known, prior(known, PARTICLES, rng)),
    }
    return [
        {"scenario": name, "members": n, "history": number, "way": way, "ahead": h, "truth": y, "seconds": seconds,
         "ancestors": len(np.unique(result.particles.ancestor)), "rank": rank(v[k], y, rng), **scores(v[k], y)}
        for way, v in ways.items() for k, (h, y) in enumerate(zip(AHEAD, real, strict=True))
    ]  # fmt: skip


def free(known: Known, particles: Any) -> np.ndarray:
    """Continue free runs: the same share, of the members that each has at the end of now."""
    let = Known(checks.unclamped(known.scenario), known.sets, known.policy)
    batches = []
    for part, batch in let.batches(particles):
        for _ in range(NOW):
            batch.advance()
        batches.append((part.stop - part.start, batch))
    future = continued(batches, "neutral", max(AHEAD))
    n = future.there[0].sum(axis=0)
    shares = [(future.there[0] & future.there[h]).sum(axis=0) / np.maximum(n, 1) for h in AHEAD]
    return np.stack(shares)[:, n > 0]


def rank(values: np.ndarray, truth: float, rng: np.random.Generator) -> float:
    """Give the place of the truth among the values, at random within ties."""
    below, equal = (values < truth - 1e-9).sum(), (abs(values - truth) <= 1e-9).sum()
    return float((below + rng.random() * (equal + 1)) / (len(values) + 1))


def scores(values: np.ndarray, truth: float) -> dict[str, float]:
    """Give the CRPS and the width of the interval of nine in ten."""
    ordered = np.sort(values)
    n = len(ordered)
    spread = 2.0 * ((2.0 * np.arange(1, n + 1) - n - 1.0) * ordered).sum() / n**2
    low, high = np.quantile(values, [0.05, 0.95])
    return {"crps": float(abs(values - truth).mean() - 0.5 * spread), "width": float(high - low)}


def summary(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Average over histories: coverage of intervals by randomised ranks, CRPS, width."""
    rows = table.assign(
        inside_90=(table["rank"] - 0.5).abs() <= 0.45, inside_50=(table["rank"] - 0.5).abs() <= 0.25, histories=1
    ).groupby(by, sort=False)
    return rows.agg(
        histories=("histories", "sum"), inside_90=("inside_90", "mean"), inside_50=("inside_50", "mean"),
        crps=("crps", "mean"), width=("width", "mean"), seconds=("seconds", "mean"),
    ).reset_index().round(3)  # fmt: skip


def other(task: tuple[str, int]) -> dict[str, Any]:
    """Make a history by something else than the model, and see what the checks say of it."""
    kind, number = task
    scenario, rng = partnership("neutral", 24), np.random.default_rng([number, 77])
    n, left = 24, np.zeros(24, dtype=int)
    if kind == "the model itself":
        sets = left_open(scenario, read_region())
        row = int(rng.integers(len(sets)))
        truth = Batch(scenario, [number] * 2, "neutral", {str(p): [float(sets[p].iloc[row])] * 2 for p in sets})
        for _ in range(NOW):
            truth.advance()
        left = truth.state.left_month[:, 0].astype(int)
        if (left == 0).sum() < 2:
            return {}
    elif kind == "early leavers":
        chosen = rng.choice(n, 8, replace=False)
        left[chosen] = rng.integers(1, 4, 8)
    elif kind == "a wave in one month":
        left[rng.choice(n, 9, replace=False)] = rng.integers(4, NOW)
    else:
        drawn = rng.geometric(0.02, n)
        left = np.where(drawn <= NOW, drawn, 0)
    known = Known(conditioned(scenario, left), left_open(scenario, read_region()), "neutral")
    result = sample(known, PARTICLES, number)
    exits = checks.known_exits(known.scenario)
    p = {k: v[2] for k, v in checks.predictive(known, result.particles, exits).items()}
    gap = checks.evidence_of_constant_hazard(exits) - result.evidence
    collapsed = len(np.unique(result.particles.ancestor)) < checks.LEAST_ANCESTORS
    caught = collapsed or min(p.values(), default=1.0) < checks.LEAST_P
    return {"kind": kind, "history": number, **p, "evidence_gap": gap, "collapsed": collapsed, "caught": caught,
            "warned": caught or gap > checks.MOST_EVIDENCE}  # fmt: skip


def cost() -> pd.DataFrame:
    """Time the sampler with 1,000 particles, and the most memory taken so far."""
    rows = []
    for name, n, _ in CASES[1:]:
        scenario = partnership(name, n)
        left = np.where(np.arange(n) % 8 == 0, 12, 0)
        known = Known(conditioned(scenario, left), left_open(scenario, read_region()), "neutral")
        start = time.perf_counter()
        result = sample(known, 500, 1)
        seconds = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows.append({"members": n, "particles": 500, "seconds": seconds, "reruns": result.reruns, "MB": memory})
    return pd.DataFrame(rows).round(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("coverage", "others", "cost"))
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--members", type=int, nargs="*", help="only cases of so many members")
    parser.add_argument("--folder", default="results/forecast_coverage")
    chosen = parser.parse_args()
    place = Path(chosen.folder)
    place.mkdir(parents=True, exist_ok=True)
    if chosen.what == "cost":
        print(cost().to_string(index=False))
    elif chosen.what == "others":
        kinds = [(kind, k) for kind in KINDS for k in range(20)]
        with ProcessPoolExecutor(2) as pool:
            rows = pd.DataFrame([row for row in pool.map(other, kinds) if row])
        rows.to_csv(place / "others.csv", index=False)
        print(rows.groupby("kind", sort=False)[["collapsed", "caught", "warned", "evidence_gap"]].mean().round(2))
    else:
        cases = [case for case in CASES if not chosen.members or case[1] in chosen.members]
        tasks = [(name, n, k) for name, n, many in cases for k in range(max(int(many * chosen.share), 1))]
        rows = pd.DataFrame()
        with ProcessPoolExecutor(2) as pool:
            for part in pool.map(one, tasks, chunksize=1):
                rows = pd.concat([rows, pd.DataFrame(part)])
                rows.to_csv(place / "coverage.csv", index=False)
        print(summary(rows, ["way", "ahead"]).to_string(index=False))
        print(summary(rows[rows["way"] == "forecast"], ["scenario", "members", "ahead"]).to_string(index=False))
