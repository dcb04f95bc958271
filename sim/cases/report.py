"""The report of an import: what was read, its quality, its facts beside the model's, in plain words."""

from typing import TYPE_CHECKING, Any

from sim.cases.journal import several

if TYPE_CHECKING:
    import pandas as pd

    from sim.cases.importing import ImportedLists

CAVEAT = (
    "Intervals take members for independent and an exit between two days as half-way; the range in brackets is for the "
    "earliest and the latest day."
)
HORIZONS = (12, 24, 36, 60)


def report_text(result: "ImportedLists") -> str:
    """Write what the command prints.

    Args:
        result: the lists as imported.

    Returns:
        Lines of plain text.
    """
    return "\n".join([*_summary(result), "", "Quality of the data", *_quality(result), "", *_facts(result)])


def report_markdown(result: "ImportedLists") -> str:
    """Write the same with headings, as a file."""
    parts = [f"# {result.title}", "", *_summary(result)[1:], "", "## Quality of the data", *_quality(result, "- ")]
    parts += ["", "## Facts", "```", *_facts(result), "```", "", "## What was done with rows and members"]
    by_action = result.tables["changes"]["action"].value_counts(sort=False)
    parts += [f"- {action}: {n}" for action, n in by_action.items()] or ["Nothing was changed."]
    parts += ["", "Each is in changes.csv.", "", CAVEAT, "", f"Made by `{result.call}`, {result.note}."]
    return "\n".join(parts) + "\n"


def _summary(result: "ImportedLists") -> list[str]:
    spells = result.tables["spells"]
    members = spells[["partnership", "member"]].drop_duplicates()
    partnerships = spells["partnership"].nunique()
    whose = f" in {partnerships} partnerships" if partnerships > 1 else ""
    gone = int(spells["left"].sum())
    lines = [
        f"{result.title}, {spells['window_start'].min()} to {spells['window_end'].max()}.",
        f"{several(len(members), 'member')}{whose}, {several(len(spells), 'spell')}, {several(gone, 'exit')}; "
        f"{len(spells) - gone} still there.",
    ]
    sectors = spells.drop_duplicates(["partnership", "member"])["sector"].replace("", "not known").value_counts()
    lines.append(f"Sectors: {', '.join(f'{name} {n}' for name, n in sectors.items())}.")
    if "sectors" in result.tables:
        table = result.tables["sectors"]
        empty = table[table["sector"] == ""]
        listed = ", ".join(f"{code} ({n})" for code, n in zip(empty["code"][:8], empty["members"][:8], strict=True))
        lines.append(f"Not mapped: {listed}. Fill in the sectors in sectors.csv and import again with map=sectors.csv.")
    return lines


def _quality(result: "ImportedLists", mark: str = "  ") -> list[str]:
    rows = result.tables["quality"]
    if rows.empty:
        return [f"{mark}Nothing was noticed."]
    return [
        f"{mark}{check}: {text}{f'; {effect}' if effect else ''}."
        for check, text, effect in zip(rows["check"], rows["text"], rows["effect"], strict=True)
    ]


def _facts(result: "ImportedLists") -> list[str]:
    """Write facts, survival and hazards as tables."""
    facts, hazards = result.tables["facts"], result.tables["hazards"]
    simulated = bool(result.seeds) and facts["median"].notna().any()
    beside = f", beside the model's ({result.case_scenario}, {len(result.seeds)} runs)" if simulated else ""
    lines = [f"Facts: the list with 95 % intervals{beside}", ""]
    lines += [f"  {'':40}{'list':>24}{'model (90 % of runs)' if simulated else '':>26}"]
    row: Any
    for row in facts.itertuples(index=False):
        at = "" if row.at != row.at else f" after {row.at:.0f} months"
        lines.append(_line(row.fact + at, row, row.unit))
    unstated: list[Any] = [row for row in facts.itertuples(index=False) if row.note]
    lines += [f"  {row.fact} is not stated: {row.note}." for row in unstated]
    lines += ["", "Exits by months of membership (members whose joining is known, % a month)", ""]
    rows: list[Any] = list(hazards.itertuples(index=False))
    if any(row.note for row in rows):
        lines, rows = [*lines, "  not stated, for the same reason"], []
    lines += [_line(f"{row.first:g} to {row.last:g}", row, several(row.exits, "exit")) for row in rows]
    lines += ["  it is not known when anybody joined"] if hazards.empty else []
    return [*lines, *_bounds(result.tables["survival"])]


def _line(name: str, row: Any, unit: str) -> str:
    """Write a number of the list beside the model's."""
    own = "not stated" if row.note else _band(row.real, row.low, row.high)
    model = _band(row.median, row.q05, row.q95)
    return f"  {name:40}{own:>24}{model:>26}  {unit}"


def _bounds(survival: "pd.DataFrame") -> list[str]:
    """Say how much it matters that exits lie between two days."""
    lines = []
    own: Any
    for sector, rows in survival.groupby("sector", sort=False):
        own = rows.set_index("month")
        gaps = []
        for at in (month for month in HORIZONS if month in own.index):
            middle, low, high = (100 * own.loc[at, name] for name in ("survival", "earliest", "latest"))
            if high - low > 0.5:
                gaps.append(f"{at}: {middle:.0f} ({low:.0f} to {high:.0f})")
        if gaps:
            lines.append(f"  {sector}: {', '.join(gaps)}")
    head = [
        "",
        "Still there after so many months (%), with all exits on the earliest and on the latest day they can be",
        "",
    ]
    return [*head, *lines] if lines else []


def _band(middle: float, low: float, high: float) -> str:
    """Write a number with its interval; nothing where there is none."""
    if middle != middle:
        return ""
    digits = 0 if abs(middle) >= 20 else 1 if abs(middle) >= 5 else 2
    if low != low:
        return f"{middle:.{digits}f}"
    return f"{middle:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
