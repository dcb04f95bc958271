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

from sim.analysis.robustness import pareto
from sim.core.errors import InputError
from sim.model.policies import Policy
from sim.studies.policy_search.space import PolicySpace

if TYPE_CHECKING:
    import pandas as pd

RANDOM = 25
"""Trials, after the policy's defaults, that are drawn at random before the sampler learns."""

OPTUNA = {"more": "maximize", "less": "minimize"}

Measure = Callable[[Policy], Sequence[float]]


@dataclasses.dataclass(frozen=True)
class Trial:
    """A proposal, the parameters it led to, and the mean outcomes: NaN where one is unknown in some run."""

    policy: str
    number: int
    proposed: Mapping[str, Any]
    parameters: Mapping[str, Any]
    outcomes: Sequence[float]

    @property
    def name(self) -> str:
        """The policy and the number."""
        return f"{self.policy} #{self.number}"


def run_trials(
    space: PolicySpace,
    directions: Mapping[str, str],
    n: int,
    seed: int,
    measure: Measure,
    earlier: Mapping[int, Trial] | None = None,
    record: Callable[[Trial], Any] = lambda trial: None,
) -> Iterator[Trial]:
    """Try ``n`` parameter sets of a policy, its defaults first; yields each trial when it is done.

    Args:
        space: what varies.
        directions: for each objective, whether "more" or "less" is better.
        n: how many trials.
        seed: the seed of the proposals.
        measure: gives a number per objective; NaN where there is none.
        earlier: trials by number that are known; they are not simulated again.
        record: called with every new trial.
    """
    trials: list[Trial] = []
    for number in range(n):
        trial = (earlier or {}).get(number)
        if trial is None:
            proposed = propose(trials, space, directions, seed) if trials else space.defaults()
            parameters = space.fit(proposed)
            same = [t.outcomes for t in trials if t.parameters == parameters]
            outcomes = same[0] if same else [float(v) for v in measure(space.policy(parameters))]
            trial = Trial(space.name, number, proposed, parameters, outcomes)
            record(trial)
        trials.append(trial)
        yield trial


def propose(trials: Sequence[Trial], space: PolicySpace, directions: Mapping[str, str], seed: int) -> dict[str, Any]:
    """Propose the numbers of the next trial; the same trials always give the same proposal."""
    optuna = import_optuna()
    ranges = {
        q.name: optuna.distributions.IntDistribution(int(q.low), int(q.high))
        if q.integer
        else optuna.distributions.FloatDistribution(q.low, q.high)
        for q in space.searched
    }
    known = [t for t in trials if all(v == v for v in t.outcomes)]
    with _quiet(optuna):
        draws = zlib.crc32(f"{seed} {len(trials)}".encode())
        sampler = optuna.samplers.TPESampler(seed=draws, n_startup_trials=RANDOM, multivariate=False)
        study = optuna.create_study(directions=[OPTUNA[better] for better in directions.values()], sampler=sampler)
        study.add_trials(
            [optuna.create_trial(params=dict(t.proposed), distributions=ranges, values=t.outcomes) for t in known]
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


def trial_table(trials: Sequence[Trial], directions: Mapping[str, str]) -> "pd.DataFrame":
    """Give a row per trial: name, parameters, mean outcomes, and whether it is on the front.

    A trial is on the front if no other trial dominates it on the training seeds.
    """
    import pandas as pd

    rows = [
        {"name": t.name, "policy": t.policy, "trial": t.number}
        | {f"policy.{k}": v for k, v in t.parameters.items()}
        | dict(zip(directions, t.outcomes, strict=True))
        for t in trials
    ]
    table = pd.DataFrame(rows)
    first = [c for c in table if c not in directions]
    table = table[[*first, *directions]]
    return table.assign(front=pareto(table, directions))
