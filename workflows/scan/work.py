"""What waits in a warehouse: parcels to inspect, goods to send, parcels without a case. Everything is asked for somebody and a place."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from orders.models import Warehouse
from workflows.access import warehouses_of
from workflows.machines.inspection import InspectionState
from workflows.machines.outbound import OutboundState
from workflows.machines.spine import CaseState
from workflows.models import Case, InspectionLine, Outbound, Repair, Task, UnclaimedParcel, WarehouseScan
from workflows.services.repairs import AT_WORK as IN_REPAIR

AT_WORK = (CaseState.RECEIVED, CaseState.INSPECTING)
LYING = (InspectionState.PASSED, InspectionState.FAILED)
TO_SEND = (OutboundState.RELEASED, OutboundState.PICKING)
MOST = 100
RECENT = 8


@dataclass(frozen=True)
class Tally:
    """How much waits, for the tabs."""

    to_inspect: int
    unclaimed: int
    to_send: int


def tally(place: Warehouse) -> Tally:
    return Tally(to_inspect(place).count(), unclaimed_at(place).count(), to_send(place).count())


def to_inspect(place: Warehouse) -> QuerySet[Case]:
    """Cases whose goods are here and have no result yet, the one that waits longest first."""
    return Case.objects.filter(warehouse=place, state__in=AT_WORK).order_by("since", "pk")


def inspections_at(place: Warehouse) -> list[dict]:
    """The first hundred with their task, the number of their pieces, and how many are done."""
    done = Q(inspections__state__in=["passed", "failed", "disposed"])
    cases = list(to_inspect(place).select_related("policy", "order").prefetch_related("parcels")[:MOST])
    pieces = _pieces_of(cases, done)
    tasks = {task.case_id: task for task in open_tasks(cases).select_related("owner")}
    rows = [{"case": case, "task": tasks.get(case.pk), "pieces": pieces.get(case.pk, (0, 0))} for case in cases]
    return [row for row in rows if row["task"] is not None]


def other_work_at(place: Warehouse) -> QuerySet[Case]:
    """Cases with a repair that goes on here, or with pieces that were decided about and lie where they were inspected."""
    in_repair = Repair.objects.filter(claim__case=OuterRef("pk"), state__in=IN_REPAIR)
    lying = InspectionLine.objects.filter(claim__case=OuterRef("pk"), state__in=LYING)
    rows = Case.objects.filter(warehouse=place).exclude(state__in=[*AT_WORK, CaseState.EXCEPTION])
    rows = rows.annotate(is_in_repair=Exists(in_repair), is_lying=Exists(lying)).filter(Q(is_in_repair=True) | Q(is_lying=True))
    return rows.select_related("policy").order_by("since", "pk")[:MOST]


def _pieces_of(cases: list[Case], done: Q) -> dict[int, tuple[int, int]]:
    ids = [case.pk for case in cases]
    claims = Case.objects.filter(pk__in=ids, units__is_approved=True, units__unit__line__isnull=False)
    recorded = Q(units__inspections__state__in=["passed", "failed", "disposed"])
    counted = claims.annotate(every=Count("units", distinct=True), recorded=Count("units", filter=recorded, distinct=True))
    return {case.pk: (case.recorded, case.every) for case in counted}


def open_tasks(cases) -> QuerySet[Task]:
    """The warehouse's open work on cases; what was opened last stands for the case."""
    return Task.objects.filter(case__in=cases, role=Task.Role.WAREHOUSE, done_at__isnull=True).exclude(kind="pack").order_by("pk")


def task_for(user: User, number: int) -> Task:
    """A task at a warehouse of somebody, also one that is done, or 404."""
    rows = Task.objects.filter(pk=number, role=Task.Role.WAREHOUSE, case__warehouse__in=warehouses_of(user))
    found = rows.select_related("case__policy", "case__order", "case__complaint", "case__warehouse", "owner").first()
    if found is None:
        raise Http404
    return found


def to_send(place: Warehouse) -> QuerySet[Outbound]:
    return Outbound.objects.filter(warehouse=place, state__in=TO_SEND).order_by("since", "pk")


def sendings_at(place: Warehouse) -> list[Outbound]:
    return list(to_send(place).select_related("case", "carrier")[:MOST])


def outbound_for(user: User, number: int) -> Outbound:
    found = Outbound.objects.filter(pk=number, warehouse__in=warehouses_of(user)).select_related("case").first()
    if found is None:
        raise Http404
    return found


def unclaimed_at(place: Warehouse) -> QuerySet[UnclaimedParcel]:
    return UnclaimedParcel.objects.filter(warehouse=place, parcel__isnull=True).order_by("-scanned_at", "-pk")


def scan_for(user: User, client_id) -> WarehouseScan | None:
    """A scan at a warehouse of somebody by the number that the device gave it."""
    rows = WarehouseScan.objects.filter(client_id=client_id, warehouse__in=warehouses_of(user))
    return rows.select_related("warehouse", "parcel").first()


def own_scans(user: User, place: Warehouse) -> QuerySet[WarehouseScan]:
    """What somebody scanned here since midnight, the last first."""
    return WarehouseScan.objects.filter(by=user, warehouse=place, recorded_at__gte=_midnight()).order_by("-recorded_at", "-pk")


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
