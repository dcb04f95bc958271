"""A case of a reader's own: its file is the command line's, and its numbers in the page are those of ``simulate``."""

import functools
import http.server
import importlib.util
import json
import os
import shutil
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.lab.by_hand import hand_of, play
from sim.lab.export import export_site, free_parameters
from sim.lab.own_case import MOST_EVENTS, OWN, describe_case, free_of, template
from sim.lab.single_file import single_file
from sim.lab.stories import STORIES, scenario_named
from sim.model.dated_events import KINDS
from tests.lab.drivers import Firefox, WebKit
from tests.lab.test_browsers import TEXT, settled
from tests.lab.test_export import Quiet
from tests.lab.test_site import SETTLED

HERE = Path(__file__).parent
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
needs_linker = pytest.mark.skipif(
    importlib.util.find_spec("llvmlite") is None or importlib.util.find_spec("ziglang") is None,
    reason="needs the extra page",
)
SEEDS = list(range(40))

PLAIN = "members: {private: 4, public: 3}\n"
WHOLE = """
title: "It's ours: # 1"
scenario: municipal_climate
start: 2025-01
now: 2025-07
members: # in no order
  - { name: "Brand: one", sector: private, segment: denim, size: 2.5, readiness: 0.7 }
  - {name: 'O''Neil', sector: company, segment: Denim, leaves: 5}
  - name: Ümit & Söhne
    sector: private
    segment: mills
    joins: dec-25
    need: 1.5
    fee: 0
  - {name: Gemeente, sector: gemeente, mission: 0.9, sensitivity: 0.05}
  - {name: "12", sector: academic, joins: -8}
  - {name: "yes", sector: ngo, segment: none, leaves: 30}
  - {name: "null", sector: private, joins: 20, leaves: 40, segment: mills}
  - {name: 4 us, sector: nonprofit}
  - {name: 织 🧵, sector: private, size: large}
events:
  - {month: 2025-09, kind: leak, member: "Brand: one"}
  - {month: 10, kind: rumour}
  - {month: 11, kind: trust, size: 4, member: Gemeente}
  - {month: 12, kind: interest, size: 0.5, segment: mills}
  - {month: 30, kind: interest, size: -0.2}
  - {month: 13, kind: grant, size: 12}
  - {month: 25, kind: budget, size: 3}
  - {month: 14, kind: budget, size: 9}
  - {month: 15, kind: orchestrator, size: 0.5}
  - {month: 16, kind: turnover, size: 0.3}
  - {month: 16, kind: turnover, member: "12"}
  - {month: 17, kind: departures, size: 0.1}
  - {month: 18, kind: common, size: 0.7}
  - {month: 19, kind: renewal}
  - {month: 33, kind: leaves, member: 4 us}
"""

ASK = """async ([site, text, how, count]) => {
  const { Source } = await import(site + "model/source.js"), { readFile } = await import(site + "model/case_file.js"), { openCase, pack } = await import(site + "model/case_link.js");
  const source = await Source.open(site), packed = await pack(readFile(text, await source.facts(), "A case"));
  await openCase(source, packed);
  const { summary } = await source.game("own_case", how, 0, count);
  return { packed, summary: Object.fromEntries(Object.entries(summary).map(([name, values]) => [name, [...values].map(String)])) };
}"""


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    stories = [story.scenario for story in STORIES]
    free = free_parameters([*(scenario_named(name) for name in stories), template()])
    file = tmp_path_factory.mktemp("facts") / "facts.json"
    file.write_text(json.dumps(describe_case(stories, free), allow_nan=False))
    return file


@needs_node
def test_units_of_a_case(facts):
    done = subprocess.run(
        ["node", "--test", HERE / "case_units.mjs"],
        capture_output=True, text=True, timeout=120, env=os.environ | {"FACTS": str(facts)},
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-3000:]


def test_the_template_has_room_for_every_kind_of_event_and_for_every_column():
    case, free = template(), free_of(template())

    assert [event.kind for event in case.events] == [kind for kind in KINDS for _ in range(MOST_EVENTS)]
    assert {"roster.size", "roster.joins", "events.0.month", "now", "size.segments"} <= free


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case") / "app"
    export_site(folder, ["municipal_climate", OWN], ["neutral", "adaptive_tracking"])
    return folder


def assert_is_simulate(summary, file, policy, seeds, values=None, present=None):
    case = sim.load_scenario(str(file)).replace(**values or {})
    table = sim.simulate(case, seeds, policy, 60, record=("summary", "ends"))
    if present is not None:
        assert present == table.ends.groupby("member")["active"].sum().tolist()
    for name, texts in summary.items():
        here = np.array([float(text) for text in texts])
        np.testing.assert_allclose(here, table.summary[name], rtol=1e-9, atol=1e-12, err_msg=name)


@needs_node
@needs_linker
@pytest.mark.slow
def test_a_case_in_the_page_has_the_numbers_of_its_file(site, tmp_path):
    jobs = [{"text": text, "policy": policy, "seeds": SEEDS, "months": 60, "values": values}
            for text, policy, values in ((PLAIN, "neutral", {}), (WHOLE, "neutral", {}),
                                         (WHOLE, "adaptive_tracking", {"start.trust": 0.8}))]  # fmt: skip
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    done = subprocess.run(
        ["node", HERE / "run_case.mjs", site, tmp_path / "jobs.json"], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]

    for job, answer in zip(jobs, json.loads((tmp_path / "jobs.json.answers").read_text()), strict=True):
        typed, written = tmp_path / "typed.yaml", tmp_path / "written.yaml"
        typed.write_text(job["text"], encoding="utf-8")
        written.write_text(answer["written"], encoding="utf-8")
        one, two = (sim.load_scenario(str(file)) for file in (typed, written))
        assert (one.members, one.events, one.now) == (two.members, two.events, two.now)
        assert_is_simulate(answer["summary"], written, job["policy"], SEEDS, job["values"], answer["present"])


@needs_linker
@pytest.mark.slow
def test_a_case_is_typed_watched_and_kept_in_the_link(site, browser, tmp_path):
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address, problems = f"http://127.0.0.1:{server.server_port}/", []
        page = browser.new_page(reduced_motion="reduce", viewport={"width": 390, "height": 844})
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith((address, "data:", "blob:")) else problems.append(asked.url))  # fmt: skip
        page.goto(f"{address}#case?lang=en")
        page.get_by_role("button", name="Add: Firm").click()
        page.keyboard.type("<b>Weavers</b>")
        page.get_by_role("button", name="Add an event").click()
        page.get_by_label("Who: event 1").fill("Nobody")

        assert page.get_by_text("There is no member “Nobody”.").is_visible()

        page.get_by_label("Who: event 1").fill("<b>Weavers</b>")
        page.get_by_role("button", name="Watch it").click()
        page.wait_for_selector("main.watch[data-state=settled]")
        page.get_by_text("Month by month").click()

        assert "case=" in page.url
        assert "<b>Weavers</b>" in page.locator("main.watch").inner_text()

        seen = page.evaluate(ASK, [address, WHOLE, "adaptive_tracking", 40])
        (tmp_path / "case.yaml").write_text(WHOLE, encoding="utf-8")
        assert_is_simulate(seen["summary"], tmp_path / "case.yaml", "adaptive_tracking", SEEDS)

        page.goto(f"{address}#case?case={seen['packed']}&lang=en")
        page.reload()
        with page.expect_download() as saved:
            page.get_by_role("button", name="Save as a file").click()
        saved.value.save_as(tmp_path / "saved.yaml")
        one, two = (sim.load_scenario(str(tmp_path / name)) for name in ("saved.yaml", "case.yaml"))

        assert (one.members, one.events, one.now) == (two.members, two.events, two.now)

        for room in ("watch?story=own_case&", "case?"):
            page.goto(f"{address}#{room}case=AAAA&lang=en")
            page.reload()
            page.wait_for_selector("main[data-state=settled]")
            page.wait_for_timeout(600)  # longer than it takes until the address follows what is typed

            assert "case=AAAA" in page.get_by_role("alert").inner_text()
            assert "case=AAAA" in page.url
        assert problems == []
        page.close()
        server.shutdown()


@pytest.fixture(scope="module")
def a_case_shown(site, browser, tmp_path_factory):
    """Serve the folder and write it as one file; what Chromium shows of a case in both, from the folder."""
    lesson = tmp_path_factory.mktemp("lesson") / "lesson.html"
    files = {f.relative_to(site).as_posix(): f.read_bytes() for f in sorted(site.rglob("*")) if f.is_file()}
    lesson.write_bytes(single_file(files))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        page = browser.new_page(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
        page.goto(address)
        packed = page.evaluate(ASK, [address, WHOLE, "neutral", 40])["packed"]
        rooms = [f"#{room}case={packed}&lang=en" for room in ("case?", "watch?story=own_case&month=20&")]
        texts = {}
        for room in rooms:
            page.goto("about:blank")
            page.goto(address + room)
            page.wait_for_selector(SETTLED, timeout=120_000)
            texts[room] = page.evaluate(TEXT)
        yield address, lesson.as_uri(), texts, page
        page.close()
        server.shutdown()


@needs_linker
@pytest.mark.slow
def test_a_case_is_played_with_the_numbers_of_its_file(a_case_shown, tmp_path):
    address, _, _, page = a_case_shown
    half_years = [{"pause": 1.0, "safeguard": 0.3}, {"intervene": 0.6, "match_inside": 0.4}, {"bundle": 1.0}]
    effort = [half_year for half_year in half_years for _ in range(6)]
    (tmp_path / "case.yaml").write_text(WHOLE, encoding="utf-8")
    page.goto(address)
    seen = page.evaluate(ASK, [address, WHOLE, effort, 40])
    case = sim.load_scenario(str(tmp_path / "case.yaml"))
    _, summary = play(case, SEEDS, [hand_of(one) for one in effort], 60)
    page.goto(f"{address}#convene?story=own_case&case={seen['packed']}&d=02303&lang=en")
    page.wait_for_selector(SETTLED, timeout=120_000)

    for name, texts in seen["summary"].items():
        here = np.array([float(text) for text in texts])
        np.testing.assert_allclose(here, summary[name], rtol=1e-9, atol=1e-12, err_msg=name)
    assert page.locator("main.convene select").input_value() == "own_case"
    assert "Months 1 to 6" in page.locator("main").inner_text()


@needs_linker
@pytest.mark.slow
def test_a_case_opens_from_disk(a_case_shown):
    _, lesson, texts, page = a_case_shown

    for room, text in texts.items():
        page.goto("about:blank")
        page.goto(lesson + room)
        page.wait_for_selector(SETTLED, timeout=120_000)
        assert page.evaluate(TEXT) == text, room


@needs_linker
@pytest.mark.slow
@pytest.mark.parametrize("kind", [Firefox, WebKit], ids=lambda kind: kind.name)
def test_another_browser_shows_a_case_from_a_server_and_from_disk(kind, a_case_shown):
    if kind.command is None:
        pytest.skip(f"needs {kind.name}")
    driven, (address, lesson, texts, _) = kind(), a_case_shown
    try:
        driven.resize(1366, 768)
        for where in (address, lesson):
            for room, text in texts.items():
                assert settled(driven, where + room) == "settled", (where, driven.run(TEXT))
                assert driven.run(TEXT) == text, where
        assert driven.errors == []
    finally:
        driven.close()
