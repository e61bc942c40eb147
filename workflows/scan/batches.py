"""Scans as a device sends them: up to a hundred in the order in which they were made, each taken in a transaction of its own."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.db import OperationalError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import User
from foundation.exceptions import ReasonedError
from orders.models import Warehouse
from workflows.cases.waybills import LONGEST_CODE
from workflows.models import WarehouseScan
from workflows.scan.modes import HAND_OVER, mode_in
from workflows.scan.places import Place
from workflows.scan.replies import Reply, refusal, reply_to, reply_to_hand_over
from workflows.services.handing_over import hand_over_scan, look_at_hand_over
from workflows.services.scanning import replay, take_scan

MOST = 100
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Scan:
    """One code as a device tells it. ``warehouse`` is None when it is not one of theirs."""

    client_id: UUID
    code: str
    scanned_at: datetime
    mode: str
    warehouse: Warehouse | None


def read_batch(body: bytes, place: Place) -> list[Scan]:
    """The scans of a request, or ``BadRequest`` when it is not a list of them."""
    try:
        rows = json.loads(body)
    except ValueError as error:
        raise BadRequest from error
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST:
        raise BadRequest
    return [read_scan(row, place) for row in rows]


def read_scan(row: Any, place: Place) -> Scan:
    if not isinstance(row, dict):
        raise BadRequest
    try:
        client_id = UUID(str(row.get("client_id")))
    except ValueError as error:
        raise BadRequest from error
    warehouse = place.find(row["warehouse"]) if row.get("warehouse") else place.here
    return Scan(client_id, clean_code(row.get("code")), moment_of(row.get("scanned_at")), mode_in(row.get("mode")), warehouse)


def clean_code(text: Any) -> str:
    """One line without control characters, as long as a scan may be."""
    return "".join(sign for sign in str(text or "")[: 4 * LONGEST_CODE] if sign.isprintable()).strip()[:LONGEST_CODE]


def moment_of(text: Any) -> datetime:
    """When the device says that it was; a clock that runs ahead is not believed."""
    try:
        told = parse_datetime(str(text))
    except ValueError:
        told = None
    now = timezone.now()
    return min(told, now) if told is not None and timezone.is_aware(told) else now


def take_batch(scans: list[Scan], *, by: User) -> Iterator[Reply]:
    """Answer scan by scan. Where the database is too busy the answers end, and the device sends the rest again."""
    for scan in scans:
        try:
            yield take_one(scan, by=by)
        except OperationalError:
            log.warning("scan put off", exc_info=True)
            return


def take_one(scan: Scan, *, by: User) -> Reply:
    """Take one scan. What will never be taken is answered with the reason, so that it does not hold up those behind it."""
    if not scan.code:
        return refusal(str(scan.client_id), "", _("There was nothing to read."))
    if scan.warehouse is None:
        return refusal(str(scan.client_id), scan.code, _("You do not work in this warehouse."))
    told = {"by": by, "warehouse": scan.warehouse, "client_id": scan.client_id, "scanned_at": scan.scanned_at}
    try:
        if scan.mode == HAND_OVER:
            return reply_to_hand_over(hand_over_scan(scan.code, **told))
        return reply_to(take_scan(scan.code, mode=scan.mode, **told))
    except ReasonedError as error:
        return refusal(str(scan.client_id), scan.code, " ".join(str(reason.text) for reason in error.reasons))


def reply_again(scan: WarehouseScan) -> Reply:
    """What was said to a scan that is in the books."""
    if scan.mode == HAND_OVER:
        return reply_to_hand_over(look_at_hand_over(scan))
    return reply_to(replay(scan))
