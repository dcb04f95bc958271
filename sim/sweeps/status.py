"""How far a sweep is, what it lacks, and what made its runs."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from sim.sweeps.store import Store


@dataclasses.dataclass(frozen=True)
class Status:
    """How far a sweep is. ``planned`` leaves out the replications that ``precision`` may add."""

    done: int
    planned: int
    failed: int
    damaged: tuple[str, ...]
    log_damage: str
    uncounted: int
    model: str
    points: int
    made_by: tuple[dict[str, Any], ...]


def status_of(store: Store) -> Status:
    """Count what is done, and read every shard to see whether it is as it was written."""
    return Status(
        done=store.n_runs,
        planned=planned_runs(store),
        failed=len(store.failures()),
        damaged=tuple(shard for line in store.done.values() for shard in store.damage(line)),
        log_damage=store.log_damage,
        uncounted=0 if store.at_work() else len(store.uncounted()),
        model=str(store.manifest["model"]),
        points=store.design()["point"].nunique(),
        made_by=tuple(store.made_by()),
    )


def planned_runs(store: Store) -> int:
    """Count the runs that a sweep asks for; replications that ``precision`` may add are left out."""
    experiment, n_points = store.config["experiment"], store.design()["point"].nunique()
    return int(experiment["replications"] * max(len(experiment["policies"]), 1) * n_points)


def lacking(store: Store) -> str:
    """Say what a sweep lacks, in a sentence: runs not simulated yet, and runs that failed; empty if nothing."""
    failed, parts = len(store.failures()), []
    if not store.is_finished:
        parts.append(
            f"This sweep is not finished: {store.n_runs:,} of {planned_runs(store):,} runs are done (partnership sweep "
            f"folder={store.folder} resumes it)"
        )
    if failed:
        parts.append(
            f"{failed:,} {'run' if failed == 1 else 'runs'} failed and {'is' if failed == 1 else 'are'} missing "
            f"(partnership status folder={store.folder} says why, partnership retry-failed folder={store.folder} tries "
            "again)"
        )
    return "; ".join(parts)


def format_makers(made_by: Sequence[Mapping[str, Any]]) -> str:
    """Name the versions and the kind of machine that made runs; where there are several, in what they differ.

    Args:
        made_by: as ``Store.made_by`` gives it.
    """
    if not made_by:
        return ""
    common = set.intersection(*(set(entry["versions"].items()) for entry in made_by))
    shared = ", ".join(f"{k} {v}" for k, v in made_by[0]["versions"].items() if (k, v) in common)
    if len(made_by) == 1:
        return shared or "not known"
    parts = []
    for entry in made_by:
        own = ", ".join(f"{k} {v}" for k, v in entry["versions"].items() if (k, v) not in common)
        own = own or "versions not known (taken over from a sweep that was killed)"
        parts.append(f"{entry['runs']:,} runs by {own}")
    return f"{'; '.join(parts)}{f'; all by {shared}' if shared else ''}"
