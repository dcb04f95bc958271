"""``config=FOLDER/config.yaml``: the options that a folder of results was made with, as a command takes them."""

import json
from collections.abc import Mapping
from typing import Any

TAKES = {
    "run": ("scenario", "policy", "months", "seed", "engine", "outcomes"),
    "compare": (
        *("scenario", "policies", "months", "seed", "replications", "region", "region_from", "engine", "outcomes"),
    ),
    "dose": ("of", "levels", "scenario", "policy", "months", "seed", "replications", "engine", "outcomes"),
    "forecast": ("scenario", "plans", "ahead", "policy", "particles", "seed", "region_from"),
    "trace": ("scenario", "policies", "months", "seed", "engine", "member"),
    "search": (
        *("scenario", "policies", "objectives", "constraints", "space", "trials", "replications", "test_replications"),
        *("region", "region_from", "judged", "months", "seed"),
    ),
    "pathways": (
        *("scenario", "actions", "target", "lead", "region", "region_from", "replications", "seed", "months", "engine"),
    ),
    "calibrate": ("calibration", "design"),
    "validate": ("of", "region", "region_from", "replications", "limits"),
    "sensitivity": ("n", "trajectories"),
}
"""What each command takes from a configuration; a sweep reads it whole (``sim.sweeps.spec.read_experiment``)."""


def with_config(command: str, arguments: list[str]) -> list[str]:
    """Put what ``config=`` says before the other arguments, which have the last word.

    Args:
        command: the command's name.
        arguments: its ``key=value`` texts.

    Raises:
        InputError: if the file cannot be read, or says nothing that the command takes.
    """
    from sim.core.errors import InputError
    from sim.storage.kept_config import read_config

    files = [a.partition("=")[2] for a in arguments if a.startswith("config=")]
    rest = [a for a in arguments if not a.startswith("config=")]
    if not files:
        return arguments
    _, data = read_config(files[-1])
    named = {a.partition("=")[0] for a in rest}
    options = _options(command, data, named)
    chosen = {key: options[key] for key in TAKES[command] if options.get(key) is not None and key not in named}
    if not chosen:
        raise InputError(f"config={files[-1]}: says nothing that partnership {command} takes")
    texts = {k: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in chosen.items()}
    return [*(f"{key}={text}" for key, text in texts.items()), *rest]


def _options(command: str, data: Mapping[str, Any], named: set[str]) -> dict[str, Any]:
    """Read the options of a command from the configuration of a study."""
    from sim.core.errors import InputError
    from sim.storage.kept_config import shared_options

    if command == "calibrate":
        return {**data, "design": data.get("prior", {}).get("design")}
    if command == "validate":
        return {**data, "region": data.get("parameter_sets")}
    if command == "sensitivity":
        designs = [data.get(part, {}).get("design", {}) for part in ("sobol", "morris")]
        return {"n": designs[0].get("n"), "trajectories": designs[1].get("trajectories")}
    options = dict(shared_options(dict(data)))
    if command == "forecast":
        names = {"plans": "policies", "ahead": "months", "particles": "replications"}
        return {**options, **{name: options.get(other) for name, other in names.items()}}
    if command == "pathways":
        return {**options, "actions": options.get("policies")}
    for key in ("seeds", "columns"):
        if key in options:
            raise InputError(f"config: has {key} as a Python call gave them; run it again with sim.reproduce")
    policies = options.get("policies") or []
    if command in ("run", "dose") and not any(key.partition(".")[0] == "policy" for key in named):
        if len(policies) != 1:
            raise InputError(f"config: has {len(policies)} policies; name one as policy=NAME")
        options["policy"] = policies[0]
    return options
