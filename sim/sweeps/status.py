"""How far a sweep is, and whether everything in its folder is in order."""

import dataclasses

from sim.sweeps.store import Store


@dataclasses.dataclass(frozen=True)
class Status:
    """How far a sweep is. ``planned`` leaves out the worlds that ``precision`` may add."""

    done: int
    planned: int
    failed: int
    damaged: tuple[str, ...]
    broken_lines: int
    model: str
    points: int


def status_of(store: Store) -> Status:
    """Count what is done, and read every shard to see whether it is as it was written."""
    experiment = store.config["experiment"]
    n_points = store.design()["point"].nunique()
    worlds = experiment["replications"] * max(len(experiment["policies"]), 1) * n_points
    done = sum(line["runs"] for line in store.done.values())
    damaged = tuple(shard for line in store.done.values() for shard in store.damage(line))
    model = str(store.manifest["model"])
    return Status(done, worlds, len(store.failures()), damaged, store.broken_lines, model, n_points)
