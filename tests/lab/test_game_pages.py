"""The pages of the game without a browser: its links, its page, its rounds in words."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("starlette", reason="the lab needs the extra lab")
pytest.importorskip("httpx", reason="asking the lab needs httpx")

from starlette.testclient import TestClient

import sim
from sim.lab.app import build_app
from sim.lab.game import ROUNDS, SCENARIOS, Convened, Game, read_decisions, read_game
from sim.lab.game_runs import EXITS, OUTCOMES
from sim.lab.game_text import RISK_LEVELS, TENSION_LEVELS, bar_fill, describe_end, describe_months, describe_news
from sim.lab.messages import LANGUAGES, messages
from sim.model.policies import POLICIES
from tests.lab.test_game import decisions

PLACE = "scenario=contract_consortium&seed=2"
WHOLE = ".".join(["302010ap", *["112221s"] * (ROUNDS - 1)])


@pytest.fixture(scope="module")
def lab():
    with TestClient(build_app(lambda: ThreadPoolExecutor(1)), base_url="http://127.0.0.1:8000") as client:
        yield client


def pairs(query):
    return [tuple(pair.split("=")) for pair in query.split("&")]


@given(
    scenario=st.sampled_from(SCENARIOS),
    seed=st.integers(0, 999),
    made=st.lists(decisions(), max_size=ROUNDS),
    language=st.sampled_from(list(LANGUAGES)),
)
@settings(max_examples=25, deadline=None)
def test_a_link_gives_back_the_game_it_was_made_from(scenario, seed, made, language):
    unpaused = tuple(type(d)(d.points, d.to_short) for d in made)
    game = Game(scenario, seed, unpaused, language)

    assert read_game(pairs(game.query())) == game


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("d=999999a", "spends 54 points"),
        ("d=../../etc/passwd", "a decision is 6 digits"),
        ("d=" + "9" * 1500, "a decision is 6 digits"),
        ("d=" + ".".join(["000000a"] * 11), "give at most 10"),
        ("d=000000a.000000ap", "d, round 2: a strategic pause stands between initiation and implementation"),
        ("d=000000a&d=000000a", "d: is there twice"),
        ("seed=1&seed=1", "seed: is there twice"),
        ("seed=1000", "seed=1000: give a whole number from 0 to 999"),
        ("scenario=my.yaml", "there is no such choice"),
        ("v=2", "v=2: this app reads links of version 1"),
        ("lang=xx", "there is no such choice"),
        ("start.trust=0.5", "start.trust: a game has no such key"),
        ("policies=neutral,perfect_information", "a game has no such key"),
        ("<script>=1", "a game has no such key"),
    ],
)
@pytest.mark.parametrize("path", ["/convene", "/convene/round"])
def test_a_hostile_link_is_refused_in_one_sentence(lab, path, query, message):
    answer = lab.get(f"{path}?{query}")

    assert answer.status_code == 400
    assert message in answer.text
    assert "Traceback" not in answer.text
    assert len(answer.text) < 400
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_the_language_of_its_link_and_takes_nothing_from_elsewhere(lab, language):
    page = lab.get(f"/convene?{PLACE}&d=302010a&lang={language}")

    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert messages(language)("convene.case.contract_consortium") in page.text
    assert page.text.count('type="range"') == 6
    assert page.text.count('role="status"') == 1
    assert "http" not in page.text.replace("http://www.w3.org", "")
    assert "style=" not in page.text
    assert "<script>" not in page.text


def test_the_rooms_and_stories_lead_to_each_other(lab):
    assert 'href="/convene"' in lab.get("/").text
    page = lab.get("/convene?lang=nl").text
    for scenario in SCENARIOS:
        link = Game(scenario, language="nl").query()
        assert link.replace("&", "&amp;") in page
        assert lab.get(f"/convene?{link}").status_code == 200


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_story_is_named_and_told(scenario, language):
    message = messages(language)

    assert message(f"convene.case.{scenario}")
    assert message(f"convene.story.{scenario}")


def test_the_same_link_gives_the_same_bytes(lab):
    def answers(client):
        return [client.get(f"{path}?{PLACE}&d=302010ap.000000a").content for path in ("/convene", "/convene/round")]

    first = answers(lab)
    with TestClient(build_app(lambda: ThreadPoolExecutor(1)), base_url="http://127.0.0.1:8000") as new:
        assert answers(new) == first


def test_a_running_round_holds_what_is_seen_and_no_end(lab):
    result = lab.get(f"/convene/round?{PLACE}&d=302010ap.000000s").json()

    assert (result["done"], result["over"]) == (2, False)
    assert set(result) == {"query", "tokens", "done", "over", "head", "facts", "news_title", "news", "from_start", "last_round", "run",
                          "months", "back", "estimates", "sectors", "lowest", "effects", "pause", "last"}  # fmt: skip
    assert set(result["run"]) == {"sectors", "active", "engagement", "captured", "ties", "exits"}
    assert all(set(row) == {"month", "member"} for row in result["run"]["exits"])
    assert len(result["months"]) == len(result["run"]["active"]) == 13
    assert result["query"] == f"v=1&{PLACE}&d=302010ap.000000s"
    assert [len(result[part]) for part in ("from_start", "last_round")] == [2, 1], "doing nothing was done"
    hidden = ("goodwill", "trust", "private_value", "society", "felt", "true")
    assert not [word for word in hidden if f'"{word}"' in json.dumps(result)]


def test_attendance_is_drawn_and_not_engagement(lab):
    result = lab.get(f"/convene/round?{PLACE}&d=000000a.000000a").json()
    members = sim.simulate("contract_consortium", [2], "neutral", 12, record=("members",)).members

    last = members[members["month"] == 12].sort_values("member")
    assert result["run"]["engagement"][12] == [round(v, 3) for v in last["participation"] * last["active"]]


def test_a_pause_is_offered_after_the_initiation_and_not_later(lab):
    text = [lab.get(f"/convene/round?{PLACE}&d={d}").json()["pause"] for d in ("", "000000ap", "000000a")]

    assert "months 4 to 6" in text[0]
    assert "months 7 to 12" in text[1]
    assert text[2] == ""


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_end_gives_the_numbers_of_simulate_for_all(lab, language):
    result = lab.get(f"/convene/round?{PLACE}&d={WHOLE}&lang={language}").json()
    end = result["end"]
    mine = sim.simulate("contract_consortium", [2], Convened(decisions=WHOLE), 60).summary.iloc[0]

    assert result["over"]
    assert end["score"] == {name: mine[name] for name in (*OUTCOMES, *EXITS)}
    assert {row["kind"] for row in end["rows"]} == {"you", *(policy.name for policy in POLICIES)}
    for row in end["rows"]:
        if row["kind"] != "you":
            other = sim.simulate("contract_consortium", [2], row["kind"], 60).summary.iloc[0]
            assert (row["retention"], row["society"]) == (other["retention"], other["society_value"])
    assert [list(round_["points"]) for round_ in end["timeline"]] == [list(d.points) for d in read_decisions(WHOLE)]
    assert WHOLE in end["command"]
    assert len(end["felt"]) == 4
    assert all("{" not in sentence for sentence in end["texts"])


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_round_of_every_story_can_be_told(lab, scenario, language):
    made = WHOLE.split(".")
    for done in range(ROUNDS):
        query = f"scenario={scenario}&seed=11&d={'.'.join(made[:done])}&lang={language}"
        answer = lab.get(f"/convene/round?{query}")
        assert answer.status_code == 200
        assert "NaN" not in answer.text


def view(*events, tensions=(0.3, 0.3)):
    """Make a view of a partnership of six, after one round with these events."""
    desks = [
        {"members": 6, "attendance": 0.5, "months_done": month, "tension_off": 0.05, "tension_resource": 0.3,
         "tension_information": 0.3, "tension_interest": tension}
        for month, tension in zip((6, 12), tensions, strict=True)
    ]  # fmt: skip
    here = [[1] * 6] * 13
    return {
        "names": ["public", "private", "academic"],
        "sectors": [0, 1, 1, 1, 1, 2],
        "noticed": list(events),
        "rounds": [{}, *desks],
        "active": here,
    }


def leaves(month, member, kind, cause):
    return {"month": month, "member": member, "kind": f"exit {kind}", "cause": cause, "amount": 0.0}


def test_leavers_are_named_together_with_what_they_say():
    seen = view(
        leaves(3, 0, "frustrated", "leak"),
        leaves(7, 1, "frustrated", "leak"),
        leaves(8, 5, "satisfied", "needs met"),
        *(leaves(9, member, "frustrated", "too little private value") for member in (1, 2, 3, 4)),
    )

    assert describe_news(messages("en"), seen) == [
        "Firm 2 leaves (frustrated): “our information reached rivals.”",
        "University 6 leaves (satisfied): “our needs are met.”",
        "Firm 2, firm 3 and 2 more leave (frustrated): “we get too little private value out of it.”",
        "Participation stayed at 50%.",
    ]
    seen["rounds"][-1]["members"] = 0
    assert describe_news(messages("en"), seen)[-1] == "Nobody takes part any more."
    assert "Month 7: 6 of 6 members. Firm 2 leaves" in describe_months(messages("en"), seen)[7]


def test_a_tension_has_moved_only_beyond_its_error():
    moved, still = (describe_news(messages("nl"), view(tensions=(0.3, after))) for after in (0.5, 0.44))

    assert moved[-1] == "Spanning over belangen lijkt te zijn gestegen."
    assert still == ["Er vertrok geen enkel lid.", "De deelname bleef 50%."]


def test_a_bar_is_as_full_as_its_word_says():
    half = [bar_fill(bound, names) for names in (TENSION_LEVELS, RISK_LEVELS) for _, bound in names[1:2]]

    assert half == [0.5, 0.5]
    assert (bar_fill(-0.1, RISK_LEVELS), bar_fill(0.13, RISK_LEVELS), bar_fill(2.0, TENSION_LEVELS)) == (0.0, 0.5, 1.0)
    assert 0.5 < bar_fill(0.15, RISK_LEVELS) < 0.75, "high is the third of four names"


def test_a_run_without_effort_comes_first_and_nothing_twice(lab):
    text = {d: lab.get(f"/convene/round?{PLACE}&d={d}").json() for d in ("000000a", "112221s", "112221s.112221s")}

    assert [len(result["from_start"]) for result in text.values()] == [1, 2, 2]
    assert [len(result["last_round"]) for result in text.values()] == [1, 1, 2]
    assert text["112221s"]["from_start"][1] == text["000000a"]["from_start"][0].replace(
        "You", "Nobody does anything from the start"
    )


def test_the_end_names_a_worst_estimate_only_if_it_was_far_off():
    scores = [
        {"policy": name} | dict.fromkeys((*OUTCOMES, *EXITS), 0.5)
        for name in ("neutral", "adaptive", "perfect_information")
    ]

    def lines_for(seen):
        months = {"seen": [seen, *[0.0] * (ROUNDS - 1)], "true": [0.0] * (6 * ROUNDS)}
        return describe_end(messages("en"), scores[0], scores, 12, {"felt": {"private": {"surplus": months}}})

    assert "may have what it came for and leave satisfied" in lines_for(0.3)[2]
    assert len(lines_for(0.7)) == len(lines_for(0.3)) + 1
    assert "firms seemed “content” (+0.7), but they were “unsure”" in lines_for(0.7)[4]
