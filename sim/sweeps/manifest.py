"""What a folder says of itself is believed where it has the shape that a sweep writes."""

import re
from collections.abc import Collection, Mapping
from typing import Any

EXPERIMENT = {"question": str, "record": list, "policies": list, "replications": int, "months": int, "space": dict}
WRITTEN = {
    **{"model": str, "versions": dict, "commands": list, "design": str, "design_check": str},
    "config": {"name": str, "experiment": EXPERIMENT, "scenarios": dict, "plugins": dict},
}


def is_manifest(data: Any) -> bool:
    """Tell whether data is what a manifest says, and names a design of this folder."""
    return _has(data, WRITTEN) and bool(re.fullmatch(r"design-[0-9a-f]{8}\.parquet", data["design"]))


def _has(data: Any, shape: Mapping[str, Any]) -> bool:
    """Tell whether data has the keys of a shape, each of the type, or the shape, that stands there."""
    return isinstance(data, dict) and all(
        _has(data.get(key), kind) if isinstance(kind, dict) else isinstance(data.get(key), kind)
        for key, kind in shape.items()
    )


def is_plain(line: Mapping[str, Any], tables: Collection[str]) -> bool:
    """Tell whether a line names nothing but shards of this folder."""
    named = re.fullmatch(r"[0-9a-f]{24}(-again)?", str(line.get("key")))
    checks = [str(check) for _, check in line.get("files", {}).values()]
    return bool(named) and set(line["files"]) <= set(tables) and all(re.fullmatch(r"[0-9a-f]{24}", c) for c in checks)
