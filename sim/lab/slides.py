"""Slides for a lesson, to edit: of each activity a question, what to look for, and what to explain; no results.

Every sentence is one of the app's own (``site/words``), in any of its languages. What only the teacher should read,
hints, good answers and misreadings, is in the notes.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.core.errors import InputError
from sim.lab.folders import PAGES
from sim.lab.stories import STORIES, slider_parameters
from sim.storage.atomic import write_atomic
from sim.storage.slides import SOFT, add_box, deck_bytes, new_deck, titled_slide


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
    if language not in languages():
        raise InputError(f"lang={language}: give {', '.join(languages())}")
    deck = new_deck()
    for slide in slides_of(json.loads((PAGES / f"words/{language}.json").read_text(encoding="utf-8")), address):
        _add(deck, **slide)
    write_atomic(file, deck_bytes(deck))
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


def _add(
    deck: Any,
    title: str,
    lead: str = "",
    points: list[str] | None = None,
    foot: str = "",
    notes: list[str] | None = None,
) -> None:
    """Add a slide: text boxes below a title, so that every line can be edited."""
    slide = titled_slide(deck, title.replace("**", ""))
    long = sum(map(len, (lead, *(points or ())))) > 750
    bullets = [f"•  {point}".replace("**", "") for point in points or ()]
    add_box(slide, [lead.replace("**", "")], 1.8, 1.7, 18 if long else 20, SOFT)
    add_box(slide, bullets, 3.5 if lead else 1.8, 3.0 if lead else 4.7, 18 if long else 22)
    add_box(slide, [foot.replace("**", "")], 6.7, 0.5, 16, SOFT)
    if notes:
        slide.notes_slide.notes_text_frame.text = "\n".join(notes).replace("**", "")
