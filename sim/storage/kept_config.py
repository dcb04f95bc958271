"""The configuration that a folder of results keeps, read to run it again: ``config=FOLDER/config.yaml``."""

import json
from pathlib import Path
from typing import Any

from sim.config.files import as_stated, read_yaml
from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.core.plugins import looks_like_path, use_copies
from sim.core.sources import PluginError, source_file
from sim.storage.atomic import MANIFEST
from sim.storage.digests import changed_files, kept_copy, plugin_digests
from sim.storage.folders import verified

CONFIG = "config.yaml"
SHARED = ("months", "seed", "replications", "seeds", "engine", "policies")


def read_config(path: str | Path) -> tuple[Path, dict[str, Any]]:
    """Read a configuration that stands in a folder of results; copies stand in for missing files of policies.

    Args:
        path: the file, or its folder.

    Returns:
        The folder, and what the file says.

    Raises:
        InputError: if it cannot be read or is not as its folder's manifest says, or a policy of the user's own is
            lost or another one than then.
    """
    file = path_of(path)
    file = file / CONFIG if file.is_dir() else file
    if file.is_file():
        verified(file)
    data = read_yaml(file, "config", f"FOLDER/{CONFIG}")
    _use_policies(file.parent)
    return file.parent, data


def shared_options(data: dict[str, Any]) -> dict[str, Any]:
    """Give what every study takes, from the configuration of any: scenario, policies, months, seeds and engine.

    Of the scenario it gives what differs from the defaults, and what was stated at its default (``held``).

    Raises:
        InputError: if it has several scenarios.
    """
    if "scenarios" not in data:
        scenario = data.get("scenario")
        if not isinstance(scenario, dict):
            return data
        return {**data, "scenario": as_stated(scenario, data.get("held", ()))}
    if len(data["scenarios"]) != 1:
        names = ", ".join(data["scenarios"])
        raise InputError(f"config: has several scenarios ({names}); name one as scenario=")
    experiment = data.get("experiment") or {}
    (scenario,) = data["scenarios"].values()
    return {"scenario": as_stated(scenario), **{key: experiment[key] for key in SHARED if key in experiment}}


def _use_policies(folder: Path) -> None:
    """Take the user's own policies as they were: from where they are, or else from the copies in the folder."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        digests = dict(manifest.get("policies") or manifest.get("config", {}).get("plugins") or {})
    except (OSError, ValueError, AttributeError):
        return
    for spec, digest in digests.items():
        if not looks_like_path(spec):
            raise InputError(f"config={folder}: policy {spec} was a Python object; only files can be run again")
        copy = kept_copy(folder, spec, digest)
        try:
            source_file(spec)
        except PluginError as error:
            if copy is None:
                raise InputError(f"{error}; {folder} keeps no copy of it; bring the file back") from error
            use_copies({spec: copy})
            continue
        if plugin_digests(spec)[spec] != digest:
            which = f" ({', '.join(changed_files(spec, copy))})" if copy else ""
            back = f"the text that made them is {copy}: bring it back" if copy else "bring the old text back"
            raise InputError(
                f"config={folder}: {spec} has changed since these results were made{which}; {back}, or name policies="
            )
