"""Mutation tests: ``python experiments/mutants.py`` makes one small change to the code at a time and runs the tests.

For each area of the code it makes a random sample of mutmut's changes; a change counts as caught when a test fails or
never ends. Takes ``areas=rules,invariants`` (all by default), ``sample=100`` (changes an area; 0: all), ``seed=0`` and
``folder=FOLDER`` (where to keep the work, to read a survivor: ``mutmut show NAME`` in FOLDER/AREA). Needs mutmut
(python -m pip install mutmut) and, for a sample of 100, a few minutes an area on one core (sweeps: half an hour).
"""

import dataclasses
import json
import random
import shutil
import subprocess
import sys
import tempfile
from math import sqrt
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
CAUGHT, UNCHECKED = ("killed", "timeout", "segfault", "suspicious", "caught by type check"), "not checked"


@dataclasses.dataclass(frozen=True)
class Area:
    """Files that are changed, and the tests that should notice."""

    files: str
    tests: tuple[str, ...]


AREAS = {
    "invariants": Area(
        "sim/model/invariants.py", ("tests/model/test_invariants.py", "tests/model/test_invariants_by_hand.py")
    ),
    "policies": Area("sim/model/policies/*", ("tests/model/policies", "tests/engine/test_golden.py")),
    "rules": Area(
        "sim/model/rules/*",
        (
            "tests/model/rules",
            "tests/model/test_shocks.py",
            "tests/model/test_initialise.py",
            "tests/engine/test_golden.py",
        ),
    ),
    "analysis": Area(
        "sim/analysis/*",
        ("tests/analysis", "tests/studies/test_discover.py", "tests/studies/test_trace.py"),
    ),
    "sweeps": Area("sim/sweeps/*", ("tests/sweeps", "tests/faults", "tests/fuzz/test_damage.py")),
}
"""Only the tests that are quick and nearest: what they let pass, others may still notice."""

AT_IMPORT = ("x_pause_of__", "x__share__")
"""Functions that run when a file is read, before any change is made: out of mutmut's reach."""

MUTMUT = """
[tool.mutmut]
source_paths = ["sim"]
only_mutate = ["{files}"]
also_copy = ["configs", "experiments", "docs", "README.md"]
pytest_add_cli_args = ["-n0", "-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = {tests}
"""


def main() -> None:
    """Change, test, and print a line for each area."""
    options = {"areas": ",".join(AREAS), "sample": "100", "seed": "0", "folder": ""}
    for text in sys.argv[1:]:
        key, _, value = text.partition("=")
        if key not in options:
            raise SystemExit(f"'{text}': mutants takes {'=, '.join(options)}=")
        options[key] = value
    unknown = [name for name in options["areas"].split(",") if name not in AREAS]
    if unknown:
        raise SystemExit(f"areas={unknown[0]}: there is no such area; known: {', '.join(AREAS)}")
    with tempfile.TemporaryDirectory() as passing:
        print(f"{'area':<10}{'changes':>9}{'tried':>7}{'caught':>8}{'share':>8}   95 % interval", flush=True)
        for name in options["areas"].split(","):
            place = Path(options["folder"] or passing) / name
            tried = try_area(AREAS[name], place, int(options["sample"]), int(options["seed"]))
            print(line(name, tried), flush=True)
            for mutant in sorted(m for m, verdict in tried.items() if verdict not in (*CAUGHT, UNCHECKED)):
                print(f"    {tried[mutant]}: {mutant}", flush=True)


def try_area(area: Area, place: Path, sample: int, seed: int) -> dict[str, str]:
    """Make a copy of the last commit, change a sample of what can be changed there; gives every change's verdict."""
    if not (place / "mutants").exists():
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run(["git", "clone", "--quiet", str(HERE), str(place)], check=True)
        tests = [t for t in area.tests if (place / t).exists()]
        with (place / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(MUTMUT.format(files=area.files, tests=json.dumps(tests)))
        mutmut(place, "nothing of that name*")
    names = sorted(name for name in verdicts(place) if not any(part in name for part in AT_IMPORT))
    chosen = random.Random(seed).sample(names, min(sample or len(names), len(names)))
    mutmut(place, *chosen)
    return verdicts(place)


def mutmut(place: Path, *names: str) -> None:
    """Run mutmut on some changes, one after the other."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1", *names]
    with (place / "mutmut.log").open("ab") as log:
        subprocess.run(command, cwd=place, stdout=log, stderr=log, check=False)


def verdicts(place: Path) -> dict[str, str]:
    """Read what became of each change."""
    from mutmut.stats import status_by_exit_code

    by_name = {}
    for file in (place / "mutants" / "sim").rglob("*.meta"):
        for name, code in json.loads(file.read_text())["exit_code_by_key"].items():
            by_name[name] = status_by_exit_code[code]
    return by_name


def line(area: str, tried: dict[str, str]) -> str:
    """Write an area's line: the share that is caught, with Wilson's interval."""
    checked = [verdict for verdict in tried.values() if verdict != UNCHECKED]
    n, caught = len(checked), sum(verdict in CAUGHT for verdict in checked)
    if not n:
        return f"{area:<10}{len(tried):>9,}: nothing was tried; see mutmut.log"
    share, z = caught / n, 1.96
    centre, half = (share + z * z / (2 * n)) / (1 + z * z / n), z * sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    low, high = centre - half / (1 + z * z / n), centre + half / (1 + z * z / n)
    return f"{area:<10}{len(tried):>9,}{n:>7}{caught:>8}{share:>8.1%}   {low:.1%} to {high:.1%}"


if __name__ == "__main__":
    main()
