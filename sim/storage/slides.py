"""A deck of slides, for PowerPoint, LibreOffice or Keynote: opened wide, and saved to the same bytes every time."""

import io
import zipfile
from typing import Any

from sim.core.errors import InputError

WIDE, HIGH, EDGE = 13.333, 7.5, 0.7
"""A slide, and its margin, in inches."""

INK, SOFT = (0x1C, 0x24, 0x30), (0x56, 0x61, 0x6F)


def new_deck() -> Any:
    """Open an empty deck.

    Raises:
        InputError: without the package python-pptx.
    """
    try:
        import pptx
        from pptx.util import Inches
    except ModuleNotFoundError as error:
        raise InputError("slides need python-pptx: python -m pip install 'partnership-dynamics[slides]'") from error
    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDE), Inches(HIGH)
    return deck


def titled_slide(deck: Any, title: str, height: float = 1.3) -> Any:
    """Add a slide of the deck's own layout with a title only, so that the title can be edited and is in the outline.

    Args:
        deck: of ``new_deck``.
        title: of the slide.
        height: of the title (inches).
    """
    from pptx.util import Inches

    slide = deck.slides.add_slide(deck.slide_layouts[5])
    heading = slide.shapes.title
    heading.left, heading.top, heading.width, heading.height = map(Inches, (EDGE, 0.4, WIDE - 2 * EDGE, height))
    write_lines(heading.text_frame, [title], 32 if len(title) < 60 else 26, INK)
    return slide


def write_lines(frame: Any, lines: list[str], size: float, colour: tuple[int, int, int]) -> None:
    """Write paragraphs into a text frame, at the left.

    Args:
        frame: of a shape or a cell.
        lines: a paragraph each.
        size: of the letters (points).
        colour: of the letters.
    """
    from pptx.dml.color import RGBColor
    from pptx.util import Pt

    frame.word_wrap = True
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.text = line
        paragraph.alignment = 1
        paragraph.space_after = Pt(8)
        paragraph.font.size, paragraph.font.color.rgb = Pt(size), RGBColor(*colour)


def add_box(slide: Any, lines: list[str], top: float, height: float, size: float, colour: Any = INK) -> None:
    """Add a box of text over the width of a slide; none without text.

    Args:
        slide: to add to.
        lines: a paragraph each.
        top: its place (inches).
        height: its height (inches).
        size: of the letters (points).
        colour: of the letters.
    """
    from pptx.util import Inches

    if any(lines):
        box = slide.shapes.add_textbox(*map(Inches, (EDGE, top, WIDE - 2 * EDGE, height)))
        write_lines(box.text_frame, lines, size, colour)


def deck_bytes(deck: Any) -> bytes:
    """Give a deck as the content of a file: the same bytes whenever it is made."""
    saved, content = io.BytesIO(), io.BytesIO()
    deck.save(saved)
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name in parts.namelist():
            made.writestr(zipfile.ZipInfo(name), parts.read(name), zipfile.ZIP_DEFLATED)
    return content.getvalue()
