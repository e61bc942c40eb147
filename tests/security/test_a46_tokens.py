"""What a machine reads in full leaves a trace, and without the scope it reads nothing in full. Tokens themselves: tests/api."""

import pytest

from accounts.models import AccessLog
from orders.models import ApiToken
from tests.api.machine import Machine
from tests.factories import make_customer, make_order

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
