"""Structures: the forms that mechanisms may take where theory leaves it open; results can be shown over them."""

from collections.abc import Mapping
from typing import Any, Literal

from sim.core.declare import Declared, param


def _form(default: Any, doc: str, source: str) -> Any:
    return param(default, unit="", structural=True, doc=doc, source=source)


class Structure(Declared):
    """Which form each mechanism takes."""

    rivals: Literal["count", "share"] = _form(
        "share",
        "What crowds a market segment: the number of members in it, or their share of all members",
        "assumption; by number, large memberships of firms die out that live in reality (decision 0018)",
    )
    distance: Literal["root", "square"] = _form(
        "square",
        "How difference adds up: root of twice the variance of DNA (the first outsiders weigh most), or twice the "
        "variance (the mean over pairs of members of the squared distance); prices per distance are then per square",
        "assumption; the mean over pairs is in proportion to the pairs that differ (decision 0018)",
    )
    creation: Literal["ces", "linear"] = _form(
        "ces",
        "How knowledge of several domains combines: with constant elasticity (rules.creation.ces_exponent), so that "
        "domains need each other, or as a plain sum",
        "assumption; complementarity (Dyer & Singh 1998); decision 0018",
    )
    exit: Literal["threshold", "hazard"] = _form(
        "threshold",
        "How members leave when they decide: for certain where too little is left of their goodwill, or with a "
        "probability that rises as less is left",
        "assumption; decision 0018",
    )
    trust: Literal["coin", "conduct"] = _form(
        "conduct",
        "What evidence trust rests on: chance with the partnership's fixed reliability, or what the others do",
        "assumption; trust rests on conduct (Vanneste, Puranam & Kretschmer 2014); decision 0018",
    )
    outside_options: Literal["linear", "saturating"] = _form(
        "saturating",
        "How outside contacts raise what a member expects: each as much as the first, or less and less",
        "assumption; outside options raise aspirations (Greve et al. 2013), no source gives the form (decision 0018)",
    )


PLAINEST: Mapping[str, Any] = {
    "structure.rivals": "count", "structure.distance": "root", "structure.outside_options": "linear",
    "structure.trust": "coin", "structure.exit": "threshold", "structure.creation": "ces",
    "rules.creation.novelty": 0.0, "rules.creation.strangeness": 0.0, "rules.creation.critical_mass": 0.0,
    "rules.creation.standstill": 0.0, "rules.creation.stock_by_supply": 0.0, "rules.capture.now": 0.0,
    "rules.tension.working_groups": 0.0, "sectors.contrast": 0.0, "sectors.goals_by_sector": 0.0, "start.depth": 1.0,
    "start.match_spread": 0.0, "start.best_match_first": 0.0, "start.match_shared": 0.0,
    "start.tenure": 0.0, "rules.membership.term": 0.0,
    "rules.membership.fee": 0.0, "rules.membership.on_calendar": 0.0, "rules.membership.look_ahead": 0.0,
    "rules.membership.trend": 0.0, "rules.membership.company": 0.0, "rules.membership.lapse_rate": 1.0,
    "rules.membership.least_members": 0.0, "rules.membership.least_secretariat": 0.0, "grant.from_fees": 0.0,
    "rules.commitment.news": 0.0, "rules.commitment.impatience": 0.0, "rules.understanding.plan_ageing": 0.0,
    "rules.understanding.plan_events": 0.0, "rules.trust.help": 0.0, "shocks.common.rate": 0.0,
    "shocks.common.month": 0, "shocks.departures.month": 0,
}  # fmt: skip
"""The model in its plainest form: every mechanism that it can do without switched off, as in its first version."""
