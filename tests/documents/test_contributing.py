"""``CONTRIBUTING.md``, done as written in a copy of the repository."""

import re
import shutil

import pytest

from tests.reading import ROOT, blocks, shell

START, *RECIPES = re.split(r"^## ", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
NEW = re.compile(r"^New file `(.+)`:$")
BELOW = re.compile(r"In `(.+?)`, below `(.+)`:$")


def follow(recipe, copy):
    """Do what a recipe says, block by block; give what its commands print."""
    printed = []
    for language, text, before in blocks(recipe):
        if new := NEW.match(before):
            (copy / new[1]).write_text(text)
        elif below := BELOW.search(before):
            insert(copy / below[1], below[2], text)
        else:
            assert language == "sh", f"what is a reader to do with this? {before}"
            printed.append(shell(text, copy, copy))
    return "\n".join(printed)


def insert(file, anchor, text):
    """Put text below the one line that starts with an anchor."""
    lines = file.read_text().splitlines(keepends=True)
    (place,) = [n for n, line in enumerate(lines) if line.startswith(anchor)]
    file.write_text("".join([*lines[: place + 1], text, *lines[place + 1 :]]))


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES, ids=[r.splitlines()[0] for r in RECIPES])
def test_what_the_guide_says_works_as_written(recipe, tmp_path):
    copy = tmp_path / "copy"
    leave = shutil.ignore_patterns(".git", ".venv", ".pytest_cache", "__pycache__", "results", "site")
    shutil.copytree(ROOT, copy, ignore=leave)
    (copy / "results").mkdir()

    assert follow(recipe, copy)
    assert "Success" in follow(START, copy)


def test_each_recipe_is_under_a_page():
    assert [r.splitlines()[0] for r in RECIPES] == [
        "A policy", "An outcome", "A rule parameter", "A state variable", "A sector", "A figure", "An experiment",
        "A scenario"
    ]  # fmt: skip
    assert [r for r in RECIPES if len(r.splitlines()) > 75] == []


@pytest.mark.parametrize("recipe", RECIPES, ids=[r.splitlines()[0] for r in RECIPES])
def test_the_table_counts_the_files_and_lines_of_each_recipe(recipe):
    name = recipe.splitlines()[0]
    texts = {b.before: b.text for b in blocks(recipe) if b.language != "sh"}
    n_lines = sum(1 for text in texts.values() for line in text.splitlines() if line.strip())
    row = re.search(rf"^\| \[{name.replace('A', 'a', 1)}\].*$", START, re.MULTILINE)

    assert row
    assert (sum(before.startswith("New file") for before in texts), n_lines) == tuple(
        int(row[0].split("|")[column]) for column in (2, 4)
    )


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/security.md", "docs/validation.md", "docs/architecture.md"])
def test_every_test_file_that_a_page_names_exists(page):
    named = re.findall(r"tests/[\w/]+(?:\.py)?", (ROOT / page).read_text(encoding="utf-8"))

    assert [name for name in named if not (ROOT / name).exists()] == []
