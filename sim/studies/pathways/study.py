"""``sim.pathways``: when actions stop meeting a target, which triggers announce it, and what switching then brings."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.analysis.pathways import (
    FOR_NOTHING,
    LATE,
    QUIET,
    RIGHTLY,
    Months,
    Signpost,
    best_signposts,
    skill,
    timing,
    tipping_months,
)
from sim.config.plan_file import brief, plan_text
from sim.core.errors import InputError, near
from sim.core.intervals import mean_interval, share_interval
from sim.model.outcomes.series import series_of
from sim.model.policies import Policy
from sim.model.policies.registry import PolicyLike, find_policy
from sim.model.sectors import sector_names
from sim.studies.inputs import Inputs, Progress, ScenarioLike, bar_for, inputs_of, python_call, refuse_the_past
from sim.studies.pathways.runs import Numbers, Track, track, watch
from sim.studies.policy_search.goals import Limit, constraint_of
from sim.studies.result import Result
from sim.studies.validation.region import region_digest, region_facts, varied

if TYPE_CHECKING:
    import pandas as pd

    from sim.viz.save import Figure

ACTIONS = ("neutral", "safeguarding", "adaptive_tracking")
"""The actions, if none are named; the first is what is done now."""

TARGET = {"outcome": "retention", "at_least": 0.5}

MOST = 6
"""Most actions: a map of more cannot be read."""

COMPARED = 6
"""Most triggers of the present action that are compared by simulation."""

RARE = 0.02
"""A share of failing runs below this is too small to look for a trigger."""


@dataclasses.dataclass(frozen=True, repr=False)
class Pathways(Result):
    """Tipping points, signposts and pathways.

    Attributes:
        tipping: a row per action: share of runs that fail, months by which a quarter, half and three quarters of all
            runs do (NaN: fewer do), and the least and largest share by parameter set.
        signposts: a row per action and quantity that is seen: the trigger that tells failing runs apart best, chosen
            on other runs, and how often it fires rightly, too late or never, and for nothing.
        wrong: a row per trigger of the first action and what it does in a run: how many runs, how many meet the target
            with the switch and without, and the effort that the switch adds.
        paths: a row per action, and per switch from one to another: share of runs that meet the target, with its
            interval; the ``gain`` in it to the first action, paired by run, with its interval; effort; months of the
            switch and of the tipping point.
    """

    command: ClassVar[str] = "pathways"
    limit: Limit = dataclasses.field(default_factory=lambda: Limit("retention", False, 0.5))
    lead: int = 6
    n_sets: int = 0
    months: int = 60
    case: str = ""
    plan: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def title(self) -> str:
        """The partnership and the target."""
        return f"{self.config['scenario']['title']}: pathways to {self.limit.text}"

    @property
    def name(self) -> str:
        """The scenario."""
        return self.case

    @property
    def note(self) -> str:
        """Where the numbers come from."""
        n = len(self.seeds) // 2
        where = f" in {self.n_sets} parameter sets of the plausible region" if self.n_sets else ""
        return f"{n} runs of each action{where}; triggers chosen on {n} others; configuration {self.key}"

    def draw(self) -> "dict[str, Callable[[], Figure]]":
        """Give the figure ``pathways``: the metro map."""
        from sim.viz.figures.pathways import pathways_figure

        paths, months, title, note = self.tables["paths"], self.months, self.title, self.note
        grant = float(self.config["scenario"]["grant"]["months"])
        return {"pathways": lambda: pathways_figure(paths, months, grant, title, note)}

    def text(self) -> str:
        """Give what the command prints."""
        from sim.studies.pathways.text import lines

        return "\n".join(lines(self))

    def texts(self) -> dict[str, str]:
        """Give the plan file of the best pathway, if it has a switch."""
        if not self.plan:
            return {}
        return {"pathway.yaml": plan_text(self.plan, f"{self.title}: the pathway that meets it in most runs.")}


def pathways(
    scenario: ScenarioLike = "denim_alliance",
    actions: Sequence[PolicyLike] = ACTIONS,
    target: Mapping[str, Any] | None = None,
    *,
    lead: int = 6,
    region: int = 16,
    region_from: str | Path | None = None,
    seeds: int | Sequence[int] = 12,
    months: int | None = None,
    engine: str = "numpy",
    progress: Progress = None,
    folder: str | Path | None = None,
    call: str | None = None,
) -> Pathways:
    """Find when actions stop meeting a target, which triggers announce it, and what switching then brings.

    Args:
        scenario: a scenario, a shipped one's name, a YAML file's path, or None for the neutral reference.
        actions: two to six policies or plans; the first is what is done now.
        target: ``{outcome: retention, at_least: 0.5}``: a monthly outcome (``partnership describe outcomes``), or
            ``retention``, the share of the founders still there, that stays within a limit; with ``from: 13`` it counts
            from month 13. An action fails when it misses the target for three months in a row, or up to the end.
        lead: a trigger fires rightly if it does so at least so many months before the action fails.
        region: in how many parameter sets of the plausible region; 0 for the scenario's own parameters alone.
        region_from: a plausible region of your own: a folder that ``calibrate`` saved, or a CSV.
        seeds: the runs in each parameter set: how many, or their seeds; as many others choose the triggers.
        months: how long, in months.
        engine: ``numpy`` or ``compiled``.
        progress: False to show no progress, or a function called with the number of runs done.
        folder: save the result there too; checked before the first run.
        call: what made the result, for the manifest; by default this call.

    Returns:
        Tables ``tipping``, ``signposts``, ``wrong`` and ``paths``, the figure ``pathways``, ``.text()``.

    Raises:
        InputError: (a ``ValueError``) for anything that cannot be used.
    """
    inputs = inputs_of(scenario, list(actions), seeds, months, engine)
    refuse_the_past(inputs)
    limit, first = target_of(TARGET if target is None else target, inputs)
    _check(inputs, lead, region)
    identity = inputs.identify(
        folder,
        target={**(target or TARGET)},
        lead=lead,
        region=region,
        **({"plausible_region": region_digest(region_from)} if region else {}),
        **region_facts(region_from),
    )
    sets = varied(inputs.scenario, region, region_from) if region else None
    parts = _Study(inputs, limit, first, lead, sets)
    n = len(inputs.policies)
    with bar_for(progress, parts.n_runs * (3 * n + n * (n - 1) + COMPARED), "pathways") as bar:
        tables, plan = parts.tables(bar.update)
    call = call or python_call(
        "sim.pathways", scenario=scenario, actions=list(actions), target=target or TARGET, lead=lead, region=region
    )
    more: dict[str, Any] = {"limit": limit, "lead": lead, "n_sets": region, "months": inputs.months}
    result = Pathways(tables, identity, parts.all_seeds, call, **more, case=inputs.case, plan=plan)
    if folder is not None:
        result.save(folder)
    return result


def target_of(target: Mapping[str, Any], inputs: Inputs) -> tuple[Limit, int]:
    """Read a target: its limit, and the first month that counts.

    Raises:
        InputError: for what cannot be read.
    """
    if not isinstance(target, Mapping):
        raise InputError(f"target = {target!r}: give {{outcome: retention, at_least: 0.5}}")
    first = target.get("from", 1)
    if isinstance(first, bool) or not isinstance(first, int) or not 1 <= first <= inputs.months:
        raise InputError(f"target: from = {first!r}: give a month from 1 to {inputs.months}")
    if {"over", "per"} & target.keys():
        raise InputError("target: takes outcome, at_least or at_most, and from; it counts in every month and run")
    known = {"retention": "more", **{o.name: o.better for o in series_of(sector_names(inputs.scenario.sectors))}}
    name = target.get("outcome")
    if name not in known:
        raise InputError(f"target: there is no monthly outcome {name!r}; {near(str(name), known)}")
    try:
        return constraint_of({key: value for key, value in target.items() if key != "from"}, known), first
    except InputError as error:
        raise InputError(str(error).replace("constraints:", "target:", 1)) from error


def _check(inputs: Inputs, lead: int, region: int) -> None:
    if not 2 <= len(inputs.policies) <= MOST or len(set(inputs.names)) < len(inputs.names):
        raise InputError(f"actions: name 2 to {MOST} policies or plans, each once; the first is what is done now")
    if isinstance(lead, bool) or not isinstance(lead, int) or not 0 <= lead < inputs.months:
        raise InputError(f"lead = {lead!r}: give months from 0 to {inputs.months - 1}")
    if isinstance(region, bool) or not isinstance(region, int) or not 0 <= region <= 64:
        raise InputError(f"region = {region!r}: give 0 to 64 parameter sets")
    if len(inputs.seeds) * max(region, 1) < 2:
        raise InputError("pathways: one run tells nothing; give more replications, or parameter sets (region)")


@dataclasses.dataclass(frozen=True)
class _Study:
    """The parts of a study of pathways, and how each table is made."""

    inputs: Inputs
    limit: Limit
    first: int
    lead: int
    sets: "pd.DataFrame | None"

    @property
    def n_runs(self) -> int:
        """Runs of each action, and as many again to choose triggers on."""
        return len(self.inputs.seeds) * (1 if self.sets is None else len(self.sets))

    @property
    def columns(self) -> dict[str, list[float]]:
        """The parameters of the runs: each set of the region with every seed."""
        if self.sets is None:
            return {}
        each = len(self.inputs.seeds)
        return {str(path): np.repeat(self.sets[path].to_numpy(), each).tolist() for path in self.sets}

    def seeds(self, choosing: bool) -> list[int]:
        """Give the seeds of the runs: all differ, those on which triggers are chosen follow the others."""
        start = min(self.inputs.seeds) + choosing * self.n_runs
        return list(range(start, start + self.n_runs))

    @property
    def all_seeds(self) -> tuple[int, ...]:
        """The seeds that are simulated."""
        return (*self.seeds(False), *self.seeds(True))

    def run(self, policy: Policy, choosing: bool, advance: Callable[[int], Any]) -> tuple[Track, Months]:
        """Simulate a policy; gives its months, and when it fails."""
        inputs = self.inputs
        runs = track(
            inputs.scenario, policy, self.seeds(choosing), self.columns, inputs.months, self.limit.outcome,
            inputs.engine, advance,
        )  # fmt: skip
        return runs, tipping_months(~(self.limit.excess(runs.target) <= 0.0), self.first)

    def seen(self, policy: Policy, choosing: bool) -> dict[str, Numbers]:
        """Give what is seen under a policy."""
        inputs = self.inputs
        return watch(inputs.scenario, policy, self.seeds(choosing), self.columns, inputs.months)

    def tables(self, advance: Callable[[int], Any]) -> tuple[dict[str, "pd.DataFrame"], dict[str, Any]]:
        """Make all tables, and the plan of the best pathway (empty where it has no switch)."""
        import pandas as pd

        names, policies = self.inputs.names, dict(zip(self.inputs.names, self.inputs.policies, strict=True))
        alone = {name: self.run(policies[name], False, advance) for name in names}
        tipping = [{"action": name, **self._tipping(tips)} for name, (_, tips) in alone.items()]
        signposts: list[dict[str, Any]] = []
        fired: dict[str, dict[Signpost, Months]] = {}
        for name in names:
            _, tips = self.run(policies[name], True, advance)
            posts: list[Signpost] = []
            if np.isfinite(tips).mean() >= RARE:
                posts = best_signposts(self.seen(policies[name], True), tips, self.lead)
            seen = self.seen(policies[name], False) if posts else {}
            advance(self.n_runs)
            fired[name] = {post: post.fired(seen) for post in posts if post.quantity in seen}
            signposts += [self._signpost(name, post, alone[name][1], when) for post, when in fired[name].items()]
        now = np.where(np.isfinite(alone[names[0]][1]), 0.0, 1.0)
        paths = [self._path(name, "", *alone[name], now) for name in names]
        plans: dict[str, dict[str, Any]] = {}
        for name in names:
            for other in (o for o in names if o != name and fired[name]):
                post, when = next(iter(fired[name].items()))
                plan = self._switch(policies[name], post, policies[other], f"{name}, then {other}")
                runs, tips = self.run(find_policy(plan), False, advance)
                paths.append(self._path(name, other, runs, tips, now, post, when))
                plans[paths[-1]["path"]] = plan
        table = pd.DataFrame(paths)
        best = table.sort_values(["meets", "effort"], ascending=[False, True], kind="stable").iloc[0]
        wrong = self._wrong(names[0], fired[names[0]], table, policies, alone, advance)
        return {
            "tipping": pd.DataFrame(tipping),
            "signposts": pd.DataFrame(signposts, columns=SIGNPOSTS),
            "wrong": pd.DataFrame(wrong, columns=WRONG),
            "paths": table,
        }, plans.get(str(best["path"]), {})

    def _switch(self, policy: Policy, post: Signpost, other: Policy, title: str) -> dict[str, Any]:
        """Make the plan that starts with one action and switches to another when the trigger fires."""
        return {
            "label": title,
            "steps": [{"policy": brief(policy)}],
            "when": [{"if": post.condition, "then": brief(other)}],
        }

    def _tipping(self, tips: Months) -> dict[str, Any]:
        fails = np.isfinite(tips)
        by_set = fails.reshape(-1, len(self.inputs.seeds)).mean(axis=1)
        return {
            "runs": len(tips),
            "fails": float(fails.mean()),
            **_quarters(tips),
            "least_by_set": float(by_set.min()),
            "most_by_set": float(by_set.max()),
        }

    def _signpost(self, name: str, post: Signpost, tips: Months, fired: Months) -> dict[str, Any]:
        """Say how often a trigger fires in time, late and for nothing, on runs that did not choose it."""
        kinds, fails = timing(tips, fired, self.lead), np.isfinite(tips)
        n_fail, n_rest = int(fails.sum()), int((~fails).sum())
        shares: dict[str, float] = {}
        for key, kind, n in (
            ("rightly", RIGHTLY, n_fail),
            ("late", LATE, n_fail),
            ("for_nothing", FOR_NOTHING, n_rest),
        ):
            hits = int((kinds == kind).sum())
            low, high = share_interval(hits, n)
            shares |= {key: hits / n if n else np.nan, f"{key}_low": low, f"{key}_high": high}
        known = fired[np.isfinite(fired)]
        return {
            "action": name,
            "condition": post.condition,
            "skill": skill(tips, fired, self.lead),
            **shares,
            "fails": n_fail,
            "meets": n_rest,
            "month": float(np.median(known)) if len(known) else np.nan,
        }

    def _path(
        self,
        name: str,
        other: str,
        runs: Track,
        tips: Months,
        now: Numbers,
        post: Signpost | None = None,
        fired: Months | None = None,
    ) -> dict[str, Any]:
        """Sum up an action, or a switch, over the runs."""
        known = np.empty(0) if fired is None else fired[np.isfinite(fired)]
        success = ~np.isfinite(tips)
        low, high = share_interval(int(success.sum()), len(tips))
        gains = success.astype(float) - now
        below, above = mean_interval(gains)
        return {
            "path": f"{name}, then {other}" if other else name,
            "action": name,
            "then": other,
            "condition": post.condition if post is not None else "",
            "switches": len(known) / len(tips),
            "switch_month": float(np.median(known)) if len(known) else np.nan,
            "meets": float(success.mean()),
            "low": low,
            "high": high,
            "gain": float(gains.mean()),
            "gain_low": below,
            "gain_high": above,
            **_quarters(tips),
            "effort": float(runs.effort.sum(axis=0).mean()),
        }

    def _wrong(
        self,
        name: str,
        posts: Mapping[Signpost, Months],
        paths: "pd.DataFrame",
        policies: Mapping[str, Policy],
        alone: Mapping[str, tuple[Track, Months]],
        advance: Callable[[int], Any],
    ) -> list[dict[str, Any]]:
        """Compare triggers of the present action by what they bring when they fire in time, late, and for nothing."""
        ours = paths[(paths["action"] == name) & (paths["then"] != "")]
        if not len(ours):
            return []
        other = str(ours.sort_values(["meets", "effort"], ascending=[False, True], kind="stable").iloc[0]["then"])
        before, tips = alone[name]
        rows = []
        for post, fired in list(posts.items())[:COMPARED]:
            plan = self._switch(policies[name], post, policies[other], "switch")
            runs, after = self.run(find_policy(plan), False, advance)
            kinds = timing(tips, fired, self.lead)
            added = (runs.effort - before.effort).sum(axis=0)
            for kind in (RIGHTLY, LATE, FOR_NOTHING, QUIET):
                mine = kinds == kind
                if mine.any():
                    rows.append({
                        "action": name, "then": other, "condition": post.condition, "fires": kind,
                        "runs": int(mine.sum()), "meets": float((~np.isfinite(after[mine])).mean()),
                        "without": float((~np.isfinite(tips[mine])).mean()), "effort": float(added[mine].mean()),
                    })  # fmt: skip
        return rows


SIGNPOSTS = (
    *("action", "condition", "skill", "rightly", "rightly_low", "rightly_high", "late", "late_low", "late_high"),
    *("for_nothing", "for_nothing_low", "for_nothing_high", "fails", "meets", "month"),
)
WRONG = ("action", "then", "condition", "fires", "runs", "meets", "without", "effort")


def _quarters(tips: Months) -> dict[str, float]:
    """Give the months by which a quarter, half and three quarters of all runs have failed; NaN where fewer do."""
    months = np.quantile(tips, [0.25, 0.5, 0.75], method="inverted_cdf")
    return dict(
        zip(("quarter", "half", "three_quarters"), np.where(np.isfinite(months), months, np.nan).tolist(), strict=True)
    )
