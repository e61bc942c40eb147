"""A warehouse with somebody in it and goods on their way, and what a device sends."""

import json
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.workflows.house import House, granted, make_house
from workflows.models import Case, Parcel, Task
from workflows.services.returning import register_parcel

WAYBILL = "SF1234567890123"


def expected(house: House, *, waybill: str = WAYBILL, pieces: int = 1) -> Case:
    """A granted case whose customer has named a waybill."""
    case = granted(house, pieces=pieces)
    return register_parcel(case, carrier=None, waybill=waybill, by=None, as_customer=True)


def scan(code: str = WAYBILL, **overrides: Any) -> dict[str, Any]:
    return {"client_id": str(uuid4()), "code": code, "scanned_at": timezone.now().isoformat(), "mode": "receive", **overrides}


def packer_of(house: House) -> Client:
    client = Client()
    client.force_login(house.packer)
    return client


def send(client: Client, *scans: dict[str, Any]):
    return client.post(reverse("admin:scan-take"), json.dumps(scans), content_type="application/json")


def received(house: House | None = None, *, pieces: int = 1) -> tuple[House, Case, Task]:
    """A case whose parcel was just scanned in, with the warehouse's task."""
    house = house or make_house(quantity=max(2, pieces))
    case = expected(house, pieces=pieces)
    send(packer_of(house), scan())
    return house, Case.objects.get(pk=case.pk), Task.objects.get(case=case, role="warehouse", done_at__isnull=True)


def parcel_of(case: Case) -> Parcel:
    return Parcel.objects.get(links__case=case)
