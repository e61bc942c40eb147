"""Counted now what can be read now, and looking up the kept answer of what is too large. Nobody waits for a count of millions of rows.

A kept answer is shown with its time. One that is missing, or older than ten minutes when somebody looks at it, is computed by a worker
(``computing``) while the page shows what there is.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models.functions import Now
from django.utils import timezone

from analytics.ledger.days import Node
from analytics.models import Snapshot
from foundation.hints import hint

from .coding import key_of, needs_as_json, needs_from_json, question_as_json, tallies_from_json
from .questions import Question
from .registry import Needs
from .sources import Tallies, TooManyError, read_tallies

TASK = "analytics.snapshots"
GOOD_FOR = timedelta(minutes=10)
NOTED_EVERY = timedelta(hours=1)
MOST_WAITING = 100
State = Snapshot.State
Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class Wanted:
    """What is to be read: a question, and which columns of its facts; ``stale`` are nodes that cannot be used."""

    question: Question
    needs: Needs
    stale: frozenset[Node] | None = None


@dataclass(frozen=True)
class Counted:
    """Tallies as of a moment; None where there are none yet. ``is_kept``: they were computed earlier. ``is_awaited``: newer ones are
    being computed. ``has_failed``: that did not work out."""

    tallies: Tallies | None
    at: datetime
    is_kept: bool = False
    is_awaited: bool = False
    has_failed: bool = False


def read(question: Question, needs: Needs, *, as_of: datetime) -> Counted:
    """One question, now or kept."""
    return read_all({0: Wanted(question, needs)}, as_of=as_of)[0]


def read_all(wanted: Mapping[Name, Wanted], *, as_of: datetime) -> dict[Name, Counted]:
    """Many questions by any name; those that are too large are looked up together."""
    found, large = {}, {}
    for name, each in wanted.items():
        try:
            found[name] = Counted(read_tallies(each.question, each.needs, as_of=as_of, stale=each.stale), as_of)
        except TooManyError:
            large[name] = each
    return found | _look_up(large, as_of) if large else found


def _look_up(wanted: Mapping[Name, Wanted], as_of: datetime) -> dict[Name, Counted]:
    keys = {name: key_of(each.question) for name, each in wanted.items()}
    known = {row.key: row for row in Snapshot.objects.filter(key__in=keys.values())}
    found = {}
    for name, each in wanted.items():
        row = known.get(keys[name]) or _new(keys[name], each)
        found[name] = _counted(row, each, as_of)
    return found


def _new(key: str, wanted: Wanted) -> Snapshot:
    """A row for a question that nobody has asked before. While a hundred wait it is not written down: whoever looks again asks again."""
    row = Snapshot(key=key, question=question_as_json(wanted.question), needs=needs_as_json(wanted.needs))
    if Snapshot.objects.filter(state=State.WAITING).count() < MOST_WAITING:
        Snapshot.objects.bulk_create([row], ignore_conflicts=True)
        hint(TASK)
    return row


def _counted(row: Snapshot, wanted: Wanted, as_of: datetime) -> Counted:
    known = needs_from_json(row.payload["needs"]) if row.payload else Needs()
    is_known = row.payload is not None and wanted.needs | known == known
    if _is_due(row, wanted, is_known=is_known, as_of=as_of):
        _ask(row, wanted)
    elif row.asked_at < timezone.now() - NOTED_EVERY:
        Snapshot.objects.filter(key=row.key).update(asked_at=timezone.now())
    tallies = tallies_from_json(row.payload["tallies"], wanted.question) if is_known else None
    at = row.watermark if is_known else as_of
    return Counted(tallies, at, is_kept=is_known, is_awaited=row.state == State.WAITING, has_failed=row.state == State.FAILED)


def _is_due(row: Snapshot, wanted: Wanted, *, is_known: bool, as_of: datetime) -> bool:
    """Whether it is to be computed (again). What did not work out is tried again later, not at every look."""
    if row.state == State.WAITING:
        asked = needs_from_json(row.needs)
        return wanted.needs | asked != asked
    if row.state == State.FAILED:
        return row.done_at < timezone.now() - GOOD_FOR
    return not is_known or row.watermark < as_of - GOOD_FOR


def _ask(row: Snapshot, wanted: Wanted) -> None:
    """Have it computed: for all that anybody has asked for so far."""
    row.needs = needs_as_json(needs_from_json(row.needs) | wanted.needs)
    again = {} if row.state == State.WAITING else {"state": State.WAITING, "next_at": Now(), "attempts": 0, "error": ""}
    row.state = State.WAITING
    Snapshot.objects.filter(key=row.key).update(needs=row.needs, asked_at=timezone.now(), **again)
    hint(TASK)
