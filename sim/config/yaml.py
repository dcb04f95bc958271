"""Plain YAML 1.2, in files, on the command line and in the cells of tables: one text means one value everywhere.

PyYAML parses; what a plain text means is decided here, by the core schema of YAML 1.2.2 (section 10.3.2): ``012`` is
12, ``1e-3`` a number, ``1:30``, ``no`` and ``2026-01-05`` are texts. There are no objects, no aliases (they can grow
without limit) and no name twice in one mapping.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

CORE: dict[str, tuple[str, Callable[[str], Any]]] = {
    "null": (r"null|Null|NULL|~|", lambda _: None),
    "true": (r"true|True|TRUE", lambda _: True),
    "false": (r"false|False|FALSE", lambda _: False),
    "decimal": (r"[-+]?[0-9]+", int),
    "octal": (r"0o[0-7]+", lambda text: int(text, 8)),
    "hexadecimal": (r"0x[0-9a-fA-F]+", lambda text: int(text, 16)),
    "float": (r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", float),
    "odd": (r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", lambda text: float(text.replace(".", ""))),
}
"""What a text without quotes may be besides a text: its form, and its value."""

FORMS = re.compile("|".join(f"(?P<{name}>{form})" for name, (form, _) in CORE.items()))

LONGEST_NUMBER = 400
"""Longest text that is read as a number, in characters; a double has at most some 330."""


def plain_value(text: str) -> Any:
    """Give what a text without quotes means: null, true or false, a number, or else the text itself.

    Raises:
        ValueError: for a number of thousands of digits.
    """
    form = FORMS.fullmatch(text)
    if form is not None and len(text) > LONGEST_NUMBER:
        raise ValueError(f"{text[:20]}... is a number of {len(text):,} characters; at most {LONGEST_NUMBER} are read")
    return text if form is None else CORE[str(form.lastgroup)][1](text)


def load_plain(text: str) -> Any:
    """Read plain YAML; the names in a mapping are texts.

    Raises:
        ValueError: for an alias, a tag, a name that is not one text, and for a name that occurs twice in one mapping
            (the last would silently win).
        yaml.YAMLError: for text that is not valid YAML.
        RecursionError: for text that is nested too deeply.
    """
    import yaml

    events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    next(events)
    start = next(events)
    if isinstance(start, yaml.StreamEndEvent):
        return None  # an empty text, or comments
    if start.version not in (None, (1, 2)):
        raise ValueError("says %YAML {}.{}; it is read by version 1.2: leave that line out".format(*start.version))
    data = _value(next(events), events)
    next(events)
    if not isinstance(next(events), yaml.StreamEndEvent):
        raise ValueError("has a second document (---); give each a file of its own")
    return data


def dump_plain(data: Any) -> str:
    """Write plain data as YAML that ``load_plain`` reads as the same."""
    import yaml

    dumper: Any = type("Dumper", (yaml.SafeDumper,), {})  # knows the numbers of version 1.1, to put texts in quotes
    dumper.add_implicit_resolver("tag:yaml.org,2002:number", re.compile(f"(?:{FORMS.pattern})$"), None)
    return str(yaml.dump(data, Dumper=dumper, sort_keys=False, allow_unicode=True))


def plain(value: Any) -> Any:
    """Turn mappings and lists of any kind (Hydra's too), and numbers of NumPy and pandas, into Python's own."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [plain(inner) for inner in value]
    return value.tolist() if hasattr(value, "tolist") else value


def nested(data: Mapping[str, Any]) -> dict[str, Any]:
    """Read dotted names as nested mappings: ``start.trust: 0.3`` is ``start: {trust: 0.3}``.

    Raises:
        ValueError: for what is given both ways.
    """
    result: dict[str, Any] = {}
    for name, value in data.items():
        first, dot, rest = str(name).partition(".")
        value = nested({rest: value}) if dot and rest else nested(value) if isinstance(value, dict) else value
        if first not in result:
            result[first] = value
        elif isinstance(result[first], dict) and isinstance(value, dict):
            result[first] = _joined(result[first], value, first)
        else:
            raise ValueError(f"gives '{first}' twice; give it once")
    return result


def _joined(one: dict[str, Any], other: dict[str, Any], where: str) -> dict[str, Any]:
    both = dict(one)
    for name, value in other.items():
        path = f"{where}.{name}"
        if name not in both:
            both[name] = value
        elif isinstance(both[name], dict) and isinstance(value, dict):
            both[name] = _joined(both[name], value, path)
        else:
            raise ValueError(f"gives '{path}' twice; give it once")
    return both


def _value(event: Any, events: Iterator[Any]) -> Any:
    """Build plain data from an event of YAML's parser, and those that belong to it."""
    import yaml

    line = event.start_mark.line + 1
    if event.anchor is not None:
        raise ValueError(f"line {line}: has an alias (&name, *name); write the values out")
    if event.tag is not None:
        raise ValueError(f"line {line}: has the tag {event.tag}; write plain values")
    if isinstance(event, yaml.ScalarEvent):
        return event.value if event.style else plain_value(event.value)
    if isinstance(event, yaml.SequenceStartEvent):
        parts: list[Any] = []
        while not isinstance(part := next(events), yaml.SequenceEndEvent):
            parts.append(_value(part, events))
        return parts
    data: dict[str, Any] = {}
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        _value(key, events)
        if not isinstance(key, yaml.ScalarEvent):
            raise ValueError(f"line {line}: has a list or mapping as a name; names are texts")
        if key.value in data:
            raise ValueError(f"has '{key.value}' twice in what begins in line {line}; give it once")
        data[key.value] = value = _value(next(events), events)
        if event.flow_style and value is None and not key.style and ":" in key.value:
            first, _, rest = key.value.partition(":")
            raise ValueError(f"{{{key.value}}} needs a space after the colon: {{{first}: {rest}}}")
    return data
