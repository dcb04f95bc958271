"""Documents read as a reader does: fenced blocks, what is said before them, and commands tried in a shell."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Block(NamedTuple):
    """A fenced block: its language, its text, and the last line before it."""

    language: str
    text: str
    before: str


def blocks(text: str) -> list[Block]:
    """Find the fenced blocks of a page."""
    result = re.finditer(r"^```([a-z{}-]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(m[1], m[2], (text[: m.start()].rstrip().splitlines() or [""])[-1]) for m in result]


def shell(commands: str, place: Path, package: Path = ROOT) -> str:
    """Run commands in a place, with ``partnership`` and ``python`` as after the installation; gives what they print."""
    tools = place / ".tools"
    tools.mkdir(exist_ok=True)
    (tools / "partnership").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sim.cli.main "$@"\n')
    (tools / "partnership").chmod(0o755)
    path = os.pathsep.join([str(tools), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(package), "PYTEST_ADDOPTS": ""}
    done = subprocess.run(
        ["bash", "-ec", commands],
        cwd=place,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, f"{commands}\n{done.stdout}"
    return done.stdout
