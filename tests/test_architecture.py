"""The architecture: layers of packages, read from the imports."""

import ast
import functools
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
    "cases",
    "integrations",
    "lab",
    "cli",
)
"""Packages in order: each imports only from itself and from those before it."""


RULES = sorted((ROOT / "model" / "rules").glob("*.py"))
POLICY_FILES = sorted((ROOT / "model" / "policies").glob("[!_]*.py"))


def package(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@functools.cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def imports(path):
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{a.name}" for a in node.names if node.module.startswith("sim"))
        elif isinstance(node, ast.Import):
            names.update(a.name for a in node.names)
    return frozenset(names)


def packages_of(path):
    return {m.split(".")[1] for m in imports(path) if m.startswith("sim.")} & set(LAYERS)


def inside_model(path):
    return {m.removeprefix("sim.model.").split(".")[0] for m in imports(path) if m.startswith("sim.model.")}


def listed(pairs):
    return [f"{path.relative_to(ROOT)}: {what}" for path, what in pairs if what]


def test_the_packages_are_the_layers_and_little_lies_beside_them():
    entries = {p.name for p in ROOT.iterdir()} - {"__pycache__", "_configs", "_docs"}

    assert entries == {*LAYERS, "__init__.py", "__main__.py", "py.typed"}
    assert len(entries) <= 16
    assert all((ROOT / layer / "__init__.py").is_file() for layer in LAYERS)


def test_a_file_imports_only_from_its_own_layer_or_those_before():
    files = [f for f in FILES if package(f) in LAYERS]
    later = {name: set(LAYERS[place + 1 :]) for place, name in enumerate(LAYERS)}

    assert len(files) > 100
    assert listed((f, sorted(packages_of(f) & later[package(f)])) for f in files) == []


def top_imports(path):
    """Give the modules of sim that are imported when a file is: not those within functions or for type checks."""
    for node in tree(path).body:
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


def test_no_rule_imports_a_rule():
    streams = "sim.model.random_streams."  # a rule names the type of the draws that it is passed, and makes none

    assert len(RULES) > 10
    assert listed((f, inside_model(f) & {"rules", "policies", "shocks"}) for f in RULES) == []
    assert listed((f, {m for m in imports(f) if m.startswith(streams)} - {f"{streams}Draws"}) for f in RULES) == []


def test_a_policy_sees_observations_and_not_the_state():
    allowed = {"observation", "effort", "arrays", "policies"}
    policies = [
        f for f in POLICY_FILES if f.stem not in ("registry", "enforcement", "plan")
    ]  # a plan is made of policies
    others = {f: {m for m in imports(f) if re.match(r"sim\.model\.policies\.(?!base\b)", m)} for f in policies}

    assert listed((f, packages_of(f) - {"core", "model"}) for f in POLICY_FILES) == []
    assert listed((f, inside_model(f) - allowed) for f in POLICY_FILES) == []
    assert listed(others.items()) == []


def test_heavy_libraries_stay_where_they_belong():
    libraries = {f: {m.split(".")[0] for m in imports(f)} for f in FILES}
    plain = [f for f in FILES if package(f) in ("core", "model", "config")]

    assert {package(f) for f in FILES if "mesa" in libraries[f]} == {"integrations"}
    assert {package(f) for f in FILES if "matplotlib" in libraries[f]} == {"viz"}
    assert listed((f, libraries[f] & {"pickle", "shelve", "marshal"}) for f in FILES) == []
    assert [f for f in plain if "pandas" in libraries[f]] == []


def test_randomness_is_drawn_in_the_random_streams_alone():
    texts = {f: f.read_text(encoding="utf-8") for f in FILES}
    allowed = ("intervals", "emulation", "lists", "list_forecasts")  # bootstrap; samplers of parameters; rosters
    allowed += ("sampler", "futures", "checks")  # forecasts
    allowed += ("turning_points", "value_of_information")  # permutations
    drawing = [f for f, text in texts.items() if "np.random" in text and f.stem not in allowed]
    plain = re.compile(r"^\s*(import random\b|from random\b)", re.MULTILINE)

    assert [f for f in drawing if f.parent.name != "designs"] == []
    assert [f for f, text in texts.items() if plain.search(text) or "eval(" in text] == []


def test_the_public_surface_is_what_it_says():
    classes = {
        "Effort",
        "Observation",
        "Orchestrator",
        "Partner",
        "PartnershipModel",
        "Policy",
        "PolicyError",
        "Scenario",
    }
    results = {
        "Comparison",
        "Dose",
        "ForecastScore",
        "Methods",
        "Reproduction",
        "ImportedLists",
        "Result",
        "Run",
        "Sweep",
        "Tables",
        "Trace",
    }
    results |= {"Calibration", "Description", "Discovery", "SearchResult", "Sensitivity", "Validation", "Verification"}
    results |= {"Forecast", "Information", "Pathways"}
    functions = {"compare", "find_policy", "load", "load_scenario", "read_table", "run", "simulate", "sweep", "trace"}
    functions |= {
        "calibrate",
        "forecast",
        "describe",
        "discover",
        "dose",
        "extend",
        "inform",
        "forecast_score",
        "methods",
        "outcome",
        "pathways",
        "reproduce",
        "search",
        "sensitivity",
    }
    functions |= {"import_lists", "validate", "verify"}
    assert set(sim.__all__) == classes | results | functions | {"POLICIES"}
    for name in sim.__all__:
        assert getattr(sim, name).__doc__
    with pytest.raises(AttributeError, match="it has"):
        sim.simulat  # noqa: B018
