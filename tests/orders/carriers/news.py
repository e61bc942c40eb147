"""Carriers that tell us something: pushes of the demo carrier, scans, and the rows that they are about."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.utils import timezone

from orders.carriers.base import CarrierScan, CarrierTag
from orders.carriers.demo_core import DemoCore, sign_push
from orders.carriers.kuaidi100 import push_sign
from orders.models import Carrier, Shipment, WaybillWatch
from tests.factories import make_order

SECRET, SALT = "a secret of the demo carrier", "a salt"
START = datetime(2026, 11, 2, 8, tzinfo=UTC)
LATER = START + timedelta(days=60)


def make_carrier(tracker: str = Carrier.Tracker.DEMO, code: str = "sf") -> Carrier:
    carrier, _is_new = Carrier.objects.get_or_create(code=code, defaults={"name_zh": "顺丰", "name_en": "SF"})
    carrier.tracker = tracker
    carrier.save()
    return carrier


def make_shipment(waybill: str = "DM1", **fields) -> Shipment:
    return Shipment.objects.create(order=fields.pop("order", None) or make_order(), external_id="S1", waybill=waybill, **fields)


def make_watch(waybill: str = "DM1", *, carrier: Carrier | None = None, **fields) -> WaybillWatch:
    return WaybillWatch.objects.create(carrier=carrier or make_carrier(), waybill=waybill, **fields)


def scan(hours: int = 1, tag: str = CarrierTag.IN_TRANSIT, *, waybill: str = "DM1", **said) -> CarrierScan:
    return CarrierScan(waybill, START + timedelta(hours=hours), CarrierTag(tag), **{"text": f"{tag} after {hours} h", **said})


def demo_pushes(*waybills: str) -> list[bytes]:
    """Everything that the demo carrier has to tell about the whole journeys of waybills, lost and doubled and late as it happens."""
    core = DemoCore(watched=dict.fromkeys(waybills, START))
    return list(core.due_pushes(START, LATER))


def push_of(*scans: CarrierScan) -> bytes:
    words = [{"waybill": each.waybill, "at": each.at.isoformat(), "tag": each.tag.value, "text": each.text} for each in scans]
    return json.dumps({"scans": words}).encode()


def send_demo(client, raw: bytes, *, secret: str = SECRET, age: timedelta = timedelta(0)):
    headers = sign_push(raw, secret, timezone.now() - age)
    return client.post("/hooks/carrier/demo/", raw, content_type="application/json", headers=headers)


def send_kuaidi100(client, told: dict, *, salt: str = SALT):
    param = json.dumps(told, ensure_ascii=False)
    body = urlencode({"param": param, "sign": push_sign(param, salt)})
    return client.post("/hooks/carrier/kuaidi100/", body, content_type="application/x-www-form-urlencoded")
