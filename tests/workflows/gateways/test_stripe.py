"""The real ``stripe`` against a server that answers as Stripe does."""

import hmac
import json
import time
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.workflows.gateways.provider import DROP, HANG, OUTAGES, Asked, Said, make_request
from workflows.gateways.base import Answer, BillLine, InvalidSignatureError, Kind
from workflows.gateways.stripe import StripeGateway

SECRET = "whsec_test"
NUMBER = "RF01JXAMPLE0000000000000001"


class HastyStripe(StripeGateway):
    read_seconds = 0.2
    time_limit = timedelta(seconds=5)


@pytest.fixture
def gateway(provider):
    return make_gateway(provider)


def make_gateway(provider, kind=StripeGateway) -> StripeGateway:
    return kind(api_key="sk_test_1", webhook_secret=SECRET, url=provider.url)


def ask(**overrides):
    return make_request(**{"transaction_id": "pi_1", "currency": "USD", **overrides})


def make_refund(**overrides) -> dict:
    refund = {
        "id": "re_1",
        "object": "refund",
        "amount": 1234,
        "currency": "usd",
        "payment_intent": "pi_1",
        "charge": "ch_1",
        "metadata": {"out_refund_no": NUMBER},
        "status": "pending",
        "balance_transaction": None,
        "failure_balance_transaction": None,
        "created": 1795348800,
    }
    return {**refund, **overrides}


def say(content: dict, status: int = 200) -> Said:
    return Said(status, json.dumps(content).encode())


def listing(*refunds: dict, has_more: bool = False) -> Said:
    return say({"object": "list", "url": "/v1/refunds", "has_more": has_more, "data": list(refunds)})


def refuse(code: str | None, status: int = 400) -> Said:
    return say({"error": {"type": "invalid_request_error", "code": code, "message": "no"}}, status)


def test_a_refund_is_sent_under_its_own_number(provider, gateway):
    provider.reply(say(make_refund()))

    gateway.submit(ask())

    (asked,) = provider.asked
    assert (asked.method, asked.path, asked.headers["idempotency-key"]) == ("POST", "/v1/refunds", NUMBER)
    assert asked.fields == {"payment_intent": "pi_1", "amount": "1234", "metadata[out_refund_no]": NUMBER}
    assert asked.headers["authorization"] == "Bearer sk_test_1"


def test_a_retry_keeps_the_key(provider, gateway):
    provider.reply(DROP, say(make_refund(status="succeeded")))

    kinds = [gateway.submit(ask()).kind for _attempt in range(2)]

    assert kinds == [Kind.AMBIGUOUS, Kind.PAID]
    assert [asked.headers["idempotency-key"] for asked in provider.asked] == [NUMBER, NUMBER]


def test_a_payment_may_be_a_charge(provider, gateway):
    provider.reply(say(make_refund(status="succeeded", payment_intent=None)))

    answer = gateway.submit(ask(transaction_id="ch_1"))

    assert (answer.kind, provider.asked[0].fields["charge"]) == (Kind.PAID, "ch_1")


STATUSES = [
    ({"status": "succeeded", "balance_transaction": "txn_1"}, Kind.PAID),
    ({"status": "pending"}, Kind.PROCESSING),
    ({"status": "requires_action"}, Kind.PROCESSING),
    ({"status": "failed", "balance_transaction": "txn_1"}, Kind.BOUNCED),
    ({"status": "failed", "failure_balance_transaction": "txn_2"}, Kind.BOUNCED),
    ({"status": "failed"}, Kind.DECLINED),
    ({"status": "canceled"}, Kind.DECLINED),
    ({"status": "brand_new"}, Kind.AMBIGUOUS),
]


@pytest.mark.parametrize(("fields", "kind"), STATUSES, ids=str)
def test_a_status_is_classified(provider, gateway, fields, kind):
    refund = make_refund(**fields)
    provider.reply(say(refund))

    assert gateway.submit(ask()) == Answer(kind, 1234, "USD", code=fields["status"], authenticated=True, raw=str(refund))


@pytest.mark.parametrize(("fields", "kind"), STATUSES, ids=str)
def test_a_status_that_was_asked_for_is_classified(provider, gateway, fields, kind):
    provider.reply(listing(make_refund(**fields)))

    answer = gateway.query(ask())

    assert (answer.kind, answer.amount_minor, answer.currency, answer.code) == (kind, 1234, "USD", fields["status"])


def test_another_amount_is_told_as_it_is(provider, gateway):
    provider.reply(listing(make_refund(status="succeeded", amount=1233)))

    answer = gateway.query(ask())

    assert (answer.kind, answer.amount_minor, answer.pays(ask())) == (Kind.PAID, 1233, False)


@pytest.mark.parametrize("other", [{"metadata": {}}, {"metadata": {"out_refund_no": "RF2"}}, {"payment_intent": "pi_2"}], ids=str)
def test_an_answer_about_another_refund_is_ambiguous(provider, gateway, other):
    provider.reply(say(make_refund(status="succeeded", **other)))

    answer = gateway.submit(ask())

    assert (answer.kind, answer.code) == (Kind.AMBIGUOUS, "other_refund")


@pytest.mark.parametrize(
    "code", ["balance_insufficient", "charge_disputed", "charge_not_refundable", "refund_disputed_payment", "resource_missing"]
)
def test_a_definite_refusal_is_declined(provider, gateway, code):
    provider.reply(refuse(code))

    answer = gateway.submit(ask())

    assert (answer.kind, answer.code, answer.authenticated) == (Kind.DECLINED, code, True)
    assert json.loads(answer.raw)["error"]["code"] == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (refuse("charge_already_refunded"), "charge_already_refunded"),
        (refuse("brand_new_code"), "brand_new_code"),
        (refuse(None), "InvalidRequestError"),
        (say({"error": {"type": "idempotency_error", "message": "other parameters"}}, 400), "IdempotencyError"),
        (refuse("idempotency_key_in_use", 409), "APIError"),
        (say({"error": {"type": "authentication_error"}}, 401), "AuthenticationError"),
        (say({"error": {"type": "api_error", "code": "charge_disputed"}}, 500), "APIError"),
    ],
)
def test_any_other_refusal_is_ambiguous(provider, gateway, said, code):
    provider.reply(said)

    answer = gateway.submit(ask())

    assert (answer.kind, answer.code) == (Kind.AMBIGUOUS, code)


def test_a_query_reads_every_page_of_the_payment(provider, gateway):
    others = [make_refund(id=f"re_{number}", metadata={"out_refund_no": f"RF{number}"}) for number in (7, 8)]
    provider.reply(listing(*others, has_more=True), listing(make_refund(status="succeeded")))

    answer = gateway.query(ask())

    queries = [parse_qs(urlsplit(asked.path).query) for asked in provider.asked]
    assert answer.kind == Kind.PAID
    assert queries == [
        {"payment_intent": ["pi_1"], "limit": ["100"]},
        {"payment_intent": ["pi_1"], "limit": ["100"], "starting_after": ["re_8"]},
    ]


@pytest.mark.parametrize("others", [[], [make_refund(metadata={"out_refund_no": "RF2"}, status="succeeded")], [make_refund(metadata=None)]])
def test_a_refund_that_is_not_listed_is_absent(provider, gateway, others):
    provider.reply(listing(*others))

    assert gateway.query(ask()) == Answer(Kind.ABSENT, authenticated=True)


def test_a_list_that_breaks_off_proves_nothing(provider, gateway):
    provider.reply(listing(make_refund(metadata={}), has_more=True), DROP)

    assert gateway.query(ask()).kind == Kind.AMBIGUOUS


def test_a_missing_payment_proves_nothing(provider, gateway):
    provider.reply(refuse("resource_missing", 404))

    assert gateway.query(ask()).kind == Kind.AMBIGUOUS


@pytest.mark.parametrize("second", ["succeeded", "pending", "requires_action"])
def test_two_living_refunds_under_one_number_are_for_a_person(provider, gateway, second):
    provider.reply(listing(make_refund(id="re_2", status=second), make_refund(status="succeeded")))

    answer = gateway.query(ask())

    assert (answer.kind, answer.code) == (Kind.AMBIGUOUS, "several_refunds")


def test_a_failed_try_does_not_hide_the_one_that_paid(provider, gateway):
    provider.reply(listing(make_refund(id="re_2", status="failed"), make_refund(status="succeeded")))

    assert gateway.query(ask()).kind == Kind.PAID


@pytest.mark.parametrize("verb", ["submit", "query"])
@pytest.mark.parametrize("outage", OUTAGES.values(), ids=OUTAGES)
def test_an_outage_is_ambiguous(provider, verb, outage):
    provider.reply(outage)

    answer = getattr(make_gateway(provider, HastyStripe), verb)(ask())

    assert (answer.kind, len(provider.asked)) == (Kind.AMBIGUOUS, 1)


def test_the_library_waits_no_longer_than_told(provider):
    provider.reply(HANG)

    assert make_gateway(provider, HastyStripe).submit(ask()).code == "APIConnectionError"


def make_event(subject: dict) -> bytes:
    return json.dumps({"id": "evt_1", "object": "event", "type": "refund.updated", "data": {"object": subject}}).encode()


def signed(raw: bytes, *, secret: str = SECRET, at: int | None = None) -> dict[str, str]:
    at = int(time.time()) if at is None else at
    signature = hmac.new(secret.encode(), f"{at}.".encode() + raw, "sha256").hexdigest()
    return {"Stripe-Signature": f"t={at},v1={signature}"}


def test_a_notification_names_the_refund(gateway):
    raw, at = make_event(make_refund()), int(time.time())

    notification = gateway.parse_notification(signed(raw, at=at), raw)

    assert (notification.notify_id, notification.out_refund_no, notification.raw) == ("evt_1", NUMBER, raw)
    assert notification.at == datetime.fromtimestamp(at, UTC)


@pytest.mark.parametrize("subject", [make_refund(metadata={}), {"object": "charge", "metadata": {"out_refund_no": NUMBER}}])
def test_a_notification_about_something_else_names_no_refund(gateway, subject):
    raw = make_event(subject)

    assert gateway.parse_notification(signed(raw), raw).out_refund_no == ""


FORGERIES = {
    "signed with another secret": lambda raw: (signed(raw, secret="whsec_other"), raw),
    "changed by one byte": lambda raw: (signed(raw), raw + b" "),
    "old": lambda raw: (signed(raw, at=int(time.time()) - 400), raw),
    "from the future": lambda raw: (signed(raw, at=int(time.time()) + 400), raw),
    "old with a fresh time beside": lambda raw: (
        {"Stripe-Signature": f"{signed(raw, at=1)['Stripe-Signature']},t={int(time.time())}"},
        raw,
    ),
    "unsigned": lambda raw: ({}, raw),
    "no event": lambda raw: (signed(b"{}"), b"{}"),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_notification_is_refused(gateway, forge):
    with pytest.raises(InvalidSignatureError):
        gateway.parse_notification(*forge(make_event(make_refund())))


def test_a_bill_lists_the_refunds_of_a_day_in_beijing(provider, gateway):
    provider.reply(
        listing(make_refund(status="succeeded"), has_more=True),
        listing(make_refund(id="re_2", status="failed", currency="jpy", metadata={}, payment_intent=None)),
    )

    lines = list(gateway.bill_lines(date(2026, 11, 22)))

    created = datetime.fromtimestamp(1795348800, UTC)
    assert lines == [
        BillLine(NUMBER, 1234, "USD", created, "succeeded", "pi_1"),
        BillLine("", 1234, "JPY", created, "failed", "ch_1"),
    ]
    assert window_of(provider.asked[0]) == (datetime(2026, 11, 21, 16, tzinfo=UTC), datetime(2026, 11, 22, 16, tzinfo=UTC))


def window_of(asked: Asked) -> tuple[datetime, datetime]:
    return tuple(datetime.fromtimestamp(int(asked.fields[f"created[{edge}]"]), UTC) for edge in ("gte", "lt"))


def test_a_bill_that_breaks_off_is_an_error(provider, gateway):
    provider.reply(listing(make_refund(), has_more=True), DROP)

    with pytest.raises(gateway._library.APIConnectionError):
        gateway.bill_lines(date(2026, 11, 22))
