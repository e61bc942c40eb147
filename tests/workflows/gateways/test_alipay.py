"""The real ``python-alipay-sdk`` against a server that signs as Alipay does."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from tests.workflows.gateways.provider import HANG, OUTAGES, Asked, Said, key_pair, make_request, private_pem, public_pem
from workflows.gateways.alipay import AlipayGateway
from workflows.gateways.base import Answer, InvalidSignatureError, Kind, Payee

TRADE = "2026112222001404690500000001"
NUMBER = "RF01JXAMPLE0000000000000001"
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # in Beijing


class HastyAlipay(AlipayGateway):
    read_seconds = 0.2
    time_limit = timedelta(seconds=5)


@pytest.fixture
def gateway(provider):
    return make_gateway(provider)


def make_gateway(provider, kind=AlipayGateway) -> AlipayGateway:
    return kind(appid="2021000000000001", private_key=private_pem("merchant"), public_key=public_pem("alipay"), url=provider.url)


def ask(**overrides):
    return make_request(**{"transaction_id": TRADE, **overrides})


def sign(text: str, whose: str = "alipay") -> str:
    return base64.b64encode(key_pair(whose).sign(text.encode(), padding.PKCS1v15(), SHA256())).decode()


def say(*, whose: str = "alipay", method: str = "", **content) -> "object":
    """A signed answer to whatever is asked."""

    def reply(asked: Asked) -> Said:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        name = (method or asked.fields["method"]).replace(".", "_") + "_response"
        return Said(200, f'{{"{name}":{text},"sign":"{sign(text, whose)}"}}'.encode())

    return reply


def paid(**overrides):
    fields = {
        "code": "10000",
        "msg": "Success",
        "trade_no": TRADE,
        "fund_change": "Y",
        "refund_fee": "12.34",
        "buyer_logon_id": "158****1562",
    }
    return say(**{**fields, **overrides})


def found(**overrides):
    fields = {
        "code": "10000",
        "msg": "Success",
        "trade_no": TRADE,
        "out_trade_no": "B1",
        "out_request_no": NUMBER,
        "total_amount": "50.00",
        "refund_amount": "12.34",
        "refund_status": "REFUND_SUCCESS",
    }
    return say(**{name: value for name, value in {**fields, **overrides}.items() if value is not None})


def refuse(sub_code: str, code: str = "40004"):
    return say(code=code, msg="Business Failed", sub_code=sub_code, sub_msg="不行")


def result_of(answer: Answer) -> tuple:
    return answer.kind, answer.amount_minor, answer.code, answer.authenticated


def test_a_refund_is_sent_in_yuan_under_its_own_number(provider, gateway):
    provider.reply(paid())

    gateway.submit(ask(amount_minor=5))

    fields = provider.asked[0].fields
    signature = fields.pop("sign")
    text = "&".join(f"{name}={value}" for name, value in sorted(fields.items()))
    assert fields["method"] == "alipay.trade.refund"
    assert json.loads(fields["biz_content"]) == {
        "refund_amount": "0.05",
        "trade_no": TRADE,
        "out_request_no": NUMBER,
        "refund_reason": "质量问题",
    }
    key_pair("merchant").public_key().verify(base64.b64decode(signature), text.encode(), padding.PKCS1v15(), SHA256())


@pytest.fixture
def _in_new_york(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_in_new_york")
def test_a_request_carries_the_time_of_beijing_wherever_the_machine_is(provider, gateway, time_machine):
    time_machine.move_to(NOON, tick=False)
    provider.reply(found())

    gateway.query(ask())

    assert provider.asked[0].fields["timestamp"] == "2026-11-22 12:00:00"


def test_a_query_asks_for_the_number(provider, gateway):
    provider.reply(found())

    gateway.query(ask())

    fields = provider.asked[0].fields
    assert fields["method"] == "alipay.trade.fastpay.refund.query"
    assert json.loads(fields["biz_content"]) == {"out_request_no": NUMBER, "trade_no": TRADE}


def test_the_only_refund_of_a_payment_is_paid_at_once(provider, gateway):
    provider.reply(paid())

    assert result_of(gateway.submit(ask())) == (Kind.PAID, 1234, "fund_change=Y", True)


def test_one_of_several_refunds_is_under_way_until_it_is_asked_for(provider, gateway):
    provider.reply(paid(refund_fee="20.00"))

    assert result_of(gateway.submit(ask())) == (Kind.PROCESSING, None, "fund_change=Y", True)


@pytest.mark.parametrize("change", [{"fund_change": "N"}, {"fund_change": ""}], ids=str)
def test_a_repetition_is_neither_failed_nor_paid(provider, gateway, change):
    provider.reply(paid(**change))

    assert result_of(gateway.submit(ask())) == (Kind.AMBIGUOUS, None, "fund_change=N", True)


@pytest.mark.parametrize(
    ("fields", "result"),
    [
        ({}, (Kind.PAID, 1234, "REFUND_SUCCESS", True)),
        ({"refund_status": None}, (Kind.PAID, 1234, "10000", True)),
        ({"refund_status": "REFUND_PROCESSING"}, (Kind.PROCESSING, 1234, "REFUND_PROCESSING", True)),
        ({"refund_status": "REFUND_FAIL"}, (Kind.AMBIGUOUS, 1234, "REFUND_FAIL", True)),
        ({"refund_amount": "12.33"}, (Kind.PAID, 1233, "REFUND_SUCCESS", True)),
        ({"out_request_no": "RF2"}, (Kind.AMBIGUOUS, None, "other_refund", True)),
        ({"trade_no": "T2"}, (Kind.AMBIGUOUS, None, "other_refund", True)),
        ({"refund_amount": None}, (Kind.AMBIGUOUS, None, "KeyError", False)),
        ({"refund_amount": "12.345"}, (Kind.AMBIGUOUS, None, "ValueError", False)),
    ],
    ids=str,
)
def test_a_query_is_classified(provider, gateway, fields, result):
    provider.reply(found(**fields))

    assert result_of(gateway.query(ask())) == result


def test_a_submission_of_another_payment_is_ambiguous(provider, gateway):
    provider.reply(paid(trade_no="T2"))

    assert result_of(gateway.submit(ask())) == (Kind.AMBIGUOUS, None, "other_refund", True)


@pytest.mark.parametrize("fields", [{}, {"trade_no": TRADE, "out_trade_no": "B1"}], ids=str)
def test_a_query_that_worked_and_says_nothing_found_nothing(provider, gateway, fields):
    provider.reply(say(code="10000", msg="Success", **fields))

    assert result_of(gateway.query(ask())) == (Kind.ABSENT, None, "10000", True)


def test_an_unknown_payment_has_no_refund(provider, gateway):
    provider.reply(refuse("ACQ.TRADE_NOT_EXIST"))

    assert result_of(gateway.query(ask())) == (Kind.ABSENT, None, "ACQ.TRADE_NOT_EXIST", True)


@pytest.mark.parametrize(
    "code",
    [
        "ACQ.SELLER_BALANCE_NOT_ENOUGH",
        "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
        "ACQ.TRADE_NOT_ALLOW_REFUND",
        "ACQ.TRADE_HAS_FINISHED",
        "ACQ.TRADE_NOT_EXIST",
    ],
)
def test_a_definite_refusal_is_declined(provider, gateway, code):
    provider.reply(refuse(code))

    assert result_of(gateway.submit(ask())) == (Kind.DECLINED, None, code, True)


@pytest.mark.parametrize("verb", ["submit", "query"])
@pytest.mark.parametrize(
    ("sub_code", "code"),
    [
        ("ACQ.SYSTEM_ERROR", "40004"),
        ("ACQ.DISCORDANT_REPEAT_REQUEST", "40004"),
        ("ACQ.TRADE_STATUS_ERROR", "40004"),
        ("ACQ.BRAND_NEW_CODE", "40004"),
        ("aop.unknow-error", "20000"),
        ("ACQ.TRADE_NOT_EXIST", "20000"),
        ("isv.invalid-signature", "40002"),
    ],
)
def test_any_other_refusal_is_ambiguous(provider, gateway, verb, sub_code, code):
    provider.reply(refuse(sub_code, code))

    assert result_of(getattr(gateway, verb)(ask())) == (Kind.AMBIGUOUS, None, sub_code, True)


@pytest.mark.parametrize("envelope", ["alipay_trade_refund_response", "error_response"])
def test_a_refusal_without_signature_is_ambiguous(provider, gateway, envelope):
    body = json.dumps({envelope: {"code": "40004", "sub_code": "ACQ.TRADE_NOT_EXIST"}}).encode()
    provider.reply(Said(200, body))

    answer = gateway.submit(ask())

    assert result_of(answer) == (Kind.AMBIGUOUS, None, "unsigned", False)
    assert "ACQ.TRADE_NOT_EXIST" in answer.raw


@pytest.mark.parametrize("forged", [found(whose="thief"), found(method="alipay.trade.query")], ids=["thief", "another interface"])
def test_an_answer_that_is_not_signed_by_alipay_is_ambiguous(provider, gateway, forged):
    provider.reply(forged)

    answer = gateway.query(ask())

    assert (answer.kind, answer.authenticated) == (Kind.AMBIGUOUS, False)


def test_a_changed_answer_is_ambiguous(provider, gateway):
    genuine = found(refund_status="REFUND_PROCESSING")
    provider.reply(lambda asked: Said(200, genuine(asked).body.replace(b"REFUND_PROCESSING", b"REFUND_SUCCESS")))

    assert gateway.query(ask()).code == "AliPayValidationError"


@pytest.mark.parametrize("verb", ["submit", "query"])
@pytest.mark.parametrize("outage", OUTAGES.values(), ids=OUTAGES)
def test_an_outage_is_ambiguous(provider, verb, outage):
    provider.reply(outage)

    assert getattr(make_gateway(provider, HastyAlipay), verb)(ask()).kind == Kind.AMBIGUOUS


def test_the_library_waits_no_longer_than_told(provider):
    provider.reply(HANG)

    assert make_gateway(provider, HastyAlipay).submit(ask()).code == "TimeoutError"


def test_another_currency_is_declined_before_anything_is_sent(provider, gateway):
    answer = gateway.submit(ask(currency="USD"))

    assert (answer.kind, answer.authenticated, provider.asked) == (Kind.DECLINED, True, [])


def test_alipay_cannot_pay_a_bounced_refund_again(gateway):
    with pytest.raises(NotImplementedError):
        gateway.retry_bounced(ask(), Payee())


def test_a_key_may_be_the_bare_text_of_the_console(provider):
    bare = ["".join(pem.splitlines()[1:-1]) for pem in (private_pem("merchant"), public_pem("alipay"))]
    provider.reply(found())

    answer = AlipayGateway(appid="1", private_key=bare[0], public_key=bare[1], url=provider.url).query(ask())

    assert answer.kind == Kind.PAID


def make_notice(**overrides) -> dict[str, str]:
    fields = {
        "app_id": "2021000000000001",
        "notify_id": "n1",
        "notify_time": "2026-11-22 12:00:00",
        "notify_type": "trade_status_sync",
        "trade_no": TRADE,
        "out_biz_no": NUMBER,
        "gmt_refund": "2026-11-22 11:59:58.123",
        "refund_fee": "12.34",
        "passback_params": "",
    }
    return {name: value for name, value in {**fields, **overrides}.items() if value is not None}


def signed(fields: dict[str, str], whose: str = "alipay", kind: str = "RSA2") -> bytes:
    text = "&".join(f"{name}={value}" for name, value in sorted(fields.items()))
    return urlencode({**fields, "sign_type": kind, "sign": sign(text, whose)}).encode()


@pytest.fixture
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)


def test_a_notification_names_the_refund(gateway, noon):
    raw = signed(make_notice())

    notification = gateway.parse_notification({}, raw)

    assert (notification.notify_id, notification.out_refund_no, notification.at, notification.raw) == ("n1", NUMBER, NOON, raw)


def test_a_notification_of_a_payment_names_no_refund(gateway, noon):
    assert gateway.parse_notification({}, signed(make_notice(gmt_refund=None))).out_refund_no == ""


FORGERIES = {
    "signed by another": signed(make_notice(), whose="thief"),
    "changed by one byte": signed(make_notice()).replace(b"12.34", b"12.35"),
    "with one more field": signed(make_notice()) + b"&out_trade_no=1",
    "with a field twice": signed(make_notice()) + f"&out_biz_no={NUMBER}".encode(),
    "of another algorithm": signed(make_notice(), kind="RSA"),
    "old": signed(make_notice(notify_time="2026-11-22 11:54:59")),
    "from the future": signed(make_notice(notify_time="2026-11-22 12:05:01")),
    "of another merchant": signed(make_notice(app_id="2021000000000009")),
    "unsigned": urlencode(make_notice()).encode(),
    "no form": b'{"a": 1}',
}


@pytest.mark.parametrize("raw", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_notification_is_refused(gateway, noon, raw):
    with pytest.raises(InvalidSignatureError):
        gateway.parse_notification({}, raw)
