"""How good are the model's forecasts if its calibration, too, sees nothing after the origin?

``python experiments/forecasts_without_hindsight.py FOLDER SPELLS`` reads the runs of ``partnership calibrate
calibration=lists folder=FOLDER``. It runs their parameter sets on every list again, counts what happened up to each
January and July, and calibrates on the other lists up to then: emulators, and 64 parameter sets that they find likely,
for each list and date. Forecasts of SPELLS (``configs/reference/listed_spells.csv``, say) use the sets of the last date
before their origin, and those of the prior where there is none. Half an hour on two free cores.
"""

import dataclasses
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from sim.config.job import load_scenario
from sim.engine.batch import Batch
from sim.engine.simulate import CELLS
from sim.storage.results import read_table
from sim.studies.forecast_scores.bodies import read_bodies
from sim.studies.forecast_scores.scores import paired_differences, score, summarise
from sim.studies.forecast_scores.study import MODEL, Task, _forecasts, _tasks
from sim.studies.validation.emulation import WALKERS, Emulator
from sim.studies.validation.list_calibration import _Study
from sim.studies.validation.list_runs import SEEDS_APART, Runs, from_table
from sim.studies.validation.list_spec import read_list_calibration
from sim.studies.validation.lists import Counts, MemberList, count, read_lists, roster_of
from sim.studies.validation.region import read_prior
from sim.sweeps.designs.sampled import Sobol

FIRST_OF_PRIOR = 768
"""Parameter sets of the first wave that are run again; of all later waves every one is."""

UNTIL = [year * 12 + month for year in range(2021, 2026) for month in (0, 6)]
"""Dates up to which the other lists are known, as months since year 0."""

SHORTEST, SETS, SEED = 12, 64, 900_000_000


def main(folder: Path, spells: str) -> None:
    """Print the scores."""
    bodies = {name: body for name, body in read_bodies(spells).items() if name != "riscv"}
    study, units, partnerships = earlier_runs(folder)
    starts = {name: bodies[name].start for name in study.lists}
    with ProcessPoolExecutor(2) as pool:
        jobs = {n: pool.submit(counts_until, study, n, units, starts[n]) for n in study.lists}
        counts = {name: job.result() for name, job in jobs.items()}
    sets = {until: sets_known_at(study, units, partnerships, counts, until) for until in UNTIL}
    paths = [str(d.name) for d in study.space.dimensions]
    prior = read_prior(SETS)[paths]
    rows = []
    for part in _forecasts([known_then(task, sets, prior) for task in _tasks(bodies, (), "region", 4)], 2):
        rows += [{**about, **score(p, about["stayed"])} for about, p in part if about["group"] == "all"]
    scores = pd.DataFrame(rows)
    print(summarise(scores).round(3).to_string(index=False))
    print(paired_differences(scores, MODEL, ("constant_body",)).round(3).to_string(index=False))


def earlier_runs(folder: Path) -> tuple[_Study, np.ndarray, dict[str, np.ndarray]]:
    """Read the parameter sets of all waves, and what each gave for the facts about partnerships."""
    spec = read_list_calibration("lists")
    study = _Study(spec, load_scenario(spec.scenario), folder, 1, False)
    units = [Sobol(n=spec.points).units(len(study.space.dimensions))]
    facts = []
    for wave in range(spec.waves + 1):
        tables = [read_table(file) for file in sorted(folder.glob(f"wave{wave}-*.parquet"))]
        runs = Runs.joined([from_table(table, list(study.lists), list(study.others)) for table in tables])
        study._add(units[-1], runs)
        facts.append(runs.partnerships)
        if wave < spec.waves:
            units.append(study._likely(spec.points_per_wave, wave + 1))
    study.all_runs = None  # workers do without
    used = np.r_[:FIRST_OF_PRIOR, spec.points : sum(map(len, units))]
    return study, np.concatenate(units)[used], {n: np.concatenate([f[n] for f in facts])[used] for n in study.others}


def counts_until(study: _Study, name: str, units: np.ndarray, start: int) -> dict[int, tuple[Counts, Counts]]:
    """Simulate a list once for each set; count what happened up to each date: in the runs, and really."""
    real = read_lists()[name]
    roster, before = roster_of(real)
    slots, n_first = len(roster.joins), int((roster.joins <= 0).sum())
    scenario = study.scenario.replace(**study.spec.changes.get(name, {}))
    sized = scenario.replace(**{"size.partners": n_first, "size.candidates": slots - n_first})
    rows, size = study.space.at(units), max(2, CELLS // slots)
    followed = {until: min(until - start, real.months) for until in UNTIL if until - start >= SHORTEST}
    parts: dict[int, list[Counts]] = {until: [] for until in followed}
    first_seed = SEED + SEEDS_APART * list(read_lists()).index(name)
    for a in range(0, len(rows), size):
        some = rows.iloc[a : a + size]
        seeds = range(first_seed + a, first_seed + a + len(some))
        columns = {str(path): some[path].to_numpy() for path in some}
        batch = Batch(sized, list(seeds), "neutral", columns, False, roster=roster)
        for _ in range(before + real.months):
            batch.advance()
        left, month = batch.state.left[:, : batch.n_runs], batch.state.left_month[:, : batch.n_runs]
        leaves = np.where(left > 0.0, month - before - 0.5, np.inf)
        joins = np.broadcast_to((roster.joins - before)[:, None] * 1.0, leaves.shape)
        founder = (joins <= 0.0) & (leaves > 0.0)
        for until, months in followed.items():
            parts[until].append(count(joins, leaves, roster.sector, founder, months))
    return {until: (Counts.joined(parts[until]), really(real, months)) for until, months in followed.items()}


def really(real: MemberList, months: int) -> Counts:
    """Count what happened on a list in its first months."""
    return dataclasses.replace(real, months=months).facts()


def sets_known_at(
    study: _Study,
    units: np.ndarray,
    partnerships: dict[str, np.ndarray],
    counts: dict[str, dict[int, tuple[Counts, Counts]]],
    until: int,
) -> dict[str, pd.DataFrame]:
    """Calibrate on all lists but one up to a date, for each list."""
    there = {name: by_date[until] for name, by_date in counts.items() if until in by_date}
    runs = Runs({name: simulated for name, (simulated, _) in there.items()}, partnerships)
    study.real = Runs({name: real for name, (_, real) in there.items()}, study.real.partnerships)
    result = {}
    for number, name in enumerate(study.lists):
        facts, numbers = study.facts(name), study.numbers(runs.without(name))
        emulator = Emulator.fitted(units, numbers, facts)
        nearest = np.argsort(facts.misfits(numbers), kind="stable")[:WALKERS]
        result[name] = study.space.at(emulator.likely(SETS, units[nearest], 3000 + number))
    return result


def known_then(task: Task, sets: dict[int, dict[str, pd.DataFrame]], prior: pd.DataFrame) -> Task:
    """Give a forecast the sets that could be known at its origin."""
    dates = [until for until in sets if until <= task.origin]
    chosen = sets[max(dates)][task.body.name] if dates else prior
    return dataclasses.replace(task, sets={str(path): chosen[path].to_numpy(dtype=float) for path in chosen})


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
