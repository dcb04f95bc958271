"""The floors of the house, read from the imports."""

import ast
from pathlib import Path

import pytest

import sim

ROOT = Path(sim.__file__).parent
FILES = sorted(p for p in ROOT.rglob("*.py") if "_configs" not in p.parts)
FLOORS = (
    ("messages", "paths", "plain_yaml", "declare", "arrays", "plugins", "intervals"),
    ("effort",),
    ("state", "observation", "noise", "sectors", "shocks", "initial"),
    ("rules", "policies"),
    ("scenario", "governance", "policy_at_work"),
    ("start", "step", "audit"),
    ("outcomes", "events"),
    ("fused",),
    ("tables", "composing", "columns", "batch"),
    ("simulation", "config"),
    ("designs",),
    ("experiment",),
    ("experiment_config",),
    ("whole",),
    ("results", "mesa_view"),
    ("ensemble",),
    ("analysis",),
    ("validation",),
    ("search",),
    ("plots",),
    ("report",),
    ("lab",),
    ("commands",),
    ("cli",),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def room(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path, top_only=False):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_only else list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{a.name}" for a in node.names if node.module.startswith("sim"))
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names)


def rooms_of(path):
    return {m.split(".")[1] for m in imports(path) if m.startswith("sim.") and m.split(".")[1] in FLOOR}


@pytest.mark.parametrize(
    "path", [f for f in FILES if f != ROOT / "__init__.py"], ids=lambda p: str(p.relative_to(ROOT))
)
def test_a_file_imports_only_from_its_own_floor_or_below(path):
    here = room(path)

    assert here in FLOOR, f"{path} is in no room: name it in FLOORS"
    assert all(FLOOR[other] <= FLOOR[here] for other in rooms_of(path))


@pytest.mark.parametrize("path", sorted((ROOT / "rules").glob("*.py")), ids=lambda p: p.stem)
def test_no_rule_imports_a_rule(path):
    assert not rooms_of(path) & {"rules", "policies", "noise", "shocks"}


@pytest.mark.parametrize("path", sorted((ROOT / "policies").glob("[!_]*.py")), ids=lambda p: p.stem)
def test_a_policy_sees_observations_and_not_the_state(path):
    allowed = {"observation", "effort", "arrays", "declare", "policies", "messages"}

    assert rooms_of(path) <= allowed
    assert not [m for m in imports(path) if m.startswith("sim.policies.") and m.split(".")[2] != "base"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_heavy_libraries_stay_in_their_rooms(path):
    found = {m.split(".")[0] for m in imports(path)}

    assert "mesa" not in found or room(path) == "mesa_view"
    assert "matplotlib" not in found or room(path) in ("commands", "results", "report")
    assert not found & {"pickle", "shelve", "marshal"}
    if FLOOR.get(room(path), 0) < FLOOR["tables"]:
        assert "pandas" not in found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_randomness_is_drawn_in_noise_alone(path):
    text = path.read_text(encoding="utf-8")

    assert "np.random" not in text or room(path) in ("designs", "intervals")  # which points; how sure
    assert "import random" not in text
    assert "eval(" not in text


def test_the_public_surface_is_what_it_says():
    assert sorted(sim.__all__) == ["Effort", "Observation", "Orchestrator", "POLICIES", "Partner",
                                   "PartnershipModel", "Policy", "PolicyError", "Scenario", "Sweep", "Tables",
                                   "find_policy", "load", "load_scenario", "read_table", "simulate", "sweep"]  # fmt: skip
    for name in sim.__all__:
        assert getattr(sim, name).__doc__
    with pytest.raises(AttributeError, match="it has"):
        sim.simulat  # noqa: B018


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_stay_short_enough_to_read(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 200
