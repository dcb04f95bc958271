"""The archive of the paper kit: an RO-Crate of results, description and program that runs again with one command."""

import datetime
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import __version__
from sim.studies.methods.wheel import NAME, add, requirements, write_wheel

if TYPE_CHECKING:
    from rocrate.rocrate import ROCrate

HERE = Path(__file__).parent
LICENCE = "https://spdx.org/licenses/MIT"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
READ = """\
# Results, and what runs them again

    python reproduce.py

makes an environment beside this file with the versions that made the results, runs them again into `again/`, and compares
every file, byte for byte. It needs Python {python} and a package index. `python reproduce.py here` uses the environment
that is active.

- `results/`: what the command wrote, with its configuration, manifest and digests
- `methods/`: the description of the model, its parameters, equations and references
- `software/`: the program as a wheel; `requirements.txt`: the versions of what it needs
- `ro-crate-metadata.json`: the same for machines (RO-Crate)
"""


def write_archive(path: Path, results: Path, manifest: Mapping[str, Any], kit: Path) -> None:
    """Write the archive.

    Args:
        path: the zip file.
        results: the folder of results.
        manifest: its manifest.
        kit: the folder with the files of the kit so far.
    """
    with tempfile.TemporaryDirectory() as place:
        content = Path(place) / "content"
        shutil.copytree(results, content / "results", ignore=shutil.ignore_patterns(".*"))
        shutil.copytree(kit, content / "methods", ignore=shutil.ignore_patterns(path.name))
        (content / "software").mkdir()
        wheel = write_wheel(content / "software")
        shutil.copyfile(HERE / "reproduce_archive.py", content / "reproduce.py")
        pins = "\n".join([f"./software/{wheel.name}", *requirements(manifest["versions"])])
        _write(content / "requirements.txt", f"{pins}\n")
        _write(content / "README.md", READ.format(python=manifest["versions"]["python"]))
        crate = Path(place) / "crate"
        _described(content, manifest, _day(results)).write(crate)
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(p for p in crate.rglob("*") if p.is_file()):
                add(archive, file.relative_to(crate).as_posix(), file.read_bytes())


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _day(results: Path) -> str:
    """Give the day on which results were written."""
    written = (results / "manifest.json").stat().st_mtime
    return datetime.datetime.fromtimestamp(written, datetime.UTC).date().isoformat()


def _described(content: Path, manifest: Mapping[str, Any], day: str) -> "ROCrate":
    """Describe the files of an archive, what made them, and how."""
    from rocrate.model.contextentity import ContextEntity
    from rocrate.rocrate import ROCrate

    crate = ROCrate(gen_preview=False, version="1.1")
    commands = manifest.get("commands") or [manifest["command"]]
    crate.name = f"Simulation results: {commands[-1]}"
    crate.description = (
        f"Results of partnership-dynamics, model {manifest['model']}, with the description of the model, the program, and a "
        "script that runs them again and compares every byte."
    )
    crate.license, crate.datePublished = LICENCE, day
    crate.root_dataset["conformsTo"] = {"@id": PROFILE}
    crate.add(
        ContextEntity(
            crate, PROFILE, {"@type": ["CreativeWork", "Profile"], "name": "Process Run Crate", "version": "0.5"}
        )
    )
    crate.add(ContextEntity(crate, LICENCE, {"@type": "CreativeWork", "name": "MIT License"}))
    parts = {}
    for file in sorted(content.iterdir()):
        if file.is_dir():
            parts[file.name] = crate.add_dataset(file, f"{file.name}/", properties={"name": file.name})
            for inner in sorted(p for p in file.iterdir() if p.is_file()):
                crate.add_file(inner, f"{file.name}/{inner.name}", properties={"name": inner.name})
        else:
            crate.add_file(file, file.name, properties={"name": file.name})
    wheel = next((content / "software").iterdir()).name
    about = {"@type": "SoftwareApplication", "name": NAME, "version": __version__, "softwareVersion": manifest["model"]}
    program = crate.add(ContextEntity(crate, "#program", {**about, "url": {"@id": f"software/{wheel}"}}))
    action = {"@type": "CreateAction", "name": commands[-1], "description": "; ".join(commands), "endTime": day}
    made = crate.add(ContextEntity(crate, "#run", action))
    made["instrument"], made["result"] = program, parts["results"]
    made["actionStatus"] = {"@id": "http://schema.org/CompletedActionStatus"}
    crate.root_dataset["mentions"] = made
    return crate
