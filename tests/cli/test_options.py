"""Options with dashes, and tab completion in bash, zsh and fish."""

import shutil
import subprocess
import sys

import pytest

from sim.cli.completion import SCRIPTS, candidates
from sim.cli.main import main
from sim.cli.options import COMMANDS, normalise, options_of


@pytest.mark.parametrize(("typed", "meant"), [
    (["--policy", "neutral"], ["policy=neutral"]),
    (["--policy=neutral", "seed=3"], ["policy=neutral", "seed=3"]),
    (["--scenario.rules.leak.rate", "0.1"], ["scenario.rules.leak.rate=0.1"]),
    (["--test-replications", "20"], ["test_replications=20"]),
    (["--policies", "[neutral,{name: adaptive, pause: 3}]"], ["policies=[neutral,{name: adaptive, pause: 3}]"]),
    (["--below", "-0.5"], ["below=-0.5"]),
    (["results/wide", "--folder", "x"], ["results/wide", "folder=x"]),
    (["months=3", "a b"], ["months=3", "a b"]),
])  # fmt: skip
def test_options_with_dashes_are_options(typed, meant):
    assert normalise("run", typed) == meant


def test_a_switch_needs_no_value():
    assert normalise("lab", ["--share", "--board", "false"]) == ["share=true", "board=false"]
    assert normalise("lab", ["--no-share"]) == ["share=false"]
    assert normalise("sweep", ["--other-model", "folder=x"]) == ["other_model=true", "folder=x"]


def test_dashes_and_equals_give_the_same_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    texts = []
    for arguments in (["policy=neutral", "months=3"], ["--policy", "neutral", "--months=3"]):
        assert main(["run", *arguments]) == 0
        texts.append(capsys.readouterr().out)

    assert texts[0] == texts[1]


def test_an_unknown_option_names_the_near_one(capsys):
    assert main(["run", "--polcy", "neutral"]) == 2
    assert "did you mean policy" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["compare", "run", "trace", "discover", "sweep", "search"])
def test_the_help_names_the_options_that_are_completed(command):
    assert len(options_of(command)) >= 5


COMPLETED = [
    ("partnership com", ["compare", "completion"]),
    ("partnership run policy=neu", ["policy=neutral"]),
    ("partnership run --policy safe", ["safeguarding"]),
    ("partnership run --policy=safe", ["--policy=safeguarding"]),
    ("partnership compare scenario=den", ["scenario=denim_alliance"]),
    ("partnership compare scenario.rules.leak.ra", ["scenario.rules.leak.rate="]),
    ("partnership compare 'policies=[neutral,bun", ["policies=[neutral,bundling"]),
    ("partnership sweep experiment=pause", ["experiment=pause_and_trust"]),
    ("partnership describe rules.lea", ["rules.leak."]),
    ("partnership discover outcome=society", ["outcome=society_value"]),
    ("partnership completion z", ["zsh"]),
    ("partnership nothing ", []),
]


@pytest.mark.parametrize(("line", "words"), COMPLETED)
def test_the_words_that_can_come_next(line, words):
    assert candidates(line) == words


def test_every_command_can_be_completed():
    assert set(COMMANDS) <= set(candidates("partnership "))


def run_shell(shell, script, tmp_path):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    start = (
        "function partnership; {0} -m sim $argv; end\n" if shell == "fish" else 'partnership() {{ {0} -m sim "$@"; }}\n'
    )
    file = tmp_path / "script"
    file.write_text(start.format(sys.executable) + SCRIPTS[shell] + script)
    flags = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run([shell, *flags, str(file)], capture_output=True, text=True, timeout=60)
    return done.stdout.split(), done.stderr


@pytest.mark.parametrize(("words", "expected"), [
    (["partnership", "com"], ["compare", "completion"]),
    (["partnership", "run", "policy", "=", "neu"], ["neutral"]),
    (["partnership", "run", "scenario", "="], ["contract_consortium", "denim_alliance"]),
])  # fmt: skip
def test_bash_completes(words, expected, tmp_path):
    line = " ".join(words).replace(" = ", "=").replace(" =", "=")
    script = (
        f"COMP_LINE='{line}'; COMP_POINT={len(line)}; COMP_WORDS=({' '.join(repr(w) for w in words)})\n"
        f"COMP_CWORD={len(words) - 1}; _partnership; printf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
    )
    printed, errors = run_shell("bash", script, tmp_path)

    assert printed[: len(expected)] == expected, errors


def test_zsh_completes(tmp_path):
    script = (
        'compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -rl -- "$@"; }\n'
        "words=(partnership run policy=neu); CURRENT=3; _partnership\n"
    )
    printed, errors = run_shell("zsh", script, tmp_path)

    assert printed == ["policy=neutral"], errors


def test_fish_completes(tmp_path):
    printed, errors = run_shell("fish", "complete -C 'partnership run policy=neu'\n", tmp_path)

    assert printed == ["policy=neutral"], errors


def test_an_unknown_shell_is_refused(capsys):
    assert main(["completion", "tcsh"]) == 2
    assert "completion takes one shell: bash, zsh, fish" in capsys.readouterr().err
