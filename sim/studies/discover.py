"""``sim.discover``: where policies fail in a finished sweep (boxes), and which policy is best where (a map)."""

import dataclasses
import hashlib
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sim.core.errors import InputError, near
from sim.model.outcomes import SUMMARY, outcome_named
from sim.model.outcomes.base import Outcome
from sim.studies.identity import check_folder, identify
from sim.studies.inputs import python_call
from sim.studies.result import Result

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.sweep import Sweep
    from sim.viz.save import Figure

COLUMNS_OF_A_RUN = ("policy", "point", "seed", "run", "run_id", "row", "scenario")
"""Columns of a table of runs that name a run; the others are outcomes or what varies."""


@dataclasses.dataclass(frozen=True, repr=False)
class Discovery(Result):
    """Where policies fail, and which policy is best where.

    Attributes:
        boxes: the limits of each box in which failures are frequent, tested in the other half of the points.
        regimes: the best policy in each cell of two parameters, with its verdict.
        findings: the boxes in sentences, policy by policy.
        problem: why there are no boxes or no map, or "".
    """

    command: ClassVar[str] = "discover"
    source: str = ""
    findings: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    problem: str = ""

    @property
    def title(self) -> str:
        """The outcome and where the runs come from."""
        return f"{self.config['outcome'].replace('_', ' ').capitalize()} in {self.source}"

    @property
    def name(self) -> str:
        """The outcome and the threshold."""
        return str(self.config["outcome"])

    @property
    def note(self) -> str:
        """Where the runs come from, and the key: below the map."""
        return f"{self.source}, configuration {self.key}"

    def text(self) -> str:
        """Give what the command prints: the boxes in sentences, and how often each policy is best.

        Returns:
            Lines of plain text.
        """
        return "\n".join([self.source, *self.findings, *self._regime_lines()])

    def _regime_lines(self) -> list[str]:
        if "regimes" not in self.tables:
            return []
        table, (x, y) = self.tables["regimes"], self.config["over"]
        head = f"Best policy by mean {self.config['outcome']} ({self.config['better']} is better)"
        lines = ["", f"{head} in {len(table)} cells of {x} and {y}:"]
        for policy in self.policies:
            decided = table["verdict"][table["best"] == policy] == "decided"
            sure, unsure = int(decided.sum()), int((~decided).sum())
            lines.append(f"  {policy:<24} {sure:>3} significantly better than all others, {unsure:>3} undecided")
        for reason, n in table["verdict"][table["best"].isna()].value_counts().items():
            lines.append(f"  {reason:<24} {n:>3}")
        return lines

    def draw(self) -> dict[str, Callable[[], "Figure"]]:
        """Give the one figure, ``map``: the best policy in each cell."""
        if "regimes" not in self.tables:
            return {}

        def draw_map() -> "Figure":
            from sim.viz.figures.report import regimes_figure

            doc = _fact(self.config["outcome"]).doc
            title = f"Best policy by {doc[0].lower()}{doc[1:]} ({self.config['better']} is better)"
            x, y = self.config["over"]
            return regimes_figure(self.tables["regimes"], x, y, title, self.note, self.policies)

        return {"map": draw_map}


def discover(
    runs: "Sweep | str | Path | pd.DataFrame",
    outcome: str = "retention_60",
    *,
    below: float | None = None,
    above: float | None = None,
    policy: str | None = None,
    each: Literal["point", "run"] = "point",
    x: str | None = None,
    y: str | None = None,
    better: str | None = None,
    seed: int = 0,
    inputs: Sequence[str] | None = None,
    folder: str | Path | None = None,
    call: str | None = None,
) -> Discovery:
    """Search a sweep for boxes in which a policy fails, and map which policy is best where.

    Args:
        runs: a sweep, its folder, or a table with a row for each run: ``policy``, ``seed``, the outcome, and a column
            for each parameter that varies (``point`` tells design points apart; without it, the parameters do).
        outcome: an outcome of a run.
        below: a point (or run) fails below this value. Without ``below`` and ``above`` only the map is made.
        above: a point (or run) fails above this value; give one of the two.
        policy: whose failures; each policy in turn by default.
        each: ``point``: a design point fails, by its mean over replications; or ``run``: a run fails.
        x: the parameter along the map; with ``y``. By default what limits the boxes, or else what varies first.
        y: the parameter up the map.
        better: ``more`` or ``less``; by default as the outcome declares.
        seed: which half of the points is searched.
        inputs: for a table, the columns that vary; by default all that are neither names of the run nor outcomes.
        folder: save the result there too.
        call: what made the result, for the manifest; by default this call.

    Returns:
        The discovery: ``.boxes``, ``.regimes``, ``.text()``, ``.figure("map")``. Where boxes cannot be searched but
        the map can be made, ``.problem`` says why.

    Raises:
        InputError: (a ``ValueError``) for anything that cannot be used.
    """
    import pandas as pd

    from sim.analysis.scenario_discovery import outcome_of_runs

    fails = _threshold(below, above)
    _check_options(each, x, y, seed)
    if isinstance(runs, pd.DataFrame):
        table, varying = _from_table(runs, outcome, inputs)
        source, origin = f"a table of {len(table):,} runs", {}
    else:
        sweep = _opened(runs)
        table = outcome_of_runs(sweep, outcome)
        varying = _varying(table, sweep)
        source = f"{sweep.config['name']}, {len(table):,} runs, model {sweep.model}"
        origin = {"sweep": sweep.config["name"], "sweep_model": sweep.model}
    policies = [str(name) for name in dict.fromkeys(table["policy"])]
    if policy is not None and policy not in policies:
        raise InputError(f"policy={policy}: is not in the sweep; {near(policy, policies)}")
    results: dict[str, pd.DataFrame] = {}
    findings, limited, problem = list[str](), list[str](), ""
    if fails:
        try:
            results["boxes"], findings = _boxes(
                table, [policy] if policy else policies, varying, outcome, fails, each, seed
            )
            limited = results["boxes"].loc[results["boxes"]["confirmed"].astype(bool), "parameter"].tolist()
        except InputError as error:  # a map may still be made
            problem = str(error)
    over = [x, y] if x and y else [*dict.fromkeys([*limited, *varying])][:2]
    direction = better or _fact(outcome).better
    if x or (len(policies) > 1 and len(over) == 2):
        results["regimes"] = _regimes(table, over, outcome, better)
    elif not fails:
        raise InputError(f"{source}: a map needs two policies and two things that vary; for boxes, give below=")
    elif problem:
        raise InputError(problem)
    options = {"outcome": outcome, **fails, "policy": policy, "each": each, "over": over, "better": direction}
    digest = hashlib.sha256(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes()).hexdigest()
    identity = identify({**options, "seed": seed, **origin, "runs": digest[:16]})
    call = call or python_call("sim.discover", runs=source, outcome=outcome, **fails)
    discovery = Discovery(
        results, identity, (), call, source=source, findings=tuple(findings), policies=tuple(policies), problem=problem
    )
    if folder is not None:
        check_folder(folder, identity)
        discovery.save(folder)
    return discovery


def _threshold(below: float | None, above: float | None) -> dict[str, float]:
    fails = {key: value for key, value in (("below", below), ("above", above)) if value is not None}
    for key, value in fails.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise InputError(f"{key}={value}: give a number, for example {key}=0.5")
    if len(fails) == 2:
        raise InputError("below= and above=: give one of the two")
    return {key: float(value) for key, value in fails.items()}


def _check_options(each: str, x: str | None, y: str | None, seed: int) -> None:
    if each not in ("point", "run"):
        raise InputError(f"each={each}: give point or run")
    if bool(x) != bool(y):
        raise InputError("x= and y=: give both, or neither")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise InputError(f"seed={seed}: give a whole number from 0 to {2**32 - 1}")


def _fact(outcome: str) -> Outcome:
    """Give what is declared of an outcome of a run."""
    fact = outcome_named(outcome)
    if fact is None:
        own = "; of a table's own outcomes nothing is known: load the sweep" if outcome.isidentifier() else ""
        raise InputError(f"there is no outcome '{outcome}'; {near(outcome, [o.name for o in SUMMARY])}{own}")
    return fact


def _opened(runs: Any) -> "Sweep":
    from sim.studies.sweep import Sweep, load

    return runs if isinstance(runs, Sweep) else load(runs)


def _varying(table: "pd.DataFrame", sweep: "Sweep") -> list[str]:
    from sim.analysis.scenario_discovery import dimensions

    return [name for name in dimensions(sweep) if table[name].nunique() > 1]


def _from_table(runs: "pd.DataFrame", outcome: str, inputs: Sequence[str] | None) -> tuple["pd.DataFrame", list[str]]:
    """Take what is needed from a table of runs: the outcome, what varies, and the design point of each run."""
    missing = [name for name in ("policy", "seed", outcome, *(inputs or ())) if name not in runs]
    if missing:
        raise InputError(f"the table of runs has no column '{missing[0]}'; {near(missing[0], runs.columns)}")
    _fact(outcome)
    free = [str(c) for c in runs if outcome_named(str(c)) is None and c not in COLUMNS_OF_A_RUN]
    names = list(inputs) if inputs is not None else free
    varying = [name for name in names if runs[name].nunique() > 1]
    point = runs["point"] if "point" in runs else runs.groupby(varying, sort=False).ngroup() if varying else 0
    table = runs[["policy", "seed", outcome, *names]].assign(point=point)
    return table.sort_values(["policy", "point", "seed"], kind="stable", ignore_index=True), varying


def _boxes(
    table: "pd.DataFrame",
    policies: Sequence[str],
    varying: list[str],
    outcome: str,
    fails: dict[str, float],
    each: str,
    seed: int,
) -> tuple["pd.DataFrame", list[str]]:
    """Search for boxes under each policy; gives the limits and, in sentences, what they say."""
    import pandas as pd

    from sim.analysis.scenario_discovery import boxes, cases, describe_boxes

    tables, lines = [], []
    ((side, threshold),) = fails.items()
    for policy in policies:
        rows = cases(table[table["policy"] == policy], outcome, **fails, each=each)
        values, known = rows[outcome], int(rows["fails"].notna().sum())
        means = ", means over replications," if each == "point" else ""
        lines += ["", f"{policy}: {outcome} {side} {threshold:g}"]
        lines.append(f"  {known:,} {each}s{means} range from {values.min():.3g} to {values.max():.3g}")
        if known < len(rows):
            lines.append(f"  left out, as {outcome} is not known: {len(rows) - known:,} {each}s")
        limits = boxes(rows, varying, "fails", seed)
        lines += [f"  {line}" for line in describe_boxes(limits)]
        limits.insert(0, "fails", f"{outcome} {side} {threshold:g}")
        limits.insert(0, "policy", policy)
        tables.append(limits)
    return pd.concat([t for t in tables if len(t)] or tables[:1], ignore_index=True), lines


def _regimes(table: "pd.DataFrame", over: list[str], outcome: str, better: str | None) -> "pd.DataFrame":
    """Map which policy is best over two parameters."""
    from sim.analysis.regimes import regimes

    direction = better or _fact(outcome).better
    if not direction:
        raise InputError(f"{outcome}: neither more nor less is better by itself; give better=more or better=less")
    return regimes(table, over[0], over[1], outcome, direction)
