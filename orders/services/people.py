"""Customers of a shop, brought in by external id."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from foundation.crypto import blind_index
from orders.models import Customer, Merchant
from ui.normalise import normalise_phone

from .erasure import without_erased
from .faults import find_faults
from .locks import lock_sync
from .rows import Outcome, Row, RowResult
from .shelf import Shelf

PHONE_TAIL = 4


@transaction.atomic
def upsert_customers(merchant: Merchant, rows: Sequence[Row]) -> list[RowResult]:
    """Create and change customers by external id; rows that change nothing are not written.

    Returns one result per row, in order. A row with a fault is rejected and stops no other one.
    """
    lock_sync(merchant)
    shelf = load_customers(merchant, (row.external_id for row in rows))
    seen: set[str] = set()
    results = [_put_once(shelf, merchant, row, seen) for row in rows]
    shelf.save()
    return results


def load_customers(merchant: Merchant, external_ids: Iterable[str]) -> Shelf:
    """The stored customers with these external ids."""
    stored = Customer.objects.filter(merchant=merchant, external_id__in=set(external_ids)).order_by("id").select_for_update(no_key=True)
    return Shelf(Customer, lambda row: row.external_id, stored)


def customer_faults(row: Row) -> dict[str, str]:
    faults = find_faults(Customer, {"external_id": row.external_id, **row.values}) | blank_id_fault(row.external_id)
    return faults or find_faults(Customer, with_indexes(row.values))


def put_customer(shelf: Shelf, merchant: Merchant, row: Row) -> Customer:
    """Set the fields of a customer, with the indexes that make phone and e-mail findable."""
    values = without_erased(shelf.get(row.external_id), with_indexes(row.values))
    return shelf.put(row.external_id, values, merchant=merchant, external_id=row.external_id)


def with_indexes(values: dict[str, Any]) -> dict[str, Any]:
    """Values in their stored form, and the blind indexes that follow from them."""
    values = dict(values)
    if "phone" in values:
        phone = values["phone"] = normalise_phone(values["phone"])
        values["phone_index"] = blind_index(phone, purpose="phone")
        values["phone_tail_index"] = blind_index(phone[-PHONE_TAIL:], purpose="phone_tail")
    if "email" in values:
        values["email"] = values["email"].strip().lower()
        values["email_index"] = blind_index(values["email"], purpose="email")
    return values


def blank_id_fault(external_id: str) -> dict[str, str]:
    return {} if external_id else {"external_id": _("This field may not be empty.")}


def repeat_fault() -> dict[str, str]:
    return {"external_id": _("Comes twice in the same request.")}


def _put_once(shelf: Shelf, merchant: Merchant, row: Row, seen: set[str]) -> RowResult:
    faults = repeat_fault() if row.external_id in seen else customer_faults(row)
    if faults:
        return RowResult(row.external_id, Outcome.REJECTED, faults)
    seen.add(row.external_id)
    put_customer(shelf, merchant, row)
    return RowResult(row.external_id, shelf.outcome(row.external_id))
