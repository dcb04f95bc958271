"""A folder of results that something got at: every command that reads it answers or says what is wrong, and mends what it can."""

import contextlib
import io
import random
import re
import shutil
from pathlib import Path

import pytest

import sim
from sim.cli.main import main
from sim.core.errors import InputError
from tests.fuzz.helpers import helps, no_hang
from tests.sweeps.helpers import fingerprints, swept

DATA = {"space": {"start.trust": [0.3, 0.6]}, "changes": {"size.partners": 6}, "replications": 3}
OF_A_SWEEP = [
    ["status", "folder=f"],
    ["report", "f"],
    ["export", "folder=f", "to=o.csv"],
    ["export", "folder=f", "table=events", "to=o.csv"],
    ["discover", "folder=f", "x=start.trust", "y=size.partners"],
    ["rerun", "folder=f", "abcd"],
    ["extend", "folder=f", "replications=4", "executor=serial"],
    ["retry-failed", "folder=f", "executor=serial"],
    ["sweep", "folder=f", "executor=serial"],
]
COMPARE = ["compare", "scenario=neutral", "months=6", "replications=3", "scenario.size.partners=6", "region=0", "policies=[neutral,adaptive]",
           "folder=f"]  # fmt: skip
OF_A_COMPARISON = [["report", "f"], ["status", "folder=f"], COMPARE]


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Make a sweep."""
    place = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.engine.batch, "CHECK_INVARIANTS", False)
        swept(place / "sweep", **DATA)
    return place


@pytest.fixture(scope="module")
def both(sources):
    """Make a comparison with its page beside the sweep."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.engine.batch, "CHECK_INVARIANTS", False)
        patch.chdir(sources)
        run_command(*COMPARE)
        run_command("report", "f")
        shutil.move("f", "comparison")
    return sources


def run_command(*arguments):
    heard, text = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(text), no_hang(120):
        code = main(list(arguments))
    return code, text.getvalue()


def harm(folder, draws):
    """Do something bad to a file or two; gives what."""
    done = []
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix not in (".png", ".svg", ".html"))
    for file in draws.sample(files, draws.choice([1, 1, 2])):
        content = file.read_bytes()
        place = draws.randrange(len(content) or 1)
        harms = {
            "truncate": content[:place],
            "flip": content[:place] + bytes([draws.randrange(256)]) + content[place + 1 :],
            "empty": b"",
            "double": content * 2,
            "other": draws.choice([b"\xff\xfe", b"null", b"[]", b"{}", b"3", b'"x"', b'{"command": 3}', b"a,b\n1,2\n"]),
            "word": changed_word(content, draws),
        }
        how = draws.choice([*harms, "remove", "folder"])
        done.append((how, file.relative_to(folder).as_posix()))
        file.unlink()
        if how in harms:
            file.write_bytes(harms[how])
        elif how == "folder":
            file.mkdir()
    return done


def changed_word(content, draws):
    text = content.decode("utf-8", "surrogateescape")
    words = re.findall(r"[\w.]+", text)
    other = draws.choice(["null", "-1", "", "x", "[]", "1e400", "{}", "true"])
    return (
        text.replace(draws.choice(words), other, draws.choice([1, -1])).encode("utf-8", "surrogateescape")
        if words
        else content
    )


def bears(sources, seed):
    """Harm a copy of a folder, use it, and look for what is left of it."""
    draws = random.Random(seed)
    kind = draws.choice(["sweep", "sweep", "comparison"])
    shutil.rmtree("f", ignore_errors=True)
    shutil.copytree(sources / kind, "f")
    done = harm(Path("f"), draws)
    for arguments in draws.sample(OF_A_SWEEP if kind == "sweep" else OF_A_COMPARISON, 2):
        code, text = run_command(*arguments)
        assert code in (0, 2), (seed, done, arguments, text)
        if code:
            helps(text)
            assert all(line.startswith("partnership: ") for line in text.splitlines()), (seed, done, text)
        assert not list(Path().rglob("*.partial*")), (seed, done, arguments)
    if (
        kind == "sweep"
        and run_command("sweep", "folder=f", "executor=serial")[0] == 0
        and len(sim.load("f").runs) == 12
    ):
        assert fingerprints("f") == fingerprints(sources / "sweep"), (seed, done)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sim.engine.batch, "CHECK_INVARIANTS", False)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_eighty_damaged_folders_are_answered_or_named(both):
    for seed in range(80):
        bears(both, seed)


def test_a_shard_whose_names_are_no_text_is_named(sources):
    shutil.copytree(sources / "sweep", "f")
    shard = next(Path("f/runs").glob("*.parquet"))
    shard.write_bytes(shard.read_bytes().replace(b"run_id", b"\xff\xfe\xfd_id"))

    with pytest.raises(InputError, match="is missing or damaged; run its runs again with: partnership sweep folder=f"):
        sim.load("f").runs  # noqa: B018
    code, text = run_command("export", "folder=f", "to=o.csv")
    assert code == 2
    assert "is missing or damaged" in text


@pytest.mark.parametrize("text", ['{"command": 3}', '"a command"', '["command"]'])
def test_a_page_of_a_comparison_whose_manifest_is_not_one_is_refused(text):
    Path("f").mkdir()
    Path("f/manifest.json").write_text(text)

    assert run_command("report", "f") == (
        2,
        "partnership: f/manifest.json: is damaged or was changed by hand; the files beside it are untouched. Put the "
        "original back, or remove the folder and make the results again\n",
    )


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("to=.", "cannot be written"),
        ("to=a/b.csv", "cannot be written"),
        ("to=~nobody_of_that_name/x", "no such home"),
        ("to=f/manifest.json", "the sweep itself lives by it"),
        ("to=f/runs/all.csv", "the sweep itself lives by it"),
        ("to=f/../f/done.jsonl", "the sweep itself lives by it"),
    ],
)
def test_an_export_to_where_no_file_can_be_is_named(sources, to, words):
    shutil.copytree(sources / "sweep", "f")
    code, text = run_command("export", "folder=f", to)

    assert code == 2
    assert words in text
    assert [p.name for p in Path().iterdir()] == ["f"]
