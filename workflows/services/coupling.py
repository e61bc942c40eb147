"""What a case means for the complaint that it was opened from: who is waited for, and when the agent has it back."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from complaints.lifecycle import Status
from complaints.models import Complaint
from complaints.services.act import Act
from complaints.services.progress import put_handed_back, put_waiting
from workflows.machines.spine import CaseState
from workflows.models import Case

if TYPE_CHECKING:
    from workflows.services.act import CaseAct

S, D = CaseState, Complaint.Department
# With whom a complaint waits while its case is in these states; in every other one it is the agent's.
WAITS_FOR = {
    S.AWAITING_RETURN: D.WAREHOUSE,
    S.IN_TRANSIT: D.CARRIER,
    S.RECEIVED: D.WAREHOUSE,
    S.INSPECTING: D.WAREHOUSE,
    S.SETTLING: D.FINANCE,
}
EXPECTED_IN = timedelta(days=7)


def follow_case(act: "CaseAct", on: Act) -> None:
    """Hand the complaint over while others work on its case, and back when none of its cases waits for them any more."""
    department = WAITS_FOR.get(act.case.state)
    complaint = on.complaint
    if department is None:
        if complaint.status == Status.WAITING_INTERNAL and not _others_wait(act.case):
            put_handed_back(on)
    elif complaint.status in (Status.NEW, Status.OPEN, Status.WAITING_INTERNAL) and complaint.waiting_on != department:
        _hand_over(on, department)


def _hand_over(on: Act, department: str) -> None:
    if on.complaint.status == Status.NEW:
        if on.complaint.assignee_id is None:
            return
        on.move("begin")
    if on.complaint.status == Status.OPEN:
        on.move("hand_over")
    put_waiting(on, department, timezone.localdate(on.at + EXPECTED_IN))


def _others_wait(case: Case) -> bool:
    return Case.objects.filter(complaint=case.complaint_id, state__in=list(WAITS_FOR)).exclude(pk=case.pk).exists()
