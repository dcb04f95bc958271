"""Memberships: how long members take part from when they joined, those of the start and those who come later alike."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.analysis.survival import RUN, require_columns
from sim.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def memberships(
    summary: "pd.DataFrame",
    events: "pd.DataFrame",
    founders: "pd.DataFrame",
    months: int,
    joined: Sequence[int] = (),
) -> "pd.DataFrame":
    """Give how long each member of each run took part, in months of its own membership.

    Args:
        summary: a row per run, of ``simulate``.
        events: the events of the same runs; an ``entry`` says when a member joins.
        founders: ``member`` and ``sector`` of all that are there at the start, the same in every run.
        months: how long the runs are.
        joined: month in which each founder joined, in order, where that is known: below 0 before the start. Such a
            founder is observed from the start on (delayed entry).

    Returns:
        A row per policy, seed and member that was seen for a month or more: policy, seed, member, sector, ``entered``
        (months of membership before it was observed), ``month`` (of membership in which it left, or the last one, with
        ``left`` false and an empty ``reason``).

    Raises:
        InputError: if a column is missing.
    """
    import pandas as pd

    require_columns("summary", summary, RUN)
    require_columns("founders", founders, ("member", "sector"))
    require_columns("events", events, (*RUN, "month", "member", "kind", "sector"))
    if len(joined) and len(joined) < len(founders):
        raise InputError(f"joined: {len(joined)} months for {len(founders)} founders; give one for each")
    places = founders[["member", "sector"]].drop_duplicates().sort_values("member", ignore_index=True)
    places["since"] = [min(month, 0) for month in joined[: len(places)]] if len(joined) else 0
    kinds = events["kind"].astype(str)
    entries = events.loc[kinds == "entry", [*RUN, "member", "sector", "month"]].rename(columns={"month": "since"})
    everyone = pd.concat([summary[RUN].merge(places, how="cross"), entries], ignore_index=True)
    everyone["sector"] = everyone["sector"].astype(str)
    exits = events.loc[kinds.str.startswith("exit"), [*RUN, "member", "month"]]
    exits = exits.assign(reason=kinds[exits.index].str.removeprefix("exit "))
    rows = everyone.merge(exits, how="left", on=[*RUN, "member"])
    rows["left"] = rows["month"].notna()
    rows["entered"] = (-rows["since"]).clip(lower=0).astype(int)
    rows["month"] = (rows["month"].fillna(months) - rows["since"]).astype(int)
    rows["reason"] = rows["reason"].fillna("")
    rows = rows[rows["month"] > rows["entered"]]
    return rows[[*RUN, "member", "sector", "entered", "month", "left", "reason"]].reset_index(drop=True)
