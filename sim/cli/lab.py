"""``partnership lab``: a page for class, served from this machine."""

import os
import socket
from pathlib import Path
from typing import Any

from sim.core.errors import InputError

HELP = """\
Open the lab: a page for class, on this machine. Watch a partnership, move a setting, compare two ways of governing;
or be the orchestrator yourself, for ten half-years, and see only what one can see (/convene).

  partnership lab              # then open http://127.0.0.1:8000 in a browser
  partnership lab port=8080
  partnership lab share=true   # others on the same network can open it too; prints the address to give them
  partnership lab share=true board=true   # and the game's scores are collected, at /board, on this machine

  partnership lab export=lesson.html          # one file to take home: the stories over a small grid of settings
  partnership lab export=les.html lang=nl     # the same in Dutch

Needs the extra "lab": python -m pip install 'partnership-dynamics[lab]' (Starlette and Uvicorn). It asks nothing of the
internet and keeps nothing about anyone. What a page shows is all in its address: the same link is the same picture.

Without share=true only this machine can open it. With it, everybody on the same network who has the address can:
they can look and move settings, and that takes this machine's time; they can change nothing on it. A school network may
keep machines apart; a phone's hotspot does not. Press Ctrl-C to close the lab.

With board=true who has finished the game in the board's world may send a nickname and their decisions. The score is
worked out here; nothing is written to disk, and all is gone when the lab closes. The board is seen on this machine
alone, unless you open it to all on its page.

With export= nothing is served: a few minutes of simulation make one file that opens from disk in any browser, phones
included, without a server or internet. Needs no extra.
"""


def main(arguments: list[str]) -> None:
    """Run the command."""
    if any(a.startswith(("export=", "lang=")) for a in arguments):
        export(*_read_export(arguments))
        return
    port, share, board = _read(arguments)
    try:
        import uvicorn

        from sim.lab.app import build
        from sim.lab.doors import MOST, Door
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        raise InputError(
            f"the lab needs the package {error.name}: python -m pip install 'partnership-dynamics[lab]'"
        ) from error
    from sim.lab.guard import LOOPBACK
    from sim.lab.workers import processes

    _calm_threads()
    workers = max(2, (os.cpu_count() or 1) - 1)
    address = _address() if share else ""
    shared = f"http://{address}:{port}/" if address else ""
    with _listen("0.0.0.0" if share else "127.0.0.1", port) as listening:
        hosts = {*LOOPBACK, address} - {""}
        app = build(lambda: processes(workers), at_once=workers, hosts=hosts, shared=shared, collect=board, ready=True)
        quiet: Any = {"log_level": "warning", "server_header": False, "proxy_headers": False}
        config = uvicorn.Config(app, http=Door, backlog=MOST, timeout_graceful_shutdown=2, **quiet)
        _greet(port, share, shared, board)
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:
            print("\nThe lab is closed.")


def export(file: Path, language: str) -> None:
    """Write the take-home page."""
    from sim.core.progress import bar as progress_bar
    from sim.lab.takehome import build, check
    from sim.lab.workers import processes
    from sim.storage.atomic import write_atomic

    check(file)
    _calm_threads()
    with progress_bar(desc=str(file), unit=" settings") as bar:

        def done(n: int, of: int) -> None:
            bar.total = of
            bar.update(n - bar.n)

        with processes(os.cpu_count() or 1) as pool:
            try:
                page = build(language, pool, done).encode()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    write_atomic(file, page)
    print(f"{file} is written ({len(page) / 1e3:,.0f} kB): it opens in any browser, without a server or internet.")


def _calm_threads() -> None:
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(threads, "1")  # the workers are processes


def _read_export(arguments: list[str]) -> tuple[Path, str]:
    from sim.core.paths import path_of
    from sim.lab.language import LANGUAGES

    given = dict(a.partition("=")[::2] for a in arguments)
    unknown = [key for key in given if key not in ("export", "lang")]
    if unknown or not given.get("export"):
        raise InputError(f"'{(unknown or ['lang'])[0]}': with export= (a file) lab takes lang= and nothing else")
    language = given.get("lang", "en")
    if language not in LANGUAGES:
        raise InputError(f"lang={language}: give {' or '.join(LANGUAGES)}")
    return path_of(given["export"]), language


def _read(arguments: list[str]) -> tuple[int, bool, bool]:
    port, switches = "8000", {"share": "false", "board": "false"}
    for text in arguments:
        key, _, value = text.partition("=")
        if key == "port":
            port = value
        elif key in switches:
            switches[key] = value.lower()
        else:
            raise InputError(f"'{text}': lab takes port=, share= and board=; see --help")
    if not (port.isascii() and port.isdigit() and 1024 <= int(port[:6]) <= 65535):
        raise InputError(f"port={port}: give a whole number from 1024 to 65535")
    for key, value in switches.items():
        if value not in ("true", "false"):
            raise InputError(f"{key}={value}: give true or false")
    return int(port), switches["share"] == "true", switches["board"] == "true"


def _listen(host: str, port: int) -> Any:
    """Take the port before anything is started, so that a port in use is known at once."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # there it would let two servers share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise InputError(f"port={port}: cannot be used ({error.strerror}); give another, as port={port + 1}") from error
    return listening


def _address() -> str:
    """Find this machine's address on the network; nothing is sent. Empty if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation (RFC 5737)
            return str(probe.getsockname()[0])
        except OSError:
            return ""


def _greet(port: int, share: bool, shared: str, board: bool) -> None:
    print(f"The lab is opening at http://127.0.0.1:{port}/ (a few seconds). Ctrl-C closes it.", flush=True)
    if share and shared:
        print(f"Shared: others on this network open {shared}")
        more = "send a finished game to the board" if board else "nothing else"
        print(f"Everybody there who has the address can look and move settings, and {more}.", flush=True)
    elif share:
        print("Shared, but this machine is on no network: nobody else can open it.", flush=True)
    if board:
        print(f"The class board, for this machine alone: http://127.0.0.1:{port}/board", flush=True)
