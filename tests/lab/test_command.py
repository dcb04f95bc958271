"""``partnership lab`` on the command line and on the network: what it says, serves and refuses; nothing outlives it."""

import builtins
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from sim.cli.main import main


@pytest.fixture
def folder(tmp_path):
    """An exported app, as far as a server knows one."""
    (tmp_path / "modules").mkdir()
    for name, text in {
        "model.json": "{}", "index.html": "<h1>Who stays?</h1>", "main.js": "1;" * 999, "modules/a.wasm": "w",
        "app.webmanifest": "{}",
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["port=80"], "port=80: give a whole number from 1024 to 65535"),
        (["port=x"], "give a whole number"),
        (["port=99999999999"], "give a whole number"),
        (["share=maybe"], "share=maybe: give true or false"),
        (["board=maybe"], "board=maybe: give true or false"),
        (["seed=1"], "'seed=1': lab has here port=, share=, board=, open=, folder=; see --help"),
        (["export=x/", "port=8001"], "'port=8001': lab has here export=, policy=, xapi=, lang=, address=; see --help"),
        (["folder=nowhere/"], "folder=nowhere/: is no exported app; make one with partnership lab export=nowhere/"),
    ],
)
def test_a_wrong_argument_is_one_line(arguments, message, capsys):
    pytest.importorskip("uvicorn")
    assert main(["lab", *arguments]) == 2
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

    for name in [n for n in sys.modules if n.startswith((package, "sim.lab.server", "sim.lab.connections"))]:
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


@pytest.mark.skipif(os.name == "nt", reason="signals are those of Unix")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_app(how, folder):
    pytest.importorskip("uvicorn")
    with serving(f"folder={folder}") as (process, address):
        assert urllib.request.urlopen(address, timeout=20).read() == b"<h1>Who stays?</h1>"
        process.send_signal(how)
        process.wait(10)

        assert process.returncode == 0
        assert "The classroom app is closed." in process.stdout.read()


@pytest.fixture
def visitor(folder):
    pytest.importorskip("starlette", reason="needs the extra lab")
    from starlette.testclient import TestClient

    from sim.lab.server import build_app

    return TestClient(build_app(folder), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/main.js", "text/javascript"), ("/modules/a.wasm", "application/wasm"),
     ("/app.webmanifest", "application/manifest+json")],
)  # fmt: skip
def test_files_have_their_media_types_and_a_strict_policy(visitor, path, kind):
    answer = visitor.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert visitor.get(path, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    "path", ["/nothing.js", "/../pyproject.toml", "/%2e%2e/%2e%2e/etc/passwd", "/modules/", "/board/entries"]
)
def test_nothing_else_is_served(visitor, path):
    assert visitor.get(path).status_code in (403, 404)


def test_another_host_or_origin_is_refused_and_nothing_can_be_sent(visitor):
    assert visitor.get("/", headers={"host": "elsewhere.example"}).status_code == 403
    assert visitor.get("/", headers={"origin": "http://elsewhere.example"}).status_code == 403
    assert visitor.post("/", content="x").status_code == 405
    assert visitor.get("/?" + "a" * 3000).status_code == 414


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
