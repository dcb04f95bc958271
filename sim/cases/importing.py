"""``sim.import_lists``: real member lists become a roster and spells, with a report on quality and facts."""

import dataclasses
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sim.cases.facts import beside_model, survival_by_sector
from sim.cases.journal import Change, Finding, Journal
from sim.cases.linking import key_of, link_renames, member_keys
from sim.cases.quality import by_partnership, compare_sources, examine
from sim.cases.reading import Sheet, read_files
from sim.cases.record import Record
from sim.cases.records import TRAITS, records_of
from sim.cases.spells import Spell, spell_table, spells_of
from sim.config.words import link_pairs, sector_map, sector_of
from sim.config.yaml import dump_plain
from sim.core.dates import When, read_date
from sim.core.errors import InputError, near
from sim.engine.simulate import scenario_from
from sim.model.members import LONGEST_NAME
from sim.model.scenario import Scenario
from sim.studies.identity import check_folder, identify
from sim.studies.inputs import ScenarioLike, python_call
from sim.studies.result import Result

if TYPE_CHECKING:
    import pandas as pd

    from sim.viz.save import Figure

SCENARIO = "membership_foundation"
"""The scenario that a list is beside, and that its case starts from: members by the year."""

BULK = ("clean-up", "exits")


@dataclasses.dataclass(frozen=True, repr=False)
class ImportedLists(Result):
    """Member lists as imported.

    Attributes:
        members: the roster of one partnership, a row per spell: name, sector, traits, ``joins``, ``leaves``, ``notes``.
        spells: a row per spell of every partnership, dates as ISO texts, empty where not known.
        changes: what was done with which row or member, and why.
        quality: what was noticed about the lists, in plain words.
        facts: rates, retention, clustering: ``real`` with its interval, and the model's median and 90 % of runs.
        survival: a row per sector and month of membership.
        hazards: a row per class of tenure (exits per member-month, %).
    """

    command: ClassVar[str] = "import"
    parquet: ClassVar[tuple[str, ...]] = ()
    case: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    list_name: str = ""

    @property
    def title(self) -> str:
        """Which list."""
        return f"Member list {self.list_name}"

    @property
    def name(self) -> str:
        """The list's file, without its date."""
        return self.list_name

    @property
    def note(self) -> str:
        """Replications and key: below the figure."""
        simulated = f"; model: {self.case_scenario}, {len(self.seeds)} runs" if self.seeds else ""
        return f"{len(self.tables['spells']):,} spells{simulated}; configuration {self.key}"

    @property
    def case_scenario(self) -> str:
        """The scenario beside which the list is shown."""
        return str(self.config["scenario"]["title"])

    def text(self) -> str:
        """Give what the command prints: what was read, its quality, its facts beside the model's."""
        from sim.cases.report import report_text

        return report_text(self)

    def texts(self) -> dict[str, str]:
        """Give the case and the report."""
        from sim.cases.report import report_markdown

        about = (
            "# The partnership of members.csv. What differs from the scenario can be added below, as in any scenario.\n"
        )
        return {"case.yaml": about + dump_plain(dict(self.case)), "report.md": report_markdown(self)}

    def draw(self) -> "dict[str, Callable[[], Figure]]":
        """Give the figure of survival by sector and hazard by tenure."""
        from sim.viz.figures.lists import own_list_figure

        survival, hazards = self.tables["survival"], self.tables["hazards"]
        if survival.empty and hazards.empty:
            return {}
        return {"leaving": lambda: own_list_figure(survival, hazards, self.note)}


def import_lists(
    files: Sequence[str | Path] | str | Path,
    map: str | Path | None = None,
    dates: Sequence[Any] | Any = None,
    *,
    columns: Mapping[str, str] | None = None,
    partnership: str | None = None,
    statuses: str | Path | None = None,
    links: str | Path | None = None,
    start: Any = None,
    now: Any = None,
    day_first: bool | None = None,
    bulk: str = "clean-up",
    anonymise: bool = False,
    scenario: ScenarioLike = SCENARIO,
    seeds: Sequence[int] | int = 20,
    folder: str | Path | None = None,
    call: str = "",
) -> ImportedLists:
    """Turn real member lists into a roster and spells, and say what is wrong with them.

    Several lists with a date each (in the file's or sheet's name, a column, or ``dates``) are snapshots: who is absent
    from the next one left in between. One list with columns of joining and leaving holds spells.

    Args:
        files: CSV, plain lists of names, workbooks (extra ``excel``), YAML by tier, JSON.
        map: CSV file with the columns code,sector; shipped codes need none.
        dates: one for each file, where names do not say them.
        columns: what a column holds, where its name does not tell: ``{"name": "Signatory of"}``; ``none`` leaves out.
        partnership: of several in the list, the one of the roster, by default the largest; where no column tells
            partnerships apart, the name of the one that the list is of, by default that of its file.
        statuses: CSV file with the columns status,meaning.
        links: CSV file with the columns from,to: names of one member.
        start: first day that the list is followed from.
        now: its last day.
        day_first: whether 01/09/2021 is 1 September; by default as the column tells, or else yes.
        bulk: ``clean-up`` or ``exits``: what many exits at once are.
        anonymise: number the members in all that is written.
        scenario: beside which the list is shown, and which the case starts from.
        seeds: a run of the model each, or how many; 0: no model.
        folder: refused before anything is done if it holds something else.
        call: the command or the call, for the manifest.

    Returns:
        Tables, a text, a figure and ``save(folder)``.

    Raises:
        InputError: if a file cannot be read or used; one line says which and what to do.
    """
    names = [files] if isinstance(files, (str, Path)) else list(files)
    if not names:
        raise InputError("files: give at least one list, for example members.csv")
    if bulk not in BULK:
        raise InputError(f"bulk={bulk}: give {' or '.join(BULK)}")
    runs = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    model, journal = scenario_from(scenario), Journal()
    read = read_files(names, columns or {})
    sheets = [sheet for sheet, _ in read]
    _set_dates(sheets, names, dates)
    own = {"map": map, "statuses": statuses, "links": links}
    choices = {"partnership": partnership, "start": start, "now": now, "day_first": day_first}
    options = {
        "files": {f"{k + 1}": hashlib.sha256(content).hexdigest()[:16] for k, (_, content) in enumerate(read)},
        "dates": [str(sheet.date or "") for sheet in sheets],
        "columns": dict(columns or {}),
        **{name: _digest(path) for name, path in own.items() if path is not None},
        **{name: _plain(value) for name, value in choices.items() if value is not None},
        **{"bulk": bulk, "anonymise": anonymise, "seeds": runs, "scenario": model.model_dump(mode="json")},
    }
    identity = identify(options)
    if folder is not None:
        check_folder(folder, identity)
    records, unmapped = records_of(
        sheets,
        columns or {},
        partnership=partnership or _title(sheets[0].file),
        sectors=map,
        statuses=statuses,
        day_first=day_first,
        journal=journal,
    )
    records = _of_partnership(records, partnership)
    keys = member_keys(records, link_pairs(links), journal)
    compare_sources(records, keys, journal)
    spells = spells_of(records, keys, _day("start", start, False), _day("now", now, True), journal)
    if not spells:
        raise InputError(f"{sheets[0].where}: gives no spell of any member; {_first_reason(journal)}")
    spells = link_renames(spells, journal)
    examine(spells, read, start is not None, journal)
    if anonymise:
        journal = _numbered(spells, journal)
    groups = by_partnership(spells)
    chosen = partnership or max(groups, key=lambda name: len(groups[name]))
    list_name = partnership or _title(sheets[0].file)
    tables = _tables(spells, chosen, journal, (model, runs, bulk == "exits"))
    if anonymise:
        tables.pop("suggested_links", None)
    if unmapped:
        tables["sectors"] = _map_to_fill_in(records, map)
    first, last = case_start(groups[chosen]), max(s.window_end for s in groups[chosen])
    case = {
        "title": chosen or list_name,
        "scenario": scenario if isinstance(scenario, str) else SCENARIO,
        "members": "members.csv",
        "start": first.isoformat(),
        "now": last.isoformat(),
    }
    shown = {name: value for name, value in choices.items() if value is not None} | {"anonymise": anonymise}
    written = call or python_call("sim.import_lists", files=[str(name) for name in names], **shown)
    return ImportedLists(tables, identity, tuple(runs), written, case, list_name)


def _tables(
    spells: Sequence[Spell], chosen: str, journal: Journal, beside: tuple[Scenario, Sequence[int], bool]
) -> dict[str, "pd.DataFrame"]:
    """Make the tables of an import; ``beside`` is the model, its seeds, and whether bulk exits count."""
    import pandas as pd

    groups = by_partnership(spells)
    model, runs, bulk_is_exit = beside
    begin = case_start(groups[chosen])
    if begin > groups[chosen][0].window_start:
        text = f"fewer than two members before {begin}"
        journal.finding("case", 1, text, "the case begins then; members.csv has those who were there and joined later")
    survival = survival_by_sector(spells, bulk_is_exit)
    facts, hazards, problems = beside_model(spells, survival, model, runs, bulk_is_exit)
    for problem in problems:
        journal.finding("model", 1, problem, "there are no facts, or none of the model, of it")
    if len(groups) > 1:
        text = f"the list has {len(groups)} partnerships"
        journal.finding("partnerships", len(groups), text, f"members.csv has {chosen}: partnership= names another")
    tables = {
        "members": _roster(groups[chosen], begin, journal),
        "spells": spell_table(spells),
        "quality": pd.DataFrame(journal.findings, columns=list(Finding._fields)),
        "facts": facts,
        "survival": survival,
        "hazards": hazards,
        "changes": pd.DataFrame(journal.changes, columns=list(Change._fields)),
    }
    suggested = tables["changes"].query("action == 'suggested'")
    if len(suggested):
        tables["suggested_links"] = suggested[["other", "member", "why"]].set_axis(["from", "to", "why"], axis=1)
    return tables


def _plain(value: Any) -> Any:
    """Give an option as plain data: truth values as they are, all else as text."""
    return value if isinstance(value, bool) else str(value)


def _digest(path: str | Path) -> str:
    """Digest a file of the user's own, which may hold names."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def _title(file: str) -> str:
    """Name a list after its file, without the date."""
    stem = re.sub(r"[-_. ]*\d{1,4}([-_.]?\d{1,2}){0,2}[-_. ]*$", "", Path(file).stem)
    return stem or Path(file).stem


def _set_dates(sheets: Sequence[Sheet], names: Sequence[str | Path], dates: Any) -> None:
    """Give each table the date that the user says."""
    if dates is None:
        without = [sheet.where for sheet in sheets if sheet.date is None]
        if 0 < len(without) < len(sheets):
            raise InputError(f"{without[0]}: has no date in its name, and others have; name it so, or give dates=[...]")
        return
    values = list(dates) if isinstance(dates, (list, tuple)) else [dates]
    if len(values) != len(sheets):
        raise InputError(
            f"dates: {len(values)} for {len(sheets)} lists ({len(names)} files); give one for each, in order"
        )
    for sheet, value in zip(sheets, values, strict=True):
        sheet.date = _when("dates", value)


def _when(option: str, value: Any) -> When:
    when = read_date(value)
    if when is None:
        raise InputError(f"{option}={value}: is not a date; write 2021-09-01 or 2021-09")
    return when


def _day(option: str, value: Any, last: bool) -> date | None:
    if value is None:
        return None
    when = _when(option, value)
    return when.high if last else when.low


def _of_partnership(records: list[Record], partnership: str | None) -> list[Record]:
    """Take the records of one partnership, if one is named."""
    if partnership is None:
        return records
    names = sorted({record.partnership for record in records})
    if partnership not in names:
        raise InputError(
            f"partnership={partnership}: is not in the list; {near(partnership, [n for n in names if n] or ['-'])}"
        )
    return [record for record in records if record.partnership == partnership]


def _first_reason(journal: Journal) -> str:
    reasons = Counter(change.why for change in journal.changes)
    reason = reasons.most_common(1)[0][0] if reasons else "no date"
    return f"{reason}; name the columns of dates, for example columns='{{joined: Since}}', or give dates="


def _numbered(spells: list[Spell], journal: Journal) -> Journal:
    """Number the members in all that is written; the order of the numbers says nothing about names."""
    keys = sorted({(s.partnership, s.key) for s in spells}, key=lambda k: hashlib.sha256("|".join(k).encode()).digest())
    number = {key: f"Member {n}" for n, key in enumerate(keys, 1)}
    now = {(s.partnership, key_of(s.member)): number[s.partnership, s.key] for s in spells} | number
    for spell in spells:
        spell.member = number[spell.partnership, spell.key]
    spells.sort(key=lambda s: (s.partnership, s.first_seen, int(s.member.split()[1]), s.number))

    def hidden(partnership: str, name: str) -> str:
        return "" if not name else now.get((partnership, key_of(name)), "another name")

    changes = [
        change._replace(
            member=hidden(change.partnership, change.member),
            other=hidden(change.partnership, change.other),
            value=change.value if re.fullmatch(r"[\d\- ]*", change.value) else "",
        )
        for change in journal.changes
    ]
    return Journal(changes, journal.findings)


def case_start(spells: Sequence[Spell]) -> date:
    """Give the day on which a case begins: the list's first, or the first month that two members joined before."""
    first = spells[0].window_start
    if sum(s.founder for s in spells) >= 2:
        return first
    days = sorted(s.begins for s in spells)
    later = [date(d.year + d.month // 12, d.month % 12 + 1, 1) for d in days]
    there = (d for d in later if sum(s.begins < d and (s.gone_by is None or s.gone_by > d) for s in spells) >= 2)
    return next(there, first)


def _roster(spells: Sequence[Spell], begin: date, journal: Journal) -> "pd.DataFrame":
    """Give the roster: a row per spell in the time that is followed, and the columns that something is known of."""
    import pandas as pd

    rows = []
    for spell in spells:
        if spell.gone_by is not None and spell.gone_by <= begin:
            where = {"partnership": spell.partnership, "member": spell.member}
            journal.change("not in members.csv", f"left before {begin}", **where)
            continue
        joins, leaves, notes = _moves(spell, begin)
        traits = {trait: spell.traits.get(trait, "") for trait in TRAITS}
        row = {"name": _name(spell), "sector": spell.sector, **traits, "joins": joins, "leaves": leaves}
        rows.append({**row, "notes": "; ".join(notes)})
    table = pd.DataFrame(rows, columns=["name", "sector", *TRAITS, "joins", "leaves", "notes"])
    return table[[c for c in table if c in ("name", "sector", "joins", "leaves") or (table[c] != "").any()]]


def _name(spell: Spell) -> str:
    """Name a row of the roster: each spell has a name of its own, short enough for a case."""
    end = f" (spell {spell.number})" if spell.number > 1 else ""
    name = "".join(c for c in spell.member if c.isprintable()).strip()
    return f"{name[: LONGEST_NAME - len(end)]}{end}"


def _moves(spell: Spell, begin: date) -> tuple[str, str, list[str]]:
    """Give when a member joins and leaves, as a case reads it: empty for who is there at its start, or still is."""
    notes = [*spell.notes, *(["returned"] if spell.number > 1 else [])]
    joined = spell.joined
    if joined is not None and not joined.is_exact and joined.middle <= spell.first_seen:
        notes.append(f"joined some time in {joined}")
    believed = joined.middle if joined is not None and joined.middle <= spell.first_seen else None
    entry = spell.first_seen if believed is None or (not spell.founder and believed <= begin) else believed
    early = entry.isoformat()[:7] < begin.isoformat()[:7]
    joins = "" if spell.founder and not (early and believed) else entry.isoformat()
    left = spell.left_at
    if left is None or spell.gone_by is None:
        return joins, "", notes
    if (spell.gone_by - spell.last_seen).days > 31:
        notes.append(f"left between {spell.last_seen} and {spell.gone_by}")
    if left.isoformat()[:7] <= max(joins[:7], ""):
        notes.append(f"left on {left}: the month of joining")
        left = date(left.year + left.month // 12, left.month % 12 + 1, 1)
    return joins, max(left, begin).isoformat(), notes


def _map_to_fill_in(records: Sequence[Record], own: str | Path | None) -> "pd.DataFrame":
    """Give every code with its sector, empty where it is to be filled in: those first."""
    import pandas as pd

    known = sector_map(own)
    pairs = {(r.code or r.tier, r.name) for r in records}
    codes = Counter(code for code, _ in pairs)
    rows = [
        (code, sector_of(code, known), n)
        for code, n in sorted(codes.items(), key=lambda item: (-item[1], item[0]))
        if code
    ]
    return pd.DataFrame(sorted(rows, key=lambda row: bool(row[1])), columns=["code", "sector", "members"])
