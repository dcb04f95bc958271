"""``partnership lab``: the classroom app, served from this computer or written for any web server."""

import os
import socket
import threading
import webbrowser
from pathlib import Path
from typing import Any

from sim.core.errors import InputError

HELP = """\
Open the classroom app on this computer, or write it for any web server. Students predict, watch a partnership, move
sliders, compare two strategies, and are the orchestrator themselves. The model runs in their own browsers.

  partnership lab              # then open http://127.0.0.1:8000 in a browser
  partnership lab port=8080 open=true   # opens the browser, too
  partnership lab share=true   # other computers and phones on the same network can open it; prints their address
  partnership lab share=true board=true   # also collects predictions and games of the class; prints the board's address

  partnership lab export=site/                       # a folder for any web host, an intranet or a USB stick
  partnership lab export=lesson.html                 # the same as one file, which opens from disk
  partnership lab export=site/ policy=my_policy.py   # with a policy of your own; again policy= for another
  partnership lab export=site/ xapi=https://lrs.example/   # a learning record store may be told of predictions
  partnership lab folder=site/                       # serve such a folder
  partnership lab export=lesson.pptx lang=nl         # slides of the activities, to edit; address= puts links on them

A release has the model compiled for browsers. In a checkout the first start compiles it, once for each version of it:
some minutes, with the extra "page" (python -m pip install 'partnership-dynamics[lab,page]').

The app does not use the internet and stores nothing about anyone. What a page shows is in its address: the same link
shows the same page. Without share=true only this computer can open the app. With it, everybody on the same network who
has the address can. Some school networks keep devices apart; the hotspot of a phone does not. Ctrl-C closes the app.

With board=true, students may send a nickname with a prediction or a finished game to this computer. Nothing is written
to disk, and all is erased when the app closes. Only this computer shows the board, unless you open it to all.
"""

SERVING = {"port": "8000", "share": "false", "board": "false", "open": "false", "folder": ""}
EXPORTING = ("export", "policy", "xapi", "lang", "address")


def main(arguments: list[str]) -> None:
    """Run the command."""
    options = [a.partition("=")[::2] for a in arguments]
    known = EXPORTING if any(key == "export" for key, _ in options) else tuple(SERVING)
    for key, value in options:
        if key not in known:
            raise InputError(
                f"'{key}{'=' * bool(value)}{value}': lab has here {', '.join(f'{k}=' for k in known)}; see --help"
            )
    if known == EXPORTING:
        last = dict(options)
        if last["export"].endswith(".pptx"):
            return slides(last["export"], last.get("lang", "en"), last.get("address", ""))
        return export(last["export"], [v for k, v in options if k == "policy"], last.get("xapi", ""))
    return serve(SERVING | dict(options))


def serve(options: dict[str, str]) -> None:
    """Serve the app until it is stopped."""
    port, share, board = _port(options["port"]), _switch("share", options), _switch("board", options)
    opens = _switch("open", options)
    try:
        import uvicorn

        from sim.lab.connections import LOOPBACK, MAX_CONNECTIONS, LimitedConnection
        from sim.lab.server import build_app
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        raise InputError(
            f"the classroom app needs the package {error.name}: python -m pip install 'partnership-dynamics[lab]'"
        ) from error
    with _listen("0.0.0.0" if share else "127.0.0.1", port) as listening:
        folder, address = _folder(options["folder"]), _address() if share else ""
        app = build_app(folder, {*LOOPBACK, address} - {""}, board, f"http://{address}:{port}/" if address else "")
        quiet: Any = {"log_level": "warning", "server_header": False, "proxy_headers": False}
        config = uvicorn.Config(
            app, http=LimitedConnection, backlog=MAX_CONNECTIONS, timeout_graceful_shutdown=2, **quiet
        )
        _print_addresses(port, share, address, board)
        if opens:
            threading.Timer(1, webbrowser.open, [f"http://127.0.0.1:{port}/{'?class#board' * board}"]).start()
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:
            print("\nThe classroom app is closed.")


def export(to: str, policies: list[str], xapi: str) -> None:
    """Write the app as a folder, or as one file."""
    from sim.core.cores import available
    from sim.core.paths import path_of
    from sim.lab.folders import packed

    if policies or packed() is None:
        _needs_compiler()
    from sim.lab.export import export_file, export_site

    path = path_of(to)
    write = export_file if path.suffix == ".html" and not to.endswith(("/", "\\")) else export_site
    _compile(str(path), lambda progress: write(path, more=policies, progress=progress, workers=available(), xapi=xapi))
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    print(f"{path} is written ({sum(file.stat().st_size for file in files) / 1e6:.1f} MB).", end=" ")
    if path.is_file():
        print("It opens in any browser, without a server or internet.")
    else:
        print(f"Put it on any web host, or serve it here:\n  partnership lab folder={path}")


def slides(to: str, language: str, address: str) -> None:
    """Write slides for a lesson."""
    from sim.core.paths import path_of
    from sim.lab.slides import export_slides

    n = export_slides(path_of(to), language, address)
    print(f"{to} is written ({n} slides). Answers and what students misread are in the notes.")


def _folder(option: str) -> Path:
    """Find what to serve: a folder by name, one that travels with the package, or one that is compiled now."""
    from sim.core.cores import available
    from sim.core.paths import path_of
    from sim.lab.folders import MARK, packed

    if option:
        if not (path_of(option) / MARK).is_file():
            raise InputError(f"folder={option}: is no exported app; make one with partnership lab export={option}")
        return path_of(option)
    if (folder := packed()) is not None:
        return folder
    _needs_compiler()
    from sim.engine.compiled.cache import folder as cache
    from sim.lab.export import export_site

    folder = cache() / "lab"
    _compile("the model", lambda progress: export_site(folder, progress=progress, workers=available()))
    return folder


def _compile(what: str, write: Any) -> None:
    """Call a function that compiles, and show how far it is."""
    from sim.core.progress import bar as progress_bar

    with progress_bar(desc=what, unit=" runs compiled") as bar:

        def report(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        write(report)


def _needs_compiler() -> None:
    from sim.engine.compiled import installed

    if not installed():
        raise InputError("compiling for browsers needs llvmlite: python -m pip install 'partnership-dynamics[page]'")


def _port(port: str) -> int:
    if not (port.isascii() and port.isdigit() and 1024 <= int(port[:6]) <= 65535):
        raise InputError(f"port={port}: give a whole number from 1024 to 65535")
    return int(port)


def _switch(key: str, options: dict[str, str]) -> bool:
    value = options[key].lower()
    if value not in ("true", "false"):
        raise InputError(f"{key}={options[key]}: give true or false")
    return value == "true"


def _listen(host: str, port: int) -> Any:
    """Bind the port before anything starts, so that a port in use is reported at once."""
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
    """Find the address of this computer on the network; nothing is sent. Empty if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation (RFC 5737)
            return str(probe.getsockname()[0])
        except OSError:
            return ""


def _print_addresses(port: int, share: bool, address: str, board: bool) -> None:
    here, there = f"http://127.0.0.1:{port}/", f"http://{address}:{port}/"
    asks = "?class" * board
    print(f"The classroom app is at {here}{asks} on this computer. Ctrl-C closes it.", flush=True)
    if address:
        print(f"Shared: others on this network open {there}{asks}", flush=True)
    elif share:
        print("Shared, but this computer is not on a network: nobody else can open the app.", flush=True)
    if board:
        print(f"The class board: {here}{asks}#board", flush=True)
