"""Options as people type them: ``--policy neutral`` and ``--policy=neutral`` mean ``policy=neutral``."""

import ast
import re
from collections.abc import Sequence
from functools import cache
from keyword import iskeyword
from pathlib import Path

COMMANDS = (
    *("compare", "report", "inform", "run", "trace", "dose", "import", "forecast", "lab", "describe", "verify"),
    *("plan", "sweep", "status", "extend", "retry-failed", "rerun", "export", "discover"),
    *("search", "pathways", "calibrate", "validate", "sensitivity", "forecast-score"),
    *("methods", "reproduce", "completion"),
)


def module_of(command: str) -> str:
    """Name the module of a command in this package; a word of Python's own has an underscore behind it (PEP 8)."""
    return f"{command.replace('-', '_')}{'_' if iskeyword(command) else ''}"


@cache
def help_of(command: str) -> str:
    """Give a command's help without importing what the command needs."""
    file = Path(__file__).with_name(f"{module_of(command)}.py")
    if command not in COMMANDS or not file.is_file():
        return ""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "HELP":
            parts = [n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant)]
            return "".join(part for part in parts if isinstance(part, str))
    return ""


@cache
def options_of(command: str) -> tuple[str, ...]:
    """Give the options that a command's help names, in order."""
    return tuple(dict.fromkeys(re.findall(r"(?<![\w.])([a-z][a-z_]*)=", help_of(command))))


@cache
def switches_of(command: str) -> tuple[str, ...]:
    """Give the options of a command that are true or false."""
    return tuple(dict.fromkeys(re.findall(r"(?<![\w.])([a-z][a-z_]*)=(?:true|false)\b", help_of(command))))


def normalise(command: str, arguments: Sequence[str]) -> list[str]:
    """Write every option as ``key=value``.

    ``--key value`` and ``--key=value`` are ``key=value``; ``--key`` alone (last, before another option, or where the
    option is a switch) is ``key=true``; ``--no-key`` is ``key=false``; a hyphen in a key is an underscore.

    Args:
        command: the command's name, which decides what is a switch.
        arguments: what stands behind it on the command line.

    Returns:
        The arguments, in order; those without dashes as they are.
    """
    result, waiting = list[str](), list(arguments)
    while waiting:
        argument = waiting.pop(0)
        if not re.match(r"--[A-Za-z]", argument):
            result.append(argument)
            continue
        name, equals, value = argument[2:].partition("=")
        key = name.replace("-", "_")
        if equals:
            result.append(f"{key}={value}")
        elif key.startswith("no_") and key.removeprefix("no_") in switches_of(command):
            result.append(f"{key.removeprefix('no_')}=false")
        elif waiting and _is_value(waiting[0], key in switches_of(command)):
            result.append(f"{key}={waiting.pop(0)}")
        else:
            result.append(f"{key}=true")
    return result


def _is_value(text: str, switch: bool) -> bool:
    """Tell whether a text is the value of the option before it, and not the next option or a folder."""
    if switch:
        return text in ("true", "false")
    return not text.startswith("--") and not re.match(r"[A-Za-z_][\w.]*=", text)
