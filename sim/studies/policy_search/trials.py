"""Trials: settings proposed one after the other by Optuna, each from the trials before it alone.

The sampler of a trial is seeded by the trial's number and knows nothing but the list of those before, so a search that
was interrupted goes on exactly as it would have: there is no sampler state to keep.
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
from sim.studies.policy_search.family import Family

if TYPE_CHECKING:
    import pandas as pd

RANDOM = 25
"""Trials, after the shipped settings, that are drawn blindly before the sampler learns."""

OPTUNA = {"more": "maximize", "less": "minimize"}

Measure = Callable[[Policy], Sequence[float]]


@dataclasses.dataclass(frozen=True)
class Trial:
    """What was proposed, the settings it came to, and what they gave: NaN where that is not known in every world."""

    family: str
    number: int
    proposed: Mapping[str, Any]
    settings: Mapping[str, Any]
    results: Sequence[float]

    @property
    def name(self) -> str:
        """The family and the number."""
        return f"{self.family} #{self.number}"


def run_trials(
    family: Family,
    directions: Mapping[str, str],
    n: int,
    seed: int,
    measure: Measure,
    held: Mapping[int, Trial] | None = None,
    keep: Callable[[Trial], Any] = lambda trial: None,
) -> Iterator[Trial]:
    """Try ``n`` members of a family, the shipped settings first; gives each when it is done.

    Args:
        family: what may vary.
        directions: for each objective, whether "more" or "less" is better.
        n: how many trials.
        seed: the draws of the proposals.
        measure: gives a number per objective; NaN where there is none.
        held: trials by number that were made before; they are not made again.
        keep: hears of every new trial.
    """
    found: list[Trial] = []
    for number in range(n):
        trial = (held or {}).get(number)
        if trial is None:
            proposed = propose(found, family, directions, seed) if found else family.shipped()
            settings = family.fit(proposed)
            same = [t.results for t in found if t.settings == settings]
            results = same[0] if same else [float(v) for v in measure(family.policy(settings))]
            trial = Trial(family.name, number, proposed, settings, results)
            keep(trial)
        found.append(trial)
        yield trial


def propose(found: Sequence[Trial], family: Family, directions: Mapping[str, str], seed: int) -> dict[str, Any]:
    """Propose the numbers of the next trial; the same trials always give the same proposal."""
    optuna = import_optuna()
    ranges = {
        s.name: optuna.distributions.IntDistribution(int(s.low), int(s.high))
        if s.whole
        else optuna.distributions.FloatDistribution(s.low, s.high)
        for s in family.searched
    }
    known = [t for t in found if all(v == v for v in t.results)]
    with _quiet(optuna):
        draws = zlib.crc32(f"{seed} {len(found)}".encode())
        sampler = optuna.samplers.TPESampler(seed=draws, n_startup_trials=RANDOM, multivariate=False)
        study = optuna.create_study(directions=[OPTUNA[better] for better in directions.values()], sampler=sampler)
        study.add_trials(
            [optuna.create_trial(params=dict(t.proposed), distributions=ranges, values=t.results) for t in known]
        )
        return dict(study.ask(ranges).params)


def import_optuna() -> Any:
    """Import Optuna, which only searching needs."""
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


def table_of(trials: Sequence[Trial], directions: Mapping[str, str]) -> "pd.DataFrame":
    """Give a row per trial: name, settings, results, and whether no other trial betters it in training."""
    import pandas as pd

    rows = [
        {"name": t.name, "policy": t.family, "trial": t.number}
        | {f"policy.{k}": v for k, v in t.settings.items()}
        | dict(zip(directions, t.results, strict=True))
        for t in trials
    ]
    table = pd.DataFrame(rows)
    first = [c for c in table if c not in directions]
    table = table[[*first, *directions]]
    return table.assign(front=pareto(table, directions))
