"""The review: what an agent may decide alone, how the customer is asked, and how a case is given up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.models import Outbox
from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from tests.factories import make_user
from tests.workflows.house import answered, evidence_for, granted, in_review, make_house, proposed, refund_of, submitted
from workflows.cases.proposals import Proposal
from workflows.machines.spine import CaseState
from workflows.models import AuthorityUse, CaseClock, RefundableUnit, Task
from workflows.services.case_clocks import run_due_case_clocks
from workflows.services.intake import route_review
from workflows.services.review import approve_case, provide_evidence, reject_case, request_evidence, time_out_evidence, withdraw_case

pytestmark = pytest.mark.django_db


def reasons(refusal) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def test_asking_for_evidence_lets_the_review_stand_still():
    house = make_house()
    case = request_evidence(in_review(house), items=["photo"], by=house.agent)

    review = CaseClock.objects.get(case=case, code="in_review")
    waiting = CaseClock.objects.get(case=case, code="info_needed")
    assert (case.state, review.state, waiting.state) == (CaseState.INFO_NEEDED, "paused", "running")

    case = provide_evidence(case, items=[evidence_for(house).pk], as_customer=True)

    review.refresh_from_db()
    assert (case.state, review.state) == (CaseState.IN_REVIEW, "running")
    assert review.due_at is not None


def test_a_review_that_was_missed_begins_anew_after_the_answer():
    house = make_house()
    case = in_review(house)
    CaseClock.objects.filter(case=case, code="in_review").update(due_at=timezone.now() - timedelta(hours=1))
    run_due_case_clocks()

    case = request_evidence(case, items=["photo"], by=house.agent)
    case = provide_evidence(case, items=[evidence_for(house).pk], as_customer=True)

    first, second = CaseClock.objects.filter(case=case, code="in_review").order_by("pk")
    assert (first.state, second.state) == ("missed", "running")
    assert second.fired_at is None and second.due_at > timezone.now()


def test_the_customer_is_asked_twice_at_most():
    house = make_house()
    case = in_review(house)
    for _round in range(2):
        case = provide_evidence(request_evidence(case, items=["photo"], by=house.agent), items=[1], as_customer=True)

    with pytest.raises(RefusedError) as refusal:
        request_evidence(case, items=["photo"], by=house.agent)

    assert reasons(refusal) == {"asked_twice"}


def test_silence_is_no_rejection():
    house = make_house()
    case = time_out_evidence(request_evidence(in_review(house), items=["photo"], by=house.agent))

    assert (case.state, case.no_reply) == (CaseState.IN_REVIEW, True)


def test_granting_holds_the_money_and_waits_for_the_goods():
    house = make_house()

    case = granted(house)

    refund = refund_of(case)
    assert case.state == CaseState.AWAITING_RETURN
    assert (refund.state, refund.amount_fen) == ("pending_approval", 9900)
    assert refund.balance.held_fen == 9900
    assert case.parcels.get().state == "expected"
    assert AuthorityUse.objects.get(case=case, scope="case").amount_fen == 9900
    assert Outbox.objects.filter(complaint=house.complaint, node="case_send_back").exists()


def test_the_complaint_waits_with_the_case_and_comes_back():
    house = make_house()
    case = granted(house)
    house.complaint.refresh_from_db()
    assert house.complaint.status == "waiting_internal"

    withdraw_case(case, as_customer=True)

    house.complaint.refresh_from_db()
    assert house.complaint.status == "open"


def test_nobody_grants_above_their_authority():
    house = make_house(unit_fen=50_001)
    case = in_review(house)

    with pytest.raises(RefusedError) as refusal:
        approve_case(case, proposal=proposed(case), by=house.agent, override_reason="x")

    assert "above_authority" in reasons(refusal)
    assert not AuthorityUse.objects.exists()


def test_a_typed_amount_may_only_be_lower():
    house = make_house()
    case = in_review(house)

    with pytest.raises(RefusedError):
        approve_case(case, proposal=proposed(case, amount_fen=9901), by=house.agent, override_reason="x")
    case = approve_case(case, proposal=proposed(case, amount_fen=5000), by=house.agent, override_reason="x")

    assert refund_of(case).amount_fen == 5000


def test_what_a_check_denied_needs_a_reason():
    house = make_house()
    case = route_review(answered(submitted(house), eligibility="fail"))

    with pytest.raises(RefusedError) as refusal:
        approve_case(case, proposal=proposed(case), by=house.agent)

    assert reasons(refusal) == {"not_eligible"}
    assert approve_case(case, proposal=proposed(case), by=house.agent, override_reason="老客户").state == CaseState.AWAITING_RETURN


def test_the_buyer_does_not_decide_on_their_own_case():
    house = make_house()
    buyer = make_user("lead", email=house.complaint.contact_email)
    case = in_review(house)

    with pytest.raises(NotAllowedError) as refusal:
        approve_case(case, proposal=proposed(case), by=buyer, override_reason="x")

    assert reasons(refusal) == {"own_case"}


def test_an_old_version_is_a_conflict_and_sending_twice_is_one_act():
    house = make_house()
    case = in_review(house)

    with pytest.raises(VersionConflictError):
        approve_case(case, proposal=proposed(case), by=house.agent, override_reason="x", expected_version=case.version - 1)
    wish = {"proposal": proposed(case), "by": house.agent, "override_reason": "x", "request_id": "r1"}
    first = approve_case(case, **wish, expected_version=case.version)
    again = approve_case(case, **wish, expected_version=case.version)

    assert (again.version, again.refunds.count()) == (first.version, 1)


def test_within_the_legal_period_one_person_refuses_nobody():
    house = make_house()
    case = in_review(house)

    with pytest.raises(RefusedError) as refusal:
        reject_case(case, reason="used", rule_version="return_quality v1", evidence=[evidence_for(house).pk], by=house.agent)

    assert reasons(refusal) == {"second_person"}


def test_outside_of_it_a_person_refuses_with_facts_reason_and_basis():
    house = make_house("refund_only", receipt="none", release="approved", release_trusted="approved")
    case = in_review(house)

    with pytest.raises(RefusedError) as refusal:
        reject_case(case, reason="", rule_version="", evidence=[], by=house.agent)
    case = reject_case(case, reason="not_shown", rule_version="refund_only v1", evidence=[evidence_for(house).pk], by=house.agent)

    assert reasons(refusal) == {"reason_missing", "rule_missing", "facts_missing"}
    assert case.state == CaseState.REJECTED
    assert not RefundableUnit.objects.filter(reserved_by=case).exists()
    assert Outbox.objects.filter(complaint=house.complaint, node="case_rejected").count() == 1


def test_the_system_refuses_nobody():
    house = make_house("refund_only", receipt="none")

    with pytest.raises(NotAllowedError):
        reject_case(in_review(house), reason="used", rule_version="v1", evidence=[1], by=None)


def test_withdrawing_undoes_what_was_prepared():
    house = make_house()
    case = granted(house)

    case = withdraw_case(case, as_customer=True)

    refund = refund_of(case)
    assert (case.state, refund.state, refund.balance.held_fen) == (CaseState.CANCELLED, "voided", 0)
    assert case.parcels.get().state == "cancelled"
    assert not RefundableUnit.objects.filter(reserved_by=case).exists()
    assert sum(AuthorityUse.objects.filter(case=case).values_list("amount_fen", flat=True)) == 0
    assert not Task.objects.filter(case=case, done_at__isnull=True).exists()


def test_an_empty_proposal_is_no_grant():
    house = make_house()
    case = in_review(house)

    with pytest.raises(RefusedError):
        approve_case(case, proposal=Proposal((), 100), by=house.agent, override_reason="x")


def test_agents_of_other_teams_decide_nothing():
    house = make_house()
    stranger = make_user("agent", teams=[])

    with pytest.raises(NotAllowedError):
        approve_case(in_review(house), proposal=Proposal((), 0), by=stranger, override_reason="x")
