"""What is owed to the customer in goods, from where, and what of it may go out now."""

from orders.models import Warehouse
from workflows.cases.quantities import Terms, read_quantities, ready_to_ship
from workflows.machines.outbound import OutboundState
from workflows.models import Case, CasePolicy, Outbound, Resolution


def warehouse_of(case: Case) -> Warehouse | None:
    """The one that was chosen for the case, else the shop's first."""
    return case.warehouse or Warehouse.objects.filter(merchant=case.order.merchant_id).order_by("pk").first()


def shipping_terms(resolution: Resolution | None) -> list[Terms]:
    """The rows of a resolution that give goods."""
    rows = resolution.rows if resolution is not None and resolution.is_grant else []
    return [terms for terms in map(Terms.from_row, rows) if terms.ships != CasePolicy.Release.NONE]


def units_owed(resolution: Resolution | None) -> set[int]:
    """Ids of the units for which goods go out."""
    return {unit_id for terms in shipping_terms(resolution) for unit_id in terms.unit_ids or ()}


def ready_outbounds(case: Case) -> list[Outbound]:
    """Reserved parcels of which every piece meets its condition. The customer's own goods wait for nothing."""
    reserved = list(Outbound.objects.filter(case=case, state=OutboundState.RESERVED).prefetch_related("units").order_by("pk"))
    if not reserved:
        return []
    quantities = read_quantities(case)
    ready = {unit_id for row in quantities.rows for unit_id in ready_to_ship(quantities.claims, row)}
    return [row for row in reserved if row.kind == Outbound.Kind.SHIP_BACK or {claim.unit_id for claim in row.units.all()} <= ready]
