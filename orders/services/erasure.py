"""Taking the person out of what the shop knows. Orders and payments stay, as the law asks; nobody can be read in them."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from orders.models import Customer, Order

# What a later sync may not bring back.
CUSTOMER_FIELDS = {
    "name": "", "phone": "", "phone_index": "", "phone_tail_index": "", "email": "", "email_index": "", "city": "",
}  # fmt: skip
ORDER_FIELDS = {"receiver_name": "", "receiver_phone": "", "receiver_phone_index": "", "receiver_address": "", "buyer_note": ""}


@transaction.atomic
def erase_customers(ids: Collection[int]) -> int:
    """Empty every personal field of customers and of their orders, for good; returns how many customers there were.

    The external id stays as the link to the shop's own records. A sync that names them again changes nothing personal.
    """
    customers = Customer.objects.filter(pk__in=list(ids)).order_by("pk").select_for_update(no_key=True)
    found = [customer.pk for customer in customers.only("pk")]
    now = timezone.now()
    Order.objects.filter(customer__in=found).update(**ORDER_FIELDS)
    Customer.objects.filter(pk__in=found).update(**CUSTOMER_FIELDS, erased_at=now)
    return len(found)


def without_erased(row: Customer | Order | None, values: dict[str, Any]) -> dict[str, Any]:
    """The values of a sync for a stored row, less what was erased from it. An order placed after the erasure keeps its receiver."""
    if isinstance(row, Customer) and row.erased_at:
        return {name: value for name, value in values.items() if name not in CUSTOMER_FIELDS}
    if isinstance(row, Order) and row.pk and row.customer.erased_at and row.placed_at < row.customer.erased_at:
        return {name: value for name, value in values.items() if name not in ORDER_FIELDS}
    return values
