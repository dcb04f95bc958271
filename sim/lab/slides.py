"""Slides for a lesson, to edit: of each activity a question, what to look for, and what to explain; no results.

Every sentence is one of the app's own (``site/words``), in any of its languages. What only the teacher should read,
hints, good answers and misreadings, is in the notes.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.core.errors import InputError
from sim.lab.folders import PAGES
from sim.lab.stories import STORIES, slider_parameters
from sim.storage.atomic import write_atomic

WIDE, HIGH, EDGE = 13.333, 7.5, 0.7
"""A slide, and its margin, in inches."""

INK, SOFT = (0x1C, 0x24, 0x30), (0x56, 0x61, 0x6F)


def languages() -> list[str]:
    """List the languages that have words."""
    return sorted(file.stem for file in (PAGES / "words").glob("*.json"))


def export_slides(file: Path, language: str = "en", address: str = "") -> int:
    """Write the slides as a file for PowerPoint, LibreOffice or Keynote.

    Args:
        file: where, ending in ``.pptx``.
        language: one of ``languages()``.
        address: where students open the app; its links then stand on the slides.

    Returns:
        How many slides there are.

    Raises:
        InputError: without the package python-pptx, or for a language that is not there.
    """
    try:
        import pptx
        from pptx.util import Inches
    except ModuleNotFoundError as error:
        raise InputError("slides need python-pptx: python -m pip install 'partnership-dynamics[slides]'") from error
    if language not in languages():
        raise InputError(f"lang={language}: give {', '.join(languages())}")
    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDE), Inches(HIGH)
    for slide in slides_of(json.loads((PAGES / f"words/{language}.json").read_text(encoding="utf-8")), address):
        _add(deck, **slide)
    write_atomic(file, _without_time(deck))
    return len(deck.slides)


def slides_of(words: Mapping[str, Any], address: str = "") -> Iterator[dict[str, Any]]:
    """Give what stands on each slide: ``title``, ``lead``, ``points``, ``foot`` and ``notes``."""
    learn, teach = words["learn"], words["teach"]
    numbers = {path.split(".")[-1]: f"{p.default:g}" for path, p in slider_parameters(STORIES[0].scenario).items()}
    plans = [line for plan in ("ten", "hour", "ninety") for line in (*teach[plan].values(), "")]
    yield {"title": words["title"], "lead": learn["lead"], "foot": address, "notes": plans}
    for name, activity in words["activity"].items():
        link = f"{address.split('#')[0]}#learn?activity={name}" if address else ""
        questions, misread = activity["explain"].values(), list(activity["misread"].values())
        situation = activity["situation"].format_map(numbers)
        yield {"title": activity["question"], "lead": situation, "points": list(learn["guess"].values()),
               "foot": learn["reason"], "notes": [activity["aim"], activity["claim"]]}  # fmt: skip
        yield {"title": activity["name"], "lead": learn["look"], "points": list(activity["watch"].values()),
               "foot": link, "notes": [teach["misread"], *misread]}  # fmt: skip
        notes = [f"{one['ask']} {learn['hint']}: {one['hint']} {teach['good']} {one['answer']}" for one in questions]
        yield {"title": activity["name"], "points": [one["ask"] for one in questions], "notes": notes}
    yield {"title": teach["all"], "points": list(teach["misreadings"].values()), "foot": learn["model"]}


def _without_time(deck: Any) -> bytes:
    """Save slides: the same bytes whenever they are made."""
    saved, content = io.BytesIO(), io.BytesIO()
    deck.save(saved)
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name in parts.namelist():
            made.writestr(zipfile.ZipInfo(name), parts.read(name), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _add(
    deck: Any,
    title: str,
    lead: str = "",
    points: list[str] | None = None,
    foot: str = "",
    notes: list[str] | None = None,
) -> None:
    """Add a slide: text boxes of the deck's own layout with a title only, so that every line can be edited."""
    from pptx.dml.color import RGBColor
    from pptx.util import Inches, Pt

    slide = deck.slides.add_slide(deck.slide_layouts[5])
    heading = slide.shapes.title
    heading.left, heading.top, heading.width, heading.height = map(Inches, (EDGE, 0.4, WIDE - 2 * EDGE, 1.3))
    boxes = [(heading.text_frame, [title], 32 if len(title) < 60 else 26, INK)]
    long = sum(map(len, (lead, *(points or ())))) > 750
    for lines, top, height, size, colour in (
        ([lead], 1.8, 1.7, 18 if long else 20, SOFT),
        (
            [f"•  {point}" for point in points or ()],
            3.5 if lead else 1.8,
            3.0 if lead else 4.7,
            18 if long else 22,
            INK,
        ),
        ([foot], 6.7, 0.5, 16, SOFT),
    ):
        if any(lines):
            box = slide.shapes.add_textbox(*map(Inches, (EDGE, top, WIDE - 2 * EDGE, height)))
            boxes.append((box.text_frame, lines, size, colour))
    for frame, lines, size, colour in boxes:
        frame.word_wrap = True
        for number, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.text = line.replace("**", "")
            paragraph.alignment = 1
            paragraph.space_after = Pt(8)
            paragraph.font.size, paragraph.font.color.rgb = Pt(size), RGBColor(*colour)
    if notes:
        slide.notes_slide.notes_text_frame.text = "\n".join(notes).replace("**", "")
