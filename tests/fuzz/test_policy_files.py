"""A policy file with anything in it: it governs, with every identity kept, or a line says what is wrong with it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from tests.fuzz.helpers import FEW, TEXT, answered

VALUES = st.sampled_from([
    "0", "1", "-1", "0.5", "2", "budget", "-budget", "budget * 0.3", "budget / 0", "float('nan')", "float('inf')", "1j", "True", "None", "'much'", "[]",
    "[0.1, 0.2]", "{}", "object()", "np.ones(3)", "np.ones((2, 2))", "np.ones((1, 2))", "seen.members", "seen.budget", "memory", "seen.wish", "np.array([])",
    "np.full((1, 2), np.nan)", "np.array(['a', 'b'])", "1e308", "-0.0", "10 ** 400", "lambda: 1", "seen",
])  # fmt: skip
FIELDS = st.sampled_from(
    [
        "safeguard",
        "bundle",
        "inside",
        "outside",
        "track",
        "intervene",
        "placebo",
        "pause",
        "wish",
        "match_inside",
        "priority",
    ]
)
EFFORTS = st.builds(
    lambda pairs: f"seen.spend({', '.join(f'{k}={v}' for k, v in pairs.items())})",
    st.dictionaries(FIELDS, VALUES, max_size=2),
)
RETURNS = st.builds("return {}, memory".format, EFFORTS | VALUES) | st.builds("return {}".format, EFFORTS | VALUES) | st.builds(
    "return seen.spend().replace({}={}), {}".format, FIELDS, VALUES, VALUES
)  # fmt: skip
LINES = st.sampled_from([
    "pass", "memory = (memory or 0) + 1", "seen.budget[:] = 9", "seen.month = 3", "budget *= 2", "raise ValueError()", "raise KeyboardInterrupt_", "1 / 0",
    "assert False", "import nothing_of_that_name", "exit()", "raise SystemExit", "del seen", "x = seen.look('benefit')", "if seen.tension > 0.1: pass",
    "def f(): f()\n    f()", "memory.append(1)", "seen.prices.match = 0", "raise Exception('\\x1b[31m\\n\\x00')", "raise Exception('x' * 5000)",
    "global np; np = None", "yield 1", "return", "warnings.warn('careful')",
])  # fmt: skip
FUNCTIONS = st.builds(
    lambda name, takes, lines, last: f"def {name}({takes}):\n" + "".join(f"    {line}\n" for line in (*lines, last)),
    st.sampled_from(["allocate"] * 6 + ["alocate"]),
    st.sampled_from(["seen, budget, memory"] * 6 + ["seen", "*a", "seen, budget, memory, more", ""]),
    st.lists(LINES, max_size=2),
    RETURNS,
)
ATTRIBUTES = st.sampled_from([
    "name = 'mine'", "name = 3", "name = ''", "targeting = 'perfect_information'", "targeting = 'draws'", "pause: int = 3", "pause = 'x'", "level: float = 0.5",
    "level: 'nothing' = 1", "level = 1", "model_config = {}", "def start(self): return 1 / 0", "def start(self): return {}", "def __init__(self): pass",
])  # fmt: skip
CLASSES = st.builds(
    lambda base, body, function: f"class Mine({base}):\n" + "".join(f"    {line}\n" for line in body)
    + "".join(f"    {line}\n" for line in function.replace("(", "(self, ", 1).splitlines()),
    st.sampled_from(["sim.Policy"] * 6 + ["sim.Scenario", "object", "sim.Policy, Exception"]), st.lists(ATTRIBUTES, max_size=2), FUNCTIONS,
)  # fmt: skip
TEXTS = (
    st.builds("import warnings\nimport numpy as np\nimport sim\n{}\n".format, FUNCTIONS | CLASSES)
    | st.binary(max_size=40)
    | TEXT
)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def governs_or_says_why(text):
    Path("mine.py").write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    small = sim.Scenario().replace(**{"size.partners": 4})
    call = lambda: sim.simulate(small, 2, "mine.py", 2, check_invariants=True)  # noqa: E731
    tables = answered(call, "mine.py", "policy mine", "policy Mine", "policy 3", "Mine")
    assert tables is None or len(tables.summary) == 2


QUIET = pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::SyntaxWarning", "ignore::UserWarning")


@QUIET
@FEW
@given(TEXTS)
def test_a_policy_file_governs_or_a_line_says_why(text):
    governs_or_says_why(text)


@pytest.mark.slow
@QUIET
@settings(FEW, max_examples=4000)
@given(TEXTS)
def test_very_many_policy_files_govern_or_a_line_says_why(text):
    governs_or_says_why(text)


@pytest.mark.parametrize(("body", "words"), [
    ("level = 0.5", "mine.py: stops while being imported: PydanticUserError: A non-annotated attribute was detected: `level = 0.5`"),
    ("level: 'share' = 1", "policy Mine: stops: PydanticUserError: `Mine` is not fully defined; you should define `share`"),
    ("def __init__(self): pass", r"policy Mine: call super\(\).__init__\(\*\*parameters\) in its __init__"),
])  # fmt: skip
def test_a_class_that_makes_no_policy_gets_one_line(body, words):
    Path("mine.py").write_text(f"import sim\n\n\nclass Mine(sim.Policy):\n    {body}\n")

    with pytest.raises(sim.PolicyError if "policy Mine" in words else ValueError, match=words) as error:
        sim.find_policy("mine.py")
    assert "\n" not in str(error.value)
