"""First divergence of two policies on one seed, and what followed: places in time, not proofs of a cause.

The same seed has the same draws under every policy, so all that differs between two runs of a seed comes from the
policies. What differs *first* need not be what made the difference later: from there on everything affects everything.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.story import exits, table
from sim.core.declare import variables
from sim.core.errors import InputError
from sim.engine.tables import Tables
from sim.model.effort import MECHANISMS
from sim.model.outcomes import SERIES
from sim.model.state import Flows, State

if TYPE_CHECKING:
    import pandas as pd


NAMES = ("seed", "policy", "month", "member", "name", "sector")
"""Columns of the members table that say which row it is."""


def first_divergence(one: Tables, other: Tables) -> "pd.DataFrame":
    """Find where two runs of one seed first differ.

    Args:
        one: tables of a run under one policy.
        other: tables of the run of the same seed under another.

    Returns:
        At most one row per ``place``, and none where the runs never differ. effort: the first month in which the
        effort on a mechanism differs, and the mechanism on which it differs most. member: the first month in which
        anything recorded of a member differs by a bit; then the member and quantity that differ most, as ``share`` of
        the range that the quantity takes over all members and months of both runs. event: the first event that only
        one run has (1 for the run that has it). exit: the first month in which a founder leaves in one run and not in
        the other (months of leaving; NaN: stays); of several, the one with the larger difference. ``one`` and
        ``other`` are the two values, ``meaning`` says what the quantity is, and ``member`` is -1 where it concerns the
        partnership as a whole.

    Raises:
        InputError: if the runs cannot be compared.
    """
    import pandas as pd

    check_pair(one, other)
    places = {"effort": _effort, "member": _member, "event": _event, "exit": _exit}
    firsts = {place: find(one, other) for place, find in places.items()}
    known = meanings()
    rows = [
        {"place": place, **row, "meaning": known.get(row["quantity"], ("", ""))[0]}
        for place, row in firsts.items()
        if row
    ]
    columns = ["place", "month", "member", "quantity", "meaning", "one", "other", "share"]
    return pd.DataFrame(rows, columns=columns).astype({"month": int, "member": int})


def fates(one: Tables, other: Tables) -> "pd.DataFrame":
    """Set every founder's month of leaving, how and why under one policy beside those under the other.

    Args:
        one: tables of a run under one policy.
        other: tables of the run of the same seed under another.

    Returns:
        A row per founder: member, its name where it has one, sector, and for each run the policy, ``left`` (month;
        missing for those who stay), ``how`` (satisfied, frustrated, other, stays) and ``cause``. ``months`` is how much
        longer it takes part under the other policy: at least that much where it stays under one, missing where it stays
        under both.

    Raises:
        InputError: if the runs cannot be compared.
    """
    check_pair(one, other)
    day = table(one, "members")
    day = day[day["month"] == 1].set_index("member")
    leaves_at_once = day.index.isin(exits(one).query("month == 1").index)
    entered = table(one, "events").query("kind == 'entry'")["member"]
    founders = day[((day["active"] > 0) | leaves_at_once) & ~day.index.isin(entered)]
    rows = founders[[c for c in ("name", "sector") if c in founders]].copy()
    last, stayed = int(table(one, "members")["month"].max()), {}
    for name, run in (("one", one), ("other", other)):
        left = exits(run).reindex(founders.index)
        rows[f"policy_{name}"] = run.summary["policy"].iloc[0]
        rows[f"left_{name}"] = left["month"].astype("Int64")
        rows[f"how_{name}"] = left["kind"].str.removeprefix("exit ").fillna("stays")
        rows[f"cause_{name}"] = left["cause"].fillna("")
        stayed[name] = rows[f"left_{name}"].fillna(last + 1)
    stays = rows["left_one"].isna() & rows["left_other"].isna()
    rows["months"] = (stayed["other"] - stayed["one"]).mask(stays)
    return rows.reset_index()


def meanings() -> dict[str, tuple[str, str]]:
    """Give what each column of members and series means, in few words, and its unit; a member's where both have it.

    Returns:
        Column -> meaning and unit.
    """
    declared = {o.name: (o.doc, o.unit) for o in SERIES}
    declared_variables = variables(State) | variables(Flows)
    declared |= {name: (f["doc"], f["unit"]) for name, f in declared_variables.items() if f["axes"] == "partner"}
    declared |= {"active": declared["member"], "trust": ("Trust", "1"), "left_month": ("Month of leaving", "month")}
    return {name: (doc.partition(";")[0], unit) for name, (doc, unit) in declared.items()}


def check_pair(one: Tables, other: Tables) -> None:
    """Refuse runs of different seeds, lengths or sizes, and tables of several runs.

    Args:
        one: tables of a run.
        other: tables of another.

    Raises:
        InputError: if they cannot be compared.
    """
    described = []
    for run in (one, other):
        members = table(run, "members")
        size, months = members["member"].nunique(), table(run, "series")["month"].max()
        described.append(f"seeds {run.summary['seed'].tolist()} with {size} members over {months} months")
    if described[0] != described[1] or len(one.summary) != 1:
        raise InputError(
            f"{' and '.join(described)}: give two runs of one seed, each alone, of the same size and length"
        )


def _effort(one: Tables, other: Tables) -> dict[str, Any]:
    columns = [f"effort_{m}" for m in MECHANISMS]
    a, b = (table(run, "series")[columns].to_numpy() for run in (one, other))
    months = np.flatnonzero((a != b).any(axis=1))
    if not months.size:
        return {}
    month = months[0]
    k = int(np.argmax(abs(a[month] - b[month])))
    return {"month": month + 1, "member": -1, "quantity": columns[k], "one": a[month, k], "other": b[month, k]}


def _member(one: Tables, other: Tables) -> dict[str, Any]:
    rows = table(one, "members")
    columns = [c for c in rows if c not in NAMES]
    a, b = (table(run, "members")[columns].to_numpy(dtype=float) for run in (one, other))
    differ = (a != b).any(axis=1)
    if not differ.any():
        return {}
    spread = np.maximum(a.max(axis=0), b.max(axis=0)) - np.minimum(a.min(axis=0), b.min(axis=0))
    month = rows["month"].to_numpy()[differ][0]
    now = np.flatnonzero(rows["month"] == month)
    shares = abs(a[now] - b[now]) / np.where(spread > 0, spread, 1.0)
    row, k = np.unravel_index(np.argmax(shares), shares.shape)
    cell = now[row], k
    who = {"month": month, "member": rows["member"].iloc[cell[0]], "quantity": columns[k]}
    return who | {"one": a[cell], "other": b[cell], "share": shares[row, k]}


def _event(one: Tables, other: Tables) -> dict[str, Any]:
    names = ["month", "member", "kind", "cause", "other"]
    lists = []
    for run in (one, other):
        events = table(run, "events")[names].rename(columns={"other": "answers"})
        lists.append(events.assign(again=events.groupby(list(events)).cumcount(), place=range(len(events))))
    both = lists[0].merge(lists[1], how="outer", on=[c for c in lists[0] if c != "place"], indicator="side")
    alone = both[both["side"] != "both"]
    if alone.empty:
        return {}
    place = alone["place_x"].fillna(alone["place_y"])
    event = alone.assign(place=place).sort_values(["month", "place"], kind="stable").iloc[0]
    mine = float(event["side"] == "left_only")
    who = {"month": event["month"], "member": event["member"], "quantity": event["kind"]}
    return who | {"one": mine, "other": 1 - mine}


def _exit(one: Tables, other: Tables) -> dict[str, Any]:
    rows = fates(one, other)
    rows = rows[rows["months"].fillna(0) != 0]
    if rows.empty:
        return {}
    rows = rows.assign(month=rows[["left_one", "left_other"]].min(axis=1), size=-rows["months"].abs())
    row = rows.sort_values(["month", "size", "member"]).head(1)
    left = row[["left_one", "left_other"]].to_numpy(dtype=float, na_value=np.nan)[0]
    who = {"month": row["month"].iloc[0], "member": row["member"].iloc[0], "quantity": "left_month"}
    return who | {"one": left[0], "other": left[1]}


CLEAR = 0.1
"""A quantity differs clearly from the month in which its gap reaches this share of its largest value in either run."""

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

    Args:
        one: tables of a run under one policy.
        other: tables of the run of the same seed under another.
        member: its number.

    Returns:
        A row per quantity that differs while the member takes part in both runs, that is ``until`` its first exit:
        the ``first`` month in which it differs by a bit; the first in which it is ``clear`` (see ``CLEAR``; missing:
        never), with ``one`` and ``other`` in that month; and ``one_until`` and ``other_until``: what it added up to
        (``total``), or was, then. The last row has the months of leaving, missing for those who stay.

    Raises:
        InputError: if there is no such member, or the runs cannot be compared.
    """
    import pandas as pd

    check_pair(one, other)
    members = table(one, "members")["member"]
    if member not in set(members):
        raise InputError(f"member={member}: there is no such member; members are numbered 0 to {members.max()}")
    left = [exits(run)["month"].get(member, np.nan) for run in (one, other)]
    until = int(np.nanmin([*left, table(one, "series")["month"].max()]))
    known = meanings() | {kind: (words, "events") for kind, words in HELP_GOT.items()}
    trajectories = [_quantities(run, member).loc[:until] for run in (one, other)]
    rows = []
    for step, quantity, total in LINKS:
        a, b = (each[quantity] for each in trajectories)
        differs = (a != b) & (a.notna() | b.notna())
        if differs.any():
            named = {"step": step, "quantity": quantity, "meaning": known[quantity][0], "unit": known[quantity][1]}
            rows.append(named | {"total": total, "first": a.index[differs][0]} | _amounts(a, b, total))
    parts = left[0] != left[1] and not np.isnan(left).all()
    meaning, unit = known["left_month"]
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
    months = rows[rows["member"] == member].set_index("month")
    of_run = [q for step, q, _ in LINKS if step != "member" and q not in HELP_GOT]
    months = months.drop(columns=of_run, errors="ignore").join(series.set_index("month")[of_run])
    for kind in HELP_GOT:
        mine = events[(events["kind"] == kind) & ((events["member"] == member) | (events["other"] == member))]
        months[kind] = mine["month"].value_counts().reindex(months.index, fill_value=0).astype(float)
    return months
