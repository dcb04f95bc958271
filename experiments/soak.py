"""Does memory grow? ``python experiments/soak.py minutes=60`` works in one process and prints a table of memory.

A round simulates, compares, sweeps, and writes a report of each. Seeds and parameters differ in every round, so that no
result comes from a cache. The first rounds fill imports, fonts and bounded caches; after them, no row of the table may
lie more than ``slack=`` megabytes above the first.
"""

import contextlib
import dataclasses
import gc
import io
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from sim import simulate
from sim.cli.main import main as partnership

WARM = 3
"""Rounds before the table begins."""

ROWS = 20
"""Rows of the table, at most."""

POLICIES = ("neutral", "safeguarding", "bundling", "connecting", "scheduled", "adaptive", "adaptive_tracking")


@dataclasses.dataclass(frozen=True)
class Row:
    """A stretch of time: when it ended, rounds and runs so far, and memory (median and most over its rounds)."""

    minutes: float
    rounds: int
    runs: int
    median: float
    most: float


def main() -> None:
    """Work for the given time, print the table, and fail if memory has grown."""
    options = {"minutes": 1.0, "slack": 50.0}
    for text in sys.argv[1:]:
        key, _, value = text.partition("=")
        if key not in options or not value.replace(".", "", 1).isdigit():
            raise SystemExit(f"'{text}': soak takes minutes= and slack= (megabytes), each a number from 0")
        options[key] = float(value)
    print(f"{'minutes':>8}{'rounds':>8}{'runs':>10}{'MB, median':>12}{'MB, most':>10}", flush=True)
    rows = soak(60.0 * options["minutes"])
    growth = max(row.median for row in rows) - rows[0].median
    last, slack = rows[-1], options["slack"]
    print(f"\ngrowth={growth:.1f} MB over {last.rounds} rounds, {last.runs:,} runs; allowed {slack:g} MB")
    if growth > slack:
        raise SystemExit("memory has grown by more than that")


def soak(seconds: float) -> list[Row]:
    """Repeat rounds until the time is over; return a row for each stretch."""
    begin, rows, seen, rounds, runs = time.monotonic(), list[Row](), list[float](), 0, 0
    while not rows or time.monotonic() - begin < seconds:
        runs += work(rounds)
        rounds += 1
        if rounds <= WARM:
            continue
        seen.append(memory())
        passed = time.monotonic() - begin
        if passed >= seconds * (len(rows) + 1) / ROWS:
            rows.append(Row(passed / 60.0, rounds, runs, statistics.median(seen), max(seen)))
            print("{:8.1f}{:8d}{:10,d}{:12.1f}{:10.1f}".format(*dataclasses.astuple(rows[-1])), flush=True)
            seen = []
    return rows


def work(turn: int) -> int:
    """Do one round; return how many runs were simulated."""
    policy, partners, seed = POLICIES[turn % len(POLICIES)], 6 + turn % 30, 1000 * turn
    seeds = range(seed, seed + 200)
    simulate(None, seeds, policy, 36, ("summary", "series", "members", "events"), {"start.trust": [0.5] * len(seeds)})
    with tempfile.TemporaryDirectory() as place:
        few = [f"seed={seed}", "months=24", f"scenario.size.partners={partners}", f"policies=[{policy},fixed_mix]"]
        compared, swept = Path(place) / "compared", Path(place) / "swept"
        run_command("compare", *few, "scenario=neutral", "replications=40", "region=2", f"folder={compared}")
        run_command("report", str(compared))
        points = [f"space.start.trust=[0.3,{0.4 + 0.001 * (turn % 500)}]", "space.rules.leak.rate=[0.05,0.2]"]
        run_command("sweep", *few, *points, "replications=20", "record=[events]", "executor=serial", f"folder={swept}")
        run_command("report", str(swept))
    return len(seeds) + 2 * (40 + 2 * 10) + 2 * 4 * 20


def run_command(*arguments: str) -> None:
    """Run a command as a user would; show what it prints only if it fails."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        code = partnership(list(arguments))
    if code:
        raise SystemExit(f"partnership {' '.join(arguments)} failed:\n{output.getvalue()}")


def memory() -> float:
    """Give the memory this process holds now, in megabytes."""
    gc.collect()
    return psutil.Process().memory_info().rss / 2**20


if __name__ == "__main__":
    main()
