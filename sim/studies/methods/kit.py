"""``sim.methods``: what a paper says of how results were made, written from the results and the model itself."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.storage import folders
from sim.storage.atomic import MANIFEST
from sim.storage.digests import key_of, model_version
from sim.studies.identity import identify
from sim.studies.methods.equations import Equation, equations
from sim.studies.methods.parameters import changed_parameters
from sim.studies.methods.text import equations_text, main_text, model_text, parameters_text
from sim.studies.methods.wheel import ODD
from sim.studies.result import Result
from sim.studies.verify import verify

REFERENCES = Path(__file__).with_name("references.bib")
ARCHIVE = "archive.zip"


@dataclasses.dataclass(frozen=True, repr=False)
class Methods(Result):
    """The paper kit of one folder of results.

    Attributes:
        parameters: what differs from the defaults, with unit, range, meaning and source.
        equations: each rule: its words, its equation in LaTeX, and what each symbol stands for.
        versions: the model, Python and the libraries that made the results.
    """

    command: ClassVar[str] = "methods"
    of: Path = Path()
    manifest: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def title(self) -> str:
        """Which results it is about."""
        return f"Methods of {self.of.name}"

    @property
    def default_folder(self) -> Path:
        """Beside the results: ``FOLDER-methods``."""
        return self.of.with_name(f"{self.of.name}-methods")

    def text(self) -> str:
        """Give what the command prints: what is in the kit.

        Returns:
            Lines of plain text.
        """
        derived = sum(bool(latex) for latex in self.tables["equations"]["latex"])
        return "\n".join(
            [
                f"Model {self.manifest['model']}, {seeds_text(self.manifest)}.",
                f"{len(self.tables['parameters'])} parameters differ from their defaults or vary.",
                f"{derived} of {len(self.tables['equations'])} rules have an equation; the others are procedures.",
            ]
        )

    def write(self, folder: Path) -> None:
        """Write the kit into a folder that is there; ``save`` is the safe way.

        Args:
            folder: an existing folder.
        """
        from sim.storage.results import write_csv
        from sim.studies.methods.archive import write_archive

        texts = {
            "model.md": model_text(ODD.read_text(encoding="utf-8")),
            "parameters.tex": parameters_text(self.tables["parameters"]),
            "equations.tex": equations_text(equations_of(read_config(self.of, self.manifest))),
            "references.bib": REFERENCES.read_text(encoding="utf-8"),
            "methods.tex": main_text(self.manifest, seeds_text(self.manifest)),
        }
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        write_csv(self.tables["parameters"], folder / "parameters.csv")
        write_archive(folder / ARCHIVE, self.of, self.manifest, folder)
        super().write(folder)


def methods(folder: str | Path, to: str | Path | None = None) -> Methods:
    """Make the paper kit of a folder of results.

    It holds the model's description (ODD), the parameters that differ from the defaults (CSV, LaTeX), the equations
    (LaTeX), the references (BibTeX), a LaTeX file that puts them together, and an archive (RO-Crate) that runs again
    with one command.

    Args:
        folder: what ``compare``, ``run`` or ``sweep`` saved.
        to: save the kit there too; ``.save()`` writes it beside the results, to ``FOLDER-methods``.

    Returns:
        The kit: ``.parameters``, ``.equations``, ``.versions``, ``.save()``.

    Raises:
        InputError: if the folder holds no such results, or results of another version of the model.
    """
    import pandas as pd

    place = path_of(folder)
    manifest = read_manifest(place)
    state = verify(place)
    if not state.is_whole:
        raise InputError(state.text())
    if manifest["model"] != model_version():
        raise InputError(
            f"folder={folder}: was made by model {manifest['model']}, this is {model_version()}: its equations and "
            "description would be of another model. Install the version that made it"
        )
    config = read_config(place, manifest)
    rules = [
        (e.rule, e.words, r" \\ ".join(f"{left} = {right}" for left, right in (*e.inputs, *e.lines)))
        for e in equations_of(config)
    ]
    tables = {
        "parameters": changed_parameters(config, _columns(place, manifest)),
        "equations": pd.DataFrame(rules, columns=("rule", "words", "latex")),
        "versions": pd.DataFrame(
            [("model", manifest["model"]), *manifest["versions"].items()], columns=("name", "version")
        ),
    }
    identity = identify({"methods": manifest_key(manifest)})
    kit = Methods(tables, identity, (), f"partnership methods {place.name}", of=place, manifest=manifest)
    if to is not None:
        kit.save(to)
    return kit


def equations_of(config: Mapping[str, Any]) -> list[Equation]:
    """Give the equations of results: a rule that a user's own replaces in all of their scenarios has none."""
    scenarios = list(config["scenarios"].values() if "scenarios" in config else [config.get("scenario", {})])
    replaced: dict[str, list[str]] = {}
    for scenario in scenarios:
        for file, functions in scenario.get("rules", {}).get("replace", {}).items():
            for name, spec in functions.items():
                replaced.setdefault(f"{file}.{name}", []).append(spec)
    result = []
    for equation in equations():
        specs = replaced.get(equation.rule, [])
        if specs:
            where = "" if len(specs) == len(scenarios) else "in some scenarios "
            words = f"Replaced {where}by {', '.join(dict.fromkeys(specs))}, which the archive holds. {equation.words}"
            shown = (equation.lines, equation.inputs) if where else ((), ())
            equation = dataclasses.replace(equation, words=words, lines=shown[0], inputs=shown[1])
        result.append(equation)
    return result


def _columns(folder: Path, manifest: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Read what varies in the design of a sweep, with its different values."""
    if "design" not in manifest:
        return {}
    from sim.storage.results import read_table

    table = read_table(folder / manifest["design"])
    names = [name for name in table.columns if name not in ("row", "point", "id", "note")]
    return {str(name): table[name].drop_duplicates().tolist() for name in names}


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of results of compare, run or a sweep.

    Raises:
        InputError: if there is none, or it is damaged.
    """
    if not (folder / MANIFEST).is_file():
        raise InputError(f"folder={folder}: holds no results; name a folder that compare, run or sweep saved")
    manifest = folders.read_manifest(folder)
    kind_of(manifest)
    return manifest


def kind_of(manifest: Mapping[str, Any]) -> str:
    """Tell which command made a folder: compare, run or sweep.

    Raises:
        InputError: if it is another.
    """
    if "commands" in manifest:
        return "sweep"
    kind = str(manifest["command"]).removeprefix("partnership ").removeprefix("sim.").split()[0].partition("(")[0]
    if kind not in ("compare", "run"):
        raise InputError(f"these are results of {kind}; methods takes those of compare, run and sweep")
    return kind


def manifest_key(manifest: Mapping[str, Any]) -> str:
    """Name the results: their key."""
    return str(manifest.get("key") or key_of({"config": manifest["config"], "model": manifest["model"]}))


def read_config(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Read the whole configuration of results."""
    if "config" in manifest:
        return dict(manifest["config"])
    from sim.config.yaml import load_plain

    folders.check_files(folder, manifest, ["config.yaml"])
    return dict(load_plain((folder / "config.yaml").read_text(encoding="utf-8")))


def seeds_text(manifest: Mapping[str, Any]) -> str:
    """Say how many seeds were simulated, and which."""
    if "config" in manifest:
        experiment = manifest["config"]["experiment"]
        first, n = experiment["seed"], experiment["replications"]
        more = "; more where a precision was aimed for" if experiment.get("precision") else ""
        return f"{n} replications of each point and policy from seed {first}{more}"
    first, n = manifest["first_seed"], manifest["n_seeds"]
    return f"seed {first}" if n == 1 else f"{n} replications of each policy from seed {first}"
