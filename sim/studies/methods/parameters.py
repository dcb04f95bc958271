"""The parameters of a study that differ from their defaults: with unit, range, meaning and source."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sim.config.files import names_in
from sim.core.declare import Parameter, parameters
from sim.core.errors import InputError
from sim.core.paths import CONFIGS
from sim.model.policies.plan import Plan, bare_plan, is_plan
from sim.model.policies.registry import find_policy, label
from sim.model.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("of", "parameter", "symbol", "value", "default", "unit", "low", "high", "meaning", "source")
ELSEWHERE = "set for this study"

FEW = 8
"""Most values of a dimension that are listed."""


def changed_parameters(config: Mapping[str, Any], varied: Mapping[str, Any] | None = None) -> "pd.DataFrame":
    """List what differs from the defaults in a study: parameters of the scenario and policies, and what varies.

    Args:
        config: the study's whole configuration, as its folder keeps it.
        varied: what varies and the configuration does not say: dotted path -> values, such as the columns of a design.

    Returns:
        A row for each: what it is a parameter ``of``, its dotted path, symbol, value, default, unit, range, meaning,
        and the source of the value (a note in the shipped scenario, or that it was set for this study).
    """
    import pandas as pd

    experiment = config.get("experiment", config)
    scenarios = [*config["scenarios"].values()] if "scenarios" in config else [config["scenario"]]
    rows = [row for plain in scenarios for row in _of_scenario(plain)]
    rows += [row for plain in experiment.get("policies", []) for row in _of_policy(plain)]
    declared = {path: q for plain in scenarios for path, q in _declared(Scenario.model_validate(plain)).items()}
    rows += list(_varied({**(varied or {}), **config.get("columns", {}), **experiment.get("space", {})}, declared))
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def _row(of: str, q: Parameter, value: Any, source: str) -> tuple[Any, ...]:
    return of, q.path, q.symbol, value, q.default, q.unit, q.low, q.high, q.doc, source


def _of_scenario(plain: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    scenario = Scenario.model_validate(plain)
    notes, defaults = _notes(scenario.title), _declared(scenario)
    for q in parameters(scenario):
        if q.default != defaults[q.path].default and q.path != "title":
            yield _row(scenario.title, defaults[q.path], q.default, notes.get((q.path, _number(q.default)), ELSEWHERE))


def _of_policy(plain: Any) -> Iterator[tuple[Any, ...]]:
    if is_plan(plain):
        yield from _of_plan(plain)
        return
    spec = dict(plain) if isinstance(plain, Mapping) else {"name": plain}
    name = str(spec.pop("name"))
    try:
        declared = {q.path: q for q in parameters(find_policy(name))}
    except InputError:  # a user's own, not at hand: its file is kept with the results
        return
    for path, value in spec.items():
        if path in declared and value != declared[path].default:
            yield _row(f"policy {name}", declared[path], value, ELSEWHERE)


def _of_plan(plain: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Give the numbers of a plan that differ from what its steps, triggers and policies have by default."""
    try:
        policy, bare = Plan.model_validate(find_policy(plain)), find_policy(bare_plan(plain))
    except InputError:  # it has a policy of a user's own, not at hand
        return
    yield (f"policy {label(policy)}", "steps", "", policy.title(), "", "", None, None, "What the plan does", ELSEWHERE)
    usual = {q.path: q for q in parameters(bare, lists=True)}
    for q in parameters(policy, lists=True):
        if q.kind in ("int", "float") and q.default != usual[q.path].default:
            yield _row(f"policy {label(policy)}", usual[q.path], q.default, ELSEWHERE)


def _declared(scenario: Scenario) -> dict[str, Parameter]:
    """Give what is declared of a scenario's parameters; its further sectors start from the plain profile."""
    further: dict[str, Any] = {f"sectors.{name}": {} for name in scenario.sectors.model_extra or ()}
    return {q.path: q for q in parameters(Scenario().replace(**further))}


def _varied(space: Mapping[str, Any], declared: Mapping[str, Parameter]) -> Iterator[tuple[Any, ...]]:
    for path, values in space.items():
        q = declared.get(path)
        if q is None:
            yield ("design", path, "", _span(values), "", "", None, None, "Varied in the design", ELSEWHERE)
        else:
            yield _row("design", q, _span(values), ELSEWHERE)


def _span(values: Any) -> Any:
    """Give some values, or from where to where many go."""
    if isinstance(values, list) and len(values) > FEW and all(isinstance(v, int | float) for v in values):
        return f"{min(values):g} to {max(values):g}, {len(set(values))} values"
    return values


def _notes(title: str) -> dict[tuple[str, str], str]:
    """Read the notes beside the values of the shipped scenario with a title: (path, value) -> note."""
    for name in names_in("scenario"):
        text = (CONFIGS / "scenario" / f"{name}.yaml").read_text(encoding="utf-8")
        if f"\ntitle: {title}\n" in text:
            return dict(_noted(text))
    return {}


def _noted(text: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Find the note of each value: behind it, or in the lines above, which hold up to a blank line."""
    above: list[tuple[int, str]] = []
    block = ""
    for line in text.splitlines():
        parts = re.match(r"( *)(?:(\w+):)?([^#]*)(?:# *(.*))?", line)
        assert parts is not None
        indent, key, value, note = len(parts[1]), parts[2], parts[3], parts[4] or ""
        if not line.strip():
            block = ""
        elif key is None:
            block = f"{block} {note}".strip()
        else:
            above = [(depth, name) for depth, name in above if depth < indent] + [(indent, key)]
            path = ".".join(name for _, name in above)
            inner = re.findall(r"(\w+): *([^,{}]+?) *[,}]", value)
            for part, written in inner or [("", value.strip())]:
                if (note or block) and written:
                    yield (f"{path}.{part}".rstrip("."), _number(written)), note or block


def _number(value: Any) -> str:
    """Write a value so that 27 and 27.0 are the same text."""
    try:
        return f"{float(value):g}"
    except (TypeError, ValueError):
        return str(value)
