"""What differs on Windows, simulated: names, open files, line ends, missing system calls, many processors."""

import ast
import errno
import functools
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pandas as pd
import pytest

from sim.core import paths
from sim.core.errors import InputError
from sim.core.paths import file_name, path_of
from sim.storage import atomic
from sim.storage.atomic import atomic_folder, flush, rename, write_atomic
from sim.storage.folders import seal_all
from sim.storage.results import write_csv
from sim.sweeps.executors.local import MOST_ON_WINDOWS, Processes, deaf_to_ctrl_c
from sim.sweeps.spec import Executor

SIM = Path(paths.__file__).parents[1]


@pytest.fixture
def on_windows(monkeypatch):
    """Say that this is Windows, where it is asked; nothing is waited for."""
    monkeypatch.setattr(paths, "ON_WINDOWS", True)
    monkeypatch.setattr("time.sleep", lambda _: None)


class Held:
    """A file that somebody else has open: the system refuses some attempts to rename or remove it."""

    def __init__(self, monkeypatch, attempts):
        self.left, self.replace = attempts, os.replace
        monkeypatch.setattr("os.replace", self)

    def __call__(self, one, to):
        if self.left:
            self.left -= 1
            raise PermissionError(errno.EACCES, "The process cannot access the file because it is being used", str(to))
        self.replace(one, to)


# Names


@pytest.mark.parametrize(
    "name", ["CON", "nul", "aux.csv", "results/COM1/x", "lpt9.parquet", "a.", "a ", "x/b. /c", "a:b", 'a"b', "a?"]
)
def test_names_that_windows_does_not_have_are_refused(on_windows, name):
    with pytest.raises(InputError, match="Windows has no file or folder called"):
        path_of(name)


@pytest.mark.parametrize(
    "name", ["../results", "./a", "console", "com", "a.b.csv", "results/näïve", ".hidden", "nullify.txt", "~"]
)
def test_other_names_are_taken(on_windows, name):
    assert path_of(name) == Path(name).expanduser()


@pytest.mark.skipif(os.name == "nt", reason="they are refused there")
def test_elsewhere_such_names_are_as_good_as_any():
    assert path_of("con/aux.csv") == Path("con/aux.csv")


@pytest.mark.parametrize(
    ("text", "name"), [("a:b/c", "a_b_c"), ("mine.py", "mine.py"), ("x. ", "x"), ("..", ""), ("né 7", "né_7")]
)
def test_a_name_made_from_a_text_is_one_that_every_system_takes(text, name):
    assert file_name(text) == name


# Files that somebody has open


def test_a_file_that_is_open_elsewhere_is_replaced_as_soon_as_it_is_free(on_windows, monkeypatch, tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    held = Held(monkeypatch, len(atomic.WAITS))
    write_atomic(tmp_path / "file", b"new")

    assert held.left == 0
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"file": b"new"}


def test_a_file_that_stays_open_keeps_its_content_and_the_message_says_what_to_do(on_windows, monkeypatch, tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    Held(monkeypatch, 1000)
    with pytest.raises(InputError, match=r"cannot be written: The process cannot access .* run the same command again"):
        write_atomic(tmp_path / "file", b"new")

    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"file": b"old"}


def test_elsewhere_a_refusal_is_final_at_once(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "ON_WINDOWS", False)
    held = Held(monkeypatch, 1000)
    (tmp_path / "one").write_bytes(b"x")
    with pytest.raises(PermissionError):
        rename(tmp_path / "one", tmp_path / "two")

    assert held.left == 999


def test_a_folder_of_results_is_replaced_while_a_reader_has_it_open_for_a_moment(on_windows, monkeypatch, tmp_path):
    for content in (b"1", b"2"):
        Held(monkeypatch, 2)
        with atomic_folder(tmp_path / "out", "key") as partial:
            (partial / "table.csv").write_bytes(content)
            seal_all(partial, {"key": "key"})

    assert (tmp_path / "out" / "table.csv").read_bytes() == b"2"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_folders_are_not_flushed_where_they_cannot_be_opened(on_windows, monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr(
        "os.open", lambda path, flags, *rest, ask=os.open: opened.append(path) or ask(path, flags, *rest)
    )
    (tmp_path / "file").write_bytes(b"x")
    flush(tmp_path)
    flush(tmp_path / "file")

    assert opened == [tmp_path / "file"]


# Line ends and encodings


def test_tables_have_the_same_line_ends_everywhere(monkeypatch, tmp_path):
    monkeypatch.setattr("os.linesep", "\r\n")
    write_csv(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), tmp_path / "table.csv")

    assert (tmp_path / "table.csv").read_bytes() == b"a,b\n1,x\n2,y\n"


def system_dependent(tree):
    """Find the calls that leave the line ends or the encoding of a text to the system: their lines."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = f".{function.attr}" if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name not in ("open", ".open", ".fdopen", ".write_text", ".read_text", ".to_csv"):
            continue
        named = {k.arg for k in node.keywords}
        constants = [str(a.value) for a in node.args if isinstance(a, ast.Constant)]
        mode = next((c for c in constants if re.fullmatch(r"[rwax][bt]?\+?", c)), "r" if name == "open" else "")
        opens = name in ("open", ".open", ".fdopen") and mode and "b" not in mode
        writes = name == ".write_text" or (opens and mode[0] in "wax")
        reads = (name == ".read_text" and not node.args) or opens
        by_the_system = not {"newline", "encoding"} <= named if writes else reads and "encoding" not in named
        if by_the_system or (name == ".to_csv" and "lineterminator" not in named):
            yield node.lineno


@functools.cache
def trees():
    return {p.relative_to(SIM).as_posix(): ast.parse(p.read_text("utf-8")) for p in sorted(SIM.rglob("*.py"))}


def test_no_file_is_written_or_read_as_the_system_is_used_to():
    found = [f"{name}:{n}" for name, tree in trees().items() for n in system_dependent(tree)]

    assert found == []
    planted = "p.write_text(x, encoding='utf-8')\nopen(p, 'w', newline='')\nt.to_csv()\nopen(p)\nopen(p, 'wb')"
    assert list(system_dependent(ast.parse(planted))) == [1, 2, 3, 4]


def test_a_title_in_any_letters_is_kept_where_the_system_writes_another_encoding(tmp_path):
    code = """
        import warnings
        warnings.filterwarnings("error", category=EncodingWarning, module="sim")
        import sim
        scenario = sim.Scenario(title="Zürich, naïve Ω")
        kept = sim.run(scenario, "neutral", months=2)
        type(kept).draw = lambda self: {}
        folder = kept.save("out")
        assert "Zürich, naïve Ω" in (folder / "config.yaml").read_bytes().decode("utf-8")
    """
    environment = {**os.environ, "PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    done = run_python(code, tmp_path, environment, "-X", "warn_default_encoding")

    assert done.returncode == 0, done.stderr


def run_python(code, place, environment=None, *options):
    script = place / "script.py"
    script.write_text(textwrap.dedent(code), encoding="utf-8")
    return subprocess.run(
        [sys.executable, *options, str(script)], cwd=place, capture_output=True, text=True, env=environment, timeout=300
    )


# System calls that are not there

MISSING = {
    "os": (
        "fork",
        "kill",
        "killpg",
        "getuid",
        "geteuid",
        "getgid",
        "chown",
        "mkfifo",
        "setsid",
        "sched_getaffinity",
        "getloadavg",
    ),
    "signal": (
        "SIGKILL",
        "SIGHUP",
        "SIGALRM",
        "SIGUSR1",
        "SIGCHLD",
        "pthread_sigmask",
        "alarm",
        "setitimer",
        "sigwait",
    ),
}
MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "readline", "syslog")


def unguarded(tree):
    """Find uses of what Windows lacks in functions that do not ask with hasattr."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names if a.name in MODULES]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module)] if node.module in MODULES else []
        elif isinstance(node, ast.FunctionDef):
            inner = [n for n in ast.walk(node) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
            names = [n.attr for n in inner if n.attr in MISSING.get(n.value.id, ())]
            names = [] if names and "hasattr" in ast.unparse(node) else names
        yield from (f"{node.lineno}: {name}" for name in names)


def test_what_windows_lacks_is_used_only_where_it_is_asked_for():
    found = [f"{name}:{n}" for name, tree in trees().items() for n in unguarded(tree)]

    assert found == []
    assert list(unguarded(ast.parse("import fcntl\ndef f():\n    os.kill(1, 9)"))) == ["1: fcntl", "2: kill"]


LACKING = f"""
    import os, signal, sys
    for module, names in {MISSING!r}.items():
        for name in names:
            if name != "fork" and hasattr(sys.modules[module], name):  # the spawned workers of this system need fork
                delattr(sys.modules[module], name)
    for name in {MODULES!r}:
        sys.modules[name] = None
    os.linesep = "\\r\\n"
    from sim.core import paths
    paths.ON_WINDOWS = True
"""


@pytest.mark.slow
def test_a_run_needs_nothing_that_windows_lacks(tmp_path):
    code = (
        LACKING
        + """
    import sim
    from sim.cli.main import main
    assert main(["run", "months=3", "folder=out"]) == 0
    assert main(["sweep", "space.start.trust=[0.3,0.6]", "replications=2", "months=2", "executor=serial", "folder=swept"]) == 0
    assert len(sim.load("swept").runs) == 8
    """
    )
    done = run_python(code, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    for file in [*tmp_path.rglob("*.csv"), *tmp_path.rglob("*.yaml"), *tmp_path.rglob("*.json")]:
        assert b"\r" not in file.read_bytes(), file


def test_workers_are_no_more_than_windows_can_wait_for(on_windows):
    assert Processes(Executor(workers=200)).n_workers == MOST_ON_WINDOWS
    assert Processes(Executor(workers=2)).n_workers == 2


def test_more_workers_are_fine_elsewhere(monkeypatch):
    monkeypatch.setattr(paths, "ON_WINDOWS", False)

    assert Processes(Executor(workers=200)).n_workers == 200


def test_without_signal_masks_workers_start_all_the_same(monkeypatch):
    monkeypatch.delattr("signal.pthread_sigmask", raising=False)
    with deaf_to_ctrl_c():
        started = True

    assert started
