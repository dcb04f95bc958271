"""The plausible region: parameter sets that agree with the calibration data; comparisons repeated over it.

The region was calibrated on real membership lists and on facts about partnerships on a grant, in the reference. In
another scenario its parameter sets say how much of an answer depends on parameters that nobody has measured; they need
not agree there with what is known.
"""

import contextlib
import hashlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.paired import differences
from sim.config.user_tables import read_user_table
from sim.core.errors import InputError
from sim.core.paths import CONFIGS, path_of
from sim.engine.simulate import simulate
from sim.model.parameters import check_columns
from sim.model.policies import Policy
from sim.model.scenario import Scenario, value_at
from sim.storage.digests import SIM, package_digest
from sim.storage.folders import verified
from sim.studies.validation.list_spec import read_list_calibration
from sim.sweeps.designs.sampled import Sobol
from sim.sweeps.designs.space import space_of

if TYPE_CHECKING:
    import pandas as pd


SHIPPED = CONFIGS / "calibration" / "lists.csv"
"""The shipped region: equally likely sets of the calibration on lists."""

OF_OWN = 256
"""Parameter sets that are drawn from a region of a user's own, where nobody says how many."""

OF_TERMS = tuple(f"rules.membership.{name}" for name in ("fee", "look_ahead", "company", "on_calendar", "lapse_rate"))
"""Parameters of a membership by terms."""


FEW = 20.0
"""Effective parameter sets with fewer of which a region is too small to use."""


def read_region(source: str | Path | None = None, n: int | None = None) -> "pd.DataFrame":
    """Read a plausible region: a row per parameter set, all equally likely, a column per parameter (dotted path).

    Args:
        source: a region of your own: a folder of results of ``calibrate``, or a CSV with a row per parameter set
            and, if they are not equally likely, a column ``weight``; by default the shipped region.
        n: how many: the first of the shipped one, as many drawn by weight of your own; by default all, or 256.

    Raises:
        InputError: if it cannot be used, or was damaged.
    """
    import pandas as pd

    if source is None:
        shipped = pd.read_csv(SHIPPED)
        return shipped if n is None else shipped.head(n)
    file = _region_file(source)
    where = f"region_from={source}"
    columns = read_user_table(file, where, check=verified).columns
    known = {name: values for name, values in columns.items() if "." in name}
    if not known:
        raise InputError(f"{where}: has no parameters; give region.csv of partnership calibrate, or columns such as "
                         "start.trust")  # fmt: skip
    weight = columns.get("weight", [1.0] * len(next(iter(known.values()))))
    if not all(isinstance(w, (int, float)) and w >= 0 for w in weight) or not sum(weight) > 0:
        raise InputError(f"{where}: weight takes numbers from 0, not all of them 0")
    try:
        check_columns(Scenario(), known, len(weight))
    except ValueError as error:
        raise InputError(f"{where}: {error}") from error
    sets = pd.DataFrame({name: np.asarray(values, dtype=float) for name, values in known.items()})
    share = np.asarray(weight, dtype=float) / sum(weight)
    effective = 1.0 / (share**2).sum()
    if effective < FEW:
        warnings.warn(
            f"{where}: only some {effective:.0f} of its parameter sets count by weight, too few to say how sure one is "
            f"(wanted: {FEW:g}); calibrate further with more points=, waves= or final=",
            stacklevel=2,
        )
    return equally_likely(sets.assign(weight=np.asarray(weight, dtype=float)), OF_OWN if n is None else n)[list(known)]


def region_digest(source: str | Path | None = None) -> str:
    """Digest the file of a plausible region, for keys of results that depend on it; by default of the shipped one."""
    file = SHIPPED if source is None else _region_file(source)
    return hashlib.sha256(file.read_bytes().replace(b"\r\n", b"\n")).hexdigest()[:16]


def region_facts(source: str | Path | None) -> dict[str, str]:
    """Say which region of a user's own a result rests on, for its configuration; nothing for the shipped one."""
    return {} if source is None else {"region_from": str(source), "region_digest": region_digest(source)}


_COPIES: dict[str, Path] = {}
"""Copies that results keep, which stand in for the files they are of."""


@contextlib.contextmanager
def copy_standing_in(source: str | Path, copy: Path) -> Iterator[None]:
    """Let the copy of a region that results keep stand in for its file, for a while."""
    _COPIES[str(source)] = copy
    try:
        yield
    finally:
        del _COPIES[str(source)]


def region_text(source: str | Path) -> str:
    """Give the file of a region of a user's own, to keep with results."""
    return _region_file(source).read_text(encoding="utf-8")


def _region_file(source: str | Path) -> Path:
    """Find the file of a region of a user's own: the file itself, or region.csv of a folder."""
    path = _COPIES.get(str(source), path_of(source))
    file = path / "region.csv" if path.is_dir() else path
    if not file.is_file():
        raise InputError(
            f"region_from={source}: {'has no region.csv' if path.is_dir() else 'there is no such file'}; give a folder "
            "of partnership calibrate, or the region.csv in it"
        )
    return file


def equally_likely(sets: "pd.DataFrame", n: int) -> "pd.DataFrame":
    """Draw ``n`` parameter sets by weight, at even steps, so that they need no weights; all, if they are even and few.

    A set of much weight comes more than once.

    Args:
        sets: a row per parameter set, with a column ``weight``.
        n: how many.
    """
    weight = sets["weight"].to_numpy()
    rest: pd.DataFrame = sets.drop(columns="weight")
    if len(sets) <= n and np.ptp(weight) <= 1e-12 * weight.max():
        return rest.reset_index(drop=True)
    total = np.cumsum(weight)
    places = np.searchsorted(total, (np.arange(n) + 0.5) / n * total[-1])
    chosen: pd.DataFrame = rest.iloc[np.minimum(places, len(sets) - 1)].reset_index(drop=True)
    return chosen


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


def varied(scenario: Scenario, n: int, source: str | Path | None = None) -> "pd.DataFrame":
    """Give ``n`` parameter sets of the region, without parameters that the scenario sets itself.

    Returns:
        A row per parameter set, a column per parameter that the scenario leaves at its default.
    """
    return left_open(scenario, read_region(source, n))


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
    source: str | Path | None = None,
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
        source: of the region (``read_region``).

    Returns:
        A row per parameter set, policy and outcome: the columns of ``differences``, and ``parameter_set``.
    """
    import pandas as pd

    region = varied(scenario, n, source)
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
