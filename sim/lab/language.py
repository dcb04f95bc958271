"""The sentences of the lab in the reader's language: every language has the same keys with the same gaps."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sim.model.sectors import SECTORS

LANGUAGES = {"en": "English", "nl": "Nederlands"}
"""Each language's own name for itself."""


POINTS = {"en": {}, "nl": str.maketrans(".,", ",.")}
"""How a number of Python's changes into one of the language."""


OF_SECTORS = ("model.member", "convene.sector")
"""Where sectors are named; one without words of its own goes by its name."""


class Words:
    """All sentences of one language, read from its files: the key ``lab.watch.title`` is in ``lab.toml``."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._sentences = {f"{place}.{sector}": sector for place in OF_SECTORS for sector in SECTORS}
        for file in sorted((Path(__file__).parent / "languages" / language).glob("*.toml")):
            self._sentences |= _flat(tomllib.loads(file.read_text(encoding="utf-8")), f"{file.stem}.")

    def __call__(self, key: str, /, **gaps: Any) -> str:
        """Give a sentence with its gaps filled."""
        return self._sentences[key].format(**gaps)

    def number(self, value: float, form: str = "") -> str:
        """Write a number in a format of Python's, with the point and comma of the language."""
        return format(value, form).translate(POINTS[self.language])

    def part(self, prefix: str) -> dict[str, str]:
        """Give all sentences below a prefix under the rest of their keys, gaps unfilled."""
        start = f"{prefix}."
        return {key.removeprefix(start): text for key, text in self._sentences.items() if key.startswith(start)}


@cache
def words(language: str) -> Words:
    """Give the sentences of a language."""
    return Words(language)


def _flat(tree: Mapping[str, Any], start: str) -> dict[str, str]:
    """Name each sentence by the path to it."""
    found: dict[str, str] = {}
    for key, value in tree.items():
        found |= _flat(value, f"{start}{key}.") if isinstance(value, dict) else {start + key: value}
    return found
