"""Commands in a process of their own, with something going wrong on the way."""

import hashlib
import os
import resource
import signal
import sys
from pathlib import Path

import sim.engine.batch
from sim.cli.main import main

DIED = 9
"""Exit code of a process whose power went."""

SWEEP = ["sweep", "space.start.trust=[0.3,0.6]", "policies=[neutral,adaptive]", "scenario.size.partners=5", "replications=3", "months=5",
         "record=[events]", "figures={trust: {outcome: retention, x: start.trust}}", "executor=serial", "folder=out"]  # fmt: skip
COMPARE = ["compare", "scenario=neutral", "scenario.size.partners=5", "months=5", "replications=3", "region=0", "policies=[neutral,adaptive]",
           "folder=out"]  # fmt: skip
COMMANDS = {
    "run": ([], ["run", "months=3", "scenario.size.partners=5", "folder=out"]),
    "compare": ([], COMPARE),
    "sweep": ([], SWEEP),
    "extend": ([SWEEP], ["extend", "folder=out", "replications=5", "executor=serial"]),
    "export": ([SWEEP], ["export", "folder=out", "to=runs.csv", "overwrite=true"]),
    "a page of a sweep": ([SWEEP], ["report", "out"]),
    "a page of a comparison": ([COMPARE], ["report", "out"]),
    "search": ([], ["search", "scenario=neutral", "scenario.size.partners=5", "policies=[strategic_pause]", "objectives=[retention,effort_spent]",
                    "trials=3", "replications=2", "test_replications=3", "region=2", "judged=2", "months=4", "folder=out"]),
    "calibrate": ([], ["calibrate", "calibration=facts.yaml", "design.n=8", "executor=serial", "folder=out"]),
}  # fmt: skip
"""What each needs beforehand, and how it is given."""

FACTS = "experiment: calibration\nreplications: 10\nsample_size: 2\ntargets: {any: {outcome: exit_rate, low: 0, high: 1, unit: 1/month, source: nobody}}\n"


def started(arguments, wrong=lambda: None):
    """Start a command in a copy of this process, after something was made to go wrong there; gives its id."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code, sys.dont_write_bytecode = 99, True  # a compiled module that is cut short would outlive the test
    try:
        for name, number in (("told.txt", 2), ("heard.txt", 1)):
            os.dup2(os.open(Path.cwd().parent / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sim.engine.batch.CHECK_INVARIANTS = False
        wrong()
        code = main(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    except KeyboardInterrupt:  # struck before or after the command itself
        code = 130
    except BaseException:
        import traceback

        traceback.print_exc(file=sys.__stderr__)
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)


def ended(pid):
    """Wait for a command; gives its exit code (negative: the signal) and what it said on standard error."""
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), (Path.cwd().parent / "told.txt").read_text()


def done(arguments, wrong=lambda: None):
    return ended(started(arguments, wrong))


def disk_full_after(n_bytes):
    """Let no file grow beyond so many bytes: what a program meets then is what it meets on a full disk."""

    def wrong():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))

    return wrong


def power_goes(call, at, after=False):
    """End the process, as a power cut would, at the so-manieth call of ``os.fsync`` or ``os.replace`` (or just after)."""

    def wrong():
        real, left = getattr(os, call), [at]

        def cut(*arguments):
            left[0] -= 1
            if left[0] == 0 and not after:
                os._exit(DIED)
            result = real(*arguments)
            if left[0] == 0:
                os._exit(DIED)
            return result

        setattr(os, call, cut)

    return wrong


def contents(place):
    """Digest every file: sweeps by their tables, as the log may name tasks in another order."""
    result = {}
    for file in sorted(p for p in Path(place).rglob("*") if p.is_file()):
        name = file.relative_to(place).as_posix()
        if file.name not in ("done.jsonl", ".lock", "report.html", "manifest.json"):
            result[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return result
