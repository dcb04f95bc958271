"""Outcomes of a user's own: functions in a file, each declared with a unit and a sentence."""

import dataclasses
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from sim.core.plugins import find_same, guarded
from sim.core.sources import PluginError
from sim.model.arrays import Array
from sim.model.outcomes.base import Outcome
from sim.model.outcomes.groups import OF, group_outcome, retention_after
from sim.model.outcomes.series import monthly_named
from sim.model.outcomes.summary import SUMMARY
from sim.model.state import State

NAME = re.compile("[a-z][a-z0-9_]{1,59}")

NOT_NAMES = (
    *("run_id", "row", "point", "scenario", "policy", "seed", "month", "event", "replications", "half_width"),
    *("stopped", "run", "member", "other", "sector", "kind", "cause", "better", "outcome", "baseline"),
)
"""Names that no outcome can have, as columns of the tables have them."""

_DECLARED: dict[str, Outcome] = {}
"""What users' outcomes that were met in this process say of themselves, by name: for labels and directions."""


def outcome(unit: str, better: Literal["more", "less", ""] = "", doc: str = "") -> Callable[[Any], Outcome]:
    """Declare a function of a user's own as an outcome of a run (a decorator); its name is the function's.

    Args:
        unit: its unit; ``1`` for a share.
        better: ``more`` or ``less``, or "" where neither is better.
        doc: a sentence; the first line of the function's docstring by default.

    Returns:
        The outcome. The function gets (history, state): monthly outcomes by name, each of shape (months, runs), and the
        state at the end; it returns one number per run, NaN where it is not defined.

    Example: ``@sim.outcome("value", better="more")`` above ``def value_per_leaver(history, state):``.
    """

    def declared(function: Any) -> Outcome:
        words = doc or (inspect.getdoc(function) or "").partition("\n")[0].rstrip(".")
        return Outcome(str(getattr(function, "__name__", function)), unit, words, better, function)

    return declared


def own_outcomes(spec: str) -> tuple[Outcome, ...]:
    """Read the outcomes of ``my_outcomes.py``, or the one of ``my_outcomes.py:NAME``. The file's code is executed.

    Raises:
        PluginError: (an ``InputError``) if there is none, or one is not declared as it should be.
    """
    _, colon, name = spec.partition(":")
    if colon:
        declared = [find_same(spec, (name,))]
    else:
        module = find_same(spec, ("__dict__",))
        declared = list({id(v): v for v in module.values() if isinstance(v, Outcome)}.values())
        if not declared:
            raise PluginError(
                f"{spec}: declares no outcome; put a line such as @sim.outcome('value', better='more') above the "
                "function that measures it"
            )
    checked = tuple(_checked(spec, fact) for fact in declared)
    twice = next((a.name for k, a in enumerate(checked) if a.name in [b.name for b in checked[:k]]), None)
    if twice is not None:
        raise PluginError(f"{spec}: declares the outcome {twice} twice; give each a name of its own")
    _DECLARED.update({fact.name: fact for fact in checked})
    return checked


def declared_outcome(name: str) -> Outcome | None:
    """Give what a user's outcome that was met in this process says of itself; None where none has that name."""
    return _DECLARED.get(name)


def facts_of(outcomes: tuple[Outcome, ...]) -> dict[str, dict[str, str]]:
    """Give what users' outcomes say of themselves, as plain data to keep with results: name -> unit, doc, better."""
    return {o.name: {"unit": o.unit, "doc": o.doc, "better": o.better} for o in outcomes}


def remember(facts: Any) -> None:
    """Take what results keep of users' outcomes (``facts_of``), so that they can be labelled without running code."""
    for name, fact in facts.items() if isinstance(facts, Mapping) else ():
        if isinstance(fact, Mapping) and set(fact) == {"unit", "doc", "better"}:
            values = {key: str(value) for key, value in fact.items()}
            _DECLARED.setdefault(str(name), Outcome(str(name), measure=_not_measured, **values))


def _not_measured(history: Any, state: State) -> Array:
    raise PluginError("this outcome is measured from its file, and only what it is called was read")


def _checked(spec: str, fact: Any) -> Outcome:
    """Check what a declaration says; give the outcome with its measure checked in every run."""
    if not isinstance(fact, Outcome):
        kind = "a function" if callable(fact) else f"a {type(fact).__name__}"
        raise PluginError(
            f"{spec}: is {kind} and not an outcome; put a line such as @sim.outcome('value', better='more') above it"
        )
    where = f"{spec}: outcome {fact.name}"
    if not NAME.fullmatch(fact.name):
        raise PluginError(f"{where}: give it a name of 2 to 60 small letters, digits and _, such as value_per_leaver")
    known = next((o for o in SUMMARY if o.name == fact.name), None) or monthly_named(fact.name)
    if known or retention_after(fact.name) or group_outcome(fact.name) or fact.name.startswith("private_"):
        raise PluginError(f"{where}: that name means something else here; choose another")
    if fact.name in NOT_NAMES or OF in fact.name:
        raise PluginError(f"{where}: tables have a column of that name, or a group; choose another")
    if not isinstance(fact.unit, str) or not isinstance(fact.doc, str) or not (fact.unit and fact.doc):
        raise PluginError(f"{where}: say its unit ('1' for a share) and, in a docstring, what it is")
    if fact.better not in ("more", "less", ""):
        raise PluginError(f"{where}: better = {fact.better!r}; give 'more', 'less', or '' where neither is better")
    if not callable(fact.measure):
        raise PluginError(f"{where}: declare a function (history, state) that gives one number per run")
    return dataclasses.replace(fact, measure=_checked_measure(f"outcome {fact.name} ({spec})", fact.measure))


def _checked_measure(where: str, function: Callable[..., Any]) -> Callable[..., Array]:
    def measure(history: Mapping[str, Array], state: State) -> Array:
        n_runs = state.member.shape[-1]
        values: Array = guarded(where, lambda: np.array(function(dict(history), state), dtype=float))
        if values.shape != (n_runs,):
            raise PluginError(f"{where}: returned shape {values.shape}; needed is one number per run: {(n_runs,)}")
        if np.isinf(values).any():
            raise PluginError(f"{where}: returned infinity; needed are numbers, or NaN where it is not defined")
        return values

    return measure
