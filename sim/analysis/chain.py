"""What followed a divergence for one member: from the orchestrator's effort to its exit, with months and amounts."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.divergence import check_pair, meanings
from sim.analysis.story import exits, table
from sim.core.errors import InputError
from sim.engine.tables import Tables
from sim.model.effort import MECHANISMS

if TYPE_CHECKING:
    import pandas as pd

CLEAR = 0.1
"""Two lives differ clearly from where their gap reaches this share of the largest value in either."""

HELP_GOT = {
    "intervention": "Times it is helped",
    "match inside": "Its matches with members",
    "match outside": "Its matches with outside parties",
}
"""Kinds of event that are the orchestrator's doing, counted by month."""

LINKS = (
    *(("orchestrator", f"effort_{m}", True) for m in MECHANISMS),
    *(("orchestrator", kind, True) for kind in HELP_GOT),
    *(("partnership", name, total) for name, total in (("tension", False), ("n_members", False), ("stock", False))),
    *(("member", name, False) for name in ("disclosure", "trust", "representative", "routine", "contacts")),
    *(("member", name, True) for name in ("captured", "lost", "gained", "cost")),
    *(("member", name, False) for name in ("benefit", "goodwill")),
)
"""What a chain follows, in the order of the month: step, quantity, and whether it adds up over months."""


def chain(one: Tables, other: Tables, member: int) -> "pd.DataFrame":
    """Follow the difference to a member: the orchestrator's effort, the partnership, the member, its exit.

    A row per quantity that differs while the member takes part in both runs, so ``until`` its first exit: the ``first``
    month it differs by a bit, the first in which it is ``clear`` (see ``CLEAR``; missing: never), ``one`` and
    ``other`` in that month, and ``one_until`` and ``other_until``: what it added up to (``total``), or was, then. The
    last row has the months of leaving, missing for who stays.

    Raises:
        InputError: if there is no such member.
    """
    import pandas as pd

    check_pair(one, other)
    members = table(one, "members")["member"]
    if member not in set(members):
        raise InputError(f"member={member}: there is none; members are numbered 0 to {members.max()}")
    left = [exits(run)["month"].get(member, np.nan) for run in (one, other)]
    until = int(np.nanmin([*left, table(one, "series")["month"].max()]))
    told = meanings() | {kind: (words, "events") for kind, words in HELP_GOT.items()}
    lives = [_quantities(run, member).loc[:until] for run in (one, other)]
    rows = []
    for step, quantity, total in LINKS:
        a, b = (each[quantity] for each in lives)
        differs = (a != b) & (a.notna() | b.notna())
        if differs.any():
            named = {"step": step, "quantity": quantity, "meaning": told[quantity][0], "unit": told[quantity][1]}
            rows.append(named | {"total": total, "first": a.index[differs][0]} | _amounts(a, b, total))
    parts = left[0] != left[1] and not np.isnan(left).all()
    meaning, unit = told["left_month"]
    end = {"step": "exit", "quantity": "left_month", "meaning": meaning, "unit": unit, "total": False}
    end |= dict.fromkeys(("first", "clear"), until if parts else None) | {"one": left[0], "other": left[1]}
    rows.append(end | {"until": until, "one_until": left[0], "other_until": left[1]})
    return pd.DataFrame(rows).astype({"first": "Int64", "clear": "Int64"})


def _amounts(a: "pd.Series", b: "pd.Series", total: bool) -> dict[str, Any]:
    """Give a quantity's two values from where they differ clearly, and at the end of the months laid out."""
    months = a.index[(a - b).abs() >= CLEAR * max(a.abs().max(), b.abs().max())]
    clear = months[0] if len(months) else None
    then, until = ((np.nan, np.nan) if clear is None else (a[clear], b[clear])), a.index[-1]
    ends = (a.sum(), b.sum()) if total else (a[until], b[until])
    return {"clear": clear, "one": then[0], "other": then[1], "until": until, "one_until": ends[0],
            "other_until": ends[1]}  # fmt: skip


def _quantities(run: Tables, member: int) -> "pd.DataFrame":
    """Lay out by month every quantity of a chain."""
    series, events, rows = (table(run, name) for name in ("series", "events", "members"))
    found = rows[rows["member"] == member].set_index("month")
    of_run = [q for step, q, _ in LINKS if step != "member" and q not in HELP_GOT]
    found = found.drop(columns=of_run, errors="ignore").join(series.set_index("month")[of_run])
    for kind in HELP_GOT:
        mine = events[(events["kind"] == kind) & ((events["member"] == member) | (events["other"] == member))]
        found[kind] = mine["month"].value_counts().reindex(found.index, fill_value=0).astype(float)
    return found
