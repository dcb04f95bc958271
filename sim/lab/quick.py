"""Replications for a moving hand: on the compiled engine where Numba is installed and the month is compiled, else as all others.

A month is compiled behind the reader's back the first time it is asked for, which takes a second or two; meanwhile, and
where it cannot be compiled, the NumPy engine answers. The two agree to within 1e-9, and what rests is always NumPy's.
"""

import importlib.util
import threading
from typing import Any

from sim.engine.compiled import NotCompilable
from sim.lab.outcomes import PREVIEW, Give, Part, of_worlds, summary
from sim.lab.settings import Asked

SIZE = "size.partners"
"""A month is compiled for one number of members: not for each that a hand moves through."""

MOST = 48
"""Months compiled at most, in each process: each keeps some memory."""

_known: dict[Any, bool] = {}
"""Whether the month of a policy in its circumstances is compiled; False while that is under way, or if it cannot be."""

_one_at_a_time = threading.Lock()
_may = threading.Event()


def allow() -> None:
    """Let this process compile, if Numba is installed: the lab's own processes do."""
    if importlib.util.find_spec("numba"):
        _may.set()


def of_first_worlds(asked: Asked, policy: str, count: int) -> Part:
    """Simulate the first worlds under one policy, as quickly as can be by now."""
    kind = _kind_of(asked, policy)
    if _known.get(kind):
        return of_worlds(asked, policy, 0, count, "compiled")
    part = of_worlds(asked, policy, 0, count)
    if _may.is_set() and kind not in _known and len(_known) < MOST and SIZE not in dict(asked.changes):
        _known[kind] = False
        threading.Thread(target=_compile, args=(kind, asked, policy, count), daemon=True).start()
    return part


async def preview(place: Asked, policy: str, runs: int, give: Give) -> dict[str, Any]:
    """Give what ``of_policy`` gives, of the first worlds alone."""
    call = (place, policy, min(runs, PREVIEW))
    (part,) = await give({("quick", *call): (of_first_worlds, *call)})
    return {"summary": summary([part]), "curves": part.bands}


def _kind_of(asked: Asked, policy: str) -> Any:
    """Tell what a compiled month holds for: settings of 0 and 1 leave equations out."""
    plain = frozenset((path, value) for path, value in asked.values().items() if value in (0.0, 1.0))
    return asked.scenario, policy, asked.values()[SIZE], plain


def _compile(kind: Any, asked: Asked, policy: str, count: int) -> None:
    with _one_at_a_time:
        try:
            of_worlds(asked, policy, 0, count, "compiled")
        except NotCompilable:
            return
    _known[kind] = True
