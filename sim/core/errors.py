"""Errors for the person who meets them: what was given, what is allowed, what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

MANY = 40
"""Most names that a message lists."""

AT_ONCE = 12
"""Most problems that a message lists."""

LONGEST = 200
"""Longest value that a message shows in full, in characters."""


class InputError(ValueError):
    """A user's input cannot be used. Commands show it as one line, without a traceback."""

    def __init__(self, message: str) -> None:
        super().__init__(_safe(message))


class Busy(InputError):
    """Another process is working there; try again later."""


BELOW = "takes 'name: value' lines below it, or {{name: value}}"

WORDS = {
    "string_type": "takes a text; in YAML put it in quotes, as {name}: '{value}'",
    "bool_type": "give true or false",
    **dict.fromkeys(("list_type", "tuple_type"), "takes a list, such as [a, b]"),
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), BELOW),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "give a whole number"),
    **dict.fromkeys(("float_type", "float_parsing"), "give a number"),
}
"""What to give where a value is of another kind, by pydantic's name of the error."""


class RunsFailed(InputError):
    """Runs of a study failed, so that it has no result; those that did not are kept."""


SOME_FAILED = 3
"""Exit code of a command that leaves failed runs behind."""


@contextmanager
def naming(where: str) -> Iterator[None]:
    """Let a message begin with the field whose value was wrong, where it does not yet."""
    try:
        yield
    except InputError as error:
        message = str(error)
        if message.startswith(where):
            raise
        raise type(error)(f"{where}: {message}") from error


def readable(error: ValidationError, prefix: str, model: type[BaseModel]) -> str:
    """Put pydantic's errors in words: dotted path = value, the rule, the unit."""
    problems = error.errors()
    lines = [_line(item, prefix, model) for item in problems[:AT_ONCE]]
    more = len(problems) - AT_ONCE
    return "\n".join([*lines, f"and {more} more: put these right first"] if more > 0 else lines)


def print_safe(text: str = "") -> None:
    """Print text that may come from somebody else's folder: control characters are shown and do not act."""
    print(_written_out(text))


def near(name: Any, known: Any) -> str:
    """Suggest known names close to a name, or list them all; of many dotted paths only their beginnings."""
    known = [str(k) for k in known]
    close = get_close_matches(str(name), known, 3, 0.5)
    if close:
        return f"did you mean {' or '.join(close)}?"
    beginnings = dict.fromkeys(re.sub(r"\..*", "...", k) for k in known)
    if len(known) > MANY > len(beginnings):
        return f"known: {', '.join(beginnings)}; partnership describe has each"
    return f"known: {', '.join(known)}"


def _safe(message: str) -> str:
    """Write control characters out, and shorten very long words."""
    return re.sub(r"\S{400,}", lambda word: f"{word[0][:60]}...{word[0][-60:]}", _written_out(message))


def _written_out(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def _line(item: Any, prefix: str, model: type[BaseModel]) -> str:
    path = ".".join(str(k) for k in (*prefix.split("."), *item["loc"]) if k != "")
    field, parent = _find(model, item["loc"])
    value = repr(item["input"])
    value = value if len(value) <= LONGEST else f"{value[: LONGEST // 2]}...{value[-LONGEST // 2 :]}"
    shown = f"{path} = {value}" if item["loc"] else path
    if item["type"] == "extra_forbidden":
        return f"{path}: there is no such parameter; {near(str(item['loc'][-1]), _fields(parent))}"
    if item["type"] == "value_error":
        return (
            f"{path}: {item['msg'].removeprefix('Value error, ')}"
            if path
            else item["msg"].removeprefix("Value error, ")
        )
    facts: Any = (field.json_schema_extra or {}) if field is not None else {}
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None) if field is not None else None
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None) if field is not None else None
    unit = f" ({facts['unit']})" if facts.get("unit") not in (None, "", "1") else ""
    if low is not None and high is not None:
        kind = "a whole number" if field is not None and _is_whole(field.annotation) else "a number"
        kind = f"{kind}, not a text," if item["type"] == "number_type" else kind
        meaning = field.description if field is not None else ""
        return f"{shown}: allowed is {kind} from {_number(low)} to {_number(high)}{unit}: {meaning}"
    words = WORDS.get(item["type"], "").format(name=path.rpartition(".")[2], value=item["input"])
    words = words or f"{item['msg'][0].lower()}{item['msg'][1:]}"
    return f"{shown}: {words}{unit}"


def _number(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:g}"


def _is_whole(annotation: Any) -> bool:
    return annotation is int or int in get_args(annotation)


def _fields(model: Any) -> dict[str, Any]:
    """Give the fields of a group by the names that configurations use."""
    return {field.alias or name: field for name, field in getattr(model, "model_fields", {}).items()}


def _find(model: Any, loc: tuple[Any, ...]) -> tuple[Any, Any]:
    """Find the field and its model at a location; None where nothing is declared."""
    field, parent = None, model
    for k, key in enumerate(loc):
        if get_origin(parent) is dict:  # named entries, each of one model
            field, parent = None, get_args(parent)[1]
            continue
        if get_origin(parent) is list:
            field, parent = None, get_args(parent)[0]
            continue
        fields = _fields(parent)
        field = fields.get(key)
        if field is None:
            further = get_args(getattr(parent, "__annotations__", {}).get("__pydantic_extra__"))  # of a user's own name
            if not further:
                return None, parent
            parent = further[1]
            continue
        if k + 1 < len(loc):
            parent = field.annotation
    return field, parent
