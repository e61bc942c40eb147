"""Refunds until they are released: R1 to R5."""

from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from tests.factories import make_user
from tests.workflows.settling.builders import decide, figures, fresh, make_finance, make_owed, open_tasks, sign, within
from workflows.models import CaseUnit, PaymentBalance, Refund, RefundableUnit, RefundEvent
from workflows.services.refund_questions import lower_refund
from workflows.services.refunds import authorise_refund, release_due, void_refund

pytestmark = pytest.mark.django_db


def codes_of(refused) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def facts(refund) -> list[tuple]:
    return list(RefundEvent.objects.filter(refund=refund).order_by("seq").values_list("seq", "verb", "after", "held_fen", "refunded_fen"))


def test_what_is_owed_is_held_and_numbered():
    case = make_owed(lines=2)

    [refund] = decide(case)

    assert (refund.state, refund.amount_fen, refund.gateway) == ("pending_approval", 19800, "demo")
    assert refund.out_refund_no.startswith("RF") and len(refund.out_refund_no) == 28
    assert figures(refund) == (19800, 0)
    assert list(refund.lines.order_by("unit").values_list("amount_fen", flat=True)) == [9900, 9900]
    assert set(RefundableUnit.objects.values_list("held_fen", flat=True)) == {9900}
    assert facts(refund) == [(1, "create", "pending_approval", 19800, 0)]
    assert open_tasks(case) == ["refund_authorise"]


def test_several_payments_pay_a_refund_each():
    made = decide(make_owed(lines=2, payments=(15000, 4800)))

    assert sorted(refund.amount_fen for refund in made) == [4800, 15000]
    assert all(refund.amount_fen == sum(refund.lines.values_list("amount_fen", flat=True)) for refund in made)
    assert len({refund.out_refund_no for refund in made}) == 2


def test_a_payment_that_does_not_hold_it_any_more_refuses():
    case = make_owed()
    PaymentBalance.objects.update(external_fen=1)

    with pytest.raises(RefusedError) as refused:
        decide(case)

    assert codes_of(refused) == ["balance_short"]
    assert not Refund.objects.exists()


def test_a_frozen_payment_is_not_drawn_on():
    case = make_owed()
    PaymentBalance.objects.update(frozen_at=timezone.now())

    with pytest.raises(RefusedError) as refused:
        decide(case)

    assert "payment_frozen" in codes_of(refused)


def test_a_unit_is_held_once():
    case = make_owed(payments=(99000,))
    RefundableUnit.objects.update(held_fen=1)

    with pytest.raises(RefusedError) as refused:
        decide(case)

    assert codes_of(refused) == ["payment_exhausted"]


def test_the_rule_signs_up_to_its_limit_and_the_refund_leaves_at_once():
    [refund] = decide(make_owed(auto_limit=9900))

    assert (refund.state, refund.auto_limit_fen, refund.authorised_by) == ("queued", 9900, None)
    assert [verb for _seq, verb, *_rest in facts(refund)] == ["create", "authorise", "trigger"]


def test_above_its_limit_the_rule_signs_nothing():
    [refund] = decide(make_owed(auto_limit=9899))

    assert refund.state == "pending_approval"


def test_small_parts_of_an_order_count_together_for_the_rule():
    case = make_owed(lines=2, auto_limit=9900)
    last = case.units.order_by("-pk").first()
    CaseUnit.objects.filter(pk=last.pk).update(is_approved=False)
    [first] = decide(case)
    CaseUnit.objects.update(is_approved=True)

    [second] = decide(case)

    assert (first.state, second.state, second.amount_fen) == ("queued", "pending_approval", 9900)


def test_finance_signs_what_they_saw():
    case = make_owed()
    [refund] = decide(case)

    signed = sign(refund)

    assert (signed.state, signed.authorised_by is not None, open_tasks(case)) == ("queued", True, [])


def test_another_proposal_than_the_one_seen_is_not_signed():
    [refund] = decide(make_owed())

    with pytest.raises(RefusedError) as refused:
        authorise_refund(refund, proposal_hash="0" * 64, by=make_finance(refund.case))

    assert codes_of(refused) == ["proposal_changed"]


def test_a_row_that_was_changed_behind_its_hash_is_not_signed():
    [refund] = decide(make_owed())
    refund.lines.update(amount_fen=9800)

    with pytest.raises(RefusedError) as refused:
        sign(refund)

    assert codes_of(refused) == ["proposal_changed"]


def test_nobody_signs_their_own():
    case = make_owed()
    own = make_finance(case)
    [refund] = decide(case, by=own)

    with pytest.raises(NotAllowedError) as refused:
        sign(refund, by=own)

    assert codes_of(refused) == ["own_refund"]


def test_whoever_works_on_the_case_does_not_sign_for_it():
    case = make_owed()
    own = make_finance(case)
    case.assignee = own
    case.save(update_fields=["assignee"])
    [refund] = decide(case)

    with pytest.raises(NotAllowedError) as refused:
        sign(refund, by=own)

    assert codes_of(refused) == ["own_refund"]


@pytest.mark.parametrize("role", ["agent", "lead", "manager", "warehouse", "admin"])
def test_only_finance_signs(role):
    [refund] = decide(make_owed())

    with pytest.raises(NotAllowedError) as refused:
        sign(refund, by=make_user(role, shops=[refund.case.order.merchant]))

    assert codes_of(refused) == ["not_your_role"]


def test_an_old_page_signs_nothing():
    [refund] = decide(make_owed())

    with pytest.raises(VersionConflictError):
        authorise_refund(refund, proposal_hash=refund.proposal_hash, by=make_finance(refund.case), expected_version=refund.version - 1)


def test_a_signature_sent_twice_is_one():
    [refund] = decide(make_owed())
    by = make_finance(refund.case)

    again = [authorise_refund(refund, proposal_hash=refund.proposal_hash, by=by, request_id="one") for _time in range(2)]

    assert {row.state for row in again} == {"queued"}
    assert [verb for _seq, verb, *_rest in facts(refund)].count("authorise") == 1


def test_a_pre_armed_refund_leaves_with_the_inspection_that_passes():
    case = make_owed(release="inspected", state="inspecting")
    [refund] = decide(case)
    assert sign(refund).state == "armed"

    CaseUnit.objects.update(received_at=timezone.now(), verdict="passed")
    within(case, release_due)

    assert fresh(refund).state == "queued"


def test_what_passed_of_two_does_not_release_both():
    case = make_owed(lines=2, release="inspected", state="inspecting")
    [refund] = decide(case)
    sign(refund)

    CaseUnit.objects.filter(pk=case.units.first().pk).update(received_at=timezone.now(), verdict="passed")
    within(case, release_due)

    assert fresh(refund).state == "armed"


def test_two_refunds_of_a_case_share_what_may_leave():
    case = make_owed(lines=2, payments=(9900, 9900), release="inspected", state="inspecting")
    made = decide(case)
    for refund in made:
        sign(refund)

    CaseUnit.objects.filter(pk=case.units.first().pk).update(received_at=timezone.now(), verdict="passed")
    within(case, release_due)

    assert sorted(fresh(refund).state for refund in made) == ["armed", "queued"]


def test_a_frozen_payment_lets_nothing_go():
    case = make_owed(release="inspected", state="inspecting")
    [refund] = decide(case)
    sign(refund)
    PaymentBalance.objects.update(frozen_at=timezone.now())

    CaseUnit.objects.update(received_at=timezone.now(), verdict="passed")
    within(case, release_due)

    assert fresh(refund).state == "armed"


def test_a_payment_that_became_too_old_is_transferred_by_finance():
    case = make_owed(release="inspected", state="inspecting")
    [refund] = decide(case)
    sign(refund)
    case.order.payments.update(paid_at=timezone.now() - timedelta(days=366))

    CaseUnit.objects.update(received_at=timezone.now(), verdict="passed")
    within(case, release_due)

    assert (fresh(refund).state, open_tasks(case)) == ("armed", ["refund_transfer"])


def test_a_refusal_lets_the_money_go_and_stops_the_case():
    case = make_owed()
    [refund] = decide(case)

    voided = void_refund(refund, reason="重复申请", by=make_finance(case))

    case.refresh_from_db(fields=["version"])
    assert (voided.state, figures(refund)) == ("voided", (0, 0))
    assert set(RefundableUnit.objects.values_list("held_fen", flat=True)) == {0}
    assert type(case).objects.get(pk=case.pk).state == "exception"
    assert "refund_refused" in open_tasks(case)


def test_a_refusal_needs_a_reason():
    [refund] = decide(make_owed())

    with pytest.raises(RefusedError) as refused:
        void_refund(refund, reason=" ", by=make_finance(refund.case))

    assert codes_of(refused) == ["void_reason_missing"]


def test_what_was_released_is_voided_no_more():
    [refund] = decide(make_owed(auto_limit=9900))

    with pytest.raises(RefusedError) as refused:
        void_refund(refund, reason="太晚了", by=make_finance(refund.case))

    assert codes_of(refused) == ["state"]


def test_a_higher_amount_is_signed_anew():
    case = make_owed(lines=2, release="inspected", state="inspecting")
    [refund] = decide(case, amount_fen=10000)
    sign(refund)

    [more] = decide(case, amount_fen=19800)

    assert [(row.state, row.amount_fen, row.revision) for row in (fresh(refund), more)] == [
        ("armed", 10000, 1),
        ("pending_approval", 9800, 2),
    ]
    assert figures(refund) == (19800, 0)


@pytest.mark.parametrize(
    ("cause", "keeps", "state"),
    [("consent", True, "armed"), ("split", True, "armed"), ("", True, "pending_approval"), ("consent", False, "pending_approval")],
)
def test_a_lower_amount_keeps_its_signature_where_that_was_agreed(cause, keeps, state):
    case = make_owed(release="inspected", state="inspecting")
    case.policy.lower_keeps_approval = keeps
    case.policy.save()
    [refund] = decide(case)
    sign(refund)

    decide(case, amount_fen=5000, cause=cause)

    lower = fresh(refund)
    assert (lower.state, lower.amount_fen, figures(refund)) == (state, 5000, (5000, 0))
    assert (lower.authorised_by is None) is (state == "pending_approval")
    assert list(RefundableUnit.objects.values_list("held_fen", flat=True)) == [5000]


def test_a_refund_that_is_owed_no_more_is_voided():
    case = make_owed(release="inspected", state="inspecting")
    [refund] = decide(case)

    assert decide(case, amount_fen=0) == []

    assert (fresh(refund).state, figures(refund)) == ("voided", (0, 0))


def test_a_sent_refund_is_never_edited():
    case = make_owed(auto_limit=9900)
    [refund] = decide(case)

    assert decide(case, amount_fen=5000) == []

    assert (fresh(refund).state, fresh(refund).amount_fen) == ("queued", 9900)


def test_a_lead_adjusts_by_hand():
    case = make_owed(release="inspected", state="inspecting")
    [refund] = decide(case)
    lead = make_user("lead")

    changed = lower_refund(refund, amount=7000, cause="damage", by=lead)

    assert (changed.amount_fen, figures(refund), facts(refund)[-1]) == (7000, (7000, 0), (2, "reprice", "pending_approval", -2900, 0))


def test_a_compensation_is_no_part_of_any_unit_and_beyond_the_payment_a_transfer():
    case = make_owed()

    goods = decide(case, compensation=3000)

    assert [(refund.purpose, refund.amount_fen) for refund in goods] == [("goods", 9900)]
    assert "refund_transfer" in open_tasks(case)


def test_a_compensation_within_the_payment_is_held_without_lines():
    case = make_owed(payments=(20000,))
    RefundableUnit.objects.update(entitled_fen=9900)

    made = {refund.purpose: refund for refund in decide(case, compensation=3000)}

    assert (made["compensation"].amount_fen, made["compensation"].lines.count()) == (3000, 0)
