"""The sentences of the app in the reader's language: every language has the same keys with the same gaps."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = {"en": "English", "nl": "Nederlands"}
"""Each language's own name for itself."""

MARKS: dict[str, dict[int, int]] = {"en": {}, "nl": str.maketrans(".,", ",.")}
"""How the point and comma of Python's numbers change into those of the language."""

MAX_NAMES = 3
"""Most members that a sentence names at once."""


class Messages:
    """All sentences of one language, read from its files: the key ``lab.watch.title`` is in ``lab.toml``."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._sentences = dict[str, str]()
        for file in sorted((Path(__file__).parent / "languages" / language).glob("*.toml")):
            self._sentences |= _flatten(tomllib.loads(file.read_text(encoding="utf-8")), f"{file.stem}.")

    def __call__(self, key: str, /, **gaps: Any) -> str:
        """Return a sentence with its gaps filled.

        Args:
            key: The file's name and the path to the sentence, joined by dots.
            **gaps: A value for each ``{gap}`` of the sentence.

        Raises:
            KeyError: If there is no such sentence, or a gap has no value.
        """
        return self._sentences[key].format(**gaps)

    def sector(self, sector: str, key: str = "model.member") -> str:
        """Name a sector, or a member of it; what a scenario adds has no sentence and goes by its name."""
        return self._sentences.get(f"{key}.{sector}", sector.replace("_", " "))

    def number(self, value: float, form: str = "") -> str:
        """Write a number in one of Python's formats, with the point and comma of the language."""
        return format(value, form).translate(MARKS[self.language])

    def part(self, prefix: str) -> dict[str, str]:
        """Return all sentences below a prefix, by the rest of their keys, with gaps unfilled."""
        start = f"{prefix}."
        return {key.removeprefix(start): text for key, text in self._sentences.items() if key.startswith(start)}

    def join_names(self, names: list[str]) -> str:
        """Join names as in a sentence. Of many names, the last ones become a number."""
        if len(names) > MAX_NAMES:
            names = [*names[: MAX_NAMES - 1], self("lab.run.others", n=len(names) - MAX_NAMES + 1)]
        return f" {self('lab.run.and')} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

    def strategy(self, policy: str) -> str:
        """Name a strategy."""
        return self(f"model.strategy.{policy}.name")

    def with_strategy(self, policy: str) -> str:
        """Write a strategy as a condition: "with a strategic pause", "if nobody does anything"."""
        return self(f"model.strategy.{policy}.when")


@cache
def messages(language: str) -> Messages:
    """Return the sentences of a language."""
    return Messages(language)


def capitalise(text: str) -> str:
    """Begin a sentence with a capital, and leave the rest as it is."""
    return text[0].upper() + text[1:]


def _flatten(tree: Mapping[str, Any], start: str) -> dict[str, str]:
    """Name each sentence by the path to it."""

    def walk(branch: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
        for key, value in branch.items():
            if isinstance(value, dict):
                yield from walk(value, f"{path}{key}.")
            else:
                yield path + key, value

    return dict(walk(tree, start))
