"""The way of a return through the house, step by step, each as its screen calls it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from benchmarks.case_house import Shop
from complaints.models import Complaint
from workflows.cases.asking import Asking
from workflows.cases.explain import explain_case
from workflows.cases.proposals import proposal_for
from workflows.gateways.base import Answer, Kind
from workflows.models import Case, CaseClock, InspectionLine, Refund
from workflows.services.approvals import escalate_case
from workflows.services.case_clocks import run_due_case_clocks
from workflows.services.inspecting import begin_inspection, pass_inspection, record_line
from workflows.services.intake import open_case, take_in
from workflows.services.refunds import authorise_refund
from workflows.services.returning import register_parcel, report_parcel_problem
from workflows.services.review import approve_case, request_evidence
from workflows.services.scanning import take_scan
from workflows.settling.calls import take_errand
from workflows.settling.recording import record_answer
from workflows.settling.rounds import settle_due


@dataclass
class Way:
    """One case on its way, from the complaint that it is opened from."""

    shop: Shop
    complaint: Complaint
    pk: int = 0

    @property
    def case(self) -> Case:
        """As a view reads it."""
        return Case.objects.select_related("policy", "order", "complaint", "warehouse").get(pk=self.pk)

    @property
    def agent(self):
        return self.complaint.assignee

    @property
    def packer(self):
        return self.shop.packers[self.shop.warehouses.index(self.case.warehouse)]

    @property
    def waybill(self) -> str:
        return f"SF{self.pk:013}"


def apply(way: Way) -> None:
    line = way.complaint.order.lines.first()
    about = {"type": way.shop.policy.type, "reason": "broken", "quantities": {line.pk: 1}}
    way.pk = open_case(way.complaint, **about, by=None, as_customer=True).pk


def check(way: Way) -> None:
    assert take_in(way.case).state == "in_review"


def review(way: Way) -> None:
    """What the page of the case asks: every verb, with everything that stands against it."""
    assert explain_case(way.case, way.agent)


def approve(way: Way) -> None:
    case = way.case
    proposal = proposal_for(case, Asking(case, case.machine.verbs[0], case).claims)
    approve_case(case, proposal=proposal, override_reason="已看过照片", by=way.agent)


def name_parcel(way: Way) -> None:
    register_parcel(way.case, carrier=way.shop.carrier, waybill=way.waybill, as_customer=True)


def sign(way: Way) -> None:
    refund = Refund.objects.get(case=way.pk)
    authorise_refund(refund, proposal_hash=refund.proposal_hash, by=way.shop.finance)


def scan(way: Way) -> None:
    known = {"by": way.packer, "warehouse": way.case.warehouse, "client_id": uuid4(), "scanned_at": timezone.now()}
    assert take_scan(way.waybill, **known).outcome == "received"


def begin(way: Way) -> None:
    begin_inspection(way.case, by=way.packer)


def inspect(way: Way) -> None:
    begin(way)
    for line in InspectionLine.objects.filter(claim__case=way.pk):
        record_line(line, graded="a", by=way.packer)
    pass_inspection(way.case, by=way.packer)


def settle(way: Way) -> None:
    """The money worker: claimed, sent to the gateway over HTTP, its answer recorded, the case completed."""
    assert settle_due(1) == 1


def let_time_for_appeals_pass(ways: list[Way]) -> None:
    ids = [way.pk for way in ways]
    assert Case.objects.filter(pk__in=ids, state="completed").count() == len(ids)
    CaseClock.objects.filter(case__in=ids, code="completed", fired_at=None).update(due_at=timezone.now() - timedelta(seconds=1))


def close(way: Way) -> None:
    """The sweep of the clocks: found among all others, fired, archived."""
    assert run_due_case_clocks(limit=1) == 1


@dataclass(frozen=True)
class Step:
    """``prepare`` is not measured."""

    name: str
    run: Callable[[Way], None]
    prepare: Callable[[list[Way]], None] = lambda ways: None


STEPS = (
    Step("apply (draft, submit)", apply),
    Step("checks, handed to a person", check),
    Step("review: what the page asks", review),
    Step("approve, with address and label", approve),
    Step("parcel named", name_parcel),
    Step("refund signed by finance", sign),
    Step("scan at the warehouse", scan),
    Step("inspect: begin, one piece, pass", inspect),
    Step("refund sent, paid, case completed", settle),
    Step("close", close, let_time_for_appeals_pass),
)


def bring_to(way: Way, state: str) -> Case:
    """Take a case as far as a state; ``unsigned`` and ``processing`` are being settled."""
    for step in ORDER[state]:
        step(way)
    return way.case


def _ask_for_photos(way: Way) -> None:
    request_evidence(way.case, items=["photo"], by=way.agent)


def _escalate(way: Way) -> None:
    case = way.case
    escalate_case(case, proposal=proposal_for(case, Asking(case, case.machine.verbs[0], case).claims), by=way.agent)


def _lose(way: Way) -> None:
    CaseClock.objects.filter(case=way.pk, code="in_transit").update(due_at=timezone.now() - timedelta(seconds=1))
    way.case.parcels.update(announced_at=timezone.now() - timedelta(days=10))
    report_parcel_problem(way.case, problem="lost", by=None)


def _answer_slowly(way: Way) -> None:
    """The gateway has accepted it; the money is on its way."""
    from workflows.money.draw import capabilities_of

    errand = take_errand(Refund.objects.get(case=way.pk).pk)
    record_answer(errand, Answer(Kind.PROCESSING, authenticated=True), capabilities_of(errand.refund.gateway))


REVIEWED = (apply, check)
GRANTED = (*REVIEWED, approve)
SENT = (*GRANTED, name_parcel)
ORDER: dict[str, tuple[Callable[[Way], None], ...]] = {
    "in_review": REVIEWED,
    "info_needed": (*REVIEWED, _ask_for_photos),
    "pending_approval": (*REVIEWED, _escalate),
    "awaiting_return": GRANTED,
    "in_transit": SENT,
    "received": (*SENT, scan),
    "inspecting": (*SENT, scan, begin),
    "unsigned": (*SENT, scan, inspect),
    "processing": (*SENT, sign, scan, inspect, _answer_slowly),
    "exception": (*SENT, _lose),
}
