"""Slides for a lesson: every activity in the reader's language, to edit, and no result on them."""

import json

import pytest

from sim.core.errors import InputError
from sim.lab.folders import PAGES
from sim.lab.slides import export_slides, languages, slides_of

pptx = pytest.importorskip("pptx", reason="needs the extra slides")


@pytest.mark.parametrize("language", languages())
def test_each_activity_has_three_slides_and_answers_stand_in_the_notes(language, tmp_path):
    file, words = tmp_path / "lesson.pptx", json.loads((PAGES / f"words/{language}.json").read_text(encoding="utf-8"))

    assert export_slides(file, language, "https://example.org/app/") == 2 + 3 * len(words["activity"])

    slides = list(pptx.Presentation(file).slides)
    shown = ["\n".join(s.text_frame.text for s in slide.shapes) for slide in slides]
    notes = ["\n" + slide.notes_slide.notes_text_frame.text if slide.has_notes_slide else "" for slide in slides]
    for activity in words["activity"].values():
        assert sum(activity["question"] in text for text in shown) == 1
        for one in activity["explain"].values():
            assert any(one["answer"] in text for text in notes)
            assert not any(one["answer"] in text for text in shown)
    assert not any("{" in text for text in (*shown, *notes))
    assert "https://example.org/app/#learn?activity=hopes" in "\n".join(shown)


def test_the_same_words_give_the_same_bytes(tmp_path):
    for name in ("a.pptx", "b.pptx"):
        export_slides(tmp_path / name)

    assert (tmp_path / "a.pptx").read_bytes() == (tmp_path / "b.pptx").read_bytes()


def test_without_an_address_there_is_no_link():
    words = json.loads((PAGES / "words/en.json").read_text(encoding="utf-8"))

    assert not any(slide.get("foot", "").startswith("#") for slide in slides_of(words))


def test_a_language_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"lang=xx: give .*en.*nl"):
        export_slides(tmp_path / "lesson.pptx", "xx")
