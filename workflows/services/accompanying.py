"""What a complaint's own verbs mean for its cases: withdrawn together, ended only after them, kept while money is under way.

Registered with ``complaints.guards``; the words name the case, because a complaint may have several.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from complaints import guards
from complaints.models import Complaint
from foundation.exceptions import Reason
from foundation.verbs import require
from workflows.cases.asking import Asking
from workflows.cases.refusals import reasons_against
from workflows.machines.refund import RefundState
from workflows.machines.spine import SPINE, CaseState
from workflows.machines.table import Role
from workflows.models import Case, Refund
from workflows.services.act import lock_act
from workflows.services.review import put_end

ENDED = (CaseState.COMPLETED, CaseState.REJECTED, CaseState.CANCELLED, CaseState.CLOSED)
PAID_OR_VOID = (RefundState.SUCCEEDED, RefundState.VOIDED)
CUSTOMER = frozenset({Role.CUSTOMER})


def register_guards() -> None:
    """Let cases speak against verbs of their complaint."""
    guards.register("withdraw", against_withdrawing, locks=lock_cases, carries=withdraw_with_complaint)
    guards.register("resolve", against_resolving, locks=lock_cases)
    guards.register("erase", against_erasing, locks=lock_cases)


def lock_cases(complaint: Complaint) -> None:
    """All of them, by id: whoever works on an ended one locks it before the complaint, too."""
    list(Case.objects.select_for_update(no_key=True, of=("self",)).filter(complaint=complaint).order_by("pk").values_list("pk"))


def against_withdrawing(complaint: Complaint, by: Any) -> Iterator[Reason]:
    """A case that its customer could not withdraw keeps the complaint; the others go with it."""
    for case in _running(complaint):
        for reason in _against_giving_up(case):
            yield Reason("case_runs", _told(case, reason.text), reason.cure)


def withdraw_with_complaint(complaint: Complaint, *, by: Any, as_customer: bool, reason: str) -> bool:
    """Give up every case that runs (C12). The notice of the complaint tells the customer of all of them."""
    cases = list(_running(complaint))
    for case in cases:
        act = lock_act(case, "withdraw", by=by, as_customer=as_customer)
        require(_against_giving_up(act.case))
        put_end(act, "withdraw", codes={"with": "complaint"}, payload={"request": reason} if reason else None)
        act.finish()
    return bool(cases)


def against_resolving(complaint: Complaint, by: Any) -> Iterator[Reason]:
    """The result stands when the cases have theirs. What was never sent is no case yet."""
    for case in _running(complaint).exclude(state=CaseState.DRAFT):
        yield Reason("case_open", _still_open(case), _("Wait for the case, or end it first."))


def against_erasing(complaint: Complaint, by: Any) -> Iterator[Reason]:
    """Goods and money find their way back only while somebody knows to whom."""
    yield from against_resolving(complaint, by)
    under_way = Refund.objects.filter(case__complaint=complaint).exclude(state__in=PAID_OR_VOID)
    for case in Case.objects.filter(pk__in=under_way.values("case")).order_by("pk"):
        text = _("Money of after-sales case %(number)s is still under way.")
        yield Reason("money_under_way", text % {"number": case.number}, _("Wait until it has arrived or finance has closed it."))


def _running(complaint: Complaint):
    rows = Case.objects.filter(complaint=complaint).exclude(state__in=ENDED)
    return rows.select_related("complaint", "order", "policy").order_by("pk")


def _against_giving_up(case: Case) -> list[Reason]:
    """What C12 has against it, asked as the customer: whoever withdraws a complaint says so in their name."""
    return reasons_against(Asking(case, SPINE.verb("withdraw"), case, None, CUSTOMER, is_rehearsal=True))


def _told(case: Case, text: Any) -> Any:
    return _("After-sales case %(number)s cannot be withdrawn: %(reason)s") % {"number": case.number, "reason": text}


def _still_open(case: Case) -> Any:
    return _("After-sales case %(number)s is not finished.") % {"number": case.number}
