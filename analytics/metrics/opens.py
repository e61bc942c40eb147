"""What a figure counts only when it is asked for: waits that go on, deadlines that have passed and that nobody has ended.

Facts hold no present, so these few open rows are read beside the sums and judged at one moment.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q

from analytics.ledger.entries import seconds
from analytics.ledger.rounds import LIMIT


def _age_of_arrival(tally: Any, row: Any, as_of: datetime) -> None:
    _age(tally, "frt_s", row.started_at, as_of)


def _age_of_round(tally: Any, row: Any, as_of: datetime) -> None:
    if row.later_waiting:
        _age(tally, "nrt_s", row.started_at, as_of)
    if row.minute_waiting and row.started_at + LIMIT < as_of:
        _add(tally, "minute", 1)


def _overdue_target(tally: Any, row: Any, as_of: datetime) -> None:
    if row.due_at < as_of:
        _add(tally, "due", 1)
        _add(tally, "missed", 1)


def _age_of_talk(tally: Any, row: Any, as_of: datetime) -> None:
    _age(tally, "wait_s", row.queued_at, as_of)


def _overdue_call(tally: Any, row: Any, as_of: datetime) -> None:
    if row.due_at < as_of:
        _add(tally, "due", 1)


def _age(tally: Any, name: str, since: datetime, as_of: datetime) -> None:
    tally.ages.setdefault(name, []).append(seconds(since, as_of))


def _add(tally: Any, name: str, number: int) -> None:
    tally.sums[name] = tally[name] + number


# By family: the flags of rows that are open, and what one of them adds at a moment.
OPEN: dict[str, tuple[tuple[str, ...], Callable[[Any, Any, datetime], None]]] = {
    "arrival": (("waiting",), _age_of_arrival),
    "round": (("later_waiting", "minute_waiting"), _age_of_round),
    "target": (("pending",), _overdue_target),
    "talk": (("waiting",), _age_of_talk),
    "call": (("pending",), _overdue_call),
}


def open_rows(family: str) -> Q | None:
    """Which rows of a family are open; None where none ever is."""
    flags = OPEN[family][0] if family in OPEN else ()
    return Q(*((flag, 1) for flag in flags), _connector=Q.OR) if flags else None


def part_of(family: str, flag: str, as_of: datetime) -> Q:
    """The facts that a set counts at a moment: those with its flag, and open ones that belong to it by then."""
    return Q(**{flag: 1}) | OVERDUE[family, flag](as_of) if (family, flag) in OVERDUE else Q(**{flag: 1})


def _overdue(as_of: datetime) -> Q:
    return Q(pending=1, due_at__lt=as_of)


def _too_long(as_of: datetime) -> Q:
    return Q(minute_waiting=1, started_at__lt=as_of - LIMIT)


# What the functions above add to a set, as a condition.
OVERDUE: dict[tuple[str, str], Callable[[datetime], Q]] = {
    ("target", "due"): _overdue,
    ("target", "missed"): _overdue,
    ("call", "due"): _overdue,
    ("round", "minute"): _too_long,
}


def count_open(tally: Any, row: Any, as_of: datetime) -> None:
    """Add what an open row counts at a moment; a finished row adds nothing."""
    flags, add = OPEN.get(tally.family.name, ((), None))
    if add is not None and any(getattr(row, flag) for flag in flags):
        add(tally, row, as_of)
