"""``sim.sweep``, ``sim.extend``, ``sim.load``: an experiment from Python; its results with tables and figures."""

import multiprocessing
import shutil
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.core.errors import InputError, RunsFailed, near
from sim.core.paths import path_of
from sim.core.sources import is_loading
from sim.model.scenario import Scenario
from sim.storage.atomic import atomic_folder
from sim.storage.digests import key_of
from sim.storage.kept_config import CONFIG
from sim.storage.results import csv_text
from sim.sweeps import operations
from sim.sweeps.inputs import plain_options
from sim.sweeps.results import SweepFolder
from sim.sweeps.runner import Bar
from sim.sweeps.spec import Executor, Experiment, Request, check, read_experiment
from sim.sweeps.status import format_makers

if TYPE_CHECKING:
    import pandas as pd

    from sim.viz.save import Figure

SHOWN = 12
"""Rows of the table of runs that a notebook shows."""


class Sweep(SweepFolder):
    """The results of a sweep: what ``SweepFolder`` reads, with figures, a text and a page, as every study has."""

    @property
    def summary(self) -> "pd.DataFrame":
        """A row a run; the same as ``runs``."""
        return self.runs

    @property
    def tables(self) -> Mapping[str, "pd.DataFrame"]:
        """The tables by name; each is read when it is used."""
        return _Tables(self)

    @property
    def key(self) -> str:
        """Eight hexadecimal digits of the configuration, the model and the user's own policies."""
        own = self.config["experiment"]["design"]["name"] == "file"
        rows = {"design": csv_text(self.design)} if own else {}
        return key_of({"config": self.config, "model": self.model, **rows})

    @property
    def figures(self) -> list[str]:
        """The names of the figures that the experiment describes."""
        return list(self.config["experiment"]["figures"])

    def figure(self, name: str) -> "Figure":
        """Draw one figure of the experiment.

        Args:
            name: one of ``figures``.

        Returns:
            A Matplotlib figure.

        Raises:
            InputError: if there is no such figure (the message lists the names), or nothing to draw.
        """
        from sim.viz.figures.sweep import draw, table_of

        if name not in self.figures:
            known = near(name, self.figures) if self.figures else "the experiment describes none (figures=)"
            raise InputError(f"figure {name!r}: there is no such figure; {known}")
        described = Experiment.model_validate(self.config["experiment"]).figures[name]
        table = table_of(self, described)
        if table["mean"].isna().all():
            months = self.config["experiment"]["months"]
            raise InputError(
                f"figure {name!r}: nothing to draw, {described.outcome} is not known after {months} months"
            )
        note = f"{self.described}; 95 % intervals over {table.attrs['over']}"
        drawn: Figure = draw(table, described, self.question, note, self.policies)
        return drawn

    def text(self) -> str:
        """Give what the command prints: how many runs there are, why no more, and what failed.

        Raises:
            InputError: if anything is damaged; the message says how to mend it.
        """
        self._checked()
        status = self.status()
        lines = [f"{status.done:,} runs of {status.points:,} points are in {self.folder}/ (model {status.model})."]
        if self.is_finished:
            stops = self.points["stopped"].value_counts()
            if list(stops.index) != ["all replications"]:
                counts = "; ".join(f"{why}: {n} points" for why, n in stops.items())
                lines.append(f"Replications: {counts} (see the table points).")
        missing = self.lacking()
        if missing:
            lines.insert(0, f"{missing}.")
        if len(status.made_by) > 1:
            lines.append(f"Made by several: {format_makers(status.made_by)}.")
        return "\n".join(lines)

    def report(self, path: str | Path | None = None) -> str:
        """Make the page: the answer in words, figures and tables in one HTML file that needs no network.

        Args:
            path: where to write the page; nowhere by default. A file that ends in .pptx becomes slides to edit, one
                that ends in .xlsx a spreadsheet.

        Returns:
            The page as HTML.

        Raises:
            InputError: if the sweep has no runs, or the page cannot be written.
        """
        from sim.studies.report.folder import numbers_of, save_page
        from sim.studies.report.page import finish, render
        from sim.studies.report.sweep import sweep_page

        page = finish(sweep_page(self.folder))
        return render(page) if path is None else save_page(page, path, numbers_of(self.folder))

    def save(self, folder: str | Path | None = None) -> Path:
        """Draw the figures beside their tables; with ``folder``, copy the whole sweep there.

        Tables, configuration, manifest and policies are in the sweep's own folder from the start.

        Args:
            folder: a new or empty folder for the copy; none by default.

        Returns:
            The folder with the figures.

        Raises:
            InputError: if the folder holds something else, or cannot be written.
        """
        from sim.viz.figures.sweep import draw_all

        draw_all(self)
        if folder is None or path_of(folder).resolve() == self.folder.resolve():
            return self.folder
        place = path_of(folder)
        with atomic_folder(place, "") as partial, self._store.locked():
            self._checked()
            shutil.copytree(self.folder, partial, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*"))
        return place

    def __repr__(self) -> str:
        return f"<Sweep {self.key}: {self.config['name']} in {self.folder}; tables {', '.join(self.tables)}>"

    def _repr_html_(self) -> str:
        """Show a notebook the question, how far the sweep is, and the first runs."""
        from html import escape

        runs = self.sql(f"SELECT * FROM runs ORDER BY run_id LIMIT {SHOWN}")
        head = escape(self.question or f"Sweep {self.config['name']}")
        figures = f"<p>Figures: {escape(', '.join(self.figures))}.</p>" if self.figures else ""
        return f"<p><b>{head}</b> ({self.key})</p><p>{escape(self.text())}</p>{runs.to_html(index=False)}{figures}"


class _Tables(Mapping[str, "pd.DataFrame"]):
    """The tables of a sweep, read when they are used."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep

    def _names(self) -> list[str]:
        points = ["points"] if self._sweep.is_finished else []
        return ["summary", *points, *self._sweep.config["experiment"]["record"], "failures"]

    def __getitem__(self, name: str) -> "pd.DataFrame":
        if name not in self._names():
            raise KeyError(name)
        return self._sweep.table("runs" if name == "summary" else name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())


def sweep(
    experiment: str | Mapping[str, Any] | None = None,
    folder: str | Path | None = None,
    *,
    executor: str | Mapping[str, Any] = "processes",
    progress: bool | None = None,
    other_model: bool = False,
    **options: Any,
) -> Sweep:
    """Run an experiment, or resume it, and give its results.

    Args:
        experiment: a shipped one's name, a YAML file, what such a file says, as a mapping, or the ``config.yaml`` of
            results, to run what they say.
        folder: where results are kept; ``results/NAME`` by default. With a folder and nothing else, the sweep
            that it holds is resumed.
        executor: ``serial``, ``processes`` or ``dask``, or ``{"name": "dask", "address": "tcp://..."}``.
        progress: show progress, as a bar on a terminal and as lines elsewhere; False for nothing.
        other_model: resume in a folder from another version of the model.
        **options: anything an experiment says, e.g. ``replications=50, space={"start.trust": [0.3, 0.6]}``.
            ``scenario`` may be a ``Scenario``; ``policies`` may hold policies, their classes, and functions that are
            written at the top level of a file; ``design`` may be a table with a row per point.

    In a script, call it below ``if __name__ == "__main__":``, as worker processes read the script too.

    Returns:
        The results: tables, figures, a page.

    Raises:
        InputError: (a ``ValueError``) if something cannot be used; the message says what and what to do.
    """
    _refuse_workers("sim.sweep")
    if experiment is None and not options and folder is not None:
        place = path_of(folder)
        with Bar(progress) as bar:
            operations.resume(place, _executor(executor), bar, other_model)
        return Sweep(place)
    if experiment is None and not options:
        raise InputError("sim.sweep: give an experiment's name, a mapping, or options such as space={...}")
    request = _request(experiment, folder, executor, options)
    with Bar(progress) as bar:
        operations.start(request, bar, f"sim.sweep({str(experiment)[:60]!r}, ...)", other_model)
    return Sweep(request.folder)


def extend(
    folder: str | Path,
    *,
    executor: str | Mapping[str, Any] = "processes",
    progress: bool | None = None,
    **options: Any,
) -> Sweep:
    """Add replications, design points or policies to a sweep; nothing finished is run again.

    Args:
        folder: the sweep's folder.
        executor: as for ``sim.sweep``.
        progress: show progress, as a bar on a terminal and as lines elsewhere; False for nothing.
        **options: what is added: ``replications=400``, ``policies=["connecting"]`` (added to those there),
            ``space={"start.trust": [...]}``, ``design={"n": 2048}`` or a table, ``precision={...}``.

    Returns:
        The results: tables, figures, a page.

    Raises:
        InputError: if a change would alter finished runs, or the folder is of another model or policy.
    """
    _refuse_workers("sim.extend")
    if not options:
        raise InputError("sim.extend: say what to add, for example replications=400")
    changes, scenarios = plain_options(options)
    if scenarios:
        raise InputError("sim.extend: scenarios cannot be added as objects; sweep them into another folder")
    place = path_of(folder)
    command = f"sim.extend({', '.join(f'{k}={v}' for k, v in changes.items())})"[:200]
    with Bar(progress) as bar:
        operations.extend(place, changes, _executor(executor), bar, command)
    return Sweep(place)


def load(folder: str | Path) -> Sweep:
    """Load the results of a sweep from its folder.

    A warning says what is missing: runs that are not simulated yet, and runs that failed.

    Args:
        folder: a sweep's folder, finished or not.

    Raises:
        InputError: if it holds no sweep, or its manifest was damaged or changed by hand.
    """
    swept = Sweep(folder)
    missing = swept.lacking()
    if missing:
        warnings.warn(f"{swept.folder}: {missing}", stacklevel=2)
    return swept


def refuse_failed(runs: Sweep) -> Sweep:
    """Give a sweep back if no run of it failed: what follows would rest on the others alone.

    Raises:
        RunsFailed: the message says how to try them again.
    """
    failures = runs.failures
    if len(failures):
        raise RunsFailed(
            f"{len(failures):,} runs failed (the first: {failures['error'][0]}), so there is no result; the others are "
            f"kept. Try them again with: partnership retry-failed folder={runs.folder}, then give the same command"
        )
    return runs


def _request(
    experiment: str | Mapping[str, Any] | None, folder: str | Path | None, executor: Any, options: Mapping[str, Any]
) -> Request:
    name, data, scenarios = "sweep", dict[str, Any](), dict[str, Scenario]()
    if isinstance(experiment, str):
        of_results = Path(experiment).name == CONFIG
        name, data, scenarios = read_experiment(*((None, experiment) if of_results else (experiment, None)))
    else:
        data = dict(experiment or {})
    plain, own = plain_options({**data, **options, "executor": executor})
    return check(name, plain, path_of(folder or f"results/{name}"), scenarios | own)


def _executor(executor: str | Mapping[str, Any]) -> Executor:
    return check("sweep", {"executor": executor}, Path()).executor


def _refuse_workers(call: str) -> None:
    """Refuse to start a sweep while a script is only read, by a worker or to find a policy in it."""
    if multiprocessing.parent_process() is not None or is_loading():
        raise InputError(
            f"{call}: called while your script is imported, as workers do; put it below if __name__ == '__main__':"
        )
