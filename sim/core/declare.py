"""Declarations: each parameter and variable is written once, with default, unit, range, source and a sentence.

The type check, the range check, the keys of configuration files, the tables of ``partnership describe`` and of the
documentation, sliders and bounds of sweeps follow from the declarations.
"""

import dataclasses
from collections.abc import Container, Iterator
from functools import cache
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

ASSUMPTION = "assumption"

T = TypeVar("T")
D = TypeVar("D", bound="Declared")


class Declared(BaseModel):
    """A frozen group of parameters; unknown names, values out of range, NaN and infinity are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_other_kinds(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse truth values and texts for numbers, and numbers and texts for truth values: nothing is guessed."""
        wanted = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and wanted in (int, float):
            raise ValueError(f"{value} is not a number; give a number")
        kinds = set(get_args(wanted)) - {type(None)} or {wanted}
        if isinstance(value, str) and kinds <= {int, float}:
            raise PydanticCustomError("number_type", "give a number, not a text")
        if not isinstance(value, bool) and kinds == {bool}:
            raise PydanticCustomError("bool_type", "give true or false")
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
    alias: str | None = None,
) -> T:
    """Declare one parameter of a ``Declared`` group.

    Args:
        default: its default value.
        unit: its unit; ``1`` for a share, "" for none.
        doc: a sentence for menus, tables and messages.
        source: a citation, a dataset or the word ``assumption``.
        low: its least value.
        high: its largest value.
        symbol: its letter in formulas.
        structural: whether it shapes arrays or control flow, so that all runs of a batch share it.
        alias: its name in configurations, where that is a word of Python's own, such as ``from``.
    """
    extra: Any = {"unit": unit, "source": source, "symbol": symbol, "structural": structural}
    field: T = Field(default, alias=alias, ge=low, le=high, description=doc, json_schema_extra=extra)
    return field


def group(cls: type[D]) -> D:
    """Nest a group of parameters under a name of its own."""
    field: D = Field(default_factory=cls)
    return field


@dataclasses.dataclass(frozen=True)
class Parameter:
    """The declaration of one parameter: a row of ``partnership describe``."""

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


def parameters(declared: Declared, prefix: str = "", lists: bool = False) -> Iterator[Parameter]:
    """List every parameter below a group, depth first, by its dotted path.

    Args:
        declared: the group.
        prefix: what the paths begin with.
        lists: whether to look into lists of groups: the path of an entry has its number.
    """
    fields = type(declared).model_fields
    for name in (*fields, *(declared.model_extra or ())):
        field, value = fields.get(name), getattr(declared, name)
        path = f"{prefix}{(field.alias if field else None) or name}"
        if isinstance(value, Declared):
            yield from parameters(value, f"{path}.", lists)
            continue
        if lists and isinstance(value, list) and value and all(isinstance(item, Declared) for item in value):
            for k, item in enumerate(value):
                yield from parameters(item, f"{path}.{k}.", lists)
            continue
        assert field is not None
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


def stated(declared: Declared, prefix: str = "") -> set[str]:
    """Name the parameters that somebody stated, also where the value is the default, by their dotted paths."""
    names = set[str]()
    for name in declared.model_fields_set:
        value = getattr(declared, name)
        names |= stated(value, f"{prefix}{name}.") if isinstance(value, Declared) else {f"{prefix}{name}"}
    return names


def count_as_stated(declared: Declared, names: Container[str], prefix: str = "") -> bool:
    """Let only the named parameters of a group that was just made count as stated; a group's name stands for all in it.

    Returns:
        Whether any is.
    """
    for name in list(declared.model_fields_set):
        value, path = getattr(declared, name), f"{prefix}{name}"
        if path in names or (isinstance(value, Declared) and count_as_stated(value, names, f"{path}.")):
            continue
        declared.model_fields_set.discard(name)
    return bool(declared.model_fields_set)


def variable(
    axes: str,
    *,
    unit: str,
    doc: str,
    low: float = -float("inf"),
    high: float = float("inf"),
    fixed: bool = False,
    symbol: str = "",
    table: str | None = None,
) -> Any:
    """Declare one array of ``State``, ``Flows`` or ``Effort``.

    Args:
        axes: ``run`` (one value per run), ``partner``, or either followed by a trait axis, such as ``partner,domain``.
        unit: its unit; ``1`` for a share.
        doc: a sentence for tables and documentation.
        low: its least value.
        high: its largest value.
        fixed: whether it keeps its value after the start.
        symbol: its letter in formulas.
        table: the attribute that stands for it in the table of members: its own name by default for one value per
            partner, and "" for none.
    """
    if table is None:
        table = "own" if axes == "partner" else ""
    facts = {"axes": axes, "unit": unit, "doc": doc, "low": low, "high": high, "fixed": fixed, "symbol": symbol}
    return dataclasses.field(metadata=facts | {"table": table})


def variables(cls: type) -> dict[str, dict[str, Any]]:
    """List the declared variables of a dataclass: name -> axes, unit, range, fixed, sentence; only to read."""
    return _variables(cls)


@cache
def _variables(cls: Any) -> dict[str, dict[str, Any]]:
    return {f.name: dict(f.metadata) for f in dataclasses.fields(cls) if "axes" in f.metadata}


def table_columns(cls: type, fixed: bool = False) -> tuple[str, ...]:
    """List the attributes that the table of members has, in the order of their declaration."""
    facts = {name: f["table"] for name, f in variables(cls).items() if f["fixed"] == fixed and f["table"]}
    return tuple(name if table == "own" else table for name, table in facts.items())
