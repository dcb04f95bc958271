"""The static app as a folder: in a browser its workers give the numbers of ``simulate``; bad input is refused."""

import functools
import http.server
import importlib.util
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.core.errors import InputError
from sim.lab import export
from sim.lab.by_hand import ByHand, hand_of, play
from sim.lab.export import describe, export_site, free_parameters
from sim.lab.folders import PAGES
from sim.lab.stories import STORIES, scenario_named
from sim.model.policies.registry import find_policy

needs_linker = pytest.mark.skipif(
    importlib.util.find_spec("llvmlite") is None or importlib.util.find_spec("ziglang") is None,
    reason="needs the extra page",
)

OWN = '''"""A policy."""


def allocate(seen, budget, memory):
    """Help who falls short."""
    return seen.spend(intervene=budget, whom=seen.below_average(seen.shortfall)), memory
'''

ASK = """async ([base, requests]) => {
  const { openEngine } = await import(base + "engine.js");
  const engine = await openEngine();
  const plain = (answer) => ({ summary: Object.fromEntries(Object.entries(answer.summary).map(([k, v]) => [k, [...v].map(String)])) });
  const begin = performance.now();
  const answers = await Promise.all(requests.map((request) => engine.ensemble(request).then(plain)));
  return { answers, workers: engine.workers.length, milliseconds: performance.now() - begin };
}"""

WATCH = """async ([base, request]) => {
  const { openEngine } = await import(base + "engine.js");
  const { month, events } = await (await openEngine()).watch(request);
  return { members: month.map((row) => [...row.member]), trust: [...month.at(-1).trust], events };
}"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    file = tmp_path_factory.mktemp("own") / "mine.py"
    file.write_text(OWN)
    return str(file)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, own):
    result = tmp_path_factory.mktemp("site") / "app"
    export_site(result, ["denim_alliance", "neutral"], ["neutral", "connecting"], [own])
    return result


class Quiet(http.server.SimpleHTTPRequestHandler):
    def translate_path(self, path):
        """Give scripts that the export has joined with others as they were, so that a test can import one."""
        file = Path(super().translate_path(path))
        return str(file if file.exists() else PAGES / path.lstrip("/").split("?")[0])

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site(folder):
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


WITHOUT_COMPILER = """
import sys
sys.modules |= {"llvmlite": None, "ziglang": None}
from pathlib import Path
from sim.lab import export
export.PACKED = Path(sys.argv[1])
export.export_site(Path(sys.argv[2]), ["denim_alliance", "neutral"], ["neutral", "connecting"], [sys.argv[3]])
"""


@needs_linker
@pytest.mark.slow
def test_an_app_that_travels_with_the_package_is_exported_without_a_compiler(folder, own, tmp_path):
    subprocess.run([sys.executable, "-c", WITHOUT_COMPILER, str(folder), str(tmp_path / "again"), own], check=True)

    one, other = ({f.relative_to(place): f.read_bytes() for f in place.rglob("*") if f.is_file()}
                  for place in (folder, tmp_path / "again"))  # fmt: skip
    assert one == other


@needs_linker
@pytest.mark.slow
def test_workers_in_a_browser_give_the_numbers_of_simulate(browser, site, own):
    page = browser.new_page()
    page.goto(site)
    cases = [("denim_alliance", "neutral", {}), ("neutral", "connecting", {"grant.months": 6.0, "start.trust": 0.8}),
             ("neutral", Path(own).stem, {})]  # fmt: skip
    requests = [{"story": s, "policy": p, "values": v, "first": 7, "count": 100} for s, p, v in cases]
    made = page.evaluate(ASK, [site, requests])

    assert made["workers"] >= 1
    for (story, policy, values), answer in zip(cases, made["answers"], strict=True):
        chosen = own if policy == Path(own).stem else policy
        table = sim.simulate(
            scenario_named(story).replace(**values), range(7, 107), chosen, record=("summary",)
        ).summary
        for name, texts in answer["summary"].items():
            here = np.array([float(text) for text in texts])
            np.testing.assert_allclose(here, table[name], rtol=1e-9, atol=1e-12, err_msg=f"{story} {policy} {name}")
    page.close()


@needs_linker
@pytest.mark.slow
def test_a_watched_run_has_the_events_of_simulate(browser, site):
    page = browser.new_page()
    page.goto(site)
    seen = page.evaluate(WATCH, [site, {"story": "denim_alliance", "policy": "connecting", "seed": 3, "months": 60}])
    tables = sim.simulate("denim_alliance", [3], "connecting", record=("members", "events"))
    columns = ["month", "kind", "cause", "member", "other"]

    assert [tuple(e[c] for c in columns) for e in seen["events"]] == list(
        tables.events[columns].itertuples(index=False, name=None)
    )
    np.testing.assert_allclose([e["amount"] for e in seen["events"]], tables.events["amount"], rtol=1e-9, atol=1e-12)
    assert [sum(row) for row in seen["members"]] == tables.members.groupby("month")["active"].sum().tolist()
    page.close()


@needs_linker
@pytest.mark.slow
def test_efforts_of_a_player_are_those_of_the_policy_by_hand(browser, site):
    page = browser.new_page()
    page.goto(site)
    effort = [{"bundle": 0.5, "intervene": 0.5}] * 60
    request = {"story": "neutral", "policy": "neutral", "seed": 5, "months": 60, "effort": effort}
    seen = page.evaluate(WATCH, [site, request])
    tables = sim.simulate("neutral", [5], ByHand(bundle=0.5, intervene=0.5), record=("members",))

    last = tables.members[tables.members["month"] == 60]
    np.testing.assert_allclose(seen["trust"], last["trust"], rtol=1e-9)
    page.close()


@needs_linker
@pytest.mark.slow
def test_many_runs_of_a_game_have_the_outcomes_of_its_decisions(browser, site):
    page = browser.new_page()
    page.goto(site)
    half_years = [{"pause": 1.0, "safeguard": 0.3}, {"pause": 1.0}, {"intervene": 0.6, "match_inside": 0.4}, {}, {}]
    effort = [half_year for half_year in half_years for _ in range(6)]
    request = {"story": "denim_alliance", "policy": "neutral", "values": {}, "first": 40, "count": 37, "effort": effort}
    (answer,) = page.evaluate(ASK, [site, [request]])["answers"]
    _, summary = play(scenario_named("denim_alliance"), range(40, 77), [hand_of(one) for one in effort], 60)

    for name, texts in answer["summary"].items():
        here = np.array([float(text) for text in texts])
        np.testing.assert_allclose(here, summary[name], rtol=1e-9, atol=1e-12, err_msg=name)
    page.close()


@needs_linker
@pytest.mark.slow
def test_a_folder_is_small_says_what_it_holds_and_can_be_written_again(folder, tmp_path):
    folder = shutil.copytree(folder, tmp_path / "app")
    model = json.loads((folder / "model.json").read_text())
    modules = sum(file.stat().st_size for file in (folder / "modules").iterdir())

    assert [story["id"] for story in model["stories"]] == ["denim_alliance", "neutral"]
    assert model["policies"][-1] | {"about": ""} == {
        "id": "mine", "about": "", "comparison": False, "shipped": False}  # fmt: skip
    assert modules < 700_000
    export_site(folder, ["denim_alliance"], ["neutral"])
    assert len(list((folder / "modules").iterdir())) < 12
    assert set(json.loads((folder / "engine.json").read_text())["partnerships"]) == {"denim_alliance"}


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(InputError, match="is not an earlier export; give a new folder"):
        export_site(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@needs_linker
@pytest.mark.parametrize(("write", "name"), [(export.export_site, "site"), (export.export_file, "lesson.html")])
def test_a_place_that_cannot_be_written_to_is_refused_before_anything_is_compiled(write, name, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(export, "files_of_site", lambda *_, **__: pytest.fail("is compiled"))

    with pytest.raises(InputError, match="cannot be written to: "):
        write(tmp_path / "file" / "below" / name)


def test_a_policy_that_no_equation_can_say_is_refused_with_the_reason(tmp_path):
    def looks(seen, budget, memory):
        return (seen.spend(placebo=budget) if seen.plan.max() > 0 else seen.spend()), memory

    with pytest.raises(InputError, match="policy looks cannot run in a page: it"):
        export_site(tmp_path / "app", ["neutral"], [looks])
    assert not (tmp_path / "app").exists()


@pytest.mark.parametrize("names", [("by_hand.py",), ("mine.py", "other/mine.py")])
def test_two_policies_of_one_name_are_refused(tmp_path, names):
    (tmp_path / "other").mkdir()
    files = [tmp_path / name for name in names]
    for file in files:
        file.write_text(OWN)

    with pytest.raises(InputError, match=f"policy {files[0].stem}: is there already"):
        export_site(tmp_path / "app", ["neutral"], ["neutral"], [str(file) for file in files])


def test_what_stories_differ_in_is_free_and_so_are_sliders():
    free = free_parameters([scenario_named(story.scenario) for story in STORIES])

    assert {"grant.months", "rules.leak.rate"} <= free
    assert len(free) < 60


def test_every_story_and_policy_is_described():
    model = describe([story.scenario for story in STORIES], [find_policy("neutral")])

    assert [len(story["members"]) >= story["founders"] > 0 for story in model["stories"]] == [True] * len(STORIES)
    assert json.loads(json.dumps(model, allow_nan=False))["codes"]["reasons"][2] == "frustrated"
