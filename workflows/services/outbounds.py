"""Goods that go out for a case: reserved at a grant, released by what the policy waits for, packed, sent and followed to the door."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db import transaction

from accounts.models import User
from orders.models import Carrier
from orders.services import watch_waybill
from workflows.cases.quantities import Terms
from workflows.cases.refusals import reasons_against
from workflows.cases.shipping import ready_outbounds, shipping_terms, units_owed, warehouse_of
from workflows.cases.waybills import normalise_waybill
from workflows.machines.outbound import OutboundState
from workflows.machines.table import Role
from workflows.models import CasePolicy, CaseUnit, Outbound, Recovery, Resolution
from workflows.services.act import CaseAct, take_up
from workflows.services.failing import put_track_failed
from workflows.services.lineage import put_replacements
from workflows.services.recoveries import put_recovery
from workflows.services.settling import put_settled

S, Kind, T = OutboundState, Outbound.Kind, CasePolicy.Type
KINDS = {T.EXCHANGE_QUALITY: Kind.REPLACEMENT, T.REPAIR: Kind.REPAIRED, T.RESHIP: Kind.RESHIP}
RECALLABLE = (S.RESERVED, S.RELEASED, S.OUT_OF_STOCK, S.LOST)
PACK_WITHIN = timedelta(hours=8)


def put_outbounds(act: CaseAct) -> list[Outbound]:
    """Reserve what the current resolution owes in goods, one parcel per kind of goods, and call off what it owes no more.

    What is under way or was sent already is not reserved again. Returns the new rows.
    """
    resolution = Resolution.objects.filter(case=act.case, standing=Resolution.Standing.CURRENT).first()
    recall_goods(act, owed=units_owed(resolution))
    made = [row for terms in shipping_terms(resolution) for row in _reserve(act, terms)]
    put_releases(act)
    return made


def recall_goods(act: CaseAct, *, owed: Collection[int] = ()) -> None:
    """Call off the parcels that have not left and hold nothing that is owed. A customer's own goods go back all the same."""
    waiting = Outbound.objects.filter(case=act.case, state__in=RECALLABLE).exclude(kind=Kind.SHIP_BACK).order_by("pk")
    for row in waiting:
        if not {claim.unit_id for claim in row.units.all()} & set(owed):
            act.move(act.lock(row), "cancel", codes={"cause": "changed"}, since=act.at)
            act.tasks.close(keys=(task_key(row),), outcome="cancelled")


def _reserve(act: CaseAct, terms: Terms) -> list[Outbound]:
    served = Outbound.objects.filter(case=act.case).exclude(state=S.CANCELLED).exclude(kind=Kind.SHIP_BACK)
    claims = CaseUnit.objects.filter(case=act.case, is_approved=True, unit__in=terms.unit_ids or (), unit__line__isnull=False)
    missing = claims.exclude(outbounds__in=served).select_related("unit__line").order_by("pk")
    by_sku: dict[str, list[CaseUnit]] = defaultdict(list)
    for claim in missing:
        by_sku[claim.unit.line.sku].append(claim)
    kind = KINDS.get(terms.type, Kind.REPLACEMENT)
    return [row for sku, rows in by_sku.items() if (row := put_outbound(act, kind, sku, rows)) is not None]


def put_outbound(act: CaseAct, kind: str, sku: str, claims: Sequence[CaseUnit]) -> Outbound | None:
    """One parcel with these pieces. Without a warehouse nobody can pack it: a lead hears of it."""
    place = warehouse_of(act.case)
    if place is None:
        act.open_task("no_warehouse", role=Role.LEAD)
        return None
    if act.case.warehouse_id != place.pk:
        act.set(warehouse=place)
    row = Outbound.objects.create(case=act.case, kind=kind, sku=sku, quantity=len(claims), warehouse=place, since=act.at)
    row.units.set(claims)
    act.born(row, "reserve", codes={"kind": str(kind), "units": [claim.unit_id for claim in claims]}, payload={"sku": sku})
    return row


def put_ship_back(act: CaseAct, claims: Collection[CaseUnit]) -> list[Outbound]:
    """Send a customer's own goods back to them; nothing has to happen before."""
    on_its_way = Outbound.objects.filter(case=act.case, kind=Kind.SHIP_BACK).exclude(state=S.CANCELLED)
    wanted = CaseUnit.objects.filter(pk__in=[claim.pk for claim in claims], unit__line__isnull=False).exclude(outbounds__in=on_its_way)
    by_sku: dict[str, list[CaseUnit]] = defaultdict(list)
    for claim in wanted.select_related("unit__line").order_by("pk"):
        by_sku[claim.unit.line.sku].append(claim)
    made = [row for sku, rows in by_sku.items() if (row := put_outbound(act, Kind.SHIP_BACK, sku, rows)) is not None]
    put_releases(act)
    return made


def put_releases(act: CaseAct) -> list[Outbound]:
    """Let the warehouse pack every parcel whose pieces meet their condition now (OB1)."""
    ready = [act.lock(row) for row in ready_outbounds(act.case)]
    released = [row for row in ready if not reasons_against(act.asking(row, "release", as_system=True))]
    for row in released:
        act.move(row, "release", since=act.at)
        act.open_task("pack", role=Role.WAREHOUSE, due=PACK_WITHIN, key=task_key(row), codes={"outbound": row.pk})
    return released


def task_key(row: Outbound) -> str:
    return f"outbound-{row.pk}"


@transaction.atomic
def pick_outbound(row: Outbound, *, by: User, expected_version: int | None = None, request_id: str | None = None) -> Outbound:
    """Take the goods from their shelf (OB2)."""
    act = take_up(row, "pick", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "pick", since=act.at)
    return act.finish()


@transaction.atomic
def ship_outbound(
    row: Outbound,
    *,
    carrier: Carrier | None,
    waybill: str,
    weight_g: int | None = None,
    serials: Sequence[str] = (),
    by: User,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Outbound:
    """Hand the parcel to its carrier (OB3) and follow it from there."""
    waybill = normalise_waybill(waybill)
    how = {"by": by, "expected_version": expected_version, "request_id": request_id}
    act = take_up(row, "ship", carrier=carrier, waybill=waybill, **how)
    if act.is_replay:
        return act.subject
    sent = {"carrier": carrier, "waybill": waybill, "weight_g": weight_g, "serials": list(serials), "since": act.at}
    codes = {"carrier": carrier.pk if carrier else None, "weight_g": weight_g}
    act.move(act.subject, "ship", codes=codes, payload={"waybill": waybill, "serials": list(serials)}, **sent)
    act.tasks.close(keys=(task_key(row),))
    if carrier is not None:
        watch_waybill(carrier, waybill)
    act.tell("case_shipped")
    return act.finish()


@transaction.atomic
def deliver_outbound(
    row: Outbound, *, event: int | str, by: User | None = None, expected_version: int | None = None, request_id: str | None = None
) -> Outbound:
    """The carrier says that it was delivered (OB4). ``event``: the scan that says so. A replacement can be claimed from now on."""
    act = take_up(row, "deliver", by=by, expected_version=expected_version, request_id=request_id, event=event)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "deliver", codes={"event": event}, since=act.at)
    if act.subject.kind == Kind.REPLACEMENT:
        put_replacements(act.subject)
    act.tell("case_delivered")
    put_settled(act)
    return act.finish()


@transaction.atomic
def lose_outbound(
    row: Outbound,
    *,
    events: Collection[int | str],
    by: User | None = None,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Outbound:
    """The carrier has lost it (OB6): somebody decides what the customer gets instead, and the carrier is asked to pay."""
    act = take_up(row, "lose", by=by, expected_version=expected_version, request_id=request_id, events=events)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "lose", codes={"events": list(events)}, since=act.at)
    worth = sum(claim.unit.entitled_fen for claim in act.subject.units.select_related("unit"))
    put_recovery(act, debtor=Recovery.Debtor.CARRIER, amount_fen=worth, reason="outbound_lost")
    put_track_failed(act, act.subject)
    return act.finish()


@transaction.atomic
def cancel_outbound(row: Outbound, *, by: User | None, expected_version: int | None = None, request_id: str | None = None) -> Outbound:
    """Call goods off that nobody is owed any more (OB8)."""
    act = take_up(row, "cancel", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "cancel", codes={"cause": "lead"}, since=act.at)
    act.tasks.close(keys=(task_key(row),), outcome="cancelled")
    put_settled(act)
    return act.finish()
