"""What a search found: its text, figures and plan files, and how it is saved."""

import dataclasses
import json
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analysis.knee import knee, price_beyond
from sim.config.plan_file import plan_text
from sim.core.paths import path_of
from sim.model.policies import Policy
from sim.model.policies.registry import PolicyLike
from sim.storage.atomic import MANIFEST
from sim.studies.growing import GrowingResult
from sim.studies.more_budget import warning_lines
from sim.studies.policy_search.identity import default_folder, describe
from sim.studies.policy_search.judging import NO_LOSS, REGION, SHIPPED, TEST, TRAINING
from sim.studies.policy_search.log import LOG, open_log, write_log
from sim.studies.policy_search.rule import rule
from sim.studies.policy_search.spec import SearchSpec
from sim.studies.policy_search.trials import Trial

if TYPE_CHECKING:
    from sim.viz.save import Figure

KNEE = "the knee of the front"

PLANS = {KNEE: "knee.yaml", "": "best.yaml"}
"""The plan files: of the knee, and of the best in the first objective."""

SIMPLIFIED = ", simplified"
"""Behind the name of a policy whose parameters were left out or rounded where that changes nothing."""


@dataclasses.dataclass(frozen=True)
class PlanFile:
    """A policy to take away, in a file.

    Attributes:
        title: what it is, for the label of the plan.
        name: its name among the judged policies.
        policy: the policy itself.
        plan: the plan as plain data.
    """

    title: str
    name: str
    policy: Policy
    plan: Mapping[str, Any]


@dataclasses.dataclass(frozen=True, repr=False)
class SearchResult(GrowingResult):
    """What a search found.

    Its tables: ``trials`` (a row per trial), ``front`` (the trials that no other dominates, and why some are judged),
    ``judged`` (means of the judged and the built-in policies, on training seeds, test seeds and over the plausible
    region), ``differences`` (paired differences of these to each built-in policy) and ``more_budget`` (what half, and
    one and a half times, the budget changes under the policies of the plan files).

    Attributes:
        spec: the options.
        policies: the judged policies by name, as ``sim.simulate`` takes them.
        descriptions: the same as plain data, as the option ``policies=[...]`` takes them.
        reasons: why each was chosen; an empty text if it fills up the front.
        plan_files: the knee and the best in the first objective, simplified, by the name of their plan file.
        search_key: eight digits of all that the trials depend on; the folder is named by it, as trials can be added.
    """

    spec: SearchSpec = dataclasses.field(default_factory=SearchSpec)
    policies: Mapping[str, PolicyLike] = dataclasses.field(default_factory=dict)
    descriptions: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    reasons: Mapping[str, str] = dataclasses.field(default_factory=dict)
    plan_files: Mapping[str, PlanFile] = dataclasses.field(default_factory=dict)
    all_trials: tuple[Trial, ...] = ()
    search_key: str = ""

    command = "search"

    @property
    def title(self) -> str:
        """A heading."""
        return f"Policy search: {self.spec.scenario.title}"

    @property
    def default_folder(self) -> Path:
        """Where results go if no folder is named: the same for more trials of the same search."""
        return default_folder(self.spec, self.search_key)

    @property
    def note(self) -> str:
        """One line on where the numbers come from."""
        spec = self.spec
        return (
            f"{spec.scenario.title}, {spec.trials} trials a policy, {spec.replications} runs each; judged on "
            f"{spec.test_replications} test seeds and in {spec.region} parameter sets of the plausible region; "
            f"configuration {self.key}"
        )

    def draw(self) -> "dict[str, Callable[[], Figure]]":
        """Give the figures: the front (with two objectives or more) and the differences."""
        from sim.viz.figures.search import front_figure, gain_figure

        objectives, outcomes, note = list(self.spec.directions), self.spec.goals.outcomes, self.note
        trials, judged, gaps = (self.tables[name] for name in ("trials", "judged", "differences"))
        reasons, front = self.reasons, self.tables["front"]
        place = knee(front, self.spec.directions)
        name = None if place is None else str(front["name"].iloc[place])
        figures: dict[str, Callable[[], Figure]] = {
            "differences": lambda: gain_figure(gaps, reasons, SHIPPED[-1], outcomes, note)
        }
        if len(objectives) > 1:
            figures = {"front": lambda: front_figure(trials, judged, SHIPPED, objectives, note, name)} | figures
        return figures

    def text(self) -> str:
        """Give what the command prints: the best in each objective, with their differences to built-in policies."""
        spec, trials = self.spec, self.tables["trials"]
        lines = [
            f"{spec.scenario.title}: {len(trials)} trials of {spec.replications} runs; "
            f"{int(trials['front'].sum())} on the front.",
            f"{len(self.policies)} are judged, on {spec.test_replications} test seeds and in {spec.region} parameter "
            f"sets of the plausible region ({spec.replications} runs each).",
            "Differences have 95 % intervals, over seeds and over parameter sets "
            "(*: significant after Holm's correction).",
            *self._about_constraints(),
            *self._about_knee(),
        ]
        for name in (n for n, why in self.reasons.items() if why):
            lines += self._about(name)
        if not any(NO_LOSS in why for why in self.reasons.values()):
            lines += ["", f"No trial was at least as good as {SHIPPED[-1]} in every objective and better in one."]
        lines += [
            "",
            "Trials were chosen by their training seeds, so differences there flatter them: "
            "believe the test seeds and the region.",
            *warning_lines(self.tables.get("more_budget")),
        ]
        for file, one in self.plan_files.items():
            lines += ["", f"{one.title}, as a rule ({file} is the same as a plan):", *_indented(rule(one.policy))]
        return "\n".join(lines)

    def _about_constraints(self) -> list[str]:
        if not self.spec.constraints:
            return []
        n_able = int(self.tables["trials"]["keeps"].sum())
        limits = "; ".join(limit.text for limit in self.spec.goals.constraints)
        return [f"Constraints: {limits}. {n_able} of {len(self.tables['trials'])} trials keep them."]

    def _about_knee(self) -> list[str]:
        """Say what lies on both sides of the knee, from the trials."""
        front = self.tables["front"]
        row = knee(front, self.spec.directions)
        if row is None:
            return ["The front has no knee."] if len(self.spec.directions) > 1 else []
        place = front.iloc[row]
        here = ", ".join(f"{name} {place[name]:.3g}" for name in self.spec.directions)
        lines = ["", f"The knee of the front is {place['name']} ({here}). From there"]
        for name, gain, other, loss in price_beyond(front, self.spec.directions, row):
            lines.append(f"  the best {name} ({gain:+.3g}) costs {loss:+.3g} {other}")
        return lines

    def _about(self, name: str) -> list[str]:
        objectives = self.spec.goals.outcomes
        means = self.tables["judged"].set_index(["policy", "place", "outcome"])["mean"]
        gaps = self.tables["differences"].set_index(["policy", "place", "baseline", "outcome"]).to_dict("index")
        lines = ["", f"{name}: {self.reasons[name]}", f"  {_in_one_line(self.descriptions[name])}"]
        lines.append(f"  {'':<40}" + "".join(f"{o:>30}" for o in objectives))
        for place in (TRAINING, TEST, REGION):
            lines.append(f"  {place:<40}" + "".join(f"{means[name, place, o]:>30.4g}" for o in objectives))
        tests = [(TEST, baseline) for baseline in SHIPPED[::-1]]
        for place, baseline in [(TRAINING, SHIPPED[-1]), *tests, (REGION, SHIPPED[-1])]:
            cells = "".join(f"{_interval(gaps[name, place, baseline, o]):>30}" for o in objectives)
            lines.append(f"  {f'{place}, to {baseline}':<40}{cells}")
        goals = self.spec.goals
        over = [goal.name for goal in goals.objectives if goal.over]
        for column in dict.fromkeys([*over, *(limit.name for limit in goals.constraints if limit.over)]):
            before, after = means[name, TRAINING, column], means[name, TEST, column]
            lines.append(f"  {column}: {before:.3g} in the trials' parameter sets, {after:.3g} in others")
        for limit in (one for one in self.spec.goals.constraints if not one.over):
            value = means[name, TEST, limit.outcome] / (self.spec.months if limit.per_month else 1)
            verdict = "kept" if limit.excess(value) <= 0.0 else "NOT kept"
            lines.append(f"  {limit.text}: {value:.3g} on the test seeds, {verdict}")
        return lines

    def texts(self) -> dict[str, str]:
        """Give the plan files: each says in comments what it is, as a rule, and how to compare it."""
        seeds, name = self.spec.test_seeds, self.title
        return {
            file: plan_text(
                one.plan,
                "\n".join([
                    f"{name}: {one.title}.", "", *rule(one.policy), "", *self._budget_of(one),
                    "Put it in place of a policy, or into the plans of a case:",
                    f"  partnership compare policies=[neutral,{file}] seed={seeds.start} replications={len(seeds)} "
                    f"months={self.spec.months}",
                ]),
            )
            for file, one in self.plan_files.items()
        }  # fmt: skip

    def _budget_of(self, one: PlanFile) -> list[str]:
        """Say for a plan file where more of its policy does harm."""
        table = self.tables["more_budget"]
        lines = warning_lines(table[table["policy"] == one.name])
        return [part for line in lines for part in textwrap.wrap(line, 110)] + [""] * bool(lines)

    def save(self, folder: str | Path | None = None) -> Path:
        """Write tables, figures, configuration, manifest, the log and the user's policies.

        Args:
            folder: where to; by default the folder with the log, or else ``results/search-POLICIES-KEY``.

        Returns:
            The folder.

        Raises:
            InputError: if the folder cannot be written, or holds something else.
        """
        place = path_of(folder or self.folder or self.default_folder)
        if not (place / LOG).exists():
            return super().save(place)
        with open_log(place, describe(self.spec)) as log:
            for trial in self.all_trials:
                if trial.number not in log.trials.get(trial.policy, {}):
                    log.record(trial)
            (place / MANIFEST).unlink(missing_ok=True)  # it lists the files beside it
            self.write(place)
        return place

    def write(self, folder: Path) -> None:
        """Write the files of the result into a folder that is there, with the log if it has none."""
        for file in PLANS.values():  # a longer search may find no knee
            (folder / file).unlink(missing_ok=True)
        if not (folder / LOG).exists():
            write_log(folder / LOG, describe(self.spec), self.all_trials)
        super().write(folder)


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _in_one_line(value: Any) -> str:
    """Write plain data as the options of a command take it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_in_one_line(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_in_one_line, value)) + "]"
    plain = not isinstance(value, str) or re.fullmatch(r"[\w./-]+", value)
    return str(value) if plain else json.dumps(value, ensure_ascii=False)


def _interval(row: Mapping[Any, Any]) -> str:
    star = " " if row["verdict"] == "undecided" else "*"
    return f"{row['difference']:+.3g} [{row['low']:+.3g}, {row['high']:+.3g}]{star}"
