"""Single bits flipped and files cut short, in every kind of file of every kind of folder: no reader is silently wrong.

A reader may refuse, or give what it gave before (the file is not its business, or the bit stood in a space). Readers that
may write mend a copy, and what it holds then is compared. ``pytest -n0 -m slow tests/fuzz/test_flips.py`` prints the table;
``FLIPS=0.1`` in the environment flips a tenth of the bits, as the continuous integration flips some.
"""

import collections
import contextlib
import hashlib
import os
import random
import shutil
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.core.errors import InputError
from sim.storage.folders import verified
from sim.storage.sealed import unsealed
from sim.studies.policy_search.search import run_search
from sim.studies.policy_search.spec import check_search
from sim.studies.report.comparison import comparison_page, load_comparison
from sim.studies.report.folder import report_folder
from sim.studies.report.sweep import sweep_page
from sim.studies.validation.calibration_spec import CalibrationSpec
from sim.sweeps.operations import extend, resume, retry_failed
from sim.sweeps.spec import Executor
from sim.viz.figures.sweep import draw_all
from tests.sweeps.helpers import Count, Stop, StopAfter, checked_inputs, fingerprints, swept

SERIAL = Executor(name="serial")
OWN = "# my own policy\ndef allocate(seen, budget, memory):\n    return seen.spend(safeguard=0.5 * budget), memory\n"
DATA = {
    "policies": ["neutral", "adaptive", "own.py"],
    "space": {"start.trust": [0.3, 0.6], "grant.budget": [6, 12]},
    "changes": {"size.partners": 6},
    "replications": 3,
    "months": 4,
    "record": ["series", "events", "members"],
    "figures": {"gain": {"outcome": "retention", "x": "start.trust"}},
}
FACTS = CalibrationSpec(replications=10, targets={"T": {"outcome": "retention_60", "low": 0.3, "high": 0.7}})
QUIET = {"executor": "serial", "progress": False}


def finished_sweep(place):
    swept(place, **DATA)
    draw_all(sim.load(place))
    sim.discover(place, "retention", x="start.trust", y="grant.budget", folder=place / "discover" / "retention-map")
    report_folder(place)


def killed_sweep(place):
    from sim.sweeps.operations import start

    with pytest.raises(Stop):
        start(checked_inputs(place, DATA), StopAfter(2), "test")


def comparison(place):
    policies = ["neutral", "adaptive", "own.py"]
    scenario = sim.Scenario().replace(**{"size.partners": 6})
    sim.compare(scenario, policies, seeds=4, months=6, region=0, progress=False, folder=place)
    report_folder(place)


def one_run(place):
    sim.run("neutral", "own.py", months=4, folder=place)


def one_trace(place):
    sim.trace(["neutral", "own.py"], months=12, scenario="neutral", folder=place)


def searched(place):
    spec = check_search(
        {"policies": ["fixed_mix"], "objectives": ["retention"], "trials": 6, "replications": 3, "test_replications": 3, "region": 2, "months": 6, "judged": 2},
        sim.Scenario().replace(**{"size.partners": 6}),
    )  # fmt: skip
    result = run_search(spec, place, "sim.search(...)", False)
    result.save()
    return result.tables


def calibrated(place):
    result = sim.calibrate(FACTS, design={"name": "sobol", "n": 8}, replications=2, months=60, folder=place, **QUIET)
    result.save()
    return result.tables


def validated(place):
    result = sim.validate(region=2, seeds=2, folder=place, **QUIET)
    result.save()
    return result.tables


def sensible(place):
    result = sim.sensitivity(n=2, trajectories=2, folder=place, **QUIET)
    result.save()
    return result.tables


# Readers: a folder in, what they make of it out


def digest(*parts):
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def plain(table):
    return table.to_csv(index=False)


def loads(folder):
    sweep = sim.load(folder)
    points = plain(sweep.points) if sweep.is_finished else ""
    return digest(
        fingerprints(folder), plain(sweep.design), plain(sweep.failures), points, sweep.config, sweep.commands
    )


def queries(folder):
    return plain(
        sim.load(folder).sql("SELECT policy, avg(retention) r, count(*) n FROM runs GROUP BY policy", threads=1)
    )


def exports(folder):
    to = Path("exported.csv")
    to.unlink(missing_ok=True)
    try:
        sim.load(folder).export("series", to)
        return digest(to.read_bytes())
    finally:
        to.unlink(missing_ok=True)


def tells(folder):
    return sim.load(folder).text()


def status(folder):
    result = sim.load(folder).status()
    if result.damaged or result.log_damage or result.uncounted:
        raise InputError("status names the damage")
    return digest(result)


def page_text(page):
    parts = [page.title, page.question, page.answer, dict(page.facts)]
    for section in page.sections:
        parts += [section.title, section.words, section.tables, section.says]
        parts += [plain(data) for data in section.data.values() if data is not None]
        parts += [section.figure.read_bytes()] if isinstance(section.figure, Path) else []
    return digest(parts)


def reports_sweep(folder):
    return page_text(sweep_page(folder))


def reports_comparison(folder):
    return page_text(comparison_page(load_comparison(folder), folder))


def discovers(folder):
    result = sim.discover(folder, "retention", x="start.trust", y="grant.budget")
    return plain(result.regimes)


def reruns(folder):
    sweep = sim.load(folder)
    ids = sweep.sql("SELECT min(run_id) i FROM runs")["i"]
    return plain(sweep.rerun(ids[0]).tables.summary)


def resumes(folder):
    resume(folder, SERIAL, Count())
    return digest(fingerprints(folder), plain(sim.load(folder).points))


def extends(folder):
    extend(folder, ["replications=4"], SERIAL, Count(), "extend")
    return digest(fingerprints(folder))


def retries(folder):
    retry_failed(folder, SERIAL, Count())
    missing = sim.load(folder).lacking()
    if missing:  # it says so, and "sweep" runs the damaged ones again
        raise InputError(missing)
    return digest(sorted(plain(sim.load(folder).table(t).drop(columns="run_id")) for t in ("runs", "series")))


def reads_tables(folder):
    return digest([plain(sim.read_table(path)) for path in sorted(folder.rglob("*.parquet"))])


def opens(folder):
    return digest([verified(path).read_bytes() for path in sorted(folder.rglob("*.csv"))])


def verifies(folder):
    result = sim.verify(folder)
    if not result.is_whole:
        raise InputError("verify names the damage")
    return "whole"


def continues(make):
    return lambda folder: digest({name: plain(table) for name, table in make(folder).items()})


READ = {"verify": verifies, "read_table": reads_tables, "verified": opens}
OF_SWEEPS = {"load": loads, "sql": queries, "export": exports, "text": tells, "status": status, "rerun": reruns, **READ}
MORE_OF_SWEEPS = {"report": reports_sweep, "discover": discovers}
WRITERS = {"sweep again": resumes, "extend": extends, "retry-failed": retries}
KINDS = {
    "finished sweep": (finished_sweep, 700, OF_SWEEPS | MORE_OF_SWEEPS, WRITERS),
    "killed sweep": (killed_sweep, 400, OF_SWEEPS, {"sweep again": resumes, "extend": extends}),
    "comparison": (comparison, 400, {**READ, "report": reports_comparison}, {}),
    "run": (one_run, 150, READ, {}),
    "trace": (one_trace, 150, READ, {}),
    "search": (searched, 150, READ, {"search again": continues(searched)}),
    "calibration": (calibrated, 150, READ, {"calibrate again": continues(calibrated)}),
    "validation": (validated, 100, READ, {"validate again": continues(validated)}),
    "sensitivity": (sensible, 100, READ, {"sensitivity again": continues(sensible)}),
}
"""Kind of folder: how it is made, how many bits are flipped in it, who reads it, and who mends a copy of it."""

CUTS = 10
"""A file is cut short once for so many flips."""

SELDOM = {"sweep again": 8, "extend": 16, "retry-failed": 16, "search again": 8, "discover": 8, "report": 4, "rerun": 4}
"""Readers that take long see one in so many flips; who continues a study of many runs sees one in fifty."""


def test_enough_bits_are_flipped():
    flips = [n for _, n, _, _ in KINDS.values()]

    assert sum(flips) >= 2000
    assert sum(flips) // CUTS >= 200


def kind_of(path, folder):
    name = path.relative_to(folder)
    head = name.parts[0] if len(name.parts) > 1 else ""
    stem = "design" if path.name.startswith("design-") else path.stem
    if head in ("runs", "series", "events", "members"):
        return f"{head}/ shard"
    if path.suffix in (".png", ".svg"):
        return f"{head + '/' if head else ''}picture {path.suffix}"
    if path.name in ("manifest.json", "done.jsonl", "trials.jsonl", "points.parquet", "config.yaml", "report.html"):
        return f"{'' if not head else 'inner '}{path.name}"
    return f"{head}/ {path.suffix}" if head else f"{stem if stem == 'design' else 'table'} {path.suffix}"


def harmed(content, draws, cut):
    """Flip one bit, or cut the end off: anywhere, or between two lines."""
    if not cut:
        place, bit = draws.randrange(len(content)), draws.randrange(8)
        return content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]
    ends = [k + 1 for k, byte in enumerate(content[:-1]) if byte == 10]
    return content[: draws.choice(ends)] if ends and draws.random() < 0.5 else content[: draws.randrange(len(content))]


def same_data(name, before, after):
    """Tell whether a flipped bit left what a file says: in a space, or in the case of a digit."""
    return name == "manifest.json" and unsealed(after) is not None and unsealed(after) == unsealed(before)


def answer(reader, folder):
    try:
        return reader(folder)
    except InputError as error:
        return None if str(error).strip() else "silent"


def in_a_copy(reader, folder):
    """Let a reader that writes do so in a copy that has the same name."""
    shutil.copytree(folder, Path("there") / folder)
    shutil.copy("own.py", "there")
    try:
        with contextlib.chdir("there"):
            return answer(reader, folder)
    finally:
        shutil.rmtree("there")


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sim.engine.batch, "CHECK_INVARIANTS", False)
    Path("own.py").write_text(OWN)

    def make(kind):
        KINDS[kind][0](Path("f"))
        return Path("f")

    return make


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value", "ignore:divide by zero")
@pytest.mark.parametrize("kind", KINDS)
def test_no_flipped_bit_and_no_truncation_is_silently_wrong(kind, made, capsys):
    _, n, readers, writers = KINDS[kind]
    n = round(n * float(os.environ.get("FLIPS", "1")))
    folder, draws, table = made(kind), random.Random(kind), collections.Counter()
    files = collections.defaultdict(list)
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size):
        files[kind_of(path, folder)].append(path)
    expected = {name: answer(reader, folder) for name, reader in readers.items()}
    for name, reader in writers.items():
        expected[name] = in_a_copy(reader, folder)
    assert [name for name, what in expected.items() if what is None] == []
    of_kind = sorted(files)
    for k in range(n + n // CUTS):
        which = of_kind[k % len(of_kind)]
        path, cut = draws.choice(files[which]), k >= n
        before = path.read_bytes()
        after = harmed(before, draws, cut)
        path.write_bytes(after)
        turn = k // len(of_kind)  # each kind of file in turn is met by each of the slow readers
        for name, reader in {**readers, **writers}.items():
            if turn % SELDOM.get(name, 50 if name in writers else 1):
                continue
            now = in_a_copy(reader, folder) if name in writers else answer(reader, folder)
            fine = now == expected[name] and (name != "verify" or same_data(path.name, before, after))
            state = "refused" if now is None else "unharmed" if fine else "WRONG"
            table[which, name, state] += 1
            assert state != "WRONG", (
                kind,
                path,
                cut,
                name,
                [k for k in range(len(after)) if after[k] != before[k]][:1],
            )
        path.write_bytes(before)
    with capsys.disabled():
        print(f"\n{kind}: {n} bits flipped, {n // CUTS} files cut short\n{as_text(table)}")


def as_text(table):
    """Write the table: a row per kind of file, a column per reader; refused / unharmed / wrong."""
    rows = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0, 0]))
    for (which, name, state), count in table.items():
        rows[which][name][("refused", "unharmed", "WRONG").index(state)] += count
    frame = pd.DataFrame({which: {n: "/".join(map(str, c)) for n, c in row.items()} for which, row in rows.items()}).T
    return frame.fillna("").sort_index().to_string()
