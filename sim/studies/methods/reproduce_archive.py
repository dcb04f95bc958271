"""Run again what this archive holds, and compare: ``python reproduce.py``.

It makes an environment beside itself with the versions that made the results (from your package index) and runs them
into ``again/``. ``python reproduce.py here`` uses the environment it is started in.
"""

import json
import os
import platform
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Install, run again, compare; 0 if every file has the same bytes."""
    python = Path(sys.executable)
    made_with = json.loads((HERE / "results" / "manifest.json").read_text(encoding="utf-8"))["versions"]
    for what, here in (("python", platform.python_version()), ("machine", platform.machine())):
        if made_with[what].partition(" ")[0] != here:
            print(f"These results were made with {what} {made_with[what]}; this is {here}: last digits may differ.")
    if "here" not in sys.argv[1:]:
        place = HERE / "environment"
        venv.create(place, with_pip=True)
        python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
        install = [str(python), "-m", "pip", "install", "--quiet", "-r", "requirements.txt"]
        subprocess.run(install, cwd=HERE, check=True)
    rerun = [str(python), "-m", "sim", "reproduce", "folder=results", "to=again"]
    return subprocess.run(rerun, cwd=HERE, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
