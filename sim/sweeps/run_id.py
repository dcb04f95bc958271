"""Who a run is: an id made from everything that determines it, and nothing else."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sim import __version__
from sim.core.declare import parameters
from sim.core.plugins import looks_like_path, source_digest
from sim.model.scenario import Scenario

SIM = Path(__file__).resolve().parent.parent
NOT_MODEL = (
    *("cli", "commands", "plots", "analysis", "mesa_view", "ensemble", "designs", "results", "validation", "search"),
    *("report", "lab", "paths", "whole"),
    *("intervals", "experiment", "experiment_config", "config", "composing", "messages", "_configs", "__init__"),
)
"""Rooms that cannot change what a run gives."""


@cache
def model_version() -> str:
    """Name the model: the package's version, and a digest of the text of everything that a run depends on."""
    digest = hashlib.sha256()
    for file in sorted(SIM.rglob("*.py"), key=lambda f: f.relative_to(SIM).as_posix()):
        path = file.relative_to(SIM)
        if path.parts[0].removesuffix(".py") not in NOT_MODEL:
            digest.update(path.as_posix().encode() + b"\n" + file.read_bytes().replace(b"\r\n", b"\n"))
    return f"{__version__}+{digest.hexdigest()[:8]}"


def plugin_digests(*specs: Any) -> dict[str, str]:
    """Digest the source of every policy or pay-off that is a user's own."""
    names = [s.get("name", "") if isinstance(s, Mapping) else s for s in specs]
    return {n: source_digest(n) for n in sorted({str(n) for n in names if n}) if looks_like_path(n)}


class Identity:
    """Ids of the runs of one scenario and policy; swept parameters and seeds differ by run."""

    def __init__(
        self,
        scenario: Scenario,
        policy: Mapping[str, Any],
        months: int,
        plugins: Mapping[str, str],
        engine: str,
    ) -> None:
        facts = sorted(parameters(scenario), key=lambda q: q.path)
        fixed = {q.path: q.default for q in facts if q.structural}
        head = {"scenario": fixed, "policy": policy, "months": months, "plugins": plugins, "model": model_version()}
        head |= {"engine": engine}
        self._head = hashlib.sha256(json.dumps(head, sort_keys=True).encode()).digest()
        self._place = {q.path: k for k, q in enumerate(q for q in facts if not q.structural)}
        self._numbers = np.array([float(q.default) for q in facts if not q.structural])

    def ids(self, columns: Mapping[str, Any], seeds: Any) -> list[str]:
        """Give one id per run, 24 hexadecimal digits."""
        rows = np.repeat(self._numbers[None], len(seeds), axis=0)
        for path, values in columns.items():
            rows[:, self._place[path]] = values
        rows += 0.0  # so that -0 is 0
        start = hashlib.blake2b(self._head, digest_size=12)
        found = []
        for row, seed in zip(rows.astype("<f8"), np.asarray(seeds, dtype="<i8"), strict=True):
            digest = start.copy()
            digest.update(row.tobytes() + seed.tobytes())
            found.append(digest.hexdigest())
        return found
