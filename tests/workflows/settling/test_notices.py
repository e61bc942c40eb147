"""Notices of the provider: doubled, out of order, before the reply, forged or wrong, they only make us ask. T7, F17"""

import json
from random import Random

import pytest

from tests.stack import wait_for
from tests.workflows.demo_gateway.running import SECRET
from tests.workflows.settling.builders import answer, ask, figures, fresh, limits_of, make_queued, make_sent
from tests.workflows.settling.trading import settle
from workflows.demo_gateway.signing import seal
from workflows.models import InboundNotification, RefundEvent
from workflows.services.notifications import read_notices, receive_notice
from workflows.settling.recording import record_answer
from workflows.settling.rounds import settle_due

pytestmark = pytest.mark.django_db(transaction=True)


def notice(refund, **words) -> tuple[dict, bytes]:
    about = {"notify_id": f"{refund.out_refund_no}-1", "out_refund_no": refund.out_refund_no, "status": "paid"}
    body = json.dumps(about | {"amount_minor": 9900, "currency": "CNY"} | words).encode()
    return seal(SECRET, "notice", body=body), body


def verbs(refund) -> list[str]:
    return list(RefundEvent.objects.filter(refund=refund).order_by("seq").values_list("verb", flat=True))


def test_a_notice_makes_us_ask_and_the_answer_decides(trading):
    refund = make_queued()
    trading.plan(refund, "processing:0")
    settle_due()
    assert fresh(refund).state == "processing"

    assert receive_notice(trading.gateway.adapter, *notice(refund))
    read_notices()
    settle_due()

    assert (fresh(refund).state, figures(refund)) == ("succeeded", (0, 9900))


@pytest.mark.parametrize("seed", range(3))
def test_fifty_copies_in_any_order_are_one(trading, seed):
    refund = make_queued()
    trading.plan(refund, "processing:0")
    settle_due()
    copies = [
        notice(refund, notify_id=f"{refund.out_refund_no}-{number % 5}", status="processing" if number % 2 else "paid")
        for number in range(50)
    ]
    Random(seed).shuffle(copies)

    for each in copies:
        receive_notice(trading.gateway.adapter, *each)
        read_notices()
    settle()

    assert (fresh(refund).state, figures(refund), trading.facts(refund)) == ("succeeded", (0, 9900), ["processing", "paid"])
    assert InboundNotification.objects.count() == 5
    assert verbs(refund).count("mark_paid") == 1


def test_a_notice_that_overtakes_the_reply_changes_nothing(trading):
    errand = make_sent()
    outcome = errand.make(trading.gateway.adapter)
    wait_for(lambda: trading.receiver.about(errand.refund.out_refund_no), within=60)
    trading.bring_notices()
    assert (fresh(errand.refund).state, settle_due()) == ("submitting", 0)

    record_answer(errand, outcome, limits_of(errand.refund))
    settle(notices=trading)

    assert (fresh(errand.refund).state, verbs(errand.refund).count("mark_paid")) == ("succeeded", 1)


def test_a_forged_notice_leaves_a_rejected_record_alone(trading):
    refund = make_queued()
    trading.plan(refund, "processing:0")
    settle_due()
    due_at = fresh(refund).next_at
    headers, body = notice(refund)

    assert not receive_notice(trading.gateway.adapter, headers, body.replace(b"paid", b"PAID"))
    read_notices()

    assert (fresh(refund).state, fresh(refund).next_at) == ("processing", due_at)
    assert InboundNotification.objects.get().state == "rejected"


def test_a_notice_with_another_amount_is_not_believed(trading):
    refund = make_queued()
    trading.plan(refund, "processing:0")
    settle_due()

    receive_notice(trading.gateway.adapter, *notice(refund, amount_minor=1))
    read_notices()
    settle_due()

    assert (fresh(refund).state, figures(refund)) == ("succeeded", (0, 9900))


def test_a_notice_about_what_is_done_asks_once_more_and_moves_nothing(trading):
    refund = make_queued()
    settle_due()

    receive_notice(trading.gateway.adapter, *notice(refund, notify_id="late"))
    read_notices()

    assert settle_due() == 1
    assert (fresh(refund).state, verbs(refund)[-1]) == ("succeeded", "mark_paid")


def test_money_for_a_voided_refund_is_an_anomaly_that_freezes_the_payment():
    refund = make_sent().refund
    type(refund).objects.filter(pk=refund.pk).update(state="voided")

    ask(refund, "paid")

    assert (fresh(refund).state, fresh(refund).balance.frozen_why) == ("voided", "paid_after_void")
    assert answer("paid").authenticated
