"""The page of a comparison or a sweep: complete, self-contained, true to its tables."""

import base64
import hashlib
import json
import re
import shutil
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.cli.main import main
from sim.core.numbers import number_text
from sim.storage.folders import seal
from sim.studies.report.changes import headline
from sim.studies.report.comparison import comparison_page, load_comparison
from sim.studies.report.page import Page, Section, as_table, linked, render
from sim.studies.report.words import at_own_values

QUICK = ["months=12", "replications=4", "scenario=neutral", "scenario.size.partners=8", "region=2"]


class Reader(HTMLParser):
    """Collect tags, links and text; complain about tags that are not closed."""

    def __init__(self, text):
        super().__init__()
        self.text, self.tags, self.links, self.open, self.words = text, [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.links += [v for k, v in attributes if k in ("href", "src")]
        if tag not in ("meta", "img", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "out"
    assert main(["compare", *QUICK, "policies=[neutral,bundling,placebo]", f"folder={folder}"]) == 0
    assert main(["report", str(folder)]) == 0
    return folder


def test_a_page_needs_nothing_from_elsewhere_and_every_link_exists(compared):
    text = (compared / "report.html").read_text(encoding="utf-8")
    page = Reader(text)
    links = [link for link in page.links if not link.startswith(("data:", "#"))]

    assert page.open == []
    assert len(links) > 8
    assert all((compared / link).is_file() for link in links)
    assert "://" not in re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", text)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'\"" in text  # no other script runs


def test_every_picture_is_told_in_words_and_every_section_is_in_the_contents(compared):
    page = Reader((compared / "report.html").read_text(encoding="utf-8"))
    ids = [a["id"] for tag, a in page.tags if tag == "section"]

    assert len([a for tag, a in page.tags if tag == "img"]) >= 9
    assert all(a["alt"] for tag, a in page.tags if tag == "img")
    assert set(ids) == {link[1:] for link in page.links if link.startswith("#") and not link.startswith("#word-")}


def test_captions_say_replications_configuration_and_interval(compared):
    page = Reader((compared / "report.html").read_text(encoding="utf-8"))
    text, key = " ".join(page.words), json.loads((compared / "manifest.json").read_text())["key"]
    pictures = [a["alt"] for tag, a in page.tags if tag == "img"]

    assert all(f"4 replications from seed 0, configuration {key}" in words for words in pictures)
    assert all("range" in words and "noise" in words for words in pictures)
    assert "studentised bootstrap" in text
    assert "partnership compare" in text


def test_numbers_on_the_page_are_those_of_the_tables(compared):
    stays = pd.read_csv(compared / "report" / "months_stayed.csv").set_index("policy")
    events = pd.read_csv(compared / "report" / "survival.csv")
    summary = pd.read_csv(compared / "means.csv").set_index("policy")

    ends = events[events["month"] == 12].set_index("policy")["survival"]
    assert ends.to_dict() == pytest.approx(summary["retention"].to_dict())
    areas = events[events["month"] < 12].groupby("policy")["survival"].sum()
    assert areas.to_dict() == pytest.approx(stays["stayed"].to_dict())
    assert stays.loc["placebo", "difference"] == 0.0


def test_every_defined_word_is_a_click_from_its_definition(compared):
    page = Reader((compared / "report.html").read_text(encoding="utf-8"))
    defined = {a["id"] for tag, a in page.tags if tag == "dt" and "id" in a}
    heads = Reader(re.search(r"<caption>Difference to neutral over.*?</thead>", page.text, re.DOTALL)[0])

    assert {link[1:] for link in page.links if link.startswith("#word-")} <= defined
    assert {"#word-founders-retained", "#word-private-value", "#word-effort"} <= set(heads.links)
    assert [a for tag, a in page.tags if tag == "dt" and a.get("id") == "word-median"]


def test_the_first_table_says_in_words_what_the_range_is(compared):
    region = pd.read_csv(compared / "region.csv").set_index(["policy", "outcome"]).loc[("bundling", "retention")]
    page = comparison_page(load_comparison(compared), compared)
    first = page.sections[0].tables[0]

    assert first.heads[1] == "founders retained (of 8)"
    assert [row[0] for row in first.rows] == ["bundling", "placebo"]
    assert first.rows[1][1:5] == ["the same in all 2\n0.0 (0.0 to 0.0)"] * 2 + [
        "the same in all 2\n0.00 (0.00 to 0.00)", "the same in all 2\n0.0 (0.0 to 0.0)",
    ]  # fmt: skip
    assert first.rows[0][1].split("\n")[1].startswith(number_text(8 * region["median"], "+.1f"))


def region_rows(**more):
    """Make the retention rows of a comparison's region: policy -> in how many of 16 sets it is more."""
    return pd.DataFrame([
        {"policy": policy, "outcome": "retention", "median": (count - 8) / 100, "q05": -0.05, "q95": 0.1,
         "more": count, "less": 16 - count, "parameter_sets": 16}
        for policy, count in more.items()
    ])  # fmt: skip


@pytest.mark.parametrize(("counts", "words"), [
    ({"one": 16, "two": 3}, "More founders stay than under neutral in all 16 plausible parameter sets under one (range -0.5 to +1.0 of 10 founders)."),
    ({"one": 9, "two": 13}, "in 13 of 16 plausible parameter sets under two (range -0.5 to +1.0 of 10 founders); no policy does so in all."),
    ({"one": 12, "two": 12}, "under one (range -0.5 to +1.0 of 10 founders) and two (range"),
    ({"one": 0, "two": 0}, "No policy keeps more founders than neutral in any of the 16 plausible parameter sets."),
])  # fmt: skip
def test_the_answer_is_read_from_the_range(counts, words):
    compared = SimpleNamespace(
        tables={"region": region_rows(**counts)},
        differences=pd.DataFrame({"policy": [], "outcome": []}),
        config={"scenario": {"size": {"partners": 10}}},
        baseline="neutral",
        policies=["neutral", "one", "two"],
        named_outcomes=[],
    )

    assert words in headline(compared)[0]


@pytest.mark.slow
def test_the_same_comparison_gives_the_same_page_and_can_be_made_again(compared, tmp_path, capsys):
    first = (compared / "report.html").read_bytes()
    assert main(["compare", *QUICK, "policies=[neutral,bundling,placebo]", f"folder={compared}"]) == 0
    assert not (compared / "report.html").exists()
    assert main(["report", f"folder={compared}"]) == 0

    assert (compared / "report.html").read_bytes() == first


@pytest.mark.slow
def test_a_sweep_has_a_page_too(tmp_path):
    arguments = [
        "space.start.trust=[0.3,0.9]",
        "space.size.partners=[6,10]",
        "policies=[neutral,bundling]",
        "replications=3",
    ]
    more = ["months=12", "executor=serial", "question=Does <b>trust</b> matter?"]
    assert main(["sweep", *arguments, *more, f"folder={tmp_path / 'out'}"]) == 0
    assert main(["report", str(tmp_path / "out")]) == 0
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")

    assert "Does &lt;b&gt;trust&lt;/b&gt; matter?" in text
    assert Reader(text).open == []
    assert (tmp_path / "out" / "report" / "robustness.csv").is_file()
    assert all((tmp_path / "out" / x).is_file() for x in Reader(text).links if not x.startswith(("data:", "#")))


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [["region=0"], ["policies=[bundling]"], ["replications=1"], ["scenario.size.candidates=4"]]
)
def test_odd_comparisons_have_a_page(change, tmp_path):
    keys = {c.partition("=")[0] for c in change}
    base = [a for a in QUICK if a.partition("=")[0] not in keys]
    policies = [] if "policies" in keys else ["policies=[neutral,bundling]"]
    assert main(["compare", *base, *policies, *change, f"folder={tmp_path / 'out'}"]) == 0
    assert main(["report", str(tmp_path / "out")]) == 0

    assert (
        "nan"
        not in " ".join(Reader((tmp_path / "out" / "report.html").read_text(encoding="utf-8")).words).lower().split()
    )


def test_a_tie_at_the_top_is_called_undecided():
    rng = np.random.default_rng(2)
    draws = rng.normal(0, 0.05, 30)
    summary = pd.concat([
        pd.DataFrame({"policy": policy, "seed": range(30), "retention": 0.5 + shift + draws + rng.normal(0, 0.02, 30),
                      "private_value": 3.0, "private_fairness": 0.5, "society_value": 1.0, "effort_spent": 1.0})
        for policy, shift in (("neutral", 0.0), ("one", 0.3), ("two", 0.301))
    ], ignore_index=True)  # fmt: skip
    from sim.analysis.paired import differences
    from sim.analysis.robustness import DECIDING, effort_per_member_retained

    lines = " ".join(at_own_values(summary, differences(summary, "neutral", list(DECIDING)),
                                   effort_per_member_retained(summary, "neutral", 10), "neutral", 10))  # fmt: skip

    assert "which of the two is higher is undecided" in lines


@pytest.mark.parametrize(("name", "text"), [
    ("differences.csv", ""), ("differences.csv", "policy,baseline\nx,y\n"), ("config.yaml", "a: ["), ("config.yaml", ""), ("config.yaml", "a: &a [x]\nscenario: {title: *a}\n"),
    ("summary.parquet", "PAR1"), ("founders.csv", ""),
])  # fmt: skip
def test_a_damaged_comparison_is_said_to_be_so(compared, name, text, tmp_path, capsys):
    copy = tmp_path / "copy"
    shutil.copytree(compared, copy)
    (copy / name).write_text(text)
    seal(copy, [name])  # whoever made it says that it is so
    assert main(["report", str(copy)]) == 2
    message = capsys.readouterr().err

    assert "is damaged" in message
    assert message.count("\n") == 1


def test_a_number_changed_by_hand_is_not_believed(compared, tmp_path, capsys):
    copy = tmp_path / "copy"
    shutil.copytree(compared, copy)
    table = (copy / "differences.csv").read_text()
    (copy / "differences.csv").write_text(
        table.replace("higher", "lower", 1) if "higher" in table else table.replace("0.", "1.", 1)
    )
    assert main(["report", str(copy)]) == 2

    assert "differences.csv: is damaged or was changed by hand; make the results again with: partnership compare" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(("arguments", "words"), [
    ([], "one folder"), (["a", "b"], "one folder"), (["folder=a", "months=3"], "one folder"), (["nowhere"], "no such folder"),
    (["seed=7"], "seed=7: there is no such folder"),
    (["empty"], "no manifest.json"),
])  # fmt: skip
def test_what_cannot_be_reported_is_one_line(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert main(["report", *arguments]) == 2
    message = capsys.readouterr().err

    assert words in message
    assert message.count("\n") == 1


def test_a_comparison_is_not_taken_for_a_damaged_sweep(compared, capsys):
    assert main(["discover", f"folder={compared}", "below=0.3"]) == 2
    message = capsys.readouterr().err

    assert "holds no sweep but a comparison" in message
    assert message.count("\n") == 1


def test_text_from_users_is_escaped_and_unknown_numbers_are_dashes():
    table = as_table("t<i>", pd.DataFrame({"a": ["<script>x</script>"], "b": [np.nan], "c": [np.inf]}),
                     {"a": ("A", ""), "b": ("B", ".1f"), "c": ("C", ".0f")})  # fmt: skip
    html = render(Page("T", "Q", ["<img src=x>"], [Section("S", tables=[table])], {"F": "&"}))

    assert "<script>" not in html
    assert "<img" not in html
    assert list(table.rows[0])[1:] == ["–", "none seen"]


def test_the_sentences_say_best_worst_and_price():
    rng = np.random.default_rng(1)
    rows = []
    for policy, shift, effort in (("neutral", 0.0, 0.0), ("good", 0.3, 20.0), ("bad", -0.3, 5.0), ("same", 0.0, 1.0)):
        noise = rng.normal(0, 0.05, 30) if policy == "same" else 0.0
        rows.append(pd.DataFrame({"policy": policy, "seed": range(30), "retention": 0.5 + shift + rng.normal(0, 0.01, 30) + noise,
                                  "private_value": 3.0, "private_fairness": 0.5, "society_value": 1.0, "effort_spent": effort}))  # fmt: skip
    from sim.analysis.paired import differences
    from sim.analysis.robustness import DECIDING, effort_per_member_retained

    summary = pd.concat(rows, ignore_index=True)
    lines = " ".join(at_own_values(summary, differences(summary, "neutral", list(DECIDING)),
                                   effort_per_member_retained(summary, "neutral", 10), "neutral", 10))  # fmt: skip

    assert (
        "Retention is highest under good: 80% of 10 founders take part in the last month. Under neutral it is 50%"
        in lines
    )
    assert "a difference of +30." in lines
    assert "Retention is significantly lower than under neutral under bad (-30." in lines
    assert "Effort per additional member retained is lowest under good: 6." in lines


def test_a_word_is_linked_where_it_stands_first_and_text_stays_text():
    words = {"effort": "x", "effort per member": "y"}

    assert str(linked("Efforts & effort", words)) == '<a class="term" href="#word-effort">Efforts</a> &amp; effort'
    assert str(linked("effort per member", words)) == (
        '<a class="term" href="#word-effort-per-member">effort per member</a>'
    )
    assert str(linked("<i>effortless</i> -1.5 to -2, 2026-03", words)) == (
        "&lt;i&gt;effortless&lt;/i&gt; \u22121.5 to \u22122, 2026-03"
    )


def test_no_number_is_a_zero_with_a_sign():
    assert [number_text(v, f) for v, f in ((-0.04, "+.1f"), (-0.0, ".0%"), (0.04, "+.1f"), (-0.06, "+.1f"))] == [
        "0.0", "0%", "0.0", "-0.1",
    ]  # fmt: skip
    assert [number_text(v, ".1f") for v in (np.nan, np.inf, -3.0)] == ["–", "none seen", "-3.0"]
