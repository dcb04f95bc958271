"""``sim.dose``: one thing from none to full, on the same seeds: does more help, from where on does it harm, and why."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.core.declare import Parameter, parameters
from sim.core.errors import InputError, near
from sim.model.outcomes import better_of, unit_of
from sim.model.policies.registry import PolicyLike, changed
from sim.studies.inputs import (
    Inputs,
    Progress,
    ScenarioLike,
    bar_for,
    inputs_of,
    python_call,
    refuse_the_past,
    refuse_unknown,
)
from sim.studies.result import Result
from sim.sweeps.designs.space import check_value

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.report.page import Page
    from sim.viz.save import Figure

OUTCOMES = ("retention", "private_value", "collective_value", "society_value")
"""Outcomes of a dose, if none are named."""

TENSIONS = ("tension_information", "tension_interest", "tension_resource")
NAMED = (
    *((name, 0.01, name.replace("_", " of ")) for name in TENSIONS),
    ("cost", 0.02, "a member's cost a month"),
    ("aspiration_of_leavers", 0.05, "value a month that leavers expected"),
)
"""What may say why an outcome changes: column of ``watched``, least change that is told, words."""

SAME = 1e-9
"""Means that differ by less, as a share of the largest, are the same."""

STEPS = 9
"""Levels by default."""

WIDE = 4.0
"""A range without a natural end runs to so many times the default."""


@dataclasses.dataclass(frozen=True, repr=False)
class Dose(Result):
    """Outcomes over the levels of one parameter.

    Attributes:
        levels: a row per level and outcome: ``mean``, with its 95 % interval ``low`` to ``high``.
        differences: each level against the first (``against`` none) and against the best (``best``), paired by seed;
            the verdict is Holm-corrected over the levels of one outcome.
        causes: a row per level and cause of exit: ``share`` of the founders.
        watched: a row per level, means over months: tensions, members, a member's cost (value/month), idle effort
            (effort/month); and what those who left expected (value/month).
    """

    command: ClassVar[str] = "dose"
    of: str = ""
    unit: str = ""
    here: float = 0.0
    case: str = ""

    @property
    def title(self) -> str:
        """What is varied, where, under which policy."""
        plain = self.config["policies"][0]
        policy = plain.get("label") or plain["name"]
        return f"{self.config['scenario']['title']}: {self.of} from none to full, policy {policy}"

    @property
    def name(self) -> str:
        """The scenario and the parameter."""
        return f"{self.case}-{self.of}"

    @property
    def note(self) -> str:
        """Replications and key: below the figure."""
        return f"{len(self.seeds)} replications a level on the same seeds, configuration {self.key}"

    @property
    def outcomes(self) -> list[str]:
        """The outcomes over the levels."""
        return list(self.config.get("outcomes") or OUTCOMES)

    @property
    def axis(self) -> str:
        """What is varied, with its unit."""
        return f"{self.of} ({self.unit})" if self.unit not in ("", "1") else self.of

    def text(self) -> str:
        """Give what the command prints: whether each outcome gains, from where on it loses, and what changes."""
        levels = sorted(self.tables["levels"]["level"].unique())
        unit = f" {self.unit}" if self.unit not in ("", "1") else ""
        lines = [
            f"{self.title}.",
            f"{self.note}; levels {levels[0]:g} to {levels[-1]:g}{unit}, here {self.here:g}.",
            "",
        ]
        lines += self.answer()
        table = self.tables["levels"].pivot(index="level", columns="outcome", values="mean")[self.outcomes]
        lines += ["", f"Means ({', '.join(f'{o}: {unit_of(o)}' for o in self.outcomes)})", ""]
        lines += [table.to_string(float_format=lambda v: f"{v:#.3g}"), "", "Exits by cause (% of founders)", ""]
        causes = self.tables["causes"].pivot(index="level", columns="cause", values="share").reindex(levels).fillna(0.0)
        return "\n".join([*lines, (100 * causes).to_string(float_format=lambda v: f"{v:.1f}")])

    def answer(self) -> list[str]:
        """Give the verdict on each outcome, and what changes where one loses, once for each pair of levels."""
        levels = self.tables["levels"]
        means = levels.pivot(index="level", columns="outcome", values="mean")
        at = means.index.to_numpy(dtype=float)
        best = [_best(means[outcome].to_numpy(), outcome) for outcome in self.outcomes]
        losing = dict.fromkeys(
            float(at[k])
            for k, outcome in zip(best, self.outcomes, strict=True)
            if self._levels("best", outcome, _worse(outcome), at[k])
        )
        full = float(levels["level"].max())
        verdicts = [self.verdict(outcome) for outcome in self.outcomes]
        return [*verdicts, *(f"What changes from {one:g} to {full:g}: {self._why(one, full)}" for one in losing)]

    def verdict(self, outcome: str) -> str:
        """Say how an outcome depends on the level: whether any is better than none, and from where on it loses."""
        rows = self.tables["levels"][self.tables["levels"]["outcome"] == outcome]
        levels, means = rows["level"].to_numpy(dtype=float), rows["mean"].to_numpy(dtype=float)
        best, less = _best(means, outcome), better_of(outcome) == "less"
        start = f"{outcome}: {means[0]:.3g} at {levels[0]:g}"
        if np.ptp(means) <= SAME * max(float(np.abs(means).max()), 1.0):
            return f"{start}, and the same at every level"
        verdicts = ("lower", "higher") if less else ("higher", "lower")
        gains, worse = (self._levels("none", outcome, verdict) for verdict in verdicts)
        loses = self._levels("best", outcome, _worse(outcome), levels[best])
        parts = [start]
        if gains:
            parts += [
                f"clearly {'less' if less else 'more'} {_where(gains, levels.tolist())}",
                f"{'least' if less else 'most'} at {levels[best]:g} ({means[best]:.3g})",
            ]
        if loses:
            parts.append(f"loses {_where(loses, levels.tolist())} ({means[-1]:.3g} at {levels[-1]:g})")
        if worse:
            parts.append(f"worse than none {_where(worse, levels.tolist())}")
        return "; ".join(parts if len(parts) > 1 else [start, "no level differs clearly"])

    def _levels(self, against: str, outcome: str, verdict: str, above: float = -np.inf) -> list[float]:
        """List the levels with a verdict against none or the best, above a level."""
        rows = self.tables["differences"]
        chosen = (rows["against"] == against) & (rows["outcome"] == outcome) & (rows["verdict"] == verdict)
        return sorted(float(level) for level in rows.loc[chosen, "level"] if level > above)

    def _why(self, one: float, other: float) -> str:
        """Name what changes between two levels: exits by cause, tensions, a member's cost, what leavers expected."""
        watched = self.tables["watched"].set_index("level")
        shares = self.tables["causes"].pivot(index="level", columns="cause", values="share")
        shares = shares.reindex([one, other]).fillna(0.0)
        change = {str(cause): float(shares[cause][other] - shares[cause][one]) for cause in shares}
        large = sorted((c for c in change if abs(change[c]) >= 0.01), key=lambda c: -abs(change[c]))
        parts = []
        if large:
            total = sum(change.values())
            listed = ", ".join(f"{cause} {100 * change[cause]:+.0f}" for cause in large)
            parts.append(f"exits {100 * total:+.0f} % points of the founders ({listed})")
        for name, least, words in NAMED:
            moved = float(watched[name][other] - watched[name][one])
            if abs(moved) >= least:
                parts.append(f"{words} {moved:+.2f}")
        return "; ".join(parts) or "exits, tensions and costs are the same: each creates or captures less"

    def draw(self) -> "dict[str, Callable[[], Figure]]":
        """Give the figure ``dose``: outcomes, and causes of exit, over the levels."""
        from sim.viz.figures.dose import dose_figure

        levels, causes = self.tables["levels"], self.tables["causes"]
        return {"dose": lambda: dose_figure(levels, causes, self.here, self.axis, self.title, self.note)}

    def page(self) -> "Page":
        """Give the page: the verdicts, the figure and the tables."""
        from sim.studies.report.page import page_of

        page = page_of(self)
        return dataclasses.replace(page, answer=[*page.answer, *self.answer()])


def _best(means: Any, outcome: str) -> int:
    """Give the place of the best mean: the most, or the least where less is better."""
    return int(np.nanargmin(means) if better_of(outcome) == "less" else np.nanargmax(means))


def _worse(outcome: str) -> str:
    return "higher" if better_of(outcome) == "less" else "lower"


def _where(some: Sequence[float], levels: Sequence[float]) -> str:
    """Say where something holds: from a level on, or at single levels."""
    if [*some] == [level for level in levels if level >= some[0]]:
        return f"from {some[0]:g} on"
    return f"at {', '.join(f'{level:g}' for level in some)}"


def dose(
    of: str,
    scenario: ScenarioLike = "denim_alliance",
    policy: PolicyLike = "adaptive_tracking",
    levels: Sequence[float] | None = None,
    seeds: Sequence[int] | int = 100,
    months: int | None = None,
    engine: str = "numpy",
    progress: Progress = None,
    folder: str | Path | None = None,
    call: str | None = None,
    anonymise: bool = False,
    outcomes: Sequence[str] | None = None,
) -> Dose:
    """Vary one parameter from none to full, on the same seeds.

    Args:
        of: a parameter of the scenario by its dotted path, such as ``grant.budget``, or of the policy, such as
            ``policy.level``.
        scenario: a scenario, a shipped one's name, a YAML file's path, or None for the neutral reference.
        policy: a name, file, mapping, policy, class or function.
        levels: values, in order; by default nine from the lowest to the highest allowed, or to four times the default.
        seeds: one whole number per run of each level, or how many runs (seeds 0, 1, ...).
        months: how long, in months; by default 60, and at least 36 after what is known of a case.
        engine: ``numpy``, or ``compiled`` (faster, needs llvmlite).
        progress: False to show no progress, or a function called with the number of runs done.
        folder: save the result there too; checked before the first run.
        call: what made the result, for the manifest; by default this call.
        anonymise: number the members of a roster in place of their names, in all that is written.
        outcomes: names, also of groups (``retention_of_private``), and files of your own; by default retention, private
            value, collective value and value for society. Where neither more nor less is better, more is taken to be.

    Returns:
        The dose: ``.levels``, ``.differences``, ``.causes``, ``.figure("dose")``, ``.text()``.

    Raises:
        InputError: (a ``ValueError``) for anything that cannot be used.
    """
    inputs = inputs_of(scenario, policy, seeds, months, engine, anonymise, outcomes)
    refuse_the_past(inputs)
    if len(inputs.seeds) < 2:
        raise InputError("dose: one replication tells nothing; give at least two seeds")
    fact = _parameter(of, inputs)
    chosen = _levels(of, fact, levels, inputs.months)
    identity = inputs.identify(folder, of=of, levels=chosen)
    rows = []
    with bar_for(progress, len(chosen) * len(inputs.seeds), f"{len(chosen)} levels of {of}") as bar:
        for level in chosen:
            rows.append(_at_level(of, level, inputs, bar.update))
    call = call or python_call(
        "sim.dose",
        of=of,
        scenario=inputs.scenario if anonymise else scenario,
        policy=policy,
        levels=chosen,
        seeds=seeds,
    )
    more: dict[str, Any] = {"of": of, "unit": fact.unit, "here": float(fact.default), "case": inputs.case}
    result = Dose(_tables(rows, inputs), identity, inputs.seeds, call, **more)
    if folder is not None:
        result.save(folder)
    return result


def _parameter(of: str, inputs: Inputs) -> Parameter:
    """Find what is varied: its declaration, with the value it has here as the default."""
    if not isinstance(of, str):
        raise InputError(f"dose: varies one parameter, named by a text such as 'grant.budget'; this is {of!r}")
    own = of.startswith("policy.")
    known = {q.path: q for q in parameters(inputs.policies[0] if own else inputs.scenario, lists=own)}
    name = of.removeprefix("policy.") if own else of
    if name not in known:
        whose = f"policy {inputs.names[0]} has no parameter" if own else "there is no parameter"
        hint = "" if own else "; a policy's parameter is policy.NAME"
        raise InputError(f"dose: {whose} '{name}'; {near(name, known) if known else 'it has none'}{hint}")
    fact = known[name]
    if fact.kind not in ("int", "float"):
        raise InputError(f"dose: {of} is not a number; it is {fact.default!r}: {fact.doc}")
    return fact


def _levels(of: str, fact: Parameter, levels: Sequence[float] | None, months: int) -> list[float]:
    """Check levels, or choose nine: over a range that ends at 1 or before, else to four times what it is here."""
    if levels is None:
        low, here = float(fact.low or 0.0), float(fact.default)
        high = float(fact.high if fact.high is not None else WIDE * max(here, 1.0))
        if high > max(1.0, WIDE * here) and here > 0.0:
            high = WIDE * here
        if fact.unit in ("month", "months"):
            high = min(high, float(months))
        levels = [float(f"{v:.6g}") for v in np.linspace(low, high, STEPS)]
        if fact.kind == "int":
            levels = sorted({float(round(v)) for v in levels})
    if isinstance(levels, str) or not np.iterable(levels):
        raise InputError(f"levels = {levels!r}: give numbers, for example levels=[0, 0.5, 1]")
    listed = [*levels]
    for level in listed:
        check_value(f"dose: {of}", level, fact)
    if len(listed) < 2 or sorted(set(listed)) != listed:
        raise InputError(f"levels = {listed}: give at least two numbers, each once, from the lowest to the highest")
    return [float(v) for v in listed]


def _at_level(of: str, level: float, inputs: Inputs, advance: Callable[[int], None]) -> Mapping[str, Any]:
    from sim.engine.simulate import simulate

    scenario, policy, name = inputs.scenario, inputs.policies[0], of.removeprefix("policy.")
    value = int(level) if level == int(level) else level
    if of.startswith("policy."):
        policy = changed(policy, {name: value})
    else:
        scenario = scenario.replace(**{of: value})
    run = simulate(scenario, inputs.seeds, policy, inputs.months, progress=advance, engine=inputs.engine)
    return {"level": level, "summary": run.summary, "series": run.series, "events": run.events,
            "founders": scenario.size.partners}  # fmt: skip


def _tables(rows: Sequence[Mapping[str, Any]], inputs: Inputs) -> dict[str, "pd.DataFrame"]:
    import pandas as pd

    from sim.analysis.paired import differences
    from sim.core.intervals import mean_interval

    named = [f"{row['level']:.12g}" for row in rows]
    runs = [row["summary"].assign(policy=name) for row, name in zip(rows, named, strict=True)]
    summary = pd.concat(runs, ignore_index=True)
    refuse_unknown(summary, inputs)
    levels, parts = [], []
    for outcome in inputs.outcomes or OUTCOMES:
        means = []
        for row in rows:
            values = row["summary"][outcome].to_numpy(dtype=float)
            low, high = mean_interval(values)
            if unit_of(outcome) == "share":
                low, high = max(low, 0.0), min(high, 1.0)
            means.append(float(np.nanmean(values)))
            levels.append({"level": row["level"], "outcome": outcome, "mean": means[-1], "low": low, "high": high})
        for against, name in (("none", named[0]), ("best", named[_best(means, outcome)])):
            compared = differences(summary[["policy", "seed", outcome]], name, [outcome])
            parts.append(compared.assign(against=against))
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "level", table.pop("policy").astype(float))
    table.insert(1, "against", table.pop("against"))
    table = table.rename(columns={"baseline": "against_level"}).astype({"against_level": float})
    dropped = ["effect", "better", "saving", "more_replications"]
    return {
        "levels": pd.DataFrame(levels),
        "differences": table.drop(columns=dropped),
        "causes": pd.DataFrame(
            [cause for row in rows for cause in _causes(row, len(inputs.seeds))], columns=["level", "cause", "share"]
        ),
        "watched": pd.DataFrame([_watched(row) for row in rows]),
    }


def _causes(row: Mapping[str, Any], n_runs: int) -> list[dict[str, Any]]:
    """Give the share of the founders that left for each cause at one level."""
    exits = _exits(row)
    exits = exits[exits["member"] < row["founders"]]
    counts = exits["cause"].value_counts() if len(exits) else {}
    return [{"level": row["level"], "cause": c, "share": n / (n_runs * row["founders"])} for c, n in counts.items()]


def _watched(row: Mapping[str, Any]) -> dict[str, float]:
    """Average over months what may say why, at one level."""
    series, exits = row["series"], _exits(row)
    members = max(float(series["n_members"].sum()), 1e-9)
    return {
        "level": row["level"],
        **{name: float(series[name].mean()) for name in TENSIONS},
        "n_members": float(series["n_members"].mean()),
        "cost": float(series["cost"].sum()) / members,
        "effort_idle": float(series["effort_idle"].mean()),
        "aspiration_of_leavers": float(exits["aspiration"].mean()) if len(exits) else 0.0,
    }


def _exits(row: Mapping[str, Any]) -> "pd.DataFrame":
    events: pd.DataFrame = row["events"]
    return events[events["kind"].str.startswith("exit")] if len(events) else events
