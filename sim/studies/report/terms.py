"""What the words on a page mean: one text for each, at the page's foot, to which every such word links."""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from sim.model.outcomes import outcome_named
from sim.viz.style import label

NAMES = {
    "retention": "founders retained",
    "retention_24": "founders retained after 24 months",
    "retention_60": "founders retained after 60 months",
    "private_fairness": "fairness between sectors",
    "society_value": "value for society",
    "effort_spent": "effort",
    "private_gini": "inequality of private value",
}
"""How readers call an outcome whose name says less."""

STATISTICS = {
    "plausible parameter set": "One value for each parameter that nobody has measured. The sets are drawn from those under which "
    "the neutral reference agrees with the calibration data, or from a region of your own; what the scenario states is held.",
    "range": "How far an answer moves over the plausible parameter sets: what is not known. More runs do not make it smaller.",
    "nine in ten": "Nine in ten of the values lie between the two numbers: one in twenty is lower, one in twenty higher.",
    "noise": "How unsure a mean is because only so many seeds were run, given as a 95 % interval. More runs make it as small as "
    "you like, and say nothing about the parameters.",
    "median": "Half of the values are higher, half lower.",
    "other structures of the model": "Forms of the model that theory leaves open, each in place of the usual one, with the scenario's "
    "parameter values. They have no probabilities.",
    "significant": "Told from 0 by a paired t-test on the same seeds, Holm-corrected over all comparisons of the table. It is about "
    "noise: a significant difference can be small, and can have the other sign with other parameters.",
    "undecided": "The test cannot tell the difference from 0 with so many runs.",
    "95 % interval": "Of such intervals, 95 in 100 hold the mean over all seeds; by the studentised bootstrap, or Student's t "
    "below 20 replications. It is about noise alone.",
    "better in": "The share of the runs, on the same seeds, in which the policy does better; ties count half.",
    "dominated": "Another option is as good by every criterion, and better by one.",
    "score": "The mean of the criteria by weight, each from the worst option (0) to the best (100). It depends on the options listed.",
    "weight": "How much a criterion counts: a judgement that no model makes.",
    "effort per additional member retained": "Effort spent more than under the policy compared with, for each member more that "
    "stays; a dash where it is not certain that any does.",
    "risk of ending": "The share of runs in which fewer than two members remain before the last month.",
    "founder": "A member of the first month.",
    "policy": "A way the orchestrator spends its effort; a plan is one too.",
    "replication": "One run of each policy on one seed.",
    "seed": "The number that selects a run's random draws.",
    "same seeds": "Common random numbers: every policy meets the same draws, so differences are paired.",
    "survival": "The share of those followed who still take part, by month (Kaplan-Meier).",
    "restricted mean": "The mean months of taking part up to the last month: the area under the survival curve.",
    "log-rank": "A test of whether two survival curves are the same, which takes runs as independent.",
    "hazard": "Exits per member and month, of the members still there.",
    "regret": "How far a policy is below the best policy at the same design point.",
    "satisfied": "Left with most of what it came for.",
    "frustrated": "Left because it captured too little for too long, or lost by a leak.",
    "orchestrator": "Who convenes the partnership.",
}
"""Words of the method and of the partnership, each with its sentence."""


def outcome_words(name: str) -> str:
    """Name an outcome for a reader.

    Args:
        name: as in tables, with underscores.
    """
    return NAMES.get(name) or label(name)


@cache
def definitions() -> Mapping[str, str]:
    """Give a sentence for each word that is defined: of the method, and of every outcome that ships."""
    from sim.model.outcomes.summary import SUMMARY

    return STATISTICS | {outcome_words(o.name).lower(): outcome_text(o.name) for o in SUMMARY}


def outcome_text(name: str) -> str:
    """Say what an outcome is, from its own declaration: sentence, unit, and which way is better."""
    outcome = outcome_named(name)
    if outcome is None:
        return ""
    facts = [outcome.unit] if outcome.unit not in ("", "1") else []
    facts += [f"{outcome.better} is better"] if outcome.better else []
    text = outcome.doc.rstrip(".")
    return f"{text} ({', '.join(facts)})." if facts else f"{text}."


def own_words(names: Iterable[str]) -> dict[str, str]:
    """Give the definitions of outcomes that do not ship, such as a user's own and those of a group."""
    texts = {outcome_words(name).lower(): outcome_text(name) for name in names}
    return {word: text for word, text in texts.items() if text and word not in definitions()}


def pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Match any of the words, the longest first, also in the plural."""
    alternatives = "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])({alternatives})s?(?![\w-])", re.IGNORECASE)


def used(texts: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """Give the definitions of the words that stand in some texts, and in these definitions, by the alphabet."""
    search, open_texts, result = pattern(known), list(texts), dict[str, str]()
    while open_texts:
        for match in search.finditer(open_texts.pop()):
            word = match[1].lower()
            if word not in result:
                result[word] = known[word]
                open_texts.append(known[word])
    return dict(sorted(result.items()))


def anchor(word: str) -> str:
    """Give the name of the place on the page where a word is defined."""
    return "word-" + re.sub(r"\W+", "-", word.lower())
