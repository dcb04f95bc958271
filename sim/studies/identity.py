"""What determines a result, so that two different numbers never share a name or a folder."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.storage.digests import keep_sources, model_version, plugin_digests, run_key
from sim.storage.folders import read_manifest


@dataclasses.dataclass(frozen=True)
class Identity:
    """What determines the numbers of a result.

    Attributes:
        config: the configuration as plain data.
        specs: policies and pay-offs as they were given, of which some may be the user's own.
        model: the model's version with the digest of its source.
        digests: a digest for each policy or pay-off of the user's own.
        key: eight hexadecimal digits of all of these.
    """

    config: Mapping[str, Any]
    specs: tuple[Any, ...]
    model: str
    digests: Mapping[str, str]
    key: str


def identify(config: Mapping[str, Any], *specs: Any) -> Identity:
    """Take the identity of a result, before its runs are simulated.

    Args:
        config: all options that determine the numbers, as plain data.
        *specs: every policy and pay-off function, as given.

    Raises:
        InputError: if a file of the user's own cannot be read.
    """
    return Identity(dict(config), specs, model_version(), plugin_digests(*specs), run_key(config, *specs))


def check_folder(folder: str | Path, identity: Identity) -> None:
    """Refuse a folder that holds the result of another model, policy or configuration.

    A folder that is new, empty, or holds the same result passes.

    Raises:
        InputError: the message says what differs and what to do.
    """
    path = path_of(folder)
    try:
        manifest = read_manifest(path)
    except InputError:
        return  # new, or none of ours: atomic_folder decides
    if not {"key", "model", "policies"} <= manifest.keys() or manifest["key"] == identity.key:
        return  # a sweep's folder, which atomic_folder refuses, or the same result
    model, policies = manifest["model"], dict(manifest["policies"])
    changed = [name for name in (policies | dict(identity.digests)) if policies.get(name) != identity.digests.get(name)]
    if changed:
        what = f"another version of {', '.join(changed)}"
    elif model != identity.model:
        what = f"another model ({model}; this one is {identity.model})"
    else:
        what = "another configuration"
    raise InputError(f"folder={folder}: holds the result of {what}; name a new folder, or remove this one")


def keep_policies(folder: Path, identity: Identity) -> None:
    """Copy the user's own policies into ``folder/policies``, so that the folder can be run elsewhere.

    Raises:
        InputError: if one has changed since the identity was taken.
    """
    now = plugin_digests(*identity.specs)
    changed = [name for name, digest in identity.digests.items() if now.get(name) != digest]
    if changed:
        raise InputError(f"{changed[0]} has changed since the runs were simulated; run again to save what it gives now")
    keep_sources(folder, *identity.specs)
