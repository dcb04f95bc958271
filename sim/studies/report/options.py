"""The options of a comparison by criteria: ranges, which are dominated, scores by weight, and a recommendation."""

import dataclasses
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.analysis.robustness import pareto
from sim.core.intervals import half_width
from sim.core.numbers import number_text
from sim.studies.report.page import Table
from sim.viz.style import label

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.compare import Comparison

Array = NDArray[np.float64]

SCRIPT = Path(__file__).with_name("options.js")
"""What lets a reader move the weights; the page works without."""

EVEN, MOST = 5, 10
"""The weight of every criterion before somebody moves it, and the highest."""

FAR = 4.0
"""A weight that is moved by more than this factor is not told of."""

NEAR = 1.0
"""Scores that differ by less hardly differ."""

TOLD = 4
"""Most changes of weight that the recommendation tells of."""


@dataclasses.dataclass(frozen=True)
class Criterion:
    """What options are weighed by: an outcome, or the risk that the partnership ends."""

    key: str
    name: str
    better: str
    scale: float
    form: str
    unit: str = ""


CRITERIA = (
    Criterion("retention", "founders retained", "more", 100.0, ".0f", "%"),
    Criterion("private_value", "private value", "more", 1.0, ".1f"),
    Criterion("private_fairness", "fairness between sectors", "more", 1.0, ".2f"),
    Criterion("society_value", "value for society", "more", 1.0, ".1f"),
    Criterion("effort_spent", "effort", "less", 1.0, ".0f"),
    Criterion("ended", "risk of ending", "less", 100.0, ".0f", "%"),
)


@dataclasses.dataclass(frozen=True)
class Options:
    """The options of a comparison, weighed.

    Attributes:
        names: of the options.
        criteria: those that are known.
        values: shape (parameter sets or 1, options, criteria), in the units that are shown.
        low: lower ends, shape (options, criteria).
        high: upper ends.
        over: how many parameter sets; 0 where there are only runs at the scenario's own values.
        by_sector: mean private value of each sector, a row per option.
    """

    names: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    values: Array
    low: Array
    high: Array
    over: int
    by_sector: "pd.DataFrame"

    @cached_property
    def means(self) -> Array:
        """What each option gives by each criterion, mean over parameter sets; shape (options, criteria)."""
        return np.asarray(self.values.mean(axis=0))

    @cached_property
    def scaled(self) -> Array:
        """The values from 0, the worst mean of an option, to 1, the best; 0 where the options do not differ."""
        signs = np.array([1.0 if c.better == "more" else -1.0 for c in self.criteria])
        upward = self.means * signs
        span = np.ptp(upward, axis=0)
        known = span > 1e-9 * np.maximum(1.0, np.abs(upward).max(axis=0))
        return np.asarray(np.where(known, (self.values * signs - upward.min(axis=0)) / np.where(known, span, 1.0), 0.0))

    @cached_property
    def front(self) -> NDArray[np.bool_]:
        """Which options no other dominates, by means."""
        import pandas as pd

        table = pd.DataFrame(self.means, columns=[c.key for c in self.criteria])
        return pareto(table, {c.key: c.better for c in self.criteria})

    def scores(self, weights: Array | None = None) -> Array:
        """Give the score of each option, 0 to 100: the mean of the scaled criteria by weight."""
        weights = np.ones(len(self.criteria)) if weights is None else weights
        return np.asarray(100.0 * (self.scaled.mean(axis=0) @ weights) / weights.sum())

    def often(self) -> NDArray[np.int_]:
        """Count in how many parameter sets each option scores highest with even weights; the first where two do."""
        best = self.scaled.sum(axis=2).argmax(axis=1)
        return np.bincount(best, minlength=len(self.names))

    def table(self) -> list[tuple[str, str, list[tuple[str, str]], str, str]]:
        """Give the rows: name, who dominates it, cells with their range, score, and in how many sets it is best."""
        scores, often = self.scores(), self.often()
        rows = []
        for k, name in enumerate(self.names):
            cells = [
                (_shown(self.means[k, j], c), f"{_shown(self.low[k, j], c)} to {_shown(self.high[k, j], c)}")
                for j, c in enumerate(self.criteria)
            ]
            rows.append((name, "" if self.front[k] else "dominated", cells, f"{scores[k]:.0f}", str(often[k])))
        return rows

    @property
    def as_table(self) -> Table:
        """The same as a table."""
        heads = ["option", *(c.name for c in self.criteria), "score of 100"]
        heads += [f"highest in, of {self.over} sets"] * bool(self.over)
        rows = [
            [label(name) + (f"\n{note}" if note else ""), *(f"{value}\n({between})" for value, between in cells), score]
            + [often] * bool(self.over)
            for name, note, cells, score, often in self.table()
        ]
        return Table(f"Each option by each criterion: {self.what}. {self.ranges}", heads, rows)

    @property
    def sectors(self) -> Table:
        """The table of private value by sector."""
        heads = ["option", *(str(name).removeprefix("private_").replace("_", " ") for name in self.by_sector)]
        cells = self.by_sector.to_numpy(dtype=float)
        rows = [
            [label(n), *("–" if v != v else f"{v:.1f}" for v in row)] for n, row in zip(self.names, cells, strict=True)
        ]
        return Table(f"Private value of a founder by sector, {self.what}", heads, rows)

    @property
    def what(self) -> str:
        """Say what the numbers are."""
        return f"means over {self.over} plausible parameter sets" if self.over else "means over replications"

    @property
    def ranges(self) -> str:
        """Say what the ranges are."""
        if self.over:
            return f"In brackets: nine in ten of the {self.over} parameter sets lie between, noise of seeds included."
        return "In brackets: 95 % intervals by seeds, at the scenario's own values; what is not known is not in them."

    @property
    def data(self) -> str:
        """The scaled values as JSON, numbers alone, for the script."""
        return json.dumps(np.round(self.scaled, 3).tolist(), separators=(",", ":"))

    def recommendation(self) -> list[str]:
        """Say what to choose by even weights, how sure that is, and what would change it."""
        scores, often = self.scores(), self.often()
        order = np.argsort(-scores, kind="stable")
        best, second = (int(k) for k in order[:2])
        name, next_name = label(self.names[best]), label(self.names[second])
        lines = [
            f"With even weights {name} scores highest: {scores[best]:.0f} of 100; next is {next_name} with "
            f"{scores[second]:.0f}."
        ]
        if scores[best] - scores[second] < NEAR:
            lines.append("The two hardly differ: either will do by these weights.")
        if self.over:
            most = int(often.argmax())
            other = f"; {label(self.names[most])} in {often[most]}" if often[most] > often[best] else ""
            lines.append(f"It scores highest in {often[best]} of {self.over} plausible parameter sets{other}.")
        changes = self._changes(best)
        if changes:
            lines.append(f"What would change it: {'; '.join(changes)}.")
        else:
            lines.append(f"No weight that is up to {FAR:g} times as high, or as low, changes it.")
        lines.append(
            "Weights are a judgement that no model makes. A criterion goes from the worst option (0) to the best (1), "
            "so an option more or less in the list can move scores. How far to trust the model: docs/validation.md."
        )
        return lines

    def _changes(self, best: int) -> list[str]:
        """Find the nearest weight of each criterion, beside the others, at which another option scores highest."""
        scaled, changes = self.scaled.mean(axis=0), list[tuple[float, str]]()
        for j, criterion in enumerate(self.criteria):
            rest = np.delete(scaled, j, axis=1).sum(axis=1)
            lead, gain = rest[best] - rest, scaled[:, j] - scaled[best, j]
            with np.errstate(divide="ignore", invalid="ignore"):
                factors = np.where(gain != 0, lead / gain, np.nan)
            for up in (True, False):
                inside = (
                    (factors > 1.0) & (factors <= FAR) & (gain > 0)
                    if up
                    else (factors >= 0) & (factors < 1.0) & (gain < 0)
                )
                others = np.flatnonzero(inside)
                if not len(others):
                    continue
                k = int(others[factors[others].argmin() if up else factors[others].argmax()])
                factor = float(factors[k])
                if not up and factor < 1.0 / FAR and factor > 0:
                    continue
                how = f"{factor:.1f} times the weight of the others or {'more' if up else 'less'}"
                far = abs(np.log(max(factor, 1e-3)))
                changes.append((far, f"{label(self.names[k])} leads if {criterion.name} has {how}"))
        return [text for _, text in sorted(changes)[:TOLD]]


def _shown(value: float, criterion: Criterion) -> str:
    return f"{number_text(value, criterion.form)}{criterion.unit}"


def options_of(comparison: "Comparison") -> Options | None:
    """Weigh the policies of a comparison; None for one policy, or where a criterion is left to none.

    Over the plausible region where the comparison has it, or else over its runs.
    """
    runs, over = comparison.tables.get("region_runs"), 0
    if len(comparison.policies) < 2:
        return None
    months = float(comparison.config["months"])
    source = comparison.summary if runs is None else runs
    table = source.assign(ended=(source["months_alive"] < months).astype(float))
    criteria = [c for c in CRITERIA if table[c.key].notna().all()]
    names = comparison.policies
    keys, scale = [c.key for c in criteria], np.array([c.scale for c in criteria])
    if not criteria:
        return None
    if runs is not None:
        means = table.groupby(["parameter_set", "policy"], sort=False)[keys].mean()
        sets = means.index.unique("parameter_set")
        values = np.stack([means.loc[k].loc[names].to_numpy(dtype=float) for k in sets]) * scale
        low, high = np.quantile(values, [0.05, 0.95], axis=0)
        over = len(sets)
    else:
        grouped = table.groupby("policy", sort=False)[keys]
        values = grouped.mean().loc[names].to_numpy(dtype=float)[None] * scale
        half = (
            np.nan_to_num(half_width(grouped.std().loc[names].to_numpy(dtype=float), comparison.replications)) * scale
        )
        low, high = values[0] - half, values[0] + half
    low = np.where([c.key == "ended" for c in criteria], np.maximum(low, 0.0), low)
    sectors = [
        c
        for c in table
        if str(c).startswith("private_")
        and str(c) not in ("private_value", "private_fairness", "private_gini", "private_net")
    ]
    sectors = [c for c in sectors if table[c].notna().any() and "_of_" not in str(c)]
    by_sector = table.groupby("policy", sort=False)[sectors].mean().loc[names]
    return Options(tuple(names), tuple(criteria), values, low, high, over, by_sector)


def weights_of(options: Options) -> Sequence[tuple[str, int]]:
    """Give the name and the weight of each slider."""
    return [(criterion.name, EVEN) for criterion in options.criteria]
