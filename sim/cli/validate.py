"""``partnership validate``: facts the model was not fitted to, and exact limits, each with its verdict."""

from pathlib import Path
from typing import Any

from sim.storage.results import write_csv

HELP = """\
Compare the model, over its plausible region, with facts it was not fitted to; and with exact limits.

  partnership validate                     # every pattern, in 16 parameter sets (about a minute)
  partnership validate region=64 replications=100
  partnership validate of=prior            # before calibration: a pattern that passes here as well tells little
  partnership validate limits=true         # published benchmarks as degenerate configurations (about a minute)

Takes region= (parameter sets of the plausible region, at most 64), replications= (for each), of=, limits=true,
folder= and executor=. Runs that are there already are not made again. Closes with: N patterns passed, M failed.
"""

MOST = {"region": 64, "replications": 10_000}


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.config.hydra import value_of
    from sim.core.errors import InputError
    from sim.core.paths import path_of
    from sim.storage.atomic import refuse_results
    from sim.sweeps.spec import check, override

    given = {a.partition("=")[0]: a.partition("=")[2] for a in arguments}
    for key in given:
        if key.partition(".")[0] not in ("region", "replications", "of", "limits", "folder", "executor"):
            raise InputError(f"'{key}': validate takes region=, replications=, of=, limits=, folder= and executor=")
    numbers = {k: value_of(f"{k}={given[k]}") for k in ("region", "replications") if k in given}
    for key, value in numbers.items():
        most = MOST[key]
        if isinstance(value, bool) or not isinstance(value, int) or not 2 <= value <= most:
            raise InputError(f"{key}={given[key]}: give a whole number from 2 to {most}")
    if given.get("of", "region") not in ("region", "prior"):
        raise InputError(f"of={given['of']}: give region or prior")
    if given.get("limits", "false") not in ("true", "false"):
        raise InputError(f"limits={given['limits']}: give true or false")
    folder = path_of(given.get("folder") or "results/validation")
    refuse_results(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"folder={folder}: cannot be made: {error.strerror}; choose another with folder=PATH"
        ) from error
    if given.get("limits") == "true":
        return _limits(folder)
    asked = check("validation", override({}, [a for a in arguments if a.startswith("executor")]), folder)
    n_sets, replications = numbers.get("region", 16), numbers.get("replications", 40)
    return _patterns(folder, given.get("of", "region"), n_sets, replications, asked.executor.model_dump())


def _limits(folder: Path) -> None:
    from sim.studies.validation.limits import table

    found = table()
    write_csv(found, folder / "limits.csv")
    print(f"{'':<6} {'limit':<46} {'case':<46} {'model':>9} {'expected':>9}")
    for row in found.rename(columns={"closed form": "expected"}).itertuples():
        print(
            f"{row.verdict:<6} {row.limit:<46} {row.case:<46} {row.model:>9.4g} {row.expected:>9.4g}"
            f"  error {row.error:.2g}"
        )
    holds = int((found["verdict"] == "holds").sum())
    print(f"\n{holds} limits hold, {len(found) - holds} fail; {folder}/limits.csv")


def _patterns(folder: Path, of: str, n_sets: int, replications: int, executor: Any) -> None:
    from sim.storage.digests import model_version
    from sim.studies.validation.calibration import read_prior, read_region
    from sim.studies.validation.validate import verdicts
    from sim.viz.figures.validation import pattern_figure
    from sim.viz.save import save_figure

    region = read_region().head(n_sets) if of == "region" else read_prior(n_sets)
    name = "patterns" if of == "region" else "patterns-prior"
    found = verdicts(region, folder / f"{of}-{len(region)}x{replications}", replications, executor=executor)
    write_csv(found, folder / f"{name}.csv")
    note = f"{len(region)} parameter sets of the {of}, {replications} replications each, model {model_version()}"
    save_figure(pattern_figure(found, note), folder / name, f"partnership validate | {note}")
    print(f"{note}\nA pattern passes where the median over parameter sets lies in the known range.\n")
    row: Any
    for row in found.itertuples():
        print(f"{row.verdict:<7} {row.pattern:<4} {row.kind:<9} {row.fact}")
        print(f"        {row.statistic}")
        here = f"{row.median:.3g} ({row.q05:.3g} to {row.q95:.3g})"
        print(f"        known {row.low:g} to {row.high:g}; here {here}; inside in {row.inside:.0%} of parameter sets")
        if row.diagnosis:
            print(f"        why: {row.diagnosis}")
    passed = int((found["verdict"] == "passed").sum())
    built_in = int(((found["verdict"] == "passed") & (found["kind"] == "built in")).sum())
    print(f"\nTable and figure: {folder}/{name}.csv, {folder}/{name}.png. Of those passed, {built_in} are built in.")
    print(f"{passed} patterns passed, {len(found) - passed} failed")
