"""Languages: the same sentences with the same gaps in each, none of them left as it was."""

import html
import re
import string
from pathlib import Path

import pytest

from sim.analysis.story import CAUSES
from sim.lab import messages as catalogue
from sim.lab.link_state import LinkState
from sim.lab.messages import LANGUAGES, messages
from sim.lab.outcomes import describe_difference, describe_end
from sim.lab.stories import MONTHS, SLIDERS, STORIES, policy_names, scenario_named, slider_parameters
from sim.model.policies import POLICIES
from sim.model.sectors import SECTORS
from sim.model.state import PHASES, REASONS

FILES = sorted(f.stem for f in (Path(catalogue.__file__).parent / "languages" / "en").glob("*.toml"))
ENGLISH = re.compile(
    r"\b(the|and|to|for|are|that|this|not|by|from|its|at|an|who|what|which|when|they|their|each|all|with(?!in)|"
    r"no|nobody|months?|members?|runs?|seeds?|leaves?|years?|has|have|under|without|where|than|more|less|fewer|it|"
    r"firms?|grant|value|nothing)\b",
    re.IGNORECASE,
)
"""Words that no Dutch sentence has."""

NAMES = "Alliance for Responsible Denim"


def gaps(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def english_in(text):
    return ENGLISH.findall(re.sub(r"\{\w+\}", "", text).replace(NAMES, ""))


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_sentences_with_the_same_gaps(language, file):
    here, there = messages(language).part(file), messages("en").part(file)

    assert here
    assert here.keys() == there.keys()
    for key, text in here.items():
        assert gaps(text) == gaps(there[key]), f"{file}.{key}"
        assert text.strip(), f"{file}.{key}"


@pytest.mark.parametrize("file", FILES)
def test_no_dutch_sentence_has_an_english_word(file):
    assert {key: english_in(text) for key, text in messages("nl").part(file).items() if english_in(text)} == {}


def test_the_english_words_for_the_model_are_its_own():
    message = messages("en")

    for slider in SLIDERS:
        fact = slider_parameters(STORIES[0].scenario)[slider.path]
        assert message(f"model.parameter.{slider.path}.doc") == fact.doc.partition(";")[0]
        assert fact.unit == "1" or message(f"model.unit.{fact.unit}")
    for policy in POLICIES:
        assert all(message(f"model.strategy.{policy.name}.{part}") for part in ("name", "doc", "when"))
    for story in STORIES:
        assert message(f"model.story.{story.scenario}.case") == scenario_named(story.scenario).title
    for cause in CAUSES:
        assert message(f"model.cause.one.{cause}")


def test_everything_that_can_happen_has_a_name():
    model = messages("en").part("model")

    assert {f"strategy.{p}.name" for p in policy_names()} <= model.keys()
    assert {f"member.{s}" for s in SECTORS} <= model.keys()
    assert {f"phase.{p}" for p in PHASES} <= model.keys()
    assert {f"mood.{r}" for r in REASONS[1:] if r != "other"} <= model.keys()
    assert {k for k in model if k.startswith("cause.one")} == {
        k.replace("many", "one") for k in model if k.startswith("cause.many")
    }


def test_a_sentence_is_found_by_the_path_to_it_and_its_gaps_are_filled():
    assert messages("en")("layout.section.lab") == "Watch, explore, compare"
    with pytest.raises(KeyError):
        messages("en")("layout.section")


@pytest.mark.parametrize(
    ("language", "form", "number", "written"),
    [
        ("en", ",.2f", 1234.5, "1,234.50"),
        ("nl", ",.2f", 1234.5, "1.234,50"),
        ("nl", "+.1f", -0.25, "-0,2"),
        ("nl", ".0%", 0.98, "98%"),
        ("en", "g", 0.05, "0.05"),
        ("nl", "g", 0.05, "0,05"),
    ],
)
def test_a_number_has_the_marks_of_the_language(language, form, number, written):
    assert messages(language).number(number, form) == written


def test_a_difference_is_told_in_dutch():
    row = {"policy": "strategic_pause", "baseline": "neutral", "runs": 1000, "better": 0.98, "verdict": "higher"}
    share = row | {"outcome": "retention", "difference": 0.129, "low": 0.124, "high": 0.134}
    value = row | {"outcome": "society_value", "difference": -2.06, "low": -2.11, "high": -2.02}

    assert describe_difference(share, 51, messages("nl")) == (
        "Er blijven meer leden met een strategische pauze dan als niemand iets doet: 12,9 procentpunt, ofwel 7 van de 51"
        " leden (95%-interval +12,4 tot +13,4, elk 1.000 simulaties met dezelfde startgetallen). Dat verschil is"
        " significant. In 98% van de simulaties is de uitkomst beter; gelijk telt half."
    )
    assert "In 99% van de simulaties" in describe_difference(share | {"better": 0.999}, 51, messages("nl"))
    assert "Er ontstaat minder maatschappelijke waarde per oprichter met een strategische pauze" in describe_difference(
        value, 51, messages("nl")
    )


def test_the_end_is_told_in_dutch():
    import pandas as pd

    ends = [pd.DataFrame({"policy": p, "retention": [r, r]}) for p, r in (("neutral", 0.1), ("bundling", 0.009))]

    assert describe_end(ends, 51, messages("nl")) == (
        "Na vijf jaar zijn er in dit model nog 5 van de 51 leden als niemand iets doet, en minder dan één met bundelen"
        " (gemiddelden van 2 simulaties)."
    )


@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.scenario)
def test_nothing_english_is_on_a_dutch_page(story):
    pytest.importorskip("starlette", reason="the lab needs the extra lab")
    from concurrent.futures import ThreadPoolExecutor

    from starlette.testclient import TestClient

    from sim.lab.app import build_app

    query = LinkState(story.scenario, story.policies, language="nl").query()
    with TestClient(build_app(lambda: ThreadPoolExecutor(1)), base_url="http://127.0.0.1:8000") as lab:
        page = lab.get(f"/?{query}").text
        data = [lab.get(f"/run?{query}").json()]
        data.append(lab.get(f"/outcomes?{query}&replications=6").json())
    output = [text for result in data for text in sentences(result)]

    assert len(output) > 2 * MONTHS
    assert {text: english_in(text) for text in [*read(page), *output] if english_in(text)} == {}


def read(page):
    """Give what a reader of a page meets: text, and attributes that are read out or shown."""
    attributes = re.findall(r'(?:title|aria-label|aria-valuetext|label|data-unit)="([^"]*)"', page)
    texts = re.findall(r">([^<>]+)<", re.sub(r"<(script|code)\b.*?</\1>", "", page, flags=re.DOTALL))
    shown = [html.unescape(text) for text in [*attributes, *texts] if text.strip()]
    return [text for text in shown if text not in LANGUAGES.values()]


def sentences(data):
    """Give the texts of an answer that are shown; names of policies and outcomes are not."""
    if isinstance(data, dict):
        hidden = ("name", "policy", "baseline", "outcome", "verdict")
        return [text for key, value in data.items() if key not in hidden for text in sentences(value)]
    if isinstance(data, list):
        return [text for value in data for text in sentences(value)]
    return [data] if isinstance(data, str) else []
