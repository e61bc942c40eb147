"""A shop with everybody who works on a case, and the ways by which a case gets where a test wants it: through the services only."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.models import User
from complaints.models import Attachment, Complaint
from orders.models import Order, OrderLine, Payment, Warehouse, WarehouseMember
from tests.factories import make_complaint, make_order, make_user
from tests.workflows.builders import make_policy, publish
from workflows.cases.asking import Asking
from workflows.cases.proposals import Proposal, proposal_for
from workflows.models import Case, CasePolicy, CheckResult, Refund
from workflows.services.flow_versions import load_default_flows
from workflows.services.intake import open_case, route_review
from workflows.services.review import approve_case

REASONS = {
    "broken": {"name_zh": "破损", "name_en": "Broken", "liable": "merchant", "evidence": []},
    "regret": {"name_zh": "不想要了", "name_en": "Changed my mind", "liable": "customer", "evidence": []},
}
CHECKS = ("eligibility", "risk", "evidence", "stock", "route", "liability")


@dataclass
class House:
    """One paid order with its complaint, and the people around it."""

    order: Order
    complaint: Complaint
    policy: CasePolicy
    agent: User
    lead: User
    manager: User
    finance: User
    packer: User
    warehouse: Warehouse
    payment: Payment

    @property
    def line(self) -> OrderLine:
        return self.order.lines.order_by("pk").first()


def make_house(type: str = CasePolicy.Type.RETURN_QUALITY, *, quantity: int = 2, unit_fen: int = 9900, **policy: Any) -> House:
    """An order of ``quantity`` pieces of one kind, delivered and paid, and a policy for it that somebody signed."""
    load_default_flows()
    total = quantity * unit_fen
    order = make_order(status=Order.Status.DELIVERED, total_fen=total, delivered_at=timezone.now(), paid_at=timezone.now())
    order.lines.update(quantity=quantity, unit_fen=unit_fen, paid_fen=total)
    payment = Payment.objects.create(order=order, external_id=f"T{order.pk}", method="wechat", amount_fen=total, paid_at=timezone.now())
    rules = publish(make_policy(type, **{"reasons": REASONS, "auto_limit_fen": 0, "window_days": 7, **policy}))
    agent, lead = make_user("agent"), make_user("lead")
    shops = [order.merchant]
    manager, finance, packer = make_user("manager", shops=shops), make_user("finance", shops=shops), make_user("warehouse")
    warehouse = Warehouse.objects.create(merchant=order.merchant, code=f"w{order.pk}", name="华东仓", **_address())
    WarehouseMember.objects.create(warehouse=warehouse, user=packer)
    complaint = make_complaint(order=order, assignee=agent, status="open")
    return House(order, complaint, rules, agent, lead, manager, finance, packer, warehouse, payment)


def second(house: House, role: str) -> User:
    """Another person of the same role."""
    return make_user(role, shops=[house.order.merchant] if role in ("manager", "finance") else ())


def submitted(house: House, *, pieces: int = 1, reason: str = "broken") -> Case:
    """A case that its customer has just sent."""
    case = open_case(house.complaint, type=house.policy.type, reason=reason, quantities={house.line.pk: pieces}, by=None, as_customer=True)
    Case.objects.filter(pk=case.pk).update(warehouse=house.warehouse)
    return Case.objects.get(pk=case.pk)


def answered(case: Case, **answers: str) -> Case:
    """The checks have answered: yes, unless told otherwise."""
    basis = {"liability": case.policy.reasons[case.reason]["liable"]}
    for code in CHECKS:
        found = {"answer": answers.get(code, CheckResult.Answer.PASS), "basis": basis if code == "liability" else {}}
        CheckResult.objects.update_or_create(case=case, visit=case.visit, check_code=code, defaults=found)
    return case


def in_review(house: House, **kinds: Any) -> Case:
    """A case that a person looks at."""
    return route_review(answered(submitted(house, **kinds), risk=CheckResult.Answer.UNKNOWN))


def granted(house: House, *, by: User | None = None, **kinds: Any) -> Case:
    """A case that an agent has granted in full."""
    case = in_review(house, **kinds)
    return approve_case(case, proposal=proposed(case), by=by or house.agent, override_reason="已看过照片")


def proposed(case: Case, **overrides: Any) -> Proposal:
    """The usual proposal for a case."""
    return proposal_for(case, Asking(case, case.machine.verbs[0], case).claims, **overrides)


def refund_of(case: Case) -> Refund:
    return Refund.objects.get(case=case)


def evidence_for(house: House) -> Attachment:
    """A picture on the complaint."""
    number = Attachment.objects.count()
    file = {"key": f"{number:032}", "path": "x", "name": "a.jpg", "media_type": "image/jpeg", "size": 1, "sha256": f"{number:064}"}
    return Attachment.objects.create(complaint=house.complaint, **file)


def _address() -> dict[str, str]:
    names = {each.name for each in Warehouse._meta.get_fields()}
    known = {"address": "浙江省杭州市余杭区仓前街道 1 号", "contact": "退货组", "phone": "05710000000"}
    return {name: value for name, value in known.items() if name in names}
