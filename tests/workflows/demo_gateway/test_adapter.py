"""The adapter believes only what is signed as the answer to its own question; anything else is ambiguous."""

import json
import threading
import time
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.workflows.demo_gateway.running import SECRET, HastyGateway, refund
from workflows.demo_gateway.loopback import loopback_place
from workflows.demo_gateway.signing import NONCE, SIGNATURE, TIMESTAMP, BadSealError, open_seal, seal, signature_of
from workflows.gateways import gateway_for
from workflows.gateways.base import Answer, InvalidSignatureError, Kind
from workflows.gateways.demo import DemoGateway, UntrustedAnswerError

PAID = {"out_refund_no": "RF1", "status": "paid", "amount_minor": 1_000, "currency": "CNY", "code": ""}


@pytest.fixture
def liar():
    """A server that answers whatever ``reply`` makes of the request: status, body, seal."""

    class Mouth(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length") or 0)
            self.rfile.read(length)
            status, body, headers = server.reply(self)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Mouth)
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def ask(liar, call="submit", *, status=200, words=PAID, body=None, spoil=lambda headers: headers, adapter=DemoGateway) -> Answer:
    body = json.dumps(words).encode() if body is None else body
    liar.reply = lambda request: (status, body, spoil(seal(SECRET, "answer", str(status), request.headers[NONCE], body=body)))
    return getattr(adapter(url=liar.url, secret=SECRET), call)(refund("RF1"))


def test_an_honest_answer_is_believed(liar):
    assert ask(liar) == Answer(Kind.PAID, 1_000, "CNY", "", authenticated=True, raw=json.dumps(PAID))


@pytest.mark.parametrize(("status", "kind"), [("paid", Kind.PAID), ("processing", Kind.PROCESSING), ("bounced", Kind.BOUNCED)])
def test_each_state_has_its_kind(liar, status, kind):
    assert ask(liar, "query", words={**PAID, "status": status}).kind is kind


@pytest.mark.parametrize("code", ["REJECTED", "NOT_ENOUGH", "TOTAL_DIFFERS", "CURRENCY_DIFFERS"])
def test_a_decline_counts_with_a_definite_code(liar, code):
    answer = ask(liar, status=422, words={**PAID, "status": "declined", "code": code})

    assert (answer.kind, answer.code, answer.authenticated) == (Kind.DECLINED, code, True)


@pytest.mark.parametrize("code", ["", "BUSY", None, "rejected"])
def test_a_decline_with_any_other_code_is_ambiguous(liar, code):
    assert ask(liar, status=422, words={**PAID, "status": "declined", "code": code}).kind is Kind.AMBIGUOUS


def unsigned(headers):
    return {}


def signed_by_another(headers):
    return {**headers, SIGNATURE: "0" * 64}


def signed_for_another_question(headers):
    return seal(SECRET, "answer", "200", "0" * 32, body=json.dumps(PAID).encode())


def signed_for_another_status(headers):
    return {**headers, SIGNATURE: seal(SECRET, "answer", "404", headers[NONCE], body=json.dumps(PAID).encode())[SIGNATURE]}


@pytest.mark.parametrize("spoil", [unsigned, signed_by_another, signed_for_another_question, signed_for_another_status])
@pytest.mark.parametrize(
    ("status", "words"), [(200, PAID), (422, {**PAID, "status": "declined", "code": "REJECTED"}), (404, {"status": "absent"})]
)
def test_what_is_not_signed_as_the_answer_is_ambiguous(liar, spoil, status, words):
    answer = ask(liar, "query", status=status, words=words, spoil=spoil)

    assert (answer.kind, answer.authenticated) == (Kind.AMBIGUOUS, False)


def test_an_answer_that_was_changed_on_its_way_is_ambiguous(liar):
    before, after = (json.dumps({**PAID, "amount_minor": amount}).encode() for amount in (999, 1_000))
    liar.reply = lambda request: (200, after, seal(SECRET, "answer", "200", request.headers[NONCE], body=before))

    assert DemoGateway(url=liar.url, secret=SECRET).submit(refund("RF1")).kind is Kind.AMBIGUOUS


@pytest.mark.parametrize("status", [201, 301, 400, 401, 409, 429, 500, 502, 503])
def test_any_other_status_is_ambiguous(liar, status):
    assert ask(liar, status=status).kind is Kind.AMBIGUOUS


@pytest.mark.parametrize(
    "words",
    [
        {**PAID, "out_refund_no": "RF2"},
        {**PAID, "status": "done"},
        {**PAID, "status": None},
        {**PAID, "amount_minor": None},
        {**PAID, "amount_minor": "1000"},
        {**PAID, "amount_minor": True},
        {**PAID, "amount_minor": "1000", "status": "processing"},
        {**PAID, "currency": ""},
        {},
        [],
        None,
    ],
)
def test_a_signed_answer_that_makes_no_sense_is_ambiguous(liar, words):
    assert ask(liar, words=words).kind is Kind.AMBIGUOUS


@pytest.mark.parametrize("body", [b"", b"{", b"<html>paid</html>", b"\xff\xfe"])
def test_a_signed_answer_that_is_no_json_is_ambiguous(liar, body):
    assert ask(liar, body=body).kind is Kind.AMBIGUOUS


def test_absent_is_the_answer_to_a_query_only(liar):
    absent = {"status": 404, "words": {"status": "absent"}}

    assert ask(liar, "query", **absent).kind is Kind.ABSENT
    assert ask(liar, "submit", **absent).kind is Kind.AMBIGUOUS
    assert ask(liar, "query", status=404, words={"code": "NO_SUCH_CALL"}).kind is Kind.AMBIGUOUS


def test_a_paid_answer_with_another_amount_does_not_pay_the_request(liar):
    answer = ask(liar, words={**PAID, "amount_minor": 999})

    assert (answer.kind, answer.pays(refund("RF1"))) == (Kind.PAID, False)


def test_nobody_there_is_ambiguous():
    assert DemoGateway(url="http://127.0.0.1:1", secret=SECRET).submit(refund("RF1")).kind is Kind.AMBIGUOUS


def test_half_a_bill_is_an_error(liar):
    adapter = DemoGateway(url=liar.url, secret=SECRET)
    body = b'{"lines": []}'
    for status, spoil in ((200, unsigned), (500, lambda headers: headers)):
        liar.reply = lambda request, status=status, spoil=spoil: (
            status,
            body,
            spoil(seal(SECRET, "answer", str(status), request.headers[NONCE], body=body)),
        )

        with pytest.raises(UntrustedAnswerError):
            list(adapter.bill_lines(date(2026, 3, 1)))


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:1", "http://127.0.0.1", "http://10.0.0.1:80", "http://example.org:80", "", "127.0.0.1:80"]
)
def test_the_gateway_is_on_this_machine_or_nowhere(url):
    with pytest.raises(ValueError):
        DemoGateway(url=url, secret=SECRET)


@pytest.mark.parametrize("url", ["http://127.0.0.1:80/", "http://localhost:80", "http://[::1]:80/x/"])
def test_loopback_addresses_are_places(url):
    assert loopback_place(url).port == 80


def test_it_is_built_from_the_environment(monkeypatch):
    monkeypatch.setenv("BIHUAN_GATEWAY_DEMO_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("BIHUAN_GATEWAY_DEMO_SECRET", SECRET)

    assert isinstance(gateway_for("demo"), DemoGateway)


@pytest.mark.parametrize("age", [-301, 301])
def test_a_seal_of_another_time_is_refused(age):
    timestamp = str(int(time.time()) - age)
    headers = {TIMESTAMP: timestamp, NONCE: "n", SIGNATURE: signature_of(SECRET, timestamp, "n", "notice", body=b"{}")}

    with pytest.raises(BadSealError):
        open_seal(SECRET, headers, "notice", body=b"{}")
    with pytest.raises(InvalidSignatureError):
        DemoGateway(url="http://127.0.0.1:1", secret=SECRET).parse_notification(headers, b"{}")


def test_a_silent_gateway_is_given_up(liar):
    waiting = threading.Event()
    liar.reply = lambda request: (waiting.wait(30), (200, b"", {}))[1]

    answer = HastyGateway(url=liar.url, secret=SECRET).submit(refund("RF1"))

    waiting.set()
    assert answer.kind is Kind.AMBIGUOUS
