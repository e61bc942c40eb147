"""Handing packed parcels to a carrier's driver: each is scanned once more on its way out of the house."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from foundation.exceptions import Forbidden, NotAllowedError
from orders.models import Warehouse
from workflows.access import warehouses_of
from workflows.cases.waybills import normalise_waybill
from workflows.machines.outbound import OutboundState
from workflows.models import Outbound, WarehouseScan

MODE = "handover"
SENT = (OutboundState.SHIPPED, OutboundState.DELIVERED)


@dataclass(frozen=True)
class HandOver:
    """What a code on the way out is. The scan itself changes no parcel: it went out of our books when it was packed and named."""

    GOES = "goes"
    REPEAT = "repeat"
    UNKNOWN = "unknown"

    scan: WarehouseScan
    outcome: str
    case_number: str = ""
    is_replay: bool = False


@transaction.atomic
def hand_over_scan(code: str, *, by: Any, warehouse: Warehouse, client_id: UUID, scanned_at: datetime) -> HandOver:
    """Note that a parcel was handed to its carrier; the same ``client_id`` is one scan. Raises ``NotAllowedError``."""
    if warehouse.pk not in warehouses_of(by):
        raise NotAllowedError([Forbidden("other_warehouse", _("You do not work in this warehouse."))])
    told = {"warehouse": warehouse, "by_id": by.pk, "mode": MODE, "code": normalise_waybill(code), "scanned_at": scanned_at}
    scan, is_new = WarehouseScan.objects.get_or_create(client_id=client_id, defaults=told)
    return look_at_hand_over(scan, is_replay=not is_new)


def look_at_hand_over(scan: WarehouseScan, *, is_replay: bool = True) -> HandOver:
    sent = Outbound.objects.filter(waybill=scan.code, warehouse=scan.warehouse_id, state__in=SENT).exclude(waybill="")
    found = sent.select_related("case").order_by("-pk").first()
    if found is None:
        return HandOver(scan, HandOver.UNKNOWN, is_replay=is_replay)
    earlier = WarehouseScan.objects.filter(warehouse=scan.warehouse_id, mode=MODE, code=scan.code, pk__lt=scan.pk)
    outcome = HandOver.REPEAT if earlier.exists() else HandOver.GOES
    return HandOver(scan, outcome, found.case.number, is_replay=is_replay)
