"""What carriers have seen of return parcels: from the feed of waybills to scans of parcels, and from those to their states.

Two steps, each found again by its sweep: ``read_waybill_news`` copies scans and notes which parcels have news, without touching a
case; ``follow_parcels`` folds them parcel by parcel, each under the locks of its cases, so that one that fails stops no other.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from foundation.events import consume_feed
from foundation.exceptions import VersionConflictError
from foundation.sweeps import each_apart
from foundation.verbs import lock
from orders.carriers.base import CarrierScan
from orders.carriers.fold import scan_order
from orders.models import Shipment, WaybillFeed, WaybillScan, WaybillWatch
from orders.services import carrier_scan, end_watch, scan_digest
from workflows.cases.clauses.returning import LIVE_STATES
from workflows.cases.journey import Journey, fold_journey, of_this_journey, on_the_way_back, route, target_of
from workflows.machines.parcel import ParcelState
from workflows.models import Case, CaseCursor, Parcel, ParcelNews, TrackEvent
from workflows.services.act import OF_CASE, CaseAct
from workflows.services.returning import put_parcel_seen

CONSUMER = "workflows.tracks"
ROUND = 50
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
SAID = tuple(field.name for field in fields(CarrierScan) if field.name != "waybill")


def read_waybill_news(*, limit: int = 500) -> int:
    """Copy the next scans of the feed to the parcels they are about; returns how many entries were read."""
    return consume_feed(CaseCursor, WaybillFeed, CONSUMER, work=_note_entries, limit=limit)


def follow_parcels(*, limit: int = ROUND) -> int:
    """Fold the scans of the parcels that have news; returns how many moved on. One that fails is put off."""
    due = ParcelNews.objects.filter(next_at__lte=Now()).order_by("next_at", "pk").values_list("pk", flat=True)[:limit]
    return each_apart(list(due), _follow, put_off=_put_off)


@transaction.atomic
def take_scans(parcel: Parcel, scans: Iterable[CarrierScan] = ()) -> Parcel:
    """Add scans to a parcel and let it, and the cases in it, follow from all that it has. Doing it twice changes nothing more.

    Raises ``VersionConflictError`` when a case was added to the parcel meanwhile. Returns the fresh row.
    """
    row, acts = _open(parcel)
    if acts:
        first, *others = acts
        put_scans(first, row, scans, others=others)
        for act in acts:
            if row.state in LIVE_STATES:
                put_parcel_seen(act, row)
        for act in acts:
            act.finish()
    return row


def put_scans(act: CaseAct, parcel: Parcel, scans: Iterable[CarrierScan], *, others: Sequence[CaseAct] = ()) -> bool:
    """Within an act: add scans to a locked parcel and move it to where all its scans say it is. True when anything changed.

    ``others`` are acts on further cases of the same parcel, which note the same moves. A parcel whose life is over only keeps the scans.
    """
    store_scans([(parcel, scan) for scan in scans])
    if parcel.state not in LIVE_STATES:
        if parcel.carrier is not None and parcel.waybill:
            end_watch(parcel.carrier, parcel.waybill)
        return False
    rows = sorted(parcel.scans.all(), key=lambda row: scan_order(_scan_of(row, parcel)))
    journey = fold_journey(_counted(act.case, parcel, [_scan_of(row, parcel) for row in rows]))
    has_moved = _walk(act, parcel, journey, others, event=rows[-1].pk if rows else None)
    return _keep_times(act, parcel, journey) or has_moved


def store_scans(seen: Iterable[tuple[Parcel, CarrierScan]]) -> None:
    """Append what was seen of parcels; what a parcel has already stays as it is."""
    rows = [TrackEvent(parcel=parcel, digest=scan_digest(scan), **{name: getattr(scan, name) for name in SAID}) for parcel, scan in seen]
    TrackEvent.objects.bulk_create(rows, ignore_conflicts=True)


def _note_entries(entries: list) -> None:
    """Every scan of the waybills in the news, not only the new ones: a parcel may have been named after its first scans."""
    watches = list(WaybillWatch.objects.filter(pk__in={entry.subject_id for entry in entries}))
    parcels = _parcels_of(watches)
    waybills = {watch.pk: watch.waybill for watch in watches if watch.pk in parcels}
    rows = WaybillScan.objects.filter(watch__in=list(waybills)).order_by("pk")
    store_scans((parcels[row.watch_id], carrier_scan(row, waybills[row.watch_id])) for row in rows)
    note_news(parcels.values())


def note_news(parcels: Iterable[Parcel]) -> None:
    """Have parcels folded soon. A fold that is under way is waited for, so that it cannot end without the newest scans."""
    rows = [ParcelNews(parcel=parcel, next_at=Now()) for parcel in sorted(parcels, key=lambda each: each.pk)]
    ParcelNews.objects.bulk_create(rows, update_conflicts=True, unique_fields=["parcel"], update_fields=["next_at"])


def _parcels_of(watches: Iterable[WaybillWatch]) -> dict[int, Parcel]:
    """The parcel of each watched waybill: the one that is on its way, else the newest."""
    by_number: dict[tuple[int | None, str], list[Parcel]] = defaultdict(list)
    for parcel in Parcel.objects.filter(waybill__in=[watch.waybill for watch in watches]):
        by_number[parcel.carrier_id, parcel.waybill].append(parcel)
    numbers = {watch.pk: (watch.carrier_id, watch.waybill) for watch in watches}
    return {
        pk: max(by_number[number], key=lambda each: (each.state in LIVE_STATES, each.pk))
        for pk, number in numbers.items()
        if number in by_number
    }


@transaction.atomic
def _follow(parcel_id: int) -> bool:
    news = ParcelNews.objects.filter(pk=parcel_id, next_at__lte=Now()).select_for_update(skip_locked=True, of=("self",))
    row = news.select_related("parcel").first()
    if row is None:
        return False
    take_scans(row.parcel)
    row.delete()
    return True


def _put_off(parcel_id: int) -> None:
    news = ParcelNews.objects.filter(pk=parcel_id)
    attempts = news.values_list("attempts", flat=True).first() or 0
    wait = min(FIRST_WAIT * 2 ** min(attempts, 10), LONGEST_WAIT)
    news.update(attempts=F("attempts") + 1, next_at=Now() + wait)


def _open(parcel: Parcel) -> tuple[Parcel, list[CaseAct]]:
    """Every case of a parcel by id, then the parcel: the order of locks."""
    ids = list(parcel.links.order_by("case").values_list("case_id", flat=True))
    cases = [lock(Case(pk=pk), *OF_CASE) for pk in ids]
    row = lock(parcel, "carrier", "warehouse")
    if list(row.links.order_by("case").values_list("case_id", flat=True)) != ids:
        raise VersionConflictError(row)
    return row, [CaseAct(case, row, by=None, as_customer=False) for case in cases]


def _scan_of(row: TrackEvent, parcel: Parcel) -> CarrierScan:
    return CarrierScan(waybill=parcel.waybill, **{name: getattr(row, name) for name in SAID})


def _counted(case: Case, parcel: Parcel, scans: list[CarrierScan]) -> list[CarrierScan]:
    """Which scans say where the parcel is: of our own parcel only its way back, of the customer's only those of this journey."""
    if parcel.waybill and Shipment.objects.filter(order=case.order_id, waybill=parcel.waybill).exists():
        return on_the_way_back(scans)
    return of_this_journey(scans, parcel.announced_at)


def _walk(act: CaseAct, parcel: Parcel, journey: Journey, others: Sequence[CaseAct], *, event: int | None) -> bool:
    """Move the parcel, verb by verb; returns whether it moved."""
    verbs = route(parcel.state, journey.state) if journey.state != ParcelState.EXPECTED else ()
    for verb in verbs:
        before, is_problem = parcel.state, target_of(verb) == ParcelState.PROBLEM
        args: dict[str, Any] = {"problem": journey.last_problem, "events": [event]} if is_problem else {"event": event}
        act.check(parcel, verb, **args)
        act.move(parcel, verb, codes=args, problem=journey.last_problem if is_problem else "")
        for other in others:
            other.note_verb(parcel, verb, before=before, codes=args)
    return bool(verbs)


def _keep_times(act: CaseAct, parcel: Parcel, journey: Journey) -> bool:
    """Keep when it was first seen and delivered, and what is wrong now; a scan that comes late may put a time back, never remove it."""
    wanted = {
        "first_scan_at": journey.first_scan_at or parcel.first_scan_at,
        "signed_at": journey.signed_at or parcel.signed_at,
        "problem": journey.problem if parcel.state == ParcelState.PROBLEM and journey.problem else parcel.problem,
    }
    changed = {name: value for name, value in wanted.items() if getattr(parcel, name) != value}
    for name, value in changed.items():
        setattr(parcel, name, value)
    if changed:
        parcel.version += 1
        parcel.save(update_fields=[*changed, "version"])
    if "problem" in changed:
        act.note("parcel.problem_changed", codes={"case": act.case.pk, "parcel": parcel.pk, "problem": parcel.problem})
    return bool(changed)
