"""What is noticed and changed on the way from a list to spells, so that nothing is lost in silence."""

from dataclasses import dataclass, field
from typing import NamedTuple

NO_NAME = "the row has no name"
ADDS_UP = "the row adds up the others"
ENDS_LATER = "its end is after the last day of the list"


class Change(NamedTuple):
    """Something done, or not done, with a row or a member.

    Attributes:
        action: renamed, merged, dropped, bridged, date not read, ... ; ``suggested`` is not done.
        partnership: whose list.
        member: the name in the results.
        other: another name, where there is one.
        place: file and line.
        value: what stood there.
        why: in plain words, without names.
    """

    action: str
    partnership: str = ""
    member: str = ""
    other: str = ""
    place: str = ""
    value: str = ""
    why: str = ""


class Finding(NamedTuple):
    """One thing about the quality of a list, in plain words and without names.

    Attributes:
        check: what was looked at.
        n: how many rows, members or dates.
        text: what was noticed.
        effect: what was done with it, or what to do.
    """

    check: str
    n: int
    text: str
    effect: str = ""


@dataclass
class Journal:
    """Changes and findings, in the order in which they were noted."""

    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def change(self, action: str, why: str, **where: str) -> None:
        """Note what was done with a row or member."""
        self.changes.append(Change(action, why=why, **where))

    def finding(self, check: str, n: int, text: str, effect: str = "") -> None:
        """Note something about the quality of the list; nothing if n is 0."""
        if n:
            self.findings.append(Finding(check, n, text, effect))


def several(n: int, one: str, many: str = "") -> str:
    """Write a number with its noun."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def joined(words: list[str], most: int = 6) -> str:
    """Write some words in a row, and how many more there are."""
    shown = ", ".join(words[:most])
    return f"{shown} and {len(words) - most} more" if len(words) > most else shown
