"""What each policy changes: the answer in a few sentences, and tables in words of the range and of the noise."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.analysis.robustness import DECIDING
from sim.core.numbers import number_text
from sim.model.outcomes import better_of
from sim.studies.report.page import Table
from sim.studies.report.terms import outcome_words
from sim.viz.style import label, listed, quoted

if TYPE_CHECKING:
    from sim.studies.compare import Comparison

FORMS = {"private_value": "+.1f", "private_fairness": "+.2f", "society_value": "+.1f", "effort_spent": "+.0f"}
"""How differences are written; others with two digits of the largest."""

VERDICTS = {"higher": "significantly more", "lower": "significantly less"}

NAMED = 3
"""Most policies that a sentence names."""

ENDS = {"region": ("q05", "q95", "parameter_sets"), "structures": ("least", "most", "structures")}
"""The ends of a range in a table of differences, and the column that says over how many."""

NOT_A_FORECAST = "These are results of a model that is loosely calibrated and wrong in known ways (docs/validation.md), not a forecast."


def shown_outcomes(comparison: "Comparison") -> list[str]:
    """Name the outcomes of the tables in words: those that were named, or else those that matter for a choice."""
    usual = [] if comparison.config.get("outcomes") else list(DECIDING)
    return list(dict.fromkeys([*usual, *comparison.named_outcomes]))


def range_table(comparison: "Comparison", name: str, caption: str) -> Table:
    """Show the differences over parameter sets (``region``) or structures: a row for each policy, in words.

    Args:
        comparison: with the table.
        name: ``region`` or ``structures``.
        caption: above the table.
    """
    low, high, over = ENDS[name]

    def cell(row: Mapping[Any, Any], write: Callable[[float], str]) -> str:
        return f"{_sign(row, over)}\n{write(row['median'])} ({write(row[low])} to {write(row[high])})"

    return _table(comparison, comparison.tables[name], ("median", low, high), caption, cell)


def noise_table(comparison: "Comparison", caption: str) -> Table:
    """Show the differences at the scenario's own parameter values, with their noise: a row for each policy, in words."""

    def cell(row: Mapping[Any, Any], write: Callable[[float], str]) -> str:
        if row["low"] != row["low"]:
            return f"{write(row['difference'])}\none run"
        ends = f"{write(row['difference'])} ({write(row['low'])} to {write(row['high'])})"
        return f"{VERDICTS.get(row['verdict'], row['verdict'])}\n{ends}"

    return _table(comparison, comparison.differences, ("difference", "low", "high"), caption, cell)


def headline(comparison: "Comparison") -> list[str]:
    """Say what the range says: first the answer, then what it costs and what it rests on.

    Args:
        comparison: repeated over the plausible region.

    Returns:
        Sentences; none where the differences are not known.
    """
    region, outcomes = comparison.tables["region"].dropna(subset=["median"]), shown_outcomes(comparison)
    lead = next((o for o in outcomes if (region["outcome"] == o).any()), None)
    if lead is None:
        return []
    less = better_of(lead) == "less"
    rows = region[region["outcome"] == lead].copy()
    rows["often"] = rows["less"] if less else rows["more"]
    rows["middle"] = rows["median"] * (-1 if less else 1)
    rows = rows.sort_values(["often", "middle"], ascending=False, kind="stable")
    n, most = int(rows["parameter_sets"].max()), int(rows["often"].max())
    first = rows[rows["often"] == most]
    write, base = _writer(comparison, lead, rows, ("q05", "q95")), quoted(comparison.baseline)
    change = (
        "more founders stay" if lead == "retention" else f"{outcome_words(lead)} is {'lower' if less else 'higher'}"
    )
    whom = f" of {comparison.config['scenario']['size']['partners']} founders" if lead == "retention" else ""
    ranges = [
        f"{quoted(r['policy'])} (range {write(r['q05'])} to {write(r['q95'])}{whom})" for r in first.to_dict("records")
    ]
    if not most:
        does = (
            "keeps more founders"
            if lead == "retention"
            else f"has {outcome_words(lead)} {'lower' if less else 'higher'}"
        )
        return [f"No policy {does} than {base} in any of the {n} plausible parameter sets."]
    in_all = most == n
    where = f"in all {n}" if in_all else f"in {most} of {n}"
    sentence = f"{change} than under {base} {where} plausible parameter sets under {listed(ranges, NAMED)}"
    end = "" if in_all else "; no policy does so in all"
    return [f"{sentence[0].upper()}{sentence[1:]}{end}.", *_caveats(comparison, str(first.iloc[0]["policy"]), lead)]


def _caveats(comparison: "Comparison", policy: str, lead: str) -> Iterator[str]:
    """Say what a policy changes besides, what other structures say, how large noise is, and what this is not."""
    region, name = comparison.tables["region"], quoted(policy)
    besides = [
        f"{outcome_words(outcome)} {_sign(row, 'parameter_sets')}"
        for outcome in shown_outcomes(comparison)
        if outcome != lead and (row := _row(region, policy, outcome)) and row["median"] == row["median"]
    ]
    if besides:
        yield f"What {name} changes besides, over the same sets: {'; '.join(besides)}."
    forms = comparison.tables.get("structures")
    if forms is not None and (row := _row(forms, policy, lead)):
        yield f"Under other structures of the model, one at a time, {outcome_words(lead)}: {_sign(row, 'structures')}."
    row = _row(comparison.differences, policy, lead)
    if row and row["low"] == row["low"]:
        write = _writer(comparison, lead, comparison.differences, ("low", "high"))
        yield (
            f"Noise is another matter: at the scenario's own parameter values the difference is {write(row['difference'])} (95 % "
            f"interval over seeds {write(row['low'])} to {write(row['high'])}). More runs make that interval small; the range stays."
        )
    if len(comparison.policies) > 2:
        yield (
            f"Of {len(comparison.policies) - 1} policies {name} does best here, and the best of several looks better than it is: before "
            "you decide, compare again with another seed and region=64."
        )


def _row(table: pd.DataFrame, policy: str, outcome: str) -> dict[Any, Any] | None:
    rows = table[(table["policy"] == policy) & (table["outcome"] == outcome)].to_dict("records")
    return rows[0] if rows else None


def _sign(row: Mapping[Any, Any], over: str) -> str:
    """Say in how many parameter sets or structures a difference is above and below 0."""
    more, less, n = (int(row[column]) for column in ("more", "less", over))
    if not more and not less:
        return f"the same in all {n}"
    if more == less:
        return f"more in {more}, less in {less}"
    word, count = ("more", more) if more > less else ("less", less)
    return f"{word} in all {n}" if count == n else f"{word} in {count} of {n}"


def _writer(
    comparison: "Comparison", outcome: str, rows: pd.DataFrame, columns: Sequence[str]
) -> Callable[[float], str]:
    """Give what writes the differences of one outcome, all with the same decimals; retention in members."""
    scale, form = 1.0, FORMS.get(outcome, "")
    if outcome == "retention":
        scale, form = float(comparison.config["scenario"]["size"]["partners"]), "+.1f"
    elif outcome.startswith("retention"):
        scale, form = 100.0, "+.1f"
    if not form:
        own = rows.loc[rows["outcome"] == outcome, list(columns)].abs().max().max()
        form = f"+.{min(6, max(0, 1 - math.floor(math.log10(own)))) if own > 0 else 0}f"
    return lambda value: number_text(value * scale, form)


def _table(
    comparison: "Comparison",
    table: pd.DataFrame,
    columns: Sequence[str],
    caption: str,
    cell: Callable[[Mapping[Any, Any], Callable[[float], str]], str],
) -> Table:
    """Lay differences out with a row for each policy and a column for each outcome."""
    outcomes = [o for o in shown_outcomes(comparison) if (table["outcome"] == o).any()]
    partners = comparison.config["scenario"]["size"]["partners"]
    units = {o: " (% points)" for o in outcomes if o.startswith("retention")} | {"retention": f" (of {partners})"}
    heads = ["policy", *(f"{outcome_words(o)}{units.get(o, '')}" for o in outcomes)]
    writers = {o: _writer(comparison, o, table, columns) for o in outcomes}
    rows = []
    for policy in (p for p in comparison.policies if p != comparison.baseline):
        by_outcome = {o: _row(table, policy, o) for o in outcomes}
        known = {o: r for o, r in by_outcome.items() if r is not None and r[columns[0]] == r[columns[0]]}
        rows.append([label(policy), *(cell(known[o], writers[o]) if o in known else "–" for o in outcomes)])
    return Table(caption, heads, rows)
