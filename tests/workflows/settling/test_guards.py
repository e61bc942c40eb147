"""The guards of a refund by themselves: a second net under the verdicts, each seen to hold."""

from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.exceptions import RefusedError
from tests.workflows.settling.builders import answer, decide, fresh, hear, make_owed, make_queued, make_sent, within
from workflows.models import PaymentBalance, Refund

pytestmark = pytest.mark.django_db
EARLY, LATE = timedelta(seconds=1), timedelta(hours=1)


def reasons(refund: Refund, verb: str, **args) -> list[str]:
    """Why the system may not do this; empty when it may."""
    try:
        within(refund.case, lambda act: act.check(fresh(refund), verb, **args))
    except RefusedError as refused:
        return [reason.code for reason in refused.reasons]
    return []


def make_unknown(code: str = "") -> Refund:
    return hear(make_sent(), "declined", code=code, authenticated=False) if code else hear(make_sent(), "ambiguous")


@pytest.mark.parametrize(
    ("verb", "given", "codes"),
    [
        ("accept", answer("processing"), []),
        ("accept", answer("processing", authenticated=False), ["answer_unproven"]),
        ("mark_paid", answer("paid"), []),
        ("mark_paid", answer("paid", authenticated=False), ["answer_unproven"]),
        ("mark_paid", answer("paid", amount_minor=1), ["amount_differs"]),
        ("mark_paid", answer("paid", currency="USD"), ["amount_differs"]),
        ("mark_paid", answer("declined"), ["amount_differs"]),
        ("mark_declined", answer("declined"), []),
        ("mark_declined", answer("declined", authenticated=False), ["reply_unauthenticated"]),
        ("mark_declined", answer("absent"), ["code_not_final"]),
        ("mark_declined", answer("processing"), ["code_not_final"]),
        ("mark_bounced", answer("bounced"), []),
        ("mark_bounced", answer("bounced", authenticated=False), ["answer_unproven"]),
    ],
    ids=lambda value: str(getattr(value, "kind", value)),
)
def test_what_is_being_sent(verb, given, codes):
    assert reasons(make_sent().refund, verb, answer=given, sent_for=LATE) == codes


@pytest.mark.parametrize(
    ("pending", "verb", "given", "sent_for", "codes"),
    [
        ("", "mark_absent", answer("absent"), LATE, []),
        ("", "mark_absent", answer("absent"), EARLY, ["asked_too_early"]),
        ("", "mark_absent", answer("absent", authenticated=False), LATE, ["not_absent"]),
        ("", "mark_absent", answer("processing"), LATE, ["not_absent"]),
        ("REJECTED", "mark_absent", answer("absent"), LATE, ["definitive_code"]),
        ("REJECTED", "mark_declined", answer("absent"), LATE, []),
        ("", "mark_processing", answer("processing"), LATE, []),
        ("", "mark_processing", answer("processing", authenticated=False), LATE, ["answer_unproven"]),
    ],
    ids=lambda value: str(getattr(value, "kind", value)),
)
def test_what_nobody_knows(pending, verb, given, sent_for, codes):
    assert reasons(make_unknown(pending), verb, answer=given, sent_for=sent_for) == codes


def test_one_refund_for_each_payment_purpose_and_revision():
    case = make_owed(payments=(99000,))
    [refund] = decide(case, amount_fen=100)
    twin = Refund(case=case, balance=refund.balance, purpose=refund.purpose, revision=refund.revision, amount_fen=100, gateway="demo")

    def codes() -> list[str]:
        try:
            within(case, lambda act: act.check(twin, "create", payment=refund.balance_id, amount=100))
        except RefusedError as refused:
            return [reason.code for reason in refused.reasons]
        return []

    assert codes() == ["already_created"]
    Refund.objects.update(state="voided")
    assert codes() == []


@pytest.mark.parametrize(("verb", "state"), [("create", "pending_approval"), ("reprice", "armed")])
def test_no_more_than_the_payment_holds(verb, state):
    case = make_owed(release="inspected", state="inspecting")
    [refund] = decide(case, amount_fen=9800)
    row = fresh(refund) if verb == "reprice" else Refund(case=case, balance=refund.balance, revision=9, gateway="demo")
    most = 9900 if verb == "reprice" else 100

    def codes(amount: int) -> list[str]:
        try:
            within(case, lambda act: act.check(row, verb, payment=refund.balance_id, amount=amount))
        except RefusedError as refused:
            return [reason.code for reason in refused.reasons]
        return []

    assert (codes(most), codes(most + 1)) == ([], ["payment_exhausted"])


def test_a_frozen_payment_takes_no_new_refund():
    case = make_owed()
    [refund] = decide(case, amount_fen=100)
    PaymentBalance.objects.update(frozen_at=timezone.now())

    with pytest.raises(RefusedError) as refused:
        row = Refund(case=case, balance=refund.balance, revision=9, gateway="demo")
        within(case, lambda act: act.check(row, "create", payment=refund.balance_id, amount=1))

    assert [reason.code for reason in refused.value.reasons] == ["payment_frozen"]


def test_the_machine_signs_no_more_than_its_rule():
    [refund] = decide(make_owed(auto_limit=9899))

    assert reasons(refund, "authorise") == ["above_limit"]


@pytest.mark.parametrize(
    ("release", "state", "codes"), [("approved", "settling", []), ("inspected", "inspecting", ["not_released", "above_entitlement"])]
)
def test_what_waits_is_not_released(release, state, codes):
    case = make_owed(release=release, state=state)
    [refund] = decide(case)
    Refund.objects.update(state="armed", auto_rule=case.policy, auto_limit_fen=9900)

    assert reasons(refund, "trigger") == codes


def test_nothing_is_bounced_that_was_only_queued():
    assert reasons(make_queued(), "mark_bounced", answer=answer("bounced")) == ["state"]
