"""How a case begins: drafted from a complaint, submitted, checked, and granted by rule or handed to a person."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.models import Attachment, Complaint
from foundation.exceptions import Reason, RefusedError
from foundation.hints import hint
from foundation.verbs import lock, require, reserve
from workflows.cases.numbers import make_case_number
from workflows.cases.proposals import proposal_for
from workflows.cases.snapshots import snapshot_of
from workflows.cases.trust import is_trusted
from workflows.cases.windows import is_out_of_window
from workflows.machines.spine import CaseState
from workflows.models import Case, CaseUnit, RefundableUnit
from workflows.money.units import units_of
from workflows.policies.checks import run_checks
from workflows.policies.publishing import policy_for
from workflows.services.act import lock_act, take_up
from workflows.services.flow_versions import current_version
from workflows.services.granting import put_grant
from workflows.services.proposing import write_resolution
from workflows.services.reserving import reserve_units

DRAFTS_LIVE = timedelta(days=30)
HINT_HAS = timedelta(seconds=5)


@transaction.atomic
def draft_case(
    complaint: Complaint, *, type: str, reason: str, quantities: Mapping[int, int], by: User | None, request_id: str | None = None
) -> Case:
    """Begin a case about so many pieces of each order line (by its id); nothing is claimed before it is submitted.

    Raises ``RefusedError`` when the complaint has no order, the type has no rules, or a line has fewer free pieces.
    """
    complaint = lock(complaint, "order")
    reservation = reserve(Case, "draft", request_id, by=by)
    if reservation.is_replay:
        return Case.objects.get(pk=reservation.id)
    require(_against_drafting(complaint))
    policy = policy_for(type, complaint.merchant, timezone.now())
    if policy is None:
        raise RefusedError([Reason("type_unknown", _("This kind of request is not offered."))])
    units = _choose(complaint, quantities)
    case = Case.objects.create(
        pk=reservation.id,
        number=make_case_number(timezone.now()),
        complaint=complaint,
        order=complaint.order,
        policy=policy,
        reason=reason,
        currency=complaint.order.currency,
        assignee=complaint.assignee,
    )
    CaseUnit.objects.bulk_create([CaseUnit(case=case, unit=unit) for unit in units])
    return case


@transaction.atomic
def submit_case(
    case: Case,
    *,
    by: User | None,
    as_customer: bool = False,
    request: str = "",
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Case:
    """Claim the units and set the checks going (C1). A closed window never refuses: it is marked, and a person looks.

    ``request``: how the customer asked for it, where staff submit.
    """
    act = take_up(case, "submit", by=by, as_customer=as_customer, expected_version=expected_version, request_id=request_id, request=request)
    if act.is_replay:
        return act.subject
    case = act.case
    reserve_units(act)
    codes = {"type": case.policy.type, "reason": case.reason, "policy": case.policy_id, "units": _unit_ids(case), **_evidence(case)}
    act.move(
        case,
        "submit",
        codes=codes,
        payload={"request": request} if request else None,
        flow=current_version(case.policy.type, act.at),
        submitted_at=act.at,
        snapshot=snapshot_of(case.order),
        is_trusted=is_trusted(case.order.customer),
        is_out_of_window=is_out_of_window(case, act.at),
    )
    act.tell("case_received")
    hint("workflows.intake", case.pk)
    return act.finish()


def open_case(
    complaint: Complaint,
    *,
    type: str,
    reason: str,
    quantities: Mapping[int, int],
    by: User | None,
    request_id: str | None = None,
    **how: Any,
) -> Case:
    """Draft and submit in one transaction: what one press of a button does. ``how`` goes to ``submit_case``."""
    with transaction.atomic():
        case = draft_case(complaint, type=type, reason=reason, quantities=quantities, by=by, request_id=request_id)
        return submit_case(case, by=by, **how) if case.state == CaseState.DRAFT else case


def take_in(case: Case) -> Case:
    """Run the checks that have not answered, then let the rules grant the case or hand it to a person. Safe to repeat."""
    if not Case.objects.filter(pk=case.pk, state=CaseState.SUBMITTED).exists():
        return case
    run_checks(case)
    try:
        return auto_approve_case(case)
    except RefusedError:
        return route_review(case)


def waiting_for_intake(*, limit: int = 50) -> list[int]:
    """Submitted cases that nothing has taken in yet, the oldest first; a moment is left to the hint."""
    waiting = Case.objects.filter(state=CaseState.SUBMITTED, since__lt=timezone.now() - HINT_HAS)
    return list(waiting.order_by("since", "pk").values_list("pk", flat=True)[:limit])


def take_in_by_id(case_id: int) -> bool:
    case = Case.objects.filter(pk=case_id).first()
    return case is not None and take_in(case).state != CaseState.SUBMITTED


def put_intake_off(case_id: int) -> None:
    """A case whose checks fail keeps no other from being taken in; its clock hands it to a person after a minute."""
    Case.objects.filter(pk=case_id, state=CaseState.SUBMITTED).update(since=timezone.now())


@transaction.atomic
def auto_approve_case(case: Case) -> Case:
    """Grant by published rules that a person signed (C2); refused when any check did not say yes."""
    act = lock_act(case, "auto_approve", by=None)
    proposal = proposal_for(act.case, _claims(act.case))
    act.check(act.case, "auto_approve", resolution=proposal)
    put_grant(act, "auto_approve", write_resolution(act, proposal, standing="current"))
    return act.finish()


@transaction.atomic
def route_review(case: Case) -> Case:
    """Hand the case to a person (C3): the agent of its complaint, or whoever takes the task."""
    act = take_up(case, "route_review", by=None)
    act.move(act.case, "route_review", assignee_id=act.case.complaint.assignee_id)
    return act.finish()


def purge_drafts(*, limit: int = 100) -> int:
    """Delete drafts that nobody sent for 30 days; they claimed nothing."""
    with transaction.atomic():
        stale = Case.objects.filter(state=CaseState.DRAFT, since__lt=timezone.now() - DRAFTS_LIVE)
        ids = list(stale.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        CaseUnit.objects.filter(case__in=ids).delete()
        Case.objects.filter(pk__in=ids).delete()
    return len(ids)


def _choose(complaint: Complaint, quantities: Mapping[int, int]) -> list[RefundableUnit]:
    """Free pieces of each line, in their order; freight is added by the resolution, never claimed by a customer."""
    known = [unit for unit in units_of(complaint.order) if unit.line_id is not None]
    chosen: list[RefundableUnit] = []
    for line_id, wanted in quantities.items():
        pieces = [unit for unit in known if unit.line_id == line_id]
        free = [unit for unit in pieces if unit.reserved_by_id is None and unit.refunded_fen + unit.held_fen < max(unit.entitled_fen, 1)]
        if wanted > len(pieces):
            raise RefusedError([Reason("no_quantity", _("The order does not have so many pieces of this."), _("Choose fewer."))])
        chosen += (free + [unit for unit in pieces if unit not in free])[:wanted]
    return chosen


def _against_drafting(complaint: Complaint) -> list[Reason]:
    if complaint.order_id is None:
        return [Reason("no_order", _("No order is bound to this complaint."), _("Bind the order first."))]
    return []


def _claims(case: Case) -> list[CaseUnit]:
    return list(CaseUnit.objects.filter(case=case).select_related("unit"))


def _unit_ids(case: Case) -> list[int]:
    return sorted(CaseUnit.objects.filter(case=case).values_list("unit_id", flat=True))


def _evidence(case: Case) -> dict[str, Any]:
    """The digests of the files as they were when they came, so that nobody can exchange one later."""
    files = Attachment.objects.filter(complaint=case.complaint_id, is_internal=False).order_by("pk")
    return {"evidence": [[pk, digest] for pk, digest in files.values_list("pk", "sha256")]}
