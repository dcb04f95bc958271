"""Each policy with half and with one and a half times the budget, on the same seeds: where more of it does harm."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.paired import add_verdicts, differences
from sim.core.declare import parameters
from sim.engine.simulate import simulate
from sim.model.outcomes import better_of, unit_of
from sim.model.policies.base import Policy, PolicyError
from sim.model.scenario import Scenario
from sim.studies.validation.region import runs_over_region
from sim.viz.style import listed, quoted

if TYPE_CHECKING:
    import pandas as pd

TIMES = (0.5, 1.5)
"""Budgets that are tried, as multiples of the scenario's own."""

OUTCOMES = ("retention", "private_value", "society_value")
"""Outcomes that a warning is about, besides those that were named."""

MOST, IN_EACH = 100, 5
"""Most runs of a policy with each budget, and in each parameter set of the plausible region."""

SMALL = 0.02
"""A change whose interval reaches below this share of the mean is too small for a warning."""

COLUMNS = (
    *("policy", "outcome", "less", "more", "before", "difference", "low", "high", "replications", "p_adjusted"),
    *("verdict", "does", "sets", "sets_alike"),
)


def tried(policies: Sequence[Policy], n_seeds: int) -> int:
    """Give how many runs ``more_budget`` makes at most at the scenario's own parameter values."""
    return len(policies) * len(TIMES) * min(n_seeds, MOST)


def more_budget(
    scenario: Scenario,
    policies: Mapping[str, Policy],
    summary: "pd.DataFrame",
    months: int,
    named: Sequence[str] = (),
    sets: "pd.DataFrame | None" = None,
    advance: Callable[[int], None] | None = None,
    engine: str = "numpy",
) -> "pd.DataFrame":
    """Compare each policy with itself on half, and on one and a half times, the budget of the scenario.

    A policy that spends nothing is left out, and so is a budget that a policy of a user's own cannot do with. A dated
    event that sets the budget still sets the same one. Where more does harm, the step is repeated in the parameter
    sets of the plausible region.

    Args:
        scenario: the partnership.
        policies: the policies by name.
        summary: their runs with the scenario's own budget, a row each, with ``policy``, ``seed`` and the outcomes; the
            first 100 seeds are used.
        months: how long to simulate.
        named: outcomes besides retention, private value and value for society.
        sets: parameter sets of the plausible region, a row each; five runs in each.
        advance: called with the number of runs done at the scenario's own values.
        engine: ``numpy`` or ``compiled``.

    Returns:
        The table of ``steps``, with ``sets``, in how many parameter sets the step was repeated, and ``sets_alike``, in
        how many the mean difference has the same sign; 0 where it was not.
    """
    import pandas as pd

    spending = summary.groupby("policy", sort=False)["effort_spent"].mean()
    budgets = _budgets(scenario)
    seeds = [int(seed) for seed in summary["seed"].unique()[:MOST]]
    parts = [summary[summary["seed"].isin(seeds)].assign(times=1.0)]
    for name, policy in policies.items():
        for times, other in budgets.items():
            if spending[name] > 0.0:
                runs = _runs(other, policy, seeds, months, engine, advance)
                parts += [] if runs is None else [runs.assign(policy=name, times=times)]
    own = [name for name in named if better_of(name) and not name.startswith("effort")]
    table = steps(pd.concat(parts, ignore_index=True), list(dict.fromkeys([*OUTCOMES, *own])))
    table = table.assign(sets=0, sets_alike=0)
    if sets is None or not len(sets.columns):
        return table
    steps_up: Any = table[table["does"] == "harm"].groupby(["policy", "less", "more"], sort=False)
    for (name, less, more), rows in steps_up:
        one: list[Policy] = [policies[name]]
        harmed, n = list(rows["outcome"]), seeds[:IN_EACH]
        low, high = (
            runs_over_region(budgets.get(times, scenario), one, sets, n, months, None, engine)
            .groupby("parameter_set")[harmed]
            .mean()
            for times in (less, more)
        )
        alike = np.sign(high - low) == np.sign(rows.set_index("outcome")["difference"])
        table.loc[rows.index, "sets_alike"] = alike[harmed].sum().to_numpy()
        table.loc[rows.index, "sets"] = len(sets)
    return table


def _budgets(scenario: Scenario) -> dict[float, Scenario]:
    """Give the scenario with each other budget that is allowed."""
    fact = next(q for q in parameters(scenario) if q.path == "grant.budget")
    most, own = float(fact.high or np.inf), scenario.grant.budget
    return {times: scenario.replace(**{"grant.budget": times * own}) for times in TIMES if 0.0 < times * own <= most}


def _runs(
    scenario: Scenario,
    policy: Policy,
    seeds: Sequence[int],
    months: int,
    engine: str,
    advance: Callable[[int], None] | None,
) -> "pd.DataFrame | None":
    """Simulate; None where the policy needs more than this budget."""
    try:
        return simulate(scenario, seeds, policy, months, ("summary",), progress=advance, engine=engine).summary
    except PolicyError:
        return None


def steps(runs: "pd.DataFrame", outcomes: Sequence[str]) -> "pd.DataFrame":
    """Say what each step up in budget does to each policy.

    Args:
        runs: a row per run, with ``policy``, ``times`` (the multiple of the budget), ``seed`` and the outcomes.
        outcomes: columns that have a better direction.

    Returns:
        A row per policy, step (from ``less`` to ``more`` times the budget) and outcome: the mean ``before``, the mean
        paired ``difference``, in the outcome's unit, with its 95 % interval ``low`` to ``high``, and the ``verdict``,
        Holm-corrected over the table. ``does`` says harm or good where the verdict is decided and the whole interval
        is beyond a fiftieth of the mean; else nothing.
    """
    import pandas as pd

    parts = []
    for policy, own in runs.groupby("policy", sort=False):
        for less, more in pairwise(sorted(own["times"].unique())):
            pair = own[own["times"].isin((less, more))]
            before = pair.loc[pair["times"] == less, list(outcomes)].mean()
            table = differences(pair.assign(policy=pair["times"].map(str)), str(less), outcomes)
            parts.append(table.assign(policy=policy, less=less, more=more, before=table["outcome"].map(before)))
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    table = add_verdicts(pd.concat(parts, ignore_index=True))
    least = SMALL * table["before"].abs()
    beyond = (table["verdict"] != "undecided") & ((table["low"] > least) | (table["high"] < -least))
    rises, less_is_better = table["difference"] > 0, table["outcome"].map(better_of) == "less"
    table["does"] = np.where(beyond, np.where(rises != less_is_better, "good", "harm"), "")
    return table[[column for column in COLUMNS if column in table]]


def warning_lines(table: "pd.DataFrame | None") -> list[str]:
    """Say of each step up in budget that does harm what it harms, by how much, and what it does good.

    Args:
        table: what ``more_budget`` gives; None for none.
    """
    if table is None or table.empty:
        return []
    lines = []
    by_step: Any = table.groupby(["policy", "more"], sort=False)
    for (policy, more), rows in by_step:
        harm, good = ([_change(row) for row in rows[rows["does"] == d].to_dict("records")] for d in ("harm", "good"))
        if harm:
            step = f"with {more:g} times the budget" if more > 1.0 else "with the whole budget instead of half of it"
            lines.append(f"More of {quoted(str(policy))} does harm here: {step} {listed(harm)}"
                         f"{f', while {listed(good)}' if good else ''}.")  # fmt: skip
    return lines


def _change(row: Mapping[Any, Any]) -> str:
    """Write a change as words: retention falls by 4.0 % points (2.1 to 6.0; in 12 of 16 plausible parameter sets)."""
    outcome = "value for society" if row["outcome"] == "society_value" else str(row["outcome"]).replace("_", " ")
    scale, unit = (100.0, " % points") if unit_of(row["outcome"]) == "share" else (1.0, "")
    ends = sorted(abs(row[end]) * scale for end in ("low", "high"))
    sets = f"; in {row['sets_alike']} of {row['sets']} plausible parameter sets" if row["sets"] else ""
    verb = "rises" if row["difference"] > 0 else "falls"
    size, low, high = (f"{value:.1f}" for value in (abs(row["difference"]) * scale, *ends))
    return f"{outcome} {verb} by {size}{unit} ({low} to {high}{sets})"
