"""The families by name, each with its rollup and the grains in which that is kept."""

from dataclasses import dataclass
from typing import Any

from analytics.models import (
    Arrival,
    ArrivalRollup,
    Call,
    CallRollup,
    Cycle,
    CycleRollup,
    Delivery,
    DeliveryRollup,
    Effort,
    EffortRollup,
    Fact,
    Money,
    MoneyRollup,
    Passage,
    PassageRollup,
    Reading,
    ReadingRollup,
    Rollup,
    Round,
    RoundRollup,
    Talk,
    TalkRollup,
    Target,
    TargetRollup,
    Verdict,
    VerdictRollup,
)

Grain = tuple[str, ...]
SHARED = ("channel", "category", "reason", "team", "agent", "tier", "priority", "carrier", "warehouse", "sku", "province", "language")
# What a fact can belong to: the ids of one are not those of another.
COMPLAINTS, ORDERS, READINGS = "complaints", "orders", "readings"


@dataclass(frozen=True)
class Family:
    """One kind of facts. ``grains`` is what is rolled up by; their order is part of the rollup.

    ``own`` are dimensions that only it has, ``blind`` are shared ones that say nothing about it. ``of`` says what its rows belong to.
    """

    name: str
    fact: type[Fact]
    rollup: type[Rollup]
    grains: tuple[Grain, ...]
    own: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()
    of: str = COMPLAINTS

    @property
    def dimensions(self) -> tuple[str, ...]:
        return (*(name for name in SHARED if name not in self.blind), *self.own)

    @property
    def table(self) -> str:
        return self.fact._meta.db_table


def _family(fact: type[Fact], rollup: type[Rollup], *grains: str, **options: Any) -> Family:
    return Family(fact.__name__.lower(), fact, rollup, tuple(tuple(grain.split()) for grain in grains), **options)


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in [
        _family(Arrival, ArrivalRollup, "", "channel", "category", "team", "agent", "hour", "channel category", "team category",
                "team channel", own=("hour",)),
        _family(Round, RoundRollup, "", "channel", "team", "agent", "team agent"),
        _family(Effort, EffortRollup, "", "channel", "category", "team", "agent", "team agent"),
        _family(Cycle, CycleRollup, "", "channel", "category", "reason", "team", "agent", "team agent", "team category", "team reason",
                "agent category", own=("outcome",)),
        _family(Passage, PassageRollup, "", "channel", "category", "team", "agent", "team category", "team channel", "team agent",
                "channel category"),
        _family(Target, TargetRollup, "", "kind", "team", "agent", "team kind", "team agent", own=("kind",)),
        _family(Verdict, VerdictRollup, "scale", "scale channel", "scale category", "scale team", "scale agent", "scale team agent",
                own=("scale", "wording")),
        _family(Talk, TalkRollup, "", "team", "agent", "hour", own=("hour",)),
        _family(Call, CallRollup, "", "kind", "team", "agent", "team kind", own=("kind",)),
        _family(Money, MoneyRollup, "kind currency", "kind currency bearer", "kind currency category", "kind currency team",
                "kind currency reason", own=("kind", "currency", "bearer")),
        _family(Delivery, DeliveryRollup, "", "carrier", "warehouse", "province", "sku",
                blind=("channel", "category", "reason", "team", "agent", "tier", "priority", "language"), of=ORDERS),
        _family(Reading, ReadingRollup, "", "category", "article", own=("article",),
                blind=("channel", "reason", "team", "agent", "tier", "priority", "carrier", "warehouse", "sku", "province"), of=READINGS),
    ]
}  # fmt: skip


def families_of(subject: str) -> dict[str, Family]:
    """The families whose rows belong to complaints, to orders or to readings."""
    return {name: family for name, family in FAMILIES.items() if family.of == subject}
