"""Commands as guests: any terminal, encoding, Matplotlib configuration, notebook or process."""

import io
import os
import signal
import subprocess
import sys
import warnings

import pytest

from sim.cli.main import main
from sim.cli.terminal import fitted, settled
from tests.reading import ROOT

TABLE = """\
                      retained      exits    value
policy               24 months  satisfied     made
neutral                    67%        0.0      0.1
adaptive_tracking          81%        0.1     12.0"""


def run(*arguments, place, **environment):
    command = [sys.executable, "-m", "sim", *arguments]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHON", "MPL"))}
    done = subprocess.run(
        command, cwd=place, env=kept | {"PYTHONPATH": str(ROOT)} | environment, capture_output=True, timeout=120
    )
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def test_what_fits_is_left_as_it_is():
    assert fitted(TABLE, 50) == TABLE


def test_a_wide_table_is_cut_between_its_columns_and_rows_keep_their_names():
    assert (
        fitted(TABLE, 42)
        == """\
                      retained      exits
policy               24 months  satisfied
neutral                    67%        0.0
adaptive_tracking          81%        0.1

                     value
policy                made
neutral                0.1
adaptive_tracking     12.0"""
    )


def test_rows_that_their_first_column_does_not_name_are_wrapped_each():
    rows = "\n".join(f"  month  1  thing {k} that happens       0.0 and {k}.5       in all" for k in range(3))
    lines = fitted(rows, 40).split("\n")

    assert max(map(len, lines)) <= 40
    assert [line for line in lines if line.startswith("  month")] == [line for line in lines if "thing" in line]


def test_a_long_line_is_wrapped_with_what_follows_indented_and_paths_unbroken():
    path = "/".join(["folder"] * 12)
    lines = fitted(f"  - a member leaves because nobody helped it, as {path} tells", 40).split("\n")

    assert lines == ["  - a member leaves because nobody", "    helped it, as", f"    {path}", "    tells"]


BROKEN = b"backend: nonsense\nlines.linewidth: banana\ntext.usetex: True\nfigure.dpi: 400\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backend", "matplotlibrc"),
    [
        ("module://matplotlib_inline.backend_inline", b""),
        ("nonsense", BROKEN),
        ("tkagg", b"\xff\xfe\x00"),
    ],
)
def test_figures_are_written_under_any_configuration_of_matplotlib(backend, matplotlibrc, tmp_path):
    plain = tmp_path / "plain"
    plain.mkdir()
    run("run", "months=3", "folder=out", place=plain)
    (tmp_path / "matplotlibrc").write_bytes(matplotlibrc)
    code, _, errors = run("run", "months=3", "folder=out", place=tmp_path, MPLBACKEND=backend, MATPLOTLIBRC=".")

    assert (code, errors) == (0, "")
    assert (tmp_path / "out/story.png").read_bytes() == (plain / "out/story.png").read_bytes()


def test_a_character_that_the_output_lacks_is_written_out(monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding="cp1252"))
    monkeypatch.setattr("os.environ", dict(os.environ))
    with settled():
        print("5 ± 1, \u22122", flush=True)

    assert written.getvalue().strip() == b"5 \xb1 1, \\u22122"


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_no_text_is_too_strange_for_the_output(encoding, tmp_path):
    (tmp_path / "own.yaml").write_text("title: Ωmega ± 3 − β\nsize: {partners: 6}\n", encoding="utf-8")
    code, out, errors = run(
        "run", "scenario=own.yaml", "months=2", "folder=out", place=tmp_path,
        LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING=encoding,
    )  # fmt: skip

    assert (code, errors) == (0, "")
    assert out.startswith(b"\\u03a9mega ")


def test_a_command_called_from_python_leaves_the_process_as_it_was(monkeypatch, capsys):
    monkeypatch.setenv("MPLBACKEND", "svg")
    before = (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), warnings.formatwarning, sys.stdout)

    assert main(["--version"]) == 0
    assert os.environ["MPLBACKEND"] == "svg"
    after = (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), warnings.formatwarning, sys.stdout)
    assert before == after


@pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal is needed")
def test_a_comparison_fits_a_terminal_of_60_columns(tmp_path):
    import fcntl
    import pty
    import struct
    import termios

    host, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 60, 0, 0))
    command = [sys.executable, "-m", "sim", "describe", "outcomes"]
    kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
    work = subprocess.Popen(command, stdout=terminal, cwd=ROOT, env=kept)
    os.close(terminal)
    seen = b""
    while True:
        try:
            part = os.read(host, 65536)
        except OSError:  # Linux's end of a pseudo-terminal
            break
        if not part:
            break
        seen += part
    lines = seen.decode().replace("\r\n", "\n").split("\n")

    assert work.wait() == 0
    assert len(lines) > 50
    assert max(map(len, lines)) <= 60
