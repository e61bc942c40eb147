import pytest
from django.urls import reverse

from orders.models import Carrier, Warehouse
from tests.workflows.house import granted, make_house
from tests.workflows.scan.builders import packer_of, scan, send
from workflows.models import CasePolicy, Outbound, WarehouseScan

pytestmark = pytest.mark.django_db
WAYBILL = "SF1234567890123"


@pytest.fixture
def house():
    release = CasePolicy.Release
    return make_house(CasePolicy.Type.RESHIP, receipt="none", release=release.NONE, release_trusted=release.NONE, ships="approved")


@pytest.fixture
def row(house):
    """Something that may go out."""
    granted(house)
    return Outbound.objects.get()


def do(house, row, verb: str, **given):
    return packer_of(house).post(reverse("admin:scan-send-act", args=[row.pk, verb]), given)


def ship(house, row, **given):
    carrier = Carrier.objects.get_or_create(code="sf", defaults={"name_zh": "顺丰", "name_en": "SF"})[0]
    prefix = f"out{row.pk}"
    return do(house, row, "ship", **{f"{prefix}-carrier": carrier.pk, f"{prefix}-waybill": WAYBILL, **given})


def test_goods_are_taken_from_the_shelf_and_sent(house, row):
    assert do(house, row, "pick").status_code == 303

    answer = ship(house, row)

    row = Outbound.objects.get()
    assert answer.status_code == 303
    assert (row.state, row.waybill) == ("shipped", WAYBILL)


def test_a_number_that_is_no_waybill_keeps_what_was_typed(house, row):
    do(house, row, "pick")

    answer = ship(house, row, **{f"out{row.pk}-waybill": "12", f"out{row.pk}-weight_g": "350"})

    assert answer.status_code in (409, 422)
    assert 'value="350"' in answer.content.decode()
    assert Outbound.objects.get().state == "picking"


def test_what_is_not_on_the_shelf_is_asked_about(house, row):
    assert do(house, row, "empty", left="0").status_code == 303

    assert Outbound.objects.get().state == "out_of_stock"


def test_a_parcel_of_another_warehouse_is_nobodys(house, row):
    Outbound.objects.update(warehouse=Warehouse.objects.create(merchant=house.order.merchant, code="far", name="远仓"))

    assert do(house, row, "pick").status_code == 404


def test_a_packed_parcel_is_handed_over_once(house, row):
    do(house, row, "pick")
    ship(house, row)
    client, told = packer_of(house), scan(WAYBILL, mode="handover")

    first, second = send(client, told).json()[0], send(client, scan(WAYBILL, mode="handover")).json()[0]

    assert [first["outcome"], second["outcome"]] == ["goes", "repeat"]
    assert send(client, told).json()[0]["outcome"] == "goes"
    assert Outbound.objects.get().state == "shipped"


def test_what_nobody_packed_is_not_handed_over_and_becomes_no_lost_parcel(house):
    answer = send(packer_of(house), scan("W1234567890", mode="handover")).json()[0]

    assert (answer["outcome"], answer["tone"]) == ("unknown", "warn")
    assert WarehouseScan.objects.get().unclaimed is None
