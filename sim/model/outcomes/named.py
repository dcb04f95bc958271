"""Outcomes by name: those that ship, those of groups, and a user's own."""

from collections.abc import Sequence

from sim.core.errors import InputError, naming, near
from sim.core.plugins import names_file
from sim.model.outcomes.base import Outcome
from sim.model.outcomes.groups import OF, describe_groups, group_outcome, groupable, retention_after
from sim.model.outcomes.own import declared_outcome, facts_of, own_outcomes
from sim.model.outcomes.summary import SUMMARY, private_of, summary_of
from sim.model.scenario import Scenario
from sim.model.sectors import SECTORS, sector_names


def outcomes_of(scenario: Scenario) -> tuple[Outcome, ...]:
    """List the outcomes of a run of a scenario: those that ship, of its sectors, and those it names (``outcomes``).

    Raises:
        InputError: for an unknown name, or a file that cannot be used.
    """
    chosen = {o.name: o for o in summary_of(sector_names(scenario.sectors))}
    for text in scenario.outcomes:
        with naming("outcomes"):
            added = _added(text, scenario, tuple(chosen))
        for fact in added:
            if fact.name in chosen:
                raise InputError(f"outcomes: {fact.name} is there twice; name each once")
            chosen[fact.name] = fact
    return tuple(chosen.values())


def measuring(scenario: Scenario, outcomes: Sequence[str], option: str = "outcomes") -> tuple[Scenario, list[str]]:
    """Give a scenario in which some outcomes are measured too.

    Args:
        scenario: the partnership.
        outcomes: names of outcomes, or files of a user's own (``my_outcomes.py``, ``my_outcomes.py:NAME``).
        option: what named them, for messages.

    Returns:
        The scenario, and the names of the outcomes, each once.

    Raises:
        InputError: for an unknown outcome.
    """
    if isinstance(outcomes, str) or not all(isinstance(text, str) for text in outcomes):
        raise InputError(
            f"{option} = {outcomes!r}: give a list of names or files, for example "
            f"{option}=[retention_of_private,my_outcomes.py]"
        )
    names, more = dict[str, None](), list(scenario.outcomes)
    known = {o.name for o in outcomes_of(scenario)}
    for text in outcomes:
        if text in known:
            names[text] = None
            continue
        with naming(option):
            added = [fact.name for fact in _added(text, scenario, tuple(known))]
        if text not in more:
            more.append(text)
        names |= dict.fromkeys(added)
    changed = scenario if len(more) == len(scenario.outcomes) else scenario.replace(outcomes=more)
    outcomes_of(changed)
    return changed, list(names)


def outcome_named(name: str) -> Outcome | None:
    """Find what is declared of an outcome of a run by its name; None where there is none of that name.

    Of any further sector, of any group, and of a user's own that was met in this process. It says what the outcome is;
    what is measured in a scenario is in ``outcomes_of``.
    """
    shipped = next((o for o in SUMMARY if o.name == name), None) or group_outcome(name) or retention_after(name)
    start, _, sector = name.partition("_")
    return (
        shipped
        or declared_outcome(name)
        or (private_of(len(SECTORS), sector) if start == "private" and sector else None)
    )


def better_of(name: str) -> str:
    """Say which way an outcome is better: "more", "less", or "" where neither is, or where nothing is known of it."""
    fact = outcome_named(name)
    return "" if fact is None else fact.better


def unit_of(name: str) -> str:
    """Give the unit of an outcome in words: "share" for 1, "" where nothing is known of it."""
    fact = outcome_named(name)
    return "" if fact is None else "share" if fact.unit == "1" else fact.unit


def own_facts(scenario: Scenario) -> dict[str, dict[str, str]]:
    """Give what the scenario's outcomes of a user's own say of themselves, to keep with results."""
    own = [text for text in scenario.outcomes if names_file(text)]
    return facts_of(tuple(fact for text in own for fact in own_outcomes(text)))


def _added(text: str, scenario: Scenario, known: Sequence[str]) -> tuple[Outcome, ...]:
    """Make the outcomes that a text names: a group's, retention after some months, or those of a file."""
    if names_file(text):
        return own_outcomes(text)
    if any(o.name == text for o in SUMMARY):
        raise InputError(f"{text} ships; leave it out, as it is measured always")
    fact = group_outcome(text, scenario) or retention_after(text)
    if fact is None:
        start, of, _ = text.partition(OF)
        if of and start in groupable():
            raise InputError(f"{text}: name a group behind {OF}: {describe_groups(scenario)}")
        if of:
            allowed = f"{', '.join(groupable())} and retention_MONTHS"
            raise InputError(f"{text}: of a group there is no '{start}'; there are {allowed}")
        raise InputError(
            f"there is no outcome '{text}'; {near(text, known)}; of a group write retention_of_private "
            f"(groups: {describe_groups(scenario)}), and give your own as my_outcomes.py"
        )
    return (fact,)
