"""``sim.describe``: every scenario, policy, parameter, variable, outcome and event, from their declarations."""

import dataclasses
import textwrap
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, ClassVar

from sim.core.errors import InputError, near
from sim.model.scenario import Scenario
from sim.studies.identity import identify
from sim.studies.inputs import ScenarioLike, python_call
from sim.studies.result import Result

KINDS = ("scenarios", "policies", "parameters", "variables", "outcomes", "events")
COLUMNS = ("kind", "name", "value", "unit", "range", "doc", "source")


@dataclasses.dataclass(frozen=True, repr=False)
class Description(Result):
    """What can be varied, observed and chosen.

    Attributes:
        entries: a row for each, with ``kind``, ``name``, ``value`` (the default, or the axes of a variable), ``unit``,
            ``range``, ``doc`` and ``source``.
    """

    command: ClassVar[str] = "describe"
    in_full: bool = False

    @property
    def title(self) -> str:
        """How many entries of which kinds."""
        counts = self.tables["entries"]["kind"].value_counts(sort=False)
        return ", ".join(f"{n} {kind}" for kind, n in counts.items())

    def text(self) -> str:
        """Give what the command prints: a line for each entry, or a paragraph where one thing was asked for.

        Returns:
            Lines of plain text.
        """
        lines, kind = list[str](), ""
        for entry in self.tables["entries"].to_dict("records"):
            if entry["kind"] != kind:
                kind = entry["kind"]
                lines += ["", kind.upper()] if lines else [kind.upper()]
            lines += _paragraph(entry) if self.in_full else [_line(entry)]
        return "\n".join(lines)


def describe(what: str | None = None, scenario: ScenarioLike = None) -> Description:
    """Describe what there is.

    Args:
        what: a kind (scenarios, policies, parameters, variables, outcomes, events), the name of one thing, or a dotted
            path, which stands for all parameters below it; everything by default.
        scenario: whose values, further sectors and outcomes are listed; the neutral reference by default.

    Returns:
        The description: ``.entries`` is a table, ``.text()`` what the command prints.

    Raises:
        InputError: if nothing has that name; the message has near ones.
    """
    import pandas as pd

    from sim.engine.simulate import scenario_from

    described = scenario_from(scenario)
    entries, in_full = list(_entries(described)), False
    if what is not None and what in KINDS:
        entries = [e for e in entries if e["kind"] == what]
    elif what is not None:
        names, word, in_full = {e["name"] for e in entries}, what.removeprefix("scenario."), True
        entries = [e for e in entries if e["name"] == word or e["name"].startswith(f"{word}.")]
        if not entries:
            close = get_close_matches(word, names, 1, 0.5)
            hint = near(word, sorted(names)) if close else f"kinds: {', '.join(KINDS)}"
            raise InputError(f"describe {word}: nothing has that name; {hint}")
    table = pd.DataFrame(entries, columns=COLUMNS)
    config: dict[str, Any] = {"what": what}
    if scenario is None:
        return Description({"entries": table}, identify(config), (), f"sim.describe({what!r})", in_full=in_full)
    config["scenario"] = described.model_dump(mode="json")
    call = python_call("sim.describe", what=what, scenario=scenario)
    return Description({"entries": table}, identify(config), (), call, in_full=in_full)


def _line(entry: dict[Any, Any]) -> str:
    facts = "  ".join(f for f in (entry["value"], entry["unit"], entry["range"]) if f)
    return f"  {entry['name']:<42} {facts:<34} {entry['doc'].splitlines()[0] if entry['doc'] else ''}"


def _paragraph(entry: dict[Any, Any]) -> Iterator[str]:
    facts = "  ".join(f for f in (entry["value"], entry["unit"], entry["range"]) if f)
    yield f"  {entry['name']}  {facts}".rstrip()
    for paragraph in entry["doc"].split("\n\n"):
        yield textwrap.indent(textwrap.fill(" ".join(paragraph.split()), 96), "      ")
    if entry["source"]:
        yield textwrap.indent(textwrap.fill(f"source: {entry['source']}", 96), "      ")


def _entry(
    kind: str, name: str, doc: str, value: Any = "", unit: str = "", span: str = "", source: str = ""
) -> dict[str, str]:
    return {"kind": kind, "name": name, "doc": doc, "value": str(value), "unit": unit, "range": span, "source": source}


def _plans() -> Iterator[dict[str, str]]:
    """List what a plan may say: its steps, its triggers, and what a condition may ask."""
    import inspect

    from sim.core.declare import parameters
    from sim.model.policies.conditions import COUNTED, QUANTITIES
    from sim.model.policies.neutral import Neutral
    from sim.model.policies.plan import Plan, Step, Trigger

    yield _entry("policies", Plan.name, inspect.getdoc(Plan) or "")
    examples = {"steps": Step(policy=Neutral()), "when": Trigger(**{"if": "members < 9", "then": Neutral()})}
    for name, example in examples.items():
        for q in parameters(example):
            head, _, inner = q.path.partition(".")
            if not inner and head != "also":
                value = "" if head == "if" or q.default is None else q.default
                yield _entry("policies", f"plan.{name}.N.{q.path}", q.doc, value, q.unit, _span(q.low, q.high))
    for quantity, doc in {**COUNTED, **{name: doc for name, (doc, _) in QUANTITIES.items()}}.items():
        yield _entry("policies", f"plan.when.N.if {quantity}", doc)


def _span(low: Any, high: Any) -> str:
    if low in (None, -float("inf")) and high in (None, float("inf")):
        return ""
    return f"[{low if low is not None else ''}, {high if high is not None else ''}]"


def _entries(scenario: Scenario) -> Iterator[dict[str, str]]:
    import inspect

    from sim.config.files import names_in
    from sim.core.declare import parameters, variables
    from sim.core.paths import CONFIGS
    from sim.model.events import COLUMNS as EVENT_COLUMNS
    from sim.model.events import exit_causes
    from sim.model.outcomes import outcomes_of, series_of
    from sim.model.policies import POLICIES
    from sim.model.sectors import sector_names
    from sim.model.state import Flows, State

    for name in names_in("scenario"):
        first = (CONFIGS / "scenario" / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]
        yield _entry("scenarios", name, first.lstrip("# "))
    for policy in POLICIES:
        yield _entry("policies", policy.name, inspect.getdoc(policy) or "")
        for q in parameters(policy()):
            path, span = f"{policy.name}.{q.path}", _span(q.low, q.high)
            yield _entry("policies", path, q.doc, q.default, q.unit, span, q.source)
    yield from _plans()
    for q in parameters(scenario):
        symbol = f" ({q.symbol})" if q.symbol else ""
        yield _entry("parameters", q.path, q.doc + symbol, q.default, q.unit, _span(q.low, q.high), q.source)
    for cls in (State, Flows):
        for name, f in variables(cls).items():
            symbol = f" ({f['symbol']})" if f["symbol"] else ""
            yield _entry("variables", name, f["doc"] + symbol, f["axes"], f["unit"], _span(f["low"], f["high"]))
    of_months = series_of(sector_names(scenario.sectors))
    for outcomes, each in ((outcomes_of(scenario), "a run"), (of_months, "a month")):
        for o in outcomes:
            yield _entry("outcomes", o.name, o.doc, each, o.unit, f"{o.better} is better" if o.better else "")
    for name, doc in EVENT_COLUMNS.items():
        text = f"{doc.split(';')[0]}: {inspect.getdoc(exit_causes)}" if name == "cause" else doc
        yield _entry("events", name, text)
