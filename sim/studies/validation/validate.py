"""``sim.validate``: patterns over the plausible region or the prior, or exact limits, each with its verdict."""

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.model.parameters import check_columns
from sim.model.scenario import Scenario
from sim.storage.results import csv_text
from sim.studies.growing import GrowingResult, default_folder, open_folder
from sim.studies.identity import identify
from sim.studies.validation.limits import limit_table
from sim.studies.validation.patterns import verdicts
from sim.studies.validation.region import defaults, read_prior, read_region, region_facts, validation_digest
from sim.studies.validation.runs import RUN_PLANS

if TYPE_CHECKING:
    import pandas as pd

    from sim.viz.save import Figure

NAMES = {"region": "plausible region", "defaults": "defaults", "prior": "prior"}
"""Where parameter sets come from, and in words."""

MOST = {"region": 64, "replications": 10_000}


@dataclasses.dataclass(frozen=True, repr=False)
class Validation(GrowingResult):
    """Verdicts on the model.

    Its table: ``patterns`` (a row per fact that the model was not fitted to) or ``limits`` (a row per exact limit).
    """

    of: str = "region"
    n_sets: int = 0

    command = "validate"

    @property
    def title(self) -> str:
        """A heading."""
        return "Validation: exact limits" if self.of == "limits" else "Validation: facts the model was not fitted to"

    @property
    def name(self) -> str:
        """What was validated."""
        return self.of

    @property
    def note(self) -> str:
        """One line on where the numbers come from."""
        if self.of == "limits":
            return f"model {self.identity.model}"
        replications = len(self.seeds)
        what = (
            "the defaults"
            if self.of == "defaults"
            else f"{self.n_sets} parameter sets of the {NAMES.get(self.of, 'region given')}"
        )
        return f"{what}, {replications} replications each, model {self.identity.model}"

    def draw(self) -> "dict[str, Callable[[], Figure]]":
        """Give the figure ``patterns``: each empirical range, and what the model gives."""
        if self.of == "limits":
            return {}
        from sim.viz.figures.validation import pattern_figure

        return {"patterns": lambda: pattern_figure(self.tables["patterns"], self.note)}

    def text(self) -> str:
        """Give what the command prints: each pattern or limit with its verdict, and how many passed."""
        return _limits_text(self.tables["limits"]) if self.of == "limits" else self._patterns_text()

    def _patterns_text(self) -> str:
        table = self.tables["patterns"]
        lines = [self.note, "A pattern passes if the median over parameter sets lies in the known range.", ""]
        row: Any
        for row in table.itertuples():
            lines.append(f"{row.verdict:<7} {row.pattern:<4} {row.kind:<9} {row.fact}")
            lines.append(f"        {row.statistic}")
            here = f"{row.median:.3g} ({row.q05:.3g} to {row.q95:.3g})"
            inside = f"inside in {row.inside:.0%} of parameter sets"
            lines.append(f"        known {row.low:g} to {row.high:g}; here {here}; {inside}")
            if row.diagnosis:
                lines.append(f"        why: {row.diagnosis}")
        passed = table["verdict"] == "passed"
        built_in = int((passed & (table["kind"] == "built in")).sum())
        lines += ["", f"Of the patterns that passed, {built_in} are built in."]
        lines.append(f"{int(passed.sum())} patterns passed, {int((~passed).sum())} failed")
        return "\n".join(lines)


def _limits_text(table: "pd.DataFrame") -> str:
    lines = [f"{'':<6} {'limit':<46} {'case':<46} {'model':>9} {'expected':>9}"]
    row: Any
    for row in table.itertuples():
        values = f"{row.model:>9.4g} {row.expected:>9.4g}  error {row.error:.2g}"
        lines.append(f"{row.verdict:<6} {row.limit:<46} {row.case:<46} {values}")
    holds = int((table["verdict"] == "holds").sum())
    lines += ["", f"{holds} limits hold, {len(table) - holds} fail"]
    return "\n".join(lines)


def validate(
    limits: bool = False,
    of: "str | pd.DataFrame" = "region",
    region: int = 16,
    seeds: int = 40,
    *,
    region_from: str | Path | None = None,
    folder: str | Path | None = None,
    executor: str | Mapping[str, Any] = "processes",
    progress: bool | None = None,
    call: str = "sim.validate(...)",
) -> Validation:
    """Compare the model with facts it was not fitted to, or with exact limits.

    Args:
        limits: check the published benchmarks and exact limits instead of the patterns.
        of: the parameter sets: ``region`` (the plausible region), ``defaults`` (one set: the reference's own values),
            ``prior`` (before calibration: a pattern that passes
            there as well says little), or a table with a row per parameter set and a column per parameter, such as
            ``sim.calibrate(...).sample``.
        region: how many parameter sets, the first ones.
        seeds: how many runs of each parameter set, level and policy.
        region_from: a plausible region of your own, in place of the shipped one: a folder that ``calibrate`` saved, or
            a CSV such as its ``region.csv``.
        folder: keeps the runs, so that an interrupted validation continues; ``results/validate-OF-KEY`` by default.
        executor: ``serial``, ``processes`` or ``dask``, as for ``sim.sweep``.
        progress: show progress, as a bar on a terminal and as lines elsewhere; False for nothing.
        call: the command or Python call, for the manifest.

    Returns:
        Table ``patterns`` and a figure of that name; or table ``limits``.

    Raises:
        InputError: if something cannot be used; the message says what was given and what is allowed.
    """
    if limits:
        return Validation(
            {"limits": limit_table()},
            identify({"limits": True, "validation": validation_digest()}),
            (),
            call,
            of="limits",
        )
    for name, value in (("region", region), ("replications", seeds)):
        if isinstance(value, bool) or not isinstance(value, int) or not 2 <= value <= MOST[name]:
            raise InputError(f"{name}={value}: give a whole number from 2 to {MOST[name]}")
    if region_from is not None and not (isinstance(of, str) and of == "region"):
        raise InputError(f"region_from={region_from}: goes with of=region alone")
    sets, label = _parameter_sets(of, region, region_from)
    config = {
        **{"of": label, "replications": seeds, "parameter_sets": len(sets)},
        "digest": hashlib.sha256(csv_text(sets, "%.17g").encode()).hexdigest()[:16],
        "validation": validation_digest(),
        **region_facts(region_from),
    }
    identity = identify(config)
    place = path_of(folder or default_folder("validate", label, identity.key))
    parts = (*RUN_PLANS, "patterns")
    open_folder(place, identity, parts)
    table = verdicts(sets, place, seeds, executor, progress)
    result = {"patterns": table}
    return Validation(result, identity, tuple(range(seeds)), call, folder=place, of=label, n_sets=len(sets))


def _parameter_sets(of: "str | pd.DataFrame", n: int, region_from: str | Path | None) -> tuple["pd.DataFrame", str]:
    if isinstance(of, str):
        if of not in NAMES:
            raise InputError(f"of={of}: give {', '.join(NAMES)} (in Python, a table of parameter sets is possible too)")
        return (
            defaults() if of == "defaults" else read_region(region_from, n) if of == "region" else read_prior(n)
        ), of
    table = of.head(n).reset_index(drop=True)
    check_columns(Scenario(), {str(path): table[path].tolist() for path in table}, len(table))
    return table, "own"
