"""What the machine can do, what a partner-month takes, and what else a run costs: start-up, memory, draws."""

import cProfile
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from benchmark_agreement import HAS_LLVMLITE

from sim import Scenario, simulate
from sim.engine.batch import Batch
from sim.model.random_streams import RandomStreams

CLI = "import sys; from sim.cli.main import main; sys.exit(main(sys.argv[1:]))"
PEAK = """
from pathlib import Path
status = Path("/proc/self/status")
peak = [line.split()[1] for line in status.read_text().splitlines() if "VmHWM" in line] if status.exists() else []
sys.stderr.write(f", peak memory {int(peak[0]) // 1024} MB" if peak else "")
"""
COST = {"exp": 31, "log": 31, "power": 62}
"""Operations of a function: about those of its series."""

MOVES = ("state", "parameter", "number", "sum", "largest", "where_largest", "pick", "put", "gather", "row", "shared",
         "signed", "float", "take", "month", "slot", "slots", "draw")  # fmt: skip
DRAW = 9
"""Operations on whole numbers that make one draw of 64 bits."""


def best(work: Any, repeats: int = 7) -> float:
    """Return the shortest time that some work takes."""
    times = []
    for _ in range(repeats):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return min(times)


def operations(policy: str = "neutral", partners: int = 24) -> tuple[float, int]:
    """Count the arithmetic of a partner-month in the traced equations, sums and the partnership's share included."""
    from sim.engine.compiled.schedule import reachable
    from sim.engine.compiled.trace import Start, trace
    from sim.model.outcomes.series import ALWAYS

    batch = Batch(Scenario().replace(**{"size.partners": partners}), range(2), policy)
    step, params = batch.own.traced_step, batch.params
    start = Start.of(batch.state, batch.memory)
    month = trace(step, params, batch.policy, batch.targeting, start, range(1, 61), ALWAYS)
    nodes = reachable([*month.changed.values(), *month.series])
    cell = sum(COST.get(n.op, 1) for n in nodes if n.level == 2 and n.op not in MOVES)
    cell += sum(DRAW for n in nodes if n.op == "draw" and n.level == 2) + sum(n.op == "sum" for n in nodes)
    run = sum(COST.get(n.op, 1) for n in nodes if n.level == 1 and n.op not in MOVES)
    variables = len({n.value for n in nodes if n.op == "state" and n.level == 2})
    return cell + run / partners, variables


def print_limit(nanoseconds: dict[str, float]) -> None:
    """Measure the machine's arithmetic and memory, and print what share of them each engine reaches."""
    square = np.random.default_rng(1).random((600, 600))
    multiply_add = 2 * 600**3 / best(lambda: square @ square)
    cached, large = np.ones(4096), np.ones(8_000_000)
    out, far = np.empty_like(cached), np.empty_like(large)
    inner = 24 * 4096 * 200 / best(lambda: [np.multiply(cached, cached, out=out) for _ in range(200)])
    outer = 24 * large.size / best(lambda: np.multiply(large, large, out=far))
    each, variables = operations()
    print(f"\nThis core: {multiply_add / 1e9:.1f} billion operations/s (a matrix product: multiply and\n"
          f"  add at once, widest registers); {inner / 1e9:.0f} GB/s in cache, {outer / 1e9:.0f} beyond")  # fmt: skip
    print(f"A partner-month under neutral at 24 partners: {each:.0f} operations on {variables} variables; at the limit "
          f"{each / multiply_add * 1e9:.1f} ns")  # fmt: skip
    for what, taken in nanoseconds.items():
        if "many" in what:
            print(f"  {what}: {taken:.0f} ns, {each / taken:.2f} operations/ns, "
                  f"{each / taken * 1e9 / multiply_add:.0%} of the limit")  # fmt: skip
    print("  between: few operations are a multiplication with its addition; divisions, the exponential's series;\n"
          "  loads; half-width registers; NumPy: each operation through the cache; the first day")  # fmt: skip


def print_costs(months: int) -> None:
    """Print start-up, memory, draws a second and where the time of a month goes."""
    print("\nStart-up (new processes)")
    for what, code, arguments in (
        ("partnership --help (at most 0.5 s)", CLI, ["--help"]),
        ("import sim", "import sim", []),
        ("partnership run, with its figure (at most 5 s)", CLI, ["run", "folder=run"]),
    ):
        with tempfile.TemporaryDirectory() as place:
            print(f"  {what:<52}{_timed_run(code, arguments, place)[0]}")
    kinds = ("numpy", "compiled") if HAS_LLVMLITE else ("numpy",)
    with tempfile.TemporaryDirectory() as place:
        for engine in kinds:
            code = f"import sys, sim; sim.simulate(None, 1000, 'neutral', {months}, ('summary',), engine='{engine}')"
            for is_compiled in (False, True) if engine == "compiled" else (True,):
                what = f"1,000 runs of 24 partners, {engine}" + ("" if is_compiled else ", compiled first")
                took, peak = _timed_run(f"{code}\n{PEAK}", [], place)
                print(f"  {what:<52}{took}{peak}")
    streams = RandomStreams(list(range(512)), 24, 4)
    print(f"\nDraws: {24 * 512 / best(lambda: streams.partner(1, 0)) / 1e6:.0f} million a second (64 bits, NumPy)")
    print_processes(months)


def _timed_run(code: str, arguments: list[str], place: str) -> tuple[str, str]:
    """Run Python in a new process; gives how long it took, as text, and what it printed to stderr."""
    paths = os.pathsep.join([str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")])
    environment = {
        **os.environ,
        "PYTHONPATH": paths,
        "PARTNERSHIP_CACHE": str(Path(place) / "cache"),
        "MPLBACKEND": "Agg",
    }
    before, begin = os.times(), time.perf_counter()
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=place, env=environment, check=True, capture_output=True, text=True)
    after, took = os.times(), time.perf_counter() - begin
    own = after.children_user + after.children_system - before.children_user - before.children_system
    return f"{took:>6.2f} s ({own:.2f} s of the processor)", done.stderr.rstrip()


def print_processes(months: int) -> None:
    """Print where the NumPy engine's time goes, by file of the rules."""
    for policy in ("neutral", "adaptive_tracking"):
        simulate(None, 512, policy, 2, ("summary",))
        profile = cProfile.Profile()
        profile.runcall(simulate, None, 512, policy, months, ("summary",))
        shares: Counter[str] = Counter()
        entries: Any = pstats.Stats(profile)
        for (file, _, name), (_, _, own, cumulative, callers) in entries.stats.items():
            path = Path(file)
            if path.parent.name == "rules" and any(Path(c[0]).stem == "step" for c in callers):
                shares[path.stem] += cumulative
            elif (path.stem, name) in (("step", "step"), ("initialise", "first_day")):
                shares["step itself" if name == "step" else "first day"] += own if name == "step" else cumulative
        total = entries.total_tt
        listed = ", ".join(f"{name} {took / total:.0%}" for name, took in shares.most_common(12))
        print(f"Where the NumPy engine's time goes, {policy}: {listed}")
