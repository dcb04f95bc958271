"""Lists of numbered members in the forms that real lists have: all say the same, as exactly as the form allows."""

import codecs
import json
from datetime import date, datetime

import yaml

SNAPSHOTS = (date(2019, 1, 1), date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1))
NOW = date(2022, 1, 1)

MEMBERS = [
    ("Member 1", "private", date(2018, 3, 1), None),
    ("Member 2", "academic", date(2018, 5, 1), date(2020, 6, 15)),
    ("Member 3", "public", date(2018, 6, 1), date(2021, 3, 10)),
    ("Member 4", "nonprofit", date(2018, 9, 1), None),
    ("Member 5", "private", date(2019, 4, 1), date(2020, 9, 30)),
    ("Member 6", "academic", date(2020, 2, 1), None),
    ("Member 7", "private", date(2020, 2, 1), date(2021, 11, 1)),
    ("Member 8", "nonprofit", date(2021, 5, 1), None),
    *((f"Member {k}", "private", date(2018, 1, 1), None) for k in range(9, 13)),
]
"""Name, sector, first day, last day."""

CORDIS = {"private": "PRC", "academic": "HES", "public": "PUB", "nonprofit": "OTH"}
WORDS = {
    "private": "Company",
    "academic": "Academic",
    "public": "Public Sector Organization",
    "nonprofit": "NGO Global",
}


def there(day):
    return [m for m in MEMBERS if m[2] <= day and (m[3] is None or m[3] > day)]


def write(folder, name, lines, sep=",", encoding="utf-8"):
    (folder / name).write_bytes("\n".join(sep.join(map(str, line)) for line in lines).encode(encoding))
    return folder / name


def snapshots(folder):
    """One CSV for each day, which its name says."""
    return [
        write(folder, f"members_{day}.csv", [("Member", "Type"), *((m[0], WORDS[m[1]]) for m in there(day))])
        for day in SNAPSHOTS
    ], {}


def joined_and_left(folder):
    """One CSV with a column each."""
    rows = [(m[0], WORDS[m[1]], m[2], m[3] or "") for m in MEMBERS]
    return write(folder, "members.csv", [("name", "sector", "joined", "left"), *rows]), {"now": NOW}


def of_a_spreadsheet(folder):
    """Semicolons, a byte order mark, days first, 31.12.9999 for no end, a comma as decimal sign."""
    rows = [
        (m[0], WORDS[m[1]], f"{m[2]:%d/%m/%Y}", f"{m[3]:%d/%m/%Y}" if m[3] else "31.12.9999", "1.250,50")
        for m in MEMBERS
    ]
    head = ("Organisation", "Type", "Member since", "Member until", "Fee")
    return write(folder, "members.csv", [head, *rows], ";", "utf-8-sig"), {"dates": NOW}


def statuses(folder):
    """A status for each member in dated lists: who left is still on them, as removed."""
    files = []
    for day in SNAPSHOTS:
        rows = [(m[0], WORDS[m[1]], "Removed" if m[3] and m[3] <= day else "Active") for m in MEMBERS if m[2] <= day]
        files.append(write(folder, f"list {day:%Y-%m}.csv", [("company name", "organization type", "status"), *rows]))
    return files, {}


def by_tier(folder):
    """YAML as of the landscapes of foundations: members below tiers, other things beside them."""
    files = []
    for day in SNAPSHOTS:
        tiers = [
            {"subcategory": None, "name": sector, "items": [
                {"item": None, "name": m[0], "homepage_url": f"https://member{m[0].split()[1]}.example/", "extra": {"joined": str(m[2])}}
                for m in there(day) if m[1] == sector
            ]} for sector in CORDIS
        ]  # fmt: skip
        tools = {"category": None, "name": "Tools", "subcategories": [{"subcategory": None, "name": "All", "items": [
            {"item": None, "name": "Tool 1"}]}]}  # fmt: skip
        data = {"landscape": [tools, {"category": None, "name": "Members", "subcategories": tiers}]}
        files.append(folder / f"landscape_{day:%Y%m%d}.yml")
        files[-1].write_text(yaml.safe_dump(data))
    return files, {}


def cordis(folder):
    """A project's participations: whether each ended, not when."""
    head = ("project", "organisation", "activityType", "endOfParticipation", "startDate", "endDate", "status")
    rows = [("P1", m[0], CORDIS[m[1]], bool(m[3]), m[2], "2022-12-31", "SIGNED") for m in MEMBERS]
    return write(folder, "participations.csv", [head, *rows]), {"dates": NOW}


def long_table(folder):
    """One table with the day in a column."""
    rows = [(f"{day:%d.%m.%Y}", m[0], CORDIS[m[1]]) for day in SNAPSHOTS for m in there(day)]
    return write(folder, "all.csv", [("snapshot date", "participant", "kind"), *rows], "|"), {}


def workbook(folder):
    """A sheet for each year, a title above the header, days with a time."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for day in SNAPSHOTS:
        sheet = book.create_sheet(f"{day:%d-%m-%Y}")
        sheet.append(["The members"])
        sheet.append(["Name", "Sector", "Joined"])
        for m in there(day):
            sheet.append([m[0], CORDIS[m[1]], datetime(m[2].year, m[2].month, m[2].day, 13, 30)])
    book.save(folder / "members.xlsx")
    return folder / "members.xlsx", {}


def nested(folder):
    """JSON: a list of members."""
    rows = [
        {"organization": m[0], "type": CORDIS[m[1]], "start": str(m[2]), "end": str(m[3]) if m[3] else None}
        for m in MEMBERS
    ]
    (folder / "members.json").write_text(json.dumps({"members": rows}))
    return folder / "members.json", {"now": NOW}


def years_alone(folder):
    """Tabs, UTF-16, the year only, and whether a member is active."""
    rows = [(m[0], CORDIS[m[1]], m[2].year, m[3].year if m[3] else "NA", "no" if m[3] else "yes") for m in MEMBERS]
    head = ("Naam", "sector", "lid sinds", "lid tot", "actief")
    text = "\n".join("\t".join(map(str, row)) for row in [head, *rows])
    (folder / "leden.txt").write_bytes(codecs.BOM_UTF16_LE + text.encode("utf-16-le"))
    return folder / "leden.txt", {"now": NOW}


def spells(folder):
    """A table of spells, as ``import`` writes it."""
    head = (
        "partnership",
        "member",
        "sector",
        "first_seen",
        "last_seen",
        "gone_by",
        "left",
        "window_start",
        "window_end",
    )
    rows = [
        ("one", m[0], m[1], max(m[2], date(2018, 6, 1)), m[3] or NOW, m[3] or "", int(bool(m[3])), "2018-06-01", NOW)
        for m in MEMBERS
    ]
    return write(folder, "spells.csv", [head, *rows]), {}


def serial_dates(folder):
    """Dates as spreadsheets number days, some with a time of day; ``.`` where there is none."""
    rows = [
        (m[0], CORDIS[m[1]], (m[2] - date(1899, 12, 30)).days, f"{(m[3] - date(1899, 12, 30)).days}.5" if m[3] else ".")
        for m in MEMBERS
    ]
    return write(folder, "members.csv", [("partner", "sector", "start date", "end date"), *rows]), {"dates": "2022-01"}


def events(folder):
    """A row for each entry and exit, and for what concerns no one member."""
    rows = [(m[2], "join", m[0], WORDS[m[1]]) for m in MEMBERS]
    rows += [(m[3], "exit", m[0], "") for m in MEMBERS if m[3]]
    rows += [("2020-03-01", "congress", "all", ""), (NOW, "count", "8 members", "")]
    head = ("date", "event", "member", "type")
    return write(folder, "events.csv", [head, *sorted(rows, key=str)]), {}


FORMS = (
    snapshots, joined_and_left, of_a_spreadsheet, statuses, by_tier, cordis, long_table, workbook, nested, years_alone, spells,
    serial_dates, events,
)  # fmt: skip
