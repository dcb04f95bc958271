"""Count lines of code and of tests by room: ``python docs/count_lines.py``. Blank lines and comments do not count.

A file of tests belongs to the room that it imports most from; where it imports from none it is of the commands.
"""

import ast
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


def lines(path: Path) -> tuple[int, int]:
    """Give the lines of code of a file, and those of its docstrings."""
    text = path.read_text(encoding="utf-8")
    full = {n for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.strip().startswith("#")}
    told: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            told |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(full - told), len(full & told)


def room_of(path: Path) -> str:
    """Name the room of a file of the package: its folder, or the foundations for what stands by itself."""
    parts = path.relative_to(HERE / "sim").parts
    return parts[0] if len(parts) > 1 else "(foundations)"


def tested(path: Path) -> str:
    """Name the room that a file of tests is about."""
    found: Counter[str] = Counter()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sim."):
            place = HERE / "sim" / str(node.module).split(".")[1]
            found[place.name if place.is_dir() else "(foundations)"] += 1
    own = path.parent.name
    return own if (HERE / "sim" / own).is_dir() else found.most_common(1)[0][0] if found else "commands"


def main() -> None:
    """Print the table."""
    rooms: dict[str, list[int]] = {}
    for path in sorted(p for p in (HERE / "sim").rglob("*.py") if "_configs" not in p.parts):
        code, told = lines(path)
        row = rooms.setdefault(room_of(path), [0, 0, 0, 0])
        row[0], row[1], row[2] = row[0] + 1, row[1] + code, row[2] + told
    for path in sorted((HERE / "tests").rglob("*.py")):
        rooms.setdefault(tested(path), [0, 0, 0, 0])[3] += lines(path)[0]
    print("| room | files | code | docstrings | tests |\n|---|---|---|---|---|")
    for room, row in [*sorted(rooms.items()), ("together", [sum(c) for c in zip(*rooms.values(), strict=True)])]:
        print(f"| {room} | {' | '.join(f'{n:,}' for n in row)} |")


if __name__ == "__main__":
    main()
