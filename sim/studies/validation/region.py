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
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from sim.analysis.paired import differences
from sim.config.user_tables import read_user_table
from sim.core.errors import InputError
from sim.core.paths import CONFIGS, path_of
from sim.engine.simulate import simulate
from sim.model.parameters import check_columns
from sim.model.policies import Policy
from sim.model.scenario import Scenario, stated_defaults, value_at
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


ROUNDING = 1e-9
"""A difference nearer to 0 is a rounding error."""

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
    """Give ``n`` parameter sets of the region, without parameters that the scenario states itself.

    Returns:
        A row per parameter set, a column per parameter of which the scenario says nothing.
    """
    return left_open(scenario, read_region(source, n))


def left_open(scenario: Scenario, sets: "pd.DataFrame") -> "pd.DataFrame":
    """Leave out parameters that a scenario states, and those of terms and fees where membership has no term."""
    fixed, no_term = fixed_by(scenario, [str(path) for path in sets]), scenario.rules.membership.term == 0.0
    return sets[[path for path in sets if path not in fixed and not (no_term and path in OF_TERMS)]]


def fixed_by(scenario: Scenario, paths: Sequence[str]) -> list[str]:
    """Name those parameters that a scenario states itself: another value than the default, or the default by name."""
    usual, named = Scenario(), stated_defaults(scenario)
    return [path for path in paths if path in named or value_at(scenario, path) != value_at(usual, path)]


def section_of(path: str) -> str:
    """Name the section of the parameter tree that a parameter is in: ``capture`` for ``rules.capture.scale``."""
    return path.rpartition(".")[0].removeprefix("rules.") or path


def region_parameters(scenario: Scenario, sets: "pd.DataFrame") -> "pd.DataFrame":
    """Say of each parameter of a region what becomes of it, and of each structure that the scenario states.

    Args:
        scenario: the partnership.
        sets: the parameter sets of the region, with every parameter.

    Returns:
        A row per ``parameter``: its ``status`` (varied; held, as the scenario states it; not used, in a membership
        without terms), the scenario's own ``value``, and ``low`` to ``high`` over the parameter sets.
    """
    import pandas as pd

    forms = [f"structure.{name}" for name in type(scenario.structure).model_fields]
    free, paths = left_open(scenario, sets).columns, [str(path) for path in sets]
    fixed = fixed_by(scenario, [*paths, *forms])
    rows = [
        {
            "parameter": path,
            "status": "varied" if path in free else "held" if path in fixed else "not used",
            "value": value_at(scenario, path),
            "low": sets[path].min() if path in free else None,
            "high": sets[path].max() if path in free else None,
        }
        for path in [*paths, *(form for form in forms if form in fixed)]
    ]
    return pd.DataFrame(rows)


def runs_over_region(
    scenario: Scenario,
    policies: Sequence[Policy],
    sets: "pd.DataFrame",
    seeds: Sequence[int],
    months: int,
    progress: Callable[[int], None] | None = None,
    engine: str = "numpy",
) -> "pd.DataFrame":
    """Simulate policies in each parameter set, on the same seeds.

    Args:
        scenario: the partnership; what it states stays.
        policies: the policies to compare.
        sets: a row per parameter set, a column per parameter (``varied``).
        seeds: the runs in each.
        months: how long to simulate.
        progress: called with the number of runs done after each batch.
        engine: ``numpy`` or ``compiled``.

    Returns:
        A row per run: ``policy``, ``parameter_set``, ``seed`` and every outcome.
    """
    import pandas as pd

    columns = {str(path): np.repeat(sets[path].to_numpy(), len(seeds)).tolist() for path in sets}
    tiled = [*seeds] * len(sets)
    runs = [
        simulate(scenario, tiled, policy, months, ("summary",), columns, progress=progress, engine=engine).summary
        for policy in policies
    ]
    summary = pd.concat(runs, ignore_index=True).drop(columns=list(columns))
    numbers = np.tile(np.repeat(sets.index.to_numpy(), len(seeds)), len(policies))
    summary.insert(1, "parameter_set", numbers)
    return summary[["policy", "parameter_set", "seed", *summary.columns.drop(["policy", "parameter_set", "seed"])]]


def differences_within(runs: "pd.DataFrame", by: str, outcomes: Sequence[str], baseline: str) -> "pd.DataFrame":
    """Compare policies in each parameter set or structure.

    Args:
        runs: a row per run, with ``policy``, ``seed``, the column ``by`` and the outcomes.
        by: the column that tells parameter sets or structures apart.
        outcomes: what to compare.
        baseline: the policy that differences are to, as the tables name it.

    Returns:
        A row per value of ``by``, policy and outcome: the columns of ``differences``, and ``by``.
    """
    import pandas as pd

    groups = runs.groupby(by, sort=False)
    return pd.concat(
        [differences(rows, baseline, outcomes).assign(**{by: value}) for value, rows in groups], ignore_index=True
    )


def structures(scenario: Scenario) -> list[tuple[str, str]]:
    """List the other forms that the model may take, one at a time, path and value: none that the scenario states."""
    forms = {
        f"structure.{name}": get_args(field.annotation) for name, field in type(scenario.structure).model_fields.items()
    }
    fixed = fixed_by(scenario, list(forms))
    return [
        (path, str(value))
        for path, values in forms.items()
        for value in values
        if path not in fixed and value != value_at(scenario, path)
    ]


def runs_over_structures(
    scenario: Scenario,
    policies: Sequence[Policy],
    seeds: Sequence[int],
    months: int,
    progress: Callable[[int], None] | None = None,
) -> "pd.DataFrame":
    """Simulate policies under each other form of the model, at the scenario's own parameter values.

    Each form is other code, which takes longer to compile than these few runs: the engine is numpy.

    Returns:
        A row per run, as in ``runs_over_region``, with ``structure`` such as ``exit: hazard``.
    """
    import pandas as pd

    parts = []
    for path, value in structures(scenario):
        other, name = scenario.replace(**{path: value}), f"{path.removeprefix('structure.')}: {value}"
        for policy in policies:
            table = simulate(other, seeds, policy, months, ("summary",), progress=progress).summary
            parts.append(table.assign(structure=name))
    return pd.concat(parts, ignore_index=True)


def overview(table: "pd.DataFrame") -> "pd.DataFrame":
    """Sum up a comparison over parameter sets or structures.

    Args:
        table: what ``differences_within`` gives.

    Returns:
        A row per policy and outcome: of the differences over parameter sets the ``median``, ``q05`` and ``q95``, the
        ``least`` and the ``most``; in how many of all ``parameter_sets`` the difference is above zero (``more``) and
        below (``less``), and in how many it is significantly ``higher`` or ``lower``.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for (policy, outcome), group in table.groupby(["policy", "outcome"], sort=False):
        known = group["difference"].dropna()
        known = known.where(known.abs() > ROUNDING, 0.0)
        low, median, high = known.quantile([0.05, 0.5, 0.95]) if len(known) else (np.nan,) * 3
        rows.append(
            {
                "policy": policy,
                "outcome": outcome,
                "median": median,
                "q05": low,
                "q95": high,
                "least": known.min(),
                "most": known.max(),
                "more": int((known > 0).sum()),
                "less": int((known < 0).sum()),
                "higher": int((group["low"] > 0).sum()),
                "lower": int((group["high"] < 0).sum()),
                "parameter_sets": len(known),
            }
        )
    return pd.DataFrame(rows)
