"""From the arrays of finished batches to tidy pandas tables."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.core.declare import table_columns
from sim.model.arrays import Array
from sim.model.events import COLUMNS
from sim.model.state import Flows, State

KINDS = {"kind": object, "cause": object, "run": int, "month": int, "member": int, "other": int}
"""Types of the events table's columns that hold no decimal numbers."""


@dataclasses.dataclass(frozen=True)
class Tables:
    """The results of ``simulate``: one tidy table per record that was asked for, else None.

    ``summary`` has a row per run; ``series`` a row per run and month; ``members`` a row per run, month and
    member; ``events`` a row per event; ``ends`` a row per run and member, as the run ends. ``seed`` and ``policy`` name
    the run in all of them; where the scenario names its members, ``name`` names the member.
    """

    summary: pd.DataFrame
    series: pd.DataFrame | None = None
    members: pd.DataFrame | None = None
    events: pd.DataFrame | None = None
    ends: pd.DataFrame | None = None

    def __getitem__(self, name: str) -> pd.DataFrame | None:
        """Return a table by its name: ``tables["series"]`` is ``tables.series``."""
        if name not in self.__dataclass_fields__:
            raise KeyError(f"there is no table '{name}'; there are {', '.join(self.__dataclass_fields__)}")
        table: pd.DataFrame | None = getattr(self, name)
        return table


TABLES = tuple(Tables.__dataclass_fields__)
"""The tables that can be made."""

MEMBERS_STATE, MEMBERS_FLOWS = table_columns(State), table_columns(Flows)
"""Columns of the members table, from the declarations of the variables."""


def members_of_month(flows: Flows | None, after: State, n_runs: int) -> dict[str, Array]:
    """Collect a month's columns of the members table: each of shape (partners, runs)."""
    shape = after.member.shape
    columns = {"active" if name == "member" else name: getattr(after, name) for name in MEMBERS_STATE}
    columns |= {name: np.broadcast_to(getattr(flows, name), shape) for name in MEMBERS_FLOWS}
    return {name: values[:, :n_runs] for name, values in columns.items()}


def fixed_of_members(state: State, n_runs: int) -> dict[str, Array]:
    """Collect the columns of the members table that never change: each of shape (partners, runs)."""
    return {name: getattr(state, name)[:, :n_runs] for name in table_columns(State, fixed=True)}


def ends_of_members(state: State, n_runs: int) -> dict[str, Array]:
    """Collect the columns of the table of ends: each of shape (partners, runs)."""
    columns = {
        "joins": state.joins,
        "active": state.member,
        "left_month": state.left_month,
        "needs_met": state.needs_met,
    }
    return {name: values[:, :n_runs] for name, values in columns.items()}


def as_tables(
    parts: list[dict[str, Any]], runs: Mapping[str, Any], record: Sequence[str], more: Mapping[str, Any] | None = None
) -> Tables:
    """Join batches into tables.

    Args:
        parts: the results of each batch.
        runs: the columns that name the runs and open every table: one value for all runs, or one per run.
        record: which tables to make.
        more: columns of the summary alone.
    """
    numbered = list(zip(parts, _numbers(parts), strict=True))
    makers = {"series": _series_table, "members": _members_table, "events": _events_table, "ends": _ends_table}
    measured = {name: np.concatenate([part["summary"][name] for part in parts]) for name in parts[0]["summary"]}
    tables = {"summary": pd.DataFrame({**runs, **(more or {}), **measured})}
    for name in (name for name in makers if name in record):
        run, columns = makers[name](numbered)
        named = {k: v[run] if isinstance(v, np.ndarray) else v for k, v in runs.items()}
        tables[name] = pd.DataFrame({**named, **columns}, index=range(len(run)))
    return Tables(**tables)


def _numbers(parts: list[dict[str, Any]]) -> list[Array]:
    """Number the runs of each batch among all runs."""
    firsts = np.cumsum([0, *(len(part["seeds"]) for part in parts)])
    return [first + np.arange(len(part["seeds"])) for first, part in zip(firsts, parts, strict=False)]


def _events_table(numbered: list[tuple[dict[str, Any], Array]]) -> tuple[Array, dict[str, Array]]:
    rows = [r | {"run": runs[r["run"]]} for part, runs in numbered for r in part["events"]]
    names = ["run", *(c for c in COLUMNS if c not in ("seed", "name"))]
    if not rows:
        rows = [{c: np.array([], dtype=KINDS.get(c, float)) for c in names}]
    columns = {c: np.concatenate([r[c] for r in rows]) for c in names}
    order = np.lexsort((columns["month"], columns["run"]))
    columns = {c: values[order] for c, values in columns.items()}
    sectors = np.array([*numbered[0][0]["sectors"], ""], dtype=object)
    columns["sector"] = sectors[np.where(np.isnan(columns["sector"]), -1, columns["sector"]).astype(int)]
    return columns.pop("run"), _named(columns, numbered[0][0]["names"])


def _series_table(numbered: list[tuple[dict[str, Any], Array]]) -> tuple[Array, dict[str, Array]]:
    months = numbered[0][0]["months"]
    run = np.repeat(np.concatenate([runs for _, runs in numbered]), months)
    month = {"month": np.tile(np.arange(1, months + 1), len(run) // months)}
    history = numbered[0][0]["history"]
    return run, month | {k: np.concatenate([part["history"][k].T.ravel() for part, _ in numbered]) for k in history}


def _members_table(numbered: list[tuple[dict[str, Any], Array]]) -> tuple[Array, dict[str, Array]]:
    tables = [_members(part, runs) for part, runs in numbered]
    joined = {k: np.concatenate([t[k] for t in tables]) for k in tables[0]}
    return joined.pop("run"), _named(joined, numbered[0][0]["names"])


def _named(columns: dict[str, Array], names: Sequence[str]) -> dict[str, Array]:
    """Put the members' names beside their numbers, where they have names; -1 is the partnership, without one."""
    if not names:
        return columns
    of_member = np.array([*names, ""], dtype=object)[columns["member"].astype(int)]
    listed, place = list(columns.items()), list(columns).index("member") + 1
    return dict([*listed[:place], ("name", of_member), *listed[place:]])


def _ends_table(numbered: list[tuple[dict[str, Any], Array]]) -> tuple[Array, dict[str, Array]]:
    first = numbered[0][0]
    run = np.concatenate([runs for _, runs in numbered])
    n_partners = len(first["fixed"]["sector"])
    sector = np.concatenate([part["fixed"]["sector"].T.ravel() for part, _ in numbered]).astype(int)
    columns = {
        "member": np.tile(np.arange(n_partners), len(run)),
        "sector": np.array(first["sectors"], dtype=object)[sector],
        **{k: np.concatenate([part["ends"][k].T.ravel() for part, _ in numbered]) for k in first["ends"]},
    }
    return np.repeat(run, n_partners), _named(columns, first["names"])


def _members(part: dict[str, Any], runs: Array) -> dict[str, Array]:
    n_partners, n_runs = part["fixed"]["sector"].shape
    months = part["months"]
    fixed = {k: np.repeat(v.T[:, None, :], months, axis=1).ravel() for k, v in part["fixed"].items()}
    return {
        "run": np.repeat(runs, months * n_partners),
        "month": np.tile(np.repeat(np.arange(1, months + 1), n_partners), n_runs),
        "member": np.tile(np.arange(n_partners), n_runs * months),
        **fixed,
        "sector": np.array(part["sectors"], dtype=object)[fixed["sector"].astype(int)],
        **{k: np.stack([m[k] for m in part["members"]]).transpose(2, 0, 1).ravel() for k in part["members"][0]},
    }
