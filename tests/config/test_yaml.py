"""YAML by the rules of version 1.2; one text means the same in a file, on the command line and in a table."""

import json
import math
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.config.files import value_of
from sim.config.job import compose
from sim.config.yaml import dump_plain, load_plain, nested, plain_value
from sim.core.errors import InputError
from sim.core.paths import CONFIGS
from sim.sweeps.operations import plan_of
from sim.sweeps.spec import compose_experiment
from tests.fuzz.helpers import FEW, PLAIN

MEANINGS = {
    "012": 12, "-07": -7, "0o17": 15, "0x1F": 31, "1e-3": 0.001, "1E1": 10.0, ".5": 0.5, "5.": 5.0, "+1": 1, "-.inf": -math.inf,
    "true": True, "False": False, "null": None, "~": None, "": None,
    "1:30": "1:30", "no": "no", "yes": "yes", "on": "on", "off": "off", "y": "y", "N": "N", "1_000": "1_000", "0b11": "0b11", "inf": "inf",
    "nan": "nan", "2026-01-05": "2026-01-05", "2001-99-99": "2001-99-99", "0o8": "0o8", "=": "=", "1,5": "1,5", "٣": "٣", "tRue": "tRue",
}  # fmt: skip
"""Texts without quotes, and what the core schema of YAML 1.2.2 says they are."""


@pytest.mark.parametrize("text", MEANINGS)
def test_a_text_means_the_same_in_a_file_on_the_command_line_and_in_a_cell(text):
    for value in (plain_value(text), value_of(f"key={text}"), load_plain(f"key: {text}\n")["key"]):
        assert (value, type(value)) == (MEANINGS[text], type(MEANINGS[text]))


def test_quotes_make_a_text_of_anything():
    assert load_plain("a: '012'\nb: \"no\"\nc: |\n  1e-3\n") == {"a": "012", "b": "no", "c": "1e-3\n"}


@given(PLAIN)
@FEW
def test_what_is_written_reads_back_as_the_same(data):
    data = json.loads(json.dumps(data).encode("utf-8", "replace").decode())  # names are texts

    assert repr(load_plain(dump_plain(data))) == repr(data)


@given(st.sampled_from(list(MEANINGS)))
@FEW
def test_a_text_that_looks_like_a_number_is_written_in_quotes(text):
    assert load_plain(dump_plain({"title": text})) == {"title": text}


@pytest.mark.parametrize(("text", "words"), [
    ("a: &x 1\nb: *x", "line 1: has an alias (&name, *name); write the values out"),
    ("a: !!python/object:os.system {}", "line 1: has the tag"),
    ("a: !!int '3'", "line 1: has the tag"),
    ("a: 1\na: 2", "has 'a' twice in what begins in line 1"),
    ("? [a, b]\n: 1", "line 1: has a list or mapping as a name"),
    ("a: 1\n--- \nb: 2", "has a second document"),
    ("%YAML 1.1\n---\na: 012", "says %YAML 1.1; it is read by version 1.2"),
    ("space: {low:0, high:1}", "{low:0} needs a space after the colon: {low: 0}"),
])  # fmt: skip
def test_what_could_be_misread_is_refused(text, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        load_plain(text)


def test_dotted_names_are_nested():
    assert nested({"start.trust": 0.3, "start": {"need": 40}, "size.partners": 5}) == {
        "start": {"trust": 0.3, "need": 40},
        "size": {"partners": 5},
    }
    for twice in ({"start.trust": 0.3, "start": {"trust": 0.4}}, {"start": 3, "start.trust": 0.3}):
        with pytest.raises(ValueError, match=r"gives 'start.*' twice; give it once"):
            nested(twice)


@pytest.mark.parametrize("file", sorted(CONFIGS.rglob("*.yaml")), ids=lambda f: f.stem)
def test_shipped_files_mean_the_same_by_version_1_1(file):
    text = file.read_text(encoding="utf-8")
    own = load_plain(text)

    assert json.dumps(own) == json.dumps(yaml.safe_load(text))


# Files that people write


SCENARIOS = {
    "size: {partners: 012}\n": ("size.partners", 12),
    "title: 2026-01-05\nstart: {trust: 0.3}\n": ("title", "2026-01-05"),
    "title: no\nstart: {trust: 0.3}\n": ("title", "no"),
    "title: 1:30\n": ("title", "1:30"),
    "start.trust: 0.3\n": ("start.trust", 0.3),
    "rules.leak.rate: 5e-2\nrules: {leak: {loss: .4}}\n": ("rules.leak.rate", 0.05),
    "\ufeffgrant: {months: 0x18}\n": ("grant.months", 24.0),
    "size: {partners: 1.2e1}\r\n": ("size.partners", 12),
}


@pytest.mark.parametrize("text", SCENARIOS)
def test_a_scenario_file_means_what_it_says(text, tmp_path):
    (tmp_path / "mine.yaml").write_bytes(text.encode())
    path, expected = SCENARIOS[text]
    value = sim.load_scenario(str(tmp_path / "mine.yaml"))
    for name in path.split("."):
        value = getattr(value, name)

    assert value == expected


@pytest.mark.parametrize(("text", "words"), [
    ("size: {partners: 1:30}\n", "size.partners = '1:30': allowed is a whole number, not a text, from 2 to 5000"),
    ("size: {partners: no}\n", "size.partners = 'no': allowed is a whole number, not a text,"),
    ("size: {partners: '12'}\n", "size.partners = '12': allowed is a whole number, not a text,"),
    ("start: {trust: 1_0}\n", "start.trust = '1_0': allowed is a number, not a text,"),
    ("start: {trust: yes}\n", "start.trust = 'yes': allowed is a number, not a text,"),
    ("title: 2026\n", "title = 2026: takes a text; in YAML put it in quotes, as title: '2026'"),
    ("start: 3\n", "start = 3: takes 'name: value' lines below it"),
    ("rules:\n", "rules = None: takes 'name: value' lines below it"),
    ("rules: {leak: }\n", "rules.leak = None: takes 'name: value' lines below it"),
    ("start: {trust: 0.3}\nstart.trust: 0.4\n", "gives 'start.trust' twice; give it once"),
    ("start.trust.much: 0.4\n", "'start.trust' is a single value and has no 'much'"),
])  # fmt: skip
def test_what_is_not_a_number_or_text_is_refused_in_words(text, words, tmp_path):
    (tmp_path / "mine.yaml").write_text(text)

    with pytest.raises(InputError) as error:
        sim.load_scenario(str(tmp_path / "mine.yaml"))
    assert words in str(error.value)


def test_an_experiment_file_means_what_it_says(tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "scenario: neutral\npolicies: [neutral]\nreplications: 1\nmonths: 03\n"
        "space:\n  start.goodwill: [1e1, 2e1]\n  size.partners: [012, 010]\n"
    )
    plan = plan_of(compose_experiment([f"experiment={tmp_path / 'mine.yaml'}"]))

    assert plan.points.to_numpy().tolist() == [[10, 12], [10, 10], [20, 12], [20, 10]]
    assert plan.experiment.months == 3


def test_a_range_takes_numbers_with_an_exponent(tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "space:\n  rules.leak.rate: {low: 1e-3, high: 1e-1, scale: log}\ndesign: {name: grid, steps: 3}\n"
    )
    plan = plan_of(compose_experiment([f"experiment={tmp_path / 'mine.yaml'}"]))

    assert plan.points["rules.leak.rate"].tolist() == [0.001, 0.01, 0.1]


def test_a_flag_takes_true_and_false_alone():
    space = "space.start.trust=[0.2, 0.4]"
    for text in ("no", "on", "1", "'true'"):
        with pytest.raises(InputError, match=r"design.second_order = .*: give true or false"):
            compose_experiment([space, "design=saltelli", f"design.second_order={text}"])


def test_the_command_line_takes_what_a_file_takes():
    job = compose(["scenario.size.partners=012", "months=1e1", "policies=[neutral, {name: adaptive, pause: 03}]"])

    assert (job.scenario.size.partners, job.months, job.policies[1]) == (12, 10, {"name": "adaptive", "pause": 3})
    with pytest.raises(InputError, match=r"months = '1:30': allowed is a whole number, not a text, from 1 to 1200"):
        compose(["months=1:30"])
