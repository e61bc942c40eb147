"""Warehouses of a shop and the couriers of the house."""

from collections.abc import Sequence

from django.db import transaction

from orders.models import Carrier, Merchant, Warehouse

from .faults import find_faults
from .locks import lock_sync
from .people import blank_id_fault, repeat_fault
from .rows import Outcome, Row, RowResult
from .shelf import Shelf


@transaction.atomic
def upsert_warehouses(merchant: Merchant, rows: Sequence[Row]) -> list[RowResult]:
    """Create and rename warehouses by code; returns one result per row, in order."""
    lock_sync(merchant)
    stored = Warehouse.objects.filter(merchant=merchant, code__in=[row.external_id for row in rows]).select_for_update(no_key=True)
    shelf = Shelf(Warehouse, lambda row: row.code, stored)
    seen: set[str] = set()
    results = [_put_once(shelf, merchant, row, seen) for row in rows]
    shelf.save()
    return results


@transaction.atomic
def add_carriers(rows: Sequence[Row]) -> None:
    """Add couriers that are missing; those that exist keep their names, which an administrator may have edited."""
    Carrier.objects.bulk_create([Carrier(code=row.external_id, **row.values) for row in rows], ignore_conflicts=True)


def _put_once(shelf: Shelf, merchant: Merchant, row: Row, seen: set[str]) -> RowResult:
    faults = repeat_fault() if row.external_id in seen else find_faults(Warehouse, {"code": row.external_id, **row.values})
    faults |= blank_id_fault(row.external_id)
    if faults:
        return RowResult(row.external_id, Outcome.REJECTED, faults)
    seen.add(row.external_id)
    shelf.put(row.external_id, row.values, merchant=merchant, code=row.external_id)
    return RowResult(row.external_id, shelf.outcome(row.external_id))
