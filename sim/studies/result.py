"""``Result``: what every study returns. Tables, figures, a text, a page, and a folder that says what made it."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sim.core.errors import InputError, near
from sim.core.paths import file_name
from sim.storage.atomic import atomic_folder, write_atomic
from sim.studies.identity import Identity, check_folder, keep_policies

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.report.page import Page
    from sim.viz.save import Figure

PARQUET = ("summary", "series", "members", "events", "runs")
"""Tables with a row for each run, month or event are saved as Parquet; the others as CSV."""

SHOWN = 12
"""Rows of the first table that a notebook shows."""


@dataclasses.dataclass(frozen=True, repr=False)
class Result:
    """The result of a study.

    A table is also an attribute: ``result.summary`` is ``result.tables["summary"]``.

    A subclass sets ``command`` (the name of its command), defines ``text`` and ``title``, and may define ``draw``
    (its figures), ``name`` (the middle of its folder's name), ``note`` (the line below its figures), ``page``,
    ``texts`` (further files of its folder) and ``parquet`` (tables that are saved as Parquet).

    Attributes:
        tables: tidy tables by name.
        identity: what determines the numbers: configuration, model, and digests of the user's own files.
        seeds: the seeds that were simulated, in order.
        call: the command or the Python call that made it.
    """

    tables: Mapping[str, "pd.DataFrame"]
    identity: Identity
    seeds: tuple[int, ...] = ()
    call: str = ""

    command: ClassVar[str] = "result"
    parquet: ClassVar[tuple[str, ...]] = PARQUET

    @property
    def config(self) -> dict[str, Any]:
        """The configuration: all that determines the result, as plain data."""
        return dict(self.identity.config)

    @property
    def key(self) -> str:
        """Eight hexadecimal digits of the configuration, the model and the user's own files."""
        return self.identity.key

    @property
    def title(self) -> str:
        """A heading for the page and the notebook."""
        return self.command.replace("_", " ").capitalize()

    @property
    def name(self) -> str:
        """What was studied, in a few characters: the middle of the folder's name; may be empty."""
        return ""

    @property
    def note(self) -> str:
        """One line that says where the numbers come from; below figures."""
        return f"configuration {self.key}"

    def text(self) -> str:
        """Give what the command prints.

        Returns:
            Lines of plain text; the first says what was simulated.
        """
        return self.title

    def texts(self) -> dict[str, str]:
        """Give further files of the folder, as texts by name."""
        return {}

    def draw(self) -> dict[str, Callable[[], "Figure"]]:
        """Give the figures by name, each as a function that draws it."""
        return {}

    @property
    def figures(self) -> list[str]:
        """The names of the figures."""
        return list(self.draw())

    def figure(self, name: str) -> "Figure":
        """Draw one figure.

        Args:
            name: one of ``figures``.

        Returns:
            A Matplotlib figure.

        Raises:
            InputError: if there is no figure of that name; the message lists the names.
        """
        known = self.draw()
        if name not in known:
            raise InputError(f"figure {name!r}: there is no such figure; {near(name, known) if known else 'none here'}")
        return known[name]()

    def page(self) -> "Page":
        """Give the content of the page that ``report`` writes."""
        from sim.studies.report.page import page_of

        return page_of(self)

    def report(self, path: str | Path | None = None) -> str:
        """Make the page: the answer in words, figures and tables in one HTML file that needs no network.

        Args:
            path: where to write the page; nowhere by default. A file that ends in .pptx becomes slides to edit, one
                that ends in .xlsx a spreadsheet.

        Returns:
            The page as HTML.

        Raises:
            InputError: if it cannot be written, or python-pptx (slides) or openpyxl (a spreadsheet) is missing.
        """
        from sim.studies.report.folder import save_page
        from sim.studies.report.page import finish, render

        page = finish(self.page())
        if path is None:
            return render(page)
        return save_page(page, path, {name: t for name, t in self.tables.items() if name not in self.parquet})

    def save(self, folder: str | Path | None = None) -> Path:
        """Write tables, figures, configuration, manifest and the user's policies to a folder, completely or not at all.

        A folder that holds the same result (the same ``key``) is replaced.

        Args:
            folder: where to; ``results/COMMAND-NAME-KEY`` by default.

        Returns:
            The folder.

        Raises:
            InputError: if the folder cannot be written or holds something else (another model, policy or
                configuration; the message says which), or a policy's file has changed since the runs.
        """
        place = Path(folder) if folder else self.default_folder
        check_folder(place, self.identity)
        with atomic_folder(place, self.key) as partial:
            self.write(partial)
        return place

    @property
    def default_folder(self) -> Path:
        """Where ``save`` writes if no folder is named."""
        return Path("results") / "-".join(part for part in (self.command, file_name(self.name), self.key) if part)

    def write(self, folder: Path) -> None:
        """Write the files of the result into a folder that is there; ``save`` is the safe way.

        Args:
            folder: an existing folder.
        """
        from sim.storage.folders import seal_all
        from sim.storage.results import as_yaml, table_bytes, versions, write_csv
        from sim.viz.save import save_figure

        for name, table in self.tables.items():
            if name in self.parquet:
                write_atomic(folder / f"{name}.parquet", table_bytes(table))
            else:
                write_csv(table, folder / f"{name}.csv")
        for name, figure in self.draw().items():
            save_figure(figure(), folder / name, f"{self.call} | {self.note}")
        for name, text in self.texts().items():
            write_atomic(folder / name, text.encode())
        keep_policies(folder, self.identity)
        config = as_yaml(self.config, "The whole configuration of these results.")
        write_atomic(folder / "config.yaml", config.encode())
        facts = {
            "key": self.key,
            "command": self.call,
            "model": self.identity.model,
            "policies": dict(self.identity.digests),
            "first_seed": self.seeds[0] if self.seeds else None,
            "n_seeds": len(self.seeds),
            "versions": versions(),
        }
        seal_all(folder, facts)

    def __getattr__(self, name: str) -> "pd.DataFrame":
        tables: Mapping[str, pd.DataFrame] = self.__dict__.get("tables", {})
        if name in tables:
            return tables[name]
        raise AttributeError(f"{type(self).__name__} has no {name!r}; its tables are {', '.join(tables) or 'none'}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tables]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.key}: {self.title}; tables {', '.join(self.tables)}>"

    def _repr_html_(self) -> str:
        """Show a notebook the heading and the first rows of the first table."""
        from html import escape

        first = next(iter(self.tables.items()), None)
        shown = "" if first is None else f"<p>{escape(first[0])}</p>{first[1].head(SHOWN).to_html(index=False)}"
        more = ", ".join(list(self.tables)[1:])
        rest = f"<p>More tables: {escape(more)}. Figures: {escape(', '.join(self.figures))}.</p>" if more else ""
        return f"<p><b>{escape(self.title)}</b> ({self.key})</p>{shown}{rest}"
