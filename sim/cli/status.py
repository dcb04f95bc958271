"""``partnership status``: how far a sweep is, and whether its folder is in order."""

from sim.core.errors import InputError, print_safe

HELP = """\
Print how far a sweep is, what failed, which versions made the runs, and whether they are as they were written.

  partnership status folder=results/pause_and_trust

`partnership verify` reads every other file of the folder too.
"""

SHOWN = 10


def main(arguments: list[str]) -> None:
    """Run the command."""
    from sim.cli.sweep import folder_and
    from sim.storage.digests import model_version
    from sim.studies.sweep import Sweep
    from sim.sweeps.status import format_makers

    folder, rest, _ = folder_and(arguments, "status")
    if rest:
        raise InputError(f"'{rest[0]}': status takes a folder and nothing else")
    sweep = Sweep(folder)
    status = sweep.status()
    if sweep.question:
        print_safe(f"{sweep.question}\n")
    at_work = "; a sweep is running in it now" if sweep.at_work() else ""
    print_safe(f"{folder}/: {status.done:,} of {status.planned:,} runs done, {status.failed:,} failed{at_work}")
    if status.done > status.planned:
        print_safe("  (replications were added until the difference was precise)")
    same = status.model == model_version()
    other = "" if same else f", not this one ({model_version()})"
    print_safe(f"  {status.points:,} points; model {status.model}{other}")
    if status.made_by:
        print_safe(f"  {'made by several: ' if len(status.made_by) > 1 else 'made by '}{format_makers(status.made_by)}")
    for command in sweep.commands:
        print_safe(f"  {command}")
    for shard in status.damaged[:SHOWN]:
        print_safe(f"  damaged or missing: {shard}")
    if status.log_damage:
        print_safe(f"  done.jsonl: {status.log_damage}")
    if status.uncounted:
        print_safe(f"  {status.uncounted} finished tasks in runs/ are not counted in done.jsonl")
    if status.damaged or status.log_damage or status.uncounted:
        print_safe(f"  partnership sweep folder={folder} mends this; everything else is kept")
    if status.failed:
        failures = sweep.failures
        for row in failures.head(SHOWN).itertuples():
            print_safe(f"  failed: {row.run_id} ({row.policy}, point {row.point}, seed {row.seed}): {row.error}")
        if status.failed > SHOWN:
            print_safe(f"  ... and {status.failed - SHOWN} more: partnership export folder={folder} table=failures")
        print_safe(f"  partnership retry-failed folder={folder} tries them again")
    if status.done + status.failed < status.planned and not sweep.at_work():
        print_safe(f"  partnership sweep folder={folder} resumes it")
