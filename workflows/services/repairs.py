"""Repairs of single pieces: examined, quoted when the warranty is over, repaired and sent back, or given up."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from workflows.cases.shipping import units_owed
from workflows.machines.repair import RepairState
from workflows.machines.table import Role
from workflows.models import CasePolicy, CaseUnit, Outbound, Repair, Resolution
from workflows.services.act import CaseAct, take_up
from workflows.services.failing import put_track_failed
from workflows.services.outbounds import RECALLABLE, put_releases, put_ship_back, task_key
from workflows.services.settling import put_settled

TAKEN = (CaseUnit.Verdict.PASSED, CaseUnit.Verdict.ACCEPTED, CaseUnit.Verdict.WAIVED)
DIAGNOSE_WITHIN = timedelta(hours=24)
# After two repairs in vain, or thirty days, an exchange is offered (three-guarantees rules, to be confirmed).
MOST_FAILURES, LONGEST = 2, timedelta(days=30)


def put_repairs(act: CaseAct) -> list[Repair]:
    """Take in every piece of a repair that passed the inspection or that a lead let pass; none where something else is granted."""
    if act.case.policy.type != CasePolicy.Type.REPAIR:
        return []
    owed = units_owed(Resolution.objects.filter(case=act.case, standing=Resolution.Standing.CURRENT).first())
    claims = CaseUnit.objects.filter(case=act.case, repair__isnull=True, is_approved=True, verdict__in=TAKEN, unit__in=owed)
    here = claims.filter(received_at__isnull=False, unit__line__isnull=False)
    made = [_take_in(act, claim) for claim in here.select_related("unit").order_by("pk")]
    if made:
        act.open_task("repair", role=Role.WAREHOUSE, due=DIAGNOSE_WITHIN)
    return made


def _take_in(act: CaseAct, claim: CaseUnit) -> Repair:
    failed = Repair.objects.filter(claim__unit=claim.unit_id, state__in=[RepairState.REPAIRED, RepairState.IRREPARABLE]).count()
    row = Repair.objects.create(claim=claim, in_warranty=not act.case.is_out_of_window, failed_before=failed, since=act.at)
    act.born(row, "take_in", codes={"unit": claim.unit_id, "failed_before": failed})
    return row


def offers_exchange(repair: Repair, at: datetime) -> bool:
    """Whether the customer may ask for an exchange instead of one more repair."""
    return repair.failed_before >= MOST_FAILURES or at - (repair.claim.received_at or repair.since) > LONGEST


@transaction.atomic
def diagnose(row: Repair, *, by: User, expected_version: int | None = None, request_id: str | None = None) -> Repair:
    """Begin to examine a piece (RP1)."""
    return _simply(row, "diagnose", by=by, expected_version=expected_version, request_id=request_id)


@transaction.atomic
def send_quote(
    row: Repair, *, amount_fen: int, finding: str, by: User, expected_version: int | None = None, request_id: str | None = None
) -> Repair:
    """Ask the customer to agree to a price (RP2); only when the warranty is over."""
    how = {"by": by, "expected_version": expected_version, "request_id": request_id}
    act = take_up(row, "send_quote", amount=amount_fen, finding=finding, **how)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "send_quote", codes={"amount_fen": amount_fen}, quote_fen=amount_fen, finding=finding, since=act.at)
    act.tell("case_quote", amount_fen=amount_fen, currency=act.case.currency)
    return act.finish()


@transaction.atomic
def begin_repair(row: Repair, *, finding: str, by: User, expected_version: int | None = None, request_id: str | None = None) -> Repair:
    """Begin a repair in warranty (RP3)."""
    return _simply(row, "begin_repair", by=by, expected_version=expected_version, request_id=request_id, finding=finding)


@transaction.atomic
def accept_quote(
    row: Repair,
    *,
    amount_fen: int,
    by: User | None = None,
    as_customer: bool = False,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Repair:
    """Agree to the price that was read (RP4)."""
    how = {"by": by, "as_customer": as_customer, "expected_version": expected_version, "request_id": request_id}
    act = take_up(row, "accept_quote", amount=amount_fen, **how)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "accept_quote", codes={"amount_fen": amount_fen}, since=act.at)
    act.open_task("repair", role=Role.WAREHOUSE, due=DIAGNOSE_WITHIN)
    return act.finish()


@transaction.atomic
def decline_quote(
    row: Repair,
    *,
    by: User | None = None,
    as_customer: bool = False,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Repair:
    """Take the piece back as it is (RP5); a week of silence says the same."""
    how = {"by": by, "as_customer": as_customer, "expected_version": expected_version, "request_id": request_id}
    act = take_up(row, "decline_quote", **how)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "decline_quote", since=act.at)
    _send_back_as_it_is(act, act.subject.claim)
    put_settled(act)
    return act.finish()


def _send_back_as_it_is(act: CaseAct, claim: CaseUnit) -> None:
    """The repaired piece that was to go out is not made; the same piece goes back in its place."""
    for row in Outbound.objects.filter(units=claim, kind=Outbound.Kind.REPAIRED, state__in=RECALLABLE).order_by("pk"):
        fresh = act.lock(row)
        if fresh.quantity == 1:
            act.move(fresh, "cancel", codes={"cause": "declined"}, since=act.at)
            act.tasks.close(keys=(task_key(fresh),), outcome="cancelled")
        else:
            fresh.units.remove(claim)
            Outbound.objects.filter(pk=fresh.pk).update(quantity=fresh.quantity - 1)
    put_ship_back(act, [claim])


@transaction.atomic
def finish_repair(row: Repair, *, finding: str, by: User, expected_version: int | None = None, request_id: str | None = None) -> Repair:
    """It works again (RP6): the piece may go out."""
    act = take_up(row, "finish_repair", by=by, expected_version=expected_version, request_id=request_id, finding=finding)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "finish_repair", payload={"finding": finding}, finding=finding, since=act.at)
    _end_task(act)
    put_releases(act)
    act.tell("case_repaired")
    put_settled(act)
    return act.finish()


@transaction.atomic
def give_up(row: Repair, *, finding: str, by: User, expected_version: int | None = None, request_id: str | None = None) -> Repair:
    """It cannot be repaired (RP7): somebody decides what the customer gets instead."""
    act = take_up(row, "give_up", by=by, expected_version=expected_version, request_id=request_id, finding=finding)
    if act.is_replay:
        return act.subject
    act.move(act.subject, "give_up", payload={"finding": finding}, finding=finding, since=act.at)
    _end_task(act)
    act.tell("case_irreparable")
    put_track_failed(act, act.subject)
    return act.finish()


def _simply(row: Repair, verb: str, *, finding: str | None = None, **how: Any) -> Repair:
    """A verb that moves the repair and nothing else."""
    said = {} if finding is None else {"finding": finding}
    act = take_up(row, verb, **said, **how)
    if act.is_replay:
        return act.subject
    act.move(act.subject, verb, payload=said or None, since=act.at, **said)
    return act.finish()


def _end_task(act: CaseAct) -> None:
    """The workshop is done with the case when no piece of it is left there."""
    if not Repair.objects.filter(claim__case=act.case, state__in=AT_WORK).exists():
        act.close_tasks("repair")


AT_WORK = (RepairState.INTAKE, RepairState.DIAGNOSING, RepairState.REPAIRING)


def due_declines(at: datetime, *, limit: int = 100) -> list[Repair]:
    """Quotes that nobody answered in time, for the sweep that declines them."""
    from workflows.cases.clauses.repair import ANSWER_WITHIN

    late = Repair.objects.filter(state=RepairState.QUOTE_PENDING, since__lte=at - ANSWER_WITHIN)
    return list(late.select_related("claim__case").order_by("since")[:limit])
