"""The space that an experiment sweeps: dimensions, each a range or a list of choices."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.config.user_tables import LABELS
from sim.core.declare import Parameter, parameters
from sim.core.errors import InputError, near
from sim.model.outcomes import SERIES, SUMMARY, outcome_named
from sim.model.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

NAMED = ("scenario", "policy")
"""Dimensions that are no parameter: which scenario, which policy."""


RESERVED = {
    *(
        "run_id",
        "row",
        "point",
        "scenario",
        "policy",
        "seed",
        "month",
        "event",
        "replications",
        "half_width",
        "stopped",
    ),
    *(o.name for o in (*SUMMARY, *SERIES)),
    *LABELS,
}
"""Names of columns that a user's own dimension cannot take."""


def swept(columns: Iterable[str]) -> list[str]:
    """Give the columns of a design that vary: all but the numbers of row and point, and labels such as ``note``."""
    return [c for c in columns if c not in ("row", "point") and c.lower() not in LABELS]


@dataclasses.dataclass(frozen=True)
class Dimension:
    """One thing that varies: ``choices`` in order, or a range from ``low`` to ``high``.

    ``bundle`` holds, for a dimension of named cases, the parameters that each case sets together.
    """

    name: str
    own: Any
    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    is_integer: bool = False
    steps: int | None = None
    bundle: Mapping[str, Mapping[str, Any]] | None = None

    def at(self, units: Any) -> Any:
        """Map numbers in [0, 1] to values; each choice, or whole number, takes an equal part."""
        if self.choices:
            place = np.minimum((units * len(self.choices)).astype(int), len(self.choices) - 1)
            kind = float if all(isinstance(c, (int, float)) for c in self.choices) else object
            return np.array(self.choices, dtype=kind)[place]
        if self.is_integer:
            return np.minimum(np.floor(self.low + units * (self.high - self.low + 1.0)), self.high)
        if self.log:
            return np.clip(self.low * (self.high / self.low) ** units, self.low, self.high)
        return np.clip(self.low + units * (self.high - self.low), self.low, self.high)

    def levels(self, steps: int) -> list[Any]:
        """Give the choices, or evenly spaced levels of the range."""
        if self.choices:
            return list(self.choices)
        units = np.linspace(0.0, 1.0, self.steps or steps)
        if self.is_integer:
            return sorted({float(np.round(self.low + u * (self.high - self.low))) for u in units})
        return [float(f"{v:.12g}") for v in self.at(units)]


@dataclasses.dataclass(frozen=True)
class Space:
    """All dimensions of an experiment."""

    dimensions: tuple[Dimension, ...]

    def at(self, units: Any) -> "pd.DataFrame":
        """Map rows of the unit cube to values, a column per dimension."""
        import pandas as pd

        return pd.DataFrame({d.name: d.at(units[:, k]) for k, d in enumerate(self.dimensions)})

    def spread(self, rows: "pd.DataFrame") -> "pd.DataFrame":
        """Add the parameters that named cases set, a column each."""
        columns = {name: rows[name] for name in rows.columns}
        for d in self.dimensions:
            if d.bundle is None:
                continue
            for path in next(iter(d.bundle.values())):
                columns[path] = rows[d.name].map({case: values[path] for case, values in d.bundle.items()})
        return type(rows)(columns, index=rows.index)


def space_of(entries: Mapping[str, Any], scenario: Scenario) -> Space:
    """Read a space: ``path: [values]``, ``path: {low: .., high: .., scale: log}``, ``path: range`` or named cases.

    Raises:
        InputError: for an unknown path, values outside the declared range, or contradicting dimensions.
    """
    known = {q.path: q for q in parameters(scenario) if q.path != "title"}
    dimensions = tuple(_dimension(name, entry, known) for name, entry in entries.items())
    paths = [p for d in dimensions for p in (next(iter(d.bundle.values())) if d.bundle else (d.name,))]
    names = [*paths, *(d.name for d in dimensions if d.bundle)]
    lower = [n.lower() for n in names]  # SQL does not tell upper from lower case
    twice = sorted({n for n in names if lower.count(n.lower()) > 1})
    if twice:
        raise InputError(f"space: {', '.join(twice)} is set by two dimensions; let one set it")
    return Space(dimensions)


def _dimension(name: str, entry: Any, known: Mapping[str, Parameter]) -> Dimension:
    if isinstance(entry, dict) and entry and all(isinstance(v, dict) for v in entry.values()):
        return _cases(name, entry, known)
    if name in NAMED or name.startswith("policy."):
        if not isinstance(entry, (list, tuple)):
            example = "[0.2, 0.5]" if "." in name else "[neutral, adaptive]"
            raise InputError(f"space: {name} takes a list of choices, for example {name}: {example}")
        if any(not isinstance(v, str if name in NAMED else (str, int, float)) for v in entry):
            raise InputError(
                f"space: {name} takes {'names' if name in NAMED else 'numbers or names'} only; "
                "to vary a policy's parameter, make it a dimension: policy.PARAMETER: [values]; list plans as policies"
            )
        return Dimension(name, entry[0] if entry else None, _choices(name, entry))
    if name not in known:
        raise InputError(f"space: there is no parameter '{name}'; {near(name, [*known, *NAMED])}")
    fact = known[name]
    if isinstance(entry, (list, tuple)):
        for value in entry:
            check_value(f"space: {name}", value, fact)
        return Dimension(name, fact.default, _choices(name, entry))
    return _range(name, {} if entry == "range" else entry, fact)


def _choices(name: str, entry: Any) -> tuple[Any, ...]:
    if not entry:
        raise InputError(f"space: {name} has no values; give at least one")
    twice = next((value for value, times in Counter(entry).items() if times > 1), None)
    if twice is not None:
        raise InputError(f"space: {name} has {twice} twice; give each value once")
    return tuple(entry)


def _range(name: str, entry: Any, fact: Parameter) -> Dimension:
    if not isinstance(entry, dict) or not set(entry) <= {"low", "high", "scale", "steps"}:
        raise InputError(
            f"space: {name} takes a list of values, the word range, or {{low: .., high: .., scale: log, steps: 5}}"
        )
    scale = entry.get("scale", "linear")
    low: Any = entry.get("low", fact.low)
    high: Any = entry.get("high", fact.high)
    for value in (low, high):
        check_value(f"space: {name}", value, fact)
    if not low < high:
        raise InputError(f"space: {name} runs from {low} to {high}; low must be below high")
    if scale not in ("linear", "log") or (scale == "log" and low <= 0):
        raise InputError(f"space: {name}: scale is linear or, where low is above 0, log")
    steps = entry.get("steps")
    if steps is not None and (isinstance(steps, bool) or not isinstance(steps, int) or not 2 <= steps <= 1000):
        raise InputError(f"space: {name}: steps = {steps!r}; give a whole number from 2 to 1000")
    return Dimension(name, fact.default, (), float(low), float(high), scale == "log", fact.kind == "int", steps)


def _cases(name: str, entry: dict[str, Any], known: Mapping[str, Parameter]) -> Dimension:
    if name in known or name in NAMED or "." in name:
        raise InputError(f"space: {name}: give its cases a plain name of your own, for example mix")
    if not name.isidentifier():
        raise InputError(f"space: {name!r}: a name of your own has letters, digits and _ only")
    if name.lower() in RESERVED or outcome_named(name.lower()):
        raise InputError(f"space: {name} is a column of the tables; give your cases another name, for example mix")
    paths = list(next(iter(entry.values())))
    for case, values in entry.items():
        if list(values) != paths:
            raise InputError(f"space: {name}: every case sets the same parameters in the same order; see {case}")
        for path, value in values.items():
            if path not in known:
                raise InputError(f"space: {name}, {case}: there is no parameter '{path}'; {near(path, known)}")
            check_value(f"space: {name}, {case}: {path}", value, known[path])
    same = [case for k, case in enumerate(entry) if entry[case] in list(entry.values())[:k]]
    if same:
        raise InputError(f"space: {name}: {same[0]} sets the same values as another case; give each once")
    return Dimension(name, next(iter(entry)), tuple(entry), bundle=entry)


def check_value(where: str, value: Any, fact: Parameter) -> None:
    """Check one value of a parameter: its kind, finite, within the declared range."""
    if fact.kind not in ("int", "float"):
        if not isinstance(value, (str, bool)):
            raise InputError(f"{where} = {value!r}: give one of its choices; see partnership describe {fact.path}")
        return
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    low, high = (-np.inf if fact.low is None else fact.low), (np.inf if fact.high is None else fact.high)
    if not number or not abs(value) < np.inf or not low <= value <= high:
        unit = f" ({fact.unit})" if fact.unit not in ("", "1") else ""
        raise InputError(f"{where} = {value!r}: allowed is a number from {low:g} to {high:g}{unit}: {fact.doc}")
    if fact.kind == "int" and value % 1:
        raise InputError(f"{where} = {value!r}: takes whole numbers")
