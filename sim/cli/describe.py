"""``partnership describe``: every parameter, variable, policy and outcome, from their declarations."""

import textwrap
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from sim.core.errors import InputError, near

HELP = """\
Say what there is: parameters, variables, policies, outcomes, events, scenarios; with unit, range and source.

  partnership describe                      everything, a line each
  partnership describe policies             one kind: scenarios, policies, parameters, variables, outcomes, events
  partnership describe rules.leak           parameters below a dotted path, whole
  partnership describe adaptive             one policy, variable or outcome, whole
"""

KINDS = ("scenarios", "policies", "parameters", "variables", "outcomes", "events")


def main(arguments: list[str]) -> None:
    """Run the command."""
    entries = list(_entries())
    if not arguments:
        chosen, whole = entries, False
    elif len(arguments) > 1:
        raise InputError(f"describe takes one word or none, not {len(arguments)}: {' '.join(arguments)}")
    elif arguments[0] in KINDS:
        chosen, whole = [e for e in entries if e["kind"] == arguments[0]], False
    else:
        word = arguments[0].removeprefix("scenario.")
        chosen = [e for e in entries if e["name"] == word or e["name"].startswith(f"{word}.")]
        whole = True
        if not chosen:
            names = {e["name"] for e in entries}
            close = (
                near(word, sorted(names)) if get_close_matches(word, names, 1, 0.5) else f"kinds: {', '.join(KINDS)}"
            )
            raise InputError(f"describe {word}: nothing has that name; {close}")
    kind = ""
    for entry in chosen:
        if entry["kind"] != kind:
            kind = entry["kind"]
            print(f"{'' if entry is chosen[0] else chr(10)}{kind.upper()}")
        _print(entry, whole)


def _print(entry: dict[str, Any], whole: bool) -> None:
    facts = "  ".join(f for f in (entry["value"], entry["unit"], entry["range"]) if f)
    if not whole:
        print(f"  {entry['name']:<42} {facts:<34} {entry['doc'].splitlines()[0] if entry['doc'] else ''}")
        return
    print(f"  {entry['name']}  {facts}".rstrip())
    for paragraph in entry["doc"].split("\n\n"):
        print(textwrap.indent(textwrap.fill(" ".join(paragraph.split()), 96), "      "))
    if entry["source"]:
        print(textwrap.indent(textwrap.fill(f"source: {entry['source']}", 96), "      "))


def _entry(
    kind: str, name: str, doc: str, value: Any = "", unit: str = "", span: str = "", source: str = ""
) -> dict[str, Any]:
    return {"kind": kind, "name": name, "doc": doc, "value": str(value), "unit": unit, "range": span, "source": source}


def _span(low: Any, high: Any) -> str:
    return (
        ""
        if low in (None, -float("inf")) and high in (None, float("inf"))
        else f"[{low if low is not None else ''}, {high if high is not None else ''}]"
    )


def _entries() -> Iterator[dict[str, Any]]:
    import inspect

    from sim.config.hydra import CONFIGS, names_in
    from sim.core.declare import parameters, variables
    from sim.model.events import COLUMNS, exit_causes
    from sim.model.outcomes import SERIES, SUMMARY
    from sim.model.policies import POLICIES
    from sim.model.scenario import Scenario
    from sim.model.state import Flows, State

    for name in names_in("scenario"):
        first = (CONFIGS / "scenario" / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]
        yield _entry("scenarios", name, first.lstrip("# "))
    for policy in POLICIES:
        yield _entry("policies", policy.name, inspect.getdoc(policy) or "")
        for q in parameters(policy()):
            yield _entry(
                "policies", f"{policy.name}.{q.path}", q.doc, q.default, q.unit, _span(q.low, q.high), q.source
            )
    for q in parameters(Scenario()):
        symbol = f" ({q.symbol})" if q.symbol else ""
        yield _entry("parameters", q.path, q.doc + symbol, q.default, q.unit, _span(q.low, q.high), q.source)
    for cls in (State, Flows):
        for name, f in variables(cls).items():
            symbol = f" ({f['symbol']})" if f["symbol"] else ""
            yield _entry("variables", name, f["doc"] + symbol, f["axes"], f["unit"], _span(f["low"], f["high"]))
    for outcomes, each in ((SUMMARY, "a run"), (SERIES, "a month")):
        for o in outcomes:
            yield _entry("outcomes", o.name, o.doc, each, o.unit, f"{o.better} is better" if o.better else "")
    for name, doc in COLUMNS.items():
        told = f"{doc.split(';')[0]}: {inspect.getdoc(exit_causes)}" if name == "cause" else doc
        yield _entry("events", name, told)
