"""``simulate``: many seeds, one scenario, one policy; tidy tables out."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.arrays import Array, padded
from sim.audit import check
from sim.declare import parameters
from sim.events import COLUMNS, of_month
from sim.governance import PolicyLike, at_work, find_policy, label
from sim.messages import InputError, near
from sim.noise import Luck, Worlds
from sim.outcomes.series import ALWAYS, SERIES, measure
from sim.outcomes.summary import SUMMARY
from sim.plugins import find
from sim.scenario import Scenario
from sim.sectors import SECTORS
from sim.start import parameters_for, start
from sim.state import Flows, State
from sim.step import step

if TYPE_CHECKING:
    import pandas as pd

CELLS = 12_288
"""Partner slots worked on at once: about what fits the cache (docs/decisions/0003)."""

RECORDS = ("summary", "series", "members", "events")

PER_MEMBER = ("member", "engagement", "disclosure", "trust", "benefit", "goodwill", "routine", "representative",
              "inside", "outside", "contacts", "n_ties", "business_model", "met", "reserve", "ledger", "knowledge")  # fmt: skip
PER_MEMBER_FLOWS = ("contributed", "captured", "lost", "gained", "cost", "participation", "net_benefit")


@dataclasses.dataclass(frozen=True)
class Tables:
    """What ``simulate`` gives: one tidy pandas table per record asked for, else None.

    ``summary`` has a row a run; ``series`` a row a run and month; ``members`` a row a run, month and
    member; ``events`` a row an event. ``seed`` and ``policy`` name the run in all of them.
    """

    summary: "pd.DataFrame"
    series: "pd.DataFrame | None" = None
    members: "pd.DataFrame | None" = None
    events: "pd.DataFrame | None" = None


def simulate(
    scenario: Scenario | None = None,
    seeds: Sequence[int] | int = 100,
    policy: PolicyLike = "neutral",
    months: int = 60,
    record: Sequence[str] = ("summary", "series", "events"),
    columns: Mapping[str, Sequence[float]] | None = None,
    audit: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Tables:
    """Simulate one partnership per seed under one policy.

    Args:
        scenario: the partnership; the neutral reference by default.
        seeds: one whole number per run, or how many runs (seeds 0, 1, ...). A seed is a world: the same
            seed meets the same luck under every policy.
        policy: a name, a file, settings, a function or a policy (see ``sim.find_policy``).
        months: how long, in months.
        record: which tables to make, from ``summary``, ``series``, ``members``, ``events``.
        columns: parameters that differ by run: dotted path -> one number per seed.
        audit: check every accounting identity every month (a quarter slower).
        progress: called with the number of runs done after each batch.

    Raises:
        InputError: (a ``ValueError``) for anything out of range; the message names what was given and what is allowed.
    """
    scenario = Scenario() if scenario is None else scenario
    seeds, months, record = _checked(seeds, months, record)
    varied = check_columns(scenario, columns or {}, len(seeds))
    chosen, parts = find_policy(policy), []
    for some in _batches(len(seeds), scenario.size.partners + scenario.size.candidates):
        batch = Batch(scenario, [seeds[i] for i in some], chosen, {k: v[some] for k, v in varied.items()})
        parts.append(_record(batch, months, record, audit))
        if progress:
            progress(len(some))
    return _tables(parts, label(chosen), varied, record)


class Batch:
    """Some runs that go through the months together: a state, and how to advance it."""

    def __init__(self, scenario: Scenario, seeds: Sequence[int], policy: PolicyLike, columns: Mapping[str, Array] | None = None) -> None:  # fmt: skip
        chosen = find_policy(policy)
        self.n_runs, self.seeds = len(seeds), np.asarray(padded(seeds), dtype=np.int64)
        spread = {k: np.resize(v, len(self.seeds)) for k, v in (columns or {}).items()}
        self.p = parameters_for(scenario, spread, len(self.seeds))
        slots = scenario.size.partners + scenario.size.candidates
        self.worlds = Worlds([int(s) for s in self.seeds], slots, scenario.size.domains)
        self.targeting = chosen.targeting or scenario.targeting
        self.payoffs = find(scenario.payoffs, ("payoffs",)) if scenario.payoffs else None
        self.act, self.memory = at_work(chosen), chosen.start()
        self.state: State = start(self.p, self.worlds)

    def advance(self) -> tuple[State, Flows, State]:
        """Advance by one month; gives the state before, the flows and the state after."""
        before, luck = self.state, Luck(self.worlds, self.state.month + 1)
        self.state, flows, self.memory = step(before, self.p, luck, self.act, self.memory, self.targeting, self.payoffs)
        return before, flows, self.state


def _batches(n_runs: int, slots: int) -> Iterator[range]:
    size = max(2, CELLS // slots)
    for first in range(0, n_runs, size):
        yield range(first, min(first + size, n_runs))


def _record(batch: Batch, months: int, record: Sequence[str], audit: bool) -> dict[str, Any]:
    """Run a batch and keep what was asked for, as plain arrays."""
    outcomes = SERIES if "series" in record else ALWAYS
    kept = np.empty((len(outcomes), months, len(batch.seeds)))
    members: list[dict[str, Array]] = []
    events: list[dict[str, Array]] = []
    for month in range(months):
        before, flows, after = batch.advance()
        kept[:, month] = measure(outcomes, after, flows, batch.p)
        if audit:
            check(before, flows, after, batch.p)
        if "members" in record:
            members.append({"active" if n == "member" else n: getattr(after, n)[:, : batch.n_runs] for n in PER_MEMBER}
                           | {n: getattr(flows, n)[:, : batch.n_runs] for n in PER_MEMBER_FLOWS})  # fmt: skip
        if "events" in record:
            events += of_month(before, flows, after, batch.p, batch.seeds[: batch.n_runs])
    history = {o.name: kept[k] for k, o in enumerate(outcomes)}
    summary = {o.name: o.measure(history, batch.state)[: batch.n_runs] for o in SUMMARY}
    return {"seeds": batch.seeds[: batch.n_runs], "summary": summary, "months": months, "members": members,
            "history": {k: v[:, : batch.n_runs] for k, v in history.items()}, "events": events,
            "fixed": {"sector": batch.state.sector[:, : batch.n_runs], "segment": batch.state.segment[:, : batch.n_runs]}}  # fmt: skip


def _tables(parts: list[dict[str, Any]], policy: str, varied: Mapping[str, Array], record: Sequence[str]) -> Tables:
    import pandas as pd

    sector_names = np.array(SECTORS, dtype=object)
    seeds = np.concatenate([part["seeds"] for part in parts])
    summary = pd.DataFrame({"seed": seeds, "policy": policy, **varied,
                            **{o.name: np.concatenate([part["summary"][o.name] for part in parts]) for o in SUMMARY}})  # fmt: skip
    tables: dict[str, Any] = {"summary": summary}
    if "series" in record:
        tables["series"] = pd.concat([_series_table(part, policy) for part in parts], ignore_index=True)
    if "members" in record:
        tables["members"] = pd.concat([_members_table(part, policy, sector_names) for part in parts], ignore_index=True)
    if "events" in record:
        rows = [r for part in parts for r in part["events"]]
        table = pd.DataFrame({c: np.concatenate([r[c] for r in rows]) if rows else [] for c in COLUMNS})
        known = table["sector"].fillna(-1).astype(int)
        table["sector"] = np.append(sector_names, "")[known]
        table.insert(1, "policy", policy)
        order = pd.Series(np.arange(len(seeds)), index=seeds)
        table = table.assign(_run=table["seed"].map(order[~order.index.duplicated()]))
        tables["events"] = table.sort_values(["_run", "month"], kind="stable", ignore_index=True).drop(columns="_run")
    return Tables(**tables)


def _series_table(part: dict[str, Any], policy: str) -> "pd.DataFrame":
    import pandas as pd

    seeds, months = part["seeds"], part["months"]
    return pd.DataFrame({"seed": np.repeat(seeds, months), "policy": policy, "month": np.tile(np.arange(1, months + 1), len(seeds)),
                         **{k: v.T.ravel() for k, v in part["history"].items()}})  # fmt: skip


def _members_table(part: dict[str, Any], policy: str, sector_names: Array) -> "pd.DataFrame":
    import pandas as pd

    n_partners, n_runs = part["fixed"]["sector"].shape
    months = part["months"]
    columns = {k: np.stack([m[k] for m in part["members"]]).transpose(2, 0, 1).ravel() for k in part["members"][0]}
    fixed = {k: np.repeat(v.T[:, None, :], months, axis=1).ravel() for k, v in part["fixed"].items()}
    table = pd.DataFrame({
        "seed": np.repeat(part["seeds"], months * n_partners), "policy": policy,
        "month": np.tile(np.repeat(np.arange(1, months + 1), n_partners), n_runs),
        "member": np.tile(np.arange(n_partners), n_runs * months), **fixed, **columns,
    })  # fmt: skip
    table["sector"] = sector_names[table["sector"].astype(int)]
    return table


def _checked(seeds: Sequence[int] | int, months: int, record: Sequence[str]) -> tuple[list[int], int, tuple[str, ...]]:
    if isinstance(seeds, (int, np.integer)) and not isinstance(seeds, bool):
        seeds = range(int(seeds))
    whole = [int(s) for s in seeds if isinstance(s, (int, np.integer)) and not isinstance(s, bool)]
    if not whole or len(whole) != len(seeds) or min(whole) < 0 or max(whole) >= 2**63:
        raise InputError(f"seeds = {seeds!r}: give whole numbers from 0 to 2^63 - 1, at least one, or how many runs")
    if isinstance(months, bool) or not isinstance(months, (int, np.integer)) or not 1 <= months <= 1200:
        raise InputError(f"months = {months!r}: give a whole number from 1 to 1200")
    record = (record,) if isinstance(record, str) else tuple(record)
    unknown = [r for r in record if r not in RECORDS]
    if unknown:
        raise InputError(f"record = {unknown}: known tables are {', '.join(RECORDS)}")
    return whole, int(months), record


def check_columns(scenario: Scenario, columns: Mapping[str, Sequence[float]], n_runs: int) -> dict[str, Array]:
    """Check swept parameters: known path, not structural, one finite number within range per run."""
    known = {q.path: q for q in parameters(scenario)}
    checked = {}
    for path, values in columns.items():
        if path not in known:
            raise InputError(f"columns: there is no parameter '{path}'; {near(path, known)}")
        fact, numbers = known[path], np.asarray(values, dtype=float)
        if fact.structural:
            raise InputError(f"columns: {path} shapes the arrays and cannot differ by run; use one call per value")
        if numbers.shape != (n_runs,):
            raise InputError(f"columns: {path} has shape {numbers.shape}; give one number per seed ({n_runs})")
        low, high = (-np.inf if fact.low is None else fact.low), (np.inf if fact.high is None else fact.high)
        bad = ~((numbers >= low) & (numbers <= high))
        if bad.any():
            raise InputError(f"columns: {path} = {numbers[bad][0]:g} is outside {low:g} to {high:g} ({fact.unit})")
        if fact.kind == "int" and (numbers % 1 != 0).any():
            raise InputError(f"columns: {path} takes whole numbers")
        checked[path] = numbers
    return checked
