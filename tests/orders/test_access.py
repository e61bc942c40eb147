import pytest
from django.db import connection

from orders.access import customers_visible_to, find_orders, orders_of, visible_to
from orders.models import WarehouseMember
from orders.services import Row, upsert_orders, upsert_warehouses
from tests.factories import make_merchant, make_user
from tests.orders.builders import make_order_row, make_shipment_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    merchant = make_merchant()
    upsert_warehouses(merchant, [Row("hz", {"name": "杭州仓"}), Row("cd", {"name": "成都仓"})])
    near = make_shipment_row(waybill="SF 1234-5678", warehouse="hz")
    far = make_shipment_row(waybill="YT 1", warehouse="cd")
    other = Row("buyer-2", {"phone": "13900005678", "email": "zhou@mail.example"})
    upsert_orders(
        merchant,
        [
            make_order_row("QH-1001", shipments=[near], receiver_phone="137 0000 0000"),
            make_order_row("QH-1002", customer=other, shipments=[far]),
        ],
    )
    upsert_orders(make_merchant("other"), [make_order_row("QH-1001")])
    return merchant


def numbers(orders):
    return sorted(order.number for order in orders)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("QH1001", ["QH1001"]),
        (" qh - 1001 ", ["QH1001"]),
        ("ＱＨ１００１", ["QH1001"]),
        ("sf12345678", ["QH1001"]),
        ("13700000000", ["QH1001"]),
        ("+86 138 0000 1234", ["QH1001"]),
        ("13900005678", ["QH1002"]),
        ("ZHOU@mail.example", ["QH1002"]),
        ("QH100", []),
        ("1234", []),
        ("%", []),
        ("@", []),
        ("", []),
        ("\x00", []),
        ("\ud800@\ud800", []),
        ("QH\x001001", ["QH1001"]),
    ],
)
def test_orders_are_found_by_what_was_typed_and_only_whole(shop, text, found):
    assert numbers(find_orders(orders_of(shop), text)) == found


@pytest.mark.parametrize("text", ["QH1001", "13700000000", "zhou@mail.example"])
def test_every_search_walks_an_index(shop, text, django_assert_max_num_queries):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with django_assert_max_num_queries(2) as queries:
        find_orders(orders_of(shop), text)
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            cursor.execute(f"EXPLAIN {query['sql']}")
            assert not any("Seq Scan" in line for (line,) in cursor.fetchall())


@pytest.mark.parametrize("role", ["agent", "lead", "manager"])
def test_staff_see_the_orders_of_their_shops(shop, role):
    member, stranger = make_user(role, shops=[shop]), make_user(role)

    assert numbers(visible_to(member)) == ["QH1001", "QH1002"]
    assert customers_visible_to(member).count() == 2
    assert not visible_to(stranger).exists()
    assert not customers_visible_to(stranger).exists()


def test_a_warehouse_sees_the_orders_that_it_ships(shop):
    user = make_user("warehouse", shops=[shop])
    WarehouseMember.objects.create(warehouse=shop.warehouses.get(code="hz"), user=user)

    assert numbers(visible_to(user)) == ["QH1001"]
    assert not customers_visible_to(user).exists()


@pytest.mark.parametrize("role", ["finance", "admin"])
def test_other_roles_see_no_order(shop, role):
    assert not visible_to(make_user(role, shops=[shop])).exists()


def test_an_inactive_user_and_nobody_see_no_order(shop):
    assert not visible_to(None).exists()
    assert not visible_to(make_user("manager", shops=[shop], is_active=False)).exists()
