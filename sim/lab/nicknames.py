"""Nicknames: which ones can be shown to a class, and which ones look alike."""

import unicodedata

LONGEST = 24
"""Longest nickname, in characters."""

MOST_MARKS = 2
"""Most accents on one letter; more of them climb over other lines."""

INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that count as letters or signs and show nothing."""

VARIANTS = {0xFE0E: None, 0xFE0F: None}
"""They choose between a sign in colour and one in ink."""

TOGETHER = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "LATIN"})
"""Scripts that are written together in East Asia; any other script stands alone."""

ALIKE = str.maketrans(
    "01|!iјіο" + "авеёкмнорстухѕһԁ" + "αβενρτυχικμηω",
    "oll" + "lljlo" + "abeekmhopctyxshd" + "abevptuxlkmnw",
)
"""Characters that are read as others, after casefold: digits, Cyrillic and Greek letters as Latin ones."""


def clean(nickname: str) -> str | None:
    """Return a nickname with single blanks, or None if it cannot be shown to a class.

    It is refused if it is empty or too long, shows nothing, changes the direction of the text, piles up accents, or
    mixes scripts, as one does to look like somebody else.
    """
    name = unicodedata.normalize("NFC", " ".join(nickname.translate(VARIANTS).split()))
    visible = (
        name.isprintable() and not INVISIBLE & set(name) and any(unicodedata.category(c)[0] in "LNS" for c in name)
    )
    if not (1 <= len(name) <= LONGEST and visible) or _most_marks(name) > MOST_MARKS:
        return None
    scripts = {unicodedata.name(c, "UNKNOWN").split()[0] for c in name if unicodedata.category(c)[0] == "L"}
    return name if len(scripts) < 2 or scripts <= TOGETHER else None


def skeleton(name: str) -> str:
    """Return what a name looks like: two names that look alike have the same."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    letters = "".join(c for c in plain.translate(ALIKE) if unicodedata.category(c)[0] in "LN")
    return letters.replace("rn", "m").replace("vv", "w") or plain


def _most_marks(name: str) -> int:
    most = count = 0
    for character in unicodedata.normalize("NFD", name):
        count = count + 1 if unicodedata.category(character)[0] == "M" else 0
        most = max(most, count)
    return most
