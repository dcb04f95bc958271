"""``partnership lab``: the classroom app, served from this computer."""

import os
import socket
from pathlib import Path
from typing import Any

from sim.core.errors import InputError

HELP = """\
Open the classroom app on this computer. Students watch a partnership, move sliders, and compare two strategies; or they
are the orchestrator themselves, for ten half-years, and see only what an orchestrator can see (/convene).

  partnership lab              # then open http://127.0.0.1:8000 in a browser
  partnership lab port=8080
  partnership lab share=true   # other computers on the same network can open it too; prints the address for them
  partnership lab share=true board=true   # also collects the scores of the game, at /board on this computer

  partnership lab scenario=my_case.yaml       # your own partners by name, on this computer only
  partnership lab scenario=my_case.yaml anonymise=true share=true   # numbered, so that students may open it too

  partnership lab export=lesson.html          # an offline copy: the stories with a small grid of slider values
  partnership lab export=les.html lang=nl     # the same in Dutch
  partnership lab export=site/                # the static app: a folder for any web server; the model runs in the page
  partnership lab export=site/ policy=my_policy.py   # with a policy of your own

Needs the extra "lab": python -m pip install 'partnership-dynamics[lab]' (Starlette and Uvicorn). The app does not use
the internet and stores nothing about anyone. What a page shows is in its address: the same link shows the same page.

Without share=true only this computer can open the app. With it, everybody on the same network who has the address can
look and move sliders, which takes computing time here; they can change nothing. Some school networks keep devices
apart; the hotspot of a phone does not. Press Ctrl-C to close the app.

With scenario= your own case (docs/your_partnership.md) is the first story: the watched run and its sentences name your
members. No link has any of it, the game, the activities and the offline copy keep their own stories, and with names it
is not shared.

With board=true, students who finish the game with the board's seed may send a nickname and their decisions. This
computer calculates the scores; nothing is written to disk, and all is erased when the app closes. Only this computer
shows the board, unless you open it to all on its page.

With export= a file, nothing is served: a few minutes of simulation make one file that opens in any browser, also on a
phone, without a server or internet. It needs no extra. With export= a folder (with / at its end), the model is compiled
for the browser, and any web server can serve the folder to any number of students: their devices do the calculating.
It needs the extra "page": python -m pip install 'partnership-dynamics[page]'.
"""


def main(arguments: list[str]) -> None:
    """Run the command."""
    if any(a.startswith("export=") and a.endswith(("/", "\\")) for a in arguments):
        return export_folder(*_folder_options(arguments))
    if any(a.startswith(("export=", "lang=")) for a in arguments):
        return export(*_export_options(arguments))
    port, share, board, case = _options(arguments)
    try:
        import uvicorn

        from sim.lab.app import build_app
        from sim.lab.connections import LOOPBACK, MAX_CONNECTIONS, LimitedConnection
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        raise InputError(
            f"the classroom app needs the package {error.name}: python -m pip install 'partnership-dynamics[lab]'"
        ) from error
    from sim.lab.stories import open_case
    from sim.lab.workers import start_processes

    _limit_threads()
    open_case(case)
    workers = max(2, (os.cpu_count() or 1) - 1)
    address = _address() if share else ""
    shared = f"http://{address}:{port}/" if address else ""
    with _listen("0.0.0.0" if share else "127.0.0.1", port) as listening:
        hosts = {*LOOPBACK, address} - {""}
        app = build_app(lambda: start_processes(workers, case), workers, hosts, shared, with_board=board, ready=True)
        quiet: Any = {"log_level": "warning", "server_header": False, "proxy_headers": False}
        config = uvicorn.Config(
            app, http=LimitedConnection, backlog=MAX_CONNECTIONS, timeout_graceful_shutdown=2, **quiet
        )
        _print_addresses(port, share, shared, board)
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:
            print("\nThe classroom app is closed.")


def export(file: Path, language: str) -> None:
    """Write the offline copy."""
    from sim.core.progress import bar as progress_bar
    from sim.lab.offline_copy import build_offline_copy, check_file
    from sim.lab.workers import start_processes
    from sim.storage.atomic import write_atomic

    check_file(file)
    _limit_threads()
    with progress_bar(desc=str(file), unit=" tasks") as bar:

        def report(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        with start_processes(os.cpu_count() or 1) as pool:
            try:
                page = build_offline_copy(language, pool, report).encode()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    write_atomic(file, page)
    print(f"{file} is written ({len(page) / 1e3:,.0f} kB). It opens in any browser, without a server or internet.")


def export_folder(folder: Path, more: list[str]) -> None:
    """Write the static app."""
    from sim.core.progress import bar as progress_bar
    from sim.engine.compiled import installed

    if not installed():
        raise InputError("export= a folder needs llvmlite: python -m pip install 'partnership-dynamics[page]'")
    from sim.lab.export import export_site

    with progress_bar(desc=str(folder), unit=" runs compiled") as bar:

        def report(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        export_site(folder, more=more, progress=report)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"{folder} is written ({size / 1e6:.1f} MB). Serve it with any web server, for example:")
    print(f"  python -m http.server --bind 127.0.0.1 --directory {folder}")


def _folder_options(arguments: list[str]) -> tuple[Path, list[str]]:
    from sim.core.paths import path_of

    options = [a.partition("=")[::2] for a in arguments]
    unknown = [key for key, _ in options if key not in ("export", "policy")]
    if unknown:
        raise InputError(f"'{unknown[0]}': with export= a folder give policy= if you like; no other option")
    (folder,) = [value for key, value in options if key == "export"][-1:]
    return path_of(folder), [value for key, value in options if key == "policy"]


def _limit_threads() -> None:
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(threads, "1")  # the worker processes already use all cores


def _export_options(arguments: list[str]) -> tuple[Path, str]:
    from sim.core.paths import path_of
    from sim.lab.messages import LANGUAGES

    options = dict(a.partition("=")[::2] for a in arguments)
    unknown = [key for key in options if key not in ("export", "lang")]
    if unknown or not options.get("export"):
        raise InputError(
            f"'{(unknown or ['lang'])[0]}': give export= (a file) and, if you like, lang=; no other option"
        )
    language = options.get("lang", "en")
    if language not in LANGUAGES:
        raise InputError(f"lang={language}: give {' or '.join(LANGUAGES)}")
    return path_of(options["export"]), language


def _options(arguments: list[str]) -> tuple[int, bool, bool, Any]:
    port, file, switches = "8000", "", {"share": "false", "board": "false", "anonymise": "false"}
    for text in arguments:
        key, _, value = text.partition("=")
        if key == "port":
            port = value
        elif key == "scenario":
            file = value
        elif key in switches:
            switches[key] = value.lower()
        else:
            raise InputError(
                f"'{text}': lab has the options port=, share=, board=, scenario= and anonymise=; see --help"
            )
    if not (port.isascii() and port.isdigit() and 1024 <= int(port[:6]) <= 65535):
        raise InputError(f"port={port}: give a whole number from 1024 to 65535")
    for key, value in switches.items():
        if value not in ("true", "false"):
            raise InputError(f"{key}={value}: give true or false")
    share, board, anonymise = (value == "true" for value in switches.values())
    return int(port), share, board, _case(file, share, anonymise)


def _case(file: str, share: bool, anonymise: bool) -> Any:
    """Load the teacher's own case; None without one."""
    from sim.config.job import load_scenario

    if not file:
        return None
    case = load_scenario(file, anonymise=anonymise)
    if case.members and share and not anonymise:
        raise InputError(
            "share=true and scenario=: the members' names would go to other computers; add anonymise=true, or leave "
            "share out"
        )
    return case


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


def _print_addresses(port: int, share: bool, shared: str, board: bool) -> None:
    print(f"The classroom app opens at http://127.0.0.1:{port}/ in a few seconds. Ctrl-C closes it.", flush=True)
    if share and shared:
        print(f"Shared: other computers on this network open {shared}")
        more = "look, move sliders, and send a finished game to the board" if board else "look and move sliders"
        print(f"Everybody on this network who has the address can {more}.", flush=True)
    elif share:
        print("Shared, but this computer is not on a network: nobody else can open the app.", flush=True)
    if board:
        print(f"The class board, on this computer only: http://127.0.0.1:{port}/board", flush=True)
