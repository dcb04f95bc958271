"""Global sensitivity: Sobol indices with intervals, noise of replications told apart; Morris screening of everything."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.declare import parameters
from sim.model.scenario import Scenario
from sim.sweeps.api import sweep
from sim.sweeps.results import Sweep
from sim.sweeps.spec import experiment_data

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = ("retention_60", "private_value", "collective_value", "society_value")


def point_means(found: Sweep, outcome: str) -> tuple[Any, float]:
    """Give the mean of an outcome over worlds for each design row, and the share of its variance that is noise.

    Noise is what a mean over finitely many worlds still varies by: the mean squared standard error over the variance
    of the means.
    """
    table = found.sql(
        f'SELECT point, avg("{outcome}") AS m, var_samp("{outcome}") / count(*) AS e FROM runs GROUP BY point',
        threads=1,
    ).set_index("point")
    means = table["m"].loc[found.design["point"]].to_numpy()
    return means, float(table["e"].mean() / means.var())


def sobol_indices(
    found: Sweep, outcomes: tuple[str, ...] = OUTCOMES, seed: int = 0
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Give Sobol indices with 95 % intervals (SALib's bootstrap): one table by parameter, one by pair.

    By parameter: first-order, total, and ``interactions`` (total minus first). By pair: what two do beyond what
    each does alone. All points share the same worlds, so draws moves them together and blurs the indices less than
    independent worlds would; what noise is left is in the column ``noise``.
    """
    import pandas as pd
    from SALib.analyze import sobol

    names = [c for c in found.design.columns if c not in ("row", "point")]
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    rows, pairs = [], []
    for outcome in outcomes:
        means, noise = point_means(found, outcome)
        s = sobol.analyze(problem, (means - means.mean()) / means.std(), seed=seed, print_to_console=False)
        for j, name in enumerate(names):
            rows.append(
                {
                    "outcome": outcome,
                    "parameter": name,
                    "first": s["S1"][j],
                    "first_half": s["S1_conf"][j],
                    "total": s["ST"][j],
                    "total_half": s["ST_conf"][j],
                    "interactions": s["ST"][j] - s["S1"][j],
                    "noise": noise,
                }
            )
            for k in range(j + 1, len(names)):
                pair = {"outcome": outcome, "one": name, "other": names[k]}
                pairs.append({**pair, "second": s["S2"][j, k], "second_half": s["S2_conf"][j, k]})
    return pd.DataFrame(rows), pd.DataFrame(pairs)


def everything() -> dict[str, dict[str, float]]:
    """Give a range for every numeric parameter: half to one and a half times its default, within what is declared.

    Left out: what is 0 by default (shocks, entry, penalties: switched off), and what shapes arrays.
    """
    space = {}
    for q in parameters(Scenario()):
        if q.structural or q.default == 0 or q.kind not in ("int", "float"):
            continue
        low, high = sorted((0.5 * q.default, 1.5 * q.default))
        low = low if q.low is None else max(low, q.low)
        high = high if q.high is None else min(high, q.high)
        space[q.path] = {
            "low": round(low) if q.kind == "int" else low,
            "high": round(high) if q.kind == "int" else high,
        }
    return {path: span for path, span in space.items() if span["low"] < span["high"]}


def morris_effects(found: Sweep, outcomes: tuple[str, ...] = OUTCOMES) -> "pd.DataFrame":
    """Give mu* (mean absolute effect) with its 95 % interval and sigma, in the outcome's own unit over the range."""
    import pandas as pd
    from SALib.analyze import morris

    space = found.config["experiment"]["space"]
    names = list(space)
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    low = np.array([float(space[n]["low"]) for n in names])
    high = np.array([float(space[n]["high"]) for n in names])
    units = (found.design[names].to_numpy(dtype=float) - low) / (high - low)
    rows = []
    for outcome in outcomes:
        means, noise = point_means(found, outcome)
        m = morris.analyze(problem, np.round(units * 3) / 3, means, num_levels=4, print_to_console=False, seed=0)
        for k, name in enumerate(names):
            rows.append(
                {
                    "outcome": outcome,
                    "parameter": name,
                    "mu_star": m["mu_star"][k],
                    "mu_star_half": m["mu_star_conf"][k],
                    "mu": m["mu"][k],
                    "sigma": m["sigma"][k],
                    "noise": noise,
                }
            )
    return pd.DataFrame(rows)


def run(folder: Path, n: int = 512, trajectories: int = 12, **how: Any) -> tuple[Sweep, Sweep]:
    """Simulate both designs; runs that are there already are not made again."""
    data = experiment_data("sensitivity") | {"figures": {}}
    first = sweep({**data, "design": {"name": "saltelli", "n": n, "second_order": True}}, folder / f"sobol-{n}", **how)
    wide = {
        "question": "Which of all parameters matter at all?",
        "policies": ["adaptive_tracking"],
        "space": everything(),
        "design": {"name": "morris", "trajectories": trajectories},
        "replications": 20,
    }
    return first, sweep(wide, folder / f"morris-{trajectories}", **how)
