"""``sim.search``: trials, the front, the choice, and the judgement on seeds that no trial used."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.knee import knee
from sim.config.plan_file import brief
from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.core.progress import bar as progress_bar
from sim.engine.simulate import scenario_from
from sim.model.policies import Policy
from sim.model.policies.plan import Plan
from sim.model.policies.registry import PolicyLike, find_policy
from sim.model.scenario import Scenario
from sim.studies.policy_search.goals import Numbers
from sim.studies.policy_search.identity import describe, identity_of, search_key
from sim.studies.policy_search.judging import (
    SHIPPED,
    choose,
    judge,
    measure,
    more_budget_of,
    rows_of,
    run_outcomes,
)
from sim.studies.policy_search.log import open_log
from sim.studies.policy_search.result import KNEE, PLANS, SIMPLIFIED, PlanFile, SearchResult
from sim.studies.policy_search.simplify import simplified
from sim.studies.policy_search.space import PolicySpace
from sim.studies.policy_search.spec import SearchSpec, check_search, consecutive
from sim.studies.policy_search.trials import Trial, run_trials, trial_table

if TYPE_CHECKING:
    import pandas as pd


def search(
    scenario: Scenario | str = "denim_alliance",
    policy: PolicyLike | Sequence[PolicyLike] = "adaptive_tracking",
    objectives: Sequence[str | Mapping[str, Any]] = ("retention_60", "society_value", "effort_spent"),
    *,
    constraints: Sequence[Mapping[str, Any]] = (),
    space: Mapping[str, Sequence[float]] | None = None,
    trials: int = 150,
    seeds: int | Sequence[int] = 50,
    test_replications: int = 200,
    region: int = 16,
    region_from: str | Path | None = None,
    judged: int = 12,
    months: int = 60,
    folder: str | Path | None = None,
    progress: bool | None = None,
) -> SearchResult:
    """Search the parameters of policies for what does best in several objectives; judge the best on other seeds.

    Args:
        scenario: the partnership, or the name of a shipped one.
        policy: a policy or a list of policies: names, files, mappings (parameters named there stay fixed), policies
            (parameters that were set stay fixed) or classes.
        objectives: 1 to 4 outcomes of a run, each better as its declaration says, or mappings that say what they are
            over: ``{outcome: retention_60, over: expected}`` (or ``worst_regret``) over the plausible region, or
            ``{outcome: retention_60, over: satisficing, at_least: 0.5}``.
        constraints: limits to keep, ``{outcome: effort_spent, at_most: 6, per: month}``; with ``over: expected`` or
            ``over: worst`` on average, or in each parameter set, of the plausible region.
        space: [low, high] by policy parameter, in place of the declared range.
        trials: how many parameter sets to try of each policy.
        seeds: the runs of each trial: how many, or consecutive seeds. The seeds after them are used to judge.
        test_replications: how many runs to judge on, with seeds that no trial used.
        region: in how many parameter sets of the plausible region to judge.
        region_from: a plausible region of your own, in place of the shipped one: a folder that ``calibrate`` saved, or
            a CSV such as its ``region.csv``.
        judged: most trials of the front to judge; the best in each objective always are.
        months: how long to simulate, in months.
        folder: keeps the trials, so that an interrupted search continues, also with more trials; none by default.
        progress: show progress, as a bar on a terminal and as lines elsewhere; False for nothing.

    Returns:
        Tables ``trials``, ``front``, ``judged``, ``differences``, ``more_budget``; figures ``front``, ``differences``.

    Raises:
        InputError: (a ``ValueError``) if anything cannot be used; the message says what and what to do.
    """
    first, replications = consecutive(seeds, "seeds")
    several = isinstance(policy, Sequence) and not isinstance(policy, str)
    options: dict[str, Any] = {
        "policies": list(policy) if several else [policy],  # type: ignore[arg-type]
        "objectives": list(objectives),
        "constraints": list(constraints),
        "space": {name: list(span) for name, span in (space or {}).items()},
        **{"trials": trials, "replications": replications, "test_replications": test_replications, "region": region},
        **{"judged": judged, "months": months, "seed": first},
        **({} if region_from is None else {"region_from": str(region_from)}),
    }
    spec = check_search(options, scenario_from(scenario))
    return run_search(spec, path_of(folder) if folder else None, "sim.search(...)", progress)


def run_search(spec: SearchSpec, folder: Path | None, call: str, progress: bool | None = None) -> SearchResult:
    """Run a checked search; trials that the folder holds are not simulated again.

    Args:
        spec: the options.
        folder: where the trials are kept; in memory alone if None.
        call: the command or Python call.
        progress: show progress, as a bar on a terminal and as lines elsewhere; False for nothing.

    Raises:
        InputError: if an objective is never known, Optuna is missing, or the folder holds another search.
    """
    n_done = 0
    with progress_bar(progress, total=len(spec.spaces) * spec.trials, unit=" trials") as bar:

        def advance(stage: str) -> None:
            nonlocal n_done
            n_done += stage == "trials"
            bar.set_description(stage, refresh=False)
            bar.update(stage == "trials")

        try:
            return _search(spec, folder, call, advance)
        except KeyboardInterrupt as stop:
            message = f"{n_done} trials are kept in {folder}/; the same command continues" if folder else ""
            raise KeyboardInterrupt(message) from stop


def _search(spec: SearchSpec, folder: Path | None, call: str, advance: Callable[[str], Any]) -> SearchResult:
    description, directions = describe(spec), spec.directions
    identity = identity_of(spec)
    goals = spec.goals
    usual = run_outcomes(spec, SHIPPED[-1], spec.training_seeds)
    for name in goals.outcomes:
        if usual[name].isna().all():
            raise InputError(f"objectives: {name} is not known in these runs of {spec.months} months; choose another")
    others = [measure(spec, name) for name in (SHIPPED if goals.robust else SHIPPED[-1:])]

    def score(trials: Sequence[Trial]) -> tuple[Numbers, Numbers]:
        objectives, limited = goals.score([trial.outcomes for trial in trials], others)
        return objectives, goals.excess(limited)

    trials: list[Trial] = []
    spaces: dict[str, PolicySpace] = {}
    with open_log(folder, description) as log:
        for space in spec.spaces:
            earlier = log.trials.get(space.name, {})
            for trial in run_trials(
                space, directions, spec.trials, spec.seed, lambda p: measure(spec, p), earlier, log.record, score
            ):
                trials.append(trial)
                spaces[trial.name] = space
                advance("trials")
    table = trial_table(trials, goals, others)
    if not table["front"].any():
        raise InputError(_why_none(spec, table))
    to_beat, _ = goals.score(others[-1:], [*others, *(trial.outcomes for trial in trials)])
    rows = choose(table, directions, dict(zip(directions, to_beat[0], strict=True)), spec.judged)
    turn, first = knee(table[table["front"]], directions), next(iter(rows))
    if turn is not None:
        turn = int(np.flatnonzero(table["front"])[turn])
        rows[turn] = "; ".join(why for why in (KNEE, rows.get(turn, "")) if why)
    reasons = {trials[row].name: why for row, why in rows.items()}
    parameters = {trial.name: trial.parameters for trial in trials}
    policies: dict[str, PolicyLike] = {name: spaces[name].policy(parameters[name]) for name in reasons}
    descriptions = {name: spaces[name].described(parameters[name]) for name in reasons}
    plan_files = {}
    for title, row in {"Best": first, "Knee": turn}.items():
        if row is None or (title == "Knee" and row == first):
            continue
        trial = trials[row]
        able = table["keeps"] if goals.constraints else table["name"].notna()
        measured = np.array([trials[k].outcomes for k in np.flatnonzero(able)])
        spans = np.nan_to_num(np.ptp(measured[:, : len(goals.outcomes)], axis=0))
        simple = simplified(spaces[trial.name], trial.parameters, lambda policy: rows_of(spec, policy), spans)
        advance("simplifying")
        name = trial.name if simple == trial.parameters else f"{trial.name}{SIMPLIFIED}"
        about = KNEE if title == "Knee" else reasons[trial.name]
        if name != trial.name:
            policies[name], reasons[name] = spaces[trial.name].policy(simple), about
            descriptions[name] = spaces[trial.name].described(simple)
        policy = find_policy(policies[name])
        plan_files[PLANS[KNEE if title == "Knee" else ""]] = PlanFile(
            f"{title} of the search" + ("" if title == "Knee" else f" ({about})"),
            name,
            policy,
            _as_plan(policy, f"{title} of the search"),
        )
    judged, differences = judge(spec, policies, lambda: advance("judging"))
    more = more_budget_of(spec, {one.name: one.policy for one in plan_files.values()})
    advance("judging")
    front = table[table["front"]].drop(columns="front")
    why = front["name"].map(reasons)
    tables = {
        "front": front.assign(judged=why.notna(), chosen=why.fillna("")),
        "judged": judged,
        "differences": differences,
        "more_budget": more,
        "trials": table,
    }
    return SearchResult(
        tables,
        identity,
        spec.seeds,
        call,
        folder=folder,
        spec=spec,
        policies=policies,
        descriptions=descriptions,
        reasons=reasons,
        plan_files=plan_files,
        all_trials=tuple(trials),
        search_key=search_key(spec),
    )


def _why_none(spec: SearchSpec, table: "pd.DataFrame") -> str:
    """Say why no trial is on the front."""
    names = ", ".join(spec.directions)
    if not spec.constraints or table["keeps"].any():
        return f"objectives: no trial has {names} in every run; choose others"
    broken = spec.goals.excess(table[[limit.name for limit in spec.goals.constraints]].to_numpy())
    worst = [f"{limit.text} (nearest: {limit.number + (1 if limit.most else -1) * float(column.min()):.3g})"
             for limit, column in zip(spec.goals.constraints, broken.T, strict=True) if column.min() > 0.0]  # fmt: skip
    which = "; ".join(worst) or "each is kept by some trial, but never all together"
    return f"constraints: none of {len(table)} trials keeps them: {which}; loosen them, or search longer with trials="


def _as_plan(policy: Policy, title: str) -> dict[str, Any]:
    """Write a policy as a plan with a label: what it says differs from the defaults."""
    stated = brief(policy)
    return {"label": title, **(stated if isinstance(policy, Plan) else {"steps": [{"policy": stated}]})}
