"""The architecture: layers of packages, read from the imports."""

import ast
import re
from pathlib import Path

import pytest

import sim

ROOT = Path(sim.__file__).parent
FILES = sorted(p for p in ROOT.rglob("*.py") if "_configs" not in p.parts)
LAYERS = (
    "core",
    "model",
    "config",
    "engine",
    "storage",
    "sweeps",
    "analysis",
    "viz",
    "studies",
    "integrations",
    "lab",
    "cli",
)
"""Packages in order: each imports only from itself and from those before it."""


def package(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{a.name}" for a in node.names if node.module.startswith("sim"))
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names)


def packages_of(path):
    return {m.split(".")[1] for m in imports(path) if m.startswith("sim.")} & set(LAYERS)


def test_the_packages_are_the_layers_and_little_lies_beside_them():
    entries = {p.name for p in ROOT.iterdir()} - {"__pycache__", "_configs"}

    assert entries == {*LAYERS, "__init__.py", "__main__.py", "py.typed"}
    assert len(entries) <= 15
    assert all((ROOT / layer / "__init__.py").is_file() for layer in LAYERS)


@pytest.mark.parametrize("path", [f for f in FILES if package(f) in LAYERS], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_imports_only_from_its_own_layer_or_those_before(path):
    here = LAYERS.index(package(path))

    assert [other for other in packages_of(path) if LAYERS.index(other) > here] == []


def inside_model(path):
    return {m.removeprefix("sim.model.").split(".")[0] for m in imports(path) if m.startswith("sim.model.")}


def top_imports(path):
    """Give the modules of sim that are imported when a file is: not those within functions or for type checks."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sim"):
            for name in [f"{node.module}.{a.name}" for a in node.names]:
                yield name if name in MODULES else node.module
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name in MODULES)


def module_name(path):
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(f): f for f in FILES}


def test_no_modules_import_each_other_in_a_circle():
    waiting = {name: {m for m in top_imports(file) if m in MODULES and m != name} for name, file in MODULES.items()}
    while free := [name for name, needs in waiting.items() if not needs]:
        for name in free:
            del waiting[name]
        for needs in waiting.values():
            needs.difference_update(free)

    assert sorted(waiting) == []


@pytest.mark.parametrize("path", sorted((ROOT / "model" / "rules").glob("*.py")), ids=lambda p: p.stem)
def test_no_rule_imports_a_rule(path):
    assert not inside_model(path) & {"rules", "policies", "random_streams", "shocks"}


@pytest.mark.parametrize("path", sorted((ROOT / "model" / "policies").glob("[!_]*.py")), ids=lambda p: p.stem)
def test_a_policy_sees_observations_and_not_the_state(path):
    assert packages_of(path) <= {"core", "model"}
    assert inside_model(path) <= {"observation", "effort", "arrays", "policies"}
    if path.stem not in ("registry", "enforcement"):
        assert not [m for m in imports(path) if m.startswith("sim.model.policies.") and m.split(".")[3] != "base"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_heavy_libraries_stay_where_they_belong(path):
    found, here = {m.split(".")[0] for m in imports(path)}, package(path)

    assert "mesa" not in found or here == "integrations"
    assert "matplotlib" not in found or here == "viz"
    assert not found & {"pickle", "shelve", "marshal"}
    if here in ("core", "model", "config"):
        assert "pandas" not in found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_randomness_is_drawn_in_the_random_streams_alone(path):
    text = path.read_text(encoding="utf-8")

    assert (
        "np.random" not in text or path.parent.name == "designs" or path.stem == "intervals"
    )  # which points; how sure
    assert not re.search(r"^\s*import random\b|^\s*from random\b", text, re.MULTILINE)
    assert "eval(" not in text


def test_the_public_surface_is_what_it_says():
    assert sorted(sim.__all__) == ["Effort", "Observation", "Orchestrator", "POLICIES", "Partner",
                                   "PartnershipModel", "Policy", "PolicyError", "Scenario", "Sweep", "Tables",
                                   "find_policy", "load", "load_scenario", "read_table", "simulate", "sweep"]  # fmt: skip
    for name in sim.__all__:
        assert getattr(sim, name).__doc__
    with pytest.raises(AttributeError, match="it has"):
        sim.simulat  # noqa: B018
