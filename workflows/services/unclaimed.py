"""Parcels at the warehouse that belong to no case yet: photographed, matched with what could be meant, and taken in for a case."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.intake.uploads import new_attachment
from complaints.models import Attachment
from foundation.crypto import blind_index
from foundation.exceptions import Forbidden, Reason
from foundation.files import StoredFile
from foundation.verbs import is_replay, lock, require
from ui.normalise import normalise_code, normalise_phone
from workflows.access import INSPECT, warehouses_of
from workflows.cases.clauses.returning import LIVE_STATES
from workflows.machines.spine import CaseState
from workflows.models import Case, InspectionLine, Outbound, Parcel, ParcelCase, UnclaimedParcel
from workflows.services.act import CaseAct, lock_act
from workflows.services.arriving import WAITS, take_in_parcel

MOST_MATCHES = 20
# Before these nothing can come back, after them nothing is expected; a parcel may still belong to a case that ended.
NEVER_RETURNS = (CaseState.DRAFT, CaseState.CLOSED)
# As they are kept, so that the file's row can be made again when the parcel is matched.
PHOTO_FIELDS = ("id", "name", "content_type", "size", "sha256", "width", "height")


def unclaimed_for(user: User) -> QuerySet[UnclaimedParcel]:
    """What nobody has matched yet in somebody's own warehouses, the oldest first."""
    if not (user.is_active and user.has_perm(INSPECT)):
        return UnclaimedParcel.objects.none()
    waiting = UnclaimedParcel.objects.filter(warehouse__in=warehouses_of(user), parcel__isnull=True)
    return waiting.select_related("warehouse").order_by("scanned_at", "pk")


@transaction.atomic
def describe_unclaimed(
    parcel: UnclaimedParcel, *, note: str = "", sender_phone: str = "", photos: Iterable[StoredFile] = (), by: User
) -> UnclaimedParcel:
    """Add what can be read on the parcel: a note, the sender's phone (kept as an index only), photos of it."""
    row = lock(parcel, "warehouse")
    require(_against_touching(row, by))
    row.note = note or row.note
    row.phone_index = blind_index(normalise_phone(sender_phone), purpose="phone") or row.phone_index
    row.photos = [*row.photos, *({name: getattr(each, name) for name in PHOTO_FIELDS} for each in photos)]
    row.save(update_fields=["note", "phone_index", "photos"])
    return row


def matches_for(parcel: UnclaimedParcel, *, clue: str = "") -> list[Case]:
    """Cases that the parcel may belong to, those that wait for one first: by the sender's phone, or a number that was found in it.

    ``clue``: a number of a case, an order or a piece.
    """
    code = normalise_code(clue)
    asked = Q(pk__in=[])
    if parcel.phone_index:
        asked |= Q(order__receiver_phone_index=parcel.phone_index) | Q(order__customer__phone_index=parcel.phone_index)
    if code:
        asked |= Q(number=code) | Q(order__number=code) | Q(pk__in=_by_serial(clue.strip()))
    found = Case.objects.filter(asked, order__merchant=parcel.warehouse.merchant_id).exclude(state__in=NEVER_RETURNS)
    rows = found.select_related("order", "policy").distinct().order_by("-pk")[:MOST_MATCHES]
    return sorted(rows, key=lambda case: case.state not in WAITS)


def _by_serial(serial: str) -> list[int]:
    sent = Outbound.objects.filter(serials__contains=[serial]).values_list("case_id", flat=True)
    seen = InspectionLine.objects.filter(serial=serial).values_list("claim__case_id", flat=True)
    return [*sent[:MOST_MATCHES], *seen[:MOST_MATCHES]]


@transaction.atomic
def attach_unclaimed(parcel: UnclaimedParcel, case: Case, *, by: User, request_id: str | None = None) -> Parcel:
    """Take a parcel in for the case that it belongs to; its photos become evidence. Returns the case's parcel."""
    act = lock_act(case, "attach_unclaimed", by=by)
    row = lock(parcel, "warehouse", "parcel")
    if is_replay(row, "attach", request_id, by=by):
        return row.parcel
    require([*_against_touching(row, by), *_against_joining(row, act.case)])
    if act.case.warehouse_id != row.warehouse_id:
        act.set(warehouse=row.warehouse)
        act = CaseAct(act.case, act.case, by=by, as_customer=False)
    found = _parcel_for(act, row)
    take_in_parcel(found, [act], at=row.scanned_at)
    row.parcel, row.matched_at = found, act.at
    row.save(update_fields=["parcel", "matched_at"])
    _hand_over_photos(act, row)
    act.note("parcel.matched", codes={"case": act.case.pk, "parcel": found.pk, "unclaimed": row.pk})
    act.close_tasks("unclaimed")
    act.finish()
    return found


def _parcel_for(act: CaseAct, row: UnclaimedParcel) -> Parcel:
    """The parcel that the case expects, now with its number; or a new one."""
    waiting = Parcel.objects.filter(links__case=act.case, state__in=LIVE_STATES, waybill__in=["", row.waybill]).order_by("-waybill", "pk")
    expected = waiting.first()
    if expected is None:
        expected = Parcel.objects.create(warehouse=row.warehouse, waybill=row.waybill, announced_at=act.at)
        ParcelCase.objects.create(parcel=expected, case=act.case)
    found = act.lock(expected)
    found.waybill, found.warehouse = found.waybill or row.waybill, row.warehouse
    found.save(update_fields=["waybill", "warehouse"])
    return found


def _hand_over_photos(act: CaseAct, row: UnclaimedParcel) -> None:
    files = Attachment.objects.bulk_create(
        [new_attachment(_stored(photo), complaint=act.case.complaint, uploaded_by=row.scanned_by) for photo in row.photos]
    )
    if files:
        kept = [{"id": file.pk, "sha256": file.sha256, "size": file.size} for file in files]
        act.note("evidence.added", codes={"case": act.case.pk, "files": kept})


def _stored(photo: dict[str, Any]) -> StoredFile:
    return StoredFile(**photo)


def _against_touching(row: UnclaimedParcel, by: User) -> list[Reason]:
    if not (by.is_active and by.has_perm(INSPECT) and row.warehouse_id in warehouses_of(by)):
        return [Forbidden("other_warehouse", _("You do not work in this warehouse."))]
    return [Reason("matched", _("This parcel has been matched already."))] if row.parcel_id else []


def _against_joining(row: UnclaimedParcel, case: Case) -> list[Reason]:
    if case.order.merchant_id != row.warehouse.merchant_id:
        return [Reason("other_shop", _("This case belongs to another shop."))]
    return [Reason("state", _("This case takes no goods."))] if case.state in NEVER_RETURNS else []


def known_photos(paths: list[str]) -> set[str]:
    """Those of these files that an unclaimed parcel needs; without this the sweep of lost files would take them away."""
    waiting = UnclaimedParcel.objects.filter(parcel__isnull=True).exclude(photos=[]).values_list("photos", flat=True)
    return {photo["id"] for photos in waiting for photo in photos} & set(paths)
