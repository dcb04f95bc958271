"""The app without a browser: links, sentences, and every response of the server."""

import json
import math
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("starlette", reason="the lab needs the extra lab")
pytest.importorskip("httpx", reason="asking the lab needs httpx")

from starlette.testclient import TestClient

import sim
from sim.analysis.paired import differences
from sim.core.declare import parameters
from sim.core.errors import InputError
from sim.lab import app, outcomes
from sim.lab.app import FILES, build_app
from sim.lab.link_state import LinkState, read_link
from sim.lab.messages import messages
from sim.lab.outcomes import COMPARED, describe_difference
from sim.lab.page import render_start_page
from sim.lab.stories import MONTHS, SLIDERS, STORIES, policy_names
from sim.lab.workers import Busy
from sim.storage.digests import model_version
from tests.lab.test_command import wait_for

SMALL = "size.partners=8&replications=24&scenario=neutral&policies=neutral,connecting"


@pytest.fixture(scope="module")
def lab():
    with TestClient(build_app(lambda: ThreadPoolExecutor(1)), base_url="http://127.0.0.1:8000") as client:
        yield client


@cache
def pairs(query):
    return tuple(tuple(p.split("=")) for p in query.split("&"))


@pytest.mark.parametrize("slider", SLIDERS, ids=lambda s: s.path)
def test_a_slider_stays_within_what_the_model_declares(slider):
    known = {q.path: q for q in parameters(sim.Scenario())}[slider.path]

    assert known.low <= slider.low < slider.high <= known.high
    assert math.isclose((slider.high - slider.low) / slider.step % 1, 0, abs_tol=1e-9) or math.isclose(
        (slider.high - slider.low) / slider.step % 1, 1, abs_tol=1e-9
    )


@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.scenario)
def test_a_browser_need_not_move_the_own_values_of_a_story_to_a_step(story):
    values = LinkState(story.scenario).values()
    asked = [(path, f"{value:.10g}") for path, value in values.items()]

    assert read_link([("scenario", story.scenario), *asked])[0].changes == ()


def test_four_sliders_come_first_and_stories_name_what_ships():
    assert sum(s.main for s in SLIDERS) == 4
    assert all(set(s.policies) <= set(policy_names()) for s in STORIES)


@given(
    story=st.sampled_from(STORIES),
    moved=st.dictionaries(st.sampled_from(SLIDERS), st.integers(0, 60), max_size=5),
    seed=st.integers(0, 999),
)
@settings(max_examples=60, deadline=None)
def test_a_link_gives_back_the_state_it_was_made_from(story, moved, seed):
    value = [(s.path, f"{s.low + k * s.step:.10g}") for s, k in moved.items()]
    request, _ = read_link([("scenario", story.scenario), ("seed", str(seed)), *value])

    assert read_link(pairs(request.query()))[0] == request


def test_a_number_is_brought_onto_its_slider():
    request, _ = read_link([("rules.leak.rate", "0.131"), ("start.trust", "7"), ("size.partners", "9.7")])

    assert dict(request.changes) == {"rules.leak.rate": 0.13, "start.trust": 0.9, "size.partners": 10}
    assert isinstance(dict(request.changes)["size.partners"], int)


def test_the_scenarios_own_value_is_no_change():
    assert read_link([("grant.months", "24")])[0] == LinkState()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("start.trust=nan", "start.trust=nan: give a number from 0.1 to 0.9"),
        ("start.trust=inf", "give a number"),
        ("start.trust=", "give a number"),
        ("start.trst=0.5", "a link has no such key; did you mean start.trust"),
        ("seed=1&seed=2", "seed: is there twice"),
        ("seed=-1", "seed=-1: give a whole number from 0 to 999"),
        ("seed=1e3", "give a whole number"),
        ("seed=²", "give a whole number"),
        ("replications=1001", "replications=1001: give a whole number from 1 to 1000"),
        ("replications=0", "from 1 to 1000"),
        ("replications=" + "9" * 1500, "from 1 to 1000"),
        ("m=1", "m=1: give the eight characters"),
        ("m=<script>", "give the eight characters"),
        ("v=2", "v=2: this app reads links of version 1"),
        ("scenario=../../etc/passwd", "there is no such choice"),
        ("scenario=my.yaml", "there is no such choice"),
        ("policies=neutral,/tmp/evil.py", "there is no such choice"),
        ("policies=neutral,os:system", "there is no such choice"),
        ("policies=neutral", "give two different ones"),
        ("policies=neutral,neutral", "give two different ones"),
        ("policies=neutral,adaptive,placebo", "give two different ones"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/run", "/outcomes", "/preview/0"])
def test_a_hostile_link_is_refused_in_one_sentence(lab, path, query, message):
    answer = lab.get(f"{path}?{query}")

    assert answer.status_code == 400
    assert message in answer.text
    assert "Traceback" not in answer.text
    assert len(answer.text) < 400
    assert answer.headers["content-type"].startswith("text/plain")


def test_the_page_holds_the_state_of_its_link_and_nothing_from_elsewhere(lab):
    page = lab.get("/?scenario=public_health&policies=bundling,adaptive&start.trust=0.3&seed=7")

    assert page.status_code == 200
    assert 'value="0.3" data-own="0.6"' in page.text
    assert '<option value="bundling"' in page.text
    assert 'value="7"' in page.text
    assert "start.trust=0.3&amp;seed=7" in page.text
    assert "http" not in page.text.replace("http://www.w3.org", "")
    assert "style=" not in page.text
    assert "<script>" not in page.text


def test_a_link_made_with_another_model_says_so_and_its_own_does_not(lab):
    own = model_version().partition("+")[2]

    assert "made with another version of the model (0123abcd; this is " + own in lab.get("/?m=0123abcd").text
    assert "another version" not in lab.get(f"/?m={own}").text
    assert "another version" not in lab.get("/?m=").text


def test_the_stories_are_links_that_the_lab_opens(lab):
    page = lab.get("/").text

    for story in STORIES:
        link = LinkState(story.scenario, story.policies).query()
        assert link.replace("&", "&amp;") in page
        assert lab.get(f"/?{link}").status_code == 200


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_file_is_served_as_what_it_is(lab, name):
    answer = lab.get(f"/static/{name}")

    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] in ("text/javascript", "text/css", "image/svg+xml")
    assert lab.get(f"/static/{name}", headers={"if-none-match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    "path", ["/static/", "/static/../app.py", "/static/%2e%2e%2fapp.py", "/static/..%5capp.py", "/static/app.py", "/x"]
)
def test_nothing_else_is_served(lab, path):
    assert lab.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/nothing", "/run?seed=x", "/static/lab.js"])
def test_every_answer_forbids_what_comes_from_elsewhere(lab, path):
    headers = lab.get(path).headers

    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost@evil.example", "", "[", "192.168.1.7"],
)
def test_another_host_is_refused(lab, host):
    answer = lab.get("/", headers={"host": host})

    assert answer.status_code == 403
    assert "only under its own address" in answer.text
    assert "nosniff" in answer.headers["x-content-type-options"]


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:9000", "http://localhost:8000", "http://[", ""]
)
def test_another_origin_is_refused(lab, origin):
    assert lab.get("/run", headers={"origin": origin}).status_code == 403


def test_its_own_names_and_the_shared_address_are_answered(lab):
    assert lab.get("/", headers={"origin": "http://127.0.0.1:8000"}).status_code == 200
    assert lab.get("/", headers={"host": "localhost:8000"}).status_code == 200
    assert lab.get("/", headers={"host": "[::1]:8000"}).status_code == 200
    shared = build_app(lambda: ThreadPoolExecutor(1), hosts={"192.168.1.7"}, shared="http://192.168.1.7:8000/")
    with TestClient(shared, base_url="http://192.168.1.7:8000") as other:
        assert 'data-shared="http://192.168.1.7:8000/"' in other.get("/").text


def test_what_is_too_large_or_not_a_question_is_refused(lab):
    assert lab.get("/?" + "a" * 3000).status_code == 414
    assert lab.get("/" + "a" * 3000).status_code == 414
    assert lab.request("GET", "/", content=b"x" * 10).status_code == 413
    assert lab.request("GET", "/", content=iter([b"x"])).status_code == 413
    assert lab.post("/").status_code == 405


def test_the_same_link_gives_the_same_bytes(lab):
    def answers(client):
        return [client.get(f"{path}?{SMALL}").content for path in ("/", "/run", "/outcomes")]

    first = answers(lab)
    with TestClient(build_app(lambda: ThreadPoolExecutor(1)), base_url="http://127.0.0.1:8000") as other:
        assert answers(other) == first


def test_the_numbers_are_those_of_compare(lab):
    result = lab.get(f"/outcomes?{SMALL}&start.trust=0.3").json()
    scenario = sim.load_scenario("neutral", "size.partners=8", "start.trust=0.3")
    tables = [sim.simulate(scenario, range(24), p, MONTHS) for p in ("neutral", "connecting")]
    import pandas as pd

    rows = differences(pd.concat([t.summary for t in tables]), "neutral", COMPARED).rename(
        columns={"replications": "runs"}
    )

    for row, shown in zip(rows.to_dict("records"), result["differences"], strict=True):
        assert all(row[k] == shown[k] for k in ("policy", "baseline", "outcome", "difference", "low", "high"))
    for table, policy in zip(tables, result["policies"], strict=True):
        monthly = table.series.pivot(index="seed", columns="month", values="n_founders")
        assert policy["curves"]["members"][2] == [round(v, 4) for v in monthly.median()]
        private = table.summary["private_private"].median()
        assert policy["curves"]["private_private"][2][-1] == pytest.approx(private, abs=1e-4)


def test_a_preview_is_the_first_of_all_runs(lab):
    from sim.lab.outcomes import simulate_policy

    request = read_link(pairs(SMALL))[0]
    some, all_ = (simulate_policy(request, "connecting", n)["summary"] for n in (6, 24))

    assert some.equals(all_.head(6))


def test_runs_simulated_in_chunks_are_the_same_runs(lab, monkeypatch):
    complete = lab.get(f"/outcomes?{SMALL}&start.trust=0.4").json()
    monkeypatch.setattr(outcomes, "CHUNK", 10)
    with TestClient(build_app(lambda: ThreadPoolExecutor(1)), base_url="http://127.0.0.1:8000") as other:
        assert other.get(f"/outcomes?{SMALL}&start.trust=0.4").json() == complete


def test_a_preview_is_what_those_runs_show_without_the_differences(lab):
    complete, *some = (lab.get(f"{path}?{SMALL}").json() for path in ("/outcomes", "/preview/0", "/preview/1"))

    for shown in (0, 1):
        assert some[shown]["policies"][shown] == complete["policies"][shown]
        assert some[shown]["policies"][1 - shown] == complete["policies"][1 - shown] | {"curves": None}
        assert some[shown] | {"policies": []} == complete | {"policies": [], "end": "", "differences": []}


def test_a_preview_is_bounded(lab, monkeypatch):
    monkeypatch.setattr(outcomes, "CHUNK", 3)

    assert lab.get(f"/preview/1?{SMALL}").json()["runs"] == 3


def test_a_busy_lab_says_so_and_when_to_ask_again(monkeypatch):
    async def refuse(*_, **__):
        raise Busy

    with TestClient(build_app(lambda: ThreadPoolExecutor(1)), base_url="http://127.0.0.1:8000") as full:
        monkeypatch.setattr(full.app.app.state.workers, "run", refuse)
        answer = full.get(f"/preview/1?{SMALL}")

    assert answer.status_code == 503
    assert answer.text == "The app is busy; try again in a moment."
    assert float(answer.headers["retry-after"]) > 0


def test_the_stories_are_made_ready_before_anybody_asks(monkeypatch):
    monkeypatch.setattr(app, "MAX_RUNS", 2)
    monkeypatch.setattr(app, "STORIES", STORIES[3:4])
    query = "scenario=public_health&policies=neutral,bundling"
    with TestClient(build_app(lambda: ThreadPoolExecutor(1), ready=True), base_url="http://127.0.0.1:8000") as lab:
        wait_for(lambda: lab.app.app.state.ready.done())
        monkeypatch.setattr(lab.app.app.state.workers, "_start_task", None)

        assert lab.get(f"/run?{query}").status_code == 200
        assert lab.get(f"/outcomes?{query}&replications=2").status_code == 200


def test_one_run_has_no_interval_and_says_so(lab):
    answer = lab.get(f"/outcomes?{SMALL.replace('replications=24', 'replications=1')}")

    row = json.loads(answer.text, parse_constant=lambda name: pytest.fail(name))["differences"][0]
    assert row["low"] is None
    assert "says nothing about others" in row["text"]


def test_the_watched_run_is_that_of_its_seed(lab):
    runs = lab.get(f"/run?{SMALL}&seed=3").json()
    scenario = sim.load_scenario("neutral", "size.partners=8")

    for watched, policy in zip(runs, ("neutral", "connecting"), strict=True):
        run = sim.simulate(scenario, [3], policy, MONTHS)
        assert [sum(row) for row in watched["active"]] == [8, *run.series["n_members"]]
        left = run.events[run.events["kind"].str.startswith("exit")]
        assert [(e["month"], e["member"]) for e in watched["exits"]] == list(
            zip(left["month"], left["member"], strict=True)
        )
        assert len(watched["ties"]) == (run.events["kind"] == "match inside").sum()
        assert len(watched["texts"]) == MONTHS + 1
        assert all(
            f"{sum(row)} of 8" in text for row, text in zip(watched["active"][1:], watched["texts"][1:], strict=True)
        )


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (
            {"difference": 0.129, "low": 0.124, "high": 0.134, "verdict": "higher"},
            "More members stay with a strategic pause than if nobody does anything: 12.9 percentage points, or 7 of 51"
            " members (95 % interval +12.4 to +13.4, 1,000 runs each with the same seeds). The difference is significant."
            " The result is better in 98% of the runs; ties count half.",
        ),
        (
            {"difference": -0.1, "low": -0.2, "high": -0.01, "verdict": "lower"},
            "Fewer members stay with a strategic pause",
        ),
        (
            {"difference": 0.001, "low": -0.01, "high": 0.012, "verdict": "undecided"},
            "Undecided: no significant difference in members who stay between the two strategies"
            " (95 % interval -1.0 to +1.2 percentage points, 1,000 runs each with the same seeds).",
        ),
    ],
)
def test_a_difference_is_told_with_its_interval(row, text):
    row = {
        "policy": "strategic_pause",
        "baseline": "neutral",
        "outcome": "retention",
        "runs": 1000,
        "better": 0.98,
    } | row

    assert text in describe_difference(row, 51, messages("en"))


def test_a_message_stays_one_line():
    with pytest.raises(InputError) as error:
        read_link([("start.trust", "1\n2")])

    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("members", "kind", "cause", "text"),
    [
        ([4], "exit frustrated", "leak", "firm 5 leaves frustrated: its information reached rivals"),
        ([4, 6], "exit frustrated", "leak", "firm 5 and firm 7 leave frustrated: their information reached rivals"),
        ([0, 1, 2], "exit satisfied", "needs met", "firm 1, firm 2 and firm 3 leave satisfied: their needs are met"),
        ([0, 1, 2, 3], "exit other", "other", "firm 1, firm 2 and 2 more leave: for reasons outside"),
        (
            [0, 1],
            "exit frustrated",
            "too little private value",
            "firm 2 leave frustrated: they get too little private value",
        ),
    ],
)
def test_who_leaves_is_named_with_the_reason(members, kind, cause, text):
    import pandas as pd

    from sim.lab.watched_run import describe_exits

    rows = pd.DataFrame({"member": members, "sector": "private", "kind": kind, "cause": cause})
    assert text in describe_exits(rows, messages("en"))


def test_a_page_opened_to_predict_keeps_its_results_folded_away():
    open_page, hidden = render_start_page(LinkState(), ""), render_start_page(LinkState(hidden=True), "")

    assert "Show the result of many runs" not in open_page
    assert hidden.index("Show the result of many runs") < hidden.index('id="end"')
    assert hidden.index("Show where the two runs first differ") < hidden.index('id="without"')
    assert read_link(pairs(LinkState(hidden=True).query()))[0].hidden


def test_what_is_equal_in_every_run_is_said_to_be():
    row = {
        "policy": "bundling",
        "baseline": "neutral",
        "outcome": "retention",
        "difference": 0.0,
        "low": 0.0,
        "high": 0.0,
    }
    row |= {"runs": 50, "better": 0.5, "verdict": "undecided"}

    assert describe_difference(row, 10, messages("en")) == (
        "No difference at all in members who stay between the two strategies: it is equal in each of the 50 runs."
    )
