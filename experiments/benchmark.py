"""How fast is the engine, beside the same model in Mesa and AgentPy? One command; every number is measured here.

    python experiments/benchmark.py               # the whole table and a figure: some three minutes
    python experiments/benchmark.py quick=true    # half of that
    python experiments/benchmark.py record=true   # and add the ratios to benchmark_history.csv

Each form runs the same months of the same scenario. The forms take turns, so all meet the same state of the
machine. Each uses one thread, and times are processor times, which other programs disturb less:

- idiomatic Mesa (``mesa_idiomatic.py``): as most modellers would write it after Mesa's own examples. Not tuned.
- tuned Mesa (``mesa_twin.py``): one loop over plain lists, group quantities only when someone leaves, no collector.
- AgentPy (``agentpy_form.py``): the idiomatic form on its lists and records; left out if AgentPy is not installed.
- the engine, NumPy and compiled (left out without llvmlite), with many seeds at once and with one at a time.

For the peers only the months are timed (they copy the engine's first day); for the engine the first day, the months and
the summary table. Idiomatic Mesa and AgentPy observe all members each month; the others observe them only if the policy
needs it, so not under neutral. Compiling has a line of its own. Before anything is timed, the command checks that each
peer, fed with the engine's draws, gives the engine's results, and that both engines give the same table to within 1e-9.

Ratios are taken within a repeat: median (least to most). The last line compares them with ``benchmark_history.csv``;
the command fails if a ratio is more than a third below the earlier ones.
"""

import gc
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"):
    os.environ[f"{library}_NUM_THREADS"] = "1"
if hasattr(os, "sched_setaffinity"):  # the engine takes as many threads as there are cores
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import numpy as np  # noqa: E402
from benchmark_agreement import FORMS, HAS_LLVMLITE, IDIOMATIC, TUNED, check_all  # noqa: E402

from sim import Scenario, simulate  # noqa: E402

NUMPY_MANY, NUMPY_ONE = "engine, many seeds", "engine, one seed"
COMPILED_MANY, COMPILED_ONE = "compiled, many seeds", "compiled, one seed"
DEFAULTS = {"quick": False, "record": False, "repeats": 0, "months": 60, "seeds": 1000, "folder": "results/benchmark"}
SIZES, QUICK_SIZES = (4, 8, 12, 24, 48, 100, 250, 500, 1000), (8, 24, 100)
HEADLINE = 24


def main(arguments: list[str]) -> int:
    """Check that all forms agree, time them, measure the machine, print results; return 1 if the engine is slower."""
    from benchmark_history import compare, record
    from benchmark_machine import print_costs, print_limit

    options = read(arguments)
    folder = Path(options["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    check_all(options["months"])
    months, repeats = options["months"], options["repeats"]
    print(f"{months} months, {repeats} repeats in turn, one thread; ratios: median (least to most)\n")
    print(f"{'partners':>8}  {'policy':<18}{'what':<22}{'times idiomatic Mesa':<26}{'times tuned Mesa':<24}"
          f"{'ns/partner-month':>16}")  # fmt: skip
    rows: list[dict[str, Any]] = []
    for partners in options["sizes"]:
        for policy in ("neutral", "adaptive_tracking") if partners == HEADLINE else ("neutral",):
            rows += timed(Scenario().replace(**{"size.partners": partners}), policy, options)
    headline = {r["what"]: r for r in rows if (r["partners"], r["policy"]) == (HEADLINE, "neutral")}
    print_targets(rows, headline, options["months"])
    print_costs(options["months"])
    print_limit({r["what"]: r["nanoseconds"] for r in headline.values()})
    write(rows, folder)
    ratios = {
        "numpy": headline[NUMPY_MANY]["times_idiomatic"],
        "compiled": headline.get(COMPILED_MANY, {}).get("times_idiomatic"),
    }
    worse = compare(HERE / "benchmark_history.csv", ratios)
    if options["record"]:
        record(HERE / "benchmark_history.csv", ratios)
    print(
        "\n".join(["", *worse]) + "\n" + " ".join(f"{k}={v:.1f}" if v else f"{k}=none" for k, v in ratios.items()),
        "times Mesa",
    )
    return 1 if worse else 0


def read(arguments: list[str]) -> dict[str, Any]:
    """Read key=value arguments.

    Raises:
        SystemExit: if help is asked for; or if one is unknown or of the wrong kind: the message lists what is allowed.
    """
    if {"-h", "--help"} & set(arguments):
        print(f"{__doc__}\nKeys: {' '.join(f'{key}={str(value).lower()}' for key, value in DEFAULTS.items())}")
        raise SystemExit(0)
    options: dict[str, Any] = dict(DEFAULTS)
    for text in arguments:
        key, equals, value = text.partition("=")
        if not equals or key not in options:
            raise SystemExit(f"{text}: give key=value; the keys are {', '.join(DEFAULTS)}\n\n{__doc__}")
        kind = type(options[key])
        if (kind is bool and value not in ("true", "false")) or (kind is int and not value.isdecimal()):
            raise SystemExit(f"{text}: {key} takes {'true or false' if kind is bool else 'a whole number'}")
        options[key] = value == "true" if kind is bool else kind(value)
    options["repeats"] = options["repeats"] or (3 if options["quick"] else 7)
    return options | {"sizes": QUICK_SIZES if options["quick"] else SIZES}


def timed(scenario: Scenario, policy: str, options: dict[str, Any]) -> list[dict[str, Any]]:
    """Time all forms in turn; return and print a row for each."""
    partners, months = scenario.size.partners, options["months"]
    few = range(max(1, min(20, 480 // partners)))
    many = range(min(options["seeds"], max(32, 24_000 // partners)))
    forms: dict[str, Callable[[], float]] = {
        name: partial(_time_peer, form, scenario, policy, few, months) for name, form in FORMS.items()
    }
    ones = few[:3]
    engines = {"numpy": (NUMPY_MANY, NUMPY_ONE)} | ({"compiled": (COMPILED_MANY, COMPILED_ONE)} if HAS_LLVMLITE else {})
    for engine, names in engines.items():
        for name, calls in zip(names, ([many], [[seed] for seed in ones]), strict=True):
            forms[name] = partial(_time_engine, scenario, policy, calls, months, engine)
    for run in forms.values():
        run()
    seconds: dict[str, list[float]] = {what: [] for what in forms}
    for _ in range(options["repeats"]):
        for what, run in forms.items():
            gc.collect()
            seconds[what].append(run())
    rows = []
    for what, times in seconds.items():
        row: dict[str, Any] = {
            "partners": partners,
            "policy": policy,
            "what": what,
            "seconds": statistics.median(times),
        }
        row["nanoseconds"] = row["seconds"] / (partners * months) * 1e9
        texts = []
        for key, form in (("times_idiomatic", IDIOMATIC), ("times_tuned", TUNED)):
            ratios = [mesa / own for mesa, own in zip(seconds[form], times, strict=True)]
            row |= {key: statistics.median(ratios), f"{key}_least": min(ratios), f"{key}_most": max(ratios)}
            texts.append(f"{row[key]:.3g} ({min(ratios):.3g} to {max(ratios):.3g})")
        print(
            f"{partners:>8}  {policy:<18}{what:<22}{texts[0]:<26}{texts[1]:<24}{row['nanoseconds']:>16,.0f}", flush=True
        )
        rows.append(row)
    return rows


def _time_peer(form: Any, scenario: Scenario, policy: str, seeds: range, months: int) -> float:
    models = [form(scenario, seed, policy) for seed in seeds]
    begin = time.process_time()
    for model in models:
        step = getattr(model, "month", None) or model.step
        for _ in range(months):
            step()
    return (time.process_time() - begin) / len(seeds)


def _time_engine(scenario: Scenario, policy: str, calls: list[Any], months: int, engine: str) -> float:
    begin = time.process_time()
    for seeds in calls:
        simulate(scenario, seeds, policy, months, record=("summary",), engine=engine)
    return (time.process_time() - begin) / sum(len(seeds) for seeds in calls)


def print_targets(rows: list[dict[str, Any]], headline: dict[str, dict[str, Any]], months: int) -> None:
    """Print each speed target beside the measured value."""
    print("\nTargets and measured values")
    for what, goal in ((NUMPY_MANY, 80), (COMPILED_MANY, 200)):
        if what in headline:
            print(f"  {what}, {HEADLINE} partners, {months} months: at least {goal} times idiomatic Mesa: "
                  f"{headline[what]['times_idiomatic']:.0f}")  # fmt: skip
    for what in (NUMPY_MANY, COMPILED_MANY):
        twelve = {r["what"]: r["seconds"] for r in rows if r["partners"] == 12}
        if what in twelve:
            print(
                f"  {what}: 1,000 runs of 12 partners take {1000 * twelve[what] / twelve[IDIOMATIC]:.1f} Mesa runs (5)"
            )
        cost = [
            r["nanoseconds"]
            for r in rows
            if r["what"] == what and r["policy"] == "neutral" and 8 <= r["partners"] <= 500
        ]
        if len(cost) > 1:
            print(
                f"  {what}: cost per partner-month, 8 to 500 partners, within a factor {max(cost) / min(cost):.2f} (2)"
            )


def write(rows: list[dict[str, Any]], folder: Path) -> None:
    """Write the table, and the figure: the cost of a partner-month, by form and number of partners."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    import pandas as pd

    table = pd.DataFrame(rows)
    table.to_csv(folder / "speed.csv", index=False, float_format="%.6g")
    figure, ax = plt.subplots(figsize=(7.5, 4.5), layout="constrained")
    looks = zip("osDv^<>", ("#777777", "#aaaaaa", "#cc79a7", "#0072b2", "#56b4e9", "#d55e00", "#e69f00"), strict=True)
    for (what, group), (marker, colour) in zip(
        table[table["policy"] == "neutral"].groupby("what", sort=False), looks, strict=False
    ):
        ax.plot(group["partners"], group["nanoseconds"], marker=marker, color=colour, label=what)
    ax.set(xscale="log", yscale="log", xlabel="partners", ylabel="time per partner-month (ns, one core)")
    figure.legend(loc="outside right center", frameon=False)
    figure.savefig(folder / "speed.png", dpi=150)
    plt.close(figure)
    print(f"\nTable and figure: {folder}/speed.csv, speed.png")


if __name__ == "__main__":
    np.seterr(all="ignore")
    sys.exit(main(sys.argv[1:]))
