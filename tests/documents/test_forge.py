"""What a public forge reads: pinned, restricted, and of the versions that the package promises."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_tests_run_on_each_system_and_each_promised_python():
    promised = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d+$", c)]
    matrix = read(ROOT / ".github" / "workflows" / "tests.yml")["jobs"]["default"]["strategy"]["matrix"]

    assert matrix["python"] == promised
    assert [system.partition("-")[0] for system in matrix["system"]] == ["ubuntu", "macos", "windows"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_actions_are_pinned_and_rights_are_named(path):
    text = path.read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)(.*)", text)

    assert [u for u, note in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", u)] == []
    assert all(re.fullmatch(r" # v\d+\.\d+\.\d+", note) for _, note in used)
    assert "permissions" in read(path)
    assert all("timeout-minutes" in job for job in read(path)["jobs"].values())
    assert len(re.findall(r"actions/checkout@", text)) == text.count("persist-credentials: false")


def test_one_action_has_one_version():
    used = {u for path in WORKFLOWS for u in re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8"))}

    assert len({u.partition("@")[0] for u in used}) == len(used) >= 6


def test_what_the_workflows_call_is_there():
    text = "".join(p.read_text(encoding="utf-8") for p in WORKFLOWS)
    extras = set(re.findall(r"\.\[(\w+)\]", text))

    assert extras <= set(PROJECT["optional-dependencies"])
    assert all((ROOT / name).is_file() for name in re.findall(r"\.ci/[\w.]+", text))


@pytest.mark.parametrize("form", ["bug", "model", "case"])
def test_a_form_asks_for_what_an_answer_needs(form):
    data = read(ROOT / ".github" / "ISSUE_TEMPLATE" / f"{form}.yml")
    ids = [part["id"] for part in data["body"] if "id" in part]

    assert len(set(ids)) == len(ids) >= 3
    assert any(part.get("validations", {}).get("required") for part in data["body"])
