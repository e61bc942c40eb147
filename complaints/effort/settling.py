"""From reported stretches to ``effort.recorded``: window by window, each once, whoever dies on the way."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F, Min, QuerySet
from django.utils import timezone

from complaints.effort.reading import read_work
from complaints.effort.shares import Key, Spent, share_out
from complaints.effort.windows import EPOCH, MILLISECOND, WINDOW, in_ms, settled_before, window_of
from complaints.models import Complaint, EffortMark, Event, WorkStretch
from foundation.batch import Batch, take_many
from foundation.events import HEAD_FIELDS, EventSpec, chain_events, put_events
from foundation.failpoints import failpoint
from foundation.sweeps import each_apart

ROUND = 50


def settle_effort(*, limit: int = ROUND) -> int:
    """Settle what is complete of up to ``limit`` agents; returns of how many it settled any. One that fails stays for the next round."""
    before = settled_before(timezone.now())
    waiting = _unsettled().filter(started_at__lt=before).values_list("agent_id", flat=True).distinct()
    return each_apart(list(waiting[:limit]), _settle_agent, put_off=lambda _agent_id: None)


def _settle_agent(agent_id: int) -> bool:
    before, done = settled_before(timezone.now()), False
    while _settle_next(agent_id, before):
        done = True
    return done


@transaction.atomic
def _settle_next(agent_id: int, before: datetime) -> bool:
    """Settle the agent's oldest window. Its events and the mark that it is done are one transaction."""
    mark = EffortMark.objects.select_for_update(skip_locked=True, no_key=True).filter(agent=agent_id).first()
    oldest = _unsettled().filter(agent=agent_id).aggregate(at=Min("started_at"))["at"] if mark else None
    if oldest is None:
        return False
    start = window_of(max(oldest, mark.settled_to))
    if start + WINDOW > before:
        return False
    spent = share_out(read_work(agent_id, start, start + WINDOW), in_ms(start), in_ms(start + WINDOW))
    _note(agent_id, spent)
    mark.settled_to = start + WINDOW
    mark.save(update_fields=["settled_to"])
    failpoint("effort.before_commit")
    return True


def _unsettled() -> QuerySet[WorkStretch]:
    return WorkStretch.objects.filter(ended_at__gt=F("agent__effort_mark__settled_to"))


def _note(agent_id: int, spent: dict[Key, Spent]) -> None:
    """One event per contact, on the chain of the complaint that was worked on. No state of it changes, so nobody is told."""
    by_complaint: dict[int, list[EventSpec]] = defaultdict(list)
    for (complaint_id, contact_id), each in spent.items():
        by_complaint[complaint_id].append(_spec(agent_id, contact_id, each))
    events = {row: chain_events(row, by_complaint[row.pk]) for row in _locked(by_complaint)}
    keys, batch = iter(take_many(Event, sum(map(len, events.values())))), Batch()
    for complaint, noted in events.items():
        batch.update(complaint, *HEAD_FIELDS)
        put_events(batch, noted, keys)
    batch.run()


def _spec(agent_id: int, contact_id: int | None, spent: Spent) -> EventSpec:
    times = {"active_ms": spent.active_ms, "hold_ms": spent.hold_ms, "wrapup_ms": spent.wrapup_ms}
    codes = {"agent": agent_id, "contact": contact_id, **times, "from": spent.start, "to": spent.end}
    return EventSpec("effort.recorded", codes, at=EPOCH + spent.end * MILLISECOND)


def _locked(ids: Collection[int]) -> list[Complaint]:
    """In the order of their keys, as everybody who locks several."""
    return list(Complaint.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))
