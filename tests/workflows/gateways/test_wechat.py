"""The real ``wechatpayv3`` against a server that signs as WeChat Pay does."""

import base64
import gzip
import hashlib
import json
import re
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from tests.workflows.gateways.provider import DROP, HANG, OUTAGES, Asked, Said, key_pair, make_request, private_pem, public_pem
from workflows.gateways.base import Answer, BillLine, InvalidSignatureError, Kind, Payee
from workflows.gateways.libraries import BEIJING
from workflows.gateways.wechat import WeChatGateway

KEY_ID = "PUB_KEY_ID_0114200000012026"
API_KEY = "0123456789abcdef0123456789abcdef"
AUTHORIZATION = re.compile(r'(\w+)="([^"]+)"')


class HastyWeChat(WeChatGateway):
    read_seconds = 0.2
    time_limit = timedelta(seconds=5)


@pytest.fixture
def gateway(provider):
    return make_gateway(provider)


def make_gateway(provider, kind=WeChatGateway) -> WeChatGateway:
    return kind(
        mchid="1900000001",
        appid="wx0000000000000001",
        private_key=private_pem("merchant"),
        cert_serial_no="5157F09EFDC096DE15EBE81A47057A72",
        apiv3_key=API_KEY,
        public_key=public_pem("wechat"),
        public_key_id=KEY_ID,
        notify_url="https://shop.example/hooks/wechat",
        url=provider.url,
    )


def signed(body: bytes, *, whose: str = "wechat", at: int | None = None, serial: str = KEY_ID) -> dict[str, str]:
    at = int(time.time()) if at is None else at
    message = f"{at}\nnonce\n".encode() + body + b"\n"
    return {
        "Content-Type": "application/json",
        "Wechatpay-Timestamp": str(at),
        "Wechatpay-Nonce": "nonce",
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        "Wechatpay-Signature": base64.b64encode(key_pair(whose).sign(message, padding.PKCS1v15(), SHA256())).decode(),
    }


def make_refund(**overrides) -> dict:
    refund = {
        "refund_id": "50000000382019052709732678859",
        "out_refund_no": "RF01JXAMPLE0000000000000001",
        "transaction_id": "4200000001",
        "out_trade_no": "B1",
        "status": "PROCESSING",
        "amount": {"total": 5000, "refund": 1234, "payer_total": 5000, "payer_refund": 1234, "currency": "CNY"},
    }
    return {**refund, **overrides}


def say(content: dict, *, status: int = 200, **how) -> Said:
    body = json.dumps(content).encode()
    return Said(status, body, signed(body, **how))


def refuse(code: str, status: int = 403) -> Said:
    return Said(status, json.dumps({"code": code, "message": "no"}).encode())


def assert_signed_by_us(asked: Asked) -> None:
    parts = dict(AUTHORIZATION.findall(asked.headers["authorization"]))
    message = f"{asked.method}\n{asked.path}\n{parts['timestamp']}\n{parts['nonce_str']}\n{asked.body.decode()}\n"
    key_pair("merchant").public_key().verify(base64.b64decode(parts["signature"]), message.encode(), padding.PKCS1v15(), SHA256())


def test_a_refund_is_sent_in_fen_under_its_own_number(provider, gateway):
    provider.reply(say(make_refund()))

    gateway.submit(make_request())

    (asked,) = provider.asked
    assert (asked.method, asked.path) == ("POST", "/v3/refund/domestic/refunds")
    assert asked.json == {
        "notify_url": "https://shop.example/hooks/wechat",
        "out_refund_no": "RF01JXAMPLE0000000000000001",
        "transaction_id": "4200000001",
        "amount": {"refund": 1234, "total": 5000, "currency": "CNY"},
        "reason": "质量问题",
    }
    assert_signed_by_us(asked)


def test_a_long_reason_is_cut_at_eighty_bytes(provider, gateway):
    provider.reply(say(make_refund()))

    gateway.submit(make_request(reason="退" * 30))

    assert provider.asked[0].json["reason"] == "退" * 26


@pytest.mark.parametrize("verb", ["submit", "query"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("SUCCESS", Kind.PAID),
        ("PROCESSING", Kind.PROCESSING),
        ("CLOSED", Kind.DECLINED),
        ("ABNORMAL", Kind.BOUNCED),
        ("WHATEVER", Kind.AMBIGUOUS),
    ],
)
def test_a_status_is_classified(provider, gateway, verb, status, kind):
    said = say(make_refund(status=status))
    provider.reply(said)

    answer = getattr(gateway, verb)(make_request())

    assert answer == Answer(kind, 1234, "CNY", code=status, authenticated=True, raw=said.body.decode())


def test_a_query_asks_for_the_number(provider, gateway):
    provider.reply(say(make_refund()))

    gateway.query(make_request(out_refund_no="RF-1_a"))

    assert (provider.asked[0].method, provider.asked[0].path) == ("GET", "/v3/refund/domestic/refunds/RF-1_a")
    assert_signed_by_us(provider.asked[0])


def test_another_amount_is_told_as_it_is(provider, gateway):
    provider.reply(say(make_refund(status="SUCCESS", amount={"refund": 1233, "total": 5000, "currency": "CNY"})))

    answer = gateway.query(make_request())

    assert (answer.kind, answer.amount_minor, answer.pays(make_request())) == (Kind.PAID, 1233, False)


@pytest.mark.parametrize("amount", [12.34, "1234", None])
def test_an_amount_that_is_no_integer_is_ambiguous(provider, gateway, amount):
    provider.reply(say(make_refund(status="SUCCESS", amount={"refund": amount, "total": 5000, "currency": "CNY"})))

    assert gateway.query(make_request()).kind == Kind.AMBIGUOUS


@pytest.mark.parametrize("other", [{"out_refund_no": "RF2"}, {"transaction_id": "4200000002"}], ids=str)
def test_a_signed_answer_about_another_refund_is_ambiguous(provider, gateway, other):
    provider.reply(say(make_refund(status="SUCCESS", **other)))

    answer = gateway.query(make_request())

    assert (answer.kind, answer.code) == (Kind.AMBIGUOUS, "other_refund")


@pytest.mark.parametrize("code", ["NOT_ENOUGH", "NO_AUTH", "USER_ACCOUNT_ABNORMAL", "MCH_NOT_EXISTS"])
def test_a_definite_refusal_is_declined_but_not_authenticated(provider, gateway, code):
    said = refuse(code)
    provider.reply(said)

    assert gateway.submit(make_request()) == Answer(Kind.DECLINED, code=code, raw=said.body.decode())


@pytest.mark.parametrize(
    ("code", "status"),
    [("INVALID_REQUEST", 400), ("PARAM_ERROR", 400), ("SIGN_ERROR", 401), ("RESOURCE_NOT_EXISTS", 404), ("BRAND_NEW_CODE", 403)],
)
def test_any_other_refusal_is_ambiguous(provider, gateway, code, status):
    provider.reply(refuse(code, status))

    answer = gateway.submit(make_request())

    assert (answer.kind, answer.code) == (Kind.AMBIGUOUS, code)


def test_a_refund_that_is_not_found_is_absent(provider, gateway):
    provider.reply(refuse("RESOURCE_NOT_EXISTS", 404))

    assert gateway.query(make_request()).kind == Kind.ABSENT


def test_a_query_that_is_refused_proves_nothing(provider, gateway):
    provider.reply(refuse("NOT_ENOUGH"))

    assert gateway.query(make_request()).kind == Kind.AMBIGUOUS


@pytest.mark.parametrize("verb", ["submit", "query"])
@pytest.mark.parametrize("outage", OUTAGES.values(), ids=OUTAGES)
def test_an_outage_is_ambiguous(provider, verb, outage):
    provider.reply(outage)

    assert getattr(make_gateway(provider, HastyWeChat), verb)(make_request()).kind == Kind.AMBIGUOUS


def test_the_library_does_not_wait_for_ever(provider):
    provider.reply(HANG)

    assert make_gateway(provider, HastyWeChat).submit(make_request()).code == "ReadTimeout"


@pytest.mark.parametrize("how", [{"whose": "thief"}, {"serial": "PUB_KEY_ID_9"}, {"at": 1}], ids=str)
def test_an_answer_that_is_not_signed_by_wechat_is_ambiguous(provider, gateway, how):
    body = json.dumps(make_refund(status="SUCCESS")).encode()
    headers = signed(body, **how)
    if "at" in how:  # the time is part of what is signed
        headers["Wechatpay-Timestamp"] = "2"
    provider.reply(Said(200, body, headers))

    answer = gateway.query(make_request())

    assert (answer.kind, answer.authenticated) == (Kind.AMBIGUOUS, False)


def test_another_currency_is_declined_before_anything_is_sent(provider, gateway):
    answer = gateway.submit(make_request(currency="USD"))

    assert (answer.kind, answer.authenticated, provider.asked) == (Kind.DECLINED, True, [])


def test_a_bounced_refund_is_sent_to_another_card(provider, gateway):
    provider.reply(say(make_refund(status="ABNORMAL")), say(make_refund()))

    answer = gateway.retry_bounced(make_request(), Payee(bank_code="ICBC_DEBIT", account="6222000011112222", name="张三"))

    query, retry = provider.asked
    sent = retry.json
    assert answer.kind == Kind.PROCESSING
    assert retry.path == "/v3/refund/domestic/refunds/50000000382019052709732678859/apply-abnormal-refund"
    assert (sent["out_refund_no"], sent["type"], sent["bank_type"]) == ("RF01JXAMPLE0000000000000001", "USER_BANK_CARD", "ICBC_DEBIT")
    assert [opened(sent["bank_account"]), opened(sent["real_name"])] == ["6222000011112222", "张三"]
    assert_signed_by_us(retry)


def opened(secret: str) -> str:
    oaep = padding.OAEP(padding.MGF1(SHA1()), SHA1(), None)
    return key_pair("wechat").decrypt(base64.b64decode(secret), oaep).decode()


@pytest.mark.parametrize("status", ["SUCCESS", "PROCESSING", "CLOSED"])
def test_a_refund_that_has_not_bounced_is_not_sent_again(provider, gateway, status):
    provider.reply(say(make_refund(status=status)))

    answer = gateway.retry_bounced(make_request(), Payee(account="6222000011112222", name="张三"))

    assert (answer.code, len(provider.asked)) == (status, 1)


def make_notice(*, event: str = "REFUND.SUCCESS", mchid: str = "1900000001", key: str = API_KEY) -> bytes:
    resource = {"mchid": mchid, "out_refund_no": "RF1", "refund_status": "SUCCESS", "amount": {"refund": 1234}}
    if not event.startswith("REFUND."):
        del resource["out_refund_no"]
    secret = AESGCM(key.encode()).encrypt(b"0123456789ab", json.dumps(resource).encode(), b"refund")
    notice = {
        "id": "EV-2026112200001",
        "event_type": event,
        "resource_type": "encrypt-resource",
        "resource": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": "0123456789ab",
            "associated_data": "refund",
            "ciphertext": base64.b64encode(secret).decode(),
        },
    }
    return json.dumps(notice).encode()


def test_a_notification_names_the_refund(gateway):
    raw, at = make_notice(), int(time.time())

    notification = gateway.parse_notification(signed(raw, at=at), raw)

    assert (notification.notify_id, notification.out_refund_no, notification.raw) == ("EV-2026112200001", "RF1", raw)
    assert notification.at == datetime.fromtimestamp(at, UTC)


def test_a_notification_of_a_payment_names_no_refund(gateway):
    raw = make_notice(event="TRANSACTION.SUCCESS")

    assert gateway.parse_notification(signed(raw), raw).out_refund_no == ""


FORGERIES = {
    "signed by another": lambda raw: (signed(raw, whose="thief"), raw),
    "changed by one byte": lambda raw: (signed(raw), raw + b" "),
    "old": lambda raw: (signed(raw, at=int(time.time() - timedelta(minutes=6).total_seconds())), raw),
    "from the future": lambda raw: (signed(raw, at=int(time.time()) + 400), raw),
    "with a fresh time beside an old signature": lambda raw: ({**signed(raw, at=1), "Wechatpay-Timestamp": str(int(time.time()))}, raw),
    "unsigned": lambda raw: ({}, raw),
    "without a type of signature": lambda raw: ({**signed(raw), "Wechatpay-Signature-Type": ""}, raw),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_notification_is_refused(gateway, forge):
    with pytest.raises(InvalidSignatureError):
        gateway.parse_notification(*forge(make_notice()))


def test_a_refused_notification_says_why(gateway):
    raw = make_notice()

    with pytest.raises(InvalidSignatureError, match="^signature$"):
        gateway.parse_notification(signed(raw, whose="thief"), raw)


@pytest.mark.parametrize("wrong", [{"mchid": "1900000009"}, {"key": "x" * 32}], ids=str)
def test_a_notification_for_another_merchant_is_refused(gateway, wrong):
    raw = make_notice(**wrong)

    with pytest.raises(InvalidSignatureError):
        gateway.parse_notification(signed(raw), raw)


@pytest.mark.parametrize("serial", ["7777", "PUB_KEY_ID_9", ""])
def test_an_unknown_key_makes_no_call(provider, gateway, serial):
    provider.reply(DROP)
    raw = make_notice()

    with pytest.raises(InvalidSignatureError):
        gateway.parse_notification(signed(raw, whose="thief", serial=serial), raw)

    assert provider.asked == []


BILL = (
    "\ufeff交易时间,公众账号ID,商户号,微信订单号,货币种类,退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,退款状态,申请退款金额\n"
    "`2026-11-20 09:00:00,`wx1,`1900000001,`4200000001,`CNY,`2026-11-22 10:00:00,`2026-11-22 10:00:05,`5000,`RF1,`12.34,`SUCCESS,`12.34\n"
    "`2026-11-20 09:00:00,`wx1,`1900000001,`4200000002,`CNY,`2026-11-22 23:59:59,`,`5001,`RF2,`0.05,`PROCESSING,`0.05\n"
    "总交易单数,应结订单总金额,退款总金额\n"
    "`2,`0.00,`12.39\n"
).encode()


@pytest.mark.parametrize("content", [BILL, gzip.compress(BILL)], ids=["plain", "packed"])
def test_a_bill_lists_the_refunds_of_the_day(provider, gateway, content):
    announced = {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(BILL).hexdigest(),
        "download_url": f"{provider.url}/v3/billdownload/file?token=a",
    }
    provider.reply(say(announced), Said(200, content, {"Content-Type": "text/plain"}))

    lines = list(gateway.bill_lines(date(2026, 11, 22)))

    assert [asked.path for asked in provider.asked] == [
        "/v3/bill/tradebill?bill_date=2026-11-22&bill_type=REFUND&tar_type=GZIP",
        "/v3/billdownload/file?token=a",
    ]
    assert lines == [
        BillLine("RF1", 1234, "CNY", datetime(2026, 11, 22, 10, 0, 5, tzinfo=BEIJING), "SUCCESS", "4200000001"),
        BillLine("RF2", 5, "CNY", datetime(2026, 11, 22, 23, 59, 59, tzinfo=BEIJING), "PROCESSING", "4200000002"),
    ]


def test_a_bill_that_was_not_announced_is_an_error(provider, gateway):
    announced = {"hash_type": "SHA1", "hash_value": "0" * 40, "download_url": f"{provider.url}/v3/billdownload/file?token=a"}
    provider.reply(say(announced), Said(200, BILL, {"Content-Type": "text/plain"}))

    with pytest.raises(ValueError, match="announced"):
        gateway.bill_lines(date(2026, 11, 22))


def test_a_day_without_refunds_has_no_bill(provider, gateway):
    provider.reply(refuse("NO_STATEMENT_EXIST", 400))

    assert list(gateway.bill_lines(date(2026, 11, 22))) == []


def test_a_bill_in_the_making_is_an_error(provider, gateway):
    provider.reply(refuse("STATEMENT_CREATING", 400))

    with pytest.raises(RuntimeError, match="http_400"):
        gateway.bill_lines(date(2026, 11, 22))
