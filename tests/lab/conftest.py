"""A Chromium for the pages' tests; skipped where none is found (set CHROMIUM to its path)."""

import os
import shutil

import pytest

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser():
    play = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium found: set CHROMIUM to its path")
    with play.sync_playwright() as player:
        result = player.chromium.launch(executable_path=chromium, args=FLAGS)
        yield result
        result.close()
