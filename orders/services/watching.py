"""Following waybills that we do not ship: subscribe once, and ask when the carrier stays silent. Every question is a leased row."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from foundation.hints import hint
from foundation.leases import claim, finish, give_back
from orders.carriers import adapter_for
from orders.carriers.base import CarrierAdapter, CarrierTag, CarrierUnavailableError, Cause
from orders.models import Carrier, WaybillWatch
from ui.normalise import normalise_code

from .tracking import OVER, record_scans

logger = logging.getLogger(__name__)
BATCH = 5
LEASE_SECONDS = 150  # longer than a batch of two calls each that all run into their time limit
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
SLOW = timedelta(hours=6)  # until somebody has changed a key
REST = timedelta(minutes=1)
AFTER_DELIVERY, LONGEST_WATCH = timedelta(days=7), timedelta(days=90)
DOWN = {Cause.TIMEOUT, Cause.UNREACHABLE, Cause.DROPPED, Cause.SERVER_ERROR, Cause.BUSY}
TASK = "orders.watches"


@transaction.atomic
def watch_waybill(carrier: Carrier, waybill: str, *, phone_tail: str = "") -> WaybillWatch:
    """Follow a waybill from now on; one that is followed already stays so, one whose watch ended is followed again.

    The carrier is asked after the commit, by a worker. ``phone_tail``: four digits of the sender's phone, which some carriers ask for.
    """
    found, is_new = WaybillWatch.objects.get_or_create(
        carrier=carrier, waybill=normalise_code(waybill), defaults={"phone_tail": phone_tail}
    )
    watch = WaybillWatch.objects.select_for_update(no_key=True).get(pk=found.pk)
    if not is_new and (watch.ended_at or (phone_tail and phone_tail != watch.phone_tail)):
        _begin_anew(watch, phone_tail or watch.phone_tail)
    hint(TASK)
    return watch


def end_watch(carrier: Carrier, waybill: str) -> bool:
    """Follow a waybill no longer; its scans stay, the phone tail goes. True when it was followed."""
    watched = WaybillWatch.objects.filter(carrier=carrier, waybill=normalise_code(waybill), ended_at__isnull=True)
    return watched.update(ended_at=Now(), **OVER) == 1


def due_watches() -> QuerySet[WaybillWatch]:
    """Watches that may be claimed now. A carrier that nobody follows is not asked, and is once somebody says who does."""
    return WaybillWatch.objects.filter(ended_at__isnull=True, next_at__lte=Now()).exclude(carrier__tracker="").select_related("carrier")


def ask_carriers(*, limit: int = BATCH) -> int:
    """Subscribe and ask for one batch of due watches; returns how many rows were worked. Must run outside every transaction."""
    rows = claim(due_watches(), seconds=LEASE_SECONDS, limit=limit, parked={"ended_at": Now(), "why": "crashed"})
    down: set[str] = set()
    for watch in rows:
        try:
            down |= _look_after(watch, down)
        except Exception:
            logger.exception("watch %d is tried again when its lease is over", watch.pk)
    return len(rows)


def adapter_of(watch: WaybillWatch) -> CarrierAdapter:
    carrier = watch.carrier
    return adapter_for(carrier.tracker, courier=watch.tracker_code or carrier.tracker_code or carrier.code)


def is_over(watch: WaybillWatch) -> bool:
    """Nothing more is to be expected: delivered a week ago, or followed for three months."""
    now = timezone.now()
    if watch.created_at < now - LONGEST_WATCH:
        return True
    return watch.scans.filter(tag=CarrierTag.DELIVERED, at__lt=now - AFTER_DELIVERY, at__gt=watch.created_at - LONGEST_WATCH).exists()


def next_question(watch: WaybillWatch, adapter: CarrierAdapter) -> datetime | None:
    """When the carrier may be asked: after a silence, and never sooner than it allows. None: at once."""
    quiet_since = max(filter(None, [watch.heard_at, watch.subscribed_at]), default=None)
    waits = [quiet_since + adapter.silence] if quiet_since else []
    return max([*waits, *([adapter.may_ask_at(watch.asked_at)] if watch.asked_at else [])], default=None)


def next_wait(watch: WaybillWatch) -> timedelta:
    """Half of the time without news, between 30 s and an hour."""
    waited = timezone.now() - (watch.heard_at or watch.created_at)
    return min(max(waited / 2, FIRST_WAIT), LONGEST_WAIT)


def _begin_anew(watch: WaybillWatch, phone_tail: str) -> None:
    # The fence moves, so that a worker who still holds the old watch writes nothing over the new one.
    watch.ended_at, watch.subscribed_at, watch.phone_tail, watch.why = None, None, phone_tail, ""
    watch.created_at, watch.next_at, watch.fence = Now(), Now(), F("fence") + 1
    watch.save(update_fields=["ended_at", "subscribed_at", "phone_tail", "why", "created_at", "next_at", "fence"])
    watch.refresh_from_db()


def _look_after(watch: WaybillWatch, down: set[str]) -> set[str]:
    """One watch; a carrier that just did not answer at all is not asked again in this batch. Returns the tracker if it is down."""
    if watch.carrier.tracker in down:
        give_back(watch, delay=REST)
    elif is_over(watch):
        finish(watch, ended_at=Now(), phone_tail="")
    else:
        return _follow(watch, adapter_of(watch))
    return set()


def _follow(watch: WaybillWatch, adapter: CarrierAdapter) -> set[str]:
    """Subscribe if that is still to be done, ask if it is time; returns the tracker if it does not answer at all."""
    fault = _subscribe(watch, adapter) if watch.subscribed_at is None else None
    due_at = next_question(watch, adapter)
    if due_at is None or due_at <= timezone.now():
        fault = _ask(watch, adapter) or fault
    if fault is None:
        next_at = next_question(watch, adapter) or timezone.now() + adapter.silence
        give_back(watch, delay=max(next_at - timezone.now(), timedelta(0)), why="")
        return set()
    give_back(watch, delay=next_wait(watch) if fault.is_passing else SLOW, why=fault.cause.value)
    return {watch.carrier.tracker} if fault.cause in DOWN else set()


def _subscribe(watch: WaybillWatch, adapter: CarrierAdapter) -> CarrierUnavailableError | None:
    try:
        adapter.subscribe(watch.waybill, watch.phone_tail)
    except CarrierUnavailableError as fault:
        return fault
    _note(watch, subscribed_at=timezone.now())
    return None


def _ask(watch: WaybillWatch, adapter: CarrierAdapter) -> CarrierUnavailableError | None:
    # Written down before the question: whoever dies while asking must not ask again too soon.
    if not _note(watch, asked_at=timezone.now()):
        return None
    try:
        scans = adapter.query(watch.waybill, watch.phone_tail)
    except CarrierUnavailableError as fault:
        return fault
    record_scans(adapter.code, scans)
    _note(watch, heard_at=timezone.now())
    return None


def _note(watch: WaybillWatch, **changes: datetime) -> bool:
    """Write while the lease is ours; False when it is not any more."""
    for name, value in changes.items():
        setattr(watch, name, value)
    return WaybillWatch.objects.filter(pk=watch.pk, fence=watch.fence).update(**changes) == 1
