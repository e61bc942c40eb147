"""What a gun or a camera reads at the warehouse. A scan is never refused and never counted twice; it says what it turned out to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from complaints.access import shops_of
from foundation.exceptions import Forbidden, VersionConflictError
from foundation.verbs import require
from orders.models import Warehouse
from workflows.access import INSPECT, warehouses_of
from workflows.cases.clauses.returning import LIVE_STATES
from workflows.cases.numbers import parse_case_number
from workflows.cases.waybills import LONGEST_CODE, normalise_waybill
from workflows.machines.parcel import ParcelState
from workflows.machines.spine import CaseState
from workflows.machines.table import Role
from workflows.models import Case, Parcel, ParcelCase, Task, UnclaimedParcel, WarehouseScan
from workflows.services.arriving import AT_WORK, WAITS, open_acts, take_in_parcel

Outcome = WarehouseScan.Outcome
WORDS = {
    Outcome.RECEIVED: _("Checked in"),
    Outcome.REPEAT: _("Scanned before"),
    Outcome.UNCLAIMED: _("Belongs to no case: take a photo and put it aside"),
    Outcome.CHOOSE: _("Several parcels fit: choose one"),
    Outcome.LATE: _("Taken in; its case is no longer waiting, a lead looks at it"),
    Outcome.ELSEWHERE: _("Expected at another warehouse: put it aside, a lead decides"),
}
TRIES = 3


@dataclass(frozen=True)
class ScanResult:
    """What a code turned out to be. ``task`` is the work that it opened, ``choices`` the parcels to choose from."""

    scan: WarehouseScan
    cases: Sequence[Case] = ()
    task: Task | None = None
    choices: Sequence[Parcel] = ()
    is_replay: bool = False

    @property
    def outcome(self) -> str:
        return self.scan.outcome

    @property
    def parcel(self) -> Parcel | None:
        return self.scan.parcel

    @property
    def words(self) -> str:
        return WORDS[Outcome(self.outcome)]


def take_scan(
    code: str, *, by: Any, warehouse: Warehouse, client_id: UUID, scanned_at: datetime, mode: str = "receive", parcel: Parcel | None = None
) -> ScanResult:
    """Take one scan in, in a transaction of its own. The same ``client_id`` gets the answer of the first time.

    ``parcel`` is the one that was chosen when a code fitted several. Raises ``NotAllowedError`` for somebody who does not work here.
    """
    require(_against_working_here(by, warehouse))
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                return _take_scan(code[:LONGEST_CODE], by, warehouse, client_id, scanned_at, mode, parcel)
        except VersionConflictError:
            # A case was added to the parcel in the moment between looking and locking.
            if not left:
                raise
    raise AssertionError("unreachable")


def _against_working_here(by: Any, warehouse: Warehouse) -> list[Forbidden]:
    scopes = getattr(by, "token_scopes", None)
    if scopes is not None:
        works_here = "wms" in scopes and warehouse.merchant_id in shops_of(by)
    else:
        works_here = by.is_active and by.has_perm(INSPECT) and warehouse.pk in warehouses_of(by)
    return [] if works_here else [Forbidden("other_warehouse", _("You do not work in this warehouse."))]


def _take_scan(code, by, warehouse, client_id, scanned_at, mode, chosen) -> ScanResult:
    told = {"warehouse": warehouse, "by_id": by.pk, "mode": mode, "code": code, "scanned_at": scanned_at}
    scan, is_new = WarehouseScan.objects.get_or_create(client_id=client_id, defaults=told)
    if not is_new:
        return replay(scan)
    _one_at_a_time(code)
    result = _look(scan, by, warehouse, chosen)
    scan.save(update_fields=["outcome", "parcel", "unclaimed"])
    return result


def _one_at_a_time(code: str) -> None:
    """Two scans of one code wait for each other, also while no row stands for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('workflows.scan'), hashtext(%s))", [normalise_waybill(code)])


def _look(scan: WarehouseScan, by: Any, warehouse: Warehouse, chosen: Parcel | None) -> ScanResult:
    found = [chosen] if chosen else find_parcels(scan.code, warehouse)
    live = [parcel for parcel in found if parcel.state in LIVE_STATES]
    if len(live) > 1:
        return _told(scan, Outcome.CHOOSE, choices=live)
    if live and live[0].warehouse_id != warehouse.pk:
        return _elsewhere(scan, live[0], by, warehouse)
    if live:
        return _receive(scan, live[0], by)
    if found:
        return _again(scan, found[0], by)
    return _unclaimed(scan, by, warehouse)


def find_parcels(code: str, warehouse: Warehouse) -> list[Parcel]:
    """The parcels of this shop that a code can mean, live ones first: by waybill, or by the number of the case on our own label."""
    own = Parcel.objects.filter(warehouse__merchant=warehouse.merchant_id)
    waybill = normalise_waybill(code)
    found = list(own.filter(waybill=waybill).order_by("-pk")) if waybill else []
    if not found:
        number = parse_case_number(code)
        found = list(own.filter(links__case__number=number).order_by("-pk")) if number else []
    return sorted(found, key=lambda parcel: parcel.state not in LIVE_STATES)


def _receive(scan: WarehouseScan, parcel: Parcel, by: Any) -> ScanResult:
    row, acts = open_acts(parcel, by)
    if row.state not in LIVE_STATES:
        return _again(scan, row, by, acts)
    is_waited_for = any(act.case.state in (*WAITS, *AT_WORK) for act in acts)
    take_in_parcel(row, acts, at=min(scan.scanned_at, acts[0].at))
    _finish(acts)
    return _told(scan, Outcome.RECEIVED if is_waited_for else Outcome.LATE, parcel=row, acts=acts)


def _again(scan: WarehouseScan, parcel: Parcel, by: Any, acts=None) -> ScanResult:
    """Scanned before; but a case that was granted only meanwhile is received by it, and what was given up has come after all."""
    if parcel.state == ParcelState.ABANDONED:
        return _receive(scan, _came_after_all(parcel), by)
    if parcel.state == ParcelState.CANCELLED:
        return _unclaimed(scan, by, scan.warehouse)
    row, acts = (parcel, acts) if acts else open_acts(parcel, by)
    if any(act.case.state in WAITS for act in acts):
        waiting = [act for act in acts if act.case.state in WAITS]
        take_in_parcel(row, waiting)
        _finish(waiting)
        return _told(scan, Outcome.RECEIVED, parcel=row, acts=acts)
    return _told(scan, Outcome.REPEAT, parcel=row, acts=acts)


def _came_after_all(parcel: Parcel) -> Parcel:
    """A parcel that was given up is never revived; the same number makes a new one for the same cases."""
    fresh = Parcel.objects.create(warehouse=parcel.warehouse, carrier=parcel.carrier, waybill=parcel.waybill, is_prepaid=parcel.is_prepaid)
    links = ParcelCase.objects.filter(parcel=parcel).order_by("case")
    ParcelCase.objects.bulk_create([ParcelCase(parcel=fresh, case_id=link.case_id) for link in links])
    return fresh


def _elsewhere(scan: WarehouseScan, parcel: Parcel, by: Any, warehouse: Warehouse) -> ScanResult:
    row, acts = open_acts(parcel, by)
    for act in acts:
        codes = {"parcel": row.pk, "warehouse": warehouse.pk}
        act.open_task("parcel_elsewhere", role=Role.LEAD, key=f"parcel-{row.pk}", codes=codes)
    _finish(acts)
    return _told(scan, Outcome.ELSEWHERE, parcel=row, acts=acts)


def _unclaimed(scan: WarehouseScan, by: Any, warehouse: Warehouse) -> ScanResult:
    waybill = normalise_waybill(scan.code)[:60]
    known = UnclaimedParcel.objects.filter(warehouse=warehouse, waybill=waybill, parcel__isnull=True).first()
    outcome = Outcome.REPEAT if known else Outcome.UNCLAIMED
    told = {"waybill": waybill, "scan": scan.code, "scanned_at": scan.scanned_at, "scanned_by_id": by.pk}
    scan.unclaimed = known or UnclaimedParcel.objects.create(warehouse=warehouse, **told)
    return _told(scan, outcome)


def _finish(acts) -> None:
    """In the order of the complaints, so that two scans of different parcels of one customer never wait for each other in a circle."""
    for act in sorted(acts, key=lambda act: (act.case.complaint_id, act.case.pk)):
        act.finish()


def _told(scan: WarehouseScan, outcome: str, *, parcel: Parcel | None = None, acts=(), choices: Sequence[Parcel] = ()) -> ScanResult:
    scan.outcome, scan.parcel = outcome, parcel
    cases = [act.case for act in acts]
    return ScanResult(scan, cases, _task_of(cases), choices)


def _task_of(cases: Sequence[Case]) -> Task | None:
    """The warehouse's work on what was scanned, which the screen offers to begin with."""
    ids = [case.pk for case in cases if case.state in (CaseState.RECEIVED, CaseState.INSPECTING)]
    return Task.objects.filter(case__in=ids, role=Task.Role.WAREHOUSE, done_at__isnull=True).order_by("pk").first() if ids else None


def replay(scan: WarehouseScan) -> ScanResult:
    """What the first time said, with the rows as they are now."""
    cases = list(Case.objects.filter(parcel_links__parcel=scan.parcel_id).order_by("pk")) if scan.parcel_id else []
    choices = find_parcels(scan.code, scan.warehouse) if scan.outcome == Outcome.CHOOSE else []
    return ScanResult(scan, cases, _task_of(cases), [parcel for parcel in choices if parcel.state in LIVE_STATES], is_replay=True)
