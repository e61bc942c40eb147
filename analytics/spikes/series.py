"""What is watched: categories by arrival and reasons by resolution, alone and crossed with where and what the order was."""

from dataclasses import dataclass

from analytics.ledger.families import FAMILIES, Family
from analytics.models import Spike

Kind, Cross = Spike.Kind, Spike.Cross


@dataclass(frozen=True)
class Axis:
    """One way to split complaints into series. ``flag`` says which facts count: each complaint once.

    A category counts when its complaint arrives. A reason is not known before the resolution, so it counts then: by arrival a window
    that has only just ended could not be compared with old ones.
    """

    kind: str
    cross: str = ""

    @property
    def family(self) -> Family:
        return FAMILIES["arrival" if self.kind == Kind.CATEGORY else "cycle"]

    @property
    def flag(self) -> str:
        return "arrived" if self.kind == Kind.CATEGORY else "last"

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.kind, self.cross) if self.cross else (self.kind,)


@dataclass(frozen=True)
class Series:
    """One category or reason, or one place of it in a cross. ``value`` is a code, or the id of a warehouse or shop as text."""

    kind: str
    code: str
    cross: str = ""
    value: str = ""

    @property
    def axis(self) -> Axis:
        return Axis(self.kind, self.cross)

    @property
    def filter(self) -> dict[str, str]:
        """The facts of the series, as conditions on their columns."""
        return {self.kind: self.code} | ({self.cross: self.value} if self.cross else {})

    @property
    def key(self) -> dict[str, str]:
        return {"kind": self.kind, "code": self.code, "cross": self.cross, "value": self.value}


def axes_of(kind: str, *, has_shops: bool) -> list[Axis]:
    """The axes of a kind. In a house of one shop the shop says nothing."""
    return [Axis(kind, cross) for cross in Cross.values if has_shops or cross != Cross.MERCHANT]


def series_of(spike: Spike) -> Series:
    return Series(spike.kind, spike.code, spike.cross, spike.value)
