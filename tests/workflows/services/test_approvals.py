"""Signatures: distinct people, over exactly what they saw, and nobody under their own proposal."""

import pytest

from foundation.exceptions import NotAllowedError, RefusedError
from tests.workflows.house import evidence_for, in_review, make_house, proposed, refund_of, second
from workflows.cases.proposals import Proposal
from workflows.machines.spine import CaseState
from workflows.models import Approval, Case, Task
from workflows.services.approvals import ask_next_level, escalate_case, send_back_case, sign_approval
from workflows.services.review import reject_case

pytestmark = pytest.mark.django_db


def reasons(refusal) -> set[str]:
    return {reason.code for reason in refusal.value.reasons}


def escalated(house, **overrides) -> tuple[Case, Approval]:
    case = in_review(house)
    case = escalate_case(case, proposal=proposed(case, **overrides), note="超出权限", by=house.agent)
    return case, Approval.objects.get(case=case)


def test_a_large_amount_needs_lead_and_finance():
    house = make_house(unit_fen=60_000)
    case, approval = escalated(house)

    assert (case.state, case.proposed_from) == (CaseState.PENDING_APPROVAL, CaseState.IN_REVIEW)
    assert list(approval.steps.order_by("number").values_list("role", flat=True)) == ["lead", "finance"]
    assert set(Task.objects.filter(case=case, done_at__isnull=True).values_list("role", flat=True)) >= {"lead", "finance"}


def test_the_last_signature_carries_the_proposal_out():
    house = make_house(unit_fen=60_000)
    case, approval = escalated(house)

    after_one = sign_approval(approval, proposal_hash=approval.digest, by=house.lead)
    assert after_one.state == CaseState.PENDING_APPROVAL
    after_two = sign_approval(approval, proposal_hash=approval.digest, by=house.finance)

    approval = Approval.objects.get(pk=approval.pk)
    assert (after_two.state, approval.state) == (CaseState.AWAITING_RETURN, "approved")
    assert refund_of(case).amount_fen == 60_000
    assert case.resolutions.get(standing="current").decided_by == house.finance


def test_nobody_signs_twice_or_what_they_proposed():
    house = make_house(unit_fen=60_000)
    _case, approval = escalated(house)
    sign_approval(approval, proposal_hash=approval.digest, by=house.lead)

    with pytest.raises(NotAllowedError) as twice:
        sign_approval(approval, proposal_hash=approval.digest, by=house.lead)
    with pytest.raises(NotAllowedError) as stranger:
        sign_approval(approval, proposal_hash=approval.digest, by=second(house, "agent"))

    assert reasons(twice) >= {"signed_already"}
    assert reasons(stranger) == {"not_your_role"}


def test_a_lead_does_not_sign_their_own_proposal():
    house = make_house(unit_fen=60_000)
    case = in_review(house)
    case = escalate_case(case, proposal=proposed(case), by=house.lead)
    approval = Approval.objects.get(case=case)

    with pytest.raises(NotAllowedError) as refusal:
        sign_approval(approval, proposal_hash=approval.digest, by=house.lead)

    assert reasons(refusal) == {"own_proposal"}


def test_what_changed_since_it_was_seen_is_not_signed():
    house = make_house(unit_fen=60_000)
    _case, approval = escalated(house)

    with pytest.raises(RefusedError) as refusal:
        sign_approval(approval, proposal_hash="0" * 64, by=house.lead)

    assert reasons(refusal) == {"proposal_changed"}


def test_sending_back_voids_what_was_signed():
    house = make_house(unit_fen=60_000)
    case, approval = escalated(house)
    sign_approval(approval, proposal_hash=approval.digest, by=house.lead)

    with pytest.raises(RefusedError):
        send_back_case(case, note=" ", by=house.lead)
    case = send_back_case(case, note="金额请再核对", by=house.lead)

    approval = Approval.objects.get(pk=approval.pk)
    assert (case.state, approval.state) == (CaseState.IN_REVIEW, "voided")
    assert not Task.objects.filter(case=case, done_at__isnull=True, kind__startswith="approve_").exists()


def test_what_one_may_grant_alone_needs_no_chain():
    house = make_house()
    case = in_review(house)

    with pytest.raises(RefusedError) as refusal:
        escalate_case(case, proposal=proposed(case), by=house.agent)

    assert reasons(refusal) == {"no_approval_needed"}


def test_a_refusal_within_the_legal_period_takes_two_people():
    house = make_house()
    case = in_review(house)
    basis = {"reason": "used", "rule": "return_quality v1", "evidence": [evidence_for(house).pk]}
    case = escalate_case(case, proposal=Proposal((), 0, basis=basis, is_grant=False), by=house.agent)
    approval = Approval.objects.get(case=case)

    with pytest.raises(NotAllowedError):
        sign_approval(approval, proposal_hash=approval.digest, by=house.agent)
    case = sign_approval(approval, proposal_hash=approval.digest, by=house.lead)

    assert case.state == CaseState.REJECTED
    assert case.resolutions.get(standing="current").decided_by == house.lead


def test_the_proposer_cannot_reject_from_pending_approval():
    house = make_house()
    case = in_review(house)
    basis = {"reason": "used", "rule": "v1", "evidence": [1]}
    case = escalate_case(case, proposal=Proposal((), 0, basis=basis, is_grant=False), by=house.lead)

    with pytest.raises(RefusedError) as refusal:
        reject_case(case, reason="used", rule_version="v1", evidence=[1], by=house.lead)

    assert reasons(refusal) == {"second_person"}


def test_an_unanswered_chain_goes_to_the_next_level():
    house = make_house(unit_fen=60_000)
    case, approval = escalated(house)
    Approval.objects.filter(pk=approval.pk).update(due_at=approval.opened_at)

    ask_next_level(case)

    approval = Approval.objects.get(pk=approval.pk)
    assert (approval.state, approval.level) == ("pending", 2)
    assert set(approval.steps.values_list("role", flat=True)) == {"manager"}
