"""``partnership lab`` on the command line: what it says, and that nothing outlives it."""

import builtins
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from sim.cli.main import main


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("port=80", "port=80: give a whole number from 1024 to 65535"),
        ("port=x", "give a whole number"),
        ("port=99999999999", "give a whole number"),
        ("share=maybe", "share=maybe: give true or false"),
        ("board=maybe", "board=maybe: give true or false"),
        ("seed=1", "lab has the options port=, share=, board=, scenario= and anonymise="),
    ],
)
def test_a_wrong_argument_is_one_line(argument, message, capsys):
    assert main(["lab", argument]) == 2
    text = capsys.readouterr().err
    assert message in text
    assert text.count("\n") == 1


@pytest.mark.parametrize("package", ["uvicorn", "starlette"])
def test_a_missing_package_is_one_line(package, monkeypatch, capsys):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.partition(".")[0] == package:
            raise ModuleNotFoundError(f"No module named '{package}'", name=package)
        return real(name, *rest, **more)

    for name in [n for n in sys.modules if n.startswith((package, "sim.lab.app"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)

    assert main(["lab"]) == 2
    assert f"the classroom app needs the package {package}: python -m pip install" in capsys.readouterr().err


def test_a_port_in_use_is_one_line(capsys):
    pytest.importorskip("uvicorn")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert main(["lab", f"port={port}"]) == 2

    assert f"port={port}: cannot be used" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are those of Unix")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_lab(how):
    pytest.importorskip("uvicorn")
    with serving() as (process, address):
        assert urllib.request.urlopen(address, timeout=20).status == 200
        group = children(process.pid)
        assert len(group) >= 2
        process.send_signal(how)
        process.wait(10)
        wait_for(lambda: not any(map(alive, group)))

        assert how == signal.SIGKILL or (
            process.returncode == 0 and "The classroom app is closed." in process.stdout.read()
        )


class serving:
    """A lab of its own at a free port, ended with the test."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "sim", "lab", f"port={port}", *self.arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        address = f"http://127.0.0.1:{port}/"
        wait_for(lambda: answers(address))
        return self.process, address

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


def answers(address):
    try:
        return urllib.request.urlopen(address, timeout=20).status == 200
    except OSError:
        return False


def wait_for(done, seconds=60):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


def children(pid):
    result = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.split("\n")
    pairs = [tuple(map(int, line.split())) for line in result if line.strip()]
    return [child for child, parent in pairs if parent == pid]


def alive(pid):
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")
