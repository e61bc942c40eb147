"""The way back: where to send the goods, which parcel they are in, and what follows from what its carrier has seen."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from foundation.exceptions import Forbidden, Reason, RefusedError
from foundation.verbs import require, require_version
from orders.models import Carrier, Shipment, Warehouse
from orders.services import watch_waybill
from workflows.cases.clauses.inspecting import WITHDRAWAL
from workflows.cases.clauses.returning import LIVE_STATES
from workflows.cases.refusals import reasons_against
from workflows.cases.shipping import warehouse_of
from workflows.cases.waybills import normalise_waybill
from workflows.machines.parcel import ParcelState
from workflows.machines.spine import CaseState
from workflows.machines.spine_clauses import REGISTER_PARCEL, REQUEST_MISSING
from workflows.machines.table import Role
from workflows.models import Case, CaseClock, CasePolicy, Parcel, ParcelCase, Recovery, UnclaimedParcel
from workflows.services.act import CaseAct, lock_act, take_up
from workflows.services.calling_off import put_end
from workflows.services.clocks import start_legal_clock
from workflows.services.outbounds import put_releases
from workflows.services.recoveries import put_recovery
from workflows.services.refunds import release_due

Problem = Parcel.Problem
TAKEN = next(clause for clause in REGISTER_PARCEL if clause.code == "waybill_taken")
# Without a scan for so long a parcel counts as lost; the clock of the state begins anew with every scan.
SILENCE = timedelta(days=10)
# What the carrier answers for. A wrong number is nobody's loss, and a parcel that we refused is ours.
ANSWERED_FOR = frozenset({Problem.LOST, Problem.DIFFICULT, Problem.RETURNING})
# One attempt in vain is not yet a problem of the case: the carrier comes again.
STOPS_THE_CASE = frozenset({Problem.LOST, Problem.REFUSED, Problem.RETURNING, Problem.UNKNOWN_NO})
REFUND_CLOCK = "refund_7d"
STILL_NEEDED = (CaseState.AWAITING_RETURN, CaseState.IN_TRANSIT, CaseState.EXCEPTION)
GOODS_LEFT = (CaseState.IN_TRANSIT, CaseState.RECEIVED, CaseState.INSPECTING)


def put_return(act: CaseAct) -> Parcel | None:
    """Expect the goods of a granted case: an address for the customer, or the shop's own parcel that comes back by itself.

    Without a warehouse nobody can be told where to send: an agent finds one.
    """
    known = Parcel.objects.filter(links__case=act.case, state__in=LIVE_STATES).order_by("pk").first()
    if known is not None:
        return known
    place = warehouse_of(act.case)
    if place is None:
        act.open_task("return_address", role=Role.AGENT)
        return None
    parcel = Parcel.objects.create(warehouse=place, announced_at=act.at, **_announced(act.case, place))
    ParcelCase.objects.create(parcel=parcel, case=act.case)
    act.born(parcel, "expect", codes={"warehouse": place.pk})
    if act.case.warehouse_id != place.pk:
        act.set(warehouse=place)
    if parcel.waybill and parcel.carrier is not None:
        watch_waybill(parcel.carrier, parcel.waybill)
    elif not parcel.return_address:
        act.open_task("return_address", role=Role.AGENT, codes={"parcel": parcel.pk})
    return parcel


def address_of(place: Warehouse) -> str:
    """What the customer writes on the parcel: contact, phone and address, a line each; "" while the address is not known."""
    return "\n".join(filter(None, (place.contact, place.phone, place.address))) if place.address else ""


def _announced(case: Case, place: Warehouse) -> dict[str, Any]:
    prepaid = case.policy.freight == CasePolicy.Freight.MERCHANT
    fields = {"return_address": address_of(place), "is_prepaid": prepaid, "label": {"code": case.number}}
    if case.policy.receipt == CasePolicy.Receipt.CARRIER:
        sent = Shipment.objects.filter(order=case.order_id).exclude(waybill="").order_by("-pk").first()
        if sent is not None and not Parcel.objects.filter(waybill=sent.waybill, state__in=LIVE_STATES).exists():
            fields |= {"waybill": sent.waybill, "carrier_id": sent.carrier_id}
    return fields


@transaction.atomic
def give_address(case: Case, *, warehouse: Warehouse, by: User, expected_version: int | None = None) -> Case:
    """Tell a customer who could not be told before where to send the goods; their time begins now."""
    act = lock_act(case, "give_address", by=by)
    _require_role(act, Role.AGENT)
    require_version(act.case, expected_version)
    act.set(warehouse=warehouse)
    parcel = put_return(act)
    if parcel is not None and address_of(warehouse):
        Parcel.objects.filter(pk=parcel.pk).update(warehouse=warehouse, return_address=address_of(warehouse), announced_at=act.at)
        act.note("case.address_given", codes={"case": act.case.pk, "parcel": parcel.pk, "warehouse": warehouse.pk})
        act.close_tasks("return_address")
        act.tell("case_send_back")
    return act.finish()


@transaction.atomic
def register_parcel(
    case: Case,
    *,
    carrier: Carrier | None,
    waybill: str,
    phone_tail: str = "",
    by: User | None = None,
    as_customer: bool = False,
    request: str = "",
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Case:
    """Note the number under which the goods come back (C13), and follow it. Raises ``RefusedError`` for one that is no number or taken."""
    waybill = normalise_waybill(waybill)
    how = {"by": by, "as_customer": as_customer, "expected_version": expected_version, "request_id": request_id}
    act = take_up(case, "register_parcel", carrier=carrier, waybill=waybill, request=request, **how)
    if act.is_replay:
        return act.subject
    parcel = act.lock(put_return(act))
    _name_parcel(parcel, carrier=carrier, waybill=waybill, phone_tail=phone_tail)
    _put_on_its_way(act, parcel, request=request)
    return act.finish()


@transaction.atomic
def attach_parcel(
    case: Case,
    *,
    waybill: str,
    by: User | None = None,
    as_customer: bool = False,
    request: str = "",
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Case:
    """Say that the goods come in a parcel that another request of the same customer has named already (C13)."""
    waybill = normalise_waybill(waybill)
    parcel = Parcel.objects.filter(waybill=waybill, state__in=LIVE_STATES).select_related("carrier").first()
    how = {"by": by, "as_customer": as_customer, "expected_version": expected_version, "request_id": request_id}
    carrier = parcel.carrier if parcel else None
    act = take_up(case, "register_parcel", carrier=carrier, waybill=waybill, request=request, is_shared=True, **how)
    if act.is_replay:
        return act.subject
    if parcel is None:
        raise RefusedError([next(clause for clause in REGISTER_PARCEL if clause.code == "waybill_malformed").reason()])
    own = Parcel.objects.filter(links__case=act.case, state=ParcelState.EXPECTED, waybill="").exclude(pk=parcel.pk)
    rows = {row.pk: act.lock(row) for row in sorted([parcel, *own], key=lambda row: row.pk)}
    ParcelCase.objects.get_or_create(parcel=parcel, case=act.case)
    for row in own:
        act.move(rows[row.pk], "cancel", codes={"cause": "shared"})
    _put_on_its_way(act, rows[parcel.pk], request=request)
    return act.finish()


def _name_parcel(parcel: Parcel, *, carrier: Carrier | None, waybill: str, phone_tail: str) -> None:
    parcel.carrier, parcel.waybill, parcel.phone_tail = carrier, waybill, phone_tail
    try:
        with transaction.atomic():
            parcel.save(update_fields=["carrier", "waybill", "phone_tail"])
    except IntegrityError as clash:
        # Somebody was faster with the same number; the index of live waybills is the last word.
        raise RefusedError([TAKEN.reason()]) from clash


def _put_on_its_way(act: CaseAct, parcel: Parcel, *, request: str = "") -> None:
    said = {"waybill": parcel.waybill} | ({"request": request} if request else {})
    act.move(act.case, "register_parcel", codes={"parcel": parcel.pk, "carrier": parcel.carrier_id}, payload=said)
    if parcel.carrier is not None:
        watch_waybill(parcel.carrier, parcel.waybill, phone_tail=parcel.phone_tail)
    if UnclaimedParcel.objects.filter(waybill=parcel.waybill, parcel__isnull=True).exists():
        # It was here before its number was known.
        act.open_task("unclaimed", role=Role.WAREHOUSE, codes={"parcel": parcel.pk})
    act.tell("case_parcel_registered")


@transaction.atomic
def time_out_return(case: Case) -> Case:
    """Nothing came in time (C14): the case ends, and a link resumes it. Refused once a carrier has seen the parcel."""
    act = take_up(case, "return_timeout", by=None, is_over=True)
    put_end(act, "return_timeout")
    act.tell("case_return_timed_out")
    return act.finish()


@transaction.atomic
def report_parcel_problem(
    case: Case,
    *,
    problem: str,
    events: Collection[int] = (),
    parcel: Parcel | None = None,
    by: User | None,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Case:
    """The parcel will not come as it should (C16). ``events`` are ids of the carrier's scans that show it."""
    how = {"by": by, "expected_version": expected_version, "request_id": request_id}
    act = take_up(case, "parcel_problem", problem=problem, events=events, **how)
    if act.is_replay:
        return act.subject
    own = Parcel.objects.filter(links__case=act.case, state__in=LIVE_STATES).order_by("pk")
    row = (own.filter(pk=parcel.pk) if parcel else own).first()
    put_problem(act, act.lock(row) if row else None, problem, events=events)
    return act.finish()


def put_problem(act: CaseAct, parcel: Parcel | None, problem: str, *, events: Collection[int] = ()) -> None:
    """Stop the case for a decision, and claim from the carrier what it answers for; that never delays the customer."""
    if parcel is not None and parcel.state != ParcelState.PROBLEM:
        act.move(parcel, "report_problem", codes={"problem": problem, "events": list(events)}, problem=problem)
    codes = {"parcel": parcel.pk if parcel else None, "problem": problem, "events": list(events)}
    act.move(act.case, "parcel_problem", codes=codes)
    if problem in ANSWERED_FOR:
        put_recovery(act, debtor=Recovery.Debtor.CARRIER, amount_fen=worth_of_goods(act), reason=f"parcel_{problem}")
    act.tell("case_parcel_problem")


def give_up_parcels(act: CaseAct) -> None:
    """The exception is being decided: what did not come is waited for no more, unless another case in it still is to be decided on.

    Should it come all the same, its scan makes a new parcel of it, and a lead hears of that.
    """
    needed = Case.objects.exclude(pk=act.case.pk).filter(state__in=STILL_NEEDED).values("pk")
    stuck = Parcel.objects.filter(links__case=act.case, state=ParcelState.PROBLEM).exclude(cases__in=needed).order_by("pk")
    for parcel in stuck:
        act.move(act.lock(parcel), "abandon", codes={"cause": "decided"})


def worth_of_goods(act: CaseAct) -> int:
    """What was paid for the pieces that are on their way."""
    claims = act.asking(act.case, "parcel_problem").claims
    return sum(claim.unit.entitled_fen for claim in claims if claim.is_approved and claim.received_at is None)


def put_parcel_seen(act: CaseAct, parcel: Parcel) -> None:
    """What follows for one case of a parcel from the carrier's scans, after the parcel itself was moved by them.

    The first scan takes the place of the customer's word (C13) and releases what waits for it; delivery starts the legal clock.
    """
    if act.case.state == CaseState.AWAITING_RETURN and parcel.first_scan_at is not None:
        _follow_first_scan(act, parcel)
    if act.case.state == CaseState.IN_TRANSIT:
        _begin_silence_anew(act)
        if parcel.state == ParcelState.PROBLEM and parcel.problem in STOPS_THE_CASE:
            put_problem(act, parcel, parcel.problem)
    if parcel.signed_at is not None:
        put_refund_clock(act, parcel)
    put_releases(act)
    release_due(act)


def _follow_first_scan(act: CaseAct, parcel: Parcel) -> None:
    named = {"carrier": parcel.carrier, "waybill": parcel.waybill, "is_shared": True}
    if not reasons_against(act.asking(act.case, "register_parcel", as_system=True, **named)):
        act.move(act.case, "register_parcel", codes={"parcel": parcel.pk, "carrier": parcel.carrier_id})
        act.tell("case_on_its_way")


def put_refund_clock(act: CaseAct, parcel: Parcel) -> None:
    """The law counts from the earlier of the carrier's delivery and our scan (refund_7d)."""
    if act.case.policy.release != CasePolicy.Release.NONE:
        start_legal_clock(act, REFUND_CLOCK, start=min(filter(None, (parcel.signed_at, parcel.scanned_at)), default=act.at))


def _begin_silence_anew(act: CaseAct) -> None:
    running = CaseClock.objects.filter(case=act.case, kind=CaseClock.Kind.SERVICE, code=CaseState.IN_TRANSIT, fired_at__isnull=True)
    running.filter(state=CaseClock.State.RUNNING).update(due_at=act.at + SILENCE)


@transaction.atomic
def ask_for_goods_back(
    case: Case, *, by: User | None = None, as_customer: bool = False, request: str = "", request_id: str | None = None
) -> Case:
    """The customer changed their mind after the goods had left: they are inspected, and sent back unless they are worth less now.

    No verb of its own: the inspector sees it, and lets the inspection fail for it (C19).
    """
    act = lock_act(case, "ask_for_goods_back", by=by, as_customer=as_customer, request_id=request_id)
    if not act.is_replay:
        _require_goods_here(act, request)
        act.note("case.goods_wanted_back", codes={"case": act.case.pk}, payload={"request": request} if request else None)
        act.open_task(WITHDRAWAL, role=Role.WAREHOUSE)
    return act.finish()


def _require_goods_here(act: CaseAct, request: str) -> None:
    _require_role(act, Role.CUSTOMER, Role.AGENT)
    reasons = []
    if act.case.state not in GOODS_LEFT:
        reasons.append(Reason("goods_not_sent", _("The goods are not on their way."), _("Withdraw the request instead.")))
    if act.by is not None and not request.strip():
        reasons.append(REQUEST_MISSING.reason())
    require(reasons)


def _require_role(act: CaseAct, *roles: str) -> None:
    if not act.roles & set(roles):
        require([Forbidden("not_your_role", _("Only the customer or those who work on the case may do this."))])
