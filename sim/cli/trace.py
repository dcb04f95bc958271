"""``partnership trace``: one world under two policies; where they part, and what followed for whom."""

from pathlib import Path
from typing import Any

from sim.config.job import Job, compose, fingerprint
from sim.core.errors import InputError
from sim.model.policies.registry import label
from sim.storage.atomic import atomic_folder
from sim.storage.results import command_line, write_settings, write_table
from sim.studies.trace_text import name_of, tell_pair
from sim.viz.save import save_figure

HELP = """\
Ask why one policy turned out otherwise than another: one world, lived twice.

  partnership trace                                              # neutral beside adaptive_tracking, world 0
  partnership trace 'policies=[neutral,adaptive_tracking]' seed=7
  partnership trace 'policies=[safeguarding,adaptive]' seed=3 scenario=public_health
  partnership trace seed=7 member=12                             # this member's two lives side by side
  partnership trace 'policies=[adaptive,{name: adaptive, connect: 0}]'   # one setting changed: the nearest to a cause

The same seed is the same world: the same partners, and for each partner, month and decision the same draws, whatever the
policy. So all that differs between the two runs comes from the policies. Read it from the top:

  1 Where they part: the first month in which the orchestrator spends otherwise, in which anything about a member
    differs, in which something happens in one run alone, and in which a founder leaves in one run alone.
  2 What followed for one member (member=, or else the first founder whose leaving differs): effort, then tension and
    what is shared, then leaks, value and patience, then exit; each from the month in which the two clearly differ
    (by a tenth of the largest value in either life), until it leaves in one of them.
  3 Which founders' fates differ, and the outcomes at the end.

Where they part is the first difference, not a proof of the cause: later everything acts on everything. To come nearer
to a cause, let the two policies differ in one setting; and one world is one case: `partnership compare` takes many.

Takes key=value: policies=[...,...] (exactly two), seed=, member=, scenario=, sectors=, months=, engine=, folder=, and
any parameter by its dotted path. Writes fates.csv, chain.csv, divergence.csv, the tables of both runs, a figure, the
resolved configuration and a manifest.
"""

DEFAULT = "policies=[neutral,adaptive_tracking]"


def main(arguments: list[str]) -> None:
    """Run the command."""
    job, member = _read(arguments)
    resolved = {k: v for k, v in job.resolved().items() if k not in ("policy", "replications")} | {"member": member}
    key = fingerprint(resolved)
    names = [label(p) for p in job.compared]
    folder = Path(job.folder or f"results/trace-{names[0].split()[0]}-{names[1].split()[0]}-{job.seed}-{key}")
    with atomic_folder(folder, key) as partial:
        runs = _simulate(job)
        found = _analyse(runs, member)
        _write(job, runs, found, partial, key, command_line("trace", arguments))
        write_settings(partial, resolved, [job.seed], command_line("trace", arguments))
    tell_pair(job, runs, names, found, side_by_side=member is not None)
    print(f"\nThe figure (trace.png), tables and the configuration are in {folder}/")


def _read(arguments: list[str]) -> tuple[Job, int | None]:
    """Compose the job, of exactly two policies, and the member asked for."""
    from sim.config.hydra import value_of

    asked = [a for a in arguments if a.partition("=")[0] == "member"]
    rest = [a for a in arguments if a not in asked]
    member = value_of(asked[-1]) if asked else None
    if asked and (isinstance(member, bool) or not isinstance(member, int) or member < 0):
        raise InputError(f"{asked[-1]}: give the number of a member, from 0, for example member=12")
    if not any(a.partition("=")[0] == "policies" for a in rest):
        rest.append(DEFAULT)
    job = compose(rest, unused={"policy": DEFAULT, "replications": "seed=NUMBER"})
    if len(job.compared) != 2:
        raise InputError(f"policies names {len(job.compared)}: trace takes exactly two, for example {DEFAULT}")
    return job, member


def _simulate(job: Job) -> Any:
    from sim.engine.simulate import RECORDS, simulate

    given: dict[str, Any] = {"record": RECORDS, "engine": job.engine}
    return [simulate(job.scenario, [job.seed], policy, job.months, **given) for policy in job.compared]


def _analyse(runs: Any, member: int | None) -> dict[str, Any]:
    """Find where the two part, every founder's fates, most different first, and what followed for one member."""
    from sim.analysis.divergence import chain, fates, first_divergence

    parting, lived = first_divergence(*runs), fates(*runs)
    concerned = parting.set_index("place")["member"]
    chosen = member if member is not None else int(concerned.get("exit", concerned.get("member", 0)))
    ordered = lived.assign(size=-lived["months"].abs().fillna(0)).sort_values(["size", "member"]).drop(columns="size")
    return {"divergence": parting, "fates": ordered, "member": chosen, "chain": chain(runs[0], runs[1], chosen)}


def _write(job: Job, runs: Any, found: dict[str, Any], folder: Path, key: str, command: str) -> None:
    import pandas as pd

    from sim.analysis.story import exits, life
    from sim.viz.figures.trace import why_figure

    for name in ("divergence", "fates", "chain"):
        found[name].to_csv(folder / f"{name}.csv", index=False)
    for name in ("summary", "series", "members", "events"):
        write_table(pd.concat([getattr(run, name) for run in runs], ignore_index=True), folder / f"{name}.parquet")
    member, note = found["member"], f"{job.scenario.title}, world {job.seed}, configuration {key}"
    lives = [(life(run, member), exits(run)["kind"].str.removeprefix("exit ").get(member, "stays")) for run in runs]
    figure = why_figure(
        found["fates"], lives, (name_of(runs, member), member), job.months, job.scenario.grant.months, note
    )
    save_figure(figure, folder / "trace", f"{command} | {note}")
