"""For the pages' tests: a Chromium, skipped where none is found (set CHROMIUM to its path), and a server of the pages."""

import os
import shutil
import threading

import pytest

from tests.lab.serve_site import serve

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


@pytest.fixture(scope="module")
def address():
    with serve() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
