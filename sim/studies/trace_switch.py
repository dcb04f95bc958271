"""Until when a switch of policy still keeps a member: the month that decides whether it stays or leaves for good."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sim.analysis.divergence import chain
from sim.analysis.story import exits
from sim.engine.tables import Tables
from sim.model.policies.base import Policy, PolicyError
from sim.model.policies.registry import find_policy

if TYPE_CHECKING:
    import pandas as pd


def stays_or_goes(fates: "pd.DataFrame") -> "pd.Series[bool]":
    """Flag the founders that stay to the end under one policy and leave for good under the other.

    Args:
        fates: what ``sim.analysis.divergence.fates`` gives.
    """
    return (fates["how_one"] == "stays") != (fates["how_other"] == "stays")


def switch_that_decides(
    policies: tuple[Policy, Policy], runs: tuple[Tables, ...], member: int, months: int, run: Callable[[Policy], Tables]
) -> "dict[str, pd.DataFrame]":
    """Find a month such that a switch in it keeps a member, and a switch a month later does not.

    The run begins under the policy under which the member leaves, and switches to the one under which it stays. Both
    ends are known, so halving the months between finds such a month; there may be others.

    Args:
        policies: the two policies.
        runs: their runs of one seed.
        member: the number of a founder that stays under one of them and leaves under the other.
        months: how long the runs are.
        run: simulates a policy on the same seed.

    Returns:
        ``switch``, a row: ``member``, ``leaves_under`` and ``stays_under`` (1 or 2, the place of the policy), the last
        ``month`` in which the switch keeps it, ``left``, the month of its exit if the switch comes a month later, and
        how many months were ``tried``. ``switch_chain``: what differs for it between these two runs (``chain``).
        Nothing, where the two policies cannot follow each other.
    """
    import pandas as pd

    leaving = int(member not in exits(runs[0]).index)
    first, then = policies[leaving], policies[1 - leaving]
    early, late = (1, runs[1 - leaving]), (months + 1, runs[leaving])
    tried = 0
    while late[0] - early[0] > 1:
        month, tried = (early[0] + late[0]) // 2, tried + 1
        try:
            steps = [{"policy": first, "until": month - 1}, {"policy": then, "from": month}]
            tables = run(find_policy({"label": f"switch in month {month}", "steps": steps}))
        except PolicyError:  # they see members in different ways, or one remembers what a plan cannot
            return {}
        if member in exits(tables).index:
            late = month, tables
        else:
            early = month, tables
    row: dict[str, Any] = {
        "member": member,
        "leaves_under": leaving + 1,
        "stays_under": 2 - leaving,
        "month": early[0],
        "left": int(exits(late[1])["month"][member]),
        "tried": tried,
    }
    return {"switch": pd.DataFrame([row]), "switch_chain": chain(early[1], late[1], member)}
