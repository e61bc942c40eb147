"""What finance does about refunds that went wrong: asks, sends again, closes by two. R10, R14, R15."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuthorityLimit
from foundation.exceptions import NotAllowedError, RefusedError
from tests.factories import make_user
from tests.workflows.settling.builders import ask, decide, figures, fresh, hear, make_finance, make_owed, make_sent, open_tasks, sign
from workflows.models import Refund, RefundAttempt
from workflows.services.refund_rescue import ask_for_second_person, ask_provider, close_unpaid, resend_absent, retry_refund
from workflows.settling.calls import take_errand

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def codes_of(refused) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def make_failed(**overrides) -> Refund:
    return hear(make_sent(**overrides), "declined", code="REJECTED")


def prove_unpaid(refund: Refund, *, apart: timedelta = timedelta(minutes=11)) -> None:
    """Two questions, so far apart, long after it was sent."""
    for _time in range(2):
        ask(refund, "declined", code="REJECTED", sent_ago=2 * HOUR)
    first, second = RefundAttempt.objects.filter(refund=refund, call="query").order_by("number")
    RefundAttempt.objects.filter(pk=first.pk).update(sent_at=second.sent_at - apart)


def test_what_was_declined_is_sent_again_under_its_number():
    refund = make_failed()

    again = retry_refund(refund, cause="余额已补足", by=make_finance(refund.case))

    assert (again.state, again.code, take_errand(refund.pk).request.out_refund_no) == ("queued", "", refund.out_refund_no)
    assert "refund_failed" not in open_tasks(refund.case)


def test_sending_again_needs_a_cause():
    refund = make_failed()

    with pytest.raises(RefusedError) as refused:
        retry_refund(refund, cause="", by=make_finance(refund.case))

    assert codes_of(refused) == ["cause_missing"]


def test_only_finance_sends_again():
    refund = make_failed()

    with pytest.raises(NotAllowedError):
        retry_refund(refund, cause="余额已补足", by=make_user("lead"))


def test_what_bounced_is_paid_to_another_account_under_its_number():
    refund = hear(make_sent(), "bounced", code="ACCOUNT_CLOSED")

    retry_refund(refund, cause="银行卡已注销", by=make_finance(refund.case))

    assert take_errand(refund.pk).attempt.call == "retry"


def test_a_provider_that_cannot_pay_again_says_so():
    refund = hear(make_sent(), "bounced")
    Refund.objects.update(gateway="stripe")

    with pytest.raises(RefusedError) as refused:
        retry_refund(refund, cause="银行卡已注销", by=make_finance(refund.case))

    assert codes_of(refused) == ["cannot_repay"]


def test_two_people_close_what_is_proven_unpaid_and_a_new_refund_may_exist():
    refund = make_failed()
    prove_unpaid(refund)
    ask_for_second_person(refund, reason="渠道确认未支付", by=make_finance(refund.case))

    closed = close_unpaid(refund, by=make_finance(refund.case))

    assert (closed.state, figures(refund)) == ("voided", (0, 0))
    assert not {"refund_failed", "refund_second"} & set(open_tasks(refund.case))
    [new] = decide(refund.case)
    assert new.out_refund_no != refund.out_refund_no


def test_nobody_closes_alone():
    refund = make_failed()
    prove_unpaid(refund)
    alone = make_finance(refund.case)
    ask_for_second_person(refund, reason="渠道确认未支付", by=alone)

    for by in (alone, None):
        with pytest.raises(NotAllowedError):
            close_unpaid(refund, by=by)


def test_without_being_asked_nobody_closes():
    refund = make_failed()
    prove_unpaid(refund)

    with pytest.raises(NotAllowedError) as refused:
        close_unpaid(refund, by=make_finance(refund.case))

    assert codes_of(refused) == ["second_person_missing"]


def test_whoever_signed_it_does_not_close_it():
    case = make_owed()
    [refund] = decide(case)
    signer = make_finance(case)
    sign(refund, by=signer)
    hear(take_errand(refund.pk), "declined", code="REJECTED")
    prove_unpaid(refund)
    ask_for_second_person(refund, reason="渠道确认未支付", by=make_finance(case))

    with pytest.raises(NotAllowedError) as refused:
        close_unpaid(refund, by=signer)

    assert codes_of(refused) == ["second_person_missing"]


def test_two_questions_close_together_prove_nothing():
    refund = make_failed()
    prove_unpaid(refund, apart=timedelta(minutes=9))
    ask_for_second_person(refund, reason="渠道确认未支付", by=make_finance(refund.case))

    with pytest.raises(RefusedError) as refused:
        close_unpaid(refund, by=make_finance(refund.case))

    assert codes_of(refused) == ["unpaid_unproven"]


def test_an_unclear_answer_between_two_proofs_takes_nothing_away_but_one_that_says_under_way_does():
    refund = make_failed()
    prove_unpaid(refund)
    ask_for_second_person(refund, reason="渠道确认未支付", by=make_finance(refund.case))
    ask(refund, "ambiguous", sent_ago=2 * HOUR)
    ask(refund, "processing", sent_ago=2 * HOUR)

    with pytest.raises(RefusedError) as refused:
        close_unpaid(refund, by=make_finance(refund.case))

    assert codes_of(refused) == ["unpaid_unproven"]


def test_a_request_that_may_still_land_keeps_it_open():
    refund = make_failed()
    prove_unpaid(refund)
    Refund.objects.update(submitted_at=timezone.now() - timedelta(minutes=9))
    ask_for_second_person(refund, reason="渠道确认未支付", by=make_finance(refund.case))

    with pytest.raises(RefusedError) as refused:
        close_unpaid(refund, by=make_finance(refund.case))

    assert codes_of(refused) == ["may_still_land"]


def test_proofs_from_before_the_last_try_count_no_more():
    refund = make_failed()
    prove_unpaid(refund)
    retry_refund(refund, cause="余额已补足", by=make_finance(refund.case))
    hear(take_errand(refund.pk), "declined", code="REJECTED")
    Refund.objects.update(submitted_at=timezone.now() - HOUR)
    ask_for_second_person(refund, reason="渠道确认未支付", by=make_finance(refund.case))

    with pytest.raises(RefusedError) as refused:
        close_unpaid(refund, by=make_finance(refund.case))

    assert codes_of(refused) == ["unpaid_unproven"]


def test_asking_for_a_second_person_has_the_provider_asked_until_it_is_proven():
    refund = make_failed()
    ask_for_second_person(refund, reason="渠道确认未支付", by=make_finance(refund.case))

    first = hear(take_errand(refund.pk), "declined", code="REJECTED")
    second = ask(refund, "declined", code="REJECTED")

    assert timedelta(minutes=9) < first.next_at - timezone.now() < timedelta(minutes=11)
    assert second.next_at.year == 9999


def test_a_move_in_between_ends_the_request_for_a_second_person():
    refund = make_failed()
    ask_for_second_person(refund, reason="渠道确认未支付", by=make_finance(refund.case))

    retry_refund(refund, cause="余额已补足", by=make_finance(refund.case))

    assert fresh(refund).closing_by is None


def test_finance_sends_again_what_never_arrived_and_past_the_life_of_its_number_only_by_two():
    refund = hear(make_sent(), "ambiguous")
    Refund.objects.update(gateway="stripe")
    ask(refund, "absent", sent_ago=timedelta(hours=25))
    first, second = make_finance(refund.case), make_finance(refund.case)
    assert fresh(refund).state == "unknown"

    with pytest.raises(NotAllowedError) as refused:
        resend_absent(refund, by=first)
    ask_for_second_person(refund, reason="渠道确认查无此单", by=first)
    again = resend_absent(refund, by=second)

    assert (codes_of(refused), again.state) == (["key_expired"], "queued")


def test_what_nobody_called_absent_is_not_sent_again():
    refund = hear(make_sent(), "ambiguous")
    Refund.objects.update(submitted_at=timezone.now() - HOUR)

    with pytest.raises(RefusedError) as refused:
        resend_absent(refund, by=make_finance(refund.case))

    assert codes_of(refused) == ["not_absent"]


def test_what_was_refused_is_not_sent_again_as_absent():
    refund = hear(make_sent(), "declined", code="REJECTED", authenticated=False)
    RefundAttempt.objects.update(answer="absent", is_authenticated=True)
    Refund.objects.update(submitted_at=timezone.now() - HOUR)

    with pytest.raises(RefusedError) as refused:
        resend_absent(refund, by=make_finance(refund.case))

    assert codes_of(refused) == ["definitive_code"]


def test_asked_too_early_it_is_not_sent_again():
    refund = hear(make_sent(), "ambiguous")
    RefundAttempt.objects.update(answer="absent", is_authenticated=True)

    with pytest.raises(RefusedError) as refused:
        resend_absent(refund, by=make_finance(refund.case))

    assert codes_of(refused) == ["asked_too_early"]


def test_finance_has_the_provider_asked_about_anything_that_was_sent():
    refund = hear(make_sent(), "paid")

    ask_provider(refund, by=make_finance(refund.case))

    assert take_errand(refund.pk).attempt.call == "query"


def test_finance_takes_up_again_what_killed_its_workers():
    refund = make_sent().refund
    Refund.objects.update(attempts=6)
    Refund.objects.filter(pk=refund.pk).update(state="unknown")

    ask_provider(refund, by=make_finance(refund.case))

    assert take_errand(refund.pk) is not None


@pytest.mark.parametrize("state", ["pending_approval", "queued"])
def test_there_is_nothing_to_ask_about_what_was_not_sent(state):
    [refund] = decide(make_owed(auto_limit=9900 if state == "queued" else 0))

    with pytest.raises(RefusedError):
        ask_provider(refund, by=make_finance(refund.case))


def test_only_finance_has_the_provider_asked():
    refund = make_failed()

    with pytest.raises(NotAllowedError):
        ask_provider(refund, by=make_user("agent"))


def test_above_the_limit_of_finance_two_sign():
    AuthorityLimit.objects.create(role="finance", scope="order", limit_fen=9899)
    case = make_owed()
    [refund] = decide(case)
    first, second = make_finance(case), make_finance(case)

    with pytest.raises(RefusedError) as refused:
        sign(refund, by=first)
    ask_for_second_person(refund, reason="超出额度", by=first)

    assert codes_of(refused) == ["above_limit"]
    assert sign(refund, by=second).state == "queued"
