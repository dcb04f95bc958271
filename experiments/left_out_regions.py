"""Parameter sets calibrated without one list each, for forecasts of that list that never saw it.

``python experiments/left_out_regions.py FOLDER`` reads the runs of ``partnership calibrate calibration=lists
folder=FOLDER`` and writes ``configs/calibration/lists_left_out.csv``: for each list, the emulators are fitted to the
facts about the other lists, and parameter sets are sampled where these are likely, as for the table ``left_out`` of
that command (two minutes on one core).
"""

import sys
from pathlib import Path

import pandas as pd

from sim.config.job import load_scenario
from sim.core.paths import CONFIGS
from sim.studies.validation.list_calibration import _Study
from sim.studies.validation.list_spec import read_list_calibration

DIGITS = 6


def sets_without_each(folder: Path) -> pd.DataFrame:
    """Give the sets: a column per parameter, and ``without``, the list that they never saw."""
    spec = read_list_calibration("lists")
    study = _Study(spec, load_scenario(spec.scenario), folder, 1, False)
    study.region()
    tables = [
        study.space.at(study._likely(spec.sample_size, 100 + number, name)).assign(without=name)
        for number, name in enumerate(study.lists)
    ]
    table = pd.concat(tables, ignore_index=True)
    return table[["without", *(path for path in table if path != "without")]]


if __name__ == "__main__":
    sets = sets_without_each(Path(sys.argv[1]))
    sets.to_csv(CONFIGS / "calibration" / "lists_left_out.csv", index=False, float_format=f"%.{DIGITS}g")
