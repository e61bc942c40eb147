"""Everything folded from the first event on, into a copy beside the ledger: to prove that both are the same, or to replace it.

The copy are rows of the same tables under a source of its own (``turns.COPY``), which no screen reads: so it has the same columns,
constraints and rights, nothing is renamed, and whoever reads meanwhile sees the old figures or the new ones. It is filled by ranges,
each a transaction with its mark in ``FillRange``; killed anywhere, the next run goes on there.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, Model
from django.utils import timezone

from analytics.models import AnalyticsCursor, DirtyNode, FillRange
from complaints.models import Complaint, Event, EventFeed, EventPending
from foundation.events import read_feed
from foundation.failpoints import failpoint
from knowledge.models import ReadingSession
from orders.models import Order, OrderEvent, OrderEventPending, OrderFeed

from .comparing import Difference, compare, forget_copy, replace
from .families import COMPLAINTS, FAMILIES, ORDERS, READINGS, families_of
from .filling import (
    CONSUMER,
    ENTRIES,
    fold_groups,
    refold_news,
    refold_order_news,
    refold_orders,
    refold_reading_news,
    refold_readings,
)
from .rolling import roll_above, roll_days
from .turns import COPY, HOUSE, turn

RANGE = 500
Progress = Callable[[int, int], Any]


def say_nothing(done: int, total: int) -> None:
    """Whoever does not look on."""


@dataclass(frozen=True)
class Feed:
    """A feed, what is done with its entries, and the events that may still be on their way into it."""

    entries: type[Model]
    refold: Callable[..., None]
    pending: type[Model] | None = None
    events: type[Model] | None = None
    subject: str = ""


@dataclass(frozen=True)
class Part:
    """Something that is filled by ranges of its keys, and then from its feed."""

    subjects: type[Model]
    feed: Feed
    fold: Callable[[range, Collection[str]], None]


def rebuild(families: Collection[str] = (), *, progress: Progress = say_nothing, summing: Progress = say_nothing) -> list[Difference]:
    """Fold everything anew and put it in the place of what is there; returns where that differed. No families: all of them.

    Goes on where an earlier run of the same families was stopped. ``progress`` hears of complaints and orders, ``summing`` of days.
    """
    fill_copy(families, progress=progress, summing=summing)
    return _finish(replace, first=_skip_what_is_replaced)


def verify(families: Collection[str] = (), *, progress: Progress = say_nothing, summing: Progress = say_nothing) -> list[Difference]:
    """Fold everything anew and compare; returns where the ledger differs from it. Changes nothing in the ledger."""
    fill_copy(families, progress=progress, summing=summing)
    return _finish(conclude=lambda _families: None)


def fill_copy(families: Collection[str] = (), *, progress: Progress = say_nothing, summing: Progress = say_nothing) -> None:
    """Fill the copy, up to the end of the feeds."""
    _begin(_with_sources(families))
    total = sum(FillRange.objects.values_list("last_id", flat=True))
    for name in PARTS:
        while _fill_range(name):
            progress(min(total, sum(FillRange.objects.values_list("done_id", flat=True))), total)
    for name in PARTS:
        while _catch_up(name):
            pass
    failpoint("rebuild.caught_up")
    rolled = 0
    while n := _roll():
        rolled += n
        summing(rolled, rolled + DirtyNode.objects.count())


def _with_sources(families: Collection[str]) -> list[str]:
    """Deliveries are folded from arrivals, so these are rebuilt with them."""
    wanted = set(families or FAMILIES)
    return sorted(wanted | {"arrival"} if wanted & families_of(ORDERS).keys() else wanted)


def _begin(families: list[str]) -> None:
    """Note where the feeds stand before anything is read; what an earlier run has done counts if it was for the same families."""
    begun = FillRange.objects.filter(name__in=PARTS)
    if begun.count() == len(PARTS) and all(row.pos["families"] == families for row in begun):
        return
    begun.delete()
    forget_copy()
    with transaction.atomic():
        for name, part in PARTS.items():
            end = _last(part.feed.entries, "pos")
            pos = {"families": families, "begun": end, "feed": end}
            FillRange.objects.create(name=name, last_id=_last(part.subjects), started_at=timezone.now(), pos=pos)


def _last(model: type[Model], column: str = "pk") -> int:
    return model._base_manager.aggregate(last=Max(column))["last"] or 0


def _fill_range(name: str) -> bool:
    """Fold the next range of complaints or orders; False when there is none."""
    with transaction.atomic():
        row = FillRange.objects.select_for_update().get(name=name)
        if row.done_id >= row.last_id:
            return False
        first, row.done_id = row.done_id + 1, min(row.done_id + RANGE, row.last_id)
        PARTS[name].fold(range(first, row.done_id + 1), row.pos["families"])
        row.save(update_fields=["done_id"])
        failpoint("rebuild.filled")
    return True


def _catch_up(name: str) -> bool:
    """Fold what has come since the copy was begun; False when nothing has."""
    feed = PARTS[name].feed
    with transaction.atomic():
        row = FillRange.objects.select_for_update().get(name=name)
        entries = read_feed(feed.entries, after=row.pos["feed"], limit=ENTRIES)
        if entries:
            feed.refold(entries, into=(COPY,), families=row.pos["families"])
            row.pos["feed"] = entries[-1].pos
            row.save(update_fields=["pos"])
    return bool(entries)


def _finish(conclude: Callable[[Collection[str]], None], *, first: Callable[[Collection[str]], None] | None = None) -> list[Difference]:
    """Bring ledger and copy to the same moment, compare them, do what is to follow and forget the copy."""
    with turn():
        families = FillRange.objects.get(name=COMPLAINTS).pos["families"]
        if first:
            first(families)
        fold_what_is_new(families, into=(HOUSE, COPY))
        found = compare(families)
        conclude(families)
        failpoint("rebuild.before_swap")
        FillRange.objects.filter(name__in=PARTS).delete()
    failpoint("rebuild.after_swap")
    forget_copy()
    return found


def _skip_what_is_replaced(families: Collection[str]) -> None:
    """A ledger that had not read so far when the copy was begun, or had never been filled, is not folded up to there: the copy was."""
    if set(families) < FAMILIES.keys():
        return
    for row in FillRange.objects.filter(name__in=PARTS):
        place = {"consumer": CONSUMER, "feed": PARTS[row.name].feed.entries._meta.label_lower}
        AnalyticsCursor.objects.get_or_create(**place)
        AnalyticsCursor.objects.filter(**place, pos__lt=row.pos["begun"]).update(pos=row.pos["begun"])


def fold_what_is_new(families: Collection[str], *, into: Sequence[int]) -> None:
    """What ledger or copy may not have folded yet is folded once and stored in each; then all sums are made new."""
    for part in PARTS.values():
        entries = list(_unread(part.feed))
        for first in range(0, len(entries), ENTRIES):
            part.feed.refold(entries[first : first + ENTRIES], into=into, families=families)
    while roll_days() or roll_above():
        pass


def _unread(feed: Feed) -> Iterator[Any]:
    """What ledger or copy have not read. What is in no feed yet comes first: it may get its place there meanwhile, and is found twice."""
    if feed.pending:
        waiting = feed.events._base_manager.filter(pk__in=feed.pending._base_manager.values("event_id"))
        for pk, subject, kind in waiting.values_list("pk", feed.subject, "kind"):
            yield feed.entries(event_id=pk, subject_id=subject, kind=kind)
    read = [row.pos["feed"] for row in FillRange.objects.filter(name__in=PARTS) if PARTS[row.name].feed is feed]
    cursor = AnalyticsCursor.objects.filter(consumer=CONSUMER, feed=feed.entries._meta.label_lower).first()
    yield from feed.entries._base_manager.filter(pos__gt=min([*read, cursor.pos if cursor else 0])).order_by("pos")


def _roll() -> int:
    with turn():
        return roll_days() or roll_above()


def _fold_complaints(ids: range, families: Collection[str]) -> None:
    """Also what is merged into others, so that what a copy has of it goes; the facts stand under the surviving complaint."""
    fold_groups(ids, into=(COPY,), families=families)


def _fold_orders(ids: range, families: Collection[str]) -> None:
    refold_orders(set(Order.objects.filter(pk__in=ids).values_list("pk", flat=True)), into=(COPY,), families=families)


def _fold_readings(ids: range, families: Collection[str]) -> None:
    refold_readings(set(ids), into=(COPY,), families=families)


# Orders come second: their facts are folded from those of the complaints.
PARTS: dict[str, Part] = {
    COMPLAINTS: Part(Complaint, Feed(EventFeed, refold_news, EventPending, Event, "complaint_id"), _fold_complaints),
    ORDERS: Part(Order, Feed(OrderFeed, refold_order_news, OrderEventPending, OrderEvent, "order_id"), _fold_orders),
    READINGS: Part(ReadingSession, Feed(ReadingSession, refold_reading_news), _fold_readings),
}
