"""The source texts' claims, each as a comparison on the same seeds and at the same budget that could refute it.

A claim compares two policies, or two levels of one parameter, over the plausible region and over two states of the world:
what a leak costs, and how much firms weigh in the mix (rivals and sensitive knowledge). In each state of the world it holds,
depends on the parameter set, or fails.
"""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.model.policies.registry import label
from sim.studies.sweep import Sweep
from sim.studies.validation.calibration import not_ruled_out, target_statistics
from sim.studies.validation.calibration_spec import read_calibration
from sim.studies.validation.runs import RunPlan, simulate_plan

if TYPE_CHECKING:
    import pandas as pd

X, Y = "rules.leak.loss", "sectors.private.share"
STATES = {X: [2.0, 6.0, 24.0], Y: [0.2, 0.5, 0.8]}
HOLDS, FAILS = 0.8, 0.2
"""Share of parameter sets with the claimed sign from which a claim holds, and up to which it fails."""

CASE, PAUSE = "DiVito, van Wijk & Wakkee 2021", "Het Klimaatkantoor 2020"


@dataclasses.dataclass(frozen=True)
class Claim:
    """``outcome`` is larger (``sign`` 1) or smaller (-1) under ``one`` than under ``other``."""

    name: str
    sentence: str
    source: str
    outcome: str
    one: Any
    other: Any
    sign: int = 1
    level: str = ""
    """The parameter whose levels are compared (``one`` and ``other`` are then numbers), under neutral policy."""
    built_in: bool = False
    """Whether a rule says so directly, so that its holding is no evidence."""


CLAIMS: tuple[Claim, ...] = (
    Claim("safeguard", "Gathering sensitive information without passing it on keeps partners", CASE,
          "retention_60", "safeguarding", "placebo"),
    Claim("early", "Safeguarding matters early: first safeguard then connect keeps more than the reverse", CASE,
          "retention_60", "scheduled", "reversed_schedule"),
    Claim("drop", "Safeguards that follow the tension and are dropped as it wanes keep more than lasting ones", CASE,
          "retention_60", {"name": "adaptive", "connect": 0.0, "bundle_most": 0.0}, "safeguarding"),
    Claim("bundle", "Making information general serves the common work: more value for society", CASE,
          "society_value", "bundling", "placebo"),
    Claim("bundle_price", "Bundling has a price: general results give members less private value", CASE,
          "private_value", "bundling", "placebo", sign=-1, built_in=True),
    Claim("connect_value", "Connecting members inside and outside raises private value", CASE,
          "private_value", "connecting", "placebo"),
    Claim("connect_stay", "Connecting keeps partners", CASE, "retention_60", "connecting", "placebo"),
    Claim("inside", "Matches inside keep more partners than matches outside", "assumption: the text names both",
          "retention_60", {"name": "connecting", "inside": 1.0}, {"name": "connecting", "inside": 0.0}),
    Claim("pause", "A strategic pause between initiation and implementation keeps partners", PAUSE,
          "retention_60", "strategic_pause", "placebo"),
    Claim("pause_society", "A strategic pause multiplies the value created together", PAUSE,
          "society_value", "strategic_pause", "placebo"),
    Claim("individual", "Room for individual value multiplies collective value", PAUSE,
          "society_value", 12.0, 4.0, level="rules.capture.scale"),
    Claim("no_capture", "Without private capture members leave", CASE,
          "retention_60", 0.0, 8.0, sign=-1, level="rules.capture.scale"),
    Claim("no_capture_society", "Without private capture value for society is lost", CASE,
          "society_value", 0.0, 8.0, sign=-1, level="rules.capture.scale"),
    Claim("track", "Tracking private capture and intervening keeps more than following tensions alone", CASE,
          "retention_60", "adaptive_tracking", "adaptive"),
    Claim("aim", "Help aimed at those who fall short keeps more than the same help at random", CASE,
          "retention_60", "adaptive_tracking", "random_allocation"),
    Claim("adapt", "Adapting the mechanisms to tensions keeps more than a fixed mix of them", CASE,
          "retention_60", "adaptive", "fixed_mix"),
    Claim("readiness", "Private value depends on members' readiness", CASE,
          "private_value", 0.7, 0.3, level="rules.readiness.typical", built_in=True),
    Claim("risk", "Differences of DNA put the partnership at risk", PAUSE,
          "retention_60", 0.9, 0.3, sign=-1, level="sectors.distance"),
    Claim("strength", "Differences are a strength: specialised knowledge creates more together", PAUSE,
          "society_value", 0.9, 0.1, level="sectors.specialisation"),
)  # fmt: skip


def run_claims(region: "pd.DataFrame", folder: Path, replications: int = 20, **how: Any) -> "pd.DataFrame":
    """Simulate all claims over a region.

    Args:
        region: a row per parameter set, a column per parameter.
        folder: where the runs are kept; runs that are there are not simulated again.
        replications: runs of each parameter set, state of the world and policy.
        **how: ``executor`` and ``progress``, as for ``sim.sweep``.

    Returns:
        A row per claim, state of the world (``x``, ``y``) and parameter set: ``gap``, the mean paired difference, signed so
        that above 0 is as claimed; ``error``, its standard error; ``agrees``, whether the parameter set still agrees
        there with the facts it was calibrated on.
    """
    import pandas as pd

    specs = {label(c): c for claim in CLAIMS if not claim.level for c in (claim.one, claim.other)}
    policies = RunPlan(STATES, policies=tuple(specs.values()))
    runs = simulate_plan("policies", policies, region, folder, replications, **how)
    agrees = agreement(runs, len(region))
    parts = [
        _difference(runs, claim, "policy", [label(claim.one), label(claim.other)], region)
        for claim in CLAIMS
        if not claim.level
    ]
    for path in sorted({c.level for c in CLAIMS if c.level}):
        levels = sorted({v for c in CLAIMS if c.level == path for v in (c.one, c.other)})
        plan, others = RunPlan({**STATES, path: levels}), region.drop(columns=path, errors="ignore")
        runs = simulate_plan(path.replace(".", "_"), plan, others, folder, replications, **how)
        parts += [_difference(runs, c, path, [c.one, c.other], region) for c in CLAIMS if c.level == path]
    order = [c.name for c in CLAIMS]
    table = pd.concat(parts, ignore_index=True).merge(agrees, on=["parameter_set", "x", "y"])
    return table.sort_values("claim", key=lambda v: v.map(order.index), kind="stable", ignore_index=True)


def agreement(runs: Sweep, n: int) -> "pd.DataFrame":
    """Tell in which states of the world each of ``n`` parameter sets still agrees with the facts it was calibrated on.

    Read under ``placebo``, where members experience what they experience under neutral.
    """
    targets = read_calibration("pledge").numbers
    table = target_statistics(runs, targets, "placebo")
    design = runs.design.set_index("point").loc[table["point"]]
    places = {"parameter_set": design["row"].to_numpy() // (len(runs.design) // n)}
    return table.assign(**places, x=design[X].to_numpy(), y=design[Y].to_numpy(), agrees=not_ruled_out(table, targets))[
        ["parameter_set", "x", "y", "agrees"]
    ]


def _difference(runs: Sweep, claim: Claim, column: str, pair: list[Any], region: "pd.DataFrame") -> "pd.DataFrame":
    """Pair runs that share seed, parameter set and state of the world; average over seeds."""
    per = len(runs.design) // len(region)
    table = runs.sql(
        f'SELECT d.row // {per} AS parameter_set, a."{X}" AS x, a."{Y}" AS y, avg(a."{claim.outcome}" - b."{claim.outcome}") AS gap, '
        f'avg(b."{claim.outcome}") AS other, stddev_samp(a."{claim.outcome}" - b."{claim.outcome}") / sqrt(count(*)) AS error '
        "FROM (SELECT r.*, d.row // ? AS parameter_set FROM runs r JOIN design d USING (point)) a "
        "JOIN (SELECT r.*, d.row // ? AS parameter_set FROM runs r JOIN design d USING (point)) b "
        f'ON a.parameter_set = b.parameter_set AND a.seed = b.seed AND a."{X}" = b."{X}" AND a."{Y}" = b."{Y}" '
        f'JOIN design d ON d.point = a.point WHERE a."{column}" = ? AND b."{column}" = ? GROUP BY ALL ORDER BY ALL',
        [per, per, *pair],
        threads=1,
    )
    table.insert(0, "claim", claim.name)
    return table.assign(gap=claim.sign * table["gap"])


def regimes(table: "pd.DataFrame", region: "pd.DataFrame") -> "pd.DataFrame":
    """Sum up the claims.

    Args:
        table: what ``run_claims`` gives.
        region: the region it was given.

    Returns:
        A row per claim: in how many states of the world it ``holds``, ``depends`` or ``fails``; the share of cases as claimed
        (``share_as_claimed``; ``agreeing``: of those that agree with the facts); and the parameter it depends on most.
    """
    import pandas as pd

    rows = []
    for claim in CLAIMS:
        own = table[table["claim"] == claim.name]
        cells = own.assign(yes=own["gap"] > 0).groupby(["x", "y"])["yes"].mean()
        name, strength = driver(own, region)
        rows.append(
            {
                "claim": claim.name,
                "sentence": claim.sentence,
                "source": claim.source,
                "outcome": claim.outcome,
                "kind": "built in" if claim.built_in else "emerges",
                "holds": int((cells >= HOLDS).sum()),
                "depends": int(((cells < HOLDS) & (cells > FAILS)).sum()),
                "fails": int((cells <= FAILS).sum()),
                "share_as_claimed": float((own["gap"] > 0).mean()),
                "median": float(own["gap"].median()),
                "agreeing": float((own.loc[own["agrees"], "gap"] > 0).mean()),
                "cases": int(own["agrees"].sum()),
                "sure": float((own["gap"].abs() > 2 * own["error"]).mean()),
                "depends_on": name,
                "correlation": strength,
            }
        )
    return pd.DataFrame(rows)


def driver(own: "pd.DataFrame", region: "pd.DataFrame") -> tuple[str, float]:
    """Name the parameter or state of the world that goes with a claim's difference most (Spearman's rank correlation)."""
    from scipy.stats import spearmanr

    values = {X: own["x"].to_numpy(), Y: own["y"].to_numpy()}
    values |= {
        c: region[c].to_numpy()[own["parameter_set"].to_numpy(dtype=int)] for c in region.columns if c not in values
    }
    gap = own["gap"].to_numpy()
    if np.ptp(gap) == 0:
        return "", 0.0
    strengths = {name: float(spearmanr(v, gap).statistic) for name, v in values.items() if np.ptp(v) > 0}
    best = max(strengths, key=lambda n: abs(strengths[n]))
    return best, strengths[best]
