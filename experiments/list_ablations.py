"""Which mechanisms do the real lists support? Take each out of the best parameter sets, and see how far they then miss.

``python experiments/list_ablations.py FOLDER`` reads ``region.csv`` of ``partnership calibrate calibration=lists
folder=FOLDER`` (some eight minutes on two cores). For each mechanism the nearest sets are run again without it; the
misfit is that of the best quarter of them then, so that sets that do without it can come forward. It is not calibrated
again without it: a mechanism that costs nothing here is not needed, one that costs may be replaceable by others.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.config.job import load_scenario
from sim.studies.validation.list_calibration import _Study
from sim.studies.validation.list_runs import Task, simulate_sets
from sim.studies.validation.list_spec import read_list_calibration
from sim.sweeps.executors.local import available

SETS, RUNS, BEST, SEED = 64, 4, 16, 5_000_000

WITHOUT: dict[str, dict[str, Any]] = {
    "nothing taken out": {},
    "the calendar of renewals": {"rules.membership.on_calendar": 0.0},
    "terms (members decide every month)": {"rules.membership.term": 0.0},
    "the fee": {"rules.membership.fee": 0.0},
    "looking ahead": {"rules.membership.look_ahead": 0.0},
    "rivals by share": {"structure.rivals": "count"},
    "working groups": {"rules.tension.working_groups": 0.0},
    "match with the partnership": {"start.match_spread": 0.0},
    "best matches join first": {"start.best_match_first": 0.0},
    "contrast of sectors": {"sectors.contrast": 0.0},
    "exits for outside reasons": {"rules.membership.other_rate": 0.0},
    "own affairs (news)": {"rules.commitment.news": 0.0},
    "common shocks": {"shocks.common.rate": 0.0},
    "company (what departures would take)": {"rules.membership.company": 0.0},
    "lapses that show late": {"rules.membership.lapse_rate": 1.0},
    "distance of DNA": {"sectors.distance": 0.0},
    "novelty": {"rules.creation.novelty": 0.0},
    "critical mass": {"rules.creation.critical_mass": 0.0},
    "capture from what others bring now": {"rules.capture.now": 0.0},
    "stock by supply": {"rules.creation.stock_by_supply": 0.0},
    "depth of expertise": {"start.depth": 1.0},
    "goals by sector": {"sectors.goals_by_sector": 0.0},
    "trust from conduct": {"structure.trust": "coin"},
    "leaks": {"rules.leak.rate": 0.0},
}


def misfits(study: _Study, sets: pd.DataFrame, changes: dict[str, Any], pool: ProcessPoolExecutor) -> np.ndarray:
    """Run the sets without a mechanism; gives each set's misfit to the facts about lists."""
    free = sets.drop(columns=[c for c in changes if c in sets])
    rows = free.loc[free.index.repeat(RUNS)].reset_index(drop=True)
    scenario = study.scenario.replace(**changes)
    starts = range(0, len(rows), 32)
    tasks = [Task(study.lists, scenario, study.spec.changes, {}, rows[a : a + 32], SEED + a) for a in starts]
    runs = type(study.real).joined(list(pool.map(simulate_sets, tasks)))
    numbers = study.numbers(runs).reshape(len(sets), RUNS, -1).mean(axis=1)
    result: np.ndarray = study.facts().misfits(numbers)
    return result


def main(folder: str) -> None:
    """Print the table."""
    spec = read_list_calibration("lists").model_copy(update={"partnerships": {}})
    region = pd.read_csv(Path(folder) / "region.csv").sort_values("misfit").head(SETS).reset_index(drop=True)
    study = _Study(spec, load_scenario(spec.scenario), Path(folder), 1, False)
    sets = region[[str(d.name) for d in study.space.dimensions]]
    with ProcessPoolExecutor(available()) as pool:
        print(f"{'without':40}{'best quarter':>14}{'all':>10}")
        for name, changes in WITHOUT.items():
            values = np.sort(misfits(study, sets, changes, pool))
            print(f"{name:40}{values[:BEST].mean():>14.1f}{values.mean():>10.1f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
