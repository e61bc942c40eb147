"""After-sales cases of the demo shop, each brought to another place of its way through the services."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import F, Sum
from django.utils import timezone

from accounts.models import User
from complaints.lifecycle import WORKED
from complaints.models import Complaint
from foundation.exceptions import ReasonedError
from orders.models import Carrier, Merchant, Order, Payment, Warehouse
from workflows.cases.asking import Asking
from workflows.cases.proposals import Proposal, proposal_for
from workflows.machines.refund import RefundState
from workflows.models import Case, CasePolicy, Parcel, Refund
from workflows.policies.publishing import sign_shipped_policy
from workflows.services.approvals import escalate_case
from workflows.services.intake import open_case, take_in
from workflows.services.refunds import authorise_refund
from workflows.services.returning import register_parcel
from workflows.services.review import approve_case, request_evidence
from workflows.services.scanning import take_scan

ADDRESS = "浙江省杭州市余杭区仓前街道文一西路 1818 号"
GOODWILL_FEN = 1_500
RETURN = {"type": "return_no_reason", "reason": "changed_mind"}
REFUND, REFUNDED = {"type": "refund_only", "reason": "not_received"}, 6
DELIVERED = (Order.Status.DELIVERED, Order.Status.CONFIRMED)


def add_cases(merchant: Merchant) -> int:
    """Sign the rules, say where goods go back to, and open a case of each kind; returns how many there are."""
    manager, agent = (User.objects.get(username=name) for name in ("shen.manager", "lin.agent"))
    signed = CasePolicy.objects.filter(merchant=None, published_by__isnull=False).values("type")
    for policy in CasePolicy.objects.filter(merchant=None, version=1).exclude(type__in=signed):
        sign_shipped_policy(policy, by=manager)
    for place in Warehouse.objects.filter(merchant=merchant):
        place.address, place.contact, place.phone = ADDRESS, "青禾退货组", "0571-88000000"
        place.save(update_fields=["address", "contact", "phone"])
    complaints = iter(_complaints(merchant, agent))
    told = [(story, RETURN) for story in STORIES] + REFUNDED * [(_refund, REFUND)]
    return sum(_tell(story, complaints, wish) for story, wish in told)


def _complaints(merchant: Merchant, agent: User):
    """Complaints about goods that were paid, delivered and claimed by nobody; those of this agent first."""
    worked = Complaint.objects.filter(merchant=merchant, assignee__isnull=False, status__in=WORKED, order__status__in=DELIVERED, cases=None)
    paid = worked.filter(order__payments__status=Payment.Status.CAPTURED, order__payments__amount_fen__gte=F("order__freight_fen"))
    found = paid.select_related("order__merchant", "merchant", "assignee").order_by("-filed_at").distinct()
    return sorted(found, key=lambda complaint: complaint.assignee_id != agent.pk)


def _tell(story: Callable[[Case, User], object], complaints, wish: dict[str, str]) -> bool:
    """A story that this complaint does not fit is told of the next one."""
    for complaint in complaints:
        line = complaint.order.lines.order_by("pk").first()
        try:
            case = open_case(complaint, **wish, quantities={line.pk: 1}, by=None, as_customer=True)
            story(take_in(case), complaint.assignee)
        except ReasonedError:
            continue
        return True
    return False


def _wait_for_review(case: Case, agent: User) -> None:
    """It stands where the checks have left it."""


def _ask(case: Case, agent: User) -> None:
    request_evidence(case, items=["photo"], note="请拍一张商品正面和吊牌的照片。", by=agent)


def _propose(case: Case, agent: User) -> None:
    escalate_case(case, proposal=_usual(case, compensation_fen=6_000), note="老客户，第二次遇到同样的问题。", by=agent)


def _grant(case: Case, agent: User) -> Case:
    return approve_case(case, proposal=_usual(case), override_reason="已与客户核实", by=agent) if case.state == "in_review" else case


def _refund(case: Case, agent: User) -> None:
    """The money leaves with the next round of refunds, at a gateway that is played here."""
    if case.state == "in_review":
        given = min(GOODWILL_FEN, _left_beside_goods(case))
        approve_case(case, proposal=_usual(case, compensation_fen=given), override_reason="已与客户核实", by=agent)
    finance = User.objects.get(username="qian.finance")
    for refund in Refund.objects.filter(case=case, state=RefundState.PENDING_APPROVAL):
        authorise_refund(refund, proposal_hash=refund.proposal_hash, by=finance)


def _left_beside_goods(case: Case) -> int:
    """What the payment still holds: more than that could only be transferred by finance, and the case would wait for it."""
    paid = Payment.objects.filter(order=case.complaint.order, status=Payment.Status.CAPTURED).aggregate(fen=Sum("amount_fen"))["fen"] or 0
    return max(0, paid - _usual(case).amount_fen)


def _send(case: Case, agent: User) -> Case:
    carrier = Carrier.objects.filter(code__startswith="sf").first()
    return register_parcel(_grant(case, agent), carrier=carrier, waybill=_waybill(case), as_customer=True)


def _arrive(case: Case, agent: User) -> None:
    sent = _send(case, agent)
    parcel = Parcel.objects.select_related("warehouse").get(links__case=sent)
    packer = User.objects.get(username="han.warehouse")
    take_scan(parcel.waybill, by=packer, warehouse=parcel.warehouse, client_id=UUID(int=parcel.pk), scanned_at=timezone.now())


def _usual(case: Case, **more: int) -> Proposal:
    return proposal_for(case, Asking(case, case.machine.verbs[0], case).claims, **more)


def _waybill(case: Case) -> str:
    return f"SF{case.pk:013}"


STORIES = (_wait_for_review, _wait_for_review, _ask, _propose, _grant, _grant, _send, _send, _arrive, _arrive)
