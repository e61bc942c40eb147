"""What other policies would have kept and missed: the clocks that really ran, dated anew. Pure but for the calendars' hours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.calendars import hours_of
from complaints.models import SlaPolicy
from complaints.sla.policies import Facts, target_for

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class PastClock:
    """One obligation as it went: what policies look at, and when its time ran. ``is_over`` is False while it still runs."""

    number: str
    kind: str
    facts: Facts
    started_at: datetime
    spans: Sequence[Span]
    is_over: bool = True
    percent: int = 100


@dataclass
class Tally:
    """Clocks of one kind that were kept and missed."""

    kept: int = 0
    missed: int = 0

    @property
    def percent(self) -> int:
        return round(100 * self.kept / (self.kept + self.missed)) if self.kept + self.missed else 100


@dataclass
class Simulation:
    """Kept and missed by kind before and after, and the complaints for which it differs."""

    before: dict[str, Tally] = field(default_factory=dict)
    after: dict[str, Tally] = field(default_factory=dict)
    worse: list[str] = field(default_factory=list)
    better: list[str] = field(default_factory=list)


def simulate(clocks: Iterable[PastClock], *, before: Sequence[SlaPolicy], after: Sequence[SlaPolicy]) -> Simulation:
    """Date every clock by both sets of policies."""
    found = Simulation()
    for clock in clocks:
        was, would = is_missed(clock, before), is_missed(clock, after)
        for tallies, missed in ((found.before, was), (found.after, would)):
            tally = tallies.setdefault(clock.kind, Tally())
            tally.missed += missed
            tally.kept += not missed
        if was != would:
            (found.worse if would else found.better).append(clock.number)
    return found


def is_missed(clock: PastClock, policies: Sequence[SlaPolicy]) -> bool:
    """Whether a clock would have run out; an answer in the very moment is in time."""
    due_at = due_of(clock, policies)
    return due_at is not None and due_at < clock.spans[-1][1]


def due_of(clock: PastClock, policies: Sequence[SlaPolicy]) -> datetime | None:
    """When its time would have been used up, None if that did not happen while it ran."""
    target = target_for(clock.kind, clock.facts, clock.started_at, percent=clock.percent, policies=policies)
    hours, left = hours_of(target.calendar_id), target.seconds
    for start, end in clock.spans:
        due_at = hours.add(start, left)
        if due_at <= end:
            return due_at
        left -= hours.between(start, end)
    return None
