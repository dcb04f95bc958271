"""Would the tests notice? ``python experiments/mutants.py`` changes the code, one small thing at a time, and runs them.

Of each room a random sample of the changes that mutmut knows is made; a change counts as caught when a test fails or
never ends. Takes ``rooms=rules,audit`` (all by default), ``sample=100`` (changes a room; 0: all), ``seed=0`` and
``keep=FOLDER`` (where the work is kept, to read a survivor: ``mutmut show NAME`` in FOLDER/ROOM). Needs mutmut
(python -m pip install mutmut) and, for a sample of 100, a few minutes a room on one core (ensemble: half an hour).
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
class Room:
    """Files that are changed, and the tests that should notice."""

    files: str
    tests: tuple[str, ...]


ROOMS = {
    "audit": Room(
        "sim/model/invariants.py", ("tests/model/test_invariants.py", "tests/model/test_invariants_by_hand.py")
    ),
    "policies": Room("sim/model/policies/*", ("tests/model/policies", "tests/engine/test_golden.py")),
    "rules": Room(
        "sim/model/rules/*",
        (
            "tests/model/rules",
            "tests/model/test_shocks.py",
            "tests/model/test_initialise.py",
            "tests/engine/test_golden.py",
        ),
    ),
    "analysis": Room(
        "sim/analysis/*",
        ("tests/analysis", *(f"tests/test_{n}.py" for n in ("analysis", "survival", "discover", "why"))),
    ),
    "ensemble": Room("sim/sweeps/*", ("tests/sweeps", "tests/faults", "tests/fuzz/test_damage.py")),
}
"""Only the tests that are quick and nearest: what they let pass, others may still notice."""

AT_IMPORT = ("x_pause_of__", "x__share__")
"""Functions that run when a file is read, before any change is made: out of mutmut's reach."""

SETTINGS = """
[tool.mutmut]
source_paths = ["sim"]
only_mutate = ["{files}"]
also_copy = ["configs", "experiments", "docs", "README.md"]
pytest_add_cli_args = ["-n0", "-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = {tests}
"""


def main() -> None:
    """Change, test, and print a line for each room."""
    given = {"rooms": ",".join(ROOMS), "sample": "100", "seed": "0", "keep": ""}
    for text in sys.argv[1:]:
        key, _, value = text.partition("=")
        if key not in given:
            raise SystemExit(f"'{text}': mutants takes {'=, '.join(given)}=")
        given[key] = value
    unknown = [name for name in given["rooms"].split(",") if name not in ROOMS]
    if unknown:
        raise SystemExit(f"rooms={unknown[0]}: there is no such room; known: {', '.join(ROOMS)}")
    with tempfile.TemporaryDirectory() as passing:
        print(f"{'room':<10}{'changes':>9}{'tried':>7}{'caught':>8}{'share':>8}   95 % interval", flush=True)
        for name in given["rooms"].split(","):
            place = Path(given["keep"] or passing) / name
            tried = try_room(ROOMS[name], place, int(given["sample"]), int(given["seed"]))
            print(line(name, tried), flush=True)
            for mutant in sorted(m for m, verdict in tried.items() if verdict not in (*CAUGHT, UNCHECKED)):
                print(f"    {tried[mutant]}: {mutant}", flush=True)


def try_room(room: Room, place: Path, sample: int, seed: int) -> dict[str, str]:
    """Make a copy of the last commit, change a sample of what can be changed there; gives every change's verdict."""
    if not (place / "mutants").exists():
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run(["git", "clone", "--quiet", str(HERE), str(place)], check=True)
        tests = [t for t in room.tests if (place / t).exists()]
        with (place / "pyproject.toml").open("a", encoding="utf-8") as settings:
            settings.write(SETTINGS.format(files=room.files, tests=json.dumps(tests)))
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

    found = {}
    for file in (place / "mutants" / "sim").rglob("*.meta"):
        for name, code in json.loads(file.read_text())["exit_code_by_key"].items():
            found[name] = status_by_exit_code[code]
    return found


def line(room: str, tried: dict[str, str]) -> str:
    """Write a room's line: the share that is caught, with Wilson's interval."""
    checked = [verdict for verdict in tried.values() if verdict != UNCHECKED]
    n, caught = len(checked), sum(verdict in CAUGHT for verdict in checked)
    if not n:
        return f"{room:<10}{len(tried):>9,}: nothing was tried; see mutmut.log"
    share, z = caught / n, 1.96
    centre, half = (share + z * z / (2 * n)) / (1 + z * z / n), z * sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    low, high = centre - half / (1 + z * z / n), centre + half / (1 + z * z / n)
    return f"{room:<10}{len(tried):>9,}{n:>7}{caught:>8}{share:>8.1%}   {low:.1%} to {high:.1%}"


if __name__ == "__main__":
    main()
