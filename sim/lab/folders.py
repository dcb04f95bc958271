"""Where the static app is: its pages, and an export that travels with the package. Needs no compiler."""

import json
from pathlib import Path
from typing import Any

import sim
from sim.storage.digests import package_digest

PAGES = Path(__file__).parent / "site"

PACKED = Path(__file__).parent / "packed"
"""An export that travels with the package, where its release made one (docs/releasing.md)."""

MARK = "model.json"
"""A folder that holds it, or nothing, may be written to."""


def packed() -> Path | None:
    """Find the export that travels with the package, if it is of this very model."""
    there = (PACKED / MARK).is_file() and read_model(PACKED / MARK).get("digest") == model_digest()
    return PACKED if there else None


def model_digest() -> str:
    """Name the model by 8 hexadecimal digits of its text."""
    return package_digest(Path(sim.__file__).parent)[:8]


def read_model(file: Path) -> dict[str, Any]:
    """Read ``model.json``; empty where it is damaged."""
    try:
        model: Any = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return model if isinstance(model, dict) else {}
