"""Judging: what was best in training, again in worlds that no trial met, and over the plausible region.

The best of many trials is partly lucky (the winner's curse), so what it gave in training overstates what it is
worth. Which settings are judged is decided in training alone.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.paired import differences
from sim.analysis.searched import REGION, SHIPPED, TEST, TRAINING
from sim.core.intervals import half_width
from sim.engine.simulate import simulate
from sim.model.policies.registry import PolicyLike
from sim.studies.policy_search.asked import Search
from sim.studies.validation.calibration import read_region

if TYPE_CHECKING:
    import pandas as pd


NO_LOSS = f"no worse than {SHIPPED[-1]} in any"


def choose(
    trials: "pd.DataFrame", directions: Mapping[str, str], to_beat: Mapping[str, float], most: int
) -> dict[Any, str]:
    """Choose trials of the front to judge: the reason, by row of ``trials``.

    They are the best in each objective, and among those that better ``to_beat`` without loss in any the best in the
    first. Others, without a reason, are spread evenly over the front in order of the first objective.
    """
    front = trials[trials["front"]].drop_duplicates(list(directions))
    signs = np.array([1.0 if better == "more" else -1.0 for better in directions.values()])
    upward, bar = front[list(directions)] * signs, np.array([to_beat[name] for name in directions]) * signs
    first, reasons = next(iter(directions)), dict[Any, list[str]]()
    for name, better in directions.items():
        reasons.setdefault(upward[name].idxmax(), []).append(f"{'most' if better == 'more' else 'least'} {name}")
    no_loss = upward[(upward >= bar).all(axis=1) & (upward > bar).any(axis=1)]
    if len(no_loss):
        reasons.setdefault(no_loss[first].idxmax(), []).append(NO_LOSS)
    others = front.drop(index=list(reasons)).sort_values(first, kind="stable").index
    room = min(max(most - len(reasons), 0), len(others))
    spread = np.linspace(0, len(others) - 1, room).round().astype(int)
    return {row: "; ".join(why) for row, why in reasons.items()} | {others[k]: "" for k in spread}


def judge(
    search: Search, chosen: Mapping[str, PolicyLike], advance: Callable[[], Any] = lambda: None
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Simulate the chosen policies, by name, and the shipped ones, in training, in test seeds and over the region.

    Gives two tables: means with 95 % intervals (over worlds; over settings of the region), and differences to each
    shipped policy, world by world and setting by setting. Those in training are what the choice was made by.
    """
    import pandas as pd

    found: dict[str, list[pd.DataFrame]] = {TRAINING: [], TEST: [], REGION: []}
    for name, policy in {**{s: s for s in SHIPPED}, **chosen}.items():
        found[TRAINING].append(outcomes(search, policy, search.training_seeds).assign(policy=name))
        found[TEST].append(outcomes(search, policy, search.test_seeds).assign(policy=name))
        found[REGION].append(over_region(search, policy).assign(policy=name))
        advance()
    values, gaps = [], []
    for place, tables in found.items():
        table = pd.concat(tables, ignore_index=True)
        values.append(_means(table, search.objectives).assign(place=place))
        gaps += [differences(table, base, search.objectives).assign(place=place) for base in SHIPPED]
    return pd.concat(values, ignore_index=True), pd.concat(gaps, ignore_index=True).rename(columns={"worlds": "n"})


def outcomes(
    search: Search, policy: PolicyLike, worlds: range, columns: Mapping[str, Any] | None = None
) -> "pd.DataFrame":
    """Give the objectives world by world."""
    found = simulate(search.scenario, worlds, policy, search.months, ("summary",), columns).summary
    return found[["seed", *search.objectives]]


def over_region(search: Search, policy: PolicyLike) -> "pd.DataFrame":
    """Give the objectives setting by setting of the region, means over worlds; ``seed`` numbers the settings."""
    region = read_region().head(search.region)
    columns = {str(path): np.repeat(region[path].to_numpy(), search.replications) for path in region}
    found = outcomes(search, policy, search.region_seeds, columns)
    return found.groupby(np.arange(len(found)) // search.replications).mean().assign(seed=range(len(region)))


def _means(table: "pd.DataFrame", objectives: list[str]) -> "pd.DataFrame":
    """Average each objective by policy, with its interval: a row each; worlds where it is not known are left out."""
    import pandas as pd

    rows = []
    for policy, own in table.groupby("policy", sort=False):
        for name in objectives:
            known = own[name].dropna()
            half = half_width(known.std(), len(known))
            rows.append(
                {
                    "policy": policy,
                    "outcome": name,
                    "mean": known.mean(),
                    "low": known.mean() - half,
                    "high": known.mean() + half,
                    "n": len(known),
                }
            )
    return pd.DataFrame(rows)
