"""The ratios to Mesa over time, and whether they have fallen."""

import csv
import datetime
import platform
import statistics
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sim.storage.digests import model_version

ALLOWED = 2.0 / 3.0
"""Least share of the earlier ratio: a fall by more than a third fails."""

LAST = 5
"""How many of the latest entries make the earlier ratio, by their median."""


def compare(path: Path, ratios: dict[str, float | None]) -> list[str]:
    """Say which ratio lies more than a third below the median of the latest entries."""
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) if path.exists() else []
    worse = []
    for engine, ratio in ratios.items():
        before = [float(row[engine]) for row in rows if row[engine]][-LAST:]
        if before and ratio is not None and ratio < ALLOWED * statistics.median(before):
            worse.append(f"slower: {engine} is {ratio:.1f} times Mesa, was {statistics.median(before):.1f}")
    return worse


def record(path: Path, ratios: dict[str, float | None]) -> None:
    """Add an entry."""
    entry: dict[str, Any] = {"date": datetime.date.today().isoformat(), "model": model_version()}
    entry |= {engine: "" if ratio is None else f"{ratio:.1f}" for engine, ratio in ratios.items()}
    entry |= {"machine": platform.machine(), "python": platform.python_version()}
    for package in ("numpy", "llvmlite", "mesa"):
        try:
            entry[package + "_version"] = version(package)
        except PackageNotFoundError:
            entry[package + "_version"] = ""
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(entry), lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(entry)
