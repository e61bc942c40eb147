"""Rollups: sums of facts over 2^level days, for every merchant and for all of them (merchant -1). Made from facts alone.

A node ``(level, idx)`` covers the days ``[idx · 2^level, (idx + 1) · 2^level)`` counted from 2000-01-01, so any range of days is the
sum of at most two nodes of each level.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from . import facts
from .fields import Amount, Duration, Flag

ALL_MERCHANTS = -1
# Buckets of the n-th duration of a family begin at n times this in ``buckets``.
STRIDE = 1024


class Rollup(models.Model):
    """The sums of one family for one key. ``buckets`` and ``counts`` are a sparse histogram of all its durations."""

    pk = models.CompositePrimaryKey("source", "grain", "level", "idx", "merchant", "key")
    source = models.PositiveIntegerField(default=0)
    grain = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField()
    idx = models.IntegerField()
    merchant = models.BigIntegerField()
    key = ArrayField(models.TextField())
    facts = models.PositiveIntegerField(default=0)
    buckets = ArrayField(models.SmallIntegerField(), default=list)
    counts = ArrayField(models.IntegerField(), default=list)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.grain}:{self.level}/{self.idx}"


def durations_of(fact: type[facts.Fact]) -> list[str]:
    """The durations of a family, in the order of their buckets."""
    return [field.name for field in fact._meta.local_fields if isinstance(field, Duration)]


def sums_of(fact: type[facts.Fact]) -> list[str]:
    """Everything of a family that is added up."""
    return [field.name for field in fact._meta.local_fields if isinstance(field, Flag | Amount | Duration)]


def roll_up(fact: type[facts.Fact]) -> type[Rollup]:
    """The model with the sums of a family."""
    sums = {name: models.BigIntegerField(default=0) for name in sums_of(fact)}
    return type(f"{fact.__name__}Rollup", (Rollup,), {"__module__": __name__, "__doc__": f"Sums of {fact.__name__} rows.", **sums})


ArrivalRollup = roll_up(facts.Arrival)
RoundRollup = roll_up(facts.Round)
EffortRollup = roll_up(facts.Effort)
CycleRollup = roll_up(facts.Cycle)
PassageRollup = roll_up(facts.Passage)
TargetRollup = roll_up(facts.Target)
VerdictRollup = roll_up(facts.Verdict)
TalkRollup = roll_up(facts.Talk)
CallRollup = roll_up(facts.Call)
MoneyRollup = roll_up(facts.Money)
DeliveryRollup = roll_up(facts.Delivery)
ReadingRollup = roll_up(facts.Reading)
