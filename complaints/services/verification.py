"""Checking that nothing in the chains of events was changed, removed, moved or cut off."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from complaints.models import Complaint, Event
from foundation.events import find_break

BATCH = 200


@dataclass(frozen=True)
class BrokenChain:
    """The first bad entry of one complaint's chain."""

    number: str
    seq: int
    fault: str


def verify_chains(complaints: QuerySet[Complaint], *, progress: Callable[[int], Any] = lambda done: None) -> Iterator[BrokenChain]:
    """Check chains batch by batch and yield the first bad entry of each broken one.

    ``fault``: payload or altered (something was changed), missing (a gap, or cut off at the end), reordered, head (the row's head
    does not fit). Each batch is read from one snapshot, so complaints may be worked on meanwhile.
    """
    after, done = 0, 0
    while batch := _read_batch(complaints, after):
        for complaint, events in batch:
            found = find_break(events, head_seq=complaint.head_seq, head_hash=complaint.head_hash)
            if found:
                yield BrokenChain(complaint.number, found.seq, found.fault)
        after, done = batch[-1][0].pk, done + len(batch)
        progress(done)


def _read_batch(complaints: QuerySet[Complaint], after: int) -> list[tuple[Complaint, list[Event]]]:
    with transaction.atomic():
        if not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rows = list(complaints.filter(pk__gt=after).only("pk", "number", "head_seq", "head_hash").order_by("pk")[:BATCH])
        chains: dict[int, list[Event]] = {row.pk: [] for row in rows}
        for event in Event.objects.filter(complaint_id__in=chains).order_by("complaint_id", "seq", "id"):
            chains[event.complaint_id].append(event)
    return [(row, chains[row.pk]) for row in rows]
