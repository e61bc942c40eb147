"""What a figure counts only when it is asked for: waits that go on, deadlines that have passed and that nobody has ended.

Facts hold no present, so these few open rows are read beside the sums and judged at one moment.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from analytics.ledger.entries import seconds
from analytics.ledger.rounds import LIMIT

from .buckets import bucket


@dataclass(frozen=True)
class Waiting:
    """Rows whose ``duration`` goes on: those with ``flag`` count at their age since ``since``."""

    duration: str
    flag: str
    since: str

    @property
    def condition(self) -> Q:
        return Q(**{self.flag: 1})

    def add(self, tally: Any, row: Any, as_of: datetime) -> None:
        if getattr(row, self.flag):
            age = seconds(getattr(row, self.since), as_of)
            tally.add_ages(self.duration, bucket(age), 1, age)


@dataclass(frozen=True)
class Overdue:
    """Rows that belong to ``sets`` once a moment has passed by more than ``after`` while they still have ``flag``."""

    sets: tuple[str, ...]
    flag: str
    since: str
    after: timedelta = timedelta(0)

    def condition(self, as_of: datetime) -> Q:
        return Q(**{self.flag: 1, f"{self.since}__lt": as_of - self.after})

    def add(self, tally: Any, row: Any, as_of: datetime) -> None:
        if getattr(row, self.flag) and getattr(row, self.since) + self.after < as_of:
            for name in self.sets:
                tally.sums[name] = tally[name] + 1


# By family.
WAITING: dict[str, tuple[Waiting, ...]] = {
    "arrival": (Waiting("frt_s", "waiting", "started_at"),),
    "round": (Waiting("nrt_s", "later_waiting", "started_at"),),
    "talk": (Waiting("wait_s", "waiting", "queued_at"),),
}
OVERDUE: dict[str, Overdue] = {
    "target": Overdue(("due", "missed"), "pending", "due_at"),
    "call": Overdue(("due",), "pending", "due_at"),
    "round": Overdue(("minute",), "minute_waiting", "started_at", LIMIT),
}


def part_of(family: str, flag: str, as_of: datetime) -> Q:
    """The facts that a set counts at a moment: those with its flag, and open ones that belong to it by then."""
    overdue = OVERDUE.get(family)
    return Q(**{flag: 1}) | overdue.condition(as_of) if overdue and flag in overdue.sets else Q(**{flag: 1})


def count_open(tally: Any, row: Any, as_of: datetime) -> None:
    """Add what an open row counts at a moment; a finished row adds nothing."""
    overdue = OVERDUE.get(tally.family.name)
    for each in (*WAITING.get(tally.family.name, ()), *((overdue,) if overdue else ())):
        each.add(tally, row, as_of)
