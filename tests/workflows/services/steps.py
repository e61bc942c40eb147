"""The way of goods in tests: named, taken in, inspected; each step through its service."""

from itertools import count
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from complaints.models import Attachment, LegalRule
from orders.models import Carrier
from tests.workflows.house import House, granted
from workflows.models import Case, InspectionLine, Parcel
from workflows.services.arriving import scan_in
from workflows.services.inspecting import begin_inspection, record_line
from workflows.services.returning import register_parcel
from workflows.services.scanning import ScanResult, take_scan

_numbers = count(1)


def make_carrier(code: str = "sf") -> Carrier:
    return Carrier.objects.get_or_create(code=code, defaults={"name_zh": "顺丰", "name_en": "SF"})[0]


def new_waybill() -> str:
    return f"SF{next(_numbers):013}"


def on_its_way(house: House, *, waybill: str = "", **kinds: Any) -> Case:
    """A granted case whose customer has named the parcel."""
    return register_parcel(granted(house, **kinds), carrier=make_carrier(), waybill=waybill or new_waybill(), as_customer=True)


def arrived(house: House, **kinds: Any) -> Case:
    """A case whose parcel the warehouse has scanned."""
    return scan_in(on_its_way(house, **kinds), by=house.packer)


def opened(house: House, **kinds: Any) -> Case:
    """A case that is being inspected."""
    return begin_inspection(arrived(house, **kinds), by=house.packer)


def law_of_refunds() -> LegalRule:
    """Seven natural days from the arrival of the goods."""
    told = {"platform": "law", "name_zh": "退款", "name_en": "refund", "amount": 7, "unit": "days", "effective_from": "2020-01-01"}
    return LegalRule.objects.update_or_create(code="refund_7d", version=1, defaults=told)[0]


def parcel_of(case: Case) -> Parcel:
    return case.parcels.get()


def lines_of(case: Case) -> list[InspectionLine]:
    return list(InspectionLine.objects.filter(claim__case=case).order_by("pk"))


def photo_by(user: User) -> Attachment:
    """A picture that somebody has uploaded and that belongs to no complaint yet."""
    number = next(_numbers)
    fields = {"name": "a.jpg", "media_type": "image/jpeg", "size": 1, "sha256": f"{number:064}"}
    return Attachment.objects.create(key=f"photo{number:020}", path=f"p{number}", kind="image", uploaded_by=user, **fields)


def record_good(line: InspectionLine, house: House, **found: Any) -> InspectionLine:
    return record_line(line, by=house.packer, **{"graded": "a", **found})


def record_bad(line: InspectionLine, house: House, **found: Any) -> InspectionLine:
    return record_line(line, by=house.packer, **{"graded": "c", "fault": "damaged", "photos": [photo_by(house.packer).pk], **found})


def scan(house: House, code: str, **how: Any) -> ScanResult:
    """A gun reads a code."""
    known = {"by": house.packer, "warehouse": house.warehouse, "client_id": uuid4(), "scanned_at": timezone.now()}
    return take_scan(code, **{**known, **how})
