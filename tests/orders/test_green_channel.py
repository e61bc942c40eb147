"""The green channel follows what was paid within a year."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Customer, Payment
from orders.services.green import LEAST_FEN, mark_green_customers
from tests.factories import make_customer, make_order

pytestmark = pytest.mark.django_db


def make_buyer(*amounts: int, age: timedelta = timedelta(days=30), status: str = Payment.Status.CAPTURED) -> Customer:
    """A customer with one order for each payment of this many fen."""
    customer = make_customer()
    for number, amount in enumerate(amounts):
        order = make_order(customer=customer)
        paid_at = timezone.now() - age
        Payment.objects.create(order=order, external_id=str(number), method="alipay", status=status, amount_fen=amount, paid_at=paid_at)
    return customer


def is_green(customer: Customer) -> bool:
    mark_green_customers()
    return Customer.objects.get(pk=customer.pk).is_green


@pytest.mark.parametrize(
    ("amounts", "options", "green"),
    [
        ((LEAST_FEN,), {}, True),
        ((LEAST_FEN - 1,), {}, False),
        ((LEAST_FEN // 2, LEAST_FEN // 2), {}, True),
        ((LEAST_FEN,), {"age": timedelta(days=366)}, False),
        ((LEAST_FEN,), {"status": Payment.Status.PENDING}, False),
    ],
)
def test_who_bought_for_enough_within_a_year_is_in(amounts, options, green):
    assert is_green(make_buyer(*amounts, **options)) is green


def test_who_no_longer_buys_leaves_and_an_erased_customer_is_never_in():
    gone, erased = make_buyer(LEAST_FEN), make_buyer(LEAST_FEN)
    mark_green_customers()
    Payment.objects.filter(order__customer=gone).update(paid_at=timezone.now() - timedelta(days=400))
    Customer.objects.filter(pk=erased.pk).update(erased_at=timezone.now())

    assert not is_green(gone) and not is_green(erased)


def test_only_those_who_came_or_went_are_written():
    make_buyer(LEAST_FEN)
    make_buyer(100)

    assert (mark_green_customers(), mark_green_customers()) == (1, 0)
