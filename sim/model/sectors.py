"""The sectors and what they bring: DNA, expertise, sensitivity, mission and rivalry."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Literal

from pydantic import ConfigDict, model_validator

from sim.core.declare import Declared, group, param
from sim.core.errors import near

DNA = ("language", "goals", "culture", "ethos")
LANGUAGE, GOALS, CULTURE, ETHOS = range(len(DNA))

_LISTS = "assumption; academic and nonprofit members of membership lists mostly pay no fee"
_PUBLIC_EXITS = "assumption; 2 exits in 780 member-months of lists and consortia, some three times academic members'"
_POSITION = "assumption; sectors differ in language, goals, culture and ethos (Het Klimaatkantoor 2020)"
_POSITION_OF = "assumption; sectors differ in resources, goals and logics (Het Klimaatkantoor 2020)"


def _want(value: float, domain: str) -> float:
    doc = f"Weight of the home domain of the {domain} sector in its private goals, before scaling to a sum of 1"
    return param(value, unit="1", low=0.001, high=1, source=_POSITION_OF, doc=doc)


def _position(value: float, dimension: str) -> float:
    """Declare where a sector stands; scaled so that two different sectors differ by 1 (root mean square)."""
    doc = f"Where the sector stands in {dimension}, in units of sectors.distance"
    return param(value, unit="distance", low=-2, high=2, source=_POSITION, doc=doc)


def _share(value: float) -> float:
    return param(value, unit="1", low=0, high=1, doc="Share of the members, before scaling to a sum of 1")


def _sensitivity(value: float) -> float:
    return param(
        value,
        unit="1",
        low=0.01,
        high=0.99,
        symbol="p",
        source="assumption; private firms hold secret recipes (DiVito et al. 2021)",
        doc="Median share of what a member knows that is sensitive",
    )


def _mission(value: float) -> float:
    doc = "Median weight a member gives to value created together"
    return param(value, unit="1", low=0.01, high=0.99, symbol="m", source="assumption; sector logics", doc=doc)


def _in_market(value: float) -> float:
    doc = "Share of the sector's members that compete in a market segment"
    return param(value, unit="1", low=0, high=1, doc=doc)


NEED = "Median private value that would satisfy a member"
ASPIRATION = "Median net benefit that a member expects"
GOODWILL = "Median goodwill at the start"
RESOURCES = "Median size"
TURNOVER = "How often a representative is replaced"
EXPOSURE = "How hard a common shock hits"
OTHER_RATE = "How often a member leaves for reasons outside the model"


def _times(value: float, what: str, source: str = _POSITION_OF) -> float:
    doc = f"{what}, in multiples of the value for all, as far as sectors.contrast says"
    return param(value, unit="1", low=0.02, high=50, source=source, doc=doc)


def _shift(value: float, what: str) -> float:
    doc = f"{what}, above the value for all, as far as sectors.contrast says"
    return param(value, unit="logit", low=-4, high=4, source=_POSITION_OF, doc=doc)


def _fee(value: float) -> float:
    doc = "Fee per term, in multiples of rules.membership.fee"
    return param(value, unit="1", low=0, high=50, source=_LISTS, doc=doc)


class Wants(Declared):
    """How a sector's private goals spread over the four home domains (of public, private, academic, nonprofit)."""

    public: float = _want(0.25, "public")
    private: float = _want(0.25, "private")
    academic: float = _want(0.25, "academic")
    nonprofit: float = _want(0.25, "nonprofit")


class SectorProfile(Declared):
    """What a typical organisation of one sector is like."""

    share: float = _share(0.25)
    language: float = _position(0.0, "language")
    goals: float = _position(0.0, "goals")
    culture: float = _position(0.0, "culture")
    ethos: float = _position(0.0, "ethos")
    sensitivity: float = _sensitivity(0.22)
    mission: float = _mission(0.68)
    in_market: float = _in_market(0.0)
    need: float = _times(1.0, NEED)
    aspiration: float = _times(1.0, ASPIRATION)
    goodwill: float = _times(1.0, GOODWILL)
    resources: float = _times(1.0, RESOURCES)
    turnover: float = _times(1.0, TURNOVER)
    other_rate: float = _times(1.0, OTHER_RATE, _LISTS)
    exposure: float = _times(1.0, EXPOSURE)
    routine: float = _shift(0.0, "Readiness of the organisation")
    representative: float = _shift(0.0, "Readiness of representatives")
    fee: float = _fee(1.0)
    wants: Wants = group(Wants)


class PublicWants(Wants):
    """What the sector wants from the partnership, by home domain."""

    public: float = _want(0.2, "public")
    private: float = _want(0.2, "private")
    academic: float = _want(0.35, "academic")
    nonprofit: float = _want(0.25, "nonprofit")


class Public(SectorProfile):
    """Ministries, municipalities, agencies."""

    share: float = _share(0.15)
    language: float = _position(0.28, "language")
    goals: float = _position(0.63, "goals")
    culture: float = _position(0.85, "culture")
    ethos: float = _position(0.34, "ethos")
    need: float = _times(0.8, NEED)
    aspiration: float = _times(0.6, ASPIRATION)
    goodwill: float = _times(1.5, GOODWILL)
    resources: float = _times(1.0, RESOURCES)
    turnover: float = _times(1.4, TURNOVER)
    other_rate: float = _times(0.7, OTHER_RATE, _PUBLIC_EXITS)
    exposure: float = _times(0.5, EXPOSURE)
    routine: float = _shift(-0.5, "Readiness of the organisation")
    representative: float = _shift(0.0, "Readiness of representatives")
    fee: float = _fee(0.0)
    wants: PublicWants = group(PublicWants)


class PrivateWants(Wants):
    """What the sector wants from the partnership, by home domain."""

    public: float = _want(0.15, "public")
    private: float = _want(0.25, "private")
    academic: float = _want(0.45, "academic")
    nonprofit: float = _want(0.15, "nonprofit")


class Private(SectorProfile):
    """Firms, which compete with those in their market segment."""

    share: float = _share(0.50)
    language: float = _position(-0.76, "language")
    goals: float = _position(-0.79, "goals")
    culture: float = _position(-0.77, "culture")
    ethos: float = _position(-0.85, "ethos")
    sensitivity: float = _sensitivity(0.63)
    mission: float = _mission(0.22)
    in_market: float = _in_market(1.0)
    need: float = _times(1.0, NEED)
    aspiration: float = _times(1.25, ASPIRATION)
    goodwill: float = _times(0.85, GOODWILL)
    resources: float = _times(1.15, RESOURCES)
    turnover: float = _times(1.2, TURNOVER)
    other_rate: float = _times(1.0, OTHER_RATE, _LISTS)
    exposure: float = _times(1.0, EXPOSURE)
    routine: float = _shift(0.2, "Readiness of the organisation")
    representative: float = _shift(0.1, "Readiness of representatives")
    fee: float = _fee(1.0)
    wants: PrivateWants = group(PrivateWants)


class AcademicWants(Wants):
    """What the sector wants from the partnership, by home domain."""

    public: float = _want(0.25, "public")
    private: float = _want(0.4, "private")
    academic: float = _want(0.25, "academic")
    nonprofit: float = _want(0.1, "nonprofit")


class Academic(SectorProfile):
    """Universities and institutes."""

    share: float = _share(0.15)
    language: float = _position(0.95, "language")
    goals: float = _position(0.16, "goals")
    culture: float = _position(0.26, "culture")
    ethos: float = _position(0.43, "ethos")
    need: float = _times(1.5, NEED)
    aspiration: float = _times(0.5, ASPIRATION)
    goodwill: float = _times(1.5, GOODWILL)
    resources: float = _times(0.6, RESOURCES)
    turnover: float = _times(0.6, TURNOVER)
    other_rate: float = _times(0.3, OTHER_RATE, _LISTS)
    exposure: float = _times(0.3, EXPOSURE)
    routine: float = _shift(0.4, "Readiness of the organisation")
    representative: float = _shift(0.5, "Readiness of representatives")
    fee: float = _fee(0.0)
    wants: AcademicWants = group(AcademicWants)


class NonprofitWants(Wants):
    """What the sector wants from the partnership, by home domain."""

    public: float = _want(0.35, "public")
    private: float = _want(0.15, "private")
    academic: float = _want(0.2, "academic")
    nonprofit: float = _want(0.3, "nonprofit")


class Nonprofit(SectorProfile):
    """Societal organisations."""

    share: float = _share(0.20)
    language: float = _position(0.0, "language")
    goals: float = _position(0.79, "goals")
    culture: float = _position(-0.34, "culture")
    ethos: float = _position(0.77, "ethos")
    need: float = _times(1.1, NEED)
    aspiration: float = _times(0.6, ASPIRATION)
    goodwill: float = _times(1.3, GOODWILL)
    resources: float = _times(0.45, RESOURCES)
    turnover: float = _times(0.9, TURNOVER)
    other_rate: float = _times(0.6, OTHER_RATE, _LISTS)
    exposure: float = _times(0.5, EXPOSURE)
    routine: float = _shift(-0.3, "Readiness of the organisation")
    representative: float = _shift(0.3, "Readiness of representatives")
    fee: float = _fee(0.0)
    wants: NonprofitWants = group(NonprofitWants)


class FurtherSector(SectorProfile):
    """A sector that a scenario adds to the four: what differs from the plain profile, or from the sector it is like."""

    home: Literal["public", "private", "academic", "nonprofit"] | None = param(
        None,
        unit="",
        source="scenario",
        structural=True,
        doc="The sector whose home domains of knowledge it shares; none: its expertise is spread evenly",
    )


class Sectors(Declared):
    """The mix of sectors, how far apart they stand, and how much their members vary.

    A name of its own adds a further sector: ``finance: {like: private, share: 0.2, goals: -0.5}``.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, FurtherSector]

    distance: float = param(
        0.4,
        unit="1",
        low=0,
        high=2,
        symbol="delta",
        doc="Distance between two sectors in each DNA dimension (root mean square)",
    )
    within: float = param(0.12, unit="1", low=0, high=1, doc="Standard deviation of DNA within a sector")
    contrast: float = param(
        0.93,
        unit="1",
        low=0,
        high=2,
        doc="How far sectors differ in need, aspiration, goodwill, size, readiness, turnover and exit; 0: alike",
    )
    goals_by_sector: float = param(
        1.0, unit="1", low=0, high=1, doc="How far private goals over the domains follow the sector; 0: not at all"
    )
    specialisation: float = param(
        0.7, unit="1", low=0, high=0.99, symbol="spec", doc="How much of a sector's expertise lies in its home domains"
    )
    sensitivity_spread: float = param(
        0.8, unit="logit", low=0, high=3, doc="Standard deviation of sensitivity within a sector"
    )
    mission_spread: float = param(0.8, unit="logit", low=0, high=3, doc="Standard deviation of mission within a sector")
    public: Public = group(Public)
    private: Private = group(Private)
    academic: Academic = group(Academic)
    nonprofit: Nonprofit = group(Nonprofit)

    @model_validator(mode="before")
    @classmethod
    def _read_further(cls, values: Any) -> Any:
        return with_further(values) if isinstance(values, Mapping) else values


SECTORS = tuple(name for name, field in Sectors.model_fields.items() if field.annotation is not float)
"""The four sectors that every scenario has, in the order of their numbers and of their home domains."""

MOST_FURTHER = 4
"""Most sectors that a scenario adds: eight can be told apart in a figure."""

NOT_NAMES = ("captured", "fairness", "gini", "net", "value", "false", "na", "nan", "none", "null", "true")
"""Names that no sector can have: ``private_value`` is an outcome of its own, and in a table ``null`` is no name."""


def sector_names(sectors: Any) -> tuple[str, ...]:
    """Name the sectors in the order of their numbers: the four, then the further ones by the alphabet.

    Args:
        sectors: a ``Sectors``, or the same laid out for the rules.
    """
    items = sectors if isinstance(sectors, Sectors) else vars(sectors).items()
    return tuple(name for name, value in items if hasattr(value, "share"))


def with_further(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write further sectors out: by the alphabet, and with the values of the sector that they are like.

    The values are copied here, once: what changes that sector later, an override or a sweep, does not reach the copy.

    Raises:
        ValueError: for a name that no sector can have, or too many.
    """
    further = sorted((name for name in values if name not in Sectors.model_fields), key=str)
    for name in further:
        others = [*Sectors.model_fields, *(str(other) for other in further if other != name)]
        _check_name(name, values[name], others)
    if len(further) > MOST_FURTHER:
        raise ValueError(f"{', '.join(further)}: a scenario adds at most {MOST_FURTHER} sectors to the four")
    own = {name: values[name] for name in values if name in Sectors.model_fields}
    return own | {name: _written_out(name, _plain(values[name]), own) for name in further}


def _check_name(name: Any, profile: Any, others: list[str]) -> None:
    """Refuse a name that would be mistaken for something else, and what is no profile."""
    if not isinstance(profile, (Mapping, SectorProfile)):
        raise ValueError(
            f"{name} = {profile!r}: there is no parameter of that name ({near(name, others)}), "
            f"and a further sector takes a profile, as {name}: {{like: private, share: 0.2}}"
        )
    if not (isinstance(name, str) and re.fullmatch(r"[a-z][a-z0-9_]{1,19}", name)):
        raise ValueError(
            f"{name!r} is not a name for a further sector; give 2 to 20 lower-case letters, digits and _, as finance"
        )
    if hasattr(Sectors, name) or name in NOT_NAMES:
        raise ValueError(f"'{name}' has another meaning; give the further sector another name, as finance")
    close = get_close_matches(name, others, 1, 0.8)
    if close:
        raise ValueError(f"there is no '{name}'; did you mean {close[0]}? A further sector needs a name less like it")


def _written_out(name: str, profile: dict[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Fill a further sector's profile in, from the sector that it is like or else from the plain one."""
    like = profile.pop("like", None)
    if like is None:
        return _changed(FurtherSector().model_dump(), profile)
    if like not in SECTORS:
        raise ValueError(f"{name}.like = {like!r}: give one of {', '.join(SECTORS)}, or leave it out")
    base: dict[str, Any] = getattr(Sectors(), like).model_dump() | {"home": like}
    return _changed(_changed(base, _plain(own.get(like, {}))), profile)


def _changed(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Put changes in place of values, those of a group one by one."""
    both = {name for name in changes if isinstance(values.get(name), dict) and isinstance(changes[name], Mapping)}
    return values | changes | {name: _changed(values[name], dict(changes[name])) for name in both}


def _plain(profile: Any) -> dict[str, Any]:
    if isinstance(profile, Declared):
        return profile.model_dump()
    return dict(profile) if isinstance(profile, Mapping) else {}
