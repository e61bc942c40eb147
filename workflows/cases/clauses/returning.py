"""Guards of the way back: naming the parcel, running out of time, problems on the way, and the arrival."""

from datetime import timedelta

from workflows.cases.asking import Asking
from workflows.cases.clauses.binding import against
from workflows.cases.clauses.parcel import is_live
from workflows.cases.waybills import is_plausible
from workflows.machines.parcel import ParcelState
from workflows.machines.spine import SPINE, CaseState
from workflows.machines.table import Role
from workflows.models import CaseClock, Parcel, TrackEvent

LIVE_STATES = [state for state in ParcelState if is_live(state)]


@against("waybill_malformed", needs=("waybill",))
def is_no_waybill(asking: Asking) -> bool:
    carrier = asking.given("carrier")
    return not is_plausible(asking.given("waybill") or "", carrier_code=carrier.code if carrier else "")


@against("waybill_taken", needs=("waybill",))
def is_used_elsewhere(asking: Asking) -> bool:
    """Whoever shares a parcel says so, and shares it with a request of their own; staff may join those of anybody."""
    others = Parcel.objects.filter(waybill=asking.given("waybill"), state__in=LIVE_STATES).exclude(cases=asking.case)
    if asking.given("is_shared"):
        return not asking.is_staff and others.exclude(cases__order__customer=asking.case.order.customer_id).exists()
    return others.exists()


@against("address_not_given")
def was_given_no_address(asking: Asking) -> bool:
    return not any(parcel.return_address and is_live(parcel.state) for parcel in asking.parcels)


@against("carrier_scanned")
def was_seen_by_the_carrier(asking: Asking) -> bool:
    return any(parcel.first_scan_at for parcel in asking.parcels)


@against("address_late")
def was_told_too_late(asking: Asking) -> bool:
    """The customer had the whole time of the state after they were given the address."""
    clock = SPINE.state(CaseState.AWAITING_RETURN).clock
    told = [parcel.announced_at for parcel in asking.parcels if parcel.return_address]
    return not told or min(told) + clock.after > asking.at + timedelta(seconds=1)


@against("no_single_parcel", needs=("parcel",))
def fits_no_single_parcel(asking: Asking) -> bool:
    """``parcel`` is the one that was chosen or found; scanned already counts, so that a second case of it can follow."""
    parcel = asking.given("parcel")
    return parcel is None or parcel.pk not in {each.pk for each in asking.parcels} or parcel.state in GONE


@against("case.no_problem_seen", needs=("events",))
def shows_no_problem(asking: Asking) -> bool:
    """The carrier's scans show it: those that were chosen, the state that they add up to, or that there were none for too long."""
    if any(parcel.state == ParcelState.PROBLEM for parcel in asking.parcels) or _is_silent(asking):
        return False
    events = set(asking.given("events") or ())
    if Role.SYSTEM in asking.roles or not events:
        return True
    return TrackEvent.objects.filter(pk__in=events, parcel__in=[parcel.pk for parcel in asking.parcels]).count() != len(events)


GONE = (ParcelState.CANCELLED, ParcelState.ABANDONED)


def _is_silent(asking: Asking) -> bool:
    """The clock of the way back is over; every scan begins it anew."""
    clocks = CaseClock.objects.filter(case=asking.case, kind=CaseClock.Kind.SERVICE, code=CaseState.IN_TRANSIT)
    return clocks.filter(due_at__lte=asking.at, state__in=[CaseClock.State.RUNNING, CaseClock.State.MISSED]).exists()
