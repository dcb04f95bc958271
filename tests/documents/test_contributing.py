"""``CONTRIBUTING.md``, done as written in a copy of the house."""

import re
import shutil

import pytest

from tests.reading import ROOT, blocks, shell

START, *RECIPES = re.split(r"^## ", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
NEW = re.compile(r"^New file `(.+)`:$")
BELOW = re.compile(r"In `(.+?)`, below `(.+)`:$")


def follow(recipe, house):
    """Do what a recipe says, block by block; gives what its commands print."""
    printed = []
    for language, text, before in blocks(recipe):
        if new := NEW.match(before):
            (house / new[1]).write_text(text)
        elif below := BELOW.search(before):
            insert(house / below[1], below[2], text)
        else:
            assert language == "sh", f"what is a reader to do with this? {before}"
            printed.append(shell(text, house, house))
    return "\n".join(printed)


def insert(file, anchor, text):
    """Put text below the one line that starts with an anchor."""
    lines = file.read_text().splitlines(keepends=True)
    (place,) = [n for n, line in enumerate(lines) if line.startswith(anchor)]
    file.write_text("".join([*lines[: place + 1], text, *lines[place + 1 :]]))


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES, ids=[r.splitlines()[0] for r in RECIPES])
def test_what_the_guide_says_works_as_written(recipe, tmp_path):
    house = tmp_path / "house"
    leave = shutil.ignore_patterns(".git", ".venv", ".pytest_cache", "__pycache__", "results", "site")
    shutil.copytree(ROOT, house, ignore=leave)
    (house / "results").mkdir()

    assert follow(recipe, house)
    assert "Success" in follow(START, house)


def test_each_recipe_is_under_a_page():
    assert [r.splitlines()[0] for r in RECIPES] == [
        "A policy", "A sector", "An outcome", "A figure", "An experiment", "A scenario"
    ]  # fmt: skip
    assert [r for r in RECIPES if len(r.splitlines()) > 75] == []
