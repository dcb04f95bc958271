"""A record: what one row of a list says of one member, in the same words whatever the list calls them."""

from dataclasses import dataclass, field

from sim.core.dates import When


@dataclass
class Record:
    """What one row says of one member.

    Attributes:
        name: of the member, as it stands there.
        place: file and line.
        source: file, and sheet of a workbook.
        partnership: whose list.
        identifier: the list's own number of the member.
        homepage: as it stands there.
        code: of the sector, as it stands there; ``sector`` and ``sector_from`` say what it means.
        sector: one of the four, or empty.
        sector_from: code, name, list, or empty.
        tier: fee class.
        status: member, suspended, fulfilled, left, ended, or empty.
        dates: role -> date, of those that the row has.
        snapshot: day on which the row was true.
        is_left: whether the row says that the member is gone; None if it says nothing.
        odd_exit: whether it has a date of leaving that cannot be read.
        ends_with_all: whether the end is that of the whole partnership, not of the member.
        traits: further columns of the roster.
        extra: columns of spells that only lists of spells have.
    """

    name: str
    place: str
    source: str = ""
    partnership: str = ""
    identifier: str = ""
    homepage: str = ""
    code: str = ""
    sector: str = ""
    sector_from: str = ""
    tier: str = ""
    status: str = ""
    dates: dict[str, When] = field(default_factory=dict)
    snapshot: When | None = None
    is_left: bool | None = None
    odd_exit: bool = False
    traits: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
