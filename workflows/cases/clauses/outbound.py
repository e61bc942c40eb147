"""Guards of goods that go out."""

from workflows.cases.asking import Asking
from workflows.cases.clauses.binding import against
from workflows.cases.shipping import ready_outbounds, units_owed
from workflows.machines.repair import RepairState
from workflows.machines.spine import CaseState
from workflows.models import Outbound, Repair

OVER = (CaseState.REJECTED, CaseState.CANCELLED, CaseState.CLOSED)


@against("not_released")
def is_not_due_yet(asking: Asking) -> bool:
    return asking.row.pk not in {row.pk for row in ready_outbounds(asking.case)}


@against("in_stock")
def is_on_the_shelf(asking: Asking) -> bool:
    return (asking.given("left") or 0) >= asking.row.quantity


@against("outbound.no_problem_seen", needs=("events",))
def shows_no_problem(asking: Asking) -> bool:
    return not asking.given("events")


@against("stock_missing", needs=("left",))
def is_not_on_the_shelf(asking: Asking) -> bool:
    """Whoever knows how many there are says so; None: nobody counted."""
    left = asking.given("left")
    return left is not None and left < asking.row.quantity


@against("still_due")
def is_still_owed(asking: Asking) -> bool:
    """By what was decided, unless the case ended without it, or a repair was not made after all. Goods of their own go back in any case."""
    row: Outbound = asking.row
    if row.kind == Outbound.Kind.SHIP_BACK or asking.case.state in OVER:
        return False
    repairs = Repair.objects.filter(claim__outbounds=row)
    if row.kind == Outbound.Kind.REPAIRED and repairs and not repairs.exclude(state__in=NOT_REPAIRED).exists():
        return False
    return bool({claim.unit_id for claim in row.units.all()} & units_owed(asking.current))


NOT_REPAIRED = (RepairState.DECLINED, RepairState.IRREPARABLE)
