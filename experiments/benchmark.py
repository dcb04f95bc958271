"""How fast is the engine, beside the same model in Mesa? Prints a table; every number in it is measured here.

Four ways to run the same months, taken in turn so that all meet the same state of the machine:

- idiomatic Mesa (``mesa_idiomatic.py``): as most modellers would write it after Mesa's own examples. The step runs
  ``agents.do`` for one process at a time, the partnership's quantities are worked out each month, the orchestrator
  looks each month, a ``DataCollector`` collects the six outcomes that the engine always records. Not tuned.
- tuned Mesa (``mesa_twin.py``): one loop over plain lists, group quantities only when someone leaves, no look that
  the policy does not use (nor does the engine), dice only where they count. Nothing is collected.
- the engine with many seeds at once, and with one seed at a time.

All use their own draws and one thread, so rates are per core. Of both Mesa forms only the months are timed (they
copy the engine's first day); of the engine the first day, the months and the summary table: conservative. Not so
under neutral, beside the idiomatic form: that looks each month, at all there is to see, while engine and tuned form
do not look for a policy that does not; the tuned form and adaptive_tracking are the stricter comparisons.
Before it is timed, each Mesa form has to follow the engine on the engine's draws.
"""

import argparse
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB"):
    os.environ[f"{library}_NUM_THREADS" if library != "VECLIB" else "VECLIB_MAXIMUM_THREADS"] = "1"
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

import numpy as np  # noqa: E402
from mesa_idiomatic import IdiomaticPartnership  # noqa: E402
from mesa_luck import EngineLuck  # noqa: E402
from mesa_replay import ReplayedPartnership  # noqa: E402
from mesa_twin import Partnership  # noqa: E402

from sim import Scenario, simulate  # noqa: E402
from sim.noise import Worlds  # noqa: E402
from sim.simulation import Batch  # noqa: E402

POLICIES = ("neutral", "adaptive_tracking")
IDIOMATIC, TUNED = "Mesa, idiomatic", "Mesa, tuned"
BATCHED, SINGLE = "engine, all seeds at once", "engine, one seed at a time"
FED = {IDIOMATIC: ReplayedPartnership, TUNED: Partnership}
TOLERANCE = 1e-9


def main() -> None:
    """Check that all agree, time them, print the table and the ratios."""
    options = _options()
    print(f"{options.months} months, {options.repeats} repeats in turn, one thread; Mesa and single runs: "
          f"{options.runs} seeds a repeat, all at once: {options.seeds} seeds\nfirst day: timed for the engine, not "
          "for Mesa; idiomatic Mesa looks at members under neutral too, the others do not\n"
          "ratios within a repeat: median (least to most)\n")  # fmt: skip
    print(f"{'partners':>8}  {'policy':<18}{'what':<27}{'seconds/run':>11}{'partner-months/s':>17}"
          f"   {'times idiomatic':<25}{'times tuned'}")  # fmt: skip
    rows = []
    for partners in (24,) if options.quick else (12, 24, 48):
        scenario = Scenario().with_(**{"size.partners": partners})
        for policy in POLICIES:
            for form in FED:
                check_agreement(form, scenario, policy, options.months)
            rows += summarise(measure(scenario, policy, options), partners, policy, options.months)
            for row in rows[-4:]:
                print(f"{partners:>8}  {policy:<18}{row['what']:<27}{row['seconds_per_run']:>11.5f}"
                      f"{row['partner_months_per_second']:>17,.0f}   {_text(row['times_idiomatic']):<25}"
                      f"{_text(row['times_tuned'])}", flush=True)  # fmt: skip
    print(f"\n24 partners, one core: {'1,000 runs of ' + str(options.months) + ' months':>32}   partner-months/s")
    for row in (row for row in rows if row["partners"] == 24):
        print(f"  {row['policy']:<18}{row['what']:<27}{1000 * row['seconds_per_run']:>8.2f} s"
              f"{row['partner_months_per_second']:>19,.0f}")  # fmt: skip
    if options.json:
        facts = {k: getattr(options, k) for k in ("months", "repeats", "runs", "seeds")}
        options.json.write_text(json.dumps({**facts, "first_day_timed": "engine only", "rows": rows}, indent=1) + "\n")
    headline = next(r for r in rows if (r["partners"], r["policy"], r["what"]) == (24, "neutral", BATCHED))
    print(f"numpy={headline['times_idiomatic']['median']:.1f} times idiomatic Mesa, "
          f"{headline['times_tuned']['median']:.1f} times tuned Mesa")  # fmt: skip


def summarise(seconds: dict[str, list[float]], partners: int, policy: str, months: int) -> list[dict[str, Any]]:
    """Make a row a way: typical seconds and rate, and how many times as fast as each Mesa form."""
    rows = []
    for what, times in seconds.items():
        typical = statistics.median(times)
        row = {"partners": partners, "policy": policy, "what": what, "seconds_per_run": typical,
               "partner_months_per_second": partners * months / typical, "repeats": times}  # fmt: skip
        for name, form in (("times_idiomatic", IDIOMATIC), ("times_tuned", TUNED)):
            ratios = [mesa / own for mesa, own in zip(seconds[form], times, strict=True)]
            row[name] = {"median": statistics.median(ratios), "low": min(ratios), "high": max(ratios)}
        rows.append(row)
    return rows


def check_agreement(form: str, scenario: Scenario, policy: str, months: int, seed: int = 1) -> None:
    """Feed a Mesa form the engine's draws; refuse to time two models that are not the same one.

    Raises:
        SystemExit: when they differ; the message says from when and in what.
    """
    batch, worlds = Batch(scenario, [seed], policy), Worlds([seed, seed], scenario.size.partners, scenario.size.domains)
    twin = FED[form](scenario, seed, policy, lambda month: EngineLuck(worlds, month))
    for _ in range(months):
        _, flows, state = batch.advance()
        twin.step()
        member = state.member[:, 0] > 0
        pairs = {
            "members": ([p.slot for p in twin.members], np.flatnonzero(member)),
            "value created": ([twin.created], flows.created[0, :1]),
            **{name: ([getattr(p, name) for p in twin.members], getattr(state, name)[member, 0])
               for name in ("goodwill", "engagement", "trust", "met", "reserve", "inside")},
        }  # fmt: skip
        for name, (own, engine) in pairs.items():
            if len(own) != len(engine) or not np.allclose(own, engine, rtol=TOLERANCE, atol=TOLERANCE):
                where = f"from month {state.month} on: {policy}, seed {seed}"
                raise SystemExit(f"{form} and engine differ in {name} {where}")


def measure(scenario: Scenario, policy: str, options: argparse.Namespace) -> dict[str, list[float]]:
    """Time the four ways in turn: seconds per run, one number a repeat."""
    ways: dict[str, Callable[[range], float]] = {
        IDIOMATIC: lambda seeds: _time_mesa(IdiomaticPartnership, scenario, policy, seeds, options.months),
        TUNED: lambda seeds: _time_mesa(Partnership, scenario, policy, seeds, options.months),
        BATCHED: lambda seeds: _time_engine(scenario, policy, [range(options.seeds)], options.months),
        SINGLE: lambda seeds: _time_engine(scenario, policy, [[seed] for seed in seeds], options.months),
    }
    for run in ways.values():
        run(range(1))
    seconds: dict[str, list[float]] = {what: [] for what in ways}
    for repeat in range(options.repeats):
        seeds = range(repeat * options.runs, (repeat + 1) * options.runs)
        for what, run in ways.items():
            gc.collect()
            seconds[what].append(run(seeds))
    return seconds


def _time_mesa(form: type, scenario: Scenario, policy: str, seeds: range, months: int) -> float:
    twins = [form(scenario, seed, policy) for seed in seeds]
    begin = time.perf_counter()
    for twin in twins:
        for _ in range(months):
            twin.step()
    return (time.perf_counter() - begin) / len(seeds)


def _time_engine(scenario: Scenario, policy: str, calls: list, months: int) -> float:
    begin = time.perf_counter()
    for seeds in calls:
        simulate(scenario, seeds, policy, months, record=("summary",))
    return (time.perf_counter() - begin) / sum(len(seeds) for seeds in calls)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Ratios are taken within a repeat. The last line has the median ratios, all seeds at once, at 24\n"
               "partners under the neutral policy: numpy=<ratio> times idiomatic Mesa, <ratio> times tuned Mesa.",
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="24 partners only, 3 repeats: under a minute")
    parser.add_argument("--repeats", type=_count, help="how often each is timed (default: 7, quick 3)")
    parser.add_argument("--runs", type=_count, default=20, help="runs a repeat, for Mesa and single runs (default: 20)")
    parser.add_argument("--seeds", type=_count, default=1000, help="seeds the engine runs at once (default: 1000)")
    parser.add_argument("--months", type=_count, default=60, help="length of a run in months (default: 60)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the measurements to this file")
    options = parser.parse_args()
    options.repeats = options.repeats or (3 if options.quick else 7)
    return options


def _text(ratio: dict[str, float]) -> str:
    return f"{ratio['median']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})"


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: give a whole number from 1")
    return int(text)


if __name__ == "__main__":
    main()
