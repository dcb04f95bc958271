"""Machine code: elementary functions, and files of compiled programs that are used only if they are what they seem."""

import os
import subprocess
import sys
import time
from functools import partial

import numpy as np
import pytest
from scipy.special import ndtri

pytest.importorskip("llvmlite")

from sim import simulate
from sim.engine.compiled import cache, loops, native, runs, runtime
from sim.engine.compiled.elementary import Style
from sim.engine.compiled.graph import Graph
from sim.engine.compiled.loops import LANES, Loop, Program
from sim.engine.compiled.module import module_of
from sim.engine.compiled.node import Node, span_of
from sim.engine.compiled.schedule import conditions_of, skipped_of


def program(*lines, inputs=1):
    """A program of one month: inputs x0, x1, ... of each run, one outcome named y."""
    reads = tuple(f"x{k} = run {k * LANES}" for k in range(inputs))
    loop = Loop("runs", (*reads, *lines, " = measure 0 y"))
    return Program((), (loop,), {}, {k: k for k in range(inputs)}, {}, frozenset(), 0, 0, 1, [])


def calculated(lines, *inputs, one_step=False):
    """Let machine code calculate y from x0, x1, ..."""
    made = program(*lines, inputs=len(inputs))
    return measured_by(made, *inputs, one_step=one_step)


def measured_by(made, *inputs, one_step=False):
    call = native.load(native.object_of(module_of(made, Style(one_step=one_step))))
    n_blocks = -(-len(inputs[0]) // LANES)
    runs = np.ones((n_blocks, len(inputs), LANES))
    for k, values in enumerate(inputs):
        runs[:, k].reshape(-1)[: len(values)] = values
        runs[:, k] = np.resize(values, (n_blocks, LANES))
    empty, keys, measured = np.zeros(LANES), np.zeros(n_blocks * LANES, dtype=np.uint64), np.empty(n_blocks * LANES)
    arrays = (empty, runs, empty, empty, empty, keys, empty, measured)
    call(*(a.ctypes.data for a in arrays), 1, len(inputs), 1, 1, 0, 1, 1, 0, n_blocks, n_blocks)
    return measured[: len(inputs[0])]


RNG = np.random.default_rng(1)
WIDE = np.concatenate([RNG.normal(0, 200, 4000).clip(-700, 700), RNG.normal(0, 1, 4000), [0.0, 1.0, -1.0, 1e-300]])
POSITIVE = np.concatenate([np.exp(RNG.uniform(-700, 700, 4000)), RNG.uniform(0.5, 2.0, 4000), [1.0, 5e-324, 1e308]])


@pytest.mark.parametrize("one_step", [False, True])
def test_exp_is_within_two_units_in_the_last_place(one_step):
    np.testing.assert_array_max_ulp(calculated(["y = exp x0"], WIDE, one_step=one_step), np.exp(WIDE), 2)


@pytest.mark.parametrize("one_step", [False, True])
def test_log_is_within_two_units_in_the_last_place(one_step):
    np.testing.assert_array_max_ulp(calculated(["y = log x0"], POSITIVE, one_step=one_step), np.log(POSITIVE), 2)
    assert calculated(["y = log x0"], np.array([0.0, np.inf])).tolist() == [-np.inf, np.inf]
    assert np.isnan(calculated(["y = log x0"], np.array([-1.0, np.nan]))).all()


def test_powers_agree_with_numpy():
    x, y = np.exp(RNG.uniform(-20, 20, 4000)), RNG.uniform(-8, 8, 4000)
    np.testing.assert_allclose(calculated(["y = power x0 x1"], x, y), x**y, rtol=1e-13)
    base, exponent = np.array([0.0, 0.0, 0.0, 3.0, 1.0]), np.array([2.5, -1.0, 0.0, 0.0, 7.0])
    assert calculated(["y = power x0 x1"], base, exponent).tolist() == [0.0, np.inf, 1.0, 1.0, 1.0]


@pytest.mark.parametrize("one_step", [False, True])
def test_the_quantile_of_the_normal_is_that_of_scipy_at_every_midpoint(one_step):
    midpoints = (np.arange(65536) + 0.5) / 65536
    quantiles = calculated(["y = ndtri x0"], midpoints, one_step=one_step)

    np.testing.assert_allclose(quantiles, ndtri(midpoints), rtol=2e-15, atol=0)
    assert np.array_equal(quantiles, -quantiles[::-1])


def test_series_in_one_step_and_in_two_differ_in_the_last_places_alone():
    two, one = (calculated(["y = exp x0"], WIDE, one_step=one_step) for one_step in (False, True))

    assert np.any(two != one)
    np.testing.assert_array_max_ulp(two, one, 3)


def test_lines_with_conditions_change_only_the_runs_in_which_all_hold():
    always = Loop("runs", ("x0 = run 0", " = measure 0 x0"))
    often = Loop("runs", ("x0 = run 0", "y = multiply x0 2.0", " = measure 0 y"), (f"run {LANES}",))
    seldom = Loop("runs", (" = measure 0 7.0",), (f"run {LANES}", f"run {2 * LANES}"))
    made = Program((), (always, often, seldom), {}, {0: 0, 1: 1, 2: 2}, {}, frozenset(), 0, 0, 1, [])
    x, one, two = np.arange(1.0, 7.0), np.array([0.0, 1, 1, 0, 1, 0]), np.array([1.0, 0, 1, 0, 0, 1])

    assert measured_by(made, x, one, two).tolist() == [1.0, 4.0, 7.0, 4.0, 10.0, 6.0]


def appended(nodes, op, *args):
    """Append a node of one value per run."""
    nodes.append(Node(len(nodes), op, args, None, "f", 1))
    return nodes[-1]


def test_what_only_a_choice_needs_is_skipped_where_no_run_chooses_it():
    lines = ["t = greater x0 0.0", " = begin t", "one = exp x0", "two = multiply one x1", "y = choose t two x1"]
    x, other = np.array([1.0, -1, 2, 0, *[-1.0] * LANES]), np.arange(4.0 + LANES)

    expected = np.where(x > 0, calculated(["y = exp x0"], x) * other, other)
    assert np.array_equal(calculated(lines, x, other), expected)


def test_steps_that_a_choice_alone_needs_are_found():
    nodes = []
    node = partial(appended, nodes)
    state, wanted = node("floor"), node("greater")
    alone, shared = node("exp", state), node("log", state)
    cheap = node("where", node("less"), node("add", state, state), state)
    choice = node("where", wanted, node("add", alone, shared), shared)
    stored = node("where", wanted, node("power", state, state), state)
    nodes.append(node("add", choice, cheap))

    skipped = skipped_of(nodes, {stored.args[1]})
    assert skipped == {choice: [alone, choice.args[1]]}  # not what two need, is stored, or costs little


def test_a_logarithm_of_bits_of_a_draw_is_known_to_be_plain():
    graph = Graph({}, range(1))
    draw = graph.node("draw", value=("partner", 1, 0), kind="u", level=2)
    bits = graph.apply("float", graph.apply("signed", graph.apply("bitwise_and", draw, graph.number(np.uint64(65535)))))
    midpoint = graph.apply("multiply", graph.apply("add", bits, graph.number(0.5)), graph.number(2.0**-16))

    assert span_of(midpoint) == (2.0**-17, 1 - 2.0**-17)
    assert span_of(bits) == (0.0, 65535.0)
    for unknown in (
        graph.number(-2.0),
        graph.node("state", value=("trust", 0), level=2),
        graph.apply("negative", midpoint),
    ):
        assert span_of(graph.apply("multiply", midpoint, unknown)) == (-np.inf, np.inf)
    texts = calculated(["y = plain_log x0"], POSITIVE[:-2]), calculated(["y = log x0"], POSITIVE[:-2])
    assert np.array_equal(*texts)


@pytest.mark.parametrize("policy", ["neutral", pytest.param("connecting", marks=pytest.mark.slow)])
def test_portions_of_a_loop_change_no_bit(policy, monkeypatch):
    def results(portion):
        monkeypatch.setattr(loops, "PORTION", portion)
        monkeypatch.setattr(runtime, "_compiled", {})
        monkeypatch.setattr(runs, "_listed", {})
        return simulate({"size": {"partners": 5}}, 6, policy, 18, ("summary", "series"), engine="compiled")

    one, other = results(5), results(10**6)
    assert one.summary.equals(other.summary)
    assert one.series.equals(other.series)


def test_rows_begin_where_a_line_of_the_cache_does():
    rows = runtime.rows_of(3, 2, LANES)

    assert rows.shape == (3, 2, LANES)
    assert rows.ctypes.data % 64 == 0
    assert not rows.any()


def test_a_step_is_needed_under_the_conditions_that_all_its_users_share():
    nodes = []
    node = partial(appended, nodes)
    row, who = node("row"), node("floor")
    matched, full = node("flag"), node("flag", node("greater"))
    shared, inner, used = node("log"), node("sqrt"), node("floor")
    one = node("put", row, who, node("add", shared, used), matched)
    two = node("put", one, who, node("add", shared, inner), matched, full)
    under = conditions_of(nodes, [used])

    assert under[used] == under[matched] == ()
    assert under[shared] == under[one] == under[full] == (matched,)
    assert under[inner] == under[two] == (matched, full)
    assert under[who] == ()  # it comes before the conditions are known


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("PARTNERSHIP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_LOADED", {})
    return tmp_path / "cache"


@pytest.fixture
def loads(monkeypatch):
    """What is compiled, and not loaded from disk."""
    made = []

    def object_of(text):
        made.append(text)
        return b"code of " + text[:40].encode()

    monkeypatch.setattr(native, "object_of", object_of)
    monkeypatch.setattr(native, "load", lambda code: code)
    return made


def again(monkeypatch, made):
    """Ask as a new process does."""
    monkeypatch.setattr(cache, "_LOADED", {})
    return cache.compiled(made)


def test_a_program_is_compiled_once_and_read_in_the_next_process(place, loads, monkeypatch):
    first = cache.compiled(program("y = exp x0"))
    second = again(monkeypatch, program("y = exp x0"))
    cache.compiled(program("y = log x0"))

    assert first == second
    assert len(loads) == 2
    assert len(list(place.iterdir())) == 2


def _poison(path):
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(bytes(content))


DAMAGE = {
    "poisoned": _poison,
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-5]),
    "emptied": lambda path: path.write_bytes(b""),
    "something else": lambda path: path.write_bytes(b"\x7fELF" + b"0" * 900),
    "a link": lambda path: (
        path.rename(path.with_suffix(".elsewhere")),
        path.symlink_to(path.with_suffix(".elsewhere")),
    ),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "writable by others": lambda path: path.chmod(0o666),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_or_foreign_file_is_never_run(damage, place, loads, monkeypatch):
    if damage in ("a link", "writable by others") and not hasattr(os, "geteuid"):
        pytest.skip("of POSIX systems")
    cache.compiled(program("y = exp x0"))
    (path,) = place.iterdir()
    DAMAGE[damage](path)

    assert again(monkeypatch, program("y = exp x0")).startswith(b"code of")
    assert len(loads) == 2


def test_code_of_another_program_processor_or_compiler_is_never_run(place, loads, monkeypatch):
    cache.compiled(program("y = exp x0"))
    (path,) = place.iterdir()
    content = path.read_bytes()
    cache.compiled(program("y = log x0"))
    (other,) = set(place.iterdir()) - {path}
    other.write_bytes(content)  # a whole file under another name

    again(monkeypatch, program("y = log x0"))
    assert len(loads) == 3
    monkeypatch.setattr(native, "described", lambda: "another processor")
    again(monkeypatch, program("y = exp x0"))
    assert len(loads) == 4


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="of POSIX systems")
def test_a_folder_that_others_may_write_to_is_not_used(place, loads, monkeypatch):
    place.mkdir(mode=0o700)
    place.chmod(0o777)
    cache.compiled(program("y = exp x0"))

    assert list(place.iterdir()) == []


def test_what_was_used_longest_ago_goes_first(place, loads, monkeypatch):
    for k in range(3):
        cache.compiled(program(f"y = add x0 {k}.0"))
        (newest,) = [p for p in place.iterdir() if p.stat().st_mtime > time.time() - 1000]
        os.utime(newest, (time.time() - 5000 + 1000 * k,) * 2)
    again(monkeypatch, program("y = add x0 0.0"))  # used now
    size = max(p.stat().st_size for p in place.iterdir())
    monkeypatch.setattr(cache, "LARGEST", 3 * size)
    cache.compiled(program("y = add x0 3.0"))

    assert len(list(place.iterdir())) == 3
    again(monkeypatch, program("y = add x0 0.0"))
    assert len(loads) == 4
    again(monkeypatch, program("y = add x0 1.0"))
    assert len(loads) == 5


def test_where_nothing_can_be_kept_it_is_compiled(tmp_path, loads, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PARTNERSHIP_CACHE", str(tmp_path / "file" / "below"))

    assert again(monkeypatch, program("y = exp x0"))


SIMULATE = "import sim; print(sim.simulate('neutral', 4, 'adaptive', 6, engine='compiled').summary.to_csv())"


@pytest.mark.slow
def test_six_processes_at_once_leave_a_file_for_each_part_of_a_run(tmp_path):
    environment = os.environ | {"PARTNERSHIP_CACHE": str(tmp_path)}
    started = [
        subprocess.Popen([sys.executable, "-c", SIMULATE], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    printed = {process.communicate()[0] for process in started}

    assert len(printed) == 1
    assert "retention" in printed.pop()
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.slow
def test_an_interrupted_write_leaves_nothing_that_is_used(tmp_path):
    """A process that is killed at any moment leaves no file, or a whole one."""
    environment = os.environ | {"PARTNERSHIP_CACHE": str(tmp_path)}
    for seconds in (0.8, 1.6, 2.4):
        process = subprocess.Popen([sys.executable, "-c", SIMULATE], env=environment, stdout=subprocess.DEVNULL)
        time.sleep(seconds)
        process.kill()
        process.wait()
    done = subprocess.run([sys.executable, "-c", SIMULATE], env=environment, capture_output=True, text=True, check=True)

    assert "retention" in done.stdout
    assert len(list(tmp_path.glob("*.object"))) == 3
