"""``sim.compare``: policies side by side on the same seeds, with paired differences, figures and a page."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sim.core.errors import InputError
from sim.model.policies.registry import PolicyLike
from sim.studies.inputs import Inputs, Progress, ScenarioLike, bar_for, inputs_of, python_call, refuse_the_past
from sim.studies.more_budget import more_budget, tried
from sim.studies.result import PARQUET, Result

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.report.page import Page
    from sim.viz.save import Figure

COMPARED = (
    "retention_24",
    "retention_60",
    "retention",
    "exits_satisfied",
    "exits_frustrated",
    "collective_value",
    "private_value",
    "private_net",
    "private_fairness",
    "private_gini",
    "society_value",
    "effort_spent",
)
"""Outcomes with a paired difference."""

KEPT_REGION = "region_from.csv"
"""The copy of a region of a user's own in a folder of results."""

SHARE, FEWEST = 20, 10
"""Each parameter set of the plausible region gets a twentieth of the replications, but at least ten."""

REGION = 16
"""Parameter sets of the plausible region by default."""

OF_FORMS = 40
"""Most replications under each other form of the model."""


@dataclasses.dataclass(frozen=True, repr=False)
class Comparison(Result):
    """Policies compared on the same seeds (common random numbers).

    Attributes:
        summary: a row for each run, with every outcome.
        series: a row for each run and month.
        events: a row for each event.
        founders: the founding members and their sector, the same in every run.
        members_fates: what becomes of each member by policy: how often it is still there, what it captures, why it
            most often leaves (if the scenario names its members).
        means: the mean of each outcome, by policy.
        differences: paired differences to the baseline, with interval, verdict and effect size.
        effort_per_member_retained: the effort per additional member retained.
        region: the differences over the parameter sets of the plausible region (if ``region`` is above 0).
        by_parameter_set: the same for each parameter set.
        turning_points: where a difference turns round, by one parameter.
        region_parameters: each parameter of the plausible region: whether it is varied, between what, or held.
        parameter_sets: the parameter sets, with the value of each parameter that varies.
        region_runs: a row for each run in them, with every outcome.
        structures: the differences over other forms of the model, one at a time.
        by_structure: the same for each form.
        structure_runs: a row for each run in them.
        more_budget: what half, and one and a half times, the budget changes under each policy (without ``columns``).
    """

    command: ClassVar[str] = "compare"
    parquet: ClassVar[tuple[str, ...]] = (*PARQUET, "region_runs", "structure_runs")
    case: str = ""
    region_text: str = ""

    @cached_property
    def policies(self) -> list[str]:
        """The policies' names, in the order that was asked for."""
        return [str(name) for name in self.tables["summary"]["policy"].unique()]

    @property
    def baseline(self) -> str:
        """The policy that differences are to: neutral, or else the first."""
        return _baseline(self.policies)

    @property
    def title(self) -> str:
        """The scenario's title and the number of policies."""
        n = len(self.policies)
        return f"{self.config['scenario']['title']}: {n} {'policies' if n > 1 else 'policy'} compared"

    @property
    def name(self) -> str:
        """The scenario's short name."""
        return self.case

    @property
    def named_outcomes(self) -> list[str]:
        """The compared outcomes that were named: by ``outcomes``, or by the scenario besides those that ship."""
        gaps = self.tables["differences"]["outcome"].unique()
        return list(self.config.get("outcomes") or [str(name) for name in gaps if name not in COMPARED])

    @property
    def replications(self) -> int:
        """How many runs of each policy."""
        return len(self.tables["summary"]) // len(self.policies)

    @property
    def region_replications(self) -> int:
        """How many runs of each policy in each parameter set of the plausible region."""
        return min(self.replications, max(FEWEST, self.replications // SHARE))

    @property
    def is_repeated(self) -> bool:
        """Whether the comparison was repeated over parameter sets or structures."""
        return "region" in self.tables or "structures" in self.tables

    def region_parameters_of(self, status: str) -> list[str]:
        """Name the parameters of the plausible region that are ``varied``, or ``held`` as the scenario states them."""
        facts = self.tables["region_parameters"]
        return facts.loc[facts["status"] == status, "parameter"].tolist()

    @property
    def note(self) -> str:
        """Scenario, seeds and key: below every figure."""
        first = int(self.tables["summary"]["seed"].iloc[0])
        n, case = self.replications, self.config["scenario"]["title"]
        return f"{case}, {n} replications from seed {first}, configuration {self.key}"

    @property
    def noise_note(self) -> str:
        """The same, for a figure that shows the noise of seeds and not the range over what is not known."""
        where = "" if "columns" in self.config else " at the scenario's own parameter values"
        return f"{self.note}; noise of seeds{where}, without the range over what is not known"

    def text(self) -> str:
        """Give what the command prints: means, differences, the plausible region, costs, and why members left.

        Returns:
            Lines of plain text.
        """
        from sim.studies.compare_text import comparison_text

        return comparison_text(self)

    def draw(self) -> dict[str, Callable[[], "Figure"]]:
        """Give the figures: retention, value by sector, tension and effort, differences."""
        return _figures(self)

    def texts(self) -> dict[str, str]:
        """Give the region of a user's own, so that the folder can be reproduced elsewhere."""
        return {KEPT_REGION: self.region_text} if self.region_text else {}

    def page(self) -> "Page":
        """Give the page: the answer in words, differences, retention, costs and how it was made."""
        from sim.studies.report.comparison import comparison_page

        return comparison_page(self)


def compare(
    scenario: ScenarioLike = "denim_alliance",
    policies: Sequence[PolicyLike] | None = None,
    seeds: Sequence[int] | int = 400,
    months: int | None = None,
    region: int | None = None,
    engine: str = "numpy",
    columns: Mapping[str, Sequence[float]] | None = None,
    progress: Progress = None,
    folder: str | Path | None = None,
    call: str | None = None,
    anonymise: bool = False,
    outcomes: Sequence[str] | None = None,
    region_from: str | Path | None = None,
) -> Comparison:
    """Compare policies on the same seeds.

    Args:
        scenario: a scenario, a shipped one's name, a YAML file's path, or None for the neutral reference.
        policies: names, files, mappings, policies, classes or functions; the seven of ``configs/config.yaml`` by
            default, or the plans of a case. Differences are to neutral, or else to the first policy.
        seeds: one whole number per run of each policy, or how many runs (seeds 0, 1, ...).
        months: how long, in months; by default 60, and at least 36 after what is known of a case.
        region: repeat the comparison over so many parameter sets of the plausible region, a twentieth of the
            replications each (0 to 64; 16 by default, 0 with ``columns``). Parameters that the scenario sets stay.
        engine: ``numpy``, or ``compiled`` (faster, needs llvmlite).
        columns: parameters that differ by run: dotted path -> one number per seed (a mapping or a DataFrame).
        progress: False to show no progress, or a function called with the number of runs done.
        folder: save the result there too; checked before the first run.
        call: what made the result, for the manifest; by default this call.
        anonymise: number the members of a roster in place of their names, in all that is written.
        outcomes: the outcomes with a paired difference: names, also of groups (``retention_of_private``), and files of
            your own (``my_outcomes.py``); by default twelve, and those that the scenario names.
        region_from: a plausible region of your own, in place of the shipped one: a folder that ``calibrate`` saved, or
            a CSV such as its ``region.csv``; sets are drawn by weight.

    Returns:
        The comparison: ``.differences``, ``.figure("retention")``, ``.report()``, ``.save()``.

    Raises:
        InputError: (a ``ValueError``) for anything that cannot be used, or a folder that holds something else.
    """
    if policies is None:
        from sim.config.files import case_options
        from sim.config.job import compose

        policies = case_options(scenario).get("plans") or compose([]).policies
    inputs = inputs_of(scenario, policies, seeds, months, engine, anonymise, outcomes)
    refuse_the_past(inputs)
    repeated = sorted({name for name in inputs.names if inputs.names.count(name) > 1})
    if repeated:
        raise InputError(
            f"policies: {', '.join(repeated)} is named twice with the same parameters or label; name each once"
        )
    region = (0 if columns is not None else REGION) if region is None else region
    _check_region(region, columns)
    own_region, region_text = _own_region(region_from, region)
    options: dict[str, Any] = {"region": region, **own_region}
    if columns is not None:
        options["columns"] = {str(path): [float(v) for v in values] for path, values in columns.items()}
    identity = inputs.identify(folder, **options)
    around = _Around.of(inputs, region if len(inputs.policies) > 1 else 0, region_from)
    runs = len(inputs.policies) * (len(inputs.seeds) + around.runs)
    runs += 0 if columns is not None else tried(inputs.policies, len(inputs.seeds))
    with bar_for(progress, runs, f"{len(inputs.policies)} policies x {len(inputs.seeds)} replications") as bar:
        tables = _run_tables(inputs, columns, bar.update)
        tables |= _differences(tables["summary"], inputs)
        tables |= around.tables(inputs, bar.update)
        if columns is None:
            tables["more_budget"] = more_budget(
                inputs.scenario,
                dict(zip(inputs.names, inputs.policies, strict=True)),
                tables["summary"],
                inputs.months,
                inputs.outcomes,
                around.sets,
                bar.update,
                inputs.engine,
            )
    call = call or python_call(
        "sim.compare",
        scenario=inputs.scenario if anonymise else scenario,
        policies=inputs.specs,
        seeds=seeds,
        months=inputs.months,
    )
    comparison = Comparison(tables, identity, inputs.seeds, call, case=inputs.case, region_text=region_text)
    if folder is not None:
        comparison.save(folder)
    return comparison


def _check_region(region: int, columns: Any) -> None:
    if isinstance(region, bool) or not isinstance(region, int) or not 0 <= region <= 64:
        raise InputError(f"region = {region!r}: give a whole number of parameter sets from 0 to 64")
    if region and columns is not None:
        raise InputError("region and columns both vary parameters; give region=0 with columns")


def _own_region(region_from: str | Path | None, region: int) -> tuple[dict[str, str], str]:
    """Check a region of a user's own before the first run; gives what the configuration says of it, and its file."""
    from sim.studies.validation.region import read_region, region_facts, region_text

    if region_from is None:
        return {}, ""
    if not region:
        raise InputError(f"region_from={region_from}: give region= too, how many of its parameter sets to use")
    read_region(region_from, region)
    return region_facts(region_from), region_text(region_from)


def _run_tables(inputs: Inputs, columns: Any, advance: Callable[[int], None]) -> dict[str, "pd.DataFrame"]:
    """Simulate every policy; tables of runs, months, events and founders."""
    import pandas as pd

    from sim.analysis.fates import members_fates
    from sim.engine.simulate import simulate

    scenario, seeds, months, engine = inputs.scenario, inputs.seeds, inputs.months, inputs.engine
    record = ("summary", "series", "events", *(["ends"] if scenario.members else []))
    runs, fates = [], []
    for policy in inputs.policies:  # a loop, as a comprehension is one call more between here and a rule
        results = simulate(scenario, seeds, policy, months, record, columns, progress=advance, engine=engine)
        runs.append(results)
        if results.ends is not None and results.events is not None:
            fates.append(members_fates(results.ends, results.events, months))
    tables = {
        name: pd.concat([run[name] for run in runs], ignore_index=True) for name in ("summary", "series", "events")
    }
    if fates:
        tables["members_fates"] = pd.concat(fates, ignore_index=True)
    first_month = simulate(scenario, seeds[:1], "neutral", 1, record=("members",)).members
    assert first_month is not None
    founders = first_month.loc[first_month["member"] < scenario.size.partners, ["member", "sector"]]
    return {**tables, "founders": founders}


def _differences(summary: "pd.DataFrame", inputs: Inputs) -> dict[str, "pd.DataFrame"]:
    """Give means, paired differences and the effort per additional member retained."""
    from sim.analysis.paired import differences
    from sim.analysis.robustness import effort_per_member_retained

    baseline = _baseline(list(inputs.names))
    means = summary.groupby("policy", sort=False).mean(numeric_only=True).drop(columns="seed").reset_index()
    return {
        "means": means,
        "differences": differences(summary, baseline, _outcomes(inputs)),
        "effort_per_member_retained": effort_per_member_retained(summary, baseline, inputs.scenario.size.partners),
    }


@dataclasses.dataclass(frozen=True)
class _Around:
    """What the comparison is repeated over: parameter sets of the plausible region, and other forms of the model."""

    facts: "pd.DataFrame | None" = None
    sets: "pd.DataFrame | None" = None
    forms: int = 0
    seeds: Sequence[int] = ()

    @classmethod
    def of(cls, inputs: Inputs, n: int, source: str | Path | None) -> "_Around":
        """Choose parameter sets, without parameters that the scenario states, and seeds."""
        from sim.studies.validation.region import left_open, read_region, region_parameters, structures

        if not n:
            return cls()
        known = read_region(source, n)
        sets, facts = left_open(inputs.scenario, known), region_parameters(inputs.scenario, known)
        some = inputs.seeds[: max(FEWEST, len(inputs.seeds) // SHARE)]
        return cls(facts, sets if len(sets.columns) else None, len(structures(inputs.scenario)), some)

    @property
    def form_seeds(self) -> Sequence[int]:
        """The seeds of each other form of the model."""
        return self.seeds[:OF_FORMS]

    @property
    def runs(self) -> int:
        """How many runs of each policy."""
        return (0 if self.sets is None else len(self.sets) * len(self.seeds)) + self.forms * len(self.form_seeds)

    def tables(self, inputs: Inputs, advance: Callable[[int], None]) -> dict[str, "pd.DataFrame"]:
        """Repeat the comparison in each parameter set of the plausible region, and under each other form."""
        from sim.analysis.robustness import DECIDING
        from sim.analysis.turning_points import turning_points
        from sim.studies.validation import region

        baseline, outcomes, tables = _baseline(list(inputs.names)), _outcomes(inputs), dict[str, Any]()
        scenario, policies, months = inputs.scenario, inputs.policies, inputs.months
        if self.facts is not None:
            tables["region_parameters"] = self.facts
        if self.sets is not None:
            runs = region.runs_over_region(scenario, policies, self.sets, self.seeds, months, advance, inputs.engine)
            rows = region.differences_within(runs, "parameter_set", outcomes, baseline)
            deciding = [outcome for outcome in outcomes if outcome in DECIDING or outcome in inputs.outcomes]
            turns = turning_points(rows[rows["outcome"].isin(deciding)], self.sets)
            named = self.sets.rename_axis("parameter_set").reset_index()
            tables |= {"region": region.overview(rows), "by_parameter_set": rows, "turning_points": turns}
            tables |= {"parameter_sets": named, "region_runs": runs}
        if self.forms:
            runs = region.runs_over_structures(scenario, policies, self.form_seeds, months, advance)
            rows = region.differences_within(runs, "structure", outcomes, baseline)
            forms = region.overview(rows).rename(columns={"parameter_sets": "structures"})
            tables |= {"structures": forms, "by_structure": rows, "structure_runs": runs}
        return tables


def _outcomes(inputs: Inputs) -> list[str]:
    """Give the compared outcomes: those named, or else the twelve, without the one that equals retention at the end."""
    usual = [outcome for outcome in COMPARED if outcome != f"retention_{inputs.months}"]
    return list(inputs.outcomes) or [*usual, *inputs.added]


def _baseline(names: Sequence[str]) -> str:
    return "neutral" if "neutral" in names else names[0]


def _figures(comparison: Comparison) -> dict[str, Callable[[], "Figure"]]:
    """Give the functions that draw a comparison's figures."""
    from sim.analysis.paired import curves
    from sim.viz.figures import comparison as figures

    scenario, names, note = comparison.config["scenario"], comparison.policies, comparison.noise_note
    partners, grant, baseline = scenario["size"]["partners"], scenario["grant"]["months"], comparison.baseline
    created = "Collective value created inside, by sector, per founder of the sector"
    captured = "Private value captured outside, by sector, per founder of the sector"

    def monthly() -> "pd.DataFrame":
        """Average by policy and month; values of a sector per founder of that sector."""
        rows = comparison.series.groupby(["policy", "month"], sort=False).mean(numeric_only=True).reset_index()
        for sector, count in comparison.founders["sector"].value_counts().items():
            rows[f"created_{sector}"] *= partners / max(count, 1)
            rows[f"captured_{sector}"] /= max(count, 1)
        return rows

    def retention() -> "Figure":
        bands = curves(comparison.series, "n_founders")
        return figures.retention_figure(bands, names, baseline, partners, grant, note)

    def value(kind: str, title: str) -> "Figure":
        return figures.sector_figure(monthly(), names, kind, title, "value/month", grant, note)

    drawings: dict[str, Callable[[], Figure]] = {
        "retention": retention,
        "value_created": lambda: value("created", created),
        "value_captured": lambda: value("captured", captured),
        "tension_and_effort": lambda: figures.tension_and_effort_figure(monthly(), names, grant, note),
    }
    if not comparison.differences["low"].isna().all():
        drawings["differences"] = lambda: figures.forest_figure(
            comparison.differences,
            baseline,
            comparison.note,
            comparison.named_outcomes,
            not comparison.config.get("outcomes"),
            comparison.tables.get("region"),
        )
    if (fates := comparison.tables.get("members_fates")) is not None:
        months = int(comparison.config["months"])
        drawings["members"] = lambda: figures.members_figure(fates, names, baseline, months, note)
    return drawings
