"""Who a run is: an id made from everything that determines it, and nothing else."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.core.declare import parameters
from sim.model.scenario import Scenario
from sim.storage.digests import model_version


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
