"""``partnership discover``: where, in a finished sweep, a policy fails, and which policy is best where."""

import dataclasses
import math
from pathlib import Path
from typing import Any

from sim.core.errors import InputError, near, tell
from sim.storage.results import write_csv

HELP = """\
Say where, in a sweep that is done, policies fail, and which policy is best where.

  partnership discover folder=results/wide outcome=retention_60 below=0.3
  partnership discover folder=results/wide outcome=retention_60 below=0.3 policy=adaptive_tracking each=run
  partnership discover folder=results/safeguarding_and_leaks outcome=society_value x=rules.leak.loss y=size.segments

Failing is yours to define: below=NUMBER or above=NUMBER of an outcome (`partnership describe outcomes`). A box is a
part of the space, limits on a few parameters, in which failures are frequent. It is searched in half of the points
(PRIM) and tested in the other half, which gives the share that fails there. A box that does not show
there is "not confirmed": it fits only the points it was found in, or there are too few points to tell.

The map shows the best policy by mean outcome, a letter and colour each; in brackets where it is within noise: compared
with every other policy in the same points and worlds, at 5 % for each cell after Holm's correction.

Takes key=value:
  outcome=NAME       retention_60 by default
  below=, above=     what failing is; without either, only the map is made
  policy=NAME        whose failures; each policy in turn by default
  each=point         a point fails, by its mean over worlds; or each=run, a run fails
  x=PATH y=PATH      what the map is over; by default what limits the boxes, or else the first that varies
  better=more        or less; by default as the outcome says
  seed=0             which half of the points is searched

Writes boxes.csv, regimes-OUTCOME-X-Y.csv and the map (PNG, SVG) below discover/ in the folder. Boxes need the package
prim: python -m pip install 'partnership-dynamics[analysis]'. They need tens of points, better hundreds (design=sobol).
"""

TAKES = ("outcome", "below", "above", "policy", "each", "x", "y", "better", "seed")


@dataclasses.dataclass(frozen=True)
class Asked:
    """What the user asked for; ``fails`` holds below or above with its number, or nothing."""

    fails: dict[str, float]
    outcome: str = "retention_60"
    policy: str = ""
    each: str = "point"
    x: str = ""
    y: str = ""
    better: str = ""
    seed: str = "0"


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.analysis.scenario_discovery import dimensions, outcome_of_runs
    from sim.cli.sweep import folder_and
    from sim.storage.atomic import refuse_links
    from sim.storage.results import command_line
    from sim.sweeps.results import load

    folder, rest, _ = folder_and(arguments, "discover")
    refuse_links(folder, ("discover",))
    asked, sweep = _asked(rest), load(folder)
    runs = outcome_of_runs(sweep, asked.outcome)
    policies = [p for p in dict.fromkeys(sweep.policies) if p in set(runs["policy"])]
    if asked.policy and asked.policy not in policies:
        raise InputError(f"policy={asked.policy}: is not in {folder}; {near(asked.policy, policies)}")
    varying = [name for name in dimensions(sweep) if runs[name].nunique() > 1]
    note = f"{sweep.config['name']}, {len(runs):,} runs, model {sweep.model}"
    unfinished = "" if (folder / "points.parquet").is_file() else "; the sweep is not done yet"
    if sweep.question:
        tell(f"{sweep.question}\n")
    tell(f"{folder}/: {note}{unfinished}")
    limited, problem = [], None
    if asked.fails:
        try:
            limited = _boxes(runs, [asked.policy] if asked.policy else policies, varying, asked, folder / "discover")
        except InputError as error:  # a map may still be made
            problem = error
    over = [asked.x, asked.y] if asked.x else [*dict.fromkeys([*limited, *varying])][:2]
    if asked.x or (len(policies) > 1 and len(over) == 2):
        _regimes(runs, policies, over, asked, folder / "discover", f"{command_line('discover', arguments)} | {note}")
    elif not asked.fails:
        problem = InputError(f"{folder}: a map needs two policies and two things that vary; for boxes, give below=")
    if problem:
        raise problem


def _asked(rest: list[str]) -> Asked:
    """Read what was asked for."""
    given = dict(a.partition("=")[::2] for a in rest)
    for key in given:
        if key not in TAKES:
            raise InputError(f"'{key}': discover takes folder=, {'=, '.join(TAKES)}=")
    fails: dict[str, float] = {key: _number(key, given.pop(key)) for key in ("below", "above") if key in given}
    if len(fails) == 2:
        raise InputError("below= and above=: give one of the two")
    asked = Asked(fails, **given)
    if asked.each not in ("point", "run"):
        raise InputError(f"each={asked.each}: give point or run")
    if bool(asked.x) != bool(asked.y):
        raise InputError("x= and y=: give both, or neither")
    if not asked.seed.isdecimal() or int(asked.seed) >= 2**32:
        raise InputError(f"seed={asked.seed}: give a whole number from 0 to {2**32 - 1}")
    return asked


def _number(key: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{key}={text}: give a number, for example {key}=0.5")
    return value


def _boxes(runs: Any, policies: list[str], varying: list[str], asked: Asked, place: Path) -> list[str]:
    """Look for boxes under each policy, say and write what is found; gives the parameters that limit them."""
    import pandas as pd

    from sim.analysis.scenario_discovery import boxes, cases, sentences

    tables = []
    ((side, threshold),) = asked.fails.items()
    for policy in policies:
        table = cases(runs[runs["policy"] == policy], asked.outcome, **asked.fails, each=asked.each)
        values, known = table[asked.outcome], int(table["fails"].notna().sum())
        means = ", means over worlds," if asked.each == "point" else ""
        tell(f"\n{policy}: {asked.outcome} {side} {threshold:g}")
        tell(f"  {known:,} {asked.each}s{means} go from {values.min():.3g} to {values.max():.3g}")
        if known < len(table):
            tell(f"  left out, as {asked.outcome} is not known: {len(table) - known:,} {asked.each}s")
        found = boxes(table, varying, "fails", int(asked.seed))
        tell("\n".join(f"  {line}" for line in sentences(found)))
        found.insert(0, "fails", f"{asked.outcome} {side} {threshold:g}")
        found.insert(0, "policy", policy)
        tables.append(found)
    every = pd.concat([t for t in tables if len(t)] or tables[:1], ignore_index=True)
    place.mkdir(exist_ok=True)
    write_csv(every, place / "boxes.csv")
    tell(f"  {place / 'boxes.csv'}")
    return every.loc[every["confirmed"].astype(bool), "parameter"].tolist()


def _regimes(runs: Any, policies: list[str], over: list[str], asked: Asked, place: Path, about: str) -> None:
    """Say which policy is best where, write the table and draw the map."""
    from sim.analysis.regimes import regimes
    from sim.model.outcomes.summary import SUMMARY
    from sim.viz.figures.report import regimes_figure
    from sim.viz.save import save_figure

    (x, y), fact = over, next(o for o in SUMMARY if o.name == asked.outcome)
    better = asked.better or fact.better
    if not better:
        raise InputError(f"{fact.name}: neither more nor less is better by itself; give better=more or better=less")
    table = regimes(runs, x, y, fact.name, better)
    name = f"regimes-{fact.name}-{x}-{y}".replace(".", "_")
    place.mkdir(exist_ok=True)
    write_csv(table, place / f"{name}.csv")
    title = f"Best policy by {fact.doc[0].lower()}{fact.doc[1:]} ({better} is better)"
    save_figure(regimes_figure(table, x, y, title, about.rpartition(" | ")[2], policies), place / name, about)
    tell(f"\nBest policy by mean {fact.name} ({better} is better) in {len(table)} cells of {x} and {y}:")
    for policy in policies:
        sure = table["verdict"][table["best"] == policy] == "decided"
        tell(f"  {policy:<24} {int(sure.sum()):>3} beyond noise, {int((~sure).sum()):>3} ahead, not beyond noise")
    for why, n in table["verdict"][table["best"].isna()].value_counts().items():
        tell(f"  {why:<24} {n:>3}")
    tell(f"  {place / name}.csv, .png, .svg")
