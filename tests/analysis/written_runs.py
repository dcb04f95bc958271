"""Runs of three months with two members, written by hand, and short simulated runs."""

import pandas as pd

import sim
from sim.analysis.divergence import LINKS
from sim.engine.simulate import RECORDS
from sim.engine.tables import Tables
from sim.model.effort import MECHANISMS
from tests.helpers import OFF

MONTHS = (1, 2, 3)
OF_MEMBER = [q for step, q, _ in LINKS if step == "member"]
OF_RUN = [*(f"effort_{m}" for m in MECHANISMS), "tension", "n_members", "stock"]
EVENT = {"member": -1, "kind": "phase", "cause": "", "other": -1, "amount": 0.0, "benefit": 0.0, "aspiration": 0.0, "goodwill": 0.0,
         "needs_met_share": 0.0, "engagement": 0.0, "disclosure": 0.0, "trust": 0.0, "sector": "private"}  # fmt: skip


def written_run(policy, cells=(), series=(), events=(), gone=()):
    """Lay out a run in which all is 0 but the values in the arguments: (quantity, month[, member]) -> value; ``gone`` are (month, member)."""
    rows = [{"seed": 7, "policy": policy, "month": month, "member": member, "sector": ("private", "public")[member],
             "active": float((month, member) not in gone), **dict.fromkeys(OF_MEMBER, 0.0)} for month in MONTHS for member in (0, 1)]  # fmt: skip
    members = pd.DataFrame(rows)
    for (name, month, member), value in dict(cells).items():
        members.loc[(members["month"] == month) & (members["member"] == member), name] = value
    monthly = pd.DataFrame(
        [{"seed": 7, "policy": policy, "month": month, **dict.fromkeys(OF_RUN, 0.0)} for month in MONTHS]
    )
    for (name, month), value in dict(series).items():
        monthly.loc[monthly["month"] == month, name] = value
    happened = pd.DataFrame(
        [{"seed": 7, "policy": policy, "month": 0, **EVENT, **event} for event in events],
        columns=["seed", "policy", "month", *EVENT],
    )
    return Tables(pd.DataFrame({"seed": [7], "policy": [policy]}), monthly, members, happened)


def leaves(member, month, kind="frustrated", **more):
    return {"month": month, "member": member, "kind": f"exit {kind}", "cause": "leak", **more}


SMALL = sim.Scenario().replace(**{**OFF, "size.partners": 10})


def simulated(policy, scenario=SMALL, seed=3, months=24):
    return sim.simulate(scenario, [seed], policy, months, RECORDS)


def run_denim():
    """Simulate the denim alliance under two policies."""
    scenario = sim.load_scenario("denim_alliance").replace(**OFF)
    tracking = {"name": "adaptive_tracking", "expected_effect": 0.0, "enough": 1000.0}
    return [simulated(policy, scenario, 7, 60) for policy in ("neutral", tracking)]
