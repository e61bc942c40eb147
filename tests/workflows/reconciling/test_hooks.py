"""Notices of providers: whatever comes, however often and in whichever order, only a question becomes due."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.stack import wait_for
from tests.workflows.builders import make_refund
from tests.workflows.demo_gateway.running import SECRET, RunningGateway
from workflows.demo_gateway.signing import NONCE, SIGNATURE, TIMESTAMP, seal, signature_of
from workflows.machines.refund import RefundState
from workflows.models import Anomaly, InboundNotification, Refund, RefundEvent
from workflows.services.notifications import forget_refused, read_notices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured")]
PLACE = "/hooks/pay/demo/"
LATER = timedelta(days=300)


def words(refund: Refund | None = None, *, number: str = "N1", status: str = "paid") -> bytes:
    key = refund.out_refund_no if refund else "RFSTRANGE"
    return json.dumps({"notify_id": number, "out_refund_no": key, "status": status, "amount_minor": 1}).encode()


def post(body: bytes, headers: dict | None = None, **options):
    sealed = seal(SECRET, "notice", body=body) if headers is None else headers
    return Client(enforce_csrf_checks=True).post(PLACE, body, content_type="application/json", headers=sealed, **options)


def sealed_at(body: bytes, moment: float) -> dict[str, str]:
    stamp = str(int(moment))
    return {TIMESTAMP: stamp, NONCE: "n", SIGNATURE: signature_of(SECRET, stamp, "n", "notice", body=body)}


def waiting(state: str = RefundState.UNKNOWN) -> Refund:
    return make_refund(state=state, next_at=timezone.now() + LATER)


def is_due(refund: Refund) -> bool:
    return Refund.objects.filter(pk=refund.pk, next_at__lte=timezone.now()).exists()


def kept() -> list[tuple[str, str]]:
    return list(InboundNotification.objects.order_by("pk").values_list("state", "out_refund_no"))


def test_a_true_notice_makes_the_question_due_and_decides_nothing():
    refund = waiting()

    answer = post(words(refund))

    assert (answer.status_code, answer.content) == (200, b"success")
    assert kept() == [("read", refund.out_refund_no)]
    assert is_due(refund)
    assert (Refund.objects.get().state, RefundEvent.objects.count(), Anomaly.objects.count()) == ("unknown", 0, 0)


@pytest.mark.parametrize("state", ["processing", "succeeded", "failed", "bounced", "voided"])
def test_a_refund_is_asked_about_in_every_state_after_it_was_sent(state):
    refund = waiting(state)

    post(words(refund))

    assert is_due(refund)


@pytest.mark.parametrize("state", ["pending_approval", "armed"])
def test_a_refund_that_was_never_sent_stays_where_it_is(state):
    refund = waiting(state)

    assert post(words(refund)).status_code == 200
    assert not is_due(refund)
    assert kept() == [("read", refund.out_refund_no)]


def test_a_notice_before_the_reply_waits_until_the_refund_was_sent():
    refund = waiting(RefundState.SUBMITTING)
    post(words(refund))
    assert (kept(), is_due(refund)) == ([("stored", refund.out_refund_no)], False)

    assert read_notices() == 0
    InboundNotification.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    Refund.objects.filter(pk=refund.pk).update(**{"state": RefundState.PROCESSING})

    assert read_notices() == 1
    assert (kept(), is_due(refund)) == ([("read", refund.out_refund_no)], True)


def test_a_notice_about_an_unknown_refund_is_kept_and_changes_nothing():
    refund = waiting()

    assert post(words()).status_code == 200
    assert kept() == [("read", "RFSTRANGE")]
    assert not is_due(refund)


def test_the_same_notice_again_is_heard_and_does_nothing():
    refund = waiting()
    body = words(refund)
    post(body)
    Refund.objects.update(next_at=timezone.now() + LATER)

    assert post(body).status_code == 200
    assert len(kept()) == 1
    assert not is_due(refund)


@pytest.mark.parametrize("age", [-301, 301, 86400])
def test_a_stale_notice_leaves_a_refused_record_only(age):
    refund = waiting()
    body = words(refund)

    answer = post(body, sealed_at(body, time.time() - age))

    assert (answer.status_code, answer.content) == (401, b"")
    assert list(InboundNotification.objects.values_list("state", "why")) == [("rejected", "stale")]
    assert not is_due(refund)


@pytest.mark.parametrize("age", [-290, 290])
def test_a_notice_within_five_minutes_is_heard(age):
    refund = waiting()
    body = words(refund)

    assert post(body, sealed_at(body, time.time() - age)).status_code == 200


@pytest.mark.parametrize(
    "forge",
    [
        lambda body: (body.replace(b"paid", b"lost"), seal(SECRET, "notice", body=body)),
        lambda body: (body, {}),
        lambda body: (body, seal("another secret of 16", "notice", body=body)),
        lambda body: (body, seal(SECRET, "request", "POST", PLACE, body=body)),
        lambda body: (b"\x00\xff", seal(SECRET, "notice", body=b"\x00\xff")),
        lambda body: (b"[]", seal(SECRET, "notice", body=b"[]")),
    ],
    ids=["other-bytes", "unsigned", "other-secret", "other-scope", "no-text", "no-object"],
)
def test_a_forged_notice_leaves_a_refused_record_only(forge):
    refund = waiting()
    body, headers = forge(words(refund))

    assert [post(body, headers).status_code for _time in range(2)] == [401, 401]
    assert kept() == [("rejected", "")]
    assert not is_due(refund)


def test_a_forged_notice_does_not_take_the_number_of_the_true_one():
    refund = waiting()
    post(words(refund), {})

    assert post(words(refund)).status_code == 200
    assert is_due(refund)
    assert sorted(state for state, _key in kept()) == ["read", "rejected"]


def test_a_refused_notice_keeps_neither_signatures_nor_more_than_a_little():
    post(b"x" * 10_000, {**seal("another secret of 16", "notice", body=b""), "User-Agent": "curl"})

    record = InboundNotification.objects.get()
    assert (len(record.raw), record.headers) == (4096, {"content-type": "application/json", "user-agent": "curl"})


def test_a_body_that_is_too_long_is_not_read():
    assert post(b"x" * 70_000, {}).status_code == 413
    assert kept() == []


def test_a_provider_that_is_not_set_up_has_no_address():
    assert Client().post("/hooks/pay/wechat/", b"{}", content_type="application/json").status_code == 404
    assert Client().post("/hooks/pay/nobody/", b"{}", content_type="application/json").status_code == 404
    assert Client().get(PLACE).status_code == 405


def test_refused_records_are_forgotten_after_a_month():
    post(words(), {})
    post(words())
    InboundNotification.objects.update(received_at=timezone.now() - timedelta(days=31))

    assert forget_refused() == 1
    assert kept() == [("read", "RFSTRANGE")]


@pytest.mark.django_db(transaction=True)
def test_fifty_copies_at_once_are_one_notice():
    refund = waiting()
    body = words(refund)

    def send(_number: int) -> int:
        try:
            return post(body).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(send, range(50)))

    assert statuses == [200] * 50
    assert kept() == [("read", refund.out_refund_no)]
    assert is_due(refund)


@pytest.mark.django_db(transaction=True)
def test_copies_of_the_real_gateway_out_of_order_are_two_notices(live_server, tmp_path):
    refund = waiting()
    gateway = RunningGateway(tmp_path, "--webhook-url", f"{live_server.url}{PLACE}")
    try:
        gateway.plan(keys={refund.out_refund_no: "duplicate_webhook:5"})
        order = {"out_refund_no": refund.out_refund_no, "transaction_id": "T1", "amount_minor": 5000, "total_minor": 9900}
        gateway.send("POST", "/v1/refunds", {**order, "currency": "CNY"})
        wait_for(lambda: len(kept()) == 2, within=60, what="both notices")
    finally:
        gateway.terminate()

    assert {state for state, _key in kept()} == {"read"}
    assert (is_due(refund), Refund.objects.get().state) == (True, "unknown")
