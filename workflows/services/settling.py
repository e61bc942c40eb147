"""The end of a case: the join of its tracks, opening it again, and the archive."""

import hashlib

from django.db import transaction

from accounts.models import User
from complaints.models import Event
from workflows.cases.quantities import read_quantities
from workflows.cases.refusals import reasons_against
from workflows.machines.spine import CaseState
from workflows.models import Case
from workflows.services.act import CaseAct, take_up
from workflows.services.clocks import stop_legal_clocks
from workflows.services.reserving import release_units, reserve_units

OF_REFUND = ("refund_7d", "delay_15d")


def put_settled(act: CaseAct) -> bool:
    """Complete the case if every required track has ended well (C24). The join counts under the lock of the case, so it fires once.

    Money that is owed while nothing is under way for it was refused before: somebody has to decide (C23).
    """
    if act.case.state != CaseState.SETTLING:
        return False
    if reasons_against(act.asking(act.case, "settle_done", as_system=True)):
        if read_quantities(act.case).to_refund > 0:
            act.move(act.case, "track_failed", codes={"track": "refund"})
            act.tell("case_needs_care")
        return False
    act.move(act.case, "settle_done", ended_at=act.at)
    stop_legal_clocks(act.case, *OF_REFUND, at=act.at)
    release_units(act)
    act.tell("case_completed")
    return True


@transaction.atomic
def reopen_case(
    case: Case,
    *,
    reason: str = "",
    by: User | None = None,
    as_customer: bool = False,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Case:
    """Review a case again (C25): by a lead, by the customer who withdrew it, or because an appeal was upheld."""
    how = {"by": by, "as_customer": as_customer, "expected_version": expected_version, "request_id": request_id}
    act = take_up(case, "reopen", reason=reason, **how)
    if act.is_replay:
        return act.subject
    put_reopened(act, reason=reason)
    return act.finish()


def put_reopened(act: CaseAct, *, reason: str = "") -> None:
    """What was decided counts no more; what was paid stays paid and lowers what can be claimed."""
    act.move(act.case, "reopen", payload={"reason": reason} if reason else None, asked_count=0, no_reply=False, ended_at=None)
    reserve_units(act)
    act.tell("case_reopened")


@transaction.atomic
def archive_case(case: Case) -> Case:
    """Seal a case when its time for an appeal is over (C26)."""
    act = take_up(case, "archive", by=None, is_over=True)
    act.move(act.case, "archive", codes={"root": evidence_root(act.case)})
    return act.finish()


def evidence_root(case: Case) -> str:
    """One digest over the chain of the complaint as it stands: a changed byte anywhere before shows."""
    hashes = Event.objects.filter(complaint=case.complaint_id).order_by("seq").values_list("hash", flat=True)
    root = hashlib.sha256()
    for each in hashes.iterator():
        root.update(bytes(each))
    return root.hexdigest()
