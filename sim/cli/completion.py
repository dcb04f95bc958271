"""``partnership completion``: tab completion for bash, zsh and fish; one function says what can come next."""

import re
import shlex
from collections.abc import Iterable
from pathlib import Path

from sim.cli.options import COMMANDS, options_of, switches_of
from sim.core.errors import InputError

HELP = """\
Print a script that teaches a shell to complete partnership's commands, options, policies, scenarios and parameters.

  partnership completion bash >> ~/.bashrc
  partnership completion zsh >> ~/.zshrc
  partnership completion fish > ~/.config/fish/completions/partnership.fish

Then start a new shell, and press the tab key: partnership com<tab>, partnership run policy=<tab>, and
partnership compare scenario.rules.leak.<tab>.
"""

SCRIPTS = {
    "bash": r"""
_partnership() {
    local line="${COMP_LINE:0:COMP_POINT}" word="${COMP_WORDS[COMP_CWORD]}" IFS=$'\n'
    local last="${line##*[[:space:]]}"
    [[ $word == "=" || $word == ":" ]] && word=""
    local cut="${last%"$word"}"
    COMPREPLY=($("${COMP_WORDS[0]}" completion words "$line" 2>/dev/null))
    COMPREPLY=("${COMPREPLY[@]#"$cut"}")
    [[ ${COMPREPLY[0]} == *[=./,[] ]] && type compopt >/dev/null 2>&1 && compopt -o nospace 2>/dev/null
    return 0
}
complete -F _partnership partnership
""",
    "zsh": r"""
#compdef partnership
_partnership() {
    local -a candidates
    candidates=("${(@f)$("${words[1]}" completion words "${(j: :)words[1,CURRENT]}" 2>/dev/null)}")
    compadd -Q -S '' -- ${(M)candidates:#*[=./,\[]}
    compadd -Q -- ${candidates:#*[=./,\[]}
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _partnership partnership
""",
    "fish": r"""
function __partnership_candidates
    partnership completion words (commandline -cp | string collect) 2>/dev/null
end
complete -c partnership -f -a '(__partnership_candidates)'
""",
}

IN_FOLDER = ("report", "verify", "status", "extend", "retry-failed", "export", "discover", "inform")
"""Commands that take the folder of results as a word of its own."""


def main(arguments: list[str]) -> None:
    """Run the command."""
    if len(arguments) == 2 and arguments[0] == "words":
        print("\n".join(candidates(arguments[1])))
        return
    if len(arguments) != 1 or arguments[0] not in SCRIPTS:
        raise InputError(f"completion takes one shell: {', '.join(SCRIPTS)}; see --help")
    print(SCRIPTS[arguments[0]].strip())


def candidates(line: str) -> list[str]:
    """Give the words that can stand at the end of a command line.

    Args:
        line: the command line up to the cursor; the first word is the command ``partnership`` itself.

    Returns:
        Whole words that begin with the last one; those that end with ``=`` or ``.`` go on.
    """
    words = _words(line)[1:]
    word = words[-1] if words else ""
    if len(words) < 2:
        return _beginning(word, [*COMMANDS, "help"])
    command, before = words[0], words[-2]
    dashes, rest = ("--", word[2:]) if word.startswith("--") else ("", word)
    key, equals, value = rest.partition("=")
    if equals:
        return [f"{dashes}{key}={v}" for v in _values(command, key.replace("-", "_"), value)]
    if before.startswith("--") and "=" not in before and before[2:].replace("-", "_") not in switches_of(command):
        return _values(command, before[2:].replace("-", "_"), word)
    names = [f"{dashes}{name}=" for name in options_of(command)]
    names += [dashes + name for name in _paths(command, rest)]
    if not dashes:
        names += _words_of(command, word)
    return _beginning(word, dict.fromkeys(names))


def _words(line: str) -> list[str]:
    """Split a line as a shell does; an open quotation mark at its end is no error. The last word may be empty."""
    for closing in ("", "'", '"'):
        try:
            words = shlex.split(line + closing)
        except ValueError:
            continue
        return [*words, ""] if not line or (line[-1].isspace() and not closing) else words
    return line.split(" ")


def _words_of(command: str, word: str) -> list[str]:
    """Give the words without a key that a command takes."""
    if command == "completion":
        return list(SCRIPTS)
    if command == "describe":
        from sim.studies.describe import KINDS

        return [*KINDS, *_policies(), *_outcomes(), *_next_part(word, _parameters())]
    return _folders(word) if command in IN_FOLDER else []


def _paths(command: str, word: str) -> list[str]:
    """Give the dotted names of parameters, one part further than the word."""
    from sim.cli.options import help_of

    text, names = help_of(command), list[str]()
    if "scenario." in text or "partnership plan" in text:
        names += [f"scenario.{path}=" for path in _parameters()]
    if "space." in text:
        names += [f"space.{path}=" for path in _parameters()]
    if "policy." in text:
        names += [f"policy.{name}=" for name in _policy_parameters()]
    return _next_part(word, names)


def _next_part(word: str, names: Iterable[str]) -> list[str]:
    """Shorten dotted names to one part more than the word has, so that a list stays readable."""
    depth = word.count(".")
    parts = (name.split(".") for name in names if name.startswith(word))
    return list(dict.fromkeys(".".join(p[: depth + 1]) + ("." if len(p) > depth + 1 else "") for p in parts))


def _values(command: str, key: str, value: str) -> list[str]:
    """Give the values of an option that begin as the value does."""
    from sim.config.files import names_in

    if key in switches_of(command):
        return _beginning(value, ["true", "false"])
    if key in ("scenario", "sectors", "experiment", "design", "executor", "calibration"):
        files = _files(value, (".yaml", ".yml")) if key in ("scenario", "experiment", "calibration") else []
        return _beginning(value, [*names_in(key), *files])
    if key == "policy":
        return _beginning(value, [*_policies(), *_files(value, (".py",))])
    if key == "policies":
        head, last = re.fullmatch(r"(.*[\[,]\s*)?(.*)", value, re.DOTALL).groups("")  # type: ignore[union-attr]
        return [f"{head or '['}{name}" for name in _beginning(last, [*_policies(), *_files(last, (".py",))])]
    if key in ("outcomes", "objectives"):
        head, last = re.fullmatch(r"(.*[\[,]\s*)?(.*)", value, re.DOTALL).groups("")  # type: ignore[union-attr]
        names = [*_beginning(last, [*_outcomes(), *_group_outcomes()]), *_files(last, (".py",))]
        return [f"{head or '['}{name}" for name in names]
    if key in ("outcome", "objective"):
        return _beginning(value, _outcomes())
    if key in ("x", "y"):
        return _beginning(value, _next_part(value, _parameters()))
    known = {"engine": ["numpy", "compiled"], "each": ["point", "run"], "better": ["more", "less"]}
    if key in known:
        return _beginning(value, known[key])
    if key in ("region_from", "spells"):
        return [*_folders(value), *_files(value, (".csv",))]
    return _folders(value) if key == "folder" else _files(value) if key in ("to", "payoffs", "design.file") else []


def _beginning(word: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(word)]


def _policies() -> list[str]:
    from sim.model.policies import POLICIES

    return [policy.name for policy in POLICIES]


def _policy_parameters() -> list[str]:
    from sim.model.policies import POLICIES

    return sorted({name for policy in POLICIES for name in policy.model_fields})


def _parameters() -> list[str]:
    from sim.core.declare import parameters
    from sim.model.scenario import Scenario

    return [q.path for q in parameters(Scenario())]


def _outcomes() -> list[str]:
    from sim.model.outcomes import SUMMARY

    return [outcome.name for outcome in SUMMARY]


def _group_outcomes() -> list[str]:
    from sim.model.outcomes.groups import OF, SIZES, groupable
    from sim.model.sectors import SECTORS

    return [f"{name}{OF}{group}" for name in groupable() for group in (*SECTORS, *SIZES)]


def _files(begin: str, suffixes: tuple[str, ...] = ()) -> list[str]:
    """List files that begin so, and folders to look into."""
    place, name = begin.rpartition("/")[0::2]
    folder = Path(place or ("/" if begin.startswith("/") else ".")).expanduser()
    if not folder.is_dir():
        return []
    head = begin[: len(begin) - len(name)]
    entries = sorted(p for p in folder.iterdir() if p.name.startswith(name) and not p.name.startswith("."))
    return [f"{head}{p.name}{'/' * p.is_dir()}" for p in entries if p.is_dir() or not suffixes or p.suffix in suffixes]


def _folders(begin: str) -> list[str]:
    return [name for name in _files(begin) if name.endswith("/")]
