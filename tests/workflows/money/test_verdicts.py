"""What each answer means in each state; the cells that are not listed leave the refund as it is."""

from datetime import timedelta

import pytest

from tests.workflows.money.test_refund_protocol import AMOUNT, CURRENCY, RULES
from workflows.gateways.base import Answer, Kind
from workflows.machines.refund import REFUND, RefundState
from workflows.money.verdicts import ASK_AFTER, Standing, Verdict, ask_again_in, judge

SENT = {"submitting", "processing", "unknown"}
MOVES = {
    **{("paid", state): "mark_paid" for state in (*SENT, "failed")},
    ("processing", "submitting"): "accept",
    ("processing", "unknown"): "mark_processing",
    **{("declined", state): "mark_declined" for state in SENT},
    **{("bounced", state): "mark_bounced" for state in (*SENT, "succeeded")},
    ("absent", "submitting"): "mark_unknown",
    ("absent", "unknown"): "mark_absent",
    ("ambiguous", "submitting"): "mark_unknown",
}
ANOMALIES = {("paid", "voided"): "paid_after_void", ("paid", "failed"): "paid_after_failure", ("absent", "processing"): "vanished"}
UNPAID = {(kind, state) for kind in ("declined", "absent", "bounced") for state in ("failed", "bounced")}


def answer(kind: str, **fields) -> Answer:
    paid = {"amount_minor": AMOUNT, "currency": CURRENCY} if kind == "paid" else {}
    return Answer(Kind(kind), **{"authenticated": kind != "ambiguous", **paid, **fields})


def standing(state: str, **fields) -> Standing:
    return Standing(state, AMOUNT, CURRENCY, **{"sent_for": timedelta(minutes=1), **fields})


@pytest.mark.parametrize("state", RefundState.values)
@pytest.mark.parametrize("kind", list(Kind), ids=str)
def test_every_answer_in_every_state(kind, state):
    verdict = judge(standing(state), answer(kind), RULES)

    assert (verdict.verb, verdict.anomaly) == (MOVES.get((kind, state)), ANOMALIES.get((kind, state), ""))
    assert verdict.verb is None or state in REFUND.verb(verdict.verb).sources
    if state in {"failed", "bounced"}:
        assert verdict.shows_unpaid is ((kind, state) in UNPAID)


@pytest.mark.parametrize("state", RefundState.values)
@pytest.mark.parametrize("kind", ["paid", "processing", "declined", "bounced", "absent"])
def test_what_nobody_proved_moves_nothing_but_what_is_being_sent(kind, state):
    verdict = judge(standing(state), answer(kind, authenticated=False), RULES)

    assert (verdict.verb, verdict.anomaly, verdict.shows_unpaid) == ("mark_unknown" if state == "submitting" else None, "", False)


@pytest.mark.parametrize("other", [{"amount_minor": AMOUNT - 1}, {"amount_minor": None}, {"currency": "USD"}], ids=str)
def test_another_amount_is_no_payment_of_this_refund(other):
    verdicts = [judge(standing(state), answer("paid", **other), RULES) for state in ("submitting", "unknown", "processing")]

    assert [(each.verb, each.anomaly) for each in verdicts] == [
        ("mark_unknown", "other_amount"),
        (None, "other_amount"),
        (None, "other_amount"),
    ]


def test_an_unproven_refusal_holds_once_a_question_shows_nothing():
    first = judge(standing("submitting"), answer("declined", code="NO_MONEY", authenticated=False), RULES)

    assert (first.verb, first.pending_code) == ("mark_unknown", "NO_MONEY")
    assert judge(standing("unknown", pending_code="NO_MONEY"), answer("absent"), RULES).verb == "mark_declined"
    assert judge(standing("unknown", pending_code="NO_MONEY"), answer("processing"), RULES).verb == "mark_processing"


def test_absence_means_nothing_before_the_provider_can_know():
    verdict = judge(standing("unknown", sent_for=timedelta(seconds=9)), answer("absent"), RULES)

    assert (verdict.verb, verdict.ask_in) == (None, ASK_AFTER[0])


def test_past_the_life_of_the_key_people_decide():
    assert judge(standing("unknown", sent_for=timedelta(hours=24)), answer("absent"), RULES) == Verdict(None, ASK_AFTER[-1])


def test_questions_come_more_and_more_seldom():
    waits = [ask_again_in(standing("processing", asked_count=count), RULES).total_seconds() / 60 for count in range(7)]

    assert waits == [1, 5, 10, 20, 30, 30, 30]


def test_the_first_question_waits_until_the_provider_can_know():
    assert ask_again_in(standing("submitting", sent_for=timedelta(seconds=1)), RULES) == timedelta(seconds=10)
