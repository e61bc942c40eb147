"""Each fault over a real connection, as the product's adapter meets it and as the ledger tells it."""

import http.client
import json

import pytest

from tests.stack import wait_for
from tests.workflows.demo_gateway.running import PATIENCE, SECRET, refund
from workflows.demo_gateway.signing import seal
from workflows.gateways.base import Kind, Payee


def kinds(adapter, request, *calls):
    return [getattr(adapter, call)(request).kind for call in calls]


def test_ok(gateway):
    answer = gateway.adapter.submit(refund("ok"))

    assert (answer.kind, answer.amount_minor, answer.currency, answer.authenticated) == (Kind.PAID, 1_000, "CNY", True)
    assert gateway.facts_about("ok") == ["paid"]


def test_ok_but_drop_reply(gateway):
    gateway.plan(keys={"drop": "ok_but_drop_reply"})

    answer = gateway.adapter.submit(refund("drop"))

    assert (answer.kind, answer.authenticated) == (Kind.AMBIGUOUS, False)
    assert gateway.facts_about("drop") == ["paid"]
    assert kinds(gateway.adapter, refund("drop"), "query", "submit") == [Kind.PAID, Kind.PAID]
    assert gateway.facts_about("drop") == ["paid"]


def test_slow_is_recorded_only_after_the_caller_has_hung_up(gateway):
    gateway.plan(keys={"slow": "slow"})
    words = {"out_refund_no": "slow", "transaction_id": "T-slow", "amount_minor": 1_000, "total_minor": 10_000, "currency": "CNY"}
    body = json.dumps(words).encode()
    caller = http.client.HTTPConnection("127.0.0.1", gateway.place.port)
    caller.request("POST", "/v1/refunds", body=body, headers=seal(SECRET, "request", "POST", "/v1/refunds", body=body))
    assert gateway.adapter.query(refund("slow")).kind is Kind.ABSENT

    caller.close()

    wait_for(lambda: gateway.facts_about("slow") == ["paid"], within=PATIENCE)


def test_slow_outlasts_the_adapter(gateway):
    gateway.plan(keys={"slower": "slow"})

    assert gateway.hasty_adapter.submit(refund("slower")).kind is Kind.AMBIGUOUS
    wait_for(lambda: gateway.facts_about("slower") == ["paid"], within=PATIENCE)
    assert kinds(gateway.adapter, refund("slower"), "query", "submit") == [Kind.PAID, Kind.PAID]
    assert gateway.facts_about("slower") == ["paid"]


def test_500_then_ok(gateway):
    gateway.plan(keys={"500": "500_then_ok"})

    assert kinds(gateway.adapter, refund("500"), "submit", "query") == [Kind.AMBIGUOUS, Kind.ABSENT]
    assert gateway.facts_about("500") == []
    assert kinds(gateway.adapter, refund("500"), "submit") == [Kind.PAID]


def test_processing(gateway):
    gateway.plan(keys={"work": "processing:2"})

    assert kinds(gateway.adapter, refund("work"), "submit", *["query"] * 4) == [Kind.PROCESSING] * 3 + [Kind.PAID] * 2
    assert gateway.facts_about("work") == ["processing", "paid"]


def test_reject(gateway):
    gateway.plan(keys={"no": "reject"})

    answer = gateway.adapter.submit(refund("no"))

    assert (answer.kind, answer.code, answer.authenticated) == (Kind.DECLINED, "REJECTED", True)
    assert kinds(gateway.adapter, refund("no"), "submit", "query") == [Kind.DECLINED, Kind.DECLINED]
    assert gateway.facts_about("no") == ["declined"]


def test_bounce_and_payment_to_another_account(gateway):
    gateway.plan(keys={"back": "bounce:0"})

    assert gateway.adapter.submit(refund("back")).kind in {Kind.PAID, Kind.BOUNCED}
    wait_for(lambda: gateway.adapter.query(refund("back")).kind is Kind.BOUNCED, within=PATIENCE)
    assert [gateway.adapter.retry_bounced(refund("back"), Payee(account="6222")).kind for _ in range(2)] == [Kind.PAID, Kind.PAID]

    assert gateway.facts_about("back") == ["paid", "bounced", "paid"]
    assert "6222" not in (gateway.folder / "ledger.jsonl").read_text()


def test_absent_then_lands(gateway):
    gateway.plan(keys={"late": "absent_then_lands:3600"})

    assert kinds(gateway.adapter, refund("late"), "submit", "query") == [Kind.AMBIGUOUS, Kind.ABSENT]
    gateway.send("PUT", "/_control/clock", {"advance_seconds": 3599})
    assert gateway.adapter.query(refund("late")).kind is Kind.ABSENT

    gateway.send("PUT", "/_control/clock", {"advance_seconds": 1})

    assert gateway.adapter.query(refund("late")).kind is Kind.PAID
    assert gateway.facts_about("late") == ["taken", "paid"]


def test_absent_then_declined_then_lands(gateway):
    """T4's gateway side: a refund that was declined under a repeated request is paid by the first request all the same."""
    gateway.plan(keys={"t4": ["absent_then_lands:600", "reject"]})

    assert kinds(gateway.adapter, refund("t4"), "submit", "query", "submit", "query") == [
        Kind.AMBIGUOUS,
        Kind.ABSENT,
        Kind.DECLINED,
        Kind.DECLINED,
    ]
    assert gateway.adapter.submit(refund("t4-new", payment="T-t4")).kind is Kind.PAID

    gateway.send("PUT", "/_control/clock", {"advance_seconds": 600})

    assert gateway.adapter.query(refund("t4")).kind is Kind.PAID


def test_what_is_due_happens_without_being_asked(gateway):
    gateway.plan(keys={"alone": "absent_then_lands:0"})

    gateway.adapter.submit(refund("alone"))

    wait_for(lambda: gateway.facts_about("alone") == ["taken", "paid"], within=PATIENCE)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_ratio_meets_its_share_of_keys(gateway, share):
    gateway.plan(ratios={"reject": share}, seed=3)

    answers = {gateway.adapter.submit(refund(f"ratio-{share:.0f}-{number}")).kind for number in range(5)}

    assert answers == {Kind.DECLINED if share else Kind.PAID}


def test_the_plan_in_force_is_told_and_a_bad_one_changes_nothing(gateway):
    gateway.plan(keys={"told": "reject"}, seed=4)

    assert gateway.send("PUT", "/_control/faults", {"keys": {"told": "explode"}})[0] == 400
    assert gateway.send("GET", "/_control/faults") == (200, {"keys": {"told": "reject"}, "ratios": {}, "seed": 4})
