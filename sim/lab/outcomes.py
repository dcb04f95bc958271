"""Outcomes of many runs: bands over the months for each policy, paired differences between two, and previews.

The numbers are those of ``simulate`` and ``differences``, as in ``partnership compare``; only quantiles are taken here.

While a slider is dragged, the compiled engine calculates a preview, if llvmlite is installed. The first request starts
the compilation in the background, which takes a second or two; until then, and where a month cannot be compiled, the
NumPy engine answers. The two engines agree to within 1e-9, and results that stay on the page are always NumPy's.
"""

import dataclasses
import math
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.analysis.paired import differences
from sim.engine.batch import Batch
from sim.engine.compiled import NotCompilable, installed
from sim.lab.link_state import LinkState
from sim.lab.messages import Messages, capitalise, messages
from sim.lab.stories import MONTHS
from sim.model.outcomes.base import Outcome
from sim.model.outcomes.series import series_of
from sim.model.outcomes.summary import SUMMARY

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
COMPARED = ("retention", "collective_value", "private_value", "society_value")

CHUNK = 250
"""Runs simulated at a time, and shown while a slider is dragged."""

SIZE = "size.partners"
"""A month is compiled for one number of members, and not for each number that a slider passes."""

MAX_COMPILED = 48
"""Months compiled at most, in each process: each takes some memory."""

CURVES = {"members": "n_founders", "collective": "value_created", "society": "society_value"}
ENDS = tuple(o for o in SUMMARY if o.name in COMPARED)

RunTasks = Callable[[dict[Any, Any]], Awaitable[list[Any]]]
"""Returns the result of each task under its key (``Workers.run``)."""

GetCached = Callable[[Collection[Any]], list[Any] | None]
"""Returns the results under these keys from the cache; None if one is not there (``Workers.cached``)."""

Floats = npt.NDArray[np.float64]
Curves = dict[str, list[list[float]]]
"""By name of the curve: a row of months for each of ``QUANTILES``."""

_compiled: dict[Any, bool] = {}
"""Whether a month is compiled; False while it is being compiled, or if it cannot be."""

_compile_one_at_a_time = threading.Lock()
_may_compile = threading.Event()


@dataclasses.dataclass(frozen=True)
class Chunk:
    """Some runs under one policy.

    ``ends`` has the outcomes by name (one value a run), ``rows`` the curves by name (runs by months), ``bands`` their
    quantiles; only the first chunk has bands, which previews show.
    """

    policy: str
    ends: dict[str, Floats]
    rows: dict[str, Floats]
    bands: Curves

    @property
    def nbytes(self) -> int:
        """Bytes of the rows, which take most of the memory."""
        return sum(values.nbytes for values in self.rows.values())


async def policy_outcomes(
    state: LinkState, policies: Sequence[str], runs: int, run_tasks: RunTasks, cached: GetCached
) -> list[Any]:
    """Return the outcomes under each policy, and last how they differ; simulated in chunks that queue one by one."""
    keys = [(state, policy, runs) for policy in policies]
    if results := cached([*keys, ("compare", *keys)]):
        return results
    rounds = zip(*(_chunk_calls(state, policy, runs) for policy in policies), strict=True)
    chunks = [await run_tasks({call: (simulate_chunk, *call) for call in calls}) for calls in rounds]
    by_policy = list(zip(*chunks, strict=True))
    tasks: dict[Any, Any] = {key: (join_chunks, parts) for key, parts in zip(keys, by_policy, strict=True)}
    return await run_tasks({**tasks, ("compare", *keys): (compare_policies, *map(summary, by_policy))})


def simulate_policy(state: LinkState, policy: str, runs: int) -> dict[str, Any]:
    """Simulate the first seeds under one policy: the summary, and quantiles of each curve by month."""
    return join_chunks([simulate_chunk(*call) for call in _chunk_calls(state, policy, runs)])


def simulate_chunk(state: LinkState, policy: str, first: int, count: int, engine: str = "numpy") -> Chunk:
    """Simulate seeds ``first`` to ``first + count`` under one policy, and measure only what the page shows."""
    batch = Batch(state.model(), range(first, first + count), policy, engine=engine)
    outcomes = _measured(batch.sectors)
    months = [measured for measured, *_ in batch.run_months(MONTHS, outcomes, each_month=False)]
    history = dict(zip((o.name for o in outcomes), np.concatenate(months, axis=1), strict=True))
    series = {name: history[column] for name, column in CURVES.items()}
    founders = batch.state.sector[batch.state.founder[:, 0] > 0, 0]  # the same in every run: they follow a quota
    for k, sector in enumerate(batch.sectors):
        if number := int((founders == k).sum()):
            series[f"private_{sector}"] = np.cumsum(history[f"captured_{sector}"], axis=0) / number
    ends = {o.name: o.measure(history, batch.state)[:count] for o in ENDS}
    rows = {name: values.T[:count] for name, values in series.items()}
    return Chunk(policy, ends, rows, {} if first else {name: _quantiles(values) for name, values in rows.items()})


def _measured(sectors: tuple[str, ...]) -> tuple[Outcome, ...]:
    names = {"n_members", *CURVES.values(), *(f"captured_{s}" for s in sectors)}
    return tuple(o for o in series_of(sectors) if o.name in names)


def join_chunks(chunks: Sequence[Chunk]) -> dict[str, Any]:
    """Join the runs of one policy: the summary, and quantiles of each curve by month."""
    rows = {name: np.concatenate([chunk.rows[name] for chunk in chunks]) for name in chunks[0].rows}
    return {"summary": summary(chunks), "curves": {name: _quantiles(values) for name, values in rows.items()}}


def summary(chunks: Sequence[Chunk]) -> "pd.DataFrame":
    """Return a row for each run, from seed 0 on."""
    import pandas as pd

    ends = {name: np.concatenate([chunk.ends[name] for chunk in chunks]) for name in COMPARED}
    return pd.DataFrame({"seed": np.arange(len(ends["retention"])), "policy": chunks[0].policy, **ends})


def compare_policies(one: "pd.DataFrame", other: "pd.DataFrame") -> list[dict[str, Any]]:
    """Compare two summaries seed by seed, as ``partnership compare`` does: with neutral, or else with the first."""
    import pandas as pd

    both = pd.concat([one, other], ignore_index=True)
    names = list(both["policy"].unique())
    baseline = "neutral" if "neutral" in names else names[0]
    rows = differences(both, baseline, COMPARED).rename(columns={"replications": "runs"})
    columns = ["policy", "baseline", "outcome", "difference", "low", "high", "runs", "better", "verdict"]
    return [{str(k): v for k, v in row.items()} for row in rows[columns].to_dict("records")]


async def preview_outcomes(state: LinkState, policy: str, runs: int, run_tasks: RunTasks) -> dict[str, Any]:
    """Return what ``simulate_policy`` returns, for the first seeds alone."""
    call = (state, policy, min(runs, CHUNK))
    (chunk,) = await run_tasks({("preview", *call): (simulate_preview, *call)})
    return {"summary": summary([chunk]), "curves": chunk.bands}


def allow_compiling() -> None:
    """Let this process compile, if llvmlite is installed; the app's worker processes do."""
    if installed():
        _may_compile.set()


def simulate_preview(state: LinkState, policy: str, count: int) -> Chunk:
    """Simulate the first seeds under one policy, on the compiled engine if the month is compiled."""
    month = _month_to_compile(state, policy)
    if _compiled.get(month):
        return simulate_chunk(state, policy, 0, count, "compiled")
    chunk = simulate_chunk(state, policy, 0, count)
    compilable = _may_compile.is_set() and SIZE not in dict(state.changes)
    if compilable and month not in _compiled and len(_compiled) < MAX_COMPILED:
        _compiled[month] = False
        threading.Thread(target=_compile, args=(month, state, policy, count), daemon=True).start()
    return chunk


def _compile(month: Any, state: LinkState, policy: str, count: int) -> None:
    with _compile_one_at_a_time:
        try:
            simulate_chunk(state, policy, 0, count, "compiled")
        except NotCompilable:
            return
    _compiled[month] = True


def _month_to_compile(state: LinkState, policy: str) -> Any:
    """Return what a compiled month is valid for: parameters of 0 and 1 leave terms out of its equations."""
    simple = frozenset((path, value) for path, value in state.values().items() if value in (0.0, 1.0))
    return state.scenario, policy, state.values()[SIZE], simple


def _chunk_calls(state: LinkState, policy: str, runs: int) -> list[tuple[LinkState, str, int, int]]:
    """Return the arguments of ``simulate_chunk`` that together make the first runs."""
    return [(state, policy, first, min(CHUNK, runs - first)) for first in range(0, runs, CHUNK)]


def _quantiles(values: Floats) -> list[list[float]]:
    return [[round(float(v), 4) for v in row] for row in np.quantile(values, QUANTILES, axis=0)]


def outcomes_view(
    state: LinkState, outcomes: Sequence[Mapping[str, Any] | None], rows: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """Return what the page shows of many runs: curves, and differences in numbers and in sentences.

    Args:
        state: What the page shows.
        outcomes: The outcomes under each policy (``simulate_policy``); None while they are not known.
        rows: How the policies differ (``compare_policies``).
    """
    model, message = state.model(), messages(state.language)
    summaries = [known["summary"] for known in outcomes if known]
    size = model.size.partners
    return {
        "runs": len(summaries[0]),
        "size": size,
        "grant": model.grant.months,
        "policies": [
            {
                "name": policy,
                "strategy": message.strategy(policy),
                "when": message.with_strategy(policy),
                "curves": known and known["curves"],
            }
            for policy, known in zip(state.policies, outcomes, strict=True)
        ],
        "end": describe_end(summaries, size, message) if all(outcomes) else "",
        "differences": [row | {"text": describe_difference(row, size, message)} for row in rows],
    }


def describe_end(summaries: Sequence["pd.DataFrame"], size: int, message: Messages) -> str:
    """Say how many members are left under each policy, on average."""
    strategies = [message.with_strategy(str(rows["policy"].iloc[0])) for rows in summaries]
    a, b = (_members(float(rows["retention"].mean()) * size, message) for rows in summaries)
    count = len(summaries[0])
    runs = message("lab.end.one_run") if count == 1 else message("lab.end.runs", n=message.number(count, ","))
    return message("lab.end.text", one=strategies[0], a=a, size=size, other=strategies[1], b=b, runs=runs)


def describe_difference(row: Mapping[str, Any], size: int, message: Messages) -> str:
    """Say what one policy changes in one outcome, with the same seeds: how much, how sure, and how often."""
    gap, low, high = row["difference"], row["low"], row["high"]
    outcome, is_share = f"lab.difference.{row['outcome']}", row["outcome"] == "retention"
    gaps = {
        "policy": message.with_strategy(row["policy"]),
        "base": message.with_strategy(row["baseline"]),
        "runs": message.number(row["runs"], ","),
        "amount": _points(gap, size, message) if is_share else _value(gap, message),
        "more": message(f"{outcome}.more" if gap > 0 else f"{outcome}.less"),
        "in_what": message(f"{outcome}.in_what"),
    }
    if math.isnan(low):
        return message("lab.difference.one_run", **gaps)
    for name, end in (("low", low), ("high", high)):
        gaps[name] = message.number(end * 100, "+.1f") if is_share else _value(end, message, "+")
    if low == high == 0:
        return message("lab.difference.equal", **gaps)
    if row["verdict"] == "undecided":
        return message(
            "lab.difference.undecided", **gaps, unit=f" {message('lab.difference.unit')}" if is_share else ""
        )
    better = message.number(_not_rounded_to_all(row["better"]), ".0%")
    return capitalise(message("lab.difference.text", **gaps, better=better))


def _points(gap: float, size: int, message: Messages) -> str:
    members = _members(abs(gap) * size, message)
    return message("lab.difference.points", points=message.number(abs(gap) * 100, ".1f"), n=members, size=size)


def _members(mean: float, message: Messages) -> str:
    """Round to whole members; less than half a member is not rounded to none."""
    return f"{mean:.0f}" if mean >= 0.5 or mean < 0.005 else message("lab.end.few")


def _not_rounded_to_all(share: float) -> float:
    """Keep a share that is not quite all or none from being rounded to it."""
    return min(max(share, 0.01), 0.99) if 0 < share < 1 else share


def _value(number: float, message: Messages, sign: str = "") -> str:
    """Write a value, small ones with more digits; without a sign only its size."""
    digits = 2 if abs(number) >= 1 else 3
    return message.number(number if sign else abs(number), f"{sign}.{digits}f")
