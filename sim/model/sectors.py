"""The sectors and what they bring: DNA, expertise, sensitivity, mission and rivalry."""

from sim.core.declare import Declared, group, param

DNA = ("language", "goals", "culture", "ethos")
LANGUAGE, GOALS, CULTURE, ETHOS = range(len(DNA))

_POSITION = "assumption; sectors differ in language, goals, culture and ethos (Het Klimaatkantoor 2020)"


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


class Public(SectorProfile):
    """Ministries, municipalities, agencies."""

    share: float = _share(0.15)
    language: float = _position(0.28, "language")
    goals: float = _position(0.63, "goals")
    culture: float = _position(0.85, "culture")
    ethos: float = _position(0.34, "ethos")


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


class Academic(SectorProfile):
    """Universities and institutes."""

    share: float = _share(0.15)
    language: float = _position(0.95, "language")
    goals: float = _position(0.16, "goals")
    culture: float = _position(0.26, "culture")
    ethos: float = _position(0.43, "ethos")


class Nonprofit(SectorProfile):
    """Societal organisations."""

    share: float = _share(0.20)
    language: float = _position(0.0, "language")
    goals: float = _position(0.79, "goals")
    culture: float = _position(-0.34, "culture")
    ethos: float = _position(0.77, "ethos")


class Sectors(Declared):
    """The mix of sectors, how far apart they stand, and how much their members vary."""

    distance: float = param(
        0.6,
        unit="1",
        low=0,
        high=2,
        symbol="delta",
        doc="Distance between two sectors in each DNA dimension (root mean square)",
    )
    within: float = param(0.12, unit="1", low=0, high=1, doc="Standard deviation of DNA within a sector")
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


SECTORS = tuple(name for name, field in Sectors.model_fields.items() if field.annotation is not float)
"""The names of the sectors; a new one goes last in ``Sectors``, so that the others keep their numbers."""
