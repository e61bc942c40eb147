"""Tallies: what definitions read. Sums by name and spreads of durations, whether they come from rollups or from rows of facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from analytics.ledger.families import Family
from analytics.models import STRIDE, Fact, durations_of, sums_of

from .opens import count_open
from .results import Spread


@dataclass
class Tally:
    """Sums of one set of facts. ``tally["answered"]`` is the size of a set, ``tally.spread("frt_s")`` the values of a duration."""

    family: Family
    sums: dict[str, int] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    ages: dict[str, dict[int, int]] = field(default_factory=dict)
    age_totals: dict[str, int] = field(default_factory=dict)
    facts: int = 0
    standing: int = 0
    standing_ages: Spread = Spread()
    usual_ms: int = 0
    beside: dict[str, int] = field(default_factory=dict)

    def stood(self) -> int:
        """How many were open when the span began; of families that know it."""
        return self.standing

    def aged(self) -> Spread:
        """How old what was open at the end of the span was then."""
        return self.standing_ages

    def usual(self) -> int:
        """The work in milliseconds that as many complaints of the same kinds take everybody on average."""
        return self.usual_ms

    def look_up(self, name: str) -> int:
        """What is counted elsewhere (``lookups``) for the same days and filters."""
        return self.beside.get(name, 0)

    def __getitem__(self, name: str) -> int:
        return self.sums.get(name, 0)

    def spread(self, name: str) -> Spread:
        start = durations_of(self.family.fact).index(name) * STRIDE
        buckets = sorted((number - start, n) for number, n in self.counts.items() if start <= number < start + STRIDE)
        return Spread(self[name], tuple(buckets), self.age_totals.get(name, 0), tuple(sorted(self.ages.get(name, {}).items())))

    def add_ages(self, name: str, number: int, n: int, total: int) -> None:
        """Add ``n`` rows whose duration goes on: the bucket of their ages, and the sum of them in seconds."""
        ages = self.ages.setdefault(name, {})
        ages[number] = ages.get(number, 0) + n
        self.age_totals[name] = self.age_totals.get(name, 0) + total

    def add_rollup(self, row: Mapping[str, Any]) -> None:
        """Add a row of a rollup."""
        self.facts += row["facts"]
        for name in sums_of(self.family.fact):
            self.sums[name] = self[name] + int(row[name])
        for number, n in zip(row["buckets"], row["counts"], strict=True):
            self.counts[number] = self.counts.get(number, 0) + n

    def add_fact(self, fact: Fact) -> None:
        """Add one row of facts, as brute force does."""
        self.facts += 1
        for name in sums_of(self.family.fact):
            self.sums[name] = self[name] + (getattr(fact, name) or 0)
        for place, name in enumerate(durations_of(self.family.fact)):
            quantised = getattr(fact, f"{name}_b")
            if quantised is not None:
                self.counts[place * STRIDE + quantised] = self.counts.get(place * STRIDE + quantised, 0) + 1


def tally_of(family: Family, facts: Iterable[Fact], *, as_of: datetime) -> Tally:
    """The tally of some facts at a moment: what is open is counted at its age."""
    tally = Tally(family)
    for fact in facts:
        tally.add_fact(fact)
        count_open(tally, fact, as_of)
    return tally
