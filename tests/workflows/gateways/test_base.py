"""The rules of every gateway, shown on one that talks to a real socket."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.client import IncompleteRead
from urllib.request import urlopen

import pytest
from django.db import connection, transaction

from tests.workflows.gateways.provider import DROP, HANG, TRICKLE, Said, make_request
from workflows.gateways.base import (
    RAW_BYTES,
    Answer,
    BillLine,
    Capabilities,
    InsideTransactionError,
    InvalidSignatureError,
    Kind,
    Notification,
    Payee,
    RefundGateway,
    require_fresh,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class PlainGateway(RefundGateway):
    """Asks a URL, and believes the kind that it finds there."""

    code = "plain"
    capabilities = Capabilities(None, None, None, None, None, None, can_retry_bounced=True)
    time_limit = timedelta(seconds=5)

    def __init__(self, *, url: str) -> None:
        self.url = url

    def _submit(self, request):
        with urlopen(self.url) as reply:
            return Answer(Kind(reply.read().decode()), request.amount_minor, request.currency)

    def _query(self, request):
        raise RuntimeError("the key is s3cret")

    def _retry_bounced(self, request, payee):
        return self._submit(request)

    def _parse_notification(self, headers, raw):
        return Notification(headers["notify-id"], "", NOW, raw)

    def _bill_lines(self, day) -> Iterator[BillLine]:
        with urlopen(self.url) as reply:
            for _byte in reply.read():
                yield BillLine("RF1", 1, "CNY", NOW, "")


class HastyGateway(PlainGateway):
    time_limit = timedelta(milliseconds=200)


class StrictGateway(PlainGateway):
    capabilities = Capabilities(None, None, None, None, None, None, can_retry_bounced=False)


def test_an_answer_comes_through(provider):
    provider.reply(Said(200, b"paid"))

    answer = PlainGateway(url=provider.url).submit(make_request())

    assert answer == Answer(Kind.PAID, 1234, "CNY")


CALLS = {
    "submit": lambda gateway: gateway.submit(make_request()),
    "query": lambda gateway: gateway.query(make_request()),
    "retry_bounced": lambda gateway: gateway.retry_bounced(make_request(), Payee()),
    "bill_lines": lambda gateway: gateway.bill_lines(date(2026, 11, 22)),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_no_gateway_is_called_inside_a_transaction(provider, call):
    provider.reply(Said(200, b"paid"))

    with transaction.atomic(), pytest.raises(InsideTransactionError):
        call(PlainGateway(url=provider.url))

    assert provider.asked == []


@pytest.mark.django_db(transaction=True)
def test_a_gateway_is_called_after_the_transaction(provider):
    provider.reply(Said(200, b"paid"))
    with transaction.atomic():
        connection.cursor().execute("SELECT 1")

    answer = PlainGateway(url=provider.url).submit(make_request())

    assert answer.kind == Kind.PAID


def test_an_exception_is_ambiguous_and_keeps_its_text_to_itself(provider, caplog):
    with caplog.at_level(logging.DEBUG):
        answer = PlainGateway(url=provider.url).query(make_request())

    assert answer == Answer(Kind.AMBIGUOUS, code="RuntimeError")
    assert "s3cret" not in caplog.text
    assert "gateway plain is ambiguous: RuntimeError" in caplog.text


def test_a_dropped_reply_is_ambiguous(provider):
    provider.reply(DROP)

    assert PlainGateway(url=provider.url).submit(make_request()).kind == Kind.AMBIGUOUS


@pytest.mark.parametrize("slowness", [HANG, TRICKLE], ids=["hanging", "trickling"])
def test_a_call_ends_when_its_time_is_over(provider, slowness):
    provider.reply(slowness)

    answer = HastyGateway(url=provider.url).submit(make_request())

    assert answer == Answer(Kind.AMBIGUOUS, code="TimeLimit")


def test_a_gateway_has_thirty_seconds():
    assert RefundGateway.time_limit == timedelta(seconds=30)


def test_paid_without_an_amount_is_ambiguous():
    class Vague(PlainGateway):
        def _submit(self, request):
            return Answer(Kind.PAID)

    answer = Vague(url="").submit(make_request())

    assert (answer.kind, answer.code) == (Kind.AMBIGUOUS, "amount_missing")


@pytest.mark.parametrize(
    ("answer", "pays"),
    [
        (Answer(Kind.PAID, 1234, "CNY"), True),
        (Answer(Kind.PAID, 1233, "CNY"), False),
        (Answer(Kind.PAID, 1234, "USD"), False),
        (Answer(Kind.PROCESSING, 1234, "CNY"), False),
    ],
)
def test_only_exactly_the_money_asked_for_pays(answer, pays):
    assert answer.pays(make_request()) == pays


def test_an_answer_is_cut_and_storable():
    raw = Answer(Kind.PAID, raw="退" + "\x00" + "款" * RAW_BYTES).raw

    assert RAW_BYTES - 3 < len(raw.encode()) <= RAW_BYTES
    assert raw == "退" + "款" * (len(raw) - 1)


@pytest.mark.parametrize("amount", [12.34, True, "12"])
def test_an_amount_is_an_integer(amount):
    with pytest.raises(TypeError):
        Answer(Kind.PAID, amount)


@pytest.mark.parametrize(
    "wrong",
    [
        {"out_refund_no": ""},
        {"out_refund_no": "RF 1"},
        {"out_refund_no": "R" * 65},
        {"transaction_id": ""},
        {"amount_minor": 0},
        {"amount_minor": 12.5},
        {"amount_minor": True},
        {"amount_minor": 5001},
        {"total_minor": 5000.0},
        {"currency": "cny"},
    ],
    ids=str,
)
def test_a_request_that_makes_no_sense_cannot_be_written(wrong):
    with pytest.raises(ValueError):
        make_request(**wrong)


def test_a_gateway_that_cannot_pay_again_says_so(provider):
    with pytest.raises(NotImplementedError):
        StrictGateway(url=provider.url).retry_bounced(make_request(), Payee())

    assert provider.asked == []


def test_account_and_name_of_a_payee_stay_out_of_words():
    assert repr(Payee(kind="USER_BANK_CARD", account="6222000011112222", name="张三")) == "Payee(kind='USER_BANK_CARD', bank_code='')"


def test_headers_of_a_notification_may_have_any_case():
    notification = PlainGateway(url="").parse_notification({"Notify-ID": "n1"}, b"raw")

    assert notification == Notification("n1", "", NOW, b"raw")


def test_a_notification_that_cannot_be_read_is_refused():
    with pytest.raises(InvalidSignatureError):
        PlainGateway(url="").parse_notification({}, b"raw")


@pytest.mark.parametrize(("minutes", "is_fresh"), [(-5, True), (5, True), (-5.1, False), (5.1, False)])
def test_a_notification_is_believed_for_five_minutes(time_machine, minutes, is_fresh):
    time_machine.move_to(NOW, tick=False)

    if is_fresh:
        require_fresh(NOW + timedelta(minutes=minutes))
    else:
        with pytest.raises(InvalidSignatureError):
            require_fresh(NOW + timedelta(minutes=minutes))


def test_a_bill_is_whole_or_an_error(provider):
    provider.reply(Said(200, b"ab", {"Content-Length": "9"}))

    with pytest.raises(IncompleteRead):
        PlainGateway(url=provider.url).bill_lines(date(2026, 11, 22))
