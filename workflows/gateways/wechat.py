"""Refunds by WeChat Pay v3, with the library ``wechatpayv3``.

Answers are verified with the public key of WeChat Pay. A merchant that still uses a platform certificate sets ``public_key`` to the key in
it and ``public_key_id`` to its serial number; so the library never has to fetch certificates, which it would do in its constructor.
"""

import csv
import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from workflows.gateways.base import (
    Answer,
    BillLine,
    Capabilities,
    InvalidSignatureError,
    Kind,
    Notification,
    Payee,
    RefundGateway,
    RefundRequest,
    cut_text,
    require_fresh,
)
from workflows.gateways.libraries import BEIJING, checked_url, load_library, minor_of

STATUSES = {"SUCCESS": Kind.PAID, "PROCESSING": Kind.PROCESSING, "CLOSED": Kind.DECLINED, "ABNORMAL": Kind.BOUNCED}
# Codes after which nothing was and nothing will be paid. Not among them, although they sound so: RESOURCE_NOT_EXISTS, which WeChat also
# says of payments it finds a minute later, and INVALID_REQUEST, which may mean that this very refund was made before.
DEFINITE = dict.fromkeys(("NOT_ENOUGH", "NO_AUTH", "USER_ACCOUNT_ABNORMAL", "MCH_NOT_EXISTS"), Kind.DECLINED)
NO_SUCH_REFUND = {"RESOURCE_NOT_EXISTS": Kind.ABSENT}
MOST_BYTES_OF_A_REASON = 80


class WeChatGateway(RefundGateway):
    """WeChat Pay accepts a refund first and pays it later; merchant balance that is short is tried again for seven days."""

    code = "wechat"
    capabilities = Capabilities(
        key_ttl=None,
        min_query_delay=timedelta(minutes=1),
        settle_horizon=timedelta(days=1),
        max_age=timedelta(days=365),
        min_gap=timedelta(minutes=1),
        max_partials=50,
        can_retry_bounced=True,
    )

    def __init__(
        self,
        *,
        mchid: str,
        appid: str,
        private_key: str,
        cert_serial_no: str,
        apiv3_key: str,
        public_key: str,
        public_key_id: str,
        notify_url: str = "",
        url: str = "",
    ) -> None:
        library = load_library("wechatpayv3")
        self._mchid, self._public_key_id = mchid, public_key_id
        self._client = library.WeChatPay(
            library.WeChatPayType.NATIVE,
            mchid,
            private_key,
            cert_serial_no,
            appid,
            apiv3_key,
            notify_url=notify_url or None,
            timeout=(self.connect_seconds, self.read_seconds),  # the library waits for ever unless told
            public_key=public_key,
            public_key_id=public_key_id,
        )
        if url:  # the second domain of WeChat Pay, for which the library has no setting
            self._client._core._gate_way = checked_url(url)

    def _submit(self, request: RefundRequest) -> Answer:
        if request.currency != "CNY":
            return Answer(Kind.DECLINED, code="currency_not_supported", authenticated=True)
        reply = self._client.refund(
            out_refund_no=request.out_refund_no,
            transaction_id=request.transaction_id,
            amount={"refund": request.amount_minor, "total": request.total_minor, "currency": request.currency},
            reason=cut_text(request.reason, MOST_BYTES_OF_A_REASON),
        )
        return read_reply(reply, request, codes=DEFINITE)

    def _query(self, request: RefundRequest) -> Answer:
        return read_reply(self._client.query_refund(request.out_refund_no), request, codes=NO_SUCH_REFUND)

    def _retry_bounced(self, request: RefundRequest, payee: Payee) -> Answer:
        """Asks first: the number that WeChat gave the refund is needed, and only a refund that is still abnormal is sent elsewhere."""
        status, text = self._client.query_refund(request.out_refund_no)
        current = read_reply((status, text), request, codes=NO_SUCH_REFUND)
        if current.kind is not Kind.BOUNCED:
            return current
        reply = self._client.abnormal_refund(
            json.loads(text)["refund_id"],
            request.out_refund_no,
            payee.kind or "USER_BANK_CARD",
            bank_type=payee.bank_code,
            bank_account=payee.account,
            real_name=payee.name,
        )
        return read_reply(reply, request, codes={})

    def _parse_notification(self, headers: Mapping[str, str], raw: bytes) -> Notification:
        if headers.get("wechatpay-serial") != self._public_key_id:
            # For a serial it does not know the library would ask WeChat for certificates, at the wish of anybody who sends one.
            raise InvalidSignatureError("unknown key")
        notice = self._client.callback(headers, raw)
        if not notice:
            raise InvalidSignatureError("signature")
        at = datetime.fromtimestamp(int(headers["wechatpay-timestamp"]), UTC)
        require_fresh(at)
        if notice["resource"]["mchid"] != self._mchid:
            raise InvalidSignatureError("another merchant")
        is_refund = notice["event_type"].startswith("REFUND.")
        return Notification(notice["id"], notice["resource"]["out_refund_no"] if is_refund else "", at, raw)

    def _bill_lines(self, day: date) -> Iterator[BillLine]:
        status, text = self._client.trade_bill(day.isoformat(), bill_type="REFUND")
        if status == 400 and json.loads(text)["code"] == "NO_STATEMENT_EXIST":
            return
        bill = json.loads(require_ok(status, text))
        link = urlsplit(bill["download_url"])
        content = require_ok(*self._client.download_bill(f"{link.path}?{link.query}"))
        yield from read_bill(whole_bill(content, bill["hash_value"]))


def read_reply(reply: tuple[int, str | bytes], request: RefundRequest, *, codes: Mapping[str, Kind]) -> Answer:
    """What WeChat said about one refund. The library verifies the signature of a success only, so a refusal is not authenticated."""
    status, text = reply
    if 200 <= status < 300:
        return read_refund(text, request)
    if not 400 <= status < 500:
        return Answer(Kind.AMBIGUOUS, code=f"http_{status}", raw=str(text))
    code = str(json.loads(text)["code"])
    return Answer(codes.get(code, Kind.AMBIGUOUS), code=code, raw=str(text))


def read_refund(text: str | bytes, request: RefundRequest) -> Answer:
    refund = json.loads(text)
    if (refund["out_refund_no"], refund["transaction_id"]) != (request.out_refund_no, request.transaction_id):
        return Answer(Kind.AMBIGUOUS, code="other_refund", authenticated=True, raw=str(text))
    amount, status = refund["amount"], refund["status"]
    kind = STATUSES.get(status, Kind.AMBIGUOUS)
    return Answer(kind, amount["refund"], amount["currency"], code=status, authenticated=True, raw=str(text))


def require_ok(status: int, content: str | bytes) -> str | bytes:
    if status != 200:
        raise RuntimeError(f"no bill: http_{status}")
    return content


def whole_bill(content: str | bytes, sha1: str) -> str:
    """The text of a bill that is what its signed announcement says. The download itself carries no signature."""
    packed = content.encode() if isinstance(content, str) else content
    plain = gzip.decompress(packed) if packed.startswith(b"\x1f\x8b") else packed
    if sha1.lower() not in {hashlib.sha1(part, usedforsecurity=False).hexdigest() for part in (packed, plain)}:
        raise ValueError("the bill is not what was announced")
    return plain.decode("utf-8-sig")


def read_bill(text: str) -> Iterator[BillLine]:
    """The refunds of a bill. A summary with a heading of its own follows them."""
    rows = csv.reader(text.splitlines())
    heading = next(rows)
    for row in rows:
        if len(row) != len(heading) or not row[0].startswith("`"):
            return
        line = dict(zip(heading, (cell.lstrip("`") for cell in row), strict=True))
        at = datetime.fromisoformat(line["退款成功时间"] or line["退款申请时间"]).replace(tzinfo=BEIJING)
        yield BillLine(line["商户退款单号"], minor_of(line["申请退款金额"]), line["货币种类"], at, line["退款状态"], line["微信订单号"])
