"""The package that runs, as a wheel, and the versions of what it needs: an archive can be installed anywhere."""

import base64
import hashlib
import re
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from sim import __version__
from sim.core.errors import InputError
from sim.core.paths import CONFIGS
from sim.storage.digests import SIM

NAME = "partnership-dynamics"
ODD = SIM / "_docs" / "ODD.md" if (SIM / "_docs").is_dir() else SIM.parent / "docs" / "ODD.md"
"""The description of the model: inside an installed wheel, or in a checkout."""

STAMP = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive: the same content gives the same bytes."""


def add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add a file to an archive with a fixed time and fixed rights."""
    entry = zipfile.ZipInfo(name, STAMP)
    entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
    archive.writestr(entry, content)


def write_wheel(folder: Path) -> Path:
    """Write the package as it runs here as a wheel.

    Args:
        folder: where to.

    Returns:
        The wheel.

    Raises:
        InputError: if the package runs without being installed.
    """
    info = f"partnership_dynamics-{__version__}.dist-info"
    files = dict(_files())
    try:
        package = distribution(NAME)
    except PackageNotFoundError as error:
        raise InputError(f"{NAME} is not installed; install it: python -m pip install -e .") from error
    files[f"{info}/METADATA"] = (package.read_text("METADATA") or "").encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: partnership-dynamics\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    files[f"{info}/entry_points.txt"] = (package.read_text("entry_points.txt") or "").encode()
    record = "".join(f"{name},sha256={_digest(content)},{len(content)}\n" for name, content in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    path = folder / f"partnership_dynamics-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in files.items():
            add(wheel, name, content)
    return path


def _files() -> Iterator[tuple[str, bytes]]:
    for path in sorted(SIM.rglob("*")):
        inside = path.relative_to(SIM)
        if path.is_file() and not {"__pycache__", "_configs", "_docs"} & set(inside.parts):
            yield f"sim/{inside.as_posix()}", path.read_bytes()
    for path in sorted(CONFIGS.rglob("*")):
        if path.is_file() and path.suffix in (".yaml", ".csv"):
            yield f"sim/_configs/{path.relative_to(CONFIGS).as_posix()}", path.read_bytes()
    yield "sim/_docs/ODD.md", ODD.read_bytes()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def requirements(made_with: Mapping[str, str]) -> list[str]:
    """List the packages that the results need, each with its version.

    Args:
        made_with: the versions that the manifest names; other packages are those of this environment.

    Returns:
        Lines such as ``numpy==2.4.0``, in order.
    """
    from packaging.requirements import Requirement

    extras = {"fast"} if "llvmlite" in made_with else set[str]()
    pins, waiting = dict[str, str](), [(NAME, extras)]
    while waiting:
        name, wanted = waiting.pop()
        for text in distribution(name).requires or []:
            need = Requirement(text)
            key = re.sub(r"[-_.]+", "-", need.name).lower()
            needed = need.marker is None or any(need.marker.evaluate({"extra": e}) for e in (wanted or {""}))
            if needed and key not in pins and key != NAME:
                try:
                    here = distribution(need.name).version
                except PackageNotFoundError:
                    continue  # for another kind of machine
                pins[key] = made_with.get(need.name, here)
                waiting.append((need.name, set(need.extras)))
    return [f"{name}=={version}" for name, version in sorted(pins.items())]
