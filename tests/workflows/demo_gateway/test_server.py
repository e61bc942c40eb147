"""The gateway as a process: who it talks to, what it records, and what a kill leaves."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import datetime

import pytest

from tests.stack import ROOT, wait_for
from tests.workflows.demo_gateway.running import PATIENCE, SECRET, RunningGateway, refund
from workflows.demo_gateway.book import BUSINESS_ZONE
from workflows.demo_gateway.signing import NONCE, SIGNATURE, TIMESTAMP, seal, signature_of
from workflows.gateways.base import Kind

CALLERS = 50


def order(key="RF1", **changes):
    return {"out_refund_no": key, "transaction_id": f"T-{key}", "amount_minor": 1_000, "total_minor": 10_000, "currency": "CNY", **changes}


def run_together(call, count):
    """What ``count`` threads got that started at one moment."""
    gate, results = threading.Barrier(count), []
    threads = [threading.Thread(target=lambda: (gate.wait(), results.append(call()))) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return results


def test_it_needs_no_django():
    script = "import sys, workflows.demo_gateway.server; sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"

    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0


def test_it_prints_its_address_and_listens_on_the_loopback_address_only(gateway):
    port = gateway.place.port

    assert gateway.greeting == f"Demo gateway on http://127.0.0.1:{port}\n"
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE):
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=PATIENCE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_and_goes_on_with_the_same_ledger(tmp_path, number):
    gateway = RunningGateway(tmp_path)
    gateway.send("POST", "/v1/refunds", order())

    gateway.process.send_signal(number)

    assert gateway.process.wait(PATIENCE) == 0
    gateway.process.stdout.close()
    gateway.start()
    assert gateway.send("GET", "/v1/refunds/RF1")[1]["status"] == "paid"
    assert gateway.terminate() == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--secret", "short"], "at least 16"),
        (["--secret", SECRET, "--webhook-url", "http://example.org:80/"], "example.org"),
        (["--secret", SECRET, "--webhook-url", "http://10.0.0.1:80/"], "10.0.0.1"),
    ],
)
def test_it_refuses_a_guessable_secret_and_receivers_elsewhere(tmp_path, arguments, complaint):
    assert complaint in refusal(tmp_path, *arguments)


def test_a_second_process_on_the_same_ledger_is_refused(gateway):
    assert "another process" in refusal(gateway.folder, "--secret", SECRET)


def refusal(folder, *arguments):
    argv = [sys.executable, "manage.py", "demo_gateway", "--port", "0", "--folder", str(folder), *arguments]
    ended = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert (ended.returncode, ended.stdout) == (1, "")
    return ended.stderr


def test_an_answer_names_the_refund(gateway):
    status, answer = gateway.send("POST", "/v1/refunds", order("named"))

    assert (status, answer) == (
        200,
        {"out_refund_no": "named", "transaction_id": "T-named", "amount_minor": 1_000, "currency": "CNY", "status": "paid", "code": ""},
    )
    assert gateway.send("GET", "/v1/refunds/named") == (200, answer)


def test_a_key_with_any_sign_that_keys_may_have_is_found_again(gateway):
    key = "RF-|*@_0"

    assert gateway.adapter.submit(refund(key)).kind is Kind.PAID
    assert gateway.adapter.query(refund(key)).kind is Kind.PAID


def test_the_same_key_for_another_amount_is_a_conflict(gateway):
    gateway.send("POST", "/v1/refunds", order("reused"))

    status, answer = gateway.send("POST", "/v1/refunds", order("reused", amount_minor=1_001))

    assert (status, answer["code"]) == (409, "KEY_REUSED")
    assert gateway.facts_about("reused") == ["paid"]


def test_more_than_the_payment_holds_is_declined(gateway):
    gateway.send("POST", "/v1/refunds", order("most", transaction_id="T-full", amount_minor=9_000))

    status, answer = gateway.send("POST", "/v1/refunds", order("rest", transaction_id="T-full", amount_minor=1_001))

    assert (status, answer["status"], answer["code"]) == (422, "declined", "NOT_ENOUGH")
    assert gateway.send("GET", "/v1/refunds/rest")[1]["code"] == "NOT_ENOUGH"


@pytest.mark.parametrize(
    "words", [None, [], {}, order("bad", amount_minor="1"), order("bad", amount_minor=0), order("bad", currency="\ud800")]
)
def test_an_order_that_cannot_be_read_records_nothing(gateway, words):
    before = gateway.facts

    assert gateway.send("POST", "/v1/refunds", words)[0] == 400
    assert gateway.facts == before


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/v1/refunds/never", 404),
        ("POST", "/v1/refunds/never/retry", 404),
        ("GET", "/v1/nothing", 404),
        ("POST", "/v1/ledger", 404),
        ("GET", "/v1/bills/2026-02-30", 400),
        ("PUT", "/_control/clock", 400),
        ("PUT", "/_control/faults", 400),
        ("GET", "/v1/ledger?after=x", 400),
    ],
)
def test_what_is_not_there_is_answered_and_signed_too(gateway, method, target, status):
    assert gateway.send(method, target)[0] == status


def unsigned(headers):
    return {}


def forged(headers):
    return {**headers, SIGNATURE: headers[SIGNATURE][:-1] + ("0" if headers[SIGNATURE][-1] != "0" else "1")}


def another_nonce(headers):
    return {**headers, NONCE: "0" * 32}


def stale(headers):
    old = str(int(time.time()) - 301)
    body = json.dumps(order("sealed")).encode()
    return {**headers, TIMESTAMP: old, SIGNATURE: signature_of(SECRET, old, headers[NONCE], "request", "POST", "/v1/refunds", body=body)}


def for_another_call(headers):
    return seal(SECRET, "request", "PUT", "/v1/refunds", body=json.dumps(order("sealed")).encode())


def of_another_body(headers):
    return seal(SECRET, "request", "POST", "/v1/refunds", body=json.dumps(order("sealed", amount_minor=1)).encode())


def of_another_secret(headers):
    return seal("x" * 16, "request", "POST", "/v1/refunds", body=json.dumps(order("sealed")).encode())


@pytest.mark.parametrize("spoil", [unsigned, forged, another_nonce, stale, for_another_call, of_another_body, of_another_secret])
def test_a_request_that_is_not_signed_as_it_is_records_nothing(gateway, spoil):
    body = json.dumps(order("sealed")).encode()
    headers = spoil(seal(SECRET, "request", "POST", "/v1/refunds", body=body))

    assert gateway.send_raw("POST", "/v1/refunds", body=body, headers=headers).status == 401
    assert gateway.facts_about("sealed") == []


@pytest.mark.parametrize("target", ["/v1/ledger", "/v1/bills/2026-03-01", "/v1/refunds/RF1", "/_control/faults"])
def test_nothing_is_read_without_a_signature(gateway, target):
    assert gateway.send_raw("GET", target, headers={}).status == 401


def test_a_body_without_end_is_refused(gateway):
    assert gateway.send_raw("POST", "/v1/refunds", headers={"Content-Length": "99999999999"}).status == 400


def test_fifty_callers_with_one_key_pay_once(gateway):
    answers = run_together(lambda: gateway.adapter.submit(refund("crowd")), CALLERS)

    assert Counter((answer.kind, answer.amount_minor) for answer in answers) == {(Kind.PAID, 1_000): CALLERS}
    assert gateway.facts_about("crowd") == ["paid"]


def test_fifty_callers_never_draw_more_than_the_payment_holds(gateway):
    names = iter([f"draw-{number}" for number in range(CALLERS)])

    answers = run_together(lambda: gateway.adapter.submit(refund(next(names), 900, payment="T-drawn")), CALLERS)

    assert Counter(answer.kind for answer in answers) == {Kind.PAID: 11, Kind.DECLINED: 39}


def test_the_ledger_is_told_in_pieces(gateway):
    gateway.send("POST", "/v1/refunds", order("told"))

    facts = gateway.send("GET", "/v1/ledger")[1]["facts"]

    assert facts == gateway.facts
    assert gateway.send("GET", f"/v1/ledger?after={len(facts) - 1}")[1] == {"facts": facts[-1:], "has_more": False}


def test_bill_and_ledger_agree(gateway):
    gateway.plan(keys={"bill-2": "reject", "bill-3": "bounce:0"})
    for number in range(4):
        gateway.adapter.submit(refund(f"bill-{number}", 100 + number))
    wait_for(lambda: gateway.facts_about("bill-3") == ["paid", "bounced"], within=PATIENCE)

    days = {datetime.fromisoformat(fact["at"]).astimezone(BUSINESS_ZONE).date() for fact in gateway.facts}
    lines = [line for day in sorted(days) for line in gateway.adapter.bill_lines(day)]

    assert [
        (line.out_refund_no, line.amount_minor, line.currency, line.at.isoformat(timespec="microseconds"), line.kind) for line in lines
    ] == [
        (fact["out_refund_no"], fact["amount_minor"], fact["currency"], fact["at"], fact["kind"])
        for fact in gateway.facts
        if fact["kind"] in {"paid", "bounced"}
    ]
    assert [line.kind for line in lines if line.out_refund_no.startswith("bill-")] == ["paid", "paid", "paid", "bounced"]


def test_a_kill_in_the_middle_of_writing_loses_nothing_that_was_answered(tmp_path):
    """T8: three times a crowd sends refunds, the process is killed, and goes on; then everything is sent once more."""
    gateway, confirmed, sent = RunningGateway(tmp_path), set(), set()
    for turn in range(3):
        crowd = [
            threading.Thread(target=send_until_dead, args=(gateway.adapter, f"{turn}-{number}", sent, confirmed)) for number in range(8)
        ]
        for thread in crowd:
            thread.start()
        wait_for(lambda least=20 * (turn + 1): len(confirmed) >= least, within=PATIENCE)
        gateway.kill()
        for thread in crowd:
            thread.join(PATIENCE)
        assert confirmed <= paid_keys(gateway).keys()
        gateway.start()

    adapter = gateway.adapter
    assert {adapter.submit(refund(key)).kind for key in sent} == {Kind.PAID}
    assert paid_keys(gateway) == dict.fromkeys(sent, 1)
    assert gateway.terminate() == 0


def send_until_dead(adapter, name, sent, confirmed):
    number, is_alive = 0, True
    while is_alive:
        key = f"kill-{name}-{number}"
        number += 1
        sent.add(key)
        is_alive = adapter.submit(refund(key)).kind is Kind.PAID
        if is_alive:
            confirmed.add(key)


def paid_keys(gateway):
    return Counter(fact["out_refund_no"] for fact in gateway.facts if fact["kind"] == "paid")


def test_a_caller_that_says_nothing_does_not_keep_others_waiting(gateway):
    with socket.create_connection(("127.0.0.1", gateway.place.port)) as silent:
        silent.sendall(b"POST /v1/refunds HTTP/1.1\r\nContent-Length: 100\r\n\r\n")

        assert gateway.send("GET", "/v1/ledger")[0] == 200


def test_a_run_repeats_with_its_seed_and_a_clock_that_stands(tmp_path):
    assert ledger_of_a_run(tmp_path / "one") == ledger_of_a_run(tmp_path / "two")


def ledger_of_a_run(folder):
    gateway = RunningGateway(folder, "--seed", "11", "--stopped-at", "2026-03-01T12:00:00+08:00")
    gateway.plan(ratios={"reject": 0.3, "bounce:60": 0.3, "absent_then_lands:60": 0.3})
    for number in range(20):
        gateway.hasty_adapter.submit(refund(f"again-{number}"))
    gateway.send("PUT", "/_control/clock", {"advance_seconds": 60})
    gateway.terminate()
    text = (folder / "ledger.jsonl").read_bytes()
    assert os.path.getsize(folder / "ledger.jsonl") > 0
    assert {fact["kind"] for fact in gateway.facts} == {"payment", "paid", "declined", "taken", "bounced"}
    return text


def test_http_of_another_kind_is_refused(gateway):
    line = http.client.HTTPConnection("127.0.0.1", gateway.place.port, timeout=PATIENCE)
    line.request("DELETE", "/v1/ledger")

    assert line.getresponse().status == 501
    line.close()
