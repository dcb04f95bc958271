"""``anonymise=true``: no name of a member in anything that is written."""

import re

import sim
from tests.cases.lists import SNAPSHOTS, by_tier, write

NAMES = ["Quibble", "Quabble", "Quobble", "Quubble", "Quebble"]


def texts(folder):
    """Give the text of every file, those inside pictures too."""
    return {p.name: p.read_bytes().decode("utf-8", "replace") for p in folder.rglob("*") if p.is_file()}


def test_no_name_is_written(tmp_path):
    head = ("name", "sector", "homepage", "joined")
    rows = [(f"{name} Group", "Company", f"{name}.example", "2018-01-01") for name in NAMES]
    later = [
        ("Other Quibble Group", "Company", "Quibble.example", "2018-01-01"),
        ("Quabble Grouq", "Company", "", "soon Quubble"),
        *rows[2:],
    ]
    files = [
        write(tmp_path, f"list_{day}.csv", [head, *body])
        for day, body in zip(SNAPSHOTS, (rows, later, later), strict=False)
    ]
    result = sim.import_lists(files, seeds=2, anonymise=True)
    result.report(tmp_path / "out.html")
    written = texts(result.save(tmp_path / "out"))
    written |= {"text": result.text(), "page": (tmp_path / "out.html").read_text()}

    assert [name for name, text in written.items() if re.search("qu.bble", text, re.IGNORECASE)] == []
    assert len(result.changes) > 3
    assert set(result.members["name"].str.extract(r"(Member \d)")[0]) == {f"Member {k}" for k in range(1, 7)}


def test_the_order_of_the_numbers_does_not_follow_the_names(tmp_path):
    rows = [(chr(65 + k) * 3, "Company") for k in range(20)]
    result = sim.import_lists(write(tmp_path, "list_2019.csv", [("name", "sector"), *rows]), seeds=0, anonymise=True)
    named = sim.import_lists(tmp_path / "list_2019.csv", seeds=0)

    assert result.spells["member"].tolist() == [f"Member {k}" for k in range(1, 21)]
    assert named.spells["member"].tolist() == sorted(named.spells["member"])
    assert "suggested_links" not in result.tables


def test_facts_are_the_same_with_numbers_and_with_names(tmp_path):
    files, _ = by_tier(tmp_path)
    one, other = (sim.import_lists(files, seeds=0, anonymise=flag) for flag in (False, True))

    assert one.facts.equals(other.facts)
    assert one.survival.equals(other.survival)
    assert one.key != other.key
