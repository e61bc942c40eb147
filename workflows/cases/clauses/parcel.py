"""Guards of a return parcel."""

from workflows.access import warehouses_of
from workflows.cases.asking import Asking
from workflows.cases.clauses.binding import against
from workflows.machines.parcel import ParcelState
from workflows.machines.spine import CaseState
from workflows.machines.table import Role

WAITS = (CaseState.AWAITING_RETURN, CaseState.IN_TRANSIT)


@against("other_warehouse")
def is_at_another_warehouse(asking: Asking) -> bool:
    """A machine works for a whole shop, and its rights on the case were asked before."""
    return Role.INTEGRATION not in asking.roles and asking.row.warehouse_id not in warehouses_of(asking.by)


@against("parcel.no_event", "outbound.no_event", needs=("event",))
def names_no_event(asking: Asking) -> bool:
    return not asking.given("event")


@against("parcel.no_problem_seen", needs=("problem",))
def names_no_problem(asking: Asking) -> bool:
    return not asking.given("problem")


@against("still_owed")
def is_still_waited_for(asking: Asking) -> bool:
    return asking.row.cases.filter(state__in=WAITS).exists()


@against("no_verdict")
def is_not_decided(asking: Asking) -> bool:
    """Before the exception is decided nobody gives a parcel up."""
    return asking.row.cases.filter(state__in=[*WAITS, CaseState.EXCEPTION]).exists()


def is_live(state: str) -> bool:
    return state not in (ParcelState.SCANNED, ParcelState.CANCELLED, ParcelState.ABANDONED)
