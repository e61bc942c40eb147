"""Exceptions, the join at the end, opening again, and appeals."""

from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.exceptions import NotAllowedError, RefusedError
from tests.workflows.house import evidence_for, granted, in_review, make_house, proposed, refund_of, second
from tests.workflows.services.steps import lines_of, opened, record_good
from workflows.machines.spine import CaseState
from workflows.models import Appeal, Case, CaseClock, CaseUnit, Outbound, Recovery, Repair, Task, TrackEvent
from workflows.services.act import take_up
from workflows.services.appeals import begin_deciding, decide_appeal, open_appeal, withdraw_appeal
from workflows.services.case_clocks import run_due_case_clocks
from workflows.services.deciding import resend_goods, resolve_exception
from workflows.services.inspecting import fail_inspection, pass_inspection
from workflows.services.recoveries import answer_recovery, claim_recovery, collect_recovery, write_off_recovery
from workflows.services.refunds import void_refund
from workflows.services.returning import ask_for_goods_back, register_parcel, report_parcel_problem
from workflows.services.review import approve_case, reject_case, withdraw_case
from workflows.services.settling import reopen_case

pytestmark = pytest.mark.django_db
NO_RETURN = {"receipt": "none", "release": "approved", "release_trusted": "approved"}


def reasons(refusal) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def lost(house) -> Case:
    """A granted case whose parcel was lost on its way back."""
    case = granted(house)
    case = register_parcel(case, carrier=None, waybill="SF1234567890123", as_customer=True, by=None)
    seen = TrackEvent.objects.create(parcel=case.parcels.get(), at=timezone.now(), tag="Exception", digest="d")
    return report_parcel_problem(case, problem="lost", events=[seen.pk], by=house.agent)


def rejected(house) -> Case:
    case = in_review(house)
    return reject_case(case, reason="not_shown", rule_version="refund_only v1", evidence=[evidence_for(house).pk], by=house.agent)


def test_a_lost_parcel_is_decided_by_a_lead():
    house = make_house()
    case = lost(house)
    assert case.state == CaseState.EXCEPTION

    units = [claim.unit_id for claim in case.units.all()]
    with pytest.raises(RefusedError) as refusal:
        resolve_exception(case, verdict="full", proposal=proposed(case), by=house.lead)
    case = resolve_exception(case, verdict="full", proposal=proposed(case), waived=units, by=house.lead)

    assert reasons(refusal) == {"goods_owed"}
    assert case.state == CaseState.SETTLING
    assert set(CaseUnit.objects.filter(case=case).values_list("verdict", flat=True)) == {"waived"}
    assert refund_of(case).amount_fen == 9900


def test_an_agent_decides_no_exception():
    house = make_house()
    case = lost(house)

    with pytest.raises(NotAllowedError):
        resolve_exception(case, verdict="full", proposal=proposed(case), by=house.agent)


def test_a_partial_verdict_needs_consent_or_leaves_the_appeal_open():
    house = make_house()
    case = lost(house)
    units = [claim.unit_id for claim in case.units.all()]
    half = proposed(case, amount_fen=5000)

    with pytest.raises(RefusedError) as refusal:
        resolve_exception(case, verdict="partial", proposal=half, waived=units, by=house.lead)
    agreed = proposed(case, amount_fen=5000, has_consent=True)
    case = resolve_exception(case, verdict="partial", proposal=agreed, waived=units, by=house.lead)

    assert reasons(refusal) == {"consent_missing"}
    assert (case.state, refund_of(case).amount_fen) == (CaseState.SETTLING, 5000)


def test_finance_only_lets_pay_again():
    house = make_house()
    case = lost(house)

    with pytest.raises(NotAllowedError) as refusal:
        resolve_exception(case, verdict="full", proposal=proposed(case), by=house.finance)

    assert reasons(refusal) >= {"finance_pays_only"}


def test_paying_again_needs_a_payment_that_failed():
    house = make_house()
    case = lost(house)

    with pytest.raises(RefusedError) as refusal:
        resolve_exception(case, verdict="retry_payment", proposal=proposed(case), by=house.lead)

    assert reasons(refusal) == {"not_a_payment"}


def repaired_wish(**kinds) -> tuple:
    """A piece that its customer wants back, found as it should be; its repair is promised."""
    house = make_house("repair", release="none", release_trusted="none", ships="repaired", ships_trusted="repaired", **kinds)
    case = opened(house)
    for line in lines_of(case):
        record_good(line, house)
    ask_for_goods_back(case, as_customer=True)
    return house, fail_inspection(case, by=house.packer)


def test_goods_that_go_back_take_the_place_of_what_was_promised():
    house, case = repaired_wish()

    case = resolve_exception(case, verdict="return_goods", proposal=proposed(case, unit_ids=(), amount_fen=0), by=house.lead)

    assert sorted(Outbound.objects.filter(case=case).values_list("kind", "state")) == [("repaired", "cancelled"), ("ship_back", "released")]


def test_a_piece_that_a_lead_lets_pass_is_repaired():
    house, case = repaired_wish()
    units = [claim.unit_id for claim in case.units.all()]

    case = resolve_exception(case, verdict="full", proposal=proposed(case), accepted=units, by=house.lead)

    assert (case.state, Repair.objects.get(claim__case=case).state) == (CaseState.SETTLING, "intake")


def test_what_never_came_cannot_be_waived_into_a_repair():
    house = make_house("repair", release="none", release_trusted="none", ships="repaired", ships_trusted="repaired")
    case = lost(house)
    units = [claim.unit_id for claim in case.units.all()]

    with pytest.raises(RefusedError) as refusal:
        resolve_exception(case, verdict="full", proposal=proposed(case), waived=units, by=house.lead)

    assert reasons(refusal) == {"goods_owed"}


def test_goods_that_are_still_owed_are_asked_for_again():
    house = make_house()
    case = resend_goods(lost(house), by=house.lead)

    assert case.state == CaseState.AWAITING_RETURN
    assert case.parcels.filter(state="expected").exists()


def test_a_case_that_owes_nothing_is_done_at_once():
    house = make_house("reship", receipt="none", release="none", ships="none")
    case = in_review(house)

    case = approve_case(case, proposal=proposed(case), by=house.agent, override_reason="x")

    assert case.state == CaseState.COMPLETED


def test_goods_that_go_out_keep_a_case_open():
    house = make_house("reship", receipt="none", release="none", ships="approved")
    case = in_review(house)

    case = approve_case(case, proposal=proposed(case), by=house.agent, override_reason="x")

    assert (case.state, Outbound.objects.get(case=case).state) == (CaseState.SETTLING, "released")


def test_a_case_with_money_under_way_is_not_done():
    house = make_house("refund_only", **NO_RETURN)
    case = granted(house, reason="regret")

    with pytest.raises(RefusedError) as refusal:
        take_up(case, "settle_done", by=None)

    assert case.state == CaseState.SETTLING
    assert reasons(refusal) == {"track_open"}


def test_what_finance_refused_before_the_goods_came_is_decided_when_they_pass():
    house = make_house()
    case = opened(house)
    for line in lines_of(case):
        record_good(line, house)
    void_refund(refund_of(case), reason="金额不符", by=house.finance)

    case = pass_inspection(Case.objects.get(pk=case.pk), by=house.packer)

    assert case.state == CaseState.EXCEPTION
    assert Task.objects.filter(case=case, role="lead", done_at__isnull=True).exists()


def test_the_customer_resumes_what_they_withdrew():
    house = make_house()
    case = withdraw_case(granted(house), as_customer=True)

    case = reopen_case(case, as_customer=True)

    assert case.state == CaseState.IN_REVIEW
    assert case.reserved_units.count() == 1


def test_a_rejected_case_is_reopened_by_a_lead_only():
    house = make_house("refund_only", **NO_RETURN)
    case = rejected(house)

    with pytest.raises(NotAllowedError):
        reopen_case(case, as_customer=True)
    assert reopen_case(case, reason="有新证据", by=house.lead).state == CaseState.IN_REVIEW


def test_an_appeal_is_decided_by_somebody_who_never_decided():
    house = make_house("refund_only", **NO_RETURN)
    case = rejected(house)
    appeal = open_appeal(case, words="照片里看得很清楚")

    with pytest.raises(RefusedError):
        open_appeal(case, words="再说一次")
    Appeal.objects.filter(pk=appeal.pk).update(state="evidence")
    appeal = begin_deciding(Appeal.objects.get(pk=appeal.pk), both_answered=True, by=house.lead)
    appeal = decide_appeal(appeal, is_upheld=True, reasons="照片证明了", by=house.lead)

    case = Case.objects.get(pk=case.pk)
    assert (appeal.state, case.state) == ("upheld", CaseState.IN_REVIEW)
    assert not Task.objects.filter(case=case, kind="appeal", done_at__isnull=True).exists()


def test_who_rejected_does_not_decide_the_appeal():
    house = make_house("refund_only", **NO_RETURN)
    case = in_review(house)
    case = reject_case(case, reason="not_shown", rule_version="v1", evidence=[evidence_for(house).pk], by=house.lead)
    appeal = open_appeal(case, words="不同意")
    Appeal.objects.filter(pk=appeal.pk).update(state="evidence")

    with pytest.raises(NotAllowedError) as refusal:
        begin_deciding(Appeal.objects.get(pk=appeal.pk), both_answered=True, by=house.lead)

    assert reasons(refusal) == {"decided_before"}


def test_a_withdrawn_appeal_lets_the_case_end():
    house = make_house("refund_only", **NO_RETURN)
    appeal = open_appeal(rejected(house), words="不同意")

    assert withdraw_appeal(appeal, as_customer=True).state == "withdrawn"


def test_after_the_window_a_case_is_archived_with_its_root():
    house = make_house("refund_only", **NO_RETURN)
    case = rejected(house)
    make_due(case)

    run_due_case_clocks()

    case = Case.objects.get(pk=case.pk)
    event = house.complaint.events.get(kind="case.archive")
    assert case.state == CaseState.CLOSED
    assert len(event.codes["root"]) == 64


def test_an_open_appeal_keeps_a_case_from_the_archive():
    house = make_house("refund_only", **NO_RETURN)
    case = rejected(house)
    open_appeal(case, words="不同意")
    make_due(case)

    run_due_case_clocks()

    assert Case.objects.get(pk=case.pk).state == CaseState.REJECTED
    assert Task.objects.get(case=case, kind="overdue").codes["reasons"] == ["appeal_open"]


def test_a_review_that_lasts_too_long_is_told_to_a_lead_once():
    house = make_house()
    case = in_review(house)
    make_due(case)

    run_due_case_clocks()
    run_due_case_clocks()

    assert Task.objects.filter(case=case, kind="overdue", role="lead").count() == 1
    assert house.complaint.events.filter(kind="case.clock_over").count() == 1


def test_a_recovery_is_collected_in_parts_and_booked():
    house = make_house()
    recovery = Recovery.objects.get(case=lost(house))
    recovery = claim_recovery(recovery, proof="扫描记录 3 条", by=house.finance)
    recovery = answer_recovery(recovery, is_accepted=True, answer="同意赔付", by=house.finance)

    recovery = collect_recovery(recovery, amount_fen=4900, by=house.finance)
    with pytest.raises(RefusedError):
        collect_recovery(recovery, amount_fen=99_999, by=house.finance)
    recovery = collect_recovery(recovery, amount_fen=recovery.amount_fen - 4900, by=house.finance)

    assert recovery.state == "collected"
    assert sum(recovery.case.ledger.values_list("amount_fen", flat=True)) == 0
    assert recovery.case.ledger.count() == 4


def test_giving_a_claim_up_takes_two_people():
    house = make_house()
    recovery = Recovery.objects.get(case=lost(house))
    recovery = claim_recovery(recovery, proof="x", by=house.finance)
    recovery = answer_recovery(recovery, is_accepted=False, answer="拒绝", by=house.finance)

    with pytest.raises(RefusedError):
        write_off_recovery(recovery, reason="太少", approved_by=house.finance, by=house.finance)
    assert write_off_recovery(recovery, reason="太少", approved_by=second(house, "finance"), by=house.finance).state == "written_off"


def make_due(case: Case) -> None:
    """The time of the present state is over."""
    now = timezone.now()
    CaseClock.objects.filter(case=case, state="running").update(started_at=now - timedelta(days=20), due_at=now - timedelta(seconds=1))
