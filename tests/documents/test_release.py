"""What a release says of itself in several places is the same in all."""

import json
import re
import tomllib

import pytest
import yaml

import sim
from tests.reading import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
CODEMETA = json.loads((ROOT / "codemeta.json").read_text(encoding="utf-8"))
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_version_is_the_same_everywhere_and_first_in_the_changelog():
    first = re.findall(r"^## (\S+) \(", CHANGES, re.MULTILINE)[0]

    assert {sim.__version__, PROJECT["version"], CITATION["version"], CODEMETA["version"], first} == {"0.1.0"}


def test_name_licence_keywords_and_requirements_are_the_same_everywhere():
    needed = [re.split(r"[><=]", requirement)[0] for requirement in PROJECT["dependencies"]]

    assert CODEMETA["name"] == PROJECT["name"]
    assert CITATION["title"].startswith(PROJECT["name"])
    assert CODEMETA["description"] == PROJECT["description"]
    assert {PROJECT["license"], CITATION["license"], CODEMETA["license"].rpartition("/")[2]} == {"MIT"}
    assert PROJECT["keywords"] == CITATION["keywords"] == CODEMETA["keywords"]
    assert needed == CODEMETA["softwareRequirements"]


@pytest.mark.parametrize("extra", sorted(PROJECT["optional-dependencies"]))
def test_every_extra_is_tried_by_the_continuous_integration(extra):
    assert f"[{extra}]" in (ROOT / ".ci" / "extras").read_text(encoding="utf-8")
