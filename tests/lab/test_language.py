"""Languages: the same sentences with the same gaps in each, none of them left as it was."""

import string

import pytest

from sim.lab.language import LANGUAGES, Words, words

ENGLISH = Words("en")


def keys(language):
    return {
        (file, key) for file in ("layout", "lab", "convene", "board", "learn") for key in words(language).part(file)
    }


def gaps(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_sentences_with_the_same_gaps(language):
    own = words(language)
    assert own.part("layout")
    assert keys(language) == keys("en")
    for file, key in keys("en"):
        there, here = (found.part(file)[key] for found in (ENGLISH, own))
        assert gaps(there) == gaps(here), f"{file}.{key}"
        assert here.strip(), f"{file}.{key}"


def test_a_sentence_is_found_by_the_path_to_it_and_its_gaps_are_filled():
    assert words("en")("layout.room.lab") == "Watch, explore, compare"
    with pytest.raises(KeyError):
        words("en")("layout.room")
