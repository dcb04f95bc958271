"""Where two runs of one seed first differ, in sentences: the same numbers as the tables."""

import re

import pytest

pytest.importorskip("starlette", reason="the lab needs the extra lab")

import sim
from sim.analysis.divergence import fates, first_divergence
from sim.engine.simulate import RECORDS
from sim.lab.link_state import LinkState
from sim.lab.messages import messages
from sim.lab.stories import MONTHS
from sim.lab.watched_run import describe_divergence, describe_without
from tests.lab.test_messages import english_in, sentences

SMALL, SEED = (("size.partners", 8),), 1
"""A small partnership, in which some members stay if nobody does anything and leave with connecting."""


@pytest.fixture(scope="module")
def runs():
    scenario = sim.load_scenario("neutral", "size.partners=8")
    return [sim.simulate(scenario, [SEED], p, MONTHS, record=RECORDS) for p in ("neutral", "connecting")]


@pytest.fixture(scope="module")
def described():
    return describe_divergence(LinkState("neutral", ("neutral", "connecting"), SEED, SMALL))


@pytest.mark.slow
def test_the_months_are_those_of_the_first_divergence(described, runs):
    assert [place["month"] for place in described["places"]] == sorted(first_divergence(*runs)["month"])
    assert (
        "introductions to parties outside: 0.00 if nobody does anything, 3.00 with connecting"
        in (described["places"][0]["text"])
    )


@pytest.mark.slow
def test_what_would_have_been_without_is_the_neutral_run(described, runs):
    (sentences_,) = described["without"]
    without, run = (r.summary.iloc[0] for r in runs)
    stay = [round(end["retention"] * 8) for end in (without, run)]

    assert (
        sentences_[0]
        == f"If nobody does anything, {stay[0]} of 8 members still take part at the end; with connecting it is {stay[1]}."
    )
    assert f"{without['private_value']:.2f} instead of {run['private_value']:.2f}" in sentences_[2]


def test_who_would_have_stayed_is_who_stays_in_the_neutral_run_alone(runs):
    result = fates(*runs)
    only = result[(result["how_one"] == "stays") & (result["how_other"] != "stays")]
    text = " ".join(describe_without(*runs, "connecting", messages("en")))

    named = text.partition("but stay if nobody does anything: ")[2].partition(".")[0]

    assert 1 <= len(only) <= 3  # more are not all named
    assert [int(number) for number in re.findall(r"\d+", named)] == sorted(only["member"] + 1)


@pytest.mark.slow
def test_two_policies_other_than_doing_nothing_are_each_compared_with_it():
    described = describe_divergence(LinkState("neutral", ("bundling", "connecting"), 3, SMALL))

    assert [lines[0].split("; ")[1].split(" it is")[0] for lines in described["without"]] == [
        "with bundling",
        "with connecting",
    ]


@pytest.mark.slow
def test_runs_without_any_effort_never_differ():
    described = describe_divergence(
        LinkState("neutral", ("neutral", "connecting"), 3, (("grant.budget", 0), ("size.partners", 6)))
    )

    assert described["places"] == [{"month": None, "text": "The two runs never differ: every month is the same."}]
    assert described["later"] == ""
    assert "it is just as many" in described["without"][0][0]


def test_every_quantity_and_event_that_can_part_has_a_name(runs):
    from sim.analysis.divergence import LINKS, NAMES
    from sim.model.effort import MECHANISMS

    named = messages("en").part("model")
    columns = {c for c in runs[0].members if c not in NAMES}
    followed = {name for step, name, _ in LINKS if step == "member"}
    happened = {kind for run in runs for kind in run.events["kind"] if kind not in ("phase", "shock")}

    assert {f"quantity.{name}" for name in columns | followed | {f"effort_{m}" for m in MECHANISMS}} <= named.keys()
    assert {f"event.{kind}" for kind in happened} <= named.keys()


@pytest.mark.slow
def test_it_is_told_in_dutch():
    described = describe_divergence(LinkState("neutral", ("neutral", "connecting"), SEED, SMALL, "nl"))

    assert described["without"][0][0].startswith("Als niemand iets doet, zijn er aan het eind nog ")
    assert {text: english_in(text) for text in sentences(described) if english_in(text)} == {}
