"""What customers, agents, the warehouse and finance try with a case, each through its service."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.workflows.house import proposed
from tests.workflows.lives.life import CUSTOMER, Life, doing
from tests.workflows.services.steps import make_carrier, new_waybill, photo_by
from workflows.cases.clauses.deciding import VERDICTS
from workflows.models import Appeal, Approval, Case, Outbound, Recovery, Refund, Repair
from workflows.services import (
    appeals,
    approvals,
    arriving,
    deciding,
    inspecting,
    outbounds,
    recoveries,
    refund_rescue,
    refunds,
    repairs,
    returning,
    review,
    settling,
    splitting,
    stock,
)

# -- the customer, and who acts for them


def _asked(actor: dict[str, Any]) -> dict[str, Any]:
    return actor | ({"request": "电话里说的"} if "by" in actor else {})


@doing("case", "provide_info", CUSTOMER, "agent")
def provide(life: Life, case: Case, actor: dict) -> None:
    review.provide_evidence(case, items=[life.evidence.pk], **_asked(actor))


@doing("case", "withdraw", CUSTOMER, "agent", ends=True)
def withdraw(life: Life, case: Case, actor: dict) -> None:
    review.withdraw_case(case, **_asked(actor))


@doing("case", "register_parcel", CUSTOMER, "agent")
def register(life: Life, case: Case, actor: dict) -> None:
    returning.register_parcel(case, carrier=make_carrier(), waybill=new_waybill(), **_asked(actor))


@doing("case", "", CUSTOMER, "agent", hinders=True)
def want_back(life: Life, case: Case, actor: dict) -> None:
    returning.ask_for_goods_back(case, **_asked(actor))


@doing("case", "reopen", CUSTOMER, "lead", hinders=True)
def reopen(life: Life, case: Case, actor: dict) -> None:
    settling.reopen_case(case, reason="复核", **actor)


@doing("case", "", CUSTOMER, hinders=True)
def appeal(life: Life, case: Case, actor: dict) -> None:
    appeals.open_appeal(case, words="照片拍得很清楚", **actor)


@doing("appeal", "withdraw", CUSTOMER, hinders=True)
def withdraw_appeal(life: Life, row: Appeal, actor: dict) -> None:
    appeals.withdraw_appeal(row, **actor)


@doing("repair", "accept_quote", CUSTOMER)
def accept(life: Life, row: Repair, actor: dict) -> None:
    repairs.accept_quote(row, amount_fen=row.quote_fen or 0, **actor)


@doing("repair", "decline_quote", CUSTOMER, hinders=True)
def decline(life: Life, row: Repair, actor: dict) -> None:
    repairs.decline_quote(row, **actor)


# -- agents and those above them


@doing("case", "approve", "agent", "lead", "manager")
def approve(life: Life, case: Case, actor: dict) -> None:
    review.approve_case(case, proposal=proposed(case), override_reason="已看过照片", **actor)


@doing("case", "request_info", "agent", hinders=True)
def request_info(life: Life, case: Case, actor: dict) -> None:
    review.request_evidence(case, items=["photo"], note="请补一张", **actor)


@doing("case", "escalate", "agent", "lead")
def escalate(life: Life, case: Case, actor: dict) -> None:
    approvals.escalate_case(case, proposal=proposed(case), note="请看一下", **actor)


@doing("case", "reject", "agent", "lead", "manager", ends=True)
def reject(life: Life, case: Case, actor: dict) -> None:
    review.reject_case(case, reason="not_shown", rule_version="v1", evidence=[life.evidence.pk], words="未见损坏", **actor)


@doing("approval", "", "lead", "manager", "finance")
def sign(life: Life, row: Approval, actor: dict) -> None:
    approvals.sign_approval(row, proposal_hash=row.digest, **actor)


@doing("case", "send_back", "lead", "manager", "finance", hinders=True)
def send_back(life: Life, case: Case, actor: dict) -> None:
    approvals.send_back_case(case, note="金额不对", **actor)


@doing("case", "parcel_problem", "agent", hinders=True)
def report_lost(life: Life, case: Case, actor: dict) -> None:
    seen = [pk for parcel in life.rows("parcel") for pk in parcel.scans.values_list("pk", flat=True)]
    returning.report_parcel_problem(case, problem="lost", events=seen, **actor)


@doing("case", "resolve_exception", "lead", "manager")
def decide(life: Life, case: Case, actor: dict) -> None:
    units = [claim.unit_id for claim in case.units.all()]
    verdict = life.chance.choice([each for each in VERDICTS if each != "retry_payment"])
    terms = {"unit_ids": (), "amount_fen": 0} if verdict == "return_goods" else {}
    if verdict == "changed":
        terms = {"amount_fen": sum(claim.unit.entitled_fen - claim.unit.refunded_fen for claim in case.units.select_related("unit"))}
    proposal = proposed(case, has_consent=True, **terms)
    deciding.resolve_exception(case, verdict=verdict, proposal=proposal, waived=units, **actor)


@doing("case", "resend_goods", "lead", hinders=True)
def resend(life: Life, case: Case, actor: dict) -> None:
    deciding.resend_goods(case, words="请再寄一次", **actor)


@doing("appeal", "ask_evidence", "lead", "manager")
def ask_evidence(life: Life, row: Appeal, actor: dict) -> None:
    appeals.ask_for_evidence(row, due=timezone.now() + timedelta(days=3), **actor)


@doing("appeal", "begin_deciding", "lead", "manager")
def begin_deciding(life: Life, row: Appeal, actor: dict) -> None:
    appeals.begin_deciding(row, both_answered=True, **actor)


@doing("appeal", "uphold", "lead", "manager")
def uphold(life: Life, row: Appeal, actor: dict) -> None:
    appeals.decide_appeal(row, is_upheld=True, reasons="照片可见", **actor)


@doing("appeal", "deny", "lead", "manager", hinders=True)
def deny(life: Life, row: Appeal, actor: dict) -> None:
    appeals.decide_appeal(row, is_upheld=False, reasons="仍不可见", rule_version="v1", **actor)


@doing("outbound", "reserve_again", "lead")
def reserve_again(life: Life, row: Outbound, actor: dict) -> None:
    stock.reserve_again(row, left=5, **actor)


@doing("outbound", "cancel", "lead", hinders=True)
def cancel_outbound(life: Life, row: Outbound, actor: dict) -> None:
    outbounds.cancel_outbound(row, **actor)


# -- the warehouse


@doing("case", "scan_in", "packer")
def scan_in(life: Life, case: Case, actor: dict) -> None:
    arriving.scan_in(case, **actor)


@doing("case", "begin_inspection", "packer")
def begin_inspection(life: Life, case: Case, actor: dict) -> None:
    inspecting.begin_inspection(case, **actor)


@doing("inspection", "", "packer")
def find_good(life: Life, line: Any, actor: dict) -> None:
    inspecting.record_line(line, graded="a", **actor)


@doing("inspection", "", "packer", hinders=True)
def find_bad(life: Life, line: Any, actor: dict) -> None:
    inspecting.record_line(line, graded="c", fault="damaged", photos=[photo_by(life.house.packer).pk], **actor)


@doing("inspection", "inspect_again", "packer", hinders=True)
def look_again(life: Life, line: Any, actor: dict) -> None:
    inspecting.inspect_again(line, note="再看", **actor)


@doing("case", "pass_inspection", "packer")
def pass_inspection(life: Life, case: Case, actor: dict) -> None:
    inspecting.pass_inspection(case, **actor)


@doing("case", "fail_inspection", "packer")
def fail_inspection(life: Life, case: Case, actor: dict) -> None:
    inspecting.fail_inspection(case, words="有划痕", **actor)


@doing("case", "", "packer", hinders=True)
def split(life: Life, case: Case, actor: dict) -> None:
    missing = [claim.unit_id for claim in case.units.filter(received_at=None)]
    splitting.split_case(case, units=missing[:1], kind="short", **actor)


@doing("outbound", "pick", "packer")
def pick(life: Life, row: Outbound, actor: dict) -> None:
    outbounds.pick_outbound(row, **actor)


@doing("outbound", "ship", "packer")
def ship(life: Life, row: Outbound, actor: dict) -> None:
    outbounds.ship_outbound(row, carrier=make_carrier(), waybill=new_waybill(), **actor)


@doing("outbound", "run_out", "packer", hinders=True)
def run_out(life: Life, row: Outbound, actor: dict) -> None:
    stock.run_out(row, **actor)


@doing("repair", "diagnose", "packer")
def diagnose(life: Life, row: Repair, actor: dict) -> None:
    repairs.diagnose(row, **actor)


@doing("repair", "send_quote", "packer", hinders=True)
def quote(life: Life, row: Repair, actor: dict) -> None:
    repairs.send_quote(row, amount_fen=3000, finding="主板", **actor)


@doing("repair", "begin_repair", "packer")
def begin_repair(life: Life, row: Repair, actor: dict) -> None:
    repairs.begin_repair(row, finding="主板", **actor)


@doing("repair", "finish_repair", "packer")
def finish_repair(life: Life, row: Repair, actor: dict) -> None:
    repairs.finish_repair(row, finding="已更换", **actor)


@doing("repair", "give_up", "packer", hinders=True)
def give_up(life: Life, row: Repair, actor: dict) -> None:
    repairs.give_up(row, finding="修不好", **actor)


# -- finance


@doing("refund", "authorise", "finance", "second_finance")
def authorise(life: Life, row: Refund, actor: dict) -> None:
    refunds.authorise_refund(row, proposal_hash=row.proposal_hash, **actor)


@doing("refund", "void", "finance", "second_finance", hinders=True)
def void(life: Life, row: Refund, actor: dict) -> None:
    refunds.void_refund(row, reason="重复", **actor)


@doing("refund", "", "finance", "second_finance")
def pay_again(life: Life, row: Refund, actor: dict) -> None:
    refund_rescue.retry_refund(row, cause="查明", **actor)


@doing("case", "", "finance", "second_finance")
def decide_to_pay_again(life: Life, case: Case, actor: dict) -> None:
    deciding.resolve_exception(case, verdict="retry_payment", proposal=proposed(case), **actor)


@doing("recovery", "claim", "finance")
def claim(life: Life, row: Recovery, actor: dict) -> None:
    recoveries.claim_recovery(row, proof="签收记录", **actor)


@doing("recovery", "accept", "finance")
def hear_debtor(life: Life, row: Recovery, actor: dict) -> None:
    recoveries.answer_recovery(row, is_accepted=True, answer="同意", **actor)


@doing("recovery", "", "finance")
def collect(life: Life, row: Recovery, actor: dict) -> None:
    recoveries.collect_recovery(row, amount_fen=row.amount_fen, **actor)
