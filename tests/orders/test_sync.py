import random
import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from foundation.crypto import blind_index
from foundation.events import find_break, read_feed
from orders.models import Carrier, Customer, ImportRun, Order, OrderEvent, OrderFeed, OrderLine, Payment, Shipment, ShipmentEvent, Warehouse
from orders.services import (
    OrderPart,
    Outcome,
    Row,
    add_carriers,
    upsert_customers,
    upsert_orders,
    upsert_payments,
    upsert_shipments,
    upsert_warehouses,
)  # fmt: skip
from orders.signals import orders_changed
from orders.tasks import sequence_order_feed
from tests.factories import make_merchant
from tests.orders.builders import NOON, make_order_row, make_payment_row, make_scan, make_shipment_row

pytestmark = pytest.mark.django_db


def outcomes(results):
    return [str(result.outcome) for result in results]


def kinds(order):
    return list(order.events.order_by("seq").values_list("kind", flat=True))


def row_versions(*models):
    """The transaction that wrote each row last: a row that was not touched keeps it."""
    with connection.cursor() as cursor:
        tables = [model._meta.db_table for model in models]
        found = {}
        for table in tables:
            cursor.execute(f"SELECT id, xmin::text FROM {table} ORDER BY id")
            found[table] = cursor.fetchall()
    return found


def test_upsert_orders_creates_an_order_with_everything_that_hangs_on_it():
    row = make_order_row(lines=2, payments=[make_payment_row()], shipments=[make_shipment_row(waybill="sf 12-34", shipped_at=NOON)])

    results = upsert_orders(make_merchant(), [row])

    order = Order.objects.select_related("customer").get()
    assert outcomes(results) == ["created"]
    assert (order.number, order.status, order.shipped_at) == ("A1001", "shipped", NOON)
    assert order.paid_at == NOON + timedelta(minutes=5)
    assert (order.customer.phone, order.customer.email) == ("13800001234", "xiaoman@mail.example")
    assert order.customer.phone_index == blind_index("13800001234", purpose="phone")
    assert order.customer.phone_tail_index == blind_index("1234", purpose="phone_tail")
    assert order.lines.count() == 2
    assert order.shipments.get().waybill == "SF1234"


def test_upsert_orders_twice_touches_no_row():
    row = make_order_row(payments=[make_payment_row()], shipments=[make_shipment_row(scans=[make_scan(3), make_scan(30, "delivered")])])
    merchant = make_merchant()
    upsert_orders(merchant, [row])
    tables = (Order, OrderLine, Payment, Shipment, ShipmentEvent, Customer, OrderEvent)
    before = row_versions(*tables)

    results = upsert_orders(merchant, [row])

    assert outcomes(results) == ["unchanged"]
    assert row_versions(*tables) == before


def test_upsert_orders_writes_only_the_order_that_changed():
    merchant = make_merchant()
    upsert_orders(merchant, [make_order_row("A"), make_order_row("B")])
    untouched = Order.objects.filter(external_id="A").values()[0]

    results = upsert_orders(merchant, [make_order_row("A"), make_order_row("B", buyer_note="请放门口")])

    assert outcomes(results) == ["unchanged", "changed"]
    assert Order.objects.filter(external_id="A").values()[0] == untouched
    assert Order.objects.get(external_id="B").buyer_note == "请放门口"


def test_upsert_orders_leaves_fields_alone_that_the_row_does_not_name():
    merchant = make_merchant()
    upsert_orders(merchant, [make_order_row(buyer_note="请放门口", province="浙江省")])
    row = make_order_row()
    del row.values["total_fen"]

    upsert_orders(merchant, [row])

    order = Order.objects.get()
    assert (order.buyer_note, order.province, order.total_fen) == ("请放门口", "浙江省", 9900)


def test_upsert_orders_knows_a_time_of_another_zone_again_in_the_hour_that_summer_time_repeats():
    from datetime import datetime
    from zoneinfo import ZoneInfo

    repeated = datetime(2018, 2, 17, 23, 33, 56, tzinfo=ZoneInfo("America/Sao_Paulo"))
    merchant = make_merchant()
    upsert_orders(merchant, [make_order_row(placed_at=repeated)])

    assert outcomes(upsert_orders(merchant, [make_order_row(placed_at=repeated)])) == ["unchanged"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"total_fen": -1}, "total_fen"),
        ({"total_fen": 10**19}, "total_fen"),
        ({"placed_at": None}, "placed_at"),
        ({"status": "teleported"}, "status"),
        ({"buyer_note": "a\x00b"}, "buyer_note"),
        ({"buyer_note": "\ud800"}, "buyer_note"),
        ({"buyer_note": "x" * 501}, "buyer_note"),
        ({"number": "㍿" * 80}, "number"),
        ({"receiver_phone": "\ud800"}, "receiver_phone"),
    ],
)
def test_upsert_orders_rejects_a_bad_row_and_takes_the_others(values, field):
    results = upsert_orders(make_merchant(), [make_order_row("BAD", **values), make_order_row("GOOD")])

    assert outcomes(results) == ["rejected", "created"]
    assert list(results[0].errors) == [field]
    assert list(Order.objects.values_list("external_id", flat=True)) == ["GOOD"]


def test_upsert_orders_names_the_part_of_an_order_that_is_wrong():
    shipment = make_shipment_row(carrier="nobody", warehouse="nowhere", scans=[make_scan(1, "flying")])
    row = make_order_row(lines=0, payments=[make_payment_row(amount_fen=-5)], shipments=[shipment])

    errors = upsert_orders(make_merchant(), [row])[0].errors

    assert list(errors) == ["payments.0.amount_fen", "shipments.0.carrier", "shipments.0.warehouse", "shipments.0.scans.0.status"]


def test_upsert_orders_refuses_a_new_order_without_a_customer():
    row = make_order_row()
    bare = type(row)(row.external_id, row.values)

    assert list(upsert_orders(make_merchant(), [bare])[0].errors) == ["customer"]


def test_upsert_orders_takes_an_external_id_once_per_request():
    results = upsert_orders(make_merchant(), [make_order_row("A"), make_order_row("A", buyer_note="second")])

    assert outcomes(results) == ["created", "rejected"]
    assert Order.objects.get().buyer_note == ""


def test_upsert_orders_keeps_shops_apart():
    first, second = make_merchant(), make_merchant("other")
    upsert_orders(first, [make_order_row("A", buyer_note="first")])

    results = upsert_orders(second, [make_order_row("A", buyer_note="second")])

    assert outcomes(results) == ["created"]
    assert Order.objects.get(merchant=first).buyer_note == "first"


def test_upsert_orders_needs_the_same_number_of_statements_for_one_row_and_for_fifty():
    merchant = make_merchant()
    counted = []
    for size in (1, 50):
        rows = [
            make_order_row(f"N{size}-{number}", customer=Row(f"c{size}-{number}", {"name": "王"}), payments=[make_payment_row()],
                           shipments=[make_shipment_row(scans=[make_scan(1)])])
            for number in range(size)
        ]  # fmt: skip
        upsert_orders(merchant, rows[:1])
        with CaptureQueriesContext(
            connection,
        ) as created:
            upsert_orders(merchant, rows[1:] or [make_order_row("extra")])
        with CaptureQueriesContext(connection) as again:
            upsert_orders(merchant, rows)
        counted.append((len(created), len(again)))

    assert counted[1][0] <= 25
    assert counted[0][1] == counted[1][1]


def test_upsert_orders_tells_each_milestone_once_and_in_the_order_in_which_it_happened():
    merchant = make_merchant()
    upsert_orders(merchant, [make_order_row(payments=[make_payment_row()])])
    upsert_orders(merchant, [make_order_row(shipped_at=NOON + timedelta(days=1))])
    upsert_orders(merchant, [make_order_row(shipped_at=NOON + timedelta(days=1, hours=1), delivered_at=NOON + timedelta(days=3))])

    order = Order.objects.get()
    assert kinds(order) == ["order.placed", "order.paid", "payment.captured", "order.shipped", "order.delivered"]
    assert find_break(order.events.order_by("seq"), head_seq=order.head_seq, head_hash=order.head_hash) is None


def test_upsert_orders_tells_of_a_cancellation_without_a_time():
    merchant = make_merchant()
    upsert_orders(merchant, [make_order_row(status="cancelled")])
    upsert_orders(merchant, [make_order_row(status="cancelled")])

    assert kinds(Order.objects.get()) == ["order.placed", "order.cancelled"]


def test_order_events_hold_codes_and_nothing_personal():
    upsert_orders(make_merchant(), [make_order_row(province="浙江省", receiver_name="李小满", receiver_address="文三路 1 号")])

    event = OrderEvent.objects.get()
    assert event.codes == {"merchant": make_merchant().pk, "province": "浙江省", "skus": ["SKU1"]}
    assert event.payload is None


def test_scans_doubled_and_shuffled_give_the_same_shipment():
    scans = [
        make_scan(2, "pending"),
        make_scan(5),
        make_scan(20, "out_for_delivery"),
        make_scan(22, "exception"),
        make_scan(26, "delivered"),
    ]
    merchant, generator = make_merchant(), random.Random(7)
    states = set()
    for number in range(6):
        batches = scans * 2
        generator.shuffle(batches)
        upsert_orders(merchant, [make_order_row(f"O{number}")])
        for scan in batches:
            upsert_shipments(merchant, [OrderPart(f"O{number}", make_shipment_row(scans=[scan]))])
        shipment = Shipment.objects.get(order__external_id=f"O{number}")
        order = Order.objects.get(external_id=f"O{number}")
        states.add((shipment.status, shipment.shipped_at, shipment.delivered_at, shipment.last_scan_at, order.status, order.delivered_at))
        assert shipment.scans.count() == 5
        assert order.events.filter(kind="shipment.scanned").count() == 5

    delivered = NOON + timedelta(hours=26)
    assert states == {("delivered", NOON + timedelta(hours=5), delivered, delivered, "delivered", delivered)}


def test_upsert_shipments_understands_the_words_of_carriers():
    merchant = make_merchant()
    upsert_orders(merchant, [make_order_row()])

    upsert_shipments(merchant, [OrderPart("A-1001", make_shipment_row(status="AvailableForPickup"))])

    assert Shipment.objects.get().status == "at_station"


def test_upsert_shipments_ties_a_shipment_to_carrier_and_warehouse():
    merchant = make_merchant()
    add_carriers([Row("sf", {"name_zh": "顺丰速运", "name_en": "SF Express"})])
    upsert_warehouses(merchant, [Row("hz", {"name": "杭州仓"})])
    upsert_orders(merchant, [make_order_row()])

    upsert_shipments(merchant, [OrderPart("A-1001", make_shipment_row(carrier="sf", warehouse="hz"))])

    shipment = Shipment.objects.get()
    assert (shipment.carrier, shipment.warehouse) == (Carrier.objects.get(), Warehouse.objects.get())


def test_an_order_is_delivered_when_its_last_shipment_is():
    merchant = make_merchant()
    first, second = make_shipment_row("S1", delivered_at=NOON + timedelta(days=1)), make_shipment_row("S2", shipped_at=NOON)
    upsert_orders(merchant, [make_order_row(shipments=[first, second])])
    assert Order.objects.get().delivered_at is None

    upsert_shipments(merchant, [OrderPart("A-1001", make_shipment_row("S2", delivered_at=NOON + timedelta(days=2)))])

    assert (Order.objects.get().status, Order.objects.get().delivered_at) == ("delivered", NOON + timedelta(days=2))


def test_upsert_payments_refuses_an_order_it_does_not_know():
    results = upsert_payments(make_merchant(), [OrderPart("nowhere", make_payment_row())])

    assert results[0].outcome is Outcome.REJECTED
    assert list(results[0].errors) == ["order"]


def test_upsert_payments_tells_of_a_payment_when_it_is_captured():
    merchant = make_merchant()
    upsert_orders(merchant, [make_order_row(payments=[make_payment_row(status="pending", paid_at=None)])])
    assert (Order.objects.get().status, kinds(Order.objects.get())) == ("unpaid", ["order.placed"])

    upsert_payments(merchant, [OrderPart("A-1001", make_payment_row())])

    assert Order.objects.get().status == "paid"
    assert set(kinds(Order.objects.get())) == {"order.placed", "order.paid", "payment.captured"}


def test_upsert_customers_reports_what_became_of_each_row():
    merchant = make_merchant()
    upsert_customers(merchant, [Row("same", {"city": "杭州"}), Row("other", {"city": "杭州"})])

    results = upsert_customers(merchant, [Row("same", {"city": "杭州"}), Row("other", {"city": "上海"}), Row("new", {}), Row("", {})])

    assert outcomes(results) == ["unchanged", "changed", "created", "rejected"]


def test_upsert_orders_announces_what_changed(django_capture_on_commit_callbacks):
    heard = []

    def hear(order_ids, **_news):
        heard.append(order_ids)

    orders_changed.connect(hear)
    merchant = make_merchant()
    with django_capture_on_commit_callbacks(execute=True):
        upsert_orders(merchant, [make_order_row()])
    with django_capture_on_commit_callbacks(execute=True):
        upsert_orders(merchant, [make_order_row()])
    orders_changed.disconnect(hear)

    assert heard == [[Order.objects.get().pk]]


def test_the_sweep_puts_order_events_into_the_feed():
    upsert_orders(make_merchant(), [make_order_row(payments=[make_payment_row()])])

    moved = sequence_order_feed()

    entries = read_feed(OrderFeed, after=0)
    assert moved == 3
    assert [entry.kind for entry in entries] == kinds(Order.objects.get())
    assert {entry.subject_id for entry in entries} == {Order.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_two_syncs_of_one_shop_at_the_same_time_create_each_order_once():
    merchant = make_merchant()
    rows = [make_order_row(f"O{number}", payments=[make_payment_row()]) for number in range(20)]
    start, results = threading.Barrier(2), []

    def sync():
        start.wait()
        results.extend(upsert_orders(merchant, rows))
        connections["default"].close()

    threads = [threading.Thread(target=sync) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes(results)) == ["created"] * 20 + ["unchanged"] * 20
    assert (Order.objects.count(), Payment.objects.count()) == (20, 20)
    assert not ImportRun.objects.exists()
