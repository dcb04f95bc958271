"""``partnership``: the command. It starts fast; every error is one line and exit code 2."""

import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module

from sim.cli.options import COMMANDS, module_of, normalise
from sim.cli.terminal import settled

HELP = """\
partnership - why cross-sector partnerships keep or lose their partners, and what an orchestrator can do about it

  partnership compare     compare policies on the same seeds (start here: it needs no arguments)
  partnership report      a page of a comparison or a sweep: the answer in words, figures, tables
  partnership inform      what is worth finding out before you choose between the policies of a comparison
  partnership run         one partnership, its story month by month
  partnership trace       why two policies differ: their first divergence on one seed, and what followed for whom
  partnership dose        one thing from none to full: does more help, from where on does it harm, and why
  partnership import      your member lists: a roster and spells, what is wrong with them, facts beside the model's
  partnership forecast    a partnership of your own, from now on: who is likely to stay, under each plan, and why
  partnership lab         a classroom app: watch a partnership, change a parameter, compare two strategies
  partnership verify      whether every file of a folder of results is as it was written
  partnership describe    every parameter, variable, policy, outcome and scenario

  partnership plan          what a sweep would cost, before it runs
  partnership sweep         an experiment: many partnerships over what varies; if stopped, it resumes
  partnership status        how far a sweep is, and whether its folder is in order
  partnership extend        more replications, design points or policies
  partnership retry-failed  run again what failed
  partnership rerun         repeat one run of a sweep, check it to the last bit, and show its story
  partnership export        a table of a sweep as CSV
  partnership discover      where a policy fails in a sweep, and which policy is best where

  partnership search        which policy parameters do best, judged on test seeds
  partnership pathways      when an action stops meeting a target, what announces it, and where to switch
  partnership calibrate     which parameter sets agree with the calibration data
  partnership validate      patterns the model was not fitted to, and exact limits, each with its verdict
  partnership sensitivity   which parameters matter, alone and together
  partnership forecast-score  how good the model's forecasts of real member lists are, beside simple baselines

  partnership methods       a paper kit: model, parameters, equations, references, and an archive that runs again
  partnership reproduce     run results again and compare every file, byte for byte

  partnership completion    tab completion for bash, zsh and fish
  partnership COMMAND --help     what it takes, with examples
  partnership --version

Options are key=value, --key=value or --key value: policy=neutral, --policy=neutral and --policy neutral are the same.
Exit codes: 0 done, 1 verify or reproduce found a difference, 2 bad input, 3 done but some runs failed, 130 stopped.
"""

_stop_wanted = threading.Event()
"""Set when the user stops a command: a library that is interrupted at a bad moment may raise something else instead."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; give its exit code, as ``HELP`` lists them.

    Args:
        arguments: what follows ``partnership``. By default those of this process, which is then the command's own:
            Matplotlib's configuration and the output are settled for it. Given, it leaves the process as it was.
    """
    _stop_wanted.clear()
    with settled() if arguments is None else nullcontext(), _watched():
        return _run(sys.argv[1:] if arguments is None else arguments)


@contextmanager
def _watched() -> Iterator[None]:
    """Stop on signals, and show warnings as one line, while a command runs."""
    before = warnings.formatwarning
    warnings.formatwarning = lambda message, *_, **__: f"partnership: {message}\n"
    handlers = {}
    if threading.current_thread() is threading.main_thread():
        handlers[signal.SIGTERM] = signal.signal(signal.SIGTERM, _stop)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            handlers[signal.SIGINT] = signal.signal(signal.SIGINT, _stop)
    try:
        yield
    finally:
        warnings.formatwarning = before
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _run(arguments: list[str]) -> int:
    try:
        return _dispatch(arguments)
    except KeyboardInterrupt as stopped:
        return _stopped(str(stopped))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _complain(f"stopped: {error}")
    except Exception:
        if not _stop_wanted.is_set():
            raise
        return _stopped("")


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(HELP)
        return 0
    if arguments[0] == "--version":
        from sim import __version__

        print(f"partnership {__version__}")
        return 0
    name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS:
        from difflib import get_close_matches

        close = get_close_matches(name, COMMANDS, 1, 0.5)
        hint = f"did you mean {close[0]}?" if close else f"commands: {', '.join(COMMANDS)}"
        return _complain(f"there is no command '{name}'; {hint}")
    module = f"sim.cli.{module_of(name)}"
    help_wanted = any(a in ("-h", "--help") for a in rest)
    try:
        if help_wanted:
            print(import_module(module).HELP)
            return 0
        command = import_module(module)
    except ModuleNotFoundError as error:
        return _complain(f"the package '{error.name}' is missing; install it with: python -m pip install {error.name}")
    from sim.core.errors import SOME_FAILED, InputError, RunsFailed

    try:
        return command.main(normalise(name, rest)) or 0
    except RunsFailed as error:
        _complain(str(error))
        return SOME_FAILED
    except InputError as error:
        return _stopped("") if _stop_wanted.is_set() else _complain(str(error))
    except ModuleNotFoundError as error:
        return _complain(f"the package '{error.name}' is missing; install it with: python -m pip install {error.name}")
    except MemoryError:
        return _complain("not enough memory; use fewer replications= or fewer partners")


def _stop(*_: object) -> None:
    _stop_wanted.set()
    raise KeyboardInterrupt


def _stopped(what: str) -> int:
    print(f"\npartnership: stopped; {what or 'nothing half-written is left'}", file=sys.stderr)
    return 130


def _complain(text: str) -> int:
    for line in text.splitlines():
        print(f"partnership: {line}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
