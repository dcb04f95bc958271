"""The soak: a table of memory over time, and a failure where it grows."""

import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).parents[2] / "experiments" / "soak.py"


def soaked(*arguments):
    command = [sys.executable, str(SOAK), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=SOAK.parents[1])


@pytest.mark.slow
def test_a_soak_of_seconds_prints_memory_over_time_and_holds():
    done = soaked("minutes=0.2")

    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[0].split() == ["minutes", "rounds", "runs", "MB,", "median", "MB,", "most"]
    assert "growth=" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("words", [["hours=1"], ["minutes=long"], ["slack"]])
def test_a_soak_says_what_it_takes(words):
    done = soaked(*words)

    assert done.returncode == 1
    assert f"'{words[0]}': soak takes minutes= and slack= (megabytes), each a number from 0" in done.stderr


def test_a_process_that_grows_fails(monkeypatch, capsys):
    sys.path.insert(0, str(SOAK.parent))
    try:
        import soak
    finally:
        sys.path.pop(0)
    content = []
    monkeypatch.setattr(soak, "work", lambda turn: content.append(turn) or 1)
    monkeypatch.setattr(soak, "memory", lambda: 100.0 + 2 * len(content))
    monkeypatch.setattr(soak, "ROWS", 10**6)
    monkeypatch.setattr(sys, "argv", ["soak.py", "minutes=0.005", "slack=10"])

    with pytest.raises(SystemExit, match="memory has grown by more than that"):
        soak.main()
    assert "allowed 10 MB" in capsys.readouterr().out
