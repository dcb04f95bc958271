"""Declarations: each parameter and variable is written once, with default, unit, range, source and a sentence.

From a declaration come the type check, the range check, the configuration file's keys, the
tables of ``partnership describe`` and of the documentation, and (later) sliders and sweep bounds.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

ASSUMPTION = "assumption"

T = TypeVar("T")
D = TypeVar("D", bound="Declared")


class Declared(BaseModel):
    """A frozen group of parameters; unknown names, values out of range, NaN and infinity are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_value_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool) and cls.model_fields[str(info.field_name)].annotation in (int, float):
            raise ValueError(f"{value} is no number; give a number")
        return value


def param(
    default: T,
    *,
    unit: str,
    doc: str,
    source: str = ASSUMPTION,
    low: float | None = None,
    high: float | None = None,
    symbol: str = "",
    structural: bool = False,
) -> T:
    """Declare one parameter of a ``Declared`` group.

    ``structural`` marks a parameter that shapes arrays or control flow: all runs of a batch share it.
    """
    extra: Any = {"unit": unit, "source": source, "symbol": symbol, "structural": structural}
    field: T = Field(default, ge=low, le=high, description=doc, json_schema_extra=extra)
    return field


def group(cls: type[D]) -> D:
    """Nest a group of parameters under a name of its own."""
    field: D = Field(default_factory=cls)
    return field


@dataclasses.dataclass(frozen=True)
class Parameter:
    """What is declared about one parameter: a row of ``partnership describe``."""

    path: str
    default: Any
    unit: str
    low: float | None
    high: float | None
    source: str
    symbol: str
    structural: bool
    doc: str
    kind: str


def _bounds(metadata: list[Any]) -> tuple[float | None, float | None]:
    low = next((m.ge for m in metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in metadata if hasattr(m, "le")), None)
    return low, high


def parameters(declared: Declared, prefix: str = "") -> Iterator[Parameter]:
    """List every parameter below a group, depth first, by its dotted path."""
    for name, field in type(declared).model_fields.items():
        value, path = getattr(declared, name), f"{prefix}{name}"
        if isinstance(value, Declared):
            yield from parameters(value, f"{path}.")
            continue
        extra: Any = field.json_schema_extra or {}
        low, high = _bounds(field.metadata)
        yield Parameter(
            path,
            value,
            extra.get("unit", ""),
            low,
            high,
            extra.get("source", ""),
            extra.get("symbol", ""),
            extra.get("structural", not isinstance(value, (int, float)) or isinstance(value, bool)),
            field.description or "",
            type(value).__name__,
        )


def variable(
    axes: str,
    *,
    unit: str,
    doc: str,
    low: float = -float("inf"),
    high: float = float("inf"),
    fixed: bool = False,
    symbol: str = "",
) -> Any:
    """Declare one array of ``State`` or ``Flows``.

    ``axes`` is ``run`` (one value a partnership), ``partner``, or either followed by a trait axis,
    such as ``partner,domain``; ``fixed`` marks what never changes after the start.
    """
    facts = {"axes": axes, "unit": unit, "doc": doc, "low": low, "high": high, "fixed": fixed, "symbol": symbol}
    return dataclasses.field(metadata=facts)


def variables(cls: type) -> dict[str, dict[str, Any]]:
    """Give every declared variable of a dataclass: name -> axes, unit, range, fixed, sentence."""
    return {f.name: dict(f.metadata) for f in dataclasses.fields(cls) if "axes" in f.metadata}
