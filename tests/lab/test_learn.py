"""Learning without a browser: activities and their sentences, results that turn with their numbers, every page."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

pytest.importorskip("starlette", reason="the lab needs the extra lab")
pytest.importorskip("httpx", reason="asking the lab needs httpx")

from starlette.testclient import TestClient

import sim
from sim.analysis.paired import differences
from sim.core.errors import InputError
from sim.lab import activity_pages
from sim.lab.activities import ACTIVITIES, BY_NAME
from sim.lab.activity_pages import (
    GUESSES,
    Lesson,
    activity_view,
    describe_comparison,
    describe_guess,
    read_lesson,
    render_results,
)
from sim.lab.app import build_app
from sim.lab.link_state import read_link
from sim.lab.messages import LANGUAGES, messages
from sim.lab.stories import MONTHS, policy_names

VERDICTS = ("higher", "lower", "undecided")
OUTCOMES = ("retention", "collective_value", "private_value", "society_value")
EVERY = pytest.mark.parametrize("activity", ACTIVITIES, ids=lambda a: a.name)
TONGUES = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def lab():
    with TestClient(build_app(lambda: ThreadPoolExecutor(1)), base_url="http://127.0.0.1:8000") as client:
        yield client


def row(outcome="retention", verdict="higher", **numbers):
    ends = {"higher": (0.10, 0.08, 0.12), "lower": (-0.10, -0.12, -0.08), "undecided": (0.001, -0.002, 0.004)}[verdict]
    inputs = dict(zip(("difference", "low", "high"), ends, strict=True))
    return {"outcome": outcome, "verdict": verdict, "a": 0.5, "b": 0.6, "runs": 1000, "better": 0.9} | inputs | numbers


def rows(verdict="higher", **numbers):
    return [row(outcome, verdict, **numbers) for outcome in OUTCOMES]


@EVERY
def test_the_lab_opens_every_state_that_an_activity_links_to(activity):
    for comparison in activity.compared:
        for state, policy in zip(comparison.states, comparison.policies, strict=True):
            assert read_link(parse_qsl(state.query()))[0] == state
            assert policy in policy_names()


@EVERY
def test_two_sides_differ_in_one_thing_and_share_case_and_seeds(activity):
    for comparison in activity.compared:
        (one, other), (first, second) = comparison.states, comparison.policies
        assert (one.scenario, one.seed) == (other.scenario, other.seed)
        assert (one.changes != other.changes) != (first != second)


@EVERY
def test_the_rules_named_are_rules_of_the_model(activity):
    for rule in activity.rules:
        assert hasattr(sim.Scenario().rules, rule.removeprefix("rules."))


@TONGUES
@EVERY
def test_an_activity_has_all_its_parts(activity, language):
    about = activity_view(activity, language)
    parts = [*("name", "aim", "claim", "situation", "question", "rule"), *(f"watch.{n}" for n in (1, 2, 3))]
    parts += [f"explain.{n}.{part}" for n in (1, 2, 3) for part in ("ask", "hint", "answer")]
    parts += ["misread.1", "misread.2"]
    parts += [f"compared.{n}.{v}" for n in range(1, len(activity.compared) + 1) for v in VERDICTS]
    texts = [about["message"](part) for part in parts]
    texts += [pair[side] for pair in about["compared"] for side in ("title", "a", "b")]

    assert all(texts)
    assert not [text for text in texts if "{" in text.replace("{name: ", "")]
    assert len(messages(language).part(f"learn.activity.{activity.name}")) == len(texts)
    assert all(pair["a"] != pair["b"] for pair in about["compared"])
    assert 10 <= activity.minutes <= 15


def test_there_are_six_activities_and_the_guide_for_teachers_names_them_all():
    guide = (Path(__file__).parents[2] / "docs/teaching.md").read_text(encoding="utf-8")

    assert len(BY_NAME) == len(ACTIVITIES) == 6
    for activity in ACTIVITIES:
        assert f"| {activity_view(activity, 'en')['message']('name')} |" in guide
    assert re.findall(r"\| (\d+) \|$", guide, re.MULTILINE) == [str(a.minutes) for a in ACTIVITIES]


@pytest.mark.parametrize(
    ("verdict", "output", "unsaid"),
    [
        ("higher", "12.0 of 24 members still take part in A and 14.4 in B. That is 2.4 more in B", "fewer"),
        ("lower", "12.0 of 24 members still take part in A and 14.4 in B. That is 2.4 fewer in B", "more"),
        (
            "undecided",
            "no significant difference (95 % interval −0.048 to 0.096, 1,000 runs with the same seeds)",
            "more",
        ),
    ],
)
def test_the_sentence_on_members_follows_the_verdict(verdict, output, unsaid):
    text = describe_comparison(rows(verdict), 24, messages("en"))

    assert text["verdict"] == verdict
    assert output in text["text"]
    assert unsaid not in text["text"]


def test_an_interval_is_told_in_the_direction_of_the_difference():
    assert (
        "(95 % interval 1.9 to 2.9; more in 900 of 1,000"
        in describe_comparison(rows("higher"), 24, messages("en"))["text"]
    )
    less = describe_comparison(rows("lower", better=0.0995), 24, messages("en"))["text"]
    assert "(95 % interval 1.9 to 2.9; fewer in 900 of 1,000" in less
    across = describe_comparison(rows("lower", high=0.0001), 24, messages("en"))["text"]
    assert "interval 0.0 to 2.9" in across


def test_all_runs_are_said_only_of_all_runs():
    assert "more in 999 of 1,000" in describe_comparison(rows(better=0.9995), 24, messages("en"))["text"]
    assert "more in 1,000 of 1,000" in describe_comparison(rows(better=1.0), 24, messages("en"))["text"]


def test_each_row_of_the_table_turns_by_itself():
    mixed = [row("retention", "lower"), *(row(o, v) for o, v in zip(OUTCOMES[1:], VERDICTS, strict=True))]
    table = describe_comparison(mixed, 24, messages("en"))["table"]

    assert [gap for *_, gap in table] == [
        "significantly lower by 2.4 (1.9 to 2.9)",
        "significantly higher by 0.10 (0.08 to 0.12)",
        "significantly lower by 0.10 (0.08 to 0.12)",
        "undecided (−0.002 to 0.004)",
    ]


def test_numbers_are_written_as_in_the_language():
    text = describe_comparison(rows("higher", better=1.0), 24, messages("nl"))

    assert "van de 24 leden nog 12,0 over in A en 14,4 in B. Dat zijn er 2,4 meer in B" in text["text"]
    assert "1.000 simulaties" in text["text"]
    assert "leervermogen 0,1" in activity_view(BY_NAME["capture"], "nl")["compared"][0]["b"]


@TONGUES
@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("guess", GUESSES)
def test_a_prediction_is_right_only_if_the_verdict_says_so(guess, verdict, language):
    message, text = messages(language), describe_guess(Lesson("pause", guess, language), verdict)
    seen = message(f"learn.guess.{ {means: g for g, means in GUESSES.items()}[verdict] }")

    assert seen in text
    assert text.startswith(message("learn.outcome_of_guess.right", seen="")) == (GUESSES[guess] == verdict)


@TONGUES
@EVERY
@pytest.mark.parametrize("verdict", VERDICTS)
def test_what_it_means_turns_with_the_verdict_of_each_comparison(activity, verdict, language):
    one = {"rows": rows(verdict), "curves": [], "size": 24, "grant": 24}
    part = render_results(Lesson(activity.name, language=language), [one] * len(activity.compared))
    about = activity_view(activity, language)

    for n in range(1, len(activity.compared) + 1):
        shown = {v for v in VERDICTS if escape(about["message"](f"compared.{n}.{v}")) in part}
        assert shown == {verdict}


def escape(text):
    from markupsafe import escape

    return str(escape(text))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("activity=pauze", "activity=pauze: there is no such choice; did you mean pause"),
        ("activity=../../etc/passwd", "there is no such choice"),
        ("activity=pause&activity=safe", "activity: is there twice"),
        ("guess=more", "guess=more: name the activity too, as activity=capture"),
        ("activity=pause&guess=%3Cscript%3E", "there is no such choice"),
        ("activity=pause&guess=", "there is no such choice"),
        ("lang=xx", "lang=xx: there is no such choice"),
        ("seed=1", "seed: this page has no such key"),
        ("a%0Ab=1", r"a\nb: this page has no such key"),
        ("activity=" + "x" * 1500, "there is no such choice"),
    ],
)
@pytest.mark.parametrize("path", ["/learn", "/teacher", "/sheet", "/results"])
def test_a_hostile_link_is_refused_in_one_sentence(lab, path, query, message):
    answer = lab.get(f"{path}?{query}")

    assert answer.status_code == 400
    assert message in answer.text
    assert "Traceback" not in answer.text
    assert len(answer.text) < 400
    assert answer.headers["content-type"].startswith("text/plain")


def test_results_of_no_activity_are_refused(lab):
    answer = lab.get("/results?lang=nl")

    assert answer.status_code == 400
    assert "the link names no activity" in answer.text


def test_a_lesson_is_read_back_from_its_link():
    for lesson in (Lesson(), Lesson("chance"), Lesson("pause", "same", "nl"), Lesson(language="nl")):
        assert read_lesson(parse_qsl(lesson.query().removeprefix("?"))) == lesson
    with pytest.raises(InputError, match="guess=same: name the activity too"):
        read_lesson([("guess", "same")])


@TONGUES
@pytest.mark.parametrize("path", ["/learn", "/teacher", "/sheet"])
def test_every_page_needs_nothing_from_elsewhere(lab, path, language):
    page = lab.get(f"{path}?lang={language}")

    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert "http" not in page.text.replace("http://www.w3.org", "")
    assert "style=" not in page.text
    assert "<script>" not in page.text
    assert all(escape(activity_view(a, language)["message"]("name")) in page.text for a in ACTIVITIES)


@TONGUES
@EVERY
def test_no_page_for_students_holds_a_result_or_an_answer(lab, activity, language):
    request = Lesson(activity.name, language=language).query()
    predict, sheet = lab.get(f"/learn{request}").text, lab.get(f"/sheet{request}").text
    after = lab.get(f"/learn{request}&guess=same").text
    about = activity_view(activity, language)
    meant = [about["message"](f"compared.{n + 1}.{v}") for n in range(len(activity.compared)) for v in VERDICTS]
    answers = [about["message"](f"explain.{n}.answer") for n in (1, 2, 3)]
    message = messages(language).part("learn.comparison")["higher"].partition("{")[0]

    for page in (predict, sheet, after):
        assert not [text for text in [*meant, *answers, message] if escape(text) in page]
    for page in (predict, sheet):
        assert "/results" not in page
        assert escape(about["message"]("rule")) not in page
    assert f"/results{request.replace('&', '&amp;')}" not in predict


def test_after_a_prediction_the_page_links_to_the_lab_and_asks_for_the_result(lab):
    page = lab.get("/learn?activity=hopes&guess=more&lang=nl").text

    assert 'data-results="/results?activity=hopes&amp;guess=more&amp;lang=nl"' in page
    assert "Jouw voorspelling: In B blijven meer leden dan in A." in page
    link = BY_NAME["hopes"].compared[0].one.query().replace("&", "&amp;")
    assert f'href="/?{link}&amp;lang=nl&amp;hide=1"' in page


def test_one_sheet_or_all_can_be_printed(lab):
    assert lab.get("/sheet").text.count('class="sheet"') == 6
    assert lab.get("/sheet?activity=safe").text.count('class="sheet"') == 1


def test_the_result_is_that_of_the_same_seeds_simulated_and_compared(lab, monkeypatch):
    import pandas as pd

    monkeypatch.setattr(activity_pages, "MAX_RUNS", 12)
    comparison = BY_NAME["capture"].compared[0]
    ends = [sim.simulate(s.model(), range(12), "neutral", MONTHS).summary for s in comparison.states]
    both = pd.concat([end.assign(policy=side) for end, side in zip(ends, "ab", strict=True)])
    (expected,) = differences(both, "a", ["retention"]).to_dict("records")

    part = lab.get("/results?activity=capture&guess=fewer").text
    size = comparison.one.model().size.partners
    a, b = (end["retention"].mean() * size for end in ends)

    assert expected["verdict"] == "lower"
    assert f"{a:.1f} of {size} members still take part in A and {b:.1f} in B" in part
    assert f"{-expected['difference'] * size:.1f} fewer in B" in part
    assert "Your prediction was right, in the model and in the first case: Fewer members stay in B than in A." in part
    assert part.count("data-chart") == len(BY_NAME["capture"].compared)


@TONGUES
def test_what_is_to_be_pressed_or_chosen_in_the_lab_is_called_as_it_is_there(language):
    message = messages(language)
    named = [f"lab.watch.{name}" for name in ("play", "next", "gone")]
    named += [f"model.parameter.{path}.name" for path in ("sectors.distance", "rules.commitment.outside_option_pull")]
    named += [f"model.strategy.{name}.name" for name in ("adaptive", "perfect_information", "safeguarding")]
    texts = " ".join(message.part("learn").values())

    assert not [key for key in (*named, "lab.explore.more") if message(key) not in texts]
