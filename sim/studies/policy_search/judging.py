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
from sim.model.policies import Policy
from sim.model.policies.registry import PolicyLike
from sim.studies.more_budget import MOST, more_budget
from sim.studies.policy_search.goals import Numbers
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
        each built-in policy. Those on the training seeds are what the choice was made by. What is over the region has
        its value in the first table, without an interval: as in the trials, and in other parameter sets.
    """
    import pandas as pd

    outcomes, robust = spec.goals.outcomes, spec.goals.robust
    parts: dict[str, list[pd.DataFrame]] = {TRAINING: [], TEST: [], REGION: []}
    before, after = dict[str, list[float]](), dict[str, list[float]]()
    for name, policy in {**{s: s for s in SHIPPED}, **chosen}.items():
        own = [
            run_outcomes(spec, policy, spec.training_seeds),
            run_outcomes(spec, policy, spec.test_seeds),
            _over_region(spec, policy, region_of(spec, judged=True), spec.region_seeds),
        ]
        for place, table in zip(parts, own, strict=True):
            parts[place].append(table.assign(policy=name))
        if robust:
            before[name] = measure(spec, policy)
            after[name] = [*own[1][outcomes].mean(skipna=False), *own[2][outcomes].to_numpy().T.ravel()]
        advance()
    means, gaps = [], []
    for place, tables in parts.items():
        table = pd.concat(tables, ignore_index=True)
        means.append(_means(table, outcomes).assign(place=place))
        gaps += [differences(table, base, outcomes).assign(place=place) for base in SHIPPED]
    for place, measured in ((TRAINING, before), (TEST, after)):
        means.append(_values(spec, measured).assign(place=place))
    paired = pd.concat(gaps, ignore_index=True).rename(columns={"replications": "n"})
    return pd.concat([table for table in means if len(table)], ignore_index=True), paired


def more_budget_of(spec: SearchSpec, policies: Mapping[str, Policy]) -> "pd.DataFrame":
    """Give what half, and one and a half times, the budget changes under policies, on the first of the test seeds."""
    import pandas as pd

    seeds = spec.test_seeds[:MOST]
    runs = [
        simulate(spec.scenario, seeds, policy, spec.months, ("summary",)).summary.assign(policy=name)
        for name, policy in policies.items()
    ]
    sets = region_of(spec, judged=True)
    return more_budget(spec.scenario, policies, pd.concat(runs), spec.months, spec.goals.outcomes, sets)


def run_outcomes(
    spec: SearchSpec, policy: PolicyLike, seeds: range, columns: Mapping[str, Sequence[float]] | None = None
) -> "pd.DataFrame":
    """Simulate a policy; gives the outcomes of the objectives and constraints, a row per seed."""
    summary = simulate(spec.scenario, seeds, policy, spec.months, ("summary",), columns).summary
    return summary[["seed", *spec.goals.outcomes]]


def measure(spec: SearchSpec, policy: PolicyLike) -> list[float]:
    """Measure a policy as a trial does: on the training seeds and, if a goal needs it, over the region."""
    outcomes = spec.goals.outcomes
    here: list[float] = run_outcomes(spec, policy, spec.training_seeds)[outcomes].mean(skipna=False).tolist()
    if not spec.goals.robust:
        return here
    sets = _over_region(spec, policy, region_of(spec), spec.robust_seeds)
    return [*here, *sets[outcomes].to_numpy().T.ravel().tolist()]


def rows_of(spec: SearchSpec, policy: PolicyLike) -> list[Numbers] | None:
    """Give the outcomes of a policy as a trial sees them, a row per run and, if used, a row per parameter set.

    Returns:
        None where the policy breaks a constraint, or where an outcome is unknown.
    """
    goals = spec.goals
    tables = [run_outcomes(spec, policy, spec.training_seeds)[goals.outcomes].to_numpy(dtype=float)]
    if goals.robust:
        sets = _over_region(spec, policy, region_of(spec), spec.robust_seeds)
        tables.append(sets[goals.outcomes].to_numpy(dtype=float))
    measured = [*tables[0].mean(axis=0), *(tables[1].T.ravel() if goals.robust else ())]
    broken = goals.excess(goals.score([measured])[1])
    unknown = any(np.isnan(table).any() for table in tables)
    return None if unknown or (broken > 0.0).any() else tables


def region_of(spec: SearchSpec, judged: bool = False) -> "pd.DataFrame":
    """Give the parameter sets of the trials, or those to judge in: others, where trials are over the region too."""
    if not spec.goals.robust:
        return varied(spec.scenario, spec.region, spec.region_from)
    sets = varied(spec.scenario, 2 * spec.region, spec.region_from)
    return sets.iloc[int(judged) :: 2].reset_index(drop=True)


def _over_region(spec: SearchSpec, policy: PolicyLike, region: "pd.DataFrame", seeds: range) -> "pd.DataFrame":
    """Average the outcomes in each parameter set of the region; ``seed`` numbers the parameter sets."""
    each = len(seeds) // len(region)
    columns = {str(path): np.repeat(region[path].to_numpy(), each).tolist() for path in region}
    table = run_outcomes(spec, policy, seeds, columns)
    means = table.groupby(np.arange(len(table)) // each).mean()
    if spec.goals.robust:  # an outcome that is unknown in a run is unknown in the parameter set
        for name in spec.goals.outcomes:
            means[name] = table[name].to_numpy(dtype=float).reshape(len(region), each).mean(axis=1)
    return means.assign(seed=range(len(region)))


def _values(spec: SearchSpec, measured: Mapping[str, Sequence[float]]) -> "pd.DataFrame":
    """Give what is over the region, and each constraint, of policies that were measured; a row each."""
    import pandas as pd

    if not measured:
        return pd.DataFrame()
    goals = spec.goals
    objectives, limited = goals.score(list(measured.values()))
    columns = {goal.name: objectives[:, k] for k, goal in enumerate(goals.objectives) if goal.over}
    columns |= {limit.name: limited[:, k] for k, limit in enumerate(goals.constraints) if limit.over}
    return pd.DataFrame(
        [
            {"policy": name, "outcome": column, "mean": values[row], "low": np.nan, "high": np.nan, "n": spec.region}
            for row, name in enumerate(measured)
            for column, values in columns.items()
        ]
    )


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
