"""A search from start to end: trials, the front, the choice, the judgement."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.core.errors import InputError
from sim.model.policies import Policy
from sim.storage.digests import model_version, plugin_digests
from sim.studies.policy_search.asked import Search
from sim.studies.policy_search.judging import SHIPPED, choose, judge, outcomes
from sim.studies.policy_search.log import opened
from sim.studies.policy_search.trials import RANDOM, import_optuna, run_trials, table_of

if TYPE_CHECKING:
    import pandas as pd


@dataclasses.dataclass(frozen=True)
class Found:
    """What a search found: every trial, the policies judged, why each was chosen, and two tables of the judgement."""

    trials: "pd.DataFrame"
    chosen: dict[str, dict[str, Any]]
    reasons: dict[str, str]
    values: "pd.DataFrame"
    differences: "pd.DataFrame"


def describe(search: Search) -> dict[str, Any]:
    """Say all that the trials depend on, except how many there are, as plain data."""
    import_optuna()
    plain = search.model_dump(
        mode="json", exclude={"trials", "test_replications", "region", "judged", "policies", "space"}
    )
    about = plain | {
        "families": [dataclasses.asdict(f) for f in search.families],
        "plugins": plugin_digests(*search.policies, search.scenario.payoffs),
        "model": model_version(),
        "sampler": f"independent TPE of optuna {version('optuna')} after {RANDOM} at random",
    }
    return dict(json.loads(json.dumps(about)))  # as the log will give it back


def carry_out(search: Search, folder: Path, advance: Callable[[str], Any] = lambda stage: None) -> Found:
    """Search, keeping every trial in the folder; those that are there already are not made again.

    ``advance`` hears the stage ("trials" or "judging") after each trial and each policy judged.

    Raises:
        InputError: if an objective is never known, Optuna is missing, or the folder holds another search.
    """

    def measure(policy: Policy) -> Sequence[float]:
        return outcomes(search, policy, search.training_seeds)[search.objectives].mean(skipna=False).tolist()

    about, directions = describe(search), search.directions
    to_beat = outcomes(search, SHIPPED[-1], search.training_seeds)[search.objectives]
    for name in search.objectives:
        if to_beat[name].isna().all():
            raise InputError(f"objectives: {name} is not known in these runs of {search.months} months; choose another")
    found, members = [], {}
    with opened(folder, about) as log:
        for family in search.families:
            held = log.held.get(family.name, {})
            for trial in run_trials(family, directions, search.trials, search.seed, measure, held, log.keep):
                found.append(trial)
                members[trial.name] = family.described(trial.settings)
                advance("trials")
    trials = table_of(found, directions)
    if not trials["front"].any():
        raise InputError(f"objectives: no trial has {', '.join(directions)} in every world; choose others")
    rows = choose(trials, directions, dict(to_beat.mean(skipna=False)), search.judged)
    reasons = {found[row].name: why for row, why in rows.items()}
    chosen = {name: members[name] for name in reasons}
    values, differences = judge(search, chosen, lambda: advance("judging"))
    return Found(trials, chosen, reasons, values, differences)
