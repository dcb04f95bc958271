"""The plausible region: parameter sets that agree with the calibration data; comparisons repeated over it.

The region was calibrated on real membership lists and on facts about partnerships on a grant, in the reference. In
another scenario its parameter sets say how much of an answer depends on parameters that nobody has measured; they need
not agree there with what is known.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.paired import differences
from sim.config.files import CONFIGS
from sim.engine.simulate import simulate
from sim.model.policies import Policy
from sim.model.scenario import Scenario, value_at
from sim.storage.digests import SIM, package_digest
from sim.studies.validation.list_spec import read_list_calibration
from sim.sweeps.designs.sampled import Sobol
from sim.sweeps.designs.space import space_of

if TYPE_CHECKING:
    import pandas as pd


OF_TERMS = tuple(f"rules.membership.{name}" for name in ("fee", "look_ahead", "company", "on_calendar", "lapse_rate"))
"""Parameters of a membership by terms."""


def read_region(name: str = "lists") -> "pd.DataFrame":
    """Read a shipped plausible region: a row per parameter set, a column per parameter (dotted path).

    Args:
        name: a calibration in ``configs/calibration``.
    """
    import pandas as pd

    return pd.read_csv(CONFIGS / "calibration" / f"{name}.csv")


def region_digest(name: str = "lists") -> str:
    """Digest the file of a plausible region, for keys of results that depend on it."""
    text = (CONFIGS / "calibration" / f"{name}.csv").read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(text).hexdigest()[:16]


def validation_digest() -> str:
    """Digest the text of this package (patterns, limits, benchmarks), for keys of results that depend on it."""
    return package_digest(SIM, ("studies/validation",))[:16]


def read_prior(n: int, name: str = "lists") -> "pd.DataFrame":
    """Sample parameter sets of the prior, before any calibration.

    Args:
        n: how many: the first of a Sobol sequence.
        name: the calibration on lists whose space is the prior.
    """
    spec = read_list_calibration(name)
    space = space_of({**spec.space, **spec.unseen}, Scenario())
    table: pd.DataFrame = Sobol(n=1 << max(n - 1, 1).bit_length()).table(space).head(n)
    return table


def defaults() -> "pd.DataFrame":
    """Give the reference's own values of what the calibration varies, as the one row of a table."""
    import pandas as pd

    spec, scenario = read_list_calibration("lists"), Scenario()
    return pd.DataFrame({path: [value_at(scenario, path)] for path in (*spec.space, *spec.unseen)})


def varied(scenario: Scenario, n: int) -> "pd.DataFrame":
    """Give the first ``n`` parameter sets of the region, without parameters that the scenario sets itself.

    Returns:
        A row per parameter set, a column per parameter that the scenario leaves at its default.
    """
    return left_open(scenario, read_region().head(n))


def left_open(scenario: Scenario, sets: "pd.DataFrame") -> "pd.DataFrame":
    """Leave out parameters that a scenario sets itself, and those of terms and fees where membership has no term."""
    defaults, no_term = Scenario(), scenario.rules.membership.term == 0.0
    return sets[
        [
            path
            for path in sets
            if value_at(scenario, str(path)) == value_at(defaults, str(path)) and not (no_term and path in OF_TERMS)
        ]
    ]


def over_region(
    scenario: Scenario,
    policies: Sequence[Policy],
    n: int,
    seeds: Sequence[int],
    months: int,
    outcomes: Sequence[str],
    baseline: str,
    progress: Callable[[int], None] | None = None,
    engine: str = "numpy",
) -> "pd.DataFrame":
    """Repeat a comparison in each parameter set of the plausible region, on the same seeds.

    Args:
        scenario: the partnership; what it sets away from the defaults stays.
        policies: the policies to compare.
        n: in how many parameter sets.
        seeds: the runs in each.
        months: how long to simulate.
        outcomes: what to compare.
        baseline: the policy that differences are to, as the tables name it.
        progress: called with the number of runs done after each batch.
        engine: ``numpy`` or ``compiled``.

    Returns:
        A row per parameter set, policy and outcome: the columns of ``differences``, and ``parameter_set``.
    """
    import pandas as pd

    region = varied(scenario, n)
    columns = {str(path): np.repeat(region[path].to_numpy(), len(seeds)).tolist() for path in region}
    tiled = [*seeds] * len(region)
    runs = [
        simulate(scenario, tiled, policy, months, ("summary",), columns, progress=progress, engine=engine).summary
        for policy in policies
    ]
    summary = pd.concat(runs)
    summary["parameter_set"] = np.tile(np.repeat(region.index.to_numpy(), len(seeds)), len(policies))
    return pd.concat(
        [
            differences(rows, baseline, outcomes).assign(parameter_set=number)
            for number, rows in summary.groupby("parameter_set")
        ],
        ignore_index=True,
    )


def overview(table: "pd.DataFrame") -> "pd.DataFrame":
    """Sum up a comparison over the region.

    Args:
        table: what ``over_region`` gives.

    Returns:
        A row per policy and outcome: ``median``, ``q05`` and ``q95`` of the differences over parameter sets, and in how
        many of all ``parameter_sets`` the difference is significantly ``higher`` or ``lower``.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for (policy, outcome), group in table.groupby(["policy", "outcome"], sort=False):
        known = group["difference"].dropna()
        low, median, high = known.quantile([0.05, 0.5, 0.95]) if len(known) else (np.nan,) * 3
        rows.append(
            {
                "policy": policy,
                "outcome": outcome,
                "median": median,
                "q05": low,
                "q95": high,
                "higher": int((group["low"] > 0).sum()),
                "lower": int((group["high"] < 0).sum()),
                "parameter_sets": len(known),
            }
        )
    return pd.DataFrame(rows)
