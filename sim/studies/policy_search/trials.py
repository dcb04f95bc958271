"""Trials: parameter sets proposed one after the other by Optuna, each from the trials before it alone.

The sampler of a trial is seeded by the trial's number and knows only the list of trials before it. An interrupted
search therefore continues exactly as it would have: there is no sampler state to keep.
"""

import contextlib
import dataclasses
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.robustness import pareto
from sim.core.errors import InputError
from sim.model.policies import Policy
from sim.studies.policy_search.goals import Goals, Numbers
from sim.studies.policy_search.space import PolicySpace

if TYPE_CHECKING:
    import pandas as pd

RANDOM = 25
"""Trials, after the policy's defaults, that are drawn at random before the sampler learns."""

OPTUNA = {"more": "maximize", "less": "minimize"}

Measure = Callable[[Policy], Sequence[float]]

Score = Callable[[Sequence["Trial"]], tuple[Numbers, Numbers]]
"""Gives a row per trial: the objectives, and by how much each constraint is broken (at most 0: it is kept)."""


@dataclasses.dataclass(frozen=True)
class Trial:
    """A proposal, the parameters it led to, and what was measured: NaN where an outcome is unknown in some run."""

    policy: str
    number: int
    proposed: Mapping[str, Any]
    parameters: Mapping[str, Any]
    outcomes: Sequence[float]

    @property
    def name(self) -> str:
        """The policy and the number."""
        return f"{self.policy} #{self.number}"


def as_measured(trials: Sequence[Trial]) -> tuple[Numbers, Numbers]:
    """Take what was measured as the objectives, without constraints."""
    return np.array([t.outcomes for t in trials], dtype=float), np.empty((len(trials), 0))


def run_trials(
    space: PolicySpace,
    directions: Mapping[str, str],
    n: int,
    seed: int,
    measure: Measure,
    earlier: Mapping[int, Trial] | None = None,
    record: Callable[[Trial], Any] = lambda trial: None,
    score: Score = as_measured,
) -> Iterator[Trial]:
    """Try ``n`` parameter sets of a policy, its defaults first; yields each trial when it is done.

    Args:
        space: what varies.
        directions: for each objective, whether "more" or "less" is better.
        n: how many trials.
        seed: the seed of the proposals.
        measure: gives what is measured of a policy, in numbers; NaN where there is none.
        earlier: trials by number that are known; they are not simulated again.
        record: called with every new trial.
        score: turns trials into objectives and constraints; by default what is measured are the objectives.
    """
    trials: list[Trial] = []
    for number in range(n):
        trial = (earlier or {}).get(number)
        if trial is None:
            proposed = propose(trials, space, directions, seed, score) if trials else space.defaults()
            parameters = space.fit(proposed)
            same = [t.outcomes for t in trials if t.parameters == parameters]
            outcomes = same[0] if same else [float(v) for v in measure(space.policy(parameters))]
            trial = Trial(space.name, number, proposed, parameters, outcomes)
            record(trial)
        trials.append(trial)
        yield trial


def propose(
    trials: Sequence[Trial],
    space: PolicySpace,
    directions: Mapping[str, str],
    seed: int,
    score: Score = as_measured,
) -> dict[str, Any]:
    """Propose the numbers of the next trial; the same trials always give the same proposal."""
    optuna = import_optuna()
    ranges = {
        q.name: optuna.distributions.IntDistribution(int(q.low), int(q.high))
        if q.integer
        else optuna.distributions.FloatDistribution(q.low, q.high)
        for q in space.searched
    }
    values, broken = score(trials)
    known = [k for k in range(len(trials)) if not np.isnan(values[k]).any() and not np.isnan(broken[k]).any()]
    constrained: dict[str, Any] = {"constraints_func": lambda trial: ()} if broken.shape[1] else {}  # those below count
    with _quiet(optuna):
        draws = zlib.crc32(f"{seed} {len(trials)}".encode())
        sampler = optuna.samplers.TPESampler(seed=draws, n_startup_trials=RANDOM, multivariate=False, **constrained)
        study = optuna.create_study(directions=[OPTUNA[better] for better in directions.values()], sampler=sampler)
        study.add_trials(
            [
                optuna.create_trial(
                    params=dict(trials[k].proposed),
                    distributions=ranges,
                    values=values[k].tolist(),
                    system_attrs={"constraints": broken[k].tolist()} if constrained else None,
                )
                for k in known
            ]
        )
        return dict(study.ask(ranges).params)


def import_optuna() -> Any:
    """Import Optuna, which only searching needs.

    Raises:
        InputError: if it is not installed.
    """
    try:
        import optuna
    except ModuleNotFoundError as error:
        raise InputError("searching needs the package optuna: python -m pip install optuna") from error
    return optuna


@contextlib.contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Keep Optuna's log and its warnings of experimental features from the terminal."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(level)


def trial_table(trials: Sequence[Trial], goals: Goals, others: Sequence[Sequence[float]] = ()) -> "pd.DataFrame":
    """Give a row per trial: name, parameters, objectives, what is constrained, and whether it is on the front.

    A trial is on the front if it keeps the constraints and no other one that does dominates it on the training seeds.

    Args:
        trials: of all policies.
        goals: the objectives and constraints.
        others: measurements of policies that regrets are to as well.
    """
    import pandas as pd

    values, limited = goals.score([t.outcomes for t in trials], others)
    rows = [
        {"name": t.name, "policy": t.policy, "trial": t.number} | {f"policy.{k}": v for k, v in t.parameters.items()}
        for t in trials
    ]
    table = pd.DataFrame(rows)
    for k, name in enumerate(goals.directions):
        table[name] = values[:, k]
    able: NDArray[np.bool_] = np.max(goals.excess(limited), axis=1, initial=-np.inf) <= 0.0
    if goals.constraints:
        for k, limit in enumerate(goals.constraints):
            table[limit.name] = limited[:, k]
        table = table.assign(keeps=able)
    front = np.zeros(len(table), dtype=bool)
    front[able] = pareto(table.loc[able], goals.directions)
    return table.assign(front=front)
