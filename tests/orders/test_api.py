import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import ApiToken, Customer, Merchant, Order, Payment, Shipment, Warehouse
from orders.services import upsert_orders
from orders.tokens import issue_token
from tests.factories import make_merchant
from tests.orders.builders import make_order_row, make_payment_row, make_scan, make_shipment_row

pytestmark = pytest.mark.django_db
Scope = ApiToken.Scope
ORDER = {
    "external_id": "A-1",
    "customer": {"external_id": "c1", "name": "李小满", "phone": "+86 138-0000-1234"},
    "placed_at": "2026-03-02T20:00:00+08:00",
    "total_fen": 19800,
    "receiver_name": "李小满",
    "receiver_phone": "13800001234",
    "receiver_address": "杭州市西湖区文三路 1 号",
    "lines": [{"external_id": "1", "sku": "T1", "title": "白茶", "quantity": 2, "unit_fen": 9900, "paid_fen": 19800}],
    "payments": [{"external_id": "p1", "method": "alipay", "amount_fen": 19800, "paid_at": "2026-03-02T20:01:00+08:00"}],
    "shipments": [{"external_id": "s1", "waybill": "SF 123", "scans": [{"at": "2026-03-03T09:00:00+08:00", "status": "InTransit"}]}],
}


class Machine:
    """A system of a shop with a token."""

    def __init__(self, client, *scopes, shop="qinghe"):
        self.client = client
        _token, self.secret = issue_token(make_merchant(shop), name="OMS", scopes=list(scopes), by=None)

    def get(self, path, **query):
        return self.client.get(f"/api/v1/{path}", query, headers={"Authorization": f"Bearer {self.secret}"})

    def send(self, path, rows, *, key=""):
        headers = {"Authorization": f"Bearer {self.secret}"} | ({"Idempotency-Key": key} if key else {})
        return self.client.post(f"/api/v1/{path}", json.dumps({"rows": rows}), content_type="application/json", headers=headers)


@pytest.fixture
def writer(client):
    return Machine(client, Scope.ORDERS_READ, Scope.ORDERS_WRITE, Scope.PII)


def outcomes(response):
    return [each["outcome"] for each in response.json()["results"]]


def test_a_line_says_why_it_is_not_returned_without_a_reason(writer):
    line = ORDER["lines"][0]

    def sent(word):
        answer = writer.send("orders/", [ORDER | {"lines": [line | {"exception": word}]}])
        return outcomes(answer)[0], writer.get("orders/A-1/").json()["lines"][0]["exception"]

    assert sent("custom_made") == ("created", "custom_made")
    assert sent("because") == ("rejected", "custom_made")
    assert sent("") == ("changed", "")


def test_orders_are_written_once_and_read_back(writer):
    first = writer.send("orders/", [ORDER])
    second = writer.send("orders/", [ORDER])
    read = writer.get("orders/A-1/").json()

    assert (first.status_code, outcomes(first), outcomes(second)) == (200, ["created"], ["unchanged"])
    assert second.json()["counts"] == {"created": 0, "changed": 0, "unchanged": 1, "rejected": 0}
    assert (read["number"], read["status"], read["receiver_phone"]) == ("A1", "shipped", "13800001234")
    assert read["shipments"][0]["scans"][0]["status"] == "in_transit"
    assert (read["lines"][0]["sku"], read["payments"][0]["amount_fen"]) == ("T1", 19800)


def test_a_bad_row_is_named_by_field_and_stops_no_other(writer):
    bad = {**ORDER, "external_id": "BAD", "lines": [{"external_id": "1", "sku": "T1", "title": "白茶", "quantity": 0}]}

    response = writer.send("orders/", [bad, "nonsense", ORDER, {**ORDER, "external_id": "C", "surprise": 1}])

    results = response.json()["results"]
    assert outcomes(response) == ["rejected", "rejected", "created", "rejected"]
    assert list(results[0]["errors"]) == ["lines.0.quantity"]
    assert list(results[3]["errors"]) == ["surprise"]
    assert list(Order.objects.values_list("external_id", flat=True)) == ["A-1"]


@pytest.mark.parametrize(
    "field", ["is_staff", "merchant", "merchant_id", "id", "head_seq", "head_hash", "synced_at", "receiver_phone_index"]
)
def test_fields_that_are_not_for_writing_are_refused(writer, field):
    response = writer.send("orders/", [{**ORDER, field: 1}])

    assert list(response.json()["results"][0]["errors"]) == [field]
    assert not Order.objects.exists()


def test_payments_shipments_customers_and_warehouses_have_doors_of_their_own(writer):
    writer.send("orders/", [{**ORDER, "payments": [], "shipments": []}])

    places = writer.send("warehouses/", [{"code": "hz", "name": "杭州仓"}])
    payments = writer.send("payments/", [{"order": "A-1", "external_id": "p9", "method": "wechat", "amount_fen": 1}])
    shipments = writer.send("shipments/", [{"order": "A-1", "external_id": "s9", "warehouse": "hz"}, {"order": "?", "external_id": "s"}])
    customers = writer.send("customers/", [{"external_id": "c1", "tier": "vip"}])

    assert [outcomes(each) for each in (places, payments, shipments, customers)] == [
        ["created"], ["created"], ["created", "rejected"], ["changed"],
    ]  # fmt: skip
    assert Payment.objects.get().order == Shipment.objects.get().order
    assert (Shipment.objects.get().warehouse, Customer.objects.get().tier) == (Warehouse.objects.get(), "vip")


def test_personal_fields_are_masked_without_the_scope(writer, client):
    writer.send("orders/", [{**ORDER, "buyer_note": "打 13800001234"}])

    answers = [Machine(client, Scope.ORDERS_READ).get(path).content.decode() for path in ("orders/A-1/", "orders/", "customers/c1/")]

    assert not any("13800001234" in answer or "李小满" in answer or "文三路" in answer for answer in answers)
    assert "138****1234" in answers[0]


def test_a_token_sees_and_changes_its_own_shop_only(writer, client):
    writer.send("orders/", [ORDER])
    stranger = Machine(client, Scope.ORDERS_READ, Scope.ORDERS_WRITE, shop="other")

    foreign = stranger.send("payments/", [{"order": "A-1", "external_id": "p9", "method": "wechat", "amount_fen": 1}])

    assert stranger.get("orders/A-1/").status_code == 404
    assert stranger.get("customers/c1/").status_code == 404
    assert [stranger.get(path).json()["results"] for path in ("orders/", "payments/", "shipments/", "warehouses/")] == [[], [], [], []]
    assert [row["code"] for row in stranger.get("merchants/").json()["results"]] == ["other"]
    assert outcomes(foreign) == ["rejected"]


@pytest.mark.parametrize("path", ["orders/", "customers/", "payments/", "shipments/", "warehouses/"])
def test_reading_and_writing_need_their_own_scopes(client, path):
    reader, feeder = Machine(client, Scope.ORDERS_READ), Machine(client, Scope.ORDERS_WRITE)

    assert (reader.get(path).status_code, reader.send(path, []).status_code) == (200, 403)
    assert (feeder.get(path).status_code, feeder.send(path, []).status_code) == (403, 200)
    assert client.get(f"/api/v1/{path}").status_code == 401


def test_the_shop_itself_cannot_be_changed(writer):
    assert writer.send("merchants/", [{"code": "qinghe", "name": "mine"}]).status_code in (403, 405)
    assert Merchant.objects.get().name == "青禾优选"


def test_a_key_with_other_content_is_refused_and_with_the_same_content_repeats(writer):
    first = writer.send("orders/", [ORDER], key="k1")
    again = writer.send("orders/", [ORDER], key="k1")
    other = writer.send("orders/", [{**ORDER, "buyer_note": "x"}], key="k1")

    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 409)
    assert Order.objects.get().buyer_note == ""


TOO_MANY = json.dumps({"rows": [{}] * 501})


@pytest.mark.parametrize("body", ["[]", '{"rows": {}}', '{"rows": [], "more": 1}', pytest.param(TOO_MANY, id="too many")])
def test_a_body_that_is_not_a_list_of_at_most_500_rows_is_refused(writer, client, body):
    response = client.post("/api/v1/orders/", body, content_type="application/json", headers={"Authorization": f"Bearer {writer.secret}"})

    assert response.status_code == 400


def test_lists_go_on_where_the_last_page_ended_and_since_a_time(writer):
    upsert_orders(make_merchant(), [make_order_row(f"O{number}") for number in range(3)])

    first = writer.get("orders/", limit=2).json()
    second = writer.get("orders/", limit=2, cursor=first["next"]).json()
    last = second["results"][-1]["synced_at"]

    assert [len(first["results"]), len(second["results"])] == [2, 1]
    assert len({row["external_id"] for row in first["results"] + second["results"]}) == 3
    assert len(writer.get("orders/", updated_since=last).json()["results"]) == 3
    assert writer.get("orders/", updated_since="2999-01-01T00:00:00Z").json()["results"] == []
    assert writer.get("orders/", updated_since="yesterday; --").status_code == 400


@pytest.mark.parametrize("path", ["orders/", "payments/", "shipments/"])
def test_a_list_needs_the_same_number_of_queries_for_one_row_and_for_three(writer, path):
    counted = []
    for number in range(3):
        row = make_order_row(f"O{number}", payments=[make_payment_row()], shipments=[make_shipment_row(scans=[make_scan(1), make_scan(2)])])
        upsert_orders(make_merchant(), [row])
        with CaptureQueriesContext(connection) as queries:
            assert len(writer.get(path).json()["results"]) == number + 1
        counted.append(len(queries))

    # The first request also notes that the token was used.
    assert counted[1] == counted[2]
