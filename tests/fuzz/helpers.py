"""What a person, or a program gone wild, might give; and what may come of it: an answer, or a line that helps."""

import contextlib
import signal
import threading

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

import sim
from sim.core.declare import parameters
from sim.core.errors import InputError

PATHS = [q.path for q in parameters(sim.Scenario())]
NASTY = [
    "", " ", "null", "true", "false", "nan", ".nan", "-inf", ".inf", "1e400", "-0", "0", "1", "-1", "0.5", "1e-320", "9" * 400, "9" * 5000,
    "0x1F", "1_000", "٣", "½", "²", "1,2", "2001-99-99", "1:99:99", "[", "]", "{", "}", "[]", "{}", "[[]]", "{a: {}}", "{: 1}", "{1: 2}",
    "[1, {a: [2]}]", "'", '"', "''", "\\", "a\nb", "a\tb", "\r", "\x00", "\x1b[31m", "\ud7ff", "\U0001f600", "é", "'; DROP TABLE runs; --",
    "../../etc", "/dev/null", "~", "~nobody_of_that_name/x", "$HOME", "${now:}", "${", "%s", "{name}", "*", "?", "&x", "*x", "!!python/none",
    "---", "- a", "a: b", "#", "@", "choice(1,2)", "range(3)", "interval(0,1)", "glob(*)", "sort([2,1])", "shuffle(1,2)", "int(1)", "float(x)",
    "str([1])", "bool(1)", "extend_list(1)", "tag(a,1)", "neutral", "adaptive", "[neutral]", "[neutral,adaptive]", "{name: adaptive}", "[null]",
    "[{name: adaptive, pause: 3}]", "[{}]", "[{name: null}]", "[{name: {}}]", "[1]", "[neutral,neutral]", "{name: [1]}", "{pause: 1}",
    "denim_alliance", "range", "{low: 0, high: 1}", "{low: 1, high: 0}", "{low: a}", "{low: 0.1, high: 0.2, scale: log}", "{steps: 1e9}",
    "{a: {start.trust: 0.5}}", "{a: 1, b: {}}", "[0.2, 0.4]", "[0.2, 0.2]", "[a, 1]", "[[1]]", "x.py", "x.py:", ":x", ".", "..", "os", "os:getcwd",
    "sys:exit", "a.b.c", "a..b", "x.yaml", "sobol", "morris", "saltelli", "file", "grid", "serial", "dask", "(" * 200, "[" * 200, "{a: " * 100,
    "a" * 5000, "start.trust", "rules.leak.rate < start.trust",
]  # fmt: skip
TEXT = st.sampled_from(NASTY) | st.text(max_size=12) | st.integers().map(str) | st.floats().map(repr)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | TEXT | st.sampled_from(PATHS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.sampled_from(PATHS), inner, max_size=3),
    max_leaves=8,
)
"""What a YAML file may hold."""

FEW = settings(max_examples=15, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


def mangled(words):
    """Take a word as it is, or with a letter lost, changed or added."""

    def mangle(word, place, letter):
        place %= len(word) + 1
        return word[:place] + letter + word[place + len(letter) % 2 :]

    known = st.sampled_from(words)
    return known | st.builds(mangle, known, st.integers(0, 50), st.sampled_from(["", "a", ".", "=", " ", "xy", "é"]))


@contextlib.contextmanager
def no_hang(seconds=30):
    """Stop what takes so long that a person would give up."""

    def stop(*_):
        raise TimeoutError(f"still at it after {seconds} s")

    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def answered(call, *culprits):
    """Call; gives the answer, or None where it was refused with a message that names one of the culprits."""
    with no_hang():
        try:
            return call()
        except InputError as error:
            helps(str(error), *culprits)
            return None


def helps(message, *culprits):
    """Check that a message is for the person who meets it, and names what was given."""
    assert message.strip()
    assert len(message) < 8000, len(message)
    assert all(line.isprintable() for line in message.split("\n")), repr(message)
    for of_the_machine in (
        "Traceback",
        "object at 0x",
        "errors.pydantic.dev",
        "<class",
        "validation error",
    ):
        assert of_the_machine not in message, message
    if any(c.strip() for c in culprits):
        named = [shown for c in culprits for shown in (str(InputError(c))[:20], ascii(c[:9])[1:-1]) if shown]
        assert "''" in message or any(c in message for c in named), (message, culprits)
