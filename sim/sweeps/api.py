"""``sim.sweep``: an experiment from Python, a script or a notebook."""

import multiprocessing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.sweeps.operations import resume
from sim.sweeps.operations import sweep as start
from sim.sweeps.progress import Bar
from sim.sweeps.results import Sweep, load
from sim.sweeps.spec import check, experiment_data


def sweep(
    experiment: str | Mapping[str, Any] | None = None,
    folder: str | Path | None = None,
    *,
    executor: str | Mapping[str, Any] = "processes",
    progress: bool | None = None,
    other_model: bool = False,
    **settings: Any,
) -> Sweep:
    """Run an experiment, or go on with it, and give its results.

    Args:
        experiment: a shipped one's name, a YAML file, or what such a file says, as a mapping.
        folder: where results are kept; ``results/NAME`` by default. With a folder and nothing else, the sweep
            that it holds goes on.
        executor: ``serial``, ``processes`` or ``dask``, or ``{"name": "dask", "address": "tcp://..."}``.
        progress: show a bar; by default where there is a terminal.
        other_model: go on in a folder from another version of the model.
        **settings: anything an experiment says, e.g. ``replications=50, space={"start.trust": [0.3, 0.6]}``.

    In a script, call it below ``if __name__ == "__main__":``, as worker processes read the script too.

    Raises:
        InputError: (a ``ValueError``) if anything given cannot be used; the message says what and what to do.
    """
    if multiprocessing.parent_process() is not None:
        raise InputError(
            "sim.sweep: called by a worker that reads your script; put it below if __name__ == '__main__':"
        )
    if experiment is None and not settings and folder is not None:
        return _going_on(path_of(folder), executor, progress, other_model)
    name = Path(experiment).stem if isinstance(experiment, str) else "sweep"
    if experiment is None and not settings:
        raise InputError("sim.sweep: give an experiment's name, a mapping, or settings such as space={...}")
    data = experiment_data(experiment) if isinstance(experiment, str) else dict(experiment or {})
    asked = check(name, _plain({**data, **settings, "executor": executor}), path_of(folder or f"results/{name}"))
    with Bar(progress) as bar:
        start(asked, bar, f"sim.sweep({str(experiment)[:60]!r}, ...)", other_model)
    return load(asked.folder)


def _plain(given: Any) -> Any:
    """Turn numbers and arrays of NumPy and pandas, wherever they stand, into Python's own."""
    if isinstance(given, Mapping):
        return {key: _plain(value) for key, value in given.items()}
    if isinstance(given, (list, tuple, range)):
        return [_plain(value) for value in given]
    return given.tolist() if hasattr(given, "tolist") else given


def _going_on(folder: Path, executor: Any, progress: bool | None, other_model: bool) -> Sweep:
    asked = check("sweep", {"executor": executor}, folder)
    with Bar(progress) as bar:
        resume(asked.folder, asked.executor, bar, other_model)
    return load(folder)
