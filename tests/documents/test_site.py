"""The documentation site: built without a warning, with nothing in it from elsewhere."""

import re
import subprocess
import sys

import pytest

from tests.reading import ROOT

LOADED = re.compile(
    r"""<(?:script|img|iframe|source)[^>]*\ssrc="(?:https?:)?//|<link[^>]*\shref="(?:https?:)?//|@import|url\(["']?(?:https?:)?//"""
)


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path):
    pytest.importorskip("sphinx", reason="the extra docs is not installed")
    build = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", ROOT / "docs", tmp_path / "site"]
    done = subprocess.run(build, capture_output=True, text=True)
    files = [f for f in (tmp_path / "site").rglob("*") if f.suffix in (".html", ".css")]

    assert (done.returncode, done.stderr) == (0, "")
    assert len(files) > 25
    assert [f.name for f in files if LOADED.search(f.read_text(encoding="utf-8"))] == []
