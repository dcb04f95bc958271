"""Judging: the best trials once more, on seeds that no trial used and over the plausible region.

The best of many trials is partly lucky (the winner's curse), so its outcome on the training seeds overstates its
worth. Which trials are judged is decided on the training seeds alone.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.paired import differences
from sim.core.intervals import half_width
from sim.engine.simulate import simulate
from sim.model.policies.registry import PolicyLike
from sim.studies.policy_search.spec import SearchSpec
from sim.studies.validation.region import varied

if TYPE_CHECKING:
    import pandas as pd

SHIPPED = ("neutral", "adaptive", "adaptive_tracking")
"""The built-in policies to compare with; the last is the one to beat."""

TRAINING, TEST, REGION = "training seeds", "test seeds", "plausible region"
"""Where the chosen policies are judged, in this order: column ``place``."""

NO_LOSS = f"no worse than {SHIPPED[-1]} in any"


def choose(
    trials: "pd.DataFrame", directions: Mapping[str, str], to_beat: Mapping[str, float], most: int
) -> dict[Any, str]:
    """Choose trials of the front to judge.

    Chosen are the best in each objective and, among those at least as good as ``to_beat`` in every objective and better
    in one, the best in the first. Others are spread evenly over the front, in order of the first objective.

    Args:
        trials: a row per trial, with the objectives and ``front``.
        directions: for each objective, whether "more" or "less" is better.
        to_beat: the objectives of the built-in policy to improve on.
        most: how many trials to choose, if the best in each objective are no more than that.

    Returns:
        The reason by row of ``trials``; an empty text for those spread over the front.
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
    spec: SearchSpec, chosen: Mapping[str, PolicyLike], advance: Callable[[], Any] = lambda: None
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Simulate the chosen and the built-in policies on the training seeds, on test seeds, and over the region.

    Args:
        spec: the options of the search.
        chosen: policies by name.
        advance: called after each policy.

    Returns:
        Two tables: means with 95 % intervals (over seeds; in the region over parameter sets), and paired differences to
        each built-in policy. Those on the training seeds are what the choice was made by.
    """
    import pandas as pd

    parts: dict[str, list[pd.DataFrame]] = {TRAINING: [], TEST: [], REGION: []}
    for name, policy in {**{s: s for s in SHIPPED}, **chosen}.items():
        parts[TRAINING].append(run_objectives(spec, policy, spec.training_seeds).assign(policy=name))
        parts[TEST].append(run_objectives(spec, policy, spec.test_seeds).assign(policy=name))
        parts[REGION].append(_region_objectives(spec, policy).assign(policy=name))
        advance()
    means, gaps = [], []
    for place, tables in parts.items():
        table = pd.concat(tables, ignore_index=True)
        means.append(_means(table, spec.objectives).assign(place=place))
        gaps += [differences(table, base, spec.objectives).assign(place=place) for base in SHIPPED]
    paired = pd.concat(gaps, ignore_index=True).rename(columns={"replications": "n"})
    return pd.concat(means, ignore_index=True), paired


def run_objectives(
    spec: SearchSpec, policy: PolicyLike, seeds: range, columns: Mapping[str, Sequence[float]] | None = None
) -> "pd.DataFrame":
    """Simulate a policy; gives the objectives, a row per seed."""
    summary = simulate(spec.scenario, seeds, policy, spec.months, ("summary",), columns).summary
    return summary[["seed", *spec.objectives]]


def _region_objectives(spec: SearchSpec, policy: PolicyLike) -> "pd.DataFrame":
    """Average the objectives in each parameter set of the region; ``seed`` numbers the parameter sets."""
    region = varied(spec.scenario, spec.region, spec.region_from)
    columns = {str(path): np.repeat(region[path].to_numpy(), spec.replications).tolist() for path in region}
    table = run_objectives(spec, policy, spec.region_seeds, columns)
    return table.groupby(np.arange(len(table)) // spec.replications).mean().assign(seed=range(len(region)))


def _means(table: "pd.DataFrame", objectives: Sequence[str]) -> "pd.DataFrame":
    """Average each objective by policy, with its interval; rows where it is unknown are left out."""
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
