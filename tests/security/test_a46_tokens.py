"""Tokens of machines: header only, one shop, their scopes, and a trace when they read personal data in full."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AccessLog
from orders.models import ApiToken
from orders.tokens import revoke_token
from tests.api.machine import FILED, Machine
from tests.factories import make_complaint, make_customer, make_merchant, make_order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
Scope = ApiToken.Scope
PHONE = "13987654321"
CUSTOMER = {"name": "欧阳青山", "phone": PHONE, "email": "qingshan@mail.example"}
CANARIES = (PHONE, "qingshan@mail.example", "欧阳青山", "文三路 1 号 502")


@pytest.fixture
def order():
    return make_order(customer=make_customer(**CUSTOMER), receiver_address="浙江省杭州市西湖区文三路 1 号 502")


PERSONAL = [
    ("orders/", "orders.order", "receiver"),
    ("orders/{order.external_id}/", "orders.order", "receiver"),
    ("customers/", "orders.customer", "contact"),
    ("customers/{order.customer.external_id}/", "orders.customer", "contact"),
]


@pytest.mark.parametrize(("path", "subject", "field"), PERSONAL)
def test_reading_in_full_leaves_a_row(machine, order, path, subject, field):
    answer = machine.get(path.format(order=order))

    assert PHONE in answer.content.decode()
    rows = AccessLog.objects.values_list("actor_id", "act", "subject_type", "field", "reason", "network")
    assert list(rows) == [(machine.token.actor_id, "reveal", subject, field, "API", "127.0.0.1")]


@pytest.mark.parametrize(("path", "subject", "field"), PERSONAL)
def test_reading_without_the_scope_is_masked_and_leaves_no_row(order, path, subject, field):
    masked = Machine(Scope.ORDERS_READ)

    shown = masked.get(path.format(order=order)).content.decode()

    assert [canary for canary in CANARIES if canary in shown] == []
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize("path", ["merchants/", "warehouses/", "payments/", "shipments/"])
def test_tables_without_personal_data_leave_no_row(machine, order, path):
    assert machine.get(path).status_code == 200
    assert not AccessLog.objects.exists()


def test_a_token_in_the_address_is_refused_even_beside_a_good_header(machine):
    for path in ("complaints/", "orders/"):
        assert machine.get(path, token=machine.secret).status_code == 400
        assert Client().get(f"/api/v1/{path}", {"access_token": machine.secret}).status_code == 400


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic {}", "Token {}", "{}", "Bearer x{}", "Bearer {}x", "Bearer \x00{}"])
def test_anything_but_the_whole_token_is_a_401(machine, header):
    answer = Client().get("/api/v1/complaints/", headers={"Authorization": header.format(machine.secret)})

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


def test_a_token_opens_neither_the_desk_nor_a_session(machine):
    answer = machine.client.get("/admin/desk/", headers=machine.headers)
    machine.get("complaints/")

    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/admin/login/")
    assert list(machine.client.cookies) == []


def test_a_session_of_staff_opens_no_api():
    from tests.factories import make_user

    client = Client()
    client.force_login(make_user("manager", shops=[make_merchant()]))

    assert client.get("/api/v1/complaints/").status_code == 401


def test_a_token_dies_when_it_is_revoked(machine):
    assert machine.get("complaints/").status_code == 200

    revoke_token(machine.token, by=None)

    assert machine.get("complaints/").status_code == 401


@pytest.mark.parametrize(("seconds", "status"), [(-30, 200), (1, 401)])
def test_a_token_dies_at_its_hour(seconds, status):
    late = Machine(Scope.COMPLAINTS_READ, expires_at=timezone.now() - timedelta(seconds=seconds))

    assert late.get("complaints/").status_code == status


def test_a_token_dies_with_its_shop_and_with_its_account(machine):
    machine.token.actor.is_active = False
    machine.token.actor.save()
    closed = Machine(Scope.COMPLAINTS_READ, shop="closed")
    closed.shop.is_active = False
    closed.shop.save()

    assert [each.get("complaints/").status_code for each in (machine, closed)] == [401, 401]


def test_only_the_hash_of_a_token_is_stored(machine):
    stored = str(ApiToken.objects.filter(pk=machine.token.pk).values().get())

    assert machine.secret[12:] not in stored
    assert machine.token.digest in stored


READS = {
    Scope.COMPLAINTS_READ: ["complaints/", "complaints/{number}/", "complaints/{number}/verbs/", "complaints/{number}/messages/",
                            "complaints/{number}/attachments/"],
    Scope.ORDERS_READ: ["merchants/", "customers/", "orders/", "payments/", "shipments/", "warehouses/"],
}  # fmt: skip
WRITES = {
    Scope.COMPLAINTS_CREATE: [("complaints/", FILED), ("complaints/{number}/customer-messages/", {"body": "在吗"})],
    Scope.COMPLAINTS_WRITE: [
        ("complaints/{number}/set_priority/", {"priority": 3, "expected_version": 1}),
        ("complaints/{number}/set_tags/", {"names": ["VIP"], "expected_version": 2}),
        ("complaints/{number}/messages/", {"body": "您好", "expected_version": 3}),
    ],
    Scope.NOTES: [("complaints/{number}/notes/", {"body": "内部"})],
    Scope.ORDERS_WRITE: [(f"{name}/", {"rows": []}) for name in ("customers", "orders", "payments", "shipments", "warehouses")],
}


@pytest.mark.parametrize("scope", Scope.values)
def test_a_scope_opens_its_own_calls_and_no_other(scope):
    only, number = Machine(scope), make_complaint().number
    calls = [(owner, "GET", path, None) for owner, paths in READS.items() for path in paths]
    calls += [(owner, "POST", path, body) for owner, pairs in WRITES.items() for path, body in pairs]

    opened = set()
    for owner, method, path, body in calls:
        target = path.format(number=number)
        answer = only.get(target) if method == "GET" else only.post(target, body)
        if owner == scope:
            assert answer.status_code in (200, 201), (path, answer.content)
            opened.add(path)
        else:
            assert answer.status_code == 403, (path, answer.content)

    assert bool(opened) == (scope != Scope.PII)
