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


def _series_table(part: dict[str, Any], policy: str) -> pd.DataFrame:
    seeds, months = part["seeds"], part["months"]
    return pd.DataFrame(
        {
            "seed": np.repeat(seeds, months),
            "policy": policy,
            "month": np.tile(np.arange(1, months + 1), len(seeds)),
            **{k: v.T.ravel() for k, v in part["history"].items()},
        }
    )


def _members_table(part: dict[str, Any], policy: str, sector_names: Array) -> pd.DataFrame:
    n_partners, n_runs = part["fixed"]["sector"].shape
    months = part["months"]
    columns = {k: np.stack([m[k] for m in part["members"]]).transpose(2, 0, 1).ravel() for k in part["members"][0]}
    fixed = {k: np.repeat(v.T[:, None, :], months, axis=1).ravel() for k, v in part["fixed"].items()}
    table = pd.DataFrame(
        {
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
