"""``sim.inform``: what is worth finding out before choosing between the policies of a comparison."""

import dataclasses
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sim.core.errors import InputError, near
from sim.model.outcomes import outcome_named
from sim.model.policies.registry import PolicyLike, find_policy
from sim.model.scenario import Scenario
from sim.studies.identity import check_folder, identify
from sim.studies.inputs import Progress, bar_for, python_call, scenario_of_config
from sim.studies.result import PARQUET, Result
from sim.viz.style import label

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.value_of_information import Choice
    from sim.studies.compare import Comparison
    from sim.viz.save import Figure

ENOUGH = 48
"""Parameter sets of a comparison from which on no more are simulated."""

REGION, REPLICATIONS = 64, 20
"""Parameter sets that are simulated where the comparison has too few, and runs of each policy in each."""

MOST = 256
"""Most parameter sets."""

LISTED = 5
"""How many parameters the text names beside sections."""

COLUMNS = ("policy", "parameter_set", "seed")


@dataclasses.dataclass(frozen=True, repr=False)
class Information(Result):
    """What is worth finding out before a choice.

    Attributes:
        values: a row for everything, each section of the parameter tree and each parameter: its value of information,
            with interval and verdict (``sim.analysis.value_of_information``).
        options: a row per policy: its mean over the parameter sets, and the share of them in which it is best.
        by_structure: how often each policy is best under other structures of the model, if the comparison has them.
        region_runs: the runs that were simulated for it, if any.
        parameter_sets: their parameter sets.
    """

    command: ClassVar[str] = "inform"
    parquet: ClassVar[tuple[str, ...]] = (*PARQUET, "region_runs")
    case: str = ""

    @property
    def objective(self) -> str:
        """The outcome that decides."""
        return str(self.config["objective"])

    @property
    def name(self) -> str:
        """The scenario's short name and the objective."""
        return "-".join(part for part in (self.case, self.objective) if part)

    @property
    def unit(self) -> str:
        """The unit of the objective, and of what information is worth."""
        return str(self.config["unit"])

    @property
    def title(self) -> str:
        """The objective and the scenario."""
        title = self.config["scenario"]["title"]
        return f"{title}: what is worth finding out, for {label(self.objective)}"

    @property
    def note(self) -> str:
        """How many parameter sets and replications, and the key: below the figure."""
        n, each = self.config["parameter_sets"], self.config["region_replications"]
        return f"{n} plausible parameter sets, {each} replications each, configuration {self.key}"

    def text(self) -> str:
        """Give what the command prints: the choice now, and what to find out first.

        Returns:
            Lines of plain text.
        """
        lines = [textwrap.fill(line, 118, subsequent_indent="  ") for line in self.answer()]
        return "\n".join([self.title, self.note, "", *lines])

    def answer(self) -> list[str]:
        """Say in sentences what is best now, what knowing all would be worth, and what to find out first."""
        return [*self._choice_now(), *self._first(), *self._not_worth()]

    def _choice_now(self) -> list[str]:
        options, n = self.tables["options"].to_dict("records"), self.config["parameter_sets"]
        best, total = options[0], self.tables["values"].iloc[0]
        lines = [
            f"Without more knowledge choose {label(best['policy'])}: {best['mean']:.3g} {self.unit} on average, and "
            f"best in {best['best']:.0%} of the {n} parameter sets."
        ]
        others = [f"{label(row['policy'])} in {row['best']:.0%}" for row in options[1:] if row["best"]]
        if others:
            lines.append(f"Elsewhere another is best: {', '.join(others)}.")
        if (forms := self.tables.get("by_structure")) is not None:
            how = ", ".join(f"{label(row['policy'])} in {row['structures']}" for row in forms.to_dict("records"))
            lines.append(f"Best under other structures of the model, one at a time: {how}.")
        lines.append(
            f"Knowing every parameter before choosing would add {_amount(total['value'])} {self.unit} on average (95 % "
            f"interval {_amount(total['low'])} to {_amount(total['high'])}). Finding out about parameters cannot add "
            "more."
        )
        return lines

    def _first(self) -> list[str]:
        worth = self.tables["values"][1:].query("worth")
        sections, single = (worth[worth["kind"] == kind] for kind in ("section", "parameter"))
        lines = []
        for k, row in enumerate(sections.to_dict("records")):
            when = "also" if k else "first"
            lines.append(f"Find out {row['subject']} {when}: worth up to {self._worth(row)}.")
        for row in single.head(LISTED).to_dict("records"):
            lines.append(f"Of single parameters, {row['subject']}: worth up to {self._worth(row)}.")
        if lines:
            return lines
        total = self.tables["values"].iloc[0]
        if not total["worth"]:
            return ["Nothing is worth finding out for this choice: no parameter changes it by more than chance."]
        return [
            "No single section or parameter is worth finding out by itself, as far as these parameter sets tell: the "
            "choice hangs on several together, or there are too few sets to tell which."
        ]

    def _worth(self, row: Mapping[Any, Any]) -> str:
        return f"{_amount(row['value'])} {self.unit} (95 % interval {_amount(row['low'])} to {_amount(row['high'])})"

    def _not_worth(self) -> list[str]:
        from sim.studies.validation.region import section_of

        values = self.tables["values"]
        within = {section_of(path) for path in values.loc[values["worth"] & (values["kind"] == "parameter"), "subject"]}
        rest = values[(values["kind"] == "section") & ~values["worth"] & ~values["subject"].isin(within)]
        if rest.empty or not values["worth"][1:].any():
            return []
        return [
            f"Not worth finding out for this choice: {', '.join(rest['subject'])}. What they seem worth is not more "
            "than chance gives (parameter sets in random order)."
        ]

    def draw(self) -> dict[str, Callable[[], "Figure"]]:
        """Give the one figure, ``value_of_information``: bars with intervals."""
        from sim.viz.figures.information import information_figure

        values = self.tables["values"]
        return {"value_of_information": lambda: information_figure(values, self.title, self.unit, self.note)}


def inform(
    comparison: "Comparison | str | Path",
    objective: str = "retention",
    region: int | None = None,
    replications: int | None = None,
    engine: str | None = None,
    folder: str | Path | None = None,
    progress: Progress = None,
    call: str | None = None,
) -> Information:
    """Give what is worth finding out before choosing between the policies of a comparison.

    Runs of the comparison over the plausible region are used as they are, if there are enough; or else parameter sets
    are simulated again.

    Args:
        comparison: a comparison, or the folder of one.
        objective: the outcome that decides; shares of founders are counted in members.
        region: simulate so many parameter sets, 16 to 256; by default 64, and none if the comparison has 48.
        replications: runs of each policy in each parameter set, where they are simulated; at least 20 by default.
        engine: ``numpy`` or ``compiled``; by default that of the comparison.
        folder: save the result there too; checked before the first run.
        progress: False to show no progress, or a function called with the number of runs done.
        call: what made the result, for the manifest; by default this call.

    Returns:
        What information is worth: ``.values``, ``.text()``, ``.figure("value_of_information")``.

    Raises:
        InputError: for anything that cannot be used.
    """
    compared = _opened(comparison)
    config = compared.config
    fact = outcome_named(objective)
    known = [str(name) for name in compared.summary if outcome_named(str(name))]
    if fact is None or objective not in known:
        raise InputError(f"objective = {objective!r}: the comparison has no such outcome; {near(objective, known)}")
    if not fact.better:
        raise InputError(f"objective: of {objective} neither more nor less is better; choose another outcome")
    if len(compared.policies) < 2:
        raise InputError("inform needs a comparison of at least two policies")
    scenario = scenario_of_config(config)
    runs, sets = compared.tables.get("region_runs"), compared.tables.get("parameter_sets")
    enough = runs is not None and sets is not None and (len(sets) >= ENOUGH or "columns" in config)
    is_simulated = not enough or any(option is not None for option in (region, replications, engine))
    each = replications or max(REPLICATIONS, compared.region_replications)
    _check(region, each)
    sets = _sets(scenario, config, region or REGION) if is_simulated else sets
    assert sets is not None
    if not is_simulated:
        each = compared.region_replications
    unit, scale = _unit(objective, scenario)
    same = {k: v for k, v in config.items() if k not in ("region", "replications")}
    used = {"parameter_sets": len(sets), "region_replications": each, "engine": engine or config["engine"]}
    specs: Sequence[PolicyLike] = compared.identity.specs or config["policies"]
    identity = identify({**same, "objective": objective, "unit": unit, **used, "of": compared.key}, *specs)
    if folder is not None:
        check_folder(folder, identity)
    tables: dict[str, pd.DataFrame] = {}
    if is_simulated:
        runs = _simulated(compared, scenario, specs, sets, each, str(used["engine"]), progress)
        tables = {"region_runs": runs, "parameter_sets": sets}
    assert runs is not None
    results = _tables(runs, sets, objective, scale, compared.tables.get("structure_runs"))
    call = call or python_call("sim.inform", comparison=str(comparison), objective=objective)
    result = Information({**results, **tables}, identity, compared.seeds[:each], call, case=compared.name)
    if folder is not None:
        result.save(folder)
    return result


def _check(region: int | None, replications: int) -> None:
    if region is not None and (isinstance(region, bool) or not isinstance(region, int) or not 16 <= region <= MOST):
        raise InputError(f"region = {region!r}: give a whole number of parameter sets from 16 to {MOST}")
    if isinstance(replications, bool) or not isinstance(replications, int) or not 2 <= replications <= 100_000:
        raise InputError(f"replications = {replications!r}: give a whole number from 2 to 100,000")


def _opened(comparison: Any) -> "Comparison":
    from sim.core.paths import path_of
    from sim.storage.kept_config import read_config
    from sim.studies.compare import Comparison
    from sim.studies.report.comparison import load_comparison

    if isinstance(comparison, Comparison):
        return comparison
    place = path_of(comparison)
    if not place.is_dir():
        raise InputError(f"{comparison}: there is no such folder; give one that partnership compare saved")
    read_config(place)  # the user's own policies, from their copies where they are gone
    return load_comparison(place)


def _sets(scenario: Scenario, config: Mapping[str, Any], n: int) -> "pd.DataFrame":
    """Choose the parameter sets to simulate: of the region that the comparison has."""
    from sim.studies.validation.region import varied

    sets = varied(scenario, n, config.get("region_from"))
    if not len(sets.columns):
        raise InputError("the scenario states every parameter of the plausible region; nothing is left to find out")
    return sets.rename_axis("parameter_set").reset_index()


def _unit(objective: str, scenario: Scenario) -> tuple[str, float]:
    """Give the unit of what information is worth, and the factor of the outcome: shares of founders are members."""
    if objective.startswith("retention") and "_of_" not in objective:
        return "members", float(scenario.size.partners)
    if objective.startswith("retention"):
        return "% points", 100.0
    fact = outcome_named(objective)
    unit = "" if fact is None else fact.unit
    return ("points of a share" if unit == "1" else unit), 1.0


def _simulated(
    compared: "Comparison",
    scenario: Scenario,
    specs: Sequence[PolicyLike],
    sets: "pd.DataFrame",
    replications: int,
    engine: str,
    progress: Progress,
) -> "pd.DataFrame":
    from sim.studies.validation.region import runs_over_region

    policies = [find_policy(spec) for spec in specs]
    first, columns = compared.seeds[0], sets.set_index("parameter_set")
    seeds = range(first, first + replications)
    with bar_for(progress, len(policies) * len(sets) * replications, "parameter sets") as bar:
        return runs_over_region(scenario, policies, columns, seeds, compared.config["months"], bar.update, engine)


def _tables(
    runs: "pd.DataFrame", sets: "pd.DataFrame", objective: str, scale: float, forms: "pd.DataFrame | None"
) -> dict[str, "pd.DataFrame"]:
    """Compute the values, and how often each policy is best."""
    import numpy as np
    import pandas as pd

    from sim.analysis.value_of_information import value_of_information

    fact = outcome_named(objective)
    sign = -1.0 if fact is not None and fact.better == "less" else 1.0
    choice = choice_of(runs, sets, objective, sign * scale)
    means = choice.means
    winners = np.isclose(means, means.max(axis=1, keepdims=True), rtol=1e-9, atol=1e-12)
    shares = (winners / winners.sum(axis=1, keepdims=True)).mean(axis=0)
    options = pd.DataFrame({"policy": choice.options, "mean": sign * means.mean(axis=0), "best": shares})
    options = options.sort_values("mean", ascending=sign < 0, kind="stable", ignore_index=True)
    tables = {"values": value_of_information(choice, subjects_of(choice.parameters)), "options": options}
    if forms is not None and len(forms):
        average = (forms.groupby(["structure", "policy"], sort=False)[objective].mean() * sign).unstack()
        counts = average.idxmax(axis=1).value_counts()
        tables["by_structure"] = counts.rename_axis("policy").rename("structures").reset_index()
    return tables


def choice_of(runs: "pd.DataFrame", sets: "pd.DataFrame", objective: str, scale: float) -> "Choice":
    """Arrange the runs over the region as a choice: a number for each parameter set, seed and policy.

    Raises:
        InputError: where the objective is unknown in all runs of a parameter set.
    """
    import numpy as np

    from sim.analysis.value_of_information import Choice

    wide = runs.pivot(index=["parameter_set", "seed"], columns="policy", values=objective)
    policies = [str(name) for name in runs["policy"].unique()]
    numbers = sets["parameter_set"].tolist()
    wide = wide[policies].loc[numbers]
    gains = wide.to_numpy(dtype=float).reshape(len(numbers), -1, len(policies)) * scale
    gains = np.where(np.isnan(gains).any(axis=2, keepdims=True), np.nan, gains)
    if np.isnan(gains).all(axis=(1, 2)).any():
        raise InputError(f"objective: {objective} is not known in any run of some parameter sets; choose another")
    return Choice(tuple(policies), gains, sets.drop(columns="parameter_set"))


def subjects_of(parameters: "pd.DataFrame") -> dict[str, list[str]]:
    """Name what could be found out: each section of the parameter tree with several parameters, and each parameter."""
    from sim.studies.validation.region import section_of

    sections: dict[str, list[str]] = {}
    paths = [str(path) for path in parameters if parameters[path].nunique() > 1]
    for path in paths:
        sections.setdefault(section_of(path), []).append(path)
    return {**sections, **{path: [path] for path in paths}}


def _amount(value: float) -> str:
    """Write an amount with two digits."""
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"
