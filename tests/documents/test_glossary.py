"""One concept, one word: the words that this project does not use, in code, messages, configurations and documents."""

import ast
import functools
import re
from pathlib import Path

import pytest

from tests.reading import ROOT

PHRASES = {
    # simulation
    r"worlds?": "run, seed, replications",
    r"luck": "draws, random streams",
    r"(two|both|whole|other) lives|lived (twice|once)|two lives": "run, trajectories",
    r"ways? of governing": "policy; class pages: strategy",
    r"calibrated region": "plausible region",
    r"settings?": "parameter, policy parameter, parameter set, option",
    r"replicates?": "replications",
    r"sham": "placebo",
    r"oracles?": "perfect information",
    r"random[ _]targeting": "random allocation",
    r"what (is|are) (counted|kept|told)|is counted as": "outcome; collect",
    r"circumstances?": "scenario, states of the world",
    # partnership
    r"stay (24|60) ?m|left (sat|fru|exo)\.|exogenous(ly)?": "retention; exits: satisfied, frustrated, other",
    r"no means|need met|outside pull": "insufficient resources, needs met, outside offer",
    r"loss[_ ](felt|borne)|satisfied_at|felt loss": "leak_loss_smoothed, goodwill_lost_to_leaks, satisfaction_threshold",
    r"price of keeping|prices? (of|for) (a|each) (founder|partner|member)": "effort per additional member retained",
    # statistics
    r"corrected for (all|\d+|many)|(\d+|many|more|few) looks": "Holm-corrected over n comparisons",
    r"beaten by": "dominated by",
    r"(lives|they|policies|runs) (first )?part|parting": "first divergence",
    r"in the middle of the (worlds|runs)": "median, middle half",
    r"deserves? belief": "validation",
    # code
    r"whole or not at all|writ(e|es|ing|ten) whole|bears? killing": "atomic write",
    r"rooms? of|the house|floors? of|on the floor": "architecture, package, layer",
    r"anew": "again",
    r"(?<!there )(?-i:is|are) (?-i:none)\b(?! of)|(?<!there )is no (power|number|whole|policy|file|folder|seed|valid)\w*": "is not valid",
    r"none but|what nobody (has )?measured|as it is written|nothing but": "a plain sentence",
    r"page for class|moving (hand|slider)|take[ -]home|veiled": "classroom app, while dragging, offline copy, hidden",
    r"policy[_ ]at[_ ]work|mending|reckonings?|fused": "enforcement, recovery, compiled",
    r"by what it (does|is)|such as they are|of one's own": "a plain sentence",
}
"""Not in any text: pattern -> what to say. Identifiers count as text, with spaces for their underscores."""

NAMES = {
    "given", "found", "told", "asked", "said", "held", "kept", "tell", "say", "whole", "doors", "door", "desk", "house",
    "room", "rooms", "floors", "reckoning", "but", "with_", "go", "go_on", "carry_out", "live", "strike", "feel", "keep",
    "keep_goodwill", "say_goodbye", "audit", "governance", "mending", "again", "luck", "Luck", "Worlds", "world",
    "worlds", "met", "pull", "substitution", "loss_felt", "loss_borne", "satisfied_at", "fresh", "sham", "oracle",
    "write_whole", "whole_folder",
}  # fmt: skip
"""Not a name of a module, class, function, argument or variable (in prose these are words as others)."""

OPTIONS = r"(?<![(\w])(worlds|replicates|runs|settings|fresh)=(?=[\d\[{N]|\s|$)"
"""Not an option of a command: `replications=`, `region=` and `test_replications=` are."""

DUTCH = {
    r"met niets doen": "als niemand iets doet",
    r"bij hetzelfde geluk|hetzelfde geluk": "bij hetzelfde toeval",
    r"werelden": "runs",
}

HISTORY = ("CHANGELOG.md", "docs/changelog.md", "docs/decisions/", "tests/documents/test_glossary.py")
"""What was done and decided keeps its words."""

EXCEPTIONS: dict[str, str] = {
    r"states? of the world": "the term of robust decision making (XLRM)",
    r"setting = |message\(.setting.\)": "the scene of a classroom activity",
    r"multiplications are not fused": "fused multiply-add, an instruction",
    r"vergeleken met niets doen": "a comparison, not a manner",
    r"hypothesis import|@settings\(|= settings\(max_examples": "the settings of Hypothesis",
    r"real world|wide world|World Bank|Worldwide": "the world itself",
}
"""Honest uses: pattern of the line -> why. The line is not counted."""

HONEST_NAMES = {
    ("sim/viz/layout.py", "room"): "room on the page for a title",
    ("sim/studies/policy_search/judging.py", "room"): "how many more can be judged",
}
"""Honest names: file and name -> why."""

NOT_YET: tuple[str, ...] = ()
"""Files (by the start of their path) that are not done yet. Must become empty."""

SUFFIXES = {".py", ".md", ".yaml", ".toml", ".js", ".html", ".css", ".j2", ".ipynb", ".sql"}
FOLDERS = ("sim", "configs", "experiments", "docs", "tests", ".ci")


@functools.cache
def texts():
    return dict(_texts())


def _texts():
    files = [f for folder in FOLDERS for f in sorted((ROOT / folder).rglob("*"))]
    files += [
        ROOT / name for name in ("README.md", "CONTRIBUTING.md", "results/README.md", "pyproject.toml", "CITATION.cff")
    ]
    for file in files:
        name = file.relative_to(ROOT).as_posix()
        known = file.suffix in SUFFIXES or file.parent.name == ".ci" or file.parent == ROOT
        if known and file.is_file() and "_configs" not in file.parts and not name.startswith(HISTORY):
            yield name, file.read_text(encoding="utf-8")


def pattern(words, flags=re.IGNORECASE):
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", flags)


ENGLISH, NETHERLANDS = pattern(PHRASES), pattern(DUTCH)
SMALL = {ENGLISH: pattern(PHRASES, 0), NETHERLANDS: pattern(DUTCH, 0)}
"""The patterns for a text in small letters, where they are found several times faster."""

HONEST = re.compile("|".join(EXCEPTIONS) or r"(?!)", re.IGNORECASE)


def is_dutch(name):
    return "/nl" in name or "lesgeven" in name


def lines_with(name, text):
    """Find the lines of a text with a word that is not used, identifiers read as words."""
    words, options = NETHERLANDS if is_dutch(name) else ENGLISH, re.compile(OPTIONS)
    small = text.lower()
    if not (SMALL[words].search(small) or SMALL[words].search(small.replace("_", " ")) or options.search(text)):
        return
    for number, line in enumerate(text.splitlines(), 1):
        spaced = line.replace("_", " ")
        hit = words.search(line) or (spaced != line and words.search(spaced)) or options.search(line)
        if hit and not HONEST.search(line):
            yield f"{name}:{number}: {hit[0]!r} in {line.strip()[:100]}"


def names_in(tree):
    """Give every name that a module binds, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname, node.lineno


def bound(name, text):
    for what, line in names_in(ast.parse(text)):
        bare = what.strip("_")
        if (name, bare) in HONEST_NAMES:
            continue
        if bare in NAMES or bare.startswith("tell_"):
            yield f"{name}:{line}: {what}"
    if (bare := Path(name).stem.strip("_")) in NAMES - {"governance"}:
        yield f"{name}: {bare}"


def not_used(finder, done):
    files = {n: t for n, t in texts().items() if not (done and n.startswith(NOT_YET or ("\0",)))}
    return [hit for name, text in files.items() for hit in finder(name, text)]


def names_of_modules(name, text):
    return bound(name, text) if name.endswith(".py") and not name.startswith(("tests/", "docs/")) else ()


def test_no_text_has_a_word_that_is_not_used():
    assert not_used(lines_with, done=True) == []


def test_no_module_binds_a_name_that_is_not_used():
    assert not_used(names_of_modules, done=True) == []


@pytest.mark.parametrize(
    "line", ["in the same worlds", "def sham(x):", "a way of governing", "region_settings = 3", "worlds=20"]
)
def test_the_search_finds_them(line):
    assert list(lines_with("sim/x.py", line))


@pytest.mark.parametrize("line", ["states of the world", "if x is None:", "it looks in the folder", "the setup"])
def test_the_search_leaves_plain_words_alone(line):
    assert not list(lines_with("sim/x.py", line))


if __name__ == "__main__":
    from collections import Counter

    hits = not_used(lines_with, done=False) + not_used(names_of_modules, done=False)
    print("\n".join(hits))
    print(Counter(re.split(r"[:]", h)[0].rsplit("/", 1)[0] for h in hits))
