"""``sim.search``: trials, the front, the choice, and the judgement on seeds that no trial used."""

import dataclasses
import json
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.knee import knee, price_beyond
from sim.config.plan_file import brief, plan_text
from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.core.progress import bar as progress_bar
from sim.engine.simulate import scenario_from
from sim.model.outcomes import own_facts
from sim.model.policies import Policy
from sim.model.policies.plan import Plan
from sim.model.policies.registry import PolicyLike, find_policy, label
from sim.model.scenario import Scenario, stated_defaults
from sim.storage.atomic import MANIFEST
from sim.studies.growing import GrowingResult
from sim.studies.identity import Identity, identify
from sim.studies.more_budget import warning_lines
from sim.studies.policy_search.goals import Numbers
from sim.studies.policy_search.judging import (
    NO_LOSS,
    REGION,
    SHIPPED,
    TEST,
    TRAINING,
    choose,
    judge,
    measure,
    more_budget_of,
    rows_of,
    run_outcomes,
)
from sim.studies.policy_search.log import LOG, open_log, write_log
from sim.studies.policy_search.rule import rule
from sim.studies.policy_search.simplify import simplified
from sim.studies.policy_search.space import PolicySpace
from sim.studies.policy_search.spec import SearchSpec, check_search, consecutive
from sim.studies.policy_search.trials import RANDOM, Trial, import_optuna, run_trials, trial_table
from sim.studies.validation.region import region_digest, region_facts

if TYPE_CHECKING:
    import pandas as pd

    from sim.viz.save import Figure

JUDGEMENT = ("trials", "test_replications", "region", "judged")
"""Options that no trial depends on: a search in a folder continues when they change."""

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


def search(
    scenario: Scenario | str = "denim_alliance",
    policy: PolicyLike | Sequence[PolicyLike] = "adaptive_tracking",
    objectives: Sequence[str | Mapping[str, Any]] = ("retention_60", "society_value", "effort_spent"),
    *,
    constraints: Sequence[Mapping[str, Any]] = (),
    space: Mapping[str, Sequence[float]] | None = None,
    trials: int = 150,
    seeds: int | Sequence[int] = 50,
    test_replications: int = 200,
    region: int = 16,
    region_from: str | Path | None = None,
    judged: int = 12,
    months: int = 60,
    folder: str | Path | None = None,
    progress: bool | None = None,
) -> SearchResult:
    """Search the parameters of policies for what does best in several objectives; judge the best on other seeds.

    Args:
        scenario: the partnership, or the name of a shipped one.
        policy: a policy or a list of policies: names, files, mappings (parameters named there stay fixed), policies
            (parameters that were set stay fixed) or classes.
        objectives: 1 to 4 outcomes of a run, each better as its declaration says, or mappings that say what they are
            over: ``{outcome: retention_60, over: expected}`` (or ``worst_regret``) over the plausible region, or
            ``{outcome: retention_60, over: satisficing, at_least: 0.5}``.
        constraints: limits to keep, ``{outcome: effort_spent, at_most: 6, per: month}``; with ``over: expected`` or
            ``over: worst`` on average, or in each parameter set, of the plausible region.
        space: [low, high] by policy parameter, in place of the declared range.
        trials: how many parameter sets to try of each policy.
        seeds: the runs of each trial: how many, or consecutive seeds. The seeds after them are used to judge.
        test_replications: how many runs to judge on, with seeds that no trial used.
        region: in how many parameter sets of the plausible region to judge.
        region_from: a plausible region of your own, in place of the shipped one: a folder that ``calibrate`` saved, or
            a CSV such as its ``region.csv``.
        judged: most trials of the front to judge; the best in each objective always are.
        months: how long to simulate, in months.
        folder: keeps the trials, so that an interrupted search continues, also with more trials; none by default.
        progress: show progress, as a bar on a terminal and as lines elsewhere; False for nothing.

    Returns:
        Tables ``trials``, ``front``, ``judged``, ``differences``, ``more_budget``; figures ``front``, ``differences``.

    Raises:
        InputError: (a ``ValueError``) if anything cannot be used; the message says what and what to do.
    """
    first, replications = consecutive(seeds, "seeds")
    several = isinstance(policy, Sequence) and not isinstance(policy, str)
    options: dict[str, Any] = {
        "policies": list(policy) if several else [policy],  # type: ignore[arg-type]
        "objectives": list(objectives),
        "constraints": list(constraints),
        "space": {name: list(span) for name, span in (space or {}).items()},
        **{"trials": trials, "replications": replications, "test_replications": test_replications, "region": region},
        **{"judged": judged, "months": months, "seed": first},
        **({} if region_from is None else {"region_from": str(region_from)}),
    }
    spec = check_search(options, scenario_from(scenario))
    return run_search(spec, path_of(folder) if folder else None, "sim.search(...)", progress)


def run_search(spec: SearchSpec, folder: Path | None, call: str, progress: bool | None = None) -> SearchResult:
    """Run a checked search; trials that the folder holds are not simulated again.

    Args:
        spec: the options.
        folder: where the trials are kept; in memory alone if None.
        call: the command or Python call.
        progress: show progress, as a bar on a terminal and as lines elsewhere; False for nothing.

    Raises:
        InputError: if an objective is never known, Optuna is missing, or the folder holds another search.
    """
    n_done = 0
    with progress_bar(progress, total=len(spec.spaces) * spec.trials, unit=" trials") as bar:

        def advance(stage: str) -> None:
            nonlocal n_done
            n_done += stage == "trials"
            bar.set_description(stage, refresh=False)
            bar.update(stage == "trials")

        try:
            return _search(spec, folder, call, advance)
        except KeyboardInterrupt as stop:
            message = f"{n_done} trials are kept in {folder}/; the same command continues" if folder else ""
            raise KeyboardInterrupt(message) from stop


def _search(spec: SearchSpec, folder: Path | None, call: str, advance: Callable[[str], Any]) -> SearchResult:
    description, directions = describe(spec), spec.directions
    identity = _identify(spec)
    goals = spec.goals
    usual = run_outcomes(spec, SHIPPED[-1], spec.training_seeds)
    for name in goals.outcomes:
        if usual[name].isna().all():
            raise InputError(f"objectives: {name} is not known in these runs of {spec.months} months; choose another")
    others = [measure(spec, name) for name in (SHIPPED if goals.robust else SHIPPED[-1:])]

    def score(trials: Sequence[Trial]) -> tuple[Numbers, Numbers]:
        objectives, limited = goals.score([trial.outcomes for trial in trials], others)
        return objectives, goals.excess(limited)

    trials: list[Trial] = []
    spaces: dict[str, PolicySpace] = {}
    with open_log(folder, description) as log:
        for space in spec.spaces:
            earlier = log.trials.get(space.name, {})
            for trial in run_trials(
                space, directions, spec.trials, spec.seed, lambda p: measure(spec, p), earlier, log.record, score
            ):
                trials.append(trial)
                spaces[trial.name] = space
                advance("trials")
    table = trial_table(trials, goals, others)
    if not table["front"].any():
        raise InputError(_why_none(spec, table))
    to_beat, _ = goals.score(others[-1:], [*others, *(trial.outcomes for trial in trials)])
    rows = choose(table, directions, dict(zip(directions, to_beat[0], strict=True)), spec.judged)
    turn, first = knee(table[table["front"]], directions), next(iter(rows))
    if turn is not None:
        turn = int(np.flatnonzero(table["front"])[turn])
        rows[turn] = "; ".join(why for why in (KNEE, rows.get(turn, "")) if why)
    reasons = {trials[row].name: why for row, why in rows.items()}
    parameters = {trial.name: trial.parameters for trial in trials}
    policies: dict[str, PolicyLike] = {name: spaces[name].policy(parameters[name]) for name in reasons}
    descriptions = {name: spaces[name].described(parameters[name]) for name in reasons}
    plan_files = {}
    for title, row in {"Best": first, "Knee": turn}.items():
        if row is None or (title == "Knee" and row == first):
            continue
        trial = trials[row]
        able = table["keeps"] if goals.constraints else table["name"].notna()
        measured = np.array([trials[k].outcomes for k in np.flatnonzero(able)])
        spans = np.nan_to_num(np.ptp(measured[:, : len(goals.outcomes)], axis=0))
        simple = simplified(spaces[trial.name], trial.parameters, lambda policy: rows_of(spec, policy), spans)
        advance("simplifying")
        name = trial.name if simple == trial.parameters else f"{trial.name}{SIMPLIFIED}"
        about = KNEE if title == "Knee" else reasons[trial.name]
        if name != trial.name:
            policies[name], reasons[name] = spaces[trial.name].policy(simple), about
            descriptions[name] = spaces[trial.name].described(simple)
        policy = find_policy(policies[name])
        plan_files[PLANS[KNEE if title == "Knee" else ""]] = PlanFile(
            f"{title} of the search" + ("" if title == "Knee" else f" ({about})"),
            name,
            policy,
            _as_plan(policy, f"{title} of the search"),
        )
    judged, differences = judge(spec, policies, lambda: advance("judging"))
    more = more_budget_of(spec, {one.name: one.policy for one in plan_files.values()})
    advance("judging")
    front = table[table["front"]].drop(columns="front")
    why = front["name"].map(reasons)
    tables = {
        "front": front.assign(judged=why.notna(), chosen=why.fillna("")),
        "judged": judged,
        "differences": differences,
        "more_budget": more,
        "trials": table,
    }
    return SearchResult(
        tables,
        identity,
        spec.seeds,
        call,
        folder=folder,
        spec=spec,
        policies=policies,
        descriptions=descriptions,
        reasons=reasons,
        plan_files=plan_files,
        all_trials=tuple(trials),
        search_key=search_key(spec),
    )


def _why_none(spec: SearchSpec, table: "pd.DataFrame") -> str:
    """Say why no trial is on the front."""
    names = ", ".join(spec.directions)
    if not spec.constraints or table["keeps"].any():
        return f"objectives: no trial has {names} in every run; choose others"
    broken = spec.goals.excess(table[[limit.name for limit in spec.goals.constraints]].to_numpy())
    worst = [f"{limit.text} (nearest: {limit.number + (1 if limit.most else -1) * float(column.min()):.3g})"
             for limit, column in zip(spec.goals.constraints, broken.T, strict=True) if column.min() > 0.0]  # fmt: skip
    which = "; ".join(worst) or "each is kept by some trial, but never all together"
    return f"constraints: none of {len(table)} trials keeps them: {which}; loosen them, or search longer with trials="


def _as_plan(policy: Policy, title: str) -> dict[str, Any]:
    """Write a policy as a plan with a label: what it says differs from the defaults."""
    stated = brief(policy)
    return {"label": title, **(stated if isinstance(policy, Plan) else {"steps": [{"policy": stated}]})}


def describe(spec: SearchSpec) -> dict[str, Any]:
    """Say all that the trials depend on, except how many there are, as plain data.

    Raises:
        InputError: if Optuna is missing, or a policy's file cannot be read.
    """
    import_optuna()
    identity = identify(_trial_config(spec), *spec.policies, *spec.scenario.plugins)
    about = {**identity.config, "digests": dict(identity.digests), "model": identity.model}
    return dict(json.loads(json.dumps(about)))  # as the log gives it back


def search_key(spec: SearchSpec) -> str:
    """Give eight digits of all that the trials depend on."""
    import_optuna()
    return identify(_trial_config(spec), *spec.policies, *spec.scenario.plugins).key


def default_folder(spec: SearchSpec, key: str) -> Path:
    """Name the folder of a search: the same for more trials."""
    names = [Path(space.name.partition(" ")[0].partition(":")[0]).stem for space in spec.spaces]
    return Path("results") / f"search-{'-'.join(names)}-{key}"


def _trial_config(spec: SearchSpec) -> dict[str, Any]:
    open_options = {"policies", "space", *(() if spec.constraints else ("constraints",))}
    plain = spec.model_dump(mode="json", exclude={*JUDGEMENT, "region_from", *open_options})
    if spec.goals.robust:
        plain |= {"region": spec.region, "plausible_region": region_digest(spec.region_from)}
    spaces = [
        {
            "policy": space.name,
            "fixed": find_policy(space.spec).plain(labelled=False),
            "parameters": [dataclasses.asdict(q) for q in space.parameters],
        }
        for space in spec.spaces
    ]
    return plain | {
        **({"held": names} if (names := stated_defaults(spec.scenario)) else {}),
        "spaces": spaces,
        "sampler": f"independent TPE of optuna {version('optuna')} after {RANDOM} at random",
    }


def configuration(spec: SearchSpec) -> dict[str, Any]:
    """Give all that determines a search and its judgement, as plain data."""
    judgement = {name: getattr(spec, name) for name in JUDGEMENT}
    config = {**_trial_config(spec), **judgement, "plausible_region": region_digest(spec.region_from)}
    config |= region_facts(spec.region_from)
    config |= {"own_outcomes": facts} if (facts := own_facts(spec.scenario)) else {}
    return config | {"policies": [_as_given(policy) for policy in spec.policies], "space": dict(spec.space)}


def _identify(spec: SearchSpec) -> Identity:
    """Take the identity of the whole result: trials, judgement, and the plausible region."""
    return identify(configuration(spec), *spec.policies, *spec.scenario.plugins)


def _as_given(policy: PolicyLike) -> Any:
    """Write a policy as the options of a search name it."""
    return dict(policy) if isinstance(policy, Mapping) else policy if isinstance(policy, str) else label(policy)


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
