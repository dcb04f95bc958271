"""From the arrays of finished batches to tidy pandas tables."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.arrays import Array
from sim.events import COLUMNS
from sim.outcomes.summary import SUMMARY
from sim.sectors import SECTORS


@dataclasses.dataclass(frozen=True)
class Tables:
    """What ``simulate`` gives: one tidy pandas table per record asked for, else None.

    ``summary`` has a row a run; ``series`` a row a run and month; ``members`` a row a run, month and
    member; ``events`` a row an event. ``seed`` and ``policy`` name the run in all of them.
    """

    summary: pd.DataFrame
    series: pd.DataFrame | None = None
    members: pd.DataFrame | None = None
    events: pd.DataFrame | None = None

    def __getitem__(self, name: str) -> pd.DataFrame | None:
        """Give a table by its name: ``tables["series"]`` is ``tables.series``."""
        if name not in self.__dataclass_fields__:
            raise KeyError(f"there is no table '{name}'; there are {', '.join(self.__dataclass_fields__)}")
        return getattr(self, name)


def as_tables(parts: list[dict[str, Any]], policy: str, varied: Mapping[str, Array], record: Sequence[str]) -> Tables:
    """Join the batches of one policy into its tables, in the order of the seeds."""
    sector_names = np.array(SECTORS, dtype=object)
    seeds = np.concatenate([part["seeds"] for part in parts])
    summary = pd.DataFrame(
        {
            "seed": seeds,
            "policy": policy,
            **varied,
            **{o.name: np.concatenate([part["summary"][o.name] for part in parts]) for o in SUMMARY},
        }
    )
    tables: dict[str, Any] = {"summary": summary}
    numbered = list(zip(parts, _runs(parts), strict=True))
    if "series" in record:
        tables["series"] = pd.concat([_series_table(part, policy, runs) for part, runs in numbered], ignore_index=True)
    if "members" in record:
        tables["members"] = pd.concat(
            [_members_table(part, policy, sector_names, runs) for part, runs in numbered], ignore_index=True
        )
    if "events" in record:
        tables["events"] = _events_table(parts, policy, seeds, sector_names)
    for name in set(tables) - {"summary"}:
        runs = tables[name].pop("run").to_numpy()
        for k, (path, values) in enumerate(varied.items()):
            tables[name].insert(2 + k, path, values[runs])
    return Tables(**tables)


def _runs(parts: list[dict[str, Any]]) -> list[Array]:
    """Number the runs of each batch within the whole."""
    firsts = np.cumsum([0, *(len(part["seeds"]) for part in parts)])
    return [first + np.arange(len(part["seeds"])) for first, part in zip(firsts, parts, strict=False)]


def _events_table(parts: list[dict[str, Any]], policy: str, seeds: Array, sector_names: Array) -> pd.DataFrame:
    rows = [r | {"run": runs[r["run"]]} for part, runs in zip(parts, _runs(parts), strict=True) for r in part["events"]]
    names = ["run", *(c for c in COLUMNS if c != "seed")]
    table = pd.DataFrame({c: np.concatenate([r[c] for r in rows]) if rows else np.array([], dtype=int) for c in names})
    table["sector"] = np.append(sector_names, "")[table["sector"].fillna(-1).astype(int)]
    table.insert(0, "seed", seeds[table["run"]])
    table.insert(1, "policy", policy)
    return table.sort_values(["run", "month"], kind="stable", ignore_index=True)


def _series_table(part: dict[str, Any], policy: str, runs: Array) -> pd.DataFrame:
    seeds, months = part["seeds"], part["months"]
    return pd.DataFrame(
        {
            "run": np.repeat(runs, months),
            "seed": np.repeat(seeds, months),
            "policy": policy,
            "month": np.tile(np.arange(1, months + 1), len(seeds)),
            **{k: v.T.ravel() for k, v in part["history"].items()},
        }
    )


def _members_table(part: dict[str, Any], policy: str, sector_names: Array, runs: Array) -> pd.DataFrame:
    n_partners, n_runs = part["fixed"]["sector"].shape
    months = part["months"]
    columns = {k: np.stack([m[k] for m in part["members"]]).transpose(2, 0, 1).ravel() for k in part["members"][0]}
    fixed = {k: np.repeat(v.T[:, None, :], months, axis=1).ravel() for k, v in part["fixed"].items()}
    table = pd.DataFrame(
        {
            "run": np.repeat(runs, months * n_partners),
            "seed": np.repeat(part["seeds"], months * n_partners),
            "policy": policy,
            "month": np.tile(np.repeat(np.arange(1, months + 1), n_partners), n_runs),
            "member": np.tile(np.arange(n_partners), n_runs * months),
            **fixed,
            **columns,
        }
    )
    table["sector"] = sector_names[table["sector"].astype(int)]
    return table
